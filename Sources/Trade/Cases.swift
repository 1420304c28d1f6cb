/// An invoice of ours as a rule sees it. Amounts are minor units of `currency`.
public struct InvoiceFact: Hashable, Sendable {
    public var document: Int64
    public var key: String
    public var number: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64
    public var tax: Int64?
    public var terms: PaymentTerms?
    /// The account's day on which it arrived.
    public var received: Day
    /// The purchase order that it names, as written.
    public var po: String?
    /// What it does to an earlier invoice; nil: nothing.
    public var amends: Amendment?
    /// Key of the number that it amends; nil: its own.
    public var amended: String?
    /// It was cancelled, or another one stands for it: it asks for nothing, and `total` is 0.
    public var isVoid = false
    public var evidence: Evidence
    public init(
        document: Int64, key: String, number: String, date: Day?, currency: Currency, total: Int64, tax: Int64?,
        terms: PaymentTerms?, received: Day, po: String? = nil, amends: Amendment? = nil, amended: String? = nil, evidence: Evidence
    ) {
        self.amends = amends
        self.amended = amended
        self.document = document
        self.key = key
        self.number = number
        self.date = date
        self.currency = currency
        self.total = total
        self.tax = tax
        self.terms = terms
        self.received = received
        self.po = po
        self.evidence = evidence
    }
}

/// A memo that we granted or were granted. `total` as in `Memo`: negative when we grant it.
public struct MemoFact: Hashable, Sendable {
    public var document: Int64
    public var key: String
    public var number: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64
    /// Family of the invoice it names, if any.
    public var family: String?
    /// Key of that invoice's number as the memo gives it; nil where only its family was kept.
    public var invoice: String?
    /// A debit memo. A negative one is a claim of theirs and no credit that we granted.
    public var isDebit = false
    /// The class that its lines state, if they agree on one.
    public var deduction: DeductionClass?
    public var evidence: Evidence
    public init(
        document: Int64, key: String, number: String, date: Day?, currency: Currency, total: Int64, family: String?,
        invoice: String? = nil, isDebit: Bool = false, deduction: DeductionClass? = nil, evidence: Evidence
    ) {
        self.document = document
        self.key = key
        self.number = number
        self.date = date
        self.currency = currency
        self.total = total
        self.family = family
        self.invoice = invoice
        self.isDebit = isDebit
        self.deduction = deduction
        self.evidence = evidence
    }
}

/// A line, or an adjustment beside the lines, of a payment that stands and is not voided.
public struct LineFact: Hashable, Sendable {
    public var document: Int64
    public var reference: String
    public var key: String
    public var type: ReferenceType
    public var role: LineRole
    public var deduction: DeductionClass?
    public var payment: String
    public var paymentDate: Day?
    /// The account's day on which the remittance arrived.
    public var received: Day
    public var currency: Currency
    /// Payment currency ÷ line currency as the remittance states it.
    public var exchangeRate: ExactDecimal?
    public var gross: Int64?
    public var discount: Int64
    public var net: Int64
    /// Adjustments inside the line (already part of `net`).
    public var adjustments: [AdjustmentFact]
    public var text: String?
    /// A document-level adjustment rather than a line.
    public var isAdjustment: Bool
    /// Of the line's own document: an invoice, a claim, an agreement's bill.
    public var documentDate: Day?
    /// The purchase order and the return that the line names, as written.
    public var po: String?
    public var returnNumber: String?
    /// It stands under the number of a memo that names the family, and is loaded there too.
    public var isOfOtherFamily = false
    /// Where its claim is judged, if the documents of its number say so: here, or in another family's case. Nil: in its own
    /// family's.
    public var isNamedHere: Bool?
    /// Whether its claim is judged in this case: each line's is in one.
    public var isJudgedHere: Bool { isNamedHere ?? !isOfOtherFamily }
    /// Of its row in the ledger.
    public var id: Int64 = 0
    /// The invoice of this family to which a rule put it; its own number is another one's.
    public var pairing: Pairing?
    public var evidence: Evidence
    public init(
        document: Int64, reference: String, key: String, type: ReferenceType, role: LineRole,
        deduction: DeductionClass?, payment: String, paymentDate: Day?, received: Day, currency: Currency,
        exchangeRate: ExactDecimal?, gross: Int64?, discount: Int64, net: Int64, adjustments: [AdjustmentFact],
        text: String?, isAdjustment: Bool, documentDate: Day? = nil, po: String? = nil, returnNumber: String? = nil,
        evidence: Evidence
    ) {
        self.document = document
        self.reference = reference
        self.key = key
        self.type = type
        self.role = role
        self.deduction = deduction
        self.payment = payment
        self.paymentDate = paymentDate
        self.received = received
        self.currency = currency
        self.exchangeRate = exchangeRate
        self.gross = gross
        self.discount = discount
        self.net = net
        self.adjustments = adjustments
        self.text = text
        self.isAdjustment = isAdjustment
        self.documentDate = documentDate
        self.po = po
        self.returnNumber = returnNumber
        self.evidence = evidence
    }
}

/// An adjustment inside a line.
public struct AdjustmentFact: Hashable, Sendable {
    public var reference: String
    public var deduction: DeductionClass
    public var amount: Int64
    public init(reference: String, deduction: DeductionClass, amount: Int64) {
        self.reference = reference
        self.deduction = deduction
        self.amount = amount
    }
}

