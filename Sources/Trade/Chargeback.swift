/// A chargeback as a retailer's notice or list shows it (Vendor Central: Operational Performance; FACTS-AMAZON 1.4).
public struct Chargeback: Hashable, Sendable {
    /// The sender's own id ("Issue ID").
    public var id: String
    /// Of the notice.
    public var date: Day?
    public var category: String?
    public var subType: String?
    public var po: String?
    public var invoice: String?
    public var shipment: String?
    public var item: String?
    public var quantity: ExactDecimal?
    /// Minor units of `currency`, positive: what is charged.
    public var amount: Int64
    public var currency: Currency
    /// As the list writes it: `Charged`, `Disputed`, `Waived`.
    public var status: String?
    /// The sender's own deadline for a dispute.
    public var disputeBy: Day?
    public var vendor: String?
    public var at: Location
    public init(
        id: String, amount: Int64, currency: Currency, at: Location, date: Day? = nil, category: String? = nil, subType: String? = nil,
        po: String? = nil, invoice: String? = nil, shipment: String? = nil, item: String? = nil, quantity: ExactDecimal? = nil,
        status: String? = nil, disputeBy: Day? = nil, vendor: String? = nil
    ) {
        self.id = id
        self.amount = amount
        self.currency = currency
        self.at = at
        self.date = date
        self.category = category
        self.subType = subType
        self.po = po
        self.invoice = invoice
        self.shipment = shipment
        self.item = item
        self.quantity = quantity
        self.status = status
        self.disputeBy = disputeBy
        self.vendor = vendor
    }
}
