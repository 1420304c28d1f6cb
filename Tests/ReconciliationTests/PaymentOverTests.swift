import Testing
import Trade

/// The invoice of 2026-01-01 over 1000.00 is due on 2026-03-02; 2 % may be kept until 2026-01-31.
@Suite struct PaymentOverTests {
    private func over(_ lines: [LineFact], memos: [MemoFact] = [], on today: String = "2026-02-21") -> Finding? {
        judge(family([invoice()], lines, memos: memos), on: today).finding(.paymentOver)
    }

    @Test func `more than is expected, by more than the tolerance, is over and owed by us`() throws {
        #expect(judge(family([invoice()], [line("INV-1001", 1000_05)]), on: "2026-02-21").kinds.isEmpty)
        let told = try #require(over([line("INV-1001", 1000_06)]))
        #expect(told.sum == "0.06")
        #expect(told.direction == .byUs)
        #expect(told.money == "invoice:INV1001")
        #expect(told.details == ["expected": "1000.00", "paid": "1000.06"])
        #expect(told.evidence.map(\.file) == ["810.edi", "820.edi"])
    }

    @Test func `it needs no payment in full, and a paid claim or credit is over as well`() {
        // 600 and 600 are 200 too much
        #expect(over([line("INV-1001", 600_00), line("INV-1001", 600_00, payment: "P2")])?.sum == "200.00")
        // a credit of 100 that we granted, and all was paid
        let told = over([line("INV-1001", 1000_00)], memos: [memo("CM-1", -100_00)])
        #expect(told?.sum == "100.00")
        #expect(told?.details["credits"] == "100.00")
    }

    @Test func `an excess that was taken back is none, and one taken back in part is less`() {
        let paid = line("INV-1001", 1019_40)
        #expect(over([paid])?.sum == "19.40")
        let back = judge(family([invoice()], [paid, line("INV-1001", -19_40, "2026-03-13", payment: "P2")]), on: "2026-03-14")
        #expect(back.kinds.isEmpty)
        let part = over([paid, line("INV-1001", -10_00, payment: "P2")])
        #expect(part?.sum == "9.40")
        #expect(part?.details["taken_back"] == "10.00")
    }

    @Test func `a discount that was not taken is no overpayment, one that was taken and paid as well is`() {
        #expect(judge(family([invoice()], [line("INV-1001", 1000_00, "2026-01-10")]), on: "2026-01-11").kinds.isEmpty)
        let told = over([line("INV-1001", 1000_00, "2026-01-10", discount: 20_00)])
        #expect(told?.sum == "20.00")
        #expect(told?.details["expected"] == "980.00")
        #expect(told?.details["discount_earned"] == "20.00")
    }

    // MARK: discount in claims

    /// 980.00 in time for 1000.00; a claim of goods worth 50.00, posted as 49.00, and its gross reversal.
    private func chain(claim: Int64 = -49_00, reversal: Int64 = 50_00, discount: Int64 = 0) -> [LineFact] {
        [
            line("INV-1001", 980_00, "2026-01-20", discount: 20_00),
            line("INV-1001SC", claim, "2026-02-10", type: .claim, discount: discount, payment: "P2"),
            line("INV-1001SCR", reversal, "2026-03-05", type: .claim, payment: "P3"),
        ]
    }

    @Test func `a gross reversal of a claim net of discount leaves over what no rule tells`() {
        // 20.00 × 50.00 ÷ 1000.00 = 1.00, whether the file shows the discount of the claim or not
        #expect(judge(family([invoice()], chain()), on: "2026-03-06").kinds.isEmpty)
        #expect(judge(family([invoice()], chain(discount: -1_00)), on: "2026-03-06").kinds.isEmpty)
        // while it stands it is 49 of 50: the reversal is not there yet
        let short = judge(family([invoice()], Array(chain().prefix(2))), on: "2026-02-11").short
        #expect(short?.sum == "49.00")
        #expect(short?.explained == ["shortage INV-1001SC 49.00"])
    }

    @Test func `what is more than that is over`() {
        // 60.00 for 49.00: of 11.00, 1.20 is the discount in the claim
        let told = over(chain(reversal: 60_00), on: "2026-03-06")
        #expect(told?.sum == "9.80")
        #expect(told?.details["discount_in_claims"] == "1.20")
        // a claim that shows its discount leaves nothing over
        let shown = over(chain(reversal: 51_00, discount: -1_00), on: "2026-03-06")
        #expect(shown?.sum == "1.00")
        #expect(shown?.details["discount_in_claims"] == nil)
    }

    @Test func `without a discount a reversal above its claim is over`() {
        let lines = [
            line("INV-1001", 1000_00), line("INV-1001SC", -49_00, type: .claim), line("INV-1001SCR", 50_00, type: .claim, payment: "P2"),
        ]
        #expect(over(lines)?.sum == "1.00")
    }

    @Test func `two reversed rounds leave over twice as much`() {
        let second = [
            line("INV-1001SCRSC", -49_00, "2026-03-10", type: .claim, payment: "P4"),
            line("INV-1001SCRSCR", 50_00, "2026-03-20", type: .claim, payment: "P5"),
        ]
        #expect(judge(family([invoice()], chain() + second), on: "2026-03-21").findings(of: "payment.over").isEmpty)
    }

    @Test func `history and the unpaid are never over`() {
        let opening = account { $0.opening = day("2026-01-02") }
        #expect(judge(family([invoice()], [line("INV-1001", 2000_00)]), on: "2026-02-21", opening) == Verdict())
        // a credit above the total is not a payment, yet it is ours to give
        let credited = judge(family([invoice()], memos: [memo("CM-1", -1100_00)]), on: "2026-02-21")
        #expect(credited.finding(.paymentOver)?.sum == "100.00")
    }
}

extension Verdict {
    func findings(of kind: String) -> [Finding] { findings.filter { $0.kind.rawValue == kind } }
}
