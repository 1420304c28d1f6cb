/// Kinds of findings (contract section 4). The raw value is the contract's word.
public enum FindingKind: String, Sendable, CaseIterable {
    case paymentShort = "payment.short"
    case paymentLate = "payment.late"
    case paymentPaidLate = "payment.paid_late"
    case paymentDiscountUnearned = "payment.discount_unearned"
    case paymentOver = "payment.over"
    case paymentDuplicate = "payment.duplicate"
    case paymentVoided = "payment.voided"
    case paymentUnmatched = "payment.unmatched"
    case remittanceUnbalanced = "remittance.unbalanced"
    case remittanceConflict = "remittance.conflict"
    case deductionNew = "deduction.new"
    case deductionDuplicate = "deduction.duplicate"
    case deductionRecharged = "deduction.recharged"
    case deductionUnsupported = "deduction.unsupported"
    case provisionOpen = "provision.open"
    case matchQuantity = "match.quantity"
    case matchPrice = "match.price"
    case matchItem = "match.item"
    case invoiceDuplicateNumber = "invoice.duplicate_number"
    case invoiceMalformed = "invoice.malformed"
    case fileRejected = "file.rejected"
    case fileAccount = "file.account"
    case formatChanged = "format.changed"
    case sourceFailing = "source.failing"
    case sourceSilent = "source.silent"
    case sourceUnsettled = "source.unsettled"
    case serviceTrouble = "service.trouble"
}

extension FindingKind {
    /// Kinds that say what happened, not what is open (contract section 4, "told once").
    public var isToldOnce: Bool { self == .paymentPaidLate || self == .deductionNew }
}

public enum Severity: String, Sendable { case info, warning, critical }

/// Who owes the money of a finding.
public enum Direction: String, Sendable {
    case toUs = "to_us"
    case byUs = "by_us"
    case none
}

/// Where a finding can be checked: an original and a place in it.
public struct Evidence: Hashable, Sendable, Comparable {
    public var sha256: String
    public var file: String
    public var at: Location
    public init(sha256: String, file: String, at: Location) {
        self.sha256 = sha256
        self.file = file
        // what is kept names no element: a finding just judged must equal the one on record
        self.at = at.element(0)
    }
    public static func < (a: Evidence, b: Evidence) -> Bool {
        (a.file, a.sha256, a.at.packed) < (b.file, b.sha256, b.at.packed)
    }
}

/// One thing that is wrong or due, as a rule sees it now. State, id and times belong to the ledger (`RecordedFinding`).
public struct Finding: Hashable, Sendable {
    public var kind: FindingKind
    public var account: String
    /// The number as our own document writes it, else as it was first seen.
    public var subject: String
    /// What the id is made from: `ReferenceKey` of the subject, a content's SHA-256, or a source id.
    public var key: String
    public var severity: Severity
    public var currency: Currency?
    /// Minor units at stake, never negative; nil where there is none.
    public var amount: Int64?
    public var direction: Direction
    /// Names the euro at stake: totals take each name once.
    public var money: String?
    public var deadline: Day?
    public var details: JSON
    public var evidence: [Evidence]

    /// Told once, never open: recorded as resolved at once. Told again only if its amount becomes another.
    public var isToldOnce: Bool { kind.isToldOnce }

    /// Whether it is about another sum, also of one that no amount can hold.
    public func isOtherMoney(than before: Finding) -> Bool {
        amount != before.amount || currency != before.currency || details["out_of_range"] != before.details["out_of_range"]
    }

    /// Details that time alone moves on: they remind of a finding, they do not make it another.
    private static let levels = ["level"]

    /// Whether this finding says of the same thing only that it has reached a further level.
    public func isReminder(of before: Finding) -> Bool {
        var (then, now) = (before, self)
        for name in Self.levels {
            then.details[name] = nil
            now.details[name] = nil
        }
        then.severity = severity
        return then == now && before != self
    }

    public init(
        _ kind: FindingKind, account: String, subject: String, key: String? = nil, severity: Severity,
        amount: Money? = nil, direction: Direction = .none, money: String? = nil, deadline: Day? = nil,
        details: JSON = [:], evidence: [Evidence] = []
    ) {
        self.kind = kind
        self.account = account
        self.subject = subject
        self.key = key ?? ReferenceKey.of(subject)
        self.severity = severity
        self.currency = amount?.currency
        self.amount = amount?.minor
        self.direction = direction
        self.money = money
        self.deadline = deadline
        self.details = details
        self.evidence = evidence
    }

