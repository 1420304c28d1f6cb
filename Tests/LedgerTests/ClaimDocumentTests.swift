import GRDB
import Testing
import Trade

@testable import Ledger

/// A claim that the remittance names by its number only, and its own document by its invoice.
@Suite struct ClaimDocumentTests {
    private func claim(_ number: String, on invoice: String?, _ total: Int64 = -100_00, code: String? = "shortage") -> SampleFile {
        let memo = Memo(
            kind: total < 0 ? .debit : .credit, number: number, currency: usd, total: total, at: .row(1), date: day("2026-01-20"),
            invoice: invoice, lines: [ItemLine(at: .row(1), code: code, amount: total)])
        return SampleFile("claim \(number) \(invoice ?? "")", [.whole(.memo(memo))])
    }

    private func paid(_ reference: String, _ type: ReferenceType, _ net: Int64 = -100_00, payment: String = "P-1") -> SampleFile {
        SampleFile(
            "pay \(payment)",
            [
                .remittance(
                    payment, [SampleDocument.line("INV-\(payment)", 1000_00), SampleDocument.line(reference, net, type)], date: "2026-01-25"
                )
            ])
    }
    private let invoice = SampleFile("invoice", [.invoice("INV-P-1", 1000_00, "2026-01-05")])

    private func told(_ files: [SampleFile], on date: String = "2026-02-01") throws -> Desk {
        let desk = try Desk()
        for file in files { try desk.deliver(file, on: "2026-01-26") }
        try desk.evaluate(on: date)
        return desk
    }

    @Test func `is judged anew when a remittance names it with another invoice, and when that one is withdrawn`() throws {
        let invoices = SampleFile("invoices", [.invoice("INV-1", 1000_00, "2026-01-05"), .invoice("INV-2", 1000_00, "2026-01-05")])
        let bare = paid("CLM-1", .claim, -20_00, payment: "P-1")
        let line = RemittanceLine(
            reference: "CLM-1", referenceType: .claim, net: -30_00, at: .segment("RMR", 1, set: 1), invoice: "INV-1")
        let named = SampleFile("named", [.remittance("P-2", [line], date: "2026-01-26")])
        for files in orders([invoices, claim("CLM-1", on: "INV-2", -20_00), bare, named]) {
            let desk = try Desk()
            for file in files {
                try desk.deliver(file, on: "2026-01-26")
                try desk.evaluate(on: "2026-01-26")
            }
            let names = files.map(\.name)
            #expect(try desk.finding(.deductionNew, "CLM-1")?.finding.amount == 50_00, "\(names)")
            #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-01-26"))).count == 0, "\(names)")
            #expect(try desk.ledger.withdraw(named.sha256, reason: "test", who: "test", at: noon(day("2026-01-27"))))
            try desk.evaluate(on: "2026-01-27")
            #expect(try desk.finding(.deductionNew, "CLM-1")?.finding.amount == 20_00, "\(names)")
            #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-01-27"))).count == 0, "\(names)")
        }
    }

    /// Each case looks at its own part: the square of them would not end.
    @Test func `one number on very many invoices is one deduction`() throws {
        let count: Int64 = 5000
        let lines = (1...Int(count)).map {
            RemittanceLine(
                reference: "CB-7", referenceType: .claim, net: -1_00, at: .segment("RMR", $0, set: 1), invoice: "INV-\($0)")
        }
        let desk = try Desk()
        try desk.deliver(SampleFile("many", [.remittance("P-1", lines, date: "2026-01-25")]), on: "2026-01-26")
        try desk.evaluate(on: "2026-01-26")
        #expect(try desk.finding(.deductionNew, "CB-7")?.finding.amount == count * 1_00)
        let bare = paid("CB-7", .claim, -5_00, payment: "P-2")
        try desk.deliver(bare, on: "2026-01-27")
        try desk.evaluate(on: "2026-01-27")
        #expect(try desk.finding(.deductionNew, "CB-7")?.finding.amount == count * 1_00 + 5_00)
        #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-01-27"))).count == 0)
    }

