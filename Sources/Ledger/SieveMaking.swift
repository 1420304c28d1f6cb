import GRDB
import Trade

/// The passes over the tables from which a ``CaseSieve`` is made. Whole numbers and bytes where they lie: no text of a plain case
/// is ever made.
struct SieveMaking {
    /// What is known of a family; 24 bytes.
    struct Family {
        /// Of its invoice's total what no line has paid yet.
        var rest: Int64 = 0
        var currency: UInt32 = 0
        /// The last day on which a line may be dated.
        var lastDay: Int32 = .min
        /// Place of its invoice's order; -1: none.
        var order: Int32 = -1
        var hasInvoice = false
        /// Not plain, whatever else is read.
        var isOut = false
        /// Its orders wake it, see `CaseGathering.addFamilies`.
        var isJudgedByGoods = false
    }

    /// What is known of an order; 32 bytes.
    struct Order {
        /// Σ quantity × weight of (item, unit, price): of what was ordered less what was billed. A weight is a random number, so
        /// zero says that both hold the same.
        var ordered: UInt64 = 0
        /// Σ quantity × weight of (item, unit): billed less received.
        var received: UInt64 = 0
        var currency: UInt32 = 0
        var lastReceipt: Int32 = .min
        /// The last document of `lastReceipt`.
        var receipt: Int32 = 0
        var orders: UInt8 = 0
        var isBilled = false
        var isReceived = false
        var isOut = false
    }

    let db: Database
    let plain: PlainCases
    let hash = SieveHash()
    var families: SieveTable<Family>
    var orders: SieveTable<Order>
    /// Places by document and by line; -1: none, or not plain in any case.
    private var documentFamilies: [Int32]
    private var documentOrders: [Int32]
    private var lineFamilies: [Int32]

    init(_ db: Database, _ plain: PlainCases, documents: Int64, lines: Int64) {
        self.db = db
        self.plain = plain
        let (documents, lines) = (Int(min(documents, Int64(CaseSieve.rowLimit) - 1)), Int(min(lines, Int64(CaseSieve.rowLimit) - 1)))
        families = SieveTable(limit: min(documents, CaseSieve.limit), of: Family())
        orders = SieveTable(limit: min(documents, CaseSieve.limit), of: Order())
        documentFamilies = Array(repeating: -1, count: documents + 1)
        documentOrders = Array(repeating: -1, count: documents + 1)
        lineFamilies = Array(repeating: -1, count: lines + 1)
    }

    // MARK: documents

    static let nowhere = Evidence(sha256: "", file: "", at: .row(0))

    /// - Returns: whether items lie in the order of their documents.
    mutating func readDocuments(_ context: (Int64) throws -> RuleContext?) throws -> Bool {
        let rows = try ScannedRows(
            db,
            """
            SELECT id, 0, type, coalesce(number, family), date, currency, total, 0, 0, net_days, discount_percent,
                discount_days, basis, due, discount_date, tax, po, account, family, number, wake_day, subject, withdrawn,
                amends
            FROM documents WHERE type BETWEEN 2 AND 7 AND type <> 6 ORDER BY id
            """)
        var goods = try SieveGoods(db)
        var items = try SieveItems(db)
        defer {
            rows.end()
            goods.end()
            items.end()
        }
        var accounts: [Int64: SieveAccount] = [:]
        var account = SieveAccount(0, nil)
        while try rows.next() {
            let (id, number) = (rows.integer(0), rows.integer(17))
            if account.number != number {
                account = try accounts[number] ?? SieveAccount(number, context(number))
                accounts[number] = account
            }
            let salt = UInt64(bitPattern: number)
            switch rows.integer(2) {
            case _ where rows.integer(22) != 0:
                try items.skip(through: id)
                // its own family is judged by what is left; the orders of its subject still wake that
                if let subject = subject(rows, salt) { families.places[subject].isJudgedByGoods = true }
            case 2:
                let family = takeInvoice(rows, salt, account)
                try takeItems(rows, id, family, salt, account, &items)
            case 5: try takeOrder(rows, id, salt, account, &goods, &items)
            case 7: try takeReceipt(rows, id, salt, account, &items)
            default:
                try items.skip(through: id)
                takeMemo(rows, salt)
            }
            guard items.isInOrder else { return false }
        }
        return true
    }

