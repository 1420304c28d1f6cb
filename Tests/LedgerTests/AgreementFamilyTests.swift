import Intake
import Reconciliation
import Testing
import Trade

@testable import Ledger

/// 500.00 a month for co-op; most of it is taken under the agreement's number, and some with an invoice.
@Suite struct AgreementFamilyTests {
    private let agreement = Agreement(
        id: "1234-56789012", account: "acme-us", deduction: .coop, size: .perMonth(500_00), valid: day("2026-01-01")...day("2026-12-31"))

    private func desk() throws -> Desk {
        let desk = try Desk()
        desk.accounts["acme-us"]?.agreements = [agreement]
        return desk
    }

    private func line(
        _ reference: String, _ net: Int64, _ type: ReferenceType = .agreement, on invoice: String? = nil, text: String? = nil, row: Int = 1
    ) -> RemittanceLine {
        RemittanceLine(reference: reference, referenceType: type, net: net, at: .segment("RMR", row, set: 1), invoice: invoice, text: text)
    }

    /// What its months went beyond, by subject; and the same as the findings have it.
    private func sums(_ desk: Desk) throws -> (months: [String: Int128], findings: [String: Int128]) {
        let rules = try #require(desk.accounts["acme-us"])
        let context = RuleContext(account: rules, today: day("2026-04-01"))
        // as a command opens it
        let ledger = try Ledger(path: desk.folder + "/remitd.sqlite", readOnly: true, fingerprint: { Fingerprint.of($0) })
        let families = try ledger.familiesNaming(agreement)
        let cases = try ledger.invoiceCases(account: "acme-us", families: families, context, needsGoods: { Rules.needsGoods($0, $1) })
        var months: [String: Int128] = [:]
        for month in cases.flatMap({ Rules.months(of: agreement, in: $0, context) }) where month.beyond ?? 0 > 0 {
            months[month.subject, default: 0] += month.beyond ?? 0
        }
        var findings: [String: Int128] = [:]
        for recorded in try desk.ledger.findings(includingResolved: true, kind: "deduction.new") {
            findings[recorded.finding.subject] = recorded.finding.amount.map { Int128($0) }
        }
        return (months, findings)
    }

    @Test func `months of all families that name it come to what the findings say`() throws {
        let desk = try desk()
        desk.accounts["acme-us"]?.matchBy = [.amount]
        let inside = RemittanceLine(
            reference: "X-1", referenceType: .invoice, net: 300_00, at: .segment("RMR", 9, set: 1),
            adjustments: [Adjustment(amount: -700_00, code: "E3", reference: agreement.id, text: "co-op", at: .segment("ADX", 9, set: 1))])
        let lines = [
            line(agreement.id, -513_00), line("CO-7", -620_00, .debitMemo, on: "INV-1", text: "CO-OP agreement \(agreement.id)", row: 2),
            line("CO-8", -520_00, .debitMemo, on: "INV-1", text: "CO-OP agreement \(agreement.id)", row: 3),
            line("CO-9", -33_00, .debitMemo, text: "CO-OP agreement \(agreement.id)", row: 4), line("INV-1", 5000_00, .invoice, row: 5),
            inside,
        ]
        try desk.deliver(
            SampleFile("a", [.invoice("INV-1", 5000_00), .invoice("INV-2", 1000_00), .remittance("P-1", lines, date: "2026-03-02")]),
            on: "2026-03-03")
        #expect(try desk.value("SELECT CAST(count(*) AS TEXT) FROM matches") == "1")
        #expect(try desk.ledger.familiesNaming(agreement) == ["123456789012", "INV1", "INV2", "X1"])
        let (months, findings) = try sums(desk)
        #expect(months == findings)
        // under its own number two lines of 546.00, inside the matched line 700.00
        #expect(findings == ["CO-7": 120_00, "CO-8": 20_00, agreement.id: 246_00], "\(findings)")
    }
}
