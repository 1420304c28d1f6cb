import GRDB
public import Trade

/// Where the record of findings and the rules disagree.
public struct FindingDifference: Sendable {
    public enum Kind: String, Sendable {
        /// The rules say it now, and it is not on record as open (of what is told once: not on record at all).
        case missing
        /// It is on record as open, and no rule says it.
        case unfounded
        /// Its amount, details or another part of it is on record otherwise.
        case changed
    }
    public var kind: Kind
    public var id: String
    /// As the rules say it now; nil if unfounded.
    public var now: Finding?
    /// As it is on record; nil if missing.
    public var recorded: RecordedFinding?
}

/// What a comparison of every case with its record came to.
public struct RuleComparison: Sendable {
    /// At most ``limit`` of them.
    public var differences: [FindingDifference] = []
    /// All of them.
    public var count = 0
    /// Cases judged.
    public var cases = 0
    /// Cases that were still to be judged: while there are any, differences are no defects.
    public var waiting = 0

    /// More of them say nothing new, and must not fill the memory.
    public static let limit = 1000
}

extension Ledger {
    /// Judges every case anew and compares with what is on record, without recording anything. Everything is seen as it was at
    /// one moment, whatever a daemon writes meanwhile.
    ///
    /// What is due by now and was not woken yet counts as a difference: evaluate first.
    public func compareWithRules(_ judgement: Judgement) throws(LedgerError) -> RuleComparison {
        do {
            // temporary tables are written, so GRDB's read-only access will not do
            return try queue.writeWithoutTransaction { db in
                var result = RuleComparison()
                try db.inTransaction(.deferred) {
                    result = try Comparing(db, judgement, fingerprint).result
                    return .rollback
                }
                return result
            }
        } catch { throw LedgerError(error) }
    }
}

/// Walks over every case there is, in batches of keys.
private struct Comparing {
    private(set) var result = RuleComparison()
    private let db: Database
    private let judgement: Judgement
    private let fingerprint: (String) -> String

    init(_ db: Database, _ judgement: Judgement, _ fingerprint: @escaping (String) -> String) throws {
        self.db = db
        self.judgement = judgement
        self.fingerprint = fingerprint
        result.waiting = try Int.fetchOne(db, sql: "SELECT count(*) FROM wakes") ?? 0
        for row in try Row.fetchAll(db, sql: "SELECT id, name FROM accounts ORDER BY id") {
            let account: Int64 = row[0]
            guard let context = judgement.account(row[1]) else { continue }
            try comparePayments(account, context)
            try compareFamilies(account, context)
            try compareOrders(account, context)
        }
        try compareFiles()
        try compareWholes()
    }

    /// Keys of cases in pages, from every place where they are found, each once and in order.
    private func pages(_ account: Int64, of size: Int, from places: [String], _ body: ([String]) throws -> Void) throws {
        var last = ""
        while true {
            var keys: Set<String> = []
            var end: String?
            for place in places {
                let found = try String.fetchAll(
                    db.cachedStatement(sql: place + " ORDER BY 1 LIMIT ?3"), arguments: [account, last, size])
                keys.formUnion(found)
                // beyond the end of a full page there is more, which must not be passed over
                if found.count == size, let tail = found.last { end = end.map { min($0, tail) } ?? tail }
            }
            let page = keys.filter { key in end.map { key <= $0 } ?? true }.sorted()
            guard let next = page.last else { return }
            try body(page)
            last = next + "\u{1}"  // keys are letters and digits
        }
    }

    private static func findings(_ kind: CaseKind) -> String {
        """
        SELECT DISTINCT case_key FROM findings
        WHERE case_kind = \(kind.rawValue) AND case_account = ?1 AND case_key >= ?2 AND state = 'open'
        """
    }

    // MARK: kinds of case

    private mutating func comparePayments(_ account: Int64, _ context: RuleContext) throws {
        let places = [
            "SELECT DISTINCT family FROM documents WHERE account = ?1 AND family >= ?2 AND type = 1 AND withdrawn = 0",
            Self.findings(.payment),
        ]
        var result = result
        try pages(account, of: 500, from: places) { keys in
            for key in keys {
                let (contents, _) = try Ledger.paymentContents(db, account: account, key: key)
                let verdict = contents.isEmpty ? Verdict() : judgement.payment(PaymentCase(key: key, contents: contents), context).verdict
                try compare(.payment, account, key, verdict.findings, &result)
            }
        }
        self.result = result
    }

