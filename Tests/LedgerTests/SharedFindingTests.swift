import Testing
import Trade

@testable import Ledger

/// One debit memo that is taken from two invoices: one number, two families, one deduction.
@Suite struct `A finding that two cases speak of` {
    private func payment(_ number: String, _ date: String, _ invoices: [(String, Int64)]) -> SampleDocument {
        .remittance(
            RemittanceAdvice(
                number: number, currency: usd, at: .segment("ST", 1, set: 1), date: day(date),
                total: invoices.reduce(0) { $0 + 100_00 + $1.1 }),
            invoices.enumerated().map { index, invoice in
                RemittanceLine(
                    reference: invoice.0, referenceType: .invoice, net: 100_00 + invoice.1, at: .segment("RMR", index + 1, set: 1),
                    gross: 100_00,
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
}
