import Testing
import Trade

@testable import Ledger

@Suite struct OrderTests {
    /// A small world of files that belong together: invoices, payments in parts, claims and their rounds, memos, unknown
    /// references, a payment that does not foot. No payment number comes twice with other content: there the first stays.
    private func files(_ random: inout SeededRandom) -> [SampleFile] {
        var files: [SampleFile] = []
        let numbers = (0..<12).map { "INV-10\($0)" } + ["AC77SC", "AC77"]
        for (index, number) in numbers.enumerated() {
            files.append(SampleFile("inv\(index)", [.invoice(number, Int64.random(in: 100_00...900_00, using: &random))]))
            if random.chance(20) { files.append(SampleFile("cm\(index)", [.memo("CM-\(index)", -10_00, on: number)])) }
        }
        for index in 0..<14 {
            var lines = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                (numbers.randomElement(using: &random) ?? "", Int64.random(in: 50_00...500_00, using: &random))
            }
            if random.chance(40) { lines.append(((numbers.randomElement(using: &random) ?? "") + "SC", -20_00)) }
            if random.chance(20) { lines.append(((numbers.randomElement(using: &random) ?? "") + "SCR", 20_00)) }
            if random.chance(20) { lines.append(("CM-\(Int.random(in: 0..<14, using: &random))", -10_00)) }
            if random.chance(30) { lines.append(("NEW-\(index)", 5_00)) }
            let date = (day("2026-01-10") + Int.random(in: 0...60, using: &random)).description
            files.append(SampleFile("pay\(index)", [.payment("P-\(index)", date, lines, missing: random.chance(20) ? 3_00 : 0)]))
        }
        return files
    }

    private func story(_ desk: Desk) throws -> [String] {
        try desk.ledger.findings(includingResolved: false).map { "\($0.id) \(Desk.line($0)) \($0.finding.details.text)" }.sorted()
    }

    @Test func `files in any order, some twice and under other names, end in the same findings`() throws {
        let seed = newSeed("bookings")
        var random = SeededRandom(seed: seed)
        for round in 0..<2 {
            let files = files(&random)
            var expected: [String]?
            for attempt in 0..<3 {
                let desk = try Desk()
                var shuffled = attempt == 0 ? files : files.shuffled(using: &random)
                for file in files where attempt > 0 && random.chance(30) {
                    shuffled.insert(file, at: Int.random(in: 0...shuffled.count, using: &random))
                }
                for (index, file) in shuffled.enumerated() {
                    try desk.deliver(file, as: attempt == 0 ? nil : "\(index)", on: "2026-03-12")
                }
                try desk.evaluate(on: "2026-04-20")
                let found = try story(desk)
                if let expected {
                    #expect(found == expected, "seed \(seed), round \(round)")
                } else {
                    #expect(!found.isEmpty)
                    expected = found
                }
                let seqs = try desk.ledger.events(after: 0, limit: 100_000).map(\.seq)
                #expect(seqs == Array(1...Int64(seqs.count)))
            }
        }
    }

    @Test func `everything again under other names changes nothing`() throws {
        let seed = newSeed("again")
        var random = SeededRandom(seed: seed)
        let desk = try Desk()
        let files = files(&random)
        for file in files { try desk.deliver(file, on: "2026-03-12") }
        try desk.evaluate(on: "2026-04-20")
        let (before, events) = (try story(desk), try desk.ledger.lastEventSeq())
        desk.judged = []
        for file in files.shuffled(using: &random) { try desk.deliver(file, as: "again " + file.name, on: "2026-04-20") }
        #expect(try story(desk) == before, "seed \(seed)")
        #expect(try desk.ledger.lastEventSeq() == events, "seed \(seed)")
        #expect(desk.judged.isEmpty)
    }

    @Test func `withdrawn files are as if they had never come, and retried ones as if they had never left`() throws {
        let seed = newSeed("withdrawn")
        var random = SeededRandom(seed: seed)
        for round in 0..<2 {
            var files = files(&random)
            // it says until when remittances are known, and stays
            files.append(SampleFile("last", [.payment("P-LAST", "2026-03-11", [("INV-LAST", 1_00)])]))
            let leaving = Set(files.dropLast().shuffled(using: &random).prefix(8).map(\.name))
            let desk = try Desk()
            for file in files.shuffled(using: &random) { try desk.deliver(file, on: "2026-03-12") }
            for file in files where leaving.contains(file.name) {
                #expect(try desk.ledger.withdraw(file.sha256, reason: "test", who: "test", at: noon(day("2026-03-13"))))
                if random.chance(50) { try desk.evaluate(on: "2026-03-13") }
            }
            try desk.evaluate(on: "2026-04-20")
            let without = try Desk()
            for file in files where !leaving.contains(file.name) { try without.deliver(file, on: "2026-03-12") }
            try without.evaluate(on: "2026-04-20")
            #expect(try story(desk) == story(without), "seed \(seed), round \(round)")
            // and back
            for file in files where leaving.contains(file.name) {
                #expect(try desk.ledger.retry(file.sha256, who: "test", at: noon(day("2026-04-20"))))
                let booking = try #require(try desk.ledger.unread(limit: 1).first)
                try desk.book(file, booking, on: "2026-03-12")
            }
            try desk.evaluate(on: "2026-04-20")
            let whole = try Desk()
            for file in files { try whole.deliver(file, on: "2026-03-12") }
            try whole.evaluate(on: "2026-04-20")
            #expect(try story(desk) == story(whole), "seed \(seed), round \(round)")
        }
    }

    @Test func `a rescan finds nothing that the daily work did not find`() throws {
        let seed = newSeed("rescan")
        var random = SeededRandom(seed: seed)
        let desk = try Desk()
        let files = files(&random).shuffled(using: &random)
        for (index, file) in files.enumerated() {
            try desk.deliver(file, on: (day("2026-02-01") + index).description)
            if random.chance(15) {
                _ = try desk.ledger.withdraw(file.sha256, reason: "test", who: "test", at: noon(day("2026-02-01") + index))
            }
            if random.chance(30) { try desk.evaluate(on: (day("2026-02-01") + index).description) }
        }
        for offset in 0..<60 { try desk.evaluate(on: (day("2026-03-20") + offset).description) }
        let (before, events) = (try story(desk), try desk.ledger.lastEventSeq())
        try desk.ledger.wakeAll()
        try desk.evaluate(on: "2026-05-18")
        #expect(try story(desk) == before, "seed \(seed)")
        #expect(try desk.ledger.lastEventSeq() == events, "seed \(seed)")
    }
}