    private mutating func compareFamilies(_ account: Int64, _ context: RuleContext) throws {
        let places = [
            "SELECT DISTINCT family FROM documents WHERE account = ?1 AND family >= ?2 AND type IN (2, 3, 4)",
            "SELECT DISTINCT subject FROM documents WHERE account = ?1 AND subject >= ?2",
            "SELECT DISTINCT family FROM lines WHERE account = ?1 AND family >= ?2",
            Self.findings(.family),
        ]
        var result = result
        try pages(account, of: Ledger.batch, from: places) { keys in
            for loaded in try Ledger.load(db, keys, account, context, judgement) {
                let findings = judgement.invoice(loaded.value, context).findings
                result.cases += 1
                if findings.isEmpty, !loaded.hasFindings { continue }
                try compare(.family, account, loaded.value.family, findings, counting: false, &result)
            }
        }
        self.result = result
    }

    private mutating func compareOrders(_ account: Int64, _ context: RuleContext) throws {
        let places = [
            "SELECT DISTINCT family FROM documents WHERE account = ?1 AND family >= ?2 AND type = 5 AND withdrawn = 0",
            Self.findings(.order),
        ]
        var result = result
        try pages(account, of: GoodsLoading.batch, from: places) { keys in
            for loaded in try OrderLoading(db, account: account, orders: keys, onlyOrdered: true).cases {
                let findings = loaded.value.orders.isEmpty ? [] : judgement.order(loaded.value, context).findings
                result.cases += 1
                if findings.isEmpty, !loaded.hasFindings { continue }
                try compare(.order, account, loaded.value.key, findings, counting: false, &result)
            }
        }
        self.result = result
    }

    private mutating func compareFiles() throws {
        var last: Int64 = 0
        while true {
            let page = try Int64.fetchAll(
                db.cachedStatement(sql: "SELECT id FROM bookings WHERE id > ? AND state <> 'received' ORDER BY id LIMIT 1000"),
                arguments: [last])
            guard let end = page.last else { return }
            for id in page {
                guard let (file, account) = try Ledger.fileCase(db, String(id)) else { continue }
                try compare(.file, 0, String(id), judgement.file(file, account), &result)
            }
            last = end
        }
    }

    /// What several cases say of one finding, put together: each of them knows only its own part.
    private mutating func compareWholes() throws {
        let parts = FindingParts(db: db)
        var last = ""
        while let id = try parts.next(after: last) {
            last = id
            let known = try finding(id)
            guard let whole = FindingParts.combined(try parts.all(of: id).map(\.finding)), known?.finding != whole else { continue }
            result.add(FindingDifference(kind: .changed, id: id, now: whole, recorded: known))
        }
    }

    // MARK: comparing

    private func compare(
        _ kind: CaseKind, _ account: Int64, _ key: String, _ findings: [Finding], counting: Bool = true, _ result: inout RuleComparison
    ) throws {
        if counting { result.cases += 1 }
        var open: [String: RecordedFinding] = [:]
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT \(Ledger.findingColumns) FROM findings
                    WHERE case_kind = ? AND case_account = ? AND case_key = ? AND state = 'open'
                    """), arguments: [kind.rawValue, account, key])
        let parts = FindingParts(db: db)
        let owner = FindingParts.Case(kind, account, key)
        for item in rows.map(Ledger.recorded) where try !parts.exist(of: item.id) { open[item.id] = item }
        for id in try parts.ids(of: owner) { open[id] = try part(of: id, owner, parts) }
        for finding in findings {
            let id = fingerprint(finding.fingerprint)
            let known = try open.removeValue(forKey: id) ?? part(of: id, owner, parts)
            if known == nil || !finding.isToldOnce && known?.state != .open {
                result.add(FindingDifference(kind: .missing, id: id, now: finding, recorded: known))
            } else if known?.finding != finding {
                result.add(FindingDifference(kind: .changed, id: id, now: finding, recorded: known))
            }
        }
        for item in open.values.sorted(by: { $0.id < $1.id }) {
            result.add(FindingDifference(kind: .unfounded, id: item.id, now: nil, recorded: item))
        }
    }
}

extension Comparing {
    /// The finding on record; of one that several cases speak of, what is on record of this one's part.
    private func part(of id: String, _ owner: FindingParts.Case, _ parts: FindingParts) throws -> RecordedFinding? {
        // a thousand cases may speak of one: each looks at its own part
        if let own = try parts.one(of: id, owner) { return own }
        return try parts.exist(of: id) ? nil : finding(id)
    }

    private func finding(_ id: String) throws -> RecordedFinding? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT \(Ledger.findingColumns) FROM findings WHERE id = ?"), arguments: [id]
        ).map(Ledger.recorded)
    }
}

extension RuleComparison {
    fileprivate mutating func add(_ difference: FindingDifference) {
        count += 1
        if differences.count < Self.limit { differences.append(difference) }
    }
}
