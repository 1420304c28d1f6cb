import GRDB
import Trade

/// Cases judged since anything was stored last. A file of invoices and the remittance that pays them wake the same
/// cases: one judgement serves both. Forgotten with every commit that stores or changes something, and when the day changes.
struct RecentlyJudged {
    private var account: Int64 = 0
    private var families: Set<String> = []
    private var orders: Set<String> = []
    /// About 60 MiB at most; what does not fit is judged twice.
    static let limit = 1_000_000
    /// Which cases need no judgement, as long as nothing changes; nil where it does not pay to know.
    private(set) var sieve: CaseSieve?
    private var isSieved = false

    /// Sieves the ledger where so much waits that it pays, once.
    mutating func sieveOnce(_ make: () throws -> CaseSieve?) rethrows {
        guard !isSieved else { return }
        sieve = try make()
        isSieved = true
    }

    /// Nothing waits: what would wake anything again changes something first.
    mutating func putSieveAway() { sieve = nil }

    mutating func forget() {
        sieve = nil
        isSieved = false
        families.removeAll(keepingCapacity: false)
        orders.removeAll(keepingCapacity: false)
    }

    /// - Returns: whether the family was not judged yet; from now on it counts as judged.
    mutating func admit(_ family: String, of account: Int64) -> Bool {
        makeRoom(account)
        return families.insert(family).inserted
    }

    mutating func admit(order po: String, of account: Int64) -> Bool {
        makeRoom(account)
        return orders.insert(po).inserted
    }

    /// Something changed that concerns this family and no other.
    mutating func forget(_ family: String, of account: Int64) {
        if account == self.account { families.remove(family) }
    }

    func holds(_ family: String, of account: Int64) -> Bool { account == self.account && families.contains(family) }

    private mutating func makeRoom(_ account: Int64) {
        guard account != self.account || families.count + orders.count > Self.limit else { return }
        families = []
        orders = []
        self.account = account
    }
}

/// Takes families and orders off the queue. Whole bookings and documents are worked off in pages, so that a file of a
/// million lines is one row in the queue.
struct CaseGathering {
    /// By account, each family once.
    private(set) var families: [Int64: [String]] = [:]
    /// By account, each order once.
    private(set) var orders: [Int64: [String]] = [:]
    /// Whether anything waited, judged already or not.
    private(set) var foundAny = false

    let db: Database
    private var count = 0
    private let limit: Int

    init(_ db: Database, upTo limit: Int) {
        self.db = db
        self.limit = limit
    }

    /// - Parameter countsFromGoods: whether an account's terms count from the goods' receipt or shipment.
    mutating func gather(_ judged: inout RecentlyJudged, countsFromGoods: (Int64) throws -> Bool) throws {
        while count < limit, try takeNext(&judged) { foundAny = true }
        for (account, keys) in orders {
            let all = try countsFromGoods(account)
            for po in keys { try addFamilies(onOrder: po, of: account, all: all, &judged) }
        }
        try addRelated(&judged)
    }

    /// One page may touch many times its own number of cases: what is more than this waits in the queue.
    private var isFull: Bool { count >= 4 * limit }

    mutating func add(order po: String, of account: Int64, _ judged: inout RecentlyJudged) throws {
        guard !po.isEmpty else { return }
        if let sieve = judged.sieve, sieve.isPlain(order: po, of: account) { return }
        if isFull { return try Ledger.wake(db, .order, account: account, key: po) }
        guard judged.admit(order: po, of: account) else { return }
        orders[account, default: []].append(po)
        count += 1
    }

    /// A family that something touches which may be the concern of any number of families.
    mutating func add(touched family: String, of account: Int64, _ judged: inout RecentlyJudged) throws {
        if isFull { return try Ledger.wake(db, .family, account: account, key: family) }
        add(family, of: account, &judged)
    }

