import Glibc

extension FolderInbox {
    /// Moves a file that was booked to `accepted/`.
    public func accept(_ file: FolderFile) throws(SourceFailure) -> MoveOutcome {
        try move(file, to: "accepted", reason: nil)
    }

    /// Moves a file that was booked in part to `accepted/`, with the reason beside it.
    public func acceptInPart(_ file: FolderFile, reason: String) throws(SourceFailure) -> MoveOutcome {
        try move(file, to: "accepted", reason: reason)
    }

    /// Moves a file that was not booked to `rejected/`, with the reason beside it.
    /// - Parameter reason: for people, in the digest's language; a line end is added if it lacks one.
    public func reject(_ file: FolderFile, reason: String) throws(SourceFailure) -> MoveOutcome {
        try move(file, to: "rejected", reason: reason)
    }

    private func move(_ file: FolderFile, to kind: String, reason: String?) throws(SourceFailure) -> MoveOutcome {
        let folder = try reopenFolder()
        let target: Descriptor
        let mode: mode_t
        do {
            guard try isThere(file, in: folder) else { return .replaced }
            mode = try Call.status(folder).mode
        } catch {
            if error.code == ENOENT { return .gone }
            throw failure(error, "look at", file.name)
        }
        do {
            // as open as the folder itself, so that whoever drops files can read what became of them
            try Call.makeFolder(at: folder, kind, mode: mode & 0o2775)
            target = try Call.open(at: folder, kind, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        } catch {
            throw failure(error, "use", kind)
        }
        do throws(Errno) {
            let text = reason.map { Array(($0.hasSuffix("\n") ? $0 : $0 + "\n").utf8) }
            for number in 1...FolderName.mostNumbers {
                let name = FolderName.numbered(file.name, number, room: text == nil ? 0 : FolderName.reasonSuffix.utf8.count)
                if let text {
                    // a crash may have come between the reason and the move: then the reason is there and its file is not
                    guard try isFree(name, in: target, besides: file.identity),
                        try place(text, at: name + FolderName.reasonSuffix, in: target, mode: mode & 0o664)
                    else { continue }
                }
                do throws(Errno) {
                    try carry(file, from: folder, to: name, in: target)
                } catch {
                    let there = error.code == EEXIST ? try Call.status(at: target, name).identity : nil
                    if there != file.identity {
                        if text != nil { try Call.unlink(at: target, name + FolderName.reasonSuffix) }
                        switch error.code {
                        case EEXIST: continue
                        case ENOENT: return .gone
                        case FolderInbox.changedMeanwhile: return .replaced
                        default: throw error
                        }
                    }
                    // linked there before a crash
                    try noReplace.takeAway(file.name, in: folder, if: { file.isUnchanged($0) })
                }
                let landed = try Call.status(at: target, name)
                guard file.isUnchanged(landed) || landed.identity.device != file.identity.device else {
                    // between our look and the move another file took the name, or this one grew: it was not received yet
                    try noReplace.putBack(name, in: target, as: file.name, in: folder)
                    if text != nil { try Call.unlink(at: target, name + FolderName.reasonSuffix) }
                    return .replaced
                }
                try Call.sync(target)
                try Call.sync(folder)
                return .moved(to: name)
            }
            throw Errno(code: EEXIST)
        } catch {
            throw failure(error, "move \(file.name) to", kind)
        }
    }

    private func isThere(_ file: FolderFile, in folder: borrowing Descriptor) throws(Errno) -> Bool {
        file.isUnchanged(try Call.status(at: folder, file.name))
    }

    private func isFree(_ name: String, in folder: borrowing Descriptor, besides own: FileIdentity) throws(Errno) -> Bool {
        do {
            return try Call.status(at: folder, name).identity == own
        } catch {
            if error.code == ENOENT { return true }
            throw error
        }
    }

    /// Writes a reason so that it is there whole or not at all.
    /// - Returns: false if the name is taken by other words.
    private func place(_ text: [UInt8], at name: String, in folder: borrowing Descriptor, mode: mode_t) throws(Errno) -> Bool {
        if let there = try? Call.open(at: folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) {
            var words = [UInt8](repeating: 0, count: text.count + 1)
            let number = there.number
            let count = try? words.withUnsafeMutableBytes { try Call.read(number, into: $0) }
            return count == text.count && words.dropLast() == text[...]
        }
        // one name for all of them: a crash leaves at most one, and the next reason replaces it
        let draft = ".remitd-reason.tmp"
        let number = folder.number
        unlinkat(number, draft, 0)
        let file = try Call.open(at: folder, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        do throws(Errno) {
            let output = file.number
            try text.span.bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Errno) in
                try Call.write(bytes, to: output)
            }
            try Call.repeating { fchmod(output, mode) }
            try Call.sync(file)
            try noReplace.move(draft, in: folder, to: name, in: folder)
            return true
        } catch {
            unlinkat(number, draft, 0)
            if error.code == EEXIST { return false }
            throw error
        }
    }

    /// No call of ours gives this errno: here it says that the file grew while it was copied.
    private static let changedMeanwhile = ECANCELED

    /// Moves the file, by copying if `accepted/` or `rejected/` is a file system of its own.
    private func carry(
        _ file: FolderFile, from folder: borrowing Descriptor, to name: String, in target: borrowing Descriptor
    ) throws(Errno) {
        do {
            try noReplace.move(file.name, in: folder, to: name, in: target)
            return
        } catch {
            guard error.code == EXDEV else { throw error }
        }
        let draft = ".remitd-move.tmp"
        let into = target.number
        unlinkat(into, draft, 0)
        let input = try Call.open(at: folder, file.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let output = try Call.open(at: target, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        do throws(Errno) {
            let (source, copy) = (input.number, output.number)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 4096)
            defer { buffer.deallocate() }
            while true {
                let count = try Call.read(source, into: buffer)
                if count == 0 { break }
                try Call.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: copy)
            }
            let status = try Call.status(input)
            guard file.isUnchanged(status) else { throw Errno(code: FolderInbox.changedMeanwhile) }
            try Call.repeating { fchmod(copy, status.mode & 0o777) }
            let modified = timespec(tv_sec: Int(file.mtime.seconds), tv_nsec: Int(file.mtime.nanoseconds))
            let times = [modified, modified]
            try Call.repeating { futimens(copy, times) }
            try Call.sync(output)
            try noReplace.move(draft, in: target, to: name, in: target)
            try Call.sync(target)
        } catch {
            unlinkat(into, draft, 0)
            throw error
        }
        try noReplace.takeAway(file.name, in: folder, if: { file.isUnchanged($0) })
    }
}
