/// What a line of a remittance advice names.
public enum ReferenceType: UInt8, Sendable, CaseIterable {
    case invoice, creditMemo, debitMemo, purchaseOrder, claim, chargeback, agreement, `return`, provision, other

    /// The contract's word.
    public var word: String {
        switch self {
        case .invoice: "invoice"
        case .creditMemo: "credit_memo"
        case .debitMemo: "debit_memo"
        case .purchaseOrder: "purchase_order"
        case .claim: "claim"
        case .chargeback: "chargeback"
        case .agreement: "agreement"
        case .return: "return"
        case .provision: "provision"
        case .other: "other"
        }
    }
}

/// A name and an identifier, as the document gives them.
public struct Party: Hashable, Sendable {
    public var name: String?
    public var id: String?
    public init(name: String? = nil, id: String? = nil) {
        self.name = name
        self.id = id
    }
}

/// The code list that an adjustment's reason is from: a short code means one thing in the one and another in the other.
public enum ReasonList: UInt8, Sendable {
    /// X12 element 426.
    case x12
    /// EDIFACT data element 4465.
    case edifact
}

/// Money that a payment adds (positive: the payee receives more) or takes, beside or inside a line.
public struct Adjustment: Hashable, Sendable {
    /// Minor units; payee's side.
    public var amount: Int64
    /// The sender's reason code, from `list`.
    public var code: String?
    public var list: ReasonList
    public var reference: String?
    public var text: String?
    public var at: Location
    public init(
        amount: Int64, code: String? = nil, list: ReasonList = .x12, reference: String? = nil, text: String? = nil, at: Location
    ) {
        self.amount = amount
        self.code = code
        self.list = list
        self.reference = reference
        self.text = text
        self.at = at
    }
}

/// One line of a remittance advice. All amounts are minor units of `currency` (the document's if nil); what the payee
/// receives is positive.
public struct RemittanceLine: Hashable, Sendable {
    public var reference: String
    public var referenceType: ReferenceType
    /// An invoice named beside the reference (X12 REF*IV, "Original Invoice Number").
    public var invoice: String?
    /// A return named beside the reference (X12 REF*RZ).
    public var returnNumber: String?
    public var po: String?
    public var date: Day?
    public var gross: Int64?
    public var discount: Int64?
    /// What this line adds to the payment, after its own adjustments.
    public var net: Int64
    public var currency: Currency?
    public var adjustments: [Adjustment]
    public var text: String?
    public var at: Location

    public init(
        reference: String, referenceType: ReferenceType, net: Int64, at: Location, invoice: String? = nil,
        po: String? = nil, date: Day? = nil, gross: Int64? = nil, discount: Int64? = nil, currency: Currency? = nil,
        adjustments: [Adjustment] = [], text: String? = nil, returnNumber: String? = nil
    ) {
        self.reference = reference
        self.referenceType = referenceType
        self.net = net
        self.at = at
        self.invoice = invoice
        self.returnNumber = returnNumber
        self.po = po
        self.date = date
        self.gross = gross
        self.discount = discount
        self.currency = currency
        self.adjustments = adjustments
        self.text = text
    }
}

public enum PaymentStatus: String, Sendable { case paid, voided, pending }

/// The head of a remittance advice; its lines follow in batches (`DocumentSink.append`).
public struct RemittanceAdvice: Hashable, Sendable {
    /// Payment or trace number. Empty if the document gives none.
    public var number: String
    public var payer: Party?
    public var payee: Party?
    public var date: Day?
    /// As the document writes it (X12 BPR04, "Payment Type").
    public var method: String?
    public var status: PaymentStatus
    public var voidReason: String?
    /// `Currency.unstated` if neither the document nor the account gives one.
    public var currency: Currency
    /// Minor units received in all; nil if the document states none.
    public var total: Int64?
    public var exchangeRate: ExactDecimal?
    public var at: Location

    public init(
        number: String, currency: Currency, at: Location, payer: Party? = nil, payee: Party? = nil, date: Day? = nil,
        method: String? = nil, status: PaymentStatus = .paid, voidReason: String? = nil, total: Int64? = nil,
        exchangeRate: ExactDecimal? = nil
    ) {
        self.number = number
        self.currency = currency
        self.at = at
        self.payer = payer
        self.payee = payee
        self.date = date
        self.method = method
        self.status = status
        self.voidReason = voidReason
        self.total = total
        self.exchangeRate = exchangeRate
    }
}

/// What is known once the last line was read.
public struct RemittanceEnd: Hashable, Sendable {
    /// Not tied to a line.
    public var adjustments: [Adjustment]
    /// The smallest |Σ lines + Σ adjustments − total| by any sign rule of the format; 0 if the payment foots, nil if the
    /// document states no total.
    public var footing: Int64?
    public init(adjustments: [Adjustment] = [], footing: Int64? = nil) {
        self.adjustments = adjustments
        self.footing = footing
    }
}

/// What the days until payment are counted from.
public enum TermsBasis: String, Sendable, CaseIterable {
    case invoiceDate = "invoice_date"
    case shipDate = "ship_date"
    case delivery
    case receipt
    case laterOfInvoiceAndReceipt = "later_of_invoice_and_receipt"
    case endOfMonth = "end_of_month"
}

