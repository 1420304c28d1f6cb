import Glibc
import SFTP
import Trade

/// One poll, once the session is open: list, ask what is known, fetch, commit, and only then tell the server.
struct SFTPPoll<Records: RemoteRecords> {
    let settings: SFTPSettings
    let archive: Archive
    let records: Records
    let now: FileTime
    let session: SFTPSession
    var memory: SFTPMemory
    var result: RemotePoll
    /// Numbers requests, so that no answer can be taken for another's.
    var nextID: UInt32 = 1

    /// Files that the server lists and does not give.
    var refused: [(path: [UInt8], text: String)] = []
    /// Paths that could not be listed: what is below them is neither there nor gone.
    private var unseen: [[UInt8]] = []

    /// Files in one question to the ledger.
    private static var mostAsked: Int { 4096 }

    init(
        _ settings: SFTPSettings, archive: Archive, records: Records, now: FileTime, session: SFTPSession, memory: SFTPMemory,
        result: RemotePoll
    ) {
        self.settings = settings
        self.archive = archive
        self.records = records
        self.now = now
        self.session = session
        self.memory = memory
        self.result = result
    }

    mutating func run() throws(SessionEnd) {
        let candidates = try list()
        let known = try areKnown(candidates)
        var committed: [SFTPCandidate] = []
        var wanted: [SFTPCandidate] = []
        var alive: Set<[UInt8]> = []
        for (candidate, isKnown) in zip(candidates, known) {
            if isKnown {
                if settings.after == .leave { continue }
                if memory.unacknowledged[candidate.file] != nil {
                    committed.append(candidate)
                } else {
                    // committed in an earlier life, or while files were to be left: before it goes, its bytes are compared once more
                    var again = candidate
                    again.isKnown = true
                    wanted.append(again)
                }
                continue
            }
            alive.insert(candidate.file.path)
            let isSettled = memory.isSettled(candidate.file, settle: settings.settle, now: now)
            if isSettled, candidate.isDone { wanted.append(candidate) } else { wait(for: candidate) }
        }
        forget(alive)
        try acknowledgeAgain(committed, listed: candidates)
        try fetch(wanted)
        if let first = refused.first {
            let count = refused.count
            fail(
                SourceFailure(
                    first.text.contains("permission") ? .permission : .remote,
                    "\(settings.place): \(count == 1 ? "a file" : "\(count) files") cannot be read, \(Shown.path(first.path)) for one: "
                        + Shown.line(first.text)))
        }
    }

    // MARK: Listing

    mutating func list() throws(SessionEnd) -> [SFTPCandidate] {
        var sieve = SFTPSieve(settings)
        for path in settings.paths {
            let root = Array(path.utf8)
            switch try session.list(root, settings) {
            case .success(let entries):
                sieve.add(entries, root: root)
                result.isServed = true
            case .failure(let failure):
                unseen.append(root)
                fail(failure)
            }
        }
        sieve.sort()
        if sieve.speechless > 0 {
            fail(
                SourceFailure(
                    .remote,
                    "\(settings.place): the server gives no sizes or no times for files in its listing; without them a whole file "
                        + "cannot be told from half of one, so those are not taken"))
        }
        for oddity in sieve.oddities where memory.isNews(oddity.what, oddity.path) {
            notice("\(Shown.path(oddity.path)): \(oddity.what)")
        }
        result.listed = sieve.candidates.count
        return sieve.candidates
    }

    private func areKnown(_ candidates: [SFTPCandidate]) throws(SessionEnd) -> [Bool] {
        var known: [Bool] = []
        known.reserveCapacity(candidates.count)
        while known.count < candidates.count {
            let some = candidates[known.count..<min(known.count + Self.mostAsked, candidates.count)].map(\.file)
            do {
                let answers = try records.areKnown(some)
                guard answers.count == some.count else { throw SourceFailure(.remote, "\(answers.count) answers for \(some.count) files") }
                known += answers
            } catch {
                throw .ours(SourceFailure(.remote, "the ledger does not say which files are known: \(error)"))
            }
        }
        return known
    }

