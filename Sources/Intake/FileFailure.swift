import Glibc

/// What went wrong with a file of ours or of a source: classified once, here, where the errno is known.
public struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// ENOSPC, EDQUOT: goes away when somebody makes room; nothing was kept.
        case diskFull = "disk_full"
        /// EACCES, EPERM, EROFS.
        case permission
        /// ENOENT, ENOTDIR, ESTALE: what was there is there no more.
        case vanished
        /// EMFILE, ENFILE, ENOMEM: this process or machine ran short of something.
        case exhausted
        /// Any other errno; a disk or a network file system that does not answer properly.
        case io
        /// An object of the archive is not what its name says.
        case damaged
    }

    /// Whose fault it is: a source's file (others go on) or the archive (nothing can go on).
    public enum Side: String, Sendable { case source, archive }

    public var kind: Kind
    public var side: Side
    /// The verb, as in "cannot VERB PATH".
    public var operation: String
    public var path: String
    /// errno; 0 for `damaged`.
    public var code: Int32
    /// In words, without the path: "No space left on device".
    public var reason: String

    public init(_ kind: Kind, side: Side, operation: String, path: String, code: Int32 = 0, reason: String) {
        self.kind = kind
        self.side = side
        self.operation = operation
        self.path = path
        self.code = code
        self.reason = reason
    }

    init(_ error: Errno, side: Side, operation: String, path: String) {
        self.init(error.kind, side: side, operation: operation, path: path, code: error.code, reason: error.words)
    }

    public var description: String { "cannot \(operation) \(path): \(reason)" }
}

/// An errno as a typed error of the calls in this target.
struct Errno: Error, Hashable, Sendable {
    var code: Int32
    /// The calling thread's present one.
    static var last: Errno { Errno(code: errno) }

    /// The C library's words; thread-safe since glibc 2.32 (Debian 12 has 2.36).
    var words: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    var kind: FileFailure.Kind {
        switch code {
        case ENOSPC, EDQUOT: .diskFull
        case EACCES, EPERM, EROFS: .permission
        case ENOENT, ENOTDIR, ESTALE: .vanished
        case EMFILE, ENFILE, ENOMEM: .exhausted
        default: .io
        }
    }
}

/// Why a source gave nothing, or could not be acknowledged. Never to be taken for "no files".
public struct SourceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The contract's words for `source.failing` (`details.class`).
    public enum Class: String, Sendable, CaseIterable {
        case auth, permission, network
        case hostKey = "host_key"
        case tls, format, remote, missing
    }
    public var `class`: Class
    /// One line: place, what is wrong, what to do.
    public var text: String

    public init(_ class: Class, _ text: String) {
        self.class = `class`
        self.text = text
    }

    public var description: String { text }
}
