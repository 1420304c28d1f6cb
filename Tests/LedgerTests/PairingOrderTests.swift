import Testing
import Trade

@testable import Ledger

/// Lines and invoices without a number in common find each other by the account's `match_by`, however they come and go.
@Suite struct PairingOrderTests {
    private static func invoice(
        _ number: String, _ total: Int64 = 100_00, po: String? = nil, date: String = "2026-01-01"
    ) -> SampleDocument {
        .whole(.invoice(Invoice(number: number, currency: usd, total: total, at: .row(1), date: day(date), po: po)))
    }

    private static func line(
        _ reference: String, _ net: Int64 = 100_00, discount: Int64? = nil, po: String? = nil, date: String? = nil, inside: [Int64] = [],
        claim: String? = nil
    ) -> RemittanceLine {
        RemittanceLine(
            reference: reference, referenceType: .invoice, net: net, at: .row(1), po: po, date: date.map { day($0) }, discount: discount,
            adjustments: inside.map { Adjustment(amount: $0, code: "L7", reference: claim, at: .row(1)) })
    }

    private static func claim(_ number: String, _ net: Int64, _ type: ReferenceType, on invoice: String? = nil) -> RemittanceLine {
        RemittanceLine(reference: number, referenceType: type, net: net, at: .row(1), invoice: invoice)
    }

    private static func payment(
        _ number: String, _ lines: [RemittanceLine], date: String = "2026-02-20", status: PaymentStatus = .paid
    ) -> SampleDocument {
        .remittance(
            RemittanceAdvice(
                number: number, currency: usd, at: .row(1), date: day(date), status: status, total: lines.reduce(0) { $0 + $1.net }), lines,
            RemittanceEnd(footing: 0))
    }

    private static func claim(_ number: String, _ total: Int64, on invoice: String) -> SampleDocument {
        .whole(
            .memo(Memo(kind: .debit, number: number, currency: usd, total: total, at: .row(1), date: day("2026-01-20"), invoice: invoice)))
    }

    /// - Parameter goods: whether families say what they know of their goods.
    private func desk(_ rules: [PairingRule] = PairingRule.allCases, goods: Bool = false) throws -> Desk {
        let desk = try Desk()
        desk.accounts["acme-us"]?.matchBy = rules
        if goods { desk.goodsRule = { Contents.family($0, $1) } }
        return desk
    }

    private func matches(_ desk: Desk) throws -> [String] {
        try desk.rows("SELECT reference || ' ' || invoice || ' ' || rule FROM v_matches ORDER BY 1").map { $0[0] }
    }

    // MARK: one case after another

    @Test func `a payment that names the order only pays the invoice on it`() throws {
        let desk = try desk()
        try desk.deliver(SampleFile("810", [Self.invoice("INV-1", po: "PO-1")]), on: "2026-01-02")
        try desk.deliver(SampleFile("820", [Self.payment("P-1", [Self.line("X-1", po: "po1")])]), on: "2026-02-20")
        #expect(try matches(desk) == ["X-1 INV1 po"])
        try desk.evaluate(on: "2026-06-01")
        #expect(try desk.open() == [])
        #expect(try desk.events() == [])
    }

    @Test func `a line on an order's own number pays the invoice on that order`() throws {
        for type in [ReferenceType.purchaseOrder, .other] {
            let desk = try desk([.po])
            try desk.deliver(SampleFile("810", [Self.invoice("INV-1", po: "PO-1"), Self.invoice("INV-2", po: "PO-2")]), on: "2026-01-02")
            var line = Self.line("PO-1", po: type == .other ? "PO-1" : nil)
            line.referenceType = type
            try desk.deliver(SampleFile("820", [Self.payment("P-1", [line])]), on: "2026-02-20")
            #expect(try matches(desk) == ["PO-1 INV1 po"])
            try desk.evaluate(on: "2026-03-01")
            #expect(try desk.open() == [])
        }
    }

    @Test func `without the rule it stays unmatched, and the invoice is late`() throws {
        let desk = try desk([])
        try desk.deliver(SampleFile("810", [Self.invoice("INV-1", po: "PO-1")]), on: "2026-01-02")
        try desk.deliver(SampleFile("820", [Self.payment("P-1", [Self.line("X-1", po: "PO-1")])]), on: "2026-02-20")
        try desk.evaluate(on: "2026-06-01")
        #expect(try desk.open() == ["payment.late INV-1 100.00", "payment.unmatched X-1 100.00"])
        #expect(try desk.count("loose_lines") == 0 && desk.count("loose_invoices") == 0)
    }