    private mutating func subject(_ rows: ScannedRows, _ salt: UInt64) -> Int? {
        rows.isNull(21) ? nil : families.findOrAdd(hash.key(rows.bytes(21), salt))
    }

    private mutating func takeMemo(_ rows: ScannedRows, _ salt: UInt64) {
        for place in [families.findOrAdd(hash.key(rows.bytes(18), salt)), subject(rows, salt)] {
            guard let place else { continue }
            families.places[place].isOut = true
            families.places[place].isJudgedByGoods = true
        }
    }

    /// - Returns: its family's place; nil where there is no room.
    private mutating func takeInvoice(_ rows: ScannedRows, _ salt: UInt64, _ account: SieveAccount) -> Int? {
        if !rows.isNull(21) { takeMemo(rows, salt) }
        guard let place = families.findOrAdd(hash.key(rows.bytes(18), salt)) else { return nil }
        let total = rows.integer(6)
        let lastDay = account.lastDay(rows, plain)
        let hasOtherNumber = !rows.isNull(19) && !KeyBytes.isKey(rows.bytes(18), of: rows.bytes(19))
        var family = families.places[place]
        // which of two counts, and on which order, is for the rules to say, and what is taken back
        if family.hasInvoice || lastDay == nil || !rows.isNull(23) {
            family.isOut = true
            family.isJudgedByGoods = true
        }
        if hasOtherNumber || total <= 0 || !rows.isNull(20) { family.isOut = true }
        family.hasInvoice = true
        family.rest = total
        family.currency = UInt32(truncatingIfNeeded: rows.integer(5))
        family.lastDay = lastDay?.number ?? .min
        families.places[place] = family
        return place
    }

    // MARK: orders

    private mutating func order(_ po: UnsafeRawBufferPointer, _ salt: UInt64) -> Int? {
        KeyBytes.withKey(of: po) { bytes in bytes.isEmpty ? nil : orders.findOrAdd(hash.key(bytes, salt)) }
    }

    private mutating func takeItems(
        _ rows: ScannedRows, _ id: Int64, _ family: Int?, _ salt: UInt64, _ account: SieveAccount, _ items: inout SieveItems
    ) throws {
        let place = order(rows.bytes(16), salt)
        note(document: id, family: family, order: place, isWithoutOrder: rows.bytes(16).isEmpty)
        guard let place else { return try items.skip(through: id) }
        if let family {
            // of two on different orders the first waits here; the last one's order is put out at the end
            let other = families.places[family].order
            if other >= 0 { orders.places[Int(other)].isOut = true }
            families.places[family].order = Int32(place)
        } else {
            orders.places[place].isOut = true
        }
        var own = orders.places[place]
        take(currency: UInt32(truncatingIfNeeded: rows.integer(5)), &own)
        if !account.hasPlainOrders { own.isOut = true }
        own.isBilled = true
        while try items.next(of: id) {
            guard let line = items.line(hash), items.namesNoOrder else {
                own.isOut = true
                continue
            }
            own.ordered &-= line.quantity &* line.priced
            own.received &+= line.quantity &* line.weight
        }
        orders.places[place] = own
    }

    private func take(currency: UInt32, _ order: inout Order) {
        if order.currency != 0, order.currency != currency { order.isOut = true }
        order.currency = currency
        if currency == 0 { order.isOut = true }
    }

