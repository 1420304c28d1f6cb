import Trade

/// A family of invoice numbers, each line put to the invoice it is about.
public struct FamilyStanding: Sendable {
    var invoices: [InvoiceStanding] = []
    /// Paying lines whose invoice is not on file, or is kept in another currency and the payment states no rate.
    var unmatched: [(line: LineFact, reason: UnmatchedReason)] = []
    /// Every claim that a line of the family opens, releases or closes, whether its invoice is on file or not.
    var claims: [Claim] = []
    /// What was held in case a receivable is never paid, and what of it was given back.
    var provisions: [LineFact] = []
    /// `InvoiceCase.family`.
    var family: String
    var receiptsByMonth: [Day: MonthReceipts]?
    var goods: GoodsOnFile?
    /// The orders of the invoices on which claims are held against an order, by key.
    var orders: [OrderStanding] = []
    /// What was received of the invoices on which a shortage is claimed, by the invoice's key; none of what no record speaks of.
    private(set) var receipts: [String: ReceiptRecord] = [:]
    /// What the claims take of orders that other families have invoices on, too.
    private(set) var shortages: [ShortageClaim] = []
    /// The first of `claims` that has a reference on an invoice.
    private(set) var named: [ClaimName: Int] = [:]
    var knownUntil: Day?
    /// Per number under which different invoices are on file: the one that counts, then the others.
    var duplicates: [[InvoiceFact]] = []
    /// What each of `invoices` was reckoned from: its lines in its currency, and the memos of ours on it.
    private(set) var lines: [[AttributedLine]] = []
    private(set) var memos: [[MemoFact]] = []

    enum UnmatchedReason: String { case unknown, currency }

    init(_ invoiceCase: InvoiceCase, _ context: RuleContext) {
        family = invoiceCase.family
        receiptsByMonth = invoiceCase.receiptsByMonth
        knownUntil = invoiceCase.knownUntil
        let numbered = NumberedInvoices(invoiceCase)
        let facts = numbered.facts
        duplicates = numbered.duplicates
        // a memo of which only the family was kept: its plain number where that is on file
        let plain = facts.firstIndex { $0.key == invoiceCase.family } ?? 0
        let granted = Self.firstOfEachNumber(invoiceCase.memos)
        let grantedKeys = Set(granted.map(\.key))
        let claimed = invoiceCase.memos.filter { !grantedKeys.contains($0.key) }
        let theirs = ClaimDocuments(claimed)
        let notices = NamedNotices(invoiceCase.goods)
        let read = invoiceCase.lines.map { notices.read(theirs.read($0)) }
        let attribution = LineAttribution(facts: facts, plain: plain, granted: granted, theirs: claimed, lines: read)
        let roots = ClaimRoots(invoiceCase, facts)
        var gathering = ClaimGathering(context.account.references)
        var unknown: [AttributedLine] = []
        var lines: [[AttributedLine]] = facts.map { _ in [] }
        for line in read {
            let (index, role, claim) = attribution(line)
            let attributed = AttributedLine(line: line, role: role, claimKey: claim)
            // a line makes its claims in one case: its own family's, or that which its number's document names
            if line.isJudgedHere, !grantedKeys.contains(line.key) {
                if role == .provision || role == .provisionReversal { provisions.append(line) }
                if attributed.mayBeOfClaim {
                    let counted = index.flatMap { attributed.counted(in: facts[$0].currency) }
                    gathering.add(counted ?? attributed, root: roots.root(of: attributed, invoice: index))
                }
                if index == nil, role == .invoice, !line.isAdjustment { unknown.append(attributed) }
            }
            guard let index else {
                if attributed.pays, line.isJudgedHere { unmatched.append((line, .unknown)) }
                continue
            }
            if let own = attributed.counted(in: facts[index].currency) {
                lines[index].append(own)
            } else if attributed.pays {
                unmatched.append((line, .currency))
            }
        }
        for (index, fact) in facts.enumerated() {
            let memos = granted.filter {
                $0.family == invoiceCase.family && $0.currency == fact.currency && attribution.invoice(of: $0) == index
            }
            invoices.append(InvoiceReckoning(fact, lines[index], memos, invoiceCase.goods, context).standing)
            self.memos.append(memos)
        }
        self.lines = lines
        claims = gathering.claims + TakeBacks.beyondExcess(of: invoices) + TakeBacks.beyondPayments(unknown)
        if facts.isEmpty { claims += TakeBacks.beyondMemos(granted, invoiceCase.lines.filter(\.isJudgedHere)) }
        goods = invoiceCase.goods
        takeOrders()
        if !claims.isEmpty, !context.account.agreements.isEmpty {
            AgreementTerms(context.account, family: family).mark(&claims, receiptsByMonth)
        }
        shortages = giveOutMissingGoods()
    }

