import Foundation
import Intake
import Ledger
import Logging
import Trade

/// A folder source, when it is due, and what was last said of it.
struct PolledFolder {
    var inbox: FolderInbox
    var account: String?
    /// Seconds between looks.
    var every: Int
    var nextPoll: Instant?
    var failures = 0
    /// The findings that are on record for it; nil before the first poll of this life.
    var told: [Finding]?
    /// When its row in the ledger was last brought up to date.
    var noted: Instant?
    /// An `ingest` or an action waits for an answer: the folder is looked at often.
    var isOwn = false
}

/// A file that was archived and recorded, still lying in its folder.
struct WaitingFile {
    var source: String
    var file: FolderFile
    var arrival: Int64
    var sha256: String
    var booking: Int64
}

extension Pass {
    /// A file that keeps changing for this long is a finding (contract: an hour).
    private static let unsettledLimit: Int64 = 3600
    /// Receipts are committed in groups: one fsync of the database for many small files.
    private static let receiptGroup = 256

    /// Folder sources, the built-in inbox, and below it one folder per account for `ingest --account`.
    func openInboxes() {
        let before = Dictionary(inboxes.map { ($0.inbox.id, $0) }, uniquingKeysWith: { $1 })
        func polled(_ id: String, _ path: String, settle: Int, every: Int, account: String?, own: Bool) -> PolledFolder {
            if let known = before[id], known.inbox.path == path, known.inbox.settle == .seconds(settle), known.every == every,
                known.account == account
            {
                return known
            }
            return PolledFolder(
                inbox: FolderInbox(id: id, path: path, settle: .seconds(settle)), account: account, every: every, isOwn: own)
        }
        inboxes = configuration.sources.compactMap { source in
            guard case .folder(let folder) = source.kind else { return nil }
            return polled(source.id, folder.path, settle: folder.settle, every: source.every, account: source.account, own: false)
        }
        inboxes.append(polled(SourceConfiguration.inboxID, folder.inbox, settle: 0, every: 1, account: nil, own: true))
        for account in configuration.accounts {
            inboxes.append(
                polled(
                    SourceConfiguration.inboxID + "/" + account.id, folder.inbox + "/" + account.id, settle: 0, every: 1,
                    account: account.id,
                    own: true))
        }
    }

    /// Polls the folders that are due.
    func pollDue(now: Instant) throws {
        for index in inboxes.indices where inboxes[index].nextPoll.map({ $0 <= now }) ?? true {
            if stop.isStopping { return }
            try poll(index, now: now)
        }
    }

    /// One look at one folder: list, archive what is settled, record it. Every way out sets the next poll.
    /// - Returns: files that are still too young or still change.
    @discardableResult
    func poll(_ index: Int, now: Instant) throws -> [UnsettledFile] {
        var failure: SourceFailure?
        var unsettled: [UnsettledFile] = []
        var took = false
        do throws(SourceFailure) {
            let listing = try inboxes[index].inbox.scan(now: FileTime.now())
            for oddity in listing.newOddities where !isOwnFolder(oddity, index) {
                log.warning("source \(inboxes[index].inbox.id): \(Plain.text(oddity.description))")
            }
            unsettled = listing.unsettled
            let known = Set(waiting.filter { $0.source == inboxes[index].inbox.id }.map { $0.file.identity })
            let fresh = listing.settled.filter { !known.contains($0.identity) }
            took = !fresh.isEmpty
            failure = take(fresh, from: index, now: now)
        } catch { failure = error }
        try end(index, failure, unsettled, took: took, now: now)
        return unsettled
    }

    /// The per-account folders inside the inbox are ours.
    private func isOwnFolder(_ oddity: Oddity, _ index: Int) -> Bool {
        inboxes[index].inbox.id == SourceConfiguration.inboxID && configuration.account(oddity.name) != nil
    }

    private func take(_ files: [FolderFile], from index: Int, now: Instant) -> SourceFailure? {
        let source = inboxes[index]
        var start = files.startIndex
        while start < files.endIndex {
            if stop.isStopping { return nil }
            var group: [(FolderFile, NewArrival)] = []
            for file in files[start...].prefix(Self.receiptGroup) {
                start += 1
                do throws(ReceiveFailure) {
                    let received = try source.inbox.receive(file, into: archive)
                    group.append(
                        (
                            file,
                            NewArrival(
                                sha256: received.sha256.hex, size: Int(received.size), source: source.inbox.id,
                                account: source.account ?? soleAccount ?? "", name: file.name, modified: received.mtime.seconds)
                        ))
                } catch {
                    switch error {
                    case .gone, .changed: continue  // looked at again next time
                    case .unreadable: log.warning("source \(source.inbox.id): \(Plain.text(file.name)): \(Plain.text(error.description))")
                    case .source(let failure): return failure
                    case .archive(let failure):
                        trouble("disk", "the archive cannot be written: \(failure)", at: now)
                        return SourceFailure(.remote, "not taken: the archive cannot be written: \(failure)")
                    }
                }
            }
            do {
                let bookings = try ledger.receive(group.map(\.1), at: now)
                for ((file, arrival), (id, booking)) in zip(group, bookings) {
                    waiting.append(
                        WaitingFile(source: source.inbox.id, file: file, arrival: id, sha256: arrival.sha256, booking: booking.id))
                }
            } catch {
                trouble("database", "\(error)", at: now)
                return SourceFailure(.remote, "not taken: \(error)")
            }
        }
        return nil
    }

