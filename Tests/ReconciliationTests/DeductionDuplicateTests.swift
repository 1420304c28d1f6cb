import Testing
import Trade

@Suite struct DeductionDuplicateTests {
    private let paid = line("INV-1001", 1000_00)

    @Test func `the same claim in another payment is taken twice, also with other separators`() throws {
        let lines = [paid, claim("SC", -14_85, "2026-03-27"), line("INV1001-SC", -14_85, "2026-04-10", type: .claim, payment: "P9")]
        let twice = try #require(judge(family([invoice()], lines), on: "2026-04-11").finding(.deductionDuplicate))
        #expect(twice.subject == "INV-1001SC")
        #expect(twice.sum == "14.85")
        #expect(twice.direction == .toUs)
        #expect(twice.money == "invoice:INV1001/INV1001SC")
        #expect(twice.details["first"] == "P-2026-03-27")
        #expect(twice.details["items"]?.array?.count == 2)
        #expect(judge(family([invoice()], lines), on: "2026-04-11").sums(.deductionNew) == ["INV-1001SC 29.70"])
        // given back once, nothing is taken twice
        let back = lines + [claim("SCR", 14_85, "2026-04-20")]
        #expect(judge(family([invoice()], back), on: "2026-04-21").finding(.deductionDuplicate) == nil)
    }

    @Test func `a reversal between the two makes them no duplicates`() {
        let lines = [paid, claim("SC", -14_85, "2026-03-27"), claim("SCR", 14_85, "2026-04-01"), claim("SC", -20_00, "2026-04-10")]
        #expect(judge(family([invoice()], lines), on: "2026-04-11").finding(.deductionDuplicate) == nil)
    }

    @Test func `equal lines in one remittance are counted by occurrence`() {
        let lines = [line("INV-1001SC", -9_65, type: .claim, place: 1), line("INV-1001SC", -9_65, type: .claim, place: 2)]
        let verdict = judge(family([invoice()], [paid] + lines), on: "2026-03-01")
        #expect(verdict.finding(.deductionDuplicate) == nil)
        #expect(verdict.sums(.deductionNew) == ["INV-1001SC 19.30"])
        // a second remittance with both: both are too much
        let more = lines.map { first in
            var line = first
            line.payment = "P2"
            return line
        }
        #expect(judge(family([invoice()], [paid] + lines + more), on: "2026-03-01").sums(.deductionDuplicate) == ["INV-1001SC 19.30"])
    }

    @Test func `the same chargeback note twice is one, two equal ones of other numbers are not`() {
        let notes = [line("87394589VCBSINV", -33_85, "2026-01-20"), line("87394589VCBSINV", -33_85, "2026-04-12", payment: "P2")]
        #expect(judge(family([], notes), on: "2026-04-13").sums(.deductionDuplicate) == ["87394589VCBSINV 33.85"])
        let other = line("29467485VCBSINV", -33_85, "2026-04-12", payment: "P2")
        // in one case only here: elsewhere each has its own
        #expect(judge(family([], [notes[0], other]), on: "2026-04-13").finding(.deductionDuplicate) == nil)
    }

    @Test func `an agreement's lines are the same only with the same document date`() {
        let monthly = [
            line("9288-98111754", -10_15, "2026-01-20").dated("2026-01-19"),
            line("9288-98111754", -10_15, "2026-02-20", payment: "P2").dated("2026-02-18"),
        ]
        #expect(judge(family([], monthly), on: "2026-03-01").finding(.deductionDuplicate) == nil)
        let again = monthly + [line("9288-98111754", -10_15, "2026-03-20", payment: "P3").dated("2026-01-19")]
        #expect(judge(family([], again), on: "2026-03-21").sums(.deductionDuplicate) == ["9288-98111754 10.15"])
        // without dates nothing says that they are the same
        #expect(judge(family([], monthly.map { $0.dated(nil) }), on: "2026-03-01").finding(.deductionDuplicate) == nil)
    }

    @Test func `another reference with the same class, root and amount is the same claim`() throws {
        let words = "Shortage Claim for Invoice - INV-1001"
        let lines = [
            paid, claim("SC", -100_00, "2026-02-22"), line("700123", -100_00, "2026-03-01", type: .claim, text: words, payment: "P5"),
        ]
        let twice = try #require(judge(family([invoice()], lines), on: "2026-03-02").finding(.deductionDuplicate))
        #expect(twice.subject == "700123")
        #expect(twice.sum == "100.00")
        #expect(twice.details["same_as"] == "INV-1001SC")
        #expect(twice.details["first"] == "P-2026-02-22")
        // another amount, another class, the same payment, or the first one given back: nothing
        let price = "Price Claim for Invoice - INV-1001"
        for other in [
            line("700123", -99_99, "2026-03-01", type: .claim, text: words, payment: "P5"),
            line("700123", -100_00, "2026-03-01", type: .claim, text: price, payment: "P5"),
            line("700123", -100_00, "2026-02-22", type: .claim, text: words, payment: "P-2026-02-22"),
        ] {
            let lines = [paid, claim("SC", -100_00, "2026-02-22"), other]
            #expect(judge(family([invoice()], lines), on: "2026-03-02").finding(.deductionDuplicate) == nil)
        }
        let back = lines + [claim("SCR", 100_00, "2026-02-25")]
        #expect(judge(family([invoice()], back), on: "2026-03-02").finding(.deductionDuplicate) == nil)
    }

