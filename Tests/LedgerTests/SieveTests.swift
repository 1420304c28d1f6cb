import Reconciliation
import Testing
import Trade

@testable import Ledger

/// A place in a document; every line of the sample documents says the same.
private let at = Location.segment("ST", 1, set: 1)

/// What is passed over unjudged, and what never may be.
@Suite struct SieveTests {
    private static var plain: PlainCases { PlainCases(leastWaiting: 0) { Rules.lastPlainDay(of: $0, $1) } }

    /// A ledger of plain cases with the given one among them, everything judged at once.
    private func desk(_ documents: [SampleDocument]) throws -> Desk {
        let desk = try Desk()
        desk.plain = Self.plain
        try desk.deliver(SampleFile("documents", documents), on: "2026-03-10")
        return desk
    }

    private func invoice(
        _ number: String, _ quantity: Int64, on po: String?, item: String = "B0001", price: String = "9", unit: String? = "EA",
        terms: PaymentTerms? = nil, date: String = "2026-01-05"
    ) -> SampleDocument {
        .whole(
            .invoice(
                Invoice(
                    number: number, currency: usd, total: quantity * 900, at: at, date: day(date), po: po, terms: terms,
                    lines: [line(item, quantity, price: price, unit: unit)])))
    }

    private func line(_ item: String, _ quantity: Int64, price: String? = "9", unit: String? = "EA") -> ItemLine {
        ItemLine(
            at: at, line: "1", item: item, quantity: ExactDecimal(units: quantity, scale: 0), unit: unit,
            unitPrice: price.flatMap { ExactDecimal($0) })
    }

    private func order(
        _ number: String, _ lines: [ItemLine], kind: PurchaseOrder.Kind = .order, status: String? = nil
    ) -> SampleDocument {
        .whole(
            .purchaseOrder(
                PurchaseOrder(
                    kind: kind, number: number, currency: usd, at: at, date: day("2026-01-02"),
                    lines: lines.map { .init(item: $0, status: status) })))
    }

    private func paid(
        _ number: String, _ quantity: Int64, _ date: String = "2026-03-01", payment: String = "P-1", currency: Currency? = nil
    ) -> SampleDocument {
        .remittance(
            payment, [.init(reference: number, referenceType: .invoice, net: quantity * 900, at: at, currency: currency)], date: date)
    }

    // MARK: families

    @Test func `an invoice that was paid in time is passed over`() throws {
        let desk = try desk([invoice("AC-1001", 10, on: nil), paid("AC-1001", 10)])
        #expect(desk.judged.isEmpty)
        #expect(try desk.open().isEmpty)
    }

    @Test(arguments: [
        ("short", 9, "2026-03-01", usd), ("too much", 11, "2026-03-01", usd), ("late", 10, "2026-03-10", usd),
        ("another currency", 10, "2026-03-01", eur),
    ])
    func `an invoice that was paid otherwise is judged`(_ why: String, _ quantity: Int64, _ date: String, _ currency: Currency) throws {
        let desk = try desk([invoice("AC-1001", 10, on: nil), paid("AC-1001", quantity, date, currency: currency)])
        #expect(desk.judged == ["AC1001"], "\(why)")
    }

    @Test func `a family with a memo, a claim or a second invoice is judged`() throws {
        let second = try desk([invoice("AC-1001", 10, on: nil), invoice("AC-1001", 9, on: nil), paid("AC-1001", 10)])
        #expect(second.judged == ["AC1001"])
        let memo = try desk([invoice("AC-1001", 10, on: nil), .memo("CM-1", -100, on: "AC-1001"), paid("AC-1001", 10)])
        #expect(memo.judged.contains("AC1001"))
        let claim = try desk([
            invoice("AC-1001", 10, on: nil),
            .payment("P-1", "2026-03-01", [("AC-1001", 90_00), ("AC-1001SC", -9_00)]),
        ])
        #expect(claim.judged == ["AC1001"])
    }

    @Test func `an invoice whose payment is taken back by another content of it is judged`() throws {
        let desk = try desk([invoice("AC-1001", 10, on: nil), paid("AC-1001", 10)])
        try desk.deliver(
            SampleFile("void", [.payment("P-1", "2026-03-01", [("AC-1001", 90_00)], status: .voided)]), on: "2026-03-10")
        #expect(try desk.open().contains { $0.hasPrefix("payment.late AC-1001") })
    }

    @Test func `a finding is resolved by what makes its case plain`() throws {
        let desk = try desk([invoice("AC-1001", 10, on: nil), paid("AC-1001", 4)])
        #expect(try desk.open() == ["payment.short AC-1001 54.00"])
        try desk.deliver(SampleFile("rest", [paid("AC-1001", 6, "2026-03-02", payment: "P-2")]), on: "2026-03-11")
        #expect(try desk.open().isEmpty)
    }

    // MARK: orders

    @Test func `an order that was billed and received as it was ordered is passed over`() throws {
        let desk = try desk([
            order("PO-7", [line("B0001", 10)]), .receipt("R-1", "PO-7", [(nil, 10)]), invoice("AC-1001", 10, on: "PO-7"),
            paid("AC-1001", 10),
        ])
        #expect(desk.judgedOrders.isEmpty)
        #expect(desk.judged.isEmpty)
    }

