import GRDB
import Trade

// Documents about goods, and answers: kept with all they say, for the cases that will be made of them.
extension LedgerSink {
    /// The head of a document. - Returns: its id.
    mutating func add(
        _ type: Int64, _ number: String, _ date: Day?, _ at: Location, currency: Currency = .unstated, total: Int64? = nil,
        po: String? = nil, typeName: String? = nil, amends: Amendment? = nil, issued: Day? = nil
    ) throws(ReadFailure) -> Int64 {
        let (destination, account) = try target(currency: currency)
        let id = nextDocument
        nextDocument += 1
        bindHead(id, account: account, type: type, family: ReferenceKey.of(number), number: number, destination.received, at)
        documentInsert.bind(7, date.map { Int64($0.number) })
        if currency != .unstated { documentInsert.bind(8, Int64(currency.packed)) }
        documentInsert.bind(9, total)
        documentInsert.bind(12, po)
        documentInsert.bind(28, typeName)
        documentInsert.bind(32, amends?.rawValue)
        documentInsert.bind(33, issued.map { Int64($0.number) })
        try run(documentInsert)
        return id
    }

    mutating func add(_ order: PurchaseOrder) throws(ReadFailure) {
        let id = try add(5, order.number, order.date, order.at, currency: order.currency)
        try link(id, to: [ReferenceKey.of(order.number)])
        try goods(
            id,
            [
                "kind": order.kind.rawValue, "status": order.status, "cancelled": order.isCancelled ? 1 : 0,
                "buyer": order.buyer.map(Self.words), "seller": order.seller.map(Self.words), "ship_from": order.shipWindow?.from?.number,
                "ship_to": order.shipWindow?.to?.number, "delivery_from": order.deliveryWindow?.from?.number,
                "delivery_to": order.deliveryWindow?.to?.number,
            ])
        for line in order.lines {
            itemInsert.clear()
            bind(line.item, id)
            itemInsert.bind(10, line.status)
            if let progress = line.progress {
                itemInsert.bind(16, progress.accepted?.description)
                itemInsert.bind(17, progress.announced?.description)
                itemInsert.bind(18, progress.received?.description)
                itemInsert.bind(19, progress.cancelled?.description)
                itemInsert.bind(20, progress.remaining?.description)
            }
            try run(itemInsert)
        }
    }

    mutating func add(_ shipment: Shipment) throws(ReadFailure) {
        let orders = Set(shipment.orders.map { ReferenceKey.of($0) })
        // lines that name no order are the document's, if it is for one
        let po = orders.count == 1 ? shipment.orders.first : nil
        let id = try add(6, shipment.number, shipment.date ?? shipment.shipped, shipment.at, po: po)
        try link(id, to: orders.union(shipment.lines.compactMap { $0.po.map { ReferenceKey.of($0) } }))
        try goods(
            id,
            [
                "invoice": shipment.invoice, "carrier": shipment.carrier, "bill_of_lading": shipment.billOfLading,
                "shipped": shipment.shipped?.number, "delivered": shipment.delivered?.number,
                "is_estimated": shipment.isDeliveryEstimated ? 1 : 0,
            ])
        for po in shipment.orders {
            try execute("INSERT INTO shipment_orders (document_id, po) VALUES (?, ?) ON CONFLICT DO NOTHING", [id, po])
        }
        for line in shipment.lines {
            itemInsert.clear()
            bind(line.item, id)
            bind(order: line.po, unless: po)
            try run(itemInsert)
        }
    }

    mutating func add(_ receipt: Receipt) throws(ReadFailure) {
        let id = try add(
            7, receipt.number, receipt.date, receipt.at, po: receipt.po, amends: receipt.amends, issued: receipt.issued)
        try link(id, to: Set(([receipt.po] + receipt.lines.map(\.po)).compactMap { $0.map { ReferenceKey.of($0) } }))
        if let shipment = receipt.shipment { try goods(id, ["shipment": shipment]) }
        for line in receipt.lines {
            itemInsert.clear()
            bind(
                ItemLine(
                    at: line.at, line: line.line, item: line.item, quantity: line.received, unit: line.unit, pack: line.pack,
                    text: line.text, aliases: line.aliases), id)
            bind(order: line.po, unless: receipt.po)
            itemInsert.bind(11, line.damaged?.description)
            itemInsert.bind(12, line.short?.description)
            itemInsert.bind(13, line.over?.description)
            try run(itemInsert)
        }
    }

    mutating func add(_ goods: GoodsReturn) throws(ReadFailure) {
        let id = try add(8, goods.number, goods.notified, goods.at, currency: goods.currency, total: goods.total, po: goods.po)
        try self.goods(
            id,
            [
                "status": goods.status, "reason": goods.reason, "invoice": goods.invoice, "shipped": goods.shipped?.number,
                "received": goods.received?.number,
            ])
        try insert(goods.lines, document: id)
    }

    mutating func add(_ answer: Answer) throws(ReadFailure) {
        let id = try add(9, answer.number ?? "", answer.date, answer.at, typeName: answer.typeName)
        for subject in answer.subjects {
            try execute(
                """
                INSERT INTO answers (document_id, outcome, type, set_control, group_control, reference, family, reasons, place)
                VALUES (?,?,?,?,?,?,?,?,?)
                """,
                [
                    id, subject.outcome.rawValue, subject.type, subject.set, subject.group, subject.reference,
                    subject.reference.map { ClaimChain(key: ReferenceKey.of($0)).base },
                    JSON.array(subject.reasons.map { .string($0) }).text, subject.at.packed,
                ])
        }
    }

    /// The order that a line names, and its key where it is not the document's.
    private func bind(order po: String?, unless documentPO: String?) {
        itemInsert.bind(9, po)
        guard let key = po.map({ ReferenceKey.of($0) }), key != documentPO.map({ ReferenceKey.of($0) }) else { return }
        itemInsert.bind(21, key)
    }

    private func link(_ document: Int64, to orders: Set<String>) throws(ReadFailure) {
        do { for po in orders { try links.keep(order: po, document, of: account) } } catch { throw .sink(error) }
    }

    private func goods(_ document: Int64, _ columns: KeyValuePairs<String, (any DatabaseValueConvertible)?>) throws(ReadFailure) {
        // always the same few lists of columns, so that the statements are prepared once
        let names = columns.map(\.key).joined(separator: ", ")
        let places = columns.map { _ in ", ?" }.joined()
        try execute("INSERT INTO goods (document_id, \(names)) VALUES (?\(places))", [document] + columns.map(\.value))
    }

    func execute(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws(ReadFailure) {
        do { try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments)) } catch { throw .sink(error) }
    }
}
