import Testing
import Trade

/// The account agrees 2 % within 30 days; the invoice of 2026-01-01 over 1000.00 may keep 20.00 until 2026-01-31.
@Suite struct DiscountTests {
    private func paid(_ net: Int64, _ discount: Int64, _ date: String) -> LineFact { line("INV-1001", net, date, discount: discount) }

    @Test func `a discount taken on the last day is earned, a day later it is not short either but unearned`() {
        #expect(judge(family([invoice()], [paid(980_00, 20_00, "2026-01-31")]), on: "2026-02-01").findings.isEmpty)
        // unearned discount is a finding of its own kind: its money is not in payment.short
        let late = judge(family([invoice()], [paid(980_00, 20_00, "2026-02-01")]), on: "2026-02-02")
        #expect(late.findings.map(\.kind) == [.paymentDiscountUnearned])
        let short = judge(family([invoice()], [paid(880_00, 20_00, "2026-02-01")]), on: "2026-02-02").short
        #expect(short?.sum == "100.00")
        #expect(short?.details["expected"] == "1000.00")
        #expect(short?.explained == ["discount_unearned 20.00"])
        #expect(short?.unexplained == "100.00")
    }

    @Test func `what is above the agreed percent is not earned`() {
        let short = judge(family([invoice()], [paid(900_00, 30_00, "2026-01-20")]), on: "2026-01-21").short
        #expect(short?.details["expected"] == "980.00")
        #expect(short?.explained == ["discount_unearned 10.00"])
        #expect(short?.sum == "70.00")
        #expect(short?.unexplained == "70.00")
    }

    @Test func `own terms without a discount earn none, and one that nobody took is not earned`() {
        let net30 = invoice(terms: PaymentTerms(netDays: 30))
        let short = judge(family([net30], [paid(900_00, 20_00, "2026-01-05")]), on: "2026-01-06").short
        #expect(short?.details["expected"] == "1000.00")
        #expect(short?.explained == ["discount_unearned 20.00"])
        #expect(judge(family([invoice()], [paid(1000_00, 0, "2026-01-05")]), on: "2026-01-06").findings.isEmpty)
        #expect(judge(family([invoice()], [paid(980_00, 0, "2026-01-05")]), on: "2026-01-06").short?.sum == "20.00")
    }

    @Test func `each line is judged by its own payment date`() {
        let lines = [paid(490_00, 10_00, "2026-01-20"), line("INV-1001", 480_00, "2026-02-20", discount: 10_00, payment: "P2")]
        let short = judge(family([invoice()], lines), on: "2026-02-21").short
        #expect(short?.details["expected"] == "990.00")
        #expect(short?.sum == "10.00")
        #expect(short?.explained == ["discount_unearned 10.00"])
        #expect(short?.unexplained == "10.00")
    }

    @Test func `the base may be net of tax, and the percent is rounded to the cent`() {
        let net = account { $0.discountBase = .netOfTax }
        let taxed = invoice("INV-1001", 1190_00, tax: 190_00)
        // 2 % of 1000.00
        #expect(judge(family([taxed], [paid(1170_00, 20_00, "2026-01-20")]), on: "2026-01-21", net).findings.isEmpty)
        let more = judge(family([taxed], [paid(1160_00, 23_80, "2026-01-20")]), on: "2026-01-21", net).short
        #expect(more?.details["expected"] == "1170.00")
        #expect(more?.explained == ["discount_unearned 3.80"])
        // 2 % of 333.25 = 6.665, that is 6.67
        #expect(
            judge(family([invoice("INV-1001", 333_25)], [paid(320_00, 6_67, "2026-01-20")]), on: "2026-01-21").short?.details["expected"]
                == "326.58")
    }

    @Test func `a claim that is posted net of its discount takes its gross`() {
        // 980 for 1000; a claim of goods worth 100, posted as 98 and 2 of discount given back
        let lines = [paid(980_00, 20_00, "2026-01-20"), line("INV-1001SC", -98_00, "2026-01-25", type: .claim, discount: -2_00)]
        let short = judge(family([invoice()], lines), on: "2026-01-26").short
        #expect(short?.details["expected"] == "982.00")
        #expect(short?.details["paid"] == "882.00")
        #expect(short?.sum == "100.00")
        #expect(short?.explained == ["shortage INV-1001SC 100.00"])
        #expect(short?.unexplained == nil)
        // its reversal is gross: nothing is left, whichever way the file shows the discount
        let gross = lines + [line("INV-1001SCR", 100_00, "2026-02-10", type: .claim)]
        #expect(judge(family([invoice()], gross), on: "2026-02-11").open.isEmpty)
        let net = lines + [line("INV-1001SCR", 98_00, "2026-01-30", type: .claim, discount: 2_00)]
        #expect(judge(family([invoice()], net), on: "2026-02-11").open.isEmpty)
        // and when its window closes, no two dollars stay behind
        #expect(judge(family([invoice()], lines), on: "2026-04-02").open.isEmpty)
    }

    @Test func `a late discount and a claim net of it add up`() {
        let lines = [paid(980_00, 20_00, "2026-02-20"), line("INV-1001SC", -98_00, "2026-02-25", type: .claim, discount: -2_00)]
        let short = judge(family([invoice()], lines), on: "2026-02-26").short
        #expect(short?.details["expected"] == "1000.00")
        #expect(short?.sum == "100.00")
        #expect(short?.explained == ["shortage INV-1001SC 100.00", "discount_unearned 18.00"])
        #expect(short?.unexplained == nil)
    }

    @Test func `a stated discount date and the end of the month are respected`() {
        let stated = invoice(
            terms: PaymentTerms(netDays: 60, discountPercent: ExactDecimal(2), discountDays: 5, discountDate: day("2026-01-10")))
        #expect(judge(family([stated], [paid(970_00, 20_00, "2026-01-10")]), on: "2026-01-11").short?.details["expected"] == "980.00")
        #expect(judge(family([stated], [paid(970_00, 20_00, "2026-01-11")]), on: "2026-01-12").short?.details["expected"] == "1000.00")
        let month = PaymentTerms(netDays: 60, discountPercent: ExactDecimal(2), discountDays: 10, basis: .endOfMonth)
        let leap = invoice(date: "2028-02-03", terms: month)
        #expect(judge(family([leap], [paid(970_00, 20_00, "2028-03-10")]), on: "2028-03-11").short?.details["expected"] == "980.00")
        #expect(judge(family([leap], [paid(970_00, 20_00, "2028-03-11")]), on: "2028-03-12").short?.details["expected"] == "1000.00")
    }

    @Test func `an undated payment earns no discount`() {
        let lines = [line("INV-1001", 900_00, nil, discount: 20_00)]
        #expect(judge(family([invoice()], lines), on: "2026-02-21").short?.details["expected"] == "1000.00")
    }
}
