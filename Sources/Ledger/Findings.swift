import GRDB
import Synchronization
public import Trade

extension Ledger {
    /// Compares what a case's rules say now with what is on record, and appends the events, in the caller's transaction.
    func record(
        _ db: Database, _ kind: CaseKind, _ account: Int64, _ key: String, _ findings: [Finding], at time: Instant
    ) throws {
        let owner = FindingParts.Case(kind, account, key)
        let parts = FindingParts(db: db)
        var before = try onRecord(db, of: owner)
        for finding in findings {
            let id = fingerprint(finding.fingerprint)
            before.remove(id)
            let known = try onRecord(db, id)
            if try share(finding, id, known, owner, parts) {
                sharedNow.withLock { _ = $0.insert(id) }
            } else {
                if finding.mayMove, try FindingsInDoubt(db: db).say(id) { try adopt(db, id, owner) }
                try put(db, finding, id: id, known?.recorded, owner, at: time)
            }
        }
        for id in before.sorted() {
            guard let known = try onRecord(db, id) else { continue }
            try parts.remove(owner, of: id)
            if try parts.exist(of: id) {
                sharedNow.withLock { _ = $0.insert(id) }
            } else if known.recorded.finding.isToldOnce {
                // it was told, and no case says it any longer: kept as it was, and nobody's
                try store(db, known.recorded, case: FindingParts.Case(kind, account, ""))
            } else if known.recorded.state == .open {
                if known.recorded.finding.mayMove {
                    try FindingsInDoubt(db: db).takeBack(id)
                } else {
                    try resolve(db, known.recorded, owner, at: time)
                }
            }
        }
    }

    private func resolve(_ db: Database, _ recorded: RecordedFinding, _ owner: FindingParts.Case, at time: Instant) throws {
        var gone = recorded
        gone.state = .resolved
        gone.resolved = time
        try store(db, gone, case: owner)
        try append(db, gone.id, .resolved, at: time)
    }

    private func adopt(_ db: Database, _ id: String, _ owner: FindingParts.Case) throws {
        try db.cachedStatement(sql: "UPDATE findings SET case_kind = ?, case_account = ?, case_key = ? WHERE id = ?")
            .execute(arguments: [owner.kind, owner.account, owner.key, id])
    }

    private static let settled = 1000

    /// Resolves what no case has said in the place of the one that took it back, and has what several say put together: once nothing
    /// else waits.
    /// - Returns: whether there was anything.
    func settleFindings(_ db: Database, at time: Instant) throws -> Bool {
        let doubt = FindingsInDoubt(db: db)
        let unsaid = try doubt.next(.unsaid, Self.settled)
        for id in unsaid {
            guard let known = try onRecord(db, id), known.recorded.state == .open else { continue }
            try resolve(db, known.recorded, known.owner, at: time)
        }
        let shared = try doubt.next(.parts, Self.settled)
        sharedNow.withLock { $0.formUnion(shared) }
        return !unsaid.isEmpty || !shared.isEmpty
    }

    /// Ids of the findings of a case, and of those of which it says a part.
    private func onRecord(_ db: Database, of owner: FindingParts.Case) throws -> Set<String> {
        let rows = try ScannedRows(
            db,
            """
            SELECT id FROM findings WHERE case_kind = ?1 AND case_account = ?2 AND case_key = ?3
            UNION ALL SELECT finding_id FROM finding_parts WHERE case_kind = ?1 AND case_account = ?2 AND case_key = ?3
            """, owner.kind, owner.account)
        rows.bind(3, owner.key)
        var ids: Set<String> = []
        while try rows.next() { ids.insert(rows.text(0)) }
        return ids
    }

    private func onRecord(_ db: Database, _ id: String) throws -> (recorded: RecordedFinding, owner: FindingParts.Case)? {
        let rows = try ScannedRows(db, "SELECT \(Self.findingColumns), case_kind, case_account, case_key FROM findings WHERE id = ?1")
        rows.bind(1, id)
        var found: (RecordedFinding, FindingParts.Case)?
        while try rows.next() {
            found = (
                Self.recorded(rows, from: 0), FindingParts.Case(kind: rows.integer(16), account: rows.integer(17), key: rows.text(18))
            )
        }
        return found
    }

