import Trade

/// Chargebacks, one row each (Vendor Central: Operational Performance; FACTS-AMAZON 1.4).
enum ChargebackTable: DocumentTable {
    static let fields: [Layout.Field] = [
        .init(.id, .reference, "The retailer's own id of the chargeback.", essential: true),
        .init(.date, .date, "Date of the notice.", essential: true),
        .init(.category, .text, "What kind of defect is charged, as the list writes it."),
        .init(.subType, .text, "The defect more closely."),
        .init(.po, .reference, "Purchase order."),
        .init(.invoice, .reference, "Invoice of the charge, once it is taken."),
        .init(.shipment, .reference, "Shipment (ASN) that is charged for."),
        .init(.item, .reference, "Item: the ASIN."),
        .init(.quantity, .quantity, "Units that are charged for."),
        .init(.amount, .amount, "What is charged; positive.", essential: true),
        .init(.currency, .currency, "Currency of the charge."),
        .init(.status, .text, "Status as the list writes it: `Charged`, `Disputed`, `Waived`."),
        .init(.disputeBy, .date, "Last day for a dispute, as the retailer states it."),
        .init(.vendor, .route, "Vendor code of the account."),
        .init(.marketplace, .route, "Marketplace of the account."),
    ]

    static var grouping: TableGrouping { .single }

    /// One issue may be charged for several orders, and several vendor codes may have issues of one number.
    static func key(_ number: String, _ bytes: Span<UInt8>, _ cells: borrowing TableCells) -> String {
        let parts = [FieldID.vendor, .po].map { cells.rows.text(bytes, cells.header[$0]) }
        return parts[0].isEmpty && parts[1].isEmpty ? number : "\(number)\u{1F}\(parts[0])\u{1F}\(parts[1])"
    }

    struct Draft {
        var chargeback: Chargeback
        var currency: Currency?
        var amount: Int64?
    }

    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> Draft {
        Draft(chargeback: Chargeback(id: number, amount: 0, currency: .unstated, at: .row(row)))
    }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into draft: inout Draft) {
        let currency = cells.currency(bytes, &draft.currency)
        draft.amount = cells.amount(bytes, .amount, currency)
        draft.chargeback.date = cells.day(bytes, .date)
        draft.chargeback.category = cells.text(bytes, .category)
        draft.chargeback.subType = cells.text(bytes, .subType)
        draft.chargeback.po = cells.reference(bytes, .po)
        draft.chargeback.invoice = cells.reference(bytes, .invoice)
        draft.chargeback.shipment = cells.reference(bytes, .shipment)
        draft.chargeback.item = cells.reference(bytes, .item)
        draft.chargeback.quantity = cells.quantity(bytes, .quantity)
        draft.chargeback.status = cells.text(bytes, .status)
        draft.chargeback.disputeBy = cells.day(bytes, .disputeBy)
        draft.chargeback.vendor = cells.reference(bytes, .vendor)
    }

    static func finish(_ draft: inout Draft, _ cells: inout TableCells) -> WholeDocument? {
        var chargeback = draft.chargeback
        chargeback.currency = draft.currency ?? .unstated
        guard cells.stated(.date, chargeback.date, of: chargeback.id, chargeback.at) != nil,
            let amount = cells.stated(.amount, draft.amount, of: chargeback.id, chargeback.at)
        else { return nil }
        guard amount >= 0 else {
            cells.flaw(
                .amount, at: chargeback.at, "the chargeback \(chargeback.id) has a negative amount",
                advice: "set 'sign' of its column in the layout")
            return nil
        }
        chargeback.amount = amount
        return .chargeback(chargeback)
    }
}
