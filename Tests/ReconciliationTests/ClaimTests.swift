import Testing
import Trade

/// Amazon's rounds: SC and PC take, R gives back, RI closes into a final document.
@Suite struct ClaimTests {
    private let paid = line("INV-1001", 1000_00)
    private func claim(_ suffix: String, _ net: Int64, _ date: String, text: String? = nil) -> LineFact {
        line("INV-1001" + suffix, net, date, type: net < 0 ? .debitMemo : .creditMemo, text: text, payment: "P-" + date)
    }

    @Test func `a claim stands until it is released`() {
        let taken = [paid, claim("SC", -100_00, "2026-02-22")]
        #expect(judge(family([invoice()], taken), on: "2026-02-23").short?.explained == ["shortage INV-1001SC 100.00"])
        let released = taken + [claim("SCR", 100_00, "2026-02-25")]
        #expect(judge(family([invoice()], released), on: "2026-02-26").open.isEmpty)
        let again = released + [claim("SCRSC", -100_00, "2026-03-01")]
        #expect(judge(family([invoice()], again), on: "2026-03-02").short?.explained == ["shortage INV-1001SCRSC 100.00"])
        let price = taken + [claim("SCPC", -7_00, "2026-03-01")]
        let short = judge(family([invoice()], price), on: "2026-03-02").short
        #expect(short?.explained == ["shortage INV-1001SC 100.00", "price INV-1001SCPC 7.00"])
    }

    @Test func `a release of a part leaves the rest standing`() {
        let lines = [paid, claim("SC", -100_00, "2026-02-22"), claim("SCR", 60_00, "2026-02-25")]
        let short = judge(family([invoice()], lines), on: "2026-02-26").short
        #expect(short?.sum == "40.00")
        #expect(short?.explained == ["shortage INV-1001SC 40.00"])
        // a release that takes again takes for the same claim
        let corrected = lines + [claim("SCR", -10_00, "2026-02-26")]
        let more = judge(family([invoice()], corrected), on: "2026-02-27").short
        #expect(more?.sum == "50.00")
        #expect(more?.unexplained == nil)
        #expect(more?.explained == ["shortage INV-1001SC 40.00", "shortage INV-1001SC 10.00"])
    }

    @Test func `a release that came before its claim was read gives it back`() {
        let lines = [claim("SCR", 100_00, "2026-02-25"), paid, claim("SC", -100_00, "2026-02-22")]
        #expect(judge(family([invoice()], lines), on: "2026-02-26").open.isEmpty)
    }

    @Test func `a round closed with its final document stands under the claim's own reference`() {
        let closed = [
            paid, claim("SC", -100_00, "2026-02-22"),
            claim("SCRI", 100_00, "2026-03-01", text: "RI-REVERSAL|PQV|INV1001|INV1001"),
        ]
        // between the two the money is back
        #expect(judge(family([invoice()], closed), on: "2026-03-02").short == nil)
        let final = line("IQV2026000001", -100_00, "2026-03-05", type: .debitMemo, text: "RI|PQV|INV1001|INV1001", payment: "P9")
        let short = judge(family([invoice()], closed + [final]), on: "2026-03-06").short
        #expect(short?.sum == "100.00")
        #expect(short?.explained == ["shortage INV-1001SC 100.00"])
        // the window runs from the final document's date, which is later than the due date
        #expect(judge(family([invoice()], closed + [final]), on: "2026-04-04").short != nil)
        #expect(judge(family([invoice()], closed + [final]), on: "2026-04-05").short == nil)
    }

    @Test func `the final document of a second round belongs to the second claim`() {
        let lines = [
            paid, claim("PC", -5_00, "2026-02-10"), claim("PCR", 5_00, "2026-02-12"), claim("PCRPC", -5_00, "2026-02-14"),
            claim("PCRPCRI", 5_00, "2026-02-16", text: "RI-REVERSAL|PPV|INV1001PCR|INV1001"),
            line("IPV2026000002", -5_00, "2026-02-17", type: .debitMemo, text: "RI|PPV|INV1001PCR|INV1001"),
        ]
        #expect(judge(family([invoice()], lines), on: "2026-02-18").short?.explained == ["price INV-1001PCRPC 5.00"])
    }