    @Test func `an invoice that comes after its payment resolves what was told of both`() throws {
        let desk = try desk()
        try desk.deliver(SampleFile("820", [Self.payment("P-1", [Self.line("X-1", date: "2026-01-01")])]), on: "2026-02-20")
        try desk.evaluate(on: "2026-03-01")
        #expect(try desk.open() == ["payment.unmatched X-1 100.00"])
        try desk.deliver(SampleFile("810", [Self.invoice("INV-1")]), on: "2026-06-01")
        #expect(try matches(desk) == ["X-1 INV1 date"])
        #expect(try desk.open() == [])
    }

    @Test func `the match is undone when the line's own invoice comes, and by a second candidate`() throws {
        for late in [Self.invoice("X-1", 100_00, date: "2026-01-05"), Self.invoice("INV-2", po: "PO-1")] {
            let desk = try desk([.po])
            try desk.deliver(
                SampleFile("both", [Self.invoice("INV-1", po: "PO-1"), Self.payment("P-1", [Self.line("X-1", po: "PO-1")])]),
                on: "2026-02-20")
            #expect(try matches(desk) == ["X-1 INV1 po"])
            let file = SampleFile("late", [late])
            try desk.deliver(file, on: "2026-04-01")
            #expect(try matches(desk) == [])
            #expect(try desk.open().contains("payment.late INV-1 100.00"))
            #expect(try desk.ledger.withdraw(file.sha256, reason: "test", who: "test", at: noon(day("2026-04-01"))))
            try desk.evaluate(on: "2026-04-01")
            #expect(try matches(desk) == ["X-1 INV1 po"])
            #expect(try desk.open() == [])
        }
    }

    @Test func `a voided payment gives its match up`() throws {
        let desk = try desk()
        let lines = [Self.line("X-1", po: "PO-1")]
        try desk.deliver(SampleFile("a", [Self.invoice("INV-1", po: "PO-1"), Self.payment("P-1", lines)]), on: "2026-02-20")
        #expect(try matches(desk).count == 1)
        try desk.deliver(SampleFile("b", [Self.payment("P-1", lines, status: .voided)]), on: "2026-04-01")
        #expect(try matches(desk) == [] && desk.count("loose_lines") == 0)
        #expect(try desk.open() == ["payment.late INV-1 100.00", "payment.voided P-1 100.00"])
    }

    @Test func `other rules, or another order of them, pair anew what is on file`() throws {
        let desk = try desk([])
        func settle(_ rules: [PairingRule]) throws -> [String] {
            desk.accounts["acme-us"]?.matchBy = rules
            try desk.ledger.wakeAll()
            try desk.evaluate(on: "2026-02-21")
            return try matches(desk)
        }
        let lines = [Self.line("X-1", po: "PO-1"), Self.line("X-2")]
        try desk.deliver(
            SampleFile("a", [Self.invoice("INV-1", po: "PO-1"), Self.invoice("INV-2"), Self.payment("P-1", lines)]), on: "2026-02-20")
        #expect(try settle([.po]) == ["X-1 INV1 po"])
        #expect(try settle([.po, .amount]) == ["X-1 INV1 po", "X-2 INV2 amount"])
        #expect(try settle([.amount, .po]) == ["X-1 INV1 po"])
        #expect(try settle([]) == [])
        #expect(try desk.count("loose_lines") == 0 && desk.count("loose_invoices") == 0)
        #expect(try desk.ledger.queueLength() == 0)
    }

