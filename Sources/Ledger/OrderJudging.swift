import GRDB
import Trade

extension Ledger {
    /// Judges orders. A number under which no order is on file is no case: nothing can be compared with what was ordered.
    func evaluateOrders(
        _ db: Database, _ orders: [String], _ account: Int64, _ context: RuleContext, _ judgement: Judgement, at time: Instant
    ) throws {
        let received = ReceivedMonths(db, account: account)
        let countsReceipts = context.account.hasAgreementOfReceipts
        if !countsReceipts { try received.forget() }
        var isReceivedOtherwise = false
        for start in stride(from: 0, to: orders.count, by: GoodsLoading.batch) {
            let page = Array(orders[start..<min(start + GoodsLoading.batch, orders.count)])
            for loaded in try OrderLoading(db, account: account, orders: page, onlyOrdered: !countsReceipts).cases {
                // receipts of a number without an order are worth what its invoices say
                if countsReceipts, try received.keep(judgement.receipts(loaded.value, context), ofOrder: loaded.value.key) {
                    isReceivedOtherwise = true
                }
                let verdict = loaded.value.orders.isEmpty ? Verdict() : judgement.order(loaded.value, context)
                if !verdict.findings.isEmpty || loaded.hasFindings {
                    try record(db, .order, account, loaded.value.key, verdict.findings, at: time)
                }
                try setWake(db, loaded, verdict.wake)
            }
        }
        if isReceivedOtherwise { try wakeAgreements(db, account, context.account) }
    }

    /// The day stands with the first of the order's documents, and with no other.
    private func setWake(_ db: Database, _ loaded: OrderLoading.Loaded, _ wake: Day?) throws {
        let first = loaded.value.orders.first?.document
        for (document, day) in loaded.wakeDays {
            let now = document == first ? wake : nil
            guard day != now else { continue }
            try db.cachedStatement(sql: "UPDATE documents SET wake_day = ? WHERE id = ?").execute(arguments: [now?.number, document])
        }
    }

    /// The cases of families, those that are judged by their goods with what is on file about these.
    static func load(
        _ db: Database, _ families: [String], _ account: Int64, _ context: RuleContext, _ judgement: Judgement
    ) throws -> [CaseLoading.Loaded] {
        try complete(
            db, CaseLoading(db, account: account, families: families, context.account.references).cases, account, context, judgement)
    }

    /// What is known of an account and of goods, beside the documents of each case.
    static func complete(
        _ db: Database, _ cases: [CaseLoading.Loaded], _ account: Int64, _ context: RuleContext, _ judgement: Judgement
    ) throws -> [CaseLoading.Loaded] {
        let knownUntil = try Int32.fetchOne(
            db.cachedStatement(sql: "SELECT known_until FROM accounts WHERE id = ?"), arguments: [account]
        ).map(Day.init(number:))
        var cases = cases
        var needing: [Int] = []
        let ofReceipts = AgreementNames(context.account.ownAgreements.filter(\.isOfReceipts))
        var received: [Day: MonthReceipts]?
        for index in cases.indices {
            cases[index].value.knownUntil = knownUntil
            if !ofReceipts.isEmpty, cases[index].note(ofReceipts) {
                if received == nil { received = try ReceivedMonths(db, account: account).load() }
                cases[index].value.receiptsByMonth = received
            }
            if judgement.needsGoods(cases[index].value, context) { needing.append(index) }
        }
        guard !needing.isEmpty else { return cases }
        let goods = try GoodsLoading(db, account: account, needing.map { cases[$0].value })
        for index in needing { cases[index].value.goods = goods.goods(of: cases[index].value) }
        return cases
    }
}
