import GRDB
import Trade

/// Keeps what the numbers of an account leave unmatched, and wakes what that touches: amounts, by which lines and invoices meet, and
/// cases, whose lines came or went.
///
/// The order of work makes the result a function of what is on file: a case with loose ends is judged after every family that
/// waits has said what it leaves over (`WakeKind.pairing`), and after these were paired (`WakeKind.paired`).
struct LooseEndsOnFile {
    let db: Database
    let account: Int64

    init(_ db: Database, account: Int64) {
        self.db = db
        self.account = account
    }

    // MARK: the account's rules

    /// Of the rules themselves: one that decides otherwise needs another number.
    private static let version = "1"

    /// What was paired by other rules, or by the same in another order, is paired anew.
    func adopt(_ rules: [PairingRule]) throws {
        let words = rules.isEmpty ? "" : Self.version + " " + rules.map(\.rawValue).joined(separator: " ")
        let before = try String.fetchOne(db.cachedStatement(sql: "SELECT match_by FROM accounts WHERE id = ?"), arguments: [account])
        guard before != words else { return }
        try db.execute(sql: "UPDATE accounts SET match_by = ? WHERE id = ?", arguments: [words, account])
        if rules.isEmpty {
            try unpair("account = ?", [account])
            try db.execute(sql: "DELETE FROM loose_lines WHERE account = ?", arguments: [account])
            try db.execute(sql: "DELETE FROM loose_invoices WHERE account = ?", arguments: [account])
        } else {
            try db.execute(
                sql: """
                    INSERT INTO wakes (kind, account, key)
                    SELECT DISTINCT \(WakeKind.pairing.rawValue), account, currency || ':' || total FROM loose_invoices WHERE account = ?
                    ON CONFLICT DO NOTHING
                    """, arguments: [account])
        }
    }

    // MARK: what a family leaves over

    /// What was kept of each of some families. They stand in `temp.batch`, see `CaseLoading`.
    func kept() throws -> [Int: LooseEnds] {
        var kept: [Int: LooseEnds] = [:]
        let lines = try ScannedRows(
            db,
            """
            SELECT b.number, \(Self.lineColumns) FROM temp.batch b CROSS JOIN loose_lines e ON e.account = ? AND e.family = b.family
            """, account)
        while try lines.next() { kept[Int(lines.integer(0)), default: LooseEnds()].lines.append(Self.line(lines)) }
        let invoices = try ScannedRows(
            db,
            """
            SELECT b.number, \(Self.invoiceColumns) FROM temp.batch b CROSS JOIN loose_invoices e
                ON e.account = ? AND e.family = b.family
            """, account)
        while try invoices.next() { kept[Int(invoices.integer(0)), default: LooseEnds()].invoices.append(Self.invoice(invoices)) }
        return kept
    }

