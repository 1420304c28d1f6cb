import Dispatch
import Foundation
import Intake
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
    /// Nothing falls due before, as far as is known now.
    var pause = WorkService.idle
}

/// Owns the pass of a running daemon.
public actor Worker {
    private let executor = QueueExecutor()
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    public nonisolated let stop: StopFlag
    /// Rings when there is something to do before its time.
    nonisolated let bell = Bell()
    private let configurationPath: String
    private let log: Logger
    private let clock: Clock
    private var pass: Pass?
    private var interrupt: (@Sendable () -> Void)?
    private var lastQuestion: Instant?
    private var ringing: (any DispatchSourceRead)?

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
        pass.ring = { [bell] in bell.ring() }
        if let watch = pass.startWatching() { ringing = Self.ring(bell, for: watch) }
        let ledger = pass.ledger
        return { ledger.interrupt() }
    }

    /// Rings when a folder has something to say.
    private static func ring(_ bell: Bell, for watch: FolderWatch) -> any DispatchSourceRead {
        let source = DispatchSource.makeReadSource(fileDescriptor: watch.descriptor, queue: .global())
        source.setEventHandler {
            // read here, or it would be called again at once
            watch.drain()
            bell.ring()
        }
        // the descriptor must outlive the source
        source.setCancelHandler { withExtendedLifetime(watch) {} }
        source.resume()
        return source
    }

    /// One bounded step of the daemon's work. Each part is tried whatever became of the one before it, so that no
    /// trouble of one silences the others. - Throws: what cannot heal.
    public func tick() throws -> Tick {
        guard let pass, !stop.isStopping else { return Tick(isBusy: false, status: "stopping") }
        let now = clock.now
        var trouble: String?
        func part(_ body: () throws -> Void) throws {
            guard !stop.isStopping else { return }
            do {
                try body()
            } catch let error as LedgerError where error.kind == .interrupted && stop.isStopping {
                return
            } catch {
                try pass.bear(error, now: now)
                trouble = trouble ?? "\(error)"
            }
        }
        var busy = false
        try part { try pass.begin(now: now) }
        try part { try pass.lookAround(now: now) }
        try part { try pass.pollDue(now: now) }
        try part { try pass.pollRemotes(now: now, clock: clock) }
        try part { busy = try pass.readSome(now: now) }
        try part { try pass.acknowledge(now: now) }
        try part { try pass.wakeDue(now: now) }
        try part { busy = try pass.evaluateSome(now: now) || busy }
        try part { try pass.writeAlerts(now: now) }
        if !busy {
            // a digest tells of what is judged, not of half a file
            try part { try pass.makeDigests(now: now) }
            try part { try pass.ledger.setLastAsOfOnceAMinute(now, &lastQuestion) }
        }
        if stop.isStopping { return Tick(isBusy: false, status: "stopping") }
        pass.settleTroubles(now: now)
        if let trouble { return Tick(isBusy: false, status: "in trouble: \(trouble)") }
        return Tick(isBusy: busy, status: pass.watched, pause: pass.pause(atMost: WorkService.idle))
    }

    /// A real query, for the watchdog.
    public func ping() throws { try pass?.ledger.ping() }

    /// Reads the configuration again; a bad file keeps the old one and becomes a finding.
    public func reload() {
        guard let pass else { return }
        defer { bell.ring() }
        let now = clock.now
        pass.reopenLog(now: now)
        do {
            let fresh = try Configuration.load(path: configurationPath)
            guard fresh.state == pass.configuration.state, fresh.alerts == pass.configuration.alerts else {
                return pass.trouble(.configuration, "not reloaded: 'state' and 'alerts' change only with a restart", at: now)
            }
            try pass.folder.create(accounts: fresh.accounts.map(\.id))
            pass.configuration = fresh
            pass.formats = fresh.formats
            pass.openInboxes()
            pass.forgetFolders()
            try pass.rulesMayHaveChanged()
            try pass.forgetSources(now: now)
            pass.over(.configuration, at: now)
            log.notice("configuration reloaded")
        } catch let errors as ConfigurationErrors {
            pass.trouble(.configuration, "not reloaded, the old one stays: " + errors.lines.joined(separator: "; "), at: now)
        } catch {
            pass.trouble(.configuration, "not reloaded: \(error)", at: now)
        }
    }

    /// What mail there is to send, and how.
    func mail() -> (outbox: Outbox, command: [String])? {
        guard let pass, let mail = pass.configuration.mail else { return nil }
        return (pass.outbox, mail.sendmail)
    }

    func noteMail(_ verdict: MailRound.Verdict) { pass?.noteMail(verdict, at: clock.now) }

    /// Lets go of the lock and the database.
    public func close() {
        ringing?.cancel()
        ringing = nil
        pass?.stopRemotes()
        pass = nil
    }
}
