import GRDB
import Trade

extension Ledger {
    /// How many amounts one transaction pairs, beside those that they are connected with.
    private static let pairingBatch = 2000

    /// The cases of families, without those that wait for their pairs.
    static func loadSettled(
        _ db: Database, _ families: [String], _ account: Int64, _ context: RuleContext, _ judgement: Judgement
    ) throws -> [CaseLoading.Loaded] {
        let ends = LooseEndsOnFile(db, account: account)
        let rules = context.account.matchBy
        try ends.adopt(rules)
        if rules.isEmpty { return try load(db, families, account, context, judgement) }
        let cases = try CaseLoading(db, account: account, families: families, context.account.references, isPaired: false).cases
        let kept = try ends.kept()
        var settled: [CaseLoading.Loaded] = []
        for (number, loaded) in cases.enumerated() {
            let now = judgement.looseEnds(loaded.value, context)
            if try ends.keep(now, of: loaded.value.family, before: kept[number] ?? LooseEnds()) { continue }
            if loaded.dependsOnPairs { try ends.wait(loaded.value.family) } else { settled.append(loaded) }
        }
        return try complete(db, settled, account, context, judgement)
    }

    /// Pairs what waits, and then judges the families that waited for it.
    /// - Returns: whether anything waited.
    func evaluatePairs(_ db: Database, _ judgement: Judgement, at time: Instant) throws -> Bool {
        guard let row = try nextWaiting(db) else { return false }
        let (kind, account): (Int64, Int64) = (row[0], row[1])
        let limit = kind == WakeKind.pairing.rawValue ? Self.pairingBatch : Self.batch
        let keys = try String.fetchAll(
            db.cachedStatement(sql: "SELECT key FROM wakes WHERE kind = ? AND account = ? ORDER BY key LIMIT ?"),
            arguments: [kind, account, limit])
        let delete = try db.cachedStatement(sql: "DELETE FROM wakes WHERE kind = ? AND account = ? AND key = ?")
        for key in keys { try delete.execute(arguments: [kind, account, key]) }
        guard let name = try accountNames(db)[account], let context = judgement.account(name) else { return true }
        if kind == WakeKind.paired.rawValue {
            try judge(db, Self.load(db, keys, account, context, judgement), account, context, judgement, at: time)
        } else if !context.account.matchBy.isEmpty {
            let ends = LooseEndsOnFile(db, account: account)
            let connected = try ends.connected(from: keys.compactMap(LooseEndsOnFile.Amount.init(key:)))
            try ends.record(judgement.pairs(connected.lines, connected.invoices, context), in: connected)
        }
        return true
    }

    private func nextWaiting(_ db: Database) throws -> Row? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT kind, account FROM wakes WHERE kind IN (7, 8) ORDER BY kind, account LIMIT 1"))
    }
}
