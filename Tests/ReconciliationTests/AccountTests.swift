import Testing
import Trade

@testable import Reconciliation

/// The figures that `explain` shows and `verify` adds up.
@Suite struct AccountTests {
    private func accounts(_ invoiceCase: InvoiceCase, on today: String = "2026-04-01", _ rules: AccountRules = account()) -> FamilyAccount {
        Rules.account(of: invoiceCase, RuleContext(account: rules, today: day(today)))
    }

    @Test func `each line says by which rule it came to its invoice`() throws {
        let lines = [
            line("inv 1001", 1000_00, place: 1), line("INV-1001SC", -100_00, place: 2),
            line("IQV1", -20_00, type: .creditMemo, text: "RI|PQV|INV1001SC|INV-1001", place: 3),
            line("CLM-9", -7_00, type: .claim, text: "Shortage Claim for Invoice - INV-1001", place: 4),
            line("DM-77", -5_00, type: .debitMemo, named: "INV-1001", place: 5), line("CN-1", -50_00, type: .creditMemo, place: 6),
        ]
        var invoiceCase = family([invoice()], lines, memos: [memo("CN-1", -50_00)])
        invoiceCase.family = "INV1001"
        let account = try #require(accounts(invoiceCase).invoices.first)
        let rules = Dictionary(account.lines.map { ($0.fact.reference, $0.rule) }, uniquingKeysWith: { a, _ in a })
        #expect(
            rules == [
                "inv 1001": .number, "INV-1001SC": .claimSuffix, "IQV1": .words, "CLM-9": .words, "DM-77": .named, "CN-1": .memo,
            ])
        #expect(account.balances)
        #expect(account.lines.filter(\.pays).map(\.fact.reference) == ["inv 1001"])
    }

    @Test func `a claim that was taken twice can be disputed until the earlier of the days that are not past`() throws {
        let taken = [line("INV-1001SC", -100_00, "2026-02-04", payment: "P1"), line("INV-1001SC", -60_00, "2026-03-18", payment: "P2")]
        let bill = invoice(terms: PaymentTerms(netDays: 30))
        func claim(_ today: String, _ more: [LineFact] = []) throws -> ClaimAccount {
            try #require(accounts(family([bill], taken + more), on: today).claims.first)
        }
        let both = try claim("2026-03-06")
        #expect(both.windows.map { "\($0.until) \($0.amount)" } == ["2026-03-06 10000", "2026-04-17 6000"])
        #expect(both.deadline == day("2026-03-06"))
        #expect(try claim("2026-03-07").deadline == day("2026-04-17"))
        #expect(try claim("2026-05-01").deadline == day("2026-04-17"))
        // what was given back has no window any more
        #expect(try claim("2026-03-05", [line("INV-1001SCR", 100_00, "2026-03-01")]).deadline == day("2026-04-17"))
    }

    @Test func `the parts of an invoice come to its total`() throws {
        // 1000.00: paid 980.00 with 20.00 discount in time, 120.00 taken, 40.00 of it given back, 30.00 granted by a memo and applied
        let lines = [
            line("INV-1001", 980_00, "2026-01-20", discount: 20_00), line("INV-1001SC", -120_00, "2026-02-20", place: 2),
            line("INV-1001SCR", 40_00, "2026-03-01", place: 3), line("CN-1", -30_00, "2026-03-02", type: .creditMemo, place: 4),
        ]
        let account = try #require(accounts(family([invoice()], lines, memos: [memo("CN-1", -30_00)]), on: "2026-03-03").invoices.first)
        #expect(account.paid == 870_00)
        #expect(account.discountEarned == 20_00)
        #expect(account.credits == 30_00)
        #expect(account.deductions.map(\.amount) == [80_00])
        #expect(account.unexplained == 0)
        #expect(account.open == 80_00)
        #expect(account.balances)
    }

    @Test func `a claim closed into its final document is out once`() throws {
        let lines = [
            line("INV-1001", 1000_00), line("INV-1001SC", -100_00, place: 2), line("INV-1001SCRI", 100_00, "2026-03-01", place: 3),
            line("IQV1", -100_00, "2026-03-01", type: .creditMemo, text: "RI|PQV|INV1001|INV1001", place: 4),
        ]
        let claim = try #require(accounts(family([invoice()], lines)).claims.first { $0.key == "INV1001SC" })
        #expect((claim.taken, claim.givenBack, claim.closed, claim.finalDocuments, claim.out) == (100_00, 0, 100_00, 100_00, 100_00))
        #expect(claim.steps.map(\.kind) == [.taken, .closed, .finalDocument])
        #expect(claim.root == "INV-1001")
        #expect(claim.isClosed)
    }

    @Test func `a line in another currency without a rate is in no invoice`() {
        let family = accounts(family([invoice()], [line("INV-1001", 900_00, currency: eur), line("INV-1001", 100_00, place: 2)]))
        #expect(family.invoices.first?.paid == 100_00)
        #expect(family.unmatched.map(\.isOtherCurrency) == [true])
    }

    @Test func `every random family balances, in any order of its facts`() {
        let seed = newSeed("accounts")
        var random = SeededRandom(seed: seed)
        for number in 0..<300 {
            let references = ["AC1001", "AC1001SC", "AC1001SCR", "AC1001SCRSC", "AC1001SCRI", "AC1001PC", "CM-1"]
            let lines = (0..<Int.random(in: 0...8, using: &random)).map { place in
                line(
                    references.randomElement(using: &random) ?? "", Int64.random(in: -60_000...120_000, using: &random),
                    (day("2026-01-05") + Int.random(in: 0...90, using: &random)).description,
                    discount: random.chance(30) ? Int64.random(in: 0...3000, using: &random) : 0, payment: "P\(place % 3)", place: place)
            }
            let memos = random.chance(40) ? [memo("CM-1", -Int64.random(in: 1...20_000, using: &random), on: "AC1001")] : []
            let made = invoice("AC1001", Int64.random(in: 1...200_000, using: &random))
            let first = accounts(family([made], lines, memos: memos)).invoices
            let second = accounts(family([made], lines.shuffled(using: &random), memos: memos)).invoices
            #expect(first.allSatisfy { $0.balances }, "seed \(seed), case \(number)")
            #expect(first.map(\.unexplained) == second.map(\.unexplained), "seed \(seed), case \(number)")
            #expect(first.map { $0.lines.map(\.fact) } == second.map { $0.lines.map(\.fact) }, "seed \(seed), case \(number)")
        }
    }

    @Test func `an order shows each item as ordered, received and invoiced`() throws {
        let evidence = Evidence(sha256: "dd", file: "850.edi", at: .file)
        func item(_ number: String, _ quantity: Int, _ price: String? = nil) -> ItemFact {
            ItemFact(item: number, quantity: ExactDecimal(quantity), unitPrice: price.flatMap { ExactDecimal($0) }, evidence: evidence)
        }
        let orderCase = OrderCase(
            key: "PO1",
            orders: [
                OrderFact(
                    document: 1, number: "PO-1", kind: .order, date: day("2026-01-01"), currency: usd, received: day("2026-01-02"),
                    items: [item("B01", 10, "2.5")], evidence: evidence)
            ],
            invoices: [OrderInvoiceFact(invoice: invoice(), items: [item("B01", 10, "2.5"), item("B02", 1, "9")])],
            receipts: [
                ReceiptFact(
                    document: 3, number: "R1", date: day("2026-01-10"), arrived: day("2026-01-11"), items: [item("B01", 8)],
                    evidence: evidence)
            ])
        let order = Rules.account(of: orderCase, RuleContext(account: account(), today: day("2026-01-12")))
        #expect((order.number, order.isOnFile, order.isClosed) == ("PO-1", true, false))
        #expect((order.lastReceipt, order.judgedFrom) == (day("2026-01-10"), day("2026-01-24")))
        let items = order.items.map { [$0.number, $0.ordered ?? "", $0.prices.joined(), $0.received ?? "", $0.invoiced ?? ""] }
        #expect(items == [["B01", "10", "2.50 USD", "8", "10"], ["B02", "", "", "", "1"]])
        #expect(order.items.map(\.isOrdered) == [true, false])
    }
}
