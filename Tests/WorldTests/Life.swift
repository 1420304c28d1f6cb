import Intake
import Ledger
import Seeds
import Trade

@testable import Reconciliation

/// One world lived several ways.
struct Life {
    let world: World
    let kinds: Set<FindingKind>

    init(_ world: World, kinds: Set<FindingKind>) {
        self.world = world
        self.kinds = kinds
    }

    func live(_ report: inout Report) throws {
        var random = SeededRandom(seed: world.seed ^ 0x5EED)
        let daily = try liveDaily(&random, &report)
        let jumped = try liveAtTheEnd(&random, &report)
        report.add("judged on the last day only", world.last, Self.differences(jumped, daily))
        let shuffled = try liveShuffled(&random, &report)
        report.add("shuffled", world.last, Self.differences(shuffled, daily))
    }

    private static func differences(_ found: [String], _ wanted: [String]) -> [String] {
        found.filter { !wanted.contains($0) }.map { "only here: \($0)" } + wanted.filter { !found.contains($0) }.map { "not here: \($0)" }
    }

    // MARK: lives

    /// In order, evaluated on every day and compared on every day.
    private func liveDaily(_ random: inout SeededRandom, _ report: inout Report) throws -> [String] {
        let life = "day by day"
        let books = try Books(world.accounts)
        let files = files(world.deliveries, &random)
        var day = world.first
        let steps = world.truth.days
        let verified = world.first + random.number(0...(world.last - world.first))
        while day <= world.last {
            for file in files[day] ?? [] {
                try books.deliver(file, on: day)
                // evaluated after some files and not after others
                if random.chance(30) { try books.evaluate(on: day) }
            }
            try books.evaluate(on: day)
            let isNews = try books.listen()
            // a day on which neither the books nor the truth changed is as right as the day before
            if isNews || steps.contains(day) {
                report.add(life, day, world.truth.differences(from: books.told.values, on: day, kinds: kinds))
            }
            if day == verified { report.add(life, day, try books.verify(on: day)) }
            day = day + 1
        }
        let records = try books.records()
        report.add(life, world.last, Conduct.faults(records))
        report.add(life, world.last, Conduct.differences(records, books.told))
        let story = try books.story()
        let events = try books.ledger.lastEventSeq()
        for file in files.values.joined() { try books.deliver(file, as: "again \(file.name)", on: world.last) }
        try books.evaluate(on: world.last)
        report.add("everything twice", world.last, Self.differences(try books.story(), story))
        for life in ["judged again, plain cases passed over", "judged again, every case"] {
            books.isWatching = life.hasSuffix("every case")
            try books.rescan(on: world.last)
            report.add(life, world.last, Self.differences(try books.story(), story))
            if try books.ledger.lastEventSeq() != events { report.add(life, world.last, ["it was told again"]) }
        }
        report.add(life, world.last, Conservation.faults(world, books.standings))
        return story
    }

    /// Everything comes when it came, and is evaluated on the last day alone.
    private func liveAtTheEnd(_ random: inout SeededRandom, _ report: inout Report) throws -> [String] {
        let books = try Books(world.accounts)
        for (day, files) in files(world.deliveries, &random).sorted(by: { $0.key < $1.key }) {
            for file in files { try books.deliver(file, on: day) }
        }
        books.isWatching = true
        try books.evaluate(on: world.last)
        report.add(
            "judged on the last day only", world.last, world.truth.differences(from: try books.records(), on: world.last, kinds: kinds))
        report.add("judged on the last day only", world.last, Conservation.faults(world, books.standings))
        return try books.story()
    }

    /// On other days, in another order, in other files, some of them twice and under other names.
    private func liveShuffled(_ random: inout SeededRandom, _ report: inout Report) throws -> [String] {
        let life = "shuffled"
        let books = try Books(world.accounts)
        for (day, files) in files(shuffled(&random), &random).sorted(by: { $0.key < $1.key }) {
            for file in files {
                try books.deliver(file, on: day)
                if random.chance(30) { try books.deliver(file, as: "copy of \(file.name)", on: day) }
            }
            if random.chance(30) { try books.evaluate(on: day) }
        }
        try books.evaluate(on: world.last)
        report.add(life, world.last, try books.verify(on: world.last))
        // what was told in between, of a part of the documents, stays told: only what must be told is asked for
        report.add(
            life, world.last,
            world.truth.differences(from: try books.records(), on: world.last, kinds: kinds, comparingTold: false))
        books.isWatching = true
        try books.rescan(on: world.last)
        report.add(life, world.last, Conservation.faults(world, books.standings))
        return try books.story()
    }

