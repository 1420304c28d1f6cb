import Trade

/// What was received of the items of one invoice, over its whole order: a receipt does not say for which invoice it is.
struct ReceiptRecord: Sendable {
    /// The order's number.
    var order: String
    /// With what was invoiced, received and delivered.
    var items: JSON
    var evidence: [Evidence]
    /// Some item is missing; else all of them came.
    var isShort = false
    /// By receipts alone, without proofs of delivery.
    var isByReceipts: Bool
    /// Keys of the items that are missing, in order: claims that share them share their value.
    var short: [String] = []
    /// The value of what is missing, minor units of the invoice's currency; nil where it is not known, or where no record says
    /// how much of a claim is goods and how much tax.
    private var missing: WideDecimal?
    private var currency: Currency

    /// - Returns: nil where the records say nothing of the invoice.
    init?(_ number: InvoiceFact, _ order: OrderStanding, _ invoice: OrderInvoiceFact) {
        struct Item {
            var standing: ItemStanding
            var invoiced: WideDecimal
            var received: WideDecimal?
            var delivered: WideDecimal?
            func covers(_ other: WideDecimal?) -> Bool { other.flatMap { invoiced.isGreater(than: $0) } == false }
        }
        let isReceived = order.lastReceipt != nil || order.isClosed && order.hasSnapshot
        var items: [Item] = []
        missing = .zero
        let own = Self.ownDeliveries(number, order)
        var isAllComparable = !invoice.items.contains { $0.key.isEmpty }
        for key in Set(invoice.items.map(\.key)).sorted() where !key.isEmpty {
            guard let standing = order.items[key], !standing.isUnclear, let invoiced = standing.invoiced.sum else {
                isAllComparable = false
                continue
            }
            // what was delivered for this invoice alone, whatever became of the others of its order
            if let delivered = own[key], let (units, billed) = Self.covering(delivered, invoice.items.filter({ $0.key == key })) {
                items.append(Item(standing: standing, invoiced: billed, received: nil, delivered: units))
                continue
            }
            let received = isReceived ? Tally.comparable(standing.received, standing.invoiced)?.0 : nil
            let delivered = standing.delivered.isEmpty ? nil : Tally.comparable(standing.delivered, standing.invoiced)?.0
            let item = Item(standing: standing, invoiced: invoiced, received: received, delivered: delivered)
            items.append(item)
            if item.covers(received) || item.covers(delivered) { continue }
            guard let received else {
                isAllComparable = false
                continue
            }
            isShort = true
            short.append(key)
            let value = invoiced.minus(received).flatMap { units in
                MatchQuantity.price(of: standing, number.currency).flatMap { $0.value(of: units, in: number.currency) }
            }
            missing = missing.flatMap { sum in value.flatMap { sum.plus(WideDecimal(units: $0, scale: 0)) } }
        }
        guard !items.isEmpty, isShort || isAllComparable else { return nil }
        if (number.tax ?? 0) != 0 { missing = nil }
        currency = number.currency
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

    /// By shipments with a proof of delivery that name the invoice, item by item.
    private static func ownDeliveries(_ number: InvoiceFact, _ order: OrderStanding) -> [String: Tally] {
        var tallies: [String: Tally] = [:]
        for shipment in OrderStanding.delivered(order.orderCase.shipments)
        where shipment.invoice.map({ ReferenceKey.of($0) }) == number.key {
            for line in shipment.items where !line.key.isEmpty { tallies[line.key, default: Tally()].add(line.quantity, line.unit) }
        }
        return tallies
    }

    /// - Returns: nil unless at least as much was delivered as the lines bill.
    private static func covering(_ delivered: Tally, _ lines: [ItemFact]) -> (delivered: WideDecimal, billed: WideDecimal)? {
        var billed = Tally()
        for line in lines { billed.add(line.quantity, line.unit) }
        guard let (units, asked) = Tally.comparable(delivered, billed), asked.isGreater(than: units) == false else { return nil }
        return (units, asked)
    }

    func missing(in currency: Currency) -> MinorUnits? {
        currency == self.currency ? missing.map(\.units) : nil
    }
}

/// A claim among those of its family.
struct ClaimPlace: Hashable {
    private var key: String
    private var reference: String
    private var currency: Currency
    private var isTakeBack: Bool

    init(_ claim: Claim) {
        (key, reference, currency, isTakeBack) = (claim.key, claim.reference, claim.currency, claim.isTakeBack)
    }
}

extension FamilyStanding {
    /// What of the missing goods earlier claims of the family on the same items have claimed, by claim: one missing unit is
    /// missing once. In order of date, then reference.
    func shareShortages() -> [ClaimPlace: MinorUnits] {
        struct Pool: Hashable {
            var order: String
            var items: [String]
            var currency: Currency
        }
        let shortages = claims.filter { $0.deduction == .shortage && $0.invoice != nil && !$0.isAgreed && $0.standing > 0 }
        guard shortages.count > 1 else { return [:] }
        let ranked = shortages.map { (claim: $0, date: $0.takings.compactMap(\.date?.number).min() ?? .max) }
        let inOrder = ranked.sorted {
            ($0.date, $0.claim.key, $0.claim.reference, $0.claim.currency) < ($1.date, $1.claim.key, $1.claim.reference, $1.claim.currency)
        }
        var claimed: [Pool: MinorUnits] = [:]
        var before: [ClaimPlace: MinorUnits] = [:]
        for (claim, _) in inOrder {
            guard let key = claim.invoice.map({ invoices[$0].invoice.key }), let receipts = receipts[key], receipts.isShort,
                let missing = receipts.missing(in: claim.currency)
            else { continue }
            let pool = Pool(order: receipts.order, items: receipts.short, currency: claim.currency)
            let sum = claimed[pool] ?? 0
            before[ClaimPlace(claim)] = sum
            claimed[pool] = min(missing, sum + claim.standing)
        }
        return before
    }
}
