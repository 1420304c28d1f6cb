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
        var before = Set(
            try String.fetchAll(
                db.cachedStatement(sql: "SELECT id FROM findings WHERE case_kind = ? AND case_account = ? AND case_key = ?"),
                arguments: [kind.rawValue, account, key]))
        before.formUnion(try parts.ids(of: owner))
        for finding in findings {
            let id = fingerprint(finding.fingerprint)
            before.remove(id)
            let known = try onRecord(db, id)
            let whole = try share(finding, id, known, owner, parts)
            try put(db, whole, id: id, known?.recorded, owner, at: time)
        }
        for id in before.sorted() {
            guard let known = try onRecord(db, id) else { continue }
            try parts.remove(owner, of: id)
            let rest = try parts.all(of: id)
            if let first = rest.first, let whole = FindingParts.combined(rest.map(\.finding)) {
                try put(db, whole, id: id, known.recorded, first.owner, at: time)
            } else if known.recorded.finding.isToldOnce {
                // it was told, and no case says it any longer: kept as it was, and nobody's
                try store(db, known.recorded, case: FindingParts.Case(kind, account, ""))
            } else if known.recorded.state == .open {
                var gone = known.recorded
                gone.state = .resolved
                gone.resolved = time
                try store(db, gone, case: owner)
                try append(db, gone, .resolved, at: time)
            }
        }
    }

    private func onRecord(_ db: Database, _ id: String) throws -> (recorded: RecordedFinding, owner: FindingParts.Case)? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT \(Self.findingColumns), case_kind, case_account, case_key FROM findings WHERE id = ?"),
            arguments: [id]
        ).map { row in
            (Self.recorded(row), FindingParts.Case(kind: row["case_kind"], account: row["case_account"], key: row["case_key"]))
        }
    }

    /// The finding with what other cases say of it.
    private func share(
        _ finding: Finding, _ id: String, _ known: (recorded: RecordedFinding, owner: FindingParts.Case)?, _ owner: FindingParts.Case,
        _ parts: FindingParts
    ) throws -> Finding {
        guard let known else { return finding }
        var others = try parts.all(of: id)
        if others.isEmpty {
            guard known.owner != owner, known.recorded.state == .open || finding.isToldOnce && !known.owner.key.isEmpty else {
                return finding
            }
            try parts.set(known.recorded.finding, of: id, known.owner)
        }
        try parts.set(finding, of: id, owner)
        others = try parts.all(of: id)
        return FindingParts.combined(others.map(\.finding)) ?? finding
    }

    private func put(
        _ db: Database, _ finding: Finding, id: String, _ known: RecordedFinding?, _ owner: FindingParts.Case, at time: Instant
    ) throws {
        if finding.isToldOnce { return try tell(db, finding, id: id, known, case: owner, at: time) }
        guard let known else {
            let now = RecordedFinding(id: id, finding: finding, state: .open, opened: time, resolved: nil)
            try store(db, now, case: owner)
            return try append(db, now, .opened, at: time)
        }
        if known.state == .open, known.finding == finding { return }
        let now = RecordedFinding(
            id: id, finding: finding, state: .open, opened: known.state == .open ? known.opened : time, resolved: nil)
        try store(db, now, case: owner)
        let event: FindingEventKind = known.state != .open ? .opened : finding.isReminder(of: known.finding) ? .reminder : .changed
        try append(db, now, event, at: time)
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
            if let known = try onRecord(db, id) { try append(db, known.recorded, .told, at: time) }
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

    private func store(_ db: Database, _ item: RecordedFinding, case subject: FindingParts.Case) throws {
        let finding = item.finding
        try db.cachedStatement(
            sql: """
                INSERT INTO findings (\(Self.findingColumns), case_kind, case_account, case_key)
                VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
                ON CONFLICT (id) DO UPDATE SET subject = excluded.subject, state = excluded.state, severity = excluded.severity,
                    currency = excluded.currency, amount = excluded.amount, direction = excluded.direction, money = excluded.money,
                    deadline = excluded.deadline, details = excluded.details, evidence = excluded.evidence, opened = excluded.opened,
                    resolved = excluded.resolved, case_kind = excluded.case_kind, case_account = excluded.case_account,
                    case_key = excluded.case_key
                """
        ).execute(arguments: [
            item.id, finding.account, finding.kind.rawValue, finding.subject, finding.key, item.state.rawValue, finding.severity.rawValue,
            finding.currency?.packed, finding.amount, finding.direction.rawValue, finding.money, finding.deadline?.number,
            finding.details.text, StoredText.text(finding.evidence), item.opened.seconds, item.resolved?.seconds, subject.kind,
            subject.account, subject.key,
        ])
    }

    private func append(_ db: Database, _ item: RecordedFinding, _ event: FindingEventKind, at time: Instant) throws {
        let finding = item.finding
        // rows are never deleted, so max + 1 is gapless
        try db.cachedStatement(
            sql: """
                INSERT INTO finding_events (seq, finding_id, time, event, state, severity, currency, amount, direction, money, deadline,
                    details, evidence, opened, resolved)
                VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM finding_events),?,?,?,?,?,?,?,?,?,?,?,?,?,?)
                """
        ).execute(arguments: [
            item.id, time.seconds, event.rawValue, item.state.rawValue, finding.severity.rawValue, finding.currency?.packed, finding.amount,
            finding.direction.rawValue, finding.money, finding.deadline?.number, finding.details.text, StoredText.text(finding.evidence),
            item.opened.seconds, item.resolved?.seconds,
        ])
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
                conditions.append("(kind = ? OR kind LIKE ? || '.%')")
                arguments += [kind, kind]
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
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT e.seq, e.time, e.event, f.id, f.account, f.kind, f.subject, f.key, e.state, e.severity, e.currency, e.amount,
                            e.direction, e.money, e.deadline, e.details, e.evidence, e.opened, e.resolved
                        FROM finding_events e JOIN findings f ON f.id = e.finding_id WHERE e.seq > ? ORDER BY e.seq LIMIT ?
                        """), arguments: [seq, limit]
            ).map { row in
                FindingEvent(
                    seq: row["seq"], time: Instant(seconds: row["time"]), event: FindingEventKind(rawValue: row["event"]) ?? .changed,
                    recorded: Self.recorded(row))
            }
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