/// Everything on file about one family of invoice numbers: what `ClaimChain.base` calls the same.
public struct InvoiceCase: Sendable {
    public var family: String
    /// In order of date, then arrival; amended and duplicate ones included.
    public var invoices: [InvoiceFact]
    /// Invoices of other families that stand for one of these.
    public var corrections: [InvoiceFact] = []
    /// Memos that name an invoice of the family, or that have a number of it.
    public var memos: [MemoFact]
    /// Lines of the family and lines that apply one of `memos`.
    public var lines: [LineFact]
    /// Latest payment date of any remittance booked for the account.
    public var knownUntil: Day?
    /// What else is on file about the goods; nil where the rules did not ask for it (`Rules.needsGoods`).
    public var goods: GoodsOnFile?
    /// What the account's buyer received, by the first day of each month; absent months have no receipt on file. Nil where it was not
    /// asked for: the family is of no agreement about a percent of receipts.
    public var receiptsByMonth: [Day: MonthReceipts]?
    public init(family: String, invoices: [InvoiceFact] = [], memos: [MemoFact] = [], lines: [LineFact] = [], knownUntil: Day? = nil) {
        self.family = family
        self.invoices = invoices
        self.memos = memos
        self.lines = lines
        self.knownUntil = knownUntil
    }
}

/// What was received in one month, or what of it is for one order.
public struct MonthReceipts: Hashable, Sendable {
    /// First day of the month.
    public var month: Day
    /// Ten-thousandths of a minor unit of the account's currency: unit prices have decimals of their own, and nothing is rounded
    /// before the month is summed. Nil: out of range.
    public var value: Int128?
    /// Lines of receipts for which no price is on file; they count nothing.
    public var unpriced: Int
    public init(month: Day, value: Int128?, unpriced: Int = 0) {
        self.month = month
        self.value = value
        self.unpriced = unpriced
    }

    /// Minor units, rounded half away from zero.
    public var minorUnits: Int128? {
        value.map { value in
            let (quotient, rest) = value.quotientAndRemainder(dividingBy: Int128(Self.scale))
            return rest.magnitude * 2 < Self.scale ? quotient : quotient + rest.signum()
        }
    }

    /// Of `value`, per minor unit.
    public static let scale: Int64 = 10_000
}

/// One content under a payment number.
public struct PaymentContent: Hashable, Sendable {
    public var document: Int64
    public var number: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64?
    /// As `RemittanceEnd.footing`.
    public var footing: Int64?
    public var status: PaymentStatus
    /// Equal for equal sets of (reference key, net), whatever order or format.
    public var signature: Int64
    /// Ascending in order of first arrival.
    public var order: Int64
    /// Whether its lines count at present.
    public var stands: Bool
    public var evidence: Evidence
    public init(
        document: Int64, number: String, date: Day?, currency: Currency, total: Int64?, footing: Int64?,
        status: PaymentStatus, signature: Int64, order: Int64, stands: Bool, evidence: Evidence
    ) {
        self.document = document
        self.number = number
        self.date = date
        self.currency = currency
        self.total = total
        self.footing = footing
        self.status = status
        self.signature = signature
        self.order = order
        self.stands = stands
        self.evidence = evidence
    }
}

/// Every content that came under one payment number, in order of first arrival.
public struct PaymentCase: Sendable {
    public var key: String
    public var contents: [PaymentContent]
    public init(key: String, contents: [PaymentContent]) {
        self.key = key
        self.contents = contents
    }
}

/// What became of an original, with what kept it from being booked wholly.
public struct FileCase: Sendable {
    public enum Outcome: String, Sendable { case booked, partial, rejected, held, closed }
    public var sha256: String
    public var name: String
    public var outcome: Outcome
    public var problems: [Problem]
    /// Captions of a known export's columns that were not there before and that nothing needs.
    public var addedColumns: [String]
    public init(sha256: String, name: String, outcome: Outcome, problems: [Problem], addedColumns: [String] = []) {
        self.sha256 = sha256
        self.name = name
        self.outcome = outcome
        self.problems = problems
        self.addedColumns = addedColumns
    }
}

/// What a rule knows besides its case. The clock is an argument.
public struct RuleContext: Sendable {
    public var account: AccountRules
    /// As-of in the account's days.
    public var today: Day
    public init(account: AccountRules, today: Day) {
        self.account = account
        self.today = today
    }
}

/// What a rule says: its findings, and the next day on which time alone could change them.
public struct Verdict: Sendable, Equatable {
    public var findings: [Finding]
    public var wake: Day?
    /// What the case's claims take of orders that other cases have invoices on, too: those are judged by it.
    public var shortages: [ShortageClaim] = []
    public init(findings: [Finding] = [], wake: Day? = nil) {
        self.findings = findings
        self.wake = wake
    }

    /// Both verdicts: all findings and claims, the earlier day.
    public mutating func merge(_ other: Verdict) {
        findings += other.findings
        shortages += other.shortages
        wake =
            switch (wake, other.wake) {
            case (let a?, let b?): min(a, b)
            case (let a, let b): a ?? b
            }
    }
}
