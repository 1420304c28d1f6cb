import SFTP
import Trade

/// What an inbox remembers between its polls, as long as it lives. What was committed is remembered by the ledger.
struct SFTPMemory: Sendable {
    /// Looks at a file that was not settled.
    struct Look: Sendable {
        var size: Int64
        var modified: Int64
        /// The first look at this path.
        var first: FileTime
        /// The first look at this size and time.
        var since: FileTime
        /// How often it was looked at and not taken: the next early look comes later each time.
        var times = 0
    }
    var looks: [[UInt8]: Look] = [:]
    /// Files that a fetch broke down at: they go last and alone, so that one bad file does not hold up the rest.
    var late: Set<[UInt8]> = []
    struct Committed: Sendable {
        var candidate: SFTPCandidate
        /// For the name it may be moved to; nil if it was committed in an earlier life.
        var sha256: String?
    }
    /// Committed, but the server could not be told yet.
    var unacknowledged: [RemoteFile: Committed] = [:]
    /// libssh2 had no algorithm in common with the server.
    var needsOpenSSH = false
    /// The type of the key that is pinned, once the server has shown it.
    var pinnedType: String?

    /// Something that is said once in a life.
    struct Told: Hashable, Sendable {
        var what: String
        var path: [UInt8]
    }
    private var told: Set<Told> = []
    /// Bounds what a server full of odd names can cost; from there on some may be told again.
    private static let mostTold = 10_000

    /// Whether this has not been said yet; from now on it has.
    mutating func isNews(_ what: String, _ path: [UInt8] = []) -> Bool {
        if told.count >= SFTPMemory.mostTold { told.removeAll() }
        return told.insert(Told(what: what, path: path)).inserted
    }

    /// When another look at it is of use: `settle` after the first, twice as long after each further one. A file that is never done
    /// with must not have the server asked every few seconds.
    mutating func nextLook(_ path: [UInt8], settle: Duration, now: FileTime) -> FileTime? {
        guard var look = looks[path] else { return nil }
        let pause = settle * (1 << min(look.times, 16))
        look.times += 1
        looks[path] = look
        return look.times == 1 ? look.since + settle : now + pause
    }

    /// It was found changed while it was fetched, whatever the listing says: it has to settle anew.
    /// - Returns: the first look at it.
    mutating func unsettle(_ path: [UInt8], now: FileTime) -> FileTime {
        guard looks[path] != nil else { return now }
        looks[path]?.since = now
        return looks[path]?.first ?? now
    }

    /// The settle rule: unchanged between two looks far enough apart. The server's clock plays no part in it.
    mutating func isSettled(_ file: RemoteFile, settle: Duration, now: FileTime) -> Bool {
        guard var look = looks[file.path] else {
            looks[file.path] = Look(size: file.size, modified: file.modified, first: now, since: now)
            return settle == .zero && file.size > 0
        }
        // a clock that was set back makes the earlier look worthless
        if look.size != file.size || look.modified != file.modified || now < look.since {
            look.size = file.size
            look.modified = file.modified
            look.since = now
            look.first = min(look.first, now)
            looks[file.path] = look
        }
        return file.size > 0 && now - look.since >= settle
    }
}
