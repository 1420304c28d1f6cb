import Testing
import Trade

@testable import Formats

/// Documents of a table go as soon as they are whole, and say the same as if all had waited for the end of the file.
struct LayoutStreamingTests {
    private static let header = "No;Day;Sum;Order;Item;Qty;Price;Net\n"
    private static let invoices = Layout(
        name: "acme/invoices", title: "invoices", document: .invoice,
        tables: [
            Layout.Table(
                name: "invoices",
                columns: [
                    .init("number", ["No"], .needed), .init("date", ["Day"], .needed), .init("total", ["Sum"], .needed),
                    .init("po", ["Order"]), .init("item", ["Item"]), .init("quantity", ["Qty"]), .init("unit_price", ["Price"]),
                    .init("amount", ["Net"]),
                ],
                skip: [Layout.Skip(caption: "No", values: ["Sum of all"])])
        ], dates: .dayFirst, decimal: .point, currency: Currency(code: "EUR"))

    private static func read(_ rows: [String]) -> TableOutcome {
        LayoutSamples.read(header + rows.joined(separator: "\n") + "\n", "XX", layouts: [invoices])
    }

    /// Takes documents and keeps their numbers.
    private struct Numbers: DocumentSink {
        var numbers: [String] = []
        mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int { 0 }
        mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {}
        mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {}
        mutating func add(_ document: WholeDocument) throws(ReadFailure) {
            if case .invoice(let invoice) = document { numbers.append(invoice.number) }
        }
        mutating func note(_ note: Note) {}
        mutating func refuse(_ problem: Problem) {}
        mutating func route(_ id: String) {}
    }

    private static func given(_ rows: [String]) -> (numbers: [String], isRejected: Bool) {
        var sink = Numbers()
        let bytes = Array((header + rows.joined(separator: "\n") + "\n").utf8)
        do throws(ReadFailure) {
            _ = try Tables(layouts: [invoices]).read(bytes.span.bytes, context: ReadingContext(), into: &sink)
            return (sink.numbers, false)
        } catch { return (sink.numbers, true) }
    }

    private static func row(_ number: String, item: Int = 1) -> String { "\(number);01.02.2026;10.00;;I\(item);1;10;" }

    @Test func `documents go before the file is read to its end`() {
        let rows = (0..<1000).map { Self.row("A\($0)") }
        let (numbers, isRejected) = Self.given(rows + ["B1;nonsense"])
        #expect(isRejected)
        #expect(numbers.count > 800)
        #expect(numbers == (0..<numbers.count).map { "A\($0)" })
    }

    @Test func `a document that comes again waits for its last row, and those behind it for their turn`() {
        let rows = (0..<1000).map { Self.row("A\($0)") }
        let early = Self.given(rows + [Self.row("A0", item: 2)] + rows.map { "B" + $0 } + ["B1;nonsense"])
        #expect(early.isRejected && early.numbers.count > 1500)
        let late = Self.given(rows + [Self.row("A0", item: 2), "B1;nonsense"])
        #expect(late.isRejected && late.numbers.isEmpty)
        let whole = Self.given(rows + [Self.row("A0", item: 2)])
        #expect(!whole.isRejected && whole.numbers == (0..<1000).map { "A\($0)" })
    }

    /// A number that is not ASCII makes all documents wait: with it in the last row the file must say the same of all others.
    @Test func `wherever rows stand, the documents are those of a file that is kept to its end`() {
        for _ in 0..<20 {
            let seed = UInt64.random(in: .min ... .max)
            var random = TableRandom(seed)
            let count = Int.random(in: 1...150, using: &random)
            let distinct = Int.random(in: 1...count, using: &random)
            let spread = Int.random(in: 0...3, using: &random)
            var rows: [String] = []
            for index in 0..<count {
                let number = spread == 0 ? index * distinct / count : Int.random(in: 0..<distinct, using: &random)
                let day = Int.random(in: 0..<60, using: &random) == 0 ? "02.02.2026" : "01.02.2026"
                let amount = ["10.00", "5.00", "", "-7.00"].randomElement(using: &random) ?? ""
                let total = Int.random(in: 0..<40, using: &random) == 0 ? "" : "10.00"
                rows.append("N\(number);\(day);\(total);;I\(index);1;10;\(amount)")
                if Int.random(in: 0..<20, using: &random) == 0 { rows.append("Sum of all;;;;;;;") }
                if Int.random(in: 0..<200, using: &random) == 0 { rows.append(";01.02.2026;1.00;;;;;") }
            }
            let streamed = Self.read(rows)
            let kept = Self.read(rows + ["\u{C4}1;01.02.2026;10.00;;;;;"])
            let isSame =
                streamed.documents == (kept.isRejected && kept.documents.isEmpty ? [] : Array(kept.documents.dropLast()))
                && streamed.notes == kept.notes && streamed.problems == kept.problems
            // a file of which all documents are refused is rejected, which one more that is not would prevent
            #expect(isSame || streamed.documents.isEmpty && kept.documents.count == 1, "seed \(seed)")
        }
    }

    @Test func `a claim is told by its root, even one below it`() {
        let head = "Marketplace,Invoice Date,Payment Due Date,Invoice Status,Payee,Invoice Number,Invoice Amount,Invoice Currency\n"
        func types(_ numbers: String...) -> [String] {
            let rows = numbers.map { "US,01/01/2026,03/02/2026,Paid,ACME1,\($0),10.00,USD\n" }
            return LayoutSamples.read(head + rows.joined()).documents.compactMap { $0["type"]?.string }
        }
        #expect(types("AC128995SC", "AC128995") == ["other", "invoice"])
        #expect(types("AC128995SC", "AC128996") == ["invoice", "invoice"])
        // the same where the numbers are kept as text
        #expect(types("AC128995SC", "AC128995", "\u{C4}1") == ["other", "invoice", "invoice"])
    }

    @Test func `numbers are told by their bytes, wherever these stand`() {
        var numbers = RowNumbers(joins: true, bytes: 0)
        let all = (0..<5000).map { String(repeating: "X", count: $0 % 23) + "\($0)" }
        let text = Array(all.joined(separator: ",").utf8)
        var place = 0
        for (row, number) in all.enumerated() {
            let end = place + number.utf8.count
            if let hash = numbers.hash(text.span.bytes, place, end) { numbers.add(hash, row: row) }
            place = end + 1
        }
        #expect(!numbers.areScattered)
        #expect(all.allSatisfy { numbers.contains($0) })
        #expect(!numbers.contains("5000") && !numbers.contains(""))
        let again = numbers.hash(text.span.bytes, 0, 1)
        #expect(again != nil)
        if let again { numbers.add(again, row: 9000) }
        #expect(again.flatMap { numbers.end($0) } == 9000)
        let foreign = Array("\u{C4}1".utf8)
        #expect(numbers.hash(foreign.span.bytes, 0, foreign.count) == nil)
    }
}
