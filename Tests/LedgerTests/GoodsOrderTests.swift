import GRDB
import Testing
import Trade

@testable import Ledger

/// However documents about goods come, the cases they belong to are judged by all of them.
@Suite struct GoodsOrderTests {
    private static let orders = (1...4).map { "PO-\($0)" }
    private static let invoices = (1...6).map { "INV-\($0)" }

    /// Every kind of document that an order or a claim is judged by, over few numbers, so that they meet.
    private func documents(_ random: inout SeededRandom) -> [SampleDocument] {
        var found: [SampleDocument] = []
        func po() -> String { Self.orders.randomElement(using: &random) ?? "" }
        func quantity() -> Int { Int.random(in: 1...20, using: &random) }
        for number in Self.orders where random.chance(80) {
            found.append(.order(number, quantity()))
            if random.chance(20) { found.append(.order(number, quantity(), date: "2026-01-04")) }
        }
        for number in Self.invoices where random.chance(90) {
            let terms = random.chance(20) ? PaymentTerms(netDays: 30, basis: .receipt) : nil
            found.append(.invoice(number, Int64.random(in: 50_00...90_00, using: &random), on: po(), quantity: quantity(), terms: terms))
        }
        if random.chance(40), let number = Self.invoices.randomElement(using: &random) {
            found.append(.invoice(number, 77_00, on: po(), quantity: quantity(), date: "2026-01-03"))
        }
        for index in 0..<Int.random(in: 0...5, using: &random) {
            let lines = (0..<Int.random(in: 1...3, using: &random)).map { _ in (random.chance(40) ? po() : nil, quantity()) }
            let date = (day("2026-01-05") + Int.random(in: 0...40, using: &random)).description
            found.append(.receipt("R-\(index)", random.chance(80) ? po() : nil, lines, date: date))
        }
        for index in 0..<Int.random(in: 0...4, using: &random) {
            let orders = random.chance(60) ? [po()] : [po(), po()]
            let lines = (0..<Int.random(in: 1...3, using: &random)).map { _ in (random.chance(60) ? po() : nil, quantity()) }
            found.append(.shipment("S-\(index)", orders, lines, delivered: random.chance(50) ? "2026-01-08" : nil))
        }
        for index in 0..<5 where random.chance(60) { found.append(.goodsReturn("RTV-\(index)", Int64(index + 1))) }
        for index in 0..<4 where random.chance(60) { found.append(.chargeback("ISSUE-\(index)", 9_00, charge: "CB-\(index)")) }
        if random.chance(50) { found.append(.memo("CM-1", -5_00, on: Self.invoices.randomElement(using: &random) ?? "")) }
        for index in 0..<Int.random(in: 1...4, using: &random) {
            found.append(.remittance("P-\(index)", (0..<Int.random(in: 1...4, using: &random)).map { _ in line(&random) }))
        }
        return found
    }

    private func line(_ random: inout SeededRandom) -> RemittanceLine {
        let invoice = Self.invoices.randomElement(using: &random) ?? ""
        let po = random.chance(50) ? Self.orders.randomElement(using: &random) : nil
        let number = Int.random(in: 0..<5, using: &random)
        return switch Int.random(in: 0..<7, using: &random) {
        case 0: SampleDocument.line(invoice + "SC", -3_00, .creditMemo, po: po)
        case 1: SampleDocument.line("RTV-\(number)", -2_00, .return, po: po)
        case 2: SampleDocument.line("RTV-\(number)_AB12", -2_00, .return)
        case 3: SampleDocument.line("CB-\(number)", -9_00, .chargeback, po: po)
        case 4: SampleDocument.line("CM-1", -5_00, .creditMemo)
        case 5: SampleDocument.line(invoice, 40_00, po: po, inside: [-4_00])
        default: SampleDocument.line(invoice, 50_00, po: po)
        }
    }

    private func desk() throws -> Desk {
        let desk = try Desk()
        desk.orderRule = Contents.order
        desk.goodsRule = Contents.family
        return desk
    }

