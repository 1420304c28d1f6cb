public import Trade

/// How a line of a payment came to the invoice it counts for.
public enum MatchRule: String, Sendable {
    /// Its number is the invoice's, however it is written.
    case number
    /// Its number is the invoice's and a chain of claim suffixes.
    case claimSuffix = "claim suffix"
    /// It applies a memo of ours that names the invoice.
    case memo
    /// Its words name the invoice.
    case words
    /// The payment names the invoice beside the line's own number (X12 REF*IV, "Original Invoice Number").
    case named = "invoice named beside it"
    /// Its number is on file nowhere, and only this invoice fits it by a rule of `match_by`.
    case order = "order and amount"
    case date = "date and amount"
    case amount
}

/// Where one invoice stands, as plain values. Amounts are minor units of the invoice's currency.
///
/// `total = paid + discountEarned + credits + Σ deductions + writtenOff + memosTakenTwice + discountUnearned + unexplained`, exactly.
public struct InvoiceAccount: Sendable {
    public struct Deduction: Sendable {
        public var deduction: DeductionClass
        public var reference: String
        public var amount: Int128
        public var date: Day?
    }

    public struct Line: Sendable {
        /// In the invoice's currency, converted by the payment's own rate where it is in another.
        public var fact: LineFact
        public var role: LineRole
        public var rule: MatchRule
        /// Key of the claim whose story it is part of.
        public var claim: String?
        /// It pays the invoice; claims, take-backs, memos and reversals do not.
        public var pays: Bool
    }

    public var invoice: InvoiceFact
    /// The terms that made the due date, and whether the invoice states them; nil where there are none.
    public var terms: PaymentTerms?
    public var termsAreOwn: Bool
    public var due: Day?
    /// What the terms say where a stated due date overrules them.
    public var dueByTerms: Day?
    /// The basis date is not on file: the invoice date was used.
    public var basisIsAssumed: Bool
    public var isPaidOn: Bool
    public var discountTaken: Int128
    public var discountEarned: Int128
    public var discountUnearned: Int128
    public var credits: Int128
    public var paid: Int128
    public var deductions: [Deduction]
    public var writtenOff: Int128
    public var memosTakenTwice: Int128
    public var unexplained: Int128
    /// Total − discount earned − credits.
    public var expected: Int128
    /// Expected − paid − written off.
    public var open: Int128
    public var tolerance: Int64
    /// What claims net of discount and their gross reversals leave over: part of what is paid beyond the expected, and no excess.
    public var discountInClaims: Int128
    /// What the terms say where the account's business days moved the due date.
    public var dueBeforeShift: Day?
    public var lines: [Line]
    /// Memos that we granted on it, one per number.
    public var memos: [MemoFact]

    /// Whether the sum above holds, and `paid` is the net of the lines.
    public var balances: Bool {
        let parts =
            paid + discountEarned + credits + deductions.sum(\.amount) + writtenOff + memosTakenTwice + discountUnearned + unexplained
        return parts == MinorUnits(invoice.total) && paid == lines.sum(\.fact.net)
    }
}

/// The life line of a claim, as plain values. Amounts are minor units of `currency`, positive.
public struct ClaimAccount: Sendable {
    public struct Step: Sendable {
        public enum Kind: String, Sendable {
            case taken
            case finalDocument = "final document"
            case givenBack = "given back"
            case closed
        }
        public var kind: Kind
        public var reference: String
        /// Before discount: what it takes of the invoice, or gives back to it.
        public var gross: Int128
        /// By what it changed the payment.
        public var net: Int128
        public var line: LineFact
    }
    public var key: String
    public var reference: String
    /// Of the invoice that it is about, if it names one.
    public var rootKey: String?
    public var root: String?
    public var deduction: DeductionClass
    public var currency: Currency
    /// By date.
    public var steps: [Step]
    /// Before discount, without final documents, whose money was taken before.
    public var taken: Int128
    /// By releases and credits under its number.
    public var givenBack: Int128
    /// By closings, for the final documents to take it again.
    public var closed: Int128
    public var finalDocuments: Int128
    /// Taken and not given back: money really out.
    public var out: Int128
    /// `out`, and between a closing and its final document what the round had taken.
    public var standing: Int128
    /// Closed with `RI`.
    public var isClosed: Bool
    /// Taken under a configured agreement.
    public var isAgreed: Bool
    /// The earliest day, not yet past, on which a window of what stands ends; the last one where all are past; nil where its class has
    /// no window.
    public var deadline: Day?
    /// What stands of it, by the last day on which it can be disputed, earliest first; empty where its class has no window.
    public var windows: [(until: Day, amount: Int128)]
    /// What our own records say of it: `unknown`, `supported` or `contradicted`.
    public var support: String
    /// By which records.
    public var contradictions: [String]
    /// The numbers in them.
    public var record: JSON
    public var excess: Int128?
}

/// Everything that is reckoned of a family of invoice numbers.
public struct FamilyAccount: Sendable {
    public var invoices: [InvoiceAccount]
    public var claims: [ClaimAccount]
    /// Paying lines whose invoice is not on file, or is kept in another currency and the payment states no rate.
    public var unmatched: [(line: LineFact, isOtherCurrency: Bool)]
}

