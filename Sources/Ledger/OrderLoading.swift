import GRDB
import Trade

/// Loads what is on file under many order numbers with a handful of set-based queries. The numbers stand in a temporary
/// table in their order, so that the indexes are walked upwards, and every row says by number which order it belongs to.
struct OrderLoading {
    struct Loaded {
        var value: OrderCase
        /// Documents of type 5 with their wake days as stored, in the order's order.
        var wakeDays: [(document: Int64, day: Day?)] = []
        /// Whether a finding of the case is open.
        var hasFindings = false
    }

    /// Where a document's items go.
    private struct Slot {
        var number: Int
        var document: Int64
        var kind: Int64
        var index: Int
        /// Whether lines that name no order belong to this one.
        var ownsLines: Bool
    }

    private(set) var cases: [Loaded]
    private let db: Database
    private let account: Int64
    private var slots: [Slot] = []
    private var origins: Origins

    /// - Parameter onlyOrdered: numbers under which no order is on file stay empty.
    init(_ db: Database, account: Int64, orders: [String], onlyOrdered: Bool) throws {
        self.db = db
        self.account = account
        origins = Origins(db)
        let keys = orders.sorted()
        cases = keys.map { Loaded(value: OrderCase(key: $0)) }
        try fillBatch(keys)
        try loadFindings()
        if onlyOrdered { try leaveOutUnordered() }
        try loadDocuments()
        try loadNamesakes()
        if try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE amends IS NOT NULL)")) == true {
            try loadReplacing()
            try loadReceiptAmendments()
        }
        try loadItems()
        for number in cases.indices { Self.sort(&cases[number]) }
    }

    private func fillBatch(_ keys: [String]) throws {
        try db.execute(
            sql: "CREATE TEMP TABLE IF NOT EXISTS order_batch (number INTEGER PRIMARY KEY, po TEXT NOT NULL); DELETE FROM temp.order_batch;"
        )
        let insert = try BoundStatement(db, "INSERT INTO temp.order_batch VALUES (?, ?)")
        for (number, po) in keys.enumerated() {
            insert.bind(1, Int64(number))
            insert.bind(2, po)
            try insert.run()
        }
    }

    private mutating func loadFindings() throws {
        let found = try ScannedRows(
            db,
            """
            SELECT b.number FROM temp.order_batch b CROSS JOIN findings f
                ON f.case_kind = 8 AND f.case_account = ? AND f.case_key = b.po WHERE f.state = 'open'
            """, account)
        while try found.next() { cases[Int(found.integer(0))].hasFindings = true }
    }

    private func leaveOutUnordered() throws {
        try db.cachedStatement(
            sql: """
                DELETE FROM temp.order_batch WHERE NOT EXISTS (SELECT 1 FROM documents d
                    WHERE d.account = ? AND d.family = order_batch.po AND d.type = 5 AND d.withdrawn = 0)
                """
        ).execute(arguments: [account])
    }

    // MARK: documents

    private static let documents = """
        temp.order_batch b CROSS JOIN order_links k ON k.account = ? AND k.po = b.po CROSS JOIN documents d ON d.id = k.document_id
        """
    private static let counted = "d.type IN (2, 5, 6, 7) AND d.withdrawn = 0"

    private mutating func loadDocuments() throws {
        let rows = try ScannedRows(
            db,
            """
            SELECT b.number, d.id, d.booking_id, d.type, coalesce(d.number, d.family), d.date, d.currency, d.total, d.received, d.place,
                d.wake_day, d.net_days, d.discount_percent, d.discount_days, d.basis, d.due, d.discount_date, d.tax, d.po,
                g.kind, g.status, g.cancelled, g.shipment, g.invoice, g.shipped, g.delivered, g.is_estimated, d.amends, d.issued,
                d.subject_key
            FROM \(Self.documents) LEFT JOIN goods g ON g.document_id = d.id WHERE \(Self.counted)
            """, account)
        while try rows.next() {
            let number = Int(rows.integer(0))
            let (document, kind) = (rows.integer(1), rows.integer(3))
            let evidence = try origins.evidence(booking: rows.integer(2), place: rows.integer(9))
            var slot = Slot(number: number, document: document, kind: kind, index: 0, ownsLines: true)
            switch kind {
            case 2:
                slot.index = cases[number].value.invoices.count
                var invoice = InvoiceFact(rows, document: 1, terms: 11, evidence)
                (invoice.amends, invoice.amended) = (rows.textOrNil(27).flatMap(Amendment.init(rawValue:)), rows.textOrNil(29))
                cases[number].value.invoices.append(OrderInvoiceFact(invoice: invoice, items: []))
            case 5:
                slot.index = cases[number].value.orders.count
                cases[number].value.orders.append(Self.order(rows, evidence))
                cases[number].wakeDays.append((document, rows.day(10)))
            case 6:
                slot.index = cases[number].value.shipments.count
                cases[number].value.shipments.append(Self.shipment(rows, evidence))
            default:
                slot.index = cases[number].value.receipts.count
                cases[number].value.receipts.append(
                    ReceiptFact(
                        document: document, number: rows.text(4), date: rows.day(5), shipment: rows.textOrNil(22),
                        amends: rows.textOrNil(27).flatMap(Amendment.init(rawValue:)), issued: rows.day(28),
                        arrived: Day(number: Int32(clamping: rows.integer(8))), items: [], evidence: evidence))
            }
            if kind > 5 { slot.ownsLines = ReferenceKey.of(rows.text(18)) == cases[number].value.key }
            slots.append(slot)
        }
    }

    private static func order(_ rows: ScannedRows, _ evidence: Evidence) -> OrderFact {
        OrderFact(
            document: rows.integer(1), number: rows.text(4), kind: PurchaseOrder.Kind(rawValue: rows.text(19)) ?? .order, date: rows.day(5),
            currency: Currency(packed: UInt32(truncatingIfNeeded: rows.integer(6))), status: rows.textOrNil(20),
            isCancelled: rows.integer(21) != 0, received: Day(number: Int32(clamping: rows.integer(8))), items: [], evidence: evidence)
    }

    private static func shipment(_ rows: ScannedRows, _ evidence: Evidence) -> ShipmentFact {
        ShipmentFact(
            document: rows.integer(1), number: rows.text(4), date: rows.day(5), shipped: rows.day(24), delivered: rows.day(25),
            isDeliveryEstimated: rows.integer(26) != 0, invoice: rows.textOrNil(23), arrived: Day(number: Int32(clamping: rows.integer(8))),
            items: [], evidence: evidence)
    }

    /// Of an invoice `e` that belongs to another's case.
    private static let otherColumns = """
        b.number, e.id, e.booking_id, e.type, coalesce(e.number, e.family), e.date, e.currency, e.total, e.received, e.place,
        e.wake_day, e.net_days, e.discount_percent, e.discount_days, e.basis, e.due, e.discount_date, e.tax, e.po, e.amends, e.subject_key
        """

    private mutating func other(_ rows: ScannedRows) throws -> InvoiceFact {
        var invoice = InvoiceFact(
            rows, document: 1, terms: 11, try origins.evidence(booking: rows.integer(2), place: rows.integer(9)))
        (invoice.amends, invoice.amended) = (rows.textOrNil(19).flatMap(Amendment.init(rawValue:)), rows.textOrNil(20))
        return invoice
    }

    /// Invoices under the number of one of these that are on another order, or on none.
    private mutating func loadNamesakes() throws {
        guard slots.contains(where: { $0.kind == 2 }) else { return }
        let rows = try ScannedRows(
            db,
            """
            SELECT \(Self.otherColumns)
            FROM \(Self.documents) CROSS JOIN documents e ON e.account = k.account AND e.family = k.family AND e.id <> d.id
            WHERE d.type = 2 AND d.withdrawn = 0 AND e.type = 2 AND e.withdrawn = 0
            """, account)
        var known: [Int: (keys: Set<String>, documents: Set<Int64>)] = [:]
        while try rows.next() {
            let number = Int(rows.integer(0))
            guard rows.isNull(18) || ReferenceKey.of(rows.text(18)) != cases[number].value.key else { continue }
            let namesake = try other(rows)
            let own = known[number]?.keys ?? Set(cases[number].value.invoices.map(\.invoice.key))
            guard own.contains(namesake.key), known[number, default: (own, [])].documents.insert(namesake.document).inserted else {
                continue
            }
            cases[number].value.namesakes.append(namesake)
        }
    }

    /// Invoices under other numbers that stand for one of these, on another order or on none.
    private mutating func loadReplacing() throws {
        guard slots.contains(where: { $0.kind == 2 }) else { return }
        let rows = try ScannedRows(
            db,
            """
            SELECT \(Self.otherColumns)
            FROM \(Self.documents) CROSS JOIN documents e ON e.account = k.account AND e.subject = k.family AND e.id <> d.id
            WHERE d.type = 2 AND d.withdrawn = 0 AND e.type = 2 AND e.withdrawn = 0 AND e.amends IS NOT NULL
            """, account)
        while try rows.next() {
            let number = Int(rows.integer(0))
            let document = rows.integer(1)
            let own = cases[number].value
            guard !own.invoices.contains(where: { $0.invoice.document == document }),
                !own.namesakes.contains(where: { $0.document == document })
            else { continue }
            cases[number].value.namesakes.append(try other(rows))
        }
    }

    /// Receipts that take back or replace one of these and name another order, or none: without lines, of which none is on this order.
    private mutating func loadReceiptAmendments() throws {
        guard slots.contains(where: { $0.kind == 7 }) else { return }
        let rows = try ScannedRows(
            db,
            """
            SELECT DISTINCT b.number, e.id, e.booking_id, e.place, coalesce(e.number, e.family), e.date, e.received, e.amends, e.issued
            FROM \(Self.documents) CROSS JOIN documents e ON e.account = k.account AND e.family = d.family AND e.id <> d.id
            WHERE d.type = 7 AND d.withdrawn = 0 AND e.type = 7 AND e.withdrawn = 0 AND e.amends IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM order_links o WHERE o.account = k.account AND o.po = b.po AND o.document_id = e.id)
            """, account)
        while try rows.next() {
            cases[Int(rows.integer(0))].value.receipts.append(
                ReceiptFact(
                    document: rows.integer(1), number: rows.text(4), date: rows.day(5),
                    amends: Amendment(rawValue: rows.text(7)), issued: rows.day(8), arrived: Day(number: Int32(clamping: rows.integer(6))),
                    items: [], evidence: try origins.evidence(booking: rows.integer(2), place: rows.integer(3))))
        }
    }

    // MARK: items

    /// In the same order as the documents, so that one walk over both puts each line where it belongs.
    private mutating func loadItems() throws {
        guard !slots.isEmpty else { return }
        let rows = try ScannedRows(
            db,
            """
            SELECT b.number, d.id, d.booking_id, i.place, i.order_key, i.line, i.item, i.quantity, i.unit, i.unit_price, i.text, i.po,
                i.status, i.accepted, i.announced, i.received, i.cancelled, i.remaining, i.damaged, i.short, i.aliases, i.pack
            FROM \(Self.documents) CROSS JOIN items i ON i.document_id = d.id AND i.order_key IN ('', b.po) WHERE \(Self.counted)
            """, account)
        var at = 0
        while try rows.next() {
            let (number, document) = (Int(rows.integer(0)), rows.integer(1))
            while at < slots.count, slots[at].number != number || slots[at].document != document { at += 1 }
            guard at < slots.count else { continue }
            let slot = slots[at]
            if !slot.ownsLines, rows.text(4).isEmpty { continue }
            let item = Self.item(rows, try origins.evidence(booking: rows.integer(2), place: rows.integer(3)), isOrder: slot.kind == 5)
            switch slot.kind {
            case 2: cases[number].value.invoices[slot.index].items.append(item)
            case 5: cases[number].value.orders[slot.index].items.append(item)
            case 6: cases[number].value.shipments[slot.index].items.append(item)
            default: cases[number].value.receipts[slot.index].items.append(item)
            }
        }
        slots = []
    }

    private static func item(_ rows: ScannedRows, _ evidence: Evidence, isOrder: Bool) -> ItemFact {
        func decimal(_ column: Int32) -> ExactDecimal? { rows.isNull(column) ? nil : ExactDecimal(rows.text(column)) }
        var progress: PurchaseOrder.Progress?
        if isOrder, (13...17).contains(where: { !rows.isNull($0) }) {
            progress = PurchaseOrder.Progress(
                accepted: decimal(13), announced: decimal(14), received: decimal(15), cancelled: decimal(16), remaining: decimal(17))
        }
        return ItemFact(
            line: rows.textOrNil(5), item: rows.textOrNil(6), quantity: decimal(7), unit: rows.textOrNil(8), unitPrice: decimal(9),
            pack: decimal(21), text: rows.textOrNil(10), po: rows.textOrNil(11), status: rows.textOrNil(12), progress: progress,
            damaged: decimal(18),
            short: decimal(19), aliases: rows.isNull(20) ? [] : StoredText.tabbed(rows.text(20)), evidence: evidence)
    }

    // MARK: order

    /// By date, then arrival.
    private static func sort(_ loaded: inout Loaded) {
        func isBefore(_ a: (Day?, Day, Int64), _ b: (Day?, Day, Int64)) -> Bool {
            let (x, y) = (a.0 ?? a.1, b.0 ?? b.1)
            return x == y ? a.2 < b.2 : x < y
        }
        loaded.value.orders.sort { isBefore(($0.date, $0.received, $0.document), ($1.date, $1.received, $1.document)) }
        loaded.value.invoices.sort {
            isBefore(
                ($0.invoice.date, $0.invoice.received, $0.invoice.document), ($1.invoice.date, $1.invoice.received, $1.invoice.document))
        }
        loaded.value.namesakes.sort { isBefore(($0.date, $0.received, $0.document), ($1.date, $1.received, $1.document)) }
        loaded.value.receipts.sort { isBefore(($0.date, $0.arrived, $0.document), ($1.date, $1.arrived, $1.document)) }
        loaded.value.shipments.sort { isBefore(($0.date, $0.arrived, $0.document), ($1.date, $1.arrived, $1.document)) }
    }
}

