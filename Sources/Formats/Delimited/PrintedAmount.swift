import Trade

/// Amounts as exports and mails write them: `1.234,56`, `1,44,957.78`, `(12.00)`, `-155,193.60`, `12.00-`, with currency
/// marks and blanks around and no-break spaces inside. Exact to the currency's minor unit, or not an amount.
enum PrintedAmount {
    enum Reading: Equatable {
        case amount(Int64)
        /// Nothing visible.
        case empty
        /// In words: what is wrong with it.
        case bad(String)
    }

    /// Reads an amount in minor units of `currency`.
    /// - Parameter range: may begin and end with blanks.
    static func read(_ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark, currency: Currency) -> Reading {
        let range = Blank.trimmed(bytes, range)
        guard !range.isEmpty else { return .empty }
        if let plain = plain(bytes, range, mark: mark, exponent: currency.exponent) { return .amount(plain) }
        var lower = range.lowerBound
        var upper = range.upperBound
        var signs = 0
        var isNegative = false
        var isOpen = false

        // what stands before the digits: signs, a bracket, the currency's mark
        let before = lower
        while lower < upper, !isDigit(bytes[lower]), !isMark(bytes, lower, after: before, before: upper) { lower += 1 }
        while upper > lower, !isDigit(bytes[upper - 1]) { upper -= 1 }
        guard lower < upper else { return .bad("is not an amount") }
        var marks: [[UInt8]] = [[], []]
        for (side, part) in [before..<lower, upper..<range.upperBound].enumerated() {
            var index = part.lowerBound
            while index < part.upperBound {
                let blank = Blank.length(bytes, index, before: part.upperBound)
                if blank > 0 {
                    index += blank
                    continue
                }
                let byte = bytes[index]
                switch byte {
                case 40 where side == 0 && !isOpen: isOpen = true
                case 41 where side == 1 && isOpen:
                    isOpen = false
                    signs += 1
                    isNegative = true
                case 45:
                    signs += 1
                    isNegative = true
                case 43 where side == 0: signs += 1
                case 0xE2 where index + 2 < part.upperBound && bytes[index + 1] == 0x88 && bytes[index + 2] == 0x92:  // U+2212, minus
                    signs += 1
                    isNegative = true
                    index += 2
                default: marks[side].append(byte)
                }
                index += 1
            }
        }
        guard !isOpen, signs <= 1 else { return .bad("is not an amount") }
        for mark in marks where !mark.isEmpty {
            guard let currencies = CurrencyMark.currencies(mark) else { return .bad("is not an amount") }
            if currency != .unstated, !currencies.contains(currency) { return .bad("is not in \(currency)") }
        }
        return digits(bytes, lower..<upper, mark: mark, exponent: currency.exponent, isNegative: isNegative)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    /// A mark directly before a digit belongs to the number (`.50`), but not behind letters (`Rs.50`).
    private static func isMark(_ bytes: Span<UInt8>, _ index: Int, after start: Int, before end: Int) -> Bool {
        guard bytes[index] == 44 || bytes[index] == 46, index + 1 < end, isDigit(bytes[index + 1]) else { return false }
        return index == start || bytes[index - 1] < 65
    }

    /// The spelling of nearly all amounts, `-1,234.56`; nil sends the rest the long way.
    private static func plain(_ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark, exponent: Int) -> Int64? {
        guard range.count < 18 else { return nil }
        var index = range.lowerBound
        let isNegative = bytes[index] == 45
        if isNegative { index += 1 }
        let other: UInt8 = mark == .point ? 44 : 46
        var value: Int64 = 0
        var decimals = -1
        var group = 0
        var isGrouped = false
        let first = index
        while index < range.upperBound {
            let byte = bytes[index]
            if isDigit(byte) {
                value = value &* 10 &+ Int64(byte &- 48)
                if decimals >= 0 { decimals += 1 } else { group += 1 }
            } else if byte == mark.rawValue, decimals < 0, group > 0, !isGrouped || group == 3 {
                decimals = 0
            } else if byte == other, decimals < 0, group > 0, group == 3 || !isGrouped && group < 3 {
                isGrouped = true
                group = 0
            } else {
                return nil
            }
            index += 1
        }
        guard index > first, !isGrouped || group == 3, decimals == exponent || exponent == 0 && decimals < 0 else { return nil }
        return isNegative ? -value : value
    }

    /// Digits with grouping and at most one decimal mark.
    private static func digits(
        _ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark, exponent: Int, isNegative: Bool
    ) -> Reading {
        var value: Int64 = 0
        var digits = 0
        var decimals = -1
        var groups: [Int] = [0]
        var separator: UInt32?
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if isDigit(byte) {
                guard digits < 18 else { return .bad("is too large") }
                value = value * 10 + Int64(byte - 48)
                digits += 1
                if decimals >= 0 { decimals += 1 } else { groups[groups.count - 1] += 1 }
                index += 1
            } else if byte == mark.rawValue {
                guard decimals < 0 else { return .bad("is not an amount written as \(mark.example)") }
                decimals = 0
                index += 1
            } else {
                let blank = Blank.length(bytes, index, before: range.upperBound)
                let other: UInt8 = mark == .point ? 44 : 46
                let kind: UInt32 = blank > 0 ? 32 : byte == other || byte == 39 ? UInt32(byte) : 0
                guard kind > 0, decimals < 0, separator == nil || separator == kind else {
                    return .bad(byte == 44 || byte == 46 ? "is not an amount written as \(mark.example)" : "is not an amount")
                }
                separator = kind
                groups.append(0)
                index += max(blank, 1)
            }
        }
        guard digits > 0, isGrouped(groups) else { return .bad("is not an amount written as \(mark.example)") }
        var scale = max(decimals, 0)
        // an export may write two zeros behind an amount in yen
        while scale > exponent, value % 10 == 0, exponent == 0, decimals == 2 {
            value /= 10
            scale -= 1
        }
        guard let minor = shifted(value, by: exponent - scale) else {
            return .bad(scale > exponent ? "has more decimals than the currency" : "is too large")
        }
        return .amount(isNegative ? -minor : minor)
    }