    @Test func `one number that documents name with very many invoices is a deduction of its own`() throws {
        let documents = (1...1000).flatMap { claim("CB-7", on: "INV-\($0)", -1_00).documents }
        for files in orders([SampleFile("documents", documents), paid("CB-7", .claim, -5_00)]) {
            let desk = try told(files)
            #expect(try desk.finding(.deductionNew, "CB-7")?.finding.amount == 5_00)
            #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-02-01"))).count == 0)
        }
    }

    @Test(arguments: ["CLM-1", "ZCLM-1"]) func `is judged on that invoice with that class, whatever comes first`(number: String) throws {
        for type in [ReferenceType.claim, .debitMemo, .invoice] {
            for files in orders([invoice, claim(number, on: "INV-P-1"), paid(number, type)]) {
                let desk = try told(files)
                let new = try #require(try desk.finding(.deductionNew, number)).finding
                #expect(new.amount == 100_00, "\(type) \(files.map(\.name))")
                #expect(new.details["class"] == "shortage", "\(type) \(files.map(\.name))")
                #expect(new.money == "invoice:INVP1/\(ReferenceKey.of(number))")
                #expect(new.details["deadline"] != nil)
                #expect(try desk.open() == ["payment.short INV-P-1 100.00"], "\(type) \(files.map(\.name))")
                let events = try desk.ledger.lastEventSeq()
                try desk.ledger.wakeAll()
                try desk.evaluate(on: "2026-02-01")
                #expect(try desk.ledger.lastEventSeq() == events)
            }
        }
    }

    @Test func `stays in its own case where two documents name two invoices, and goes back there when its document is withdrawn`() throws {
        let two = [invoice, claim("CLM-1", on: "INV-P-1"), claim("CLM-1", on: "INV-P-2"), paid("CLM-1", .claim)]
        for files in orders(two) {
            let desk = try told(files)
            #expect(try desk.finding(.deductionNew, "CLM-1")?.finding.amount == 100_00, "\(files.map(\.name))")
            #expect(try desk.open().filter { $0.hasPrefix("deduction") }.count <= 1, "\(files.map(\.name))")
        }
        let desk = try told([invoice, two[1], two[3]])
        #expect(try desk.ledger.withdraw(two[1].sha256, reason: "test", who: "test", at: noon(day("2026-02-01"))))
        try desk.evaluate(on: "2026-02-01")
        #expect(try desk.finding(.deductionNew, "CLM-1")?.finding.money == "claim:CLM1")
        #expect(try desk.open() == [])
    }

    @Test func `two claims of one size on one invoice are one taken twice`() throws {
        let files = [
            invoice, claim("CLM-1", on: "INV-P-1"), claim("CLM-2", on: "INV-P-1"), paid("CLM-1", .claim),
            paid("CLM-2", .claim, payment: "P-2"),
        ]
        let desk = try told(files)
        #expect(try desk.open().contains("deduction.duplicate CLM-2 100.00"))
    }

    @Test func `a memo is on the invoice whose number it names, though that ends like a claim on another`() throws {
        let files = [
            SampleFile("a", [.invoice("ABC1", 1000_00, "2026-01-05")]), SampleFile("b", [.invoice("ABC1SC", 1000_00, "2026-01-05")]),
            SampleFile("cm", [.memo("CM-1", -100_00, on: "ABC1-SC")]),
            SampleFile("p", [.payment("P-1", "2026-01-25", [("ABC1", 1000_00), ("ABC1SC", 900_00)])]),
        ]
        for files in orders(files) { #expect(try told(files).open() == [], "\(files.map(\.name))") }
    }

    @Test func `a credit to us under its own number is no payment of an unknown invoice`() throws {
        for files in orders([invoice, claim("CM-7", on: nil, 100_00, code: nil), paid("CM-7", .invoice, 100_00)]) {
            #expect(try told(files).open() == [], "\(files.map(\.name))")
        }
    }
}
