import Ledger
import Reconciliation
import Reporting
import Trade

/// Tells the story of whatever a reference names, from the ledger, by the rules that judge it.
struct Explaining {
    let configuration: Configuration
    let ledger: Ledger
    /// As-of of the last pass, so that it agrees with what was told.
    let now: Instant

    /// A finding's id is looked for by at least this many digits: fewer may name a number.
    private static let shortestID = 8
    /// Findings that one beginning of an id may name.
    private static let mostFindings = 20

    init(_ configuration: Configuration, _ ledger: Ledger) throws {
        self.configuration = configuration
        self.ledger = ledger
        now = try ledger.lastAsOf() ?? Clock.machineNow
    }

    /// Each thing that the reference names, apart; empty if nothing on file has that number.
    func explanations(of reference: String) throws -> [Explanation] {
        let key = ReferenceKey.of(reference)
        guard !key.isEmpty else { return [] }
        var explanations = try agreements(key)
        for subject in try subjects(key) { explanations += try explain(subject) }
        // where a document has the number, its story holds the lines
        let told = Set(explanations.filter { $0.type != "line" }.map(\.account))
        explanations.removeAll { $0.type == "line" && told.contains($0.account) }
        let id = reference.lowercased()
        if id.utf8.count >= Self.shortestID, id.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 || $0 >= 97 && $0 <= 102 }) {
            for item in try ledger.stories(startingWith: id, limit: Self.mostFindings) {
                explanations += try explain(item.story, caseKind: item.case.kind)
            }
        }
        return explanations
    }

    /// By the indexes, and where they know nothing, by a look through all numbers: a final document, or a claim that names its
    /// invoice by words, stands under its invoice's number.
    func subjects(_ key: String) throws -> [LedgerSubject] {
        let found = try ledger.subjects(of: key)
        if !found.isEmpty { return found }
        var elsewhere: [NumberOnFile] = []
        try ledger.eachNumber { number in
            if number.key == key, !elsewhere.contains(where: { $0.account == number.account && $0.family == number.family }) {
                elsewhere.append(number)
            }
        }
        return try elsewhere.compactMap { try ledger.subject(ofLine: key, account: $0.account, family: $0.family) }
    }

    func explain(_ subject: LedgerSubject) throws -> [Explanation] {
        switch subject.kind {
        case .invoice: return try invoice(subject)
        case .line: return try line(subject)
        case .claim: return try claim(subject)
        case .payment: return [try payment(subject)]
        case .purchaseOrder: return [try order(subject)]
        case .creditMemo, .debitMemo, .shipment, .receipt, .goodsReturn, .chargeback, .settlement, .other: return [try document(subject)]
        }
    }

    // MARK: parts of every story

    /// The account's settings and day; an account that is configured no longer is judged by the defaults.
    func context(_ account: String) -> RuleContext {
        let rules =
            configuration.account(account)
            ?? AccountRules(id: account, marketplace: "", currency: .unstated, timeZone: configuration.timeZone)
        return RuleContext(account: rules, today: zone(account).day(of: now))
    }

    func zone(_ account: String) -> CivilZone {
        configuration.account(account).flatMap { CivilZone($0.timeZone) } ?? CivilZone(configuration.timeZone) ?? .utc
    }

    /// The case of one family, and what the rules make of it.
    func family(_ account: String, _ family: String) throws -> (value: InvoiceCase, account: FamilyAccount)? {
        guard let value = try cases(account, [family]).first else { return nil }
        return (value, Rules.account(of: value, context(account)))
    }

    /// As the rules judge them.
    func cases(_ account: String, _ families: [String]) throws -> [InvoiceCase] {
        try ledger.invoiceCases(account: account, families: families, context(account), needsGoods: Rules.needsGoods)
    }

    func amount(_ minor: some BinaryInteger, _ currency: Currency) -> Explanation.Amount {
        Explanation.Amount(currency.text(of: Int128(minor)), currency)
    }

    func money(_ minor: some BinaryInteger, _ currency: Currency) -> String { "\(currency.text(of: Int128(minor))) \(currency)" }

    /// Adds findings, what happened to each, and what can be done about the open ones.
    func add(_ stories: [FindingStory], to explanation: inout Explanation, today: Day) {
        let zone = zone(explanation.account)
        var sentences = FindingSentences(Rules.wordings, today: today)
        // open ones first; each story keeps its order of opening
        for story in stories.filter({ $0.recorded.state == .open }) + stories.filter({ $0.recorded.state != .open }) {
            let recorded = story.recorded
            let finding = recorded.finding
            let day = recorded.resolved.map { zone.day(of: $0) } ?? today
            explanation.findings.append(.init(recorded, sentence: sentences.sentence(recorded, on: day), today: day))
            for event in story.events {
                explanation.moments.append(
                    .init(
                        day: zone.day(of: event.time), rank: 9, kind: "finding",
                        amount: finding.currency.flatMap { currency in event.amount.map { amount($0, currency) } },
                        text: "\(finding.kind.rawValue) \(event.event.rawValue)"
                            + (finding.subject == explanation.reference ? "" : " for \(finding.subject)")))
            }
            guard recorded.state == .open else { continue }
            let until = finding.deadline ?? finding.details["deadline"]?.string.flatMap { Day(iso: $0) }
            explanation.steps.append(
                "\(sentences.action(recorded)) (\(finding.kind.rawValue)\(until.map { ", until \($0)" } ?? ""))")
        }
    }
}
