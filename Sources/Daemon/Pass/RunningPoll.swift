import Glibc
import Intake
import Ledger
import Synchronization
import Trade

/// One poll of a server, on a thread of its own: it blocks for up to an hour, and neither the worker's thread nor one of the
/// cooperative pool (as wide as the machine has cores) can be spared for that.
final class RunningPoll: Sendable {
    /// The parent's side of a poll keeps its buffers on the heap; a megabyte is far more than its frames need.
    private static let stackSize = 1 << 20

    /// After its deadline a poll has its last group to commit: a slow disk is not yet a fault.
    private static let grace = Duration.seconds(300)

    private let outcome = Mutex<RemotePoll?>(nil)
    private let isCancelled = Atomic<Bool>(false)
    private let began = ContinuousClock.now
    let records: LedgerRecords

    init(records: LedgerRecords) { self.records = records }

    /// How it ended; nil while it runs.
    var result: RemotePoll? { outcome.withLock { $0 } }

    /// Whether it should have ended by itself long ago. - Parameter deadline: of the source.
    func isOverdue(_ deadline: Duration) -> Bool { ContinuousClock.now - began > deadline + Self.grace }

    /// Asks it to end at the next safe point, within a second.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// - Parameter whenDone: called on the poll's thread when `result` is there.
    func start(_ inbox: SFTPInbox, archive: Archive, stop: StopFlag, whenDone: @escaping @Sendable () -> Void = {}) {
        let work = Work {
            // the daemon's signals are for other threads: here they would only cut calls short
            var signals = sigset_t()
            sigemptyset(&signals)
            for signal in [SIGTERM, SIGINT, SIGHUP, SIGALRM, SIGCHLD, SIGUSR1, SIGUSR2] { sigaddset(&signals, signal) }
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            let poll = inbox.poll(now: FileTime.now(), archive: archive, records: self.records) {
                // looked at, not counted: that a server is waited for must not feed the watchdog
                stop.isSet || self.isCancelled.load(ordering: .relaxed)
            }
            self.outcome.withLock { $0 = poll }
            whenDone()
        }
        // allocated, not initialised: the compiler finds the type's initialiser only in libdispatch's own module
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_attr_init(attributes)
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(attributes, Self.stackSize)
        let handle = Unmanaged.passRetained(work)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, attributes,
            { handle in
                if let handle { Unmanaged<Work>.fromOpaque(handle).takeRetainedValue().body() }
                return nil
            }, handle.toOpaque())
        guard failure != 0 else { return }
        handle.release()
        var poll = RemotePoll()
        poll.failure = SourceFailure(.remote, "no thread could be started for it: \(String(cString: strerror(failure)))")
        outcome.withLock { $0 = poll }
        whenDone()
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// The ledger as the poll of one source sees it.
final class LedgerRecords: RemoteRecords {
    private let ledger: Ledger
    private let source: String
    private let account: String
    /// What arrivals are stamped with.
    private let clock: Clock
    private let lastError = Mutex<LedgerError?>(nil)

    init(_ ledger: Ledger, source: String, account: String, clock: Clock) {
        self.ledger = ledger
        self.source = source
        self.account = account
        self.clock = clock
    }

    /// Why the ledger would not take what the server gave.
    var error: LedgerError? { lastError.withLock { $0 } }

    func areKnown(_ files: [RemoteFile]) throws -> [Bool] {
        try noting { () throws(LedgerError) in try ledger.areKnown(files, from: source) }
    }

    func receive(_ files: [FetchedRemoteFile], isFinal: Bool) throws {
        try noting { () throws(LedgerError) in
            try ledger.receiveRemote(files, from: source, account: account, isFinal: isFinal, at: clock.now)
        }
    }

    func unacknowledged() throws -> [RemoteFile] {
        try noting { () throws(LedgerError) in try ledger.unacknowledgedRemote(from: source) }
    }

    func acknowledge(_ files: [RemoteFile]) throws {
        try noting { () throws(LedgerError) in try ledger.acknowledgeRemote(files, from: source) }
    }

    private func noting<T>(_ body: () throws(LedgerError) -> T) throws -> T {
        do { return try body() } catch {
            lastError.withLock { $0 = error }
            throw error
        }
    }
}
