import Foundation
import Testing
import Trade

@testable import Formats

/// Seller settlements: the project's own samples with their golden files, and what others published, where it lies beside the package.
struct SettlementTests {
    static let samples = TableSamples.files(in: TableSamples.samples.appendingPathComponent("settlements")).filter {
        $0.pathExtension != "json"
    }

    private func read(_ text: String, marketplace: String? = nil, currency: Currency? = nil) -> TableOutcome {
        TableOutcome(SellerSettlements(), text, marketplace: marketplace, currency: currency)
    }

    private static func text(_ name: String) throws -> String {
        String(decoding: try TableSamples.bytes(TableSamples.samples.appendingPathComponent("settlements/\(name)")), as: UTF8.self)
    }

    @Test(arguments: samples) func `a sample settlement reads as its golden file says`(_ file: URL) throws {
        let marketplace = String(file.lastPathComponent.prefix(2)).uppercased()
        let outcome = TableOutcome(
            SellerSettlements(), try TableSamples.bytes(file), name: file.lastPathComponent, ReadingContext(marketplace: marketplace))
        try #require(outcome.problems.isEmpty, "\(outcome.problems)")
        let golden = file.appendingPathExtension("json")
        if ProcessInfo.processInfo.environment["REMITD_GOLDEN"] == "write" { try Data((outcome.text + "\n").utf8).write(to: golden) }
        #expect(outcome.text + "\n" == String(decoding: try TableSamples.bytes(golden), as: UTF8.self))
    }

    @Test(arguments: samples) func `the account's marketplace does not change how a settlement is read`(_ file: URL) throws {
        let bytes = try TableSamples.bytes(file)
        let own = String(file.lastPathComponent.prefix(2)).uppercased()
        let documents = TableOutcome(SellerSettlements(), bytes, ReadingContext(marketplace: own)).documents
        for other in ["US", "DE"] {
            #expect(TableOutcome(SellerSettlements(), bytes, ReadingContext(marketplace: other)).documents == documents)
        }
    }