    /// Keeps what the case says of a finding beside what others say.
    /// - Returns: whether others do; then `combineAll` puts the whole on record.
    private func share(
        _ finding: Finding, _ id: String, _ known: (recorded: RecordedFinding, owner: FindingParts.Case)?, _ owner: FindingParts.Case,
        _ parts: FindingParts
    ) throws -> Bool {
        guard let known else { return false }
        if try !parts.exist(of: id) {
            guard known.owner != owner, known.recorded.state == .open || finding.isToldOnce && !known.owner.key.isEmpty else {
                return false
            }
            if finding.mayMove, try FindingsInDoubt(db: parts.db).isUnsaid(id) { return false }
            try parts.set(known.recorded.finding, of: id, known.owner)
        }
        try parts.set(finding, of: id, owner)
        return true
    }

    /// Puts the findings on record of which cases said or took back a part in this transaction, each once. While cases wait to be
    /// judged the whole is not what any of them says: a claim that goes from one to another would be counted in both.
    func combineAll(_ db: Database, at time: Instant) throws {
        let ids = sharedNow.withLock { ids in
            defer { ids = [] }
            return ids
        }
        if ids.isEmpty { return }
        let doubt = FindingsInDoubt(db: db)
        if try doubt.casesWait() {
            for id in ids.sorted() { try doubt.wait(id) }
            return
        }
        let parts = FindingParts(db: db)
        for id in ids.sorted() {
            let all = try parts.all(of: id)
            guard let first = all.first, let whole = FindingParts.combined(all.map(\.finding)) else { continue }
            try put(db, whole, id: id, try onRecord(db, id)?.recorded, first.owner, at: time)
        }
    }

    private func put(
        _ db: Database, _ finding: Finding, id: String, _ known: RecordedFinding?, _ owner: FindingParts.Case, at time: Instant
    ) throws {
        if finding.isToldOnce { return try tell(db, finding, id: id, known, case: owner, at: time) }
        guard let known else {
            let now = RecordedFinding(id: id, finding: finding, state: .open, opened: time, resolved: nil)
            try store(db, now, case: owner)
            return try append(db, id, .opened, at: time)
        }
        if known.state == .open, known.finding == finding { return }
        let now = RecordedFinding(
            id: id, finding: finding, state: .open, opened: known.state == .open ? known.opened : time, resolved: nil)
        try store(db, now, case: owner)
        let event: FindingEventKind = known.state != .open ? .opened : finding.isReminder(of: known.finding) ? .reminder : .changed
        try append(db, id, event, at: time)
    }

    /// What is told once is resolved at once. Words that change later (a due date that became known) are kept without telling
    /// them; another amount is told again.
    private func tell(
        _ db: Database, _ finding: Finding, id: String, _ known: RecordedFinding?, case subject: FindingParts.Case, at time: Instant
    ) throws {
        guard let known else {
            let now = RecordedFinding(id: id, finding: finding, state: .resolved, opened: time, resolved: time)
            try store(db, now, case: subject)
            return toldNow.withLock { $0.append(id) }
        }
        if known.finding == finding { return }
        let isNews = known.finding.amount != finding.amount || known.finding.currency != finding.currency
        let now = RecordedFinding(
            id: id, finding: finding, state: .resolved, opened: known.opened, resolved: isNews ? time : known.resolved)
        try store(db, now, case: subject)
        if isNews { toldNow.withLock { $0.append(id) } }
    }

    /// Appends what was told in this transaction, each once, with what all cases together say of it.
    func tellAll(_ db: Database, at time: Instant) throws {
        let ids = toldNow.withLock { ids in
            defer { ids = [] }
            return ids
        }
        var seen: Set<String> = []
        for id in ids where seen.insert(id).inserted {
            try append(db, id, .told, at: time)
        }
    }

    /// Sets the findings of a source or of remitd itself.
    public func record(_ kind: CaseKind, key: String, _ findings: [Finding], at time: Instant) throws(LedgerError) {
        try write { db in try record(db, kind, 0, key, findings, at: time) }
    }

    static let findingColumns = """
        id, account, kind, subject, key, state, severity, currency, amount, direction, money, deadline, details, evidence, opened, resolved
        """

