import Testing
import Trade

@testable import Ledger

/// A place in a document; every line of the sample documents says the same.
private let at = Location.segment("ST", 1, set: 1)

extension SampleDocument {
    static func item(_ item: String, _ quantity: Int) -> ItemLine {
        ItemLine(at: at, line: "1", item: item, quantity: ExactDecimal(quantity), unit: "EA", unitPrice: ExactDecimal(9))
    }

    static func order(_ number: String, _ quantity: Int, date: String = "2026-01-02", item: String = "B0001") -> SampleDocument {
        .whole(
            .purchaseOrder(
                PurchaseOrder(
                    kind: .order, number: number, currency: usd, at: at, date: day(date),
                    lines: [.init(item: Self.item(item, quantity), status: nil)])))
    }

    static func invoice(
        _ number: String, _ total: Int64, on po: String, quantity: Int = 10, date: String = "2026-01-01", terms: PaymentTerms? = nil
    ) -> SampleDocument {
        .whole(
            .invoice(
                Invoice(
                    number: number, currency: usd, total: total, at: at, date: day(date), po: po, terms: terms,
                    lines: [Self.item("B0001", quantity)])))
    }

    /// Lines as (order that the line names, quantity).
    static func receipt(_ number: String, _ po: String?, _ lines: [(String?, Int)], date: String = "2026-01-09") -> SampleDocument {
        .whole(
            .receipt(
                Receipt(
                    number: number, at: at, date: day(date), po: po,
                    lines: lines.map {
                        .init(
                            at: at, line: nil, item: "B0001", po: $0.0, received: ExactDecimal($0.1), damaged: nil, short: nil, over: nil)
                    })))
    }

    static func shipment(_ number: String, _ orders: [String], _ lines: [(String?, Int)], delivered: String? = nil) -> SampleDocument {
        .whole(
            .shipment(
                Shipment(
                    number: number, at: at, shipped: day("2026-01-06"), delivered: delivered.map(day), orders: orders,
                    lines: lines.map { .init(item: Self.item("B0001", $0.1), po: $0.0) })))
    }

    static func goodsReturn(_ number: String, _ total: Int64, notified: String = "2026-02-01") -> SampleDocument {
        .whole(.goodsReturn(GoodsReturn(number: number, currency: usd, at: at, notified: day(notified), total: total)))
    }

    static func chargeback(_ id: String, _ amount: Int64, charge: String) -> SampleDocument {
        .whole(.chargeback(Chargeback(id: id, amount: amount, currency: usd, at: at, date: day("2026-01-15"), invoice: charge)))
    }

    static func remittance(_ number: String, _ lines: [RemittanceLine], date: String = "2026-02-20") -> SampleDocument {
        .remittance(
            RemittanceAdvice(number: number, currency: usd, at: at, date: day(date), total: lines.reduce(0) { $0 + $1.net }), lines,
            RemittanceEnd(footing: 0))
    }

    static func line(
        _ reference: String, _ net: Int64, _ type: ReferenceType = .invoice, po: String? = nil, returnNumber: String? = nil,
        inside: [Int64] = []
    ) -> RemittanceLine {
        RemittanceLine(
            reference: reference, referenceType: type, net: net, at: at, po: po, adjustments: inside.map { Adjustment(amount: $0, at: at) },
            returnNumber: returnNumber)
    }
}

/// What a case holds, without anything that depends on the order of arrival.
enum Contents {
    static func of(_ item: OrderCase) -> String {
        let orders = item.orders.map { "order \($0.number) \(items($0.items))" }
        let invoices = item.invoices.map { "invoice \($0.invoice.number) \($0.invoice.total) \(items($0.items))" }
        let receipts = item.receipts.map { "receipt \($0.number) \(items($0.items))" }
        let shipments = item.shipments.map { "shipment \($0.number) \($0.delivered.map(\.description) ?? "-") \(items($0.items))" }
        let namesakes = item.namesakes.map { "namesake \($0.number) \($0.total) \($0.po ?? "-")" }
        return (orders + invoices + receipts + shipments + namesakes).sorted().joined(separator: "; ")
    }

    private static func items(_ items: [ItemFact]) -> String {
        items.map { "\($0.key)x\($0.quantity?.description ?? "?")" }.joined(separator: "+")
    }

    static func of(_ goods: GoodsOnFile) -> String {
        let orders = goods.orders.map { "\($0.key): {\(of($0.value))}" }.sorted()
        let returns = goods.returns.map { "return \($0.key) \($0.value.total ?? 0)" }.sorted()
        let notices = goods.chargebacks.map { "notice \($0.key) \($0.value.map(\.id).joined(separator: "+"))" }.sorted()
        return (orders + returns + notices).joined(separator: "; ")
    }

