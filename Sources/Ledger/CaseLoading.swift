import GRDB
import Trade

/// Loads the cases of many families with a handful of set-based queries and hands them out one by one, in the order of
/// their keys. The families stand in a temporary table in that order, so that both indexes are walked upwards, and every
/// row says by number which family it belongs to.
struct CaseLoading {
    struct Loaded {
        var value: InvoiceCase
        /// Of the family's first invoice, as stored.
        var wakeDay: Day?
        /// Whether a finding of the case is open.
        var hasFindings = false
        /// By the key of each agreement of receipts that a line names: the line's document.
        var naming: [String: Int64] = [:]
        /// Whether claims of the case are kept for the cases of others, see `SharedShortages`.
        var hasShortages = false
        /// Whether claims of the case are judged where rules put other lines, which was not looked at.
        var dependsOnPairs = false
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

    /// Of findings `f`: those of which it must be recorded that their case says nothing any longer; what is told once is never open.
    static let mayEnd: String = {
        let told = FindingKind.allCases.filter(\.isToldOnce).map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return "(f.state = 'open' OR f.kind IN (\(told)))"
    }()

    private(set) var cases: [Loaded]
    private let db: Database
    private let account: Int64
    private let references: [ReferencePattern]
    private let isPaired: Bool
    private var heads: [Int64: Head] = [:]
    /// The last document looked at: lines of one payment follow one another.
    private var lastHead: (document: Int64, head: Head)?
    private var origins: Origins
    /// What `ClaimDocument.families` says, asked once for each family: thousands of invoices may be named under one number.
    private var homes: [String: ClaimDocument.Homes] = [:]

    /// - Parameters:
    ///   - references: shapes of the account's numbers.
    ///   - isPaired: with the lines that rules put to the families' invoices, and without those that they took away.
    init(_ db: Database, account: Int64, families: [String], _ references: [ReferencePattern], isPaired: Bool = true) throws {
        self.db = db
        self.account = account
        self.references = references
        self.isPaired = isPaired
        origins = Origins(db)
        let order = families.sorted()
        cases = order.map { Loaded(value: InvoiceCase(family: $0), wakeDay: nil) }
        try db.execute(
            sql: "CREATE TEMP TABLE IF NOT EXISTS batch (number INTEGER PRIMARY KEY, family TEXT NOT NULL); DELETE FROM temp.batch;")
        let insert = try BoundStatement(db, "INSERT INTO temp.batch VALUES (?, ?)")
        for (number, family) in order.enumerated() {
            insert.bind(1, Int64(number))
            insert.bind(2, family)
            try insert.run()
        }
        let found = try ScannedRows(
            db,
            """
            SELECT b.number FROM temp.batch b CROSS JOIN findings f
                ON f.case_kind = 4 AND f.case_account = ? AND f.case_key = b.family WHERE \(Self.mayEnd)
            """, account)
        while try found.next() { cases[Int(found.integer(0))].hasFindings = true }
        let parts = try ScannedRows(
            db,
            """
            SELECT b.number FROM temp.batch b CROSS JOIN finding_parts p
                ON p.case_kind = 4 AND p.case_account = ? AND p.case_key = b.family
            """, account)
        while try parts.next() { cases[Int(parts.integer(0))].hasFindings = true }
        let kept = try ScannedRows(
            db,
            """
            SELECT b.number FROM temp.batch b CROSS JOIN shortage_claims s ON s.account = ? AND s.family = b.family
            """, account)
        while try kept.next() { cases[Int(kept.integer(0))].hasShortages = true }
        try loadDocuments()
        try loadLines()
        try loadMemoLines()
        if isPaired { try pairLines() }
        if try ClaimDocument.areNamed(db) { try loadClaimLines() }
    }

    // MARK: documents

    private static let documentColumns = """
        b.number, d.id, d.booking_id, d.type, coalesce(d.number, d.family), d.date, d.currency, d.total, d.received, d.place, d.wake_day,
        d.net_days, d.discount_percent, d.discount_days, d.basis, d.due, d.discount_date, d.tax, d.po, d.subject, d.subject_key, d.amends, d.family
        """

