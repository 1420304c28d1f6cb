import GRDB
import Testing
import Trade

@testable import Ledger

/// Shortage claims on several invoices of one order: what is missing is missing once.
@Suite struct SharedShortageTests {
    private static let at = Location.segment("ST", 1, set: 1)

    private static func item(_ item: String, _ quantity: Int) -> ItemLine {
        ItemLine(at: at, line: "1", item: item, quantity: ExactDecimal(quantity), unit: "EA", unitPrice: ExactDecimal(10))
    }

    private static func order(_ lines: [ItemLine]) -> SampleFile {
        let order = PurchaseOrder(
            kind: .order, number: "PO1", currency: usd, at: at, date: day("2026-01-02"), lines: lines.map { .init(item: $0, status: nil) })
        return SampleFile("order", [.whole(.purchaseOrder(order))])
    }

    private static func invoice(_ number: String, _ lines: [ItemLine]) -> SampleFile {
        let total = lines.reduce(0) { $0 + Int64($1.quantity?.units ?? 0) * 10_00 }
        var invoice = Invoice(number: number, currency: usd, total: total, at: at, date: day("2026-01-05"))
        invoice.po = "PO1"
        invoice.lines = lines
        return SampleFile(number, [.whole(.invoice(invoice))])
    }

    private static func receipt(_ number: String, _ items: [(String, Int)], _ date: String = "2026-01-10") -> SampleFile {
        let lines = items.map {
            Receipt.Line(at: at, line: "1", item: $0.0, received: ExactDecimal($0.1), damaged: nil, short: nil, over: nil)
        }
        return SampleFile(number, [.whole(.receipt(Receipt(number: number, at: at, date: day(date), po: "PO1", lines: lines)))])
    }

    private static func payment(_ number: String, _ date: String, _ lines: [(String, Int64)]) -> SampleFile {
        SampleFile(number, [.payment(number, date, lines)])
    }

    /// Five of a hundred are missing; INV-1 and INV-2 bill fifty each.
    private let ordered = order([item("B0A", 100)])
    private let first = invoice("INV-1", [item("B0A", 50)])
    private let second = invoice("INV-2", [item("B0A", 50)])
    private let received = receipt("R1", [("B0A", 95)])
    private let early = payment("P1", "2026-02-02", [("INV-1", 500_00), ("INV-1SC", -50_00)])
    private let late = payment("P2", "2026-02-04", [("INV-2", 500_00), ("INV-2SC", -50_00)])

