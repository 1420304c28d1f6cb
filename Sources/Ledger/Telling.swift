import GRDB
import Synchronization
import Trade

extension FindingKind {
    /// Whether several cases may speak of one subject, or one case after another: a claim's number, a provision's or an unknown
    /// invoice's may stand with several invoices, and an invoice on several orders. All others are of one case alone.
    var isOfSeveralCases: Bool {
        switch self {
        case .deductionNew, .deductionDuplicate, .deductionRecharged, .deductionUnsupported, .provisionOpen, .paymentUnmatched,
            .matchPrice, .matchItem:
            true
        default: false
        }
    }
}

/// Events. The record of a finding follows every case that is judged; what it came to is told once nothing waits to be judged, for
/// a part of it may lie in a case that waits for its match or for the next page. Until then it stands in the queue.
extension Ledger {
    /// What became of a finding: told at once, or with the last of the cases that may speak of it.
    func note(_ db: Database, _ finding: Finding, _ id: String, _ event: FindingEventKind, at time: Instant) throws {
        guard finding.kind.isOfSeveralCases else { return try append(db, id, event, at: time) }
        changedNow.withLock { $0.append((id, finding.isToldOnce)) }
    }

    /// Tells of the findings that changed in this transaction, or puts them into the queue while anything else waits.
    func tellChanged(_ db: Database, at time: Instant) throws {
        let changed = changedNow.withLock { changed in
            defer { changed = [] }
            return changed
        }
        guard !changed.isEmpty else { return }
        let waits = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM wakes WHERE kind < \(WakeKind.telling.rawValue))"))
        var seen: Set<String> = []
        // what stays open first, then what is told once
        for (id, _) in changed.filter({ !$0.isToldOnce }) + changed.filter(\.isToldOnce) where seen.insert(id).inserted {
            if waits == true {
                try Self.wake(db, .telling, account: 0, key: id)
            } else {
                try tell(db, id, at: time)
            }
        }
    }

    /// - Returns: whether anything waited to be told.
    func tellWaiting(_ db: Database, at time: Instant) throws -> Bool {
        let kind = WakeKind.telling.rawValue
        let ids = try String.fetchAll(
            db.cachedStatement(sql: "SELECT key FROM wakes WHERE kind = ? ORDER BY account, key LIMIT ?"), arguments: [kind, Self.batch])
        let delete = try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = ? AND account = 0 AND key = ?")
        for id in ids {
            try delete.execute(arguments: [kind, id])
            try tell(db, id, at: time)
        }
        return !ids.isEmpty
    }

    /// Appends what a finding came to since it was last told of, if it differs.
    private func tell(_ db: Database, _ id: String, at time: Instant) throws {
        guard let told = try lastTold(db, id) else { return try tellFirst(db, id, at: time) }
        guard let (now, owner) = try onRecord(db, id) else { return }
        if now.finding.isToldOnce {
            if now.finding.isOtherMoney(than: told.finding) { return try append(db, id, .told, at: time) }
            return try keep(db, now, resolved: told.resolved, of: owner)
        }
        switch (told.state, now.state) {
        case (.open, .open):
            // it may have ended in one case before it began in another
            var same = now
            same.opened = told.opened
            if same != now { try store(db, same, case: owner) }
            if told.finding == now.finding { return }
            try append(db, id, now.finding.isReminder(of: told.finding) ? .reminder : .changed, at: time)
        case (.open, .resolved):
            var gone = told
            (gone.state, gone.resolved) = (.resolved, now.resolved)
            if gone != now { try store(db, gone, case: owner) }
            try append(db, id, .resolved, at: time)
        case (.resolved, .open): try append(db, id, .opened, at: time)
        case (.resolved, .resolved): if told != now { try store(db, told, case: owner) }
        }
    }

    /// Of one that was never told: most are of this kind, and need not be read.
    private func tellFirst(_ db: Database, _ id: String, at time: Instant) throws {
        let now = try ScannedRows(db, "SELECT state, kind, case_key FROM findings WHERE id = ?1")
        now.bind(1, id)
        guard try now.next() else { return }
        let (isOpen, isToldOnce) = (now.text(0) == FindingState.open.rawValue, FindingKind(rawValue: now.text(1))?.isToldOnce ?? false)
        // what is told once may be nobody's by now
        let isSaid = !now.text(2).isEmpty
        now.end()
        if isOpen { return try append(db, id, .opened, at: time) }
        if isToldOnce, isSaid { return try append(db, id, .told, at: time) }
        // it came and went while cases waited: there was nothing
        try db.cachedStatement(sql: "DELETE FROM findings WHERE id = ?").execute(arguments: [id])
    }

    private func keep(_ db: Database, _ item: RecordedFinding, resolved: Instant?, of owner: FindingParts.Case) throws {
        var item = item
        guard item.resolved != resolved else { return }
        item.resolved = resolved
        try store(db, item, case: owner)
    }

    /// A finding as its last event has it.
    private func lastTold(_ db: Database, _ id: String) throws -> RecordedFinding? {
        try Row.fetchOne(
            db.cachedStatement(sql: Self.snapshot + " WHERE e.finding_id = ? ORDER BY e.seq DESC LIMIT 1"), arguments: [id]
        ).map(Self.recorded)
    }

    /// Findings `f` as their events `e` have them.
    static let snapshot = """
        SELECT f.id, f.account, f.kind, f.subject, f.key, e.state, e.severity, e.currency, e.amount, e.direction, e.money, e.deadline,
            e.details, e.evidence, e.opened, e.resolved
        FROM finding_events e JOIN findings f ON f.id = e.finding_id
        """

    /// What is on record now, as an event.
    func append(_ db: Database, _ id: String, _ event: FindingEventKind, at time: Instant) throws {
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
}