    private mutating func loadDocuments() throws {
        try loadDocuments(where: "d.account = ? AND d.family = b.family")
        guard try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE subject IS NOT NULL)")) == true else {
            return
        }
        try loadDocuments(where: "d.account = ? AND d.subject = b.family AND d.family <> b.family")
    }

    /// Equal keys of an index are in order of id, so no sorting is needed.
    private mutating func loadDocuments(where condition: String) throws {
        let rows = try ScannedRows(
            db,
            """
            SELECT \(Self.documentColumns) FROM temp.batch b CROSS JOIN documents d ON \(condition)
            WHERE d.type IN (2, 3, 4) AND d.withdrawn = 0
            """, account)
        while try rows.next() {
            let number = Int(rows.integer(0))
            let evidence = try origins.evidence(booking: rows.integer(2), place: rows.integer(9))
            if rows.integer(3) == 2 {
                var invoice = InvoiceFact(rows, document: 1, terms: 11, evidence)
                invoice.amends = rows.textOrNil(21).flatMap(Amendment.init(rawValue:))
                invoice.amended = rows.textOrNil(20)
                if rows.text(22) == cases[number].value.family {
                    if cases[number].value.invoices.isEmpty { cases[number].wakeDay = rows.day(10) }
                    cases[number].value.invoices.append(invoice)
                } else {
                    cases[number].value.corrections.append(invoice)
                }
            } else {
                let memo = rows.text(4)
                cases[number].value.memos.append(
                    MemoFact(
                        document: rows.integer(1), key: ReferenceKey.of(memo), number: memo, date: rows.day(5),
                        currency: Currency(packed: UInt32(truncatingIfNeeded: rows.integer(6))), total: rows.integer(7),
                        family: rows.textOrNil(19), invoice: rows.textOrNil(20), isDebit: rows.integer(3) == 4, evidence: evidence))
            }
        }
    }

    // MARK: lines

    private static let lineColumns = """
        l.document_id, coalesce(l.reference, l.family), l.kind, l.type, l.role, l.deduction, l.net, l.gross, l.discount, l.currency, l.text,
        l.place, l.date, l.po, l.return_number, l.id
        """

    private mutating func loadLines() throws {
        let rows = try ScannedRows(
            db, "SELECT b.number, \(Self.lineColumns) FROM temp.batch b CROSS JOIN lines l ON l.account = ? AND l.family = b.family",
            account)
        while try rows.next() { try add(rows, to: Int(rows.integer(0))) }
    }

    /// Lines that apply a memo of ours stand under the memo's own number, and so do claims that name their invoice by a document
    /// of their own only.
    private mutating func loadMemoLines() throws {
        for number in cases.indices where !cases[number].value.memos.isEmpty {
            try loadClasses(number)
            let own = cases[number].value.family
            // the same memo may be on file twice
            for family in Set(cases[number].value.memos.map { ClaimChain(key: $0.key).base }).sorted() {
                let named = try homes(of: family, in: number)
                if family == own {
                    for index in cases[number].value.lines.indices {
                        if let home = home(of: cases[number].value.lines[index], family, named) {
                            cases[number].value.lines[index].isNamedHere = home == own
                        }
                    }
                    continue
                }
                let first = cases[number].value.lines.endIndex
                let rows = try ScannedRows(db, "SELECT 0, \(Self.lineColumns) FROM lines l WHERE l.account = ? AND l.family = ?", account)
                rows.bind(2, family)
                while try rows.next() { try add(rows, to: number) }
                for index in first..<cases[number].value.lines.endIndex {
                    cases[number].value.lines[index].isOfOtherFamily = true
                    if let home = home(of: cases[number].value.lines[index], family, named) {
                        cases[number].value.lines[index].isNamedHere = home == own
                    }
                }
            }
        }
    }

    /// A line of a family that has the claim's number, or that of a round of it.
    private func isOf(_ claim: String, _ line: LineFact) -> Bool {
        line.key == claim || !references.isEmpty && references.claim(ofRound: line.reference) == claim
    }

    /// - Parameter named: of the family in which the line stands.
    private func home(of line: LineFact, _ family: String, _ named: [String: String]) -> String? {
        named[line.key] ?? named[family].flatMap { isOf(family, line) ? $0 : nil }
    }

    /// - Parameter number: of the case that asks.
    private mutating func homes(of family: String, in number: Int) throws -> [String: String] {
        let found = try homes[family] ?? ClaimDocument.families(db, account: account, of: family, isPaired: isPaired)
        homes[family] = found
        if found.dependOnPairs { cases[number].dependsOnPairs = true }
        return found.families
    }

    /// Lines that give a claim's number alone are judged where another line names its invoice with it.
    private mutating func loadClaimLines() throws {
        let alone = try ScannedRows(
            db,
            """
            SELECT DISTINCT b.number FROM temp.batch b CROSS JOIN number_links k ON k.account = ? AND k.key = b.family
            WHERE +k.is_claim = 1
            """, account)
        while try alone.next() {
            let number = Int(alone.integer(0))
            let own = cases[number].value.family
            guard let home = try homes(of: own, in: number)[own] else { continue }
            for index in cases[number].value.lines.indices
            where !cases[number].value.lines[index].isOfOtherFamily && isOf(own, cases[number].value.lines[index]) {
                cases[number].value.lines[index].isNamedHere = home == own
            }
        }
        let named = try ScannedRows(
            db,
            """
            SELECT b.number, k.key FROM temp.batch b CROSS JOIN number_links k INDEXED BY claims_of_family
                ON k.account = ?1 AND k.family = b.family AND k.is_claim = 1
            UNION SELECT b.number, k.key FROM temp.batch b CROSS JOIN matches m ON m.account = ?1 AND m.invoice_family = b.family
                CROSS JOIN number_links k INDEXED BY claims_of_family ON k.account = ?1 AND k.family = m.family AND k.is_claim = 1
            """, account)
        while try named.next() { try loadLines(naming: named.text(1), to: Int(named.integer(0))) }
    }

    /// Those that give the claim's number, or that of a round of it, and nothing else, if its only home is here.
    private mutating func loadLines(naming claim: String, to number: Int) throws {
        let isLoaded = cases[number].value.memos.contains { ClaimChain(key: $0.key).base == claim }
        guard !isLoaded, try homes(of: claim, in: number)[claim] == cases[number].value.family else { return }
        let first = cases[number].value.lines.endIndex
        let rows = try ScannedRows(db, "SELECT 0, \(Self.lineColumns) FROM lines l WHERE l.account = ? AND l.family = ?", account)
        rows.bind(2, claim)
        while try rows.next() { try add(rows, to: number) }
        // what a rule put to an invoice is judged there
        let away = isPaired ? try pairedLines(of: claim) : []
        let own = cases[number].value.lines[first...].filter { isOf(claim, $0) && !away.contains($0.id) }
        cases[number].value.lines.replaceSubrange(first..., with: own)
        for index in first..<cases[number].value.lines.endIndex {
            cases[number].value.lines[index].isOfOtherFamily = true
            cases[number].value.lines[index].isNamedHere = true
            // whatever type the remittance gives it, the number is known as a claim's
            if cases[number].value.lines[index].role == .invoice { cases[number].value.lines[index].role = .memo }
        }
    }

    /// Of claims and of credits to us: those that we granted have none.
    private mutating func loadClasses(_ number: Int) throws {
        for index in cases[number].value.memos.indices {
            let memo = cases[number].value.memos[index]
            guard memo.isDebit || memo.total >= 0 else { continue }
            cases[number].value.memos[index].deduction = try ClaimDocument.deduction(db, memo)
        }
    }

    private mutating func add(_ rows: ScannedRows, to number: Int) throws {
        let document = rows.integer(1)
        guard let head = try head(document), head.counts else { return }
        let reference = rows.text(2)
        let kind = rows.integer(3)
        let deduction = rows.textOrNil(6).flatMap(DeductionClass.init(rawValue:))
        if kind == 2 {  // it follows the line it is part of
            guard let last = cases[number].value.lines.indices.last else { return }
            cases[number].value.lines[last].adjustments.append(
                AdjustmentFact(reference: reference, deduction: deduction ?? .other, amount: rows.integer(7)))
            return
        }
        let evidence = try origins.evidence(booking: head.booking, place: rows.integer(12))
        var line = LineFact(
            document: document, reference: reference, key: ReferenceKey.of(reference),
            type: ReferenceType(rawValue: UInt8(clamping: rows.integer(4))) ?? .other,
            role: LineRole(rawValue: UInt8(clamping: rows.integer(5))) ?? .other, deduction: deduction, payment: head.payment,
            paymentDate: head.date, received: head.received,
            currency: rows.integerOrNil(10).map { Currency(packed: UInt32(truncatingIfNeeded: $0)) } ?? head.currency,
            exchangeRate: head.rate, gross: rows.integerOrNil(8), discount: rows.integerOrNil(9) ?? 0, net: rows.integer(7),
            adjustments: [],
            text: rows.textOrNil(11), isAdjustment: kind == 1, documentDate: rows.day(13), po: rows.textOrNil(14),
            returnNumber: rows.textOrNil(15), evidence: evidence)
        line.id = rows.integer(16)
        cases[number].value.lines.append(line)
    }

    // MARK: pairs

    /// Lines that rules put to another family's invoice are judged there, with the adjustments inside them.
    private mutating func pairLines() throws {
        guard try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM matches)")) == true else { return }
        var away: [Int: Set<Int64>] = [:]
        let leaving = try ScannedRows(
            db, "SELECT b.number, m.line_id FROM temp.batch b CROSS JOIN matches m ON m.account = ? AND m.family = b.family", account)
        while try leaving.next() { away[Int(leaving.integer(0)), default: []].insert(leaving.integer(1)) }
        for (number, lines) in away { cases[number].value.lines.removeAll { lines.contains($0.id) } }
        var pairs: [(number: Int, pairing: Pairing)] = []
        let coming = try ScannedRows(
            db,
            """
            SELECT b.number, m.line_id, m.invoice, m.rule FROM temp.batch b CROSS JOIN matches m
                ON m.account = ? AND m.invoice_family = b.family
            """, account)
        while try coming.next() {
            guard let rule = PairingRule(rawValue: coming.text(3)) else { continue }
            pairs.append((Int(coming.integer(0)), Pairing(line: coming.integer(1), invoice: coming.text(2), rule: rule)))
        }
        for (number, pairing) in pairs {
            let first = cases[number].value.lines.endIndex
            let rows = try ScannedRows(
                db,
                """
                SELECT 0, \(Self.lineColumns) FROM lines l WHERE l.id >= ?1
                    AND l.id < coalesce((SELECT n.id FROM lines n WHERE n.id > ?1 AND n.kind <> 2 ORDER BY n.id LIMIT 1), 9223372036854775807)
                ORDER BY l.id
                """, pairing.line)
            while try rows.next() { try add(rows, to: number) }
            if first < cases[number].value.lines.endIndex { cases[number].value.lines[first].pairing = pairing }
        }
    }

    private func pairedLines(of family: String) throws -> Set<Int64> {
        try Int64.fetchSet(
            db.cachedStatement(sql: "SELECT line_id FROM matches WHERE account = ? AND family = ?"), arguments: [account, family])
    }

    private mutating func head(_ document: Int64) throws -> Head? {
        if let lastHead, lastHead.document == document { return lastHead.head }
        if let known = heads[document] {
            lastHead = (document, known)
            return known
        }
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
        lastHead = (document, head)
        return head
    }
}
