/// One item of an order, an invoice, a receipt or a shipment. Quantities and prices are exact as written.
public struct ItemFact: Hashable, Sendable {
    public var line: String?
    /// As written; compared by ``key``.
    public var item: String? { didSet { key = Self.key(item) } }
    /// Other numbers of the same item, as written: see `ItemLine.aliases`.
    public var aliases: [String]
    /// Ordered, invoiced, received (in good order or not) or shipped, in `unit`.
    public var quantity: ExactDecimal?
    /// X12 element 355, EDIFACT 6411 or a word: `EA`, `CA`.
    public var unit: String?
    /// Per `unit`, in the currency of the document.
    public var unitPrice: ExactDecimal?
    /// Pieces in one case, as the line says: see `ItemLine.pack`.
    public var pack: ExactDecimal?
    /// Pieces in one `unit`, where that is a case and the documents of the order must be compared in pieces: made known by
    /// them together, not read.
    public var pieces: ExactDecimal?
    public var text: String?
    /// The order that the line itself names, as written.
    public var po: String?
    /// Orders: what becomes of the line, as the document writes it.
    public var status: String?
    /// Orders: what a list says has become of it until its day. Snapshots, never to be added up.
    public var progress: PurchaseOrder.Progress?
    /// Receipts: part of `quantity`.
    public var damaged: ExactDecimal?
    /// Receipts: what the buyer says is missing.
    public var short: ExactDecimal?
    public var evidence: Evidence

    /// What items are compared by; empty where the line names none. Kept, for every rule asks for it. That of `item`, until the
    /// documents of the order tell which of its numbers are one item.
    public var key: String

    public init(
        line: String? = nil, item: String? = nil, quantity: ExactDecimal? = nil, unit: String? = nil, unitPrice: ExactDecimal? = nil,
        pack: ExactDecimal? = nil, text: String? = nil, po: String? = nil, status: String? = nil, progress: PurchaseOrder.Progress? = nil,
        damaged: ExactDecimal? = nil, short: ExactDecimal? = nil, aliases: [String] = [], evidence: Evidence
    ) {
        self.line = line
        self.item = item
        self.aliases = aliases
        key = Self.key(item)
        self.quantity = quantity
        self.unit = unit
        self.unitPrice = unitPrice
        self.pack = pack
        self.text = text
        self.po = po
        self.status = status
        self.progress = progress
        self.damaged = damaged
        self.short = short
        self.evidence = evidence
    }

    private static func key(_ item: String?) -> String { item.map { ReferenceKey.of($0) } ?? "" }
}

/// An order, a change to one, or an answer to either, as a rule sees it.
public struct OrderFact: Hashable, Sendable {
    public var document: Int64
    public var number: String
    public var kind: PurchaseOrder.Kind
    public var date: Day?
    public var currency: Currency
    public var status: String?
    /// The order as a whole was cancelled by this document.
    public var isCancelled: Bool
    /// The account's day on which it arrived.
    public var received: Day
    public var items: [ItemFact]
    public var evidence: Evidence
    public init(
        document: Int64, number: String, kind: PurchaseOrder.Kind, date: Day?, currency: Currency, status: String? = nil,
        isCancelled: Bool = false, received: Day, items: [ItemFact], evidence: Evidence
    ) {
        self.document = document
        self.number = number
        self.kind = kind
        self.date = date
        self.currency = currency
        self.status = status
        self.isCancelled = isCancelled
        self.received = received
        self.items = items
        self.evidence = evidence
    }
}

/// What the buyer says it received, as far as it is for one order.
public struct ReceiptFact: Hashable, Sendable {
    public var document: Int64
    public var number: String
    public var date: Day?
    public var shipment: String?
    /// What it does to those of the same number; nil: it stands beside them.
    public var amends: Amendment?
    /// Of the document, where that is not the day on which the goods came.
    public var issued: Day?
    public var arrived: Day
    public var items: [ItemFact]
    public var evidence: Evidence
    public init(
        document: Int64, number: String, date: Day?, shipment: String? = nil, amends: Amendment? = nil, issued: Day? = nil, arrived: Day,
        items: [ItemFact], evidence: Evidence
    ) {
        self.amends = amends
        self.issued = issued
        self.document = document
        self.number = number
        self.date = date
        self.shipment = shipment
        self.arrived = arrived
        self.items = items
        self.evidence = evidence
    }
}

