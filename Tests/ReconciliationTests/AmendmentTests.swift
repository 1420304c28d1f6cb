import Testing
import Trade

@testable import Reconciliation

/// Documents that take back, change or replace others of their number, in any order of arrival.
struct AmendmentTests {
    // MARK: receipts

    private static func received(_ receipts: [ReceiptFact]) -> [String] {
        func permutations(_ items: [ReceiptFact]) -> [[ReceiptFact]] {
            guard items.count > 1 else { return [items] }
            return items.indices.flatMap { index in
                var rest = items
                let first = rest.remove(at: index)
                return permutations(rest).map { [first] + $0 }
            }
        }
        let all = permutations(receipts).map { receipts in
            var quantities: [String: Int64] = [:]
            for line in Receipts.counted(receipts).flatMap(\.items) { quantities[line.key, default: 0] += line.quantity?.units ?? 0 }
            return quantities.map { "\($0.key) \($0.value)" }.sorted()
        }
        #expect(Set(all).count == 1, "\(all)")
        return all[0]
    }

    private static func amending(
        _ amends: Amendment, _ items: [ItemFact], _ date: String = "2026-01-10", issued: String? = nil, document: Int64 = 301
    ) -> ReceiptFact {
        var own = receipt(items, date, document: document)
        own.amends = amends
        own.issued = issued.map(day)
        return own
    }

    @Test func `a receipt that replaces counts in place of the one before`() {
        #expect(Self.received([receipt([item("A", "90")]), Self.amending(.replacement, [item("A", "95")])]) == ["A 95"])
    }

    @Test func `a receipt that changes an item leaves the others`() {
        let first = receipt([item("A", "90"), item("B", "7")])
        #expect(Self.received([first, Self.amending(.change, [item("A", "95")])]) == ["A 95", "B 7"])
    }

    @Test func `a receipt that was taken back counts nothing, until it is sent anew`() {
        let first = receipt([item("A", "90")])
        let cancelled = Self.amending(.cancellation, [], issued: "2026-01-12")
        #expect(Self.received([first, cancelled]) == [])
        #expect(Self.received([first, cancelled, receipt([item("A", "80")], "2026-01-14", document: 302)]) == ["A 80"])
    }

    @Test func `of several replacements that of the last day counts, and another number stays`() {
        let receipts = [
            receipt([item("A", "90")]), Self.amending(.replacement, [item("A", "95")], issued: "2026-01-12"),
            Self.amending(.replacement, [item("A", "97")], issued: "2026-01-15", document: 302),
            receipt([item("A", "3")], number: "R-2", document: 303),
        ]
        #expect(Self.received(receipts) == ["A 100"])
    }

    @Test func `a plain receipt under the same number is still a part delivery`() {
        #expect(Self.received([receipt([item("A", "50")]), receipt([item("A", "40")], "2026-01-12", document: 302)]) == ["A 90"])
    }

    @Test func `quantities are judged by what was replaced`() {
        let judged = judge(
            purchase(
                [order([item("A", "100", "10.00")])], [billed([item("A", "100", "10.00")], invoice("INV-1", 1000_00))],
                [receipt([item("A", "90")]), Self.amending(.replacement, [item("A", "95")])]), on: "2026-02-20")
        #expect(judged.told(.matchQuantity) == ["8ERGSTUM/A 50.00"])
    }

    // MARK: invoices

    private static func amending(
        _ amends: Amendment, _ total: Int64, date: String = "2026-01-01", number: String = "INV-1", amended: String? = nil,
        document: Int64 = 90
    ) -> InvoiceFact {
        var own = invoice(number, total, date: date, document: document)
        own.amends = amends
        own.amended = amended
        return own
    }

    private static func numbered(_ invoices: [InvoiceFact], _ corrections: [InvoiceFact] = []) -> [String] {
        let all = [invoices, invoices.reversed()].map { invoices in
            var own = InvoiceCase(family: "INV1", invoices: invoices)
            own.corrections = corrections
            let numbered = NumberedInvoices(own)
            return numbered.facts.map { "\($0.number) \($0.total)\($0.isVoid ? " void" : "")" }.sorted()
                + numbered.duplicates.map { "\($0.count) differ" }
        }
        #expect(all[0] == all[1])
        return all[0]
    }

    @Test func `a cancelled invoice asks for nothing, until it is issued anew`() {
        let first = invoice("INV-1", 100_00)
        let cancelled = Self.amending(.cancellation, 100_00)
        #expect(Self.numbered([first, cancelled]) == ["INV-1 0 void"])
        #expect(Self.numbered([cancelled]) == ["INV-1 0 void"])
        let anew = invoice("INV-1", 80_00, date: "2026-01-03", document: 91)
        #expect(Self.numbered([first, cancelled, anew]) == ["INV-1 8000"])
    }

