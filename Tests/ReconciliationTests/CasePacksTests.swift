import Testing
import Trade

@testable import Reconciliation

/// Ten cases of twelve at 120.00 a case are 120 pieces at 10.00, where the documents say that a case holds twelve.
@Suite struct CasePacksTests {
    private func cases(
        _ quantity: String = "10", _ price: String? = "120.00", unit: String = "CA", pack: String? = "12", file: String = "850.edi"
    ) -> ItemFact {
        item("B0A", quantity, price, unit: unit, pack: pack, file: file)
    }
    private func pieces(_ quantity: String = "120", _ price: String? = "10.00", pack: String? = nil, file: String = "810.edi") -> ItemFact {
        item("B0A", quantity, price, unit: "EA", pack: pack, file: file)
    }
    private func told(_ orderCase: OrderCase) -> Verdict { judge(orderCase, on: "2026-03-01") }

    // MARK: quantities

    @Test func `pieces received are held against cases invoiced, and valued by the case`() throws {
        let short = told(purchase([order([cases()])], [billed([cases(pack: nil)])], [receipt([pieces("108", nil)])]))
        let finding = try #require(short.finding(.matchQuantity))
        #expect(finding.sum == "120.00")
        #expect(finding.details["received"] == "108")
        #expect(finding.details["invoiced"] == "120")
        #expect(finding.details["difference"] == "12")
        #expect(finding.details["price"] == "120.00 / 12")
        // all came
        #expect(told(purchase([order([cases()])], [billed([cases()])], [receipt([pieces("120", nil)])])) == Verdict())
    }

    @Test func `it does not matter which document says what a case holds`() {
        let saying: [(String?, String?, String?)] = [("12", nil, nil), (nil, "12", nil), (nil, nil, "12"), ("12", "12.0", "12")]
        for (ordered, invoiced, received) in saying {
            let order = purchase(
                [order([cases(pack: ordered)])], [billed([cases(pack: invoiced)])], [receipt([pieces("114", nil, pack: received)])])
            #expect(told(order).told(.matchQuantity) == ["8ERGSTUM/B0A 60.00"])
        }
    }

    @Test func `cases of a piece that do not divide are valued exactly and rounded once`() {
        // 100.00 for 24: one piece is 4.1666…
        let order = purchase(
            [self.order([cases("5", "100.00", pack: "24")])], [billed([cases("5", "100.00", pack: nil)])], [receipt([pieces("113", nil)])])
        #expect(told(order).told(.matchQuantity) == ["8ERGSTUM/B0A 29.17"])
    }

    @Test func `nothing is said where no document says what a case holds, or two say different things`() {
        for packs in [(nil, nil), ("12", "10")] as [(String?, String?)] {
            let order = purchase(
                [order([cases(pack: packs.0)])], [billed([cases(pack: packs.1)])], [receipt([pieces("90", nil)])])
            #expect(told(order) == Verdict())
        }
        // two kinds of case: of which of them is said what it holds?
        let mixed = purchase([order([cases(unit: "CA")])], [billed([cases(unit: "CT")])], [receipt([pieces("90", nil)])])
        #expect(told(mixed) == Verdict())
        // a pack may be what is inside a case
        let packs = purchase([order([cases(unit: "PK")])], [billed([cases(unit: "PK")])], [receipt([pieces("90", nil)])])
        #expect(told(packs) == Verdict())
    }

    @Test func `what is counted in cases throughout stays in cases`() {
        let order = purchase([self.order([cases()])], [billed([cases()])], [receipt([cases("9", nil)])])
        let finding = told(order).finding(.matchQuantity)
        #expect(finding?.sum == "120.00")
        #expect(finding?.details["difference"] == "1")
        #expect(finding?.details["price"] == "120.00")
    }

    @Test func `another item's case says nothing`() {
        let other = item("B0B", "10", "120.00", unit: "CA", pack: "12")
        let order = purchase([self.order([cases(pack: nil), other])], [billed([cases(pack: nil)])], [receipt([pieces("90", nil)])])
        #expect(told(order).told(.matchQuantity).isEmpty)
    }

    // MARK: prices

    @Test func `a piece billed dearer than its part of the case's price`() throws {
        let finding = try #require(told(purchase([order([cases()])], [billed([pieces("120", "10.50")])])).finding(.matchPrice))
        #expect(finding.sum == "60.00")
        #expect(finding.details["items"]?.array?.first?["order_price"] == "120.00 / 12")
        #expect(finding.details["items"]?.array?.first?["amount"] == "60.00")
        #expect(told(purchase([order([cases()])], [billed([pieces()])])) == Verdict())
    }

    @Test func `a case billed dearer than its pieces were ordered at`() {
        let ordered = order([pieces(pack: "12")])
        #expect(told(purchase([ordered], [billed([cases("10", "126.00")])])).told(.matchPrice) == ["INV-1001 60.00"])
        #expect(told(purchase([ordered], [billed([cases("10", "120.00")])])) == Verdict())
    }

    @Test func `the tolerance is for one of what the invoice bills`() {
        let rules = account { $0.unitPriceTolerance = ExactDecimal("0.50") ?? ExactDecimal(0) }
        func judged(_ order: OrderCase) -> [String] { judge(order, on: "2026-03-01", rules).told(.matchPrice) }
        #expect(judged(purchase([order([cases()])], [billed([pieces("120", "10.50")])])) == [])
        #expect(judged(purchase([order([cases()])], [billed([pieces("120", "10.51")])])) == ["INV-1001 61.20"])
        #expect(judged(purchase([order([pieces(pack: "12")])], [billed([cases("10", "120.50")])])) == [])
        #expect(judged(purchase([order([pieces(pack: "12")])], [billed([cases("10", "120.51")])])) == ["INV-1001 5.10"])
    }

    @Test func `a price that does not divide agrees with one that is written as nearly as its decimals allow`() {
        let ordered = order([cases("5", "100.00", pack: "24")])
        // 4.1666…
        for price in ["4.1667", "4.167", "4.17"] { #expect(told(purchase([ordered], [billed([pieces("120", price)])])) == Verdict()) }
        for price in ["4.16", "4.18", "4.1666", "4.1668"] {
            #expect(told(purchase([ordered], [billed([pieces("120", price)])])).findings.count == 1, "\(price)")
        }
        #expect(told(purchase([ordered], [billed([pieces("120", "4.2")])])).told(.matchPrice) == ["INV-1001 4.00"])
    }

    @Test func `lines in cases and in pieces on one invoice are one sum`() {
        let order = purchase(
            [self.order([cases()])], [billed([cases("5", "120.00"), pieces("60", "10.00")])], [receipt([pieces("119", nil)])])
        #expect(told(order).told(.matchQuantity).isEmpty)
        let short = purchase(
            [self.order([cases()])], [billed([cases("5", "120.00"), pieces("60", "10.00")])], [receipt([pieces("110", nil)])])
        #expect(told(short).told(.matchQuantity) == ["8ERGSTUM/B0A 100.00"])
    }

    private func order(_ items: [ItemFact]) -> OrderFact { ReconciliationTests.order(items) }
}
