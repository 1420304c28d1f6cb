import Testing
import Trade

@testable import Formats

/// Bombs, lies and noise: one clear line each, in bounded memory and time.
@Suite struct WorkbookGarbage {
    private func refusal(_ bytes: [UInt8], limit: Int = SheetBounds.table) -> Problem? {
        problems { _ = try TestWorkbook.tables(bytes, limit: limit) }.first
    }
    private func refusal(_ book: TestWorkbook) -> Problem? { refusal(book.bytes()) }

    private static let row = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>"

    private func withSheet(_ change: (String) -> String) -> TestWorkbook {
        var book = TestWorkbook(Self.row, strings: ["<t>x</t>"])
        book.replace("xl/worksheets/sheet1.xml", change)
        return book
    }

    // MARK: XML

    static let parts = [
        "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml",
    ]

    @Test(arguments: parts) func `no part may declare a document type`(_ part: String) {
        let laughs =
            "<!DOCTYPE x [<!ENTITY a \"ha\">"
            + (1...9).map { "<!ENTITY a\($0) \"\(String(repeating: "&a\($0 == 1 ? "" : "\($0 - 1)");", count: 10))\">" }.joined()
            + "]>"
        let quadratic = "<!DOCTYPE x [<!ENTITY a \"\(String(repeating: "a", count: 100_000))\">]>"
        let outside = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">"
        for doctype in [laughs, quadratic, outside, "<!DOCTYPE x>"] {
            var book = TestWorkbook(Self.row, strings: ["<t>&a9;</t>"], styles: "<a/>")
            if doctype == "<!DOCTYPE x>" || part != "xl/sharedStrings.xml" {
                book.replace("xl/sharedStrings.xml") { $0.replacing("&a9;", with: "x") }
            }
            book.replace(part) { $0.replacing("?>\n", with: "?>\n" + doctype) }
            #expect(refusal(book)?.what.contains("declares a document type") == true, "\(part)")
        }
    }

    @Test(arguments: parts) func `elements nested a hundred thousand deep are refused`(_ part: String) {
        var book = TestWorkbook(Self.row, strings: ["<t>x</t>"], styles: "<a/>")
        book.replace(part) { text in
            text.replacing(
                "</", with: String(repeating: "<x>", count: 100_000) + String(repeating: "</x>", count: 100_000) + "</", maxReplacements: 1)
        }
        #expect(refusal(book)?.what.contains("nested more than 64 deep") == true)
    }

    @Test func `a tag, a comment, an instruction of megabytes is refused`() {
        let long = String(repeating: "a", count: 3 << 20)
        for markup in [
            "<c x=\"\(long)\"/>", "<!--\(long)-->", "<?x \(long)?>", "<\(long)/>",
            "<c " + (0..<300_000).map { "a\($0)=\"\"" }.joined(separator: " ") + "/>",
        ] {
            let found = refusal(withSheet { $0.replacing("<c r", with: markup + "<c r") })
            #expect(found?.what.contains("a tag of more than") == true, "\(markup.prefix(10)): \(String(describing: found))")
        }
    }

