import Trade

/// An amount of money as an element states it.
enum AmountText: Equatable {
    /// Minor units.
    case value(Int64)
    case empty
    case malformed
    /// It has decimals that the currency cannot express.
    case tooFine
    /// More digits than money has (`Bounds.amount`).
    case tooLarge

    /// Reads `[+-]digits[.digits]` exactly: no exponent, no grouping, no comma. A letter never becomes 0.00.
    /// - Parameters:
    ///   - exponent: decimals of the currency.
    ///   - implied: decimals that a number without a point has (type N2: 2).
    @inline(__always)
    static func scan(_ source: RawSpan, _ from: Int, _ to: Int, exponent: Int, implied: Int) -> AmountText {
        guard from < to else { return .empty }
        var offset = from
        let sign = source[offset]
        if sign == 45 || sign == 43 { offset &+= 1 }
        var units: Int64 = 0
        var digits = 0
        var scale = -1
        var isTooFine = false
        while offset < to {
            let byte = source[offset]
            offset &+= 1
            let digit = byte &- 48
            if digit < 10 {
                digits &+= 1
                if scale >= 0 {
                    if scale == exponent {
                        if digit != 0 { isTooFine = true }
                        continue
                    }
                    scale &+= 1
                }
                units = units &* 10 &+ Int64(digit)
                if units > Bounds.amount { return rest(source, offset, to) ? .tooLarge : .malformed }
            } else if byte == 46, scale < 0 {
                scale = 0
            } else {
                return .malformed
            }
        }
        guard digits > 0 else { return .malformed }
        if isTooFine { return .tooFine }
        if scale < 0 { scale = implied }
        while scale < exponent {
            units = units &* 10
            scale &+= 1
            if units > Bounds.amount { return .tooLarge }
        }
        while scale > exponent {
            guard units % 10 == 0 else { return .tooFine }
            units /= 10
            scale &-= 1
        }
        return .value(sign == 45 ? -units : units)
    }

    /// Whether only digits and at most one point follow.
    private static func rest(_ source: RawSpan, _ from: Int, _ to: Int) -> Bool {
        for offset in from..<to where source[offset] != 46 && !(source[offset] >= 48 && source[offset] <= 57) { return false }
        return true
    }
}
