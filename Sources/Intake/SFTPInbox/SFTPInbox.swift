import SFTP
import Synchronization
public import Trade

/// How one poll of an SFTP inbox ended.
public struct RemotePoll: Sendable {
    /// Why it is not a success; files that were taken before it are taken all the same.
    public var failure: SourceFailure?
    /// Whose fault that is: true if the archive or the ledger would not take what the server gave.
    public var isHeldUpByUs = false
    /// It was told to stop before it was done: neither a success nor a failure.
    public var isCutShort = false
    /// Some path was listed whole: whatever else failed, the inbox is served, and what is said of its files is new.
    public var isServed = false
    /// Files that were committed in this poll.
    public var taken = 0
    /// Files on the server that were looked at, known ones and unknown ones.
    public var listed = 0
    /// Not yet settled, empty, or waiting for their done-file: name and the first look at them.
    public var unsettled: [(name: String, since: FileTime)] = []
    /// The soonest time at which a second look at some file is of use; nil if none waits for one.
    public var nextLook: FileTime?
    /// One line each, said once in a life: names and things that are not taken, files that could not be fetched.
    public var notices: [String] = []
    public init() {}
}

/// One SFTP inbox. It remembers, as long as it lives, what it saw; what it took is remembered by the ledger. It runs no
/// loop: the caller polls when it is due, on a thread that may block for as long as `SFTPSettings.deadline`, and never twice
/// at once.
public final class SFTPInbox: Sendable {
    public let settings: SFTPSettings
    private let start: @Sendable () throws(SourceFailure) -> any SFTPPeer
    private let memory = Mutex(SFTPMemory())

    /// - Parameter program: remitd itself, which is started as the child with `_sftp` as its only argument.
    public convenience init(_ settings: SFTPSettings, program: String = "/proc/self/exe") {
        self.init(settings) { () throws(SourceFailure) in try ChildProcess(program: program) }
    }

    init(_ settings: SFTPSettings, start: @escaping @Sendable () throws(SourceFailure) -> any SFTPPeer) {
        self.settings = settings
        self.start = start
    }

    /// Connects, lists, fetches what is settled and unknown, commits it, and only then tells the server.
    /// - Parameters:
    ///   - now: the machine's own clock, for the spacing of looks.
    ///   - isStopping: asked often; once it is true the poll ends at the next safe point, within a second.
    public func poll(
        now: FileTime, archive: Archive, records: some RemoteRecords, isStopping: @escaping @Sendable () -> Bool
    ) -> RemotePoll {
        var memory = memory.withLock { $0 }
        var result = RemotePoll()
        do throws(SessionEnd) {
            try poll(now, archive, records, &memory, &result, isStopping)
        } catch {
            switch error {
            case .failed(let failure): result.failure = failure
            case .negotiation(let text): result.failure = SourceFailure(.remote, text)
            case .ours(let failure):
                result.failure = failure
                result.isHeldUpByUs = true
            case .stopping: result.isCutShort = true
            }
        }
        self.memory.withLock { $0 = memory }
        return result
    }

    private func poll(
        _ now: FileTime, _ archive: Archive, _ records: some RemoteRecords, _ memory: inout SFTPMemory, _ result: inout RemotePoll,
        _ isStopping: @escaping @Sendable () -> Bool
    ) throws(SessionEnd) {
        let door = try door(isStopping)
        for text in door.trust.notices where memory.isNews(text) { result.note(text) }
        let session = try door.open(&memory) { result.note($0) }
        var poll = SFTPPoll(settings, archive: archive, records: records, now: now, session: session, memory: memory, result: result)
        defer {
            memory = poll.memory
            result = poll.result
        }
        do throws(SessionEnd) {
            try poll.run()
            session.quit()
        } catch {
            session.abandon()
            throw error
        }
    }

    private func door(
        mayBeUnknown: Bool = false, _ isStopping: @escaping () -> Bool, step: @escaping (String) -> Void = { _ in }
    ) throws(SessionEnd) -> SFTPDoor {
        let trust: HostTrust
        do {
            trust = try HostTrust(settings, mayBeMissing: mayBeUnknown)
        } catch {
            throw .failed(error)
        }
        return SFTPDoor(
            settings: settings, trust: trust, start: start, deadline: .now + settings.deadline, isStopping: isStopping, step: step)
    }

    /// The steps of `remitd check`, in order: network, host key, authentication, authorisation and listing of each path. Stops
    /// at the first that fails. Takes nothing and touches nothing.
    /// - Parameter step: is given one line as each step has been passed.
    public func check(_ step: (String) -> Void) throws(SourceFailure) {
        do throws(SessionEnd) {
            try withoutActuallyEscaping(step) { (step) throws(SessionEnd) in
                let door = try door({ false }, step: step)
                for text in door.trust.notices { step(text) }
                var memory = SFTPMemory()
                let session = try door.open(&memory, note: step)
                defer { session.quit() }
                try list(session, step)
            }
        } catch {
            throw SFTPInbox.failure(error, settings)
        }
    }

    private func list(_ session: SFTPSession, _ step: (String) -> Void) throws(SessionEnd) {
        for path in settings.paths {
            var sieve = SFTPSieve(settings)
            switch try session.list(Array(path.utf8), settings) {
            case .success(let entries): sieve.add(entries, root: Array(path.utf8))
            case .failure(let failure): throw .failed(failure)
            }
            let (count, odd) = (sieve.candidates.count, sieve.oddities.count)
            step("\(path): \(count) \(count == 1 ? "file" : "files") to look at" + (odd > 0 ? ", \(odd) not to be taken" : ""))
            for oddity in sieve.oddities.prefix(10) { step("\(Shown.path(oddity.path)): \(oddity.what)") }
        }
    }

    /// The server's present host keys, for `remitd trust-host`; nobody is authenticated.
    public func hostKeys() throws(SourceFailure) -> [PresentedHostKey] {
        do throws(SessionEnd) {
            let door = try door(mayBeUnknown: true, { false })
            return try door.hostKeys().map(door.trust.presented)
        } catch {
            throw SFTPInbox.failure(error, settings)
        }
    }

    /// Adds a key that a human said is right to the known hosts. What is there stays; a key that is there already is not added
    /// again.
    /// - Throws: if another key of that type is known for the server (which line to remove), if the file cannot be
    ///   written, or if the configuration pins the key instead.
    public func trust(_ key: PresentedHostKey) throws(SourceFailure) { try HostTrust.add(key, settings) }

    private static func failure(_ end: SessionEnd, _ settings: SFTPSettings) -> SourceFailure {
        switch end {
        case .failed(let failure), .ours(let failure): failure
        case .negotiation(let text): SourceFailure(.remote, text)
        case .stopping: SourceFailure(.remote, "\(settings.place): stopped")
        }
    }
}

/// A host key that a server showed.
public struct PresentedHostKey: Hashable, Sendable {
    /// `ssh-ed25519`, …
    public var type: String
    /// `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it.
    public var fingerprint: String
    /// The line for a known_hosts file, without a line end.
    public var knownHostsLine: String
    /// Whether the configured trust accepts it.
    public var isTrusted: Bool
}
