import Formats
import Testing
import Trade

/// Builds small exports for one question each.
enum Export {
    static let payments =
        "Payment Number,Payment Date,Invoice Currency,Amount in Invoice Currency,Payment Currency,Amount in Payment Currency,"
        + "Exchange Rate,Payment Type,Payment Status,Payment Voided Reason\n"
    static let lines =
        "Payment Number,Invoice Number,Invoice Date,Description,Invoice Amount,Invoice Currency,Terms Discount Taken,Amount Paid,"
        + "Remaining Amount\n"

    static func quoted(_ cell: String) -> String {
        cell.contains { ",\"\n\r".contains($0) }
            ? "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : cell
    }

    static func row(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\n" }

    static func payment(
        _ number: String = "100", date: String = "01/31/2025", total: String, currency: String = "USD", status: String = "Paid"
    )
        -> String
    { row([number, date, currency, total, currency, total, "1", "EFT", status, ""]) }

    static func line(
        _ payment: String = "100", _ reference: String = "A-1", date: String = "12/31/2024", text: String = "", gross: String = "",
        currency: String = "USD", discount: String = "", paid: String
    ) -> String { row([payment, reference, date, text, gross, currency, discount, paid, ""]) }

    static func text(_ paymentRows: String, _ lineRows: String) -> String {
        "Remittances\n\n" + payments + paymentRows + "\nInvoices\n" + lines + lineRows
    }
}

struct VendorCentralTests {
    private func read(_ text: String, marketplace: String? = "US", currency: Currency? = nil) -> TableOutcome {
        TableOutcome(VendorCentralRemittances(), text, marketplace: marketplace, currency: currency)
    }

    private func message(_ text: String, marketplace: String? = "US") -> String {
        let outcome = read(text, marketplace: marketplace)
        return outcome.problems.map(\.description).joined(separator: "\n")
    }

    @Test func `an export with two tables gives payments with their lines`() {
        let outcome = read(Export.text(Export.payment(total: "$1,200.00"), Export.line(paid: "1,225.00") + Export.line(paid: "($25.00)")))
        #expect(outcome.problems.isEmpty)
        #expect(outcome.documents.first?["total"]?.string == "1200.00")
        #expect(outcome.lines.map { $0["net"]?.string } == ["1225.00", "-25.00"])
        #expect(outcome.footings == [0])
    }

    @Test func `captions are found whatever their case, blanks and invisible characters`() {
        let odd = Export.text(Export.payment(total: "1.00"), Export.line(paid: "1.00"))
            .split(separator: "Payment Number").joined(separator: "\u{200E}PAYMENT\u{00A0} number\u{202C}\u{FEFF}")
        #expect(read(odd).documents.count == 1)
    }

    @Test(arguments: [",", ";", "\t"]) func `each delimiter is found`(_ delimiter: String) {
        let text = Export.text(Export.payment(total: "12.50"), Export.line(paid: "12.50")).split(
            separator: ",", omittingEmptySubsequences: false
        )
        .joined(separator: delimiter)
        #expect(read(text).lines.first?["net"]?.string == "12.50")
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func `each line end is read`(_ end: String) {
        let text = Export.text(Export.payment(total: "12.50"), Export.line(paid: "12.50")).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .joined(separator: end)
        let outcome = read(text)
        #expect(outcome.lines.first?["at"]?.string == "row 8")
    }

    @Test func `an export saved as UTF-16 is decoded with a note`() {
        let text = Export.text(Export.payment(total: "12.50"), Export.line(text: "für", paid: "12.50"))
        let bytes: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { (unit: UInt16) -> [UInt8] in [UInt8(unit & 255), UInt8(unit >> 8)] }
        let outcome = TableOutcome(VendorCentralRemittances(), bytes, ReadingContext(marketplace: "US"))
        #expect(outcome.lines.first?["text"]?.string == "für")
        #expect(outcome.notes == ["encoding"])
        #expect(VendorCentralRemittances().claim(FileHead(name: "x", bytes: bytes, size: bytes.count)) != nil)
    }

    @Test func `a quoted cell keeps its quotes, delimiters and line ends`() {
        let outcome = read(Export.text(Export.payment(total: "1.00"), Export.line(text: "CO-OP \"a, b\"\nc", paid: "1.00")))
        #expect(outcome.lines.first?["text"]?.string == "CO-OP \"a, b\"\nc")
        #expect(outcome.lines.first?["reference_type"]?.string == "agreement")
    }

    @Test func `rows padded with empty cells are read, a value beyond the table is not`() {
        let padded = Export.text(Export.payment(total: "1.00"), Export.line(paid: "1.00")).split(separator: "\n").joined(separator: ",,,\n")
        #expect(read(padded + "\n").documents.count == 1)
        let loose = Export.text(Export.payment(total: "1.00"), "100,A-1,12/31/2024,,,USD,,1.00,,5\n")
        #expect(
            message(loose)
                == "row 8, column 10 (byte \(loose.utf8.count - 34)): a value beyond the 9 columns of the table; "
                + "a value may contain the delimiter without quotes; export again")
    }

