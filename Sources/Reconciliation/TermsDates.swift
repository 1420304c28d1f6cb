import Trade

/// The days that the terms of one invoice come to: its own before the account's, each group of fields by itself.
struct TermsDates {
    var due: Day?
    /// What the terms say where a stated due date overrules them.
    var dueByTerms: Day?
    /// The due date before it was moved to a business day.
    var dueBeforeShift: Day?
    /// The days are counted from a date that is not on file: from the invoice date instead.
    var dueIsAssumed = false
    /// The last day on which a discount may be taken; nil where none is agreed.
    var discount: Day?
    var discountPercent: ExactDecimal?
    var discountIsAssumed = false

    /// Terms of more days are a mistake of the document; they state none then.
    private static let longest = 3650

    init(_ invoice: InvoiceFact, _ account: AccountRules, _ goods: GoodsOnFile?) {
        self.init(dueOf: invoice, account, goods)
        let terms = Self.discountTerms(invoice, account)
        discountPercent = terms?.discountPercent
        if let stated = terms?.discountDate {
            discount = stated
        } else if let days = Self.bounded(terms?.discountDays) {
            let basis = Self.basis(terms?.basis, invoice, goods)
            (discount, discountIsAssumed) = (basis.day.map { $0 + days }, basis.isAssumed)
        }
        if discountPercent == nil { discount = nil }
    }

    /// Only what concerns the due date.
    init(dueOf invoice: InvoiceFact, _ account: AccountRules, _ goods: GoodsOnFile?) {
        var byTerms: Day?
        var isAssumed = false
        let terms = Self.dueTerms(invoice, account)
        if let net = Self.bounded(terms?.netDays) {
            let basis = Self.basis(terms?.basis, invoice, goods)
            (byTerms, isAssumed) = (basis.day.map { $0 + net }, basis.isAssumed)
        }
        due = byTerms
        dueIsAssumed = isAssumed && byTerms != nil
        if let stated = invoice.terms?.dueDate { (due, dueByTerms, dueIsAssumed) = (stated, byTerms, false) }
        if let day = due, let shifted = account.businessDays?.shifted(day), shifted != day { (due, dueBeforeShift) = (shifted, day) }
    }

    /// The account's, where the invoice's own say no days.
    private static func dueTerms(_ invoice: InvoiceFact, _ account: AccountRules) -> PaymentTerms? {
        invoice.terms?.netDays == nil ? account.terms : invoice.terms
    }

    /// Own terms without a discount grant none; a mere due date (a list has no more) is no terms.
    private static func discountTerms(_ invoice: InvoiceFact, _ account: AccountRules) -> PaymentTerms? {
        guard let own = invoice.terms else { return account.terms }
        let saysNothing = own.netDays == nil && own.discountPercent == nil && own.discountDays == nil && own.discountDate == nil
        return saysNothing ? account.terms : own
    }

    private static func bounded(_ days: Int?) -> Int? { days.flatMap { (0...longest).contains($0) ? $0 : nil } }

    /// Whether a date of the terms counts from what happened to the goods.
    static func needGoods(_ invoice: InvoiceFact, _ account: AccountRules) -> Bool {
        countsFromGoods(dueTerms(invoice, account)?.basis) || countsFromGoods(discountTerms(invoice, account)?.basis)
    }

    private static func countsFromGoods(_ basis: TermsBasis?) -> Bool {
        switch basis {
        case .shipDate, .delivery, .receipt, .laterOfInvoiceAndReceipt: true
        case .invoiceDate, .endOfMonth, nil: false
        }
    }

    // MARK: basis

    /// The day that days are counted from; the invoice date, and said to be assumed, where what they count from is not on file.
    private static func basis(_ basis: TermsBasis?, _ invoice: InvoiceFact, _ goods: GoodsOnFile?) -> (day: Day?, isAssumed: Bool) {
        let onFile: Day?
        switch basis {
        case .invoiceDate, nil: return (invoice.date, false)
        case .endOfMonth: return (invoice.date?.endOfMonth, false)
        case .receipt: onFile = receipt(invoice, goods)
        case .laterOfInvoiceAndReceipt: onFile = receipt(invoice, goods).map { max($0, invoice.date ?? $0) }
        case .shipDate: onFile = shipments(invoice, goods, \.shipped)
        case .delivery: onFile = shipments(invoice, goods, \.proven)
        }
        return (onFile ?? invoice.date, onFile == nil)
    }

    private static func order(_ invoice: InvoiceFact, _ goods: GoodsOnFile?) -> OrderCase? {
        guard let order = invoice.po.flatMap({ goods?.orders[ReferenceKey.of($0)] }) else { return nil }
        let documents = OrderStanding.inOrder(order.orders.filter { $0.kind == .order || $0.kind == .change })
        let named = ItemNames.applied(to: order, documents)
        return CasePacks.applied(to: named?.0 ?? order, named?.1 ?? documents)?.0 ?? named?.0 ?? order
    }

    /// The last of the shipments that are for the invoice.
    private static func shipments(_ invoice: InvoiceFact, _ goods: GoodsOnFile?, _ day: (ShipmentFact) -> Day?) -> Day? {
        guard let order = order(invoice, goods) else { return nil }
        return GoodsMoves(
            order.shipments.compactMap { shipment in
                day(shipment).map { .init(day: $0, invoice: shipment.invoice.map { ReferenceKey.of($0) }, items: shipment.items) }
            }
        ).day(of: invoice, order)
    }

