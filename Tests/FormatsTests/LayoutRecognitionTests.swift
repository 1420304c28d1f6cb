import Testing
import Trade

@testable import Formats

struct LayoutRecognitionTests {
    static let header =
        "Issue ID,Creation date,Issue type,Sub-type of the non-compliance,Purchase order #,ASIN,Quantity,Financial charge,Status,Dispute By,"
        + "Charge Invoice #,Vendor code,Fulfillment center"
    static let row =
        #"1234567890,"Dec 20, 2025",Receive process,Prep - Bagging,1AB2CD3E,B0TESTAAA1,28,$77.00,Charged,"Jan 19, 2026",,ACME1,ABE2"#
    static let file = header + "\n" + row + "\n"

    private func renamed(_ old: String, _ new: String) -> TableOutcome {
        LayoutSamples.read(Self.file.replacing(old, with: new))
    }

    @Test func `a header is found under every delimiter, below titles and whatever the order of its columns`() {
        #expect(LayoutSamples.claim(Self.file)?.contains("13 captions of vendor-central/chargebacks in row 1") == true)
        for delimiter in [";", "\t", "|"] {
            let text =
                "List\n\nAs of: today\n"
                + "Status|Financial charge|Creation date|Issue ID|PO #|ASIN\nCharged|1.00|12/20/2025|17|X|B\n".replacing(
                    "|", with: delimiter)
            #expect(LayoutSamples.claim(text)?.contains("row 4") == true, "\(delimiter)")
            #expect(LayoutSamples.read(text).documents.first?["id"]?.string == "17")
        }
    }

    @Test func `a preamble names the vendor and routes the file`() {
        let text = "Chargebacks,,\nVendor code: ACME9,Exported on: 12/21/2025\n" + Self.file
        #expect(LayoutSamples.read(text).routes == ["ACME9", "ACME1"])
        #expect(LayoutSamples.read("Vendor code,ACME8\n" + Self.file).routes == ["ACME8", "ACME1"])
    }

    @Test func `a needed column that is gone is a change, with what seems to stand in its place`() throws {
        let outcome = renamed("Issue ID", "Defect reference")
        let problem = try #require(outcome.problems.first)
        #expect(problem.kind == .changed)
        #expect(problem.missing == ["Issue ID"])
        #expect(problem.added == ["Defect reference"])
        #expect(problem.renamed == [Problem.Renamed(old: "Issue ID", new: "Defect reference")])
        #expect(problem.what.contains("perhaps \"Issue ID\" is now \"Defect reference\""))
        #expect(problem.at == .row(1))
    }

    @Test func `two renamed columns are told apart by likeness and by their neighbours`() throws {
        let text = Self.file.replacing("Issue ID", with: "Defect").replacing("Financial charge", with: "Financial charges")
        let problem = try #require(LayoutSamples.read(text).problems.first)
        #expect(Set(problem.renamed.map(\.old)) == ["Issue ID", "Financial charge"])
        #expect(problem.renamed.first { $0.old == "Issue ID" }?.new == "Defect")
        #expect(problem.renamed.first { $0.old == "Financial charge" }?.new == "Financial charges")
    }

    @Test func `a needed column that is simply gone has no successor`() throws {
        let problem = try #require(renamed(",Financial charge", "").problems.first)
        #expect(problem.missing == ["Financial charge"])
        #expect(problem.renamed.isEmpty)
    }

    @Test func `a column that is added, and one that is gone and not needed, are notes`() {
        let added = LayoutSamples.read(Self.file.replacing("center\n", with: "center,Region\n").replacing("ABE2\n", with: "ABE2,EU-1\n"))
        #expect(added.problems.isEmpty)
        #expect(added.notes == ["column-added", "currency-assumed"])
        #expect(added.documents.count == 1)
        let gone = LayoutSamples.read(Self.file.replacing("ASIN,", with: "").replacing("B0TESTAAA1,", with: ""))
        #expect(gone.problems.isEmpty)
        #expect(gone.notes == ["column-missing", "currency-assumed"])
    }

