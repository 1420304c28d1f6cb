import Testing
import Trade

/// 1000.00, due 2026-03-02, grace until 2026-03-05.
@Suite struct PaymentPaidLateTests {
    private func late(_ lines: [LineFact], memos: [MemoFact] = [], on today: String = "2026-04-01") -> Finding? {
        judge(family([invoice()], lines, memos: memos, knownUntil: "2026-12-31"), on: today).finding(.paymentPaidLate)
    }
    private func paid(_ amount: Int64, _ date: String?, payment: String = "P1") -> LineFact {
        line("INV-1001", amount, date, payment: payment)
    }

    @Test func `paid after due and grace is told with the whole total`() throws {
        #expect(late([paid(1000_00, "2026-03-05")]) == nil)
        let told = try #require(late([paid(1000_00, "2026-03-06")]))
        #expect(told.sum == "1000.00")
        #expect(told.isToldOnce)
        #expect(told.direction == .none)
        #expect(told.details == ["due": "2026-03-02", "paid_on": "2026-03-06", "days_late": 4])
    }

    @Test func `it is told on the day of the advice, not before it is settled`() {
        let part = judge(family([invoice()], [paid(999_94, "2026-03-10")]), on: "2026-03-11")
        #expect(part.kinds == [.paymentShort])
        #expect(late([paid(999_95, "2026-03-10")]) != nil)
        #expect(late([paid(600_00, "2026-02-20"), paid(400_00, "2026-03-10", payment: "P2")])?.details["paid_on"] == "2026-03-10")
        #expect(late([paid(600_00, "2026-02-20"), paid(400_00, "2026-03-04", payment: "P2")]) == nil)
    }

    @Test func `a later payment that was not needed does not make it late`() {
        let inTime = paid(1000_00, "2026-03-01")
        #expect(late([inTime, paid(50_00, "2026-03-20", payment: "P2")]) == nil)
        // paid twice, the second time late, then taken back
        let twice = [inTime, paid(1000_00, "2026-03-20", payment: "P2")]
        #expect(late(twice) == nil)
        #expect(late(twice + [paid(-1000_00, "2026-03-25", payment: "P3")]) == nil)
        // both late: the first was needed
        #expect(late([paid(1000_00, "2026-03-10"), paid(1000_00, "2026-03-20", payment: "P2")])?.details["paid_on"] == "2026-03-10")
    }

    @Test func `taken back and paid again is settled by the second payment`() {
        let lines = [paid(1000_00, "2026-03-01"), paid(-1000_00, "2026-03-03", payment: "P2"), paid(1000_00, "2026-03-20", payment: "P3")]
        #expect(late(lines)?.details["paid_on"] == "2026-03-20")
        // taken back and paid again on one day is as if nothing had been
        let sameDay = [
            paid(1000_00, "2026-03-01"), paid(-1000_00, "2026-03-20", payment: "P2"), paid(1000_00, "2026-03-20", payment: "P3"),
        ]
        #expect(late(sameDay) == nil)
    }

    @Test func `reversals and claims are no payments`() {
        let claimed = [paid(1000_00, "2026-03-01"), line("INV-1001SC", -100_00, "2026-03-01", type: .claim)]
        #expect(late(claimed + [line("INV-1001SCR", 100_00, "2026-03-20", type: .claim, payment: "P2")]) == nil)
        // nor does a claim that is written off make a timely payment late
        #expect(late(claimed, on: "2026-12-31") == nil)
        let short = [paid(1000_00, "2026-03-20"), line("INV-1001SC", -100_00, "2026-03-20", type: .claim)]
        #expect(late(short) == nil)
        // shortage: 30 days after the later of due date and deduction, 2026-04-19
        let open = judge(family([invoice()], short, knownUntil: "2026-12-31"), on: "2026-04-19")
        #expect(open.kinds == [.paymentShort])
        #expect(open.wake == day("2026-04-20"))
        #expect(late(short, on: "2026-04-20")?.details["days_late"] == 18)
    }

    @Test func `credits can settle, and what they settle needs no payment`() {
        #expect(late([paid(900_00, "2026-03-20")], memos: [memo("CM-1", -100_00)])?.sum == "1000.00")
        #expect(late([paid(1, "2026-03-20")], memos: [memo("CM-1", -1000_00)]) == nil)
    }

    @Test func `a discount that was not earned is told by itself, the invoice was paid late all the same`() {
        let verdict = judge(family([invoice()], [line("INV-1001", 980_00, "2026-03-20", discount: 20_00)]), on: "2026-03-21")
        #expect(verdict.kinds == [.paymentPaidLate, .paymentDiscountUnearned])
    }

    @Test func `a due date that becomes known later tells it then`() {
        let without = account { $0.terms = nil }
        let lines = [paid(1000_00, "2026-03-20")]
        #expect(judge(family([invoice()], lines), on: "2026-04-01", without) == Verdict())
        let listed = [
            invoice(), invoice("INV-1001", date: "2026-01-01", terms: PaymentTerms(dueDate: day("2026-03-10")), po: nil, document: 2),
        ]
        let told = judge(family(listed, lines), on: "2026-04-01", without).finding(.paymentPaidLate)
        #expect(told?.details["days_late"] == 10)
    }

    @Test func `what is undated, history or without a due date is not told`() {
        #expect(late([paid(1000_00, nil)]) == nil)
        let opening = account { $0.opening = day("2026-01-02") }
        #expect(judge(family([invoice()], [paid(1000_00, "2026-03-20")]), on: "2026-04-01", opening) == Verdict())
        #expect(judge(family([invoice(date: nil)], [paid(1000_00, "2026-03-20")]), on: "2026-04-01") == Verdict())
    }
}
