import GRDB
public import Trade

extension Ledger {
    // MARK: what a reference names

    /// Everything on file under a number, by its key, in every account. Looks at indexes only.
    public func subjects(of key: String) throws(LedgerError) -> [LedgerSubject] {
        try read { db in
            var found: [LedgerSubject] = []
            func add(_ subject: LedgerSubject) {
                let isKnown = found.contains {
                    $0.kind == subject.kind && $0.account == subject.account && $0.key == subject.key
                        && (subject.kind != .claim && subject.kind != .line || $0.family == subject.family)
                }
                if !isKnown { found.append(subject) }
            }
            let families = Set([key, ClaimChain(key: key).base])
            for (id, account) in try Self.accounts(db) {
                for family in families.sorted() {
                    for row in try Row.fetchAll(
                        db.cachedStatement(
                            sql: """
                                SELECT type, coalesce(number, family) FROM documents WHERE account = ? AND family = ? AND withdrawn = 0
                                ORDER BY type, id
                                """), arguments: [id, family])
                    {
                        let kind = Self.kind(row[0])
                        let number: String = row[1]
                        // a payment without a number is named by its content
                        guard kind == .payment || ReferenceKey.of(number) == key, kind != .other || !number.isEmpty else { continue }
                        guard kind != .payment || family == key else { continue }
                        add(LedgerSubject(kind: kind, account: account, key: key, number: number.isEmpty ? family : number, family: family))
                    }
                }
                if try Self.isOrdered(db, account: id, key: key) {
                    add(LedgerSubject(kind: .purchaseOrder, account: account, key: key, number: key, family: key))
                }
                for family in families.sorted() {
                    // a number that another line names with its invoice is judged there
                    let home = try ClaimDocument.families(db, account: id, of: family).families[key]
                    for line in try Self.namedLines(db, account: id, family: family) where line.key == key {
                        var subject = Self.subject(line, account: account, family: home ?? family)
                        if home != nil { subject.kind = .claim }
                        add(subject)
                    }
                }
            }
            // a line on an invoice that is on file belongs to the invoice's story
            return found.filter { subject in
                subject.kind != .line
                    || !found.contains { $0.account == subject.account && $0.key == subject.key && $0.kind != .line }
            }
        }
    }

    /// Every number on file once per account and family, documents first: a pass over all rows, for what no index finds.
    public func eachNumber(_ body: (NumberOnFile) -> Void) throws(LedgerError) {
        try read { db in
            let names = Dictionary(try Self.accounts(db).map { ($0.id, $0.name) }, uniquingKeysWith: { a, _ in a })
            for (sql, isDocument) in [
                ("SELECT DISTINCT account, coalesce(number, family), family FROM documents WHERE withdrawn = 0", true),
                (
                    """
                    SELECT DISTINCT l.account, coalesce(l.reference, l.family), l.family
                    FROM lines l JOIN documents d ON d.id = l.document_id
                    WHERE d.withdrawn = 0
                    """, false
                ),
            ] {
                let rows = try ScannedRows(db, sql)
                while try rows.next() {
                    let number = rows.text(1)
                    if number.isEmpty { continue }
                    body(
                        NumberOnFile(
                            account: names[rows.integer(0)] ?? "", number: number, key: ReferenceKey.of(number), family: rows.text(2),
                            isDocument: isDocument))
                }
            }
        }
    }

