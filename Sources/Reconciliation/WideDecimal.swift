import Trade

/// A sum or product of quantities and unit prices, exact: `units × 10^-scale`.
///
/// Documents write up to 18 digits; their sums and products are as wide as Int128, and an operation whose result is not is
/// nil: a figure that cannot be held exactly is not told at all.
struct WideDecimal: Hashable, CustomStringConvertible {
    let units: Int128
    let scale: Int

    static let zero = WideDecimal(units: 0, scale: 0)
    static let one = WideDecimal(units: 1, scale: 0)

    /// Trailing zeros are dropped, so equal numbers are equal values.
    init(units: Int128, scale: Int) {
        var (units, scale) = (units, scale)
        while scale > 0, units % 10 == 0 {
            units /= 10
            scale -= 1
        }
        self.units = units
        self.scale = scale
    }

    init(_ decimal: ExactDecimal) { self.init(units: Int128(decimal.units), scale: decimal.scale) }

    var magnitude: WideDecimal? { units == .min ? nil : WideDecimal(units: abs(units), scale: scale) }
    var isPositive: Bool { units > 0 }

    func plus(_ other: WideDecimal) -> WideDecimal? {
        guard let (a, b, scale) = Self.aligned(self, other) else { return nil }
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? nil : WideDecimal(units: sum, scale: scale)
    }

    func minus(_ other: WideDecimal) -> WideDecimal? {
        guard let (a, b, scale) = Self.aligned(self, other) else { return nil }
        let (rest, overflow) = a.subtractingReportingOverflow(b)
        return overflow ? nil : WideDecimal(units: rest, scale: scale)
    }

    func times(_ other: WideDecimal) -> WideDecimal? {
        let (product, overflow) = units.multipliedReportingOverflow(by: other.units)
        return overflow ? nil : WideDecimal(units: product, scale: scale + other.scale)
    }

    /// - Returns: nil where the two cannot be brought to one scale.
    func isGreater(than other: WideDecimal) -> Bool? { Self.aligned(self, other).map { $0.0 > $0.1 } }

    /// In minor units of a currency with so many decimals, rounded half away from zero once; nil when out of range.
    func minorUnits(exponent: Int, dividedBy divisor: WideDecimal = .one) -> MinorUnits? {
        guard divisor.units != 0, divisor.units != .min, units != .min else { return nil }
        var (numerator, denominator) = (units, divisor.units)
        for _ in 0..<abs(exponent + divisor.scale - scale) {
            let isUp = exponent + divisor.scale > scale
            let (product, overflow) = (isUp ? numerator : denominator).multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            if isUp { numerator = product } else { denominator = product }
        }
        let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
        guard rest.magnitude >= denominator.magnitude - rest.magnitude else { return quotient }
        return (numerator < 0) == (denominator < 0) ? quotient + 1 : quotient - 1
    }

    var description: String { text(decimals: 0) }

    /// With at least so many decimals, as an amount of money is written.
    func text(decimals: Int) -> String {
        var digits = String(units.magnitude) + String(repeating: "0", count: max(0, decimals - scale))
        let scale = max(scale, decimals)
        if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
        if scale > 0 { digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale)) }
        return units < 0 ? "-" + digits : digits
    }

    private static func aligned(_ a: WideDecimal, _ b: WideDecimal) -> (Int128, Int128, scale: Int)? {
        let scale = max(a.scale, b.scale)
        guard let x = a.units(at: scale), let y = b.units(at: scale) else { return nil }
        return (x, y, scale)
    }

    private func units(at scale: Int) -> Int128? {
        var units = units
        // nothing but zero survives more than 38 of these
        for _ in self.scale..<scale where units != 0 {
            let (product, overflow) = units.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            units = product
        }
        return units
    }
}
