import Trade

/// Sums by currency. Currencies are never added together.
struct Totals: Equatable {
    private(set) var minor: [Currency: Int64] = [:]
    private(set) var count = 0

    mutating func add(_ amount: Int64, _ currency: Currency) throws(DigestError) {
        do throws(MoneyError) {
            minor[currency] = try (minor[currency] ?? 0).plus(amount)
        } catch {
            throw .overflow(currency)
        }
        count += 1
    }

    mutating func add(_ other: Totals) throws(DigestError) {
        let before = count
        for (currency, amount) in other.minor { try add(amount, currency) }
        count = before + other.count
    }

    /// One entry per currency.
    func sorted(_ order: CurrencyOrder) -> [Money] { minor.map { Money($1, $0) }.sorted(by: order.precedes) }
}

/// Reading order of amounts: the currency most findings and payments are in first, then the next, and within a currency
/// the biggest first. Amounts of different currencies are never compared: there is no rate here.
struct CurrencyOrder {
    private let rank: [Currency: Int]

    init(_ facts: DigestFacts) {
        var uses: [Currency: Int] = [:]
        for finding in facts.findings { finding.recorded.finding.currency.map { uses[$0, default: 0] += 1 } }
        for payment in facts.payments { uses[payment.money.currency, default: 0] += 1 }
        let sorted = uses.sorted { a, b in a.value != b.value ? a.value > b.value : a.key < b.key }
        rank = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.key, $0) })
    }

    func precedes(_ a: Money, _ b: Money) -> Bool {
        if a.currency == b.currency { return a.minor > b.minor }
        let (x, y) = (rank[a.currency] ?? .max, rank[b.currency] ?? .max)
        return x != y ? x < y : a.currency < b.currency
    }
}

/// How much of each finding's amount counts, so that each euro is counted once (contract section 4, `money`).
///
/// Per account, direction, currency and money key one finding counts: claim before invoice before match, then the larger amount.
/// `invoice:ROOT/CLAIM` is part of `invoice:ROOT`: of an invoice's finding only that counts which is not already counted as one of the
/// claims that it contains, of a match only what is not counted as a claim of its class.
struct MoneyKeys {
    private struct Key: Hashable {
        var account: String
        var direction: Direction
        var currency: Currency
        var money: String
        /// Of the invoice that a claim's key begins with.
        var root: Key? {
            money.firstIndex(of: "/").map { Key(account: account, direction: direction, currency: currency, money: String(money[..<$0])) }
        }
    }
    /// What counts, by finding; absent where another finding stands for the money.
    private var amounts: [String: Int64] = [:]

    init(_ findings: some Sequence<RecordedFinding>) {
        var heaps: [Key: [RecordedFinding]] = [:]
        for recorded in findings {
            let finding = recorded.finding
            guard let currency = finding.currency, finding.amount != nil else { continue }
            let key = Key(
                account: finding.account, direction: finding.direction, currency: currency, money: finding.money ?? "\0" + recorded.id)
            heaps[key, default: []].append(recorded)
        }
        var claims: [Key: [(finding: Finding, amount: Int64)]] = [:]
        for (key, heap) in heaps {
            guard let root = key.root, let first = heap.min(by: Self.stands) else { continue }
            claims[root, default: []].append((first.finding, heap.compactMap(\.finding.amount).max() ?? 0))
        }
        for (key, heap) in heaps {
            var counted: Int64 = 0
            for recorded in heap.sorted(by: Self.stands) {
                var amount = recorded.finding.amount ?? 0
                for claim in claims[key] ?? [] where Self.contains(recorded.finding, claim.finding) {
                    amount = max(0, amount.subtractingReportingOverflow(claim.amount).partialValue)
                }
                // findings of one heap speak of the same money: of a larger one only what the others leave is new
                let share = amount - min(counted, amount)
                if share > 0 || recorded.finding.amount == 0 { amounts[recorded.id] = share }
                counted = max(counted, amount)
            }
        }
    }

    /// Minor units; nil where another finding stands for all of the money.
    func amount(of recorded: RecordedFinding) -> Int64? { amounts[recorded.id] }

    /// Whether the money of a claim is part of an invoice's or a match's.
    private static func contains(_ finding: Finding, _ claim: Finding) -> Bool {
        // a short payment that is wholly one claim stands for that claim, too
        func isOfClass(_ deduction: DeductionClass) -> Bool {
            claim.kind == .paymentShort || claim.details["class"]?.string == deduction.rawValue
        }
        return switch finding.kind {
        case .matchQuantity: isOfClass(.shortage)
        case .matchPrice, .matchItem: isOfClass(.price)
        case .deductionRecharged: lists(finding.details["items"], claim)
        default: lists(finding.details["explained"], claim)
        }
    }

    private static func lists(_ items: JSON?, _ claim: Finding) -> Bool {
        let key = ReferenceKey.of(claim.details["claim"]?.string ?? claim.subject)
        return (items?.array ?? []).contains { $0["reference"]?.string.map { ReferenceKey.of($0) } == key }
    }

    private static func stands(_ a: RecordedFinding, before b: RecordedFinding) -> Bool {
        let left = rank(a.finding.kind)
        let right = rank(b.finding.kind)
        if left != right { return left < right }
        let (x, y) = (a.finding.amount ?? 0, b.finding.amount ?? 0)
        return x != y ? x > y : a.id < b.id
    }

    /// Claim 0, invoice 1, match 2, all else 3.
    static func rank(_ kind: FindingKind) -> Int {
        switch kind.rawValue.prefix(while: { $0 != "." }) {
        case "deduction", "chargeback", "dispute", "recovery", "provision", "credit_memo": 0
        case "payment", "invoice", "remittance": 1
        case "match": 2
        default: 3
        }
    }
}

