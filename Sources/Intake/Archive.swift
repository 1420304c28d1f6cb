import Glibc
import Synchronization

/// What the archive says of bytes that were given to it.
public struct StoredOriginal: Hashable, Sendable {
    public var sha256: SHA256Digest
    /// In bytes.
    public var size: Int64
    /// False if an object of these bytes was there already.
    public var isNew: Bool
}

/// The originals: `STATE/archive/ab/<sha256>`, written once, mode 0440, never moved again, and `STATE/spool` where they are
/// written and hashed before they get that name. When a call has returned, the bytes survive a power cut.
///
/// Any number of threads may use it at once. All calls block on the disk.
public final class Archive: Sendable {
    public let path: String
    private let spool: Descriptor
    private let objects: Descriptor
    /// `archive/ab` folders that this process has seen or made durable.
    private let durable = Mutex<Set<String>>([])
    private let noReplace = NoReplace()

    /// Opens the archive below a state folder and creates what is missing of it: the state folder and `archive` 0750,
    /// `spool` 0700.
    public init(state path: String) throws(FileFailure) {
        self.path = path
        do {
            let state = try Archive.folder(path)
            try Call.makeFolder(at: state, "spool", mode: 0o700)
            try Call.makeFolder(at: state, "archive", mode: 0o750)
            spool = try Call.open(at: state, "spool", O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            objects = try Call.open(at: state, "archive", O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        } catch {
            throw FileFailure(error, side: .archive, operation: "open the archive in", path: path)
        }
    }

    /// Opens a folder, created with its parents where they are missing.
    private static func folder(_ path: String) throws(Errno) -> Descriptor {
        do {
            return try Call.open(path, O_RDONLY | O_DIRECTORY)
        } catch {
            guard error.code == ENOENT else { throw error }
        }
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else {
            let here = try Call.open(".", O_RDONLY | O_DIRECTORY)
            try Call.makeFolder(at: here, trimmed, mode: 0o750)
            return try Call.open(path, O_RDONLY | O_DIRECTORY)
        }
        let parent = try folder(slash == trimmed.startIndex ? "/" : String(trimmed[..<slash]))
        try Call.makeFolder(at: parent, String(trimmed[trimmed.index(after: slash)...]), mode: 0o750)
        return try Call.open(path, O_RDONLY | O_DIRECTORY)
    }

    // MARK: Taking in

    /// Copies what the descriptor still gives, from its present offset to the end.
    /// - Parameter origin: the source's path or name, for errors.
    public func store(fileDescriptor: Int32, origin: String = "the source file") throws(FileFailure) -> StoredOriginal {
        guard let draft = try draft(fileDescriptor: fileDescriptor, origin: origin, limit: nil, admit: { _ in true }) else {
            throw FileFailure(.damaged, side: .source, operation: "copy", path: origin, reason: "it was refused")
        }
        return try publish(draft)
    }

    /// Stores bytes that are in memory.
    public func store(bytes: [UInt8]) throws(FileFailure) -> StoredOriginal {
        let draft = try begin()
        try bytes.span.bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(FileFailure) in
            try append(buffer, to: draft)
        }
        try seal(draft)
        return try publish(draft)
    }

    /// A file in the spool: gone with its last reference, whatever happens.
    final class Draft {
        let name: String
        fileprivate(set) var size: Int64 = 0
        fileprivate var digest: SHA256Digest?
        fileprivate var file: Descriptor?
        fileprivate var hash: SHA256? = SHA256()
        private let spool: Int32

        fileprivate init(name: String, file: consuming Descriptor, spool: borrowing Descriptor) {
            self.name = name
            self.file = consume file
            self.spool = spool.number
        }
        // after the rename into the archive there is nothing of that name, and nobody else makes such names
        deinit { unlinkat(spool, name, 0) }
    }

    /// Copies a file into the spool.
    /// - Parameters:
    ///   - limit: more bytes than this are not waited for: nil is returned.
    ///   - admit: asked with the size when all is copied.
    /// - Returns: nil if the copy was not admitted; then nothing of it is left.
    func draft(fileDescriptor: Int32, origin: String, limit: Int64?, admit: (Int64) -> Bool) throws(FileFailure) -> Draft? {
        let draft = try begin()
        // small files are the many ones; above this size larger reads gain nothing
        let length = Int(min(limit ?? 262_144, 262_143)) + 1
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count: Int
            do {
                count = try Call.read(fileDescriptor, into: buffer)
            } catch {
                throw FileFailure(error, side: .source, operation: "read", path: origin)
            }
            if count == 0 { break }
            try append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: draft)
            if let limit, draft.size > limit { return nil }
        }
        guard admit(draft.size) else { return nil }
        try seal(draft)
        return draft
    }

    /// Begins a file in the spool that is written piece by piece: `append` any number of times, `seal`, `publish`.
    func begin() throws(FileFailure) -> Draft {
        // nobody can guess it and put something else there; O_EXCL would refuse that anyway
        let name = String(UInt64.random(in: 0 ... .max), radix: 36) + "-" + String(UInt64.random(in: 0 ... .max), radix: 36)
        do {
            return Draft(
                name: name, file: try Call.open(at: spool, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600), spool: spool)
        } catch {
            throw FileFailure(error, side: .archive, operation: "create", path: "\(path)/spool/\(name)")
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer, to draft: Draft) throws(FileFailure) {
        do throws(Errno) {
            guard let number = draft.file?.number else { throw Errno(code: EBADF) }
            try Call.write(bytes, to: number)
        } catch {
            throw FileFailure(error, side: .archive, operation: "write", path: "\(path)/spool/\(draft.name)")
        }
        draft.hash?.update(bytes)
        draft.size += Int64(bytes.count)
    }

    /// Ends the writing. The bytes are not durable yet.
    func seal(_ draft: Draft) throws(FileFailure) {
        do throws(Errno) {
            guard let hash = draft.hash.take(), let number = draft.file?.number else { throw Errno(code: EBADF) }
            draft.digest = hash.finish()
            try Call.repeating { fchmod(number, 0o440) }
        } catch {
            throw FileFailure(error, side: .archive, operation: "finish", path: "\(path)/spool/\(draft.name)")
        }
    }

    /// Closes a sealed draft's file; it can still be published among many, which needs only its name.
    func close(_ draft: Draft) { draft.file = nil }

    /// Makes one draft durable and gives it its lasting name.
    func publish(_ draft: Draft) throws(FileFailure) -> StoredOriginal {
        do throws(Errno) {
            guard let file = draft.file.take() else { throw Errno(code: EBADF) }
            try Call.sync(file)
        } catch {
            throw FileFailure(error, side: .archive, operation: "sync", path: "\(path)/spool/\(draft.name)")
        }
        return try place(draft, syncing: true)
    }

    /// Makes many drafts durable at once: two `syncfs` instead of two `fsync` each.
    /// - Throws: if nothing can be promised of any of them.
    /// - Returns: in the order given.
    func publish(_ drafts: [Draft]) throws(FileFailure) -> [Result<StoredOriginal, FileFailure>] {
        if drafts.isEmpty { return [] }
        do {
            try Call.syncFileSystem(of: spool)
        } catch {
            throw FileFailure(error, side: .archive, operation: "sync", path: "\(path)/spool")
        }
        let placed = drafts.map { draft in
            Result { () throws(FileFailure) in try place(draft, syncing: false) }
        }
        do {
            try Call.syncFileSystem(of: objects)
        } catch {
            throw FileFailure(error, side: .archive, operation: "sync", path: "\(path)/archive")
        }
        return placed
    }

    private func place(_ draft: Draft, syncing: Bool) throws(FileFailure) -> StoredOriginal {
        guard let digest = draft.digest else {
            throw FileFailure(.io, side: .archive, operation: "store", path: draft.name, reason: "it was not written to its end")
        }
        let hex = digest.hex
        do throws(Errno) {
            let folder = try objectFolder(String(hex.prefix(2)))
            var isNew = true
            do throws(Errno) {
                try noReplace.move(draft.name, in: spool, to: hex, in: folder)
            } catch {
                guard error.code == EEXIST else { throw error }
                isNew = false
                let there = try Call.status(at: folder, hex)
                guard there.shape == .file, there.size == draft.size else { throw Errno(code: Archive.otherSize) }
            }
            // also if the object was there: whoever put it there may have been killed before this line.
            // The spool needs none: a name that reappears in it after a power cut is swept.
            if syncing { try Call.sync(folder) }
            return StoredOriginal(sha256: digest, size: draft.size, isNew: isNew)
        } catch {
            guard error.code == Archive.otherSize else {
                throw FileFailure(error, side: .archive, operation: "store", path: objectPath(digest))
            }
            throw FileFailure(
                .damaged, side: .archive, operation: "keep", path: objectPath(digest),
                reason: "an object of this name has another size than \(draft.size) bytes; "
                    + "restore it from a backup, or move it away and send the file again")
        }
    }

    /// No call of ours gives this errno: here it says that an object is not what its name says.
    private static let otherSize = EBADMSG

    /// Opens `archive/ab`, made if missing. Once per process its entry is synced even if it was there.
    private func objectFolder(_ name: String) throws(Errno) -> Descriptor {
        if !durable.withLock({ $0.contains(name) }) {
            if !(try Call.makeFolder(at: objects, name, mode: 0o750)) { try Call.sync(objects) }
            durable.withLock { _ = $0.insert(name) }
        }
        return try Call.open(at: objects, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }

    // MARK: Giving out

    /// Where the object of that digest is, or would be.
    public func objectPath(_ sha256: SHA256Digest) -> String { "\(path)/archive/\(Archive.relative(sha256))" }

    private static func relative(_ sha256: SHA256Digest) -> String {
        let hex = sha256.hex
        return "\(hex.prefix(2))/\(hex)"
    }

    public func contains(_ sha256: SHA256Digest) -> Bool {
        (try? Call.status(at: objects, Archive.relative(sha256)).shape) == .file
    }

    private func file(_ sha256: SHA256Digest) throws(FileFailure) -> Descriptor {
        do {
            return try Call.open(at: objects, Archive.relative(sha256), O_RDONLY | O_NOFOLLOW)
        } catch {
            throw FileFailure(error, side: .archive, operation: "open", path: objectPath(sha256))
        }
    }

    /// The original's bytes in memory. Its digest is not computed: that is `verify`.
    public func open(_ sha256: SHA256Digest) throws(FileFailure) -> MappedOriginal {
        let file = try file(sha256)
        do {
            let status = try Call.status(file)
            guard status.shape == .file else {
                throw FileFailure(
                    .damaged, side: .archive, operation: "open", path: objectPath(sha256), reason: "it is not a regular file")
            }
            return try MappedOriginal(sha256: sha256, file: file, size: Int(status.size))
        } catch let error as FileFailure {
            throw error
        } catch let error as Errno {
            throw FileFailure(error, side: .archive, operation: "map", path: objectPath(sha256))
        } catch {
            throw FileFailure(.io, side: .archive, operation: "map", path: objectPath(sha256), reason: "\(error)")
        }
    }

    /// Reads the object and compares its digest with its name.
    /// - Throws: `vanished` if there is none, `damaged` if the bytes are others.
    public func verify(_ sha256: SHA256Digest) throws(FileFailure) {
        guard try digest(of: sha256, first: nil) == sha256 else {
            throw FileFailure(
                .damaged, side: .archive, operation: "trust", path: objectPath(sha256),
                reason: "its bytes have another SHA-256 than its name; restore it from a backup")
        }
    }

    /// SHA-256 of the object's first `count` bytes: equal to another original's digest if that one is this one, cut short.
    /// - Returns: nil if the object has fewer bytes.
    public func prefixDigest(_ sha256: SHA256Digest, count: Int64) throws(FileFailure) -> SHA256Digest? {
        try digest(of: sha256, first: count)
    }

    private func digest(of sha256: SHA256Digest, first limit: Int64?) throws(FileFailure) -> SHA256Digest? {
        let file = try file(sha256)
        var hash = SHA256()
        var rest = limit ?? .max
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 4096)
        defer { buffer.deallocate() }
        do {
            while rest > 0 {
                let want = Int(min(rest, Int64(buffer.count)))
                let count = try Call.read(file.number, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<want]))
                if count == 0 { break }
                hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                rest -= Int64(count)
            }
        } catch {
            throw FileFailure(error, side: .archive, operation: "read", path: objectPath(sha256))
        }
        return limit != nil && rest > 0 ? nil : hash.finish()
    }

    // MARK: Housekeeping

    /// Removes what crashes left in the spool. At start, with the lock on the state held, everything in it is such.
    /// - Parameter olderThan: what was modified at or after this time stays.
    /// - Returns: how many files were removed.
    @discardableResult
    public func sweepSpool(olderThan time: FileTime) throws(FileFailure) -> Int {
        var removed = 0
        do {
            for bytes in try Call.names(in: spool) {
                let name = String(decoding: bytes, as: UTF8.self)
                guard let status = try? Call.status(at: spool, name), status.shape == .file, status.modified < time else { continue }
                try Call.unlink(at: spool, name)
                removed += 1
            }
        } catch {
            throw FileFailure(error, side: .archive, operation: "sweep", path: "\(path)/spool")
        }
        return removed
    }

    /// Every object's digest, ascending, and the paths (below `archive/`) of whatever else lies there.
    public func contents() throws(FileFailure) -> (originals: [SHA256Digest], strangers: [String]) {
        var originals: [SHA256Digest] = []
        var strangers: [String] = []
        do {
            for bytes in try Call.names(in: objects) {
                let prefix = FolderName.shown(bytes)
                guard bytes.count == 2, let folder = try? Call.open(at: objects, prefix, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) else {
                    strangers.append(prefix)
                    continue
                }
                for bytes in try Call.names(in: folder) {
                    let name = FolderName.shown(bytes)
                    if let digest = SHA256Digest(hex: name), digest.hex == name, name.hasPrefix(prefix) {
                        originals.append(digest)
                    } else {
                        strangers.append("\(prefix)/\(name)")
                    }
                }
            }
        } catch {
            throw FileFailure(error, side: .archive, operation: "list", path: "\(path)/archive")
        }
        return (originals.sorted(), strangers.sorted())
    }
}
