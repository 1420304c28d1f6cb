import Foundation
import Testing
import Trade

@testable import Daemon
@testable import Formats

@Suite struct `A layout of a user` {
    private func read(_ text: String) -> (layouts: [Layout], mistakes: [String]) {
        var reader = LayoutReader()
        reader.read(text, file: "a.yaml")
        return (reader.layouts, reader.mistakes.map { "\($0)" })
    }

    private static let whole = """
        name: acme/invoices
        title: Our own list
        document: invoice
        dates: day_first
        decimal: comma
        currency: EUR
        routes: [Lieferant, "Vendor code"]
        columns:
          - { field: number, captions: [Rechnung, "Invoice No"], presence: needed, width: 10 }
          - { field: date, captions: Datum, presence: needed }
          - { field: total, captions: [Betrag], presence: needed, sign: inverted }
          - { field: currency, constant: EUR }
          - { captions: [Sachbearbeiter], presence: optional }
        skip:
          - { values: [Summe] }
          - { caption: Datum, values: ["-", n/a] }
        """

    @Test func `says all that a layout says`() throws {
        let (layouts, mistakes) = read(Self.whole)
        #expect(mistakes == [])
        let layout = try #require(layouts.first)
        #expect(layout.name == "acme/invoices")
        #expect(layout.title == "Our own list")
        #expect(layout.document == .invoice)
        #expect(layout.dates == .dayFirst)
        #expect(layout.decimal == .comma)
        #expect(layout.currency == Currency(code: "EUR"))
        #expect(layout.routes == ["Lieferant", "Vendor code"])
        #expect(!layout.isOverride)
        #expect(
            layout.tables == [
                Layout.Table(
                    name: "",
                    columns: [
                        .init("number", ["Rechnung", "Invoice No"], .needed, width: 10), .init("date", ["Datum"], .needed),
                        .init("total", ["Betrag"], .needed, sign: .inverted), .init("currency", [], .optional, constant: "EUR"),
                        .init(nil, ["Sachbearbeiter"], .optional),
                    ], skip: [.init(values: ["Summe"]), .init(caption: "Datum", values: ["-", "n/a"])])
            ])
    }

    @Test func `is written as it is read, every built-in one and odd words too`() throws {
        let odd = Layout(
            name: "own/odd", title: "a \"b\" \\ : # \u{FEFF}\u{202E}\t汇款", document: .invoice,
            tables: [
                Layout.Table(
                    name: "",
                    columns: [
                        .init("number", ["Nr: 1", "- x", "#", "{a}"], .needed), .init("date", ["null"], .needed), .init("total", ["yes"]),
                    ])
            ])
        for layout in Layout.builtIn + [odd] {
            let (layouts, mistakes) = read(layout.yaml(remarks: [0: "seen: \"x\""]))
            #expect(mistakes == [], "\(layout.name)")
            var again = try #require(layouts.first)
            again.isOverride = layout.isOverride
            var wanted = layout
            wanted.title = LayoutProposal.plain(layout.title)
            // a table that stands alone needs no name
            if wanted.tables.count == 1 { wanted.tables[0].name = "" }
            #expect(again == wanted, "\(layout.name)")
        }
    }

    @Test(arguments: [
        ("", ["line 1: the file is empty: write a layout into it (name, document and columns at least), or remove it"]),
        (
            "name: a\ndocument: invoic\ncolums: []\n",
            [
                "line 2: document: 'invoic' is not known; did you mean 'invoice'?",
                "line 3: colums: unknown key; did you mean 'columns'?",
            ]
        ),
        (
            "name: a\ndocument: invoice\ncolumns:\n  - { field: numbr, captions: [N], width: 0, sign: plus }\n  - { field: date, captions: [] }\n",
            [
                "line 4: columns[1].field: a invoice has no field 'numbr'; did you mean 'number'?",
                "line 4: columns[1].sign: 'plus' is not known", "line 4: columns[1].width: 0 is out of range",
                "line 5: columns[2].captions: is an empty list",
            ]
        ),
        (
            "name: a\ndocument: invoice\ncolumns:\n  - { field: number, captions: [N], presence: needed }\n  - { field: date, captions: [D] }\n  - { field: total, captions: [n] }\n",
            ["line 6: the caption \"n\" stands for two columns"]
        ),
        (
            "name: a\ndocument: invoice\ncolumns:\n  - { field: number, captions: [N], presence: needed }\n  - { captions: [X] }\n",
            ["line 1: no column feeds \"date\"", "line 1: no column feeds \"total\""]
        ),
        (
            "name: a\ndocument: invoice\ncurrency: DM\ncolumns: [x]\n",
            ["line 3: currency: 'DM' is no currency", "line 4: columns[1]: must hold keys"]
        ),
        (
            "name: a\ndocument: invoice\ntables: []\ncolumns: []\n",
            ["line 3: tables: is an empty list", "line 4: columns: stands beside 'tables'"]
        ),
        ("name: [a\n", ["line 2: not YAML"]),
    ]) func `has its mistakes told all at once, each with its line`(text: String, expected: [String]) {
        let (layouts, mistakes) = read(text)
        #expect(layouts.isEmpty)
        for beginning in expected { #expect(mistakes.contains { $0.hasPrefix(beginning) }, "\(beginning) in \(mistakes)") }
        #expect(mistakes.count == expected.count, "\(mistakes)")
    }

    // MARK: the folder

    private func configured(_ files: [String: String], more: String = "") throws -> Result<Configuration, ConfigurationErrors> {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("remitd-layouts-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/layouts.d", withIntermediateDirectories: true)
        for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
        return Result { () throws(ConfigurationErrors) in
            try Configuration.parse(smallestConfiguration + more, file: folder + "/remitd.yaml")
        }
    }

    @Test func `lies in layouts.d beside the configuration, and comes before the built-in ones`() throws {
        let other = Self.whole.replacingOccurrences(of: "acme/invoices", with: "acme/more")
        let found = try configured([
            "layouts.d/b.yaml": other, "layouts.d/a.yml": Self.whole, "layouts.d/.c.yaml": "no", "layouts.d/notes.txt": "no",
        ]).get()
        #expect(found.layouts.map(\.name) == ["acme/invoices", "acme/more"])
        #expect(found.allLayouts.prefix(2).map(\.name) == ["acme/invoices", "acme/more"])
        #expect(found.allLayouts.count == Layout.builtIn.count + 2)
    }

    @Test func `replaces a built-in one of its name`() throws {
        guard let builtIn = Layout.builtIn.first else { return }
        var own = builtIn
        own.tables[0].columns.append(Layout.Column(nil, ["A column of our own"], .optional))
        let found = try configured(["layouts.d/own.yaml": own.yaml()]).get()
        #expect(found.layouts.map(\.isOverride) == [true])
        #expect(found.allLayouts.count == Layout.builtIn.count)
        let tables = found.allLayouts.filter { $0.name == builtIn.name }.map(\.tables)
        #expect(tables.map { $0.map(\.columns) } == [own.tables.map(\.columns)])
    }

    @Test func `that is wrong is a mistake of the configuration, told with the others under its own file`() throws {
        guard
            case .failure(let errors) = try configured(
                ["layouts.d/a.yaml": "name: a\n", "layouts.d/b.yaml": Self.whole, "layouts.d/c.yaml": Self.whole], more: "\nlat: 3\n")
        else {
            Issue.record("no mistake was told")
            return
        }
        #expect(errors.lines.count == 4)
        #expect(errors.lines[0].contains("/remitd.yaml: line") && errors.lines[0].contains("lat"))
        #expect(errors.lines[1].contains("/layouts.d/a.yaml: line 1: document: is missing"))
        #expect(errors.lines[2].contains("/layouts.d/a.yaml: line 1: columns: is missing"))
        #expect(
            errors.lines[3].contains("/layouts.d/c.yaml: line 1: name: 'acme/invoices' is the layout of")
                && errors.lines[3].contains("b.yaml"))
    }

    @Test func `may lie elsewhere, but not nowhere`() throws {
        let found = try configured(["own.yaml": Self.whole], more: "\nlayouts: .\n")
        // the configuration itself is no layout, and lies there, too: it was not written to the disk here
        #expect(try found.get().layouts.map(\.name) == ["acme/invoices"])
        guard case .failure(let errors) = try configured([:], more: "\nlayouts: nosuch\n") else {
            Issue.record("no mistake was told")
            return
        }
        #expect(errors.lines.count == 1 && errors.lines[0].contains("layouts: there is no folder"))
    }
}
