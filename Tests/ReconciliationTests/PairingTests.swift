import Testing
import Trade

@testable import Reconciliation

/// Lines whose number is on file nowhere, and what each rule of `match_by` makes of them.
@Suite struct PairingTests {
    private func line(
        _ id: Int64, _ net: Int64 = 100_00, discount: Int64 = 0, po: String = "", dated: String? = nil, paid: String? = "2026-02-20",
        _ currency: Currency = usd
    ) -> LooseLine {
        LooseLine(id: id, po: po, date: dated.map(day), paymentDate: paid.map(day), currency: currency, gross: net + discount, net: net)
    }

    private func bill(
        _ key: String, _ total: Int64 = 100_00, po: String = "", dated date: String? = "2026-01-01", _ currency: Currency = usd
    ) -> LooseInvoice {
        LooseInvoice(key: key, po: po, date: date.map(day), currency: currency, total: total)
    }

    private func pairs(_ rules: [PairingRule], _ lines: [LooseLine], _ invoices: [LooseInvoice]) -> [String] {
        Pairings.pairs(lines, invoices, by: rules).map { "\($0.line) \($0.invoice) \($0.rule.rawValue)" }
    }

    // MARK: po

    @Test func `a line is put to the one invoice on its order that has its gross or its net`() {
        #expect(pairs([.po], [line(1, po: "PO1")], [bill("A", po: "PO1")]) == ["1 A po"])
        #expect(pairs([.po], [line(1, 98_00, discount: 2_00, po: "PO1")], [bill("A", po: "PO1")]) == ["1 A po"])
        #expect(pairs([.po], [line(1, 98_00, discount: 2_00, po: "PO1")], [bill("A", 98_00, po: "PO1")]) == ["1 A po"])
        #expect(pairs([.po], [line(1, po: "PO1")], [bill("A", po: "PO1", dated: nil), bill("B", 99_99, po: "PO1")]) == ["1 A po"])
    }

    @Test func `an order that neither names, or another one, pairs nothing`() {
        #expect(pairs([.po], [line(1)], [bill("A")]) == [])
        #expect(pairs([.po], [line(1, po: "PO1")], [bill("A", po: "PO2"), bill("B")]) == [])
        #expect(pairs([.po], [line(1, 99_95, po: "PO1")], [bill("A", po: "PO1")]) == [])
    }

