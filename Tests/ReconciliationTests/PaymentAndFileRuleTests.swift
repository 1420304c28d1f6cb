import Reconciliation
import Testing
import Trade

@Suite struct PaymentAndFileRuleTests {
    private func content(
        _ document: Int64, total: Int64? = 500_00, footing: Int64? = 0, status: PaymentStatus = .paid, signature: Int64 = 1,
        date: String = "2026-02-20", order: Int64? = nil
    ) -> PaymentContent {
        PaymentContent(
            document: document, number: "P-77", date: day(date), currency: usd, total: total, footing: footing, status: status,
            signature: signature, order: order ?? document, stands: false,
            evidence: Evidence(sha256: "\(document)", file: "f\(document)", at: .file))
    }
    private func judged(_ contents: [PaymentContent], _ account: AccountRules = account()) -> (verdict: Verdict, stands: Int64?) {
        Rules.judge(PaymentCase(key: "P77", contents: contents), RuleContext(account: account, today: day("2026-03-01")))
    }

    @Test func `a payment that foots, or states no total, is balanced`() {
        #expect(judged([content(1)]).verdict == Verdict())
        #expect(judged([content(1)]).stands == 1)
        #expect(judged([content(1, total: nil, footing: nil)]).verdict == Verdict())
    }

    @Test func `what the lines miss is the amount, whatever its sign`() {
        for footing in [-12_34, 12_34] as [Int64] {
            let finding = judged([content(1, footing: footing)]).verdict.finding(.remittanceUnbalanced)
            #expect(finding?.sum == "12.34")
            #expect(finding?.subject == "P-77")
            #expect(finding?.details == ["total": "500.00"])
        }
    }

    @Test func `the first content stays and the conflict is told with the difference of totals`() {
        let contents = [content(1), content(2, total: 450_00, signature: 2)]
        for contents in [contents, contents.reversed()] {
            let (verdict, stands) = judged(contents)
            let finding = verdict.finding(.remittanceConflict)
            #expect(stands == 1)
            #expect(finding?.sum == "50.00")
            #expect(finding?.details == ["stands": "500.00", "totals": ["500.00", "450.00"], "because": "first"])
            #expect(finding?.evidence.map(\.file) == ["f1", "f2"])
        }
    }

    @Test func `the one that foots wins over one that does not, in any order`() {
        let (later, laterStands) = judged([content(1, footing: 5_00), content(2, total: 450_00, signature: 2)])
        #expect(laterStands == 2)
        #expect(later.finding(.remittanceConflict)?.details["because"] == "foots")
        #expect(later.finding(.remittanceConflict)?.details["stands"] == "450.00")
        // the other order of arrival tells the same
        #expect(later.finding(.remittanceConflict)?.details["totals"] == ["450.00", "500.00"])
        #expect(later.finding(.remittanceUnbalanced) == nil)
        let (_, earlierStands) = judged([content(1), content(2, total: 450_00, footing: 5_00, signature: 2)])
        #expect(earlierStands == 1)
        let (neither, firstStands) = judged([content(1, footing: 1), content(2, total: 450_00, footing: 5_00, signature: 2)])
        #expect(firstStands == 1)
        #expect(neither.finding(.remittanceUnbalanced)?.sum == "0.01")
    }

    @Test func `a voided payment pays nothing in any order`() {
        let paid = content(1)
        for voided in [content(2, status: .voided), content(0, status: .voided), content(2, total: 9, status: .voided, signature: 7)] {
            let (verdict, stands) = judged([paid, voided])
            #expect(stands == nil)
            #expect(verdict.findings.map(\.kind) == [.paymentVoided])
        }
    }

    @Test func `the same content again is no conflict, nor is one that was announced and then paid`() {
        #expect(judged([content(1), content(2)]).verdict == Verdict())
        let (verdict, stands) = judged([content(1, status: .pending), content(2)])
        #expect(verdict == Verdict())
        #expect(stands == 1)
    }

    @Test func `other lines under the same total are a conflict of nothing, and say so`() {
        let finding = judged([content(1), content(2, signature: 2)]).verdict.finding(.remittanceConflict)
        #expect(finding?.sum == "0.00")
        #expect(finding?.details["same_total"] == true)
        let other = judged([content(1), content(2, total: 450_00, signature: 2)]).verdict.finding(.remittanceConflict)
        #expect(other?.details["same_total"] == nil)
    }

    @Test func `totals that are not stated have no difference`() {
        let finding = judged([content(1), content(2, total: nil, footing: nil, signature: 2)]).verdict.finding(.remittanceConflict)
        #expect(finding != nil)
        #expect(finding?.amount == nil)
    }

    @Test func `payments before the opening are silent, and still stand`() {
        let opening = account { $0.opening = day("2026-02-21") }
        let (verdict, stands) = judged(
            [content(2, footing: 9, date: "2026-03-01", order: 2), content(1, footing: 9, signature: 3, order: 1)], opening)
        #expect(verdict == Verdict())
        #expect(stands == 1)
    }

    // MARK: files

    private let problem = Problem(
        .incomplete, at: .segment("ST", 2, set: 2), byte: 77, "the file ends inside a set", advice: "ask for the whole")

    @Test func `a rejected file is told by its content with every problem's place`() throws {
        let problems = (0..<30).map { Problem(.malformed, at: .row($0 + 1), "is wrong") }
        let file = FileCase(sha256: "ab", name: "remit.csv", outcome: .rejected, problems: [problem] + problems)
        let finding = try #require(Rules.judge(file, account: "acme-us").first)
        #expect(finding.kind == .fileRejected)
        #expect(finding.subject == "remit.csv")
        #expect(finding.key == "ab")
        #expect(finding.details["reason"] == "incomplete")
        #expect(finding.details["partial"] == nil)
        #expect(finding.details["problems"]?.array?.count == 20)
        #expect(finding.details["first"]?.string?.contains("ask for the whole") == true)
        #expect(finding.fingerprint == "v1\0file.rejected\0acme-us\0ab")
    }

    @Test func `a file booked in part says so, a booked or closed one says nothing`() {
        func outcome(_ outcome: FileCase.Outcome) -> [Finding] {
            Rules.judge(FileCase(sha256: "ab", name: "remit.csv", outcome: outcome, problems: [problem]), account: "acme-us")
        }
        #expect(outcome(.partial).map(\.details["partial"]) == [true])
        #expect(outcome(.booked).isEmpty)
        #expect(outcome(.closed).isEmpty)
        #expect(outcome(.held).map(\.kind) == [.fileAccount])
        #expect(outcome(.held).first?.details["first"]?.string?.contains("ends inside a set") == true)
    }
}