/// Payment terms as an invoice states them or an account configures them.
public struct PaymentTerms: Hashable, Sendable {
    public var netDays: Int?
    public var discountPercent: ExactDecimal?
    public var discountDays: Int?
    public var basis: TermsBasis?
    /// Due and discount dates that the document states outright (ITD06, ITD04).
    public var dueDate: Day?
    public var discountDate: Day?
    public init(
        netDays: Int? = nil, discountPercent: ExactDecimal? = nil, discountDays: Int? = nil, basis: TermsBasis? = nil,
        dueDate: Day? = nil, discountDate: Day? = nil
    ) {
        self.netDays = netDays
        self.discountPercent = discountPercent
        self.discountDays = discountDays
        self.basis = basis
        self.dueDate = dueDate
        self.discountDate = discountDate
    }
}

/// One item line of an invoice or memo. `quantity` and `unitPrice` are exact as written.
public struct ItemLine: Hashable, Sendable {
    /// Memos: why, as the sender says it (X12 element 426, EDIFACT 4465).
    public var code: String?
    /// Memos: minor units, positive = in our favour; nil if the line states none.
    public var amount: Int64?
    public var line: String?
    public var item: String?
    /// Other numbers that the line gives the same item: the seller's own, a bar code. As written, each once, without `item`; no more
    /// than `mostAliases`.
    public var aliases: [String]
    /// X12 has room for ten pairs in one segment; lines with more tell of no item.
    public static let mostAliases = 10
    public var quantity: ExactDecimal?
    public var unit: String?
    /// Per `unit`.
    public var unitPrice: ExactDecimal?
    /// Pieces in one case of the item, where the line says so, whatever it counts in itself: X12 PO401 × PO414, EDIFACT QTY 59.
    public var pack: ExactDecimal?
    public var text: String?
    public var at: Location
    public init(
        at: Location, line: String? = nil, item: String? = nil, quantity: ExactDecimal? = nil, unit: String? = nil,
        unitPrice: ExactDecimal? = nil, pack: ExactDecimal? = nil, text: String? = nil, code: String? = nil, amount: Int64? = nil,
        aliases: [String] = []
    ) {
        self.at = at
        self.code = code
        self.amount = amount
        self.line = line
        self.item = item
        self.aliases = aliases
        self.quantity = quantity
        self.unit = unit
        self.unitPrice = unitPrice
        self.pack = pack
        self.text = text
    }

    /// Keeps another number of the item.
    public mutating func add(alias: String?) {
        if let alias, !alias.isEmpty, alias != item, aliases.count < Self.mostAliases, !aliases.contains(alias) { aliases.append(alias) }
    }
}

/// An allowance (negative) or charge (positive) on a whole invoice; minor units.
public struct Charge: Hashable, Sendable {
    public var code: String
    public var amount: Int64
    public init(code: String, amount: Int64) {
        self.code = code
        self.amount = amount
    }
}

/// An invoice of ours. `total` is in minor units and positive.
public struct Invoice: Hashable, Sendable {
    public var number: String
    public var date: Day?
    public var po: String?
    public var currency: Currency
    public var total: Int64
    public var terms: PaymentTerms?
    public var lines: [ItemLine]
    public var charges: [Charge]
    public var tax: Int64?
    /// What it does to an earlier invoice; nil: nothing. A change states all of the invoice, like a replacement.
    public var amends: Amendment?
    /// Number of the invoice that it amends; nil: its own.
    public var amended: String?
    public var at: Location
    public init(
        number: String, currency: Currency, total: Int64, at: Location, date: Day? = nil, po: String? = nil,
        terms: PaymentTerms? = nil, lines: [ItemLine] = [], charges: [Charge] = [], tax: Int64? = nil, amends: Amendment? = nil,
        amended: String? = nil
    ) {
        self.amends = amends
        self.amended = amended
        self.number = number
        self.currency = currency
        self.total = total
        self.at = at
        self.date = date
        self.po = po
        self.terms = terms
        self.lines = lines
        self.charges = charges
        self.tax = tax
    }
}

/// A credit or debit memo. `total` is positive when it is in our favour as the supplier; a memo we grant is negative.
public struct Memo: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case credit = "credit_memo"
        case debit = "debit_memo"
    }
    public var kind: Kind
    public var number: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64
    public var invoice: String?
    public var po: String?
    public var returnNumber: String?
    public var lines: [ItemLine]
    public var at: Location
    public init(
        kind: Kind, number: String, currency: Currency, total: Int64, at: Location, date: Day? = nil,
        invoice: String? = nil, po: String? = nil, returnNumber: String? = nil, lines: [ItemLine] = []
    ) {
        self.kind = kind
        self.number = number
        self.currency = currency
        self.total = total
        self.at = at
        self.date = date
        self.invoice = invoice
        self.po = po
        self.returnNumber = returnNumber
        self.lines = lines
    }
}

/// Kept without being understood further.
public struct OtherDocument: Hashable, Sendable {
    public var typeName: String
    public var number: String?
    public var date: Day?
    public var at: Location
    public init(typeName: String, number: String? = nil, date: Day? = nil, at: Location) {
        self.typeName = typeName
        self.number = number
        self.date = date
        self.at = at
    }
}

/// A document that fits into memory whole. Remittance advices do not: they stream.
public enum WholeDocument: Hashable, Sendable {
    case invoice(Invoice)
    case memo(Memo)
    case purchaseOrder(PurchaseOrder)
    case shipment(Shipment)
    case receipt(Receipt)
    case goodsReturn(GoodsReturn)
    case chargeback(Chargeback)
    case settlement(Settlement)
    case answer(Answer)
    case other(OtherDocument)
}