    @Test func `an invoice that replaces is no second invoice of its number`() {
        #expect(Self.numbered([invoice("INV-1", 100_00), Self.amending(.replacement, 90_00)]) == ["INV-1 9000"])
        let two = [Self.amending(.replacement, 90_00), Self.amending(.change, 95_00, date: "2026-01-05", document: 91)]
        #expect(Self.numbered([invoice("INV-1", 100_00)] + two) == ["INV-1 9500"])
    }

    @Test func `an invoice that names another stands for it, in its family or out of it`() {
        let inside = Self.amending(.replacement, 90_00, number: "INV-1R", amended: "INV1")
        #expect(Self.numbered([invoice("INV-1", 100_00), inside]) == ["INV-1 0 void", "INV-1R 9000"])
        let outside = Self.amending(.replacement, 90_00, number: "INV-2", amended: "INV1")
        #expect(Self.numbered([invoice("INV-1", 100_00)], [outside]) == ["INV-1 0 void"])
    }

    private static func judged(_ amendment: InvoiceFact, _ lines: [LineFact], memos: [MemoFact] = []) -> [String] {
        let own = InvoiceCase(
            family: "INV1", invoices: [invoice("INV-1", 100_00), amendment], memos: memos, lines: lines, knownUntil: day("2026-04-01"))
        return Rules.judge(own, RuleContext(account: account(), today: day("2026-04-01"))).findings
            .map { "\($0.kind.rawValue) \($0.sum ?? "-")" }.sorted()
    }

    @Test func `what is cancelled is neither late nor short, and what was paid all the same is over`() {
        #expect(Self.judged(Self.amending(.cancellation, 100_00), []) == [])
        #expect(Self.judged(Self.amending(.cancellation, 100_00), [line("INV-1", 100_00, "2026-03-20")]) == ["payment.over 100.00"])
    }

    @Test func `what is paid to exactly the old total of an invoice that asks for nothing is over`() {
        let paid = [line("INV-1", 100_00, "2026-03-01")]
        func judged(_ invoices: [InvoiceFact], _ corrections: [InvoiceFact] = []) -> [String] {
            var own = InvoiceCase(family: "INV1", invoices: invoices, lines: paid, knownUntil: day("2026-04-01"))
            own.corrections = corrections
            return Rules.judge(own, RuleContext(account: account(), today: day("2026-04-01"))).findings
                .map { "\($0.kind.rawValue) \($0.sum ?? "-")" }
        }
        #expect(judged([invoice("INV-1", 100_00)]) == [])
        #expect(judged([Self.amending(.cancellation, 100_00)]) == ["payment.over 100.00"])
        let other = Self.amending(.replacement, 90_00, number: "INV-2", amended: "INV1")
        #expect(judged([invoice("INV-1", 100_00)], [other]) == ["payment.over 100.00"])
    }

    @Test func `a cancellation ends its own number, also where it names the invoice that this once stood for`() {
        let corrected = Self.amending(.replacement, 90_00, number: "INV-1R", amended: "INV1")
        let cancelled = Self.amending(.cancellation, 90_00, number: "INV-1R", amended: "INV1", document: 92)
        for invoices in [[corrected, cancelled], [cancelled, corrected]] {
            #expect(Self.numbered([invoice("INV-1", 100_00)] + invoices) == ["INV-1 0 void", "INV-1R 0 void"])
        }
    }

    @Test func `a claim that stands on an invoice that was replaced makes it late no more`() {
        let claim = line("INV-1SC", -20_00, "2026-03-01")
        let told = Self.judged(
            Self.amending(.replacement, 90_00, number: "INV-1R", amended: "INV1"), [claim, line("INV-1R", 90_00, "2026-03-01")])
        #expect(!told.contains { $0.hasPrefix("payment.late") }, "\(told)")
    }

    @Test func `a memo on an invoice that was taken back as well takes nothing off twice`() {
        let granted = memo("CM-1", -100_00, on: "INV-1")
        #expect(Self.judged(Self.amending(.cancellation, 100_00), [], memos: [granted]) == [])
    }

    @Test func `what was cancelled or replaced bills nothing on its order`() {
        let bill = billed([item("A", "100", "12.00")], invoice("INV-1", 1200_00))
        let orders = [order([item("A", "100", "10.00")])]
        let receipts = [receipt([item("A", "100")])]
        #expect(judge(purchase(orders, [bill], receipts), on: "2026-02-20").told(.matchPrice).count == 1)
        let ended = [
            Self.amending(.cancellation, 1200_00), Self.amending(.replacement, 1000_00, number: "INV-2", amended: "INV1"),
        ]
        for amendment in ended {
            let verdict = judge(purchase(orders, [bill], receipts, namesakes: [amendment]), on: "2026-02-20")
            #expect(verdict.told(.matchPrice) == [], "\(amendment.number)")
        }
    }
}
