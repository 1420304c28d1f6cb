import Foundation
import GRDB
import Synchronization
public import Trade

/// What went wrong with the database, as far as a caller can act on it.
public struct LedgerError: Error, CustomStringConvertible {
    public enum Kind: Sendable {
        /// No space left for the database.
        case full
        /// Another process holds it.
        case busy
        /// SIGTERM interrupted a long transaction; it was rolled back and is done again at the next start.
        case interrupted
        case permission
        case corrupt
        case other
    }
    public var kind: Kind
    public var description: String

    init(_ error: any Error) {
        if let error = error as? LedgerError {
            self = error
            return
        }
        if let error = error as? DatabaseError {
            kind =
                switch error.resultCode {
                case .SQLITE_FULL: .full
                case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
                case .SQLITE_INTERRUPT, .SQLITE_ABORT: .interrupted
                case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_AUTH: .permission
                case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
                default: .other
                }
            description = "database: \(error.message ?? error.resultCode.description)"
        } else {
            kind = .other
            description = "database: \(error)"
        }
    }

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// The database of one state folder. One process opens it for writing. Every method is synchronous and may block on the disk and
/// on other threads: any number may call, GRDB's queue lets in one at a time. Each call is one transaction; what spans several
/// belongs to the pass, which has one thread. The threads that poll servers call ``areKnown(_:from:)``,
/// ``receiveRemote(_:from:account:isFinal:at:)`` and ``acknowledgeRemote(_:from:)``: these read and write no case, so what was
/// judged lately (``recentlyJudged``) stays true.
///
/// WAL with `synchronous=FULL`: in a power cut NORMAL kept 1 of 201 commits (measured; GRDB's own set-up is NORMAL, so it
/// is set back after opening and asserted).
public final class Ledger: Sendable {
    let queue: DatabaseQueue
    /// First 32 hex digits of a text's SHA-256: the Ledger has no cryptography of its own.
    let fingerprint: @Sendable (String) -> String
    let recentlyJudged = Mutex(RecentlyJudged())
    /// Ids of findings that changed in the transaction that is open, and of which other cases may speak, too; see `note`.
    let changedNow = Mutex<[(id: String, isToldOnce: Bool)]>([])
    /// Ids of findings of which several cases say a part, and one said another in the transaction that is open.
    let sharedNow = Mutex<Set<String>>([])

    /// - Parameters:
    ///   - path: of the database file; created if missing unless `readOnly`.
    ///   - fingerprint: first 32 hex digits of SHA-256.
    public init(
        path: String, readOnly: Bool = false, fingerprint: @escaping @Sendable (String) -> String
    ) throws(LedgerError) {
        self.fingerprint = fingerprint
        do {
            var configuration = Configuration()
            configuration.readonly = readOnly
            configuration.busyMode = .timeout(10)
            configuration.foreignKeysEnabled = true
            configuration.journalMode = readOnly ? .default : .wal
            configuration.prepareDatabase { db in
                // 48 MiB of pages: a million-line file keeps its index leaves in memory within the 200 MiB bound
                try db.execute(sql: "PRAGMA cache_size = -49152; PRAGMA temp_store = MEMORY")
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            if !readOnly {
                try queue.writeWithoutTransaction { db in
                    try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000")
                    guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                        throw LedgerError(.other, "database: synchronous=FULL could not be set")
                    }
                }
                try Migrations.migrator.migrate(queue)
                try queue.write { db in try Links.bringUpToDate(db) }
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Whether the schema is there: a state folder may exist before the first pass.
    public func isEmpty() throws(LedgerError) -> Bool {
        try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema WHERE name = 'findings'") == 0 }
    }

    /// Whether the schema is that of this version: only a writer brings an older one up to it.
    public func isCurrent() throws(LedgerError) -> Bool {
        try read { db in
            let migrator = Migrations.migrator
            return try migrator.hasCompletedMigrations(db) && !migrator.hasBeenSuperseded(db)
        }
    }

    /// Ends the running statement of a long transaction, which then rolls back. Callable from any thread.
    public func interrupt() { queue.interrupt() }

    /// A real query, for the watchdog.
    public func ping() throws(LedgerError) { _ = try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM meta") } }

    public func checkIntegrity() throws(LedgerError) -> String {
        try read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") ?? "no answer" }
    }

    func read<T>(_ body: (Database) throws -> T) throws(LedgerError) -> T {
        do { return try queue.read(body) } catch { throw LedgerError(error) }
    }

    /// For every change of what cases are made of, or of the day on which they are judged.
    func forgetJudged() { recentlyJudged.withLock { $0.forget() } }

    /// One IMMEDIATE transaction.
    func write<T>(_ body: (Database) throws -> T) throws(LedgerError) -> T {
        do {
            return try queue.writeWithoutTransaction { db in
                var result: T?
                try db.inTransaction(.immediate) {
                    result = try body(db)
                    return .commit
                }
                guard let result else { throw LedgerError(.other, "database: transaction without a result") }
                return result
            }
        } catch { throw LedgerError(error) }
    }

    // MARK: meta

    /// The latest instant that any pass was stamped with: the clock never goes back within one ledger.
    public func lastAsOf() throws(LedgerError) -> Instant? {
        try read { db in
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'as_of'").flatMap(Int64.init).map(Instant.init(seconds:))
        }
    }

    public func setLastAsOf(_ instant: Instant) throws(LedgerError) {
        try write { db in
            try db.execute(
                sql:
                    "INSERT INTO meta VALUES ('as_of', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)",
                arguments: [String(instant.seconds)])
        }
    }

    /// For the running daemon: an idle one must not write to the disk at every tick.
    public func setLastAsOfOnceAMinute(_ instant: Instant, _ last: inout Instant?) throws(LedgerError) {
        if let last, instant.seconds - last.seconds < 60, instant >= last { return }
        try setLastAsOf(instant)
        last = instant
    }

    /// Remembers by what settings cases are judged; if they are others than last time, every case is judged again.
    /// - Returns: whether they were.
    @discardableResult
    public func noteRules(_ settings: String) throws(LedgerError) -> Bool {
        forgetJudged()
        return try write { db in
            let before = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'rules'")
            guard before != settings else { return false }
            try db.execute(
                sql: "INSERT INTO meta VALUES ('rules', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", arguments: [settings])
            guard before != nil else { return false }
            try Self.wakeAll(db)
            return true
        }
    }

    /// Appends to the audit trail; the chain digest covers the previous row's.
    static func audit(
        _ db: Database, fingerprint: (String) -> String, at time: Instant, who: String, action: String, subject: String, text: String
    ) throws {
        let previous = try String.fetchOne(db, sql: "SELECT chain FROM audit ORDER BY id DESC LIMIT 1") ?? ""
        let chain = fingerprint([previous, String(time.seconds), who, action, subject, text].joined(separator: "\0"))
        try db.execute(
            sql: "INSERT INTO audit (time, who, action, subject, text, chain) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [time.seconds, who, action, subject, text, chain])
    }

    static func accountID(_ db: Database, _ name: String) throws -> Int64 {
        if let id = try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM accounts WHERE name = ?"), arguments: [name]) { return id }
        try db.execute(sql: "INSERT INTO accounts (name) VALUES (?)", arguments: [name])
        return db.lastInsertedRowID
    }
}
