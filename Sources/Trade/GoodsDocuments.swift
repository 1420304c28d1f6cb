/// First and last day of a window; one of them may be missing.
public struct DayWindow: Hashable, Sendable {
    public var from: Day?
    public var to: Day?
    public init(from: Day? = nil, to: Day? = nil) {
        self.from = from
        self.to = to
    }
}

/// A purchase order, a change to one, or what a supplier answers to either (X12 850, 860, 855, 865; ORDERS, ORDCHG, ORDRSP).
public struct PurchaseOrder: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case order, change, acknowledgement
        case changeAcknowledgement = "change_acknowledgement"
    }
    /// One item, and in a change or an answer what becomes of it.
    public struct Line: Hashable, Sendable {
        public var item: ItemLine
        /// As the document writes it: X12 670 (change), 668 (line item status), EDIFACT 1229 (action).
        public var status: String?
        /// What has become of it until the day of the list (Vendor Central's purchase-order items): snapshots, never to be added up.
        public var progress: Progress?
        public init(item: ItemLine, status: String? = nil, progress: Progress? = nil) {
            self.item = item
            self.status = status
            self.progress = progress
        }
    }
    /// Units of one line; exact as written.
    public struct Progress: Hashable, Sendable {
        public var accepted: ExactDecimal?
        /// On shipping notices.
        public var announced: ExactDecimal?
        public var received: ExactDecimal?
        public var cancelled: ExactDecimal?
        public var remaining: ExactDecimal?
        public init(
            accepted: ExactDecimal? = nil, announced: ExactDecimal? = nil, received: ExactDecimal? = nil, cancelled: ExactDecimal? = nil,
            remaining: ExactDecimal? = nil
        ) {
            self.accepted = accepted
            self.announced = announced
            self.received = received
            self.cancelled = cancelled
            self.remaining = remaining
        }
    }
    public var kind: Kind
    public var number: String
    public var date: Day?
    public var currency: Currency
    /// As the document writes it: X12 353 (purpose) or 587 (acknowledgement type), EDIFACT 1225 (message function).
    public var status: String?
    /// The order as a whole was cancelled by this document.
    public var isCancelled: Bool
    public var buyer: Party?
    public var seller: Party?
    public var shipWindow: DayWindow?
    public var deliveryWindow: DayWindow?
    public var lines: [Line]
    public var at: Location
    public init(
        kind: Kind, number: String, currency: Currency, at: Location, date: Day? = nil, status: String? = nil, isCancelled: Bool = false,
        buyer: Party? = nil, seller: Party? = nil, shipWindow: DayWindow? = nil, deliveryWindow: DayWindow? = nil, lines: [Line] = []
    ) {
        self.kind = kind
        self.number = number
        self.currency = currency
        self.at = at
        self.date = date
        self.status = status
        self.isCancelled = isCancelled
        self.buyer = buyer
        self.seller = seller
        self.shipWindow = shipWindow
        self.deliveryWindow = deliveryWindow
        self.lines = lines
    }
}

/// What was sent, as the supplier announced it (X12 856, 857; DESADV).
public struct Shipment: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        /// Item, quantity shipped, unit.
        public var item: ItemLine
        public var po: String?
        public init(item: ItemLine, po: String? = nil) {
            self.item = item
            self.po = po
        }
    }
    public var number: String
    /// Of the notice itself.
    public var date: Day?
    public var shipped: Day?
    /// Delivered, or estimated to be: `isDeliveryEstimated`.
    public var delivered: Day?
    public var isDeliveryEstimated: Bool
    public var carrier: String?
    public var billOfLading: String?
    public var invoice: String?
    public var orders: [String]
    public var lines: [Line]
    public var at: Location
    public init(
        number: String, at: Location, date: Day? = nil, shipped: Day? = nil, delivered: Day? = nil, isDeliveryEstimated: Bool = false,
        carrier: String? = nil, billOfLading: String? = nil, invoice: String? = nil, orders: [String] = [], lines: [Line] = []
    ) {
        self.number = number
        self.at = at
        self.date = date
        self.shipped = shipped
        self.delivered = delivered
        self.isDeliveryEstimated = isDeliveryEstimated
        self.carrier = carrier
        self.billOfLading = billOfLading
        self.invoice = invoice
        self.orders = orders
        self.lines = lines
    }
}

/// What a document says it does to an earlier one of its number (X12 element 353 01, 04, 05; EDIFACT 1225 1, 4, 5).
public enum Amendment: String, Hashable, Sendable, CaseIterable {
    case cancellation
    /// What it states of an item stands in place of what was stated of that item.
    case change
    case replacement

    /// - Parameter code: X12 element 353 or EDIFACT 1225, without leading zeros; packed big-endian.
    /// - Returns: nil for an original, a copy, or whatever else stands beside what was sent before.
    public init?(code: UInt32) {
        switch code {
        case 0x31, 0x30_31: self = .cancellation
        case 0x34, 0x30_34: self = .change
        case 0x35, 0x30_35: self = .replacement
        default: return nil
        }
    }
}

