import Testing
import Trade

@testable import Ledger

/// One invoice number on several orders: each order counts what is its own, whatever came first.
@Suite struct NamesakeOrderTests {
    private func told(_ files: [SampleFile]) throws -> [String] {
        var all: Set<[String]> = []
        for files in orders(files) {
            let desk = try Desk()
            for file in files { try desk.deliver(file, on: "2026-02-20") }
            try desk.evaluate(on: "2026-02-20")
            let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day("2026-02-20")))
            #expect(comparison.count == 0 && comparison.waiting == 0, "\(files.map(\.name)): \(comparison.differences)")
            all.insert(try desk.open())
        }
        #expect(all.count == 1, "\(all)")
        return all.first ?? []
    }

    private func order(_ number: String) -> SampleFile { SampleFile("order \(number)", [.order(number, 10)]) }
    private func invoice(_ total: Int64, on po: String, date: String) -> SampleFile {
        SampleFile("invoice \(po) \(date)", [.invoice("INV-1", total, on: po, date: date)])
    }

    @Test func `an earlier one that comes later takes the number, and its order is judged again`() throws {
        let received = SampleFile("receipts", [.receipt("R-1", "PO-1", [(nil, 8)]), .receipt("R-2", "PO-2", [(nil, 10)])])
        let files = [
            order("PO-1"), order("PO-2"), received, invoice(90_00, on: "PO-1", date: "2026-01-10"),
            invoice(90_00, on: "PO-2", date: "2026-01-05"),
        ]
        #expect(try told(files).sorted() == ["invoice.duplicate_number INV-1 90.00"])
    }

    @Test func `of two of one date and total the order's number decides`() throws {
        let received = SampleFile("receipts", [.receipt("R-1", "PO-1", [(nil, 8)]), .receipt("R-2", "PO-2", [(nil, 8)])])
        let files = [
            order("PO-1"), order("PO-2"), received, invoice(90_00, on: "PO-2", date: "2026-01-05"),
            invoice(90_00, on: "PO-1", date: "2026-01-05"),
        ]
        #expect(try told(files).sorted() == ["invoice.duplicate_number INV-1 90.00", "match.quantity PO-1/B0001 18.00"])
    }

    @Test func `a third that names no order, and one that is withdrawn`() throws {
        let received = SampleFile("receipts", [.receipt("R-1", "PO-1", [(nil, 8)]), .receipt("R-2", "PO-2", [(nil, 8)])])
        let bare = SampleFile("bare", [.invoice("INV-1", 90_00, "2026-01-02")])
        let late = invoice(90_00, on: "PO-1", date: "2026-01-10")
        let early = invoice(90_00, on: "PO-2", date: "2026-01-05")
        #expect(try told([order("PO-1"), received, late, bare, early]).contains { $0.hasPrefix("match.quantity PO-1") } == false)
        let desk = try Desk()
        for file in [order("PO-1"), order("PO-2"), received, late, early] { try desk.deliver(file, on: "2026-02-20") }
        try desk.evaluate(on: "2026-02-20")
        #expect(try desk.open().contains("match.quantity PO-2/B0001 18.00"))
        #expect(try desk.ledger.withdraw(early.sha256, reason: "test", who: "test", at: noon(day("2026-02-20"))))
        try desk.evaluate(on: "2026-02-20")
        #expect(try desk.open() == ["match.quantity PO-1/B0001 18.00"])
    }
}
