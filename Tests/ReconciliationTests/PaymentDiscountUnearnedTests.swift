import Testing
import Trade

/// 2 % of 1000.00 may be kept until 2026-01-31.
@Suite struct PaymentDiscountUnearnedTests {
    private func paid(_ net: Int64, _ discount: Int64, _ date: String = "2026-01-20", payment: String = "P1") -> LineFact {
        line("INV-1001", net, date, discount: discount, payment: payment)
    }
    private func unearned(_ lines: [LineFact], _ invoice: InvoiceFact = invoice(), _ rules: AccountRules = account()) -> Finding? {
        judge(family([invoice], lines), on: "2026-02-21", rules).finding(.paymentDiscountUnearned)
    }

    @Test func `taken on the last day it is earned, a day later it is not`() throws {
        #expect(unearned([paid(980_00, 20_00, "2026-01-31")]) == nil)
        let told = try #require(unearned([paid(980_00, 20_00, "2026-02-01")]))
        #expect(told.sum == "20.00")
        #expect(told.direction == .toUs)
        #expect(
            told.details
                == ["taken": "20.00", "earned": "0.00", "agreed": "20.00", "discount_date": "2026-01-31", "paid_on": "2026-02-01"])
        // it is not in payment.short, so both may be added up
        let both = judge(family([invoice()], [paid(880_00, 20_00, "2026-02-01")]), on: "2026-02-21")
        #expect(both.short?.sum == "100.00")
        #expect(Set(both.findings.compactMap(\.money)) == ["invoice:INV1001", "invoice:INV1001/DISCOUNT"])
    }

    @Test func `three percent where two are agreed is one too much`() {
        let told = unearned([paid(970_00, 30_00)])
        #expect(told?.sum == "10.00")
        #expect(told?.details["earned"] == "20.00")
        #expect(unearned([paid(979_95, 20_05)]) == nil)
        #expect(unearned([paid(979_94, 20_06)])?.sum == "0.06")
    }

    @Test func `own terms without a discount grant none, a mere due date is no terms`() {
        let own = invoice(terms: PaymentTerms(netDays: 30))
        let told = unearned([paid(980_00, 20_00)], own)
        #expect(told?.sum == "20.00")
        #expect(told?.details["discount_date"] == nil)
        #expect(unearned([paid(980_00, 20_00)], invoice(terms: PaymentTerms(dueDate: day("2026-03-02")))) == nil)
        #expect(unearned([paid(980_00, 20_00)], invoice(), account { $0.terms = nil })?.sum == "20.00")
    }

    @Test func `what was paid after all was not taken`() {
        #expect(unearned([paid(980_00, 20_00, "2026-02-01"), paid(20_00, 0, "2026-02-10", payment: "P2")]) == nil)
        #expect(unearned([paid(980_00, 20_00, "2026-02-01"), paid(12_00, 0, "2026-02-10", payment: "P2")])?.sum == "8.00")
        #expect(unearned([paid(1000_00, 20_00, "2026-02-01")]) == nil)
        // paid twice, each less a late discount: owed by us is what came beyond the invoice
        let verdict = judge(
            family([invoice()], [paid(980_00, 20_00, "2026-02-01"), paid(980_00, 20_00, "2026-02-02", payment: "P2")]), on: "2026-02-21")
        #expect(verdict.kinds == [.paymentOver])
        #expect(verdict.findings.first?.sum == "960.00")
    }

    @Test func `what a claim gave back of a late discount is not missing`() {
        let claimed = [paid(980_00, 20_00, "2026-02-01"), line("INV-1001SC", -98_00, "2026-02-10", type: .claim, discount: -2_00)]
        #expect(unearned(claimed)?.sum == "18.00")
    }

    @Test func `counted from a receipt that is not on file it says what it assumed`() {
        let terms = PaymentTerms(netDays: 60, discountPercent: ExactDecimal(2), discountDays: 10, basis: .receipt)
        let own = invoice(terms: terms, po: "PO-7")
        #expect(unearned([paid(980_00, 20_00)], own)?.details["basis"] == "assumed")
        let received = family([own], [paid(980_00, 20_00)]).with(goods("PO-7", receipts: [receipt("R1", "2026-01-15")]))
        #expect(judge(received, on: "2026-02-21").kinds.isEmpty)
    }
}
