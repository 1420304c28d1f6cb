import Reconciliation
import Testing
import Trade

@Suite struct MatchPriceTests {
    private func bills(_ price: String, ordered: String? = "5.75", unit: String? = "EA", currency: Currency = usd) -> OrderCase {
        purchase(
            [order([item("B0A", "50", ordered), item("B0B", "10", "2.00")], currency: currency)],
            [billed([item("B0A", "50", price, unit: unit, file: "810.edi"), item("B0B", "10", "2.00")])])
    }

    @Test func `an invoice above and one below the order's price`() throws {
        let finding = try #require(judge(bills("5.80"), on: "2026-01-01").finding(.matchPrice))
        #expect(finding.subject == "INV-1001")
        #expect(finding.sum == "2.50")
        #expect(finding.money == "invoice:INV1001")
        #expect(finding.direction == .toUs)
        #expect(
            finding.details == [
                "order": "8ERGSTUM",
                "items": [
                    ["item": "B0A", "line": "1", "quantity": "50", "unit": "EA", "price": "5.80", "order_price": "5.75", "amount": "2.50"]
                ],
            ])
        #expect(judge(bills("5.70"), on: "2026-01-01").told(.matchPrice) == ["INV-1001 2.50"])
        #expect(judge(bills("5.75"), on: "2026-01-01") == Verdict())
        #expect(judge(bills("5.750"), on: "2026-01-01") == Verdict())
    }

    @Test func `a difference of exactly the tolerance for a unit passes`() {
        let rules = account { $0.unitPriceTolerance = ExactDecimal("0.05") ?? ExactDecimal(0) }
        #expect(judge(bills("5.80"), on: "2026-01-01", rules) == Verdict())
        #expect(judge(bills("5.801"), on: "2026-01-01", rules).told(.matchPrice) == ["INV-1001 2.55"])
    }

    @Test func `an invoice has one finding, the sum over its items, rounded once`() {
        let ordered = [item("B0A", "3", "1.000"), item("B0B", "3", "1.000")]
        let invoiced = [item("B0A", "3", "1.0015"), item("B0B", "3", "0.9985")]
        // 0.0045 + 0.0045 = 0.009
        #expect(judge(purchase([order(ordered)], [billed(invoiced)]), on: "2026-01-01").told(.matchPrice) == ["INV-1001 0.01"])
    }

    @Test func `prices in another currency, for another unit, or not stated are not compared`() {
        #expect(judge(bills("9.99", currency: eur), on: "2026-01-01").told(.matchPrice).isEmpty)
        #expect(judge(bills("57.50", unit: "CA"), on: "2026-01-01") == Verdict())
        #expect(judge(bills("5.80", ordered: nil), on: "2026-01-01") == Verdict())
        // a form whose prices are agreed elsewhere
        #expect(judge(bills("5.80", ordered: "0.00"), on: "2026-01-01") == Verdict())
    }

    @Test func `of two orders of one date the content decides, not which came first`() {
        func bothWays(_ first: String, _ second: String) -> [Verdict] {
            [(first, second), (second, first)].map { a, b in
                let orders = [
                    order([item("B0A", "50", a)], document: 200), order([item("B0A", "50", b)], came: "2025-12-22", document: 201),
                ]
                return judge(purchase(orders, [billed([item("B0A", "50", "5.80")])]), on: "2026-01-01")
            }
        }
        #expect(bothWays("5.75", "5.80") == [Verdict(), Verdict()])
        let below = bothWays("5.75", "5.60")
        #expect(below.map { $0.told(.matchPrice) } == [["INV-1001 2.50"], ["INV-1001 2.50"]])
        // a change is made to the order of its day, and a list of a later day says what holds by then
        var changed = bills("5.70")
        changed.orders.insert(order([item("B0A", "50", "5.70", status: "PC")], kind: .change, document: 100), at: 0)
        #expect(judge(changed, on: "2026-01-01") == Verdict())
        let list = order([item("B0A", "50", "5.70", received: "0")], came: "2026-01-05", document: 100)
        var listed = bills("5.70")
        listed.orders.insert(list, at: 0)
        #expect(judge(listed, on: "2026-01-01") == Verdict())
    }

    @Test func `the latest price of the order by date is the one`() {
        var changed = bills("5.80")
        let change = order([item("B0A", "50", "5.80", status: "PC")], "2025-12-24", kind: .change)
        changed.orders.append(change)
        #expect(judge(changed, on: "2026-01-01") == Verdict())
        changed.orders.reverse()
        #expect(judge(changed, on: "2026-01-01") == Verdict())
        // before the order itself, or only our own answer
        changed = bills("5.80")
        changed.orders.append(order([item("B0A", "50", "5.80")], "2025-12-01", kind: .change))
        changed.orders.append(order([item("B0A", "50", "5.80")], "2025-12-28", kind: .acknowledgement))
        #expect(judge(changed, on: "2026-01-01").told(.matchPrice) == ["INV-1001 2.50"])
    }

    @Test func `an order that lists an item at two prices agrees to both`() {
        let twice = [item("B0A", "50", "5.75"), item("B0A", "10", "5.00", place: 2)]
        for (price, told) in [("5.75", []), ("5.00", []), ("5.10", ["INV-1001 1.00"])] {
            #expect(judge(purchase([order(twice)], [billed([item("B0A", "10", price)])]), on: "2026-01-01").told(.matchPrice) == told)
        }
    }

    @Test func `each invoice of an order is told by itself, and without lines, as a second, or before the opening not`() {
        var three = bills("5.80")
        three.invoices.append(billed([item("B0A", "10", "5.85")], invoice("INV-1002", date: "2026-01-03", document: 2)))
        three.invoices.append(billed([], invoice("INV-1003", document: 3)))
        three.invoices.append(billed([item("B0A", "10", "9.99")], invoice("INV1002", date: "2026-01-04", document: 4)))
        #expect(judge(three, on: "2026-01-04").told(.matchPrice) == ["INV-1001 2.50", "INV-1002 1.00"])
        let rules = account { $0.opening = day("2026-01-02") }
        #expect(judge(three, on: "2026-01-04", rules).told(.matchPrice) == ["INV-1002 1.00"])
        three.orders = []
        #expect(judge(three, on: "2026-01-04") == Verdict())
    }
}
