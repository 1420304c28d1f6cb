import Testing
import Trade

@testable import Reconciliation

/// One item of 100 at 5.75, ordered, invoiced and received on 2026-01-10; judged from 2026-01-24.
@Suite struct MatchQuantityTests {
    private func hundred(received: [ReceiptFact], invoiced: String = "100", price: String = "5.75") -> OrderCase {
        purchase([order([item("B0A", "100", price)])], [billed([item("B0A", invoiced, price, file: "810.edi")])], received)
    }
    private func got(_ quantity: String, _ date: String = "2026-01-10", _ number: String = "R-1") -> ReceiptFact {
        receipt([item("B0A", quantity, file: "861.edi")], date, number: number)
    }

    @Test func `97 of 100 received is short by three`() throws {
        let finding = try #require(judge(hundred(received: [got("97")]), on: "2026-01-24").finding(.matchQuantity))
        #expect(finding.subject == "8ERGSTUM/B0A")
        #expect(finding.key == "8ERGSTUMB0A")
        #expect(finding.sum == "17.25")
        #expect(finding.direction == .toUs)
        #expect(finding.money == "invoice:INV1001")
        #expect(
            finding.details == [
                "side": "short", "ordered": "100", "received": "97", "invoiced": "100", "difference": "3", "price": "5.75",
                "order": "8ERGSTUM", "item": "B0A", "invoices": ["INV-1001"], "last_receipt": "2026-01-10",
            ])
        #expect(finding.evidence.map(\.file) == ["810.edi", "850.edi", "861.edi"])
    }

    @Test func `exactly two per cent passes, on both sides`() {
        for quantity in ["98", "102", "100"] {
            #expect(judge(hundred(received: [got(quantity)]), on: "2026-06-01") == Verdict(), "\(quantity)")
        }
        #expect(judge(hundred(received: [got("97.999")]), on: "2026-06-01").told(.matchQuantity) == ["8ERGSTUM/B0A 11.51"])
        let over = judge(hundred(received: [got("105")]), on: "2026-06-01")
        #expect(over.told(.matchQuantity) == ["8ERGSTUM/B0A 28.75"])
        #expect(over.finding(.matchQuantity)?.details["side"] == "unbilled")
        // of what was invoiced, not of what was received
        #expect(judge(hundred(received: [got("51")], invoiced: "50"), on: "2026-06-01") == Verdict())
        #expect(judge(hundred(received: [got("51.01")], invoiced: "50"), on: "2026-06-01").findings.count == 1)
        let exact = account { $0.quantityTolerance = ExactDecimal(0) }
        #expect(judge(hundred(received: [got("99.9")]), on: "2026-06-01", exact).told(.matchQuantity) == ["8ERGSTUM/B0A 0.58"])
    }

    @Test func `an order is judged settle_days after its last receipt, and that day is announced`() {
        let early = judge(hundred(received: [got("97")]), on: "2026-01-23")
        #expect(early == Verdict(wake: day("2026-01-24")))
        // a later part delivery puts it off, also one of another item
        let parts = hundred(received: [got("40"), got("57", "2026-01-15", "R-2")])
        #expect(judge(parts, on: "2026-01-28") == Verdict(wake: day("2026-01-29")))
        #expect(judge(parts, on: "2026-01-29").told(.matchQuantity) == ["8ERGSTUM/B0A 17.25"])
        // what agrees needs no day
        #expect(judge(hundred(received: [got("98")]), on: "2026-01-11") == Verdict())
    }

    @Test func `part deliveries and all invoices of an order count together`() {
        let together = [got("48"), got("49", "2026-01-12", "R-2")]
        #expect(judge(hundred(received: together), on: "2026-03-01").told(.matchQuantity) == ["8ERGSTUM/B0A 17.25"])
        #expect(judge(hundred(received: [got("49"), got("49", "2026-01-12", "R-2")]), on: "2026-03-01") == Verdict())
        let halves = [billed([item("B0A", "50", "5.75")]), billed([item("B0A", "50", "5.75")], invoice("INV-1002", document: 2))]
        #expect(judge(purchase([order([item("B0A", "100", "5.75")])], halves, [got("100")]), on: "2026-03-01") == Verdict())
        let short = judge(purchase([order([item("B0A", "100", "5.75")])], halves, [got("90")]), on: "2026-03-01")
        #expect(short.told(.matchQuantity) == ["8ERGSTUM/B0A 57.50"])
        #expect(short.findings.first?.money == "order:8ERGSTUM/B0A")
    }

    @Test func `the same receipt twice counts once, the same number with other lines does not`() {
        #expect(judge(hundred(received: [got("50"), got("50")]), on: "2026-03-01").told(.matchQuantity) == ["8ERGSTUM/B0A 287.50"])
        #expect(judge(hundred(received: [got("50"), got("50", "2026-01-11")]), on: "2026-03-01") == Verdict())
        #expect(judge(hundred(received: [got("49"), got("51")]), on: "2026-03-01") == Verdict())
    }

    @Test func `the latest snapshot of a list counts where it says more than the receipts`() {
        func list(_ received: String, _ came: String, status: String = "Confirmed", cancelled: String? = nil) -> OrderFact {
            order([item("B0A", "100", "5.75", unit: nil, status: status, received: received, cancelled: cancelled)], came: came)
        }
        let bill = [billed([item("B0A", "100", "5.75")])]
        // snapshots are never added up, and nothing received is no receipt
        #expect(judge(purchase([list("0", "2026-01-05")], bill), on: "2026-06-01") == Verdict())
        let weekly = [list("0", "2026-01-05"), list("90", "2026-01-12"), list("90", "2026-01-19")]
        #expect(judge(purchase(weekly, bill), on: "2026-01-25") == Verdict(wake: day("2026-01-26")))
        #expect(judge(purchase(weekly, bill), on: "2026-01-26").told(.matchQuantity) == ["8ERGSTUM/B0A 57.50"])
        #expect(judge(purchase(weekly + [list("99", "2026-01-26")], bill), on: "2026-06-01") == Verdict())
        // receipts that came since
        #expect(judge(purchase(weekly, bill, [got("60"), got("40", "2026-01-20", "R-2")]), on: "2026-06-01") == Verdict())
        #expect(judge(purchase(weekly, bill, [got("60")]), on: "2026-06-01").told(.matchQuantity) == ["8ERGSTUM/B0A 57.50"])
        // a receipt taken back by the buyer: the latest counts, not the highest
        #expect(
            judge(purchase(weekly + [list("80", "2026-01-26")], bill), on: "2026-06-01").told(.matchQuantity) == ["8ERGSTUM/B0A 115.00"])
    }

    @Test func `a closed order is judged at once`() {
        func list(_ received: String, status: String = "Confirmed", cancelled: String? = nil) -> OrderCase {
            purchase(
                [
                    order(
                        [item("B0A", "100", "5.75", unit: nil, status: status, received: received, cancelled: cancelled)],
                        came: "2026-01-12")
                ],
                [billed([item("B0A", "100", "5.75")])])
        }
        #expect(judge(list("90"), on: "2026-01-12").findings.isEmpty)
        #expect(judge(list("90", status: "Closed"), on: "2026-01-12").told(.matchQuantity) == ["8ERGSTUM/B0A 57.50"])
        #expect(judge(list("90", cancelled: "10"), on: "2026-01-12").told(.matchQuantity) == ["8ERGSTUM/B0A 57.50"])
        #expect(judge(list("90", cancelled: "9"), on: "2026-01-12").findings.isEmpty)
        // closed with nothing received: the list says so
        #expect(judge(list("0", status: "Closed"), on: "2026-01-12").told(.matchQuantity) == ["8ERGSTUM/B0A 575.00"])
        // cancelled by a change
        var cancelled = hundred(received: [got("90")])
        cancelled.orders.append(order([], "2026-01-09", kind: .change, cancelled: true))
        #expect(judge(cancelled, on: "2026-01-10").findings.count == 1)
        // and ordered anew
        cancelled.orders.append(order([item("B0A", "100", "5.75")], "2026-01-10", document: 201))
        #expect(judge(cancelled, on: "2026-01-11").findings.isEmpty)
    }

    @Test func `nothing is said without the order, a receipt, an invoice or its lines`() {
        let full = hundred(received: [got("50")])
        #expect(judge(full, on: "2026-03-01").findings.count == 1)
        for strip in [\OrderCase.orders.isEmpty, \.receipts.isEmpty, \.invoices.isEmpty] {
            var less = full
            if strip == \.orders.isEmpty { less.orders = [] }
            if strip == \.receipts.isEmpty { less.receipts = [] }
            if strip == \.invoices.isEmpty { less.invoices = [] }
            #expect(judge(less, on: "2026-03-01") == Verdict())
        }
        var answered = full
        answered.orders[0].kind = .acknowledgement
        #expect(judge(answered, on: "2026-03-01") == Verdict())
        // one invoice of two has no lines: how much it bills of what is not known
        var listed = full
        listed.invoices.append(billed([], invoice("INV-1002", document: 2)))
        #expect(judge(listed, on: "2026-03-01") == Verdict())
        // but the same invoice from a list, beside the one with lines, changes nothing
        var twice = full
        twice.invoices.append(billed([], invoice("inv1001", document: 0)))
        #expect(judge(twice, on: "2026-03-01").findings == judge(full, on: "2026-03-01").findings)
    }

    @Test func `each item of the order is judged by itself, and one that is not on it has none`() {
        let items = [item("B0A", "100", "5.75"), item("B0B", "40", "5.80"), item("B0C", "60", "1.00")]
        let bill = [billed(items + [item("B0X", "10", "9.00")])]
        let came = receipt([item("B0A", "105"), item("B0B", "30"), item("B0C", "60"), item("B0Y", "7")])
        let verdict = judge(purchase([order(items)], bill, [came]), on: "2026-03-01")
        #expect(verdict.told(.matchQuantity) == ["8ERGSTUM/B0A 28.75", "8ERGSTUM/B0B 58.00"])
        // an item of the order of which nothing came
        let none = receipt([item("B0A", "100"), item("B0C", "60")])
        #expect(judge(purchase([order(items)], [billed(items)], [none]), on: "2026-03-01").told(.matchQuantity) == ["8ERGSTUM/B0B 232.00"])
    }

    @Test func `the difference is valued at the invoices' price, weighted where they differ, and rounded once`() {
        // 60 at 5.00 and 30 at 6.50: 495.00 for 90, so 10 missing are 55.00
        let bills = [billed([item("B0A", "60", "5.00")]), billed([item("B0A", "30", "6.50")], invoice("INV-1002", document: 2))]
        let verdict = judge(purchase([order([item("B0A", "90", "5.00")])], bills, [got("80")]), on: "2026-03-01")
        #expect(verdict.told(.matchQuantity) == ["8ERGSTUM/B0A 55.00"])
        #expect(verdict.finding(.matchQuantity)?.details["price"] == "495.00 / 90")
        // 3 × 0.335 = 1.005, half away from zero
        #expect(judge(hundred(received: [got("97")], price: "0.335"), on: "2026-03-01").told(.matchQuantity) == ["8ERGSTUM/B0A 1.01"])
        // received, and on no invoice of an order that is invoiced: the order's price
        let two = [item("B0A", "100", "5.75"), item("B0B", "10", "2.50")]
        let unbilled = judge(
            purchase([order(two)], [billed([two[0]])], [receipt([item("B0A", "100"), item("B0B", "10")])]), on: "2026-03-01")
        #expect(unbilled.told(.matchQuantity) == ["8ERGSTUM/B0B 25.00"])
        // no price anywhere: the difference without an amount
        let free = purchase([order([item("B0A")])], [billed([item("B0A")])], [got("50")])
        #expect(judge(free, on: "2026-03-01").told(.matchQuantity) == ["8ERGSTUM/B0A -"])
    }

    @Test func `cases and pieces are never compared, and codes for a piece are one unit`() {
        func units(_ ordered: String?, _ billedIn: String?, _ receivedIn: String?) -> Verdict {
            judge(
                purchase(
                    [order([item("B0A", "100", "5.75", unit: ordered)])], [billed([item("B0A", "100", "5.75", unit: billedIn)])],
                    [receipt([item("B0A", "50", unit: receivedIn)])]), on: "2026-03-01")
        }
        #expect(units("EA", "EA", "CA") == Verdict())
        #expect(units("EA", "CA", nil) == Verdict())
        #expect(units("EA", "PCE", nil).findings.count == 1)
        #expect(units(nil, nil, "ea").findings.count == 1)
        #expect(units("CA", "CA", "CA").findings.count == 1)
        // one receipt in pieces, one in cases
        let mixed = [receipt([item("B0A", "50")]), receipt([item("B0A", "1", unit: "CA")], number: "R-2")]
        #expect(judge(purchase([order([item("B0A")])], [billed([item("B0A", "100", "1")])], mixed), on: "2026-03-01") == Verdict())
    }

    @Test func `the second of a duplicate number bills nothing, on whichever order the first is`() {
        let first = invoice("INV-1001", 575_00, date: "2026-01-01", document: 1)
        let second = invoice("inv 1001", 575_00, date: "2026-01-03", document: 2)
        let here = purchase([order([item("B0A", "100", "5.75")])], [billed([item("B0A", "100", "5.75")], second)], [got("50")])
        var elsewhere = first
        elsewhere.po = "OTHER"
        var withFirst = here
        withFirst.namesakes = [elsewhere]
        #expect(judge(here, on: "2026-03-01").findings.count == 1)
        #expect(judge(withFirst, on: "2026-03-01") == Verdict())
        // a copy of the same invoice from a list that names no order is no other invoice
        var copy = second
        copy.po = nil
        copy.document = 1
        withFirst.namesakes = [copy]
        #expect(judge(withFirst, on: "2026-03-01").findings.count == 1)
        copy.date = nil
        withFirst.namesakes = [copy]
        #expect(judge(withFirst, on: "2026-03-01").findings.count == 1)
        // of another date or total it is: the first, though it names no order
        copy.date = day("2026-01-01")
        withFirst.namesakes = [copy]
        #expect(judge(withFirst, on: "2026-03-01") == Verdict())
        copy.date = second.date
        copy.total = 574_00
        withFirst.namesakes = [copy]
        #expect(judge(withFirst, on: "2026-03-01") == Verdict())
        copy.date = day("2026-01-04")
        withFirst.namesakes = [copy]
        #expect(judge(withFirst, on: "2026-03-01").findings.count == 1)
        // both on one order
        let both = purchase(
            [order([item("B0A", "100", "5.75")])],
            [billed([item("B0A", "70", "5.75")], second), billed([item("B0A", "100", "5.75")], first)],
            [got("100")])
        #expect(judge(both, on: "2026-03-01").told(.matchQuantity) == [])
    }

    @Test func `invoices dated before the opening are silent, and count`() {
        let rules = account { $0.opening = day("2026-01-02") }
        #expect(judge(hundred(received: [got("50")]), on: "2026-03-01", rules) == Verdict())
        var late = hundred(received: [got("50")])
        late.invoices.append(billed([item("B0A", "50", "5.75")], invoice("INV-1002", date: "2026-01-02", document: 2)))
        #expect(judge(late, on: "2026-03-01", rules).told(.matchQuantity) == ["8ERGSTUM/B0A 575.00"])
    }

    @Test func `a change of the order changes what was ordered, an answer does not`() {
        func ordered(_ more: OrderFact...) -> JSON? {
            var changed = hundred(received: [got("50")])
            changed.orders += more
            return judge(changed, on: "2026-03-01").finding(.matchQuantity)?.details["ordered"]
        }
        #expect(ordered(order([item("B0A", "80", status: "CA")], "2026-01-02", kind: .change)) == "80")
        #expect(ordered(order([item("B0A", nil, status: "DI")], "2026-01-02", kind: .change)) == "0")
        #expect(ordered(order([item("B0A", "5", status: "NC")], "2026-01-02", kind: .change)) == "100")
        // less by five or now five: the partners know
        #expect(ordered(order([item("B0A", "5", status: "QD")], "2026-01-02", kind: .change)) == nil)
        #expect(ordered(order([item("B0A", "5")], "2026-01-02", kind: .acknowledgement)) == "100")
        // the order itself again, as a list writes it
        #expect(ordered(order([item("B0A", "100", "5.75", unit: nil)], came: "2026-01-05", document: 201)) == "100")
    }

    @Test func `an order that was cancelled and is invoiced all the same is short by all of it, receipt or none`() {
        let rules = RuleContext(account: account(), today: day("2026-01-12"))
        var cancelled = hundred(received: [])
        #expect(judge(cancelled, on: "2026-01-12") == Verdict())
        cancelled.orders.append(order([], "2026-01-09", kind: .change, cancelled: true))
        let finding = judge(cancelled, on: "2026-01-12").finding(.matchQuantity)
        #expect(finding?.sum == "575.00")
        #expect(finding?.details["side"] == "short")
        #expect(finding?.details["received"] == "0")
        #expect(finding?.details["closed"] == true)
        #expect(Rules.account(of: cancelled, rules).items.map(\.isClosed) == [true])
        func list(_ status: String, cancelled: String?) -> OrderCase {
            var line = item("B0A", "100", "5.75", unit: nil, status: status)
            line.progress = PurchaseOrder.Progress(cancelled: cancelled.flatMap { ExactDecimal($0) })
            var listed = hundred(received: [])
            listed.orders.append(order([line], came: "2026-01-11", document: 201))
            return listed
        }
        #expect(judge(list("Cancelled", cancelled: nil), on: "2026-01-12").told(.matchQuantity) == ["8ERGSTUM/B0A 575.00"])
        #expect(judge(list("Confirmed", cancelled: "100"), on: "2026-01-12").told(.matchQuantity) == ["8ERGSTUM/B0A 575.00"])
        #expect(judge(list("Confirmed", cancelled: "99"), on: "2026-01-12") == Verdict())
        // a list that closes an order and has no column for what was received says nothing of it
        #expect(judge(list("Closed", cancelled: nil), on: "2026-01-12") == Verdict())
    }

    @Test func `a great order with many invoices is judged in time in proportion`() {
        let count = 5000
        let lines = (0..<count).map { item("B\($0)", "10", "1.00") }
        let invoices = (0..<count).map { billed([lines[$0]], invoice("INV-\($0)", document: Int64($0 + 1))) }
        var great = purchase([order(lines)], invoices, [receipt(lines.map { item($0.item, "9") })])
        #expect(judge(great, on: "2026-01-23").wake == day("2026-01-24"))
        #expect(judge(great, on: "2026-01-24").findings.count == count)
        // and one item that every invoice has
        great = purchase([order([item("B0")])], (0..<count).map { billed([item("B0", "1", "1.00")], invoices[$0].invoice) }, [got("1")])
        #expect(judge(great, on: "2026-01-24").findings.count == 1)
    }

    @Test func `huge and absurd figures are out of range and not a trap`() {
        let huge = ExactDecimal(units: 999_999_999_999_999_999, scale: 0)
        let tiny = ExactDecimal(units: 1, scale: 60)
        for (a, b) in [
            (huge, huge), (huge, tiny), (tiny, huge), (ExactDecimal(units: .min, scale: 0), ExactDecimal(units: .max, scale: 18)),
        ] {
            var line = item("B0A")
            line.quantity = a
            line.unitPrice = b
            let lines = (0..<300).map { _ in line }
            var less = line
            less.quantity = b
            for received in [[less], lines, [item("B0A", "1")]] {
                _ = judge(purchase([order(lines)], [billed(lines)], [receipt(received)]), on: "2026-03-01")
            }
        }
        // 1e18 pieces at 1e18: too much for an amount, exact in words
        var line = item("B0A")
        (line.quantity, line.unitPrice) = (huge, huge)
        let finding = judge(purchase([order([line])], [billed([line])], [got("0")]), on: "2026-03-01").finding(.matchQuantity)
        #expect(finding?.amount == nil)
        #expect(finding?.details["out_of_range"] == "999999999999999998000000000000000001.00 USD")
    }

    @Test func `the account of an order shows units that are not compared`() {
        let two = [item("B0A", "100", "5.75"), item("B0B", "4", "9.5")]
        let orderCase = purchase(
            [order(two)], [billed(two)], [receipt([item("B0A", "97"), item("B0B", "1", unit: "CA"), item("B0X", "1")])])
        let shown = Rules.account(of: orderCase, RuleContext(account: account(), today: day("2026-03-01")))
        #expect(shown.items.map(\.number) == ["B0A", "B0B", "B0X"])
        #expect(shown.items.map(\.received) == ["97", "1 CA", "1"])
        #expect(shown.items.map(\.isOrdered) == [true, true, false])
        #expect(shown.items[1].prices == ["9.50 USD"])
    }
}