    @Test func `two invoices for one line, or two lines for one invoice, are not decided between`() {
        #expect(pairs([.po], [line(1, po: "PO1")], [bill("A", po: "PO1"), bill("B", po: "PO1")]) == [])
        #expect(pairs([.po], [line(1, po: "PO1"), line(2, po: "PO1")], [bill("A", po: "PO1")]) == [])
        // one fits the gross, the other the net
        #expect(pairs([.po], [line(1, 98_00, discount: 2_00, po: "PO1")], [bill("A", po: "PO1"), bill("B", 98_00, po: "PO1")]) == [])
        #expect(
            pairs([.amount, .date, .po], [line(1, dated: "2026-01-01"), line(2, dated: "2026-01-01")], [bill("A"), bill("B")]) == [])
    }

    @Test func `a line that has only one invoice does not get it if another line could have it too`() {
        // 2 could be A or B, so neither 1 nor 2 is sure of A
        let lines = [line(1, po: "PO1"), line(2, 100_00, discount: 2_00, po: "PO1")]
        #expect(pairs([.po], lines, [bill("A", po: "PO1"), bill("B", 102_00, po: "PO1")]) == [])
    }

    // MARK: date

    @Test func `a line is put to the one invoice of its document date and amount`() {
        #expect(pairs([.date], [line(1, dated: "2026-01-01")], [bill("A"), bill("B", dated: "2026-01-02")]) == ["1 A date"])
        #expect(pairs([.date], [line(1)], [bill("A")]) == [])
        #expect(pairs([.date], [line(1, dated: "2026-01-02")], [bill("A")]) == [])
        #expect(pairs([.date], [line(1, dated: "2026-01-01")], [bill("A"), bill("B")]) == [])
        #expect(pairs([.date], [line(1)], [bill("A", dated: nil)]) == [])
    }

    // MARK: amount

    @Test func `an amount alone counts for invoices of the year before the payment, bounds included`() {
        #expect(pairs([.amount], [line(1)], [bill("A")]) == ["1 A amount"])
        #expect(pairs([.amount], [line(1)], [bill("A", dated: "2026-02-20")]) == ["1 A amount"])
        #expect(pairs([.amount], [line(1)], [bill("A", dated: "2026-02-21")]) == [])
        #expect(day("2026-02-20") - day("2025-02-20") == 365)
        #expect(pairs([.amount], [line(1)], [bill("A", dated: "2025-02-20")]) == ["1 A amount"])
        #expect(pairs([.amount], [line(1)], [bill("A", dated: "2025-02-19")]) == [])
        #expect(pairs([.amount], [line(1, paid: nil)], [bill("A")]) == [])
        #expect(pairs([.amount], [line(1)], [bill("A", dated: nil)]) == [])
    }

    @Test func `an invoice that is too old for one payment is in the way of none`() {
        #expect(pairs([.amount], [line(1)], [bill("A"), bill("B", dated: "2024-01-01")]) == ["1 A amount"])
        let lines = [line(1), line(2, paid: "2027-02-20")]
        #expect(pairs([.amount], lines, [bill("A")]) == ["1 A amount"])
        #expect(pairs([.amount], lines, [bill("A"), bill("B", dated: "2026-06-01")]) == ["1 A amount", "2 B amount"])
    }

    // MARK: rules together

    @Test func `another currency is another amount`() {
        for rule in PairingRule.allCases {
            #expect(pairs([rule], [line(1, po: "PO1", dated: "2026-01-01", eur)], [bill("A", po: "PO1")]) == [])
        }
    }

    @Test func `what an earlier rule paired is out for the later ones`() {
        let lines = [line(1, po: "PO1"), line(2)]
        let invoices = [bill("A", po: "PO1"), bill("B")]
        #expect(pairs([.po, .amount], lines, invoices) == ["1 A po", "2 B amount"])
        #expect(pairs([.amount, .po], lines, invoices) == ["1 A po"])
        #expect(pairs([], lines, invoices) == [])
    }

    @Test func `whatever the order in which they lie, the same pairs are made, and each of candidates that have no other`() {
        let seed = newSeed("pairs")
        var random = SeededRandom(seed: seed)
        for round in 0..<300 {
            let lines = (0..<Int.random(in: 0...8, using: &random)).map { index in
                line(
                    Int64(index), [98_00, 100_00, 102_00].randomElement(using: &random) ?? 0,
                    discount: [0, 0, 2_00].randomElement(using: &random) ?? 0,
                    po: ["", "PO1", "PO2"].randomElement(using: &random) ?? "",
                    dated: [nil, "2026-01-01", "2026-01-02"].randomElement(using: &random) ?? nil,
                    paid: ["2026-02-20", "2027-01-01", "2027-01-02"].randomElement(using: &random))
            }
            let invoices = (0..<Int.random(in: 0...8, using: &random)).map { index in
                bill(
                    "I\(index)", [98_00, 100_00, 102_00].randomElement(using: &random) ?? 0,
                    po: ["", "PO1", "PO2"].randomElement(using: &random) ?? "",
                    dated: ["2026-01-01", "2026-01-02"].randomElement(using: &random))
            }
            let rules = PairingRule.allCases.shuffled(using: &random)
            let found = Set(Pairings.pairs(lines, invoices, by: rules))
            #expect(Set(Pairings.pairs(lines.shuffled(using: &random), invoices.shuffled(using: &random), by: rules)) == found)
            // the definition, one candidate after another
            var (restLines, restInvoices) = (lines, invoices)
            var expected: Set<Pairing> = []
            for rule in rules {
                let sure = restLines.compactMap { line -> Pairing? in
                    let fitting = restInvoices.filter { Pairings.obstacle(rule, line, $0) == nil }
                    guard fitting.count == 1, restLines.filter({ Pairings.obstacle(rule, $0, fitting[0]) == nil }).count == 1 else {
                        return nil
                    }
                    return Pairing(line: line.id, invoice: fitting[0].key, rule: rule)
                }
                expected.formUnion(sure)
                restLines.removeAll { line in sure.contains { $0.line == line.id } }
                restInvoices.removeAll { invoice in sure.contains { $0.invoice == invoice.key } }
            }
            #expect(found == expected, "seed \(seed), round \(round): \(lines) \(invoices) \(rules)")
        }
    }

    // MARK: what is loose

    private let byAmount = account { $0.matchBy = [.amount] }

    private func ends(_ invoiceCase: InvoiceCase, _ rules: AccountRules? = nil) -> String {
        let ends = Pairings.looseEnds(of: invoiceCase, RuleContext(account: rules ?? byAmount, today: day("2026-03-01")))
        return (ends.lines.map { "\($0.gross)/\($0.net) \($0.po)" } + ends.invoices.map(\.key)).joined(separator: "; ")
    }

    private func paying(_ reference: String, _ net: Int64, text: String? = nil, discount: Int64 = 0, inside: [AdjustmentFact] = [])
        -> LineFact
    {
        ReconciliationTests.line(reference, net, text: text, discount: discount, inside: inside)
    }

    @Test func `a paying line is loose while neither an invoice nor a memo of its number is on file`() {
        let one = paying("X-1", 98_00, text: "1AB2CD3E/PHX3/", discount: 2_00)
        #expect(ends(InvoiceCase(family: "X1", lines: [one])) == "10000/9800 1AB2CD3E")
        #expect(ends(InvoiceCase(family: "X1", lines: [one]), account()) == "")
        #expect(ends(InvoiceCase(family: "X1", lines: [paying("X-1", 90_00, inside: [inside(-10_00, .freight)])])) == "10000/9000 ")
        #expect(ends(InvoiceCase(family: "X1", invoices: [invoice("X-1", 500_00)], lines: [one])) == "")
        #expect(ends(InvoiceCase(family: "X1", lines: [one, paying("X-1", -98_00)])) == "")
        #expect(ends(InvoiceCase(family: "X1", lines: [one, paying("X-1SC", -5_00)])) == "")
        #expect(ends(InvoiceCase(family: "X1", lines: [paying("X-1SC", -5_00)])) == "")
    }

    @Test func `an invoice is loose until a line pays it by its number, in whatever currency`() {
        let bill = invoice("INV-1", 100_00)
        #expect(ends(InvoiceCase(family: "INV1", invoices: [bill])) == "INV1")
        #expect(ends(InvoiceCase(family: "INV1", invoices: [bill], lines: [paying("INV-1SC", -5_00)])) == "INV1")
        #expect(ends(InvoiceCase(family: "INV1", invoices: [bill], lines: [paying("INV-1", 1_00)])) == "")
        #expect(ends(InvoiceCase(family: "INV1", invoices: [bill], lines: [paying("INV-1", 100_00)])) == "")
        #expect(
            ends(InvoiceCase(family: "INV1", invoices: [bill], lines: [ReconciliationTests.line("INV-1", 1_00, currency: eur)])) == "")
        #expect(ends(InvoiceCase(family: "INV1", invoices: [invoice("INV-1", 0)])) == "")
    }

    // MARK: a paired line

    private func paired(_ line: LineFact, to invoice: String, _ rule: PairingRule = .po) -> LineFact {
        var line = line
        line.pairing = Pairing(line: 7, invoice: invoice, rule: rule)
        return line
    }

    @Test func `a paired line pays its invoice like one that has its number`() {
        let line = paired(paying("X-1", 980_00, discount: 20_00), to: "INV1")
        let item = InvoiceCase(family: "INV1", invoices: [invoice("INV-1")], lines: [line])
        let context = RuleContext(account: byAmount, today: day("2026-06-01"))
        let found = Rules.account(of: item, context)
        #expect(found.unmatched.isEmpty)
        #expect(found.invoices.first?.lines.map(\.rule.rawValue) == ["order and amount"])
        #expect(found.invoices.first?.paid == 980_00)
        #expect(found.invoices.first?.balances == true)
        var own = line
        own.pairing = nil
        own.key = "INV1"
        let byNumber = Rules.judge(InvoiceCase(family: "INV1", invoices: [invoice("INV-1")], lines: [own]), context)
        #expect(Rules.judge(item, context) == byNumber)
    }

    @Test func `what is taken inside a paired line is a claim on its invoice`() {
        let line = paired(paying("X-1", 900_00, inside: [inside(-100_00, .freight)]), to: "INV1", .date)
        let item = InvoiceCase(family: "INV1", invoices: [invoice("INV-1")], lines: [line])
        let found = Rules.account(of: item, RuleContext(account: byAmount, today: day("2026-02-21")))
        #expect(found.claims.map { "\($0.key) \($0.rootKey ?? "-") \($0.standing)" } == ["INV1 INV1 10000"])
        #expect(found.invoices.first?.lines.map(\.rule.rawValue) == ["date and amount"])
    }
}