    mutating func add(_ family: String, of account: Int64, _ judged: inout RecentlyJudged) {
        if let sieve = judged.sieve, sieve.isPlain(family: family, of: account) { return }
        guard judged.admit(family, of: account) else { return }
        families[account, default: []].append(family)
        count += 1
    }

    private mutating func takeNext(_ judged: inout RecentlyJudged) throws -> Bool {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT kind, account, key, progress FROM wakes WHERE kind IN (2, 3, 4, 6) ORDER BY kind, account, key LIMIT 1"))
        else { return false }
        let account: Int64 = row["account"]
        let key: String = row["key"]
        switch WakeKind(rawValue: row["kind"]) {
        case .booking: try takeBooking(key, progress: row["progress"], &judged)
        case .document: try takeDocument(key, of: account, progress: row["progress"], &judged)
        case .order: try takeOrders(of: account, &judged)
        default: try takeFamilies(of: account, &judged)
        }
        return true
    }

    private mutating func takeOrders(of account: Int64, _ judged: inout RecentlyJudged) throws {
        let keys = try String.fetchAll(
            db.cachedStatement(sql: "SELECT key FROM wakes WHERE kind = 6 AND account = ? ORDER BY key LIMIT ?"),
            arguments: [account, limit])
        let delete = try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = 6 AND account = ? AND key = ?")
        for key in keys {
            try delete.execute(arguments: [account, key])
            try add(order: key, of: account, &judged)
        }
    }

    private mutating func takeFamilies(of account: Int64, _ judged: inout RecentlyJudged) throws {
        let keys = try String.fetchAll(
            db.cachedStatement(sql: "SELECT key FROM wakes WHERE kind = 4 AND account = ? ORDER BY key LIMIT ?"),
            arguments: [account, limit])
        let delete = try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = 4 AND account = ? AND key = ?")
        for key in keys {
            try delete.execute(arguments: [account, key])
            add(key, of: account, &judged)
        }
    }

    private mutating func takeDocument(_ key: String, of account: Int64, progress: Int64, _ judged: inout RecentlyJudged) throws {
        let document = Int64(key) ?? 0
        let range = try Row.fetchOne(db, sql: "SELECT type, first_line, last_line FROM documents WHERE id = ?", arguments: [document])
        if let range, range["type"] != 1 {
            try addTouched(byDocuments: (document, document), of: 0, progress: 0, &judged)
            return try advance(.document, account, key, to: nil)
        }
        let rows = try ScannedRows(
            db, "SELECT id, family FROM lines WHERE id > ?1 AND id <= ?2 AND document_id = ?3 ORDER BY id LIMIT ?4",
            max(progress, (range?["first_line"] ?? 1) - 1), range?["last_line"] ?? 0, document, Int64(limit))
        var last: Int64?
        while try rows.next() {
            last = rows.integer(0)
            add(rows.text(1), of: account, &judged)
        }
        try advance(.document, account, key, to: last)
    }

