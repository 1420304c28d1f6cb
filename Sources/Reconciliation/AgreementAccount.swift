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
    /// Every month in which lines of an agreement's family took something under it, in order: the figures behind `deduction.new`.
    /// - Parameter invoiceCase: the family of the agreement's own number.
    public static func months(of agreement: Agreement, in invoiceCase: InvoiceCase, _ context: RuleContext) -> [AgreementMonth] {
        let family = FamilyStanding(invoiceCase, context)
        let terms = AgreementTerms(context.account, family: family.family)
        let claims = family.claims.filter(\.isUnderAgreement)
        return terms.months(of: claims, family.receiptsByMonth).filter { $0.agreement == agreement }.map { month in
            let standing: AgreementMonth.Standing =
                switch month.reason {
                case .above: .held
                case .expired: .expired
                case .otherClass: .otherClass
                }
            return AgreementMonth(
                month: month.month, standing: standing, taken: month.taken, allowed: month.agreed, beyond: month.beyond,
                receipts: month.receipts)
        }
    }
}
