import Foundation
import GRDB
public import Trade

/// A digest as it was made.
public struct StoredDigest: Sendable {
    public var group: String
    public var day: Day
    public var made: Instant
    public var throughSeq: Int64
    /// The last document whose payment it tells of, or an earlier digest did.
    public var throughDocument: Int64
    public var openCounts: [String: Int]
    public var name: String
    public var message: [UInt8]
    public init(
        group: String, day: Day, made: Instant, throughSeq: Int64, throughDocument: Int64, openCounts: [String: Int], name: String,
        message: [UInt8]
    ) {
        self.group = group
        self.day = day
        self.made = made
        self.throughSeq = throughSeq
        self.throughDocument = throughDocument
        self.openCounts = openCounts
        self.name = name
        self.message = message
    }
}

/// Money that came in, for a digest's third section.
public struct ReceivedPayment: Sendable {
    public var account: String
    public var number: String
    public var date: Day?
    public var money: Money
}

/// What was taken from payments, by class.
public struct TakenSum: Sendable {
    public var account: String
    public var deduction: DeductionClass
    public var money: Money
}

extension Ledger {
    public func digest(group: String, day: Day) throws(LedgerError) -> StoredDigest? {
        try digestWhere("recipients = ? AND day = ?", [group, day.number])
    }

    public func lastDigest(group: String, before day: Day) throws(LedgerError) -> StoredDigest? {
        try digestWhere("recipients = ? AND day < ? ORDER BY day DESC", [group, day.number])
    }

    /// Kept, and never seen in the outbox: oldest first.
    public func unplacedDigests() throws(LedgerError) -> [StoredDigest] { try digestsWhere("placed = 0 ORDER BY day", []) }

    public func notePlaced(_ digest: StoredDigest) throws(LedgerError) {
        try write { db in
            try db.execute(
                sql: "UPDATE digests SET placed = 1 WHERE recipients = ? AND day = ?", arguments: [digest.group, digest.day.number])
        }
    }

    /// Whether anything had come by then.
    public func hadReceived(by time: Instant) throws(LedgerError) -> Bool {
        try read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM bookings WHERE id = (SELECT min(id) FROM bookings) AND received <= ?)",
                arguments: [time.seconds]) ?? false
        }
    }

    /// The last document there is.
    public func lastDocument() throws(LedgerError) -> Int64 {
        try read { db in try Int64.fetchOne(db, sql: "SELECT max(id) FROM documents") ?? 0 }
    }

    private func digestWhere(_ condition: String, _ arguments: StatementArguments) throws(LedgerError) -> StoredDigest? {
        try digestsWhere(condition + " LIMIT 1", arguments).first
    }

    private func digestsWhere(_ condition: String, _ arguments: StatementArguments) throws(LedgerError) -> [StoredDigest] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM digests WHERE \(condition)", arguments: arguments).map { row in
                let counts = try? JSONDecoder().decode([String: Int].self, from: Data((row["open_counts"] as String).utf8))
                return StoredDigest(
                    group: row["recipients"], day: Day(number: row["day"]), made: Instant(seconds: row["made"]),
                    throughSeq: row["through_seq"], throughDocument: row["through_document"],
                    openCounts: counts ?? [:], name: row["name"], message: [UInt8](row["message"] as Data))
            }
        }
    }

    /// Kept before the message is placed in the outbox: a restart places the same bytes again.
    public func keep(_ digest: StoredDigest) throws(LedgerError) {
        let counts = JSON.object(digest.openCounts.mapValues { .number(Int64($0)) }).text
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO digests (recipients, day, made, through_seq, through_document, open_counts, name, message)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                arguments: [
                    digest.group, digest.day.number, digest.made.seconds, digest.throughSeq, digest.throughDocument, counts, digest.name,
                    Data(digest.message),
                ])
        }
    }

    public func knownUntil() throws(LedgerError) -> [String: Day] {
        try read { db in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(db, sql: "SELECT name, known_until FROM accounts WHERE known_until IS NOT NULL").map
                {
                    ($0[0] as String, Day(number: $0[1]))
                })
        }
    }

    /// Remittances told for the first time: stored after document `after`, up to `through`, that stand. One that was read
    /// again is not money received again.
    private static let toldNow = """
        d.id > ?1 AND d.id <= ?2 AND d.type = 1 AND d.stands = 1 AND d.withdrawn = 0
            AND NOT EXISTS (SELECT 1 FROM documents e WHERE e.account = d.account AND e.family = d.family AND e.type = 1 AND e.id <= ?1)
        """

    public func payments(after: Int64, through: Int64, accounts: [String]?) throws(LedgerError) -> [ReceivedPayment] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT a.name, coalesce(d.number, d.family), d.date, d.total, d.currency FROM documents d JOIN accounts a ON a.id = d.account
                    WHERE \(Self.toldNow) AND d.total IS NOT NULL ORDER BY d.id
                    """, arguments: [after, through]
            ).compactMap { row in
                guard accounts?.contains(row[0]) ?? true else { return nil }
                return ReceivedPayment(
                    account: row[0], number: row[1], date: (row[2] as Int32?).map(Day.init(number:)),
                    money: Money(row[3], Currency(packed: row[4])))
            }
        }
    }

    /// What those payments took, by class: negative lines and adjustments beside them, and adjustments inside lines that pay.
    /// No provisions (they are held, not taken), no take-backs, no final documents (their claim was told when it was taken). A
    /// sum that leaves the range of 64 bits (no real books hold one) is left out rather than told wrongly.
    public func taken(after: Int64, through: Int64, accounts: [String]?) throws(LedgerError) -> [TakenSum] {
        try read { db in
            // SQLite's sum() fails on overflow, so it adds millions and the rest apart. Roles: 0 invoice, 4 final document,
            // 5 and 6 provisions; kind 2 is part of the line before it
            try Row.fetchAll(
                db,
                sql: """
                    SELECT a.name, coalesce(l.deduction, 'other'), coalesce(l.currency, d.currency), -sum(l.net / 1000000), -sum(l.net % 1000000)
                    FROM documents d JOIN accounts a ON a.id = d.account
                    JOIN lines l ON l.id BETWEEN d.first_line AND d.last_line AND l.document_id = d.id
                    WHERE \(Self.toldNow) AND l.net < 0 AND CASE l.kind WHEN 0 THEN l.role NOT IN (0, 4, 5, 6) WHEN 1 THEN 1
                        ELSE (SELECT p.role FROM lines p WHERE p.id < l.id AND p.kind = 0 ORDER BY p.id DESC LIMIT 1) = 0 END
                    GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 5 DESC
                    """, arguments: [after, through]
            ).compactMap { row in
                guard accounts?.contains(row[0]) ?? true, let deduction = DeductionClass(rawValue: row[1]),
                    let minor = Int64(exactly: Int128(row[3] as Int64) * 1_000_000 + Int128(row[4] as Int64))
                else { return nil }
                return TakenSum(account: row[0], deduction: deduction, money: Money(minor, Currency(packed: row[2])))
            }
        }
    }
}
