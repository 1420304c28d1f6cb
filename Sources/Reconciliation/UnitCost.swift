import Trade

/// What one of something costs, as what `quantity` of it cost: nothing is divided before an amount is rounded.
struct UnitCost: Hashable {
    var total: WideDecimal
    var quantity: WideDecimal

    init(_ total: WideDecimal, for quantity: WideDecimal = .one) {
        (self.total, self.quantity) = (total, quantity)
    }

    /// What so many cost, as one.
    func times(_ count: WideDecimal) -> UnitCost? {
        if count == quantity { return UnitCost(total) }
        return total.times(count).map { UnitCost($0, for: quantity) }
    }

    /// - Returns: `price` less this, for one.
    func less(than price: WideDecimal) -> UnitCost? {
        price.times(quantity).flatMap { $0.minus(total) }.map { UnitCost($0, for: quantity) }
    }

    /// Whether a price is this one as nearly as it can be written with its decimals: a twenty-fourth of 100.00 is written 4.1667.
    func rounds(to price: ExactDecimal?, _ currency: Currency) -> Bool {
        guard quantity != .one, let price, let twice = less(than: WideDecimal(price))?.total.times(WideDecimal(units: 2, scale: 0)) else {
            return false
        }
        return UnitCost(twice, for: quantity).isLarger(than: WideDecimal(units: 1, scale: max(price.scale, currency.exponent))) == false
    }

    var magnitude: UnitCost? { total.magnitude.map { UnitCost($0, for: quantity) } }
    var isPositive: Bool { total.isPositive }

    /// By size, whatever the signs; nil where that is out of range.
    func isLarger(than other: UnitCost) -> Bool? {
        guard let a = total.magnitude?.times(other.quantity), let b = other.total.magnitude?.times(quantity) else { return nil }
        return a.isGreater(than: b)
    }

    /// Whether it is above so much for one, whatever the signs.
    func isLarger(than bound: WideDecimal) -> Bool? { isLarger(than: UnitCost(bound)) }

    /// Minor units of so many, rounded half away from zero once; nil when out of range.
    func value(of units: WideDecimal, in currency: Currency) -> MinorUnits? {
        units.times(total)?.minorUnits(exponent: currency.exponent, dividedBy: quantity)
    }

    /// `4.50`, or `10.00 / 12` where it is for twelve.
    func text(_ currency: Currency) -> String {
        let text = total.text(decimals: currency.exponent)
        return quantity == .one ? text : "\(text) / \(quantity)"
    }
}

/// A sum of costs, exact until it is asked for. Nil for good where one is not known, or it cannot be held.
struct CostSum {
    private var sum: UnitCost? = UnitCost(.zero)

    mutating func add(_ cost: UnitCost?) {
        sum = sum.flatMap { sum in
            guard let cost else { return nil }
            if cost.quantity == sum.quantity { return sum.total.plus(cost.total).map { UnitCost($0, for: sum.quantity) } }
            guard let a = sum.total.times(cost.quantity), let b = cost.total.times(sum.quantity), let total = a.plus(b),
                let quantity = sum.quantity.times(cost.quantity)
            else { return nil }
            return UnitCost(total, for: quantity)
        }
    }

    /// Rounded half away from zero, once.
    func minorUnits(in currency: Currency) -> MinorUnits? { sum?.value(of: .one, in: currency) }
}
