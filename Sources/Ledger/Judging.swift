import GRDB
import Synchronization
public import Trade

/// The judgement of cases, handed in by the daemon: the ledger loads and keeps, the rules decide.
public struct Judgement {
    public var account: (String) -> RuleContext?
    public var invoice: (InvoiceCase, RuleContext) -> Verdict
    /// Whether `invoice` wants `InvoiceCase.goods` for this case.
    public var needsGoods: (InvoiceCase, RuleContext) -> Bool
    /// What the numbers of a family leave unmatched; asked only for accounts with `AccountRules.matchBy`.
    public var looseEnds: (InvoiceCase, RuleContext) -> LooseEnds
    /// Lines and invoices put to each other, out of all that could be.
    public var pairs: ([LooseLine], [LooseInvoice], RuleContext) -> [Pairing]
    public var order: (OrderCase, RuleContext) -> Verdict
    /// What was received on an order, month by month: asked for accounts with an agreement about a percent of it.
    public var receipts: (OrderCase, RuleContext) -> [MonthReceipts]
    /// Findings, and the document that stands (nil: none, as for a voided payment).
    public var payment: (PaymentCase, RuleContext) -> (verdict: Verdict, stands: Int64?)
    public var file: (FileCase, String) -> [Finding]
    /// What tells plain cases from the rest before they are loaded; nil: every case is loaded.
    public var plain: PlainCases?
    public init(
        account: @escaping (String) -> RuleContext?, invoice: @escaping (InvoiceCase, RuleContext) -> Verdict,
        needsGoods: @escaping (InvoiceCase, RuleContext) -> Bool = { _, _ in false },
        looseEnds: @escaping (InvoiceCase, RuleContext) -> LooseEnds = { _, _ in LooseEnds() },
        pairs: @escaping ([LooseLine], [LooseInvoice], RuleContext) -> [Pairing] = { _, _, _ in [] },
        order: @escaping (OrderCase, RuleContext) -> Verdict = { _, _ in Verdict() },
        receipts: @escaping (OrderCase, RuleContext) -> [MonthReceipts] = { _, _ in [] },
        payment: @escaping (PaymentCase, RuleContext) -> (verdict: Verdict, stands: Int64?),
        file: @escaping (FileCase, String) -> [Finding],
        plain: PlainCases? = nil
    ) {
        self.account = account
        self.invoice = invoice
        self.needsGoods = needsGoods
        self.looseEnds = looseEnds
        self.pairs = pairs
        self.order = order
        self.receipts = receipts
        self.payment = payment
        self.file = file
        self.plain = plain
    }
}

extension Ledger {
    /// How many families one transaction evaluates: large enough that set-based loading pays, small enough that a stop
    /// does not wait for it.
    static let batch = 8000

    /// Evaluates some of what waits.
    /// - Returns: whether anything waited.
    public func evaluateSome(_ judgement: Judgement, at time: Instant) throws(LedgerError) -> Bool {
        do throws(LedgerError) {
            forgetChanged()
            return try write { db in
                defer { forgetChanged() }
                let didJudge = try evaluateNext(db, judgement, at: time)
                try combineAll(db, at: time)
                try tellChanged(db, at: time)
                return try didJudge || tellWaiting(db, at: time)
            }
        } catch {  // it was rolled back: nothing of it counts as judged
            forgetJudged()
            throw error
        }
    }

    private func forgetChanged() {
        changedNow.withLock { $0 = [] }
        sharedNow.withLock { $0 = [] }
    }

    private func evaluateNext(_ db: Database, _ judgement: Judgement, at time: Instant) throws -> Bool {
        if try evaluatePayments(db, judgement, at: time) { return true }
        if try evaluateFiles(db, judgement, at: time) { return true }
        if try evaluateFamiliesAndOrders(db, judgement, at: time) { return true }
        return try evaluatePairs(db, judgement, at: time)
    }

    func accountNames(_ db: Database) throws -> [Int64: String] {
        Dictionary(uniqueKeysWithValues: try Row.fetchAll(db, sql: "SELECT id, name FROM accounts").map { ($0[0], $0[1]) })
    }

    // MARK: payments