    static func recorded(_ row: Row) -> RecordedFinding {
        var finding = Finding(
            FindingKind(rawValue: row["kind"]) ?? .serviceTrouble, account: row["account"], subject: row["subject"], key: row["key"],
            severity: Severity(rawValue: row["severity"]) ?? .warning, direction: Direction(rawValue: row["direction"]) ?? .none,
            money: row["money"], deadline: (row["deadline"] as Int32?).map(Day.init(number:)), details: StoredText.json(row["details"]),
            evidence: StoredText.evidence(row["evidence"]))
        finding.currency = (row["currency"] as UInt32?).map(Currency.init(packed:))
        finding.amount = row["amount"]
        return RecordedFinding(
            id: row["id"], finding: finding, state: FindingState(rawValue: row["state"]) ?? .open, opened: Instant(seconds: row["opened"]),
            resolved: (row["resolved"] as Int64?).map(Instant.init(seconds:)))
    }

    /// - Parameter first: of the columns in the order of ``findingColumns``.
    static func recorded(_ rows: ScannedRows, from first: Int32) -> RecordedFinding {
        var finding = Finding(
            FindingKind(rawValue: rows.text(first + 2)) ?? .serviceTrouble, account: rows.text(first + 1), subject: rows.text(first + 3),
            key: rows.text(first + 4), severity: Severity(rawValue: rows.text(first + 6)) ?? .warning,
            direction: Direction(rawValue: rows.text(first + 9)) ?? .none, money: rows.textOrNil(first + 10),
            deadline: rows.day(first + 11),
            details: StoredText.json(rows.text(first + 12)), evidence: StoredText.evidence(rows.text(first + 13)))
        finding.currency = rows.integerOrNil(first + 7).map { Currency(packed: UInt32(truncatingIfNeeded: $0)) }
        finding.amount = rows.integerOrNil(first + 8)
        return RecordedFinding(
            id: rows.text(first), finding: finding, state: FindingState(rawValue: rows.text(first + 5)) ?? .open,
            opened: Instant(seconds: rows.integer(first + 14)), resolved: rows.integerOrNil(first + 15).map(Instant.init(seconds:)))
    }

    private func store(_ db: Database, _ item: RecordedFinding, case subject: FindingParts.Case) throws {
        let finding = item.finding
        let statement = try BoundStatement(
            db,
            """
            INSERT INTO findings (\(Self.findingColumns), case_kind, case_account, case_key)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            ON CONFLICT (id) DO UPDATE SET subject = excluded.subject, state = excluded.state, severity = excluded.severity,
                currency = excluded.currency, amount = excluded.amount, direction = excluded.direction, money = excluded.money,
                deadline = excluded.deadline, details = excluded.details, evidence = excluded.evidence, opened = excluded.opened,
                resolved = excluded.resolved, case_kind = excluded.case_kind, case_account = excluded.case_account,
                case_key = excluded.case_key
            """)
        statement.bind(1, item.id)
        statement.bind(2, finding.account)
        statement.bind(3, finding.kind.rawValue)
        statement.bind(4, finding.subject)
        statement.bind(5, finding.key)
        statement.bind(6, item.state.rawValue)
        statement.bind(7, finding.severity.rawValue)
        statement.bind(8, finding.currency.map { Int64($0.packed) })
        statement.bind(9, finding.amount)
        statement.bind(10, finding.direction.rawValue)
        statement.bind(11, finding.money)
        statement.bind(12, finding.deadline.map { Int64($0.number) })
        statement.bind(13, finding.details.text)
        statement.bind(14, StoredText.text(finding.evidence))
        statement.bind(15, item.opened.seconds)
        statement.bind(16, item.resolved?.seconds)
        statement.bind(17, subject.kind)
        statement.bind(18, subject.account)
        statement.bind(19, subject.key)
        try statement.run()
    }

    /// What is on record now, as an event.
    private func append(_ db: Database, _ id: String, _ event: FindingEventKind, at time: Instant) throws {
        // rows are never deleted, so max + 1 is gapless
        let statement = try BoundStatement(
            db,
            """
            INSERT INTO finding_events (seq, finding_id, time, event, state, severity, currency, amount, direction, money, deadline,
                details, evidence, opened, resolved)
            SELECT (SELECT coalesce(max(seq), 0) + 1 FROM finding_events), id, ?2, ?3, state, severity, currency, amount, direction, money,
                deadline, details, evidence, opened, resolved
            FROM findings WHERE id = ?1
            """)
        statement.bind(1, id)
        statement.bind(2, time.seconds)
        statement.bind(3, event.rawValue)
        try statement.run()
    }

