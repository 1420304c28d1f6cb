/// The two stacked tables of Vendor Central's remittance export as data (FACTS-AMAZON 1.1). Captions are those of the
/// exports seen; the first of a column is the one that messages name.
enum PaymentField: Int, CaseIterable, Sendable {
    case number, date, invoiceCurrency, invoiceTotal, currency, total, exchangeRate, method, status, voidReason
}

enum PaymentLineField: Int, CaseIterable, Sendable {
    case payment, reference, date, kind, description, details, originalInvoice, gross, currency, withholding, discount, paid
    case remaining
}

struct RemittanceColumns: Sendable {
    var payments = Self.payments
    var lines = Self.lines

    static let standard = RemittanceColumns()

    /// The columns of these layouts' remittances: a user's layout of the export's name gives its columns further captions.
    /// Its first table is that of the payments, its second that of their lines.
    init(layouts: [Layout]) {
        guard let layout = layouts.first(where: { $0.name == VendorCentralRemittances.layout }) else { return }
        for (index, table) in layout.tables.prefix(2).enumerated() {
            for column in table.columns {
                guard let field = column.field else { continue }
                if index == 0, let known = Self.paymentFields[field] { payments.add(column.captions, to: known) }
                if index == 1, let known = Self.lineFields[field] { lines.add(column.captions, to: known) }
            }
        }
    }

    init() {}

    /// By the names of a layout's fields (`Layout.DocumentKind.remittanceAdvice`).
    private static let paymentFields: [String: PaymentField] = [
        "number": .number, "date": .date, "currency": .currency, "total": .total, "exchange_rate": .exchangeRate, "method": .method,
        "status": .status, "void_reason": .voidReason,
    ]
    private static let lineFields: [String: PaymentLineField] = [
        "number": .payment, "reference": .reference, "line_date": .date, "text": .description, "invoice": .originalInvoice, "gross": .gross,
        "line_currency": .currency, "withholding": .withholding, "discount": .discount, "net": .paid,
    ]

    static let payments = TableLayout<PaymentField>(
        name: "payments",
        columns: [
            LayoutColumn(.number, "Payment Number", needed: true),
            LayoutColumn(.date, "Payment Date", needed: true),
            LayoutColumn(.invoiceCurrency, "Invoice Currency"),
            LayoutColumn(.invoiceTotal, "Amount in Invoice Currency"),
            LayoutColumn(.currency, "Payment Currency", needed: true),
            LayoutColumn(.total, "Amount in Payment Currency", needed: true),
            LayoutColumn(.exchangeRate, "Exchange Rate"),
            LayoutColumn(.method, "Payment Type"),
            // without it a voided payment would look like money
            LayoutColumn(.status, "Payment Status", needed: true),
            LayoutColumn(.voidReason, "Payment Voided Reason"),
        ])

    static let lines = TableLayout<PaymentLineField>(
        name: "invoices",
        columns: [
            LayoutColumn(.payment, "Payment Number", needed: true),
            LayoutColumn(.reference, "Invoice Number", needed: true),
            LayoutColumn(.date, "Invoice Date", needed: true),
            // India says with three columns what the other regions say with one
            LayoutColumn(.kind, "Transaction type"),
            LayoutColumn(.description, "Description", "Invoice Description", "Transaction Description", needed: true),
            LayoutColumn(.details, "Reference Details"),
            LayoutColumn(.originalInvoice, "Original Invoice Number"),
            LayoutColumn(.gross, "Invoice Amount"),
            LayoutColumn(.currency, "Invoice Currency"),
            LayoutColumn(.withholding, "Withholding Amount"),
            LayoutColumn(.discount, "Terms Discount Taken", needed: true),
            LayoutColumn(.paid, "Amount Paid", "Net Amount Paid", needed: true),
            LayoutColumn(.remaining, "Remaining Amount"),
        ])
}
