import Foundation
import GRDB
public import Trade

extension Ledger {
    // MARK: receiving

    /// Records arrivals, all in one commit. After it the sources may be told.
    /// - Returns: per arrival its id and its booking (an older one where the same bytes came before).
    public func receive(_ arrivals: [NewArrival], at time: Instant) throws(LedgerError) -> [(arrival: Int64, booking: Booking)] {
        try write { db in
            try arrivals.map { arrival in
                var booking = try Self.receive(db, arrival, at: time)
                let id: Int64
                if let same = try Self.arrival(db, arrival, booking: booking.id) {
                    id = same
                } else {
                    id = try Self.insert(db, arrival, booking: booking.id, at: time)
                    try Self.welcome(db, &booking)
                }
                try Self.noteArrival(db, from: arrival.source, kind: "folder", at: time)
                return (id, booking)
            }
        }
    }

    /// The booking of an arrival's content: an older one where the same bytes came before.
    /// - Parameter container: that the content was found in; nil: it came as a file.
    static func receive(_ db: Database, _ arrival: NewArrival, at time: Instant, inside container: Booking? = nil) throws -> Booking {
        let original = try Self.original(db, sha256: arrival.sha256, size: arrival.size, at: time)
        let depth = container.map { $0.depth + 1 } ?? 0
        try db.cachedStatement(
            sql: """
                INSERT INTO bookings (original_id, account, name, state, received, depth, root) VALUES (?, ?, ?, 'received', ?, ?, ?)
                ON CONFLICT DO NOTHING
                """
        ).execute(arguments: [
            original, arrival.account, arrival.name, time.seconds, depth, container.map { $0.root ?? $0.id },
        ])
        guard var booking = try Self.booking(db, "o.id = ? AND b.account = ?", [original, arrival.account]) else {
            throw LedgerError(.other, "database: a booking was not kept")
        }
        if depth < booking.depth {  // it lies less deep than was known: a retry may go deeper into it
            (booking.depth, booking.root) = (depth, container.map { $0.root ?? $0.id })
            try db.execute(
                sql: "UPDATE bookings SET depth = ?, root = ? WHERE id = ?", arguments: [depth, booking.root, booking.id])
        }
        return booking
    }

    static func original(_ db: Database, sha256: String, size: Int, at time: Instant) throws -> Int64 {
        try db.cachedStatement(sql: "INSERT INTO originals (sha256, size, first_seen) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .execute(arguments: [sha256, size, time.seconds])
        guard let id = try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM originals WHERE sha256 = ?"), arguments: [sha256]) else {
            throw LedgerError(.other, "database: an original was not kept")
        }
        return id
    }

