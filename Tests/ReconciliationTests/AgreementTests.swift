import Reconciliation
import Testing
import Trade

/// 578.00 a month for co-op, as configured.
@Suite struct AgreementTests {
    private let id = "8037-26565521"
    private func agreed(
        _ size: Agreement.Size = .perMonth(578_00), _ deduction: DeductionClass = .coop, through last: String = "2026-12-31"
    ) -> AccountRules {
        account {
            $0.agreements = [
                Agreement(id: id, account: "acme-us", deduction: deduction, size: size, valid: day("2026-01-01")...day(last))
            ]
        }
    }
    private func bill(_ net: Int64, _ date: String, _ text: String? = "CO-OP", payment: String? = nil) -> LineFact {
        line(id, net, date, type: .agreement, text: text, payment: payment ?? "P-" + date).dated(date)
    }
    private var year: [LineFact] {
        [bill(-578_00, "2026-01-12"), bill(-578_00, "2026-02-12"), bill(-591_00, "2026-03-12"), bill(-573_00, "2026-04-12")]
    }

    @Test func `within the agreement nothing is said, above it the excess of the month is told`() throws {
        #expect(judge(family([], Array(year.prefix(2))), on: "2026-05-01", agreed()) == Verdict())
        let verdict = judge(family([], year), on: "2026-05-01", agreed())
        #expect(verdict.findings.count == 1)
        let told = try #require(verdict.finding(.deductionNew))
        #expect(told.subject == id)
        #expect(told.sum == "13.00")
        #expect(told.money == "claim:803726565521")
        #expect(told.details["agreement"]?.string == id)
        #expect(
            told.details["items"] == [["month": "2026-03", "taken": "591.00", "agreed": "578.00", "amount": "13.00", "reason": "above"]])
        #expect(told.details["payment"] == "P-2026-03-12")
    }

    @Test func `several lines of a month count together, and what came back in the month counts against them`() {
        let parts = [bill(-300_00, "2026-03-02"), bill(-300_00, "2026-03-30")]
        #expect(judge(family([], parts), on: "2026-05-01", agreed()).sums(.deductionNew) == ["\(id) 22.00"])
        let back = parts + [bill(22_00, "2026-03-31")]
        #expect(judge(family([], back), on: "2026-05-01", agreed()) == Verdict())
        // the same bill again in another payment is above the agreement, and only that
        let twice = [bill(-578_00, "2026-03-02"), bill(-578_00, "2026-03-09").dated("2026-03-02")]
        let verdict = judge(family([], twice), on: "2026-05-01", agreed())
        #expect(verdict.findings.map(\.kind) == [.deductionNew, .deductionDuplicate])
        #expect(verdict.sums(.deductionNew) == ["\(id) 578.00"])
        #expect(verdict.sums(.deductionDuplicate) == ["\(id) 578.00"])
        #expect(Set(verdict.findings.map(\.money)) == ["claim:803726565521"])
        // as far as it goes beyond what was agreed
        #expect(judge(family([], twice), on: "2026-05-01", agreed(.perMonth(700_00))).sums(.deductionDuplicate) == ["\(id) 456.00"])
        #expect(judge(family([], twice), on: "2026-05-01", agreed(.perMonth(1156_00))) == Verdict())
        // of two parts that look alike nothing is too much for what another month took
        let alike = [bill(-289_00, "2026-03-02"), bill(-289_00, "2026-03-09").dated("2026-03-02"), bill(-591_00, "2026-04-12")]
        #expect(judge(family([], alike), on: "2026-05-01", agreed()).findings.map(\.kind) == [.deductionNew])
    }

    @Test func `an account of it has every month, with what was allowed and what went beyond`() {
        let rules = agreed(through: "2026-03-31")
        let context = RuleContext(account: rules, today: day("2026-05-01"))
        let months = Rules.months(of: rules.agreements[0], in: family([], year + [bill(100_00, "2026-03-20")]), context)
        #expect(
            months.map { "\($0.month) \($0.standing) \($0.taken) \($0.allowed ?? -1) \($0.beyond ?? -1)" } == [
                "2026-01-01 held 57800 57800 0", "2026-02-01 held 57800 57800 0", "2026-03-01 held 49100 57800 0",
                "2026-04-01 expired 57300 0 57300",
            ])
        // of a percent of what is not known nothing is told
        let percent = agreed(.percentOfReceipts(ExactDecimal(10)))
        var own = family([], Array(year.prefix(2)))
        let unknown = Rules.months(of: percent.agreements[0], in: own, RuleContext(account: percent, today: day("2026-05-01")))
        #expect(unknown.map { $0.allowed == nil && $0.beyond == nil } == [true, true])
        own.receiptsByMonth = [day("2026-02-01"): MonthReceipts(month: day("2026-02-01"), value: 5_000_00 * 10_000)]
        let known = Rules.months(of: percent.agreements[0], in: own, RuleContext(account: percent, today: day("2026-05-01")))
        #expect(known.last.map { [$0.allowed, $0.beyond, $0.receipts?.minorUnits] } == [500_00, 78_00, 5_000_00])
    }

    @Test func `two months above it are one finding with both`() {
        let lines = year + [bill(-600_00, "2026-05-12")]
        let told = judge(family([], lines), on: "2026-06-01", agreed()).finding(.deductionNew)
        #expect(told?.sum == "35.00")
        #expect(told?.details["items"]?.array?.compactMap { $0["month"]?.string } == ["2026-03", "2026-05"])
    }

    @Test func `an expired agreement and one of another class cover nothing`() {
        let expired = judge(family([], Array(year.prefix(3))), on: "2026-05-01", agreed(through: "2026-02-28")).finding(.deductionNew)
        #expect(expired?.sum == "591.00")
        #expect(expired?.details["items"]?.array?.first?["reason"] == "expired")
        let freight = bill(-10_00, "2026-03-01", "FREIGHT ALLOWANCE")
        let other = judge(family([], year + [freight]), on: "2026-05-01", agreed(.perMonth(600_00))).finding(.deductionNew)
        #expect(other?.sum == "10.00")
        #expect(other?.details["items"]?.array?.first?["reason"] == "class")
        // what is not covered is judged like any other deduction
        let twice = [bill(-591_00, "2026-03-12"), bill(-591_00, "2026-03-19").dated("2026-03-12")]
        let again = judge(family([], twice), on: "2026-05-01", agreed(through: "2026-02-28"))
        #expect(again.sums(.deductionNew) == ["\(id) 1182.00"])
        #expect(again.sums(.deductionDuplicate) == ["\(id) 591.00"])
        #expect(
            judge(family([], twice), on: "2026-05-01", agreed(.perMonth(2000_00), .freight)).sums(.deductionDuplicate) == ["\(id) 591.00"])
        // a line that does not say what for is taken for what was agreed
        let silent = bill(-500_00, "2026-03-01", nil)
        #expect(judge(family([], [silent]), on: "2026-05-01", agreed(.perMonth(578_00), .damage)) == Verdict())
    }

    @Test func `a deduction that names the agreement in words is covered by it`() {
        let named = line("C000123", -500_00, "2026-03-01", type: .debitMemo, text: "CO-OP agreement 8037-26565521")
        #expect(judge(family([], [named]), on: "2026-05-01", agreed()) == Verdict())
        let more = line("C000123", -600_00, "2026-03-01", type: .debitMemo, text: "CO-OP agreement 8037-26565521")
        #expect(judge(family([], [more]), on: "2026-05-01", agreed()).sums(.deductionNew) == ["C000123 22.00"])
        let other = line("C000123", -500_00, "2026-03-01", type: .debitMemo, text: "CO-OP agreement 8037-26565522")
        #expect(judge(family([], [other]), on: "2026-05-01", agreed()).sums(.deductionNew) == ["C000123 500.00"])
    }

    @Test func `numbers that name one agreement share its month`() throws {
        let rules = agreed()
        let names = AgreementNames(rules.agreements)
        let lines = ["CO1", "CO2"].map { number in
            line(
                number, -400_00, "2026-03-01", type: .debitMemo, text: "CO-OP \(id)", payment: "P-" + number, agreements: names)
        }
        let verdict = judge(InvoiceCase(family: ReferenceKey.of(id), lines: lines), on: "2026-05-01", rules)
        let told = try #require(verdict.finding(.deductionNew))
        #expect(verdict.findings.count == 1)
        #expect((told.subject, told.sum, told.money) == (id, "222.00", "claim:803726565521"))
    }

    @Test func `a longer number is not the agreement's`() {
        let rules = account {
            $0.agreements = [
                Agreement(
                    id: "100200", account: "acme-us", deduction: .coop, size: .perMonth(578_00),
                    valid: day("2026-01-01")...day("2026-12-31"))
            ]
        }
        let order = line("C000123", -500_00, "2026-03-01", type: .debitMemo, text: "CO-OP order 41002009")
        #expect(judge(family([], [order]), on: "2026-05-01", rules).sums(.deductionNew) == ["C000123 500.00"])
        let own = line("C000123", -500_00, "2026-03-01", type: .debitMemo, text: "CO-OP agreement 100200, March")
        #expect(judge(family([], [own]), on: "2026-05-01", rules) == Verdict())
    }

    @Test func `a percent of receipts is judged for the months whose receipts are known`() {
        // 5 % of 10,000.00 and of 9,000.00; early in a month for the month before: whichever is more
        let rules = agreed(.percentOfReceipts(ExactDecimal(5)))
        var known = family(
            [], [bill(-500_00, "2026-03-12"), bill(-500_00, "2026-04-02"), bill(-500_00, "2026-05-12"), bill(-500_00, "2026-06-12")])
        #expect(judge(known, on: "2026-07-01", rules) == Verdict())
        known.receiptsByMonth = receipts(["2026-03-01": 10_000_00, "2026-04-01": 9_000_00])
        let told = judge(known, on: "2026-07-01", rules).finding(.deductionNew)
        #expect(told?.sum == "50.00")
        #expect(told?.details["unchecked_months"] == ["2026-06"])
        #expect(
            told?.details["items"] == [
                [
                    "month": "2026-05", "taken": "500.00", "agreed": "450.00", "amount": "50.00", "reason": "above", "receipts": "9000.00",
                    "receipts_month": "2026-04",
                ]
            ])
        // nothing came in May and June, though something did after them
        known.receiptsByMonth?[day("2026-07-01")] = MonthReceipts(month: day("2026-07-01"), value: 0, unpriced: 3)
        #expect(judge(known, on: "2026-07-01", rules).sums(.deductionNew) == ["\(id) 550.00"])
    }

    @Test func `a percent of receipts is rounded once, and a sum out of range is not known`() {
        let rules = agreed(.percentOfReceipts(ExactDecimal("2.5") ?? ExactDecimal(0)))
        var one = family([], [bill(-2_51, "2026-03-12")])
        // 2.5 % of 100.20 is 2.505: 2.51
        one.receiptsByMonth = receipts(["2026-03-01": 100_20])
        #expect(judge(one, on: "2026-07-01", rules) == Verdict())
        one.receiptsByMonth = receipts(["2026-03-01": 100_19])
        #expect(judge(one, on: "2026-07-01", rules).sums(.deductionNew) == ["\(id) 0.01"])
        one.receiptsByMonth = [day("2026-03-01"): MonthReceipts(month: day("2026-03-01"), value: nil)]
        #expect(judge(one, on: "2026-07-01", rules) == Verdict())
        one.receiptsByMonth = [day("2026-03-01"): MonthReceipts(month: day("2026-03-01"), value: .max)]
        #expect(judge(one, on: "2026-07-01", rules) == Verdict())
    }

    private func receipts(_ minorUnits: [String: Int128]) -> [Day: MonthReceipts] {
        var months: [Day: MonthReceipts] = [:]
        for (month, value) in minorUnits {
            months[day(month)] = MonthReceipts(month: day(month), value: value * Int128(MonthReceipts.scale))
        }
        return months
    }

    @Test func `agreements of another account or currency cover nothing`() {
        let rules = account {
            $0.agreements = [
                Agreement(
                    id: id, account: "acme-de", deduction: .coop, size: .perMonth(578_00), valid: day("2026-01-01")...day("2026-12-31"))
            ]
        }
        #expect(judge(family([], [bill(-5_00, "2026-03-01")]), on: "2026-05-01", rules).sums(.deductionNew) == ["\(id) 5.00"])
        var euro = bill(-5_00, "2026-03-01")
        euro.currency = eur
        #expect(judge(family([], [euro]), on: "2026-05-01", agreed()).sums(.deductionNew) == ["\(id) 5.00"])
    }

    @Test func `the opening hides what was taken before it and not that the month was full`() {
        let lines = [bill(-578_00, "2026-03-02"), bill(-100_00, "2026-03-20")]
        var rules = agreed()
        rules.opening = day("2026-03-15")
        #expect(judge(family([], lines), on: "2026-05-01", rules).sums(.deductionNew) == ["\(id) 100.00"])
        rules.opening = day("2026-04-01")
        #expect(judge(family([], lines), on: "2026-05-01", rules) == Verdict())
    }
}