    @Test(arguments: ["price", "item", "quantity", "received", "unit", "twice", "substitute", "deleted", "free"])
    func `an order on which anything differs is judged`(_ what: String) throws {
        var lines = [line("B0001", 10, price: what == "price" ? "8.99" : "9", unit: what == "unit" ? "CA" : "EA")]
        if what == "free" { lines.append(line("B0001", 1, price: "0")) }
        var documents = [
            order("PO-7", lines, status: what == "deleted" ? "DI" : nil),
            invoice("AC-1001", what == "quantity" ? 11 : 10, on: "PO-7", item: what == "item" ? "B0002" : "B0001"),
            .receipt("R-1", "PO-7", [(nil, what == "received" ? 9 : what == "twice" ? 5 : 10)]),
        ]
        if what == "twice" { documents.append(.receipt("R-1", "PO-7", [(nil, 5)])) }
        if what == "substitute" { documents.append(order("PO-7", [line("B0009", 1)], kind: .acknowledgement, status: "IS")) }
        #expect(try desk(documents).judgedOrders == ["PO7"])
    }

    @Test func `goods that come for an order wake the family whose deduction they speak of`() throws {
        let desk = try desk([
            order("PO-7", [line("B0001", 10)]), invoice("AC-1001", 10, on: "PO-7"),
            .payment("P-1", "2026-03-01", [("AC-1001", 90_00), ("AC-1001SC", -9_00)]),
        ])
        desk.judged = []
        try desk.deliver(
            SampleFile("receipts", [.receipt("R-1", "PO-7", [(nil, 10)])] + (2...9).map { .receipt("R-\($0)", "PO-9", [(nil, 1)]) }),
            on: "2026-03-11")
        #expect(desk.judged.contains("AC1001"))
    }

    // MARK: everything

    private func debit(_ number: String, _ total: Int64, on invoice: String) -> SampleDocument {
        .whole(
            .memo(Memo(kind: .debit, number: number, currency: usd, total: total, at: at, date: day("2026-01-20"), invoice: invoice)))
    }

    /// Settings under which other cases are plain, or none.
    private func rules(_ random: inout SeededRandom) -> AccountRules {
        var rules = Desk.rules("acme-us")
        switch Int.random(in: 0...8, using: &random) {
        case 0: rules.terms = nil
        case 1: rules.terms = PaymentTerms(netDays: 45, basis: .receipt)
        case 2: rules.opening = day("2026-01-01")
        case 3: rules.tolerance = [usd: 20_00]
        case 5: rules.matchBy = [.po, .date, .amount]
        case 4:
            rules.agreements = [
                Agreement(
                    id: "COOP-7", account: "acme-us", deduction: .coop, size: .percentOfReceipts(ExactDecimal(3)),
                    valid: day("2026-01-01")...day("2026-12-31"))
            ]
        default: break
        }
        return rules
    }

    /// Documents of one order and of what is paid on it, most of them as they should be.
    private func documents(_ index: Int, _ random: inout SeededRandom) -> [SampleDocument] {
        let (po, number) = ("PO-\(index)", "AC\(1000 + index)")
        let quantity = Int64.random(in: 1...40, using: &random)
        var lines = [line("B0001", quantity, price: random.chance(5) ? "8.5" : "9.00", unit: random.chance(5) ? "CA" : "EA")]
        if random.chance(10) { lines.append(line("B0002", 3, price: random.chance(50) ? "0" : "5")) }
        var all: [SampleDocument] = []
        if random.chance(90) { all.append(order(po, lines, status: random.chance(3) ? "DI" : nil)) }
        if random.chance(5) { all.append(order(po, lines, kind: .acknowledgement, status: random.chance(50) ? "IS" : "IA")) }
        if random.chance(4) { all.append(order(po, lines, kind: .change)) }
        let terms = random.chance(10) ? PaymentTerms(netDays: 30, basis: random.chance(30) ? .receipt : .invoiceDate) : nil
        if random.chance(95) {
            all.append(
                invoice(
                    random.chance(20) ? "AC-\(1000 + index)" : number, quantity, on: random.chance(90) ? po : nil,
                    item: random.chance(4) ? "B0003" : "B0001", unit: random.chance(5) ? nil : "EA", terms: terms,
                    date: random.chance(8) ? "2025-12-30" : "2026-01-05"))
        }
        if random.chance(4) { all.append(invoice(number, quantity + 1, on: "PO-\(index + 1)")) }
        if random.chance(3) { all.append(.memo("CM-\(index)", -5_00, on: number)) }
        if random.chance(4) { all.append(debit("\(30_000_000 + index)", 9_00, on: number)) }
        let received = Int(random.chance(85) ? quantity : max(0, quantity - 2))
        if random.chance(80) {
            let parts = random.chance(20) ? [received / 2, received - received / 2] : [received]
            for (part, count) in parts.enumerated() {
                all.append(
                    .receipt(
                        "R-\(index)", random.chance(90) ? po : nil, [(random.chance(20) ? po : nil, count)], date: "2026-01-\(10 + part)"))
            }
            if random.chance(5), let last = all.last { all.append(last) }
        }
        var paid: [RemittanceLine] = []
        func pay(_ reference: String, _ net: Int64, po: String? = nil, inside: [Int64] = []) {
            paid.append(
                .init(
                    reference: reference, referenceType: .invoice, net: net, at: at, po: po, currency: random.chance(3) ? eur : nil,
                    adjustments: inside.map { Adjustment(amount: $0, at: at) }))
        }
        let total = quantity * 900
        if random.chance(70) {
            pay(number, total)
        } else if random.chance(50) {
            pay(number, total / 2)
            pay(number, total - total / 2)
        }
        if random.chance(5) { pay(number, total) }
        if random.chance(5) { pay(number, -total / 3) }
        if random.chance(8) { pay(number + "SC", -9_00, po: random.chance(50) ? po : nil) }
        if random.chance(4) { pay(number, 10_00, po: po, inside: [-2_00]) }
        if random.chance(3) { pay("XX\(index)", 10_00) }
        if random.chance(4) { pay("\(30_000_000 + index)", -9_00, po: random.chance(50) ? po : nil) }
        if random.chance(4) { pay("COOP7", -4_00) }
        if !paid.isEmpty { all.append(.remittance("P-\(index)", paid, date: random.chance(85) ? "2026-02-20" : "2026-03-15")) }
        return all
    }

