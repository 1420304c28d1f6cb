import GRDB
import Trade

/// Loads the cases of many families with a handful of set-based queries and hands them out one by one.
struct CaseLoading {
    struct Loaded {
        var value: InvoiceCase
        /// Of the family's first invoice, as stored.
        var wakeDay: Day?
    }

    private struct Head {
        var payment: String
        var date: Day?
        var currency: Currency
        var rate: ExactDecimal?
        var received: Day
        var counts: Bool
        var booking: Int64
    }

    let familiesWithFindings: Set<String>
    private let db: Database
    private let account: Int64
    private var cases: [String: Loaded] = [:]
    private var order: [String]
    private var position = 0
    private var heads: [Int64: Head] = [:]
    private var origins: [Int64: (sha256: String, name: String)] = [:]

    init(_ db: Database, account: Int64, families: Set<String>) throws {
        self.db = db
        self.account = account
        order = families.sorted()
        try db.execute(
            sql: """
                CREATE TEMP TABLE IF NOT EXISTS batch (family TEXT PRIMARY KEY) WITHOUT ROWID;
                DELETE FROM temp.batch;
                """)
        let insert = try BoundStatement(db, "INSERT INTO temp.batch VALUES (?)")
        for family in order {
            insert.bind(1, family)
            try insert.run()
        }
        for family in order { cases[family] = Loaded(value: InvoiceCase(family: family), wakeDay: nil) }
        familiesWithFindings = try Set(
            String.fetchAll(
                db.cachedStatement(
                    sql:
                        "SELECT DISTINCT f.case_key FROM temp.batch b CROSS JOIN findings f ON f.case_kind = 4 AND f.case_account = ? AND f.case_key = b.family WHERE f.state = 'open'"
                ),
                arguments: [account]))
        try loadDocuments()
        try loadLines()
        try loadMemoLines()
    }

    mutating func next() throws -> Loaded? {
        guard position < order.count else { return nil }
        defer { position += 1 }
        return cases.removeValue(forKey: order[position])
    }

    // MARK: documents

    private static let documentColumns = """
        d.id, d.booking_id, d.type, d.family, coalesce(d.number, d.family), d.date, d.currency, d.total, d.received, d.place, d.wake_day,
        d.net_days, d.discount_percent, d.discount_days, d.basis, d.due, d.discount_date, d.tax, d.subject
        """

