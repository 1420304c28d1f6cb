import Trade

/// What must be recorded of one finding from a day on.
struct Step: Sendable {
    var from: Day
    /// Nil: it is not open from then on.
    var amount: Int64?
    /// What the details must say; nil where they must say nothing.
    var details: [String: JSON?] = [:]
}

/// One finding's story, as a scenario wrote it before any rule saw its documents.
struct Expected: Sendable {
    var kind: FindingKind
    var account: String
    var subject: String
    var currency: Currency
    var steps: [Step]
    /// The sentence that names the scenario.
    var scenario: String

    var key: String { Truth.key(kind, account, subject) }

    /// What stands at the end of a day. Of two steps on one day the one written last holds.
    func step(on day: Day) -> Step? {
        var found: Step?
        for step in steps where step.from <= day && step.from >= found?.from ?? step.from { found = step }
        return found
    }
}

/// The stories of all findings of a world, by kind, account and subject.
struct Truth: Sendable {
    private(set) var stories: [String: Expected] = [:]
    /// Scenario by account and reference key: for findings that nobody planted.
    private(set) var owners: [String: String] = [:]

    /// Days on which something must change.
    var days: Set<Day> { Set(stories.values.flatMap { $0.steps.map(\.from) }) }

    /// Item numbers behind a `/` are part of the subject, so it is compared by key as a whole.
    static func key(_ kind: FindingKind, _ account: String, _ subject: String) -> String {
        "\(kind.rawValue)|\(account)|\(ReferenceKey.of(subject))"
    }

    mutating func add(_ expected: Expected) {
        if stories[expected.key] == nil {
            stories[expected.key] = expected
        } else {
            stories[expected.key]?.steps += expected.steps
        }
    }

    mutating func own(_ reference: String, _ account: String, _ scenario: String) {
        owners["\(account)|\(ReferenceKey.of(reference))"] = scenario
    }

    /// The scenario that a subject belongs to: by the longest reference that it begins with.
    func scenario(of finding: Finding) -> String {
        var key = ReferenceKey.of(finding.subject)
        while !key.isEmpty {
            if let owner = owners["\(finding.account)|\(key)"] { return owner }
            key.removeLast()
        }
        return "nobody's"
    }

    // MARK: comparing

    /// Differences between what a ledger says on a day and the truth, one readable line each.
    func differences(
        from records: some Sequence<RecordedFinding>, on day: Day, kinds: Set<FindingKind>, comparingTold: Bool = true
    ) -> [String] {
        var lines: [String] = []
        var seen: Set<String> = []
        for record in records where kinds.contains(record.finding.kind) && Self.speaks(record) {
            let finding = record.finding
            let key = Self.key(finding.kind, finding.account, finding.subject)
            seen.insert(key)
            let isTold = finding.kind.isToldOnce
            let wanted = stories[key]?.step(on: day)
            guard let story = stories[key], let wanted, let amount = wanted.amount else {
                if !isTold || comparingTold { lines.append("not wanted: \(Self.line(finding)) [\(scenario(of: finding))]") }
                continue
            }
            if amount != finding.amount || story.currency != finding.currency {
                lines.append(
                    "other amount: \(Self.line(finding)), wanted \(Money(amount, story.currency)) [\(story.scenario)]")
            }
            for (name, value) in wanted.details where finding.details[name] != value {
                lines.append(
                    "other details: \(Self.line(finding)) says \(name) \(finding.details[name]?.text ?? "nothing"), wanted "
                        + "\(value?.text ?? "nothing") [\(story.scenario)]")
            }
        }
        for (key, story) in stories where kinds.contains(story.kind) && !seen.contains(key) {
            guard let amount = story.step(on: day)?.amount else { continue }
            lines.append(
                "missing: \(story.kind.rawValue) \(story.account) \(story.subject) \(Money(amount, story.currency)) [\(story.scenario)]")
        }
        return lines.sorted()
    }

    /// Open, or told once: what is resolved otherwise says nothing any more.
    private static func speaks(_ record: RecordedFinding) -> Bool { record.state == .open || record.finding.kind.isToldOnce }

    static func line(_ finding: Finding) -> String {
        let amount = finding.amount.flatMap { minor in finding.currency.map { "\(Money(minor, $0))" } } ?? "no amount"
        return "\(finding.kind.rawValue) \(finding.account) \(finding.subject) \(amount)"
    }
}