    /// The line's subject where it is named under a number of its own in another family: a final document, a claim named by words.
    public func subject(ofLine key: String, account: String, family: String) throws(LedgerError) -> LedgerSubject? {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return nil }
            return try Self.namedLines(db, account: id, family: family).first { $0.key == key }.map {
                Self.subject($0, account: account, family: family)
            }
        }
    }

    private static func subject(_ line: (key: String, number: String, role: LineRole, takes: Bool), account: String, family: String)
        -> LedgerSubject
    {
        LedgerSubject(
            kind: line.role == .invoice && !line.takes ? .line : .claim, account: account, key: line.key, number: line.number,
            family: family)
    }

    /// The numbers of a family's lines, each once.
    private static func namedLines(
        _ db: Database, account: Int64, family: String
    ) throws -> [(key: String, number: String, role: LineRole, takes: Bool)] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT coalesce(l.reference, l.family) AS number, min(l.role), max(l.kind = 2 OR l.kind = 1) FROM lines l
                        JOIN documents d ON d.id = l.document_id
                    WHERE l.account = ? AND l.family = ? AND d.withdrawn = 0 GROUP BY 1 ORDER BY min(l.id)
                    """), arguments: [account, family]
        ).map { row in
            let number: String = row[0]
            return (ReferenceKey.of(number), number, LineRole(rawValue: row[1] as UInt8) ?? .other, row[2] as Bool)
        }
    }

    /// Whether a document names the order, though the order itself may not be on file.
    private static func isOrdered(_ db: Database, account: Int64, key: String) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM order_links k JOIN documents d ON d.id = k.document_id
                        WHERE k.account = ? AND k.po = ? AND d.withdrawn = 0)
                    """), arguments: [account, key]) ?? false
    }

    static func accounts(_ db: Database) throws -> [(id: Int64, name: String)] {
        try Row.fetchAll(db.cachedStatement(sql: "SELECT id, name FROM accounts ORDER BY name")).map { ($0[0], $0[1]) }
    }

    static func number(_ db: Database, of account: String) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT id FROM accounts WHERE name = ?"), arguments: [account])
    }

    static func kind(_ type: Int64) -> LedgerSubject.Kind {
        switch type {
        case 1: .payment
        case 2: .invoice
        case 3: .creditMemo
        case 4: .debitMemo
        case 5: .purchaseOrder
        case 6: .shipment
        case 7: .receipt
        case 8: .goodsReturn
        case 10: .chargeback
        case 11: .settlement
        default: .other
        }
    }

    // MARK: cases

    /// The cases of some families, as they are judged.
    public func invoiceCases(
        account: String, families: [String], _ context: RuleContext, needsGoods: @escaping (InvoiceCase, RuleContext) -> Bool
    ) throws(LedgerError) -> [InvoiceCase] {
        let judgement = Judgement(
            account: { _ in context }, invoice: { _, _ in Verdict() }, needsGoods: needsGoods, payment: { _, _ in (Verdict(), nil) },
            file: { _, _ in [] })
        return try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try Self.load(db, families, id, context, judgement).map(\.value)
        }
    }

    /// What is on file under a purchase order's number.
    public func orderCase(account: String, key: String) throws(LedgerError) -> OrderCase {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return OrderCase(key: key) }
            return try OrderLoading(db, account: id, orders: [key], onlyOrdered: false).cases.first?.value ?? OrderCase(key: key)
        }
    }

    /// Families whose invoices or deductions name a purchase order, by its key.
    public func familiesOnOrder(account: String, key: String) throws(LedgerError) -> [String] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try String.fetchAll(
                db, sql: "SELECT DISTINCT family FROM order_links WHERE account = ? AND po = ? AND family <> '' ORDER BY family",
                arguments: [id, key])
        }
    }

    /// Families of the invoices that the memos among these families name.
    public func familiesNamedByMemos(account: String, families: [String]) throws(LedgerError) -> [String] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            let statement = try db.cachedStatement(
                sql: "SELECT DISTINCT subject FROM documents WHERE account = ? AND family = ? AND subject IS NOT NULL AND withdrawn = 0")
            return try families.flatMap { try String.fetchAll(statement, arguments: [id, $0]) }
        }
    }

    /// Families of the invoices to which lines of these families were put by `match_by`.
    public func familiesMatched(account: String, families: [String]) throws(LedgerError) -> [String] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            let statement = try db.cachedStatement(sql: "SELECT DISTINCT invoice_family FROM matches WHERE account = ? AND family = ?")
            return Set(try families.flatMap { try String.fetchAll(statement, arguments: [id, $0]) }).sorted()
        }
    }

    /// Families of the deductions that name a return, or another number that their own does not tell.
    public func familiesLinked(account: String, key: String) throws(LedgerError) -> [String] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try String.fetchAll(
                db, sql: "SELECT DISTINCT family FROM number_links WHERE account = ? AND key = ? AND family <> '' ORDER BY family",
                arguments: [id, key])
        }
    }

    /// Families in whose cases lines may be judged that name an agreement: that of its number, of the invoices that lines name
    /// with it, and of those to which rules or documents put them. A pass over all lines of the account: no index finds words.
    public func familiesNaming(_ agreement: Agreement) throws(LedgerError) -> [String] {
        try read { db in
            guard let id = try Self.number(db, of: agreement.account) else { return [] }
            let own = ReferenceKey.of(agreement.id)
            var found: Set<String> = [own]
            found.formUnion(
                try String.fetchAll(
                    db, sql: "SELECT family FROM number_links WHERE account = ? AND key = ? AND family <> ''", arguments: [id, own]))
            let names = AgreementNames([agreement])
            let rows = try ScannedRows(db, "SELECT family, text FROM lines WHERE account = ? AND text IS NOT NULL", id)
            while try rows.next() {
                if names.named(in: rows.text(1)) != nil { found.insert(rows.text(0)) }
            }
            let matched = try db.cachedStatement(sql: "SELECT invoice_family FROM matches WHERE account = ? AND family = ?")
            for family in found {
                found.formUnion(try String.fetchAll(matched, arguments: [id, family]))
                found.formUnion(try ClaimDocument.families(db, account: id, of: family).families.values)
            }
            return found.sorted()
        }
    }
}