    @Test func `a lost column is named together with the unknown ones`() {
        let text = Export.text(Export.payment(total: "1.00"), Export.line(paid: "1.00")).split(separator: "Amount Paid").joined(
            separator: "Betrag")
        let outcome = read(text)
        #expect(outcome.problems.first?.kind == .changed)
        #expect(outcome.problems.first?.missing == ["Amount Paid"])
        #expect(outcome.problems.first?.added == ["Betrag"])
        #expect(outcome.problems.first?.at == .row(7))
    }

    @Test(arguments: [
        ("Payment Number,Payment Date", 3), ("Payment Number,Invoice Number", 7), ("Invoice Number", 7), ("Payment Status", 3),
    ])
    func `a header that lost even its first column is known as a header`(_ captions: String, _ row: Int) {
        let text = Export.text(Export.payment(total: "1.00"), Export.line(paid: "1.00"))
        let renamed = captions.split(separator: ",").enumerated().map { $0 == 0 ? "Nummer" : String($1) }.joined(separator: ",")
        let outcome = read(text.replacing(captions, with: renamed))
        #expect(outcome.problems.first?.kind == .changed)
        #expect(outcome.problems.first?.at == .row(row))
        #expect(outcome.problems.first?.added == ["Nummer"])
    }

    @Test func `a column that stands twice is refused`() {
        let text = Export.text(Export.payment(total: "1.00"), Export.line(paid: "1.00")).split(separator: "Invoice Amount").joined(
            separator: "Net Amount Paid")
        #expect(message(text).hasPrefix("row 7, column 8: the column \"Amount Paid\" stands twice"))
    }

    @Test func `a number rounded by a spreadsheet rejects the file`() {
        let outcome = read(Export.text(Export.payment(total: "1.00"), Export.line("100", "1.23E+14", paid: "1.00")))
        #expect(outcome.problems.count == 1)
        #expect(outcome.problems.first?.at == .row(8, column: 2))
        #expect(outcome.problems.first?.advice.hasPrefix("export again") == true)
        #expect(read(Export.text(Export.payment(total: "1.00"), Export.line("100", "12E345", paid: "1.00"))).problems.isEmpty)
    }

    @Test func `a line of a payment that the first table does not list is refused with its row`() {
        let text = Export.text(Export.payment(total: "1.00"), Export.line(paid: "1.00") + Export.line("200", paid: "2.00"))
        #expect(message(text).hasPrefix("row 9, column 1"))
        #expect(message(text).contains("\"200\" in \"Payment Number\" names no payment of the first table"))
    }

    @Test func `each bad cell is named, up to a bound`() {
        let bad = (0..<50).map { _ in Export.line(date: "2/30/2025", paid: "12,3x") }.joined()
        let problems = read(Export.text(Export.payment(total: "1.00"), bad)).problems
        #expect(problems.count >= 20 && problems.count < 24)
        #expect(problems[0].at == .row(8, column: 3))
        #expect(problems[0].what == "\"2/30/2025\" in \"Invoice Date\" is not a date written as month/day/year")
        #expect(problems[1].at == .row(8, column: 8))
    }

    @Test(arguments: ["", " ", "n/a", "$", "-", "()"]) func `an amount paid that is no amount is an error`(_ cell: String) {
        let problems = read(Export.text(Export.payment(total: "1.00"), Export.line(paid: cell))).problems
        #expect(problems.first?.at == .row(8, column: 8))
    }

    @Test func `a payment that stands twice is refused`() {
        let twice = Export.payment(total: "1.00") + Export.payment(total: "1.00")
        #expect(message(Export.text(twice, Export.line(paid: "1.00"))).contains("stands twice in the table of payments, first in row 4"))
    }

    @Test func `a status nobody knows is refused once`() {
        let odd = Export.payment(total: "1.00", status: "Maybe") + Export.payment("101", total: "1.00", status: "Maybe")
        #expect(message(Export.text(odd, "")).contains("\"Maybe\" in \"Payment Status\" is no payment status known"))
        #expect(read(Export.text(odd, "")).problems.count == 1)
    }

    @Test func `lines that do not add up are left to the rules, with the difference`() {
        let outcome = read(Export.text(Export.payment(total: "10.00"), Export.line(paid: "7.00")))
        #expect(outcome.problems.isEmpty)
        #expect(outcome.footings == [300])
    }

    @Test func `a file cut anywhere that shows is incomplete`() {
        let text = Export.text(Export.payment(total: "3.00"), Export.line(paid: "1.00") + Export.line(paid: "2.00"))
        for (cut, place) in [(text.utf8.count - 3, "inside a row"), (text.utf8.count - 9, "inside a row")] {
            let outcome = read(String(text.prefix(cut)))
            #expect(outcome.problems.map(\.kind) == [.incomplete])
            #expect(outcome.problems.first?.what.contains(place) == true)
        }
        #expect(read(String(text.dropLast())).problems.isEmpty)
        #expect(read(Export.text(Export.payment(total: "3.00"), "")).problems.map(\.kind) == [.incomplete])
        #expect(read("x\n" + Export.payments + Export.payment(total: "3.00")).problems.map(\.kind) == [.incomplete])
        #expect(read(text + "100,\"A-3").problems.map(\.kind) == [.incomplete])
        // the last cell of an unfinished row may be half an amount: then the payment does not add up
        #expect(read(text + "100,A-3,12/31/2024,,,USD,,1.0,").problems.map(\.kind) == [.incomplete])
    }

