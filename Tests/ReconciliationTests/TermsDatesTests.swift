import Testing
import Trade

@testable import Reconciliation

@Suite struct TermsDatesTests {
    private func due(
        _ basis: TermsBasis, _ goods: GoodsOnFile?, date: String? = "2026-01-01", net: Int = 10, _ rules: AccountRules = account()
    ) -> TermsDates {
        TermsDates(invoice(date: date, terms: PaymentTerms(netDays: net, basis: basis), po: "PO-7"), rules, goods)
    }

    @Test(arguments: [
        // two shipments, two receipts without quantities; the first since the invoice counts
        (TermsBasis.invoiceDate, "2026-01-11", false), (.endOfMonth, "2026-02-10", false), (.shipDate, "2026-01-15", false),
        (.delivery, "2026-01-20", false), (.receipt, "2026-01-23", false), (.laterOfInvoiceAndReceipt, "2026-01-23", false),
    ])
    func `days count from what is on file of the order`(basis: TermsBasis, expected: String, isAssumed: Bool) {
        let goods = goods(
            "po 7",
            shipments: [
                shipment("S1", shipped: "2026-01-05", delivered: "2026-01-12"),
                shipment("S2", shipped: "2026-01-08", delivered: "2026-01-10"),
            ],
            receipts: [receipt("R1", "2026-01-13"), receipt("R2", "2026-01-15")])
        let dates = due(basis, goods)
        #expect(dates.due == day(expected))
        #expect(dates.dueIsAssumed == isAssumed)
    }

    @Test(arguments: [TermsBasis.shipDate, .delivery, .receipt, .laterOfInvoiceAndReceipt])
    func `what is not on file is assumed to be the invoice date`(basis: TermsBasis) {
        let estimated = goods(
            "PO-7", shipments: [shipment("S1", delivered: "2026-01-12", isEstimated: true)], receipts: [receipt("R1", nil)])
        let elsewhere = goods(
            "PO-8", shipments: [shipment("S1", shipped: "2026-01-05", delivered: "2026-01-12")], receipts: [receipt("R1", "2026-01-13")])
        for goods in [nil, GoodsOnFile(), estimated, elsewhere] {
            let dates = due(basis, goods)
            #expect(dates.due == day("2026-01-11"))
            #expect(dates.dueIsAssumed)
        }
        // without any date nothing is due, and nothing was assumed
        #expect(due(basis, nil, date: nil).due == nil)
        #expect(!due(basis, nil, date: nil).dueIsAssumed)
    }

    @Test func `the invoice's own shipment counts where one names it, and the receipts of that one`() {
        let goods = goods(
            "PO-7",
            shipments: [
                shipment("S1", shipped: "2026-01-05", delivered: "2026-01-12", invoice: "inv1001"),
                shipment("S2", shipped: "2026-01-20", delivered: "2026-01-28", invoice: "INV-1002"),
            ], receipts: [receipt("R1", "2026-01-13", shipment: "s-1"), receipt("R2", "2026-01-30", shipment: "S2")])
        #expect(due(.shipDate, goods).due == day("2026-01-15"))
        #expect(due(.delivery, goods).due == day("2026-01-22"))
        #expect(due(.receipt, goods).due == day("2026-01-23"))
    }

    /// INV-1001 of 2 January for 10 of B0A, INV-1002 of 16 March for 5 more.
    private func twice(_ receipts: [ReceiptFact], shipments: [ShipmentFact] = []) -> (first: Day?, second: Day?) {
        let terms = PaymentTerms(netDays: 10, basis: .receipt)
        let first = invoice("INV-1001", date: "2026-01-02", terms: terms, po: "PO-7")
        let second = invoice("INV-1002", date: "2026-03-16", terms: terms, po: "PO-7", document: 2)
        var goods = goods("PO-7", shipments: shipments, receipts: receipts)
        goods.orders["PO7"]?.invoices = [
            OrderInvoiceFact(invoice: first, items: [item("B0A", "10")]), OrderInvoiceFact(invoice: second, items: [item("B0A", "5")]),
        ]
        return (TermsDates(first, account(), goods).due, TermsDates(second, account(), goods).due)
    }

    @Test func `a later delivery for another invoice of the order moves nothing`() {
        func got(_ quantity: String?, _ date: String, _ number: String) -> ReceiptFact {
            receipt([item("B0A", quantity)], date, number: number)
        }
        let (five, nineteen) = ("2026-01-05", "2026-03-19")
        // what the first invoice bills is not the second's, which has nothing on file yet
        #expect(twice([got("10", five, "R1")]) == (day("2026-01-15"), day("2026-03-26")))
        #expect(twice([got("6", five, "R1"), got("4", "2026-01-09", "R2")]) == (day("2026-01-19"), day("2026-03-26")))
        // one that is short of goods counts from what came of it
        #expect(twice([got("9", five, "R1")]) == (day("2026-01-15"), day("2026-03-26")))
        #expect(twice([got("12", five, "R1")]) == (day("2026-01-15"), day("2026-01-15")))
        #expect(twice([got("5", nineteen, "R2"), got("10", five, "R1")]) == (day("2026-01-15"), day("2026-03-29")))
        // the same receipt in another format is no second delivery
        #expect(twice([got("10", five, "R1"), got("10", five, "R1"), got("5", nineteen, "R2")]) == (day("2026-01-15"), day("2026-03-29")))
        // in parts: the one that completes it
        let parts = [got("4", five, "R1"), got("6", "2026-01-09", "R2"), got("5", nineteen, "R3")]
        #expect(twice(parts) == (day("2026-01-19"), day("2026-03-29")))
        // quantities that are not stated do not tell
        #expect(twice([got(nil, five, "R1"), got("5", nineteen, "R2")]) == (day("2026-01-15"), day("2026-03-29")))
        // receipts of named shipments are their invoices'
        let named = twice(
            [receipt("R1", five, shipment: "S1"), receipt("R2", nineteen, shipment: "S2")],
            shipments: [shipment("S2", invoice: "INV-1002")])
        #expect(named == (day("2026-01-15"), day("2026-03-29")))
    }

