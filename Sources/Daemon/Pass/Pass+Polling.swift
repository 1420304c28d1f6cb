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
    var lastPoll: Instant?
    var nextPoll: Instant?
    var failures = 0
    /// How the last look ended, and what was not settled then.
    var failure: SourceFailure?
    var unsettled: [UnsettledFile] = []
    /// Why files that were taken could not be moved away, and their bookings.
    var moving: SourceFailure?
    var stuck: Set<Int64> = []
    /// Files that could not be read, by name, so that each is said once.
    var unreadable: Set<String> = []
    /// Nothing was taken because the archive or the database would not have it.
    var isHeldUpByUs = false
    /// The first look of this life took something: how the source does is known when that is moved.
    var isOpenEnded = false
    /// The last look left files that are settled: look again at once.
    var hasMore = false
    /// What is on record for it.
    var standing = SourceStanding()

    /// A clock that was set back must not make it wait for the time to come round again.
    func isDue(_ now: Instant) -> Bool {
        guard let nextPoll, let lastPoll, now >= lastPoll else { return true }
        return nextPoll <= now
    }
}

/// A file that was archived and recorded, still lying in its folder.
struct WaitingFile {
    var source: String
    var file: FolderFile
    var arrival: Int64
}

extension Pass {
    /// Receipts are committed in groups: one fsync of the database for many small files.
    private static let receiptGroup = FolderInbox.mostAtOnce
    /// And a group of so many bytes is large enough.
    private static let receiptBytes: Int64 = 64 << 20
    /// From so many files on, two `syncfs` cost less than an `fsync` for each.
    private static let flood = 8
    /// Files taken at one look, so that a folder with a million files neither fills the memory nor stops the rest.
    private static let mostAtOneLook = 8192

    /// Folder sources, the built-in inbox, and below it one folder per account for `ingest --account`.
    func openInboxes() {
        let before = Dictionary(inboxes.map { ($0.inbox.id, $0) }, uniquingKeysWith: { $1 })
        func polled(_ id: String, _ path: String, settle: Int, every: Int, account: String?) -> PolledFolder {
            if let known = before[id], known.inbox.path == path, known.inbox.settle == .seconds(settle), known.every == every,
                known.account == account
            {
                return known
            }
            return PolledFolder(
                inbox: FolderInbox(id: id, path: path, settle: .seconds(settle)), account: account, every: every)
        }
        inboxes = configuration.sources.compactMap { source in
            guard case .folder(let folder) = source.kind else { return nil }
            return polled(source.id, folder.path, settle: folder.settle, every: source.every, account: source.account)
        }
        inboxes.append(polled(SourceConfiguration.inboxID, folder.inbox, settle: 0, every: 1, account: nil))
        for account in configuration.accounts {
            inboxes.append(
                polled(
                    SourceConfiguration.inboxID + "/" + account.id, folder.inbox + "/" + account.id, settle: 0, every: 1,
                    account: account.id))
        }
        openRemotes()
    }

    /// Polls the folders that are due.
    func pollDue(now: Instant) throws {
        hearFolders()
        let moment = FileTime.now()
        for index in inboxes.indices where inboxes[index].isDue(now) || isWoken(index, moment) {
            if stop.isStopping { return }
            try poll(index, now: now)
        }
    }

    /// One look at one folder: list, archive what is settled, record it. Every way out sets the next poll.
    func poll(_ index: Int, now: Instant) throws {
        var failure: SourceFailure?
        var took = false
        inboxes[index].unsettled = []
        inboxes[index].hasMore = false
        inboxes[index].isHeldUpByUs = false
        // what could not be moved is tried once for each look
        finished.formUnion(inboxes[index].stuck)
        do throws(SourceFailure) {
            let listing = try look(at: index)
            for oddity in listing.newOddities where !isOwnFolder(oddity, index) {
                log.warning("source \(inboxes[index].inbox.id): \(Plain.text(oddity.description))")
            }
            inboxes[index].unsettled = listing.unsettled
            let id = inboxes[index].inbox.id
            let known = Set(waiting.values.joined().filter { $0.source == id }.map(\.file.identity))
            let fresh = listing.settled.filter { !known.contains($0.identity) }
            took = !fresh.isEmpty
            inboxes[index].hasMore = fresh.count > Self.mostAtOneLook
            failure = take(fresh.prefix(Self.mostAtOneLook), from: index, now: now) ?? Self.unreadable(listing)
        } catch { failure = error }
        inboxes[index].failure = failure
        inboxes[index].failures = failure == nil ? 0 : inboxes[index].failures + 1
        // a folder costs nothing to look at: the back-off only keeps the log quiet
        let every = inboxes[index].every
        let pause = failure == nil ? every : max(every, min(60, every << min(4, inboxes[index].failures - 1)))
        inboxes[index].lastPoll = now
        inboxes[index].nextPoll = inboxes[index].hasMore && failure == nil ? now : now + Int64(pause)
        // what an earlier life could not move decides whether the source is well: that is known after the moving
        inboxes[index].isOpenEnded = failure == nil && took && inboxes[index].standing.told == nil
        if !inboxes[index].isOpenEnded { try conclude(index, took: took, now: now) }
    }