    /// The last of the receipts that are for the invoice.
    private static func receipt(_ invoice: InvoiceFact, _ goods: GoodsOnFile?) -> Day? {
        guard let order = order(invoice, goods) else { return nil }
        var named: [String: String] = [:]
        for shipment in order.shipments {
            guard let invoice = shipment.invoice.map({ ReferenceKey.of($0) }) else { continue }
            // of one shipment for several invoices it is not known which part is whose, except of the one that is asked for
            let key = ReferenceKey.of(shipment.number)
            named[key] = named[key].map { max($0, invoice) } ?? invoice
        }
        let own = Set(
            order.shipments.filter { $0.invoice.map { ReferenceKey.of($0) == invoice.key } ?? false }.map { ReferenceKey.of($0.number) })
        return GoodsMoves(
            Receipts.counted(order.receipts).compactMap { receipt in
                let shipment = receipt.shipment.map { ReferenceKey.of($0) }
                let isOwn = shipment.map { own.contains($0) } ?? false
                return receipt.date.map {
                    .init(day: $0, invoice: isOwn ? invoice.key : shipment.flatMap { named[$0] }, items: receipt.items)
                }
            }
        ).day(of: invoice, order)
    }
}

extension ShipmentFact {
    /// The day of delivery, where it is not an estimate.
    fileprivate var proven: Day? { isDeliveryEstimated ? nil : delivered }
}

/// Receipts, or shipments, of one order: which day is that of one of its invoices.
private struct GoodsMoves {
    struct Move {
        var day: Day
        /// Key of the invoice that it is for, where a document says so.
        var invoice: String?
        var items: [ItemFact]
    }
    private let moves: [Move]

    init(_ moves: [Move]) { self.moves = moves }

    /// The last of those that are said to be the invoice's. Else the one that completes what was invoiced up to and including it,
    /// in order of invoice date, or the last that brought any of it: what is short comes no more. Where quantities do not tell, the
    /// first on or after the invoice's date, else the last before it.
    /// - Returns: nil where nothing is on file that came for this invoice.
    func day(of invoice: InvoiceFact, _ order: OrderCase) -> Day? {
        let own = moves.filter { $0.invoice == invoice.key }
        if let last = own.map(\.day).max() { return last }
        guard !moves.isEmpty else { return nil }
        let invoices = OrderStanding.counted(order)
        let others = Set(invoices.map(\.invoice.key))
        let free = moves.filter { $0.invoice.map { !others.contains($0) } ?? true }
        let served = Set(moves.compactMap(\.invoice))
        let ordered = Set(order.orders.flatMap(\.items).map(\.key))
        switch Self.arrival(of: invoice, invoices.filter { !served.contains($0.invoice.key) }, free, ordered) {
        case .day(let day): return day
        case .none: return nil
        case .unknown: return Self.nearest(to: invoice.date, free)
        }
    }

    private static func nearest(to date: Day?, _ moves: [Move]) -> Day? {
        guard let date else { return moves.map(\.day).min() }
        return moves.map(\.day).filter { $0 >= date }.min() ?? moves.map(\.day).max()
    }

    private enum Arrival {
        case day(Day)
        /// What came was other goods, or is what earlier invoices bill.
        case none
        /// Quantities do not tell.
        case unknown
    }

    /// - Parameters:
    ///   - invoices: of the order, those that no move is said to be for.
    ///   - ordered: items of the order itself; with those of the invoices they show whether moves name items in the same way.
    private static func arrival(
        of invoice: InvoiceFact, _ invoices: [OrderInvoiceFact], _ moves: [Move], _ ordered: Set<String>
    ) -> Arrival {
        guard let own = invoices.first(where: { $0.invoice.key == invoice.key }), !own.items.isEmpty else { return .unknown }
        func rank(_ fact: InvoiceFact) -> (Int32, String) { (fact.date?.number ?? .max, fact.key) }
        var earlier: [String: Tally] = [:]
        for line in own.items { earlier[line.key] = Tally() }
        for other in invoices where rank(other.invoice) < rank(own.invoice) {
            for line in other.items { earlier[line.key]?.add(line) }
        }
        var needed = earlier
        for line in own.items { needed[line.key]?.add(line) }
        guard own.items.allSatisfy({ !$0.key.isEmpty }), needed.values.allSatisfy({ !$0.isMixed && $0.sum != nil }) else { return .unknown }
        let named = ordered.union(invoices.flatMap(\.items).map(\.key))
        guard moves.contains(where: { $0.items.contains { !$0.key.isEmpty && named.contains($0.key) } }) else { return .unknown }
        var came: [String: Tally] = [:]
        var latest: [String: Day] = [:]
        for move in moves.sorted(by: { $0.day < $1.day }) {
            for line in move.items {
                guard let need = needed[line.key], let used = earlier[line.key] else { continue }
                let before = came[line.key] ?? Tally()
                if let (had, all) = Tally.comparable(before, need), all.isGreater(than: had) == false, latest[line.key] != nil { continue }
                came[line.key, default: Tally()].add(line)
                guard let now = came[line.key], let (has, taken) = Tally.comparable(now, used), Tally.comparable(now, need) != nil else {
                    return .unknown
                }
                if has.isGreater(than: taken) == true { latest[line.key] = move.day }
            }
        }
        if let last = latest.values.max() { return .day(last) }
        // what came without a list of items may be anything
        return moves.contains { $0.items.isEmpty || $0.items.contains(where: \.key.isEmpty) } ? .unknown : .none
    }
}
