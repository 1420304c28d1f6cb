import GRDB
import Testing
import Trade

@testable import Ledger

/// A claim that one remittance names with its invoice, and another by its number alone.
@Suite struct ClaimNumberTests {
    private let invoice = SampleFile("invoice", [.invoice("INV-1", 1000_00, "2026-01-05")])

    private func remittance(_ number: String, _ lines: [RemittanceLine], date: String = "2026-01-25") -> SampleFile {
        SampleFile(number, [.remittance(number, lines, date: date)])
    }

    private func line(_ reference: String, _ net: Int64, _ type: ReferenceType = .claim, on invoice: String? = nil) -> RemittanceLine {
        RemittanceLine(reference: reference, referenceType: type, net: net, at: .segment("RMR", 1, set: 1), invoice: invoice)
    }

    /// What is told in the end, the same in every order of arrival, and the same as judging from scratch gives.
    /// - Parameter shapes: of the account's own claims.
    private func told(_ files: [SampleFile], on date: String = "2026-02-10", shapes: [String] = []) throws -> [String] {
        var all: Set<[String]> = []
        for files in orders(files) {
            let desk = try Desk()
            desk.accounts["acme-us"]?.references = shapes.compactMap { ReferencePattern(shape: $0, type: .claim, deduction: .shortage) }
            for file in files { try desk.deliver(file, on: "2026-02-03") }
            try desk.evaluate(on: date)
            let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day(date)))
            #expect(comparison.count == 0 && comparison.waiting == 0, "\(files.map(\.name)): \(comparison.differences)")
            let told = try desk.ledger.findings(includingResolved: true).filter { $0.state == .open || $0.finding.isToldOnce }
            all.insert(told.map { "\(Desk.line($0)) \($0.finding.money ?? "")" }.sorted())
        }
        #expect(all.count == 1, "\(all)")
        return all.first ?? []
    }

    private var paid: SampleFile { remittance("P-1", [line("INV-1", 1000_00, .invoice), line("CL-77", -100_00, on: "INV-1")]) }

    @Test(arguments: [ReferenceType.claim, .debitMemo, .invoice, .other])
    func `taken again, it is the same claim`(type: ReferenceType) throws {
        let again = remittance("P-2", [line("CL-77", -100_00, type)], date: "2026-02-01")
        let told = try told([invoice, paid, again])
        #expect(
            told == [
                "deduction.duplicate CL-77 100.00 invoice:INV1/CL77", "deduction.new CL-77 200.00 invoice:INV1/CL77",
                "payment.short INV-1 200.00 invoice:INV1/CL77",
            ], "\(told)")
    }

    @Test(arguments: [ReferenceType.claim, .creditMemo, .invoice]) func `given back, it is released`(type: ReferenceType) throws {
        let back = remittance("P-2", [line("CL-77", 100_00, type)], date: "2026-02-01")
        #expect(try told([invoice, paid, back]) == ["deduction.new CL-77 100.00 invoice:INV1/CL77"])
        // the taking alone, the release with the invoice
        let alone = remittance("P-1", [line("INV-1", 1000_00, .invoice), line("CL-77", -100_00)])
        let named = remittance("P-2", [line("CL-77", 100_00, .creditMemo, on: "INV-1")], date: "2026-02-01")
        #expect(try told([invoice, alone, named]) == ["deduction.new CL-77 100.00 invoice:INV1/CL77"])
    }

    @Test(arguments: ["(CL-##)R", "(CL-##)*", "(CL-##)-?*"])
    func `a round's suffix that the account's shapes know gives back the claim`(shape: String) throws {
        let suffix = shape.hasSuffix("?*") ? "-REV" : "R"
        let back = remittance("P-2", [line("CL-77" + suffix, 100_00)], date: "2026-02-01")
        #expect(try told([invoice, paid, back], shapes: [shape]) == ["deduction.new CL-77 100.00 invoice:INV1/CL77"])
        // by the claim's own document, which names the invoice
        let alone = remittance("P-1", [line("INV-1", 1000_00, .invoice), line("CL-77", -100_00)])
        let memo = Memo(
            kind: .debit, number: "CL-77", currency: usd, total: -100_00, at: .row(1), date: day("2026-01-20"), invoice: "INV-1", lines: [])
        #expect(
            try told([invoice, alone, back, SampleFile("claim", [.whole(.memo(memo))])], shapes: [shape])
                == ["deduction.new CL-77 100.00 invoice:INV1/CL77"])
    }

    @Test func `a suffix that no shape knows gives back nothing`() throws {
        let back = remittance("P-2", [line("CL-77R", 100_00)], date: "2026-02-01")
        #expect(try told([invoice, paid, back]).contains { $0.hasPrefix("payment.short INV-1 100.00") })
        #expect(try told([invoice, paid, back], shapes: ["(XX-##)R"]).contains { $0.hasPrefix("payment.short INV-1 100.00") })
    }

    @Test func `a further round is on the claim's invoice`() throws {
        let again = remittance("P-2", [line("CL-77-2", -40_00)], date: "2026-02-01")
        let told = try told([invoice, paid, again], shapes: ["(CL-##)-#"])
        #expect(
            told == [
                "deduction.new CL-77 100.00 invoice:INV1/CL77", "deduction.new CL-77-2 40.00 invoice:INV1/CL772",
                "payment.short INV-1 140.00 invoice:INV1",
            ], "\(told)")
    }

    @Test func `a number whose shape has no root is on the invoice that is named with it`() throws {
        let back = remittance("P-2", [line("CL-77", 100_00)], date: "2026-02-01")
        #expect(try told([invoice, paid, back], shapes: ["CL-##"]) == ["deduction.new CL-77 100.00 invoice:INV1/CL77"])
        #expect(try told([invoice, paid], shapes: ["CL-##"]).contains { $0.hasPrefix("payment.short INV-1 100.00 invoice:INV1/CL77") })
    }

    @Test func `taken inside the invoice's line, it is the same claim`() throws {
        let inside = RemittanceLine(
            reference: "INV-1", referenceType: .invoice, net: 900_00, at: .segment("RMR", 1, set: 1),
            adjustments: [Adjustment(amount: -100_00, code: "01", reference: "CL-77", at: .segment("ADX", 1, set: 1))])
        let back = remittance("P-2", [line("CL-77", 100_00)], date: "2026-02-01")
        let told = try told([invoice, remittance("P-1", [inside]), back])
        #expect(told.allSatisfy { $0.hasPrefix("deduction.new CL-77 100.00 invoice:INV1/CL77") } && told.count == 1, "\(told)")
    }

    @Test func `a notice on file says what a deduction under its number is, whichever comes first`() throws {
        let place = Location.row(2)
        let goods = GoodsReturn(number: "R778", currency: usd, at: place, notified: day("2026-01-20"), total: 40_00)
        let notice = Chargeback(id: "CB-77", amount: 45_00, currency: usd, at: place, date: day("2026-01-20"), invoice: "CHG-555")
        let notices = SampleFile("notices", [.whole(.goodsReturn(goods)), .whole(.chargeback(notice))])
        let taken = remittance(
            "P-1",
            [
                line("R778_GLXX", -40_00, .invoice), line("CB-77", -45_00, .invoice), line("CHG-555", -45_00, .invoice),
                line("R7_GLXX", -1_00, .invoice),
            ])
        let told = try told([notices, taken])
        #expect(
            told == [
                "deduction.new CB-77 45.00 claim:CB77", "deduction.new CHG-555 45.00 claim:CHG555",
                "deduction.new R778_GLXX 40.00 claim:R778GLXX", "deduction.new R7_GLXX 1.00 invoice:R7GLXX/R7GLXX",
                "deduction.unsupported R7_GLXX 1.00 invoice:R7GLXX/R7GLXX",
            ], "\(told)")
    }

    @Test func `named with two invoices, it stays where it is`() throws {
        let other = remittance("P-3", [line("CL-77", -50_00, on: "INV-2")])
        let again = remittance("P-2", [line("CL-77", -30_00)], date: "2026-02-01")
        let told = try told([invoice, paid, other, again])
        #expect(told.contains { $0.hasPrefix("payment.short INV-1 100.00") }, "\(told)")
    }

    @Test func `a payment of an invoice that has the number is one`() throws {
        let own = SampleFile("own", [.invoice("CL-77", 400_00, "2026-01-06")])
        let paying = remittance("P-2", [line("CL-77", 400_00, .invoice)], date: "2026-02-01")
        let told = try told([invoice, paid, own, paying])
        #expect(
            told == ["deduction.new CL-77 100.00 invoice:INV1/CL77", "payment.short INV-1 100.00 invoice:INV1/CL77"], "\(told)")
    }

    @Test func `goes back when the remittance that named it leaves the sums`() throws {
        let again = remittance("P-2", [line("CL-77", -100_00)], date: "2026-02-01")
        let desk = try Desk()
        for file in [invoice, paid, again] { try desk.deliver(file, on: "2026-02-03") }
        #expect(try desk.ledger.withdraw(paid.sha256, reason: "test", who: "test", at: noon(day("2026-02-04"))))
        try desk.evaluate(on: "2026-02-10")
        #expect(try desk.finding(.deductionNew, "CL-77")?.finding.money == "claim:CL77")
        #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-02-10"))).count == 0)
    }

    @Test func `links of a ledger that has none are filled`() throws {
        let desk = try Desk()
        let again = remittance("P-2", [line("CL-77", -100_00)], date: "2026-02-01")
        for file in [invoice, paid, again] { try desk.deliver(file, on: "2026-02-03") }
        let links = "SELECT account, key, document_id, family, is_claim FROM number_links ORDER BY 1, 2, 3, 4"
        let before = try desk.rows(links)
        try desk.ledger.write { db in try db.execute(sql: "UPDATE meta SET value = '1' WHERE name = 'links'; DELETE FROM number_links") }
        let reopened = try Desk(folder: desk.folder)
        #expect(try reopened.rows(links) == before)
        #expect(!before.isEmpty)
    }

    @Test func `an explanation of the number finds the claim`() throws {
        let desk = try Desk()
        let again = remittance("P-2", [line("CL-77", -100_00)], date: "2026-02-01")
        for file in [invoice, paid, again] { try desk.deliver(file, on: "2026-02-03") }
        let subjects = try desk.ledger.subjects(of: "CL77")
        #expect(subjects.map { "\($0.kind.rawValue) \($0.family)" } == ["claim INV1"])
    }
}