    private mutating func wait(for candidate: SFTPCandidate) {
        guard let look = memory.looks[candidate.file.path] else { return }
        result.unsettled.append((candidate.name, look.first))
        // an empty file or one without its done-file waits for somebody, not for time to pass
        guard candidate.file.size > 0, candidate.isDone else { return }
        lookAgain(candidate.file.path)
    }

    mutating func lookAgain(_ path: [UInt8]) {
        guard let next = memory.nextLook(path, settle: settings.settle, now: now) else { return }
        result.nextLook = min(result.nextLook ?? next, next)
    }

    /// Forgets looks at what is there no more, as far as the listings were whole.
    private mutating func forget(_ alive: Set<[UInt8]>) {
        let unseen = unseen
        func isKept(_ path: [UInt8]) -> Bool { alive.contains(path) || unseen.contains { path.starts(with: $0) } }
        memory.looks = memory.looks.filter { isKept($0.key) }
        memory.late = memory.late.filter(isKept)
    }

    // MARK: Acknowledging

    /// Tells the server of files that were committed earlier: it could not be told then, or nobody knows whether it was.
    private mutating func acknowledgeAgain(_ committed: [SFTPCandidate], listed: [SFTPCandidate]) throws(SessionEnd) {
        guard settings.after != .leave else { return }
        var files = committed.map { SFTPMemory.Committed(candidate: $0, sha256: memory.unacknowledged[$0.file]?.sha256) }
        // those that are not listed any more were moved just before the connection was lost, or taken away by somebody
        let there = Set(listed.map(\.file))
        files += memory.unacknowledged.values.filter { !there.contains($0.candidate.file) }
        try acknowledge(files)
        try settleEarlierLives(there)
    }

    /// What an earlier life moved or deleted and could not note any more is not there: that is the note.
    private func settleEarlierLives(_ there: Set<RemoteFile>) throws(SessionEnd) {
        guard unseen.isEmpty else { return }
        do {
            let gone = try records.unacknowledged().filter { !there.contains($0) && memory.unacknowledged[$0] == nil }
            if !gone.isEmpty { try records.acknowledge(gone) }
        } catch {
            throw .ours(SourceFailure(.remote, "the ledger does not say what was acknowledged: \(error)"))
        }
    }

    /// Deletes or moves files that are committed, each followed by its done-file.
    mutating func acknowledge(_ files: [SFTPMemory.Committed]) throws(SessionEnd) {
        for start in stride(from: 0, to: files.count, by: FolderInbox.mostAtOnce) {
            var group = Array(files[start..<min(start + FolderInbox.mostAtOnce, files.count)])
            // the done-file goes first: one that outlived its file would vouch for the next of that name
            let marked = group.filter { $0.candidate.doneFile != nil }
            var stuck: Set<RemoteFile> = []
            let marks = marked.compactMap { file in file.candidate.doneFile.flatMap { request($0, file) } }
            for (file, outcome) in zip(marked, try acknowledge(marks)) {
                guard case .refused(let failure) = outcome else { continue }
                fail(SourceFailure(failure))
                stuck.insert(file.candidate.file)
            }
            group.removeAll { stuck.contains($0.candidate.file) }
            var told: [RemoteFile] = []
            let requests = group.compactMap { request($0.candidate.file, $0) }
            for (file, outcome) in zip(group, try acknowledge(requests)) {
                switch outcome {
                case .done, .gone, .replaced: told.append(file.candidate.file)
                case .refused(let failure): fail(SourceFailure(failure))
                }
            }
            do {
                if !told.isEmpty { try records.acknowledge(told) }
            } catch {
                throw .ours(SourceFailure(.remote, "the ledger does not take that files were acknowledged: \(error)"))
            }
            for file in told { memory.unacknowledged[file] = nil }
        }
    }