    /// Files that nobody reads must not look like a source that works.
    private static func unreadable(_ listing: FolderListing) -> SourceFailure? {
        let files = listing.oddities.filter { $0.kind == .unreadable }
        guard let first = files.first else { return nil }
        return SourceFailure(
            .permission,
            "\(files.count == 1 ? "a file" : "\(files.count) files") in it cannot be read, \(first.name) for one; give the service's user the right to read them"
        )
    }

    /// The per-account folders inside the inbox are ours.
    private func isOwnFolder(_ oddity: Oddity, _ index: Int) -> Bool {
        inboxes[index].inbox.id == SourceConfiguration.inboxID && configuration.account(oddity.name) != nil
    }

    private func take(_ files: ArraySlice<FolderFile>, from index: Int, now: Instant) -> SourceFailure? {
        var rest = files
        var met: Set<String> = []
        defer { inboxes[index].unreadable.formIntersection(met) }
        while !rest.isEmpty {
            if stop.isStopping { return nil }
            var bytes: Int64 = 0
            let group = Array(
                rest.prefix(Self.receiptGroup).prefix { file in
                    defer { bytes += file.size }
                    return bytes < Self.receiptBytes
                })
            rest = rest.dropFirst(group.count)
            var arrivals: [(file: FolderFile, arrival: NewArrival)] = []
            for (file, result) in zip(group, receive(group, from: inboxes[index].inbox)) {
                switch result {
                case .success(let received): arrivals.append((file, arrival(received, from: index)))
                case .failure(.gone), .failure(.changed): continue  // looked at again next time
                case .failure(.unreadable(let failure)):
                    met.insert(file.name)
                    cannotRead(file, failure, index)
                case .failure(.source(let failure)): return failure
                case .failure(.archive(let failure)):
                    inboxes[index].isHeldUpByUs = true
                    let words = "the archive cannot be written: \(Self.words(failure))"
                    trouble(.disk, words, at: now)
                    return SourceFailure(.remote, "nothing is taken: \(words)")
                }
            }
            do {
                for (item, (id, booking)) in zip(arrivals, try ledger.receive(arrivals.map(\.arrival), at: now)) {
                    waiting[booking.id, default: []].append(WaitingFile(source: inboxes[index].inbox.id, file: item.file, arrival: id))
                    if booking.state != .received { finished.insert(booking.id) }
                    told(withdrawn: booking, as: item.file.name)
                }
            } catch {
                inboxes[index].isHeldUpByUs = true
                trouble(error.kind == .full ? .disk : .database, "\(error)", at: now)
                return SourceFailure(.remote, "nothing is taken: \(error)")
            }
        }
        return nil
    }

    private func receive(_ files: [FolderFile], from inbox: FolderInbox) -> [Result<Received, ReceiveFailure>] {
        if files.count >= Self.flood { return inbox.receive(files, into: archive) }
        return files.map { file in Result { () throws(ReceiveFailure) in try inbox.receive(file, into: archive) } }
    }

    private func arrival(_ received: Received, from index: Int) -> NewArrival {
        NewArrival(
            sha256: received.sha256.hex, size: Int(received.size), source: inboxes[index].inbox.id,
            account: inboxes[index].account ?? soleAccount ?? "", name: received.name, modified: received.mtime.seconds)
    }

    private func cannotRead(_ file: FolderFile, _ failure: FileFailure, _ index: Int) {
        let line = "source \(inboxes[index].inbox.id): \(file.name): \(failure)"
        troubles.append(PassTrouble(description: line))
        if inboxes[index].unreadable.insert(file.name).inserted { log.warning("\(Plain.text(line))") }
    }

    /// Where only one account is configured, every file is its own.
    var soleAccount: String? { configuration.accounts.count == 1 ? configuration.accounts[0].id : nil }

    /// Puts on record how a source does: its findings, and its row for `status`.
    func conclude(_ index: Int, took: Bool, now: Instant) throws {
        let source = inboxes[index]
        inboxes[index].standing = try record(
            SourceOutcome(
                id: source.inbox.id, kind: "folder", account: source.account, failure: source.failure ?? source.moving,
                unsettled: source.unsettled.map { ($0.file.name, $0.since) },
                sawFiles: source.failure == nil || !source.unsettled.isEmpty, took: took, next: source.nextPoll ?? now),
            source.standing, now: now)
    }
}
