import Foundation
import GRDB
public import Trade

/// A digest as it was made.
public struct StoredDigest: Sendable {
    public var group: String
    public var day: Day
    public var made: Instant
    public var throughSeq: Int64
    public var openCounts: [String: Int]
    public var name: String
    public var message: [UInt8]
    public init(group: String, day: Day, made: Instant, throughSeq: Int64, openCounts: [String: Int], name: String, message: [UInt8]) {
        self.group = group
        self.day = day
        self.made = made
        self.throughSeq = throughSeq
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

    private func digestWhere(_ condition: String, _ arguments: StatementArguments) throws(LedgerError) -> StoredDigest? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM digests WHERE \(condition) LIMIT 1", arguments: arguments).map { row in
                let counts = try? JSONDecoder().decode([String: Int].self, from: Data((row["open_counts"] as String).utf8))
                return StoredDigest(
                    group: row["recipients"], day: Day(number: row["day"]), made: Instant(seconds: row["made"]),
                    throughSeq: row["through_seq"],
                    openCounts: counts ?? [:], name: row["name"], message: [UInt8](row["message"] as Data))
            }
        }
    }

    /// Kept before the message is placed in the outbox: a restart places the same bytes again.
    public func keep(_ digest: StoredDigest) throws(LedgerError) {
        let counts = JSON.object(digest.openCounts.mapValues { .number(Int64($0)) }).text
        try write { db in
            try db.execute(
                sql: "INSERT INTO digests VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [
                    digest.group, digest.day.number, digest.made.seconds, digest.throughSeq, counts, digest.name, Data(digest.message),
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

    /// Payments booked in (after, through], that stand.
    public func payments(bookedAfter after: Instant, through: Instant, accounts: [String]?) throws(LedgerError) -> [ReceivedPayment] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT a.name, coalesce(d.number, d.family), d.date, d.total, d.currency FROM bookings b
                    JOIN documents d ON d.id BETWEEN b.first_document AND b.last_document AND d.booking_id = b.id
                    JOIN accounts a ON a.id = d.account
                    WHERE b.finished > ? AND b.finished <= ? AND d.type = 1 AND d.stands = 1 AND d.withdrawn = 0 AND d.total IS NOT NULL
                    ORDER BY d.id
                    """, arguments: [after.seconds, through.seconds]
            ).compactMap { row in
                guard accounts?.contains(row[0]) ?? true else { return nil }
                return ReceivedPayment(
                    account: row[0], number: row[1], date: (row[2] as Int32?).map(Day.init(number:)),
                    money: Money(row[3], Currency(packed: row[4])))
            }
        }
    }

    /// Negative lines and adjustments of those payments, by class: claims, memos and other deductions, no provisions. A sum
    /// that leaves the range of 64 bits (no real books hold one) is left out rather than told wrongly.
    public func taken(bookedAfter after: Instant, through: Instant, accounts: [String]?) throws(LedgerError) -> [TakenSum] {
        try read { db in
            // SQLite's sum() fails on overflow, so it adds millions and the rest apart
            try Row.fetchAll(
                db,
                sql: """
                    SELECT a.name, coalesce(l.deduction, 'other'), coalesce(l.currency, d.currency), -sum(l.net / 1000000), -sum(l.net % 1000000)
                    FROM bookings b
                    JOIN documents d ON d.id BETWEEN b.first_document AND b.last_document AND d.booking_id = b.id
                    JOIN accounts a ON a.id = d.account
                    JOIN lines l ON l.id BETWEEN d.first_line AND d.last_line AND l.document_id = d.id
                    WHERE b.finished > ? AND b.finished <= ? AND d.type = 1 AND d.stands = 1 AND d.withdrawn = 0 AND l.net < 0
                        AND (l.role NOT IN (0, 5, 6) OR l.kind > 0)
                    GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 5 DESC
                    """, arguments: [after.seconds, through.seconds]
            ).compactMap { row in
                guard accounts?.contains(row[0]) ?? true, let deduction = DeductionClass(rawValue: row[1]),
                    let minor = Int64(exactly: Int128(row[3] as Int64) * 1_000_000 + Int128(row[4] as Int64))
                else { return nil }
                return TakenSum(account: row[0], deduction: deduction, money: Money(minor, Currency(packed: row[2])))
            }
        }
    }
}
