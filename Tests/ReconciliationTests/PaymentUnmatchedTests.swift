import Testing
import Trade

@Suite struct PaymentUnmatchedTests {
    @Test func `days count inclusively from the day the remittance came`() {
        let unknown = family([], [line("INV-9", 250_00, "2026-02-18", received: "2026-02-20")])
        let before = judge(unknown, on: "2026-02-22")
        #expect(before.findings.isEmpty)
        #expect(before.wake == day("2026-02-23"))
        let told = judge(unknown, on: "2026-02-23")
        #expect(told.wake == nil)
        #expect(told.unmatched?.sum == "250.00")
        #expect(told.unmatched?.subject == "INV-9")
        #expect(told.unmatched?.key == "INV9")
        #expect(told.unmatched?.details == ["payment": "P1", "date": "2026-02-18"])
        #expect(judge(unknown, on: "2026-02-20", account { $0.unmatchedDays = 0 }).unmatched != nil)
    }

    @Test func `the invoice that comes late resolves it, whatever separators it is written with`() {
        let paid = line("inv/9", 250_00)
        #expect(judge(family([invoice("INV-9", 250_00)], [paid]), on: "2026-06-01").findings.isEmpty)
        #expect(judge(family([invoice("INV-9", 300_00)], [paid]), on: "2026-06-01").unmatched == nil)
    }

    @Test func `deductions, provisions, memos and what is no invoice are never unmatched`() {
        let lines = [
            line("INV-9", -250_00), line("INV-9SC", -20_00, type: .claim), line("INV-9SCR", 20_00, type: .claim),
            adjustment("INV-9", 30_00), line("260131_PROVISION_FOR_RECEIVABLES", 5_00), line("CM-77", 12_00, type: .creditMemo),
            line("77VCBSINV", 3_00), line("INV-9", 0),
        ]
        for line in lines { #expect(judge(family([], [line]), on: "2027-01-01").unmatched == nil, "\(line.reference)") }
    }

    @Test func `a line that pays on an order's number, or on one of no known kind, is a payment`() {
        for type in [ReferenceType.purchaseOrder, .other] {
            let paid = line("4500012345", 10_00, type: type)
            let verdict = judge(family([], [paid]), on: "2027-01-01")
            #expect(verdict.sums(.paymentUnmatched) == ["4500012345 10.00"])
            #expect(verdict.findings.count == 1)
            // the number is an invoice's after all
            #expect(judge(family([invoice("4500012345", 10_00)], [paid]), on: "2027-01-01").findings.isEmpty)
            // it names the invoice beside its number
            let named = line("4500012345", 1000_00, type: type, named: "INV-1001")
            #expect(judge(family([invoice()], [named], knownUntil: "2027-01-01"), on: "2027-01-01").findings.isEmpty)
            let short = judge(family([invoice()], [line("4500012345", 900_00, type: type, named: "INV-1001")]), on: "2027-01-01")
            #expect(short.sums(.paymentShort) == ["INV-1001 100.00"])
        }
    }

    @Test func `what was taken under such a number before is given back, and pays nothing`() {
        let back = line("X-7", 10_00, "2026-02-21", type: .other, payment: "P2")
        let taken = line("X-7", -10_00, "2026-02-20", type: .other)
        for lines in [[taken, back], [back, taken]] { #expect(judge(family([], lines), on: "2027-01-01").unmatched == nil) }
        // taken later: another story
        #expect(judge(family([], [back, line("X-7", -10_00, "2026-02-22", type: .other)]), on: "2027-01-01").unmatched != nil)
        // an order is paid in parts, whatever was taken on it; the same amount gives back
        let order = [line("PO-7", -10_00, "2026-02-20", type: .purchaseOrder), line("PO-7", 90_00, "2026-02-21", type: .purchaseOrder)]
        #expect(judge(family([], order), on: "2027-01-01").sums(.paymentUnmatched) == ["PO-7 90.00"])
        let whole = [order[0], line("PO-7", 10_00, "2026-02-21", type: .purchaseOrder)]
        #expect(judge(family([], whole), on: "2027-01-01").unmatched == nil)
        // words and reasons that say what it is
        for text in ["Co-op repaid", "Reversal", "SHORTAGE CLAIM"] {
            #expect(judge(family([], [line("X-7", 10_00, type: .other, text: text)]), on: "2027-01-01").unmatched == nil, "\(text)")
        }
    }

    @Test func `several lines under one number are one finding over their sum`() {
        let lines = [
            line("INV-9", 100_00, "2026-02-20", payment: "P1", place: 2), line("inv9", 50_00, "2026-03-01", payment: "P2", place: 3),
        ]
        for lines in [lines, lines.reversed()] {
            let first = judge(family([], lines), on: "2026-02-23")
            #expect(first.unmatched?.sum == "100.00")
            #expect(first.wake == day("2026-03-04"))
            let both = judge(family([], lines), on: "2026-03-04")
            #expect(both.findings.count == 1)
            #expect(both.unmatched?.sum == "150.00")
            #expect(both.unmatched?.subject == "INV-9")
            #expect(both.unmatched?.details["payment"] == "P1")
            #expect(both.unmatched?.details["payments"] == .number(2))
            #expect(
                both.unmatched?.details["items"]?.array?.map { "\($0["payment"]?.string ?? "") \($0["amount"]?.string ?? "")" }
                    == ["P1 100.00", "P2 50.00"])
            #expect(both.unmatched?.evidence.count == 2)
        }
    }

    @Test func `another currency without a rate is told at once and pays nothing`() {
        let verdict = judge(family([invoice()], [line("INV-1001", 900_00, currency: eur)], knownUntil: "2026-12-31"), on: "2026-03-06")
        #expect(verdict.unmatched?.details["reason"] == "currency")
        #expect(verdict.unmatched?.currency == eur)
        #expect(verdict.unmatched?.sum == "900.00")
        #expect(verdict.late?.sum == "1000.00")
        let zero = line("INV-1001", 900_00, currency: eur, rate: "0")
        #expect(judge(family([invoice()], [zero]), on: "2026-02-21").unmatched?.details["reason"] == "currency")
        // a claim in another currency is no payment
        #expect(judge(family([invoice()], [line("INV-1001SC", -9_00, type: .claim, currency: eur)]), on: "2026-02-21").open.isEmpty)
    }

    @Test func `payments before the opening are silent`() {
        let opening = account { $0.opening = day("2026-02-19") }
        let old = family([], [line("INV-9", 250_00, "2026-02-18", received: "2026-02-20")])
        #expect(judge(old, on: "2026-06-01", opening) == Verdict())
        #expect(judge(family([], [line("INV-9", 250_00, "2026-02-19")]), on: "2026-06-01", opening).unmatched != nil)
    }
}