    /// Says of every order what it holds, 14 days after its last receipt.
    static func order(_ item: OrderCase, _ context: RuleContext) -> Verdict {
        guard let last = item.receipts.compactMap(\.date).max(), let number = item.orders.map(\.number).min() else { return Verdict() }
        if context.today < last + 14 { return Verdict(wake: last + 14) }
        return Verdict(findings: [
            Finding(
                .matchQuantity, account: context.account.id, subject: number, severity: .warning, amount: Money(1, usd),
                details: ["holds": .string(of(item))])
        ])
    }

    /// Says of every family whose goods were loaded what is on file about them; under a kind that no rule over families has.
    static func family(_ item: InvoiceCase, _ context: RuleContext) -> Verdict {
        guard let goods = item.goods else { return Verdict() }
        return Verdict(findings: [
            Finding(
                .serviceTrouble, account: context.account.id, subject: item.family, severity: .warning, amount: Money(1, usd),
                details: ["on_file": .string(of(goods))])
        ])
    }
}

@Suite struct OrderCaseTests {
    private func desk() throws -> Desk {
        let desk = try Desk()
        desk.orderRule = Contents.order
        desk.goodsRule = Contents.family
        return desk
    }

    private func holds(_ desk: Desk, _ po: String) throws -> String? {
        try desk.finding(.matchQuantity, po)?.finding.details["holds"]?.string
    }
    private func onFile(_ desk: Desk, _ family: String) throws -> String? {
        try desk.finding(.serviceTrouble, family)?.finding.details["on_file"]?.string
    }

