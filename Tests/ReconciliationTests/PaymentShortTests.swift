import Testing
import Trade

@Suite struct PaymentShortTests {
    @Test func `exactly the tolerance passes, one cent more does not`() {
        #expect(judge(family([invoice()], [line("INV-1001", 999_95)]), on: "2026-02-21").short == nil)
        let short = judge(family([invoice()], [line("INV-1001", 999_94)]), on: "2026-02-21").short
        #expect(short?.sum == "0.06")
        #expect(short?.details == ["expected": "1000.00", "paid": "999.94", "unexplained": "0.06", "due": "2026-03-02"])
        let exact = account { $0.tolerance = [usd: 0] }
        #expect(judge(family([invoice()], [line("INV-1001", 999_99)]), on: "2026-02-21", exact).short?.sum == "0.01")
    }

    @Test func `yen have no decimals and five of them are the tolerance`() {
        let yen = invoice("INV-1001", 10_000, currency: jpy)
        #expect(judge(family([yen], [line("INV-1001", 9_995, currency: jpy)]), on: "2026-02-21").short == nil)
        let short = judge(family([yen], [line("INV-1001", 9_994, currency: jpy)]), on: "2026-02-21").short
        #expect(short?.sum == "6")
        #expect(short?.details["expected"] == "10000")
    }

    @Test func `the contract's example by hand`() throws {
        let lines = [line("INV-1001", 980_00), line("INV-1001SC", -100_00, type: .claim)]
        let short = try #require(judge(family([invoice()], lines), on: "2026-02-21").short)
        // expected 1000, paid 980 − 100 = 880, missing 120: a claim of 100 and 20 that nothing explains
        #expect(short.sum == "120.00")
        #expect(short.details["expected"] == "1000.00")
        #expect(short.details["paid"] == "880.00")
        #expect(short.explained == ["shortage INV-1001SC 100.00"])
        #expect(short.unexplained == "20.00")
        #expect(short.evidence.map(\.file) == ["810.edi", "820.edi"])
    }

    @Test func `what is missing wholly for one claim names the claim's money, anything else the invoice's`() {
        func money(_ lines: [LineFact]) -> String? { judge(family([invoice()], lines), on: "2026-02-21").short?.money }
        let claim = line("INV-1001SC", -100_00, type: .claim)
        #expect(money([line("INV-1001", 1000_00), claim]) == "invoice:INV1001/INV1001SC")
        #expect(money([line("INV-1001", 999_95), claim]) == "invoice:INV1001/INV1001SC")
        #expect(money([line("INV-1001", 990_00), claim]) == "invoice:INV1001")
        #expect(money([line("INV-1001", 1000_00), claim, line("INV-1001PC", -5_00, type: .claim)]) == "invoice:INV1001")
        #expect(money([line("INV-1001", 900_00)]) == "invoice:INV1001")
    }

    @Test func `two payments in parts are one payment`() {
        let parts = [line("INV-1001", 400_00), line("inv/1001", 600_00, "2026-03-20", payment: "P2")]
        #expect(judge(family([invoice()], parts), on: "2026-03-21").short == nil)
        #expect(judge(family([invoice()], Array(parts.prefix(1))), on: "2026-02-21").short?.unexplained == "600.00")
    }

    @Test func `adjustments inside a line explain what its net lacks`() {
        let one = line("INV-1001", 945_00, inside: [inside(-50_00, .damage, "DM-7"), inside(-5_00, .freight)])
        let short = judge(family([invoice()], [one]), on: "2026-02-21").short
        #expect(short?.sum == "55.00")
        #expect(short?.explained == ["damage DM-7 50.00", "freight INV-1001 5.00"])
        #expect(short?.unexplained == nil)
    }

    @Test func `adjustments beside the lines count when they name the invoice or its claim`() {
        let lines = [
            line("INV-1001", 1000_00), adjustment("INV-1001", -30_00, code: "21"), adjustment("INV-1001SC", -70_00),
        ]
        let short = judge(family([invoice()], lines), on: "2026-02-21").short
        #expect(short?.sum == "100.00")
        #expect(short?.explained == ["shortage INV-1001SC 70.00", "freight INV-1001 30.00"])
        // and a later one gives back
        let repaid = lines + [adjustment("INV-1001", 30_00, "2026-03-01", payment: "P2")]
        #expect(judge(family([invoice()], repaid), on: "2026-03-02").short?.explained == ["shortage INV-1001SC 70.00"])
    }