    @Test(arguments: samples) func `each settlement is claimed by its own format only`(_ file: URL) throws {
        let bytes = try TableSamples.bytes(file)
        let head = FileHead(name: file.lastPathComponent, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
        #expect(Formats.standard.all.filter { $0.claim(head) != nil }.map(\.name) == ["seller-settlements"])
    }

    @Test(arguments: samples) func `every prefix of a settlement gives documents or problems with a place`(_ file: URL) throws {
        let bytes = try TableSamples.bytes(file)
        var incomplete = 0
        for cut in stride(from: 0, to: bytes.count, by: 7) {
            let outcome = TableOutcome(SellerSettlements(), Array(bytes[..<cut]), ReadingContext(marketplace: "US"))
            if outcome.problems.contains(where: { $0.kind == .incomplete }) { incomplete += 1 }
            for problem in outcome.problems { #expect(!problem.description.isEmpty) }
        }
        #expect(incomplete > 0)
    }

    @Test func `several settlements in one file are several documents`() throws {
        let outcome = read(try Self.text("us-v1.txt"))
        #expect(outcome.documents.map { $0["id"]?.string } == ["90000000001", "90000000002"])
        #expect(outcome.documents.map { $0["total"]?.string } == ["-12.34", "72.34"])
        #expect(outcome.notes.isEmpty)
        for document in outcome.documents {
            #expect(cents(document["lines"]?.array?.map { $0["amount"]?.string } ?? []) == cents([document["total"]?.string]))
        }
    }

    @Test func `amounts that do not come to the total are noted with the difference`() throws {
        let text = try Self.text("us-v1.txt").replacing("-5.25", with: "-5.35")
        let notes = read(text).json["notes"]?.array ?? []
        #expect(notes.count == 1)
        #expect(notes.first?["code"]?.string == "settlement-unbalanced")
        #expect(notes.first?["text"]?.string?.hasSuffix("come to -12.44 and not to its total, -12.34; the difference is -0.10") == true)
    }

    @Test func `a new column of amounts is counted, and told`() throws {
        let text = try Self.text("us-v1.txt").split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            line.isEmpty ? "" : line + (index == 0 ? "\tregulatory-fee-amount" : index == 3 ? "\t-1.00" : "\t")
        }.joined(separator: "\n")
        let outcome = read(text)
        #expect(outcome.notes.sorted() == ["column-added", "settlement-unbalanced"])
        #expect(outcome.lines.contains { $0["description"]?.string == "regulatory fee" && $0["amount"]?.string == "-1.00" })
    }

    @Test(arguments: ["price-amount", "total-amount", "settlement-id"]) func `a settlement that lost a needed column has changed`(
        _ column: String
    ) throws {
        let outcome = read(try Self.text("us-v1.txt").replacing(column, with: "wert"))
        #expect(outcome.problems.map(\.kind) == [.changed])
        #expect(outcome.problems.first?.missing == [column])
        #expect(outcome.problems.first?.added == ["wert"])
    }

    @Test func `a settlement cut inside is incomplete`() throws {
        let text = try Self.text("us-v1.txt")
        let cut = String(text.prefix(while: { _ in true }).dropLast(40))
        #expect(read(cut).problems.map(\.kind) == [.incomplete])
    }

    @Test func `two totals of one settlement contradict each other`() throws {
        let text = try Self.text("us-v1.txt").replacing("90000000002", with: "90000000001")
        #expect(read(text).problems.first?.what.contains("is another total of the same settlement") == true)
    }

    @Test func `deferred rows belong to no settlement and are marked`() throws {
        let outcome = read(try Self.text("ca-date-range.csv"))
        #expect(outcome.documents.map { $0["id"]?.string } == ["90000000006", nil])
        #expect(outcome.documents[1]["lines"]?.array?.map { $0["status"]?.string } == ["Deferred"])
        #expect(outcome.notes == ["settlement-unbalanced"])
        #expect(outcome.json["notes"]?.array?.first?["at"]?.string == "row 8, column 25")
    }

    @Test func `a date-range report without a currency takes the account's with a note`() throws {
        let text = try Self.text("ca-date-range.csv").replacing("All amounts in CAD, unless specified", with: "x")
            .replacing("amazon.ca", with: "elsewhere")
        #expect(read(text, currency: Currency(code: "USD")).documents.first?["currency"]?.string == "USD")
        #expect(read(text, currency: Currency(code: "USD")).notes.contains("currency-assumed"))
    }

    @Test func `a sheet of a workbook reads like the text`() throws {
        for name in ["us-v1.txt", "uk-v2.txt"] {
            var text = try Self.text(name)
            if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
            let sheet = Array(text.replacing("\t", with: "\u{1F}").replacing("\n", with: "\u{1E}").utf8)
            #expect(SellerSettlements.claim(sheet: sheet.span) != nil)
            var recorder = Recorder(name: "file")
            let format = try SellerSettlements.read(sheet: sheet.span, context: ReadingContext(marketplace: "US"), into: &recorder)
            #expect(recorder.canonical.finish(format: format) == read(text, marketplace: "US").text)
        }
    }

    // MARK: Published files

    @Test(.enabled(if: TableSamples.hasShared), arguments: ["50011020300", "50018020314", "50041020342", "50044020356"])
    func `a real settlement comes to its total exactly`(_ name: String) throws {
        let file = TableSamples.shared.appendingPathComponent("amazon/settlement-v1/\(name).txt")
        let outcome = TableOutcome(SellerSettlements(), try TableSamples.bytes(file), ReadingContext(marketplace: "CA"))
        #expect(outcome.problems.isEmpty)
        #expect(outcome.notes.isEmpty)
        #expect(cents(outcome.lines.map { $0["amount"]?.string }) == cents([outcome.documents.first?["total"]?.string]))
    }

    @Test(
        .enabled(if: TableSamples.hasShared),
        arguments: [
            ("settlement-v1/airbyte-fixture-v1-utc-dates.tsv", ["settlement-unbalanced"]),
            ("settlement-v2/v2-doc-sample-gbp-ragged.tsv", ["ragged-rows", "settlement-unbalanced"]),
            ("settlement-v2/v2-test-gbp-bom-ddmmyyyy.tsv", []),
            ("date-range/in-unified-2026-07-quoted-crlf.csv", []), ("date-range/in-unified-2026-08-tab.txt", []),
            ("date-range/uk-unified-short-test.csv", []), ("date-range/us-unified-2026-test.csv", ["currency-assumed"]),
        ] as [(String, [String])])
    func `a published report is read with the notes it deserves`(_ name: String, _ notes: [String]) throws {
        let file = TableSamples.shared.appendingPathComponent("amazon/\(name)")
        let outcome = TableOutcome(SellerSettlements(), try TableSamples.bytes(file), ReadingContext(marketplace: "DE"))
        #expect(outcome.problems.isEmpty)
        #expect(outcome.notes == notes)
    }

    /// The published captions of every locale make a header that is known.
    @Test(.enabled(if: TableSamples.hasShared)) func `the date-range captions of each locale are known`() throws {
        let file = TableSamples.shared.appendingPathComponent("amazon/headers/date-range-headers-by-locale.json")
        let json = try JSONDecoder().decode(JSON.self, from: Data(try TableSamples.bytes(file)))
        let locales = json["locales"]?.array?.compactMap(\.string) ?? []
        #expect(locales.count == 10)
        let totals = ["de": "Gesamt", "it": "totale", "nl": "totaal", "jp": "合計"]
        for (index, locale) in locales.enumerated() {
            let fields = [
                "date/time", "settlement id", "type", "order id", "sku", "description", "quantity", "marketplace", "fulfillment",
                "order city", "order state", "order postal", "tax collection model", "product sales", "selling fees",
            ]
            let captions = fields.compactMap { json["headers"]?[$0]?.array?[index].string } + [totals[locale] ?? "total"]
            let match = try #require(DateRangeColumns.match(captions), "\(locale)")
            #expect(match.missing.isEmpty)
            #expect(DateRangeColumns(match).money.count == 2, "\(locale)")
        }
    }
}