    private func story(_ desk: Desk) throws -> [String] {
        try desk.ledger.findings(includingResolved: false).map { "\($0.id) \(Desk.line($0)) \($0.finding.details.text)" }.sorted()
    }

    /// What only one of two ledgers says.
    private func difference(_ a: Desk, _ b: Desk) -> String {
        Set((try? story(a)) ?? []).symmetricDifference((try? story(b)) ?? []).sorted().joined(separator: "\n") + "\n"
    }

    /// Files of one to five documents each.
    private func files(_ documents: [SampleDocument], _ random: inout SeededRandom) -> [SampleFile] {
        var rest = documents[...]
        var files: [SampleFile] = []
        while !rest.isEmpty {
            let count = Int.random(in: 1...5, using: &random)
            files.append(SampleFile("file\(files.count)", Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return files
    }

    @Test func `documents in any order and grouping end in the same findings as all at once`() throws {
        let seed = newSeed("goods")
        var random = SeededRandom(seed: seed)
        for round in 0..<Rounds.count(8) {
            let documents = documents(&random)
            let whole = try desk()
            try whole.deliver(SampleFile("whole", documents), as: "goods.edi", on: "2026-03-12")
            try whole.evaluate(on: "2026-03-12")
            let piecemeal = try desk()
            for file in files(documents.shuffled(using: &random), &random) {
                try piecemeal.deliver(file, as: "goods.edi", on: "2026-03-12")
            }
            #expect(try story(piecemeal) == story(whole), "\(difference(piecemeal, whole)) seed \(seed), round \(round)")
            #expect(try !story(whole).isEmpty)
            let comparison = try piecemeal.ledger.compareWithRules(piecemeal.judgement(on: day("2026-03-12")))
            #expect(comparison.count == 0 && comparison.waiting == 0 && comparison.cases > 0, "seed \(seed), round \(round): \(comparison)")
        }
    }

    @Test func `withdrawn documents are as if they had never come, and retried ones as if they had never left`() throws {
        let seed = newSeed("goods withdrawn")
        var random = SeededRandom(seed: seed)
        for round in 0..<Rounds.count(6) {
            // one payment says until when remittances are known, and stays
            let last = SampleFile("last", [.remittance("P-LAST", [SampleDocument.line("INV-LAST", 1_00)], date: "2026-03-11")])
            let files = files(documents(&random).shuffled(using: &random), &random)
            let leaving = Set(files.map(\.name).shuffled(using: &random).prefix(max(1, files.count / 2)))
            let desk = try desk()
            for file in [last] + files { try desk.deliver(file, on: "2026-03-12") }
            for file in files where leaving.contains(file.name) {
                #expect(try desk.ledger.withdraw(file.sha256, reason: "test", who: "test", at: noon(day("2026-03-12"))))
                if random.chance(50) { try desk.evaluate(on: "2026-03-12") }
            }
            try desk.evaluate(on: "2026-03-12")
            let without = try self.desk()
            for file in [last] + files where !leaving.contains(file.name) { try without.deliver(file, on: "2026-03-12") }
            #expect(try story(desk) == story(without), "\(difference(desk, without)) seed \(seed), round \(round)")
            for file in files where leaving.contains(file.name) {
                #expect(try desk.ledger.retry(file.sha256, who: "test", at: noon(day("2026-03-12"))))
                let booking = try #require(try desk.ledger.unread(limit: 1).first)
                try desk.book(file, booking, on: "2026-03-12")
                if random.chance(50) { try desk.evaluate(on: "2026-03-12") }
            }
            try desk.evaluate(on: "2026-03-12")
            let whole = try self.desk()
            for file in [last] + files { try whole.deliver(file, on: "2026-03-12") }
            #expect(try story(desk) == story(whole), "\(difference(desk, whole)) seed \(seed), round \(round)")
        }
    }

    @Test func `every day in turn ends as one jump to the last, and a rescan finds nothing new`() throws {
        let seed = newSeed("goods daily")
        var random = SeededRandom(seed: seed)
        for round in 0..<Rounds.count(3) {
            let files = files(documents(&random).shuffled(using: &random), &random)
            let (daily, jump) = (try desk(), try desk())
            for file in files {
                try daily.deliver(file, on: "2026-01-20")
                try jump.deliver(file, on: "2026-01-20")
            }
            for offset in 1...90 { try daily.evaluate(on: (day("2026-01-20") + offset).description) }
            try jump.evaluate(on: "2026-04-20")
            #expect(try story(daily) == story(jump), "\(difference(daily, jump)) seed \(seed), round \(round)")
            let events = try daily.ledger.lastEventSeq()
            try daily.ledger.wakeAll()
            try daily.evaluate(on: "2026-04-20")
            #expect(try daily.ledger.lastEventSeq() == events, "seed \(seed), round \(round)")
        }
    }

    @Test func `a comparison tells what is missing, unfounded and changed, and writes nothing`() throws {
        let desk = try desk()
        try desk.deliver(
            SampleFile(
                "a",
                [
                    .order("PO-1", 10), .receipt("R-1", "PO-1", [(nil, 8)]), .invoice("INV-1", 90_00, on: "PO-1"),
                    .remittance("P-1", [SampleDocument.line("INV-1", 80_00), SampleDocument.line("INV-1SC", -9_00, .creditMemo)]),
                ]), on: "2026-03-12")
        #expect(try desk.ledger.compareWithRules(desk.judgement(on: day("2026-03-12"))).count == 0)
        let before = try desk.ledger.lastEventSeq()
        // another day, other rules: as a defect would leave it
        desk.orderRule = { _, _ in Verdict() }
        desk.goodsRule = { item, context in
            var verdict = Contents.family(item, context)
            for index in verdict.findings.indices { verdict.findings[index].amount = 2 }
            verdict.findings.append(Finding(.deductionDuplicate, account: context.account.id, subject: item.family, severity: .warning))
            return verdict
        }
        let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day("2026-03-12")))
        #expect(
            comparison.differences.map { "\($0.kind) \(($0.now ?? $0.recorded?.finding)?.kind.rawValue ?? "")" }.sorted() == [
                "changed service.trouble", "missing deduction.duplicate", "unfounded match.quantity",
            ])
        #expect(try desk.ledger.lastEventSeq() == before)
    }