    /// The text whose SHA-256, first 32 hex digits, is the finding's id on every machine.
    public var fingerprint: String { "v1\0\(kind.rawValue)\0\(account)\0\(key)" }
}

public enum FindingState: String, Sendable { case open, resolved }

/// A finding as the ledger keeps it.
public struct RecordedFinding: Hashable, Sendable {
    public var id: String
    public var finding: Finding
    public var state: FindingState
    public var opened: Instant
    public var resolved: Instant?

    public init(id: String, finding: Finding, state: FindingState, opened: Instant, resolved: Instant?) {
        self.id = id
        self.finding = finding
        self.state = state
        self.opened = opened
        self.resolved = resolved
    }

    /// The contract's JSON object. `today` (the account's day) adds `details.days_late` where a due date is known, so
    /// that the passing of a day changes what is shown without changing what is recorded.
    public func write(to json: inout JSONText, today: Day?) {
        json.beginObject()
        json.member("id", id)
        json.member("kind", finding.kind.rawValue)
        json.member("account", finding.account)
        json.member("subject", finding.subject)
        json.member("state", state.rawValue)
        json.member("severity", finding.severity.rawValue)
        json.member("currency", finding.currency?.code)
        if let currency = finding.currency { json.member("amount", finding.amount, in: currency) }
        json.member("direction", finding.direction.rawValue)
        json.member("money", finding.money)
        json.member("opened", opened.description)
        json.key("resolved")
        if let resolved { json.value(resolved.description) } else { json.null() }
        json.member("deadline", finding.deadline)
        json.key("details")
        json.value(presentedDetails(today: today))
        json.key("evidence")
        json.beginArray()
        for item in finding.evidence {
            json.beginObject()
            json.member("sha256", item.sha256)
            json.member("file", item.file)
            json.member("at", item.at.description)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    /// Details with `days_late` counted to `today` (of a resolved finding the day on which it was resolved; nil: as they are), and of a late invoice its `bucket` (the column of an ageing table).
    public func presentedDetails(today: Day?) -> JSON {
        var details = finding.details
        if let today, let due = details["due"]?.string.flatMap({ Day(iso: $0) }),
            finding.kind == .paymentShort || finding.kind == .paymentLate
        {
            details["days_late"] = .number(Int64(max(0, today - due)))
            if finding.kind == .paymentLate { details["bucket"] = .string(AgeingBucket(days: today - due).rawValue) }
        }
        return details
    }
}

/// What happened to a finding.
public enum FindingEventKind: String, Sendable { case opened, changed, resolved, told, reminder }

/// One line of a finding's story, with the finding as it was then.
public struct FindingEvent: Hashable, Sendable {
    /// Ascending without gaps in the ledger.
    public var seq: Int64
    public var time: Instant
    public var event: FindingEventKind
    public var recorded: RecordedFinding
    public init(seq: Int64, time: Instant, event: FindingEventKind, recorded: RecordedFinding) {
        self.seq = seq
        self.time = time
        self.event = event
        self.recorded = recorded
    }
}

/// The languages digests speak.
public enum Language: String, Sendable, CaseIterable { case zh, en }

/// How people are told of one kind of finding, in both languages side by side. Texts are mustache templates over the
/// finding's fields: `subject`, `amount` (with currency), `account`, `deadline`, `details.…`.
public struct Wording: Sendable {
    public struct Both: Sendable {
        public var en: String
        public var zh: String
        public init(en: String, zh: String) {
            self.en = en
            self.zh = zh
        }
        public subscript(language: Language) -> String { language == .zh ? zh : en }
    }
    /// The kind's name as a heading or a table's caption: "Short-paid", 「少付」.
    public var title: Both
    /// One sentence that says what is wrong with this subject.
    public var sentence: Both
    /// One imperative: what to do.
    public var action: Both
    public init(title: Both, sentence: Both, action: Both) {
        self.title = title
        self.sentence = sentence
        self.action = action
    }
}

/// The columns of an ageing table, by days after the due date. The raw value is the same in every language.
enum AgeingBucket: String {
    case upTo30 = "1-30"
    case upTo60 = "31-60"
    case upTo90 = "61-90"
    case over90 = "over 90"

    /// - Parameter days: after the due date, at least 1.
    init(days: Int) { self = days <= 30 ? .upTo30 : days <= 60 ? .upTo60 : days <= 90 ? .upTo90 : .over90 }

}
