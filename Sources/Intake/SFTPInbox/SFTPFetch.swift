import Glibc
import SFTP
import Trade

extension SFTPPoll {
    /// Bytes of one group of files, which are committed together.
    static var mostGroupBytes: Int64 { 64 << 20 }
    /// Bytes each second below which a group is given up, however steadily they come.
    private static var slowest: Int64 { 16 << 10 }
    /// From so many files on, one sync of the whole file system is cheaper than one for each.
    private static var fewFiles: Int { 8 }

    private struct Group {
        var files: [SFTPCandidate] = []
        var bytes: Int64 = 0
        /// With their ids.
        var requests: [FileRequest] = []
    }

    private struct Fetched {
        var candidate: SFTPCandidate
        var draft: Archive.Draft
    }

    /// Fetches and commits in groups. While one group is made durable the child fetches the next, as far as the socket takes it.
    mutating func fetch(_ candidates: [SFTPCandidate]) throws(SessionEnd) {
        var groups = grouped(candidates)[...]
        guard var group = try ask(&groups) else { return }
        while true {
            var fetched: [Fetched] = []
            do throws(SessionEnd) {
                try receive(group, &fetched)
            } catch {
                // what came whole and was found unchanged is as good as if the connection still stood
                if case .failed = error { _ = try commit(fetched) }
                throw error
            }
            var next: Group?
            if settings.after == .leave {
                next = try ask(&groups)
                _ = try commit(fetched)
            } else {
                try acknowledge(try commit(fetched))
                next = try ask(&groups)
            }
            guard let next else { return }
            group = next
        }
    }

    private func grouped(_ candidates: [SFTPCandidate]) -> [Group] {
        var groups: [Group] = []
        var group = Group()
        for candidate in candidates where !memory.late.contains(candidate.file.path) {
            if group.files.count == FolderInbox.mostAtOnce || group.bytes + candidate.file.size > Self.mostGroupBytes, !group.files.isEmpty
            {
                groups.append(group)
                group = Group()
            }
            group.files.append(candidate)
            group.bytes += candidate.file.size
        }
        if !group.files.isEmpty { groups.append(group) }
        return groups
            + candidates.filter { memory.late.contains($0.file.path) }.map { Group(files: [$0], bytes: $0.file.size) }
    }

    private mutating func ask(_ groups: inout ArraySlice<Group>) throws(SessionEnd) -> Group? {
        guard var group = groups.popFirst() else { return nil }
        for candidate in group.files { group.requests.append(number(candidate.file)) }
        try session.send(.fetch(group.requests))
        return group
    }

    // MARK: Bytes

    private mutating func receive(_ group: Group, _ fetched: inout [Fetched]) throws(SessionEnd) {
        var waiting = Dictionary(uniqueKeysWithValues: zip(group.requests.map(\.id), group.files))
        var drafts: [UInt32: Archive.Draft] = [:]
        var pace = SFTPSession.Pace(span: settings.timeout + SFTPSession.margin, least: SFTPSettings.leastProgress)
        let limit = ContinuousClock.now + settings.timeout * 2 + .seconds(group.bytes / Self.slowest)
        let archive = archive
        do throws(SessionEnd) {
            while !waiting.isEmpty {
                let reply = try session.answer(&pace) { (id, bytes) throws(SessionEnd) in
                    guard let candidate = waiting[id] else { throw .breach("bytes of a file that nobody asked for") }
                    try Self.write(bytes, of: candidate, to: &drafts[id], in: archive)
                    if ContinuousClock.now > limit {
                        throw .failed(
                            SourceFailure(
                                .network, "\(settings.place): files come too slowly to be waited for; see to the server or the line"))
                    }
                }
                switch reply {
                case .fetched(let id):
                    guard let candidate = waiting.removeValue(forKey: id), let draft = drafts.removeValue(forKey: id),
                        draft.size == candidate.file.size
                    else { throw .breach("a file that ends before its size") }
                    try Self.ours { () throws(FileFailure) in try archive.seal(draft) }
                    fetched.append(Fetched(candidate: candidate, draft: draft))
                case .missed(let id, let miss):
                    guard let candidate = waiting.removeValue(forKey: id) else {
                        throw .breach("an answer for a file that nobody asked for")
                    }
                    drafts[id] = nil
                    missed(candidate, miss)
                default: throw .breach("no answer to a fetch")
                }
            }
        } catch {
            if case .failed(let failure) = error {
                blame(waiting.filter { failure.class == .remote || drafts[$0.key] != nil }.map(\.value))
            }
            throw error
        }
    }

