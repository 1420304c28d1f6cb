/// The two stacked tables of Vendor Central's remittance export as data (FACTS-AMAZON 1.1). Captions are those of the
/// exports seen; the first of a column is the one that messages name.
enum PaymentField: Int, CaseIterable, Sendable {
    case number, date, invoiceCurrency, invoiceTotal, currency, total, exchangeRate, method, status, voidReason
}

enum PaymentLineField: Int, CaseIterable, Sendable {
    case payment, reference, date, kind, description, details, originalInvoice, gross, currency, withholding, discount, paid
    case remaining
}

enum RemittanceColumns {
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
