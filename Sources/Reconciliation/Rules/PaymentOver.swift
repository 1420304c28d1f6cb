public import Trade

/// `payment.over`: paid − expected > tolerance, and not paid twice. What claims net of discount leave over is no excess.
public enum PaymentOver: InvoiceRule {
    public static let kind = FindingKind.paymentOver

    public static let wording = Wording(
        title: .init(en: "Overpaid", zh: "多付"),
        sentence: .init(
            en: "{{subject}} was paid {{details.paid}} of {{details.expected}} {{currency}}: {{amount}}{{details.out_of_range}} too much."
                + "{{#details.discount_in_claims}} Of the rest {{details.discount_in_claims}} is the discount in claims that were given back."
                + "{{/details.discount_in_claims}}",
            zh: "发票 {{subject}} 应收 {{details.expected}} {{currency}}，实收 {{details.paid}}，多付 {{amount}}{{details.out_of_range}}。"
                + "{{#details.discount_in_claims}}其余 {{details.discount_in_claims}} 为已退回索赔中的折扣。{{/details.discount_in_claims}}"),
        action: .init(en: "Expect a take-back, or offer it back", zh: "等待对方扣回，或主动退还"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        for standing in family.invoices where !standing.isHistory(context.account) {
            guard standing.excess > standing.tolerance, standing.duplicate == 0 else { continue }
            verdict.findings.append(finding(standing, context))
        }
        return verdict
    }

    private static func finding(_ standing: InvoiceStanding, _ context: RuleContext) -> Finding {
        let decimal = standing.currency.decimal
        var details: JSON = ["expected": decimal(standing.expected), "paid": decimal(standing.paid)]
        if standing.discountEarned > 0 { details["discount_earned"] = decimal(standing.discountEarned) }
        if standing.credits > 0 { details["credits"] = decimal(standing.credits) }
        if standing.discountInClaims > 0 { details["discount_in_claims"] = decimal(standing.discountInClaims) }
        if standing.takenBack > 0 { details["taken_back"] = decimal(standing.takenBack) }
        let stake = Stake(standing.excess, standing.currency)
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: standing.invoice.number, severity: .warning, amount: stake.amount, direction: .byUs,
            money: standing.money, details: details, evidence: standing.evidence)
    }
}
