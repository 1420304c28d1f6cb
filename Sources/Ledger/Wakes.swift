import GRDB
public import Trade

/// What waits to be evaluated.
enum WakeKind: Int64 {
    case payment = 1
    case booking = 2
    case document = 3
    case family = 4
    case file = 5
    case order = 6
    /// An amount by which lines and invoices are to be paired.
    case pairing = 7
    /// A family that waits for its pairs.
    case paired = 8
    /// A finding that its case says no longer, until every case that waits may have said it: by its id, of no account.
    case unsaid = 9
    /// A finding of which several cases say parts, until every case that waits has said its own.
    case parts = 10
}

/// The kinds of case a finding belongs to. `source` and `service` are set by the daemon outright.
public enum CaseKind: Int64, Sendable {
    case payment = 1
    case family = 4
    case file = 5
    case source = 6
    case service = 7
    case order = 8
}

extension Ledger {
    static func wake(_ db: Database, _ kind: WakeKind, account: Int64, key: String) throws {
        try db.cachedStatement(sql: "INSERT INTO wakes (kind, account, key) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET progress = 0")
            .execute(arguments: [kind.rawValue, account, key])
    }

    /// Puts into the queue what waited for a day that has come. Costs one index look-up per account when nothing has.
    public func wakeDue(today: (String) -> Day?) throws(LedgerError) {
        let accounts = try read { db in try Row.fetchAll(db, sql: "SELECT id, name FROM accounts").map { ($0[0] as Int64, $0[1] as String) }
        }
        for (account, name) in accounts {
            guard let day = today(name) else { continue }
            let due = try read { db in
                try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM documents INDEXED BY documents_to_wake WHERE wake_day <= ? AND account = ?)",
                    arguments: [day.number, account])
            }
            guard due == true else { continue }
            forgetJudged()
            try write { db in
                try db.execute(
                    sql: """
                        INSERT INTO wakes (kind, account, key)
                        SELECT CASE type WHEN 1 THEN 3 WHEN 5 THEN 6 ELSE 4 END, account, CASE type WHEN 1 THEN CAST(id AS TEXT) ELSE family END
                        FROM documents WHERE wake_day <= ?1 AND account = ?2 ON CONFLICT DO UPDATE SET progress = 0;
                        """, arguments: [day.number, account])
                try db.execute(
                    sql: "UPDATE documents SET wake_day = NULL WHERE wake_day <= ?1 AND account = ?2", arguments: [day.number, account])
            }
        }
    }

    /// Puts every case of the accounts into the queue: for a new configuration, or a rescan.
    static func wakeAll(_ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO wakes (kind, account, key)
                SELECT DISTINCT 1, account, family FROM documents WHERE type = 1 AND withdrawn = 0 ON CONFLICT DO NOTHING;
                INSERT INTO wakes (kind, account, key)
                SELECT 2, 0, CAST(id AS TEXT) FROM bookings WHERE state IN ('booked', 'partial')
                ON CONFLICT DO UPDATE SET progress = 0;
                """)
    }

    public func queueLength() throws(LedgerError) -> Int {
        try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM wakes") ?? 0 }
    }
}
