import Foundation
import Intake
import Ledger
import Logging
import Trade

/// An SFTP inbox, when it is due, and what was last said of it.
struct PolledRemote {
    var source: SourceConfiguration
    var server: SFTPSource
    /// It remembers, as long as it lives, what it saw on the server.
    let inbox: SFTPInbox
    var account: String?
    var lastPoll: Instant?
    var nextPoll: Instant?
    var failures = 0
    /// Nothing was taken because the archive or the database would not have it.
    var isHeldUpByUs = false
    var running: RunningPoll?
    var standing = SourceStanding()

    /// A clock that was set back must not make it wait for the time to come round again.
    func isDue(_ now: Instant) -> Bool {
        guard running == nil else { return false }
        guard let nextPoll, let lastPoll, now >= lastPoll else { return true }
        return nextPoll <= now
    }
}

extension Pass {
    /// Polls that run at once, each with a thread, a child process and what the child holds of a file: some 20 MiB. More servers
    /// than that take turns; one that does not answer gives its place back after `timeout`.
    static let mostPolls = 4
    /// A stop waits so long for polls to end by themselves. Their children end anyway, with the socket to this process.
    private static let stopping = Duration.seconds(3)

    /// SFTP sources as configured. One that has not changed keeps what it saw, and if it fails it is asked again at once; the running
    /// poll of one that has is told to stop, and the next waits for that.
    func openRemotes() {
        let before = Dictionary(remotes.map { ($0.source, $0) }, uniquingKeysWith: { $1 })
        let credentials = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
        var kept: Set<String> = []
        let opened = configuration.sources.compactMap { source -> PolledRemote? in
            guard case .sftp(let server) = source.kind else { return nil }
            if var known = before[source] {
                kept.insert(source.id)
                if known.failures > 0 { known.nextPoll = nil }
                return known
            }
            return PolledRemote(
                source: source, server: server, inbox: SFTPInbox(server.settings(id: source.id, credentials: credentials)),
                account: source.account)
        }
        for remote in remotes where !kept.contains(remote.source.id) {
            guard let running = remote.running else { continue }
            running.cancel()
            leaving.append((remote.source.id, running))
        }
        remotes = opened
    }

    /// Takes up polls that have ended, and starts those that are due.
    func pollRemotes(now: Instant, clock: Clock) throws {
        leaving.removeAll { $0.poll.result != nil }
        for index in remotes.indices {
            guard let running = remotes[index].running else { continue }
            if let poll = running.result {
                try end(index, poll, now: now)
            } else if running.isOverdue(remotes[index].inbox.settings.deadline) {
                try tellOverdue(index, now: now)
            }
        }
        var free = Self.mostPolls - leaving.count - remotes.count { $0.running != nil }
        // who waits longest goes first
        let due = remotes.indices.filter { remotes[$0].isDue(now) }
            .sorted { (remotes[$0].nextPoll?.seconds ?? 0, $0) < (remotes[$1].nextPoll?.seconds ?? 0, $1) }
        for index in due where free > 0 && !stop.isStopping {
            if leaving.contains(where: { $0.source == remotes[index].source.id }) { continue }
            try start(index, now: now, clock: clock, whenDone: ring)
            if remotes[index].running != nil { free -= 1 }
        }
    }

    /// - Parameter clock: stamps what arrives while it runs.
    private func start(_ index: Int, now: Instant, clock: Clock, whenDone: @escaping @Sendable () -> Void = {}) throws {
        let remote = remotes[index]
        if let obstacle = obstacle(remote.server) {
            var poll = RemotePoll()
            poll.failure = obstacle
            defer { whenDone() }
            return try end(index, poll, now: now)
        }
        let records = LedgerRecords(ledger, source: remote.source.id, account: remote.account ?? soleAccount ?? "", clock: clock)
        let running = RunningPoll(records: records)
        remotes[index].running = running
        running.start(remote.inbox, archive: archive, stop: stop, whenDone: whenDone)
    }

    /// A poll keeps its own deadline. If ever one does not, that must not be silence: nothing else would say that the source stands still.
    private func tellOverdue(_ index: Int, now: Instant) throws {
        let remote = remotes[index]
        let failure = SourceFailure(
            .remote, "a poll has gone on far beyond its deadline and cannot be ended from inside; restart remitd and report it")
        remotes[index].standing = try record(
            SourceOutcome(id: remote.source.id, kind: "sftp", account: remote.account, failure: failure, next: now), remote.standing,
            now: now)
    }