    @Test func `a memo of ours lowers what is expected, and its application is no deduction`() {
        let memos = [memo("CM-9", -100_00)]
        // granted, not yet applied: 900 paid is all that is expected
        #expect(judge(family([invoice()], [line("INV-1001", 900_00)], memos: memos), on: "2026-02-21").findings.isEmpty)
        // paid in full, the memo taken as a line of its own: the same money, once
        let applied = [line("INV-1001", 1000_00), line("CM9", -100_00, type: .creditMemo)]
        #expect(judge(family([invoice()], applied, memos: memos), on: "2026-02-21").findings.isEmpty)
        // the same memo on file twice is one credit
        let twice = [memo("CM-9", -100_00), memo("CM 9", -100_00, document: 51)]
        #expect(judge(family([invoice()], applied, memos: twice), on: "2026-02-21").findings.isEmpty)
    }

    @Test func `a memo taken twice is short by the memo`() {
        let lines = [
            line("INV-1001", 1000_00), line("CM-9", -100_00, type: .creditMemo),
            line("CM-9", -100_00, "2026-03-01", type: .creditMemo, payment: "P2"),
        ]
        let short = judge(family([invoice()], lines, memos: [memo("CM-9", -100_00)]), on: "2026-03-02").short
        #expect(short?.sum == "100.00")
        #expect(short?.details["expected"] == "900.00")
        #expect(short?.details["credits"] == "100.00")
        #expect(short?.explained == ["memo_taken_twice 100.00"])
        #expect(short?.unexplained == nil)
    }

    @Test func `a take-back up to the excess is no deduction, and beyond it is one`() {
        let twice = [line("INV-1001", 1000_00), line("INV-1001", 1000_00, "2026-03-01", payment: "P2")]
        let back = line("INV-1001", -1000_00, "2026-03-10", payment: "P3")
        #expect(judge(family([invoice()], twice + [back]), on: "2026-03-11").findings.isEmpty)
        let tooMuch = line("INV-1001", -1200_00, "2026-03-10", payment: "P3")
        let short = judge(family([invoice()], twice + [tooMuch]), on: "2026-03-11").short
        #expect(short?.sum == "200.00")
        #expect(short?.explained == ["other INV-1001 200.00"])
        #expect(short?.unexplained == nil)
        // beside an open balance of another kind it is told apart
        let part = [line("INV-1001", 900_00), line("INV-1001", -150_00, "2026-03-10", payment: "P3")]
        let both = judge(family([invoice()], part), on: "2026-03-11").short
        #expect(both?.sum == "250.00")
        #expect(both?.explained == ["other INV-1001 150.00"])
        #expect(both?.unexplained == "100.00")
    }

    @Test func `an overpayment is not short`() {
        #expect(judge(family([invoice()], [line("INV-1001", 1500_00)]), on: "2026-06-01").short == nil)
    }

    @Test func `the second document under a number opens no balance`() {
        let both = [invoice("INV-1001", 1000_00), invoice("inv1001", 3000_00, date: "2026-01-05", document: 2)]
        for invoices in [both, both.reversed()] {
            let verdict = judge(family(invoices, [line("INV-1001", 1000_00)]), on: "2026-02-21")
            #expect(verdict.findings.map(\.kind) == [.invoiceDuplicateNumber])
        }
    }

    @Test func `a line in another currency counts by the payment's own rate`() {
        // 1000 EUR at 1.085 = 1085.00 USD
        let paid = line("INV-1001", 1000_00, currency: eur, rate: "1.085")
        #expect(judge(family([invoice("INV-1001", 1085_00)], [paid]), on: "2026-02-21").findings.isEmpty)
        #expect(judge(family([invoice("INV-1001", 1185_00)], [paid]), on: "2026-02-21").short?.sum == "100.00")
        // 100000 JPY at 0.0067 = 670.00 USD; and 10.00 USD at 150 = 1500 JPY
        let yen = line("INV-1001", 100_000, currency: jpy, rate: "0.0067")
        #expect(judge(family([invoice("INV-1001", 670_00)], [yen]), on: "2026-02-21").findings.isEmpty)
        let dollars = line("INV-1001", 10_00, currency: usd, rate: "150")
        #expect(judge(family([invoice("INV-1001", 1500, currency: jpy)], [dollars]), on: "2026-02-21").findings.isEmpty)
    }
}
