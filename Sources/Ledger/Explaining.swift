import GRDB
public import Trade

/// Something on file that a reference names: all documents and lines of one kind under one number in one account.
public struct LedgerSubject: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case invoice
        case purchaseOrder = "purchase_order"
        case payment, claim
        case creditMemo = "credit_memo"
        case debitMemo = "debit_memo"
        case shipment, receipt
        case goodsReturn = "return"
        case chargeback, settlement, other
        /// Paid for, or taken back from, under this number; no such invoice is on file.
        case line
    }
    public var kind: Kind
    public var account: String
    /// Key of the number.
    public var key: String
    /// As first written.
    public var number: String
    /// Key of the family that its lines are judged in.
    public var family: String
    public init(kind: Kind, account: String, key: String, number: String, family: String) {
        self.kind = kind
        self.account = account
        self.key = key
        self.number = number
        self.family = family
    }
}

/// A number on file that is not the one that was looked for.
public struct NumberOnFile: Hashable, Sendable {
    public var account: String
    public var number: String
    public var key: String
    public var family: String
    /// Of a document; false: only lines of payments name it.
    public var isDocument: Bool
}

/// A document as its row has it.
public struct DocumentOnFile: Sendable {
    public var id: Int64
    public var kind: LedgerSubject.Kind
    public var number: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64?
    /// The account's day on which it arrived.
    public var received: Day
    public var po: String?
    /// Memos: key of the family that they name.
    public var invoiceFamily: String?
    public var returnNumber: String?
    /// Remittances: whether its lines count.
    public var stands: Bool
    public var footing: Int64?
    /// What else its row says, in reading order: words as the document writes them, days as YYYY-MM-DD.
    public var more: [(name: String, value: String)]
    public var evidence: Evidence
}

/// A line of a remittance as its row has it, before any judgement. Amounts are minor units, payee's side.
public struct LineOnFile: Sendable {
    public enum Kind: Int64, Sendable {
        case line = 0
        case beside, inside
    }
    public var kind: Kind
    public var reference: String
    public var key: String
    public var family: String
    public var type: ReferenceType
    public var role: LineRole
    public var deduction: DeductionClass?
    public var net: Int64
    public var discount: Int64
    public var currency: Currency?
    public var po: String?
    public var text: String?
    public var evidence: Evidence
}

/// A finding with everything that happened to it, in order.
public struct FindingStory: Sendable {
    public var recorded: RecordedFinding
    public var events: [(time: Instant, event: FindingEventKind, amount: Int64?)]
}

