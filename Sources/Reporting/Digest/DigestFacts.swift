public import Trade

/// Everything that one digest says, as values: the group it goes to, the day, and what the ledger holds for it. The
/// same facts give the same bytes.
public struct DigestFacts: Sendable {
    /// Name of the group; with the day it makes the file name, `Message-ID` and boundaries.
    public var group: String
    /// `name@domain` or `Some Name <name@domain>`.
    public var recipients: [String]
    public var from: String
    public var language: Language
    /// The day that the digest is for, in the configured zone.
    public var day: Day
    /// When it was due: the `Date` header.
    public var instant: Instant
    /// Seconds east of UTC of the configured zone at `instant`.
    public var offset: Int
    /// Instant of the group's previous digest; nil for the first.
    public var since: Instant?
    /// Day of the group's previous digest. If it is not the day before, the digest says which days it covers.
    public var previousDay: Day?
    /// In the order of the configuration.
    public var accounts: [AccountState]
    /// All open findings of the accounts, and those that were resolved or told since the last digest. Findings that
    /// belong to no account (`service.trouble`) too. Any order.
    public var findings: [DigestFinding]
    /// Remittances booked since the last digest.
    public var payments: [ReceivedPayment]
    /// What was taken from those payments, by class. One entry per account, class and currency is enough.
    public var deductions: [TakenAmount]
    /// What partners' machines would not take of what we sent them: as told since the last digest, and what they refused before and did
    /// not take since.
    public var refusals: [Refusal]
    /// Open findings per kind as the last digest counted them; nil for the first digest.
    public var previousOpen: [FindingKind: Int]?
    /// How each kind is told. A kind that is missing is told by its name.
    public var wordings: [FindingKind: Wording]

    public init(
        group: String, recipients: [String], from: String, language: Language, day: Day, instant: Instant, offset: Int,
        since: Instant? = nil, previousDay: Day? = nil, accounts: [AccountState] = [], findings: [DigestFinding] = [],
        payments: [ReceivedPayment] = [], deductions: [TakenAmount] = [], refusals: [Refusal] = [],
        previousOpen: [FindingKind: Int]? = nil, wordings: [FindingKind: Wording] = [:]
    ) {
        self.group = group
        self.recipients = recipients
        self.from = from
        self.language = language
        self.day = day
        self.instant = instant
        self.offset = offset
        self.since = since
        self.previousDay = previousDay
        self.accounts = accounts
        self.findings = findings
        self.payments = payments
        self.deductions = deductions
        self.refusals = refusals
        self.previousOpen = previousOpen
        self.wordings = wordings
    }
}

/// Until when an account's picture is complete.
public struct AccountState: Hashable, Sendable {
    public var id: String
    /// Latest payment date of any remittance booked; nil if none ever was.
    public var completeUntil: Day?
    /// The account's own day at the digest's instant.
    public var today: Day
    /// More days than this without a remittance, and the digest says that its figures are old.
    public var oldAfterDays: Int
    public var troubles: [SourceTrouble]
    public init(id: String, completeUntil: Day?, today: Day, oldAfterDays: Int = 7, troubles: [SourceTrouble] = []) {
        self.id = id
        self.completeUntil = completeUntil
        self.today = today
        self.oldAfterDays = oldAfterDays
        self.troubles = troubles
    }
}

/// A source that does not deliver as it should.
public struct SourceTrouble: Hashable, Sendable {
    public var source: String
    /// `source.failing`'s class: auth, permission, network, host_key, tls, format, remote, missing; or `silent`. Known
    /// ones are told in the digest's language, others as they are.
    public var reason: String
    public var since: Day?
    public init(source: String, reason: String, since: Day? = nil) {
        self.source = source
        self.reason = reason
        self.since = since
    }
}

/// A finding and what happened to it since the last digest.
public struct DigestFinding: Hashable, Sendable {
    public enum Happening: String, Sendable, CaseIterable {
        /// Opened, or opened again.
        case new
        case changed
        /// It passed the next of its levels (late for 7 days, 14 days before a deadline).
        case level
        /// Told once: recorded as resolved at once.
        case told
        case resolved
        case unchanged
    }
    public var recorded: RecordedFinding
    public var happening: Happening
    /// The amount at the last digest, in minor units, if it was another one.
    public var previousAmount: Int64?
    public init(_ recorded: RecordedFinding, _ happening: Happening, previousAmount: Int64? = nil) {
        self.recorded = recorded
        self.happening = happening
        self.previousAmount = previousAmount
    }
}

/// A remittance that came in.
public struct ReceivedPayment: Hashable, Sendable {
    public var account: String
    public var number: String
    public var date: Day?
    public var money: Money
    public init(account: String, number: String, date: Day?, money: Money) {
        self.account = account
        self.number = number
        self.date = date
        self.money = money
    }
}

/// Money that was taken from payments, by reason. Positive = taken from us.
public struct TakenAmount: Hashable, Sendable {
    public var account: String
    public var deduction: DeductionClass
    public var money: Money
    public init(account: String, deduction: DeductionClass, money: Money) {
        self.account = account
        self.deduction = deduction
        self.money = money
    }
}

/// A document of ours that was refused, wholly or in part: nobody pays an invoice that was not taken.
public struct Refusal: Hashable, Sendable {
    public var account: String
    /// The document's number; else the control numbers by which it was refused.
    public var subject: String
    /// What was refused, as its standard names it (`810`, `INVOIC`), if the answer says it.
    public var type: String?
    /// What refused it: `x12/824`.
    public var answer: String
    public var isPartial: Bool
    /// The partner's words.
    public var reasons: [String]
    public var file: String
    public var place: String
    public init(
        account: String, subject: String, type: String?, answer: String, isPartial: Bool, reasons: [String], file: String, place: String
    ) {
        self.account = account
        self.subject = subject
        self.type = type
        self.answer = answer
        self.isPartial = isPartial
        self.reasons = reasons
        self.file = file
        self.place = place
    }
}

/// Why a digest could not be written.
public enum DigestError: Error, Hashable, CustomStringConvertible {
    /// A text is not a mustache template.
    case template(name: String, reason: String)
    /// A total left the range of 64-bit minor units.
    case overflow(Currency)
    case mail(MailError)

    public var description: String {
        switch self {
        case .template(let name, let reason): "digest: the text of \(name) is not a mustache template: \(reason)"
        case .overflow(let currency): "digest: a total in \(currency) is out of range; look at the findings' amounts"
        case .mail(let error): "digest: \(error)"
        }
    }
}