/// One subject of the digest's body with everything that is said of it.
struct DigestBlock {
    enum Section: Int, Comparable {
        case due, owed, news, unknown
        static func < (a: Section, b: Section) -> Bool { a.rawValue < b.rawValue }
    }
    var section: Section
    /// First the finding that the block is about most: by severity, then by counted money.
    var findings: [DigestFinding]
    /// Counted money of the open findings in the block's direction.
    var totals: Totals
    /// What a reader ranks by: the largest counted amount.
    var weight: Money?
}

/// The body's blocks in reading order, and the money that counts.
struct DigestBlocks {
    var blocks: [DigestBlock] = []
    /// Over all open findings.
    let keys: MoneyKeys
    let order: CurrencyOrder

    init(_ facts: DigestFacts) throws(DigestError) {
        let open = facts.findings.filter { $0.recorded.state == .open }
        keys = MoneyKeys(open.map(\.recorded))
        order = CurrencyOrder(facts)
        let todays = Dictionary(facts.accounts.map { ($0.id, $0.today) }, uniquingKeysWith: { first, _ in first })
        func section(_ finding: DigestFinding) -> DigestBlock.Section? {
            let today = todays[finding.recorded.finding.account] ?? facts.day
            let gap = max(1, facts.previousDay.map { facts.day - $0 } ?? 1)
            let isDue = Self.isDue(finding.recorded, today: today, gap: gap)
            return finding.happening == .unchanged && !isDue ? nil : Self.section(finding.recorded, isDue: isDue)
        }
        var groups: [String: (section: DigestBlock.Section, members: [DigestFinding])] = [:]
        for finding in facts.findings {
            guard let section = section(finding) else { continue }
            // what must be done and what merely happened to one invoice is one block; money we owe and money of which
            // nothing can be said are not mixed into it
            let part = section == .owed || section == .unknown ? section.rawValue : 0
            let subject = "\(part)\0\(Self.subject(finding.recorded.finding))"
            var group = groups[subject] ?? (section, [])
            group.members.append(finding)
            group.section = min(section, group.section)
            groups[subject] = group
        }
        for group in groups.values { blocks.append(try block(group.section, group.members)) }
        blocks.sort(by: precedes)
    }

    /// Its date comes, or came since the last digest.
    static func isDue(_ recorded: RecordedFinding, today: Day, gap: Int) -> Bool {
        guard recorded.state == .open, let deadline = recorded.finding.deadline else { return false }
        return deadline <= today && today - deadline < gap
    }

    /// Money whose lateness the data at hand cannot prove.
    static func isUnknown(_ finding: Finding) -> Bool {
        finding.kind == .paymentLate && finding.details["data"]?.string == "behind"
    }

    private static func section(_ recorded: RecordedFinding, isDue: Bool) -> DigestBlock.Section {
        guard recorded.state == .open else { return .news }
        if isUnknown(recorded.finding) { return .unknown }
        if recorded.finding.direction == .byUs { return .owed }
        return isDue || recorded.finding.severity != .info ? .due : .news
    }

    /// One block per invoice: what says which invoice is its root goes under it, all else under its own subject.
    private static func subject(_ finding: Finding) -> String {
        switch finding.kind.rawValue.prefix(while: { $0 != "." }) {
        case "file", "source", "service", "format": "\(finding.account)\0\(finding.kind.rawValue)\0\(finding.key)"
        default: "\(finding.account)\0\(ReferenceKey.of(finding.details["root"]?.string ?? finding.subject))"
        }
    }

    private func block(_ section: DigestBlock.Section, _ members: [DigestFinding]) throws(DigestError) -> DigestBlock {
        var totals = Totals()
        for member in members {
            let finding = member.recorded.finding
            guard let currency = finding.currency, let amount = keys.amount(of: member.recorded) else { continue }
            try totals.add(amount, currency)
        }
        let sorted = members.sorted { a, b in
            let (x, y) = (a.recorded.finding, b.recorded.finding)
            if x.severity != y.severity { return Self.order(x.severity) < Self.order(y.severity) }
            if x.amount != y.amount { return (x.amount ?? -1) > (y.amount ?? -1) }
            return (x.kind.rawValue, a.recorded.id) < (y.kind.rawValue, b.recorded.id)
        }
        let shown = sorted.compactMap { member in
            member.recorded.finding.amount.flatMap { amount in member.recorded.finding.currency.map { Money(amount, $0) } }
        }
        return DigestBlock(section: section, findings: sorted, totals: totals, weight: totals.sorted(order).first ?? shown.first)
    }

    private static func order(_ severity: Severity) -> Int {
        switch severity {
        case .critical: 0
        case .warning: 1
        case .info: 2
        }
    }

    /// By section and currency, biggest first; what has no money behind what has, the grave before the rest.
    private func precedes(_ a: DigestBlock, _ b: DigestBlock) -> Bool {
        if a.section != b.section { return a.section < b.section }
        if let x = a.weight, let y = b.weight, x != y { return order.precedes(x, y) }
        if (a.weight == nil) != (b.weight == nil) { return a.weight != nil }
        guard let x = a.findings.first?.recorded, let y = b.findings.first?.recorded else { return false }
        if x.finding.severity != y.finding.severity { return Self.order(x.finding.severity) < Self.order(y.finding.severity) }
        return (x.finding.kind.rawValue, x.finding.subject, x.id) < (y.finding.kind.rawValue, y.finding.subject, y.id)
    }
}