    // MARK: reading

    /// The open ones, and those that something happened to after `seq`.
    public func findings(openOrChangedAfter seq: Int64) throws(LedgerError) -> [RecordedFinding] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.findingColumns) FROM findings
                    WHERE state = 'open' OR id IN (SELECT finding_id FROM finding_events WHERE seq > ?) ORDER BY opened, kind, account, key
                    """, arguments: [seq]
            ).map(Self.recorded)
        }
    }

    public func findings(
        includingResolved: Bool, kind: String? = nil, account: String? = nil
    ) throws(LedgerError) -> [RecordedFinding] {
        try read { db in
            var conditions: [String] = []
            var arguments: [String] = []
            if !includingResolved { conditions.append("state = 'open'") }
            if let kind {
                // the range is one of the index of what is open; the next character after a point is a slash
                conditions.append("kind >= ? AND kind < ? || '/' AND (kind = ? OR substr(kind, 1, length(?) + 1) = ? || '.')")
                arguments += [kind, kind, kind, kind, kind]
            }
            if let account {
                conditions.append("account = ?")
                arguments.append(account)
            }
            let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
            return try Row.fetchAll(
                db, sql: "SELECT \(Self.findingColumns) FROM findings \(filter) ORDER BY opened, kind, account, key",
                arguments: StatementArguments(arguments)
            ).map(Self.recorded)
        }
    }

    public func openCounts(accounts: [String]?) throws(LedgerError) -> [String: Int] {
        try read { db in
            var counts: [String: Int] = [:]
            let rows = try Row.fetchAll(
                db, sql: "SELECT kind, account, count(*) AS n FROM findings WHERE state = 'open' GROUP BY kind, account")
            for row in rows where accounts?.contains(row["account"]) ?? true { counts[row["kind"], default: 0] += row["n"] as Int }
            return counts
        }
    }

    /// Events after `seq`, in order.
    public func events(after seq: Int64, limit: Int) throws(LedgerError) -> [FindingEvent] {
        try read { db in
            let rows = try ScannedRows(
                db,
                """
                SELECT e.seq, e.time, e.event, f.id, f.account, f.kind, f.subject, f.key, e.state, e.severity, e.currency, e.amount,
                    e.direction, e.money, e.deadline, e.details, e.evidence, e.opened, e.resolved
                FROM finding_events e JOIN findings f ON f.id = e.finding_id WHERE e.seq > ? ORDER BY e.seq LIMIT ?
                """, seq, Int64(limit))
            var events: [FindingEvent] = []
            while try rows.next() {
                events.append(
                    FindingEvent(
                        seq: rows.integer(0), time: Instant(seconds: rows.integer(1)),
                        event: FindingEventKind(rawValue: rows.text(2)) ?? .changed, recorded: Self.recorded(rows, from: 3)))
            }
            return events
        }
    }

    /// A finding as it was recorded by its last event before `seq`.
    public func snapshot(of id: String, before seq: Int64) throws(LedgerError) -> Finding? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT f.id, f.account, f.kind, f.subject, f.key, e.state, e.severity, e.currency, e.amount, e.direction, e.money,
                        e.deadline, e.details, e.evidence, e.opened, e.resolved
                    FROM finding_events e JOIN findings f ON f.id = e.finding_id WHERE e.finding_id = ? AND e.seq < ? ORDER BY e.seq DESC LIMIT 1
                    """, arguments: [id, seq]
            ).map { Self.recorded($0).finding }
        }
    }

    public func lastEventSeq() throws(LedgerError) -> Int64 {
        try read { db in try Int64.fetchOne(db, sql: "SELECT max(seq) FROM finding_events") ?? 0 }
    }

    /// How far the alert log has been written: counts where the log itself was rotated away.
    public func alertCursor() throws(LedgerError) -> Int64 {
        try read { db in try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'alert_seq'").flatMap(Int64.init) ?? 0 }
    }

    public func setAlertCursor(_ seq: Int64) throws(LedgerError) {
        try write { db in
            try db.execute(
                sql: "INSERT INTO meta VALUES ('alert_seq', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                arguments: [String(seq)])
        }
    }
}
