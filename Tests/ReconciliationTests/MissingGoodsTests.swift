import Testing
import Trade

@testable import Reconciliation

/// Claims for what is missing of one order.
@Suite struct MissingGoodsTests {
    /// One piece costs 1.00; nothing came of any item.
    private func standing(_ invoices: [[(String, Int)]], received: [(String, Int)] = [], currencies: [Currency] = []) -> OrderStanding {
        let items = Set(invoices.joined().map(\.0)).sorted()
        let billed = invoices.enumerated().map { index, lines in
            let fact = invoice("INV-\(index)", currency: index < currencies.count ? currencies[index] : usd, document: Int64(index + 1))
            return OrderInvoiceFact(invoice: fact, items: lines.map { item($0.0, "\($0.1)", "1.00") })
        }
        let came = receipt(items.map { key in item(key, "\(received.first { $0.0 == key }?.1 ?? 0)") })
        return OrderStanding(purchase([order(items.map { item($0, "1000", "1.00") })], billed, [came]))
    }

    private func claim(on invoice: Int, _ amount: Int64, _ key: String = "C", currency: Currency = usd) -> ShortageClaim {
        ShortageClaim(
            po: "8ERGSTUM", family: "INV\(invoice)", invoice: "INV\(invoice)", key: key, reference: key, currency: currency,
            date: day("2026-02-01"), amount: amount)
    }

    private func left(_ order: OrderStanding, _ claims: [ShortageClaim]) -> [MinorUnits?] {
        var missing = MissingGoods(of: order)
        return claims.map { missing.give($0)?.left }
    }

    @Test func `invoices with other items share what both bill`() {
        let order = standing([[("A", 5), ("B", 3)], [("A", 5)], [("B", 1), ("C", 2)]])
        // ten of A, four of B, two of C
        #expect(left(order, [claim(on: 0, 14_00), claim(on: 1, 10_00), claim(on: 2, 6_00)]) == [14_00, 0, 2_00])
        // what may be for either makes way for what may be for one
        #expect(left(order, [claim(on: 0, 4_00), claim(on: 1, 10_00), claim(on: 2, 6_00)]) == [4_00, 10_00, 2_00])
        #expect(left(order, [claim(on: 0, 5_00), claim(on: 1, 10_00), claim(on: 2, 6_00)]) == [5_00, 9_00, 2_00])
        // over two steps: C to the third, so B to the first, so A to the second
        #expect(left(order, [claim(on: 0, 3_00), claim(on: 2, 3_00), claim(on: 1, 11_00)]) == [3_00, 3_00, 10_00])
    }

    @Test func `nothing is given where it is not known what is missing or what it is worth`() {
        let two = standing([[("A", 5)], [("A", 5)]], currencies: [usd, eur])
        #expect(left(two, [claim(on: 0, 5_00), claim(on: 1, 5_00, currency: eur)]) == [nil, nil])
        let unclear = OrderStanding(
            purchase(
                [order([item("A", "5", "1.00")])],
                [OrderInvoiceFact(invoice: invoice("INV-0"), items: [item("A", "5", "1.00"), item(nil, "1", "1.00")])], [receipt([])]))
        #expect(left(unclear, [claim(on: 0, 5_00)]) == [nil])
        #expect(left(standing([[("A", 5)]]), [claim(on: 7, 5_00)]) == [nil])
        #expect(left(standing([[("A", 5)]], received: [("A", 5)]), [claim(on: 0, 5_00)]) == [0])
    }

    /// For any claims before it: what of their goods and its own they leave it, the least of all.
    private func oracle(_ values: [Int: MinorUnits], _ claims: [(items: Set<Int>, amount: MinorUnits)]) -> [MinorUnits] {
        var given: [MinorUnits] = []
        for (index, claim) in claims.enumerated() {
            var least = claim.amount
            for subset in 0..<(1 << index) {
                let others = (0..<index).filter { subset & (1 << $0) != 0 }
                let items = others.reduce(into: claim.items) { $0.formUnion(claims[$1].items) }
                least = min(least, items.sum { values[$0] ?? 0 } - others.sum { given[$0] })
            }
            given.append(least)
        }
        return given
    }

    @Test func `never more than is missing, and never less than the claims before leave`() {
        let seed = newSeed("missing goods")
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let names = ["A", "B", "C", "D", "E"]
            let invoices = (0..<5).map { _ in
                let some = names.filter { _ in Bool.random(using: &random) }
                return (some.isEmpty ? ["A"] : some).map { ($0, Int.random(in: 1...6, using: &random)) }
            }
            let received = names.map { ($0, Int.random(in: 0...12, using: &random)) }
            let order = standing(invoices, received: received)
            var values: [Int: MinorUnits] = [:]
            for (index, name) in names.enumerated() {
                let billed = invoices.joined().filter { $0.0 == name }.reduce(0) { $0 + $1.1 }
                values[index] = MinorUnits(max(0, billed - received[index].1) * 100)
            }
            let claims = (0..<8).map { _ in
                claim(on: Int.random(in: 0..<5, using: &random), Int64.random(in: 1...12, using: &random) * 50)
            }
            let items = claims.map { claim in
                let own = invoices[Int(claim.invoice.dropFirst(3)) ?? 0].map(\.0)
                return (items: Set(names.indices.filter { own.contains(names[$0]) }), amount: MinorUnits(claim.amount))
            }
            #expect(left(order, claims) == oracle(values, items).map { $0 }, "seed \(seed)")
        }
    }
}