    private mutating func loadDocuments() throws {
        for condition in ["d.account = ? AND d.family = b.family", "d.account = ? AND d.subject = b.family AND d.family <> b.family"] {
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT \(Self.documentColumns), b.family FROM temp.batch b CROSS JOIN documents d ON \(condition)
                        WHERE d.type IN (2, 3, 4) AND d.withdrawn = 0 ORDER BY d.id
                        """), arguments: [account])
            while let row = try rows.next() {
                let family: String = row[19]
                let evidence = try evidence(booking: row[1], place: row[9])
                if row[2] as Int64 == 2 {
                    let invoice = Self.invoice(row, evidence)
                    if cases[family]?.value.invoices.isEmpty == true { cases[family]?.wakeDay = (row[10] as Int32?).map(Day.init(number:)) }
                    cases[family]?.value.invoices.append(invoice)
                } else {
                    let number: String = row[4]
                    cases[family]?.value.memos.append(
                        MemoFact(
                            document: row[0], key: ReferenceKey.of(number), number: number, date: (row[5] as Int32?).map(Day.init(number:)),
                            currency: Currency(packed: row[6]), total: row[7], family: row[18], evidence: evidence))
                }
            }
        }
    }

    private static func invoice(_ row: Row, _ evidence: Evidence) -> InvoiceFact {
        let number: String = row[4]
        var terms: PaymentTerms?
        let stated = PaymentTerms(
            netDays: row[11], discountPercent: (row[12] as String?).flatMap { ExactDecimal($0) }, discountDays: row[13],
            basis: (row[14] as String?).flatMap(TermsBasis.init(rawValue:)), dueDate: (row[15] as Int32?).map(Day.init(number:)),
            discountDate: (row[16] as Int32?).map(Day.init(number:)))
        if stated != PaymentTerms() { terms = stated }
        return InvoiceFact(
            document: row[0], key: ReferenceKey.of(number), number: number, date: (row[5] as Int32?).map(Day.init(number:)),
            currency: Currency(packed: row[6]), total: row[7], tax: row[17], terms: terms, received: Day(number: row[8]), evidence: evidence
        )
    }

    private mutating func evidence(booking: Int64, place: Int64) throws -> Evidence {
        let origin: (sha256: String, name: String)
        if let known = origins[booking] {
            origin = known
        } else {
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT o.sha256, b.name FROM bookings b JOIN originals o ON o.id = b.original_id WHERE b.id = ?"),
                arguments: [booking])
            origin = (row?[0] ?? "", row?[1] ?? "")
            origins[booking] = origin
        }
        return Evidence(sha256: origin.sha256, file: origin.name, at: Location(packed: place))
    }

    // MARK: lines

    private static let lineColumns = """
        l.id, l.document_id, l.family, coalesce(l.reference, l.family), l.kind, l.type, l.role, l.deduction, l.net, l.gross, l.discount,
        l.currency, l.text, l.place, l.code
        """

    private mutating func loadLines() throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(Self.lineColumns) FROM temp.batch b CROSS JOIN lines l ON l.account = ? AND l.family = b.family ORDER BY l.id
                    """), arguments: [account])
        while let row = try rows.next() { try add(row, to: row[2]) }
    }

    /// Lines that apply a memo of ours stand under the memo's own number.
    private mutating func loadMemoLines() throws {
        let statement = try db.cachedStatement(
            sql: "SELECT \(Self.lineColumns) FROM lines l WHERE l.account = ? AND l.family = ? ORDER BY l.id")
        for family in order {
            for memo in cases[family]?.value.memos ?? [] {
                let memoFamily = ClaimChain(key: memo.key).base
                guard memoFamily != family else { continue }
                for row in try Row.fetchAll(statement, arguments: [account, memoFamily]) { try add(row, to: family) }
            }
        }
    }

    private mutating func add(_ row: Row, to family: String) throws {
        guard let head = try head(row[1]), head.counts else { return }
        let deduction = (row[7] as String?).flatMap(DeductionClass.init(rawValue:))
        let reference: String = row[3]
        let kind: Int64 = row[4]
        if kind == 2 {
            guard let last = cases[family]?.value.lines.indices.last else { return }
            cases[family]?.value.lines[last].adjustments.append(
                AdjustmentFact(reference: reference, deduction: deduction ?? .other, amount: row[8]))
            return
        }
        let evidence = try evidence(booking: head.booking, place: row[13])
        cases[family]?.value.lines.append(
            LineFact(
                document: row[1], reference: reference, key: ReferenceKey.of(reference),
                type: ReferenceType(rawValue: row[5]) ?? .other, role: LineRole(rawValue: row[6]) ?? .other, deduction: deduction,
                payment: head.payment, paymentDate: head.date, received: head.received,
                currency: (row[11] as UInt32?).map(Currency.init(packed:)) ?? head.currency, exchangeRate: head.rate, gross: row[9],
                discount: row[10] ?? 0, net: row[8], adjustments: [], text: row[12], isAdjustment: kind == 1, evidence: evidence))
    }

    private mutating func head(_ document: Int64) throws -> Head? {
        if let known = heads[document] { return known }
        let statement = try db.cachedStatement(
            sql: """
                SELECT coalesce(number, family), date, currency, exchange_rate, received, coalesce(stands, 0) = 1 AND withdrawn = 0, booking_id
                FROM documents WHERE id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [document]) else { return nil }
        let head = Head(
            payment: row[0], date: (row[1] as Int32?).map(Day.init(number:)), currency: Currency(packed: row[2]),
            rate: (row[3] as String?).flatMap { ExactDecimal($0) }, received: Day(number: row[4]), counts: row[5], booking: row[6])
        heads[document] = head
        return head
    }
}