    @Test func `a ledger of before there were links is filled from what it holds`() throws {
        let seed = newSeed("links")
        var random = SeededRandom(seed: seed)
        for round in 0..<Rounds.count(3) {
            let desk = try desk()
            for file in files(documents(&random), &random) { try desk.deliver(file, on: "2026-03-12") }
            func links() throws -> [[[String]]] {
                try [
                    "SELECT account, po, document_id, family FROM order_links ORDER BY 1, 2, 3, 4",
                    "SELECT account, key, document_id, family FROM number_links ORDER BY 1, 2, 3, 4",
                    "SELECT id, order_key FROM items ORDER BY 1",
                ].map { try desk.rows($0) }
            }
            let expected = try links()
            #expect(expected.allSatisfy { !$0.isEmpty } || round > 0)
            try desk.ledger.write { db in
                try db.execute(
                    sql: """
                        DELETE FROM order_links; DELETE FROM number_links; DELETE FROM meta WHERE name = 'links';
                        UPDATE items SET order_key = '';
                        """)
                try Links.bringUpToDate(db)
            }
            #expect(try links() == expected, "seed \(seed), round \(round)")
            desk.ledger.forgetJudged()
            let events = try desk.ledger.lastEventSeq()
            #expect(try desk.ledger.queueLength() > 0)
            try desk.evaluate(on: "2026-03-12")
            #expect(try desk.ledger.lastEventSeq() == events, "seed \(seed), round \(round)")
        }
    }
}
