import GRDB
import Testing
import Trade

@testable import Ledger

/// A claim that goes from one case to another which is judged later: in between nothing is told of it.
@Suite struct MovedClaimTests {
    private let invoice = SampleFile("invoice", [.invoice("INV-1", 1000_00, "2026-01-05")])
    /// Taken twice, by its number alone.
    private let taken = SampleFile(
        "taken",
        ["2026-01-25", "2026-01-27"].map { date in
            .remittance("P-\(date)", [SampleDocument.line("CLM-1", -100_00, .claim)], date: date)
        })
    private let document = SampleFile(
        "document",
        [
            .whole(
                .memo(
                    Memo(
                        kind: .debit, number: "CLM-1", currency: usd, total: -100_00, at: .row(1), date: day("2026-01-20"),
                        invoice: "INV-1", lines: [ItemLine(at: .row(1), code: "shortage", amount: -100_00)])))
        ])

    private func desk(_ rules: [PairingRule]) throws -> Desk {
        let desk = try Desk()
        desk.accounts["acme-us"]?.matchBy = rules
        for file in [invoice, taken] { try desk.deliver(file, on: "2026-01-28") }
        return desk
    }

    /// Of the deduction, since `seq`.
    private func events(_ desk: Desk, after seq: Int64) throws -> [String] {
        try desk.events(after: seq).filter { $0.contains(" deduction.") }
    }

    private static let rules: [[PairingRule]] = [[], [.po, .amount]]

    @Test(arguments: rules) func `is neither resolved nor counted twice when its document comes`(rules: [PairingRule]) throws {
        let desk = try desk(rules)
        #expect(try desk.open().contains("deduction.duplicate CLM-1 100.00"))
        let before = try desk.ledger.lastEventSeq()
        try desk.deliver(document, on: "2026-01-29")
        #expect(try desk.finding(.deductionDuplicate, "CLM-1")?.finding.money == "invoice:INV1/CLM1")
        // it is on an invoice now, and nothing else of it is another
        #expect(try events(desk, after: before) == ["changed deduction.duplicate CLM-1 100.00"])
        #expect(try desk.finding(.deductionDuplicate, "CLM-1")?.opened == noon(day("2026-01-28")))
    }

    @Test(arguments: rules) func `nor when that is withdrawn`(rules: [PairingRule]) throws {
        let desk = try desk(rules)
        try desk.deliver(document, on: "2026-01-29")
        let before = try desk.ledger.lastEventSeq()
        #expect(try desk.ledger.withdraw(document.sha256, reason: "test", who: "test", at: noon(day("2026-01-30"))))
        try desk.evaluate(on: "2026-01-30")
        #expect(try desk.finding(.deductionDuplicate, "CLM-1")?.finding.money == "claim:CLM1")
        #expect(try events(desk, after: before) == ["changed deduction.duplicate CLM-1 100.00"])
        #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-01-30"))).count == 0)
    }

    @Test(arguments: rules) func `is resolved where nobody says it any longer`(rules: [PairingRule]) throws {
        let desk = try desk(rules)
        let before = try desk.ledger.lastEventSeq()
        #expect(try desk.ledger.withdraw(taken.sha256, reason: "test", who: "test", at: noon(day("2026-01-30"))))
        try desk.evaluate(on: "2026-01-30")
        #expect(try events(desk, after: before) == ["resolved deduction.duplicate CLM-1 100.00"])
        #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-01-30"))).count == 0)
    }
}
