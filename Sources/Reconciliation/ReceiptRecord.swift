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

    /// What was delivered for one invoice alone, whatever became of the others of its order.
    /// - Returns: nil unless that is at least what its lines bill.
    init?(_ key: String, of order: OrderStanding, _ own: OwnDeliveries) {
        guard let standing = order.items[key], !standing.isUnclear, let (units, billed) = own.covering(key) else { return nil }
        (self.standing, invoiced, delivered) = (standing, billed, units)
    }

    func covers(_ other: WideDecimal?) -> Bool { other.flatMap { invoiced.isGreater(than: $0) } == false }

    /// Nil: it is not known what came.
    var isShort: Bool? {
        if covers(received) || covers(delivered) { return false }
        return received == nil ? nil : true
    }
}

/// What came of the items of one invoice by proofs of delivery that name it.
struct OwnDeliveries {
    private var delivered: [String: Tally] = [:]
    private var billed: [String: Tally] = [:]

    init(of order: OrderStanding, for invoice: OrderInvoiceFact) {
        for shipment in OrderStanding.delivered(order.orderCase.shipments)
        where shipment.invoice.map({ ReferenceKey.of($0) }) == invoice.invoice.key {
            for line in shipment.items where !line.key.isEmpty { delivered[line.key, default: Tally()].add(line) }
        }
        if delivered.isEmpty { return }
        for line in invoice.items where !line.key.isEmpty { billed[line.key, default: Tally()].add(line) }
    }

    /// - Returns: nil unless at least as much of the item was delivered as is billed.
    func covering(_ key: String) -> (delivered: WideDecimal, billed: WideDecimal)? {
        guard let own = delivered[key], let asked = billed[key], let (units, all) = Tally.comparable(own, asked),
            all.isGreater(than: units) == false
        else { return nil }
        return (units, all)
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
        let own = OwnDeliveries(of: order, for: invoice)
        let items = keys.sorted().compactMap { key in
            key.isEmpty ? nil : ItemArrival(key, of: order, own) ?? ItemArrival(key, of: order)
        }
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