    // MARK: files

    /// Every document comes on any day up to the last arrival, but for what must keep its order.
    private func shuffled(_ random: inout SeededRandom) -> [Delivery] {
        let days = world.deliveries.map(\.arrives)
        guard let first = days.min(), let latest = days.max() else { return [] }
        // an account waits up to seven days before it tells of an unknown number: that must be over at the end
        let last = max(first, min(latest, world.last + -8))
        var deliveries = world.deliveries
        for index in deliveries.indices { deliveries[index].arrives = first + random.number(0...(last - first)) }
        for sequence in Set(deliveries.compactMap(\.sequence)) {
            let members = deliveries.indices.filter { deliveries[$0].sequence == sequence }
            let days = members.map { deliveries[$0].arrives }.sorted()
            for (turn, index) in members.enumerated() { deliveries[index].arrives = min(days[turn], last - members.count) + turn }
        }
        return deliveries
    }

    /// The documents of a day and an account, in files of any size.
    private func files(_ deliveries: [Delivery], _ random: inout SeededRandom) -> [Day: [PlantedFile]] {
        var files: [Day: [PlantedFile]] = [:]
        let groups = Dictionary(grouping: deliveries) { "\($0.arrives) \($0.account)" }
        for (name, group) in groups.sorted(by: { $0.key < $1.key }) {
            var rest = group.shuffled(using: &random)
            while let head = rest.first {
                let count = random.number(1...max(1, min(6, rest.count)))
                let file = PlantedFile(
                    name: "\(name) \(files[head.arrives, default: []].count).edi", account: head.account,
                    papers: rest.prefix(count).map(\.paper))
                files[head.arrives, default: []].append(file)
                rest.removeFirst(count)
            }
        }
        return files
    }
}

/// What every finding owes its reader, whatever its kind.
enum Conduct {
    static func faults(_ records: [RecordedFinding]) -> [String] {
        records.flatMap { record -> [String] in
            let finding = record.finding
            var faults: [String] = []
            if finding.evidence.isEmpty { faults.append("without evidence") }
            if let amount = finding.amount, amount < 0 { faults.append("below zero") }
            if record.id != Fingerprint.of(finding.fingerprint) { faults.append("under another id") }
            if finding.direction != direction(of: finding.kind) { faults.append("direction \(finding.direction)") }
            if record.state == .open, finding.kind.isToldOnce { faults.append("told once, and open") }
            return faults.map { "\(Truth.line(finding)): \($0)" }
        }
    }

    /// The events tell what is recorded.
    static func differences(_ records: [RecordedFinding], _ told: [String: RecordedFinding]) -> [String] {
        records.filter { record in
            guard let other = told[record.id] else { return true }
            return other.state != record.state || other.finding.amount != record.finding.amount
        }.map { "\(Truth.line($0.finding)): its last event says otherwise" }
    }

    private static func direction(of kind: FindingKind) -> Direction {
        switch kind {
        case .paymentOver, .paymentDuplicate: .byUs
        case .paymentShort, .paymentLate, .paymentDiscountUnearned, .deductionNew, .deductionDuplicate, .deductionRecharged,
            .deductionUnsupported, .provisionOpen, .matchQuantity, .matchPrice, .matchItem:
            .toUs
        default: .none
        }
    }
}

/// No euro is lost and none is made: the books hold of each invoice what was planted on it, and account for all of it.
enum Conservation {
    static func faults(_ world: World, _ standings: [String: [InvoiceStanding]]) -> [String] {
        var faults: [String] = []
        for (key, amount) in world.planted.sorted(by: { $0.key < $1.key }) {
            guard let standing = standings[key]?.last else {
                if standings.isEmpty || amount != 0 { faults.append("no standing of \(key)") }
                continue
            }
            if standing.paid != MinorUnits(amount) { faults.append("\(key): paid \(standing.paid), planted \(amount)") }
            let explained =
                standing.paid + standing.discountEarned + standing.credits + standing.writtenOff + standing.deductions.sum(\.amount)
                + standing.memosTakenTwice + standing.discountUnearned + standing.unexplained
            if explained != MinorUnits(standing.invoice.total) {
                faults.append("\(key): total \(standing.invoice.total), accounted for \(explained)")
            }
        }
        return faults
    }
}
