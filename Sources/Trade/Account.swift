/// A dispute window for a class of deduction.
public struct DisputeWindow: Hashable, Sendable {
    public enum Basis: String, Sendable, CaseIterable {
        case dueDate = "due_date"
        case notice
        case deduction
    }
    public var days: Int
    public var from: Basis
    public var tries: Int
    public init(days: Int, from: Basis, tries: Int = 1) {
        self.days = days
        self.from = from
        self.tries = tries
    }
}

/// What the discount percent is taken of.
public enum DiscountBase: String, Sendable, CaseIterable {
    case total
    case netOfTax = "net_of_tax"
}

/// Everything the rules need to know of one account: the configuration, without its syntax.
public struct AccountRules: Hashable, Sendable {
    public var id: String
    /// ISO 3166 code: `US`, `DE`, `UK` (as Amazon writes it).
    public var marketplace: String
    public var currency: Currency
    public var terms: PaymentTerms?
    public var discountBase: DiscountBase
    /// IANA name; the account's days are this zone's.
    public var timeZone: String
    /// Documents and findings dated before it are silent.
    public var opening: Day?
    /// Interchange and vendor ids that route a document here.
    public var matches: [String]
    /// Shapes of numbers beyond Amazon's grammar, in the order in which they are asked.
    public var references: [ReferencePattern] = []
    public var graceDays: Int
    /// Ascending.
    public var lateLevels: [Int]
    /// Minor units by currency; other currencies: five minor units.
    public var tolerance: [Currency: Int64]
    public var unmatchedDays: Int
    public var windows: [DeductionClass: DisputeWindow]

    public init(
        id: String, marketplace: String, currency: Currency, timeZone: String, terms: PaymentTerms? = nil,
        discountBase: DiscountBase = .total, opening: Day? = nil, matches: [String] = [], graceDays: Int = 3,
        lateLevels: [Int] = [1, 7, 30], tolerance: [Currency: Int64] = [:], unmatchedDays: Int = 3,
        windows: [DeductionClass: DisputeWindow] = AccountRules.standardWindows
    ) {
        self.id = id
        self.marketplace = marketplace
        self.currency = currency
        self.timeZone = timeZone
        self.terms = terms
        self.discountBase = discountBase
        self.opening = opening
        self.matches = matches
        self.graceDays = graceDays
        self.lateLevels = lateLevels
        self.tolerance = tolerance
        self.unmatchedDays = unmatchedDays
        self.windows = windows
    }

    /// The defaults of the contract's `deadlines`.
    public static let standardWindows: [DeductionClass: DisputeWindow] = [
        .shortage: DisputeWindow(days: 30, from: .dueDate),
        .price: DisputeWindow(days: 30, from: .dueDate),
        .chargeback: DisputeWindow(days: 30, from: .notice, tries: 2),
        .return: DisputeWindow(days: 60, from: .deduction),
        .other: DisputeWindow(days: 60, from: .deduction),
    ]

    /// A difference of exactly this much passes.
    public func tolerance(in currency: Currency) -> Int64 { tolerance[currency] ?? 5 }
}