    private mutating func request(_ file: RemoteFile, _ committed: SFTPMemory.Committed) -> AcknowledgeRequest? {
        let action: AcknowledgeRequest.Action
        switch settings.after {
        case .leave: return nil
        case .delete: action = .delete
        case .move(let folder):
            var candidate = committed.candidate
            // the done-file beside it keeps its own name
            if file != candidate.file { candidate.name += settings.doneSuffix ?? "" }
            action = .move(candidate.targets(folder, sha256: committed.sha256))
        }
        return AcknowledgeRequest(file: number(file), action: action)
    }

    private func acknowledge(_ requests: [AcknowledgeRequest]) throws(SessionEnd) -> [AcknowledgeOutcome] {
        if requests.isEmpty { return [] }
        try session.send(.acknowledge(requests))
        var outcomes: [UInt32: AcknowledgeOutcome] = [:]
        var open = Dictionary(uniqueKeysWithValues: requests.map { ($0.file.id, $0.action) })
        while !open.isEmpty {
            guard case .acknowledged(let id, let outcome) = try session.answer(within: settings.timeout + SFTPSession.margin),
                let action = open.removeValue(forKey: id)
            else { throw .breach("an acknowledgement that nobody asked for") }
            if case .done(let path) = outcome, case .move(let targets) = action, !targets.contains(path) {
                throw .breach("a file that was moved to a place that was not named")
            }
            outcomes[id] = outcome
        }
        return requests.compactMap { outcomes[$0.file.id] }
    }

    // MARK: Small things

    mutating func number(_ file: RemoteFile) -> FileRequest {
        defer { nextID += 1 }
        return FileRequest(id: nextID, path: file.path, size: UInt64(clamping: file.size), modified: UInt32(clamping: file.modified))
    }

    /// The first failure is the poll's.
    mutating func fail(_ failure: SourceFailure) { result.failure = result.failure ?? failure }

    mutating func notice(_ text: String) { result.note(text) }
}

extension RemotePoll {
    /// Lines of notices in one poll: a server full of odd names shall not fill the log.
    private static let mostNotices = 50

    mutating func note(_ text: String) {
        if notices.count < RemotePoll.mostNotices {
            notices.append(text)
        } else if notices.count == RemotePoll.mostNotices {
            notices.append("more of the kind; they are not listed one by one")
        }
    }
}

extension SFTPSession {
    /// - Returns: a failure if this listing is not whole; the session goes on.
    func list(_ root: [UInt8], _ settings: SFTPSettings) throws(SessionEnd) -> Result<[RemoteEntry], SourceFailure> {
        var leftOut: [UInt8]?
        // what was taken lies there, more of it with each day
        if case .move(let folder) = settings.after { leftOut = Array(folder.utf8) }
        try send(
            .list(
                ListRequest(path: root, isRecursive: settings.isRecursive, limit: SFTPSettings.mostEntries, leftOut: leftOut)))
        var entries: [RemoteEntry] = []
        var bytes = 0
        var folder = root
        while true {
            switch try answer(within: timeout + SFTPSession.margin) {
            case .entries(let some):
                for var entry in some {
                    bytes += entry.folder.count + entry.name.count
                    // one array for all that lie in one folder
                    if entry.folder == folder { entry.folder = folder } else { folder = entry.folder }
                    entries.append(entry)
                    guard entry.folder.starts(with: root) else { throw .breach("a name in a folder that was not asked for") }
                    let isName = !entry.name.isEmpty && !entry.name.contains(47) && !entry.name.contains(0)
                    guard isName || entry.shape == .unknown else { throw .breach("a file whose name is none") }
                }
                guard entries.count <= Int(SFTPSettings.mostEntries), bytes <= ListRequest.mostBytes else {
                    throw .breach("a listing without end")
                }
            case .listed: return .success(entries)
            case .unlisted(let failure): return .failure(SourceFailure(failure))
            default: throw .breach("no answer to a listing")
            }
        }
    }
}
