import Testing
import Trade

@Suite struct PaymentLateTests {
    @Test func `an unpaid invoice is late on the day after its grace and not before`() throws {
        let unpaid = family([invoice()], knownUntil: "2026-03-31")
        // due 2026-03-02, grace until 2026-03-05
        let before = judge(unpaid, on: "2026-03-05")
        #expect(before.late == nil)
        #expect(before.wake == day("2026-03-06"))
        let late = try #require(judge(unpaid, on: "2026-03-06").late)
        #expect(late.sum == "1000.00")
        #expect(late.subject == "INV-1001")
        #expect(late.direction == .toUs)
        #expect(late.details == ["due": "2026-03-02", "level": 1])
        #expect(late.severity == .warning)
    }

    @Test(arguments: [
        ("2026-03-06", 1, "2026-03-09"), ("2026-03-08", 1, "2026-03-09"), ("2026-03-09", 7, "2026-04-01"), ("2026-03-31", 7, "2026-04-01"),
        ("2026-04-01", 30, ""), ("2026-04-02", 30, ""), ("2026-05-31", 30, ""), ("2027-01-01", 30, ""),
    ])
    func `the level is the largest reached, and the verdict waits for the next`(today: String, level: Int64, wake: String) {
        let verdict = judge(family([invoice()], knownUntil: "2026-12-31"), on: today)
        #expect(verdict.late?.details["level"]?.number == level)
        #expect(verdict.wake == Day(iso: wake))
        #expect(verdict.late?.severity == (level == 30 ? .critical : .warning))
    }

    @Test func `no level is reached without grace on the first day before a level`() {
        let strict = account {
            $0.graceDays = 0
            $0.lateLevels = [7, 30]
        }
        let verdict = judge(family([invoice()], knownUntil: "2026-12-31"), on: "2026-03-03", strict)
        #expect(verdict.late?.details["level"] == nil)
        #expect(verdict.late?.severity == .warning)
        #expect(verdict.wake == day("2026-03-09"))
        let without = judge(family([invoice()], knownUntil: "2026-12-31"), on: "2026-03-03", account { $0.lateLevels = [] })
        #expect(without.late == nil)
        let later = judge(family([invoice()], knownUntil: "2026-12-31"), on: "2026-03-06", account { $0.lateLevels = [] })
        #expect(later.late?.severity == .warning)
        #expect(later.wake == nil)
    }

    @Test(arguments: [
        ("2026-03-06", "1-30"), ("2026-04-01", "1-30"), ("2026-04-02", "31-60"), ("2026-05-01", "31-60"), ("2026-05-02", "61-90"),
        ("2026-05-31", "61-90"), ("2026-06-01", "over 90"), ("2028-01-01", "over 90"),
    ])
    func `the ageing bucket counts days after the due date`(today: String, bucket: String) {
        // due 2026-03-02
        let late = judge(family([invoice()], knownUntil: "2026-12-31"), on: today).late
        let recorded = late.map { RecordedFinding(id: "", finding: $0, state: .open, opened: Instant(seconds: 0), resolved: nil) }
        #expect(recorded?.presentedDetails(today: day(today))["bucket"]?.string == bucket)
        #expect(late?.details["bucket"] == nil)
    }

    @Test func `what we have not been told is behind and not unpaid`() {
        // due + grace = 2026-03-05
        let behind = judge(family([invoice()], knownUntil: "2026-03-04"), on: "2026-03-10").late
        #expect(behind?.details["data"] == "behind")
        let told = judge(family([invoice()], knownUntil: "2026-03-05"), on: "2026-03-10").late
        #expect(told?.details["data"] == nil)
        let never = judge(family([invoice()]), on: "2026-03-10").late
        #expect(never?.details["data"] == "behind")
    }

    @Test func `deductions alone do not pay an invoice`() {
        let claimed = family(
            [invoice()], [line("INV-1001SC", -100_00, type: .claim), adjustment("INV-1001", -5_00, code: "21")], knownUntil: "2026-03-31")
        let verdict = judge(claimed, on: "2026-03-10")
        #expect(verdict.late?.sum == "1105.00")
        #expect(verdict.short == nil)
        // nor does the reversal of a claim
        let reversed = family(
            [invoice()],
            [line("INV-1001SC", -100_00, type: .claim), line("INV-1001SCR", 100_00, "2026-02-25", type: .claim)], knownUntil: "2026-03-31")
        #expect(judge(reversed, on: "2026-03-10").late?.sum == "1000.00")
    }