    /// A secret that cannot be used is looked for at each poll: it may come without a reload.
    private func obstacle(_ server: SFTPSource) -> SourceFailure? {
        let credentials = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
        for (key, secret) in server.secrets {
            if let obstacle = secret.obstacle(credentials: credentials) { return SourceFailure(.auth, "\(key): \(obstacle)") }
        }
        return nil
    }

    /// The end of every poll of a server, and the only one: its outcome, the time of the next, what is on record.
    private func end(_ index: Int, _ poll: RemotePoll, now: Instant) throws {
        let id = remotes[index].source.id
        let error = remotes[index].running?.records.error
        remotes[index].running = nil
        remotes[index].failures = poll.failure == nil ? 0 : remotes[index].failures + 1
        remotes[index].isHeldUpByUs = poll.isHeldUpByUs
        remotes[index].lastPoll = now
        var generator = SystemRandomNumberGenerator()
        let next = RemoteSchedule.next(
            after: poll, failures: remotes[index].failures, every: remotes[index].source.every, now: now, by: &generator)
        remotes[index].nextPoll = next
        for notice in poll.notices { log.warning("source \(id): \(Plain.text(notice))") }
        if poll.isHeldUpByUs {
            if let error, error.kind != .full {
                trouble(.database, "\(error)", at: now)
            } else {
                trouble(
                    .disk, error.map { "the database cannot be written: \($0)" } ?? poll.failure?.text ?? "it cannot be written", at: now)
            }
        }
        remotes[index].standing = try record(
            SourceOutcome(
                id: id, kind: "sftp", account: remotes[index].account, failure: poll.failure, unsettled: poll.unsettled,
                sawFiles: poll.isServed, took: poll.taken > 0, next: next, keepsWords: true),
            remotes[index].standing, now: now)
    }

    /// What the daemon does, for people who ask systemd.
    var watched: String {
        let servers = remotes.isEmpty ? "" : ", \(remotes.count) server\(remotes.count == 1 ? "" : "s") polled"
        return "\(inboxes.count) folders watched" + servers
    }

    // MARK: sync

    /// Polls servers once, side by side, and again those where a file waits for its second look.
    func pollRemotesOnce(sources: Set<String>?, now: Instant) async throws {
        let chosen = remotes.indices.filter { sources?.contains(remotes[$0].source.id) ?? true }
        let looks = try await pollOnce(chosen, now: now)
        let again = chosen.filter { looks[$0] != nil }
        guard let last = looks.values.max() else { return }
        let longest = again.map { remotes[$0].inbox.settings.settle }.max() ?? .zero
        // a little more: the settle rule counts by another clock than the one that waits here
        try await Task.sleep(for: max(.zero, min(last - FileTime.now(), longest)) + .milliseconds(20))
        _ = try await pollOnce(again, now: now)
    }

    /// - Returns: by source, when a second look is of use.
    private func pollOnce(_ indices: [Int], now: Instant) async throws -> [Int: FileTime] {
        let (ended, report) = AsyncStream.makeStream(of: Int.self)
        var looks: [Int: FileTime] = [:]
        var left = indices[...]
        var count = 0
        func startNext() throws {
            guard let index = left.popFirst() else { return }
            count += 1
            try start(index, now: now, clock: .stopped(now)) { report.yield(index) }
        }
        if indices.isEmpty { return [:] }
        for _ in 0..<Self.mostPolls { try startNext() }
        for await index in ended {
            if let poll = remotes[index].running?.result {
                looks[index] = poll.nextLook
                try end(index, poll, now: now)
            }
            count -= 1
            try startNext()
            if count == 0 { break }
        }
        return looks
    }

    // MARK: stop

    /// Tells every poll to end, and waits a little for it: each ends its child.
    func stopRemotes() {
        stop.stop()
        let deadline = ContinuousClock.now + Self.stopping
        let running = leaving.map(\.poll) + remotes.compactMap(\.running)
        while running.contains(where: { $0.result == nil }), ContinuousClock.now < deadline { usleep(10_000) }
    }
}