    @Test func `a column that stands twice is refused`() throws {
        let problem = try #require(renamed("Fulfillment center", "Status").problems.first)
        #expect(problem.kind == .malformed)
        #expect(problem.what.contains("\"Status\" stands twice"))
        #expect(problem.at == .row(1, column: 13))
    }

    @Test func `a table of which most needed columns are unknown is nothing known`() {
        #expect(LayoutSamples.claim("Status,Quantity,ASIN,Vendor code\nA,1,B,C\n") == nil)
        let outcome = LayoutSamples.read("Status,Quantity,ASIN,Vendor code\nA,1,B,C\n")
        #expect(outcome.problems.first?.kind == .unrecognised)
        // the lower table of a remittance export has the captions of an invoice that any layout needs
        #expect(LayoutSamples.claim("Payment Number,Invoice Number,Invoice Date,Description,Invoice Amount,Invoice Currency\n") == nil)
    }

    @Test func `of two layouts that fit equally neither is taken, and both are named`() throws {
        let columns: [Layout.Column] = [
            .init("number", ["No"], .needed), .init("date", ["Day"], .needed), .init("total", ["Sum"], .needed),
        ]
        let twins = ["acme/a", "acme/b"].map {
            Layout(name: $0, title: "t", document: .invoice, tables: [Layout.Table(name: "t", columns: columns)])
        }
        let text = "No,Day,Sum\n1,2026-01-02,3\n"
        #expect(LayoutSamples.claim(text, layouts: twins)?.contains("acme/a and of acme/b") == true)
        let outcome = LayoutSamples.read(text, layouts: twins)
        #expect(outcome.problems.first?.what == "the layouts acme/a and acme/b fit the table equally well")
        #expect(outcome.problems.first?.kind == .unrecognised)
    }

    @Test func `the user's layout stands in for the built-in one of its name, and a fuller fit wins over a poorer one`() {
        var own = Layout.builtIn.first { $0.name == "vendor-central/chargebacks" } ?? Layout.builtIn[0]
        own.isOverride = true
        own.tables[0].columns[0].captions.append("Defect reference")
        let text = Self.file.replacing("Issue ID", with: "Defect reference")
        #expect(LayoutSamples.read(text, layouts: [own] + Layout.builtIn).documents.first?["id"]?.string == "1234567890")
        let wider = Layout(
            name: "acme/wide", title: "wide", document: .other,
            tables: [
                Layout.Table(
                    name: "t",
                    columns: Self.header.split(separator: ",").enumerated().map {
                        Layout.Column($0.offset == 0 ? "number" : nil, [String($0.element)], .needed)
                    } + [.init(nil, ["Region"], .needed)])
            ])
        let wide = Self.file.replacing("center\n", with: "center,Region\n").replacing("ABE2\n", with: "ABE2,EU\n")
        #expect(LayoutSamples.read(wide, layouts: [wider] + Layout.builtIn).json["format"]?.string == "acme/wide")
        #expect(LayoutSamples.read(Self.file, layouts: [wider] + Layout.builtIn).json["format"]?.string == "vendor-central/chargebacks")
    }

    @Test(arguments: Layout.builtIn) func `a layout's own captions lead to it alone, all of them or only the needed`(_ layout: Layout)
        throws
    {
        let table = layout.tables[0]
        for columns in [table.columns, table.columns.filter { $0.presence != .optional }] {
            let text = columns.map { $0.captions[0] }.joined(separator: ",") + "\n"
            let claim = try #require(LayoutSamples.claim(text), "\(layout.name)")
            #expect(claim.contains("captions of \(layout.name) in row 1"), "\(claim)")
            let head = FileHead(name: "f.csv", bytes: Array(text.utf8), size: text.utf8.count)
            guard case .format = Formats.standard.identify(head) else {
                Issue.record("\(layout.name): \(Formats.standard.all.compactMap { $0.claim(head) })")
                continue
            }
        }
    }

    @Test func `a header that the head of the file cuts is not judged`() {
        let long = "\(Self.header),\(String(repeating: "x", count: FileHead.limit))\n"
        #expect(LayoutSamples.claim(long) == nil)
        #expect(LayoutSamples.claim(Self.header) != nil)
        #expect(LayoutSamples.read(Self.header).problems.first?.kind == .incomplete)
    }
}
