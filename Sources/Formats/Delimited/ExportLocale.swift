import Trade

/// Order of day, month and year in a numeric date.
public enum DateOrder: String, Hashable, Sendable {
    case monthFirst = "month_first"
    case dayFirst = "day_first"
    case yearFirst = "year_first"

    var words: String {
        switch self {
        case .monthFirst: "month/day/year"
        case .dayFirst: "day/month/year"
        case .yearFirst: "year/month/day"
        }
    }
}

/// The mark before the decimals of an amount. The other one of the two, and any blank, groups thousands.
public enum DecimalMark: UInt8, Hashable, Sendable {
    case point = 46
    case comma = 44

    var example: String { self == .point ? "1,234.56" : "1.234,56" }
}

/// How exports of one marketplace write dates and amounts. Month first was seen in US and CA, day first elsewhere
/// (FACTS: idx:66419788524); decimal marks are those of the CLDR locale of the marketplace's export.
struct ExportLocale: Sendable {
    var dates: DateOrder
    var mark: DecimalMark

    static let byMarketplace: [String: ExportLocale] = [
        "US": ExportLocale(dates: .monthFirst, mark: .point),
        "CA": ExportLocale(dates: .monthFirst, mark: .point),
        "MX": ExportLocale(dates: .dayFirst, mark: .point),
        "BR": ExportLocale(dates: .dayFirst, mark: .comma),
        "UK": ExportLocale(dates: .dayFirst, mark: .point),
        "GB": ExportLocale(dates: .dayFirst, mark: .point),
        "IE": ExportLocale(dates: .dayFirst, mark: .point),
        "DE": ExportLocale(dates: .dayFirst, mark: .comma),
        "FR": ExportLocale(dates: .dayFirst, mark: .comma),
        "IT": ExportLocale(dates: .dayFirst, mark: .comma),
        "ES": ExportLocale(dates: .dayFirst, mark: .comma),
        "NL": ExportLocale(dates: .dayFirst, mark: .comma),
        "BE": ExportLocale(dates: .dayFirst, mark: .comma),
        "SE": ExportLocale(dates: .dayFirst, mark: .comma),
        "PL": ExportLocale(dates: .dayFirst, mark: .comma),
        "TR": ExportLocale(dates: .dayFirst, mark: .comma),
        "JP": ExportLocale(dates: .yearFirst, mark: .point),
        "IN": ExportLocale(dates: .dayFirst, mark: .point),
        "AU": ExportLocale(dates: .dayFirst, mark: .point),
        "AE": ExportLocale(dates: .dayFirst, mark: .point),
        "SA": ExportLocale(dates: .dayFirst, mark: .point),
        "SG": ExportLocale(dates: .dayFirst, mark: .point),
    ]
}

/// What the values of a file say by themselves about its locale.
struct LocaleEvidence {
    private(set) var monthFirst = false
    private(set) var dayFirst = false
    private(set) var ambiguousDate: Location?
    private(set) var point = false
    private(set) var comma = false
    private(set) var ambiguousAmount: Location?

    /// Looks at an amount of a currency with `exponent` decimals.
    mutating func amount(_ bytes: Span<UInt8>, _ range: Range<Int>, exponent: Int, at: Location) {
        var last: UInt8 = 0
        var other = false
        var count = 0
        var before = 0
        var after = 0
        for index in range {
            let byte = bytes[index]
            if byte == 44 || byte == 46 {
                if count > 0, byte != last { other = true }
                if other, byte == last { count += 1 } else { count = byte == last ? count + 1 : 1 }
                last = byte
                after = 0
            } else if byte >= 48, byte <= 57 {
                if count == 0 { before += 1 } else { after += 1 }
            }
        }
        guard count > 0 else { return }
        let isDecimal: Bool
        if count > 1 {
            isDecimal = false  // a mark that repeats groups thousands
        } else if other || after != 3 || before == 0 || before > 3 {
            isDecimal = true
        } else if exponent < 3 {
            isDecimal = false  // the currency has no third decimal
        } else {
            if ambiguousAmount == nil { ambiguousAmount = at }
            return
        }
        if (last == 46) == isDecimal { point = true } else { comma = true }
    }

    /// Looks at a date in numbers.
    mutating func date(_ bytes: Span<UInt8>, _ range: Range<Int>, at: Location) {
        guard let (a, b, c, mark) = DateText.numbers(bytes, range), a.digits < 3, c.digits == 4, mark != 46 else { return }
        if a.value > 12 {
            dayFirst = true
        } else if b.value > 12 {
            monthFirst = true
        } else if a.value != b.value, ambiguousDate == nil {
            ambiguousDate = at
        }
    }

    /// The decimal mark that the amounts settle; nil if none needs one.
    func mark() throws(ReadFailure) -> DecimalMark? {
        if point, comma {
            throw .rejected([
                Problem(.malformed, at: .file, "some amounts are written as 1,234.56 and others as 1.234,56", advice: "export again")
            ])
        }
        if !point, !comma, let at = ambiguousAmount { throw LocaleEvidence.unsettled("amounts", "a decimal point or a comma", at) }
        return point ? .point : comma ? .comma : nil
    }

