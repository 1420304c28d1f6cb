public import Trade

/// What one month took under an agreement, as plain values. Amounts are minor units of the account's currency.
public struct AgreementMonth: Sendable {
    /// How what was taken stands to the agreement that it names.
    public enum Standing: String, Sendable {
        /// Held against its terms.
        case held
        /// On a day on which the agreement did not hold.
        case expired
        /// Of a class that was not agreed.
        case otherClass = "class"
    }
    /// Under which it is told what goes beyond: the agreement's number; in another number's family each claim's own.
    public var subject: String
    /// First day of the month.
    public var month: Day
    public var standing: Standing
    /// Before discount, less what was given back in the month.
    public var taken: Int128
    /// Nil: what it is a percent of is not known.
    public var allowed: Int128?
    /// Nil where `allowed` is.
    public var beyond: Int128?
    /// What a percent was taken of.
    public var receipts: MonthReceipts?
}

extension Rules {
    /// Every month in which lines of a family took something under an agreement, by subject and in order: the figures behind
    /// `deduction.new`, whose amount is what its subject's months took beyond.
    /// - Parameter invoiceCase: the family of the agreement's own number, or another one of which a line names it.
    public static func months(of agreement: Agreement, in invoiceCase: InvoiceCase, _ context: RuleContext) -> [AgreementMonth] {
        let family = FamilyStanding(invoiceCase, context)
        let terms = AgreementTerms(context.account, family: family.family)
        let claims = Dictionary(grouping: family.claims.filter(\.isUnderAgreement), by: terms.subject(of:))
        let months = claims.sorted { $0.key < $1.key }.flatMap { subject, claims in
            terms.months(of: claims, family.receiptsByMonth).filter { $0.agreement == agreement }.map { (subject, $0) }
        }
        return months.map { subject, month in
            let standing: AgreementMonth.Standing =
                switch month.reason {
                case .above: .held
                case .expired: .expired
                case .otherClass: .otherClass
                }
            return AgreementMonth(
                subject: subject, month: month.month, standing: standing, taken: month.taken, allowed: month.agreed, beyond: month.beyond,
                receipts: month.receipts)
        }
    }
}
