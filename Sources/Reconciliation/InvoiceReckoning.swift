import Trade

/// The arithmetic of one invoice: due date, discount, expected, paid, deductions that stand, windows that closed.
struct InvoiceReckoning {
    var standing: InvoiceStanding

    /// - Parameters:
    ///   - lines: all in the invoice's currency.
    ///   - memos: that we granted on it, one per number.
    init(_ invoice: InvoiceFact, _ lines: [AttributedLine], _ memos: [MemoFact], _ context: RuleContext) {
        let account = context.account
        let due = Self.due(invoice, account)
        let memoKeys = Set(memos.map(\.key))
        let applications = lines.filter { memoKeys.contains($0.line.key) }
        let others = lines.filter { !memoKeys.contains($0.line.key) }
        let discount = Self.discount(invoice, account, others)
        let credits = -memos.sum(\.total)

        standing = InvoiceStanding(
            invoice: invoice, due: due.day, dueByTerms: due.byTerms, basisIsAssumed: due.isAssumed, isPaidOn: lines.contains(where: \.pays),
            discountTaken: discount.taken, discountEarned: discount.earned, credits: credits, paid: lines.sum(\.line.net),
            deductions: StandingDeduction.standing(of: others), writtenOff: 0,
            memosTakenTwice: max(0, -applications.sum(\.line.net) - credits),
            evidence: Self.evidence(invoice, lines), nextExpiry: nil)
        deductTakeBacksBeyondExcess(others)
        writeOff(account, today: context.today)
    }

    /// A negative line on the invoice itself takes back what was paid too much; what it takes beyond that is a deduction.
    private mutating func deductTakeBacksBeyondExcess(_ lines: [AttributedLine]) {
        let takeBacks = lines.filter { $0.role == .invoice && !$0.line.isAdjustment && $0.netBeforeAdjustments < 0 }
        // without the take-backs, `unexplained` would be lower by their sum: below zero it is the excess
        var beyond = min(-takeBacks.sum(\.netBeforeAdjustments), standing.unexplained)
        for line in takeBacks.sorted(by: StandingDeduction.isBefore).reversed() where beyond > 0 {
            let amount = min(beyond, -line.netBeforeAdjustments)
            beyond -= amount
            standing.takenBeyondExcess.append((line.line, amount))
            standing.deductions.append(
                StandingDeduction(
                    deduction: line.line.deduction ?? .other, reference: line.line.reference, amount: amount, date: line.line.paymentDate))
        }
    }

    /// Moves the deductions whose window has closed out of the open balance.
    private mutating func writeOff(_ account: AccountRules, today: Day) {
        var running: [StandingDeduction] = []
        for deduction in standing.deductions {
            guard let deadline = Self.deadline(deduction, due: standing.due, account) else {
                running.append(deduction)
                continue
            }
            if deadline < today {
                standing.writtenOff += deduction.amount
            } else {
                running.append(deduction)
                standing.nextExpiry = min(standing.nextExpiry ?? deadline + 1, deadline + 1)
            }
        }
        standing.deductions = running
    }

    // MARK: dates

    /// The due date, what the terms say where a stated one overrules them, and whether their basis had to be assumed to be
    /// the invoice date. The account's terms where the invoice's own say neither days nor date.
    private static func due(_ invoice: InvoiceFact, _ account: AccountRules) -> (day: Day?, byTerms: Day?, isAssumed: Bool) {
        let counted = invoice.terms?.netDays == nil ? account.terms : invoice.terms
        var byTerms: Day?
        if let net = counted?.netDays, let date = invoice.date {
            byTerms = (counted?.basis == .endOfMonth ? date.endOfMonth : date) + net
        }
        if let stated = invoice.terms?.dueDate { return (stated, byTerms, false) }
        switch counted?.basis {
        case nil, .invoiceDate, .endOfMonth: return (byTerms, nil, false)
        case .shipDate, .delivery, .receipt, .laterOfInvoiceAndReceipt: return (byTerms, nil, byTerms != nil)
        }
    }

    /// Deadline = the later of basis and deduction date, + days. Nil where the class has no window or no date is known.
    private static func deadline(_ deduction: StandingDeduction, due: Day?, _ account: AccountRules) -> Day? {
        guard let window = account.windows[deduction.deduction], let date = deduction.date else { return nil }
        switch window.from {
        case .dueDate: return max(due ?? date, date) + window.days
        case .notice, .deduction: return date + window.days
        }
    }

    // MARK: discount

    /// Taken: by the lines that pay and by the claims (which give it back). Earned: of that, what was taken in time, up to the
    /// agreed percent.
    private static func discount(
        _ invoice: InvoiceFact, _ account: AccountRules, _ lines: [AttributedLine]
    ) -> (taken: MinorUnits, earned: MinorUnits) {
        let terms = invoice.terms ?? account.terms
        let discounting = lines.filter { $0.pays || $0.isOfClaim }
        let taken = discounting.sum(\.line.discount)
        guard let percent = terms?.discountPercent, let last = discountDate(invoice, terms) else { return (taken, 0) }
        let inTime = discounting.filter { $0.line.paymentDate.map { $0 <= last } ?? false }.sum(\.line.discount)
        let (base, isOutOfRange) = invoice.total.subtractingReportingOverflow(account.discountBase == .netOfTax ? invoice.tax ?? 0 : 0)
        let agreed = isOutOfRange ? 0 : percent.of(base, dividedBy: 100) ?? 0
        return (taken, max(0, min(taken, inTime, MinorUnits(agreed))))
    }

    private static func discountDate(_ invoice: InvoiceFact, _ terms: PaymentTerms?) -> Day? {
        guard let terms else { return nil }
        if let stated = terms.discountDate { return stated }
        guard let days = terms.discountDays, let date = invoice.date else { return nil }
        return (terms.basis == .endOfMonth ? date.endOfMonth : date) + days
    }

    // MARK: evidence

    /// A person needs no thousand links to an invoice that was paid in a thousand parts.
    static let evidenceLimit = 20

    private static func evidence(_ invoice: InvoiceFact, _ lines: [AttributedLine]) -> [Evidence] {
        [invoice.evidence] + Set(lines.map(\.line.evidence)).sorted().prefix(evidenceLimit)
    }
}
