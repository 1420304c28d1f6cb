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
        case .shipDate: onFile = shipments(invoice, goods).compactMap(\.shipped).max()
        case .delivery: onFile = shipments(invoice, goods).compactMap { $0.isDeliveryEstimated ? nil : $0.delivered }.max()
        }
        return (onFile ?? invoice.date, onFile == nil)
    }

    private static func order(_ invoice: InvoiceFact, _ goods: GoodsOnFile?) -> OrderCase? {
        invoice.po.flatMap { goods?.orders[ReferenceKey.of($0)] }
    }

    /// Of the invoice's order; only those that name the invoice, if any does.
    private static func shipments(_ invoice: InvoiceFact, _ goods: GoodsOnFile?) -> [ShipmentFact] {
        let all = order(invoice, goods)?.shipments ?? []
        let own = all.filter { $0.invoice.map { ReferenceKey.of($0) == invoice.key } ?? false }
        return own.isEmpty ? all : own
    }

    /// The last one of the invoice's order; only those of the invoice's own shipments, if a receipt names one.
    private static func receipt(_ invoice: InvoiceFact, _ goods: GoodsOnFile?) -> Day? {
        guard let order = order(invoice, goods) else { return nil }
        let shipments = Set(
            order.shipments.filter { $0.invoice.map { ReferenceKey.of($0) == invoice.key } ?? false }.map { ReferenceKey.of($0.number) })
        let own = order.receipts.filter { $0.shipment.map { shipments.contains(ReferenceKey.of($0)) } ?? false }
        return (own.isEmpty ? order.receipts : own).compactMap(\.date).max()
    }
}
