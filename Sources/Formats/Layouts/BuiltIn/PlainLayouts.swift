extension Layout {
    /// Plain tables that any system can export to: one for each kind of document, captions like the fields they feed, dates as
    /// 2026-03-31 and amounts as 1234.50 wherever the account is (docs/layouts.md).
    static let plain = [
        plain(
            "invoices", "invoices", .invoice, needed: ["number", "date", "total"],
            captions: ["number": "invoice_number", "date": "invoice_date"]),
        plain(
            "purchase-orders", "purchase orders", .purchaseOrder, needed: ["number", "item", "quantity", "unit_price"],
            captions: ["number": "po_number", "date": "po_date"]),
        plain(
            "shipments", "shipments with proof of delivery", .shipment, needed: ["number", "shipped", "po", "item", "quantity"],
            captions: ["number": "shipment_number", "date": "shipment_date"]),
        plain(
            "receipts", "receipts", .receipt, needed: ["number", "date", "po", "item", "received"],
            captions: ["number": "receipt_number", "date": "receipt_date"]),
        plain(
            "credit-memos", "credit memos", .creditMemo, needed: ["number", "date", "total"],
            captions: ["number": "credit_memo_number", "date": "credit_memo_date"]),
        plain(
            "returns", "returns", .goodsReturn, needed: ["number", "notified", "total"], captions: ["number": "return_number"]),
        plain(
            "chargebacks", "chargebacks", .chargeback, needed: ["id", "date", "amount", "status"],
            captions: ["id": "chargeback_id", "date": "chargeback_date"]),
        plain(
            "claims", "shortage and price claims", .claim, needed: ["number", "date", "category", "total"],
            captions: ["number": "claim_number", "date": "claim_date"]),
        plain(
            "remittances", "remittances", .remittanceAdvice, needed: ["number", "date", "reference", "net"],
            captions: ["number": "payment_number", "date": "payment_date", "total": "payment_total", "line_date": "document_date"]),
    ]

    /// Every field of the kind has a column; `captions` names those that would not tell one kind from another.
    private static func plain(
        _ name: String, _ title: String, _ kind: DocumentKind, needed: Set<String>, captions: [String: String]
    ) -> Layout {
        let columns = kind.fields.map { field in
            Column(field.name, [captions[field.name] ?? field.name], needed.contains(field.name) ? .needed : .optional)
        }
        return Layout(
            name: "remitd/\(name)", title: title, document: kind, tables: [Table(name: title, columns: columns)], dates: .yearFirst,
            decimal: .point, grouping: false)
    }
}
