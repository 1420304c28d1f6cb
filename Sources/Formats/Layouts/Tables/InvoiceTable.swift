import Trade

/// Invoices of ours, one row each, or one row for each of their items.
enum InvoiceTable: DocumentTable {
    static let fields: [Layout.Field] = [
        .init(.number, .reference, "Number of the invoice.", essential: true),
        .init(.date, .date, "Date of the invoice.", essential: true),
        .init(.po, .reference, "Purchase order that it bills."),
        .init(.currency, .currency, "Currency of all its amounts."),
        .init(.total, .amount, "What is billed in all, tax included; positive.", essential: true),
        .init(.tax, .amount, "Tax within the total."),
        .init(.dueDate, .date, "Day on which payment is due."),
        .init(.netDays, .days, "Days until payment is due."),
        .init(.discountPercent, .percent, "Discount for paying early, in percent."),
        .init(.discountDays, .days, "Days in which the discount may be taken."),
        .init(.discountDate, .date, "Last day on which the discount may be taken."),
        .init(.basis, .word, "What the days are counted from.", words: TermsBasis.allCases.map(\.rawValue)),
        .init(.vendor, .route, "Vendor or payee code of the account."),
        .init(.marketplace, .route, "Marketplace of the account."),
        .line(.line, .reference, "Number of the line."),
        .line(.item, .reference, "Item: the ASIN or the number that the purchase order uses."),
        .line(.barcode, .text, "Bar code of the same item: EAN, UPC, GTIN."),
        .line(.ownItem, .text, "Your own number of the same item."),
        .line(.pack, .quantity, "Pieces in one case of the item."),
        .line(.quantity, .quantity, "Units billed."),
        .line(.unit, .text, "Unit of the quantity."),
        .line(.unitPrice, .price, "Price of one unit, net of tax."),
        .line(.amount, .amount, "Amount of the line; with the charges and the tax the lines are checked against the total."),
        .line(.text, .text, "What the item is."),
        .line(.charge, .amount, "An allowance (negative) or a charge (positive) on the whole invoice."),
        .line(.chargeCode, .reference, "What the allowance or charge is for."),
    ]

    struct Draft {
        var invoice: Invoice
        var currency: Currency?
        var total: Int64?
        var sum = LineSum()
    }

    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> Draft {
        Draft(invoice: Invoice(number: number, currency: .unstated, total: 0, at: .row(row)))
    }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into draft: inout Draft) {
        let currency = cells.currency(bytes, &draft.currency)
        cells.take(.date, &draft.invoice.date, cells.day(bytes, .date))
        cells.take(.po, &draft.invoice.po, cells.reference(bytes, .po))
        cells.take(.total, &draft.total, cells.amount(bytes, .total, currency))
        if cells.has(.tax) { cells.take(.tax, &draft.invoice.tax, cells.amount(bytes, .tax, currency)) }
        terms(bytes, &cells, into: &draft.invoice.terms)
        guard cells.hasLine(bytes) else { return }
        if let charge = cells.amount(bytes, .charge, currency) {
            draft.invoice.charges.append(Charge(code: cells.reference(bytes, .chargeCode) ?? "", amount: charge))
            draft.sum.add(charge)
        }
        guard let item = cells.item(bytes) else { return }
        draft.sum.add(cells.amount(bytes, .amount, currency))
        draft.invoice.lines.append(item)
    }

    private static let ofTerms: [FieldID] = [.dueDate, .netDays, .discountPercent, .discountDays, .discountDate, .basis]

    private static func terms(_ bytes: Span<UInt8>, _ cells: inout TableCells, into terms: inout PaymentTerms?) {
        guard cells.hasAny(ofTerms) else { return }
        var stated = terms ?? PaymentTerms()
        if cells.has(.dueDate) { cells.take(.dueDate, &stated.dueDate, cells.day(bytes, .dueDate)) }
        if cells.has(.netDays) { cells.take(.netDays, &stated.netDays, cells.days(bytes, .netDays)) }
        if cells.has(.discountPercent) { cells.take(.discountPercent, &stated.discountPercent, cells.number(bytes, .discountPercent)) }
        if cells.has(.discountDays) { cells.take(.discountDays, &stated.discountDays, cells.days(bytes, .discountDays)) }
        if cells.has(.discountDate) { cells.take(.discountDate, &stated.discountDate, cells.day(bytes, .discountDate)) }
        if cells.has(.basis) { cells.take(.basis, &stated.basis, cells.word(bytes, .basis).flatMap { TermsBasis(rawValue: $0) }) }
        terms = stated == PaymentTerms() ? nil : stated
    }

    static func finish(_ draft: inout Draft, _ cells: inout TableCells) -> WholeDocument? {
        draft.invoice.currency = draft.currency ?? .unstated
        let row = draft.invoice.at
        guard cells.stated(.date, draft.invoice.date, of: draft.invoice.number, row) != nil,
            let total = cells.stated(.total, draft.total, of: draft.invoice.number, row)
        else { return nil }
        draft.invoice.total = total
        if total < 0 || isLikeClaim(draft.invoice.number), let other = notOurs(draft.invoice, &cells) { return other }
        guard total >= 0 else {
            cells.flaw(
                .total, at: row, "the invoice \(draft.invoice.number) has a negative total",
                advice: "export credit memos apart from invoices (remitd/credit-memos), or set 'sign' of the column in the layout")
            return nil
        }
        // lines are net of tax or with it, by the habit of who exports
        draft.sum.check(
            against: [total - (draft.invoice.tax ?? 0), total], total, draft.invoice.currency, of: draft.invoice.number, row, &cells)
        return .invoice(draft.invoice)
    }

    /// Whether the number may end with a link of a claim's grammar (`SC`, `PC`, `R`, `RI`): by its last letter, since nearly none does.
    private static func isLikeClaim(_ number: String) -> Bool {
        var number = number
        return number.withUTF8 { bytes in
            for byte in bytes.reversed() {
                switch byte {
                case 48...57: return false
                case 65...90, 97...122: return byte & 0xDF == 67 || byte & 0xDF == 73 || byte & 0xDF == 82
                case 128...: return true
                default: break
                }
            }
            return false
        }
    }

    /// Vendor Central lists claims among our invoices: they, and what reverses them, come back in the remittance, where they count. A
    /// negative total without a claim's number is a credit memo of ours, as in X12 810.
    private static func notOurs(_ invoice: Invoice, _ cells: inout TableCells) -> WholeDocument? {
        guard cells.layout.hasPrefix("vendor-central/") else { return nil }
        let claim = AmazonReference(invoice.number)
        // a number that only looks like a claim's is an invoice's
        let rest = invoice.number.count - claim.root.count
        let hasRoot = rest > 0 && (1...rest).contains { cells.isNumber(String(invoice.number.dropLast($0))) }
        if !claim.links.isEmpty, hasRoot || invoice.total < 0 {
            cells.note(
                Note("claim-row", at: invoice.at, "\(invoice.number) is a claim and no invoice of ours; it counts where it is taken"))
            return .other(
                OtherDocument(typeName: "vendor-central/claim-document", number: invoice.number, date: invoice.date, at: invoice.at))
        }
        guard invoice.total < 0 else { return nil }
        cells.note(
            Note("negative-invoice", at: invoice.at, "the total of \(invoice.number) is negative; the invoice is taken as a credit memo"))
        return .memo(
            Memo(
                kind: .credit, number: invoice.number, currency: invoice.currency, total: invoice.total, at: invoice.at, date: invoice.date,
                po: invoice.po, lines: invoice.lines))
    }
}
