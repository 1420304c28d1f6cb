import Reconciliation
import Testing
import Trade

/// INV-1001 bills 50 and 20 of two items of order 8ERGSTUM at 10.00 and 25.00, and is paid less a claim on 2026-02-20.
@Suite struct DeductionUnsupportedTests {
    private let ordered = [item("B0A", "50", "10.00"), item("B0B", "20", "25.00")]
    private let bill = invoice()

    private func goods(
        received: [ReceiptFact] = [], shipments: [ShipmentFact] = [], billed lines: [ItemFact]? = nil, returns: [ReturnFact] = []
    ) -> GoodsOnFile {
        let onOrder = purchase([order(ordered)], [billed(lines ?? ordered, bill)], received, shipments: shipments)
        return GoodsOnFile(
            orders: ["8ERGSTUM": onOrder], returns: Dictionary(uniqueKeysWithValues: returns.map { (ReferenceKey.of($0.number), $0) }))
    }
    private func all(_ a: String = "50", _ b: String = "20") -> [ReceiptFact] { [receipt([item("B0A", a), item("B0B", b)])] }
    private func claim(_ reference: String = "INV-1001SC", _ amount: Int64 = -100_00, _ date: String = "2026-02-20", payment: String = "P1")
        -> LineFact
    {
        line(reference, amount, date, type: .claim, payment: payment)
    }
    private func told(
        _ lines: [LineFact], _ goods: GoodsOnFile?, on today: String = "2026-03-01", invoices: [InvoiceFact]? = nil,
        _ rules: AccountRules = account()
    ) -> Finding? {
        var invoiceCase = family(invoices ?? [bill], lines)
        invoiceCase.goods = goods
        return judge(invoiceCase, on: today, rules).finding(.deductionUnsupported)
    }
    private let paid = line("INV-1001", 1000_00)

