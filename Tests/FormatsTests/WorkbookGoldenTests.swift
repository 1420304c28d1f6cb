import Foundation
import Testing
import Trade

@testable import Formats

/// The workbook and the text of one export say the same.
@Suite struct WorkbookGolden {
    static let exports = DelimitedGoldenTests.exports
    static let workbooks = Workbooks(layouts: Layout.builtIn)

    /// The cells of a delimited sample.
    private func cells(_ bytes: [UInt8]) throws -> [[String]] {
        var text = bytes
        if let decoded = try PlainText.decoded(bytes.span, note: { _ in }) { text = decoded }
        let delimiter = RemittanceExport(text.span)?.rows.delimiter
        var rows = RowReader(delimiter: try #require(delimiter), position: text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        var cells: [[String]] = []
        while try rows.next(text.span) { cells.append(rows.fields.indices.map { rows.text(text.span, $0) }) }
        return cells
    }

    @Test(arguments: exports) func `a sample as a workbook of texts gives the same document`(_ file: URL) throws {
        let bytes = try TableSamples.bytes(file)
        let context = DelimitedGoldenTests.context(file)
        let book = TestWorkbook(texts: try cells(bytes)).bytes()
        let wanted = TableOutcome(VendorCentralRemittances(), bytes, context)
        let found = TableOutcome(Self.workbooks, book, context)
        try #require(found.problems.isEmpty, "\(found.problems)")
        #expect(found.json["format"] == wanted.json["format"])
        #expect(found.documents == wanted.documents)
        #expect(found.routes == wanted.routes)
        #expect(found.notes == wanted.notes.filter { $0 != "encoding" })
    }

    @Test func `numbers and dates as cells of their types give the same document`() throws {
        let payments = [
            "Payment Number", "Payment Date", "Invoice Currency", "Amount in Invoice Currency", "Payment Currency",
            "Amount in Payment Currency", "Exchange Rate", "Payment Type", "Payment Status", "Payment Voided Reason",
        ]
        let lines = [
            "Payment Number", "Invoice Number", "Invoice Date", "Description", "Invoice Amount", "Invoice Currency", "Terms Discount Taken",
            "Amount Paid", "Remaining Amount",
        ]
        let csv = """
            \(payments.joined(separator: ","))
            123456789,05/01/2024,USD,123.30,USD,123.30,,ACH,Paid,

            Invoices
            \(lines.joined(separator: ","))
            123456789,INV-1,12/01/2023,Goods,150.40,USD,0.10,150.30,0.00
            123456789,INV-1SC,12/02/2023,Shortage,-27.00,USD,0.00,-27.00,0.00

            """
        func row(_ captions: [String]) -> String {
            "<row>" + captions.map { "<c t=\"inlineStr\"><is><t>\($0)</t></is></c>" }.joined() + "</row>"
        }
        func text(_ text: String) -> String { text.isEmpty ? "<c/>" : "<c t=\"inlineStr\"><is><t>\(text)</t></is></c>" }
        func number(_ text: String) -> String { "<c><v>\(text)</v></c>" }
        func date(_ serial: Int) -> String { "<c s=\"1\"><v>\(serial)</v></c>" }
        let rows = [
            row(payments),
            "<row>" + number("123456789") + date(45413) + text("USD") + number("123.3") + text("USD") + number("123.30000000000001")
                + text("") + text("ACH") + text("Paid")
                + text("") + "</row>",
            "<row/>", row(["Invoices"]), row(lines),
            "<row>" + number("123456789") + text("INV-1") + date(45261) + text("Goods") + number("150.4") + text("USD") + number("0.1")
                + number("150.3") + number("0") + "</row>",
            "<row>" + number("1.23456789E8") + text("INV-1SC") + date(45262) + text("Shortage") + number("-27") + text("USD") + number("0")
                + number("-2.7E1") + number("0")
                + "</row>",
        ]
        let context = ReadingContext(marketplace: "US")
        let wanted = TableOutcome(VendorCentralRemittances(), Array(csv.utf8), context)
        let found = TableOutcome(Self.workbooks, TestWorkbook(rows.joined(), styles: WorkbookCells.styles).bytes(), context)
        try #require(wanted.problems.isEmpty && found.problems.isEmpty, "\(wanted.problems)\(found.problems)")
        #expect(found.documents == wanted.documents)
        #expect(found.lines.count == 2)
    }

    static let samples = TableSamples.files(in: TableSamples.samples.appendingPathComponent("workbook")).filter {
        $0.pathExtension == "xlsx"
    }

    /// `REMITD_GOLDEN=write` writes them anew.
    @Test(arguments: samples) func `a sample workbook reads as its golden file says`(_ file: URL) throws {
        let outcome = TableOutcome(
            Self.workbooks, try TableSamples.bytes(file), name: file.lastPathComponent, DelimitedGoldenTests.context(file))
        try #require(outcome.problems.isEmpty, "\(outcome.problems)")
        let golden = file.appendingPathExtension("json")
        if ProcessInfo.processInfo.environment["REMITD_GOLDEN"] == "write" { try Data((outcome.text + "\n").utf8).write(to: golden) }
        #expect(outcome.text + "\n" == String(decoding: try TableSamples.bytes(golden), as: UTF8.self))
    }

    /// One was saved as Vendor Central writes it, the other typed by a spreadsheet program, strict, with days from 1904.
    @Test func `the sample workbooks say what the text of the same export says`() throws {
        let text = try #require(Self.exports.first { $0.lastPathComponent == "us-claims.csv" })
        let wanted = TableOutcome(VendorCentralRemittances(), try TableSamples.bytes(text), Self.us)
        #expect(Self.samples.count >= 2)
        for file in Self.samples where file.lastPathComponent.hasPrefix("us-") {
            let found = TableOutcome(Self.workbooks, try TableSamples.bytes(file), Self.us)
            #expect(found.documents == wanted.documents, "\(file.lastPathComponent)")
            #expect(found.routes == wanted.routes)
        }
    }

    // MARK: Sheets

    private func remittance() throws -> [[String]] {
        try cells(TableSamples.bytes(#require(Self.exports.first { $0.lastPathComponent == "us-claims.csv" })))
    }
    private static let us = ReadingContext(marketplace: "US")

    private func rows(_ texts: [[String]]) -> String {
        TestWorkbook(texts: texts).parts.last?.text.components(separatedBy: "<sheetData>").last?.components(separatedBy: "</sheetData>")
            .first ?? ""
    }

    @Test func `sheets beside a known one are noted, hidden ones are read and noted`() throws {
        var book = TestWorkbook(sheets: [("Read me", rows([["Hello"]])), ("Empty", ""), ("Data", rows(try remittance()))])
        book.replace("xl/workbook.xml") { $0.replacing("name=\"Data\"", with: "name=\"Data\" state=\"hidden\"") }
        let found = TableOutcome(Self.workbooks, book.bytes(), Self.us)
        try #require(found.problems.isEmpty, "\(found.problems)")
        #expect(found.notes.filter { $0.hasPrefix("sheet-") }.sorted() == ["sheet-hidden", "sheet-unknown"])
        #expect(!found.documents.isEmpty)
    }

    @Test func `a problem in one of several sheets names the sheet and its row`() throws {
        var broken = try remittance()
        let header = try #require(broken.firstIndex { $0.contains("Payment Date") })
        broken[header + 1][1] = "yesterday"
        let book = TestWorkbook(sheets: [("Good", rows(try remittance())), ("Bad", rows(broken))])
        let found = TableOutcome(Self.workbooks, book.bytes(), Self.us)
        #expect(found.problems.first?.description.hasPrefix("row \(header + 2), column 2: sheet \"Bad\": ") == true, "\(found.problems)")
    }

    @Test func `a workbook that nothing is known of says what is in it`() {
        let unknown = TableOutcome(Self.workbooks, TestWorkbook(texts: [[], ["Colour", "Shape"], ["red", "round"]]).bytes())
        #expect(
            unknown.problems.first?.what
                == "no sheet has the captions of a known export; the sheet \"Sheet1\" starts row 2: \"Colour\", \"Shape\"; row 3: \"red\", \"round\""
        )
        let empty = TableOutcome(Self.workbooks, TestWorkbook("<row/><row><c/></row>").bytes())
        #expect(empty.problems.first?.what == "the workbook has no cells with anything in them")
    }

    // MARK: Other Office files

    @Test func `Office files that are no workbook are refused in their own words`() {
        func ole(_ stream: String) -> [UInt8] {
            OfficeFile.mark + [UInt8](repeating: 0, count: 504) + stream.utf8.flatMap { [$0, 0] as [UInt8] }
                + [UInt8](repeating: 0, count: 512)
        }
        func zip(_ entries: TestZip.Entry...) -> [UInt8] { TestZip(entries: entries).bytes() }
        var word = TestWorkbook("")
        word.replace("_rels/.rels") { $0.replacing("xl/workbook.xml", with: "word/document.xml") }
        word.parts.append(("word/document.xml", "<a/>"))
        var binary = TestWorkbook("")
        binary.replace("_rels/.rels") { $0.replacing("xl/workbook.xml", with: "xl/workbook.bin") }
        for (bytes, words) in [
            (ole("EncryptedPackage"), "encrypted with a password"), (ole("Workbook"), "old Excel workbook"),
            (ole("Book"), "old Excel workbook"),
            (ole("__properties_version1.0"), "Outlook message"), (ole("WordDocument"), "an old Office file"),
            (OfficeFile.mark, "an old Office file"),
            (zip(.init("mimetype", Array("application/vnd.oasis.opendocument.spreadsheet".utf8))), "OpenDocument spreadsheet"),
            (zip(.init("mimetype", Array("application/vnd.oasis.opendocument.text".utf8))), "OpenDocument file"),
            (word.bytes(), "a Word document"), (zip(.init("ppt/x.xml", [1])), "an Office file, not a workbook"),
            (binary.bytes(), "binary workbook"),
            (Array("plain".utf8), "no ZIP archive"),
        ] {
            let found = TableOutcome(Self.workbooks, bytes).problems
            #expect(found.count == 1 && found[0].what.contains(words), "\(words): \(found)")
            if words != "no ZIP archive" {
                #expect(
                    Self.workbooks.claim(FileHead(name: "f", bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)) != nil,
                    "\(words)")
            }
        }
    }

    // MARK: The generated worlds

    static let worlds: [URL] = ["world-a", "world-c"].flatMap { world in
        let days = TableSamples.shared.appendingPathComponent("\(world)/days")
        return TableSamples.files(in: days).flatMap { TableSamples.files(in: $0) }.filter { $0.pathExtension == "xlsx" }
    }

    @Test(.enabled(if: TableSamples.hasShared, "no ../shared")) func `workbooks of the generated worlds are read, broken ones refused`()
        throws
    {
        #expect(Self.worlds.count > 20)
        for file in Self.worlds {
            let bytes = try TableSamples.bytes(file)
            let head = FileHead(name: file.lastPathComponent, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            let claims = Formats.standard.all.filter { $0.claim(head) != nil }.map(\.name)
            #expect(claims == ["workbook"], "\(file.path)")
            #expect(Formats.standard.containers.allSatisfy { $0.claim(head) == nil })
            let marketplace = file.path.contains("/world-a/") ? "US" : "DE"
            let found = TableOutcome(Self.workbooks, bytes, ReadingContext(marketplace: marketplace))
            if file.lastPathComponent.contains("broken") {
                #expect(found.problems.map(\.kind) == [.incomplete], "\(found.problems)")
            } else {
                #expect(found.problems.isEmpty && !found.lines.isEmpty, "\(file.path): \(found.problems)")
                #expect(found.footings.allSatisfy { $0 == 0 || $0 == nil }, "\(file.path): \(found.footings)")
            }
        }
    }
}
