import Testing
import Trade

@Suite struct DeductionNewTests {
    private let paid = line("INV-1001", 1000_00)

    @Test func `a claim is told with what it names and until when it can be disputed`() throws {
        let taken = claim("SC", -100_00, "2026-02-22").naming(po: "4XY12345")
        let told = try #require(judge(family([invoice()], [paid, taken]), on: "2026-02-23").finding(.deductionNew))
        #expect(told.isToldOnce)
        #expect(told.subject == "INV-1001SC")
        #expect(told.sum == "100.00")
        #expect(told.direction == .toUs)
        #expect(told.money == "invoice:INV1001/INV1001SC")
        #expect(told.deadline == nil)
        // due 2026-03-02 and 30 days
        #expect(
            told.details == [
                "class": "shortage", "invoice": "INV-1001", "po": "4XY12345", "payment": "P-2026-02-22", "date": "2026-02-22",
                "deadline": "2026-04-01",
            ])
        #expect(told.evidence.map(\.file) == ["820.edi"])
    }

    @Test func `lines of one reference are one deduction, whatever separators they are written with`() throws {
        let lines = [paid, claim("SC", -100_00, "2026-02-22"), claim("-SC", -22_50, "2026-02-22")]
        let told = try #require(judge(family([invoice()], lines), on: "2026-02-23").finding(.deductionNew))
        #expect(told.sum == "122.50")
        #expect(told.details["items"]?.array?.compactMap { $0["amount"]?.string }.sorted() == ["100.00", "22.50"])
        #expect(judge(family([invoice()], lines), on: "2026-02-23").all(.deductionNew).count == 1)
    }

    @Test func `a claim and its release in one remittance were a deduction all the same`() {
        let lines = [paid, claim("SC", -100_00, "2026-02-22"), claim("SCR", 100_00, "2026-02-22")]
        #expect(judge(family([invoice()], lines), on: "2026-02-23").sums(.deductionNew) == ["INV-1001SC 100.00"])
        #expect(judge(family([invoice()], lines), on: "2026-02-23").open.isEmpty)
    }

    @Test func `each round is a claim of its own`() {
        let lines = [
            paid, claim("SC", -100_00, "2026-02-22"), claim("SCR", 100_00, "2026-02-25"), claim("SCRSC", -80_00, "2026-02-27"),
        ]
        #expect(judge(family([invoice()], lines), on: "2026-02-28").sums(.deductionNew) == ["INV-1001SC 100.00", "INV-1001SCRSC 80.00"])
    }

    @Test func `the final document of a known round is the same money, and one without its round is a deduction`() {
        let round = [paid, claim("SC", -100_00, "2026-02-22"), claim("SCRI", 100_00, "2026-03-01")]
        let document = final("IQV2026000000001", -100_00, "2026-03-05")
        #expect(judge(family([invoice()], round + [document]), on: "2026-03-06").sums(.deductionNew) == ["INV-1001SC 100.00"])
        #expect(judge(family([invoice()], [paid, document]), on: "2026-03-06").sums(.deductionNew) == ["IQV2026000000001 100.00"])
        // the round was taken before the first file: its closing alone says nothing of it
        #expect(
            judge(family([invoice()], [paid, claim("SCRI", 100_00, "2026-03-01"), document]), on: "2026-03-06").sums(.deductionNew)
                == ["IQV2026000000001 100.00"])
    }

    @Test func `adjustments are deductions under their own reference, else their line's`() {
        let lines = [
            line("INV-1001", 930_00, inside: [inside(-50_00, .damage, "DM-7"), inside(-20_00, .freight)]),
            adjustment("INV-1001", -30_00, code: "21"), adjustment("WSO_77", -4_00, code: "79"),
        ]
        let verdict = judge(family([invoice()], lines), on: "2026-02-21")
        #expect(verdict.sums(.deductionNew).sorted() == ["DM-7 50.00", "INV-1001 50.00", "WSO_77 4.00"])
        #expect(verdict.all(.deductionNew).map(\.money).contains("invoice:INV1001/DM7"))
    }

    @Test func `notes, agreements, returns, memos and taxes without an invoice are deductions`() {
        let references: [(String, ReferenceType, String?, String)] = [
            ("12345678VCBSINV", .chargeback, nil, "chargeback"), ("1234-56789012", .agreement, "CO-OP", "coop"),
            ("IPAPUS1234567", .other, nil, "coop"), ("RTV123", .return, nil, "return"), ("DB77", .debitMemo, "Debit memo", "other"),
            ("WHT12", .other, "Withholding tax", "tax"), ("INV-9-TDS-CM-0012", .other, nil, "tax"), ("INV-9SC", .claim, nil, "shortage"),
        ]
        for (reference, type, text, expected) in references {
            let told = judge(family([], [line(reference, -12_34, type: type, text: text)]), on: "2026-02-21").all(.deductionNew)
            #expect(told.map(\.subject) == [reference])
            #expect(told.first?.sum == "12.34")
            #expect(told.first?.details["class"]?.string == expected, "\(reference)")
        }
    }

    @Test func `the money of a claim is named by its root, also where that is not on file`() {
        let unknown = judge(family([], [line("INV-9SCRSC", -5_00, type: .claim)]), on: "2026-02-21").finding(.deductionNew)
        #expect(unknown?.money == "invoice:INV9/INV9SCRSC")
        #expect(unknown?.details["invoice"] == "INV-9")
        let named = line("700123", -5_00, type: .claim, text: "Shortage Claim for Invoice - INV-9")
        #expect(judge(family([], [named]), on: "2026-02-21").finding(.deductionNew)?.money == "invoice:INV9/700123")
        let memo = line("DB-5", -5_00, type: .debitMemo, named: "INV-9")
        #expect(judge(InvoiceCase(family: "INV9", lines: [memo]), on: "2026-02-21").finding(.deductionNew)?.money == "invoice:INV9/DB5")
        let note = judge(family([], [line("12345678VCBSINV", -5_00)]), on: "2026-02-21").finding(.deductionNew)
        #expect(note?.money == "claim:12345678VCBSINV")
    }

    @Test func `our own memo, a provision and a take-back of an excess are no deductions`() {
        let lines = [
            line("INV-1001", 1000_00), line("INV-1001", 1000_00, "2026-02-25", payment: "P2"),
            line("INV-1001", -1000_00, "2026-03-01", payment: "P3"),
            line("CM-9", -100_00, type: .creditMemo, inside: [inside(-1_00, .other)]),
            line("260131_PROVISION_FOR_RECEIVABLES", -9_00), line("260131_PROVISION_FOR_RECEIVABLESR", 9_00),
        ]
        let verdict = judge(family([invoice()], lines, memos: [memo("CM-9", -100_00)]), on: "2026-03-02")
        #expect(verdict.all(.deductionNew).isEmpty)
    }

    @Test func `a debit memo of theirs is a deduction once a remittance takes it, and not before`() {
        var debit = memo("DB5684123", -20_45)
        debit.isDebit = true
        debit.family = nil
        let taken = line("DB5684123", -20_45, type: .debitMemo, text: "Debit memo")
        var both = family([], [taken], memos: [debit])
        #expect(judge(both, on: "2026-02-21").sums(.deductionNew) == ["DB5684123 20.45"])
        both.lines = []
        #expect(judge(both, on: "2026-02-21") == Verdict())
        // it lowers nothing that we expect of the invoice that it names
        debit.family = "INV1001"
        #expect(judge(family([invoice()], [line("INV-1001", 979_55)], memos: [debit]), on: "2026-02-21").short?.sum == "20.45")
        // and where it is read for its invoice, its own family tells it
        var elsewhere = taken
        elsewhere.isOfOtherFamily = true
        let verdict = judge(family([invoice()], [paid, elsewhere], memos: [debit]), on: "2026-02-21")
        #expect(verdict.all(.deductionNew).isEmpty)
        #expect(verdict.short?.explained == ["other DB5684123 20.45"])
        let own = judge(InvoiceCase(family: "DB5684123", memos: [debit], lines: [taken]), on: "2026-02-21")
        #expect(own.finding(.deductionNew)?.money == "invoice:INV1001/DB5684123")
    }

    @Test func `what a take-back takes beyond the excess is a deduction under the invoice's number`() {
        let twice = [paid, line("INV-1001", 1000_00, "2026-03-01", payment: "P2"), line("INV-1001", -1200_00, "2026-03-10", payment: "P3")]
        let told = judge(family([invoice()], twice), on: "2026-03-11").finding(.deductionNew)
        #expect(told?.subject == "INV-1001")
        #expect(told?.sum == "200.00")
        #expect(told?.details["payment"] == "P3")
        // with an adjustment that has no number of its own it is one finding
        let more = twice + [adjustment("INV-1001", -30_00, code: "21")]
        #expect(judge(family([invoice()], more), on: "2026-03-11").sums(.deductionNew) == ["INV-1001 230.00"])
    }

    @Test func `a negative line on an unknown invoice waits for that invoice, and for what was paid on it`() {
        let taken = line("INV-9", -250_00, "2026-02-18", received: "2026-02-20")
        let before = judge(family([], [taken]), on: "2026-02-22")
        #expect(before == Verdict(wake: day("2026-02-23")))
        #expect(judge(family([], [taken]), on: "2026-02-23").sums(.deductionNew) == ["INV-9 250.00"])
        let paidBefore = line("INV-9", 200_00, "2026-02-10", payment: "P0")
        #expect(judge(family([], [paidBefore, taken]), on: "2026-02-23").sums(.deductionNew) == ["INV-9 50.00"])
        let all = line("INV-9", 250_00, "2026-02-10", payment: "P0")
        #expect(judge(family([], [all, taken]), on: "2026-02-23").all(.deductionNew).isEmpty)
    }

    @Test func `a claim net of its discount is told gross, with what was taken of the payment`() {
        let taken = line("INV-1001SC", -98_00, "2026-01-25", type: .claim, discount: -2_00)
        let told = judge(family([invoice()], [paid, taken]), on: "2026-01-26").finding(.deductionNew)
        #expect(told?.sum == "100.00")
        #expect(told?.details["net"] == "98.00")
    }

    @Test func `what was taken before the opening is silent`() {
        let lines = [paid, claim("SC", -100_00, "2026-02-22"), claim("SC", -7_00, "2026-03-02")]
        let opening = account { $0.opening = day("2026-03-01") }
        #expect(judge(family([invoice()], lines), on: "2026-03-03", opening).sums(.deductionNew) == ["INV-1001SC 7.00"])
        let later = account { $0.opening = day("2026-03-03") }
        #expect(judge(family([invoice()], lines), on: "2026-03-03", later).findings.isEmpty)
    }

    @Test func `two currencies under one reference are one finding without an amount, and both sums are said`() {
        let lines = [
            line("INV-9SC", -5_00, "2026-02-01", type: .claim),
            line("INV-9SC", -7_00, "2026-02-02", type: .claim, payment: "P2", currency: eur),
        ]
        let told = judge(family([], lines), on: "2026-02-21").all(.deductionNew)
        #expect(told.map(\.amount) == [nil])
        #expect(told.first?.details["out_of_range"] == "7.00 EUR + 5.00 USD")
        #expect(told.first?.details["items"]?.array?.compactMap { $0["currency"]?.string } == ["USD", "EUR"])
    }

    @Test func `what a final document takes beyond its round is told`() {
        let round = [line("INV-1001", 1000_00), claim("SC", -100_00, "2026-02-22"), claim("SCRI", 100_00, "2026-03-01")]
        let less = round + [final("IQV2026000000001", -80_00, "2026-03-05")]
        #expect(judge(family([invoice()], less), on: "2026-03-06").sums(.deductionNew) == ["INV-1001SC 100.00"])
        let more = round + [final("IQV2026000000001", -180_00, "2026-03-05")]
        let found = judge(family([invoice()], more), on: "2026-03-06").all(.deductionNew)
        #expect(found.map(\.sum) == ["180.00"])
        #expect(found.first?.details["items"]?.array?.compactMap { $0["amount"]?.string } == ["100.00", "80.00"])
    }
}
