import Trade

/// Numbers that are not money in minor units, written like the amounts of their file: prices with as many decimals as they
/// have, quantities, rates, percentages. A currency's mark or a percent sign may stand beside them.
enum PlainNumber {
    /// - Parameter range: without blanks at its ends.
    static func read(_ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark) -> ExactDecimal? {
        var lower = range.lowerBound
        var upper = range.upperBound
        var isNegative = false
        if lower < upper, bytes[lower] == 45 {
            isNegative = true
            lower += 1
        }
        if let first = bytes.firstDigit(lower..<upper), first > lower {
            // `.50`, but not behind letters: `Rs.50`
            let isPoint = bytes[first - 1] == mark.rawValue && (first - 1 == lower || bytes[first - 2] < 65)
            let start = isPoint ? first - 1 : first
            guard isMark(bytes, lower..<start) else { return nil }
            lower = start
        }
        while upper > lower, bytes[upper - 1] < 48 || bytes[upper - 1] > 57 { upper -= 1 }
        guard lower < upper, isMark(bytes, upper..<range.upperBound) else { return nil }
        return digits(bytes, lower..<upper, mark: mark, isNegative: isNegative)
    }

    private static func isMark(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let range = Blank.trimmed(bytes, range)
        if range.isEmpty || range.count == 1 && bytes[range.lowerBound] == 37 { return true }
        return CurrencyMark.currencies(Array(bytes.text(range).utf8)) != nil
    }

    private static func digits(_ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark, isNegative: Bool) -> ExactDecimal? {
        var value: Int64 = 0
        var digits = 0
        var decimals = -1
        var groups: [Int] = []
        var group = 0
        var separator = 0
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte >= 48, byte <= 57 {
                guard digits < 18 else { return nil }
                value = value * 10 + Int64(byte - 48)
                digits += 1
                if decimals >= 0 { decimals += 1 } else { group += 1 }
                index += 1
            } else if byte == mark.rawValue {
                guard decimals < 0 else { return nil }
                decimals = 0
                index += 1
            } else {
                let blank = Blank.length(bytes, index, before: range.upperBound)
                let kind = blank > 0 ? 32 : byte == 44 || byte == 46 || byte == 39 ? Int(byte) : 0
                guard kind > 0, decimals < 0, separator == 0 || separator == kind else { return nil }
                separator = kind
                groups.append(group)
                group = 0
                index += max(blank, 1)
            }
        }
        if !groups.isEmpty {
            // groups of three, or of two before a last group of three (India)
            guard group == 3, (1...3).contains(groups[0]) else { return nil }
            let middle = groups.dropFirst()
            guard middle.allSatisfy({ $0 == 3 }) || groups[0] <= 2 && middle.allSatisfy({ $0 == 2 }) else { return nil }
        }
        guard digits > 0 else { return nil }
        return ExactDecimal(units: isNegative ? -value : value, scale: max(decimals, 0))
    }
}

extension Span where Element == UInt8 {
    fileprivate func firstDigit(_ range: Range<Int>) -> Int? {
        for index in range where self[index] >= 48 && self[index] <= 57 { return index }
        return nil
    }
}