/// What a partner's machine answered.
public struct AnswerOnFile: Sendable {
    public var outcome: String
    /// Of the answer: 997, 824, CONTRL.
    public var typeName: String
    public var date: Day?
    public var received: Day
    public var reasons: [String]
    public var evidence: Evidence
}

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
                    for line in try Self.namedLines(db, account: id, family: family) where line.key == key {
                        add(Self.subject(line, account: account, family: family))
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
                    SELECT DISTINCT l.account, coalesce(l.reference, l.family), l.family FROM lines l JOIN documents d ON d.id = l.document_id
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

    /// Families of the deductions that name a return, or another number that their own does not tell.
    public func familiesLinked(account: String, key: String) throws(LedgerError) -> [String] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try String.fetchAll(
                db, sql: "SELECT DISTINCT family FROM number_links WHERE account = ? AND key = ? AND family <> '' ORDER BY family",
                arguments: [id, key])
        }
    }

    /// Memos that name a return.
    public func memos(account: String, onReturn key: String) throws(LedgerError) -> [DocumentOnFile] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.documentColumns) FROM \(Self.documentTables)
                    WHERE d.account = ? AND d.type IN (3, 4) AND d.return_number IS NOT NULL AND d.withdrawn = 0 ORDER BY d.id
                    """, arguments: [id]
            ).map(Self.document).filter { $0.returnNumber.map { ReferenceKey.of($0) } == key }
        }
    }

    // MARK: documents

    private static let documentColumns = """
        d.id, d.type, coalesce(d.number, d.family) AS number, d.date, d.currency, d.total, d.received, d.po, d.subject, d.return_number,
        coalesce(d.stands, 1) AS stands, d.footing, d.place, o.sha256, b.name, d.payer, d.method, d.status, d.void_reason, d.type_name,
        d.exchange_rate, g.kind AS order_kind, g.status AS goods_status, g.reason, g.shipment, g.invoice AS goods_invoice, g.carrier,
        g.bill_of_lading, date(g.shipped * 86400, 'unixepoch') AS shipped, date(g.delivered * 86400, 'unixepoch') AS delivered,
        c.category, c.sub_type, c.invoice AS charge_invoice, c.shipment AS charge_shipment, c.item, c.quantity,
        c.status AS charge_status, date(c.dispute_by * 86400, 'unixepoch') AS dispute_by
        """
    private static let documentTables = """
        documents d JOIN bookings b ON b.id = d.booking_id JOIN originals o ON o.id = b.original_id
        LEFT JOIN goods g ON g.document_id = d.id LEFT JOIN chargebacks c ON c.document_id = d.id
        """

    /// All documents under a number in one account, in order of arrival.
    public func documents(account: String, key: String) throws(LedgerError) -> [DocumentOnFile] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try Set([key, ClaimChain(key: key).base]).sorted().flatMap { family in
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT \(Self.documentColumns) FROM \(Self.documentTables)
                        WHERE d.account = ? AND d.family = ? AND d.withdrawn = 0 ORDER BY d.id
                        """, arguments: [id, family]
                ).map(Self.document)
            }.filter { $0.kind == .payment || ReferenceKey.of($0.number) == key }
        }
    }

    private static func document(_ row: Row) -> DocumentOnFile {
        let kind = kind(row["type"])
        let words: [(String, String)] = [
            ("type", "type_name"), ("kind", "order_kind"), ("status", "status"), ("status", "goods_status"), ("status", "charge_status"),
            ("reason", "reason"), ("void reason", "void_reason"), ("payer", "payer"), ("method", "method"),
            ("exchange rate", "exchange_rate"),
            ("category", "category"), ("sub-type", "sub_type"), ("item", "item"), ("quantity", "quantity"), ("invoice", "charge_invoice"),
            ("invoice", "goods_invoice"), ("shipment", "shipment"), ("shipment", "charge_shipment"), ("carrier", "carrier"),
            ("bill of lading", "bill_of_lading"), ("shipped", "shipped"), ("delivered", "delivered"), ("dispute by", "dispute_by"),
        ]
        let more = words.compactMap { name, column in
            (row[column] as String?).flatMap { $0.isEmpty ? nil : (name: name, value: $0) }
        }
        return DocumentOnFile(
            id: row["id"], kind: kind, number: row["number"], date: (row["date"] as Int32?).map(Day.init(number:)),
            currency: (row["currency"] as UInt32?).map(Currency.init(packed:)) ?? .unstated, total: row["total"],
            received: Day(number: row["received"]), po: row["po"], invoiceFamily: row["subject"], returnNumber: row["return_number"],
            stands: row["stands"], footing: row["footing"], more: more,
            evidence: Evidence(sha256: row["sha256"], file: row["name"], at: Location(packed: row["place"])))
    }

    /// The lines of a remittance in the order of the document, adjustments behind the line that they are part of.
    /// - Returns: at most `limit` of them, and how many there are.
    public func lines(of document: DocumentOnFile, limit: Int) throws(LedgerError) -> (lines: [LineOnFile], count: Int) {
        try read { db in
            let range = try Row.fetchOne(db, sql: "SELECT first_line, last_line FROM documents WHERE id = ?", arguments: [document.id])
            let (first, last): (Int64, Int64) = (range?["first_line"] ?? 1, range?["last_line"] ?? 0)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT kind, coalesce(reference, family) AS reference, family, type, role, deduction, net, discount, currency, po, text,
                        place FROM lines WHERE id BETWEEN ? AND ? AND document_id = ? ORDER BY id LIMIT ?
                    """, arguments: [first, last, document.id, limit])
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM lines WHERE id BETWEEN ? AND ? AND document_id = ?", arguments: [first, last, document.id])
            let lines = rows.map { row in
                let reference: String = row["reference"]
                return LineOnFile(
                    kind: LineOnFile.Kind(rawValue: row["kind"]) ?? .line, reference: reference, key: ReferenceKey.of(reference),
                    family: row["family"], type: ReferenceType(rawValue: row["type"]) ?? .other,
                    role: LineRole(rawValue: row["role"]) ?? .other,
                    deduction: (row["deduction"] as String?).flatMap(DeductionClass.init(rawValue:)), net: row["net"],
                    discount: row["discount"] ?? 0, currency: (row["currency"] as UInt32?).map(Currency.init(packed:)), po: row["po"],
                    text: row["text"],
                    evidence: Evidence(sha256: document.evidence.sha256, file: document.evidence.file, at: Location(packed: row["place"])))
            }
            return (lines, count ?? 0)
        }
    }

    /// Σ of all lines of a remittance, and Σ of the adjustments beside them; what stands inside a line is part of its net.
    public func sums(of document: DocumentOnFile) throws(LedgerError) -> (lines: Int128, adjustments: Int128) {
        try read { db in
            let range = try Row.fetchOne(db, sql: "SELECT first_line, last_line FROM documents WHERE id = ?", arguments: [document.id])
            let rows = try ScannedRows(
                db, "SELECT kind, net FROM lines WHERE id BETWEEN ?1 AND ?2 AND document_id = ?3", range?["first_line"] ?? 1,
                range?["last_line"] ?? 0, document.id)
            var sums: (lines: Int128, adjustments: Int128) = (0, 0)
            while try rows.next() {
                switch LineOnFile.Kind(rawValue: rows.integer(0)) {
                case .line?: sums.lines += Int128(rows.integer(1))
                case .beside?: sums.adjustments += Int128(rows.integer(1))
                case .inside?, nil: break
                }
            }
            return sums
        }
    }

    // MARK: answers

    /// What partners' machines said of an invoice or of the documents under its number: by the number they name, and by the control
    /// numbers of the documents.
    public func answers(account: String, family: String, documents: [Int64]) throws(LedgerError) -> [AnswerOnFile] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            let list = documents.map(String.init).joined(separator: ",")
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT a.outcome, d.type_name, d.date, d.received, a.reasons, a.place, o.sha256, b.name
                    FROM answers a JOIN documents d ON d.id = a.document_id JOIN bookings b ON b.id = d.booking_id
                        JOIN originals o ON o.id = b.original_id
                    WHERE d.account = ? AND d.withdrawn = 0 AND (a.family = ? OR a.reference IS NULL AND EXISTS (
                        SELECT 1 FROM documents s WHERE s.id IN (\(list)) AND s.group_control = a.group_control
                            AND (a.set_control IS NULL OR s.set_control = a.set_control)))
                    ORDER BY d.id, a.id
                    """, arguments: [id, family])
            return rows.map { row in
                AnswerOnFile(
                    outcome: row["outcome"], typeName: row["type_name"] ?? "", date: (row["date"] as Int32?).map(Day.init(number:)),
                    received: Day(number: row["received"]), reasons: StoredText.lines(row["reasons"]),
                    evidence: Evidence(sha256: row["sha256"], file: row["name"], at: Location(packed: row["place"])))
            }
        }
    }

    // MARK: findings

    /// Every finding of a case, resolved ones too, in order of their opening.
    public func stories(_ kind: CaseKind, account: String, key: String) throws(LedgerError) -> [FindingStory] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.findingColumns) FROM findings WHERE case_kind = ? AND case_account = ? AND case_key = ?
                    ORDER BY opened, kind, key
                    """, arguments: [kind.rawValue, id, key]
            ).map { try Self.story(db, $0) }
        }
    }

    /// Findings by the beginning of their id, at most `limit`.
    public func stories(startingWith prefix: String, limit: Int) throws(LedgerError) -> [(
        story: FindingStory, case: (kind: CaseKind?, key: String)
    )] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(Self.findingColumns), case_kind, case_key FROM findings WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                arguments: [prefix, prefix + "g", limit]
            ).map { (try Self.story(db, $0), (CaseKind(rawValue: $0["case_kind"]), $0["case_key"])) }
        }
    }

    private static func story(_ db: Database, _ row: Row) throws -> FindingStory {
        let recorded = recorded(row)
        let events = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT time, event, amount FROM finding_events WHERE finding_id = ? ORDER BY seq"),
            arguments: [recorded.id]
        ).map { row in
            (
                time: Instant(seconds: row[0]), event: FindingEventKind(rawValue: row[1]) ?? .changed, amount: row[2] as Int64?
            )
        }
        return FindingStory(recorded: recorded, events: events)
    }
}

/// What a payment that does not count said of a family: it was voided, or another content of its number stands.
public struct IdleLine: Sendable {
    public var payment: String
    public var date: Day?
    public var isVoided: Bool
    /// The same content as the one that counts: another format, another export.
    public var isSame: Bool
    public var reference: String
    public var net: Int64
    public var currency: Currency
    public var evidence: Evidence
}

/// An invoice that a line might have meant.
public struct InvoiceNearby: Sendable {
    public var number: String
    public var key: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64
    public var po: String?
    public var evidence: Evidence
}

extension Ledger {
    /// Lines of a family in payments that do not count.
    public func idleLines(account: String, family: String) throws(LedgerError) -> [IdleLine] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT coalesce(d.number, d.family) AS payment, d.date, d.family AS payment_key, coalesce(l.reference, l.family) AS reference,
                        l.net, coalesce(l.currency, d.currency) AS currency, l.place, o.sha256, b.name,
                        EXISTS (SELECT 1 FROM documents v WHERE v.account = d.account AND v.family = d.family AND v.type = 1
                            AND v.status = 'voided' AND v.withdrawn = 0) AS voided,
                        EXISTS (SELECT 1 FROM documents s WHERE s.account = d.account AND s.family = d.family AND s.type = 1
                            AND s.stands = 1 AND s.withdrawn = 0 AND s.signature = d.signature) AS same
                    FROM lines l JOIN documents d ON d.id = l.document_id JOIN bookings b ON b.id = d.booking_id
                        JOIN originals o ON o.id = b.original_id
                    WHERE l.account = ? AND l.family = ? AND l.kind <> 2 AND d.stands = 0 AND d.withdrawn = 0 ORDER BY l.id
                    """, arguments: [id, family]
            ).map { row in
                IdleLine(
                    payment: row["payment"], date: (row["date"] as Int32?).map(Day.init(number:)), isVoided: row["voided"],
                    isSame: row["same"],
                    reference: row["reference"], net: row["net"],
                    currency: (row["currency"] as UInt32?).map(Currency.init(packed:)) ?? .unstated,
                    evidence: Evidence(sha256: row["sha256"], file: row["name"], at: Location(packed: row["place"])))
            }
        }
    }

    /// Invoices of an account with just this total, or on this order, those on the order first.
    public func invoices(account: String, total: Int64, po: String?, limit: Int) throws(LedgerError) -> [InvoiceNearby] {
        try nearby(account, "(d.total = ?2 OR d.po = ?3) ORDER BY d.po IS ?3 DESC, d.id LIMIT ?4", [total, po, limit])
    }

    /// Invoices of one number.
    public func invoices(account: String, key: String, family: String) throws(LedgerError) -> [InvoiceNearby] {
        try nearby(account, "d.family = ?2 ORDER BY d.id", [family]).filter { $0.key == key }
    }

    private func nearby(
        _ account: String, _ condition: String, _ arguments: [(any DatabaseValueConvertible)?]
    ) throws(LedgerError) -> [InvoiceNearby] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT coalesce(d.number, d.family) AS number, d.date, d.currency, d.total, d.po, d.place, o.sha256, b.name
                    FROM documents d JOIN bookings b ON b.id = d.booking_id JOIN originals o ON o.id = b.original_id
                    WHERE d.account = ?1 AND d.type = 2 AND d.withdrawn = 0 AND \(condition)
                    """, arguments: StatementArguments([id] + arguments)
            ).map { row in
                let number: String = row["number"]
                return InvoiceNearby(
                    number: number, key: ReferenceKey.of(number), date: (row["date"] as Int32?).map(Day.init(number:)),
                    currency: (row["currency"] as UInt32?).map(Currency.init(packed:)) ?? .unstated, total: row["total"], po: row["po"],
                    evidence: Evidence(sha256: row["sha256"], file: row["name"], at: Location(packed: row["place"])))
            }
        }
    }
}
