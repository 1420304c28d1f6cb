import Trade

/// The arithmetic of one invoice: due date, discount, expected, paid, deductions that stand, windows that closed.
struct InvoiceReckoning {
    var standing: InvoiceStanding

    /// - Parameters:
    ///   - lines: all in the invoice's currency.
    ///   - memos: that we granted on it, one per number.
    init(_ invoice: InvoiceFact, _ lines: [AttributedLine], _ memos: [MemoFact], _ goods: GoodsOnFile?, _ context: RuleContext) {
        let account = context.account
        let dates = TermsDates(invoice, account, goods)
        let memoKeys = Set(memos.map(\.key))
        let applications = lines.filter { memoKeys.contains($0.line.key) }
        let others = lines.filter { !memoKeys.contains($0.line.key) }
        let discount = Self.discount(invoice, dates, account, others)
        let granted = -memos.sum(\.total)
        // a memo on an invoice that was taken back as well takes nothing off: it may be how it was taken back
        let credits = invoice.isVoid ? 0 : granted

        standing = InvoiceStanding(
            invoice: invoice, dates: dates, tolerance: MinorUnits(account.tolerance(in: invoice.currency)),
            isPaidOn: lines.contains(where: \.pays), discountTaken: discount.taken, discountEarned: discount.earned,
            discountAgreed: discount.agreed, discountInClaims: Self.discountInClaims(invoice, others, taken: discount.taken),
            credits: credits, paid: lines.sum(\.line.net), deductions: StandingDeduction.standing(of: others, account.references),
            writtenOff: 0,
            memosTakenTwice: max(0, -applications.sum(\.line.net) - granted), payments: Self.payments(others), takeBacks: [],
            takenBack: 0, evidence: Self.evidence(invoice, lines), nextExpiry: nil)
        takeBack(others)
        writeOff(account, today: context.today)
    }

    /// What each payment paid.
    private static func payments(_ lines: [AttributedLine]) -> [PaymentShare] {
        var shares: [String: PaymentShare] = [:]
        for line in lines where line.pays {
            let key = paymentKey(line.line)
            var share = shares[key] ?? PaymentShare(payment: line.line.payment, date: line.line.paymentDate, amount: 0)
            share.amount += line.netBeforeAdjustments
            // the same number written in two ways, or dated in two ways: whatever lies first in the case
            share.payment = min(share.payment, line.line.payment)
            if let date = line.line.paymentDate { share.date = min(share.date ?? date, date) }
            shares[key] = share
        }
        return shares.sorted { a, b in
            (a.value.date?.number ?? .min, a.key) < (b.value.date?.number ?? .min, b.key)
        }.map(\.value)
    }

    /// A payment without a number is the remittance that it came in.
    private static func paymentKey(_ line: LineFact) -> String {
        let key = ReferenceKey.of(line.payment)
        return key.isEmpty ? "\(line.evidence.sha256) \(line.document)" : key
    }

    /// A negative line on the invoice itself takes back what was paid too much; what it takes beyond that is a deduction.
    private mutating func takeBack(_ lines: [AttributedLine]) {
        let takeBacks = lines.filter { $0.role == .invoice && !$0.line.isAdjustment && $0.netBeforeAdjustments < 0 }
        guard !takeBacks.isEmpty else { return }
        standing.takeBacks = takeBacks.map { ($0.line.paymentDate, -$0.netBeforeAdjustments) }
        standing.takenBack = -takeBacks.sum(\.netBeforeAdjustments)
        // without the take-backs, `unexplained` would be lower by their sum: below zero it is the excess
        var beyond = max(0, min(standing.takenBack, standing.unexplained))
        standing.takenBack -= beyond
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
        _ invoice: InvoiceFact, _ dates: TermsDates, _ account: AccountRules, _ lines: [AttributedLine]
    ) -> (taken: MinorUnits, earned: MinorUnits, agreed: MinorUnits) {
        let discounting = lines.filter { $0.pays || $0.isOfClaim }
        let taken = discounting.sum(\.line.discount)
        guard let percent = dates.discountPercent, let last = dates.discount else { return (taken, 0, 0) }
        let inTime = discounting.filter { $0.line.paymentDate.map { $0 <= last } ?? false }.sum(\.line.discount)
        let (base, isOutOfRange) = invoice.total.subtractingReportingOverflow(account.discountBase == .netOfTax ? invoice.tax ?? 0 : 0)
        let agreed = isOutOfRange ? 0 : max(0, MinorUnits(percent.of(base, dividedBy: 100) ?? 0))
        return (taken, max(0, min(taken, inTime, agreed)), agreed)
    }

    /// Discount taken × what was reversed of claims, gross ÷ total, to the nearest unit. A file that shows the discount of claims
    /// leaves nothing over.
    private static func discountInClaims(_ invoice: InvoiceFact, _ lines: [AttributedLine], taken: MinorUnits) -> MinorUnits {
        let ofClaims = lines.filter(\.isOfClaim)
        guard taken > 0, invoice.total > 0, !ofClaims.isEmpty, ofClaims.allSatisfy({ $0.line.discount == 0 }) else { return 0 }
        let reversed = ofClaims.filter { $0.role != .closing && $0.netBeforeAdjustments > 0 }.sum(\.netBeforeAdjustments)
        let (product, isOutOfRange) = taken.multipliedReportingOverflow(by: reversed)
        guard !isOutOfRange, product <= MinorUnits.max / 4 else { return 0 }
        let total = MinorUnits(invoice.total)
        return (2 * product + total) / (2 * total)
    }

    // MARK: evidence

    /// A person needs no thousand links to an invoice that was paid in a thousand parts.
    static let evidenceLimit = 20

    private static func evidence(_ invoice: InvoiceFact, _ lines: [AttributedLine]) -> [Evidence] {
        [invoice.evidence] + Set(lines.map(\.line.evidence)).sorted().prefix(evidenceLimit - 1)
    }
}
