import Testing
import Trade

@testable import Ledger

/// Numbers that the documents of an order give one item, through the ledger.
@Suite struct ItemAliasTests {
    private static let at = Location.segment("ST", 1, set: 1)

    private func line(_ number: String, _ aliases: [String], _ quantity: Int = 10) -> ItemLine {
        ItemLine(
            at: Self.at, line: "1", item: number, quantity: ExactDecimal(quantity), unit: "EA", unitPrice: ExactDecimal(9), aliases: aliases
        )
    }

    private var order: SampleFile {
        let order = PurchaseOrder(
            kind: .order, number: "PO-1", currency: usd, at: Self.at, date: day("2026-01-02"),
            lines: [.init(item: line("BP 1", ["712345678904", "with\ttab"]))])
        return SampleFile("850", [.whole(.purchaseOrder(order))])
    }

    private var invoice: SampleFile {
        let invoice = Invoice(
            number: "INV-1", currency: usd, total: 90_00, at: Self.at, date: day("2026-01-05"), po: "PO-1",
            lines: [line("712345678904", ["VP-1"])])
        return SampleFile("810", [.whole(.invoice(invoice))])
    }

    private var receipt: SampleFile {
        let receipt = Receipt(
            number: "R-1", at: Self.at, date: day("2026-01-09"), po: "PO-1",
            lines: [.init(at: Self.at, item: "ASIN-1", received: ExactDecimal(8), aliases: ["vp 1"])])
        return SampleFile("861", [.whole(.receipt(receipt))])
    }

    @Test func `join order, invoice and receipt, whatever comes first`() throws {
        for files in [[order, invoice, receipt], [receipt, invoice, order], [invoice, receipt, order], [order, receipt, invoice]] {
            let desk = try Desk()
            for file in files { try desk.deliver(file, on: "2026-01-10") }
            try desk.evaluate(on: "2026-02-20")
            #expect(try desk.open() == ["match.quantity PO-1/BP 1 18.00"], "\(files.map(\.name))")
            let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day("2026-02-20")))
            #expect(comparison.count == 0 && comparison.waiting == 0, "\(files.map(\.name))")
        }
    }

    @Test func `of memos and returns are kept as those of orders are`() throws {
        let desk = try Desk()
        let item = ItemLine(at: Self.at, item: "BP-1", quantity: ExactDecimal(2), amount: -5_00, aliases: ["712345678904", "VP-1"])
        let memo = Memo(kind: .debit, number: "DM-1", currency: usd, total: -5_00, at: Self.at, lines: [item])
        let back = GoodsReturn(number: "RTV-1", currency: usd, at: Self.at, lines: [item])
        try desk.deliver(SampleFile("812 180", [.whole(.memo(memo)), .whole(.goodsReturn(back))]), on: "2026-01-10")
        let rows = try desk.rows("SELECT item, aliases FROM v_items ORDER BY document")
        #expect(rows == [["BP-1", "712345678904\tVP-1"], ["BP-1", "712345678904\tVP-1"]])
    }

    @Test func `stand in the view with a tab between`() throws {
        let desk = try Desk()
        for file in [order, invoice] { try desk.deliver(file, on: "2026-01-10") }
        let rows = try desk.rows("SELECT item, aliases FROM v_items ORDER BY item DESC")
        #expect(rows == [["BP 1", "712345678904\twith tab"], ["712345678904", "VP-1"]])
    }
}
