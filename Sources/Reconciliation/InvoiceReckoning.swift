import Trade

/// The arithmetic of one invoice: due date, discount, expected, paid, deductions that stand, windows that closed.
/// Sums use wrapping-free `&+` nowhere: an overflow of Int64 minor units traps long before any real total, and amounts
/// are bounded to 17 digits where they are read.
struct InvoiceReckoning {
    var standing: InvoiceStanding

    init(_ invoice: InvoiceFact, _ lines: [AttributedLine], _ memos: [MemoFact], _ context: RuleContext) {
        let account = context.account
        let terms = invoice.terms ?? account.terms
        let (due, assumed) = Self.due(invoice, terms)
        let memoKeys = Set(memos.map(\.key))
        let credits = -Self.distinct(memos).reduce(0) { $0 + $1.total }
        let (taken, earned) = Self.discount(invoice, terms, account, lines.filter { !memoKeys.contains($0.line.key) })
        let paid = lines.reduce(0) { $0 + $1.line.net }
        let expected = invoice.total - earned - credits
        let (deductions, expiry) = Self.deductions(lines.filter { !memoKeys.contains($0.line.key) })
            .reduce(into: ([StandingDeduction](), [(StandingDeduction, Day)]())) { result, deduction in
                result.0.append(deduction)
                if let deadline = Self.deadline(deduction, due: due, account) { result.1.append((deduction, deadline)) }
            }
        let expired = expiry.filter { $0.1 < context.today }
        let writtenOff = expired.reduce(0) { $0 + $1.0.amount }
        let memoTaken = -lines.filter { memoKeys.contains($0.line.key) }.reduce(0) { $0 + $1.line.net }
        let paying = lines.filter(\.pays)

        standing = InvoiceStanding(
            invoice: invoice, terms: terms, due: due, basisIsAssumed: assumed, isPaidOn: !paying.isEmpty,
            lastPayment: paying.compactMap(\.line.paymentDate).max(), discountTaken: taken, discountEarned: earned, credits: credits,
            expected: expected, paid: paid, deductions: deductions.filter { item in !expired.contains { $0.0 == item } },
            writtenOff: writtenOff, open: expected - paid - writtenOff, memosTakenTwice: max(0, memoTaken - credits),
            evidence: Self.evidence(invoice, lines), nextExpiry: expiry.map(\.1).filter { $0 >= context.today }.min().map { $0 + 1 })
    }

    /// The same memo may be on file twice (another interchange, another format): one number is one credit.
    private static func distinct(_ memos: [MemoFact]) -> [MemoFact] {
        var seen = Set<String>()
        return memos.filter { seen.insert($0.key).inserted }
    }

    // MARK: dates

    /// - Returns: the due date, and whether its basis had to be assumed to be the invoice date.
    private static func due(_ invoice: InvoiceFact, _ terms: PaymentTerms?) -> (Day?, Bool) {
        guard let terms else { return (nil, false) }
        if let stated = terms.dueDate { return (stated, false) }
        guard let net = terms.netDays, let date = invoice.date else { return (nil, false) }
        switch terms.basis ?? .invoiceDate {
        case .invoiceDate: return (date + net, false)
        case .endOfMonth: return (date.endOfMonth + net, false)
        case .shipDate, .delivery, .receipt, .laterOfInvoiceAndReceipt: return (date + net, true)
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

    private static func discount(
        _ invoice: InvoiceFact, _ terms: PaymentTerms?, _ account: AccountRules, _ lines: [AttributedLine]
    ) -> (taken: Int64, earned: Int64) {
        var taken: Int64 = 0
        var inTime: Int64 = 0
        let last = discountDate(invoice, terms)
        for item in lines where item.pays || item.role == .claim || item.role == .reversal {
            taken += item.line.discount
            if let last, let date = item.line.paymentDate, date <= last { inTime += item.line.discount }
        }
        guard let percent = terms?.discountPercent else { return (taken, 0) }
        let base = account.discountBase == .netOfTax ? invoice.total - (invoice.tax ?? 0) : invoice.total
        let agreed = percent.of(base, dividedBy: 100) ?? 0
        return (taken, min(max(0, inTime), agreed))
    }

    private static func discountDate(_ invoice: InvoiceFact, _ terms: PaymentTerms?) -> Day? {
        guard let terms else { return nil }
        if let stated = terms.discountDate { return stated }
        guard let days = terms.discountDays, let date = invoice.date else { return nil }
        return (terms.basis == .endOfMonth ? date.endOfMonth : date) + days
    }

    // MARK: deductions

    /// What stands, claim by claim. A reversal gives back the claim whose number it extends; `RI` moves the money to the
    /// final document, under the same claim. Earlier takings are given back first.
    private static func deductions(_ lines: [AttributedLine]) -> [StandingDeduction] {
        var order: [String] = []
        var taken: [String: [StandingDeduction]] = [:]
        var back: [String: Int64] = [:]
        func take(_ key: String, _ deduction: StandingDeduction) {
            if taken[key] == nil { order.append(key) }
            taken[key, default: []].append(deduction)
        }
        let dated = lines.sorted {
            ($0.line.paymentDate?.number ?? 0, $0.line.payment, $0.line.evidence.at.packed) < (
                $1.line.paymentDate?.number ?? 0, $1.line.payment, $1.line.evidence.at.packed
            )
        }
        for item in dated {
            for adjustment in item.line.adjustments {
                let key = ReferenceKey.of(adjustment.reference)
                if adjustment.amount < 0 {
                    take(
                        key,
                        StandingDeduction(
                            deduction: adjustment.deduction,
                            reference: adjustment.reference.isEmpty ? item.line.reference : adjustment.reference,
                            amount: -adjustment.amount, date: item.line.paymentDate))
                } else {
                    back[key, default: 0] += adjustment.amount
                }
            }
            let net = item.line.net - item.line.adjustments.reduce(0) { $0 + $1.amount }
            switch item.role {
            case .reversal, .closing: back[opened(by: item.claimKey), default: 0] += net
            case .invoice:
                // a negative line on the invoice itself is a take-back; beside the lines it is a deduction
                guard item.line.isAdjustment, net < 0 else { continue }
                take(
                    item.claimKey,
                    StandingDeduction(
                        deduction: item.line.deduction ?? .other, reference: item.line.reference, amount: -net, date: item.line.paymentDate)
                )
            case .provision, .provisionReversal: continue
            default:
                if net < 0 {
                    take(
                        item.claimKey,
                        StandingDeduction(
                            deduction: item.line.deduction ?? .other, reference: item.line.reference, amount: -net,
                            date: item.line.paymentDate))
                } else {
                    back[item.claimKey, default: 0] += net
                }
            }
        }
        var standing: [StandingDeduction] = []
        for key in order {
            var given = back[key] ?? 0
            for var deduction in taken[key] ?? [] {
                let cancelled = min(given, deduction.amount)
                given -= cancelled
                deduction.amount -= cancelled
                if deduction.amount > 0 { standing.append(deduction) }
            }
        }
        return standing
    }

    /// `…SCR` and `…SCRI` give back, or close, `…SC`.
    private static func opened(by key: String) -> String {
        if key.hasSuffix("RI") { return String(key.dropLast(2)) }
        return key.hasSuffix("R") ? String(key.dropLast()) : key
    }

    /// The places a person would look at, bounded: an invoice paid in a thousand parts needs no thousand links.
    private static func evidence(_ invoice: InvoiceFact, _ lines: [AttributedLine]) -> [Evidence] {
        [invoice.evidence] + Set(lines.map(\.line.evidence)).sorted().prefix(20)
    }
}
