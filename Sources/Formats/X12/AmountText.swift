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
        if exponent == 2, let units = plain(source, from, to, comma: comma) { return .value(units) }
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

    /// The usual case, eight bytes at a glance: at most seven digits and, before the last two of them, a point, in a currency of two decimals.
    /// - Returns: minor units; nil for anything else, also for what is an amount in another form.
    @inline(__always)
    static func plain(_ source: RawSpan, _ from: Int, _ to: Int, comma: Bool = false) -> Int64? {
        let length = to &- from
        guard length >= 4, length <= 8, to >= 8 else { return nil }
        let word = source.word(uncheckedAt: to &- 8)
        let mark = word &>> 40 & 0xFF
        guard mark == 46 || comma && mark == 44 else { return nil }
        // close the gap of the point, then put zeros where other text stands before the amount
        let joined = (word & 0xFF_FFFF_FFFF) &<< 8 | word & 0xFFFF_0000_0000_0000
        let keep = UInt64.max &<< UInt64(truncatingIfNeeded: (9 &- length) &* 8)
        let digits = (joined ^ 0x3030_3030_3030_3030) & keep
        guard (digits | (digits &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0 else { return nil }
        // pairs, then fours, then eight
        let pairs = (digits &* 10 &+ digits &>> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_FFFF_0000_FFFF
        return Int64(truncatingIfNeeded: (fours &* 10_000 &+ fours &>> 32) & 0xFFFF_FFFF)
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
