import Foundation
import GRDB
import Testing
import Trade

@testable import Ledger

@Suite struct ListTests {
    private static let at = Location.row(7)

    @Test func `a chargeback is kept with all its list says, and raises nothing`() throws {
        let desk = try Desk()
        let chargeback = Chargeback(
            id: "CB-0017", amount: 12_50, currency: usd, at: Self.at, date: day("2026-03-01"), category: "PO accuracy",
            subType: "Not filled",
            po: "4XG9T7BK", invoice: "INV-1", shipment: "ASN-1", item: "B0001", quantity: ExactDecimal(3), status: "Charged",
            disputeBy: day("2026-03-31"), vendor: "ACME1")
        try desk.deliver(SampleFile("op.csv", [.whole(.chargeback(chargeback))]), on: "2026-03-02")
        #expect(try desk.open().isEmpty)
        #expect(
            try desk.rows(
                """
                SELECT chargeback, date, category, sub_type, po, invoice, shipment, item, quantity, currency, amount_minor, status,
                    dispute_by, vendor, withdrawn, file FROM v_chargebacks
                """) == [
                    [
                        "CB-0017", "2026-03-01", "PO accuracy", "Not filled", "4XG9T7BK", "INV-1", "ASN-1", "B0001", "3", "USD", "1250",
                        "Charged", "2026-03-31", "ACME1", "0", "op.csv",
                    ]
                ])
        #expect(try desk.rows("SELECT type, number FROM v_documents") == [["chargeback", "CB-0017"]])
    }

    @Test func `a settlement is kept line by line, its sum beside the total that it states`() throws {
        let desk = try Desk()
        let moment = Moment.instant(Instant(seconds: 1_772_323_200))
        let settlement = Settlement(
            id: "19000000001", currency: usd, at: Self.at, start: .day(day("2026-02-15")), end: moment, deposit: .day(day("2026-03-03")),
            total: 40_00, marketplace: "Amazon.com",
            lines: [
                .init(
                    amount: 50_00, at: .row(3), type: "Order", order: "111-1", item: "SKU-1", description: "ItemPrice/Principal",
                    posted: moment),
                .init(amount: -10_00, at: .row(4), type: "Order", order: "111-1", description: "ItemFees/Commission"),
            ])
        try desk.deliver(SampleFile("settlement.txt", [.whole(.settlement(settlement))]), on: "2026-03-04")
        #expect(
            try desk.rows(
                "SELECT settlement, start, \"end\", deposit, currency, total_minor, lines_minor, lines, marketplace FROM v_settlements")
                == [
                    ["19000000001", "2026-02-15", "2026-03-01T00:00:00Z", "2026-03-03", "USD", "4000", "4000", "2", "Amazon.com"]
                ])
        #expect(
            try desk.rows(
                "SELECT type, \"order\", item, description, amount_minor, posted FROM v_settlement_lines ORDER BY amount_minor DESC")
                == [
                    ["Order", "111-1", "SKU-1", "ItemPrice/Principal", "5000", "2026-03-01T00:00:00Z"],
                    ["Order", "111-1", "NULL", "ItemFees/Commission", "-1000", "NULL"],
                ])
        #expect(try desk.rows("SELECT type, number, date FROM v_documents") == [["settlement", "19000000001", "2026-03-03"]])
    }

    @Test func `what has become of an order's line is kept as of its list`() throws {
        let desk = try Desk()
        let progress = PurchaseOrder.Progress(
            accepted: ExactDecimal(10), announced: ExactDecimal(9), received: ExactDecimal(8), cancelled: ExactDecimal(2),
            remaining: ExactDecimal(0))
        let order = PurchaseOrder(
            kind: .order, number: "4XG9T7BK", currency: usd, at: Self.at,
            lines: [
                .init(item: ItemLine(at: Self.at, item: "B0001", quantity: ExactDecimal(12)), progress: progress),
                .init(item: ItemLine(at: Self.at, item: "B0002", quantity: ExactDecimal(1))),
            ])
        try desk.deliver(SampleFile("items.csv", [.whole(.purchaseOrder(order))]), on: "2026-03-04")
        #expect(
            try desk.rows("SELECT item, quantity, accepted, announced, received, cancelled, remaining FROM v_items ORDER BY item") == [
                ["B0001", "12", "10", "9", "8", "2", "0"], ["B0002", "1", "NULL", "NULL", "NULL", "NULL", "NULL"],
            ])
    }

    // MARK: exports that changed

    private static func changed(_ text: String = "no column \"Amount\"") -> Problem {
        var problem = Problem(.changed, at: .row(1), text, advice: "amend the layout")
        problem.missing = ["Amount"]
        problem.added = ["Amt", "Rate"]
        problem.renamed = [Problem.Renamed(old: "Amount", new: "Amt")]
        return problem
    }

    @Test func `an export without a needed column is one finding with what is missing, until a retry books it`() throws {
        let desk = try Desk()
        let file = SampleFile("list.csv", [], failure: [Self.changed()])
        try desk.deliver(file, on: "2026-03-01")
        #expect(try desk.open() == ["format.changed list.csv -"])
        let finding = try #require(try desk.finding(.formatChanged, "list.csv")).finding
        #expect(finding.key == file.sha256)
        #expect(finding.details["missing"] == ["Amount"])
        #expect(finding.details["added"] == ["Amt", "Rate"])
        #expect(finding.details["renamed"] == [["old": "Amount", "new": "Amt"]])
        #expect(try desk.ledger.retry(file.sha256, who: "zhang", at: noon(day("2026-03-02"))))
        let again = try #require(try desk.ledger.booking(sha256: file.sha256).first)
        let amended = SampleFile("list.csv", [.invoice("INV-1", 100)])
        try desk.book(amended, again, on: "2026-03-02")
        try desk.evaluate(on: "2026-03-02")
        #expect(try desk.open().isEmpty)
        #expect(try desk.count("v_documents") == 1)
    }

    private struct Added: Equatable {
        var open: [String]
        var documents: Int
    }

    @Test func `an export with more columns is booked once, and told until a layout knows them`() throws {
        let desk = try Desk()
        let note = Note(Note.columnAdded, at: .row(1), "new columns", columns: ["Margin %", "备注"])
        let file = SampleFile("list.csv", [.invoice("INV-1", 100)], notes: [note, note])
        try desk.deliver(file, on: "2026-03-01")
        func state() throws -> Added { Added(open: try desk.open(), documents: try desk.count("v_documents WHERE withdrawn = 0")) }
        #expect(try state() == Added(open: ["format.changed list.csv -"], documents: 1))
        let finding = try #require(try desk.finding(.formatChanged, "list.csv")).finding
        #expect(finding.details["added"] == ["Margin %", "备注"])
        #expect(finding.details["booked"] == true)
        // a retry that changes nothing tells nothing again
        for _ in 0..<2 {
            _ = try desk.ledger.retry(file.sha256, who: "zhang", at: noon(day("2026-03-02")))
            try desk.book(file, try #require(try desk.ledger.booking(sha256: file.sha256).first), on: "2026-03-02")
            try desk.evaluate(on: "2026-03-02")
        }
        #expect(try state() == Added(open: ["format.changed list.csv -"], documents: 1))
        #expect(try desk.events().count == 1)
        _ = try desk.ledger.retry(file.sha256, who: "zhang", at: noon(day("2026-03-02")))
        let amended = SampleFile("list.csv", [.invoice("INV-1", 100)])
        try desk.book(amended, try #require(try desk.ledger.booking(sha256: file.sha256).first), on: "2026-03-02")
        try desk.evaluate(on: "2026-03-02")
        #expect(try state() == Added(open: [], documents: 1))
    }

    @Test func `a changed sheet beside a broken one is two findings, each with its own`() throws {
        let desk = try Desk()
        let bad = Problem(.malformed, at: .row(3), "\"x\" is no amount", advice: "ask")
        try desk.deliver(SampleFile("book.xlsx", [.invoice("INV-1", 100)], refused: [Self.changed(), bad]), on: "2026-03-01")
        #expect(try desk.open() == ["file.rejected book.xlsx -", "format.changed book.xlsx -"])
        #expect(try desk.finding(.fileRejected, "book.xlsx")?.finding.details["problems"]?.array?.count == 1)
    }
}