    @Test func `a shortage though everything was received`() throws {
        let finding = try #require(told([paid, claim()], goods(received: all())))
        #expect(finding.subject == "INV-1001SC")
        #expect(finding.sum == "100.00")
        #expect(finding.direction == .toUs)
        #expect(finding.money == "invoice:INV1001/INV1001SC")
        #expect(
            finding.details == [
                "contradiction": "receipts", "class": "shortage", "invoice": "INV-1001", "order": "8ERGSTUM", "payment": "P1",
                "date": "2026-02-20",
                "items": [
                    ["item": "B0A", "invoiced": "50", "received": "50"], ["item": "B0B", "invoiced": "20", "received": "20"],
                ],
            ])
        #expect(Set(finding.evidence.map(\.file)) == ["820.edi", "850.edi"])
        // more than invoiced, and in part deliveries
        let parts = [receipt([item("B0A", "30")]), receipt([item("B0A", "25"), item("B0B", "20")], number: "R-2")]
        #expect(told([paid, claim()], goods(received: parts))?.sum == "100.00")
    }

    @Test func `without a receipt nothing is said of a shortage, and one that is real is supported`() {
        #expect(told([paid, claim()], goods()) == nil)
        #expect(told([paid, claim()], nil) == nil)
        #expect(told([paid, claim()], goods(received: all("49"))) == nil)
        // an item of which nothing came, where others did
        #expect(told([paid, claim()], goods(received: [receipt([item("B0A", "50")])])) == nil)
        // in another unit
        #expect(told([paid, claim()], goods(received: [receipt([item("B0A", "50", unit: "CA"), item("B0B", "20")])])) == nil)
        // our invoice without lines
        #expect(told([paid, claim()], goods(received: all(), billed: [])) == nil)
    }

    @Test func `the whole order is held against the whole order`() {
        // 50 + 50 invoiced, 100 received: neither is short
        var two = goods(received: [receipt([item("B0A", "100"), item("B0B", "20")])])
        two.orders["8ERGSTUM"]?.invoices.append(billed([item("B0A", "50", "10.00")], invoice("INV-1002", document: 2)))
        #expect(told([paid, claim()], two)?.sum == "100.00")
        two.orders["8ERGSTUM"]?.receipts = all("99")
        #expect(told([paid, claim()], two) == nil)
    }

    @Test func `what is missing supports one claim, not every claim for it`() {
        // ten of B0A at 10.00 are missing
        let again = claim("INV-1001SCRSC", -100_00, "2026-02-25", payment: "P2")
        let short = goods(received: all("40"))
        for lines in [[paid, claim(), again], [again, paid, claim()]] {
            let finding = told(lines, short)
            #expect(finding?.subject == "INV-1001SCRSC")
            #expect(finding?.sum == "100.00")
            #expect(finding?.details["contradiction"] == "receipts")
            #expect(finding?.details["claimed_before"] == "100.00")
        }
        // sixteen: what the first leaves supports a part of the second
        let more = goods(received: all("34"))
        #expect(told([paid, claim(), again], more) == nil)
        var invoiceCase = family([bill], [paid, claim(), again])
        invoiceCase.goods = more
        let explained = judge(invoiceCase, on: "2026-03-01").short?.details["explained"]?.array ?? []
        #expect(explained.map { $0["support"] } == ["supported", "supported"])
        #expect(explained.map { $0["excess"] } == [nil, "40.00"])
        // one that was given back takes none of it
        let back = line("INV-1001SCR", 100_00, "2026-02-23", type: .creditMemo, payment: "P3")
        #expect(told([paid, claim(), back, again], short) == nil)
    }

    @Test func `a proof of delivery in units speaks where no receipt does`() {
        let sent = [item("B0A", "50"), item("B0B", "20")]
        let finding = told([paid, claim()], goods(shipments: [shipment(sent, delivered: "2026-01-05")]))
        #expect(finding?.details["contradiction"] == "delivery")
        #expect(finding?.details["items"]?.array?.first == ["item": "B0A", "invoiced": "50", "delivered": "50"])
        // an estimate proves nothing, nor does a shipment that is not delivered, or one that carried less
        #expect(told([paid, claim()], goods(shipments: [shipment(sent, delivered: "2026-01-05", estimated: true)])) == nil)
        #expect(told([paid, claim()], goods(shipments: [shipment(sent)])) == nil)
        #expect(told([paid, claim()], goods(shipments: [shipment([item("B0A", "50")], delivered: "2026-01-05")])) == nil)
        // the same notice twice is one delivery
        let half = shipment([item("B0A", "25"), item("B0B", "20")], delivered: "2026-01-05")
        #expect(told([paid, claim()], goods(shipments: [half, half])) == nil)
    }

    @Test func `a proof of delivery that names the invoice speaks for it, whatever came of others on its order`() {
        let other = billed(ordered, invoice("INV-1002", document: 2))
        func on(_ shipments: [ShipmentFact]) -> Finding? {
            var twice = ordered
            for index in twice.indices { twice[index].quantity = twice[index].key == "B0A" ? ExactDecimal(100) : ExactDecimal(40) }
            let own = purchase([order(twice)], [billed(ordered, bill), other], all("90", "35"), shipments: shipments)
            return told([paid, claim()], GoodsOnFile(orders: ["8ERGSTUM": own]))
        }
        func sent(_ units: String, for invoice: String?) -> ShipmentFact {
            var own = shipment([item("B0A", units), item("B0B", "20")], delivered: "2026-01-05")
            own.invoice = invoice
            return own
        }
        #expect(on([]) == nil)
        #expect(on([sent("50", for: "INV-1001")])?.details["contradiction"] == "delivery")
        #expect(
            on([sent("50", for: "INV-1001")])?.details["items"]?.array?.first == ["item": "B0A", "invoiced": "50", "delivered": "50"])
        for supported in [sent("49", for: "INV-1001"), sent("50", for: "INV-1002"), sent("50", for: nil)] {
            #expect(on([supported]) == nil)
        }
    }

    @Test func `what supports a claim stands beside it in the short payment, with what goes beyond`() {
        func explained(_ goods: GoodsOnFile?, _ lines: [LineFact]) -> JSON? {
            var invoiceCase = family([bill], lines)
            invoiceCase.goods = goods
            return judge(invoiceCase, on: "2026-03-01").short?.details["explained"]?.array?.first
        }
        let plain: JSON = ["reason": "shortage", "reference": "INV-1001SC", "amount": "100.00"]
        func with(_ support: String, _ excess: String? = nil) -> JSON {
            var json = plain
            json["support"] = .string(support)
            json["excess"] = excess.map { .string($0) }
            return json
        }
        #expect(explained(nil, [paid, claim()]) == plain)
        #expect(explained(goods(), [paid, claim()]) == plain)
        #expect(explained(goods(received: all()), [paid, claim()]) == with("contradicted"))
        // ten at 10.00 are missing; then four: 60.00 of the claim is for nothing
        #expect(explained(goods(received: all("40")), [paid, claim()]) == with("supported"))
        #expect(explained(goods(received: all("46")), [paid, claim()]) == with("supported", "60.00"))
        #expect(explained(goods(received: all("46", "18")), [paid, claim()]) == with("supported", "10.00"))
        // exactly the tolerance is none
        let close = [paid, claim("INV-1001SC", -40_05)]
        #expect(explained(goods(received: all("46")), close)?["excess"] == nil)
        #expect(explained(goods(received: all("46")), [paid, claim("INV-1001SC", -40_06)])?["excess"] == "0.06")
    }

    @Test func `a price claim though nothing is invoiced above the order's price`() {
        let lines = [paid, claim("INV-1001PC", -5_00)]
        let finding = told(lines, goods())
        #expect(finding?.subject == "INV-1001PC")
        #expect(finding?.sum == "5.00")
        #expect(finding?.details["contradiction"] == "price")
        #expect(finding?.details["items"]?.array?.first == ["item": "B0A", "price": "10.00", "order_price": "10.00"])
        // one item above it: right, and a price that cannot be compared says nothing
        #expect(told(lines, goods(billed: [item("B0A", "50", "10.10"), ordered[1]])) == nil)
        #expect(told(lines, goods(billed: [item("B0A", "50", nil), ordered[1]])) == nil)
        #expect(told(lines, goods(billed: ordered + [item("B0X", "1", "1.00")])) == nil)
        #expect(told(lines, goods(billed: [item("B0A", "50", "9.90"), ordered[1]]))?.sum == "5.00")
        // receipts have no say in a price
        #expect(told(lines, goods(received: all("10")))?.sum == "5.00")
    }

    @Test func `a deduction under the number of a notice on file is of its class, whatever the line calls itself`() {
        let rtv = ReturnFact(
            document: 7, number: "R778", notified: day("2026-01-20"), currency: usd, total: 40_00,
            evidence: Evidence(sha256: "dd", file: "returns.csv", at: .row(2)))
        let notice = Chargeback(id: "CB-77", amount: 45_00, currency: usd, at: .row(2), date: day("2026-01-20"), invoice: "CHG-555")
        var known = goods(returns: [rtv])
        known.chargebacks = ["CB77": [notice], "CHG555": [notice]]
        func classes(_ lines: [LineFact]) -> [String] {
            var invoiceCase = family([], lines)
            invoiceCase.goods = known
            let verdict = judge(invoiceCase, on: "2026-03-01")
            #expect(verdict.open.isEmpty, "\(verdict.open)")
            return verdict.all(.deductionNew).map { "\($0.details["class"]?.string ?? "-") \($0.details["deadline"]?.string ?? "-")" }
        }
        for type in [ReferenceType.invoice, .debitMemo, .other] {
            #expect(classes([line("R778", -40_00, type: type)]) == ["return 2026-04-21"])
            #expect(classes([line("R778_GLXX", -40_00, type: type)]) == ["return 2026-04-21"])
            #expect(classes([line("RTV9", -40_00, type: type).naming(returnNumber: "R-778")]) == ["return 2026-04-21"])
            #expect(classes([line("CHG-555", -45_00, type: type)]) == ["chargeback 2026-03-22"])
            #expect(classes([line("CB-77", -45_00, type: type)]) == ["chargeback 2026-03-22"])
            // given back under the same number: no payment
            #expect(classes([line("CB-77", -45_00, type: type), line("CB-77", 45_00, "2026-02-21", type: type, payment: "P2")]).count == 1)
        }
    }

    @Test func `a return deducted with no return on file`() {
        func back(_ reference: String) -> [LineFact] { [line(reference, -86_75, type: .return)] }
        let onFile = ReturnFact(
            document: 7, number: "RTV2900697", notified: day("2026-02-01"), currency: usd, total: 86_75,
            evidence: Evidence(sha256: "r", file: "180.edi", at: .file))
        let finding = told(back("RTV2900697"), goods(), invoices: [])
        #expect(finding?.sum == "86.75")
        #expect(finding?.details["contradiction"] == "return")
        #expect(finding?.money == "claim:RTV2900697")
        #expect(told(back("RTV2900697"), goods(returns: [onFile]), invoices: []) == nil)
        #expect(told(back("RTV2900697_ABCD"), goods(returns: [onFile]), invoices: []) == nil)
        #expect(told(back("RTV2900698"), goods(returns: [onFile]), invoices: []) != nil)
        var named = back("5550001")
        named[0].returnNumber = "RTV-2900697"
        #expect(told(named, goods(returns: [onFile]), invoices: []) == nil)
        #expect(told(back("RTV2900697"), nil, invoices: []) == nil)
    }

    @Test func `an invoice or order that the claim names, unknown after unmatched_days`() {
        let stray = [claim("INV-9999SC", -53_35)]
        var invoiceCase = family([], stray)
        let before = judge(invoiceCase, on: "2026-02-22")
        #expect(before.finding(.deductionUnsupported) == nil)
        #expect(before.wake == day("2026-02-23"))
        let finding = told(stray, nil, on: "2026-02-23", invoices: [])
        #expect(finding?.sum == "53.35")
        #expect(finding?.details["contradiction"] == "invoice")
        #expect(finding?.money == "invoice:INV9999/INV9999SC")
        // days count from when the line came, not from its payment
        invoiceCase.lines[0].received = day("2026-02-27")
        #expect(judge(invoiceCase, on: "2026-03-01").finding(.deductionUnsupported) == nil)
        // an order that is named and not on file; one of which our own invoice speaks is
        var charge = line("47439445VCBSINV", -40_00)
        charge.po = "8ERGSTUM"
        #expect(told([charge], GoodsOnFile(orders: ["8ERGSTUM": purchase([])]), invoices: [])?.details["contradiction"] == "order")
        let ours = GoodsOnFile(orders: ["8ERGSTUM": purchase([], [billed([])])])
        #expect(told([charge], ours, invoices: []) == nil)
        #expect(told([charge], nil, invoices: []) == nil)
        // nothing is named
        #expect(told([line("3460-30192735", -40_00, type: .agreement)], goods(), invoices: []) == nil)
    }

    @Test func `a round closed without its final document`() {
        let closing = line("INV-1001SCRI", 100_00, "2026-02-25", text: "RI-REVERSAL|PQV|INV-1001|INV-1001", payment: "P2")
        let finding = told([paid, claim(), closing], goods())
        #expect(finding?.subject == "INV-1001SC")
        #expect(finding?.sum == "100.00")
        #expect(finding?.details["contradiction"] == "final_document")
        #expect(finding?.details["closed"] == "2026-02-25")
        let final = line("IQV2024435923001", -100_00, "2026-02-28", type: .claim, text: "RI|PQV|INV-1001|INV-1001", payment: "P3")
        #expect(told([paid, claim(), closing, final], goods()) == nil)
        // closed in order, and still contradicted
        let received = told([paid, claim(), closing, final], goods(received: all()))
        #expect(received?.subject == "INV-1001SC")
        #expect(received?.sum == "100.00")
        // both at once are one finding
        let both = told([paid, claim(), closing], goods(received: all()))
        #expect(both?.details["contradiction"] == "receipts")
        #expect(both?.details["also"] == ["final_document"])
    }

    @Test func `it ends with the reversal, not with the window, and starts anew with the next round`() {
        let back = claim("INV-1001SCR", 100_00, "2026-02-22", payment: "P2")
        let again = claim("INV-1001SCRSC", -60_00, "2026-02-24", payment: "P3")
        #expect(told([paid, claim()], goods(received: all()), on: "2027-01-01")?.sum == "100.00")
        #expect(told([paid, claim(), back], goods(received: all())) == nil)
        #expect(told([paid, claim(), claim("INV-1001SCR", 30_00)], goods(received: all()))?.sum == "70.00")
        let next = told([paid, claim(), back, again], goods(received: all()))
        #expect(next?.subject == "INV-1001SCRSC")
        #expect(next?.sum == "60.00")
        // a reversal that was booked before its claim
        #expect(told([claim("INV-1001SCR", 100_00, "2026-02-15", payment: "P0"), paid, claim()], goods(received: all())) == nil)
    }

    @Test func `deductions taken before the opening are silent`() {
        let rules = account { $0.opening = day("2026-02-21") }
        #expect(told([paid, claim()], goods(received: all()), rules) == nil)
        #expect(told([paid, claim("INV-1001SC", -100_00, "2026-02-21")], goods(received: all()), rules)?.sum == "100.00")
    }

    @Test func `what an agreement covers needs no support`() {
        let agreement = Agreement(
            id: "RTV-CONTRACT-77", account: "acme-us", deduction: .return, size: .perMonth(500_00),
            valid: day("2025-01-01")...day("2026-12-31"))
        let lines = [line("RTV-CONTRACT-77", -86_75, type: .return)]
        #expect(told(lines, goods(), invoices: []) != nil)
        #expect(told(lines, goods(), invoices: [], account { $0.agreements = [agreement] }) == nil)
    }
}