    private func evaluatePayments(_ db: Database, _ judgement: Judgement, at time: Instant) throws -> Bool {
        let keys = try Row.fetchAll(
            db, sql: "SELECT account, key FROM wakes WHERE kind = 1 ORDER BY account, key LIMIT 500"
        ).map { (account: $0[0] as Int64, key: $0[1] as String) }
        guard !keys.isEmpty else { return false }
        let names = try accountNames(db)
        for (account, key) in keys {
            try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = 1 AND account = ? AND key = ?").execute(arguments: [account, key])
            guard let name = names[account], let context = judgement.account(name) else { continue }
            let (contents, documents) = try Self.paymentContents(db, account: account, key: key)
            let (verdict, stands) = judgement.payment(PaymentCase(key: key, contents: contents), context)
            for document in documents where document.stands != (document.id == stands) {
                try db.cachedStatement(sql: "UPDATE documents SET stands = ? WHERE id = ?").execute(arguments: [
                    document.id == stands, document.id,
                ])
                // fresh documents' families wait already
                if document.stands != nil {
                    forgetJudged()
                    try Self.wake(db, .document, account: account, key: String(document.id))
                }
            }
            if let content = contents.first(where: { $0.document == stands }), content.order != content.document {
                // it came with the first document that said so, whichever of them stands
                try db.cachedStatement(
                    sql: "UPDATE documents SET received = min(received, (SELECT received FROM documents WHERE id = ?1)) WHERE id = ?2"
                ).execute(arguments: [content.order, content.document])
            }
            try record(db, .payment, account, key, verdict.findings, at: time)
        }
        return true
    }