/// What the buyer says it received (X12 861; RECADV). Quantities are exact as written, and never negative.
public struct Receipt: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public var line: String?
        public var item: String?
        public var po: String?
        public var unit: String?
        /// In good order or not: all that came.
        public var received: ExactDecimal?
        public var damaged: ExactDecimal?
        public var short: ExactDecimal?
        public var over: ExactDecimal?
        public var text: String?
        /// See `ItemLine.aliases`.
        public var aliases: [String]
        /// See `ItemLine.pack`.
        public var pack: ExactDecimal?
        public var at: Location
        public init(
            at: Location, line: String? = nil, item: String? = nil, po: String? = nil, unit: String? = nil, received: ExactDecimal? = nil,
            damaged: ExactDecimal? = nil, short: ExactDecimal? = nil, over: ExactDecimal? = nil, text: String? = nil,
            aliases: [String] = [], pack: ExactDecimal? = nil
        ) {
            self.at = at
            self.pack = pack
            self.line = line
            self.item = item
            self.po = po
            self.unit = unit
            self.received = received
            self.damaged = damaged
            self.short = short
            self.over = over
            self.text = text
            self.aliases = aliases
        }
    }
    public var number: String
    public var date: Day?
    /// What it does to those of the same number; nil: it stands beside them.
    public var amends: Amendment?
    /// Of the document, where that is not the day on which the goods came.
    public var issued: Day?
    public var po: String?
    public var shipment: String?
    public var lines: [Line]
    public var at: Location
    public init(
        number: String, at: Location, date: Day? = nil, amends: Amendment? = nil, issued: Day? = nil, po: String? = nil,
        shipment: String? = nil, lines: [Line] = []
    ) {
        self.number = number
        self.at = at
        self.amends = amends
        self.issued = issued
        self.date = date
        self.po = po
        self.shipment = shipment
        self.lines = lines
    }
}

/// Goods that come back, or are announced to (X12 180).
public struct GoodsReturn: Hashable, Sendable {
    public var number: String
    public var notified: Day?
    public var shipped: Day?
    public var received: Day?
    /// As the document writes it (X12 element 1292, 1293).
    public var reason: String?
    public var status: String?
    public var currency: Currency
    /// Minor units, never negative; nil if the document states no prices.
    public var total: Int64?
    public var po: String?
    public var invoice: String?
    public var lines: [ItemLine]
    public var at: Location
    public init(
        number: String, currency: Currency, at: Location, notified: Day? = nil, shipped: Day? = nil, received: Day? = nil,
        reason: String? = nil, status: String? = nil, total: Int64? = nil, po: String? = nil, invoice: String? = nil, lines: [ItemLine] = []
    ) {
        self.number = number
        self.currency = currency
        self.at = at
        self.notified = notified
        self.shipped = shipped
        self.received = received
        self.reason = reason
        self.status = status
        self.total = total
        self.po = po
        self.invoice = invoice
        self.lines = lines
    }
}

/// What a partner's machine says of something it was sent (X12 997, 999, 824; CONTRL, APERAK). Canonical type `other`.
public struct Answer: Hashable, Sendable {
    public enum Outcome: String, Sendable, CaseIterable { case accepted, partial, rejected }
    /// One thing that is answered: a group, a transaction set, or a document by its number.
    public struct Subject: Hashable, Sendable {
        public var outcome: Outcome
        /// `810`, `INVOIC`, or a functional group's code such as `IN`.
        public var type: String?
        /// Control number of the set or message that is answered; nil if it is the group or the interchange as a whole.
        public var set: String?
        /// Control number of the group it was in; of the interchange where there is no group (CONTRL).
        public var group: String?
        /// The document's own number (invoice, purchase order), where the answer names it (824 OTI03, APERAK RFF).
        public var reference: String?
        /// What is wrong, in the sender's code and words.
        public var reasons: [String]
        public var at: Location
        public init(
            outcome: Outcome, at: Location, type: String? = nil, set: String? = nil, group: String? = nil, reference: String? = nil,
            reasons: [String] = []
        ) {
            self.outcome = outcome
            self.at = at
            self.type = type
            self.set = set
            self.group = group
            self.reference = reference
            self.reasons = reasons
        }
    }
    /// `x12/997`, `edifact/APERAK`, …
    public var typeName: String
    public var number: String?
    public var date: Day?
    /// The worst of its subjects'.
    public var outcome: Outcome
    public var subjects: [Subject]
    public var at: Location
    public init(typeName: String, outcome: Outcome, at: Location, number: String? = nil, date: Day? = nil, subjects: [Subject] = []) {
        self.typeName = typeName
        self.outcome = outcome
        self.at = at
        self.number = number
        self.date = date
        self.subjects = subjects
    }
}
