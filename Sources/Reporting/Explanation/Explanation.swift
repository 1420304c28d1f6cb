public import Trade

/// Everything that is known of one thing that a reference names, in the order in which a person tells it: what it is, what happened,
/// what it comes to, what was found, what can be done.
public struct Explanation: Sendable {
    /// An amount as it is shown: exact at any size.
    public struct Amount: Sendable {
        /// A decimal string in the currency's own decimals.
        public var decimal: String
        public var currency: Currency
        public init(_ decimal: String, _ currency: Currency) {
            self.decimal = decimal
            self.currency = currency
        }
    }

    /// A property of the thing: `terms`, and what they are.
    public struct Fact: Sendable {
        public var name: String
        public var text: String
        public init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    /// Something that happened on a day.
    public struct Moment: Sendable {
        public var day: Day?
        /// Of the same day: documents before payments before findings.
        public var rank: Int
        /// `invoice`, `payment`, `claim`, `finding`: for programs.
        public var kind: String
        public var amount: Amount?
        public var text: String
        /// The rule by which a line came to what is explained.
        public var rule: String?
        public var evidence: Evidence?
        public init(
            day: Day?, rank: Int, kind: String, amount: Amount? = nil, text: String, rule: String? = nil, evidence: Evidence? = nil
        ) {
            self.day = day
            self.rank = rank
            self.kind = kind
            self.amount = amount
            self.text = text
            self.rule = rule
            self.evidence = evidence
        }
    }

    /// One line of a sum: the first is what the others come to.
    public struct Term: Sendable {
        public var name: String
        public var amount: Amount
        /// What it is about beside its name: a claim's number.
        public var reference: String?
        public init(_ name: String, _ amount: Amount, reference: String? = nil) {
            self.name = name
            self.amount = amount
            self.reference = reference
        }
    }

    /// Rows under captions; the names of the columns are the captions in small letters.
    public struct Table: Sendable {
        public var title: String
        public var columns: [String]
        public var rows: [[String]]
        public init(_ title: String, columns: [String], rows: [[String]]) {
            self.title = title
            self.columns = columns
            self.rows = rows
        }
    }

    /// A finding about it, as recorded, with its sentence.
    public struct Found: Sendable {
        public var recorded: RecordedFinding
        public var sentence: String
        /// Today, for `days_late`.
        public var today: Day?
        public init(_ recorded: RecordedFinding, sentence: String, today: Day?) {
            self.recorded = recorded
            self.sentence = sentence
            self.today = today
        }
    }

    /// Something on file that comes close to what was not found.
    public struct Candidate: Sendable {
        public var number: String
        /// Why it is named: `same order`, `same amount`, `close number`.
        public var because: [String]
        /// Why it was not taken.
        public var but: String
        public var evidence: Evidence?
        public init(_ number: String, because: [String], but: String, evidence: Evidence? = nil) {
            self.number = number
            self.because = because
            self.but = but
            self.evidence = evidence
        }
    }

    /// `invoice`, `purchase_order`, `payment`, `claim`, …
    public var type: String
    /// As our own document writes it, else as it was first seen.
    public var reference: String
    public var account: String
    public var facts: [Fact] = []
    public var moments: [Moment] = []
    public var tables: [Table] = []
    public var sum: [Term] = []
    public var findings: [Found] = []
    /// What can be done, and until when: sentences.
    public var steps: [String] = []
    public var candidates: [Candidate] = []

    public init(type: String, reference: String, account: String) {
        self.type = type
        self.reference = reference
        self.account = account
    }

    /// By day, then rank, then the order in which they were added; what has no day comes first.
    public var inOrder: [Moment] {
        moments.enumerated().sorted { a, b in
            let (x, y) = (a.element.day?.number ?? .min, b.element.day?.number ?? .min)
            return (x, a.element.rank, a.offset) < (y, b.element.rank, b.offset)
        }.map(\.element)
    }
}