    /// Progress counts documents upwards from 0 and then lines downwards from -1: one number, two stretches.
    private mutating func takeBooking(_ key: String, progress: Int64, _ judged: inout RecentlyJudged) throws {
        let booking = Int64(key) ?? 0
        let range = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT first_document, last_document, first_line, last_line FROM bookings WHERE id = ?"),
            arguments: [booking])
        var last: Int64?
        if progress >= 0 {
            let documents: (Int64, Int64) = (range?["first_document"] ?? 1, range?["last_document"] ?? 0)
            last = try addTouched(byDocuments: documents, of: booking, progress: progress, &judged)
            return try advance(.booking, 0, key, to: last ?? -1)
        }
        let start = max(-1 - progress, (range?["first_line"] ?? 1) - 1)
        let end: Int64 = range?["last_line"] ?? 0
        if let sieve = judged.sieve {
            last = try inRuns(after: start) { gathering, at in
                guard let run = sieve.lines(after: at, through: end, size: gathering.limit) else { return nil }
                try gathering.addTouched(byLines: run.lowerBound - 1, through: run.upperBound, &judged)
                return run.upperBound
            }
        } else {
            last = try addTouched(byLines: start, through: end, &judged)
        }
        try advance(.booking, 0, key, to: last.map { -1 - $0 })
    }

    /// Takes short stretches until they make a page.
    /// - Parameter take: one after an id. - Returns: its last id; nil where there is none.
    /// - Returns: how far it came; nil: to the end.
    private mutating func inRuns(after start: Int64, _ take: (inout Self, Int64) throws -> Int64?) rethrows -> Int64? {
        var at = start
        for _ in 0..<limit {
            guard count < limit else { return at }
            guard let next = try take(&self, at) else { return nil }
            at = next
        }
        return at
    }

    /// - Returns: the last line's id; nil where there is none.
    @discardableResult
    private mutating func addTouched(byLines start: Int64, through end: Int64, _ judged: inout RecentlyJudged) throws -> Int64? {
        let rows = try ScannedRows(
            db, "SELECT id, account, family FROM lines WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3", start, end, Int64(limit))
        var last: Int64?
        while try rows.next() {
            last = rows.integer(0)
            add(rows.text(2), of: rows.integer(1), &judged)
        }
        return last
    }

    /// The cases of a page of documents.
    /// - Parameter booking: whose they are; 0: anybody's.
    /// - Returns: the last one's id; nil where there is none.
    @discardableResult
    private mutating func addTouched(
        byDocuments range: (Int64, Int64), of booking: Int64, progress: Int64, _ judged: inout RecentlyJudged
    ) throws -> Int64? {
        guard let sieve = judged.sieve else { return try addTouched(byPage: range, of: booking, progress: progress, &judged) }
        return try inRuns(after: max(progress, range.0 - 1)) { gathering, at in
            guard let run = sieve.documents(after: at, through: range.1, size: gathering.limit) else { return nil }
            try gathering.addTouched(byPage: (run.lowerBound, run.upperBound), of: booking, progress: 0, &judged)
            return run.upperBound
        }
    }

    @discardableResult
    private mutating func addTouched(
        byPage range: (Int64, Int64), of booking: Int64, progress: Int64, _ judged: inout RecentlyJudged
    ) throws -> Int64? {
        let rows = try ScannedRows(
            db,
            """
            SELECT id, account, type, coalesce(subject, family), po, family, amends IS NOT NULL FROM documents
            WHERE id > ?1 AND id <= ?2 AND type IN (2, 3, 4, 5, 6, 7, 8, 10) AND (?3 = 0 OR booking_id = ?3)
            ORDER BY id LIMIT ?4
            """, max(progress, range.0 - 1), range.1, booking, Int64(limit))
        var last: Int64?
        while try rows.next() {
            let (document, account) = (rows.integer(0), rows.integer(1))
            last = document
            switch rows.integer(2) {
            case 2:
                add(rows.text(3), of: account, &judged)
                if !rows.isNull(4) { try add(order: ReferenceKey.of(rows.text(4)), of: account, &judged) }
                if rows.integer(6) != 0 {
                    add(rows.text(5), of: account, &judged)
                    for family in Set([rows.text(3), rows.text(5)]).sorted() {
                        try addOrders(ofNumber: family, type: 2, of: account, &judged)
                    }
                }
            case 5: try add(order: rows.text(3), of: account, &judged)
            case 6, 7:
                try add(order: ReferenceKey.of(rows.text(4)), of: account, &judged)
                try addOrders(ofLinesOf: document, of: account, &judged)
                if rows.integer(6) != 0 { try addOrders(ofNumber: rows.text(5), type: 7, of: account, &judged) }
            case 8: try addFamilies(naming: rows.text(3), of: account, &judged)
            case 10:
                try addFamilies(naming: rows.text(3), of: account, &judged)
                try addFamilies(ofCharge: document, of: account, &judged)
            default:  // a memo: the invoice that it names, and lines under its own number
                add(rows.text(3), of: account, &judged)
                add(rows.text(5), of: account, &judged)
            }
        }
        return last
    }

    private func advance(_ kind: WakeKind, _ account: Int64, _ key: String, to progress: Int64?) throws {
        if let progress {
            try db.cachedStatement(sql: "UPDATE wakes SET progress = ? WHERE kind = ? AND account = ? AND key = ?")
                .execute(arguments: [progress, kind.rawValue, account, key])
        } else {
            try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = ? AND account = ? AND key = ?")
                .execute(arguments: [kind.rawValue, account, key])
        }
    }

    /// What is judged with the families that are gathered: the invoices that documents under their numbers name, and of a claim that is
    /// named with its invoice and without it all families that it may be judged in. What is found may lead to others.
    private mutating func addRelated(_ judged: inout RecentlyJudged) throws {
        guard count > 0 else { return }
        let hasSubjects =
            try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE subject IS NOT NULL)")) == true
        let hasClaims = try ClaimDocument.areNamed(db)
        guard hasSubjects || hasClaims else { return }
        for account in families.keys {
            var first = 0
            var claims: Set<String> = []
            while let all = families[account], first < all.count {
                let fresh = all[first...]
                first = all.count
                if hasSubjects { try addInvoices(ofMemosUnder: fresh, of: account, &judged) }
                if hasClaims { try addFamilies(ofClaimsOn: fresh, of: account, &claims, &judged) }
            }
        }
    }

    /// A line on a memo's number touches the invoice that the memo names.
    private mutating func addInvoices(ofMemosUnder fresh: ArraySlice<String>, of account: Int64, _ judged: inout RecentlyJudged) throws {
        // by the family's index: by that of subjects, every memo there is would be looked at for each family
        let statement = try db.cachedStatement(
            sql: "SELECT subject FROM documents WHERE account = ? AND family = ? AND +subject IS NOT NULL AND withdrawn = 0")
        for family in fresh {
            for subject in try String.fetchAll(statement, arguments: [account, family]) { add(subject, of: account, &judged) }
        }
    }

    /// More invoices than this that are named with one claim are not judged again when another joins them: with two already no
    /// one of them is the claim's home. The first that named it may have been.
    static let homes = 50

    /// - Parameter claims: numbers that were followed already.
    private mutating func addFamilies(
        ofClaimsOn fresh: ArraySlice<String>, of account: Int64, _ claims: inout Set<String>, _ judged: inout RecentlyJudged
    ) throws {
        var numbers: [String] = []
        for family in fresh {
            if claims.insert(family).inserted { numbers.append(family) }
            let rows = try ScannedRows(
                db,
                """
                SELECT k.key FROM number_links k INDEXED BY claims_of_family WHERE k.account = ?1 AND k.family = ?2 AND k.is_claim = 1
                    AND EXISTS (SELECT 1 FROM lines l WHERE l.account = ?1 AND l.family = k.key)
                """, account)
            rows.bind(2, family)
            while try rows.next() {
                let claim = rows.text(0)
                guard claims.insert(claim).inserted else { continue }
                numbers.append(claim)
                try add(touched: claim, of: account, &judged)
            }
        }
        for number in numbers {
            let rows = try ScannedRows(
                db,
                """
                SELECT k.family FROM number_links k CROSS JOIN documents d ON d.id = k.document_id
                WHERE k.account = ?1 AND k.key = ?2 AND +k.is_claim = 1 AND d.withdrawn = 0 AND coalesce(d.stands, 0) = 1
                ORDER BY k.document_id LIMIT \(Self.homes)
                """, account)
            rows.bind(2, number)
            var found: [String] = []
            while try rows.next() { found.append(rows.text(0)) }
            for family in found { try add(touched: family, of: account, &judged) }
        }
    }
}