    /// What judging leaves, whichever cases it looked at.
    private static let traces = [
        "SELECT id, kind, subject, state, severity, amount, deadline, details, evidence, opened, resolved, case_key FROM findings ORDER BY id",
        "SELECT * FROM finding_parts ORDER BY finding_id, case_key",
        "SELECT family, wake_day FROM documents WHERE wake_day IS NOT NULL ORDER BY id",
        "SELECT line_id, invoice, rule FROM matches ORDER BY line_id",
        "SELECT key, family, po FROM loose_invoices ORDER BY account, key",
        "SELECT account, po, month, value, unpriced FROM received_months ORDER BY account, po, month",
        "SELECT time, event, finding_id, state, amount, details, evidence FROM finding_events ORDER BY time, finding_id, seq",
    ]

    @Test func `a sieved ledger says what one says of which every case was judged`() throws {
        let seed = newSeed("sieve")
        var skipped = 0
        for round in 0..<UInt64(Rounds.count(12)) {
            var random = SeededRandom(seed: seed &+ round)
            let (sieved, whole) = (try Desk(), try Desk())
            sieved.plain = Self.plain
            let (first, second) = (rules(&random), rules(&random))
            var documents = (0..<40).flatMap { self.documents($0, &random) }
            documents.shuffle(using: &random)
            let size = random.chance(50) ? 30 : 200
            let files = stride(from: 0, to: documents.count, by: size).map { start in
                SampleFile("file\(start)", Array(documents[start..<min(start + size, documents.count)]))
            }
            let gone = files[Int.random(in: files.indices, using: &random)].sha256
            for desk in [sieved, whole] {
                desk.accounts["acme-us"] = first
                for (index, file) in files.enumerated() {
                    let outcome = try desk.deliver(file, on: "2026-03-\(10 + min(index, 9))")
                    guard case .booked = outcome else {
                        Issue.record("seed \(seed &+ round): \(String(describing: outcome))")
                        return
                    }
                }
                try desk.ledger.wakeAll()
                try desk.evaluate(on: "2026-03-20")
                #expect(try desk.ledger.withdraw(gone, reason: "wrong", who: "test", at: noon(day("2026-03-21"))))
                try desk.evaluate(on: "2026-03-21")
                // other settings: everything is judged again
                desk.accounts["acme-us"] = second
                try desk.ledger.noteRules("second")
                for date in ["2026-03-22", "2026-05-20"] { try desk.evaluate(on: date) }
            }
            skipped += whole.judged.count + whole.judgedOrders.count - sieved.judged.count - sieved.judgedOrders.count
            let compared = try sieved.ledger.compareWithRules(sieved.judgement(on: day("2026-05-20")))
            #expect(compared.count == 0, "seed \(seed &+ round): \(compared.differences.map { "\($0.kind) \($0.id)" })")
            for sql in Self.traces { #expect(try sieved.rows(sql) == whole.rows(sql), "seed \(seed &+ round)") }
        }
        // the property proves something only where cases are passed over
        #expect(skipped > 100)
    }

    @Test func `figures are read as the exact decimals that they are`() {
        func figure(_ text: String) -> Int64? {
            var text = text
            return text.withUTF8 { SieveItems.figure(UnsafeRawBufferPointer($0), decimals: 4) }
        }
        #expect(figure("12") == 120_000)
        #expect(figure("12.50") == 125_000)
        #expect(figure("0.0001") == 1)
        for text in ["", ".", "-1", "1.00001", "1e3", "1.2.3", "1234567890123"] { #expect(figure(text) == nil, "\(text)") }
    }
}