extension Rules {
    /// The figures behind the findings of a family: the same arithmetic, as values to show and to check.
    public static func account(of invoiceCase: InvoiceCase, _ context: RuleContext) -> FamilyAccount {
        let standing = FamilyStanding(invoiceCase, context)
        let invoices = standing.invoices.indices.map { index in
            InvoiceAccount(standing.invoices[index], standing.lines[index], standing.memos[index], context)
        }
        return FamilyAccount(
            invoices: invoices,
            claims: standing.claims.map { claim in
                let due = claim.invoice.flatMap { standing.invoices[$0].due }
                return ClaimAccount(claim, Support(claim, standing, context), due: due, context)
            },
            unmatched: standing.unmatched.map { ($0.line, $0.reason == .currency) })
    }
}

extension InvoiceAccount {
    init(_ standing: InvoiceStanding, _ lines: [AttributedLine], _ memos: [MemoFact], _ context: RuleContext) {
        invoice = standing.invoice
        // each group of fields as the due date takes it: the invoice's own where it says how many days, or when
        termsAreOwn = invoice.terms.map { $0.netDays != nil || $0.dueDate != nil } ?? false
        terms = termsAreOwn ? invoice.terms : context.account.terms
        due = standing.due
        dueByTerms = standing.dueByTerms
        basisIsAssumed = standing.basisIsAssumed
        isPaidOn = standing.isPaidOn
        discountTaken = standing.discountTaken
        discountEarned = standing.discountEarned
        discountUnearned = standing.discountUnearned
        credits = standing.credits
        paid = standing.paid
        deductions = standing.deductions.map {
            Deduction(deduction: $0.deduction, reference: $0.reference, amount: $0.amount, date: $0.date)
        }
        writtenOff = standing.writtenOff
        memosTakenTwice = standing.memosTakenTwice
        unexplained = standing.unexplained
        expected = standing.expected
        open = standing.open
        tolerance = context.account.tolerance(in: standing.currency)
        discountInClaims = standing.discountInClaims
        dueBeforeShift = standing.dates.dueBeforeShift
        self.memos = memos
        let memoKeys = Set(memos.map(\.key))
        let key = invoice.key
        self.lines = lines.sorted(by: StandingDeduction.isBefore).map { line in
            Line(
                fact: line.line, role: line.role, rule: MatchRule(line, of: key, memos: memoKeys),
                claim: line.isOfClaim ? line.claimKey : nil,
                pays: line.pays)
        }
    }
}

extension ClaimAccount {
    init(_ claim: Claim, _ support: Support, due: Day?, _ context: RuleContext) {
        key = claim.key
        reference = claim.reference
        rootKey = claim.rootKey
        root = claim.root
        deduction = claim.deduction
        currency = claim.currency
        func step(_ step: Claim.Step) -> Step {
            let kind: Step.Kind =
                switch step.kind {
                case .taking: .taken
                case .finalDocument: .finalDocument
                case .release: .givenBack
                case .closing: .closed
                }
            return Step(kind: kind, reference: step.reference, gross: step.gross, net: step.net, line: step.line)
        }
        steps = (claim.takings + claim.releases).map(step).sorted { a, b in
            let (x, y) = (a.line.paymentDate?.number ?? 0, b.line.paymentDate?.number ?? 0)
            if x != y { return x < y }
            return (a.line.payment, a.line.evidence, a.kind.rawValue, a.gross) < (b.line.payment, b.line.evidence, b.kind.rawValue, b.gross)
        }
        taken = claim.takings.filter { $0.kind == .taking }.sum(\.gross)
        givenBack = claim.releases.filter { $0.kind == .release }.sum(\.gross)
        closed = claim.releases.filter { $0.kind == .closing }.sum(\.gross)
        finalDocuments = claim.finalDocuments.sum(\.gross)
        out = claim.out
        standing = claim.standing
        isClosed = claim.isClosed
        isAgreed = claim.isAgreed
        self.support = support.verdict.rawValue
        contradictions = support.contradictions.map(\.rawValue)
        record = support.record
        excess = support.excess
        var windows: [Day: MinorUnits] = [:]
        for taking in claim.takings where taking.standing > 0 {
            if let day = claim.deadline(of: taking.date, due: due, context.account) { windows[day, default: 0] += taking.standing }
        }
        self.windows = windows.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        deadline = (self.windows.first { $0.until >= context.today } ?? self.windows.last)?.until
    }
}

extension MatchRule {
    /// Which step of `LineAttribution` it was that took the line, in the order in which it takes them.
    init(_ line: AttributedLine, of key: String, memos: Set<String>) {
        if let pairing = line.line.pairing {
            self =
                switch pairing.rule {
                case .po: .order
                case .date: .date
                case .amount: .amount
                }
        } else if line.line.key == key {
            self = .number
        } else if memos.contains(line.line.key) {
            self = .memo
        } else if ClaimChain.links(of: line.line.key, after: key) != nil {
            self = .claimSuffix
        } else {
            let words = line.line.text.map(RemittanceWords.init)
            self = words?.closing != nil || words?.root != nil ? .words : .named
        }
    }
}
