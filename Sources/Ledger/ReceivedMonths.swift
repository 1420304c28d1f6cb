import GRDB
import Synchronization
import Trade

/// What was received, month by month, for accounts with an agreement about a percent of it.
///
/// An order's part is kept with its judgement; so a receipt that comes or is withdrawn costs its own order and one sum over the
/// account, and the few families of such agreements are judged again only where a figure changed.
struct ReceivedMonths {
    private let db: Database
    private let account: Int64

    init(_ db: Database, account: Int64) {
        self.db = db
        self.account = account
    }

    /// - Returns: whether it was anything else before.
    func keep(_ months: [MonthReceipts], ofOrder po: String) throws -> Bool {
        var before: [MonthReceipts] = []
        let rows = try ScannedRows(
            db, "SELECT month, value, unpriced FROM received_months WHERE account = ? AND po = ?2 ORDER BY month", account)
        rows.bind(2, po)
        while try rows.next() {
            before.append(
                MonthReceipts(
                    month: Day(number: Int32(clamping: rows.integer(0))), value: rows.integerOrNil(1).map { Int128($0) },
                    unpriced: Int(rows.integer(2))))
        }
        let now = months.map { month in
            var month = month
            month.value = month.value.flatMap { Int64(exactly: $0) }.map { Int128($0) }
            return month
        }
        guard before != now else { return false }
        try db.cachedStatement(sql: "DELETE FROM received_months WHERE account = ? AND po = ?").execute(arguments: [account, po])
        let insert = try db.cachedStatement(sql: "INSERT INTO received_months (account, po, month, value, unpriced) VALUES (?, ?, ?, ?, ?)")
        for month in now {
            try insert.execute(arguments: [account, po, month.month.number, month.value.flatMap { Int64(exactly: $0) }, month.unpriced])
        }
        return true
    }

    /// An account without such an agreement keeps nothing: what changes meanwhile would not be noticed.
    func forget() throws {
        try db.cachedStatement(sql: "DELETE FROM received_months WHERE account = ?").execute(arguments: [account])
    }

    /// Of all orders. The sum of a month is taken in two parts, because SQLite's own stops at 64 bits.
    func load() throws -> [Day: MonthReceipts] {
        var months: [Day: MonthReceipts] = [:]
        let rows = try ScannedRows(
            db,
            """
            SELECT month, sum(value / 1000000000), sum(value % 1000000000), count(*) - count(value), sum(unpriced)
            FROM received_months WHERE account = ? GROUP BY month
            """, account)
        while try rows.next() {
            let month = Day(number: Int32(clamping: rows.integer(0)))
            let sum = Int128(rows.integer(1)) * 1_000_000_000 + Int128(rows.integer(2))
            months[month] = MonthReceipts(month: month, value: rows.integer(3) == 0 ? sum : nil, unpriced: Int(rows.integer(4)))
        }
        return months
    }
}

extension CaseLoading.Loaded {
    /// Notes which of the agreements its lines name.
    /// - Returns: whether it is one of them, or a line of it names one.
    mutating func note(_ names: AgreementNames) -> Bool {
        for line in value.lines {
            if let key = names.named(by: line.key, line.text) { naming[key] = line.document }
            for adjustment in line.adjustments {
                if let key = names.named(by: ReferenceKey.of(adjustment.reference), nil) { naming[key] = line.document }
            }
        }
        return !naming.isEmpty || names.named(by: value.family, nil) != nil
    }
}

extension Ledger {
    /// Families that a change of what was received may concern: those of the agreements' own numbers, and those of invoices that
    /// lines name with one, as they were found when they were judged.
    func wakeAgreements(_ db: Database, _ account: Int64, _ rules: AccountRules) throws {
        for agreement in rules.ownAgreements where agreement.isOfReceipts {
            let key = ReferenceKey.of(agreement.id)
            let others = try String.fetchAll(
                db.cachedStatement(
                    sql: "SELECT DISTINCT family FROM number_links WHERE account = ? AND key = ? AND family NOT IN ('', ?2)"),
                arguments: [account, key])
            for family in [key] + others {
                recentlyJudged.withLock { $0.forget(family, of: account) }
                try Self.wake(db, .family, account: account, key: family)
            }
        }
    }

    /// No index finds words: what a case's lines say is kept when it is judged, so that `wakeAgreements` finds it.
    func linkAgreements(_ db: Database, _ account: Int64, _ loaded: CaseLoading.Loaded) throws {
        for (key, document) in loaded.naming where key != loaded.value.family {
            try db.cachedStatement(
                sql: "INSERT INTO number_links (account, key, document_id, family) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            ).execute(arguments: [account, key, document, loaded.value.family])
        }
    }
}
