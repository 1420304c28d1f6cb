import GRDB
public import Trade

/// A payment as its rows have it, summed anew.
public struct PaymentOnFile: Sendable {
    public var account: String
    public var number: String
    public var currency: Currency
    public var total: Int64?
    /// As it was reckoned when it was read.
    public var footing: Int64?
    public var lines: Int128
    public var adjustments: Int128
    /// Whether the rows are those that were stored: numbers and amounts of every line.
    public var isAsStored: Bool
    public var stands: Bool
    public var file: String
}

/// Counts and Σ net of the lines that count, by account.
public struct StandingLines: Hashable, Sendable {
    public var count: Int
    public var net: Int128
    public init(count: Int = 0, net: Int128 = 0) {
        self.count = count
        self.net = net
    }
}

extension Ledger {
    /// What SQLite says against the file: damaged pages, indexes that do not fit, rows that refer to nothing. Empty if all is well.
    public func damages() throws(LedgerError) -> [String] {
        try read { db in
            var found = try String.fetchAll(db, sql: "PRAGMA integrity_check(100)").filter { $0 != "ok" }
            for row in try Row.fetchAll(db, sql: "SELECT * FROM pragma_foreign_key_check LIMIT 100") {
                let (table, id, parent): (String, Int64?, String) = (row[0], row[1], row[2])
                found.append("\(table), row \(id.map(String.init) ?? "?"): refers to a row of \(parent) that is not there")
            }
            return found
        }
    }

    /// Originals on record after `id`, in pages: their rows' ids, digests and sizes.
    public func originals(after id: Int64, limit: Int) throws(LedgerError) -> [(id: Int64, sha256: String, size: Int64)] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(sql: "SELECT id, sha256, size FROM originals WHERE id > ? ORDER BY id LIMIT ?"), arguments: [id, limit]
            ).map { ($0[0], $0[1], $0[2]) }
        }
    }

    /// Rows of the audit trail that do not carry the digest of what stands before them.
    /// - Returns: their ids (a cut or a changed row shows at the next one), how many rows there are, and how many orders of persons were
    ///   carried out, each of which has left a row.
    /// - Parameter orders: how the names of persons' orders end.
    public func auditFaults(orders suffix: String) throws(LedgerError) -> (rows: [Int64], count: Int, orders: Int) {
        try read { db in
            var faults: [Int64] = []
            var (previous, count) = ("", 0)
            let rows = try Row.fetchCursor(db, sql: "SELECT id, time, who, action, subject, text, chain FROM audit ORDER BY id")
            while let row = try rows.next() {
                let parts: [String] = [previous, String(row["time"] as Int64), row["who"], row["action"], row["subject"], row["text"]]
                let chain: String = row["chain"]
                if fingerprint(parts.joined(separator: "\0")) != chain { faults.append(row["id"]) }
                previous = chain
                count += 1
            }
            let orders = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM bookings WHERE state = 'booked' AND substr(name, -length(?1)) = ?1", arguments: [suffix])
            return (faults, count, orders ?? 0)
        }
    }

    /// Every payment document that is not withdrawn, in order of arrival.
    public func eachPayment(_ body: (PaymentOnFile) -> Void) throws(LedgerError) {
        try read { db in
            let names = Dictionary(try Self.accounts(db).map { ($0.id, $0.name) }, uniquingKeysWith: { a, _ in a })
            let documents = try Row.fetchCursor(
                db,
                sql: """
                    SELECT d.id, d.account, coalesce(d.number, d.family) AS number, d.currency, d.total, d.footing, d.signature,
                        coalesce(d.stands, 0) AS stands, d.first_line, d.last_line, b.name
                    FROM documents d JOIN bookings b ON b.id = d.booking_id WHERE d.type = 1 AND d.withdrawn = 0 ORDER BY d.id
                    """)
            while let row = try documents.next() {
                var payment = PaymentOnFile(
                    account: names[row["account"]] ?? "", number: row["number"],
                    currency: (row["currency"] as UInt32?).map(Currency.init(packed:)) ?? .unstated, total: row["total"],
                    footing: row["footing"], lines: 0, adjustments: 0, isAsStored: true, stands: row["stands"], file: row["name"])
                var signature: UInt64 = 0
                let lines = try ScannedRows(
                    db, "SELECT kind, net, coalesce(reference, family) FROM lines WHERE id BETWEEN ?1 AND ?2 AND document_id = ?3",
                    row["first_line"] ?? 1, row["last_line"] ?? 0, row["id"])
                while try lines.next() {
                    let net = lines.integer(1)
                    switch LineOnFile.Kind(rawValue: lines.integer(0)) {
                    case .line?: payment.lines += Int128(net)
                    case .beside?: payment.adjustments += Int128(net)
                    case .inside?, nil: continue
                    }
                    signature = signature &+ LedgerSink.hash(ReferenceKey.of(lines.text(2)), net)
                }
                payment.isAsStored = (row["signature"] as Int64?).map { UInt64(bitPattern: $0) == signature } ?? true
                body(payment)
            }
        }
    }

    /// Lines and adjustments beside them, of the payments that count, by account.
    public func standingLines() throws(LedgerError) -> [String: StandingLines] {
        try read { db in
            let names = Dictionary(try Self.accounts(db).map { ($0.id, $0.name) }, uniquingKeysWith: { a, _ in a })
            var sums: [String: StandingLines] = [:]
            let rows = try ScannedRows(
                db,
                """
                SELECT l.account, l.net FROM documents d CROSS JOIN lines l ON l.id BETWEEN d.first_line AND d.last_line
                    AND l.document_id = d.id WHERE d.type = 1 AND d.withdrawn = 0 AND d.stands = 1 AND l.kind <> 2
                """)
            while try rows.next() {
                let name = names[rows.integer(0)] ?? ""
                sums[name, default: StandingLines()].count += 1
                sums[name, default: StandingLines()].net += Int128(rows.integer(1))
            }
            return sums
        }
    }

    /// Fingerprint of the settings by which cases were judged last; nil before the first pass.
    public func judgedBy() throws(LedgerError) -> String? {
        try read { db in try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'rules'") }
    }
}
