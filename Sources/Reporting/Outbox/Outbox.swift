import Glibc
import Synchronization
public import Trade

/// What can go wrong with the outbox.
public enum OutboxError: Error, Hashable, CustomStringConvertible {
    /// Not a plain file name: a slash, a control character, a leading dot, empty or too long.
    case name(String)
    /// No room. Nothing was placed.
    case diskFull(SystemFailure)
    case failed(SystemFailure)

    public var description: String {
        switch self {
        case .name(let name): "\(name.debugDescription) is no name for a message"
        case .diskFull(let failure): "\(failure); free some space, the message is made again"
        case .failed(let failure): "\(failure)"
        }
    }
}

/// What became of a message that was offered to the mail command.
public enum SendOutcome: Hashable, Sendable {
    /// Accepted, and filed under `outbox/sent`.
    case sent(name: String)
    /// Kept in `outbox/new`: exit 75, a timeout, a command that cannot start, an interrupted attempt.
    case later(name: String, reason: String, tries: Int, next: Instant)
    /// Refused, and filed under `outbox/failed`. `reason` is the exit code and the first lines the command wrote: raise
    /// `service.trouble` with it.
    case failed(name: String, reason: String)
    /// The command took the message, but it could not be filed. It is not offered again by this process; raise
    /// `service.trouble`, since after a restart it would be.
    case unfiled(name: String, reason: String)
}

/// Messages on their way: `outbox/new`, then `outbox/sent` or `outbox/failed`, each `DATE-GROUP.eml`.
///
/// A message is durable before it counts as placed, and no message ever takes the place of another one. What is in
/// `sent` is never sent again. Between the mail command's success and the rename to `sent` there is a moment in which a
/// crash makes the next start send a second time: no order of the two steps avoids that without risking a message that
/// is never sent at all. The copies carry the same `Message-ID`, so mail systems and people can tell.
public final class Outbox: Sendable {
    public enum Folder: String, Sendable, CaseIterable { case new, sent, failed }

    public enum Placed: Hashable, Sendable {
        case placed
        /// A message of this name is there already; it was left as it is.
        case kept(Folder, isSame: Bool)
    }

    /// A message larger than this is not ours.
    static let largest = 64 * 1024 * 1024

    /// `STATE/outbox`.
    public let path: String
    /// Names being offered to the command now, and names that were taken but could not be filed. Two overlapping calls
    /// of `send` must not offer one message twice.
    private let held = Mutex<Set<String>>([])

    /// Creates the folders, mode 0750, where they are missing.
    public init(state: String) throws(OutboxError) {
        path = state + "/outbox"
        do throws(SystemFailure) {
            for folder in [path] + Folder.allCases.map({ "\(state)/outbox/\($0.rawValue)" }) {
                guard mkdir(folder, 0o750) == 0 || errno == EEXIST else { throw SystemFailure("create folder", folder) }
            }
            try Posix.syncDirectory(path)
            try Posix.syncDirectory(state)
            try Self.sweep(path + "/new")
        } catch {
            throw Self.error(error)
        }
    }

    public func path(_ folder: Folder, _ name: String) -> String { "\(path)/\(folder.rawValue)/\(name)" }

    /// Puts a message into `new`, durably. Placing it again changes nothing, wherever it is by then.
    @discardableResult
    public func place(_ name: String, _ bytes: [UInt8]) throws(OutboxError) -> Placed {
        try Self.check(name)
        if let found = try find(name) { return .kept(found.folder, isSame: found.bytes == bytes) }
        let target = path(.new, name)
        let temporary = path(.new, ".\(name).tmp")
        do throws(SystemFailure) {
            unlink(temporary)
            let descriptor = try Posix.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            do throws(SystemFailure) {
                defer { close(descriptor) }
                try Posix.write(bytes, to: descriptor, path: temporary)
                try Posix.sync(descriptor, path: temporary)
                // unlike rename, link never replaces what is there
                guard link(temporary, target) == 0 else { throw SystemFailure("create", target) }
            } catch {
                unlink(temporary)
                throw error
            }
            unlink(temporary)
            try Posix.syncDirectory(path + "/new")
        } catch {
            throw Self.error(error)
        }
        return .placed
    }

    /// Names in `new`, in order.
    public func pending() throws(OutboxError) -> [String] {
        do throws(SystemFailure) {
            return try Self.names(path + "/new").filter { $0.hasSuffix(".eml") && !$0.hasPrefix(".") }.sorted()
        } catch {
            throw Self.error(error)
        }
    }

    /// A message as it was stored, wherever it is by now; nil if there is none of that name.
    public func find(_ name: String) throws(OutboxError) -> (folder: Folder, bytes: [UInt8])? {
        try Self.check(name)
        do throws(SystemFailure) {
            for folder in [Folder.sent, .new, .failed] {
                if let bytes = try Posix.contents(path(folder, name), limit: Self.largest) { return (folder, bytes) }
            }
            return nil
        } catch {
            throw Self.error(error)
        }
    }

