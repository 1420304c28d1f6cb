import Formats
import Foundation
import Intake
import Ledger
import Logging
import Reconciliation
import Reporting
import Synchronization
import Trade

/// What stops long work: set once, from any thread.
public final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    /// Counts steps of work that got somewhere; the watchdog is fed when it moves.
    private let steps = Atomic<Int>(0)
    public init() {}
    public func stop() { flag.store(true, ordering: .relaxed) }
    public var isStopping: Bool {
        steps.add(1, ordering: .relaxed)
        return flag.load(ordering: .relaxed)
    }
    /// Without counting as a step: for those who wait for others.
    public var isSet: Bool { flag.load(ordering: .relaxed) }
    public var progress: Int { steps.load(ordering: .relaxed) }
}

/// A file or source that failed in a pass, for standard error.
public struct PassTrouble: Sendable, CustomStringConvertible {
    public var description: String
}

/// All the work of remitd on one state folder, step by step: poll, archive, read, judge, tell. `sync` runs every step
/// once; the daemon runs them over and over. Confined to one thread at a time; no step asks for the time.
final class Pass {
    var configuration: Configuration
    /// What is read, with the users' layouts.
    var formats: Formats
    let folder: StateFolder
    let ledger: Ledger
    let archive: Archive
    let outbox: Outbox
    var alertLog: AlertLog
    let stop: StopFlag
    let log: Logger
    /// What the owner of the terminal sees of each alert and digest; nil for a service.
    var announce: (@Sendable (String) -> Void)?
    private let lock: StateLock

    var inboxes: [PolledFolder] = []
    var watching = Watching()
    /// Says, from any thread, that there is something to do at once.
    var ring: @Sendable () -> Void = {}
    var remotes: [PolledRemote] = []
    /// Polls of sources that are configured no longer, or otherwise now, until they have ended.
    var leaving: [(source: String, poll: RunningPoll)] = []
    /// Files that were taken and whose sources wait to be told, by booking.
    var waiting: [Int64: [WaitingFile]] = [:]
    /// Bookings that came to an outcome since sources were last told.
    var finished: Set<Int64> = []
    /// When all that waits was last looked through.
    var lookedThrough: Instant?
    /// Bookings whose reading begun is on record in this life.
    var begun: Set<Int64> = []
    /// Bookings that could not be read for reasons that are not theirs, and when they are tried again.
    var deferred: [Int64: (until: Instant, trouble: Trouble)] = [:]
    /// Files and sources that failed in this pass.
    var troubles: [PassTrouble] = []
    /// What was kept of files and not read, by booking, until their outcome is told.
    var unread: [Int64: [String]] = [:]
    /// Troubles of remitd itself that are told and not yet over, and those that this tick has met.
    var standing: [Trouble: StandingTrouble] = [:]
    var metTroubles: Set<Trouble> = []
    var hasBegun = false
    var lookedAround: Instant?
    /// The alert log could not be opened again at its path.
    var logIsElsewhere = false
    let foreignLog: String?
    /// By group, the day whose digest lies in the outbox for certain.
    var placedDigests: [String: Day] = [:]

    /// Takes the lock and opens everything. - Throws: `StateError`, `LedgerError`, `FileFailure`, `AlertLogError`.
    init(_ configuration: Configuration, stop: StopFlag, log: Logger) throws {
        self.configuration = configuration
        formats = configuration.formats
        self.stop = stop
        self.log = log
        folder = StateFolder(configuration.state)
        try folder.create(accounts: configuration.accounts.map(\.id))
        lock = try StateLock(folder)
        archive = try Archive(state: folder.path)
        outbox = try Outbox(state: folder.path)
        ledger = try Ledger(path: folder.database, fingerprint: { Fingerprint.of($0) })
        var foreign: String?
        alertLog = try Self.openLog(configuration.alerts, ledger, foreign: &foreign)
        foreignLog = foreign
        if let crashed = CrashNote.takeOver(folder.crashNote) { try ledger.recordCrash(of: crashed) }
        // what a dead life left half-written in the spool is nobody's: the lock is ours
        _ = try archive.sweepSpool(olderThan: FileTime.now())
        try rulesMayHaveChanged()
        openInboxes()
    }

    /// New settings may judge old cases differently: all are evaluated again when the rules' settings changed.
    func rulesMayHaveChanged() throws {
        try ledger.noteRules(Self.settingsFingerprint(configuration))
    }

    /// Of every setting that a rule can see.
    static func settingsFingerprint(_ configuration: Configuration) -> String {
        Fingerprint.of(configuration.accounts.map(\.settingsText).joined(separator: "\n"))
    }

    func zone(_ account: String) -> CivilZone {
        configuration.account(account).flatMap { CivilZone($0.timeZone) } ?? CivilZone(configuration.timeZone) ?? .utc
    }

    func today(_ account: String, at now: Instant) -> Day? {
        guard configuration.account(account) != nil else { return nil }
        return zone(account).day(of: now)
    }
}

extension AccountRules {
    /// Every setting a rule can see, in an order that does not change from process to process.
    var settingsText: String {
        var parts = [
            "2", id, marketplace, currency.code, discountBase.rawValue, timeZone, opening?.description ?? "", String(graceDays),
            "\(lateLevels)",
            String(unmatchedDays), terms.map { "\($0)" } ?? "",
        ]
        parts += [
            invoicePattern?.text ?? "", businessDays?.settingsText ?? "", "\(quantityTolerance)", "\(unitPriceTolerance)",
            String(settleDays), String(provisionDays),
            "\(references)",
            "\(agreements)", matchBy.map(\.rawValue).joined(separator: " "),
        ]
        parts += tolerance.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        parts += windows.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key)=\($0.value)" }
        return parts.joined(separator: "|")
    }
}

extension BusinessDays {
    /// Sets have no order of their own.
    fileprivate var settingsText: String {
        "\(shift) \(weekend.map(\.rawValue).sorted()) \(holidays.sorted().map(\.description))"
    }
}

/// Text for terminals and logs: control, bidirectional and line-separating characters are escaped.
public enum Plain {
    public static func text(_ text: String) -> String {
        var plain = ""
        for scalar in text.unicodeScalars {
            if isOdd(scalar) { plain += "\\u{\(String(scalar.value, radix: 16))}" } else { plain.unicodeScalars.append(scalar) }
        }
        return plain
    }

    static func isOdd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<32, 127..<160, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
