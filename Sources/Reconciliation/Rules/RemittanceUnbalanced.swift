public import Trade

/// `remittance.unbalanced`: Σ lines + Σ adjustments ≠ total by any sign rule of the format.
public enum RemittanceUnbalanced: PaymentRule {
    public static let kind = FindingKind.remittanceUnbalanced

    public static let wording = Wording(
        title: .init(en: "Remittance does not foot", zh: "付款通知金额不平"),
        sentence: .init(
            en: "Payment {{subject}} states {{details.total}} {{currency}}, and its lines miss that by {{amount}}{{details.out_of_range}}.",
            zh: "付款 {{subject}} 总额为 {{details.total}} {{currency}}，与明细合计相差 {{amount}}{{details.out_of_range}}。"),
        action: .init(en: "Ask the sender for a correct remittance advice", zh: "请付款方重发付款通知"))

    public static func judge(_ payment: PaymentCase, stands: PaymentContent?, _ context: RuleContext) -> Verdict {
        guard let stands, let footing = stands.footing, footing != 0, let total = stands.total else { return Verdict() }
        var details: JSON = ["total": .string(Money(total, stands.currency).decimal)]
        let stake = Stake(MinorUnits(footing.magnitude), stands.currency)
        stake.note(in: &details)
        return Verdict(findings: [
            Finding(
                kind, account: context.account.id, subject: stands.number, key: payment.key, severity: .critical,
                amount: stake.amount, money: "payment:\(payment.key)",
                details: details, evidence: [stands.evidence])
        ])
    }
}
