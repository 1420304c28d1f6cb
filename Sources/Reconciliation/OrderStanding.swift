import Trade

/// Where one purchase order stands, item by item.
public struct OrderStanding: Sendable {
    var orderCase: OrderCase
    /// As the order writes it; else the key.
    var number: String
    /// An order is on file, not only an answer or a change to one.
    var isOnFile: Bool
    /// A line of the order names no item: it may be any.
    var hasNamelessLine: Bool
    /// Every item that a document of the order names, by key.
    var items: [String: ItemStanding] = [:]
    /// One for each number, with its lines on this order; not those whose number another invoice had first.
    var invoices: [OrderInvoiceFact]
    /// Date of the latest receipt, or the day on which a list first showed what was received by now.
    var lastReceipt: Day?
    /// A list says how much was received, be it nothing.
    var hasSnapshot = false
    /// No more will come: cancelled, or closed by a list.
    var isClosed = false
    /// By a document, as a whole: nothing was to come.
    var isCancelled = false
    /// Of `invoices`, by the number's key.
    private var indexes: [String: Int] = [:]

    init(_ orderCase: OrderCase) {
        var documents = Self.inOrder(orderCase.orders.filter { $0.kind == .order || $0.kind == .change })
        var orderCase = orderCase
        var unclear: Set<String> = []
        if let named = ItemNames.applied(to: orderCase, documents) {
            (orderCase, documents, unclear) = (named.0, named.1, named.2.unclear)
        }
        if let counted = CasePacks.applied(to: orderCase, documents) { (orderCase, documents) = counted }
        self.orderCase = orderCase
        let orders = documents.filter { $0.kind == .order }
        number = orders.first?.number ?? orderCase.key
        isOnFile = orders.contains { $0.items.contains { !$0.key.isEmpty } }
        hasNamelessLine = documents.contains { $0.items.contains(where: \.key.isEmpty) }
        invoices = Self.counted(orderCase)
        for document in documents { take(document) }
        addSubstitutes()
        for (index, invoice) in invoices.enumerated() {
            indexes[invoice.invoice.key] = index
            for line in invoice.items { add(line, to: \.invoiced, invoice: index) }
        }
        for shipment in Self.delivered(orderCase.shipments) { for line in shipment.items { add(line, to: \.delivered) } }
        for receipt in Receipts.counted(orderCase.receipts) where !receipt.items.isEmpty {
            let day = receipt.date ?? receipt.arrived
            lastReceipt = max(lastReceipt ?? day, day)
            for line in receipt.items { add(line, to: \.received) }
        }
        takeSnapshots(orders)
        for key in unclear { items[key]?.isUnclear = true }
        let ordered = items.values.filter(\.isOrdered)
        isCancelled = Self.isCancelled(documents)
        isClosed = isCancelled || !ordered.isEmpty && ordered.allSatisfy(\.isClosed) && !hasNamelessLine
    }

    /// The invoice of a number that counts on the order.
    func invoice(_ key: String) -> OrderInvoiceFact? { indexes[key].map { invoices[$0] } }

    /// What came is known, or that nothing did: of an order closed without a word on what was received, neither is.
    var isReceiptKnown: Bool { lastReceipt != nil || isCancelled || isClosed && hasSnapshot }

    /// Items in the order of their keys.
    var sortedItems: [ItemStanding] { items.values.sorted { $0.key < $1.key } }

    // MARK: orders

    /// By date, an order before the changes to it; lists, which state what holds on the day they come, by that day. Of equal ones
    /// the content decides, never which of them came first: what leaves something out comes before what states it.
    static func inOrder(_ orders: [OrderFact]) -> [OrderFact] {
        guard orders.count > 1 else { return orders }
        func rank(_ order: OrderFact) -> (Day, Int, Day) {
            let day = order.date ?? order.received
            return (day, order.kind == .order ? 0 : 1, order.items.contains { $0.progress != nil } ? order.received : day)
        }
        let ranked = orders.map { (order: $0, rank: rank($0), content: content($0.items) + [[$0.status ?? "", $0.number]]) }
        return ranked.sorted { a, b in
            if a.rank != b.rank { return a.rank < b.rank }
            if a.content != b.content { return isBefore(a.content, b.content) }
            if a.order.currency != b.order.currency { return a.order.currency < b.order.currency }
            return (a.order.evidence, a.order.document) < (b.order.evidence, b.order.document)
        }.map(\.order)
    }

