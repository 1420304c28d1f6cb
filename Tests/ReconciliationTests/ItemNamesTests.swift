import Reconciliation
import Testing
import Trade

@Suite struct ItemNamesTests {
    /// 100 ordered under the buyer's number and a bar code.
    private let ordered = item("B0A", "100", "5.75", aliases: ["712345678904"])

    private func told(_ value: OrderCase) -> [String] {
        judge(value, on: "2026-03-01").findings.map { "\($0.kind.rawValue) \($0.subject) \($0.sum ?? "-")" }.sorted()
    }

    @Test func `an invoice by the bar code that the order gives an item bills that item`() {
        let bar = item("712345678904", "100", "5.75")
        #expect(told(purchase([order([ordered])], [billed([bar])], [receipt([item("B0A")])])) == [])
        // received under either
        #expect(told(purchase([order([ordered])], [billed([item("B0A", "100", "5.75")])], [receipt([bar])])) == [])
        // and judged by it: price, quantity, shortage
        #expect(
            told(purchase([order([ordered])], [billed([item("712345678904", "100", "6.00")])], [receipt([item("B0A", "90")])])) == [
                "match.price INV-1001 25.00", "match.quantity 8ERGSTUM/B0A 60.00",
            ])
        // another number still is another item
        #expect(told(purchase([order([ordered])], [billed([item("712345678911", "1", "5.75")])])) == ["match.item INV-1001 5.75"])
    }

    @Test func `a number that only the invoice gives joins a receipt to the order`() {
        let invoice = item("712345678904", "100", "5.75", aliases: ["V-77"])
        #expect(told(purchase([order([ordered])], [billed([invoice])], [receipt([item("v77", "100")])])) == [])
        // a chain, whichever document holds which link
        let shipped = item("V-77", "100", aliases: ["K-9"])
        #expect(
            told(purchase([order([ordered])], [billed([invoice])], [receipt([item("K-9", "80")])], shipments: [shipment([shipped])])) == [
                "match.quantity 8ERGSTUM/B0A 115.00"
            ])
    }

    @Test func `a chain over as many documents as there may be is one item`() {
        // from the last to the first: each change names the number that the one before it has
        let count = 3000
        let numbers = (0...count).map { "K\(100_000 - $0)" }
        let changes = (0..<count).map { index in
            order(
                [item(numbers[index], nil, "5.75", status: "PC", aliases: [numbers[index + 1]])], "2025-12-22", kind: .change,
                document: Int64(201 + index))
        }
        let value = purchase(
            [order([item(numbers[0], "100", "5.75")])] + changes, [billed([item(numbers[count], "100", "5.75")])],
            [receipt([item(numbers[count / 2], "90")])])
        #expect(told(value) == ["match.quantity 8ERGSTUM/\(numbers[0]) 57.50"])
    }

    @Test func `a number that two lines of the order share joins nothing, and what it is on is not judged`() {
        let both = [item("B0A", "50", "5.75", aliases: ["STYLE-1"]), item("B0B", "50", "5.75", aliases: ["STYLE-1", "V-2"])]
        let received = [receipt([item("B0A", "50"), item("B0B", "50")])]
        #expect(told(purchase([order(both)], [billed([item("STYLE-1", "100", "5.75")])], received)) == [])
        // a line that gives its own number beside it is clear
        let clear = [item("STYLE-1", "50", "5.75", aliases: ["V-2"]), item("B0A", "40", "5.75")]
        #expect(told(purchase([order(both)], [billed(clear)], received)) == ["match.quantity 8ERGSTUM/B0A 57.50"])
        // the others of the order are judged
        let three = both + [item("B0C", "10", "5.75")]
        #expect(
            told(purchase([order(three)], [billed([item("STYLE-1", "100", "5.75"), item("B0C", "10", "5.75")])], received)) == [
                "match.quantity 8ERGSTUM/B0C 57.50"
            ])
        let items = Rules.account(
            of: purchase([order(three)], [billed([item("STYLE-1", "100", "5.75")])], received),
            RuleContext(account: account(), today: day("2026-03-01"))
        ).items
        #expect(items.filter(\.isUnclear).map(\.number) == ["B0A", "B0B"])
    }

    @Test func `one article is one in each of the lengths that GS1 gives its number`() {
        for number in ["0036000291452", "00036000291452", "36000291452"] {
            #expect(told(purchase([simple("036000291452")], [billed([item(number, "100", "5.75")])])) == [], "\(number)")
        }
        // a check digit that does not fit: zeros that mean something
        let own = purchase([simple("036000291453")], [billed([item("0036000291453", "1", "1.00")])])
        #expect(told(own) == ["match.item INV-1001 1.00"])
    }
    private func simple(_ number: String) -> OrderFact { order([item(number, "100", "5.75")]) }

    @Test func `zeros and words that fill a form are no number of an item`() {
        let filled = item("B0A", "100", "5.75", aliases: ["000000000000", "N/A"])
        let other = item("B0X", "1", "5.75", aliases: ["000000000000", "N/A"])
        #expect(told(purchase([order([filled])], [billed([other])])) == ["match.item INV-1001 5.75"])
    }

    @Test func `a change and a list that name an item by its other number change that item`() {
        let change = order(
            [item("712345678904", nil, "6.00", status: "PC")], "2025-12-22", kind: .change, document: 201)
        #expect(
            told(purchase([order([ordered]), change], [billed([item("B0A", "100", "6.00")])])) == [])
        let list = order(
            [item("B00ASIN", "100", "5.75", received: "90", aliases: ["712345678904"])], came: "2026-01-10", document: 201)
        #expect(
            told(purchase([order([ordered]), list], [billed([item("B0A", "100", "5.75")])])).count == 1)
    }

    @Test func `documents without an order are held together by their numbers, too`() {
        var value = purchase([], [billed([item("B0A", "100", "5.75", aliases: ["V-1"])])], [receipt([item("V-1", "90")])])
        value.orders = []
        let items = Rules.account(of: value, RuleContext(account: account(), today: day("2026-03-01"))).items
        #expect(items.map { [$0.number, $0.received, $0.invoiced] } == [["B0A", "90", "100"]])
    }
}