    @Test func `texts beyond a cell's size are refused`() {
        let long = String(repeating: "x", count: SheetBounds.cell + 1)
        #expect(
            refusal(TestWorkbook(Self.row, strings: ["<t>a</t>", "<t>\(long)</t>"]))?.what.contains(
                "the text number 1 of the workbook has more than") == true)
        #expect(refusal(TestWorkbook(texts: [[long]]))?.description.hasPrefix("row 1, column 1: a cell with more than") == true)
        #expect(refusal(TestWorkbook("<row><c><v>\(long)</v></c></row>"))?.kind == .tooLarge)
    }

    @Test func `a shared text repeated without end is refused by its bytes`() {
        let long = String(repeating: "x", count: SheetBounds.cell)
        let row = "<row>" + String(repeating: "<c t=\"s\"><v>0</v></c>", count: 100) + "</row>"
        #expect(refusal(TestWorkbook(row, strings: ["<t>\(long)</t>"]).bytes(), limit: 8 << 20)?.what.contains("bytes of text") == true)
    }

    @Test(arguments: ["2147483648", "99999999999999999999", "1048577", "0", "-1", "", "1e3"])
    func `row numbers that no spreadsheet has are refused`(_ row: String) {
        #expect(refusal(TestWorkbook("<row r=\"\(row)\"><c><v>1</v></c></row>"))?.kind == .tooLarge)
    }

    @Test func `the last row and column are read, and no further ones`() throws {
        let last = try TestWorkbook("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>").table()
        #expect(last.utf8.count == 1_048_575 + 16_383 + 3)
        #expect(refusal(TestWorkbook("<row r=\"1048576\"/><row/>"))?.what.contains("more than 1048576 rows") == true)
        #expect(refusal(TestWorkbook("<row><c r=\"XFD1\"/><c/></row>"))?.what.contains("more than 16384 columns") == true)
    }

    @Test func `rows that leap to and fro are refused before they fill the memory`() {
        let rows = (0..<20).map { "<row r=\"\($0 + 1)\"><c><v>1</v></c></row><row r=\"\(1_048_576 - $0)\"><c><v>1</v></c></row>" }
            .joined()
        #expect(refusal(TestWorkbook(rows).bytes(), limit: 8 << 20)?.what.contains("bytes of text") == true)
    }

    @Test func `a sheet from its last row to its first is put in order in time`() throws {
        let rows = (1...30_000).reversed().map { "<row r=\"\($0)\"><c><v>\($0)</v></c></row>" }.joined()
        #expect(try TestWorkbook(rows).table() == (1...30_000).map { "#\($0)\n" }.joined())
    }

    @Test func `a text number that is not there is refused`() {
        for number in ["1", "-1", "x", "99999999999999999999", "1.5"] {
            let found = refusal(TestWorkbook("<row r=\"2\"><c t=\"s\"><v>\(number)</v></c></row>", strings: ["<t>a</t>"]))
            #expect(found?.description.hasPrefix("row 2, column 1: the cell names text number") == true, "\(number)")
        }
    }

    @Test func `merged areas without end are refused`() {
        func book(_ merges: String) -> TestWorkbook {
            withSheet { $0.replacing("</sheetData>", with: "</sheetData><mergeCells>\(merges)</mergeCells>") }
        }
        #expect(refusal(book(String(repeating: "<mergeCell ref=\"A1:A2\"/>", count: 100_001)))?.kind == .tooLarge)
        #expect(refusal(book(String(repeating: "<mergeCell ref=\"A1:A9\"/>", count: 2_000)))?.what.contains("reach over one row") == true)
        #expect(refusal(book("<mergeCell ref=\"A9:A1\"/><mergeCell ref=\"x\"/><mergeCell/><mergeCell ref=\":\"/>")) == nil)
    }

    @Test func `XML that is none is refused with part and line`() {
        #expect(
            refusal(withSheet { $0.replacing("</sheetData>", with: "\n</sheetDat>") })?.what
                == "\"xl/worksheets/sheet1.xml\" in the workbook is no XML, line 3: mismatched tag")
        for broken in ["", "x", "<a>", "<a></a><b/>", "<a>&nbsp;</a>", "<a>\u{1}</a>", "<?xml version=\"1.0\" encoding=\"klingon\"?><a/>"] {
            #expect(refusal(withSheet { _ in broken })?.what.contains("is no XML") == true, "\(broken)")
        }
    }

    // MARK: Parts

    @Test func `sheets are found however their parts are named`() throws {
        var book = TestWorkbook("<row><c t=\"s\"><v>0</v></c></row>", strings: ["<t>x</t>"])
        book.replace("_rels/.rels") { $0.replacing("\"xl/workbook.xml\"", with: "\"/Book/Main.XML\"") }
        book.replace("xl/_rels/workbook.xml.rels") {
            $0.replacing("worksheets/sheet1.xml", with: "/book/Sheets\\The%20first.xml").replacing(
                "\"sharedStrings.xml\"", with: "\"../texts/./s.xml\""
            )
            .replacing(TestWorkbook.relationships, with: "http://purl.oclc.org/ooxml/officeDocument/relationships")
        }
        let names = [
            "xl/workbook.xml": "Book/main.xml", "xl/_rels/workbook.xml.rels": "book\\_rels\\main.xml.rels",
            "xl/worksheets/sheet1.xml": "Book/Sheets/The first.xml", "xl/sharedStrings.xml": "texts/s.xml",
        ]
        for index in book.parts.indices { book.parts[index].name = names[book.parts[index].name] ?? book.parts[index].name }
        book.replace("Book/main.xml") {
            $0.replacing(TestWorkbook.main, with: "http://purl.oclc.org/ooxml/spreadsheetml/main").replacing("r:id", with: "q:id")
                .replacing("xmlns:r", with: "xmlns:q")
        }
        book.replace("Book/Sheets/The first.xml") {
            $0.replacing("<", with: "<x:").replacing("<x:/", with: "</x:").replacing("<x:?", with: "<?").replacing(
                "xmlns=", with: "xmlns:x=")
        }
        #expect(try book.table() == "x\n")
    }

    @Test(arguments: ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"])
    func `a part that is missing is refused`(_ part: String) {
        var book = TestWorkbook(Self.row, strings: ["<t>x</t>"])
        book.parts.removeAll { $0.name == part }
        #expect(refusal(book)?.kind == .malformed)
    }

    @Test func `two parts of one name are refused`() {
        var zip = TestWorkbook(Self.row, strings: ["<t>x</t>"]).zip()
        zip.entries.append(.init("XL/worksheets\\sheet1.xml", [1]))
        #expect(refusal(zip.bytes())?.what.contains("two parts of the workbook are called") == true)
    }

    @Test func `a bomb in any part is refused`() {
        var zip = TestWorkbook(Self.row, strings: ["<t>x</t>"]).zip()
        zip.entries.append(.init("xl/media/image1.png", bomb: 0, count: 100 << 20))
        #expect(refusal(zip.bytes())?.kind == .tooLarge)
        // a sheet of blanks that says it is small
        var lying = TestWorkbook(Self.row, strings: ["<t>x</t>"]).zip()
        lying.entries.removeAll { $0.name == Array("xl/worksheets/sheet1.xml".utf8) }
        var bomb = TestZip.Entry("xl/worksheets/sheet1.xml", bomb: 32, count: 50 << 20)
        bomb.size = 2000
        lying.entries.append(bomb)
        #expect(refusal(lying.bytes())?.kind == .malformed)
    }

    @Test func `an encrypted part is refused with what to do`() {
        var zip = TestWorkbook(Self.row, strings: ["<t>x</t>"]).zip()
        for index in zip.entries.indices { zip.entries[index].flags = 1 }
        #expect(refusal(zip.bytes())?.description.hasSuffix("is encrypted; send it without a password") == true)
    }

    @Test func `a workbook that is cut off is refused at every length`() {
        var book = TestWorkbook(texts: (0..<40).map { ["row \($0)", "\($0 * 7)", "x"] })
        book.isDeflated = true
        for bytes in [book.bytes(), TestWorkbook(Self.row, strings: ["<t>x</t>"]).bytes()] {
            for cut in stride(from: 4, to: bytes.count, by: 97) { #expect(refusal(Array(bytes[..<cut]))?.kind == .incomplete, "\(cut)") }
            #expect(refusal(bytes) == nil)
        }
    }

    @Test func `bits turned over at random never crash the reading`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        var book = TestWorkbook(
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>45292.5</v></c><c r=\"C1\" t=\"inlineStr\"><is><t>_x000D_</t></is></c></row>"
                + "<row r=\"3\"><c r=\"A3\"><v>1.5E+3</v></c><c r=\"B3\" t=\"b\"><v>1</v></c></row>", strings: ["<t>x</t>"],
            styles: WorkbookCells.styles)
        book.replace("xl/worksheets/sheet1.xml") {
            $0.replacing("</sheetData>", with: "</sheetData><mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells>")
        }
        let stored = book.bytes()
        book.isDeflated = true
        let deflated = book.bytes()
        var read = 0
        for round in 0..<2_000 {
            var bytes = round % 4 == 0 ? deflated : stored
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            let found = problems { _ = try TestWorkbook.tables(bytes) }
            if found.isEmpty { read += 1 }
            for problem in found { #expect(!problem.description.contains("\n")) }
        }
        #expect(read < 2_000)
    }

    @Test func `characters changed in the XML never crash the reading`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        let interesting = Array("<>/\"=&; 0123456789EeAZrstv.-_x\n".utf8)
        for _ in 0..<1_000 {
            var book = TestWorkbook(
                "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>45292.5</v></c><c t=\"d\"><v>2024-01-05T10:00:00</v></c></row>"
                    + "<row r=\"2\"><c t=\"str\"><f>1</f><v>_x0041_</v></c><c s=\"3\"><v>12</v></c></row>", strings: ["<t>x</t>"],
                styles: WorkbookCells.styles)
            let part = Int.random(in: 0..<book.parts.count, using: &random)
            var text = Array(book.parts[part].text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                text[Int.random(in: 0..<text.count, using: &random)] = interesting.randomElement(using: &random) ?? 0
            }
            book.parts[part].text = String(decoding: text, as: UTF8.self)
            for problem in problems({ _ = try book.tables() }) { #expect(!problem.description.contains("\n")) }
        }
    }
}
