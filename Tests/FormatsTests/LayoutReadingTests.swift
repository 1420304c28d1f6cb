import Foundation
import Testing
import Trade

@testable import Formats

struct LayoutReadingTests {
    private static let heads: [Layout.Column] = [
        .init("number", ["No"], .needed, width: 8), .init("date", ["Day"], .needed), .init("total", ["Sum"], .needed, sign: .positive),
        .init("currency", [], constant: "EUR"), .init("po", ["Order"], constant: "P0"),
    ]
    private static let invoices = Layout(
        name: "acme/invoices", title: "invoices", document: .invoice,
        tables: [
            Layout.Table(
                name: "invoices",
                columns: heads + [
                    .init("item", ["Item"]), .init("quantity", ["Qty"]), .init("unit_price", ["Price"]), .init("amount", ["Net"]),
                ],
                skip: [Layout.Skip(caption: "No", values: ["Total"]), Layout.Skip(values: ["Page title"])])
        ], dates: .dayFirst, decimal: .comma)

    private static func rows(_ rows: String...) -> TableOutcome {
        LayoutSamples.read("No;Day;Sum;Order;Item;Qty;Price;Net\n" + rows.joined(separator: "\n") + "\n", "XX", layouts: [invoices])
    }

    @Test func `rows of one number are one document, wherever they stand`() {
        let outcome = Self.rows(
            "A1;01.02.2026;-1.000,00;;I1;1;10,5;600,00", "A2;01.02.2026;-5,00;X9;;;;", "A1;01.02.2026;;;I2;2;200,00 €;400,00")
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.notes.isEmpty)
        #expect(outcome.documents.map { $0["number"]?.string } == ["A1", "A2"])
        #expect(outcome.documents[0]["total"]?.string == "1000.00")
        #expect(outcome.documents[0]["po"]?.string == "P0")
        #expect(outcome.documents[1]["po"]?.string == "X9")
        #expect(outcome.documents[0]["lines"]?.array?.compactMap { $0["unit_price"]?.string } == ["10.5", "200"])
    }

    @Test func `a constant of the layout stands only where no row says otherwise`() {
        let outcome = Self.rows("A1;01.02.2026;10,00;X9;I1;1;1;", "A1;01.02.2026;10,00;;I2;1;1;")
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.documents.first?["po"]?.string == "X9")
    }

    @Test func `lines that do not come to their total are noted`() {
        #expect(Self.rows("A1;01.02.2026;10,00;;I1;1;9;9,00").notes == ["total-differs"])
        #expect(Self.rows("A1;01.02.2026;10,00;;I1;1;9;").notes.isEmpty)
    }

    @Test func `rows that contradict each other refuse their document and keep the others`() throws {
        let outcome = Self.rows("A1;01.02.2026;10,00;;I1;1;1;", "A1;02.02.2026;10,00;;I2;1;1;", "A2;01.02.2026;5,00;;;;;")
        #expect(outcome.documents.map { $0["number"]?.string } == ["A2"])
        let problem = try #require(outcome.problems.first)
        #expect(problem.at == .row(3, column: 2))
        #expect(problem.what == "\"Day\" says another thing than in an earlier row of the same number")
    }

    @Test func `a document without what it cannot be without is refused, and a file of such ones rejected`() {
        let some = Self.rows("A1;;10,00;;;;;", "A2;01.02.2026;5,00;;;;;", ";01.02.2026;5,00;;;;;", "A3;01.02.2026;;;;;;")
        #expect(some.documents.map { $0["number"]?.string } == ["A2"])
        #expect(some.problems.map(\.what) == ["\"No\" is empty in row 4", "\"Day\" is empty in A1", "\"Sum\" is empty in A3"])
        let all = Self.rows("A1;;10,00;;;;;")
        #expect(all.isRejected && all.documents.isEmpty)
    }

    static let spoiled: [(row: String, column: Int, words: String)] = [
        ("A1;31.02.2026;1,00;;;;;", 2, "\"31.02.2026\" in \"Day\" is not a date written as day/month/year"),
        ("A1;46023;1,00;;;;;", 2, "is a date that a spreadsheet has turned into a number"),
        ("A1;01.02.2026;12,3x;;;;;", 3, "\"12,3x\" in \"Sum\" is not an amount"),
        ("A1;01.02.2026;1,234;;;;;", 3, "has more decimals than the currency"),
        ("A1;01.02.2026;$1,00;;;;;", 3, "is not in EUR"),
        ("A1;01.02.2026;1,00;1,23E+14;;;;", 4, "is a number that a spreadsheet has rounded: the file was saved by a spreadsheet"),
        ("12345;01.02.2026;1,00;;;;;", 1, "has 5 of 8 digits: a spreadsheet has dropped the zeros before it"),
        ("A1;01.02.2026;1,00;;I1;-2;;", 6, "is below zero"),
        ("A1;01.02.2026;1,00;;I1;two;;", 6, "is not a number written as 1.234,56"),
        ("A1;01.02.2026;1,00;;I1;1;9 bananas;", 7, "is not a number written as 1.234,56"),
    ]

    @Test(arguments: spoiled) func `a cell that is not what its column says rejects the file`(_ row: String, _ column: Int, _ words: String)
        throws
    {
        let outcome = Self.rows("A0;01.02.2026;1,00;;;;;", row)
        let problem = try #require(outcome.problems.first)
        #expect(outcome.documents.isEmpty)
        #expect(problem.what.contains(words), "\(problem)")
        #expect(problem.at == .row(3, column: column))
        #expect(problem.byte == 60)
        #expect(!problem.advice.isEmpty)
    }

    @Test func `rows to skip are skipped, ragged ones are errors with row and column`() throws {
        let skipped = Self.rows("Total;;99,00;;;;;", "Page title", "", "A1;01.02.2026;1,00;;;;;")
        #expect(skipped.problems.isEmpty, "\(skipped.problems)")
        #expect(skipped.documents.count == 1)
        let short = try #require(Self.rows("A1;01.02.2026;1,00", "A2;01.02.2026;1,00;;;;;").problems.first)
        #expect(short.at == .row(2, column: 4) && short.what == "the row ends after 3 of 8 columns")
        #expect(short.advice.contains("'skip' in the layout acme/invoices"))
        let long = try #require(Self.rows("A1;01.02.2026;1,00;;;;;;;x").problems.first)
        #expect(long.at == .row(2, column: 10))
        let cut = LayoutSamples.read("No;Day;Sum;Order;Item;Qty;Price;Net\nA1;01.02", "XX", layouts: [Self.invoices])
        #expect(cut.problems.first?.kind == .incomplete)
    }

    @Test func `a file of too many mistakes is given up after the first few`() {
        let rows = (0..<100).map { "A\($0);99.99.2026;1,00;;;;;" }.joined(separator: "\n")
        let outcome = LayoutSamples.read("No;Day;Sum;Order;Item;Qty;Price;Net\n" + rows + "\n", "XX", layouts: [Self.invoices])
        #expect(outcome.problems.count == TextBounds.problems)
    }

    @Test func `dates that can be read two ways name the settings to make`() throws {
        let text = LayoutRecognitionTests.file.replacing("\"Dec 20, 2025\"", with: "01/02/2026")
        let problem = try #require(LayoutSamples.read(text, "XX").problems.first)
        #expect(problem.what == "nothing in the file says whether its dates have the day or the month first")
        #expect(problem.advice.contains("'marketplace' of the account"))
        #expect(problem.advice.contains("'dates' and 'decimal' in the layout vendor-central/chargebacks"))
        #expect(problem.at == .row(2, column: 2))
        #expect(LayoutSamples.read(text, "US").documents.first?["date"]?.string == "2026-01-02")
        #expect(LayoutSamples.read(text, "DE").isRejected)  // $77.00
        #expect(LayoutSamples.read(text.replacing("$77.00", with: "\"77,00\""), "DE").documents.first?["date"]?.string == "2026-02-01")
        let settled =
            text + LayoutRecognitionTests.row.replacing("\"Dec 20, 2025\"", with: "02/13/2026").replacing("1234567890", with: "2") + "\n"
        #expect(LayoutSamples.read(settled, "XX").documents.first?["date"]?.string == "2026-01-02")
        #expect(LayoutSamples.read(text, "XZ").problems.first?.what.contains("marketplace \"XZ\"") == true)
    }

    @Test func `without a currency the account's is taken and noted once`() {
        let two = LayoutRecognitionTests.file + LayoutRecognitionTests.row.replacing("1234567890", with: "2") + "\n"
        let outcome = LayoutSamples.read(two)
        #expect(outcome.notes == ["currency-assumed"])
        #expect(outcome.documents.compactMap { $0["currency"]?.string } == ["USD", "USD"])
        #expect(LayoutSamples.read(two, "XX").documents.first?["currency"] == nil)
    }

    @Test func `a chargeback that stands twice is refused the second time`() throws {
        let outcome = LayoutSamples.read(
            LayoutRecognitionTests.file + LayoutRecognitionTests.row.replacing("$77.00", with: "$78.00") + "\n")
        #expect(outcome.documents.count == 1)
        #expect(outcome.problems.map(\.what) == ["1234567890 stands in an earlier row too, which is taken"])
        #expect(outcome.problems.first?.at == .row(3, column: 1))
        let negative = LayoutSamples.read(LayoutRecognitionTests.file.replacing("$77.00", with: "-$77.00"))
        #expect(negative.problems.first?.what == "the chargeback 1234567890 has a negative amount")
    }

    @Test func `a list without rows is told from a file that was read`() {
        let outcome = LayoutSamples.read(LayoutRecognitionTests.header + "\n")
        #expect(outcome.problems.isEmpty && outcome.documents.isEmpty)
        #expect(outcome.notes == ["no-rows"])
    }

    @Test func `a plain table groups no thousands, and says how it is written`() throws {
        let head = "receipt_number,receipt_date,po,item,received\n"
        let grouped = try #require(LayoutSamples.read(head + "R1,2026-01-02,P1,I1,\"1,234\"\n", "DE").problems.first)
        #expect(grouped.what == "\"1,234\" in \"received\" is not written as 1234.56")
        #expect(grouped.advice.contains("as the layout remitd/receipts says"))
        let date = try #require(LayoutSamples.read(head + "R1,02/01/2026,P1,I1,1\n", "DE").problems.first)
        #expect(date.what.contains("is not a date written as year/month/day"))
        #expect(LayoutSamples.read(head + "R1,2026-01-02,P1,I1,1234.5\n", "DE").problems.isEmpty)
    }

    // MARK: Stacked tables

    private static let stacked = Layout(
        name: "acme/payments", title: "payments", document: .remittanceAdvice,
        tables: [
            Layout.Table(
                name: "payments",
                columns: [
                    .init("number", ["Payment"], .needed), .init("date", ["Paid on"], .needed), .init("currency", ["Cur"], .needed),
                    .init("total", ["Amount"], .needed), .init("status", ["State"], .optional),
                ]),
            Layout.Table(
                name: "lines",
                columns: [
                    .init("number", ["Payment"], .needed), .init("reference", ["Document"], .needed), .init("net", ["Paid"], .needed),
                    .init("text", ["About"]),
                ]),
        ], dates: .yearFirst, decimal: .point)

    private func stack(_ text: String) -> TableOutcome { LayoutSamples.read(text, "XX", layouts: [Self.stacked]) }

    @Test func `stacked tables belong together by the payment's number`() {
        let outcome = stack(
            "Payment,Paid on,Cur,Amount\nP1,2026-01-02,EUR,30.00\nP2,2026-01-03,JPY,500\n\nInvoices\nPayment,Document,Paid,About\nP2,D3,500,x\n"
                + "P1,D1,40.00,x\nP1,D2,-10.00,x\n")
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.footings == [0, 0])
        #expect(outcome.lines.compactMap { $0["reference"]?.string } == ["D1", "D2", "D3"])
        #expect(outcome.documents.map { $0["total"]?.string } == ["30.00", "500"])
    }

    @Test func `a stacked file that is cut, or whose lower table has changed, is rejected`() throws {
        let cut = stack("Payment,Paid on,Cur,Amount\nP1,2026-01-02,EUR,30.00\n")
        #expect(cut.problems.first?.kind == .incomplete)
        #expect(cut.problems.first?.what == "the file ends before the table of lines")
        let stranger = stack("Payment,Paid on,Cur,Amount\nP1,2026-01-02,EUR,30.00\n\nPayment,Document,Paid,About\nP7,D1,40.00,x\n")
        #expect(stranger.problems.first?.what == "P7 names no payment of the table above")
        let unbalanced = stack("Payment,Paid on,Cur,Amount\nP1,2026-01-02,EUR,30.00\n\nPayment,Document,Paid,About\nP1,D1,40.00,x\n")
        #expect(unbalanced.footings == [1000])
    }

    @Test func `payments are read whole or not at all`() {
        let head = "payment_number,payment_date,currency,payment_total,status,reference,net\n"
        let twoDates = LayoutSamples.read(head + "P1,2026-01-02,USD,3.00,paid,A,1.00\nP1,2026-01-03,USD,3.00,paid,B,2.00\n")
        #expect(twoDates.problems.first?.what.contains("\"payment_date\" says another thing") == true)
        #expect(twoDates.documents.isEmpty)
        let state = LayoutSamples.read(head + "P1,2026-01-02,USD,3.00,maybe,A,1.00\n")
        #expect(state.problems.first?.what.contains("\"maybe\" in \"status\" is no payment status known") == true)
        let empty = LayoutSamples.read(head + "P1,2026-01-02,USD,3.00,paid,A,\n")
        #expect(empty.problems.first?.what == "\"net\" is empty in P1")
        let odd = LayoutSamples.read(head.replacing("net", with: "net,reference_type") + "P1,2026-01-02,USD,3.00,paid,A,1.00,bill\n")
        #expect(odd.problems.first?.what.contains("\"bill\" in \"reference_type\" is none of invoice, credit_memo") == true)
    }

    // MARK: Sheets

    @Test func `a sheet's typed cells are read like the text of the same table`() throws {
        let catalog = LayoutCatalog(Layout.builtIn)
        let captions = LayoutRecognitionTests.header.replacing(",", with: "\u{1F}")
        let row =
            "\u{01}1234567890\u{1F}\u{02}2025-12-20\u{1F}Receive\u{1F}Prep\u{1F}1AB2\u{1F}B0T\u{1F}\u{01}28\u{1F}\u{01}77.5\u{1F}Charged"
        let text = Array("Title\u{1E}\u{1E}\(captions)\u{1E}\(row)\u{1E}".utf8)
        var sink = Recorder(name: "sheet")
        let name = try catalog.read(
            text.span, delimiters: [TableCells.sheetDelimiter], context: LayoutSamples.context("US"), into: &sink)
        #expect(name == "vendor-central/chargebacks")
        let json = sink.canonical.finish(format: name)
        #expect(json.contains(#""id":"1234567890","date":"2025-12-20""#))
        #expect(json.contains(#""quantity":"28","amount":"77.50","currency":"USD","status":"Charged","at":"row 4""#))
        #expect(json.contains("numeric-references"))
    }

    @Test(arguments: [
        ("\u{04}#N/A\u{1F}\u{02}2025-12-20\u{1F}\u{01}1", "is"), ("1\u{1F}\u{01}46011\u{1F}\u{01}1", "turned into a number"),
        ("1\u{1F}\u{02}2025-12-20\u{1F}\u{03}TRUE", "is not an amount"),
        ("\u{02}2025-12-20\u{1F}\u{02}2025-12-20\u{1F}\u{01}1", "into a date"),
        ("\u{01}1234567890123456\u{1F}\u{02}2025-12-20\u{1F}\u{01}1", "rounded"),
        ("1\u{1F}\u{02}2025-12-20\u{1F}\u{01}1.005", "more decimals"),
    ]) func `what a spreadsheet has spoilt in a typed cell rejects the sheet`(_ row: String, _ words: String) {
        let text = Array(
            "Issue ID\u{1F}Creation date\u{1F}Financial charge\u{1F}Status\u{1F}ASIN\u{1F}Quantity\u{1E}\(row)\u{1F}Charged\u{1E}".utf8)
        var sink = Recorder(name: "sheet")
        do throws(ReadFailure) {
            _ = try LayoutCatalog(Layout.builtIn).read(
                text.span, delimiters: [TableCells.sheetDelimiter], context: LayoutSamples.context("US"), into: &sink)
            Issue.record("read")
        } catch {
            guard case .rejected(let problems) = error else { return }
            #expect(problems.first?.what.contains(words) == true, "\(problems)")
        }
    }
}
