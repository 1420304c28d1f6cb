import GRDB
import Trade

/// What is said of a claim beside a line that gives its number alone: by its own document (debit memos, claim lists, credits to us),
/// and by lines that name its invoice with it.
enum ClaimDocument {
    /// The invoices' families in whose cases numbers of `family` are judged: where exactly one is named by what is on file under
    /// the number. Invoices and credits of ours are no claims, and their numbers name nothing here.
    static func families(_ db: Database, account: Int64, of family: String) throws -> [String: String] {
        let rows = try ScannedRows(
            db,
            """
            SELECT coalesce(number, family), type, total, subject FROM documents
            WHERE account = ? AND family = ? AND type IN (2, 3, 4) AND withdrawn = 0
            """, account)
        rows.bind(2, family)
        var named: [String: Set<String>] = [:]
        var ours: Set<String> = []
        while try rows.next() {
            let key = ReferenceKey.of(rows.text(0))
            let type = rows.integer(1)
            if type == 2 || type == 3 && rows.integer(2) < 0 { ours.insert(key) }
            if let subject = rows.textOrNil(3), !subject.isEmpty { named[key, default: []].insert(subject) }
        }
        let lines = try ScannedRows(
            db,
            """
            SELECT k.family FROM number_links k CROSS JOIN documents d ON d.id = k.document_id
            WHERE k.account = ?1 AND k.key = ?2 AND +k.is_claim = 1 AND d.withdrawn = 0 AND coalesce(d.stands, 0) = 1
            ORDER BY k.document_id
            """, account)
        lines.bind(2, family)
        var homes = named[family] ?? []
        // thousands may name one number: two that differ are enough
        while homes.count < 2, try lines.next() { homes.insert(lines.text(0)) }
        lines.end()
        if !homes.isEmpty { named[family] = homes }
        return named.compactMapValues { $0.count == 1 ? $0.first : nil }.filter { !ours.contains($0.key) }
    }

    /// Whether any claim is named with its invoice.
    static func areNamed(_ db: Database) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM number_links INDEXED BY claims_of_family WHERE is_claim = 1)"
        return try Bool.fetchOne(db.cachedStatement(sql: sql)) ?? false
    }

    /// The class that all its lines which state one agree on.
    static func deduction(_ db: Database, _ memo: MemoFact) throws -> DeductionClass? {
        let rows = try ScannedRows(db, "SELECT code FROM items WHERE document_id = ? AND code IS NOT NULL", memo.document)
        var stated: Set<DeductionClass> = []
        while try rows.next() {
            let code = rows.text(0)
            let reason =
                memo.evidence.at.scheme == .message
                ? AdjustmentReason.deduction(edifact: code) : AdjustmentReason.deduction(x12: code)
            if let found = DeductionClass(rawValue: code.lowercased()) ?? reason { stated.insert(found) }
        }
        return stated.count == 1 ? stated.first : nil
    }
}
