import GRDB
import Trade

/// What is said of a claim beside a line that gives its number alone: by its own document (debit memos, claim lists, credits to us),
/// and by lines that name its invoice with it.
enum ClaimDocument {
    /// Where claims with numbers of one family are judged.
    struct Homes {
        /// Invoices' families, by the claim's number.
        var families: [String: String] = [:]
        /// A line that names one of them was put to another family's invoice, which was not looked at.
        var dependOnPairs = false
    }

    /// The invoices' families in whose cases numbers of `family` are judged: where exactly one is named by what is on file under
    /// the number. Invoices and credits of ours are no claims, and their numbers name nothing here.
    /// - Parameter isPaired: what is taken inside a line that a rule put to another family's invoice is on that invoice. What is to be
    ///   paired must not depend on what was.
    static func families(
        _ db: Database, account: Int64, of family: String, isPaired: Bool = true
    ) throws -> Homes {
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
            SELECT k.family, k.document_id, EXISTS (SELECT 1 FROM matches m WHERE m.account = ?1 AND m.family = k.family)
            FROM number_links k CROSS JOIN documents d ON d.id = k.document_id
            WHERE k.account = ?1 AND k.key = ?2 AND +k.is_claim = 1 AND d.withdrawn = 0 AND coalesce(d.stands, 0) = 1
            ORDER BY k.document_id
            """, account)
        lines.bind(2, family)
        var found = Homes()
        var homes = named[family] ?? []
        // thousands may name one number: two that differ are enough
        while homes.count < 2, try lines.next() {
            let other = lines.text(0)
            if isPaired, lines.integer(2) != 0 {
                homes.formUnion(try pairedFamilies(db, account: account, of: family, inside: other, document: lines.integer(1)))
            } else {
                homes.insert(other)
                if lines.integer(2) != 0 { found.dependOnPairs = true }
            }
        }
        lines.end()
        if !homes.isEmpty { named[family] = homes }
        found.families = named.compactMapValues { $0.count == 1 ? $0.first : nil }.filter { !ours.contains($0.key) }
        return found
    }

    /// The families of the invoices of the lines inside which a payment takes a claim, wherever rules put them.
    private static func pairedFamilies(
        _ db: Database, account: Int64, of claim: String, inside family: String, document: Int64
    ) throws -> Set<String> {
        let rows = try ScannedRows(
            db,
            """
            SELECT l.kind, coalesce(l.reference, l.family), m.invoice_family FROM lines l LEFT JOIN matches m ON m.line_id = l.id
            WHERE l.account = ?1 AND l.family = ?3 AND l.document_id = ?2 ORDER BY l.id
            """, account, document)
        rows.bind(3, family)
        var found: Set<String> = []
        var home = family
        while try rows.next() {
            // an adjustment follows the line that it is part of
            if rows.integer(0) != 2 { home = rows.textOrNil(2) ?? family }
            if ReferenceKey.of(rows.text(1)) == claim { found.insert(home) }
        }
        return found.isEmpty ? [family] : found
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
