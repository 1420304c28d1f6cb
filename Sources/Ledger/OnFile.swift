public import Trade

/// Something on file that a reference names: all documents and lines of one kind under one number in one account.
public struct LedgerSubject: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case invoice
        case purchaseOrder = "purchase_order"
        case payment, claim
        case creditMemo = "credit_memo"
        case debitMemo = "debit_memo"
        case shipment, receipt
        case goodsReturn = "return"
        case chargeback, settlement, other
        /// Paid for, or taken back from, under this number; no such invoice is on file.
        case line
    }
    public var kind: Kind
    public var account: String
    /// Key of the number.
    public var key: String
    /// As first written.
    public var number: String
    /// Key of the family that its lines are judged in.
    public var family: String
    public init(kind: Kind, account: String, key: String, number: String, family: String) {
        self.kind = kind
        self.account = account
        self.key = key
        self.number = number
        self.family = family
    }
}

/// A number on file that is not the one that was looked for.
public struct NumberOnFile: Hashable, Sendable {
    public var account: String
    public var number: String
    public var key: String
    public var family: String
    /// Of a document; false: only lines of payments name it.
    public var isDocument: Bool
}

/// A document as its row has it.
public struct DocumentOnFile: Sendable {
    public var id: Int64
    public var kind: LedgerSubject.Kind
    public var number: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64?
    /// The account's day on which it arrived.
    public var received: Day
    public var po: String?
    /// Memos: key of the family that they name.
    public var invoiceFamily: String?
    public var returnNumber: String?
    /// Remittances: whether its lines count.
    public var stands: Bool
    public var footing: Int64?
    /// What else its row says, in reading order: words as the document writes them, days as YYYY-MM-DD.
    public var more: [(name: String, value: String)]
    public var evidence: Evidence
}

/// A line of a remittance as its row has it, before any judgement. Amounts are minor units, payee's side.
public struct LineOnFile: Sendable {
    public enum Kind: Int64, Sendable {
        case line = 0
        case beside, inside
    }
    public var kind: Kind
    public var reference: String
    public var key: String
    public var family: String
    public var type: ReferenceType
    public var role: LineRole
    public var deduction: DeductionClass?
    public var net: Int64
    public var discount: Int64
    public var currency: Currency?
    public var po: String?
    public var text: String?
    public var evidence: Evidence
}

/// A finding with everything that happened to it, in order.
public struct FindingStory: Sendable {
    public var recorded: RecordedFinding
    public var events: [(time: Instant, event: FindingEventKind, amount: Int64?)]
}

/// What a partner's machine answered.
public struct AnswerOnFile: Sendable {
    public var outcome: String
    /// Of the answer: 997, 824, CONTRL.
    public var typeName: String
    public var date: Day?
    public var received: Day
    public var reasons: [String]
    public var evidence: Evidence
}

/// What a payment that does not count said of a family: it was voided, or another content of its number stands.
public struct IdleLine: Sendable {
    public var payment: String
    public var date: Day?
    public var isVoided: Bool
    /// The same content as the one that counts: another format, another export.
    public var isSame: Bool
    public var reference: String
    public var net: Int64
    public var currency: Currency
    public var evidence: Evidence
}

/// An invoice that a line might have meant.
public struct InvoiceNearby: Sendable {
    public var number: String
    public var key: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64
    public var po: String?
    /// No line pays it by its number; kept for accounts with `match_by` only.
    public var isLoose: Bool
    public var evidence: Evidence
}
