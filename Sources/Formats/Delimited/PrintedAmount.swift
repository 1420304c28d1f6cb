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
        let exponent = currency.exponent
        if exponent == 2, range.count >= 4, bytes[range.upperBound - 3] == mark.rawValue,
            let plain = AmountText.plain(bytes.bytes, range.lowerBound, range.upperBound, comma: mark == .comma)
        {
            return .amount(plain)
        }
        if let plain = plain(bytes, range, mark: mark, exponent: exponent) { return .amount(plain) }
        if let ascii = folded(bytes, range, mark: mark) { return long(ascii.span, 0..<ascii.count, mark: mark, currency: currency) }
        return long(bytes, range, mark: mark, currency: currency)
    }

    /// Digits and punctuation of other styles (full width, Arabic-Indic, U+2212) as ASCII; nil if there are none.
    private static func folded(_ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark) -> [UInt8]? {
        var isPlain = true
        for index in range where bytes[index] >= 0x80 { isPlain = false }
        if isPlain || range.count > longest { return nil }
        var text: [UInt8] = []
        for scalar in bytes.text(range).unicodeScalars {
            switch scalar.value {
            case 0x66B: text.append(mark.rawValue)  // Arabic decimal separator
            case 0x66C: text.append(mark == .point ? 44 : 46)  // Arabic thousands separator
            default:
                if let plain = PlainCharacter.style(scalar.value) {
                    text.append(UInt8(truncatingIfNeeded: plain))
                } else {
                    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                }
            }
        }
        return text
    }

    /// Bytes of a cell that may be an amount: what is longer is text.
    private static let longest = 128

    private static func long(_ bytes: Span<UInt8>, _ whole: Range<Int>, mark: DecimalMark, currency: Currency) -> Reading {
        let range = Blank.trimmed(bytes, whole)
        guard !range.isEmpty, range.count <= longest else { return range.isEmpty ? .empty : .bad("is not an amount") }
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
            guard let currencies = CurrencyMark.currencies(mark) else {
                return .bad(CurrencyMark.isSymbol(mark) ? "has a currency mark that is not known" : "is not an amount")
            }
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

    /// Minor units: so that a few amounts can be added and subtracted without a check.
    static let largest: Int64 = 1_000_000_000_000_000_000

    private static func shifted(_ value: Int64, by zeros: Int) -> Int64? {
        guard zeros >= 0 else { return nil }
        var value = value
        for _ in 0..<zeros {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
        }
        return value <= largest ? value : nil
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
        let range = Blank.trimmed(bytes, range)
        if let ascii = folded(bytes, range, mark: mark) { return number(ascii.span, 0..<ascii.count, mark: mark) }
        return number(bytes, range, mark: mark)
    }

    /// The spelling of nearly all numbers, digits and perhaps decimals; nil sends the rest the long way.
    static func plainDecimal(_ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark) -> ExactDecimal? {
        guard range.count <= 18 else { return nil }
        var units: Int64 = 0
        var place = -1
        for index in range {
            let byte = bytes[index]
            if isDigit(byte) {
                units = units &* 10 &+ Int64(byte &- 48)
            } else {
                guard byte == mark.rawValue, place < 0, index > range.lowerBound else { return nil }
                place = index
            }
        }
        let scale = place < 0 ? 0 : range.upperBound - 1 - place
        return place >= 0 && scale == 0 || range.isEmpty ? nil : ExactDecimal(units: units, scale: scale)
    }

    /// Digits, one decimal mark, a sign before or behind them, and groups of three (or India's) where a whole part is grouped.
    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>, mark: DecimalMark) -> ExactDecimal? {
        guard range.count <= longest else { return nil }
        var (units, digits, decimals): (Int64, Int, Int) = (0, 0, -1)
        var groups: [Int] = [0]
        var separator: UInt32?
        var (lower, upper) = (range.lowerBound, range.upperBound)
        var isNegative = false
        if lower < upper, bytes[lower] == 45 || bytes[lower] == 43 {
            isNegative = bytes[lower] == 45
            lower += 1
        } else if lower < upper, bytes[upper - 1] == 45 {
            isNegative = true
            upper -= 1
        } else if lower < upper, bytes[lower] == 40, bytes[upper - 1] == 41 {
            isNegative = true
            (lower, upper) = (lower + 1, upper - 1)
        }
        while lower < upper {
            let byte = bytes[lower]
            let blank = Blank.length(bytes, lower, before: upper)
            if isDigit(byte) {
                guard digits < 18 else { return nil }
                units = units * 10 + Int64(byte - 48)
                digits += 1
                if decimals >= 0 { decimals += 1 } else { groups[groups.count - 1] += 1 }
            } else if byte == mark.rawValue, decimals < 0 {
                decimals = 0
            } else {
                let kind: UInt32 = blank > 0 ? 32 : byte == (mark == .point ? 44 : 46) || byte == 39 ? UInt32(byte) : 0
                guard kind > 0, decimals < 0, separator == nil || separator == kind else { return nil }
                separator = kind
                groups.append(0)
            }
            lower += max(blank, 1)
        }
        guard digits > 0, decimals != 0, isGrouped(groups) else { return nil }
        return ExactDecimal(units: isNegative ? -units : units, scale: max(decimals, 0))
    }
}

