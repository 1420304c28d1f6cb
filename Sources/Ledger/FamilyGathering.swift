import GRDB

/// Families judged since anything was stored last. A file of invoices and the remittance that pays them wake the same
/// cases: one judgement serves both. Forgotten with every commit that stores or changes something, and when the day changes.
struct RecentlyJudged {
    private var account: Int64 = 0
    private var families: Set<String> = []
    /// About 60 MiB at most; what does not fit is judged twice.
    static let limit = 1_000_000

    mutating func forget() { families.removeAll(keepingCapacity: false) }

    /// - Returns: whether the family was not judged yet; from now on it counts as judged.
    mutating func admit(_ family: String, of account: Int64) -> Bool {
        if account != self.account || families.count > Self.limit {
            families = []
            self.account = account
        }
        return families.insert(family).inserted
    }
}

/// Takes families off the queue. Whole bookings and documents are worked off in pages, so that a file of a million lines
/// is one row in the queue.
struct FamilyGathering {
    /// By account, each family once.
    private(set) var families: [Int64: [String]] = [:]
    /// Whether anything waited, judged already or not.
    private(set) var foundAny = false

    private let db: Database
    private var count = 0
    private var limit = 0

    init(_ db: Database) { self.db = db }

    mutating func gather(upTo limit: Int, _ judged: inout RecentlyJudged) throws {
        self.limit = limit
        while count < limit, try takeNext(&judged) { foundAny = true }
        try addInvoicesOfMemos(&judged)
    }

    private mutating func add(_ family: String, of account: Int64, _ judged: inout RecentlyJudged) {
        guard judged.admit(family, of: account) else { return }
        families[account, default: []].append(family)
        count += 1
    }

    private mutating func takeNext(_ judged: inout RecentlyJudged) throws -> Bool {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT kind, account, key, progress FROM wakes WHERE kind IN (2, 3, 4) ORDER BY kind, account, key LIMIT 1"))
        else { return false }
        let account: Int64 = row["account"]
        let key: String = row["key"]
        switch WakeKind(rawValue: row["kind"]) {
        case .booking: try takeBooking(key, progress: row["progress"], &judged)
        case .document: try takeDocument(key, of: account, progress: row["progress"], &judged)
        default: try takeFamilies(of: account, &judged)
        }
        return true
    }

    private mutating func takeFamilies(of account: Int64, _ judged: inout RecentlyJudged) throws {
        let keys = try String.fetchAll(
            db.cachedStatement(sql: "SELECT key FROM wakes WHERE kind = 4 AND account = ? ORDER BY key LIMIT ?"),
            arguments: [account, limit])
        let delete = try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = 4 AND account = ? AND key = ?")
        for key in keys {
            try delete.execute(arguments: [account, key])
            add(key, of: account, &judged)
        }
    }

    private mutating func takeDocument(_ key: String, of account: Int64, progress: Int64, _ judged: inout RecentlyJudged) throws {
        let document = Int64(key) ?? 0
        let range = try Row.fetchOne(db, sql: "SELECT first_line, last_line FROM documents WHERE id = ?", arguments: [document])
        let rows = try ScannedRows(
            db, "SELECT id, family FROM lines WHERE id > ?1 AND id <= ?2 AND document_id = ?3 ORDER BY id LIMIT ?4",
            max(progress, (range?["first_line"] ?? 1) - 1), range?["last_line"] ?? 0, document, Int64(limit))
        var last: Int64?
        while try rows.next() {
            last = rows.integer(0)
            add(rows.text(1), of: account, &judged)
        }
        try advance(.document, account, key, to: last)
    }

    /// Progress counts documents upwards from 0 and then lines downwards from -1: one number, two stretches.
    private mutating func takeBooking(_ key: String, progress: Int64, _ judged: inout RecentlyJudged) throws {
        let booking = Int64(key) ?? 0
        let range = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT first_document, last_document, first_line, last_line FROM bookings WHERE id = ?"),
            arguments: [booking])
        let rows: ScannedRows
        if progress >= 0 {
            rows = try ScannedRows(
                db,
                """
                SELECT id, account, coalesce(subject, family) FROM documents
                WHERE id > ?1 AND id <= ?2 AND type IN (2, 3, 4) AND booking_id = ?3 ORDER BY id LIMIT ?4
                """, max(progress, (range?["first_document"] ?? 1) - 1), range?["last_document"] ?? 0, booking, Int64(limit))
        } else {
            rows = try ScannedRows(
                db, "SELECT id, account, family FROM lines WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3",
                max(-1 - progress, (range?["first_line"] ?? 1) - 1), range?["last_line"] ?? 0, Int64(limit))
        }
        var last: Int64?
        while try rows.next() {
            last = rows.integer(0)
            add(rows.text(2), of: rows.integer(1), &judged)
        }
        try advance(.booking, 0, key, to: progress >= 0 ? last ?? -1 : last.map { -1 - $0 })
    }

    private func advance(_ kind: WakeKind, _ account: Int64, _ key: String, to progress: Int64?) throws {
        if let progress {
            try db.cachedStatement(sql: "UPDATE wakes SET progress = ? WHERE kind = ? AND account = ? AND key = ?")
                .execute(arguments: [progress, kind.rawValue, account, key])
        } else {
            try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = ? AND account = ? AND key = ?")
                .execute(arguments: [kind.rawValue, account, key])
        }
    }

    /// A line on one of our memos touches the invoice that the memo names.
    private mutating func addInvoicesOfMemos(_ judged: inout RecentlyJudged) throws {
        guard count > 0,
            try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE subject IS NOT NULL)")) == true
        else { return }
        let statement = try db.cachedStatement(
            sql: "SELECT subject FROM documents WHERE account = ? AND family = ? AND subject IS NOT NULL AND withdrawn = 0")
        for (account, gathered) in families {
            for family in gathered {
                for subject in try String.fetchAll(statement, arguments: [account, family]) { add(subject, of: account, &judged) }
            }
        }
    }
}
