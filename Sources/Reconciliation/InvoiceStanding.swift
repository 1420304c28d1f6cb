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

/// Where one invoice stands, by the words of contract section 4. Amounts are minor units of the invoice's currency.
///
/// `total = discountEarned + credits + paid + writtenOff + open`, and
/// `open = Σ deductions + memosTakenTwice + discountUnearned + unexplained`, both exactly.
struct InvoiceStanding: Sendable {
    var invoice: InvoiceFact
    var due: Day?
    /// What the terms say where a stated due date overrules them.
    var dueByTerms: Day?
    /// The basis date is not on file: the invoice date was used.
    var basisIsAssumed: Bool
    /// Whether a line pays it (claims, take-backs and reversals do not).
    var isPaidOn: Bool
    var discountTaken: MinorUnits
    var discountEarned: MinorUnits
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
    var evidence: [Evidence]
    /// The next day on which a window will have closed.
    var nextExpiry: Day?
    /// Negative lines on the invoice itself, with what of each is more than its excess and so a deduction, positive.
    var takenBeyondExcess: [(line: LineFact, amount: MinorUnits)] = []

    var expected: MinorUnits { MinorUnits(invoice.total) - discountEarned - credits }
    /// Open balance.
    var open: MinorUnits { expected - paid - writtenOff }
    var discountUnearned: MinorUnits { max(0, discountTaken - discountEarned) }
    /// What no deduction, memo or discount accounts for; negative where more was paid than they leave to pay.
    var unexplained: MinorUnits { open - deductions.sum(\.amount) - memosTakenTwice - discountUnearned }

    var currency: Currency { invoice.currency }
    /// Names the euro at stake.
    var money: String { "invoice:\(invoice.key)" }

    /// Dated before the account's opening: it supports matching and is silent.
    func isHistory(_ account: AccountRules) -> Bool {
        guard let opening = account.opening, let date = invoice.date else { return false }
        return date < opening
    }
}