    private mutating func takeOrder(
        _ rows: ScannedRows, _ id: Int64, _ salt: UInt64, _ account: SieveAccount, _ goods: inout SieveGoods, _ items: inout SieveItems
    ) throws {
        let kind = try goods.kind(of: id)
        guard let place = orders.findOrAdd(hash.key(rows.bytes(18), salt)) else { return try items.skip(through: id) }
        note(document: id, family: nil, order: place, isWithoutOrder: false)
        var own = orders.places[place]
        if !account.hasPlainOrders || !rows.isNull(20) { own.isOut = true }
        switch kind {
        case .order:
            if own.orders > 0 { own.isOut = true }
            own.orders = 1
            take(currency: UInt32(truncatingIfNeeded: rows.integer(5)), &own)
        case .answer: break
        case .change: own.isOut = true
        }
        while try items.next(of: id) {
            if kind == .answer {
                if items.acceptsSubstitute { own.isOut = true }
                continue
            }
            guard let line = items.line(hash), line.hasUsualPrice, !items.hasProgress, !items.isDeleted else {
                own.isOut = true
                continue
            }
            own.ordered &+= line.quantity &* line.priced
        }
        orders.places[place] = own
    }

    private mutating func takeReceipt(
        _ rows: ScannedRows, _ id: Int64, _ salt: UInt64, _ account: SieveAccount, _ items: inout SieveItems
    ) throws {
        let own = order(rows.bytes(16), salt)
        let day = rows.isNull(4) ? Int32.min : Int32(clamping: rows.integer(4))
        var isOfOne = own != nil
        while try items.next(of: id) {
            var place = own
            if !items.orderKey.isEmpty {
                isOfOne = false
                place = orders.findOrAdd(hash.key(items.orderKey, salt))
            }
            guard let place else { continue }
            let receipt = Int32(clamping: id)
            if !orders.places[place].isReceived || orders.places[place].receipt != receipt {
                // of the same day it may be the same receipt once more
                if day <= orders.places[place].lastReceipt { orders.places[place].isOut = true }
                orders.places[place].lastReceipt = day
                orders.places[place].receipt = receipt
                orders.places[place].isReceived = true
            }
            if account.hasPlainOrders, let line = items.line(hash) {
                orders.places[place].received &-= line.quantity &* line.weight
            } else {
                orders.places[place].isOut = true
            }
        }
        if isOfOne { note(document: id, family: nil, order: own, isWithoutOrder: false) }
    }

    /// -2: it has none.
    private mutating func note(document: Int64, family: Int?, order: Int?, isWithoutOrder: Bool) {
        guard document >= 0, document < documentFamilies.count else { return }
        documentFamilies[Int(document)] = family.map { Int32($0) } ?? -1
        documentOrders[Int(document)] = order.map { Int32($0) } ?? (isWithoutOrder ? -2 : -1)
    }

    // MARK: lines

    mutating func readLines() throws {
        let rows = try ScannedRows(
            db, "SELECT id, document_id, account, family, reference, kind, role, net, discount, currency, po FROM lines ORDER BY id")
        var document: Int64 = -1
        var head = SieveHead()
        // an adjustment inside a line is on that line's order
        var po: [UInt8] = []
        while try rows.next() {
            if rows.integer(1) != document {
                document = rows.integer(1)
                head = try SieveHead(db, document)
            }
            let salt = UInt64(bitPattern: rows.integer(2))
            let (kind, net) = (rows.integer(5), rows.integer(7))
            if kind != 2 {
                po.removeAll(keepingCapacity: true)
                po.append(contentsOf: rows.bytes(10))
            }
            if net < 0, !po.isEmpty {
                let named = po.withUnsafeBytes { KeyBytes.withKey(of: $0) { orders.find(hash.key($0, salt)) } }
                if let named { orders.places[named].isOut = true }
            }
            guard let place = families.find(hash.key(rows.bytes(3), salt)) else { continue }
            let id = rows.integer(0)
            if id >= 0, id < lineFamilies.count { lineFamilies[Int(id)] = Int32(place) }
            if net < 0 { families.places[place].isJudgedByGoods = true }
            if head.counts { take(rows, kind, net, head, &families.places[place]) }
        }
    }