    /// - Returns: whether the family has to wait for its pairs.
    func keep(_ ends: LooseEnds, of family: String, before: LooseEnds) throws -> Bool {
        if ends.isEmpty, before.isEmpty { return false }
        let (oldLines, newLines) = (Set(before.lines), Set(ends.lines))
        for line in oldLines.subtracting(newLines) {
            try unpair("line_id = ?", [line.id])
            try db.cachedStatement(sql: "DELETE FROM loose_lines WHERE line_id = ?").execute(arguments: [line.id])
            try wake(line)
        }
        let (oldInvoices, newInvoices) = (Set(before.invoices), Set(ends.invoices))
        for invoice in oldInvoices.subtracting(newInvoices) {
            try unpair("account = ? AND invoice_family = ? AND invoice = ?", [account, family, invoice.key])
            try db.cachedStatement(sql: "DELETE FROM loose_invoices WHERE account = ? AND key = ?").execute(arguments: [
                account, invoice.key,
            ])
            try wake(invoice.currency, invoice.total)
        }
        for line in newLines.subtracting(oldLines) {
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO loose_lines (line_id, account, family, po, date, paid, currency, gross, net) VALUES (?,?,?,?,?,?,?,?,?)
                    """
            ).execute(arguments: [
                line.id, account, family, line.po, line.date?.number, line.paymentDate?.number, line.currency.packed, line.gross, line.net,
            ])
            try wake(line)
        }
        for invoice in newInvoices.subtracting(oldInvoices) {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO loose_invoices (account, key, family, po, date, currency, total) VALUES (?,?,?,?,?,?,?)"
            ).execute(arguments: [
                account, invoice.key, family, invoice.po, invoice.date?.number, invoice.currency.packed, invoice.total,
            ])
            try wake(invoice.currency, invoice.total)
        }
        // a deduction inside a line is judged with the invoice, and found by the line's family
        try wakeWithPairs(family)
        return true
    }

    /// A family that has none itself is judged after those are paired that do.
    func wait(_ family: String) throws { try wakePaired(family) }

    private func wake(_ line: LooseLine) throws {
        try wake(line.currency, line.gross)
        if line.net != line.gross { try wake(line.currency, line.net) }
    }

    private func wake(_ currency: Currency, _ amount: Int64) throws {
        try Ledger.wake(db, .pairing, account: account, key: Amount(currency: currency, minor: amount).key)
    }

    private func wakePaired(_ family: String) throws { try Ledger.wake(db, .paired, account: account, key: family) }

    // MARK: pairs

    struct Amount: Hashable {
        var currency: Currency
        var minor: Int64

        var key: String { "\(currency.packed):\(minor)" }

        init(currency: Currency, minor: Int64) {
            self.currency = currency
            self.minor = minor
        }

        /// - Returns: nil if the key was not made by ``key``.
        init?(key: String) {
            let parts = key.split(separator: ":")
            guard parts.count == 2, let packed = UInt32(parts[0]), let minor = Int64(parts[1]) else { return nil }
            self.init(currency: Currency(packed: packed), minor: minor)
        }
    }

    /// Lines and invoices that are connected by equal amounts, with all that they are connected with.
    struct Connected {
        var lines: [LooseLine] = []
        var invoices: [LooseInvoice] = []
        /// By line and by invoice.
        var lineFamilies: [Int64: String] = [:]
        var invoiceFamilies: [String: String] = [:]
    }

    func connected(from amounts: [Amount]) throws -> Connected {
        var found = Connected()
        let starts = Set(amounts)
        var seen = starts
        var rest = amounts
        while let amount = rest.popLast() {
            let before = found.invoices.count
            let invoices = try ScannedRows(
                db,
                """
                SELECT e.family, \(Self.invoiceColumns) FROM loose_invoices e WHERE e.account = ?1 AND e.currency = ?2 AND e.total = ?3
                """, account, Int64(amount.currency.packed), amount.minor)
            while try invoices.next() {
                let invoice = Self.invoice(invoices)
                found.invoiceFamilies[invoice.key] = invoices.text(0)
                found.invoices.append(invoice)
            }
            // lines of one amount meet in its invoices only; where something changed, the last one may have gone
            if found.invoices.count == before, !starts.contains(amount) { continue }
            let lines = try ScannedRows(
                db,
                """
                SELECT e.family, \(Self.lineColumns) FROM loose_lines e WHERE e.account = ?1 AND e.currency = ?2 AND e.gross = ?3
                UNION ALL
                SELECT e.family, \(Self.lineColumns) FROM loose_lines e
                WHERE e.account = ?1 AND e.currency = ?2 AND e.net = ?3 AND e.gross <> e.net
                """, account, Int64(amount.currency.packed), amount.minor)
            while try lines.next() {
                let line = Self.line(lines)
                guard found.lineFamilies.updateValue(lines.text(0), forKey: line.id) == nil else { continue }
                found.lines.append(line)
                for other in [line.gross, line.net] {
                    let next = Amount(currency: line.currency, minor: other)
                    if seen.insert(next).inserted { rest.append(next) }
                }
            }
        }
        return found
    }

    /// Records what was paired, and wakes the families that a line leaves or comes to.
    func record(_ pairs: [Pairing], in connected: Connected) throws {
        let now = Dictionary(pairs.map { ($0.line, $0) }, uniquingKeysWith: { first, _ in first })
        let known = try db.cachedStatement(sql: "SELECT invoice, rule FROM matches WHERE line_id = ?")
        for line in connected.lines {
            let row = try Row.fetchOne(known, arguments: [line.id])
            let pair = now[line.id]
            if let row, let pair, row[0] == pair.invoice, row[1] == pair.rule.rawValue { continue }
            if row == nil, pair == nil { continue }
            try unpair("line_id = ?", [line.id])
            guard let pair, let family = connected.lineFamilies[line.id], let other = connected.invoiceFamilies[pair.invoice] else {
                continue
            }
            try db.cachedStatement(
                sql: "INSERT INTO matches (line_id, account, family, invoice, invoice_family, rule) VALUES (?,?,?,?,?,?)"
            ).execute(arguments: [line.id, account, family, pair.invoice, other, pair.rule.rawValue])
            try wakePaired(family)
            try wakePaired(other)
            try wakeClaims(inside: family)
        }
    }

    /// Claims that are taken inside lines of a family, with all that names them: their homes go where the lines are put.
    private func wakeClaims(inside family: String) throws {
        let claims = try String.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT DISTINCT k.key FROM number_links k INDEXED BY claims_of_family WHERE k.account = ?1 AND k.family = ?2
                        AND k.is_claim = 1 AND EXISTS (SELECT 1 FROM lines l WHERE l.account = ?1 AND l.family = k.key)
                    """), arguments: [account, family])
        for claim in claims {
            try wakePaired(claim)
            let named = try String.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT DISTINCT k.family FROM number_links k WHERE k.account = ? AND k.key = ? AND +k.is_claim = 1
                        ORDER BY k.document_id LIMIT \(CaseGathering.homes)
                        """), arguments: [account, claim])
            for other in named where other != family { try wakeWithPairs(other) }
        }
    }

    private func wakeWithPairs(_ family: String) throws {
        try wakePaired(family)
        for other in try String.fetchAll(
            db.cachedStatement(sql: "SELECT DISTINCT invoice_family FROM matches WHERE account = ? AND family = ?"),
            arguments: [account, family])
        {
            try wakePaired(other)
        }
    }

    private func unpair(_ condition: String, _ arguments: StatementArguments) throws {
        for row in try Row.fetchAll(
            db.cachedStatement(sql: "SELECT line_id, family, invoice_family FROM matches WHERE \(condition)"), arguments: arguments)
        {
            try wakePaired(row[1])
            try wakePaired(row[2])
            try wakeClaims(inside: row[1])
            try db.cachedStatement(sql: "DELETE FROM matches WHERE line_id = ?").execute(arguments: [row[0] as Int64])
        }
    }

    // MARK: rows

    private static let lineColumns = "e.line_id, e.po, e.date, e.paid, e.currency, e.gross, e.net"

    private static func line(_ rows: ScannedRows) -> LooseLine {
        LooseLine(
            id: rows.integer(1), po: rows.text(2), date: rows.day(3), paymentDate: rows.day(4),
            currency: Currency(packed: UInt32(truncatingIfNeeded: rows.integer(5))), gross: rows.integer(6), net: rows.integer(7))
    }

    private static let invoiceColumns = "e.key, e.po, e.date, e.currency, e.total"

    private static func invoice(_ rows: ScannedRows) -> LooseInvoice {
        LooseInvoice(
            key: rows.text(1), po: rows.text(2), date: rows.day(3),
            currency: Currency(packed: UInt32(truncatingIfNeeded: rows.integer(4))), total: rows.integer(5))
    }
}
