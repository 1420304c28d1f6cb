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
    ///   - comma: whether the decimal mark may also be a comma (EDIFACT).
    @inline(__always)
    static func scan(_ source: RawSpan, _ from: Int, _ to: Int, exponent: Int, implied: Int, comma: Bool = false) -> AmountText {
        guard from < to else { return .empty }
        // 18 digits cannot overflow; nobody writes more of them in earnest, but they are told from letters
        guard to &- from <= 18 else { return isNumber(source, from, to, comma) ? .tooLarge : .malformed }
        precondition(from >= 0 && to <= source.byteCount)
        var offset = from
        let sign = source.byte(uncheckedAt: offset)
        if sign == 45 || sign == 43 { offset &+= 1 }
        let first = offset
        var units: Int64 = 0
        while offset < to {
            let digit = source.byte(uncheckedAt: offset) &- 48
            if digit >= 10 { break }
            units = units &* 10 &+ Int64(digit)
            offset &+= 1
        }
        var digits = offset &- first
        var scale = implied
        if offset < to {
            let mark = source.byte(uncheckedAt: offset)
            guard mark == 46 || comma && mark == 44 else { return .malformed }
            offset &+= 1
            scale = to &- offset
            digits &+= scale
            while offset < to {
                let digit = source.byte(uncheckedAt: offset) &- 48
                guard digit < 10 else { return .malformed }
                units = units &* 10 &+ Int64(digit)
                offset &+= 1
            }
        }
        guard digits > 0 else { return .malformed }
        if scale != exponent {
            while scale > exponent {
                guard units % 10 == 0 else { return .tooFine }
                units /= 10
                scale &-= 1
            }
            while scale < exponent {
                guard units < Bounds.amount else { return .tooLarge }
                units = units &* 10
                scale &+= 1
            }
        }
        guard units <= Bounds.amount else { return .tooLarge }
        return .value(sign == 45 ? -units : units)
    }

    /// Whether it would be a number if it were shorter.
    private static func isNumber(_ source: RawSpan, _ from: Int, _ to: Int, _ comma: Bool) -> Bool {
        var points = 0
        for offset in from..<to {
            let byte = source[offset]
            if byte == 46 || comma && byte == 44 {
                points += 1
            } else if byte < 48 || byte > 57, offset > from || byte != 45 && byte != 43 {
                return false
            }
        }
        return points <= 1
    }
}
