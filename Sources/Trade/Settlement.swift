/// A point in time as a report writes it: with a zone an instant, without one only its day.
public enum Moment: Hashable, Sendable, CustomStringConvertible {
    case day(Day)
    case instant(Instant)

    /// `YYYY-MM-DD`, or RFC 3339 in UTC.
    public var description: String {
        switch self {
        case .day(let day): day.description
        case .instant(let instant): instant.description
        }
    }
}

/// What Amazon settled with a seller over a period: settlement report V1 and V2, or the unified date-range export, in which
/// several settlements stand (FACTS-AMAZON 3). Minor units of `currency`; positive = the seller receives.
public struct Settlement: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        /// `Order`, `Refund`, `Successful charge`, as the report writes it.
        public var type: String?
        public var order: String?
        /// The seller's SKU.
        public var item: String?
        /// What the amount is: `ItemPrice/Principal`, `other fee: StorageFee`.
        public var description: String?
        public var amount: Int64
        public var posted: Moment?
        /// `Released`, `Deferred`, as the report writes it: what is deferred belongs to no settlement yet.
        public var status: String?
        public var at: Location
        public init(
            amount: Int64, at: Location, type: String? = nil, order: String? = nil, item: String? = nil, description: String? = nil,
            posted: Moment? = nil, status: String? = nil
        ) {
            self.amount = amount
            self.at = at
            self.type = type
            self.order = order
            self.item = item
            self.description = description
            self.posted = posted
            self.status = status
        }
    }
    public var id: String
    public var start: Moment?
    public var end: Moment?
    public var deposit: Moment?
    public var currency: Currency
    /// As the report states it; nil where it states none (date-range export).
    public var total: Int64?
    public var marketplace: String?
    public var lines: [Line]
    public var at: Location
    public init(
        id: String, currency: Currency, at: Location, start: Moment? = nil, end: Moment? = nil, deposit: Moment? = nil,
        total: Int64? = nil, marketplace: String? = nil, lines: [Line] = []
    ) {
        self.id = id
        self.currency = currency
        self.at = at
        self.start = start
        self.end = end
        self.deposit = deposit
        self.total = total
        self.marketplace = marketplace
        self.lines = lines
    }
}
