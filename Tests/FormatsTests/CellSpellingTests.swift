import Foundation
import Testing
import Trade

@testable import Formats

/// How cells are read, spelling by spelling: the tables lie in `Samples/cells`. A reading that begins with `!` is an error.
struct CellSpellingTests {
    private struct Row {
        var cells: [String]
        var line: Int
    }

    private static func rows(_ name: String) throws -> [Row] {
        let bytes = try TableSamples.bytes(TableSamples.samples.appendingPathComponent("cells/\(name).tsv"))
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").enumerated().dropFirst().map { index, line in
            Row(cells: line.split(separator: "\t", omittingEmptySubsequences: false).map { plain(String($0)) }, line: index + 1)
        }
    }

    /// `\u{A0}` as the character and `\\` as a backslash, so that what is invisible can be seen in the tables.
    private static func plain(_ text: String) -> String {
        var plain = ""
        var rest = Substring(text)
        while let start = rest.firstIndex(of: "\\") {
            plain += rest[..<start]
            rest = rest[rest.index(after: start)...]
            if rest.hasPrefix("u{"), let end = rest.firstIndex(of: "}"), let code = UInt32(rest.dropFirst(2).prefix(upTo: end), radix: 16),
                let scalar = Unicode.Scalar(code)
            {
                plain.unicodeScalars.append(scalar)
                rest = rest[rest.index(after: end)...]
            } else {
                plain += "\\"
                if rest.hasPrefix("\\") { rest = rest.dropFirst() }
            }
        }
        return plain + rest
    }

    private static func amount(_ text: String, _ marketplace: String, _ currency: Currency) throws -> String {
        let locale = try #require(ExportLocale.byMarketplace[marketplace])
        let bytes = Array(text.utf8)
        switch locale.amount(bytes.span, Cell(range: bytes.indices, kind: .text), currency) {
        case .value(let minor): return Money(minor, currency).decimal
        case .empty: return ""
        case .bad(let what, _): return "! " + what
        }
    }

    private static func day(_ text: String, _ marketplace: String) throws -> String {
        let locale = try #require(ExportLocale.byMarketplace[marketplace])
        let bytes = Array(text.utf8)
        switch locale.day(bytes.span, Cell(range: bytes.indices, kind: .text)) {
        case .value(let day): return day.description
        case .empty: return ""
        case .bad(let what, _): return "! " + what
        }
    }

    @Test func `each amount reads as the table says`() throws {
        let rows = try Self.rows("amounts")
        #expect(rows.count >= 150)
        for row in rows {
            let currency = try #require(Currency(code: row.cells[1]))
            #expect(try Self.amount(row.cells[2], row.cells[0], currency) == row.cells[3], "amounts.tsv:\(row.line)")
        }
    }

    @Test func `each date reads as the table says`() throws {
        let rows = try Self.rows("dates")
        #expect(rows.count >= 120)
        for row in rows { #expect(try Self.day(row.cells[1], row.cells[0]) == row.cells[2], "dates.tsv:\(row.line)") }
    }

    @Test func `a time with a zone gives the instant`() throws {
        for row in try Self.rows("moments") {
            let locale = try #require(ExportLocale.byMarketplace[row.cells[0]])
            let bytes = Array(row.cells[1].utf8)
            let moment = DateText.moment(bytes.span, bytes.indices, order: locale.dates)
            #expect(moment?.description ?? "!" == row.cells[2], "moments.tsv:\(row.line)")
        }
    }

    // MARK: Properties

    /// How each marketplace prints: its currency, the marks of thousands and decimals, what stands beside.
    private static let prints: [(marketplace: String, currency: String, groups: [String], marks: [(before: String, after: String)])] = [
        ("US", "USD", [",", ""], [("$", ""), ("", ""), ("USD ", "")]), ("CA", "CAD", [","], [("CA$", ""), ("$", "")]),
        ("MX", "MXN", [","], [("$", ""), ("MXN ", "")]), ("BR", "BRL", ["."], [("R$ ", ""), ("", "")]),
        ("UK", "GBP", [",", ""], [("£", ""), ("", " GBP")]), ("DE", "EUR", [".", "\u{A0}"], [("", "\u{A0}€"), ("", "")]),
        ("FR", "EUR", ["\u{202F}", "\u{A0}", " "], [("", " €"), ("", "")]), ("IT", "EUR", ["."], [("€ ", ""), ("", " €")]),
        ("ES", "EUR", [".", ""], [("", " €")]), ("NL", "EUR", ["."], [("€ ", "")]), ("BE", "EUR", [".", "\u{202F}"], [("", " €")]),
        ("SE", "SEK", ["\u{A0}"], [("", " kr")]), ("PL", "PLN", ["\u{A0}", " "], [("", " zł")]),
        ("TR", "TRY", ["."], [("₺", ""), ("", " TL")]),
        ("JP", "JPY", [",", ""], [("￥", ""), ("", "円"), ("\\", "")]), ("IN", "INR", ["lakh"], [("₹", ""), ("Rs.", "")]),
        ("AU", "AUD", [","], [("$", ""), ("A$", "")]), ("AE", "AED", [","], [("AED ", ""), ("", " AED")]),
        ("SA", "SAR", [","], [("SAR ", "")]),
    ]

    private static func printed(_ minor: Int64, _ exponent: Int, group: String, mark: DecimalMark) -> String {
        let text = Money.decimal(minor, exponent: exponent).split(separator: ".")
        var whole = Array(String(text[0]))
        var position = whole.count - 3
        while position > 0, !group.isEmpty {
            whole.insert(contentsOf: group == "lakh" ? "," : group, at: position)
            position -= group == "lakh" ? 2 : 3
        }
        return String(whole) + (text.count > 1 ? (mark == .point ? "." : ",") + text[1] : "")
    }

    @Test func `an amount printed by any marketplace reads back equal`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        for print in Self.prints {
            let currency = try #require(Currency(code: print.currency))
            let mark = try #require(ExportLocale.byMarketplace[print.marketplace]).mark
            for _ in 0..<200 {
                let minor = Int64.random(in: 0...(Int64.random(in: 0...99_999_999_999_999, using: &random)), using: &random)
                let group = try #require(print.groups.randomElement(using: &random))
                let beside = try #require(print.marks.randomElement(using: &random))
                var text = beside.before + Self.printed(minor, currency.exponent, group: group, mark: mark) + beside.after
                let isNegative = minor > 0 && Bool.random(using: &random)
                if isNegative {
                    text = try #require(["-\(text)", "(\(text))", "\(text)-", "\u{2212}\(text)"].randomElement(using: &random))
                }
                let value = Money(isNegative ? -minor : minor, currency).decimal
                #expect(try Self.amount(text, print.marketplace, currency) == value, "\(print.marketplace) \(text)")
            }
        }
    }

    private static let months: [String: [String]] = [
        "US": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"],
        "DE": ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
        "FR": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
        "IT": ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
        "ES": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
        "NL": ["jan.", "feb.", "mrt.", "apr.", "mei", "jun.", "jul.", "aug.", "sep.", "okt.", "nov.", "dec."],
        "SE": ["jan.", "feb.", "mars", "apr.", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."],
        "PL": ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"],
        "TR": ["Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"],
        "BR": [
            "de jan. de", "de fev. de", "de mar. de", "de abr. de", "de mai. de", "de jun. de", "de jul. de", "de ago. de", "de set. de",
            "de out. de", "de nov. de", "de dez. de",
        ],
    ]

    @Test func `ten bytes are the same day at a glance as number by number`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        var days = 0
        for _ in 0..<100_000 {
            var text = Array(["12/31/2025", "2025-12-31", "31.12.2025", "2/29/20240"].randomElement(using: &random)?.utf8 ?? "".utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: 0..<10, using: &random)
                // what stands beside the digits and the marks, and bytes whose sum with another carries
                let near: [UInt8] = [45, 46, 47, 48, 49, 50, 57, 58, 32, 0, 10, 138, 176, 186, 255]
                text[place] = near.randomElement(using: &random) ?? 48
            }
            let order = [DateOrder.monthFirst, .dayFirst, .yearFirst].randomElement(using: &random) ?? .dayFirst
            // not at the start of the bytes, and not always at their end
            let all = [32] + text + (Bool.random(using: &random) ? [] : [48])
            let glance = DateText.tenBytes(all.span, 1..<11, order: order)
            #expect(glance == Self.dayByNumbers(all, order), "seed \(seed): \(text) \(order)")
            if glance != nil { days += 1 }
        }
        #expect(days > 1000)
    }

    /// Of two digits, two and four, or of four, two and two.
    private static func dayByNumbers(_ bytes: [UInt8], _ order: DateOrder) -> Day? {
        guard let (a, b, c, mark, end) = DateText.numbers(bytes.span, 1..<11), end == 11, b.digits == 2 else { return nil }
        if a.digits == 4, c.digits == 2 { return Day(year: a.value, month: b.value, day: c.value) }
        guard a.digits == 2, c.digits == 4 else { return nil }
        let isDayFirst = mark == 46 || order == .dayFirst
        guard isDayFirst || order == .monthFirst else { return nil }
        return Day(year: c.value, month: isDayFirst ? b.value : a.value, day: isDayFirst ? a.value : b.value)
    }

    @Test func `a day printed by any marketplace reads back equal`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        for print in Self.prints {
            let order = try #require(ExportLocale.byMarketplace[print.marketplace]).dates
            for _ in 0..<200 {
                let day = Day(number: Int32.random(in: 14_610...25_567, using: &random))
                let (y, m, d) = day.components
                var texts = ["\(y)-\(two(m))-\(two(d))", "\(y)/\(m)/\(d)", "\(y)年\(m)月\(d)日", "\(d).\(m).\(y)"]
                switch order {
                case .monthFirst: texts += ["\(two(m))/\(two(d))/\(y)", "\(m)/\(d)/\(y)", "\(two(m))-\(two(d))-\(y)"]
                case .dayFirst: texts += ["\(two(d))/\(two(m))/\(y)", "\(d)/\(m)/\(y)", "\(two(d))-\(two(m))-\(y)"]
                case .yearFirst: break
                }
                if let name = Self.months[print.marketplace]?[m - 1] {
                    texts += ["\(d) \(name) \(y)", "\(d) \(name.uppercased()) \(y) 10:20:30"]
                    if !name.hasPrefix("de ") { texts += ["\(d)-\(name)-\(y)", "\(name) \(d), \(y)"] }
                }
                for text in texts { #expect(try Self.day(text, print.marketplace) == day.description, "\(print.marketplace) \(text)") }
            }
        }
    }

    // MARK: Cells of a spreadsheet

    private func sheet(_ kind: CellKind, _ text: String) -> (bytes: [UInt8], cell: Cell) {
        let bytes = Array(text.utf8)
        return (bytes, Cell(range: bytes.indices, kind: kind))
    }

    @Test func `a spreadsheet's number is read exactly, whatever the locale`() throws {
        let euro = try #require(Currency(code: "EUR"))
        let yen = try #require(Currency(code: "JPY"))
        for locale in ExportLocale.byMarketplace.values {
            for (text, minor) in [("1234.5", 123_450), ("-0.01", -1), ("1234", 123_400), ("0", 0)] as [(String, Int64)] {
                let (bytes, cell) = sheet(.number, text)
                #expect(locale.amount(bytes.span, cell, euro).value == minor)
            }
            let (bytes, cell) = sheet(.number, "1234.5")
            #expect(locale.amount(bytes.span, cell, yen).value == nil)
        }
    }

    @Test func `a cell of the wrong kind says what the spreadsheet has made of it`() throws {
        let locale = try #require(ExportLocale.byMarketplace["US"])
        let dollar = try #require(Currency(code: "USD"))
        func words<Value>(_ reading: CellReading<Value>) -> String { if case .bad(let what, _) = reading { what } else { "" } }
        let number = sheet(.number, "45321")
        #expect(words(locale.day(number.bytes.span, number.cell)) == "is a date that a spreadsheet has turned into a number")
        let date = sheet(.date, "2026-03-01T10:20:30")
        #expect(locale.day(date.bytes.span, date.cell).value?.description == "2026-03-01")
        #expect(words(locale.amount(date.bytes.span, date.cell, dollar)) == "is a date and not an amount")
        let error = sheet(.error, "#N/A")
        #expect(words(locale.amount(error.bytes.span, error.cell, dollar)) == "is an error of a formula")
        let boolean = sheet(.boolean, "TRUE")
        #expect(words(locale.number(boolean.bytes.span, boolean.cell)) == "is not a number")
    }

    @Test(
        arguments: [
            ("\u{1}123456", "123456", true), ("\u{1}1234567890123456", nil, true), ("\u{1}1.23E+20", nil, true),
            ("\u{2}2026-03-01", nil, false),
            ("0012345", "0012345", false), ("1.23E+14", nil, false), ("\u{4}#N/A", nil, false),
        ] as [(String, String?, Bool)])
    func `a reference is kept as its digits or refused`(_ cell: String, _ value: String?, _ isNumber: Bool) throws {
        let bytes = Array("\(cell)\u{1F}x\u{1E}".utf8)
        var rows = RowReader.sheet
        #expect(try rows.next(bytes.span))
        let (reading, number) = ExportLocale.reference(bytes.span, rows, 0)
        #expect(reading.value == value)
        #expect(number == isNumber)
    }
}