    /// Offers every pending message whose time has come to a sendmail command, one after the other, the message on its
    /// standard input.
    /// - Parameters:
    ///   - command: program and arguments; no shell sees them. A program without a slash is looked up in the usual folders.
    ///   - timeout: then the command's whole process group is ended.
    ///   - now: decides whose back-off is over and when the next try is.
    public func send(using command: [String], timeout: Duration, now: Instant) async throws(OutboxError) -> [SendOutcome] {
        var outcomes: [SendOutcome] = []
        for name in try pending() {
            if Task.isCancelled { break }
            let retry = Retry.read(path(.new, Retry.name(name)))
            if let retry, retry.next > now, retry.next < now + Retry.longest * 2 { continue }
            guard held.withLock({ $0.insert(name).inserted }) else { continue }
            let outcome = await offer(name, command: command, timeout: timeout, now: now, tries: retry?.tries ?? 0)
            if case .unfiled = outcome {} else { _ = held.withLock { $0.remove(name) } }
            outcomes.append(outcome)
        }
        return outcomes
    }

    /// When the next kept message wants another try; nil if nothing is pending.
    public func nextTry(now: Instant) throws(OutboxError) -> Instant? {
        try pending().map { Retry.read(path(.new, Retry.name($0)))?.next ?? now }.min().map { max($0, now) }
    }

    private func offer(_ name: String, command: [String], timeout: Duration, now: Instant, tries: Int) async -> SendOutcome {
        // a copy left by a crash between link and unlink, or put there by hand
        if access(path(.sent, name), F_OK) == 0 {
            return file(
                name, under: .failed, as: name + ".again", outcome: .failed(name: name, reason: "a message of this name was sent already"))
        }
        switch await Sendmail.run(command, message: path(.new, name), timeout: timeout) {
        case .accepted: return file(name, under: .sent, as: name, outcome: .sent(name: name))
        case .refused(let reason): return file(name, under: .failed, as: name, outcome: .failed(name: name, reason: reason))
        case .postponed(let reason, let isAttempt):
            let retry = Retry(tries: tries + (isAttempt ? 1 : 0), after: now)
            // not being able to note the time of the next try only makes it come sooner
            retry.write(path(.new, Retry.name(name)))
            return .later(name: name, reason: reason, tries: retry.tries, next: retry.next)
        }
    }

    private func file(_ name: String, under folder: Folder, as target: String, outcome: SendOutcome) -> SendOutcome {
        do throws(SystemFailure) {
            if link(path(.new, name), path(folder, target)) != 0 && errno != EEXIST { throw SystemFailure("move", path(folder, target)) }
            try Posix.syncDirectory("\(path)/\(folder.rawValue)")
            unlink(path(.new, name))
            unlink(path(.new, Retry.name(name)))
            try Posix.syncDirectory(path + "/new")
            return outcome
        } catch {
            return .unfiled(name: name, reason: "\(error)")
        }
    }

    // MARK: Files

    private static func error(_ failure: SystemFailure) -> OutboxError { failure.isDiskFull ? .diskFull(failure) : .failed(failure) }

    private static func check(_ name: String) throws(OutboxError) {
        let isPlain = name.utf8.allSatisfy { $0 > 32 && $0 != 47 && $0 != 127 } && !name.hasPrefix(".") && name.hasSuffix(".eml")
        guard isPlain, name.utf8.count <= 200 else { throw .name(name) }
    }

    /// Half-written messages of a process that died.
    private static func sweep(_ folder: String) throws(SystemFailure) {
        for name in try names(folder) where name.hasPrefix(".") && name.hasSuffix(".tmp") { unlink("\(folder)/\(name)") }
    }

    private static func names(_ folder: String) throws(SystemFailure) -> [String] {
        guard let directory = opendir(folder) else { throw SystemFailure("list", folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// When a kept message is offered again: a small file beside it, so that a restart neither forgets nor hurries.
struct Retry: Equatable {
    /// Seconds: a minute, doubled with each try, at most an hour.
    static let shortest: Int64 = 60
    static let longest: Int64 = 3600

    var tries: Int
    var next: Instant

    init(tries: Int, next: Instant) {
        self.tries = tries
        self.next = next
    }

    init(tries: Int, after now: Instant) {
        self.tries = tries
        let doublings = min(max(tries - 1, 0), 6)
        next = now + min(Self.shortest << Int64(doublings), Self.longest)
    }

    static func name(_ message: String) -> String { ".\(message).retry" }

    /// nil if there is none or it cannot be read: then the message's time has come.
    static func read(_ path: String) -> Retry? {
        guard let bytes = try? Posix.contents(path, limit: 200) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let tries = Int(words[0]), let next = Instant(rfc3339: words[1]) else { return nil }
        return Retry(tries: tries, next: next)
    }

    func write(_ path: String) {
        guard let descriptor = try? Posix.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW) else { return }
        defer { close(descriptor) }
        try? Posix.write(Array("\(tries) \(next)\n".utf8), to: descriptor, path: path)
    }
}
