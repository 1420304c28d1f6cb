/// A way to put a payment's line to an invoice although its number is on file nowhere (`accounts[].match_by`). Where a
/// number says which invoice is meant, no other rule is asked.
public enum PairingRule: String, Sendable, CaseIterable {
    /// The order that both name, and the amount.
    case po
    /// The invoice's date as the line states it, and the amount.
    case date
    /// The amount, of an invoice dated in the year before the payment.
    case amount
}

/// A line that pays and whose number is on file nowhere. Amounts are minor units of `currency`.
public struct LooseLine: Hashable, Sendable {
    /// `LineFact.id`.
    public var id: Int64
    /// Key of the order that it names; empty where it names none.
    public var po: String
    /// Of the line's own document.
    public var date: Day?
    public var paymentDate: Day?
    public var currency: Currency
    /// Before discount and before the line's own adjustments.
    public var gross: Int64
    /// What it adds to the payment.
    public var net: Int64
    public init(id: Int64, po: String, date: Day?, paymentDate: Day?, currency: Currency, gross: Int64, net: Int64) {
        self.id = id
        self.po = po
        self.date = date
        self.paymentDate = paymentDate
        self.currency = currency
        self.gross = gross
        self.net = net
    }
}

/// An invoice that no line pays by its number. `total` is minor units of `currency`, positive.
public struct LooseInvoice: Hashable, Sendable {
    public var key: String
    /// Key of its order; empty where it names none.
    public var po: String
    public var date: Day?
    public var currency: Currency
    public var total: Int64
    public init(key: String, po: String, date: Day?, currency: Currency, total: Int64) {
        self.key = key
        self.po = po
        self.date = date
        self.currency = currency
        self.total = total
    }
}

/// What of one family its numbers leave unmatched.
public struct LooseEnds: Equatable, Sendable {
    public var lines: [LooseLine]
    public var invoices: [LooseInvoice]
    public var isEmpty: Bool { lines.isEmpty && invoices.isEmpty }
    public init(lines: [LooseLine] = [], invoices: [LooseInvoice] = []) {
        self.lines = lines
        self.invoices = invoices
    }
}

/// A line put to an invoice by a rule.
public struct Pairing: Hashable, Sendable {
    /// `LooseLine.id`.
    public var line: Int64
    /// Key of the invoice.
    public var invoice: String
    public var rule: PairingRule
    public init(line: Int64, invoice: String, rule: PairingRule) {
        self.line = line
        self.invoice = invoice
        self.rule = rule
    }
}
