import Seeds
import Trade

extension Scenario {
    /// Every scenario there is. A new one is written beside its like, with its near misses.
    static let all: [Scenario] =
        latePayment + terms + shortPayment + discounts + payments + unmatched + rates + remittances + claims + debits + provisions
        + agreements + goods
        + numbers
}

/// A small vendor's history with everything that went wrong in it, and what must be found on each day.
struct World: Sendable {
    let seed: UInt64
    private(set) var accounts: [AccountRules] = []
    private(set) var deliveries: [Delivery] = []
    private(set) var truth = Truth()
    /// By account and invoice key: the money that was planted on it.
    private(set) var planted: [String: Int64] = [:]
    /// Names of the scenarios, as they were drawn.
    private(set) var scenarios: [String] = []
    private(set) var first: Day
    private(set) var last: Day

    /// - Parameter only: draws this scenario alone, for a closer look.
    init(seed: UInt64, only: String? = nil) {
        self.seed = seed
        var random = SeededRandom(seed: seed)
        // four years, so that leap days and every end of a month come up
        let start = (Day(year: 2023, month: 6, day: 1) ?? Day(number: 19_500)) + random.number(0...1_461)
        (first, last) = (start, start)
        accounts = Self.accounts(start, &random)
        let counters = accounts.map { _ in Numbers() }
        for drawn in Scenario.all.shuffled(using: &random).prefix(Self.size) {
            // one in four happens in both accounts
            let index = random.number(0...1)
            for place in random.chance(25) ? [index, 1 - index] : [index] {
                let own = SeededRandom(seed: random.next())
                let scenario = only == nil ? drawn : Scenario.all.first { $0.name == only } ?? drawn
                write(
                    scenario, place,
                    Script(
                        account: accounts[place], start: start, random: own, numbers: counters[place], scenario: scenario.name))
                if only != nil { break }
            }
            if only != nil { break }
        }
        let days = deliveries.map(\.arrives) + truth.stories.values.flatMap { $0.steps.map(\.from) }
        first = min(start, days.min() ?? start)
        last = (days.max() ?? start) + 3
    }

    /// Scenarios drawn for a world: 10 to 40 invoices, as the smallest vendor has in a quarter.
    private static let size = 18

    private mutating func write(_ scenario: Scenario, _ place: Int, _ empty: Script) {
        var script = empty
        scenario.write(&script)
        accounts[place] = script.account
        // one counter for all scripts of a world, so that a sequence is one scenario's alone
        let offset = scenarios.count * 1_000
        for var delivery in script.deliveries {
            delivery.sequence = delivery.sequence.map { $0 + offset }
            deliveries.append(delivery)
        }
        for story in script.truth.stories.values.sorted(by: { $0.key < $1.key }) { truth.add(story) }
        for (owner, name) in script.truth.owners {
            let parts = owner.split(separator: "|", maxSplits: 1)
            truth.own(String(parts.last ?? ""), script.account.id, name)
        }
        for (key, amount) in script.planted { planted["\(script.account.id)|\(key)", default: 0] += amount }
        scenarios.append(scenario.name)
    }

    /// Two accounts that differ in currency and in every setting.
    private static func accounts(_ start: Day, _ random: inout SeededRandom) -> [AccountRules] {
        let places = [
            ("US", "USD", "America/Los_Angeles"), ("DE", "EUR", "Europe/Berlin"), ("UK", "GBP", "Europe/London"),
            ("JP", "JPY", "Asia/Tokyo"), ("KW", "KWD", "Asia/Kuwait"),
        ]
        return places.shuffled(using: &random).prefix(2).map { marketplace, code, zone in
            let currency = Currency(code: code) ?? .unstated
            let hasDiscount = random.chance(70)
            var rules = AccountRules(
                id: "acme-\(marketplace.lowercased())", marketplace: marketplace, currency: currency, timeZone: zone,
                terms: PaymentTerms(
                    netDays: random.one(of: [30, 45, 60, 90]), discountPercent: hasDiscount ? ExactDecimal(random.number(1...3)) : nil,
                    discountDays: hasDiscount ? random.number(10...30) : nil, basis: random.chance(15) ? .endOfMonth : .invoiceDate),
                discountBase: random.chance(30) ? .netOfTax : .total, opening: start - random.number(0...20),
                graceDays: random.number(0...5), lateLevels: random.one(of: [[1, 7, 30], [3, 10], [14, 15, 60], [1]]),
                tolerance: random.chance(70) ? [currency: Int64(random.number(0...50))] : [:], unmatchedDays: random.number(0...7),
                windows: random.chance(50) ? AccountRules.standardWindows : windows(&random))
            if random.chance(70) {
                rules.invoicePattern = try? NumberPattern(
                    "^(AC[0-9]{6}(SC|R)?|AC-[0-9]{3}-[0-9]{2}|VBE[/_][0-9]{4}[/_][0-9]{2}[/_][0-9]{5})$")
            }
            rules.quantityTolerance = ExactDecimal(random.number(0...5))
            rules.settleDays = random.number(5...20)
            rules.provisionDays = random.number(5...20)
            return rules
        }
    }

    private static func windows(_ random: inout SeededRandom) -> [DeductionClass: DisputeWindow] {
        var windows: [DeductionClass: DisputeWindow] = [:]
        for (deduction, basis) in [(DeductionClass.shortage, DisputeWindow.Basis.dueDate), (.price, .dueDate), (.other, .deduction)] {
            windows[deduction] = DisputeWindow(days: random.number(25...60), from: basis)
        }
        return windows
    }
}