    /// Open contradictions in the end, the same as judging from scratch gives.
    private func told(_ desk: Desk, on date: String = "2026-02-20") throws -> [String] {
        try desk.evaluate(on: date)
        let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day(date)))
        #expect(comparison.count == 0 && comparison.waiting == 0, "\(comparison.differences)")
        return try desk.open().filter { $0.hasPrefix("deduction.unsupported") }
    }

    @Test func `what is missing supports the claim that came first, on whichever invoice`() throws {
        let desk = try Desk()
        for file in [ordered, first, second, received, early] { try desk.deliver(file, on: "2026-02-10") }
        #expect(try told(desk) == [])
        for file in [late] { try desk.deliver(file, on: "2026-02-10") }
        #expect(try told(desk) == ["deduction.unsupported INV-2SC 50.00"])
        let details = try desk.finding(.deductionUnsupported, "INV-2SC")?.finding.details
        #expect(details?["contradiction"] == "receipts")
        #expect(details?["claimed_before"] == "50.00")
    }

    @Test func `in every order of arrival, and in one file`() throws {
        let files = [first, second, received, early, late]
        var all: Set<[String]> = []
        for files in orders(files) {
            let desk = try Desk()
            try desk.deliver(ordered, on: "2026-02-09")
            for file in files { try desk.deliver(file, on: "2026-02-10") }
            all.insert(try told(desk))
        }
        let desk = try Desk()
        try desk.deliver(SampleFile("all", files.reversed().flatMap(\.documents) + ordered.documents), on: "2026-02-10")
        all.insert(try told(desk))
        #expect(all == [["deduction.unsupported INV-2SC 50.00"]])
    }

    @Test func `a claim given back leaves what it took to the next`() throws {
        let desk = try Desk()
        for file in [ordered, first, second, received, early, late] { try desk.deliver(file, on: "2026-02-10") }
        #expect(try told(desk).count == 1)
        try desk.deliver(Self.payment("P3", "2026-02-11", [("INV-1SCR", 50_00)]), on: "2026-02-12")
        #expect(try told(desk) == [])
        try desk.deliver(Self.payment("P4", "2026-02-13", [("INV-1SCRSC", -50_00)]), on: "2026-02-14")
        #expect(try told(desk) == ["deduction.unsupported INV-1SCRSC 50.00"])
        // a late claim with an early date comes first
        let desk2 = try Desk()
        for file in [ordered, first, second, received, late] { try desk2.deliver(file, on: "2026-02-10") }
        #expect(try told(desk2) == [])
        try desk2.deliver(early, on: "2026-02-12")
        #expect(try told(desk2) == ["deduction.unsupported INV-2SC 50.00"])
    }

    @Test func `a remittance withdrawn takes its claim from the order`() throws {
        let desk = try Desk()
        for file in [ordered, first, second, received, early, late] { try desk.deliver(file, on: "2026-02-10") }
        #expect(try told(desk).count == 1)
        #expect(try desk.ledger.withdraw(early.sha256, reason: "test", who: "test", at: noon(day("2026-02-11"))))
        #expect(try told(desk) == [])
        #expect(try desk.count("shortage_claims") == 1)
    }

    @Test func `more goods that turn out missing support more claims`() throws {
        let desk = try Desk()
        let some = Self.receipt("R1", [("B0A", 92)])
        for file in [ordered, first, second, some, early, late] { try desk.deliver(file, on: "2026-02-10") }
        #expect(try told(desk) == [])
        let explained = try desk.finding(.paymentShort, "INV-2")?.finding.details["explained"]?.array?.first
        #expect(explained?["support"] == "supported")
        #expect(explained?["excess"] == "20.00")
        // two more come: three are left to the second, then none
        try desk.deliver(Self.receipt("R2", [("B0A", 3)], "2026-02-11"), on: "2026-02-12")
        #expect(try told(desk) == ["deduction.unsupported INV-2SC 50.00"])
    }

    @Test func `nothing is kept of an order with one invoice`() throws {
        let desk = try Desk()
        for file in [ordered, first, Self.receipt("R1", [("B0A", 45)]), early] { try desk.deliver(file, on: "2026-02-10") }
        #expect(try told(desk) == [])
        #expect(try desk.count("shortage_claims") == 0)
        for file in [Self.receipt("R2", [("B0A", 50)]), late, second] { try desk.deliver(file, on: "2026-02-10") }
        #expect(try told(desk) == ["deduction.unsupported INV-2SC 50.00"])
        #expect(try desk.count("shortage_claims") == 2)
        #expect(try desk.ledger.withdraw(second.sha256, reason: "test", who: "test", at: noon(day("2026-02-11"))))
        // all that the first bills came; the second is named and not on file
        #expect(try told(desk) == ["deduction.unsupported INV-1SC 50.00", "deduction.unsupported INV-2SC 50.00"])
        #expect(try desk.count("shortage_claims") == 0)
    }

    @Test func `a family that is judged with another alone says the same`() throws {
        // by whichever door: the second is judged for its own sake, the first because the order's claims changed
        let desk = try Desk()
        for file in [ordered, first, second, received, late] { try desk.deliver(file, on: "2026-02-10") }
        desk.judged = []
        try desk.deliver(early, on: "2026-02-12")
        #expect(Set(desk.judged) == ["INV1", "INV2"])
        // a later claim concerns nobody before it
        desk.judged = []
        try desk.deliver(Self.payment("P9", "2026-02-18", [("INV-2SCRSC", -10_00)]), on: "2026-02-19")
        #expect(Set(desk.judged) == ["INV2"])
    }

    // MARK: any order

    private func files(_ random: inout SeededRandom) -> [SampleFile] {
        let items = ["B0A", "B0B"]
        var files = [Self.order(items.map { Self.item($0, 100) })]
        let count = Int.random(in: 2...4, using: &random)
        for index in 1...count {
            let some = items.filter { _ in random.chance(60) }
            files.append(Self.invoice("INV-\(index)", (some.isEmpty ? ["B0A"] : some).map { Self.item($0, 20) }))
        }
        for index in 0..<Int.random(in: 1...3, using: &random) {
            files.append(
                Self.receipt(
                    "R\(index)", items.map { ($0, Int.random(in: 8...30, using: &random)) },
                    "2026-01-1\(Int.random(in: 0...9, using: &random))"))
        }
        let suffixes = ["SC", "SC", "SC", "SCR", "SCRSC"]
        for index in 0..<Int.random(in: 3...7, using: &random) {
            let suffix = suffixes.randomElement(using: &random) ?? "SC"
            let amount = Int64.random(in: 1...12, using: &random) * 10_00
            let invoice = "INV-\(Int.random(in: 1...count, using: &random))"
            let paid: [(String, Int64)] = random.chance(40) ? [(invoice, Int64(150_00))] : []
            let date = "2026-02-0\(Int.random(in: 1...9, using: &random))"
            files.append(Self.payment("P\(index)", date, paid + [(invoice + suffix, suffix == "SCR" ? amount : 0 - amount)]))
        }
        return files
    }

    private func story(_ desk: Desk) throws -> [String] {
        try desk.ledger.findings(includingResolved: false).map { "\(Desk.line($0)) \($0.finding.details.text)" }.sorted()
            + desk.rows("SELECT family || ' ' || key || ' ' || day || ' ' || amount FROM shortage_claims ORDER BY 1").map { $0[0] }
    }

    @Test func `documents in any order and grouping, and some withdrawn, end in the same findings`() throws {
        let seed = newSeed("shared shortages")
        var random = SeededRandom(seed: seed)
        var count = 0
        for round in 0..<Rounds.count(15) {
            let files = files(&random)
            let (whole, piecemeal, without) = (try Desk(), try Desk(), try Desk())
            try whole.deliver(SampleFile("whole", files.flatMap(\.documents)), on: "2026-02-12")
            var rest = files.shuffled(using: &random)[...]
            while !rest.isEmpty {
                let some = rest.prefix(Int.random(in: 1...3, using: &random))
                rest = rest.dropFirst(some.count)
                try piecemeal.deliver(SampleFile("some", some.flatMap(\.documents)), on: "2026-02-12")
            }
            for desk in [whole, piecemeal] { _ = try told(desk) }
            #expect(try story(whole) == story(piecemeal), "seed \(seed), round \(round)")
            count += try whole.count("shortage_claims")
            let leaving = Set(files.map(\.name).shuffled(using: &random).prefix(files.count / 3))
            let desk = try Desk()
            for file in files.shuffled(using: &random) { try desk.deliver(file, on: "2026-02-12") }
            for file in files where leaving.contains(file.name) {
                #expect(try desk.ledger.withdraw(file.sha256, reason: "test", who: "test", at: noon(day("2026-02-12"))))
                if random.chance(50) { try desk.evaluate(on: "2026-02-12") }
            }
            for file in files where !leaving.contains(file.name) { try without.deliver(file, on: "2026-02-12") }
            for desk in [desk, without] { _ = try told(desk) }
            #expect(try story(desk) == story(without), "seed \(seed), round \(round)")
        }
        #expect(count > 0)
    }
}
