import Reconciliation
import Testing
import Trade

@Suite struct PaymentVoidedTests {
    private func content(
        _ order: Int64, _ status: PaymentStatus, total: Int64? = 28109_00, footing: Int64? = 0, signature: Int64 = 1,
        date: String = "2026-01-31"
    ) -> PaymentContent {
        PaymentContent(
            document: order, number: "340-080", date: day(date), currency: usd, total: total, footing: footing, status: status,
            signature: signature, order: order, stands: false,
            evidence: Evidence(sha256: "f\(order)", file: "Payments-\(order).csv", at: .row(2)))
    }
    private func judged(_ contents: [PaymentContent], _ rules: AccountRules = account()) -> (verdict: Verdict, stands: Int64?) {
        Rules.judge(PaymentCase(key: "340080", contents: contents), RuleContext(account: rules, today: day("2026-03-20")))
    }

    @Test func `a payment that was booked and is voided is told and pays nothing, in any order`() throws {
        for contents in [
            [content(1, .paid), content(2, .voided)], [content(2, .paid), content(1, .voided)],
            [content(1, .pending), content(2, .voided)],
        ] {
            let (verdict, stands) = judged(contents)
            #expect(stands == nil)
            #expect(verdict.kinds == [.paymentVoided])
            let told = try #require(verdict.findings.first)
            #expect(told.sum == "28109.00")
            #expect(told.subject == "340-080")
            #expect(told.money == "payment:340080")
            #expect(told.details == ["date": "2026-01-31"])
            #expect(told.evidence.map(\.file) == ["Payments-1.csv", "Payments-2.csv"])
        }
    }

    @Test func `a number that was only ever seen as voided says nothing`() {
        #expect(judged([content(1, .voided), content(2, .voided, signature: 2)]).verdict == Verdict())
    }

    @Test func `a payment that was announced and then paid is not voided`() {
        #expect(judged([content(1, .pending), content(2, .paid)]).verdict == Verdict())
    }

    @Test func `the amount is that of the content that stood, else the one that a content states`() {
        let both = [content(1, .paid, total: 9_00, footing: 1, signature: 3), content(2, .paid), content(3, .voided, total: 5_00)]
        #expect(judged(both).verdict.findings.first?.sum == "28109.00")
        #expect(judged([content(1, .paid, total: nil), content(2, .voided)]).verdict.findings.first?.sum == "28109.00")
        #expect(judged([content(1, .paid, total: nil), content(2, .voided, total: nil)]).verdict.findings.first?.amount == nil)
        #expect(judged([content(1, .paid, total: nil), content(2, .voided, total: nil)]).verdict.kinds == [.paymentVoided])
    }

    @Test func `what is dated before the opening is silent`() {
        #expect(judged([content(1, .paid), content(2, .voided)], account { $0.opening = day("2026-02-01") }).verdict == Verdict())
    }
}
