import Foundation
import Intake
import Reconciliation
import Seeds
import Testing
import Trade

/// Small vendors' histories, drawn by seed from scenarios whose truth was written beside them by hand: each is lived day by
/// day, shuffled, and judged on its last day only.
///
/// `REMITD_SEEDS=5000` runs more, `REMITD_SEED=7` one, and `REMITD_SCENARIO="never paid"` one scenario in every world.
@Suite struct WorldTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// Worlds in CI: each scenario comes up about ten times.
    private static let seedCount = 50

    private static let seeds: [UInt64] = {
        if let one = environment["REMITD_SEED"].flatMap(UInt64.init) { return [one] }
        let count = environment["REMITD_SEEDS"].flatMap(Int.init) ?? seedCount
        var random = SeededRandom(seed: newSeed("worlds"))
        return (0..<count).map { _ in UInt64(random.number(0...999_999_999)) }
    }()

    /// Kinds that a scenario's truth speaks of; what a file or the daemon itself raises is no part of a world.
    private static let kinds: Set<FindingKind> = Set(
        Rules.invoice.map { $0.kind } + Rules.payment.map { $0.kind } + Rules.order.map { $0.kind })

    @Test(arguments: seeds)
    func `a world is told exactly, however it came`(seed: UInt64) throws {
        let world = World(seed: seed, only: Self.environment["REMITD_SCENARIO"])
        var report = Report(world)
        try Life(world, kinds: Self.kinds).live(&report)
        for line in report.lines { Issue.record("\(line)") }
    }

    @Test func `every kind has scenarios that plant it`() {
        var planted: Set<FindingKind> = []
        for scenario in Scenario.all {
            for seed in 0..<3 as Range<UInt64> {
                let world = World(seed: seed, only: scenario.name)
                planted.formUnion(world.truth.stories.values.filter { $0.steps.contains { $0.amount != nil } }.map(\.kind))
            }
        }
        #expect(Self.kinds.subtracting(planted) == [])
    }

    @Test func `scenarios have names of their own`() {
        #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
    }
}

/// What went otherwise than the truth says, for a person to read: seed, life, day, expected and found.
struct Report {
    let world: World
    private(set) var lines: [String] = []
    /// A world that went wrong once goes wrong on most of its days.
    private static let limit = 12

    init(_ world: World) { self.world = world }

    mutating func add(_ life: String, _ day: Day, _ differences: [String]) {
        for line in differences where lines.count < Self.limit && !lines.contains(where: { $0.hasSuffix(line) }) {
            lines.append("seed \(world.seed), \(life), \(day): \(line)")
        }
    }
}