    /// Distinct contents, each represented by the document that says most, and every document. The same lines and total in another
    /// format, or first announced as pending and then paid, are one content: which of them came first must not matter.
    static func paymentContents(
        _ db: Database, account: Int64, key: String
    ) throws -> ([PaymentContent], [(id: Int64, stands: Bool?)]) {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT d.id, coalesce(d.number, d.family) AS number, d.date, d.currency, d.total, d.footing, d.status, d.signature,
                        d.stands, d.richness, d.place, o.sha256, b.name
                    FROM documents d JOIN bookings b ON b.id = d.booking_id JOIN originals o ON o.id = b.original_id
                    WHERE d.account = ? AND d.family = ? AND d.type = 1 AND d.withdrawn = 0 ORDER BY d.id
                    """), arguments: [account, key])
        var contents: [(content: PaymentContent, richness: Int64)] = []
        var documents: [(Int64, Bool?)] = []
        for row in rows {
            let id: Int64 = row["id"]
            let richness: Int64 = row["richness"]
            var content = PaymentContent(
                document: id, number: row["number"], date: (row["date"] as Int32?).map(Day.init(number:)),
                currency: Currency(packed: row["currency"]), total: row["total"], footing: row["footing"],
                status: PaymentStatus(rawValue: row["status"] ?? "paid") ?? .paid, signature: row["signature"] ?? 0, order: id,
                stands: row["stands"] ?? false,
                evidence: Evidence(sha256: row["sha256"], file: row["name"], at: Location(packed: row["place"])))
            documents.append((id, row["stands"]))
            guard let index = contents.firstIndex(where: { isSame($0.content, content) }) else {
                contents.append((content, richness))
                continue
            }
            let known = contents[index]
            func rank(_ item: PaymentContent, _ richness: Int64) -> (Int, Int, Int64) {
                (item.status == .paid ? 1 : 0, item.total == nil ? 0 : 1, richness)
            }
            if rank(content, richness) > rank(known.content, known.richness) {
                content.order = known.content.order
                contents[index] = (content, richness)
            }
        }
        return (contents.map(\.content), documents)
    }

    private static func isSame(_ a: PaymentContent, _ b: PaymentContent) -> Bool {
        guard a.signature == b.signature, a.currency == b.currency, (a.status == .voided) == (b.status == .voided) else { return false }
        // a total that one format does not state contradicts nothing, unless the other's lines miss it
        return a.total == b.total || (a.total == nil || b.total == nil) && (a.footing ?? 0) == 0 && (b.footing ?? 0) == 0
    }

    // MARK: files

    private func evaluateFiles(_ db: Database, _ judgement: Judgement, at time: Instant) throws -> Bool {
        let keys = try String.fetchAll(db, sql: "SELECT key FROM wakes WHERE kind = 5 LIMIT 500")
        guard !keys.isEmpty else { return false }
        for key in keys {
            try db.execute(sql: "DELETE FROM wakes WHERE kind = 5 AND key = ?", arguments: [key])
            guard let (file, account) = try Self.fileCase(db, key) else { continue }
            try record(db, .file, 0, key, judgement.file(file, account), at: time)
        }
        return true
    }

    /// - Returns: nil for one that waits to be read: a retry that has not been read yet changes nothing.
    static func fileCase(_ db: Database, _ booking: String) throws -> (file: FileCase, account: String)? {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT o.sha256, b.name, b.state, b.problems, b.account, b.added_columns FROM bookings b
                        JOIN originals o ON o.id = b.original_id WHERE b.id = CAST(? AS INTEGER)
                        """), arguments: [booking])
        else { return nil }
        let outcome: FileCase.Outcome
        switch BookingState(rawValue: row["state"]) {
        case .booked: outcome = .booked
        case .partial: outcome = .partial
        case .rejected: outcome = .rejected
        case .held: outcome = .held
        case .withdrawn, .closed, nil: outcome = .closed
        case .received: return nil
        }
        let file = FileCase(
            sha256: row["sha256"], name: row["name"], outcome: outcome, problems: StoredText.problems(row["problems"]),
            addedColumns: StoredText.lines(row["added_columns"]))
        return (file, row["account"])
    }

    // MARK: families, orders

    private func evaluateFamiliesAndOrders(_ db: Database, _ judgement: Judgement, at time: Instant) throws -> Bool {
        var gathering = CaseGathering(db, upTo: Self.batch)
        var names: [Int64: String]?
        func context(_ account: Int64) throws -> RuleContext? {
            if names == nil { names = try accountNames(db) }
            return names?[account].flatMap(judgement.account)
        }
        try recentlyJudged.withLock { judged in
            if let plain = judgement.plain { try judged.sieveOnce { try CaseSieve.make(db, plain, context) } }
            try gathering.gather(&judged) { try context($0)?.account.terms?.basis?.isOfGoods ?? false }
            if !gathering.foundAny { judged.putSieveAway() }
        }
        for (account, families) in gathering.families {
            guard let context = try context(account) else { continue }
            try judge(db, Self.loadSettled(db, families, account, context, judgement), account, context, judgement, at: time)
        }
        for (account, orders) in gathering.orders {
            guard let context = try context(account) else { continue }
            try evaluateOrders(db, orders, account, context, judgement, at: time)
        }
        return gathering.foundAny
    }

    func judge(
        _ db: Database, _ cases: [CaseLoading.Loaded], _ account: Int64, _ context: RuleContext, _ judgement: Judgement, at time: Instant
    ) throws {
        var judged = cases.map { ($0, judgement.invoice($0.value, context)) }
        try shareShortages(db, account, &judged) { judgement.invoice($0, context) }
        for (loaded, verdict) in judged {
            try linkAgreements(db, account, loaded)
            if !verdict.findings.isEmpty || loaded.hasFindings {
                try record(db, .family, account, loaded.value.family, verdict.findings, at: time)
            }
            try setWake(db, loaded, verdict.wake)
            try wakeOrders(db, ofNamesakes: loaded.value.invoices, account)
        }
    }

    /// Invoices under one number on several orders: which of them counts, their orders say by all of them.
    private func wakeOrders(_ db: Database, ofNamesakes invoices: [InvoiceFact], _ account: Int64) throws {
        guard invoices.count > 1 else { return }
        let orders = Set(invoices.map { ReferenceKey.of($0.po ?? "") })
        guard orders.count > 1 else { return }
        for po in orders where !po.isEmpty { try Self.wake(db, .order, account: account, key: po) }
    }

    private func setWake(_ db: Database, _ loaded: CaseLoading.Loaded, _ wake: Day?) throws {
        if let first = loaded.value.invoices.first {
            if loaded.wakeDay != wake {
                try db.cachedStatement(sql: "UPDATE documents SET wake_day = ? WHERE id = ?").execute(arguments: [
                    wake.map { $0.number }, first.document,
                ])
            }
        } else if let wake {
            for document in Set(loaded.value.lines.map(\.document)) {
                try db.cachedStatement(sql: "UPDATE documents SET wake_day = min(coalesce(wake_day, ?1), ?1) WHERE id = ?2")
                    .execute(arguments: [wake.number, document])
            }
        }
    }
}
