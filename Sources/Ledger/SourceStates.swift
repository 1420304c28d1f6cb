import GRDB
public import Trade

/// How a source has been doing.
public struct SourceState: Sendable {
    public var id: String
    public var kind: String
    public var lastSuccess: Instant?
    public var lastArrival: Instant?
    public var errorClass: String?
    public var errorText: String?
    public var errorSince: Instant?
    public var failures: Int
    public var nextPoll: Instant?
}

extension Ledger {
    /// The end of every poll: outcome, next time. The only place that writes them.
    public func endPoll(
        of source: String, kind: String, failure: (class: String, text: String)?, next: Instant, at time: Instant
    ) throws(LedgerError) {
        try write { db in
            try db.execute(
                sql: "INSERT INTO sources (id, kind) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind",
                arguments: [source, kind])
            if let failure {
                try db.execute(
                    sql: """
                        UPDATE sources SET last_poll = ?1, error_class = ?2, error_text = ?3, error_since = coalesce(error_since, ?1),
                            failures = failures + 1, next_poll = ?4 WHERE id = ?5
                        """, arguments: [time.seconds, failure.class, failure.text, next.seconds, source])
            } else {
                try db.execute(
                    sql: """
                        UPDATE sources SET last_poll = ?1, last_success = ?1, error_class = NULL, error_text = NULL, error_since = NULL,
                            failures = 0, next_poll = ?2 WHERE id = ?3
                        """, arguments: [time.seconds, next.seconds, source])
            }
        }
    }

    public func sources() throws(LedgerError) -> [SourceState] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM sources ORDER BY id").map { row in
                func instant(_ name: String) -> Instant? { (row[name] as Int64?).map(Instant.init(seconds:)) }
                return SourceState(
                    id: row["id"], kind: row["kind"], lastSuccess: instant("last_success"), lastArrival: instant("last_arrival"),
                    errorClass: row["error_class"], errorText: row["error_text"], errorSince: instant("error_since"),
                    failures: row["failures"],
                    nextPoll: instant("next_poll"))
            }
        }
    }
}
