import Testing
import Trade

@Suite struct DeductionRechargedTests {
    private let paid = line("INV-1001", 1000_00)
    private var round: [LineFact] { [paid, claim("SC", -100_00, "2026-02-22"), claim("SCR", 100_00, "2026-02-25")] }

    @Test func `a claim that was released and is taken again stands until that is released too`() throws {
        #expect(judge(family([invoice()], round), on: "2026-02-26").finding(.deductionRecharged) == nil)
        let again = round + [claim("SCRSC", -80_00, "2026-03-01")]
        let recharged = try #require(judge(family([invoice()], again), on: "2026-03-02").finding(.deductionRecharged))
        #expect(recharged.subject == "INV-1001")
        #expect(recharged.sum == "80.00")
        #expect(recharged.direction == .toUs)
        #expect(recharged.money == "invoice:INV1001/INV1001SCRSC")
        #expect(recharged.details["claim"] == "INV-1001SCRSC")
        let back = again + [claim("SCRSCR", 80_00, "2026-03-05")]
        #expect(judge(family([invoice()], back), on: "2026-03-06").finding(.deductionRecharged) == nil)
    }

    @Test func `the same reference taken again after its release is recharged too`() {
        let again = round + [claim("SC", -60_00, "2026-03-01")]
        #expect(judge(family([invoice()], again), on: "2026-03-02").sums(.deductionRecharged) == ["INV-1001 60.00"])
        let note = [
            line("77VCBSINV", -33_00, "2026-02-01"), line("77VCBSINV", 33_00, "2026-02-05", payment: "P2"),
            line("77VCBSINV", -33_00, "2026-02-09", payment: "P3"),
        ]
        #expect(judge(family([], note), on: "2026-02-10").sums(.deductionRecharged) == ["77VCBSINV 33.00"])
    }

    @Test func `a reversal dated before its claim, or in the same remittance, recharges nothing`() {
        let early = [paid, claim("SCR", 100_00, "2026-02-20"), claim("SC", -100_00, "2026-02-22")]
        #expect(judge(family([invoice()], early), on: "2026-02-26").finding(.deductionRecharged) == nil)
        let more = [paid, claim("SCR", 60_00, "2026-02-20"), claim("SC", -100_00, "2026-02-22")]
        #expect(judge(family([invoice()], more), on: "2026-02-26").finding(.deductionRecharged) == nil)
        let same = [paid, claim("SC", -100_00, "2026-02-22"), claim("SCR", 60_00, "2026-02-22")]
        #expect(judge(family([invoice()], same), on: "2026-02-26").finding(.deductionRecharged) == nil)
    }

    @Test func `a round closed into its final document was not released, and a final document after a release takes again`() {
        let closed = [
            paid, claim("SC", -100_00, "2026-02-22"), claim("SCRI", 100_00, "2026-03-01"), final("IQV2026000000001", -100_00, "2026-03-05"),
        ]
        #expect(judge(family([invoice()], closed), on: "2026-03-06").finding(.deductionRecharged) == nil)
        let after = round + [final("IQV2026000000001", -100_00, "2026-03-05")]
        #expect(judge(family([invoice()], after), on: "2026-03-06").sums(.deductionRecharged) == ["INV-1001 100.00"])
    }

    @Test func `a price claim after a released shortage is the first of its kind`() {
        let lines = round + [claim("SCRPC", -10_00, "2026-03-01")]
        #expect(judge(family([invoice()], lines), on: "2026-03-02").finding(.deductionRecharged) == nil)
        let second = lines + [claim("SCRPCR", 10_00, "2026-03-03"), claim("SCRPCRPC", -10_00, "2026-03-05")]
        #expect(judge(family([invoice()], second), on: "2026-03-06").sums(.deductionRecharged) == ["INV-1001 10.00"])
    }

    @Test func `a closed later round stands until its final document comes, and then under it`() {
        let lines =
            round + [
                claim("SCRSC", -80_00, "2026-03-01"), claim("SCRSCRI", 80_00, "2026-03-05"),
            ]
        #expect(judge(family([invoice()], lines), on: "2026-03-06").sums(.deductionRecharged) == ["INV-1001 80.00"])
        let closed = lines + [final("IQV2026000000001", -80_00, "2026-03-09", claimed: "INV1001SCR")]
        #expect(judge(family([invoice()], closed), on: "2026-03-10").sums(.deductionRecharged) == ["INV-1001 80.00"])
    }

    @Test func `two rounds on one invoice are one finding with their sum`() {
        let lines =
            round + [
                claim("SCRSC", -80_00, "2026-03-01"), claim("PC", -5_00, "2026-02-22"), claim("PCR", 5_00, "2026-02-24"),
                claim("PCRPC", -4_00, "2026-03-01"),
            ]
        let found = judge(family([invoice()], lines), on: "2026-03-02").all(.deductionRecharged)
        #expect(found.map(\.sum) == ["84.00"])
        #expect(found.first?.money == "invoice:INV1001")
        #expect(found.first?.details["items"]?.array?.count == 2)
    }

    @Test func `an invoice of ours that ends like a second round is none`() {
        let own = invoice("AC1289SCRSC", 300_00)
        let lines = [line("AC1289SCRSC", 300_00), line("AC1289SCRSCSC", -3_00, type: .claim)]
        #expect(judge(family([own], lines), on: "2026-02-21").finding(.deductionRecharged) == nil)
    }

    @Test func `what was released and is taken again in one remittance stands again`() {
        let same =
            [paid, claim("SC", -100_00, "2026-02-22")] + ["SCR", "SC"].map { claim($0, $0 == "SC" ? -100_00 : 100_00, "2026-02-25") }
        let verdict = judge(family([invoice()], same), on: "2026-02-26")
        #expect(verdict.sums(.deductionRecharged) == ["INV-1001 100.00"])
        #expect(verdict.finding(.deductionDuplicate) == nil)
        // and taken once more without a release it is taken twice too
        let more = same + [claim("SC", -100_00, "2026-03-01")]
        #expect(judge(family([invoice()], more), on: "2026-03-02").sums(.deductionDuplicate) == ["INV-1001SC 100.00"])
    }

    @Test func `a claim that only its own document puts on the invoice counts with those that name it`() {
        var document = memo("CLM-1", -70_00)
        document.isDebit = true
        document.deduction = .shortage
        func named(_ net: Int64, _ date: String) -> LineFact {
            var line = line("CLM-1", net, date, type: .claim, payment: "P-" + date)
            line.isOfOtherFamily = true
            line.isNamedHere = true
            return line
        }
        let lines =
            round + [
                named(-70_00, "2026-02-22"), named(70_00, "2026-02-25"), claim("SCRSC", -100_00, "2026-03-01"),
                named(-70_00, "2026-03-01"),
            ]
        #expect(judge(family([invoice()], lines, memos: [document]), on: "2026-03-02").sums(.deductionRecharged) == ["INV-1001 170.00"])
        let back = lines + [claim("SCRSCR", 100_00, "2026-03-05")]
        #expect(judge(family([invoice()], back, memos: [document]), on: "2026-03-06").sums(.deductionRecharged) == ["INV-1001 70.00"])
    }
}
