public import Trade

/// The sentences of the rules' wordings, in English, one finding at a time.
public struct FindingSentences {
    private let wordings: [FindingKind: Wording]
    private let show: Presentation
    private var phrase = Phrases(language: .en)
    private let today: Day

    /// - Parameter today: the account's day; a year is written where it is another one.
    public init(_ wordings: [FindingKind: Wording], today: Day) {
        self.wordings = wordings
        self.today = today
        show = Presentation(language: .en, day: today)
    }

    /// What of our records contradicts a deduction, by the word of `details.contradiction`.
    public static func contradiction(_ code: String) -> String { DigestWords.codes["contradiction"]?[code]?.en ?? code }

    /// What is wrong with the finding's subject.
    /// - Parameter day: to which days are counted, if it is not today: the one on which the finding was resolved.
    public mutating func sentence(_ recorded: RecordedFinding, on day: Day? = nil) -> String {
        let text = text(recorded, \.sentence, on: day)
        // what is over is no longer so, what is told once happened
        return recorded.state == .resolved && !recorded.finding.isToldOnce ? "Before: " + text : text
    }

    /// What to do about it.
    public mutating func action(_ recorded: RecordedFinding) -> String { text(recorded, \.action) }

    private mutating func text(_ recorded: RecordedFinding, _ part: KeyPath<Wording, Wording.Both>, on day: Day? = nil) -> String {
        let kind = recorded.finding.kind
        let wording = wordings[kind] ?? DigestWords.own[kind] ?? DigestWords.plain(kind)
        let both = wording[keyPath: part]
        // a wording that does not parse is a defect of ours: its bare text says more than nothing
        return (try? phrase(both, show.values(recorded, today: day ?? today), name: kind.rawValue)) ?? both.en
    }
}

extension Presentation {
    /// What the templates of a `Wording` may name.
    /// - Parameter today: nil: the details have the days of that day already.
    func values(_ recorded: RecordedFinding, today: Day?) -> [String: Any] {
        let finding = recorded.finding
        var values: [String: Any] = [
            "kind": finding.kind.rawValue, "subject": Self.plain(finding.subject), "account": Self.plain(finding.account),
            "state": recorded.state.rawValue,
        ]
        if let amount = finding.amount, let currency = finding.currency { values["amount"] = money(amount, currency) }
        if let currency = finding.currency { values["currency"] = currency.code }
        if let deadline = finding.deadline { values["deadline"] = day(deadline) }
        if let details = detail(recorded.presentedDetails(today: today), currency: finding.currency) { values["details"] = details }
        return values
    }
}
