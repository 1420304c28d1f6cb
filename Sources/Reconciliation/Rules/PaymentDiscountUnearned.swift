public import Trade

/// `payment.discount_unearned`: a discount was taken after the discount date, or above the agreed percent. Its money is not in
/// `payment.short`, so it has a name of its own.
public enum PaymentDiscountUnearned: InvoiceRule {
    public static let kind = FindingKind.paymentDiscountUnearned

    public static let wording = Wording(
        title: .init(en: "Discount taken, not earned", zh: "不应享有的折扣"),
        sentence: .init(
            en:
                "A discount of {{details.taken}} {{currency}} was taken on {{subject}}; {{amount}}{{details.out_of_range}} of it was not earned"
                + "{{#details.discount_date}} (agreed: {{details.agreed}} until {{details.discount_date}}){{/details.discount_date}}.",
            zh: "发票 {{subject}} 被扣折扣 {{details.taken}} {{currency}}，其中 {{amount}}{{details.out_of_range}} 不应享有"
                + "{{#details.discount_date}}（约定：{{details.discount_date}} 前 {{details.agreed}}）{{/details.discount_date}}。"),
        action: .init(en: "Claim the discount back", zh: "追回折扣"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        for standing in family.invoices where !standing.isHistory(context.account) && standing.discountUnearned > standing.tolerance {
            verdict.findings.append(finding(standing, context))
        }
        return verdict
    }

    private static func finding(_ standing: InvoiceStanding, _ context: RuleContext) -> Finding {
        let decimal = standing.currency.decimal
        var details: JSON = [
            "taken": decimal(standing.discountTaken), "earned": decimal(standing.discountEarned),
            "agreed": decimal(standing.discountAgreed),
        ]
        details["discount_date"] = standing.dates.discount.map { .string($0.description) }
        details["paid_on"] = standing.payments.compactMap(\.date).max().map { .string($0.description) }
        if standing.dates.discountIsAssumed { details["basis"] = "assumed" }
        let stake = Stake(standing.discountUnearned, standing.currency)
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: standing.invoice.number, severity: .warning, amount: stake.amount, direction: .toUs,
            money: "\(standing.money)/DISCOUNT", details: details, evidence: standing.evidence)
    }
}