    @Test func `a closed round and its final document are taken once, two final documents twice`() {
        let round = [paid, claim("SC", -100_00, "2026-02-22"), claim("SCRI", 100_00, "2026-03-01")]
        let one = round + [final("IQV2026000000001", -100_00, "2026-03-05")]
        #expect(judge(family([invoice()], one), on: "2026-03-06").finding(.deductionDuplicate) == nil)
        let two = one + [final("IQV2026000000002", -100_00, "2026-03-09")]
        #expect(judge(family([invoice()], two), on: "2026-03-10").sums(.deductionDuplicate) == ["INV-1001SC 100.00"])
        // before the closing comes the money is out twice
        #expect(
            judge(family([invoice()], one.filter { $0.net <= 0 || $0.key == "INV1001" }), on: "2026-03-06").sums(.deductionDuplicate)
                == ["INV-1001SC 100.00"])
    }

    @Test func `a partial release leaves of the second what is more than the first`() {
        let lines = [paid, claim("SC", -100_00, "2026-02-22"), claim("SC", -100_00, "2026-03-01"), claim("SCR", 30_00, "2026-03-05")]
        #expect(judge(family([invoice()], lines), on: "2026-03-06").sums(.deductionDuplicate) == ["INV-1001SC 70.00"])
    }

    @Test func `an allowance inside each part payment belongs to that payment`() {
        let parts = [
            line("INV-1001", 495_00, inside: [inside(-5_00, .freight)]),
            line("INV-1001", 495_00, "2026-03-01", inside: [inside(-5_00, .freight)], payment: "P2"),
        ]
        #expect(judge(family([invoice()], parts), on: "2026-03-02").finding(.deductionDuplicate) == nil)
        let numbered = [
            line("INV-1001", 495_00, inside: [inside(-5_00, .freight, "FR-1")]),
            line("INV-1001", 495_00, "2026-03-01", inside: [inside(-5_00, .freight, "FR-1")], payment: "P2"),
        ]
        #expect(judge(family([invoice()], numbered), on: "2026-03-02").sums(.deductionDuplicate) == ["FR-1 5.00"])
    }

    @Test func `what was taken again before the opening is silent`() {
        let lines = [paid, claim("SC", -100_00, "2026-02-22"), claim("SC", -100_00, "2026-03-01")]
        let opening = account { $0.opening = day("2026-03-02") }
        #expect(judge(family([invoice()], lines), on: "2026-03-06", opening).finding(.deductionDuplicate) == nil)
        let between = account { $0.opening = day("2026-03-01") }
        #expect(judge(family([invoice()], lines), on: "2026-03-06", between).sums(.deductionDuplicate) == ["INV-1001SC 100.00"])
    }

    @Test func `a reversal of a part between the two makes them no duplicates, one after them leaves the rest`() {
        let between = [paid, claim("SC", -100_00, "2026-03-27"), claim("SCR", 40_00, "2026-04-01"), claim("SC", -100_00, "2026-04-10")]
        let verdict = judge(family([invoice()], between), on: "2026-04-11")
        #expect(verdict.finding(.deductionDuplicate) == nil)
        #expect(verdict.sums(.deductionRecharged) == ["INV-1001 100.00"])
        let after = [paid, claim("SC", -100_00, "2026-03-27"), claim("SC", -100_00, "2026-04-01"), claim("SCR", 40_00, "2026-04-10")]
        #expect(judge(family([invoice()], after), on: "2026-04-11").sums(.deductionDuplicate) == ["INV-1001SC 60.00"])
    }

    @Test func `a memo of ours without an invoice is applied once, and taken again it is a deduction`() {
        var credit = memo("CM-1", -100_00)
        credit.family = nil
        func taken(_ net: Int64, _ date: String) -> LineFact { line("CM-1", net, date, type: .creditMemo, payment: "P-" + date) }
        func told(_ lines: [LineFact]) -> Verdict {
            judge(InvoiceCase(family: "CM1", memos: [credit], lines: lines), on: "2026-05-01")
        }
        let once = taken(-100_00, "2026-02-20")
        #expect(told([once]) == Verdict())
        let twice = told([taken(-100_00, "2026-03-20"), once])
        #expect(twice.sums(.deductionNew) == ["CM-1 100.00"])
        #expect(twice.sums(.deductionDuplicate) == ["CM-1 100.00"])
        #expect(twice.finding(.deductionDuplicate)?.details["first"] == "P-2026-02-20")
        #expect(twice.finding(.deductionDuplicate)?.money == "claim:CM1")
        // in two parts it is applied once, and given back it may be taken again
        #expect(told([taken(-60_00, "2026-02-20"), taken(-40_00, "2026-03-20")]) == Verdict())
        #expect(told([once, taken(100_00, "2026-03-01"), taken(-100_00, "2026-03-20")]) == Verdict())
    }
}