    /// A session that broke down at these: next time they do not stand before the others.
    private mutating func blame(_ candidates: [SFTPCandidate]) {
        for candidate in candidates { memory.late.insert(candidate.file.path) }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, of candidate: SFTPCandidate, to draft: inout Archive.Draft?, in archive: Archive
    ) throws(SessionEnd) {
        let open: Archive.Draft
        if let draft {
            open = draft
        } else {
            open = try ours { () throws(FileFailure) in try archive.begin() }
            draft = open
        }
        guard open.size + Int64(bytes.count) <= candidate.file.size else { throw .breach("more bytes than the file has") }
        try ours { () throws(FileFailure) in try archive.append(bytes, to: open) }
    }

    private static func ours<T>(_ body: () throws(FileFailure) -> T) throws(SessionEnd) -> T {
        do {
            return try body()
        } catch {
            throw .ours(SourceFailure(.remote, "\(error); nothing is lost: the file stays on the server"))
        }
    }

    private mutating func missed(_ candidate: SFTPCandidate, _ miss: Miss) {
        memory.late.remove(candidate.file.path)
        switch miss {
        case .gone: memory.looks[candidate.file.path] = nil
        case .changed:
            // it is being written: two looks at what it is now
            result.unsettled.append((candidate.name, memory.unsettle(candidate.file.path, now: now)))
            lookAgain(candidate.file.path)
        case .refused(let text):
            refused.append((candidate.file.path, text))
            if memory.isNews("refused", candidate.file.path) {
                notice("\(Shown.path(candidate.file.path)): \(Shown.line(text)); left where it is")
            }
        }
    }

    // MARK: Commit

    /// Makes drafts durable and records them as arrivals, in one commit.
    private mutating func commit(_ fetched: [Fetched]) throws(SessionEnd) -> [SFTPMemory.Committed] {
        if fetched.isEmpty { return [] }
        var stored: [FetchedRemoteFile] = []
        var committed: [SFTPMemory.Committed] = []
        var broken: FileFailure?
        for (file, result) in zip(fetched, publish(fetched.map(\.draft))) {
            switch result {
            case .success(let original):
                let candidate = file.candidate
                stored.append(FetchedRemoteFile(file: candidate.file, name: candidate.name, sha256: original.sha256.hex))
                committed.append(SFTPMemory.Committed(candidate: candidate, sha256: original.sha256.hex))
            case .failure(let failure): broken = failure
            }
        }
        do {
            if !stored.isEmpty { try records.receive(stored, isFinal: settings.after == .leave) }
        } catch {
            throw .ours(
                SourceFailure(.remote, "the ledger does not take arrivals: \(error); nothing is lost: the files stay on the server"))
        }
        result.taken += committed.count { !$0.candidate.isKnown }
        for file in committed {
            memory.looks[file.candidate.file.path] = nil
            memory.late.remove(file.candidate.file.path)
            if settings.after != .leave { memory.unacknowledged[file.candidate.file] = file }
        }
        if let broken { try Self.ours { () throws(FileFailure) in throw broken } }
        return committed
    }

    private func publish(_ drafts: [Archive.Draft]) -> [Result<StoredOriginal, FileFailure>] {
        do {
            if drafts.count >= Self.fewFiles { return try archive.publish(drafts) }
            return drafts.map { draft in Result { () throws(FileFailure) in try archive.publish(draft) } }
        } catch {
            return drafts.map { _ in .failure(error) }
        }
    }
}