    private func take(_ rows: ScannedRows, _ kind: Int64, _ net: Int64, _ head: SieveHead, _ family: inout Family) {
        let currency = rows.integerOrNil(9) ?? head.currency
        let pays = kind == 0 && rows.integer(6) == Int64(LineRole.invoice.rawValue) && net > 0 && net <= family.rest
        let isWhole = rows.integer(8) == 0 && currency == Int64(family.currency)
        let isOnItsNumber = rows.isNull(4) || KeyBytes.isKey(rows.bytes(3), of: rows.bytes(4))
        guard pays, isWhole, isOnItsNumber else {
            family.isOut = true
            return
        }
        family.rest -= net
        if let date = head.date, date > family.lastDay { family.isOut = true }
    }

    // MARK: end

    /// Of receipts that were taken back, changed or replaced.
    mutating func readAmendments() throws {
        let rows = try ScannedRows(
            db,
            """
            SELECT e.account, e.po, i.order_key FROM documents d CROSS JOIN documents e ON e.account = d.account AND e.family = d.family
                LEFT JOIN items i ON i.document_id = e.id AND i.order_key <> ''
            WHERE d.amends IS NOT NULL AND d.type = 7 AND e.type = 7
            """)
        while try rows.next() {
            let salt = UInt64(bitPattern: rows.integer(0))
            if let place = order(rows.bytes(1), salt) { orders.places[place].isOut = true }
            if !rows.bytes(2).isEmpty, let place = orders.findOrAdd(hash.key(rows.bytes(2), salt)) { orders.places[place].isOut = true }
        }
    }

    mutating func readFindings() throws {
        let rows = try ScannedRows(
            db,
            """
            SELECT case_kind, case_account, case_key FROM findings f WHERE case_kind IN (4, 8) AND \(CaseLoading.mayEnd)
            UNION ALL SELECT case_kind, case_account, case_key FROM finding_parts WHERE case_kind IN (4, 8)
            UNION ALL SELECT 4, account, family FROM shortage_claims
            """)
        while try rows.next() {
            let key = hash.key(rows.bytes(2), UInt64(bitPattern: rows.integer(1)))
            if rows.integer(0) == 4 {
                if let place = families.find(key) { families.places[place].isOut = true }
            } else if let place = orders.find(key) {
                orders.places[place].isOut = true
            }
        }
    }

    mutating func sieve() -> CaseSieve {
        var plainFamilies = SieveBits(count: families.places.count)
        for (place, family) in families.places.enumerated() {
            if family.hasInvoice, !family.isOut, family.rest == 0 { plainFamilies.insert(place) }
            if family.isJudgedByGoods, family.order >= 0 { orders.places[Int(family.order)].isOut = true }
        }
        var plainOrders = SieveBits(count: orders.places.count)
        for (place, order) in orders.places.enumerated() where !order.isOut {
            let agrees = order.ordered == 0 && (!order.isReceived || order.received == 0)
            if order.orders == 0 || !order.isBilled || agrees { plainOrders.insert(place) }
        }
        var documents = SieveBits(count: documentFamilies.count)
        for (id, order) in documentOrders.enumerated() where order != -1 {
            let family = documentFamilies[id]
            // of an invoice both, of an order or a receipt the order
            guard order == -2 || plainOrders.holds(Int(order)), family >= 0 ? plainFamilies.holds(Int(family)) : order >= 0 else {
                continue
            }
            documents.insert(id)
        }
        var lines = SieveBits(count: lineFamilies.count)
        for (id, family) in lineFamilies.enumerated() where family >= 0 && plainFamilies.holds(Int(family)) { lines.insert(id) }
        return CaseSieve(
            hash: hash, families: families.keys, plainFamilies: plainFamilies, orders: orders.keys,
            plainOrders: plainOrders, documents: documents, lines: lines)
    }
}
