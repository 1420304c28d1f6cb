public import Trade

/// A rule over one family of invoices. Pure: `(case, context) -> findings and the next day that matters`. It never reads
/// what another rule found.
public protocol InvoiceRule: Sendable {
    static var kind: FindingKind { get }
    static var wording: Wording { get }
    static func judge(_ standings: FamilyStanding, _ context: RuleContext) -> Verdict
}

/// A rule over one purchase order and what was received and invoiced on it.
public protocol OrderRule: Sendable {
    static var kind: FindingKind { get }
    static var wording: Wording { get }
    static func judge(_ standing: OrderStanding, _ context: RuleContext) -> Verdict
}

/// A rule over everything that came under one payment number.
public protocol PaymentRule: Sendable {
    static var kind: FindingKind { get }
    static var wording: Wording { get }
    static func judge(_ payment: PaymentCase, stands: PaymentContent?, _ context: RuleContext) -> Verdict
}

/// A rule over one original.
public protocol FileRule: Sendable {
    static var kind: FindingKind { get }
    static var wording: Wording { get }
    static func judge(_ file: FileCase, account: String) -> [Finding]
}

/// Every rule there is. A new one is one file in Rules/ and one line here.
public enum Rules {
    public static let invoice: [any InvoiceRule.Type] = [
        PaymentShort.self,
        PaymentLate.self,
        PaymentPaidLate.self,
        PaymentDiscountUnearned.self,
        PaymentOver.self,
        PaymentDuplicate.self,
        PaymentUnmatched.self,
        DeductionNew.self,
        DeductionDuplicate.self,
        DeductionRecharged.self,
        DeductionUnsupported.self,
        ProvisionOpen.self,
        InvoiceDuplicateNumber.self,
        InvoiceMalformed.self,
    ]
    public static let payment: [any PaymentRule.Type] = [
        RemittanceUnbalanced.self,
        RemittanceConflict.self,
        PaymentVoided.self,
    ]
    public static let order: [any OrderRule.Type] = [
        MatchQuantity.self,
        MatchPrice.self,
        MatchItem.self,
    ]
    public static let file: [any FileRule.Type] = [
        FileRejected.self,
        FormatChanged.self,
        FileAccount.self,
    ]

    /// How people are told, by kind; with the kinds that the daemon itself raises.
    public static let wordings: [FindingKind: Wording] = {
        var wordings = OperationWordings.all
        for rule in invoice { wordings[rule.kind] = rule.wording }
        for rule in payment { wordings[rule.kind] = rule.wording }
        for rule in order { wordings[rule.kind] = rule.wording }
        for rule in file { wordings[rule.kind] = rule.wording }
        return wordings
    }()

    public static func judge(_ invoiceCase: InvoiceCase, _ context: RuleContext) -> Verdict {
        if PlainlySettled.holds(invoiceCase, context) { return Verdict() }
        let standing = FamilyStanding(invoiceCase, context)
        var verdict = Verdict()
        for rule in invoice { verdict.merge(rule.judge(standing, context)) }
        verdict.shortages = standing.shortages
        return verdict
    }

    /// Whether the case cannot be judged without what is on file about its goods (`InvoiceCase.goods`): it has a deduction, or
    /// an invoice whose terms count from their receipt.
    public static func needsGoods(_ invoiceCase: InvoiceCase, _ context: RuleContext) -> Bool {
        if invoiceCase.lines.contains(where: { $0.net < 0 || $0.adjustments.contains { $0.amount < 0 } }) { return true }
        return invoiceCase.invoices.contains { TermsDates.needGoods($0, context.account) }
    }

    /// What was received on an order, month by month; empty unless the account has an agreement about a percent of receipts.
    public static func receipts(_ orderCase: OrderCase, _ context: RuleContext) -> [MonthReceipts] {
        context.account.hasAgreementOfReceipts ? ReceivedValue.byMonth(orderCase, context.account) : []
    }

    /// Of an invoice that is alone under its number, and paid to exactly its total by plain lines alone: the last day on which these
    /// may be dated for no rule to have anything to say of it, on any day; the last of all days: any; nil: there is none, or it
    /// depends on the goods. Its terms, its date and its number, if the account has a pattern of numbers, are all it depends on.
    public static func lastPlainDay(of invoice: InvoiceFact, _ context: RuleContext) -> Day? {
        TermsDates.needGoods(invoice, context.account) ? nil : PlainlySettled.lastDay(invoice, context, nil)
    }

    public static func judge(_ orderCase: OrderCase, _ context: RuleContext) -> Verdict {
        let standing = OrderStanding(orderCase)
        var verdict = Verdict()
        for rule in order { verdict.merge(rule.judge(standing, context)) }
        return verdict
    }

    public static func judge(_ payment: PaymentCase, _ context: RuleContext) -> (verdict: Verdict, stands: Int64?) {
        var payment = payment
        payment.contents.sort { $0.order < $1.order }
        let stands = StandingContent.choose(payment)
        var verdict = Verdict()
        // what is dated before the account's opening supports matching and is silent
        if let opening = context.account.opening, let date = payment.contents.compactMap(\.date).min(), date < opening {
            return (verdict, stands?.document)
        }
        for rule in Self.payment { verdict.merge(rule.judge(payment, stands: stands, context)) }
        return (verdict, stands?.document)
    }

    public static func judge(_ file: FileCase, account: String) -> [Finding] {
        Self.file.flatMap { $0.judge(file, account: account) }
    }
}

/// Which content of a payment number counts.
public enum StandingContent {
    /// The first that came, unless a later one foots and it does not. None if any says that the payment was voided: a voided
    /// payment pays nothing, in whichever order the exports came.
    public static func choose(_ payment: PaymentCase) -> PaymentContent? {
        guard !payment.contents.contains(where: { $0.status == .voided }) else { return nil }
        let inOrder = payment.contents.sorted { $0.order < $1.order }
        return inOrder.first { ($0.footing ?? 0) == 0 } ?? inOrder.first
    }
}
