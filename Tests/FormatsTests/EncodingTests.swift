import Foundation
import Testing
import Trade

@testable import Formats

/// Encodings, line ends and cells of a sheet, asked through whole exports.
struct EncodingTests {
    private static let plain = Export.text(
        Export.payment(total: "12.50"), Export.line(text: "für Café", paid: "10.00") + Export.line(text: "Zoë", paid: "2.50"))

    private func read(_ bytes: [UInt8], marketplace: String? = "US") -> TableOutcome {
        TableOutcome(VendorCentralRemittances(), bytes, ReadingContext(marketplace: marketplace))
    }

    private static func utf16(_ text: String, isBigEndian: Bool, mark: Bool) -> [UInt8] {
        ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit -> [UInt8] in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 255))
            return isBigEndian ? [high, low] : [low, high]
        }
    }

    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func `UTF-16 of either byte order is read with and without its mark`(_ isBigEndian: Bool, _ mark: Bool) {
        let outcome = read(Self.utf16(Self.plain + "\n", isBigEndian: isBigEndian, mark: mark))
        #expect(outcome.lines.map { $0["text"]?.string } == ["für Café", "Zoë"])
        #expect(outcome.notes == ["encoding"])
        let bytes = Self.utf16(Self.plain, isBigEndian: isBigEndian, mark: mark)
        #expect(VendorCentralRemittances().claim(FileHead(name: "x", bytes: bytes, size: bytes.count)) != nil)
    }

    @Test func `half a character of UTF-16 is refused with its byte`() {
        var bytes = Self.utf16(Self.plain, isBigEndian: false, mark: true)
        bytes[40] = 0x00
        bytes[41] = 0xD8
        #expect(read(bytes).problems.first?.at == .byte(40))
        #expect(read(Array(bytes.dropLast())).problems.first?.at == .byte(40))
    }

    @Test func `Windows-1252 is read where nothing else is said`() throws {
        let bytes = Self.plain.unicodeScalars.map { UInt8($0.value) }
        let outcome = read(bytes)
        #expect(outcome.lines.map { $0["text"]?.string } == ["für Café", "Zoë"])
        #expect(outcome.json["notes"]?.array?.first?["text"]?.string == "the file is not UTF-8 and was read as Windows-1252")
    }

    /// 短缺 in GB 18030, 不足 in Shift_JIS, and a four-byte character of GB 18030 (U+1F600).
    @Test(
        arguments: [
            ("CN", [0xB6, 0xCC, 0xC8, 0xB1], "短缺", "GB18030"), ("CN", [0x94, 0x39, 0xFC, 0x36], "\u{1F600}", "GB18030"),
            ("JP", [0x95, 0x73, 0x91, 0xAB], "不足", "Shift_JIS"), ("JP", [0x83, 0x5C, 0x83, 0x7C], "ソポ", "Shift_JIS"),
        ] as [(String, [UInt8], String, String)])
    func `the marketplace says which encoding of the East it is`(_ marketplace: String, _ bytes: [UInt8], _ text: String, _ name: String) {
        let date = "2025/01/31"
        let export = Export.text(
            Export.payment(date: date, total: "12"), Export.line(date: date, text: "@", paid: "12"))
        let whole = export.utf8.flatMap { $0 == 64 ? bytes : [$0] }
        let outcome = read(whole, marketplace: marketplace)
        #expect(outcome.lines.first?["text"]?.string == text)
        #expect(outcome.json["notes"]?.array?.first?["text"]?.string?.hasSuffix(name) == true)
    }

    @Test func `an encoding under which captions are known is taken against the marketplace`() throws {
        let file = TableSamples.samples.appendingPathComponent("settlements/jp-date-range-sjis.csv")
        for marketplace in ["US", "CN", "DE"] {
            let outcome = TableOutcome(SellerSettlements(), try TableSamples.bytes(file), ReadingContext(marketplace: marketplace))
            #expect(outcome.lines.first?["type"]?.string == "注文")
        }
    }

    @Test func `bytes that mean nothing in any encoding are refused`() {
        let bytes = Array(Self.plain.utf8.map { $0 == UInt8(ascii: "Z") ? 0xFF : $0 }) + [0x81, 0x0A]
        #expect(read(bytes).problems.first?.advice == "save it as UTF-8")
    }

    @Test(arguments: [0x00, 0x01, 0x08, 0x1B, 0x1E, 0x1F] as [UInt8]) func `a control character is refused with its byte`(_ code: UInt8) {
        var bytes = Array(Self.plain.utf8)
        bytes[100] = code
        #expect(read(bytes).problems.first?.at == .byte(100))
    }

    /// Unicode, table 3-7: overlong forms and halves of UTF-16 are no UTF-8.
    @Test(
        arguments: [[0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80], [0xC3]]
            as [[UInt8]])
    func `what only looks like UTF-8 is not taken for it`(_ bytes: [UInt8]) {
        #expect(PlainText.check(bytes.span, truncated: false) == .other)
    }

    @Test func `line ends may be mixed, and a pipe may separate`() {
        let text = Self.plain.replacing(",", with: "|").split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
            index, line in
            line + ["\n", "\r\n", "\r"][index % 3]
        }.joined()
        #expect(read(Array(text.utf8)).lines.map { $0["net"]?.string } == ["10.00", "2.50"])
    }

    // MARK: Rows

    private func cells(_ text: String, _ reader: RowReader) throws -> [[String]] {
        var rows = reader
        var found: [[String]] = []
        let bytes = Array(text.utf8)
        while try rows.next(bytes.span) { found.append(rows.fields.indices.map { rows.text(bytes.span, $0) }) }
        return found
    }

    @Test func `a row read eight bytes at a time is the row read byte by byte`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        for _ in 0..<2_000 {
            let length = Int.random(in: 0...60, using: &random)
            let letters = Array("abc,,\"\n\r;1 ü")
            let text = String((0..<length).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
            let expected = Self.plainly(text)
            let found = try? cells(text, RowReader(delimiter: 44))
            #expect(found == expected, "\(text.debugDescription)")
        }
    }

    /// RFC 4180 character by character; nil for what is refused.
    private static func plainly(_ text: String) -> [[String]]? {
        let bytes = Array(text.utf8)
        var rows: [[String]] = []
        var index = 0
        while index < bytes.count {
            var row: [String] = []
            while true {
                var field: [UInt8] = []
                if index < bytes.count, bytes[index] == 34 {
                    index += 1
                    while true {
                        guard index < bytes.count else { return nil }
                        if bytes[index] == 34 {
                            index += 1
                            guard index < bytes.count, bytes[index] == 34 else { break }
                        }
                        field.append(bytes[index])
                        index += 1
                    }
                    guard index == bytes.count || [44, 10, 13].contains(bytes[index]) else { return nil }
                } else {
                    while index < bytes.count, ![44, 10, 13].contains(bytes[index]) {
                        field.append(bytes[index])
                        index += 1
                    }
                }
                let span = field.span
                row.append(span.text(Blank.trimmed(span, field.indices)))
                guard index < bytes.count else { break }
                let end = bytes[index]
                index += 1
                if end == 44 { continue }
                if end == 13, index < bytes.count, bytes[index] == 10 { index += 1 }
                break
            }
            rows.append(row)
        }
        return rows
    }

    @Test func `a sheet's rows and cells are cut at their own marks only`() throws {
        let text = "a,b\u{1F}\"c\nd\u{1F}\u{1E}\u{1E}\u{1}12.5\u{1F}\u{2}2026-03-01\u{1F}\u{3}TRUE\u{1F}\u{4}#N/A\u{1E}"
        let found = try cells(text, .sheet)
        #expect(found == [["a,b", "\"c\nd", ""], [""], ["12.5", "2026-03-01", "TRUE", "#N/A"]])
    }

    /// The same remittances as text and as the sheet of a workbook, whose numbers and dates are typed or text.
    @Test func `the sheet of an export reads like its text`() throws {
        let text = Export.text(
            Export.payment(date: "03/16/2025", total: "1198.40"),
            Export.line(date: "03/01/2025", gross: "1,200.00", discount: "1.60", paid: "1198.40"))
        let expected = read(Array(text.utf8)).text
        var typed = text.replacing("\"", with: "").replacing("1,200.00", with: "1200.00").replacing(",", with: "\u{1F}").replacing(
            "\n", with: "\u{1E}")
        for isTyped in [false, true] {
            if isTyped {
                for (plain, cell) in [
                    ("1198.40", "\u{1}1198.4"), ("1200.00", "\u{1}1200"), ("1.60", "\u{1}1.6"), ("03/16/2025", "\u{2}2025-03-16"),
                    ("03/01/2025", "\u{2}2025-03-01T00:00:00"),
                ] { typed = typed.replacing(plain, with: cell) }
            }
            let bytes = Array(typed.utf8)
            #expect(VendorCentralRemittances().claim(sheet: bytes.span) != nil)
            var recorder = Recorder(name: "file")
            let format = try VendorCentralRemittances().read(sheet: bytes.span, context: ReadingContext(marketplace: "US"), into: &recorder)
            #expect(recorder.canonical.finish(format: format) == expected)
        }
    }

    @Test func `a sheet whose dates became numbers says so`() throws {
        let text = Export.text(Export.payment(total: "1.00"), Export.line(date: "@", paid: "1.00"))
        let bytes = Array(text.replacing("@", with: "\u{1}45321").replacing(",", with: "\u{1F}").replacing("\n", with: "\u{1E}").utf8)
        var recorder = Recorder(name: "file")
        do throws(ReadFailure) {
            _ = try VendorCentralRemittances().read(sheet: bytes.span, context: ReadingContext(marketplace: "US"), into: &recorder)
            Issue.record("it was read")
        } catch {
            guard case .rejected(let problems) = error else { throw error }
            #expect(problems.first?.what == "\"45321\" in \"Invoice Date\" is a date that a spreadsheet has turned into a number")
        }
    }

    // MARK: Bounds

    @Test func `a line without an end, and a quote without its other, cost no more than their bound`() {
        let line = Array((Self.plain).utf8) + Array(repeating: UInt8(ascii: "x"), count: 64 << 20)
        #expect(read(line).problems.map(\.kind) == [.tooLarge])
        let quote = Array((Self.plain + "100,\"").utf8) + Array(repeating: UInt8(ascii: "x"), count: 64 << 20)
        #expect(read(quote).problems.map(\.kind) == [.tooLarge])
        let wide = Array((Self.plain).utf8) + Array(repeating: UInt8(ascii: ","), count: 1 << 20)
        #expect(read(wide).problems.map(\.kind) == [.tooLarge])
    }
}