    /// An order may have thousands of invoices: only what a claim is held against is worked out.
    private mutating func takeOrders() {
        var held: Set<String> = []
        for (index, claim) in claims.enumerated() {
            guard let invoice = claim.invoice.map({ invoices[$0].invoice.key }) else { continue }
            let name = ClaimName(reference: claim.reference, invoice: invoice)
            named[name] = named[name] ?? index
            if claim.deduction == .shortage || claim.deduction == .price { held.insert(invoice) }
        }
        guard let goods, !held.isEmpty else { return }
        let own = goods.orders.filter { $0.value.invoices.contains { held.contains($0.invoice.key) } }
        orders = own.sorted { $0.key < $1.key }.map { OrderStanding($0.value) }
        for claim in claims where claim.deduction == .shortage {
            guard let number = claim.invoice.map({ invoices[$0].invoice }), receipts[number.key] == nil,
                let (order, invoice) = order(of: number)
            else { continue }
            receipts[number.key] = ReceiptRecord(order, invoice)
        }
    }

    /// Memos that we granted. The same one may be on file twice (another interchange, another format): one number is one
    /// credit.
    static func firstOfEachNumber(_ memos: [MemoFact]) -> [MemoFact] {
        func rank(_ memo: MemoFact) -> (Int32, Int64, String, Int64) {
            (memo.date?.number ?? .max, memo.total, memo.invoice ?? "", memo.document)
        }
        var byKey: [String: MemoFact] = [:]
        for memo in memos where memo.total < 0 && !memo.isDebit {
            if let other = byKey[memo.key], rank(other) <= rank(memo) { continue }
            byKey[memo.key] = memo
        }
        return byKey.values.sorted { $0.key < $1.key }
    }
}

/// How a claim is found by those who know what it is called and what it is about.
struct ClaimName: Hashable {
    var reference: String
    /// The invoice's key.
    var invoice: String
}

/// A line with the role it has once the invoices are known.
struct AttributedLine {
    var line: LineFact
    var role: LineRole
    /// Of the claim that the line opens, releases, closes or finishes.
    var claimKey: String

    /// Before the line's own adjustments.
    var netBeforeAdjustments: MinorUnits { MinorUnits(line.net) - line.adjustments.sum(\.amount) }

    /// Its net before its own adjustments is positive and it is no memo, claim, provision or reversal.
    var pays: Bool { role == .invoice && !line.isAdjustment && netBeforeAdjustments > 0 }

    /// Part of a claim's story: taken, released, closed, finished.
    var isOfClaim: Bool { role == .claim || role == .reversal || role == .closing || role == .finalDocument }

    /// Whether it, or an adjustment inside it, can be part of a claim's story.
    var mayBeOfClaim: Bool { role != .invoice || line.isAdjustment || !line.adjustments.isEmpty }

    /// The line in its invoice's currency, by the rate that the payment states.
    /// - Returns: nil if it is in another currency and there is no rate, or no amount in range.
    func counted(in currency: Currency) -> AttributedLine? {
        if line.currency == currency { return self }
        guard let rate = line.exchangeRate, rate.units > 0 else { return nil }
        func converted(_ amount: Int64) -> Int64? {
            let shift = currency.exponent - line.currency.exponent
            guard let widened = ExactDecimal(units: amount, scale: 0).minorUnits(exponent: max(0, shift)) else { return nil }
            return rate.of(widened, dividedBy: shift < 0 ? ExactDecimal(1).minorUnits(exponent: -shift) ?? 1 : 1)
        }
        var own = self
        guard let net = converted(line.net), let discount = converted(line.discount) else { return nil }
        own.line.currency = currency
        own.line.net = net
        own.line.discount = discount
        own.line.gross = line.gross.flatMap(converted)
        for index in own.line.adjustments.indices {
            guard let amount = converted(line.adjustments[index].amount) else { return nil }
            own.line.adjustments[index].amount = amount
        }
        return own
    }
}