    @Test func `a final document alone stands under its own number`() {
        let final = line("IQV2026000001", -100_00, "2026-02-21", type: .debitMemo, text: "RI|PQV|INV1001|INV1001")
        #expect(judge(family([invoice()], [paid, final]), on: "2026-02-22").short?.explained == ["shortage IQV2026000001 100.00"])
    }

    @Test func `a claim under a number of its own is on the invoice that its words name`() {
        let words = "Shortage Claim for Invoice - INV-1001"
        let taken = [paid, line("700123", -12_50, "2026-02-22", type: .claim, text: words)]
        #expect(judge(family([invoice()], taken), on: "2026-02-23").short?.explained == ["shortage 700123 12.50"])
        let back = line("700123R", 12_50, "2026-02-24", type: .claim, text: "Shortage Claim Reversal for Invoice - INV-1001")
        #expect(judge(family([invoice()], taken + [back]), on: "2026-02-25").open.isEmpty)
    }

    @Test func `an own invoice number may end like a claim`() {
        // two invoices of ours, AC-1 and AC-1SC, both on file: each line pays its own
        let both = [invoice("AC128995", 500_00), invoice("AC128995SC", 300_00, document: 2)]
        let lines = [line("AC128995", 500_00), line("AC128995SC", 300_00)]
        #expect(judge(family(both, lines), on: "2026-02-21").findings.isEmpty)
        // a claim on the second one is not one on the first
        let claimed = lines + [line("AC128995SCSC", -30_00, type: .claim)]
        let short = judge(family(both, claimed), on: "2026-02-21").short
        #expect(short?.subject == "AC128995SC")
        #expect(short?.explained == ["shortage AC128995SCSC 30.00"])
        // alone on file it is paid and not claimed
        #expect(judge(family([invoice("AC128995SC", 300_00)], [line("AC128995SC", 300_00)]), on: "2026-02-21").findings.isEmpty)
        #expect(judge(family([invoice("AC1289R", 300_00)], [line("AC1289R", 299_00)]), on: "2026-02-21").short?.sum == "1.00")
        // not on file at all: a positive line pays, and is unmatched after its days
        #expect(judge(family([], [line("AC128995SC", 300_00)]), on: "2026-02-23").unmatched?.subject == "AC128995SC")
    }

    @Test func `the end of a window takes the claim out of the open balance on the day after its deadline`() {
        // shortage: 30 days from the due date 2026-03-02 = 2026-04-01
        let lines = [line("INV-1001", 980_00), claim("SC", -100_00, "2026-02-22")]
        let before = judge(family([invoice()], lines), on: "2026-04-01")
        #expect(before.short?.sum == "120.00")
        #expect(before.wake == day("2026-04-02"))
        let after = judge(family([invoice()], lines), on: "2026-04-02")
        #expect(after.short?.sum == "20.00")
        #expect(after.short?.details["written_off"] == "100.00")
        #expect(after.short?.explained == [])
        #expect(after.short?.unexplained == "20.00")
        #expect(after.wake == nil)
    }

    @Test func `a claim taken after the due date is judged from its own date`() {
        let lines = [line("INV-1001", 1000_00), claim("SC", -100_00, "2026-05-10")]
        #expect(judge(family([invoice()], lines), on: "2026-06-09").short?.sum == "100.00")
        #expect(judge(family([invoice()], lines), on: "2026-06-10").short == nil)
    }

    @Test func `a class without a window never expires`() {
        let lines = [line("INV-1001", 900_00, inside: [inside(-100_00, .freight)])]
        #expect(judge(family([invoice()], lines), on: "2040-01-01").short?.explained == ["freight INV-1001 100.00"])
    }

    @Test func `claims and chargebacks under their own numbers touch no invoice`() {
        for line in [line("12345678VCBSINV", -22_40), line("1234-56789012", -42_25)] {
            #expect(judge(family([], [line]), on: "2027-01-01").findings.map(\.kind) == [.deductionNew])
        }
        let provision = line("260131_PROVISION_FOR_RECEIVABLES", -900_00)
        #expect(judge(family([], [provision]), on: "2027-01-01").findings.map(\.kind) == [.provisionOpen])
    }
}
