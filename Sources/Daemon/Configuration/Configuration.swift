public import Formats
public import Trade

/// Everything `remitd.yaml` says, checked, with its defaults filled in (contract section 2). Paths are absolute,
/// durations are seconds, lists of days are sorted.
///
/// ``load(path:)`` reads a file; ``standard`` is what commands that need no state run on without one.
public struct Configuration: Hashable, Sendable {
    /// The file it was read from; nil for ``standard``.
    public var file: String?
    /// The state folder: `remitd.sqlite`, `archive/`, `outbox/`, `spool/`, `inbox/`, `lock`.
    public var state: String
    /// IANA zone of schedules, digests and `--as-of DATE`. Default `UTC`.
    public var timeZone: String
    /// What the rules need of each account; never empty in a loaded configuration, ids are unique.
    public var accounts: [AccountRules]
    /// In the order of the file; ids are unique. Never empty in a loaded configuration.
    public var sources: [SourceConfiguration]
    public var agreements: [Agreement]
    public var tolerance: MatchTolerance
    public var match: Match
    /// Days before a deadline on which it is told, descending.
    public var deadlineWarnDays: [Int]
    public var recovery: Recovery
    public var chargebacks: Chargebacks
    public var creditMemos: CreditMemos
    /// Users' own layouts, in the order of their files' names.
    public var layouts: [Layout]
    /// The alert log. Default `alerts.jsonl` in the state folder.
    public var alerts: String
    public var digests: [DigestConfiguration]
    /// Nil: messages stay in `outbox/new`.
    public var mail: MailConfiguration?
    /// In words, each setting that is written in the file and has no effect yet.
    public var withoutEffect: [String]

    public init(
        file: String? = nil, state: String = Configuration.standardState, timeZone: String = "UTC",
        accounts: [AccountRules] = [], sources: [SourceConfiguration] = [],
        agreements: [Agreement] = [], tolerance: MatchTolerance = MatchTolerance(), match: Match = Match(),
        deadlineWarnDays: [Int] = [21, 14, 7, 3, 1], recovery: Recovery = Recovery(),
        chargebacks: Chargebacks = Chargebacks(), creditMemos: CreditMemos = CreditMemos(), layouts: [Layout] = [], alerts: String? = nil,
        digests: [DigestConfiguration] = [], mail: MailConfiguration? = nil, withoutEffect: [String] = []
    ) {
        self.file = file
        self.state = state
        self.timeZone = timeZone
        self.accounts = accounts
        self.sources = sources
        self.agreements = agreements
        self.tolerance = tolerance
        self.match = match
        self.deadlineWarnDays = deadlineWarnDays
        self.recovery = recovery
        self.chargebacks = chargebacks
        self.creditMemos = creditMemos
        self.layouts = layouts
        self.alerts = alerts ?? state + "/alerts.jsonl"
        self.digests = digests
        self.mail = mail
        self.withoutEffect = withoutEffect
    }

    public static let standardPath = "/etc/remitd/remitd.yaml"
    public static let standardState = "/var/lib/remitd"

    /// The defaults alone: no account, no source.
    public static let standard = Configuration()

    public func account(_ id: String) -> AccountRules? { accounts.first { $0.id == id } }
    public func source(_ id: String) -> SourceConfiguration? { sources.first { $0.id == id } }

    /// What is read, by built-in and the users' own layouts.
    public var formats: Formats { Formats(layouts: allLayouts) }

    /// The users' own, and the built-in ones that none of them replaces.
    public var allLayouts: [Layout] {
        let own = Set(layouts.map(\.name))
        return layouts + Layout.builtIn.filter { !own.contains($0.name) }
    }

    /// The language of texts that no recipient was chosen for (reason files beside rejected ones): the first digest's.
    public var language: Language { digests.first?.language ?? .en }
}

/// What may differ between invoice, order and receipt. The tolerance on amounts is in `AccountRules.tolerance`.
public struct MatchTolerance: Hashable, Sendable {
    /// Percent of the invoiced quantity.
    public var quantityPercent: ExactDecimal
    /// In the currency of the invoice; unit prices may have more decimals than the currency.
    public var unitPrice: ExactDecimal
    public init(quantityPercent: ExactDecimal = ExactDecimal(2), unitPrice: ExactDecimal = ExactDecimal(0)) {
        self.quantityPercent = quantityPercent
        self.unitPrice = unitPrice
    }
}

public struct Match: Hashable, Sendable {
    /// Days after the last receipt on which an order is judged.
    public var settleDays: Int
    public init(settleDays: Int = 14) { self.settleDays = settleDays }
}

public struct Recovery: Hashable, Sendable {
    public var recoverDays: Int
    public var staleDays: Int
    public var provisionDays: Int
    public init(recoverDays: Int = 45, staleDays: Int = 30, provisionDays: Int = 14) {
        self.recoverDays = recoverDays
        self.staleDays = staleDays
        self.provisionDays = provisionDays
    }
}

public struct Chargebacks: Hashable, Sendable {
    /// Seconds.
    public var rescanEvery: Int
    public var windowDays: Int
    public var withdrawnStatuses: [String]
    public var disputedStatuses: [String]
    public init(
        rescanEvery: Int = 6 * 3600, windowDays: Int = 90,
        withdrawnStatuses: [String] = ["Reversed", "Withdrawn", "Cancelled", "Waived"],
        disputedStatuses: [String] = ["Disputed", "In dispute"]
    ) {
        self.rescanEvery = rescanEvery
        self.windowDays = windowDays
        self.withdrawnStatuses = withdrawnStatuses
        self.disputedStatuses = disputedStatuses
    }
}

public struct CreditMemos: Hashable, Sendable {
    public enum Issuer: String, Sendable, CaseIterable { case us, retailer, none }
    public var issuedBy: Issuer
    public var submitDays: Int
    /// Descending.
    public var warnDays: [Int]
    public var applyDays: Int
    public var expireDays: Int
    public init(
        issuedBy: Issuer = .us, submitDays: Int = 30, warnDays: [Int] = [10, 5, 2, 0], applyDays: Int = 30,
        expireDays: Int = 90
    ) {
        self.issuedBy = issuedBy
        self.submitDays = submitDays
        self.warnDays = warnDays
        self.applyDays = applyDays
        self.expireDays = expireDays
    }
}

/// One digest: who gets it, when, in which language, about which accounts.
public struct DigestConfiguration: Hashable, Sendable {
    /// Name of the recipient group in `outbox/new/DATE-GROUP.eml`: made of the recipients' addresses, unique among the
    /// digests, only letters, digits, dots, dashes and `_`.
    public var group: String
    /// Addresses, never empty.
    public var to: [String]
    /// In `Configuration.timeZone`, every day.
    public var at: TimeOfDay
    public var language: Language
    /// Account ids; never empty (default: all of them).
    public var accounts: [String]
    public init(group: String, to: [String], at: TimeOfDay, language: Language, accounts: [String]) {
        self.group = group
        self.to = to
        self.at = at
        self.language = language
        self.accounts = accounts
    }
}

public struct MailConfiguration: Hashable, Sendable {
    public var from: String
    /// Command and arguments, run without a shell. Never empty. A command without a slash is looked for in PATH.
    public var sendmail: [String]
    public init(from: String, sendmail: [String]) {
        self.from = from
        self.sendmail = sendmail
    }
}