    @Test func `a quote that is never closed is named where it opens`() {
        let text = Export.text(
            Export.payment(total: "1.00"), "100,\"A-1,12/31/2024" + String(repeating: "x", count: 70_000) + "\n" + Export.line(paid: "1.00")
        )
        #expect(read(text).problems.map(\.kind) == [.tooLarge])
        #expect(read(text).problems.first?.at == .row(8))
    }

    @Test func `a voided payment may have no lines`() {
        let outcome = read(
            Export.text(Export.payment(total: "1.00") + Export.payment("101", total: "5.00", status: "Voided"), Export.line(paid: "1.00")))
        #expect(outcome.problems.isEmpty)
        #expect(outcome.documents.map { $0["status"]?.string } == ["paid", "voided"])
        #expect(outcome.footings == [0, nil])
    }

    @Test func `lines in the invoice currency keep it and foot against the amount in it`() {
        let payment = Export.row(["100", "01/31/2025", "EUR", "100.00", "USD", "108.50", "1.085", "EFT", "Paid", ""])
        let outcome = read(Export.text(payment, Export.line(currency: "EUR", paid: "100.00")))
        #expect(outcome.documents.first?["exchange_rate"]?.string == "1.085")
        #expect(outcome.documents.first?["currency"]?.string == "USD")
        #expect(outcome.lines.first?["currency"]?.string == "EUR")
        #expect(outcome.footings == [0])
    }

    @Test func `a payment without a currency takes the account's with a note`() {
        let payment = Export.row(["100", "01/31/2025", "", "1.00", "", "1.00", "1", "EFT", "Paid", ""])
        let text = Export.text(payment, Export.line(currency: "", paid: "1.00"))
        #expect(read(text, currency: Currency(code: "USD")).documents.first?["currency"]?.string == "USD")
        #expect(read(text, currency: Currency(code: "USD")).notes == ["currency-assumed"])
        #expect(read(text).documents.first?["currency"] == nil)
    }

    @Test func `many lines of interleaved payments all go to their own`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        var sums = [Int64](repeating: 0, count: 7)
        var counts = [Int64](repeating: 0, count: 7)
        var rows = ""
        for index in 0..<3_000 {
            let owner = Int.random(in: 0..<7, using: &random)
            // runs longer than a batch now and then
            let cents = Int64.random(in: -99_999...999_999, using: &random)
            sums[index < 1_200 ? 3 : owner] += cents
            counts[index < 1_200 ? 3 : owner] += 1
            rows += Export.line("\(index < 1_200 ? 3 : owner)", "R\(index)", paid: Money.decimal(cents, exponent: 2))
        }
        let payments = (0..<7).map { Export.payment("\($0)", total: Money.decimal(sums[$0], exponent: 2)) }.joined()
        let outcome = read(Export.text(payments, rows))
        #expect(outcome.problems.isEmpty)
        #expect(outcome.footings == Array(repeating: 0, count: 7))
        for (index, document) in outcome.documents.enumerated() {
            let lines = document["lines"]?.array ?? []
            #expect(Int64(lines.count) == counts[index])
            #expect(cents(lines.map { $0["net"]?.string }) == sums[index])
        }
    }

    @Test func `a user's layout gives the export's columns further captions`() throws {
        let text = Export.text(Export.payment(total: "1.00"), Export.line(paid: "1.00"))
            .replacing("Payment Number", with: "Zahlungsnummer").replacing("Amount Paid", with: "Gezahlt")
        let layout = Layout(
            name: VendorCentralRemittances.layout, title: "remittances", document: .remittanceAdvice,
            tables: [
                Layout.Table(name: "payments", columns: [Layout.Column("number", ["Zahlungsnummer"])]),
                Layout.Table(
                    name: "lines", columns: [Layout.Column("number", ["Zahlungsnummer"]), Layout.Column("net", ["Gezahlt"])]),
            ])
        #expect(read(text).problems.map(\.kind) == [.changed])
        let formats = Formats(layouts: [layout] + Layout.builtIn)
        let bytes = Array(text.utf8)
        guard case .format(let format) = formats.identify(FileHead(name: "x", bytes: bytes, size: bytes.count)) else {
            Issue.record("the export is not known")
            return
        }
        var recorder = Recorder(name: "file")
        let read = try Formats.read(bytes.span.bytes, as: format, context: ReadingContext(marketplace: "US"), into: &recorder)
        #expect(read == "vendor-central/remittances")
        #expect(recorder.footings == [0])
    }
}
