import GRDB
import Trade

extension Ledger {
    // MARK: documents

    private static let documentColumns = """
        d.id, d.type, coalesce(d.number, d.family) AS number, d.date, d.currency, d.total, d.received, d.po, d.subject, d.return_number,
        coalesce(d.stands, 1) AS stands, d.footing, d.place, o.sha256, b.name, d.payer, d.method, d.status, d.void_reason, d.type_name,
        d.exchange_rate, g.kind AS order_kind, g.status AS goods_status, g.reason, g.shipment, g.invoice AS goods_invoice, g.carrier,
        g.bill_of_lading, date(g.shipped * 86400, 'unixepoch') AS shipped,
        date(g.delivered * 86400, 'unixepoch') || CASE WHEN g.is_estimated <> 0 THEN ' (estimated)' ELSE '' END AS delivered,
        d.amends, CASE WHEN d.type = 2 THEN d.subject_key END AS amended,
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

    private static func document(_ row: Row) -> DocumentOnFile {
        let kind = kind(row["type"])
        let words: [(String, String)] = [
            ("type", "type_name"), ("amends", "amends"), ("instead of", "amended"), ("kind", "order_kind"), ("status", "status"),
            ("status", "goods_status"), ("status", "charge_status"),
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

extension Ledger {
    /// Lines of a family in payments that do not count.
    public func idleLines(account: String, family: String) throws(LedgerError) -> [IdleLine] {
        try read { db in
            guard let id = try Self.number(db, of: account) else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT coalesce(d.number, d.family) AS payment, d.date, coalesce(l.reference, l.family) AS reference, l.net,
                        coalesce(l.currency, d.currency) AS currency, l.place, o.sha256, b.name,
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
                let isLoose = try Bool.fetchOne(
                    db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM loose_invoices WHERE account = ? AND key = ?)"),
                    arguments: [id, ReferenceKey.of(number)])
                return InvoiceNearby(
                    number: number, key: ReferenceKey.of(number), date: (row["date"] as Int32?).map(Day.init(number:)),
                    currency: (row["currency"] as UInt32?).map(Currency.init(packed:)) ?? .unstated, total: row["total"], po: row["po"],
                    isLoose: isLoose ?? false,
                    evidence: Evidence(sha256: row["sha256"], file: row["name"], at: Location(packed: row["place"])))
            }
        }
    }
}