    @Test func `an order is judged with its invoices, receipts and shipments, once its day has come`() throws {
        let desk = try desk()
        try desk.deliver(
            SampleFile(
                "a", [.order("PO-1", 10), .invoice("INV-1", 90_00, on: "po1"), .receipt("R-1", "PO-1", [(nil, 8)]), .order("PO-2", 3)]),
            on: "2026-01-10")
        try desk.deliver(SampleFile("b", [.shipment("S-1", ["PO 1", "PO-2"], [("PO-1", 9), ("PO-2", 3), (nil, 77)])]), on: "2026-01-11")
        #expect(try desk.open().isEmpty)
        #expect(try desk.rows("SELECT number, wake_day FROM documents WHERE wake_day IS NOT NULL AND type = 5") == [["PO-1", "20476"]])
        desk.judgedOrders = []
        try desk.evaluate(on: "2026-01-22")
        #expect(desk.judgedOrders.isEmpty)
        try desk.evaluate(on: "2026-01-23")
        #expect(desk.judgedOrders == ["PO1"])
        #expect(
            try holds(desk, "PO-1") == "invoice INV-1 9000 B0001x10; order PO-1 B0001x10; receipt R-1 B0001x8; shipment S-1 - B0001x9")
        try desk.evaluate(on: "2026-06-01")
        #expect(desk.judgedOrders == ["PO1"])
    }

    @Test func `a line of a receipt belongs to the order it names, else to the receipt's`() throws {
        let desk = try desk()
        try desk.deliver(
            SampleFile("a", [.order("PO-1", 10), .order("PO-2", 10), .receipt("R-1", "PO-1", [(nil, 4), ("PO-2", 5), ("po/1", 1)])]),
            on: "2026-02-10")
        #expect(try holds(desk, "PO-1") == "order PO-1 B0001x10; receipt R-1 B0001x4+B0001x1")
        #expect(try holds(desk, "PO-2") == "order PO-2 B0001x10; receipt R-1 B0001x5")
    }

    @Test func `a number under which no order is on file is no case, until the order comes`() throws {
        let desk = try desk()
        try desk.deliver(SampleFile("a", [.invoice("INV-1", 90_00, on: "PO-1"), .receipt("R-1", "PO-1", [(nil, 8)])]), on: "2026-02-10")
        #expect(desk.judgedOrders.isEmpty)
        let order = SampleFile("b", [.order("PO-1", 10)])
        try desk.deliver(order, on: "2026-02-11")
        #expect(try desk.open().contains("match.quantity PO-1 0.01"))
        // and without it what it caused is resolved
        #expect(try desk.ledger.withdraw(order.sha256, reason: "wrong", who: "li", at: noon(day("2026-02-12"))))
        try desk.evaluate(on: "2026-02-12")
        #expect(try !desk.open().contains("match.quantity PO-1 0.01"))
    }

    @Test func `goods are loaded for a family with a deduction, and no other`() throws {
        let desk = try desk()
        try desk.deliver(SampleFile("a", [.invoice("INV-1", 90_00, on: "PO-1"), .invoice("INV-2", 10_00, on: "PO-1")]), on: "2026-01-10")
        try desk.deliver(
            SampleFile(
                "p",
                [.remittance("P-1", [SampleDocument.line("INV-1", 90_00), SampleDocument.line("INV-1SC", -9_00, .creditMemo, po: "PO-9")])]),
            on: "2026-02-21")
        #expect(
            try onFile(desk, "INV1") == "PO1: {invoice INV-1 9000 B0001x10; invoice INV-2 1000 B0001x10}; PO9: {}")
        #expect(try onFile(desk, "INV2") == nil)
        // every document about the goods of either order wakes it
        for (index, document) in [
            SampleDocument.order("PO-9", 1), .receipt("R-1", nil, [("PO-9", 2)]),
            .shipment("S-1", ["PO-1"], [(nil, 3)], delivered: "2026-01-09"),
            .invoice("INV-3", 5_00, on: "PO-9"),
        ].enumerated() {
            desk.judged = []
            try desk.deliver(SampleFile("g\(index)", [document]), on: "2026-02-22")
            #expect(desk.judged.contains("INV1"), "\(document)")
        }
        #expect(
            try onFile(desk, "INV1")
                == """
                PO1: {invoice INV-1 9000 B0001x10; invoice INV-2 1000 B0001x10; shipment S-1 2026-01-09 B0001x3}; \
                PO9: {invoice INV-3 500 B0001x10; order PO-9 B0001x1; receipt R-1 B0001x2}
                """)
        // and none whose money nobody took
        #expect(!desk.judged.contains("INV2"))
    }

    @Test func `goods wake a family whose terms count from their receipt`() throws {
        let desk = try desk()
        let terms = PaymentTerms(netDays: 30, basis: .receipt)
        try desk.deliver(
            SampleFile("a", [.invoice("INV-1", 90_00, on: "PO-1", terms: terms), .invoice("INV-2", 90_00, on: "PO-1")]), on: "2026-01-10")
        desk.judged = []
        try desk.deliver(SampleFile("r", [.receipt("R-1", "PO-1", [(nil, 8)])]), on: "2026-01-11")
        #expect(desk.judged == ["INV1"])
        // of the account's own terms all
        desk.accounts["acme-us"]?.terms?.basis = .delivery
        desk.judged = []
        try desk.deliver(SampleFile("s", [.shipment("S-1", ["PO-1"], [(nil, 8)])]), on: "2026-01-12")
        #expect(desk.judged.sorted() == ["INV1", "INV2"])
    }

    @Test func `a return is found by its number, beside the reference and before a product line's suffix`() throws {
        let desk = try desk()
        try desk.deliver(
            SampleFile(
                "p",
                [
                    .remittance(
                        "P-1",
                        [
                            SampleDocument.line("RTV-100", -9_00, .return), SampleDocument.line("RTV-200_AB12", -9_00, .return),
                            SampleDocument.line("INV-7", -9_00, .debitMemo, returnNumber: "RTV-300"),
                            SampleDocument.line("INV_1001", -9_00, .debitMemo),
                            SampleDocument.line("INV-8", 95_00, returnNumber: "RTV-400", inside: [-5_00]),
                        ])
                ]), on: "2026-02-21")
        #expect(try onFile(desk, "RTV100") == "")
        try desk.deliver(
            SampleFile("r", [.goodsReturn("RTV-100", 1), .goodsReturn("RTV-200", 2), .goodsReturn("RTV-300", 3), .goodsReturn("INV", 4)]),
            on: "2026-02-22")
        #expect(try onFile(desk, "RTV100") == "return RTV100 1")
        #expect(try onFile(desk, "RTV200AB12") == "return RTV200 2")
        #expect(try onFile(desk, "INV7") == "return RTV300 3")
        #expect(try onFile(desk, "INV1001") == "")
        // taken inside a line that pays, and names the return
        desk.judged = []
        try desk.deliver(SampleFile("inside", [.goodsReturn("RTV-400", 5)]), on: "2026-02-22")
        #expect(try onFile(desk, "INV8") == "return RTV400 5")
        #expect(desk.judged == ["INV8"])
        // the latest that was said of it, in whichever order it came
        try desk.deliver(SampleFile("later", [.goodsReturn("RTV-100", 7, notified: "2026-02-05")]), on: "2026-02-23")
        try desk.deliver(SampleFile("older", [.goodsReturn("RTV-100", 9, notified: "2026-01-05")]), on: "2026-02-24")
        #expect(try onFile(desk, "RTV100") == "return RTV100 7")
    }

    @Test func `a notice is found by its charge`() throws {
        let desk = try desk()
        try desk.deliver(SampleFile("p", [.remittance("P-1", [SampleDocument.line("CB-77", -9_00, .debitMemo)])]), on: "2026-02-21")
        let notice = SampleFile("n", [.chargeback("ISSUE-1", 9_00, charge: "cb77")])
        try desk.deliver(notice, on: "2026-02-22")
        #expect(try onFile(desk, "CB77") == "notice CB77 ISSUE-1")
        #expect(try desk.ledger.withdraw(notice.sha256, reason: "wrong", who: "li", at: noon(day("2026-02-23"))))
        try desk.evaluate(on: "2026-02-23")
        #expect(try onFile(desk, "CB77") == "")
    }
}
