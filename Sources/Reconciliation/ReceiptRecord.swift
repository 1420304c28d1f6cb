import Trade

/// What came of one item of an order, beside what was invoiced of it. A receipt does not say for which invoice it is: both are sums over
/// the whole order.
struct ItemArrival: Sendable {
    var standing: ItemStanding
    var invoiced: WideDecimal
    /// By receipts; nil where nothing that can be compared is known.
    var received: WideDecimal?
    /// By shipments with a proof of delivery.
    var delivered: WideDecimal?

    /// - Returns: nil where the records say nothing of the item.
    init?(_ key: String, of order: OrderStanding) {
        guard let standing = order.items[key], !standing.isUnclear, let invoiced = standing.invoiced.sum else { return nil }
        (self.standing, self.invoiced) = (standing, invoiced)
        let isReceived = order.lastReceipt != nil || order.isClosed && order.hasSnapshot
        received = isReceived ? Tally.comparable(standing.received, standing.invoiced)?.0 : nil
        delivered = standing.delivered.isEmpty ? nil : Tally.comparable(standing.delivered, standing.invoiced)?.0
    }

    func covers(_ other: WideDecimal?) -> Bool { other.flatMap { invoiced.isGreater(than: $0) } == false }

    /// Nil: it is not known what came.
    var isShort: Bool? {
        if covers(received) || covers(delivered) { return false }
        return received == nil ? nil : true
    }
}

/// What was received of the items of one invoice, over its whole order.
struct ReceiptRecord: Sendable {
    /// The order's number.
    var order: String
    /// With what was invoiced, received and delivered.
    var items: JSON
    var evidence: [Evidence]
    /// Some item is missing; else all of them came.
    var isShort: Bool
    /// By receipts alone, without proofs of delivery.
    var isByReceipts: Bool

    /// - Returns: nil where the records say nothing of the invoice.
    init?(_ order: OrderStanding, _ invoice: OrderInvoiceFact) {
        let keys = Set(invoice.items.map(\.key))
        let items = keys.sorted().compactMap { $0.isEmpty ? nil : ItemArrival($0, of: order) }
        isShort = items.contains { $0.isShort == true }
        let isAllComparable = items.count == keys.count && items.allSatisfy { $0.isShort != nil }
        guard !items.isEmpty, isShort || isAllComparable else { return nil }
        self.order = order.number
        evidence = items.flatMap(\.standing.evidence)
        isByReceipts = items.allSatisfy { $0.covers($0.received) }
        self.items = .array(
            items.map { item in
                var json: JSON = ["item": .string(item.standing.number), "invoiced": .string(item.invoiced.description)]
                json["received"] = item.received.map { .string($0.description) }
                json["delivered"] = item.delivered.map { .string($0.description) }
                return json
            })
    }
}
