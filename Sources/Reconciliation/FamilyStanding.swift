public import Trade

/// A deduction that stands: what was taken and not given back, by claim.
public struct StandingDeduction: Hashable, Sendable {
    public var deduction: DeductionClass
    /// The claim's own reference as first written.
    public var reference: String
    /// Minor units, positive.
    public var amount: Int64
    /// Payment date of the remittance that took it.
    public var date: Day?
}

/// Where one invoice stands, by the words of contract section 4. Amounts are minor units of the invoice's currency.
public struct InvoiceStanding: Sendable {
    public var invoice: InvoiceFact
    /// The invoice's own terms if it states any, else the account's.
    public var terms: PaymentTerms?
    public var due: Day?
    /// The basis date is not on file: the invoice date was used.
    public var basisIsAssumed: Bool
    /// Whether a line pays it (takes and reversals do not).
    public var isPaidOn: Bool
    public var lastPayment: Day?
    public var discountTaken: Int64
    public var discountEarned: Int64
    /// Credits we granted on it, positive.
    public var credits: Int64
    public var expected: Int64
    public var paid: Int64
    public var deductions: [StandingDeduction]
    /// Standing amounts of claims whose window has closed.
    public var writtenOff: Int64
    public var open: Int64
    /// Memos of ours that were taken more than once, positive.
    public var memosTakenTwice: Int64
    public var evidence: [Evidence]
    /// The next day on which a window closes.
    public var nextExpiry: Day?

    public var discountUnearned: Int64 { max(0, discountTaken - discountEarned) }
    public var currency: Currency { invoice.currency }
    /// Names the euro at stake.
    public var money: String { "invoice:\(invoice.key)" }
    /// Dated before the account's opening: it supports matching and is silent.
    public func isHistory(_ account: AccountRules) -> Bool {
        guard let opening = account.opening, let date = invoice.date else { return false }
        return date < opening
    }
}

/// A family of invoice numbers, each line put to the invoice it is about.
public struct FamilyStanding: Sendable {
    public var family: String
    public var invoices: [InvoiceStanding]
    /// Paying lines whose invoice is not on file, or is kept in another currency.
    public var unmatched: [(line: LineFact, reason: UnmatchedReason)]
    public var knownUntil: Day?

    public enum UnmatchedReason: String, Sendable { case unknown, currency }

    public init(_ invoiceCase: InvoiceCase, _ context: RuleContext) {
        family = invoiceCase.family
        knownUntil = invoiceCase.knownUntil
        unmatched = []
        invoices = []
        let facts = Self.standing(invoiceCase.invoices)
        var lines: [Int: [AttributedLine]] = [:]
        for line in invoiceCase.lines {
            let (index, role, key) = Self.attribute(line, facts, invoiceCase.memos)
            guard let index else {
                if role == .invoice, AttributedLine.pays(line, role) { unmatched.append((line, .unknown)) }
                continue
            }
            if line.currency != facts[index].currency {
                if AttributedLine.pays(line, role) { unmatched.append((line, .currency)) }
                continue
            }
            lines[index, default: []].append(AttributedLine(line: line, role: role, claimKey: key))
        }
        for (index, fact) in facts.enumerated() {
            let memos = invoiceCase.memos.filter { memo in
                memo.total < 0 && memo.currency == fact.currency && memo.family == invoiceCase.family
                    && (facts.count == 1 || index == facts.firstIndex { $0.key == invoiceCase.family } ?? 0)
            }
            invoices.append(InvoiceReckoning(fact, lines[index] ?? [], memos, context).standing)
        }
    }

    /// One fact per number: the first by document date; a second document under the number opens no balance. Longest
    /// numbers first, so that the longest known root is found first.
    private static func standing(_ invoices: [InvoiceFact]) -> [InvoiceFact] {
        var byKey: [String: InvoiceFact] = [:]
        for invoice in invoices {
            if let other = byKey[invoice.key], !(isBefore(invoice, other)) { continue }
            byKey[invoice.key] = invoice
        }
        return byKey.values.sorted { ($0.key.utf8.count, $0.key) > ($1.key.utf8.count, $1.key) }
    }

    private static func isBefore(_ a: InvoiceFact, _ b: InvoiceFact) -> Bool {
        let (x, y) = (a.date ?? a.received, b.date ?? b.received)
        // the rest only makes the choice independent of the order of arrival
        if x != y { return x < y }
        if a.total != b.total { return a.total < b.total }
        return a.document < b.document
    }

    /// The invoice a line is about, the role it has in this light, and the key of its claim.
    private static func attribute(
        _ line: LineFact, _ facts: [InvoiceFact], _ memos: [MemoFact]
    ) -> (Int?, LineRole, String) {
        if let index = facts.firstIndex(where: { $0.key == line.key }) { return (index, .invoice, line.key) }
        if memos.contains(where: { $0.key == line.key && $0.total < 0 }) {
            return (facts.isEmpty ? nil : facts.firstIndex { $0.key == ClaimChain(key: $0.key).base } ?? 0, .memo, line.key)
        }
        for (index, fact) in facts.enumerated() {
            guard let links = ClaimChain.links(of: line.key, after: fact.key), let last = links.last else { continue }
            return (index, last == .release ? .reversal : last == .closing ? .closing : .claim, line.key)
        }
        // named by words or by REF*IV: the number of the line is its own
        let words = line.text.map(RemittanceWords.init)
        var role = line.role
        if role == .claim, line.net > 0, words?.isClaim != true, ClaimChain(key: line.key).links.isEmpty == false {
            role = .invoice  // an own number that ends like a claim: claims take, they do not pay
        }
        switch role {
        case .invoice: return (nil, .invoice, line.key)
        case .finalDocument, .claim, .reversal, .memo, .tax, .vendorReturn, .chargeback, .other:
            let named = words?.closing?.root ?? words?.root.map { ReferenceKey.of($0) }
            let index =
                named.flatMap { root in facts.firstIndex { ClaimChain.links(of: root, after: $0.key) != nil } }
                ?? (facts.isEmpty ? nil : facts.count - 1)
            var claim = line.key
            if let closing = words?.closing { claim = closing.claimed + (closing.deduction == .price ? "PC" : "SC") }
            return (index, role, claim)
        case .closing, .provision, .provisionReversal, .agreement: return (nil, role, line.key)
        }
    }
}

/// A line with the role it has once the invoices are known.
struct AttributedLine {
    var line: LineFact
    var role: LineRole
    /// Of the claim that the line opens, releases, closes or finishes.
    var claimKey: String

    var pays: Bool { Self.pays(line, role) }

    /// Its net before its own adjustments is positive and it is no memo, claim, provision or reversal.
    static func pays(_ line: LineFact, _ role: LineRole) -> Bool {
        guard role == .invoice, !line.isAdjustment else { return false }
        return line.net - line.adjustments.reduce(0) { $0 + $1.amount } > 0
    }
}
