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

/// A claim taken inside a line that `match_by` puts to an invoice, and named elsewhere by its number alone.
@Suite struct MatchedClaimTests {
    private static func invoice(_ number: String, _ total: Int64 = 1000_00, po: String) -> SampleFile {
        SampleFile(
            number, [.whole(.invoice(Invoice(number: number, currency: usd, total: total, at: .row(1), date: day("2026-01-05"), po: po)))])
    }

    private static func line(
        _ reference: String, _ net: Int64, _ type: ReferenceType = .invoice, po: String? = nil, claim: String? = nil,
        on invoice: String? = nil
    ) -> RemittanceLine {
        RemittanceLine(
            reference: reference, referenceType: type, net: net, at: .segment("RMR", 1, set: 1), invoice: invoice, po: po,
            adjustments: claim.map { [Adjustment(amount: -100_00, code: "ZZ", reference: $0, at: .segment("ADX", 1, set: 1))] } ?? [])
    }

    private static func payment(_ number: String, _ lines: [RemittanceLine], _ date: String = "2026-01-25") -> SampleFile {
        SampleFile(number, [.remittance(number, lines, date: date)])
    }

    private let invoice = Self.invoice("INV-1", po: "PO-1")
    private let paid = Self.payment("P-1", [Self.line("REF-9", 900_00, po: "PO-1", claim: "CL-77")])

    /// What is told in the end, the same in every order of arrival.
    private func told(_ files: [SampleFile]) throws -> [String] {
        var all: Set<[String]> = []
        for files in orders(files) {
            let desk = try Desk()
            desk.accounts["acme-us"]?.matchBy = [.po]
            for file in files { try desk.deliver(file, on: "2026-02-03") }
            try desk.evaluate(on: "2026-02-10")
            #expect(try desk.count("matches") > 0)
            let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day("2026-02-10")))
            #expect(comparison.count == 0 && comparison.waiting == 0, "\(files.map(\.name)): \(comparison.differences)")
            let told = try desk.ledger.findings(includingResolved: true).filter { $0.state == .open || $0.finding.isToldOnce }
            all.insert(told.map { "\(Desk.line($0)) \($0.finding.money ?? "")" }.sorted())
        }
        #expect(all.count == 1, "\(all)")
        return all.first ?? []
    }

    @Test func `is given back on that invoice`() throws {
        let back = Self.payment("P-2", [Self.line("CL-77", 100_00, .claim)], "2026-02-01")
        #expect(try told([invoice, paid, back]) == ["deduction.new CL-77 100.00 invoice:INV1/CL77"])
    }

    @Test func `is taken again on that invoice`() throws {
        let again = Self.payment("P-2", [Self.line("CL-77", -100_00, .claim)], "2026-02-01")
        let told = try told([invoice, paid, again])
        #expect(
            told == [
                "deduction.duplicate CL-77 100.00 invoice:INV1/CL77", "deduction.new CL-77 200.00 invoice:INV1/CL77",
                "payment.short INV-1 200.00 invoice:INV1/CL77",
            ], "\(told)")
    }

    @Test func `is at home where both a match and a line name the same invoice`() throws {
        let named = Self.payment("P-3", [Self.line("CL-77", 40_00, .claim, on: "INV-1")], "2026-01-28")
        let back = Self.payment("P-2", [Self.line("CL-77", 60_00, .claim)], "2026-02-01")
        #expect(try told([invoice, paid, named, back]) == ["deduction.new CL-77 100.00 invoice:INV1/CL77"])
    }

    @Test func `leaves its own case when a match makes two names one`() throws {
        // one document at a time: before the match two families are named, and the claim is in neither
        let named = Self.payment("P-3", [Self.line("CL-77", 40_00, .claim, on: "INV-1")], "2026-01-28")
        let again = Self.payment("P-2", [Self.line("CL-77", -60_00, .claim)], "2026-02-01")
        let told = try told([invoice, paid, named, again])
        #expect(told.filter { $0.hasPrefix("deduction.new") } == ["deduction.new CL-77 160.00 invoice:INV1/CL77"], "\(told)")
        #expect(told.contains { $0.hasPrefix("payment.short INV-1 120.00") }, "\(told)")
    }

    @Test func `is in neither where two lines of one number were put to two invoices`() throws {
        let second = Self.payment("P-3", [Self.line("REF-9", 900_00, po: "PO-2", claim: "CL-77")], "2026-01-28")
        let back = Self.payment("P-2", [Self.line("CL-77", 100_00, .claim)], "2026-02-01")
        let told = try told([invoice, Self.invoice("INV-2", po: "PO-2"), paid, second, back])
        #expect(told.contains("payment.short INV-1 100.00 invoice:INV1/CL77"), "\(told)")
        #expect(told.contains("payment.short INV-2 100.00 invoice:INV2/CL77"), "\(told)")
    }
}
