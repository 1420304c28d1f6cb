import GRDB
import Trade

/// Findings of claims while cases wait to be judged. A claim may go from one case to another: its own document says whose it is, and so do
/// lines that name its invoice with it. The two cases are not always judged in one transaction: one may wait for its pairs, or for its
/// turn. What the first no longer says is not resolved until the second could say it, and nothing is told of what both seem to say.
///
/// They wait in the queue, so that a crash forgets none.
struct FindingsInDoubt {
    let db: Database

    /// Its case says it no longer.
    func takeBack(_ id: String) throws { try Ledger.wake(db, .unsaid, account: 0, key: id) }

    func isUnsaid(_ id: String) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM wakes WHERE kind = ? AND account = 0 AND key = ?)"),
            arguments: [WakeKind.unsaid.rawValue, id]) ?? false
    }

    /// A case says it.
    /// - Returns: whether its own had taken it back.
    func say(_ id: String) throws -> Bool {
        guard try isUnsaid(id) else { return false }
        try remove(.unsaid, id)
        return true
    }

    /// Its parts are put together once no case waits.
    func wait(_ id: String) throws { try Ledger.wake(db, .parts, account: 0, key: id) }

    func casesWait() throws -> Bool {
        try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM wakes WHERE kind IN (1, 2, 3, 4, 6, 7, 8))")) ?? false
    }

    /// Takes some off the queue.
    func next(_ kind: WakeKind, _ limit: Int) throws -> [String] {
        let ids = try String.fetchAll(
            db.cachedStatement(sql: "SELECT key FROM wakes WHERE kind = ? AND account = 0 ORDER BY key LIMIT ?"),
            arguments: [kind.rawValue, limit])
        for id in ids { try remove(kind, id) }
        return ids
    }

    private func remove(_ kind: WakeKind, _ id: String) throws {
        try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = ? AND account = 0 AND key = ?").execute(arguments: [kind.rawValue, id])
    }
}

extension Finding {
    /// Whether another case may say it in the place of the one that says it now: the deductions of one claim.
    var mayMove: Bool { kind.rawValue.hasPrefix("deduction.") }
}