/// Which file a booking is, asked once for each.
struct Origins {
    private let db: Database
    private var known: [Int64: (sha256: String, name: String)] = [:]
    /// The last one looked at: documents of one file follow one another.
    private var last: (booking: Int64, origin: (sha256: String, name: String))?

    init(_ db: Database) { self.db = db }

    mutating func evidence(booking: Int64, place: Int64) throws -> Evidence {
        let origin: (sha256: String, name: String)
        if let last, last.booking == booking {
            origin = last.origin
        } else if let found = known[booking] {
            origin = found
        } else {
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT o.sha256, b.name FROM bookings b JOIN originals o ON o.id = b.original_id WHERE b.id = ?"),
                arguments: [booking])
            origin = (row?[0] ?? "", row?[1] ?? "")
            known[booking] = origin
        }
        last = (booking, origin)
        return Evidence(sha256: origin.sha256, file: origin.name, at: Location(packed: place))
    }
}

extension InvoiceFact {
    /// - Parameters:
    ///   - first: column of the document's id; type, number, date, currency, total, received and place follow two columns on.
    ///   - terms: column of `net_days`; the other terms, tax and the order follow it.
    init(_ rows: ScannedRows, document first: Int32, terms: Int32, _ evidence: Evidence) {
        let number = rows.text(first + 3)
        let stated = PaymentTerms(
            netDays: rows.integerOrNil(terms).map(Int.init), discountPercent: rows.textOrNil(terms + 1).flatMap { ExactDecimal($0) },
            discountDays: rows.integerOrNil(terms + 2).map(Int.init), basis: rows.textOrNil(terms + 3).flatMap(TermsBasis.init(rawValue:)),
            dueDate: rows.day(terms + 4), discountDate: rows.day(terms + 5))
        self.init(
            document: rows.integer(first), key: ReferenceKey.of(number), number: number, date: rows.day(first + 4),
            currency: Currency(packed: UInt32(truncatingIfNeeded: rows.integer(first + 5))), total: rows.integer(first + 6),
            tax: rows.integerOrNil(terms + 6), terms: stated == PaymentTerms() ? nil : stated,
            received: Day(number: Int32(clamping: rows.integer(first + 7))), po: rows.textOrNil(terms + 7), evidence: evidence)
    }
}
