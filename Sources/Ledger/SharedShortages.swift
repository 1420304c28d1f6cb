import GRDB
import Synchronization
import Trade

/// Claims for goods of orders that several cases have invoices on. Each case says what it claims; what supports a claim is what the
/// claims before it leave, so the cases of an order are judged by each other's.
///
/// What a case claims depends on nothing that others do. So a case that is judged again because another one's claims changed changes
/// none itself, and all are judged by the same claims in the end, whatever came first.
struct SharedShortages {
    let db: Database
    let account: Int64

    init(_ db: Database, account: Int64) {
        self.db = db
        self.account = account
    }

    private static let columns = "po, family, invoice, key, reference, currency, day, amount"

    /// By order, those that have any.
    func claims(on orders: some Sequence<String>) throws -> [String: [ShortageClaim]] {
        guard try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM shortage_claims)")) == true else { return [:] }
        var found: [String: [ShortageClaim]] = [:]
        for po in orders {
            let claims = try claims("po = ?2", po)
            if !claims.isEmpty { found[po] = claims }
        }
        return found
    }

    func claims(of family: String) throws -> [ShortageClaim] { try claims("family = ?2", family) }

    /// In an order of their own.
    private func claims(_ condition: String, _ value: String) throws -> [ShortageClaim] {
        let rows = try ScannedRows(db, "SELECT \(Self.columns) FROM shortage_claims WHERE account = ?1 AND \(condition)", account)
        rows.bind(2, value)
        var claims: [ShortageClaim] = []
        while try rows.next() {
            claims.append(
                ShortageClaim(
                    po: rows.text(0), family: rows.text(1), invoice: rows.text(2), key: rows.text(3), reference: rows.text(4),
                    currency: Currency(packed: UInt32(truncatingIfNeeded: rows.integer(5))), date: rows.day(6), amount: rows.integer(7)))
        }
        return claims.sorted(by: ShortageClaim.isBefore)
    }

    func replace(_ family: String, with claims: [ShortageClaim]) throws {
        try db.cachedStatement(sql: "DELETE FROM shortage_claims WHERE account = ? AND family = ?").execute(arguments: [account, family])
        let insert = try db.cachedStatement(sql: "INSERT INTO shortage_claims (account, \(Self.columns)) VALUES (?,?,?,?,?,?,?,?,?)")
        for claim in claims {
            try insert.execute(arguments: [
                account, claim.po, claim.family, claim.invoice, claim.key, claim.reference, claim.currency.packed, claim.date?.number,
                claim.amount,
            ])
        }
    }

    /// Families with a claim on the order that is not before a day: what an earlier one is left does not change.
    func families(on po: String, from day: Int32) throws -> [String] {
        try String.fetchAll(
            db.cachedStatement(
                sql: "SELECT DISTINCT family FROM shortage_claims WHERE account = ? AND po = ? AND coalesce(day, \(Int32.max)) >= ?"),
            arguments: [account, po, day])
    }
}

extension Ledger {
    /// Keeps what the cases claim of orders that others have invoices on, and judges each by all. Cases of the page that others of it
    /// concern are judged again at once, so that nothing is said of them before all is known; those beyond it are woken.
    func shareShortages(
        _ db: Database, _ account: Int64, _ judged: inout [(CaseLoading.Loaded, Verdict)], _ judge: (InvoiceCase) -> Verdict
    ) throws {
        guard judged.contains(where: { $0.0.hasShortages || !$0.1.shortages.isEmpty }) else { return }
        let kept = SharedShortages(db, account: account)
        /// By order: the first day of which something is claimed otherwise than before.
        var changed: [String: Int32] = [:]
        for (loaded, verdict) in judged where loaded.hasShortages || !verdict.shortages.isEmpty {
            let before = loaded.hasShortages ? try kept.claims(of: loaded.value.family) : []
            guard before != verdict.shortages else { continue }
            for claim in Set(before).symmetricDifference(verdict.shortages) {
                changed[claim.po] = min(changed[claim.po] ?? .max, claim.date?.number ?? .max)
            }
            try kept.replace(loaded.value.family, with: verdict.shortages)
        }
        guard !changed.isEmpty else { return }
        let claims = try kept.claims(on: changed.keys)
        for index in judged.indices where !judged[index].1.shortages.isEmpty {
            var value = judged[index].0.value
            let family = value.family
            var isConcerned = false
            for po in Set(judged[index].1.shortages.map(\.po)) where changed[po] != nil {
                let (known, now) = (value.goods?.orders[po]?.claims ?? [], claims[po] ?? [])
                guard known.filter({ $0.family != family }) != now.filter({ $0.family != family }) else { continue }
                value.goods?.orders[po]?.claims = now
                isConcerned = true
            }
            guard isConcerned else { continue }
            judged[index].0.value = value
            judged[index].1 = judge(value)
        }
        let here = Set(judged.map(\.0.value.family))
        for (po, day) in changed {
            for family in try kept.families(on: po, from: day) where !here.contains(family) {
                recentlyJudged.withLock { $0.forget(family, of: account) }
                try Self.wake(db, .family, account: account, key: family)
            }
        }
    }
}