    @Test func `one paying line ends lateness, however small`() {
        let part = family([invoice()], [line("inv 1001", 1)], knownUntil: "2026-03-31")
        #expect(judge(part, on: "2026-06-01").late == nil)
        #expect(judge(part, on: "2026-06-01").short?.sum == "999.99")
    }

    @Test func `a paying line is judged before its own adjustments`() {
        // 3.00 paid and 3.00 deducted inside the line: the invoice was paid, and nothing came
        let paid = family([invoice()], [line("INV-1001", 0, inside: [inside(-3_00, .freight)])], knownUntil: "2026-03-31")
        #expect(judge(paid, on: "2026-06-01").late == nil)
        #expect(judge(paid, on: "2026-02-21").short?.explained == ["freight INV-1001 3.00"])
    }

    @Test func `the invoice's own terms come before the account's`() {
        let own = family([invoice(terms: PaymentTerms(netDays: 30))], knownUntil: "2026-12-31")
        #expect(judge(own, on: "2026-02-03").late == nil)
        #expect(judge(own, on: "2026-02-04").late?.details["due"] == "2026-01-31")
    }

    @Test func `own terms that name no days leave the due date to the account's`() {
        let own = PaymentTerms(discountPercent: ExactDecimal(1), discountDays: 10)
        #expect(judge(family([invoice(terms: own)], knownUntil: "2026-12-31"), on: "2026-03-06").late?.details["due"] == "2026-03-02")
    }

    @Test(arguments: [
        ("2028-02-10", 0, "2028-02-29"), ("2027-02-10", 0, "2027-02-28"), ("2028-01-31", 29, "2028-02-29"),
        ("2026-01-15", 60, "2026-04-01"),
        ("2028-02-29", 1, "2028-03-01"), ("2100-02-01", 0, "2100-02-28"),
    ])
    func `end of month counts from the last day of the invoice month`(date: String, net: Int, due: String) {
        let terms = PaymentTerms(netDays: net, basis: .endOfMonth)
        let late = judge(family([invoice(date: date, terms: terms)], knownUntil: "2199-01-01"), on: "2150-01-01").late
        #expect(late?.details["due"]?.string == due)
    }

    @Test func `a stated due date wins, and what the terms say is shown`() {
        let terms = PaymentTerms(netDays: 30, dueDate: day("2026-02-15"))
        let late = judge(family([invoice(terms: terms)], knownUntil: "2026-12-31"), on: "2026-02-19").late
        #expect(late?.details["due"] == "2026-02-15")
        #expect(late?.details["due_by_terms"] == "2026-01-31")
        let onlyDate = PaymentTerms(dueDate: day("2026-02-15"))
        let byAccount = judge(family([invoice(terms: onlyDate)], knownUntil: "2026-12-31"), on: "2026-02-19").late
        #expect(byAccount?.details["due_by_terms"] == "2026-03-02")
    }

    @Test func `without terms or without a date an invoice is never late`() {
        let none = account { $0.terms = nil }
        #expect(judge(family([invoice()]), on: "2030-01-01", none) == Verdict())
        #expect(judge(family([invoice(date: nil)]), on: "2030-01-01") == Verdict())
    }

    @Test func `a basis that is not on file is assumed to be the invoice date and said to be`() {
        let terms = PaymentTerms(netDays: 10, basis: .receipt)
        let late = judge(family([invoice(terms: terms)], knownUntil: "2026-12-31"), on: "2026-01-15").late
        #expect(late?.details["basis"] == "assumed")
        #expect(late?.details["due"] == "2026-01-11")
    }

    @Test func `what is dated before the opening is silent`() {
        let opening = account { $0.opening = day("2026-01-02") }
        #expect(judge(family([invoice()]), on: "2026-06-01", opening) == Verdict())
        #expect(judge(family([invoice(date: "2026-01-02")]), on: "2026-06-01", opening).late != nil)
        let paidShort = family([invoice()], [line("INV-1001", 1_00)])
        #expect(judge(paidShort, on: "2026-06-01", opening) == Verdict())
    }

    @Test func `an invoice within tolerance is not late`() {
        #expect(judge(family([invoice("INV-1001", 5)], knownUntil: "2026-12-31"), on: "2026-06-01") == Verdict())
        #expect(judge(family([invoice("INV-1001", 6)], knownUntil: "2026-12-31"), on: "2026-06-01").late?.sum == "0.06")
    }

    @Test func `credits that cover the whole invoice leave nothing to be late`() {
        let credited = family([invoice()], memos: [memo("CM-1", -1000_00)], knownUntil: "2026-12-31")
        #expect(judge(credited, on: "2026-06-01") == Verdict())
    }
}