    func order() throws(ReadFailure) -> DateOrder? {
        if dayFirst, monthFirst {
            throw .rejected([
                Problem(.malformed, at: .file, "some dates begin with the day and others with the month", advice: "export again")
            ])
        }
        if !dayFirst, !monthFirst, let at = ambiguousDate { throw LocaleEvidence.unsettled("dates", "the day or the month first", at) }
        return dayFirst ? .dayFirst : monthFirst ? .monthFirst : nil
    }

    private static func unsettled(_ what: String, _ question: String, _ at: Location) -> ReadFailure {
        .rejected([
            Problem(
                .malformed, at: at, "nothing in the file says whether its \(what) have \(question)",
                advice: "set 'marketplace' of the account, or name the account with --account")
        ])
    }
}

/// Dates as exports and mails write them.
enum DateText {
    typealias Number = (value: Int, digits: Int)

    /// Three numbers with the same mark (slash, dash or point) between them.
    static func numbers(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (Number, Number, Number, mark: UInt8)? {
        var parts: (Number, Number, Number) = ((0, 0), (0, 0), (0, 0))
        var part = 0
        var mark: UInt8 = 0
        for index in range {
            let byte = bytes[index]
            if byte >= 48, byte <= 57 {
                let digit = Int(byte - 48)
                switch part {
                case 0: parts.0 = (parts.0.value * 10 + digit, parts.0.digits + 1)
                case 1: parts.1 = (parts.1.value * 10 + digit, parts.1.digits + 1)
                default: parts.2 = (parts.2.value * 10 + digit, parts.2.digits + 1)
                }
                if max(parts.0.digits, parts.1.digits, parts.2.digits) > 4 { return nil }
            } else if byte == 47 || byte == 45 || byte == 46, part < 2, mark == 0 || byte == mark {
                mark = byte
                part += 1
            } else {
                return nil
            }
        }
        guard part == 2, parts.0.digits > 0, parts.1.digits > 0, parts.1.digits < 3, parts.2.digits > 0 else { return nil }
        return (parts.0, parts.1, parts.2, mark)
    }

    /// A date in numbers (`12/31/2025`, `31.12.2025`, `2025-12-31`) or with an English month (`11-JUL-2025`, `May 20, 2025`,
    /// `12-SEP-25`).
    /// - Parameter order: of dates in numbers that end with the year; a date with points always begins with the day.
    static func day(_ bytes: Span<UInt8>, _ range: Range<Int>, order: DateOrder) -> Day? {
        guard let (a, b, c, mark) = numbers(bytes, range) else { return worded(bytes, range) }
        if a.digits == 4, c.digits < 3 { return Day(year: a.value, month: b.value, day: c.value) }
        guard a.digits < 3, c.digits == 4 else { return nil }
        if mark == 46 { return Day(year: c.value, month: b.value, day: a.value) }
        switch order {
        case .monthFirst: return Day(year: c.value, month: a.value, day: b.value)
        case .dayFirst: return Day(year: c.value, month: b.value, day: a.value)
        case .yearFirst: return nil
        }
    }

    /// A date with an English month name: day, month, year or month, day, year.
    static func worded(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Day? {
        guard range.count <= 24 else { return nil }
        var numbers: (Number, Number) = ((0, 0), (0, 0))
        var count = 0
        var month = 0
        var monthFirst = false
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte >= 48, byte <= 57 {
                var number: Number = (0, 0)
                while index < range.upperBound, bytes[index] >= 48, bytes[index] <= 57, number.digits < 5 {
                    number = (number.value * 10 + Int(bytes[index] - 48), number.digits + 1)
                    index += 1
                }
                if count == 0 { numbers.0 = number } else { numbers.1 = number }
                count += 1
                if count > 2 { return nil }
            } else if byte | 32 >= 97, byte | 32 <= 122 {
                let start = index
                while index < range.upperBound, bytes[index] | 32 >= 97, bytes[index] | 32 <= 122 { index += 1 }
                guard month == 0, let found = self.month(bytes, start..<index) else { return nil }
                month = found
                monthFirst = count == 0
            } else if byte == 32 || byte == 45 || byte == 44 || byte == 46 || byte == 47 {
                index += 1
            } else {
                return nil
            }
        }
        let (day, year) = numbers
        guard count == 2, month > 0, day.digits < 3, year.digits == 4 || year.digits == 2 && !monthFirst else { return nil }
        return Day(year: year.digits == 2 ? 2000 + year.value : year.value, month: month, day: day.value)
    }

    /// The month of a name or its first three letters (also `Sept`).
    private static func month(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard range.count >= 3 else { return nil }
        return names.firstIndex { name in
            guard range.count == 3 || range.count == name.count || range.count == 4 && name.count == 9 else { return false }
            for offset in 0..<range.count where bytes[range.lowerBound + offset] | 32 != name[offset] { return false }
            return true
        }.map { $0 + 1 }
    }

    private static let names: [[UInt8]] = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ].map { Array($0.utf8) }
}
