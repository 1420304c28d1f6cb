import Reconciliation
import Testing
import Trade

/// Readers take amounts up to 18 digits. Sums of them leave Int64 after some ten lines: nothing may trap, wrap or be cut.
@Suite struct HostileAmountTests {
    private let huge: Int64 = 999_999_999_999_999_999

    @Test func `hundreds of huge deductions are told exactly, without an amount that would be wrong`() throws {
        let lines = [line("INV-1001", 1)] + (0..<300).map { line("INV-1001SC", -huge, type: .claim, payment: "P\($0)", place: $0) }
        let short = try #require(judge(family([invoice()], lines), on: "2026-02-21").short)
        #expect(short.amount == nil)
        // 1000.00 − 0.01 + 300 × 9999999999999999.99
        #expect(short.details["out_of_range"] == "3000000000000000996.99 USD")
        #expect(short.details["paid"] == "-2999999999999999996.99")
        #expect(short.explained.count == 300)
        #expect(short.unexplained == "999.99")
    }

    @Test func `huge payments are no short payment and do not trap`() {
        let lines = (0..<300).map { line("INV-1001", huge, discount: huge, inside: [inside(-huge, .damage)], place: $0) }
        #expect(judge(family([invoice()], lines), on: "2026-02-21").open.allSatisfy { $0.kind != .paymentShort && $0.kind != .paymentLate })
        let unmatched = judge(family([], lines), on: "2026-03-21").unmatched
        #expect(unmatched != nil)
        #expect(unmatched?.amount == nil)
        #expect(unmatched?.details["out_of_range"] == "2999999999999999997.00 USD")
    }

    @Test func `the ends of Int64 do not trap anywhere`() {
        for extreme in [Int64.min, Int64.min + 1, Int64.max] {
            let lines = [
                line("INV-1001", extreme, discount: extreme, inside: [inside(extreme, .other), inside(extreme, .tax, "X")]),
                line("INV-1001SC", extreme, type: .claim, discount: extreme), line("INV-1001SCR", extreme, type: .claim),
                adjustment("INV-1001", extreme), line("CM-1", extreme, type: .creditMemo), line("INV-1001", 1),
                line("INV-1001", extreme, currency: eur, rate: "99999999999999999"), line("INV-1001", extreme, currency: jpy, rate: "1.5"),
            ]
            for total in [Int64.max, 1, Int64.min] {
                for tax in [Int64.min, Int64.max] {
                    let owing = invoice("INV-1001", total, tax: tax)
                    let memos = [memo("CM-1", Int64.min), memo("CM-2", Int64.min, document: 51)]
                    for rules in [account(), account { $0.discountBase = .netOfTax }] {
                        for today in ["2026-02-21", "2026-06-01"] {
                            _ = judge(family([owing], lines, memos: memos), on: today, rules)
                            _ = judge(family([owing]), on: today, rules)
                        }
                    }
                }
            }
            let contents = [(1, extreme), (2, Int64.max), (3, Int64.min)].map { document, total in
                PaymentContent(
                    document: document, number: "P", date: nil, currency: usd, total: total, footing: extreme, status: .paid,
                    signature: document, order: document, stands: false, evidence: Evidence(sha256: "a", file: "f", at: .file))
            }
            _ = Rules.judge(PaymentCase(key: "P", contents: contents), RuleContext(account: account(), today: day("2026-02-21")))
        }
    }

    @Test func `a percent or a rate with absurd decimals is out of range and not a trap`() {
        let tiny = ExactDecimal(units: 1, scale: 60)
        let owing = invoice(terms: PaymentTerms(netDays: 60, discountPercent: tiny, discountDays: 30))
        #expect(judge(family([owing], [line("INV-1001", 1000_00, "2026-01-05")]), on: "2026-01-06").findings.isEmpty)
        var foreign = line("INV-1001", 1000_00, currency: eur)
        foreign.exchangeRate = tiny
        #expect(judge(family([invoice()], [foreign]), on: "2026-02-21").unmatched?.details["reason"] == "currency")
        // rounding is half away from zero at every size
        #expect(ExactDecimal(units: 5, scale: 1).of(1) == 1)
        #expect(ExactDecimal(units: 5, scale: 1).of(-1) == -1)
        #expect(ExactDecimal(units: 49, scale: 2).of(-1) == 0)
        #expect(ExactDecimal(2).of(333_25, dividedBy: 100) == 6_67)
        #expect(ExactDecimal(Int.max).of(Int64.max) == nil)
    }
}