    private static func shifted(_ value: Int64, by zeros: Int) -> Int64? {
        guard zeros >= 0 else { return nil }
        var value = value
        for _ in 0..<zeros {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
        }
        // so that a few amounts can be added and subtracted without a check
        return value <= 1_000_000_000_000_000_000 ? value : nil
    }

    /// Groups of three digits, or of two before a last group of three (India).
    private static func isGrouped(_ groups: [Int]) -> Bool {
        guard groups.count > 1 else { return true }
        guard groups[0] >= 1, groups[0] <= 3, groups.last == 3 else { return false }
        let middle = groups.dropFirst().dropLast()
        return middle.allSatisfy { $0 == 3 } || groups[0] <= 2 && middle.allSatisfy { $0 == 2 }
    }

    /// A rate or another number that is not money, written like the amounts of the file.
    static func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark) -> ExactDecimal? {
        var text: [UInt8] = []
        for index in Blank.trimmed(bytes, range) {
            let byte = bytes[index]
            guard isDigit(byte) || byte == mark.rawValue else { return nil }
            text.append(byte == mark.rawValue ? 46 : byte)
        }
        return ExactDecimal(String(decoding: text, as: UTF8.self))
    }
}

/// Marks that stand beside amounts, and the currencies they can mean.
enum CurrencyMark {
    /// - Returns: nil for a mark that means no currency.
    static func currencies(_ mark: [UInt8]) -> [Currency]? {
        let text = String(decoding: mark, as: UTF8.self)
        if let currency = Currency(code: text) { return [currency] }
        return marks[text]
    }

    private static func codes(_ list: String) -> [Currency] { list.split(separator: " ").compactMap { Currency(code: $0) } }

    /// CLDR symbols and narrow symbols of the currencies of Amazon's marketplaces.
    private static let marks: [String: [Currency]] = [
        "$": codes("USD CAD MXN AUD SGD NZD HKD"), "US$": codes("USD"), "CA$": codes("CAD"), "C$": codes("CAD"), "MX$": codes("MXN"),
        "A$": codes("AUD"), "AU$": codes("AUD"), "S$": codes("SGD"), "R$": codes("BRL"), "€": codes("EUR"), "£": codes("GBP EGP"),
        "¥": codes("JPY CNY"), "￥": codes("JPY CNY"), "JP¥": codes("JPY"), "CN¥": codes("CNY"), "₹": codes("INR"), "Rs": codes("INR"),
        "Rs.": codes("INR"), "zł": codes("PLN"), "kr": codes("SEK NOK DKK"), "kr.": codes("SEK NOK DKK"), "₺": codes("TRY"),
        "TL": codes("TRY"), "﷼": codes("SAR"), "SR": codes("SAR"), "Dhs": codes("AED"), "Dhs.": codes("AED"),
    ]
}
