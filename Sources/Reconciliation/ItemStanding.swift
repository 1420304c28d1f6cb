import Trade

/// A sum of quantities of one item. Quantities in different units are never added.
struct Tally: Hashable, Sendable {
    /// Nil: a line states no quantity, or the sum is too large to be held exactly.
    private(set) var sum: WideDecimal? = .zero
    private(set) var unit: String?
    private(set) var isMixed = false

    var isEmpty: Bool { unit == nil }

    mutating func add(_ line: ItemFact) { add(line.counted(line.quantity), line.countedUnit) }

    mutating func add(_ quantity: WideDecimal?, _ unit: String) {
        if let own = self.unit, own != unit { isMixed = true }
        self.unit = self.unit ?? unit
        sum = sum.flatMap { sum in quantity.flatMap { sum.plus($0) } }
    }

    /// Both sums, if they count in the same unit: cases and pieces only where ``CasePacks`` knows how many a case holds.
    static func comparable(_ a: Tally, _ b: Tally) -> (WideDecimal, WideDecimal)? {
        guard !a.isMixed, !b.isMixed, a.isEmpty || b.isEmpty || a.unit == b.unit, let x = a.sum, let y = b.sum else { return nil }
        return (x, y)
    }

    /// Codes for one piece are one unit: X12 355 EA, PC; UN/ECE 20 PCE, H87, C62. Lists of the portals state no unit and count
    /// pieces, and so does an EDIFACT QTY without 6411.
    static func unit(_ unit: String?) -> String {
        let key = unit.map { ReferenceKey.of($0) } ?? ""
        return ["EA", "PC", "PCE", "H87", "C62", "EACH", "PIECE", "UNIT", "UNITS"].contains(key) ? "" : key
    }
}

/// Where one item of an order stands.
struct ItemStanding: Sendable {
    /// What it costs by the order: net of tax, for as many as `per` of `unit`: one, or the pieces of a case.
    struct Price: Hashable, Comparable, Sendable {
        var price: ExactDecimal
        var per: WideDecimal
        var unit: String
        var currency: Currency
        /// Any order will do, as long as it is always the same.
        static func < (a: Price, b: Price) -> Bool {
            if a.per != b.per { return (a.per.scale, a.per.units) < (b.per.scale, b.per.units) }
            return (a.price.scale, a.price.units, a.unit, a.currency) < (b.price.scale, b.price.units, b.unit, b.currency)
        }
    }
    var key: String
    /// As the order gives it; else as it was first seen.
    var number: String
    /// The order, a change to it or an accepted substitution names it; also if it was cancelled since.
    var isOrdered = false
    /// With its changes; nil where the documents leave it open.
    var ordered: WideDecimal?
    /// Of the latest document that states one: several where it lists the item more than once.
    var prices: [Price] = []
    var invoiced = Tally()
    /// By receipts, or by the latest snapshot of a list where that is more.
    var received = Tally()
    /// By shipments with a proof of delivery.
    var delivered = Tally()
    /// The latest snapshot says that no more will come.
    var isClosed = false
    /// A line names it or another item by a number that both have: no sum of it is known.
    var isUnclear = false
    var evidence: [Evidence] = []
    /// The invoice lines that bill it, and which of the order's invoices have one.
    private(set) var lines: [ItemFact] = []
    private(set) var invoices: [Int] = []

    init(key: String, number: String) {
        self.key = key
        self.number = number
    }

    /// - Parameter invoice: index in `OrderStanding.invoices` of the one that the line is of, in ascending order.
    mutating func add(_ line: ItemFact, to tally: WritableKeyPath<ItemStanding, Tally>, invoice: Int?) {
        if !isOrdered { number = min(number, line.item ?? number) }
        self[keyPath: tally].add(line)
        evidence.append(line.evidence)
        guard let invoice else { return }
        lines.append(line)
        if invoices.last != invoice { invoices.append(invoice) }
    }

    /// Prices to which one in this currency, for this unit, can be held.
    /// - Parameter unit: by ``Tally/unit(_:)``.
    func prices(in currency: Currency, per unit: String) -> [UnitCost] {
        prices.filter { $0.currency == currency && $0.unit == unit }.map { UnitCost(WideDecimal($0.price), for: $0.per) }
    }

    /// Price of an invoice line less the nearest price of the order, each for one of the line's own unit: zero is what both agree on.
    /// - Returns: nil where the line or the order states none that can be compared.
    func priceDifference(_ line: ItemFact, in currency: Currency) -> (order: UnitCost, difference: UnitCost)? {
        guard let price = line.unitPrice.map({ WideDecimal($0) }) else { return nil }
        var nearest: (order: UnitCost, difference: UnitCost)?
        for stated in prices(in: currency, per: line.countedUnit) {
            guard let own = stated.times(line.priced), let exact = own.less(than: price) else { return nil }
            let difference = own.rounds(to: line.unitPrice, currency) ? UnitCost(.zero) : exact
            if let other = nearest?.difference, other.isLarger(than: difference) != true { continue }
            nearest = (own, difference)
        }
        return nearest
    }
}
