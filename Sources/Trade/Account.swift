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
    /// What the whole of a well-formed invoice number matches; nil: none is malformed.
    public var invoicePattern: NumberPattern? = nil
    /// Days on which banks pay; nil: a due date stands on whatever day it falls.
    public var businessDays: BusinessDays? = nil
    /// Deductions that were agreed, in the order of the configuration.
    public var agreements: [Agreement] = []
    /// Percent of the invoiced quantity by which receipts may differ.
    public var quantityTolerance = ExactDecimal(2)
    /// By how much a unit price may differ from the order's.
    public var unitPriceTolerance = ExactDecimal(0)
    /// Days after the last receipt on which an order is judged.
    public var settleDays = 14
    /// Days after its date on which a provision that was not reversed is told.
    public var provisionDays = 14
    /// How lines are put to invoices whose number is on file nowhere, in the order in which the rules are asked; empty: not at all.
    public var matchBy: [PairingRule] = []

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

/// A deduction that was agreed: co-op, allowance, marketing.
public struct Agreement: Hashable, Sendable {
    public enum Size: Hashable, Sendable {
        /// Percent of the value of receipts in the month.
        case percentOfReceipts(ExactDecimal)
        /// Minor units of the account's currency, each month.
        case perMonth(Int64)
    }
    /// The agreement's number as remittances write it.
    public var id: String
    public var account: String
    public var deduction: DeductionClass
    public var size: Size
    /// First and last day on which it holds.
    public var valid: ClosedRange<Day>
    public init(id: String, account: String, deduction: DeductionClass, size: Size, valid: ClosedRange<Day>) {
        self.id = id
        self.account = account
        self.deduction = deduction
        self.size = size
        self.valid = valid
    }
}

extension Agreement {
    /// Its size follows what the buyer received.
    public var isOfReceipts: Bool {
        switch size {
        case .percentOfReceipts: true
        case .perMonth: false
        }
    }
}

extension AccountRules {
    /// Those of the account among `agreements`.
    public var ownAgreements: [Agreement] { agreements.filter { $0.account == id } }
    /// Whether any of them is a percent of what is received.
    public var hasAgreementOfReceipts: Bool { agreements.contains { $0.account == id && $0.isOfReceipts } }
}
