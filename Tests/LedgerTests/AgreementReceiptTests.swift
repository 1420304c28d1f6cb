import Testing
import Trade

@testable import Ledger

/// Ten percent of what is received, under one agreement; items cost 9.00 by order and by invoice.
@Suite struct AgreementReceiptTests {
    private let id = "1234-56789012"

    private func desk(percent: Int = 10) throws -> Desk {
        let desk = try Desk()
        desk.accounts["acme-us"]?.agreements = [
            Agreement(
                id: id, account: "acme-us", deduction: .coop, size: .percentOfReceipts(ExactDecimal(percent)),
                valid: day("2026-01-01")...day("2026-12-31"))
        ]
        return desk
    }

    private func bill(_ payment: String, _ net: Int64, _ date: String) -> SampleFile {
        SampleFile(payment, [.remittance(payment, [SampleDocument.line(id, net, .agreement)], date: date)])
    }

    private func told(_ desk: Desk) throws -> [String] { try desk.events().filter { $0.contains("deduction.new") } }

    private func kept(_ desk: Desk) throws -> String {
        try desk.value(
            "SELECT group_concat(po || ' ' || date(month * 86400, 'unixepoch') || ' ' || (value / 10000) || ' ' || unpriced, ', ') FROM "
                + "(SELECT * FROM received_months ORDER BY po, month)")
    }

    @Test func `what is received tells how much may be taken, and is judged again when it changes`() throws {
        let desk = try desk()
        try desk.deliver(bill("P-1", -100_00, "2026-02-03"), on: "2026-02-04")
        #expect(try told(desk).isEmpty)
        try desk.deliver(SampleFile("order", [.order("PO1", 500)]), on: "2026-02-04")
        desk.judged = []
        // 90 × 9.00 in January: 81.00 may be taken early in February
        let january = SampleDocument.receipt("R1", "PO1", [(nil, 90)], date: "2026-01-09")
        try desk.deliver(SampleFile("r1", [january]), on: "2026-02-05")
        #expect(desk.judged == ["123456789012"])
        #expect(try told(desk) == ["told deduction.new \(id) 19.00"])
        let details = try desk.finding(.deductionNew, id)?.finding.details
        #expect(
            details?["items"] == [
                [
                    "month": "2026-02", "taken": "100.00", "agreed": "81.00", "amount": "19.00", "reason": "above", "receipts": "810.00",
                    "receipts_month": "2026-01",
                ]
            ])
        // the same receipt again changes nothing
        desk.judged = []
        try desk.deliver(SampleFile("r1 again", [january, .order("PO9", 1)]), on: "2026-02-06")
        #expect(desk.judged.isEmpty)
        #expect(try kept(desk) == "PO1 2026-01-01 81000 0")
        // February has more: 120 × 9.00; then it is taken back, and more is deducted
        let february = SampleFile("r2", [.receipt("R2", "PO1", [(nil, 120)], date: "2026-02-10")])
        try desk.deliver(february, on: "2026-02-11")
        try desk.deliver(bill("P-2", -8_00, "2026-02-12"), on: "2026-02-12")
        #expect(try told(desk).count == 1)
        #expect(try desk.ledger.withdraw(february.sha256, reason: "a typing error", who: "li", at: noon(day("2026-02-13"))))
        try desk.evaluate(on: "2026-02-13")
        #expect(try told(desk).last == "told deduction.new \(id) 27.00")
        #expect(try kept(desk) == "PO1 2026-01-01 81000 0")
    }

    @Test func `the order of arrival makes no difference`() throws {
        let files = [
            bill("P-1", -100_00, "2026-02-03"), SampleFile("order", [.order("PO1", 500)]),
            SampleFile("r1", [.receipt("R1", "PO1", [(nil, 50)], date: "2026-01-09")]),
            SampleFile(
                "r2", [.receipt("R2", "PO1", [(nil, 40)], date: "2026-01-31"), .receipt("R3", "PO1", [(nil, 1)], date: "2026-03-01")]),
            bill("P-2", -5_00, "2026-02-20"),
        ]
        for first in files.indices {
            let desk = try desk()
            for offset in files.indices { try desk.deliver(files[(first + offset) % files.count], on: "2026-03-02") }
            #expect(try told(desk).last == "told deduction.new \(id) 24.00")
        }
    }

    @Test func `without an order the invoice's price counts, without any nothing does, and it is said`() throws {
        let desk = try desk()
        try desk.deliver(SampleFile("r1", [.receipt("R1", "PO1", [(nil, 10)])]), on: "2026-01-10")
        #expect(try kept(desk) == "PO1 2026-01-01 0 1")
        try desk.deliver(bill("P-1", -10_00, "2026-01-20"), on: "2026-01-21")
        #expect(try told(desk) == ["told deduction.new \(id) 10.00"])
        #expect(try desk.finding(.deductionNew, id)?.finding.details["items"]?.array?.first?["unpriced"] == 1)
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 90_00, on: "PO1")]), on: "2026-01-22")
        #expect(try kept(desk) == "PO1 2026-01-01 9000 0")
        #expect(try told(desk).last == "told deduction.new \(id) 1.00")
    }

    @Test func `an account without such an agreement keeps nothing of it`() throws {
        let desk = try desk()
        let receipts = SampleFile("goods", [.order("PO1", 10), .receipt("R1", "PO1", [(nil, 10)])])
        try desk.deliver(receipts, on: "2026-01-10")
        #expect(try kept(desk) == "PO1 2026-01-01 9000 0")
        desk.accounts["acme-us"]?.agreements = []
        try desk.deliver(SampleFile("order", [.order("PO2", 10)]), on: "2026-01-11")
        #expect(try kept(desk) == "NULL")
        try desk.deliver(receipts, account: "acme-eu", on: "2026-01-12")
        #expect(try kept(desk) == "NULL")
    }

    @Test func `numbers whose words name the agreement are judged with it`() throws {
        let desk = try desk()
        desk.accounts["acme-us"]?.agreements[0].size = .perMonth(578_00)
        for number in ["CO1", "CO2"] {
            var line = SampleDocument.line(number, -400_00, .debitMemo)
            line.text = "CO-OP 1234-56789012"
            try desk.deliver(SampleFile(number, [.remittance("P-" + number, [line])]), on: "2026-02-21")
        }
        #expect(try told(desk) == ["told deduction.new \(id) 222.00"])
    }

    @Test func `lines that name it with an invoice, or inside another line, are judged again too when receipts come`() throws {
        let named = RemittanceLine(
            reference: "CO-7", referenceType: .debitMemo, net: -100_00, at: .segment("RMR", 1, set: 1), invoice: "INV-1",
            text: "CO-OP \(id)")
        let inside = RemittanceLine(
            reference: "INV-2", referenceType: .invoice, net: 500_00, at: .segment("RMR", 2, set: 1),
            adjustments: [Adjustment(amount: -100_00, code: "E3", reference: id, text: "co-op", at: .segment("ADX", 1, set: 1))])
        let files = [
            SampleFile("p", [.invoice("INV-1", 1000_00), .remittance("P-1", [named, inside], date: "2026-02-03")]),
            SampleFile("r", [.order("PO1", 500), .receipt("R1", "PO1", [(nil, 50)], date: "2026-01-09")]),
        ]
        for files in orders(files) {
            let desk = try desk()
            for file in files { try desk.deliver(file, on: "2026-03-02") }
            #expect(try desk.finding(.deductionNew, "CO-7")?.finding.amount == 55_00)
            #expect(try desk.finding(.deductionNew, id)?.finding.amount == 55_00)
            #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-03-02"))).count == 0)
        }
    }
}
