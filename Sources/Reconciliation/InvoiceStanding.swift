import Trade

/// A deduction that stands: what was taken and not given back, by claim.
struct StandingDeduction: Hashable {
    var deduction: DeductionClass
    /// The claim's own reference as first written.
    var reference: String
    /// Positive. Of a claim its gross amount: what it takes of the invoice before discount, as the open balance has it.
    var amount: MinorUnits
    /// Payment date of the remittance that took it.
    var date: Day?
}

/// What one payment paid of an invoice: its paying lines, before their own adjustments.
struct PaymentShare: Sendable {
    /// As the remittance writes it.
    var payment: String
    var date: Day?
    var amount: MinorUnits
}

/// Where one invoice stands, by the words of contract section 4. Amounts are minor units of the invoice's currency.
///
/// `total = discountEarned + credits + paid + writtenOff + open`, and
/// `open = Σ deductions + memosTakenTwice + discountUnearned + unexplained`, both exactly.
struct InvoiceStanding: Sendable {
    var invoice: InvoiceFact
    var dates: TermsDates
    /// A difference of exactly this much passes.
    var tolerance: MinorUnits
    /// Whether a line pays it (claims, take-backs and reversals do not).
    var isPaidOn: Bool
    var discountTaken: MinorUnits
    var discountEarned: MinorUnits
    /// What would have been earned had all of it been taken in time.
    var discountAgreed: MinorUnits
    /// What a claim net of discount and its gross reversal may leave over, where the file shows no discount on claims.
    var discountInClaims: MinorUnits
    /// Credits we granted on it, positive.
    var credits: MinorUnits
    /// Σ net of its lines, claims, reversals and memo applications.
    var paid: MinorUnits
    /// Those whose window has not closed.
    var deductions: [StandingDeduction]
    /// Standing amounts of claims whose window has closed.
    var writtenOff: MinorUnits
    /// Memos of ours that were taken more than once, positive.
    var memosTakenTwice: MinorUnits
    /// By date, then number.
    var payments: [PaymentShare]
    /// Negative lines on the invoice itself, positive here, with the payment date.
    var takeBacks: [(date: Day?, amount: MinorUnits)]
    /// What of the take-backs took back an excess; the rest are deductions.
    var takenBack: MinorUnits
    var evidence: [Evidence]
    /// The next day on which a window will have closed.
    var nextExpiry: Day?
    /// Negative lines on the invoice itself, with what of each is more than its excess and so a deduction, positive.
    var takenBeyondExcess: [(line: LineFact, amount: MinorUnits)] = []

    var due: Day? { dates.due }
    /// What the terms say where a stated due date overrules them.
    var dueByTerms: Day? { dates.dueByTerms }
    /// The basis date is not on file: the invoice date was used.
    var basisIsAssumed: Bool { dates.dueIsAssumed }

    var expected: MinorUnits { MinorUnits(invoice.total) - discountEarned - credits }
    /// Open balance.
    var open: MinorUnits { expected - paid - writtenOff }
    /// What was taken and not earned, as far as it is missing: what has been paid all the same was not taken.
    var discountUnearned: MinorUnits { max(0, min(discountTaken - discountEarned, expected - paid)) }
    /// What was paid beyond the first of several payments in full and not taken back; 0 if there are none.
    var duplicate: MinorUnits {
        guard payments.count > 1 else { return 0 }
        let full = MinorUnits(invoice.total) - discountEarned
        let inFull = payments.filter { ($0.amount - full).magnitude <= tolerance.magnitude }
        guard full > tolerance, inFull.count > 1, let first = inFull.first else { return 0 }
        let beyond = payments.sum(\.amount) - first.amount - takenBack
        return beyond > tolerance ? beyond : 0
    }
    /// What was paid beyond what is expected, less what claims net of discount leave over.
    var excess: MinorUnits { max(0, paid - expected - discountInClaims) }
    /// What no deduction, memo or discount accounts for; negative where more was paid than they leave to pay.
    var unexplained: MinorUnits { open - deductions.sum(\.amount) - memosTakenTwice - discountUnearned }

    /// Paid, and neither short nor late: nothing is missing but a discount that was not earned, which is told by itself.
    var isSettled: Bool { isPaidOn && open - discountUnearned <= tolerance }

    var currency: Currency { invoice.currency }
    /// Names the euro at stake.
    var money: String { "invoice:\(invoice.key)" }

    /// The dates of the terms as a finding's details.
    func noteDates(in details: inout JSON) {
        details["due"] = due.map { .string($0.description) }
        details["due_by_terms"] = dueByTerms.map { .string($0.description) }
        details["due_before_shift"] = dates.dueBeforeShift.map { .string($0.description) }
        if basisIsAssumed { details["basis"] = "assumed" }
    }

    func isHistory(_ account: AccountRules) -> Bool { invoice.isHistory(account) }
}

extension InvoiceStanding {
    /// The deductions that stand, memos taken twice and unearned discount, each with reason, reference and amount; biggest first.
    var explained: [JSON] {
        let decimal = currency.decimal
        var explained: [JSON] = deductions.sorted(by: Self.isListedBefore).map { deduction in
            [
                "reason": .string(deduction.deduction.rawValue), "reference": .string(deduction.reference),
                "amount": decimal(deduction.amount),
            ]
        }
        if memosTakenTwice > 0 { explained.append(["reason": "memo_taken_twice", "amount": decimal(memosTakenTwice)]) }
        if discountUnearned > 0 { explained.append(["reason": "discount_unearned", "amount": decimal(discountUnearned)]) }
        return explained
    }

    private static func isListedBefore(_ a: StandingDeduction, _ b: StandingDeduction) -> Bool {
        if a.amount != b.amount { return a.amount > b.amount }
        return (a.reference, a.deduction.rawValue) < (b.reference, b.deduction.rawValue)
    }
}

extension InvoiceFact {
    /// Dated before the account's opening: it supports matching and is silent.
    func isHistory(_ account: AccountRules) -> Bool {
        guard let opening = account.opening, let date else { return false }
        return date < opening
    }
}