    @Test func `what is taken inside a paired line is judged with its invoice, also when its goods come later`() throws {
        let desk = try desk([.amount], goods: true)
        let line = Self.line("X-1", 90_00, inside: [-10_00])
        try desk.deliver(SampleFile("a", [Self.invoice("INV-1", po: "PO-1"), Self.payment("P-1", [line])]), on: "2026-02-20")
        #expect(try matches(desk) == ["X-1 INV1 amount"])
        #expect(try desk.open().contains("payment.short INV-1 10.00"))
        try desk.deliver(SampleFile("b", [.order("PO-1", 10)]), on: "2026-02-21")
        let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day("2026-02-21")))
        #expect(comparison.count == 0 && comparison.waiting == 0, "\(comparison)")
    }

    // MARK: any order

    private func documents(_ random: inout SeededRandom) -> [SampleDocument] {
        func amount() -> Int64 { [100_00, 98_00, 96_04, 102_00].randomElement(using: &random) ?? 0 }
        func po() -> String? { ["PO-1", "PO-2", "PO-3", nil].randomElement(using: &random) ?? nil }
        func date() -> String { ["2026-01-01", "2026-01-02", "2025-02-20"].randomElement(using: &random) ?? "" }
        func claim() -> String { ["CL-1", "CL-1", "CL-2"].randomElement(using: &random) ?? "" }
        var found: [SampleDocument] = []
        for index in 0..<Int.random(in: 1...6, using: &random) {
            found.append(Self.invoice("INV-\(index)", amount(), po: po(), date: date()))
            // which of two counts is said by their dates
            if random.chance(10) { found.append(Self.invoice("INV-\(index)", amount(), po: po(), date: "2026-01-03")) }
        }
        for index in 0..<3 where random.chance(25) { found.append(Self.invoice("X-\(index)", amount(), po: po(), date: date())) }
        if random.chance(20) { found.append(.memo("X-1", -5_00, on: "INV-1")) }
        if random.chance(30) { found.append(Self.claim("DM-1", -5_00, on: "INV-\(Int.random(in: 0..<6, using: &random))")) }
        if random.chance(30) { found.append(Self.claim("DM-2", -7_00, on: "X-\(Int.random(in: 0..<3, using: &random))")) }
        if random.chance(40) { found.append(.order("PO-1", 5)) }
        if random.chance(30) { found.append(.goodsReturn("RTV-1", 2)) }
        for index in 0..<Int.random(in: 1...4, using: &random) {
            let lines = (0..<Int.random(in: 1...3, using: &random)).map { _ -> RemittanceLine in
                switch Int.random(in: 0..<20, using: &random) {
                case 0: return Self.line("INV-\(Int.random(in: 0..<6, using: &random))", amount())
                case 1: return SampleDocument.line("INV-\(Int.random(in: 0..<6, using: &random))SC", -3_00, .creditMemo, po: po())
                case 2: return Self.line("X-\(Int.random(in: 0..<4, using: &random))", -amount())
                case 3: return Self.line("X-\(Int.random(in: 0..<4, using: &random))", 90_00, po: po(), inside: [-10_00])
                case 4: return Self.line("X-\(Int.random(in: 0..<9, using: &random))", 97_00, po: po(), inside: [-3_00], claim: "DM-1")
                case 5: return Self.line("INV-\(Int.random(in: 0..<6, using: &random))", 95_00, inside: [-5_00], claim: "DM-1")
                case 6: return SampleDocument.line("DM-\(Int.random(in: 1...2, using: &random))", -7_00, .debitMemo)
                // a claim inside a line that may be put to any invoice, by its number alone, and with an invoice or such a line
                case 7, 8:
                    return Self.line("X-\(Int.random(in: 0..<4, using: &random))", 90_00, po: po(), inside: [-10_00], claim: claim())
                case 9, 10: return Self.claim(claim(), random.chance(50) ? -10_00 : 10_00, random.chance(20) ? .invoice : .claim)
                case 11, 12:
                    let other = random.chance(70) ? "INV-\(Int.random(in: 0..<6, using: &random))" : "X-1"
                    return Self.claim(claim(), random.chance(50) ? -10_00 : 10_00, .claim, on: other)
                default:
                    let discount: Int64? = random.chance(30) ? 2_00 : nil
                    return Self.line(
                        "X-\(Int.random(in: 0..<9, using: &random))", amount(), discount: discount, po: po(),
                        date: random.chance(50) ? date() : nil)
                }
            }
            let payment = "P-\(index)"
            found.append(Self.payment(payment, lines))
            if random.chance(15) { found.append(Self.payment(payment, lines, status: .voided)) }
        }
        return found
    }

    private func files(_ documents: [SampleDocument], _ random: inout SeededRandom) -> [SampleFile] {
        var rest = documents[...]
        var files: [SampleFile] = []
        while !rest.isEmpty {
            let count = Int.random(in: 1...3, using: &random)
            files.append(SampleFile("file\(files.count)", Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return files
    }

    /// Matches with what they came from, and open findings with all they say.
    private func story(_ desk: Desk) throws -> [String] {
        let pairs = try desk.rows(
            "SELECT payment || ' ' || reference || ' ' || net_minor || ' ' || invoice || ' ' || rule FROM v_matches ORDER BY 1")
        return try pairs.map { $0[0] }
            + desk.ledger.findings(includingResolved: false).map { "\($0.id) \(Desk.line($0)) \($0.finding.details.text)" }.sorted()
    }

    /// What only one of two ledgers says.
    private func difference(_ a: Desk, _ b: Desk) -> String {
        let (x, y) = ((try? story(a)) ?? [], (try? story(b)) ?? [])
        return (x.filter { !y.contains($0) }.map { "< " + $0 } + y.filter { !x.contains($0) }.map { "> " + $0 }).joined(separator: "\n")
            + "\n"
    }

    private func rules(_ random: inout SeededRandom) -> [PairingRule] {
        Array(PairingRule.allCases.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
    }

    private func sound(_ desk: Desk, on date: String) throws -> Bool {
        let comparison = try desk.ledger.compareWithRules(desk.judgement(on: day(date)))
        return try comparison.count == 0 && comparison.waiting == 0
            && desk.value("SELECT count(*) FROM matches WHERE line_id NOT IN (SELECT line_id FROM loose_lines)") == "0"
            && desk.value("SELECT count(*) - count(DISTINCT account || invoice) FROM matches") == "0"
    }

    @Test func `documents in any order and grouping end in the same matches and findings as all at once`() throws {
        let seed = newSeed("pairing")
        var random = SeededRandom(seed: seed)
        var count = 0
        for round in 0..<Rounds.count(15) {
            let documents = documents(&random)
            let rules = rules(&random)
            let (whole, piecemeal) = (try desk(rules, goods: true), try desk(rules, goods: true))
            try whole.deliver(SampleFile("whole", documents), as: "one.edi", on: "2026-03-12")
            for file in files(documents.shuffled(using: &random), &random) {
                try piecemeal.deliver(file, as: "one.edi", on: "2026-03-12")
            }
            count += try matches(whole).count
            #expect(try story(piecemeal) == story(whole), "\(difference(piecemeal, whole)) seed \(seed), round \(round)")
            #expect(try sound(piecemeal, on: "2026-03-12") && sound(whole, on: "2026-03-12"), "seed \(seed), round \(round)")
        }
        #expect(count > 0)
    }

    @Test func `withdrawn documents are as if they had never come, and retried ones as if they had never left`() throws {
        let seed = newSeed("pairing withdrawn")
        var random = SeededRandom(seed: seed)
        for round in 0..<Rounds.count(8) {
            let rules = rules(&random)
            let last = SampleFile("last", [Self.payment("P-LAST", [Self.line("INV-LAST", 1_00)], date: "2026-03-11")])
            let files = files(documents(&random).shuffled(using: &random), &random)
            let leaving = Set(files.map(\.name).shuffled(using: &random).prefix(max(1, files.count / 2)))
            let desk = try desk(rules, goods: true)
            for file in [last] + files { try desk.deliver(file, on: "2026-03-12") }
            for file in files where leaving.contains(file.name) {
                #expect(try desk.ledger.withdraw(file.sha256, reason: "test", who: "test", at: noon(day("2026-03-12"))))
                if random.chance(50) { try desk.evaluate(on: "2026-03-12") }
            }
            try desk.evaluate(on: "2026-03-12")
            let without = try self.desk(rules, goods: true)
            for file in [last] + files where !leaving.contains(file.name) { try without.deliver(file, on: "2026-03-12") }
            #expect(try story(desk) == story(without), "\(difference(desk, without)) seed \(seed), round \(round)")
            for file in files where leaving.contains(file.name) {
                #expect(try desk.ledger.retry(file.sha256, who: "test", at: noon(day("2026-03-12"))))
                let booking = try #require(try desk.ledger.unread(limit: 1).first)
                try desk.book(file, booking, on: "2026-03-12")
                if random.chance(50) { try desk.evaluate(on: "2026-03-12") }
            }
            try desk.evaluate(on: "2026-03-12")
            let whole = try self.desk(rules, goods: true)
            for file in [last] + files { try whole.deliver(file, on: "2026-03-12") }
            #expect(try story(desk) == story(whole), "\(difference(desk, whole)) seed \(seed), round \(round)")
            #expect(try sound(desk, on: "2026-03-12"), "seed \(seed), round \(round)")
        }
    }

    @Test func `every day in turn ends as one jump to the last, and a rescan finds nothing new`() throws {
        let seed = newSeed("pairing daily")
        var random = SeededRandom(seed: seed)
        for round in 0..<Rounds.count(2) {
            let rules = rules(&random)
            let files = files(documents(&random).shuffled(using: &random), &random)
            let (daily, jump) = (try desk(rules, goods: true), try desk(rules, goods: true))
            for file in files {
                try daily.deliver(file, on: "2026-02-20")
                try jump.deliver(file, on: "2026-02-20")
            }
            for offset in 1...60 { try daily.evaluate(on: (day("2026-02-20") + offset).description) }
            try jump.evaluate(on: "2026-04-21")
            #expect(try story(daily) == story(jump), "\(difference(daily, jump)) seed \(seed), round \(round)")
            let events = try daily.ledger.lastEventSeq()
            try daily.ledger.wakeAll()
            try daily.evaluate(on: "2026-04-21")
            #expect(try daily.ledger.lastEventSeq() == events, "seed \(seed), round \(round)")
        }
    }
}
