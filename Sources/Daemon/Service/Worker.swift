import Dispatch
import Foundation
import Ledger
public import Logging
import Reporting
import Trade

/// Runs its jobs one after another on a thread of its own: SQLite, fsync and folders block, and a blocked thread of the
/// cooperative pool (as wide as the machine has cores) would stop the watchdog.
final class QueueExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "remitd.work")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// What one `tick` found to do.
public struct Tick: Sendable {
    /// More is waiting: tick again at once.
    public var isBusy: Bool
    public var status: String
}

/// Owns the pass of a running daemon.
public actor Worker {
    private let executor = QueueExecutor()
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    public nonisolated let stop: StopFlag
    private let configurationPath: String
    private let log: Logger
    private let clock: Clock
    private var pass: Pass?
    private var interrupt: (@Sendable () -> Void)?
    private var lastQuestion: Instant?

    public init(configurationPath: String, clock: Clock = .machine, stop: StopFlag, log: Logger) {
        self.configurationPath = configurationPath
        self.clock = clock
        self.stop = stop
        self.log = log
    }

    /// Opens the state. - Throws: `ConfigurationErrors`, `StateError` and the other errors of `Pass`.
    public func open(announce: (@Sendable (String) -> Void)?) throws -> (@Sendable () -> Void) {
        let configuration = try Configuration.load(path: configurationPath)
        let pass = try Pass(configuration, stop: stop, log: log)
        pass.announce = announce
        self.pass = pass
        let ledger = pass.ledger
        return { ledger.interrupt() }
    }

    /// One bounded step of the daemon's work.
    public func tick() throws -> Tick {
        guard let pass, !stop.isStopping else { return Tick(isBusy: false, status: "stopping") }
        let now = clock.now
        pass.troubles = []
        do {
            try pass.pollDue(now: now)
            var busy = try pass.readSome(now: now)
            try pass.acknowledge()
            try pass.wakeDue(now: now)
            busy = try pass.evaluateSome(now: now) || busy
            try pass.writeAlerts(now: now)
            if !busy {
                // a digest tells of what is judged, not of half a file
                try pass.makeDigests(now: now)
                try pass.ledger.setLastAsOfOnceAMinute(now, &lastQuestion)
            }
            pass.settleTroubles(now: now)
            return Tick(isBusy: busy, status: "\(pass.inboxes.count) folders watched")
        } catch let error as LedgerError where error.kind == .interrupted && stop.isStopping {
            return Tick(isBusy: false, status: "stopping")
        } catch {
            try pass.bear(error, now: now)
            return Tick(isBusy: false, status: "in trouble: \(error)")
        }
    }

    /// A real query, for the watchdog.
    public func ping() throws { try pass?.ledger.ping() }

    /// Reads the configuration again; a bad file keeps the old one and becomes a finding.
    public func reload() {
        guard let pass else { return }
        let now = clock.now
        do throws(AlertLogError) { try pass.alertLog.reopen() } catch { pass.trouble("alert log", "\(error)", at: now) }
        do {
            let fresh = try Configuration.load(path: configurationPath)
            guard fresh.state == pass.configuration.state, fresh.alerts == pass.configuration.alerts else {
                return pass.trouble("configuration", "not reloaded: 'state' and 'alerts' change only with a restart", at: now)
            }
            pass.configuration = fresh
            try pass.folder.create(accounts: fresh.accounts.map(\.id))
            try pass.rulesMayHaveChanged()
            pass.openInboxes()
            pass.trouble("configuration", nil, at: now)
            log.notice("configuration reloaded")
        } catch let errors as ConfigurationErrors {
            pass.trouble("configuration", "not reloaded, the old one stays: " + errors.lines.joined(separator: "; "), at: now)
        } catch {
            pass.trouble("configuration", "not reloaded: \(error)", at: now)
        }
    }

    /// What mail there is to send, and how.
    func mail() -> (outbox: Outbox, command: [String])? {
        guard let pass, let mail = pass.configuration.mail else { return nil }
        return (pass.outbox, mail.sendmail)
    }

    func mailTrouble(_ text: String?) { pass?.trouble("mail", text, at: clock.now) }

    /// Lets go of the lock and the database.
    public func close() { pass = nil }
}

extension Pass {
    /// Troubles of ours that a good pass ends.
    func settleTroubles(now: Instant) {
        for what in ["disk", "database", "alert log", "digest", "archive"] where openTroubles.remove(what) != nil {
            trouble(what, nil, at: now)
        }
    }

    /// Bears an error that the next tick may not meet again: told as a finding, and tried again. What cannot heal is
    /// thrown on, ends the process, and systemd starts it anew.
    func bear(_ error: any Error, now: Instant) throws {
        switch error {
        case let error as LedgerError where error.kind == .full: trouble("disk", "the database cannot be written: \(error)", at: now)
        case let error as LedgerError where error.kind == .corrupt || error.kind == .permission: throw error
        case let error as LedgerError: trouble("database", "\(error)", at: now)
        case let error as AlertLogError: trouble("alert log", "\(error)", at: now)
        case let error as DigestError: trouble("digest", "\(error)", at: now)
        default: trouble("database", "\(error)", at: now)
        }
    }
}