    /// Where only one account is configured, every file is its own.
    var soleAccount: String? { configuration.accounts.count == 1 ? configuration.accounts[0].id : nil }

    private func end(_ index: Int, _ failure: SourceFailure?, _ unsettled: [UnsettledFile], took: Bool, now: Instant) throws {
        let source = inboxes[index]
        inboxes[index].failures = failure == nil ? 0 : source.failures + 1
        // a folder costs nothing to look at: the back-off only keeps the log quiet
        let pause = failure == nil ? source.every : min(60, source.every * (1 << min(4, source.failures)))
        inboxes[index].nextPoll = now + Int64(pause)
        var findings: [Finding] = []
        if let failure {
            findings.append(
                Finding(
                    .sourceFailing, account: source.account ?? "", subject: source.inbox.id, key: source.inbox.id, severity: .critical,
                    details: ["class": .string(failure.class.rawValue), "text": .string(failure.text)]))
        }
        let old = unsettled.filter { FileTime.now().seconds - $0.since.seconds >= Self.unsettledLimit }
        if let first = old.first {
            findings.append(
                Finding(
                    .sourceUnsettled, account: source.account ?? "", subject: source.inbox.id, key: source.inbox.id, severity: .warning,
                    details: ["name": .string(first.file.name), "files": .number(Int64(old.count))]))
        }
        let changed = source.told != findings
        if changed, failure != nil || source.told?.isEmpty == false {
            if let failure {
                log.error("source \(source.inbox.id): \(failure.class.rawValue): \(Plain.text(failure.text))")
            } else {
                log.notice("source \(source.inbox.id): works again")
            }
        }
        if changed { try ledger.record(.source, key: source.inbox.id, findings, at: now) }
        inboxes[index].told = findings
        // once a minute is enough for `status`: an idle folder must not write to the disk every few seconds
        if changed || took || source.noted.map({ now.seconds - $0.seconds >= 60 || now < $0 }) ?? true {
            try ledger.endPoll(
                of: source.inbox.id, kind: "folder", failure: failure.map { ($0.class.rawValue, $0.text) }, next: now + Int64(pause),
                at: now)
            inboxes[index].noted = now
        }
        if let failure { troubles.append(PassTrouble(description: "source \(source.inbox.id): \(failure)")) }
    }

    /// Moves what has an outcome to `accepted/` or `rejected/`, after the commit that recorded the outcome.
    func acknowledge() throws {
        guard !waiting.isEmpty else { return }
        var done: [Int64] = []
        var left: [WaitingFile] = []
        for item in waiting {
            guard let booking = try ledger.booking(id: item.booking), booking.state != .received,
                let source = inboxes.first(where: { $0.inbox.id == item.source })
            else {
                left.append(item)
                continue
            }
            do throws(SourceFailure) {
                switch booking.state {
                case .rejected:
                    _ = try source.inbox.reject(
                        item.file, reason: Reason.text(item.file.name, booking.problems, partial: false, configuration.language))
                case .partial:
                    _ = try source.inbox.acceptInPart(
                        item.file, reason: Reason.text(item.file.name, booking.problems, partial: true, configuration.language))
                default: _ = try source.inbox.accept(item.file)
                }
                done.append(item.arrival)
            } catch {
                // it stays where it is and is met again at the next look
                log.warning("source \(item.source): \(Plain.text(item.file.name)) could not be moved: \(Plain.text(error.text))")
                troubles.append(PassTrouble(description: "\(item.file.name): could not be moved: \(error.text)"))
            }
        }
        waiting = left
        try ledger.acknowledge(done)
    }
}

/// The text that lies beside a rejected file.
enum Reason {
    static func text(_ name: String, _ problems: [String], partial: Bool, _ language: Language) -> String {
        let head: String =
            switch (language, partial) {
            case (.zh, false): "文件未能读取，原件已存档："
            case (.zh, true): "文件只读取了一部分，其余如下，原件已存档："
            case (.en, false): "This file could not be read. The original is kept in the archive."
            case (.en, true): "This file was read only in part; the rest is named below. The original is kept in the archive."
            }
        return ([head] + problems.map { "\(name): \($0)" }).map(Plain.text).joined(separator: "\n") + "\n"
    }
}