    /// What lines say, in an order of their own.
    private static func content(_ lines: [ItemFact]) -> [[String]] {
        lines.map { line in
            let price = line.unitPrice.map { WideDecimal($0).description } ?? ""
            let quantity = line.quantity.map { WideDecimal($0).description } ?? ""
            return [line.key, price, quantity, Tally.unit(line.unit), line.status ?? ""]
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func isBefore(_ a: [[String]], _ b: [[String]]) -> Bool {
        a.lexicographicallyPrecedes(b) { $0.lexicographicallyPrecedes($1) }
    }

    /// An order replaces what is known of its items, a change only what it states.
    private mutating func take(_ document: OrderFact) {
        let lines = Dictionary(grouping: document.items.filter { !$0.key.isEmpty }, by: \.key)
        for (key, lines) in lines {
            var item = items[key] ?? ItemStanding(key: key, number: Self.firstNumber(lines))
            item.isOrdered = true
            item.evidence += lines.map(\.evidence)
            if document.kind == .order {
                item.ordered = Self.total(lines)
            } else {
                item.ordered = lines.count == 1 ? Self.ordered(by: lines[0], before: item.ordered) : nil
            }
            let stated = lines.filter { !Self.isDeleted($0) }.compactMap { line -> ItemStanding.Price? in
                // a price of nothing is how a form is filled whose prices are agreed elsewhere
                guard let price = line.unitPrice, price.units > 0 else { return nil }
                return .init(price: price, per: line.priced, unit: line.countedUnit, currency: document.currency)
            }
            if !stated.isEmpty { item.prices = Set(stated).sorted() }
            items[key] = item
        }
    }

    private static func firstNumber(_ lines: [ItemFact]) -> String {
        if lines.count == 1 { return lines[0].item ?? "" }
        // not by a number that another line gives the same item
        let own = lines.filter { ReferenceKey.of($0.item ?? "") == $0.key }
        return (own.isEmpty ? lines : own).compactMap(\.item).min() ?? ""
    }

    private static func total(_ lines: [ItemFact]) -> WideDecimal? {
        var tally = Tally()
        for line in lines { tally.add(line) }
        return tally.isMixed ? nil : tally.sum
    }

    /// X12 670: AI adds an item, DI deletes it, NC changes nothing, QI and QD state a new quantity or a difference, as the
    /// partners agreed: left open. EDIFACT 1229: 1 adds, 2 deletes.
    private static func ordered(by change: ItemFact, before: WideDecimal?) -> WideDecimal? {
        switch change.status {
        case "DI", "2": .zero
        case "NC": before
        case "QI", "QD": nil
        case "AI", "1": before == nil ? change.counted(change.quantity) : nil
        default: change.counted(change.quantity) ?? before
        }
    }

    private static func isDeleted(_ line: ItemFact) -> Bool { line.status == "DI" || line.status == "2" }

    /// An answer that accepts an item with a substitution (X12 668 IS) and names another than the order: it was not ordered,
    /// and is not billed beside the order either.
    private mutating func addSubstitutes() {
        for answer in orderCase.orders where answer.kind == .acknowledgement || answer.kind == .changeAcknowledgement {
            for line in answer.items where line.status == "IS" && !line.key.isEmpty {
                items[line.key, default: ItemStanding(key: line.key, number: line.item ?? "")].isOrdered = true
            }
        }
    }

    /// Cancelled as a whole, and not ordered anew on a later day.
    private static func isCancelled(_ documents: [OrderFact]) -> Bool {
        guard let last = documents.filter(\.isCancelled).map({ $0.date ?? $0.received }).max() else { return false }
        return !documents.contains { $0.kind == .order && !$0.isCancelled && ($0.date ?? $0.received) > last }
    }

    // MARK: invoices

    /// The choice is `NumberedInvoices`'. The same content in another format may lack its lines: the one that has them counts.
    static func counted(_ orderCase: OrderCase) -> [OrderInvoiceFact] {
        var byKey: [String: OrderInvoiceFact] = [:]
        let amendments = InvoiceAmendments(orderCase.invoices.map(\.invoice) + orderCase.namesakes)
        for invoice in orderCase.invoices where amendments.stands(invoice.invoice) {
            if let other = byKey[invoice.invoice.key], !isBefore(invoice, other) { continue }
            byKey[invoice.invoice.key] = invoice
        }
        for namesake in orderCase.namesakes where amendments.stands(namesake) {
            // one that names no order may be the same invoice as a list has it
            guard let own = byKey[namesake.key]?.invoice, NumberedInvoices.areDifferent(namesake, own) else { continue }
            if NumberedInvoices.countsBefore(namesake, own) { byKey[namesake.key] = nil }
        }
        return byKey.values.sorted { $0.invoice.key < $1.invoice.key }.map { invoice in
            var own = invoice
            own.items.removeAll { $0.po.map { ReferenceKey.of($0) != orderCase.key } ?? false }
            return own
        }
    }

    private static func isBefore(_ a: OrderInvoiceFact, _ b: OrderInvoiceFact) -> Bool {
        if a.invoice.date == b.invoice.date, a.invoice.total == b.invoice.total, a.items.count != b.items.count {
            return a.items.count > b.items.count
        }
        return NumberedInvoices.countsBefore(a.invoice, b.invoice)
    }

    // MARK: goods

    private mutating func add(_ line: ItemFact, to tally: WritableKeyPath<ItemStanding, Tally>, invoice: Int? = nil) {
        guard !line.key.isEmpty else { return }
        items[line.key, default: ItemStanding(key: line.key, number: line.item ?? "")].add(line, to: tally, invoice: invoice)
    }

    /// With a proof of delivery: one for each number, the latest.
    static func delivered(_ shipments: [ShipmentFact]) -> [ShipmentFact] {
        func isLater(_ a: ShipmentFact, _ b: ShipmentFact) -> Bool {
            let (x, y) = (a.date ?? a.arrived, b.date ?? b.arrived)
            if x != y { return x > y }
            let (own, other) = (content(a.items), content(b.items))
            if own != other { return isBefore(other, own) }
            return (b.evidence, b.document) < (a.evidence, a.document)
        }
        var byKey: [String: ShipmentFact] = [:]
        for shipment in shipments where shipment.delivered != nil && !shipment.isDeliveryEstimated {
            let key = ReferenceKey.of(shipment.number)
            if let other = byKey[key], !isLater(shipment, other) { continue }
            byKey[key] = shipment
        }
        return byKey.keys.sorted().compactMap { byKey[$0] }
    }

    // MARK: snapshots

    /// What a list says of one item.
    private struct Snapshot {
        var day: Day
        var received = Tally()
        var isClosed = true
    }

    /// Snapshots are never added up: the latest counts, where it says more than the receipts do.
    private mutating func takeSnapshots(_ orders: [OrderFact]) {
        var snapshots: [String: [Snapshot]] = [:]
        for order in orders {
            let lines = Dictionary(grouping: order.items.filter { !$0.key.isEmpty && $0.progress != nil }, by: \.key)
            for (key, lines) in lines {
                var snapshot = Snapshot(day: order.received)
                for line in lines {
                    snapshot.received.add(line.counted(Self.received(line, order)), line.countedUnit)
                    snapshot.isClosed = snapshot.isClosed && Self.isClosed(line, order)
                }
                snapshots[key, default: []].append(snapshot)
            }
        }
        for (key, all) in snapshots {
            let byDay = Dictionary(grouping: all, by: \.day).mapValues { ofDay in
                ofDay.reduce(ofDay[0]) { best, other in
                    var best = best
                    if Self.isMore(other.received, than: best.received) { best.received = other.received }
                    best.isClosed = best.isClosed || other.isClosed
                    return best
                }
            }
            let inOrder = byDay.values.sorted { $0.day < $1.day }
            guard let latest = inOrder.last, var item = items[key] else { continue }
            item.isClosed = latest.isClosed
            if latest.received.sum != nil {
                hasSnapshot = true
                if item.received.isEmpty || Self.isMore(latest.received, than: item.received) {
                    item.received = latest.received
                    let first = inOrder.reversed().prefix { $0.received.sum == latest.received.sum }.last?.day ?? latest.day
                    if latest.received.sum?.isPositive == true { lastReceipt = max(lastReceipt ?? first, first) }
                }
            }
            items[key] = item
        }
    }

    /// Also where the other is not known; never where their units differ.
    private static func isMore(_ a: Tally, than b: Tally) -> Bool {
        guard a.sum != nil, !a.isMixed, b.isEmpty || a.unit == b.unit else { return false }
        guard b.sum != nil else { return true }
        return Tally.comparable(a, b).flatMap { $0.isGreater(than: $1) } ?? false
    }

    /// By the words of the list, in the languages of its portal, or because received and cancelled come to what was ordered.
    private static func isClosed(_ line: ItemFact, _ order: OrderFact) -> Bool {
        if let status = line.status ?? order.status, closedWords.contains(ReferenceKey.of(status)) { return true }
        guard let quantity = line.quantity, quantity.units > 0, let received = received(line, order) else {
            return false
        }
        let done = WideDecimal(received).plus(WideDecimal(line.progress?.cancelled ?? ExactDecimal(0)))
        return done.flatMap { WideDecimal(quantity).isGreater(than: $0) } == false
    }

    /// As the list says; nothing of a line that was cancelled, where it does not say.
    private static func received(_ line: ItemFact, _ order: OrderFact) -> ExactDecimal? {
        guard let progress = line.progress, progress.received == nil else { return line.progress?.received }
        if let status = line.status ?? order.status, cancelledWords.contains(ReferenceKey.of(status)) { return ExactDecimal(0) }
        guard let quantity = line.quantity, quantity.units > 0, let cancelled = progress.cancelled else { return nil }
        return WideDecimal(quantity).isGreater(than: WideDecimal(cancelled)) == false ? ExactDecimal(0) : nil
    }

    private static let cancelledWords: Set<String> = ["CANCELLED", "CANCELED", "STORNIERT", "已取消"]
    private static let closedWords = cancelledWords.union([
        "CLOSED", "COMPLETE", "COMPLETED", "GESCHLOSSEN", "ABGESCHLOSSEN", "已关闭", "已完成",
    ])
}