    static func noteArrival(_ db: Database, from source: String, kind: String, at time: Instant) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO sources (id, kind, last_arrival) VALUES (?2, ?3, ?1)
                ON CONFLICT (id) DO UPDATE SET last_arrival = max(coalesce(last_arrival, 0), excluded.last_arrival)
                """
        ).execute(arguments: [time.seconds, source, kind])
    }

    /// A file that was recorded, and not moved before a crash, is met again: that is the same arrival.
    private static func arrival(_ db: Database, _ arrival: NewArrival, booking: Int64) throws -> Int64? {
        let same = try db.cachedStatement(
            sql: "SELECT id FROM arrivals WHERE booking_id = ? AND source = ? AND name = ? AND modified = ? AND acknowledged = 0")
        return try Int64.fetchOne(same, arguments: [booking, arrival.source, arrival.name, arrival.modified])
    }

    /// What was withdrawn only because its container was is read again when it comes another way. What a person withdrew by itself
    /// stays withdrawn.
    static func welcome(_ db: Database, _ booking: inout Booking) throws {
        guard booking.state == .withdrawn, booking.withdrawnWith != nil else { return }
        try readAgain(db, booking.id)
        (booking.state, booking.withdrawnWith, booking.attempts, booking.crashes) = (.received, nil, 0, 0)
    }

    /// Puts a booking back into the queue, without what it stored.
    static func readAgain(_ db: Database, _ booking: Int64) throws {
        try forget(db, booking: booking)
        try db.execute(
            sql: "UPDATE bookings SET state = 'received', withdrawn_with = NULL, attempts = 0, crashes = 0 WHERE id = ?",
            arguments: [booking])
    }

    static func insert(_ db: Database, _ arrival: NewArrival, booking: Int64, at time: Instant) throws -> Int64 {
        try db.cachedStatement(sql: "INSERT INTO arrivals (booking_id, source, name, modified, at) VALUES (?, ?, ?, ?, ?)")
            .execute(arguments: [booking, arrival.source, arrival.name, arrival.modified, time.seconds])
        return db.lastInsertedRowID
    }

    static func booking(_ db: Database, _ condition: String, _ arguments: StatementArguments) throws -> Booking? {
        try bookings(db, condition + " LIMIT 1", arguments).first
    }

    static func bookings(_ db: Database, _ condition: String, _ arguments: StatementArguments) throws -> [Booking] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT b.id, o.sha256, b.account, b.name, b.state, b.received, b.attempts, b.crashes, b.problems, b.depth, b.root,
                    b.finished, b.withdrawn_with
                FROM bookings b JOIN originals o ON o.id = b.original_id WHERE \(condition)
                """)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            Booking(
                id: row[0], sha256: row[1], account: row[2], name: row[3], state: BookingState(rawValue: row[4]) ?? .received,
                received: Instant(seconds: row[5]), attempts: row[6], crashes: row[7],
                problems: StoredText.problems(row[8]).map(\.description), depth: row[9], root: row[10],
                finished: (row[11] as Int64?).map(Instant.init(seconds:)), withdrawnWith: row[12])
        }
    }

    /// Bookings still to be read, oldest first.
    public func unread(limit: Int) throws(LedgerError) -> [Booking] {
        try read { db in try Self.bookings(db, "b.state = 'received' ORDER BY b.id LIMIT \(limit)", []) }
    }

    public func arrivals(unacknowledgedFrom source: String) throws(LedgerError) -> [UnacknowledgedArrival] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, name, booking_id FROM arrivals WHERE source = ? AND acknowledged = 0 ORDER BY id", arguments: [source]
            ).compactMap { row in
                try Self.booking(db, "b.id = ?", [row["booking_id"] as Int64]).map {
                    UnacknowledgedArrival(id: row["id"], source: source, name: row["name"], booking: $0)
                }
            }
        }
    }

    public func acknowledge(_ arrivals: [Int64]) throws(LedgerError) {
        guard !arrivals.isEmpty else { return }
        try write { db in
            for id in arrivals {
                try db.cachedStatement(sql: "UPDATE arrivals SET acknowledged = 1 WHERE id = ?").execute(arguments: [id])
            }
        }
    }

    // MARK: reading

    /// Makes "a reading of these was begun" durable before a parser sees a byte.
    public func attempt(_ bookings: [Booking]) throws(LedgerError) {
        try write { db in
            for booking in bookings {
                try db.cachedStatement(sql: "UPDATE bookings SET attempts = attempts + 1 WHERE id = ?").execute(arguments: [booking.id])
            }
        }
    }

    /// A stop that was asked for ended the readings, and not the files: they were not tried.
    public func unattempt(_ bookings: [Booking]) throws(LedgerError) {
        try write { db in
            for booking in bookings {
                try db.cachedStatement(sql: "UPDATE bookings SET attempts = max(0, attempts - 1) WHERE id = ?").execute(arguments: [
                    booking.id
                ])
            }
        }
    }

    /// A fatal signal ended the process while it read this one.
    public func recordCrash(of sha256: String) throws(LedgerError) {
        try write { db in
            try db.execute(
                sql:
                    "UPDATE bookings SET crashes = crashes + 1 WHERE state = 'received' AND original_id = (SELECT id FROM originals WHERE sha256 = ?)",
                arguments: [sha256])
        }
    }

    /// Reads originals into the ledger, all in one transaction with a savepoint each: a file's documents are stored and its
    /// cases woken together, or nothing of it is. Many small files share one fsync and write each index page once.
    /// - Throws: only what is wrong with the database, or `.interrupted`, and then nothing of any of them is kept; what is
    ///   wrong with a file is its outcome.
    public func book(_ jobs: [BookingJob], at time: Instant, isStopping: @escaping () -> Bool) throws(LedgerError) -> [BookingOutcome] {
        forgetJudged()
        return try write { db in try jobs.map { try Self.book(db, $0, at: time, isStopping: isStopping) } }
    }

    private static func book(_ db: Database, _ job: BookingJob, at time: Instant, isStopping: @escaping () -> Bool) throws -> BookingOutcome
    {
        let booking = job.booking
        var outcome = BookingOutcome.booked
        try db.inSavepoint {
            try forget(db, booking: booking.id)
            var sink = try LedgerSink(db, booking: booking.id, sha256: booking.sha256, isStopping: isStopping, destination: job.destination)
            let format: String
            do throws(ReadFailure) {
                format = try job.read(&sink)
            } catch {
                outcome = try Self.outcome(of: error)
                return .rollback
            }
            if sink.isEmpty, !sink.problems.isEmpty {
                outcome = .rejected(sink.problems)
                return .rollback
            }
            outcome = sink.problems.isEmpty ? .booked : .partial(sink.problems)
            for old in job.completes { try completed(db, old, at: time) }
            try settleElsewhere(db, booking, at: time)
            try finish(db, booking, sink, format: format, at: time)
            return .commit
        }
        switch outcome {
        case .booked, .partial: break
        case .rejected(let problems): try close(db, booking, .rejected, problems, at: time)
        case .held(let text):
            let advice = "add an account for it to the configuration and use 'remitd retry', or 'remitd ingest --account'"
            try close(db, booking, .held, [Problem(.malformed, at: .file, text, advice: advice)], at: time)
        }
        return outcome
    }

    /// The same or the whole of it is booked by another way: nobody needs to do anything about this one.
    static func completed(_ db: Database, _ beginning: Booking, at time: Instant) throws {
        try db.execute(sql: "UPDATE bookings SET state = 'closed', finished = ? WHERE id = ?", arguments: [time.seconds, beginning.id])
        try wake(db, .file, account: 0, key: String(beginning.id))
    }

    /// A person or a source has said where content belongs that waited for it: under no account, or under one that it contradicts.
    static func settleElsewhere(_ db: Database, _ booking: Booking, at time: Instant) throws {
        guard !booking.account.isEmpty else { return }
        let condition = "o.sha256 = ? AND b.id <> ? AND (b.state = 'held' OR b.state = 'rejected' AND b.account = '')"
        for old in try bookings(db, condition, [booking.sha256, booking.id]) { try completed(db, old, at: time) }
    }

    /// A file's own fault is an outcome; anything else is thrown on.
    private static func outcome(of failure: ReadFailure) throws -> BookingOutcome {
        switch failure {
        case .rejected(let problems): return .rejected(problems)
        case .sink(let cause):
            switch cause as? HeldBack {
            case .unroutable(let text)?:
                let advice = "add its id to an account's 'matches', or use 'remitd ingest --account'"
                return .rejected([Problem(.malformed, at: .file, text, advice: advice)])
            case .contradicts(let text)?: return .held(text)
            case .interrupted?: throw LedgerError(.interrupted, "stopping")
            case nil: throw cause
            }
        }
    }

    /// Ends a booking without any document of its own.
    public func close(_ booking: Booking, _ state: BookingState, _ problems: [Problem], at time: Instant) throws(LedgerError) {
        forgetJudged()
        try write { db in try Self.close(db, booking, state, problems, at: time) }
    }

    static func close(
        _ db: Database, _ booking: Booking, _ state: BookingState, _ problems: [Problem], at time: Instant
    ) throws {
        try forget(db, booking: booking.id)
        try db.execute(
            sql: """
                UPDATE bookings SET state = ?, finished = ?, problems = ?, added_columns = '[]', first_document = NULL, last_document = NULL,
                    first_line = NULL, last_line = NULL WHERE id = ?
                """,
            arguments: [state.rawValue, time.seconds, StoredText.text(problems), booking.id])
        try wake(db, .file, account: 0, key: String(booking.id))
    }

    /// What an earlier reading of the same booking stored leaves all sums; its cases are evaluated again.
    static func forget(_ db: Database, booking: Int64) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT d.id, d.account, d.type, coalesce(d.subject, d.family) AS family, d.family AS own FROM bookings b
                JOIN documents d ON d.id BETWEEN b.first_document AND b.last_document AND d.booking_id = b.id
                WHERE b.id = ? AND d.withdrawn = 0
                """, arguments: [booking])
        guard !rows.isEmpty else { return }
        for row in rows {
            let id: Int64 = row["id"]
            try db.execute(sql: "UPDATE documents SET withdrawn = 1, stands = 0, wake_day = NULL WHERE id = ?", arguments: [id])
            switch row["type"] as Int {
            case 1:
                try wake(db, .payment, account: row["account"], key: row["family"])
                try wake(db, .document, account: row["account"], key: String(id))
            case 2, 3, 4:
                try wake(db, .family, account: row["account"], key: row["family"])
                try wake(db, .family, account: row["account"], key: row["own"])
                if row["type"] == 2 { try wakeOrders(db, ofInvoices: row["family"], account: row["account"]) }
            default: try wake(db, .document, account: row["account"], key: String(id))
            }
        }
        for account in Set(rows.filter { $0["type"] == 1 }.map { $0["account"] as Int64 }) { try lowerKnownUntil(db, account) }
    }

    /// Its own, and those of others under its number: which of them counts may change.
    private static func wakeOrders(_ db: Database, ofInvoices family: String, account: Int64) throws {
        let orders = try String.fetchAll(
            db.cachedStatement(sql: "SELECT DISTINCT po FROM documents WHERE account = ? AND family = ? AND type = 2 AND po IS NOT NULL"),
            arguments: [account, family])
        for po in Set(orders.map { ReferenceKey.of($0) }) where !po.isEmpty { try wake(db, .order, account: account, key: po) }
    }

    /// A remittance that leaves the sums no longer says until when the picture is complete: what it made certain may again
    /// be "cannot tell".
    private static func lowerKnownUntil(_ db: Database, _ account: Int64) throws {
        let latest = try Int64.fetchOne(
            db,
            sql: """
                SELECT max(date) FROM documents
                WHERE account = ? AND type = 1 AND withdrawn = 0 AND status <> 'voided' AND date <= received + ?
                """, arguments: [account, LedgerSink.longestPostdating])
        let before = try Int64.fetchOne(db, sql: "SELECT known_until FROM accounts WHERE id = ?", arguments: [account])
        guard latest != before else { return }
        try db.execute(sql: "UPDATE accounts SET known_until = ? WHERE id = ?", arguments: [latest, account])
        try db.execute(
            sql: """
                INSERT INTO wakes (kind, account, key)
                SELECT DISTINCT 4, case_account, case_key FROM findings WHERE kind = 'payment.late' AND state = 'open' AND case_account = ?
                ON CONFLICT DO NOTHING
                """, arguments: [account])
    }

    private static func finish(_ db: Database, _ booking: Booking, _ sink: LedgerSink, format: String, at time: Instant) throws {
        try db.execute(
            sql: """
                UPDATE bookings SET state = ?, finished = ?, attempts = 0, crashes = 0, format = ?, problems = ?, notes = ?,
                    added_columns = ?, first_document = ?, last_document = ?, first_line = ?, last_line = ? WHERE id = ?
                """,
            arguments: [
                sink.problems.isEmpty ? "booked" : "partial", time.seconds, format, StoredText.text(sink.problems),
                StoredText.text(sink.notes), JSON.array(sink.addedColumns.map(JSON.string)).text,
                sink.documentRange?.0, sink.documentRange?.1, sink.lineRange?.0, sink.lineRange?.1, booking.id,
            ])
        for payment in sink.payments { try wake(db, .payment, account: payment.account, key: payment.key) }
        try wake(db, .booking, account: 0, key: String(booking.id))
        try wake(db, .file, account: 0, key: String(booking.id))
        for (account, day) in sink.knownUntil {
            let before = try Int64.fetchOne(db, sql: "SELECT known_until FROM accounts WHERE id = ?", arguments: [account])
            guard before.map({ $0 < Int64(day.number) }) ?? true else { continue }
            try db.execute(sql: "UPDATE accounts SET known_until = ? WHERE id = ?", arguments: [day.number, account])
            // what could not be told from "not yet told" may be told now
            try db.execute(
                sql: """
                    INSERT INTO wakes (kind, account, key)
                    SELECT 4, case_account, case_key FROM findings
                    WHERE kind = 'payment.late' AND state = 'open' AND case_account = ? AND json_extract(details, '$.data') = 'behind'
                    ON CONFLICT DO NOTHING
                    """, arguments: [account])
        }
    }
}