/// What was sent, as far as it is for one order.
public struct ShipmentFact: Hashable, Sendable {
    public var document: Int64
    public var number: String
    public var date: Day?
    public var shipped: Day?
    /// Proof of delivery where it is not an estimate.
    public var delivered: Day?
    public var isDeliveryEstimated: Bool
    public var invoice: String?
    public var arrived: Day
    public var items: [ItemFact]
    public var evidence: Evidence
    public init(
        document: Int64, number: String, date: Day?, shipped: Day?, delivered: Day?, isDeliveryEstimated: Bool = false,
        invoice: String? = nil, arrived: Day, items: [ItemFact], evidence: Evidence
    ) {
        self.document = document
        self.number = number
        self.date = date
        self.shipped = shipped
        self.delivered = delivered
        self.isDeliveryEstimated = isDeliveryEstimated
        self.invoice = invoice
        self.arrived = arrived
        self.items = items
        self.evidence = evidence
    }
}

/// An invoice on an order, with its lines.
public struct OrderInvoiceFact: Hashable, Sendable {
    public var invoice: InvoiceFact
    public var items: [ItemFact]
    public init(invoice: InvoiceFact, items: [ItemFact]) {
        self.invoice = invoice
        self.items = items
    }
}

/// Goods that come back, as a rule sees them.
public struct ReturnFact: Hashable, Sendable {
    public var document: Int64
    public var number: String
    public var notified: Day?
    public var currency: Currency
    /// Minor units, never negative; nil if the document states no prices.
    public var total: Int64?
    public var evidence: Evidence
    public init(document: Int64, number: String, notified: Day?, currency: Currency, total: Int64?, evidence: Evidence) {
        self.document = document
        self.number = number
        self.notified = notified
        self.currency = currency
        self.total = total
        self.evidence = evidence
    }
}

/// What one claim for missing goods takes on one invoice of an order, as the invoice's own case reckons it.
public struct ShortageClaim: Hashable, Sendable {
    /// Key of the order's number.
    public var po: String
    /// Of the invoice's case.
    public var family: String
    /// Key of the invoice's number.
    public var invoice: String
    /// Of the claim's own number, as it was first written.
    public var key: String
    public var reference: String
    /// The invoice's, too.
    public var currency: Currency
    /// The first day on which it took.
    public var date: Day?
    /// What stands under it: minor units, positive.
    public var amount: Int64
    public init(
        po: String, family: String, invoice: String, key: String, reference: String, currency: Currency, date: Day?, amount: Int64
    ) {
        self.po = po
        self.family = family
        self.invoice = invoice
        self.key = key
        self.reference = reference
        self.currency = currency
        self.date = date
        self.amount = amount
    }

    /// By date; the rest only makes the order independent of the order of arrival.
    public static func isBefore(_ a: ShortageClaim, _ b: ShortageClaim) -> Bool {
        let (x, y) = (a.date?.number ?? .max, b.date?.number ?? .max)
        if (x, a.key, a.reference) != (y, b.key, b.reference) { return (x, a.key, a.reference) < (y, b.key, b.reference) }
        return (a.currency, a.family, a.invoice, a.amount) < (b.currency, b.family, b.invoice, b.amount)
    }
}

/// Everything on file under one purchase order number. Withdrawn documents are not in it; the same document that came
/// twice is, twice. Every list is in order of date, then arrival.
public struct OrderCase: Sendable {
    /// Key of the purchase order's number.
    public var key: String
    public var orders: [OrderFact]
    public var invoices: [OrderInvoiceFact]
    public var receipts: [ReceiptFact]
    public var shipments: [ShipmentFact]
    /// Invoices on other orders, or on none, under a number that one of `invoices` has, or that stand for it: of two different ones under
    /// one number the first stays, and one that was replaced bills nothing.
    public var namesakes: [InvoiceFact]
    /// For what is missing, as the cases of the order's invoices were judged last; empty unless several families have one.
    public var claims: [ShortageClaim] = []
    public init(
        key: String, orders: [OrderFact] = [], invoices: [OrderInvoiceFact] = [], receipts: [ReceiptFact] = [],
        shipments: [ShipmentFact] = [], namesakes: [InvoiceFact] = []
    ) {
        self.key = key
        self.orders = orders
        self.invoices = invoices
        self.receipts = receipts
        self.shipments = shipments
        self.namesakes = namesakes
    }
    public var isEmpty: Bool { orders.isEmpty && invoices.isEmpty && receipts.isEmpty && shipments.isEmpty }
}

/// What is on file about the goods behind one family of invoices: for claims, and for terms that count from receipt.
public struct GoodsOnFile: Sendable {
    /// Every purchase order that an invoice or a line of the family names, by key: empty cases where nothing is on file.
    public var orders: [String: OrderCase]
    /// Returns that a line of the family names, by key of the return's number.
    public var returns: [String: ReturnFact]
    /// Chargeback notices whose id or charge (Vendor Central: "Charge Invoice #") a line of the family names, by the line's key.
    public var chargebacks: [String: [Chargeback]]
    public init(orders: [String: OrderCase] = [:], returns: [String: ReturnFact] = [:], chargebacks: [String: [Chargeback]] = [:]) {
        self.orders = orders
        self.returns = returns
        self.chargebacks = chargebacks
    }
}
