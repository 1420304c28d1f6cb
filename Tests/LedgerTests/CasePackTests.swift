import Testing
import Trade

@testable import Ledger

/// How many pieces a case holds, through the ledger: ten cases of twelve invoiced, 108 pieces received.
@Suite struct CasePackTests {
    private static let at = Location.segment("ST", 1, set: 1)

    private func cases(_ pack: Int?) -> ItemLine {
        ItemLine(
            at: Self.at, line: "1", item: "B0A", quantity: ExactDecimal(10), unit: "CA", unitPrice: ExactDecimal(120),
            pack: pack.map { ExactDecimal($0) })
    }

    private func order(_ pack: Int?) -> SampleFile {
        let order = PurchaseOrder(
            kind: .order, number: "PO-1", currency: usd, at: Self.at, date: day("2026-01-02"), lines: [.init(item: cases(pack))])
        return SampleFile("850", [.whole(.purchaseOrder(order))])
    }

    private func invoice(_ pack: Int?) -> SampleFile {
        let invoice = Invoice(
            number: "INV-1", currency: usd, total: 1_200_00, at: Self.at, date: day("2026-01-05"), po: "PO-1", lines: [cases(pack)])
        return SampleFile("810", [.whole(.invoice(invoice))])
    }

    private func receipt(_ pack: Int?) -> SampleFile {
        let receipt = Receipt(
            number: "R-1", at: Self.at, date: day("2026-01-09"), po: "PO-1",
            lines: [
                .init(
                    at: Self.at, item: "B0A", unit: "EA", received: ExactDecimal(108), pack: pack.map { ExactDecimal($0) })
            ])
        return SampleFile("861", [.whole(.receipt(receipt))])
    }

    @Test(arguments: [[12, nil, nil], [nil, 12, nil], [nil, nil, 12]] as [[Int?]])
    func `is known from any document of the order, whatever comes first`(packs: [Int?]) throws {
        let (order, invoice, receipt) = (order(packs[0]), invoice(packs[1]), receipt(packs[2]))
        for files in [[order, invoice, receipt], [receipt, invoice, order], [invoice, receipt, order]] {
            let desk = try Desk()
            for file in files { try desk.deliver(file, on: "2026-01-10") }
            try desk.evaluate(on: "2026-02-20")
            #expect(try desk.open() == ["match.quantity PO-1/B0A 120.00"], "\(files.map(\.name))")
            let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day("2026-02-20")))
            #expect(comparison.count == 0 && comparison.waiting == 0, "\(files.map(\.name))")
        }
    }

    @Test func `unknown compares nothing; known it stands in the view`() throws {
        let desk = try Desk()
        for file in [order(nil), invoice(nil), receipt(nil)] { try desk.deliver(file, on: "2026-01-10") }
        try desk.evaluate(on: "2026-02-20")
        #expect(try desk.open() == [])
        #expect(try desk.rows("SELECT item FROM v_items WHERE pack IS NOT NULL") == [])
        let other = try Desk()
        try other.deliver(order(12), on: "2026-01-10")
        #expect(try other.rows("SELECT item, pack FROM v_items") == [["B0A", "12"]])
    }
}
