import GRDB
import Testing
import Trade

@testable import Ledger

/// One debit memo that is taken from two invoices: one number, two families, one deduction.
@Suite struct `A finding that two cases speak of` {
    private func payment(
        _ number: String, _ date: String, _ invoices: [(String, Int64)], gross: Int64 = 100_00, in currency: Currency? = nil
    ) -> SampleDocument {
        .remittance(
            RemittanceAdvice(
                number: number, currency: usd, at: .segment("ST", 1, set: 1), date: day(date),
                total: invoices.reduce(0) { $0 + gross + $1.1 }),
            invoices.enumerated().map { index, invoice in
                RemittanceLine(
                    reference: invoice.0, referenceType: .invoice, net: gross + invoice.1, at: .segment("RMR", index + 1, set: 1),
                    gross: gross, currency: currency,
                    adjustments: [
                        Adjustment(amount: invoice.1, code: "06", reference: "DM-77", at: .segment("ADX", index + 1, set: 1))
                    ])
            }, RemittanceEnd(footing: 0))
    }

    private func deduction(_ desk: Desk) throws -> RecordedFinding? { try desk.finding(.deductionNew, "DM-77") }

    @Test func `is one finding with the sum, told again only when the sum changes`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 100_00), .invoice("INV-2", 100_00)]), on: "2026-01-02")
        try desk.deliver(SampleFile("pay", [payment("P-1", "2026-02-20", [("INV-1", -10_00), ("INV-2", -5_00)])]), on: "2026-02-21")
        #expect(try deduction(desk)?.finding.amount == 15_00)
        #expect(try deduction(desk)?.finding.evidence.count == 2)
        let told = try desk.events().filter { $0.contains("deduction.new") }
        for date in ["2026-02-22", "2026-03-22", "2026-06-22"] { try desk.evaluate(on: date) }
        try desk.ledger.wakeAll()
        try desk.evaluate(on: "2026-06-22")
        #expect(try desk.events().filter { $0.contains("deduction.new") } == told)
        #expect(try deduction(desk)?.finding.amount == 15_00)
    }

    @Test func `is the same whichever case is judged first`() throws {
        var seen: Set<String> = []
        for order in [["INV-1", "INV-2"], ["INV-2", "INV-1"]] {
            let desk = try Desk()
            try desk.deliver(SampleFile("inv", [.invoice("INV-1", 100_00), .invoice("INV-2", 100_00)]), on: "2026-01-02")
            for (index, number) in order.enumerated() {
                let amount: Int64 = number == "INV-1" ? -10_00 : -5_00
                try desk.deliver(
                    SampleFile("pay\(number)", [payment("P-\(number)", "2026-02-20", [(number, amount)])]), on: "2026-02-2\(index + 1)")
            }
            let finding = try #require(try deduction(desk)).finding
            seen.insert("\(finding.amount ?? 0) \(finding.details.text) \(finding.evidence)")
        }
        #expect(seen.count == 1, "\(seen)")
    }

    @Test func `is compared with what its parts come to`() throws {
        let desk = try Desk()
        try desk.deliver(
            SampleFile("pay", [payment("P-1", "2026-02-20", [("INV-1", -10_00), ("INV-2", -5_00)])]), on: "2026-02-21")
        let judgement = desk.judgement(on: day("2026-02-21"))
        #expect(try desk.ledger.compareWithRules(judgement).count == 0)
        try desk.ledger.write { db in try db.execute(sql: "UPDATE findings SET amount = 1400 WHERE kind = 'deduction.new'") }
        let difference = try #require(try desk.ledger.compareWithRules(judgement).differences.first)
        #expect(difference.kind == .changed && difference.now?.amount == 15_00 && difference.recorded?.finding.amount == 14_00)
    }

    /// A payment in one currency may have lines in another.
    @Test func `has no amount where its parts are in two currencies, and says both sums`() throws {
        let parts = [
            SampleFile("usd", [payment("P-1", "2026-02-20", [("INV-1", -10_00), ("INV-3", -2_50)])]),
            SampleFile("eur", [payment("P-2", "2026-02-20", [("INV-2", -5_00)], in: eur)]),
        ]
        var seen: Set<String> = []
        for files in [parts, parts.reversed()] {
            let desk = try Desk()
            for file in files { try desk.deliver(file, as: "one.edi", on: "2026-02-21") }
            let finding = try #require(try deduction(desk)).finding
            #expect(finding.amount == nil && finding.currency == nil)
            #expect(finding.details["out_of_range"] == "5.00 EUR + 12.50 USD")
            #expect(finding.details["items"]?.array?.compactMap { $0["currency"]?.string } == ["USD", "EUR", "USD"])
            #expect(try desk.events().last == "told deduction.new DM-77 -")
            seen.insert("\(finding.details.text) \(finding.evidence)")
            let more = SampleFile("more", [payment("P-3", "2026-02-21", [("INV-2", -1_00)], in: eur)])
            try desk.deliver(more, on: "2026-02-21")
            #expect(try deduction(desk)?.finding.details["out_of_range"] == "6.00 EUR + 12.50 USD")
            #expect(try desk.events().filter { $0 == "told deduction.new DM-77 -" }.count == 2)
            #expect(try desk.ledger.withdraw(more.sha256, reason: "test", who: "test", at: noon(day("2026-02-21"))))
            // one of them goes, and the rest is a sum again
            #expect(try desk.ledger.withdraw(parts[1].sha256, reason: "test", who: "test", at: noon(day("2026-02-22"))))
            try desk.evaluate(on: "2026-02-22")
            #expect(try deduction(desk)?.finding.amount == 12_50)
            #expect(try deduction(desk)?.finding.details["out_of_range"] == nil)
        }
        #expect(seen.count == 1, "\(seen)")
    }

    @Test func `says a sum that no amount can hold`() throws {
        let desk = try Desk()
        let most = Int64.max - 10
        let files = ["INV-1", "INV-2"].map { SampleFile($0, [payment("P-" + $0, "2026-02-20", [($0, -most)], gross: most)]) }
        for file in files { try desk.deliver(file, on: "2026-02-21") }
        #expect(try deduction(desk)?.finding.amount == nil)
        #expect(try deduction(desk)?.finding.details["out_of_range"] == "184467440737095515.94 USD")
    }

    // MARK: cases that are judged one after another

    /// Some families are judged before the loose ends of the others are paired.
    private func pairing() throws -> Desk {
        let desk = try Desk()
        desk.accounts["acme-us"]?.matchBy = [.amount]
        return desk
    }

    private func events(_ desk: Desk, of subject: String, after seq: Int64 = 0) throws -> [String] {
        try desk.events(after: seq).filter { $0.contains(" \(subject) ") }
    }

    private func memo(_ number: String, on invoice: String, _ total: Int64) -> SampleDocument {
        .whole(
            .memo(Memo(kind: .debit, number: number, currency: usd, total: total, at: .row(1), date: day("2026-01-20"), invoice: invoice)))
    }

    /// Of one debit memo a part on an invoice that the payment names, and a part in a line that waits for its match.
    private var twoParts: SampleFile {
        SampleFile("pay", [.invoice("INV-1", 100_00), payment("P-1", "2026-02-20", [("INV-1", -10_00), ("X-9", -5_00)])])
    }

    @Test func `is told once with its sum, though one part waits for the match of its line`() throws {
        for matched in [true, false] {
            let desk = try pairing()
            if matched { try desk.deliver(SampleFile("inv", [.invoice("INV-2", 100_00)]), on: "2026-01-02") }
            try desk.deliver(twoParts, on: "2026-02-21")
            #expect(try desk.value("SELECT CAST(count(*) AS TEXT) FROM matches") == (matched ? "1" : "0"))
            #expect(try events(desk, of: "DM-77") == ["told deduction.new DM-77 15.00"])
            #expect(try desk.ledger.queueLength() == 0)
        }
    }

    @Test func `is told once with its sum, though its cases lie pages apart`() throws {
        let desk = try Desk()
        let (first, last) = (payment("P-1", "2026-02-20", [("A-1", -10_00)]), payment("P-3", "2026-02-20", [("Z-1", -5_00)]))
        let between = SampleDocument.payment("P-2", "2026-02-20", (0..<Ledger.batch).map { ("B-\($0)", 1_00) })
        try desk.deliver(SampleFile("pay", [first, between, last]), on: "2026-02-21")
        #expect(try desk.events() == ["told deduction.new DM-77 15.00"])
    }

    @Test func `is changed, not ended and opened, when its claim moves to a case that waits for its match`() throws {
        let desk = try pairing()
        let taken = { SampleDocument.payment($0, "2026-02-20", [("INV-9", 100_00)], beside: [("DM-5", -10_00)]) }
        try desk.deliver(SampleFile("pay", [taken("P-1"), taken("P-2")]), on: "2026-02-21")
        #expect(try events(desk, of: "DM-5").contains("opened deduction.duplicate DM-5 10.00"))
        let opened = try #require(try desk.finding(.deductionDuplicate, "DM-5")?.opened)
        let seq = try desk.ledger.lastEventSeq()
        try desk.deliver(SampleFile("memo", [.invoice("INV-1", 100_00), memo("DM-5", on: "INV-1", -10_00)]), on: "2026-02-22")
        #expect(try events(desk, of: "DM-5", after: seq) == ["changed deduction.duplicate DM-5 10.00"])
        #expect(try desk.finding(.deductionDuplicate, "DM-5")?.finding.details["invoice"] == "INV-1")
        #expect(try desk.finding(.deductionDuplicate, "DM-5")?.opened == opened)
    }

    @Test func `keeps silent where its parts move and nothing of it differs`() throws {
        let desk = try pairing()
        try desk.deliver(SampleFile("inv", [.invoice("INV-2", 100_00)]), on: "2026-01-02")
        try desk.deliver(twoParts, on: "2026-02-21")
        let (seq, resolved) = (try desk.ledger.lastEventSeq(), try deduction(desk)?.resolved)
        // another invoice of that amount: the line is nobody's
        try desk.deliver(SampleFile("second", [.invoice("INV-3", 100_00)]), on: "2026-02-22")
        #expect(try desk.value("SELECT CAST(count(*) AS TEXT) FROM matches") == "0")
        #expect(try deduction(desk)?.finding.amount == 15_00)
        #expect(try events(desk, of: "DM-77", after: seq) == [])
        #expect(try deduction(desk)?.resolved == resolved)
    }

    @Test func `is told at the next start where the program ended before all its cases were judged`() throws {
        let desk = try pairing()
        try desk.deliver(SampleFile("inv", [.invoice("INV-2", 100_00)]), on: "2026-01-02")
        let (_, booking) = try desk.receive(twoParts, on: "2026-02-21")
        try desk.book(twoParts, booking, on: "2026-02-21")
        while try deduction(desk) == nil {
            #expect(try desk.ledger.evaluateSome(desk.judgement(on: day("2026-02-21")), at: noon(day("2026-02-21"))))
        }
        #expect(try deduction(desk)?.finding.amount == 10_00)
        #expect(try events(desk, of: "DM-77") == [])
        let again = try Desk(folder: desk.folder)
        again.accounts = desk.accounts
        try again.evaluate(on: "2026-02-21")
        #expect(try events(again, of: "DM-77") == ["told deduction.new DM-77 15.00"])
        #expect(try again.ledger.queueLength() == 0)
    }
}
