import GRDB
import Trade

/// Loads what is on file about the goods behind families of invoices: their orders, and the returns and notices that their
/// deductions name.
struct GoodsLoading {
    /// Enough for set-based loading to pay; an order with its documents is a few kilobytes.
    static let batch = 2000

    private var orders: [String: OrderCase] = [:]
    private var returns: [String: ReturnFact] = [:]
    private var chargebacks: [String: [(document: Int64, notice: Chargeback)]] = [:]

    init(_ db: Database, account: Int64, _ cases: [InvoiceCase]) throws {
        var orders: Set<String> = []
        var numbers: Set<String> = []
        for item in cases {
            orders.formUnion(Self.orders(of: item))
            for line in item.lines { numbers.formUnion(Self.numbers(of: line)) }
        }
        let keys = orders.sorted()
        for start in stride(from: 0, to: keys.count, by: Self.batch) {
            let page = Array(keys[start..<min(start + Self.batch, keys.count)])
            let loading = try OrderLoading(db, account: account, orders: page, onlyOrdered: false)
            for loaded in loading.cases { self.orders[loaded.value.key] = loaded.value }
            for (po, claims) in try SharedShortages(db, account: account).claims(on: page) { self.orders[po]?.claims = claims }
        }
        if !numbers.isEmpty { try loadNotices(db, account, numbers.sorted()) }
    }

    /// What is on file for one of the cases.
    func goods(of item: InvoiceCase) -> GoodsOnFile {
        var goods = GoodsOnFile()
        for key in Self.orders(of: item) { goods.orders[key] = orders[key] ?? OrderCase(key: key) }
        for line in item.lines {
            for number in Self.numbers(of: line) {
                if let found = returns[number] { goods.returns[number] = found }
                if let found = chargebacks[number] { goods.chargebacks[number] = found.map(\.notice) }
            }
        }
        return goods
    }

    /// Of its invoices and of what was deducted. These are the orders that wake the family, see `order_links`.
    private static func orders(of item: InvoiceCase) -> Set<String> {
        let named = item.invoices.map(\.po) + item.lines.filter(\.takes).map(\.po)
        return Set(named.compactMap { $0.map { ReferenceKey.of($0) } }.filter { !$0.isEmpty })
    }

    /// By which returns and notices are looked up, see `number_links`.
    private static func numbers(of line: LineFact) -> [String] {
        var numbers = line.net < 0 ? ClaimNumbers.of(line.reference, returnNumber: line.returnNumber) : []
        for adjustment in line.adjustments where adjustment.amount < 0 {
            numbers += ClaimNumbers.of(adjustment.reference, returnNumber: line.returnNumber)
        }
        return numbers
    }

    // MARK: returns, notices

    private mutating func loadNotices(_ db: Database, _ account: Int64, _ keys: [String]) throws {
        try db.execute(
            sql: "CREATE TEMP TABLE IF NOT EXISTS number_batch (key TEXT PRIMARY KEY) WITHOUT ROWID; DELETE FROM temp.number_batch;")
        let insert = try BoundStatement(db, "INSERT INTO temp.number_batch VALUES (?)")
        for key in keys {
            insert.bind(1, key)
            try insert.run()
        }
        try loadReturns(db, account)
        try loadChargebacks(db, account)
    }

    private mutating func loadReturns(_ db: Database, _ account: Int64) throws {
        let rows = try ScannedRows(
            db,
            """
            SELECT b.key, d.id, d.booking_id, coalesce(d.number, d.family), d.date, d.currency, d.total, d.place
            FROM temp.number_batch b CROSS JOIN documents d ON d.account = ? AND d.family = b.key WHERE d.type = 8 AND d.withdrawn = 0
            """, account)
        var origins = Origins(db)
        while try rows.next() {
            let fact = ReturnFact(
                document: rows.integer(1), number: rows.text(3), notified: rows.day(4),
                currency: Currency(packed: UInt32(truncatingIfNeeded: rows.integer(5))), total: rows.integerOrNil(6),
                evidence: try origins.evidence(booking: rows.integer(2), place: rows.integer(7)))
            let key = rows.text(0)
            // one number is one return: the latest that was said of it
            if let other = returns[key], Self.rank(fact) <= Self.rank(other) { continue }
            returns[key] = fact
        }
    }

    /// Whatever the order of arrival.
    private static func rank(_ fact: ReturnFact) -> (Int32, Int64, Evidence, Int64) {
        (fact.notified?.number ?? .min, fact.total ?? -1, fact.evidence, fact.document)
    }

    private mutating func loadChargebacks(_ db: Database, _ account: Int64) throws {
        let rows = try ScannedRows(
            db,
            """
            SELECT b.key, d.id, coalesce(d.number, d.family), d.total, d.currency, d.place, d.date, c.category, c.sub_type, d.po, c.invoice,
                c.shipment, c.item, c.quantity, c.status, c.dispute_by, c.vendor
            FROM temp.number_batch b CROSS JOIN number_links k ON k.account = ?1 AND k.key = b.key AND k.family = ''
                CROSS JOIN documents d ON d.id = k.document_id CROSS JOIN chargebacks c ON c.document_id = d.id
            WHERE d.type = 10 AND d.withdrawn = 0
            UNION
            SELECT b.key, d.id, coalesce(d.number, d.family), d.total, d.currency, d.place, d.date, c.category, c.sub_type, d.po, c.invoice,
                c.shipment, c.item, c.quantity, c.status, c.dispute_by, c.vendor
            FROM temp.number_batch b CROSS JOIN documents d ON d.account = ?1 AND d.family = b.key
                CROSS JOIN chargebacks c ON c.document_id = d.id
            WHERE d.type = 10 AND d.withdrawn = 0
            """, account)
        while try rows.next() {
            let notice = Chargeback(
                id: rows.text(2), amount: rows.integer(3), currency: Currency(packed: UInt32(truncatingIfNeeded: rows.integer(4))),
                at: Location(packed: rows.integer(5)), date: rows.day(6), category: rows.textOrNil(7), subType: rows.textOrNil(8),
                po: rows.textOrNil(9), invoice: rows.textOrNil(10), shipment: rows.textOrNil(11), item: rows.textOrNil(12),
                quantity: rows.textOrNil(13).flatMap { ExactDecimal($0) }, status: rows.textOrNil(14), disputeBy: rows.day(15),
                vendor: rows.textOrNil(16))
            chargebacks[rows.text(0), default: []].append((rows.integer(1), notice))
        }
        for key in chargebacks.keys {
            chargebacks[key]?.sort { a, b in
                let (x, y) = (a.notice.date?.number ?? .min, b.notice.date?.number ?? .min)
                return x == y ? (a.notice.id, a.document) < (b.notice.id, b.document) : x < y
            }
        }
    }
}

extension LineFact {
    /// The line, or an adjustment inside it, takes money.
    fileprivate var takes: Bool { net < 0 || adjustments.contains { $0.amount < 0 } }
}
