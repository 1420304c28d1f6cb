import GRDB
import Synchronization
public import Trade

/// What waits to be evaluated.
enum WakeKind: Int64 {
    case payment = 1
    case booking = 2
    case document = 3
    case family = 4
    case file = 5
}

/// The kinds of case a finding belongs to. `source` and `service` are set by the daemon outright.
public enum CaseKind: Int64, Sendable {
    case payment = 1
    case family = 4
    case file = 5
    case source = 6
    case service = 7
}

extension Ledger {
    static func wake(_ db: Database, _ kind: WakeKind, account: Int64, key: String) throws {
        try db.cachedStatement(sql: "INSERT INTO wakes (kind, account, key) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET progress = 0")
            .execute(arguments: [kind.rawValue, account, key])
    }

    /// Puts into the queue what waited for a day that has come. Costs one index look-up per account when nothing has.
    public func wakeDue(today: (String) -> Day?) throws(LedgerError) {
        let accounts = try read { db in try Row.fetchAll(db, sql: "SELECT id, name FROM accounts").map { ($0[0] as Int64, $0[1] as String) }
        }
        for (account, name) in accounts {
            guard let day = today(name) else { continue }
            let due = try read { db in
                try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE wake_day <= ? AND account = ?)",
                    arguments: [day.number, account])
            }
            guard due == true else { continue }
            forgetJudged()
            try write { db in
                try db.execute(
                    sql: """
                        INSERT INTO wakes (kind, account, key)
                        SELECT CASE type WHEN 1 THEN 3 ELSE 4 END, account, CASE type WHEN 1 THEN CAST(id AS TEXT) ELSE family END
                        FROM documents WHERE wake_day <= ?1 AND account = ?2 ON CONFLICT DO UPDATE SET progress = 0;
                        """, arguments: [day.number, account])
                try db.execute(
                    sql: "UPDATE documents SET wake_day = NULL WHERE wake_day <= ?1 AND account = ?2", arguments: [day.number, account])
            }
        }
    }

    /// Puts every case of the accounts into the queue: for a new configuration, or a rescan.
    public func wakeAll() throws(LedgerError) {
        forgetJudged()
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO wakes (kind, account, key)
                    SELECT DISTINCT 1, account, family FROM documents WHERE type = 1 AND withdrawn = 0 ON CONFLICT DO NOTHING;
                    INSERT INTO wakes (kind, account, key)
                    SELECT 2, 0, CAST(id AS TEXT) FROM bookings WHERE state IN ('booked', 'partial')
                    ON CONFLICT DO UPDATE SET progress = 0;
                    """)
        }
    }

    public func queueLength() throws(LedgerError) -> Int {
        try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM wakes") ?? 0 }
    }
}

/// The judgement of cases, handed in by the daemon: the ledger loads and keeps, the rules decide.
public struct Judgement {
    public var account: (String) -> RuleContext?
    public var invoice: (InvoiceCase, RuleContext) -> Verdict
    /// Findings, and the document that stands (nil: none, as for a voided payment).
    public var payment: (PaymentCase, RuleContext) -> (verdict: Verdict, stands: Int64?)
    public var file: (FileCase, String) -> [Finding]
    public init(
        account: @escaping (String) -> RuleContext?, invoice: @escaping (InvoiceCase, RuleContext) -> Verdict,
        payment: @escaping (PaymentCase, RuleContext) -> (verdict: Verdict, stands: Int64?), file: @escaping (FileCase, String) -> [Finding]
    ) {
        self.account = account
        self.invoice = invoice
        self.payment = payment
        self.file = file
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
            return try write { db in
                if try evaluatePayments(db, judgement, at: time) { return true }
                if try evaluateFiles(db, judgement, at: time) { return true }
                return try evaluateFamilies(db, judgement, at: time)
            }
        } catch {  // it was rolled back: nothing of it counts as judged
            forgetJudged()
            throw error
        }
    }

    private func accountNames(_ db: Database) throws -> [Int64: String] {
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
            let (contents, documents) = try paymentContents(db, account: account, key: key)
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
            try record(db, .payment, account, key, verdict.findings, at: time)
        }
        return true
    }

    /// Distinct contents (by signature and status), each represented by the document that came first; and every document.
    private func paymentContents(
        _ db: Database, account: Int64, key: String
    ) throws -> ([PaymentContent], [(id: Int64, stands: Bool?)]) {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT d.id, coalesce(d.number, d.family) AS number, d.date, d.currency, d.total, d.footing, d.status, d.signature,
                        d.stands, d.place, o.sha256, b.name
                    FROM documents d JOIN bookings b ON b.id = d.booking_id JOIN originals o ON o.id = b.original_id
                    WHERE d.account = ? AND d.family = ? AND d.type = 1 AND d.withdrawn = 0 ORDER BY d.id
                    """), arguments: [account, key])
        var contents: [PaymentContent] = []
        var documents: [(Int64, Bool?)] = []
        for row in rows {
            let id: Int64 = row["id"]
            let content = PaymentContent(
                document: id, number: row["number"], date: (row["date"] as Int32?).map(Day.init(number:)),
                currency: Currency(packed: row["currency"]), total: row["total"], footing: row["footing"],
                status: PaymentStatus(rawValue: row["status"] ?? "paid") ?? .paid, signature: row["signature"] ?? 0, order: id,
                stands: row["stands"] ?? false,
                evidence: Evidence(sha256: row["sha256"], file: row["name"], at: Location(packed: row["place"])))
            documents.append((id, row["stands"]))
            if !contents.contains(where: { $0.signature == content.signature && $0.total == content.total && $0.status == content.status })
            {
                contents.append(content)
            }
        }
        return (contents, documents)
    }

    // MARK: files

    private func evaluateFiles(_ db: Database, _ judgement: Judgement, at time: Instant) throws -> Bool {
        let keys = try String.fetchAll(db, sql: "SELECT key FROM wakes WHERE kind = 5 LIMIT 500")
        guard !keys.isEmpty else { return false }
        for key in keys {
            try db.execute(sql: "DELETE FROM wakes WHERE kind = 5 AND key = ?", arguments: [key])
            guard
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT o.sha256, b.name, b.state, b.problems, b.account FROM bookings b JOIN originals o ON o.id = b.original_id
                        WHERE b.id = CAST(? AS INTEGER)
                        """, arguments: [key])
            else { continue }
            let outcome: FileCase.Outcome =
                switch BookingState(rawValue: row["state"]) {
                case .booked: .booked
                case .partial: .partial
                case .rejected: .rejected
                case .held: .held
                case .withdrawn, .closed, nil: .closed
                case .received: .rejected
                }
            // a retry that has not been read yet changes nothing
            if row["state"] == "received" { continue }
            let file = FileCase(sha256: row["sha256"], name: row["name"], outcome: outcome, problems: StoredText.problems(row["problems"]))
            try record(db, .file, 0, key, judgement.file(file, row["account"]), at: time)
        }
        return true
    }

    // MARK: families

    private func evaluateFamilies(_ db: Database, _ judgement: Judgement, at time: Instant) throws -> Bool {
        guard let next = try nextFamilies(db) else { return false }
        let families = recentlyJudged.withLock { $0.fresh(next.families, account: next.account) }
        guard !families.isEmpty, let name = try accountNames(db)[next.account], let context = judgement.account(name) else { return true }
        let knownUntil = try Int32.fetchOne(db, sql: "SELECT known_until FROM accounts WHERE id = ?", arguments: [next.account]).map(
            Day.init(number:))
        let loading = try CaseLoading(db, account: next.account, families: families)
        for var loaded in loading.cases {
            loaded.value.knownUntil = knownUntil
            let verdict = judgement.invoice(loaded.value, context)
            if !verdict.findings.isEmpty || loaded.hasFindings {
                try record(db, .family, next.account, loaded.value.family, verdict.findings, at: time)
            }
            try setWake(db, loaded, verdict.wake)
        }
        return true
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

    /// Takes the next families of one account off the queue. Whole bookings and documents are worked off in pages, so
    /// that a file of a million lines is one row in the queue.
    private func nextFamilies(_ db: Database) throws -> (account: Int64, families: Set<String>)? {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT kind, account, key, progress FROM wakes WHERE kind IN (2, 3, 4) ORDER BY kind, account, key LIMIT 1")
        else { return nil }
        let account: Int64 = row["account"]
        let key: String = row["key"]
        let progress: Int64 = row["progress"]
        var found: (account: Int64, families: Set<String>)
        switch WakeKind(rawValue: row["kind"]) {
        case .booking:
            found = try familiesOfBooking(db, Int64(key) ?? 0, progress: progress)
        case .document:
            let range = try Row.fetchOne(
                db, sql: "SELECT first_line, last_line FROM documents WHERE id = CAST(? AS INTEGER)", arguments: [key])
            let (families, last) = try page(
                ScannedRows(
                    db, "SELECT id, family FROM lines WHERE id > ?1 AND id <= ?2 AND document_id = ?3 ORDER BY id LIMIT \(Self.batch)",
                    max(progress, (range?["first_line"] ?? 1) - 1), range?["last_line"] ?? 0, Int64(key) ?? 0))
            found = (account, families)
            try advance(db, .document, account, key, to: last)
        default:
            let keys = try String.fetchAll(
                db, sql: "SELECT key FROM wakes WHERE kind = 4 AND account = ? ORDER BY key LIMIT \(Self.batch)", arguments: [account])
            for key in keys {
                try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = 4 AND account = ? AND key = ?").execute(arguments: [
                    account, key,
                ])
            }
            found = (account, Set(keys))
        }
        // a line on one of our memos touches the invoice that the memo names
        if !found.families.isEmpty, try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE subject IS NOT NULL)") == true
        {
            let statement = try db.cachedStatement(
                sql: "SELECT subject FROM documents WHERE account = ? AND family = ? AND subject IS NOT NULL AND withdrawn = 0")
            for family in found.families {
                found.families.formUnion(try String.fetchAll(statement, arguments: [found.account, family]))
            }
        }
        return found
    }

    private func familiesOfBooking(_ db: Database, _ booking: Int64, progress: Int64) throws -> (Int64, Set<String>) {
        guard
            let range = try Row.fetchOne(
                db, sql: "SELECT first_document, last_document, first_line, last_line FROM bookings WHERE id = ?", arguments: [booking])
        else {
            try advance(db, .booking, 0, String(booking), to: nil)
            return (0, [])
        }
        // progress counts documents upwards from 0, lines downwards from -1: one number, two stretches
        if progress >= 0 {
            let (groups, last) = try groupedPage(
                ScannedRows(
                    db,
                    """
                    SELECT id, account, coalesce(subject, family) FROM documents
                    WHERE id > ?1 AND id <= ?2 AND type IN (2, 3, 4) AND booking_id = ?3 ORDER BY id LIMIT \(Self.batch)
                    """, max(progress, (range["first_document"] ?? 1) - 1), range["last_document"] ?? 0, booking))
            try advance(db, .booking, 0, String(booking), to: last ?? -1)
            return try keepFirst(db, groups)
        }
        let (groups, last) = try groupedPage(
            ScannedRows(
                db, "SELECT id, account, family FROM lines WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT \(Self.batch)",
                max(-1 - progress, (range["first_line"] ?? 1) - 1), range["last_line"] ?? 0))
        try advance(db, .booking, 0, String(booking), to: last.map { -1 - $0 })
        return try keepFirst(db, groups)
    }

    /// One file seldom feeds two accounts; the second one's families then wait one by one.
    private func keepFirst(_ db: Database, _ groups: [Int64: Set<String>]) throws -> (Int64, Set<String>) {
        guard let first = groups.keys.min() else { return (0, []) }
        for (account, families) in groups where account != first {
            for family in families { try Self.wake(db, .family, account: account, key: family) }
        }
        return (first, groups[first] ?? [])
    }

    /// Reads (id, family) rows. - Returns: the families, and the last id; nil when there was none.
    private func page(_ rows: ScannedRows) throws -> (Set<String>, Int64?) {
        var families = Set<String>()
        var last: Int64?
        while try rows.next() {
            last = rows.integer(0)
            families.insert(rows.text(1))
        }
        return (families, last)
    }

    /// Reads (id, account, family) rows.
    private func groupedPage(_ rows: ScannedRows) throws -> ([Int64: Set<String>], Int64?) {
        var groups: [Int64: Set<String>] = [:]
        var last: Int64?
        while try rows.next() {
            last = rows.integer(0)
            groups[rows.integer(1), default: []].insert(rows.text(2))
        }
        return (groups, last)
    }

    private func advance(_ db: Database, _ kind: WakeKind, _ account: Int64, _ key: String, to progress: Int64?) throws {
        if let progress {
            try db.execute(
                sql: "UPDATE wakes SET progress = ? WHERE kind = ? AND account = ? AND key = ?",
                arguments: [progress, kind.rawValue, account, key])
        } else {
            try db.execute(sql: "DELETE FROM wakes WHERE kind = ? AND account = ? AND key = ?", arguments: [kind.rawValue, account, key])
        }
    }
}

/// Families judged since anything was stored last. A file of invoices and the remittance that pays them wake the same
/// cases: one judgement serves both. Forgotten with every commit that stores or changes something, and when the day changes.
struct RecentlyJudged {
    private var account: Int64 = 0
    private var families: Set<String> = []
    /// About 60 MiB at most; what does not fit is judged twice.
    static let limit = 1_000_000

    mutating func forget() { families.removeAll(keepingCapacity: false) }

    /// Those that were not judged yet, which now count as judged.
    mutating func fresh(_ asked: Set<String>, account: Int64) -> Set<String> {
        if account != self.account || families.count > Self.limit {
            families = []
            self.account = account
        }
        let fresh = asked.subtracting(families)
        families.formUnion(fresh)
        return fresh
    }
}
