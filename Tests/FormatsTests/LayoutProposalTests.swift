import Testing
import Trade

@testable import Formats

@Suite struct LayoutProposalTests {
    private func advice(_ text: String, layouts: [Layout] = []) throws -> LayoutAdvice {
        try LayoutAdvice(Array(text.utf8).span.bytes, name: "Liste (2).csv", layouts: layouts)
    }

    private func proposal(_ text: String) throws -> LayoutProposal {
        guard case .unknown(let proposal) = try advice(text) else { throw Unexpected() }
        return proposal
    }
    private struct Unexpected: Error {}

    private func fields(_ layout: Layout) -> [String: String] {
        Dictionary(
            layout.tables[0].columns.compactMap { column in column.field.map { (column.captions[0], $0) } }, uniquingKeysWith: { a, _ in a }
        )
    }

    static let german = """
        Rechnungen ACME
        Rechnungsnummer;Belegdatum;Betrag;Währung;Bestellnummer;Sachbearbeiter;Fällig
        RE-0001;31.01.2026;1.234,56;EUR;4XG9T7BK;Müller;01.04.2026
        RE-0002;01.02.2026;12,00;EUR;4XG9T7BL;Schmidt;02.04.2026

        """

    @Test func `a list of invoices below a title is guessed caption by caption`() throws {
        let layout = try proposal(Self.german).layout
        #expect(layout.name == "own/liste-2")
        #expect(layout.document == .invoice)
        #expect(layout.dates == .dayFirst)
        #expect(layout.decimal == .comma)
        #expect(
            fields(layout) == [
                "Rechnungsnummer": "number", "Belegdatum": "date", "Betrag": "total", "Währung": "currency", "Bestellnummer": "po",
                "Fällig": "due_date",
            ])
        #expect(layout.tables[0].columns.map { $0.captions[0] }.contains("Sachbearbeiter"))
        #expect(layout.problems() == [])
    }

    @Test func `what it proposes reads the file it was proposed for`() throws {
        let layout = try proposal(Self.german).layout
        var sink = CanonicalJSON(file: "x", sha256: "")
        let bytes = Array(Self.german.utf8)
        let read = try Tables(layouts: [layout]).read(bytes.span.bytes, context: ReadingContext(), into: &sink)
        #expect(read == "own/liste-2")
        let json = sink.finish(format: read)
        #expect(json.contains("\"number\":\"RE-0002\"") && json.contains("\"1234.56\"") && json.contains("\"2026-04-02\""), "\(json)")
    }

    @Test func `no field is guessed for two captions, and a field only where its values could be read`() throws {
        let layout = try proposal(
            "Invoice Number,Invoice No,Invoice Date,Date,Amount,Total,Qty\nA1,B1,2026-01-31,2026-02-28,1.00,x,n/a\n"
        ).layout
        let names = layout.tables[0].columns.compactMap(\.field)
        #expect(Set(names).count == names.count)
        #expect(fields(layout)["Total"] == nil)
        #expect(fields(layout)["Qty"] == nil)
        #expect(fields(layout)["Amount"] == "total")
    }

    @Test func `dates and amounts that can be read two ways are asked about, and not guessed`() throws {
        let unsettled = try proposal("Invoice Number,Invoice Date,Amount\nA1,03/04/2026,100\nA2,05/06/2026,200\n")
        #expect(unsettled.layout.dates == nil)
        #expect(unsettled.layout.decimal == nil)
        #expect(unsettled.yaml.contains("\"03/04/2026\" can be read two ways"))
        let both = try proposal("Invoice Number\tInvoice Date\tAmount\nA1\t13/04/2026\t1,00\nA2\t05/26/2026\t2.00\n")
        #expect(both.layout.dates == nil && both.layout.decimal == nil)
        #expect(both.yaml.contains("both day first and month first") && both.yaml.contains("both 1,234.56 and 1.234,56"))
    }

    @Test func `what a document cannot be without and no column gives is named`() throws {
        let proposal = try proposal("Invoice Number;Clerk\nA1;Li\n")
        #expect(proposal.yaml.contains("Not found, and needed"))
        #expect(proposal.yaml.contains("#  - { field: date"))
    }

    @Test func `nothing of a file ends a comment or a line of the YAML`() throws {
        let proposal = try proposal("\"In\nvoice \u{202E}No\",Date,Amount\n\"a\nname: evil\",2026-01-31,\"1\u{2028}\"\n")
        #expect(!proposal.yaml.split(separator: "\n").contains { $0.hasPrefix("name: evil") })
        #expect(!proposal.yaml.unicodeScalars.contains { $0 != "\n" && LayoutProposal.isOdd($0) })
    }

    @Test(arguments: ["", "hello\n", "1,2,3\n4,5,6\n"]) func `a file without captions is refused`(text: String) {
        #expect(throws: ReadFailure.self) { try advice(text) }
    }

    // MARK: tables that are known

    static let list = Layout(
        name: "acme/list", title: "list", document: .invoice,
        tables: [
            Layout.Table(
                name: "",
                columns: [
                    .init("number", ["Invoice Number"], .needed), .init("date", ["Invoice Date"], .needed),
                    .init("total", ["Invoice Amount"], .needed), .init("currency", ["Currency"]), .init("po", ["PO"]),
                ])
        ])

    @Test func `a table that a layout knows needs none`() throws {
        guard
            case .known("acme/list", [], [], nil) = try advice(
                "Invoice Number,Invoice Date,Invoice Amount,Currency,PO\n", layouts: [Self.list])
        else {
            Issue.record("it was not known")
            return
        }
    }

    @Test func `a renamed column and a new one go into the layout that knows the rest`() throws {
        let text = "Invoice Number,Date of Invoice,Invoice Amount,Currency,PO,Clerk\nA1,2026-01-31,1.00,USD,P1,Li\n"
        guard case .known(let name, let missing, let added, let yaml?) = try advice(text, layouts: [Self.list]) else {
            Issue.record("it was not known")
            return
        }
        #expect(name == "acme/list")
        #expect(missing == ["Invoice Date"])
        #expect(added == ["Date of Invoice", "Clerk"])
        #expect(yaml.contains("{ field: date, captions: [\"Invoice Date\", \"Date of Invoice\"], presence: needed }    # new caption"))
        #expect(yaml.contains("{ captions: [\"Clerk\"], presence: optional }    # new, and read by nobody"))
    }

    @Test func `two layouts that know it equally well are named`() throws {
        var twin = Self.list
        twin.name = "acme/twin"
        guard case .tied(let names) = try advice("Invoice Number,Invoice Date,Invoice Amount,Currency,PO\n", layouts: [Self.list, twin])
        else {
            Issue.record("they were not tied")
            return
        }
        #expect(names == ["acme/list", "acme/twin"])
    }
}