    @Test func `a receipt of other goods of the order starts no terms`() {
        let terms = PaymentTerms(netDays: 30, basis: .receipt)
        let first = invoice("INV-1", date: "2026-01-05", terms: terms, po: "PO-7")
        let second = invoice("INV-2", date: "2026-03-05", terms: terms, po: "PO-7", document: 2)
        func due(_ invoice: InvoiceFact, _ received: [ItemFact]) -> TermsDates {
            var goods = goods("PO-7", receipts: [receipt(received, "2026-01-10", number: "R1")])
            goods.orders["PO7"]?.invoices = [
                OrderInvoiceFact(invoice: first, items: [item("A1", "10")]), OrderInvoiceFact(invoice: second, items: [item("B1", "5")]),
            ]
            return TermsDates(invoice, account(), goods)
        }
        #expect(due(first, [item("A1", "10")]).due == day("2026-02-09"))
        #expect(due(second, [item("A1", "10")]).due == day("2026-04-04"))
        #expect(due(second, [item("A1", "10")]).dueIsAssumed)
        #expect(due(second, [item("A1", "10"), item("B1", "5")]).due == day("2026-02-09"))
        // what names its items in another way does not tell
        #expect(due(second, [item("UPC1", "5")]).due == day("2026-02-09"))
        #expect(due(second, []).due == day("2026-02-09"))
    }

    @Test func `the later of invoice and receipt is the later one`() {
        let early = goods("PO-7", receipts: [receipt("R1", "2025-12-20")])
        #expect(due(.laterOfInvoiceAndReceipt, early).due == day("2026-01-11"))
        #expect(!due(.laterOfInvoiceAndReceipt, early).dueIsAssumed)
        #expect(due(.receipt, early).due == day("2025-12-30"))
        // an invoice without a date is due from the receipt
        #expect(due(.receipt, early, date: nil).due == day("2025-12-30"))
    }

    @Test func `an assumed basis is said, and no longer once the receipt is on file`() {
        let terms = PaymentTerms(netDays: 10, basis: .receipt)
        let unpaid = family([invoice(terms: terms, po: "PO-7")], knownUntil: "2026-12-31")
        #expect(Rules.needsGoods(unpaid, RuleContext(account: account(), today: day("2026-02-01"))))
        let assumed = judge(unpaid, on: "2026-02-01").late
        #expect(assumed?.details["basis"] == "assumed")
        #expect(assumed?.details["due"] == "2026-01-11")
        let known = judge(unpaid.with(goods("PO-7", receipts: [receipt("R1", "2026-01-15")])), on: "2026-02-01").late
        #expect(known?.details["basis"] == nil)
        #expect(known?.details["due"] == "2026-01-25")
    }

    @Test func `a stated due date wins over any basis and is not assumed`() {
        let terms = PaymentTerms(netDays: 10, basis: .receipt, dueDate: day("2026-02-03"))
        let dates = TermsDates(invoice(terms: terms, po: "PO-7"), account(), nil)
        #expect(dates.due == day("2026-02-03"))
        #expect(dates.dueByTerms == day("2026-01-11"))
        #expect(!dates.dueIsAssumed)
    }

    @Test func `absurd days are no terms and no trap`() {
        for days in [Int.max, Int.min, -1, 3651] {
            let terms = PaymentTerms(netDays: days, discountPercent: ExactDecimal(2), discountDays: days)
            let dates = TermsDates(invoice(terms: terms), account(), nil)
            #expect(dates.due == nil)
            #expect(dates.discount == nil)
        }
    }

    @Test(arguments: [
        // 2026-01-31 is a Saturday, 2026-02-02 a holiday here
        (BusinessDays.Shift.next, "2026-02-03"), (.previous, "2026-01-30"), (.none, "2026-01-31"),
    ])
    func `a due date moves to a business day where that is configured, a discount date does not`(
        shift: BusinessDays.Shift, expected: String
    ) {
        let rules = account { $0.businessDays = BusinessDays(shift: shift, holidays: [day("2026-02-02")]) }
        let terms = PaymentTerms(netDays: 30, discountPercent: ExactDecimal(2), discountDays: 30)
        let dates = TermsDates(invoice(terms: terms), rules, nil)
        #expect(dates.due == day(expected))
        #expect(dates.discount == day("2026-01-31"))
        #expect(dates.dueBeforeShift == (shift == .none ? nil : day("2026-01-31")))
        let late = judge(family([invoice(terms: terms)], knownUntil: "2026-12-31"), on: "2026-02-28", rules).late
        #expect(late?.details["due"]?.string == expected)
        #expect(late?.details["due_before_shift"]?.string == (shift == .none ? nil : "2026-01-31"))
    }

    @Test func `without configuration a Sunday is a due date like any other`() {
        // 2026-02-01 is a Sunday
        let dates = TermsDates(invoice(terms: PaymentTerms(netDays: 31)), account(), nil)
        #expect(dates.due == day("2026-02-01"))
        #expect(dates.dueBeforeShift == nil)
    }
}
