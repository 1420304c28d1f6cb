import Reconciliation
import Testing
import Trade

@Suite struct MatchItemTests {
    private let ordered = [item("B0A", "100", "5.75")]
    private func bills(_ lines: ItemFact...) -> OrderCase { purchase([order(ordered)], [billed(ordered + lines)]) }

    @Test func `an item that is not on the order is told with its line total`() throws {
        let finding = try #require(judge(bills(item("B0X", "10", "5.75")), on: "2026-01-01").finding(.matchItem))
        #expect(finding.subject == "INV-1001")
        #expect(finding.sum == "57.50")
        #expect(finding.money == "invoice:INV1001")
        #expect(finding.details["order"] == "8ERGSTUM")
        #expect(finding.details["items"]?.array?.first?["item"] == "B0X")
        #expect(judge(bills(item("B0X", "3", "0.335"), item("B0Y", "1", "1.00")), on: "2026-01-01").told(.matchItem) == ["INV-1001 2.01"])
    }

    @Test func `an item in another spelling is the same`() {
        #expect(judge(bills(item("b0-a", "1", "5.75")), on: "2026-01-01") == Verdict())
    }

    @Test func `items of a change or an accepted substitution are on the order, a cancelled one still is`() {
        let extra = item("B0X", "10", "5.75")
        for document in [
            order([item("B0X", "10", "5.75", status: "AI")], "2025-12-22", kind: .change),
            order([item("B0X", nil, nil, status: "DI")], "2025-12-22", kind: .change),
            order([item("B0X", "10", nil, status: "IS")], "2025-12-22", kind: .acknowledgement),
        ] {
            var changed = bills(extra)
            changed.orders.append(document)
            #expect(judge(changed, on: "2026-01-01").told(.matchItem).isEmpty)
        }
        var answered = bills(extra)
        answered.orders.append(order([item("B0X", "10", nil, status: "IA")], "2025-12-22", kind: .acknowledgement))
        #expect(judge(answered, on: "2026-01-01").findings.count == 1)
    }

    @Test func `what names no item is held against nothing`() {
        #expect(judge(bills(item(nil, "1", "20.00")), on: "2026-01-01") == Verdict())
        let nameless = purchase([order(ordered + [item(nil, "10", "5.75")])], [billed([item("B0X", "10", "5.75")])])
        #expect(judge(nameless, on: "2026-01-01") == Verdict())
    }

    @Test func `a line without a price leaves the amount out, not the finding`() {
        #expect(judge(bills(item("B0X", "10", nil), item("B0Y", "1", "3.00")), on: "2026-01-01").told(.matchItem) == ["INV-1001 -"])
    }

    @Test func `nothing is said without the order, or without lines`() {
        var unknown = bills(item("B0X", "10", "5.75"))
        unknown.orders = []
        #expect(judge(unknown, on: "2026-01-01") == Verdict())
        #expect(judge(purchase([order(ordered)], [billed([])]), on: "2026-01-01") == Verdict())
    }
}