/// Marks that stand beside amounts, and the currencies they can mean.
enum CurrencyMark {
    /// - Parameter mark: without blanks: `$`, `USD`, `USD$`, `kr.`
    /// - Returns: nil for a mark that means no currency.
    static func currencies(_ mark: [UInt8]) -> [Currency]? {
        let text = String(decoding: mark, as: UTF8.self)
        if let currency = Currency(code: text) { return [currency] }
        if let known = marks[text.lowercased()] { return known }
        // the code and a mark that can mean it: USD$, MXN$, $USD
        guard text.utf8.count > 3, text.utf8.count < 12 else { return nil }
        for (code, rest) in [(text.prefix(3), text.dropFirst(3)), (text.suffix(3), text.dropLast(3))] {
            if let currency = Currency(code: code), marks[rest.lowercased()]?.contains(currency) == true { return [currency] }
        }
        return nil
    }

    /// A character that Unicode calls a currency symbol is among them.
    static func isSymbol(_ mark: [UInt8]) -> Bool {
        String(decoding: mark, as: UTF8.self).unicodeScalars.contains { $0.properties.generalCategory == .currencySymbol }
    }

    private static func codes(_ list: String) -> [Currency] { list.split(separator: " ").compactMap { Currency(code: $0) } }

    /// CLDR symbols and narrow symbols of the currencies of Amazon's marketplaces, in lower case.
    private static let marks: [String: [Currency]] = [
        "$": codes("USD CAD MXN AUD SGD NZD HKD"), "us$": codes("USD"), "$us": codes("USD"), "u$s": codes("USD"), "ca$": codes("CAD"),
        "c$": codes("CAD"), "$ca": codes("CAD"), "$c": codes("CAD"), "can$": codes("CAD"), "mx$": codes("MXN"), "mex$": codes("MXN"),
        "a$": codes("AUD"), "au$": codes("AUD"), "s$": codes("SGD"), "nz$": codes("NZD"), "hk$": codes("HKD"), "r$": codes("BRL"),
        "€": codes("EUR"), "£": codes("GBP EGP"), "£e": codes("EGP"), "e£": codes("EGP"), "¥": codes("JPY CNY"), "￥": codes("JPY CNY"),
        // the yen sign of Japanese keyboards is stored as a backslash in Shift_JIS
        "\\": codes("JPY"), "円": codes("JPY"), "jp¥": codes("JPY"), "cn¥": codes("CNY"), "元": codes("CNY"), "rmb": codes("CNY"),
        "₹": codes("INR"), "rs": codes("INR"), "rs.": codes("INR"), "zł": codes("PLN"), "zl": codes("PLN"),
        "kr": codes("SEK NOK DKK"), "kr.": codes("SEK NOK DKK"), "skr": codes("SEK"), "₺": codes("TRY"), "tl": codes("TRY"),
        "﷼": codes("SAR"), "\u{20C1}": codes("SAR"), "sr": codes("SAR"), "ر.س": codes("SAR"), "ر.س.": codes("SAR"), "dhs": codes("AED"),
        "dhs.": codes("AED"), "dh": codes("AED"), "dh.": codes("AED"), "د.إ": codes("AED"), "د.إ.": codes("AED"), "r": codes("ZAR"),
        "fr.": codes("CHF"), "sfr.": codes("CHF"),
    ]
}
