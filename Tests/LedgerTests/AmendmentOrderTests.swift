import Reconciliation
import Testing
import Trade

@testable import Ledger

/// What takes back or replaces another document, whatever came first and whatever it names beside the number.
@Suite struct AmendmentOrderTests {
    private func told(_ files: [SampleFile], on date: String = "2026-04-20") throws -> [String] {
        var all: Set<[String]> = []
        for files in orders(files) {
            for plain in [nil, PlainCases(leastWaiting: 0) { Rules.lastPlainDay(of: $0, $1) }] {
                let desk = try Desk()
                desk.plain = plain
                for file in files { try desk.deliver(file, on: date) }
                let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day(date)))
                #expect(comparison.count == 0 && comparison.waiting == 0, "\(files.map(\.name)): \(comparison.differences)")
                all.insert(try desk.open())
            }
        }
        #expect(all.count == 1, "\(all)")
        return all.first ?? []
    }

    private func amending(_ amends: Amendment, _ quantity: Int?, on po: String? = "PO-1", number: String = "R-1") -> SampleFile {
        let at = Location.row(7)
        let lines = quantity.map { [Receipt.Line(at: at, item: "B0001", received: ExactDecimal($0))] } ?? []
        return SampleFile(
            "\(amends) \(po ?? "")",
            [.whole(.receipt(Receipt(number: number, at: at, date: day("2026-01-12"), amends: amends, po: po, lines: lines)))])
    }

    private let order = SampleFile("order", [.order("PO-1", 10), .order("PO-2", 10)])
    private let bill = SampleFile("bill", [.invoice("INV-1", 90_00, on: "PO-1")])
    private let first = SampleFile("receipt", [.receipt("R-1", "PO-1", [(nil, 8)])])

    private func quantities(_ files: [SampleFile]) throws -> [String] {
        try told([order, bill] + files).filter { $0.hasPrefix("match.") }
    }

    @Test func `a receipt that was replaced, changed or taken back`() throws {
        #expect(try quantities([first]) == ["match.quantity PO-1/B0001 18.00"])
        #expect(try quantities([first, amending(.replacement, 9)]) == ["match.quantity PO-1/B0001 9.00"])
        #expect(try quantities([first, amending(.change, 9)]) == ["match.quantity PO-1/B0001 9.00"])
        #expect(try quantities([first, amending(.cancellation, 8)]) == [])
    }

    @Test func `a receipt that is taken back by its number alone, or moved to another order`() throws {
        #expect(try quantities([first, amending(.cancellation, nil, on: nil)]) == [])
        #expect(try quantities([first, amending(.replacement, 8, on: "PO-2")]) == [])
    }

    private func bill(_ amends: Amendment, _ total: Int64, as number: String = "INV-1", of amended: String? = nil) -> SampleFile {
        SampleFile(
            "\(amends) \(number)",
            [
                .whole(
                    .invoice(
                        Invoice(
                            number: number, currency: usd, total: total, at: .row(1), date: day("2026-01-15"), amends: amends,
                            amended: amended)))
            ])
    }

    private let paid = SampleFile("other", [.payment("P-9", "2026-04-18", [("INV-9", 1_00)]), .invoice("INV-9", 1_00)])

    @Test func `an invoice that was cancelled or replaced`() throws {
        let invoice = SampleFile("invoice", [.invoice("INV-1", 100_00)])
        #expect(try told([invoice, paid]).filter { $0.contains("INV-1") } == ["payment.late INV-1 100.00"])
        #expect(try told([invoice, paid, bill(.cancellation, 100_00)]).filter { $0.contains("INV-1") } == [])
        #expect(try told([invoice, paid, bill(.replacement, 90_00)]).filter { $0.contains("INV-1") } == ["payment.late INV-1 90.00"])
    }

    @Test func `a corrected invoice under a number of its own`() throws {
        let invoice = SampleFile("invoice", [.invoice("INV-1", 100_00)])
        let pays = SampleFile("pays", [.payment("P-1", "2026-02-18", [("INV-1A", 90_00)])])
        let corrected = bill(.replacement, 90_00, as: "INV-1A", of: "INV-1")
        #expect(try told([invoice, paid, corrected, pays]).filter { $0.contains("INV-1") } == [])
    }

    @Test func `a cancelled invoice bills nothing on its order, though its cancellation names none`() throws {
        let received = SampleFile("received", [.receipt("R-1", "PO-1", [(nil, 8)])])
        #expect(try quantities([received, bill(.cancellation, 90_00)]) == [])
        #expect(try quantities([received, bill(.replacement, 90_00, as: "INV-1A", of: "INV-1")]) == [])
    }

    @Test func `a delivery that is only expected is shown as such`() throws {
        let desk = try Desk()
        let at = Location.row(1)
        let notice = Shipment(
            number: "ASN-5", at: at, date: day("2026-01-10"), delivered: day("2026-01-12"), isDeliveryEstimated: true, orders: ["PO-1"])
        try desk.deliver(SampleFile("notice", [.whole(.shipment(notice))]), on: "2026-02-20")
        let document = try #require(try desk.ledger.documents(account: "acme-us", key: "ASN5").first)
        #expect(document.more.contains { $0.name == "delivered" && $0.value == "2026-01-12 (estimated)" })
    }

    @Test func `a withdrawn cancellation is as if it had never come`() throws {
        let desk = try Desk()
        let cancelled = amending(.cancellation, nil, on: nil)
        for file in [order, bill, first, cancelled] { try desk.deliver(file, on: "2026-02-20") }
        #expect(try desk.open().filter { $0.hasPrefix("match.") } == [])
        #expect(try desk.ledger.withdraw(cancelled.sha256, reason: "test", who: "test", at: noon(day("2026-02-20"))))
        try desk.evaluate(on: "2026-02-20")
        #expect(try desk.open().filter { $0.hasPrefix("match.") } == ["match.quantity PO-1/B0001 18.00"])
    }
}
