public import Trade

/// `remittance.conflict`: the same payment number again with other content. The one that foots wins over one that does
/// not; else the first stays. Either way a person must look, so it stays open.
public enum RemittanceConflict: PaymentRule {
    public static let kind = FindingKind.remittanceConflict

    public static let wording = Wording(
        title: .init(en: "Two contents under one payment number", zh: "同一付款号内容不一致"),
        sentence: .init(
            en:
                "Payment {{subject}} came with different contents; totals differ by {{amount}}. The one of {{details.stands}} {{currency}} counts.",
            zh: "付款 {{subject}} 收到内容不同的通知，总额相差 {{amount}}。目前以总额 {{details.stands}} {{currency}} 的为准。"),
        action: .init(en: "Find out which remittance advice is right", zh: "确认以哪份付款通知为准"))

    public static func judge(_ payment: PaymentCase, stands: PaymentContent?, _ context: RuleContext) -> Verdict {
        let contents = payment.contents.filter { $0.status != .voided }
        guard contents.count > 1, let stands else { return Verdict() }
        let others = contents.filter { $0.document != stands.document }
        let total = stands.total ?? 0
        let difference = others.map { (($0.total ?? 0) - total).magnitude }.max() ?? 0
        let totals = contents.sorted { $0.order < $1.order }.map { content -> JSON in
            .string(content.total.map { Money($0, content.currency).decimal } ?? "")
        }
        return Verdict(findings: [
            Finding(
                kind, account: context.account.id, subject: stands.number, key: payment.key, severity: .warning,
                amount: Money(Int64(difference), stands.currency), money: "payment:\(payment.key)",
                details: [
                    "stands": .string(Money(total, stands.currency).decimal), "totals": .array(totals),
                    "because": others.contains { ($0.footing ?? 0) != 0 } && (stands.footing ?? 0) == 0 ? "foots" : "first",
                ], evidence: contents.map(\.evidence).sorted())
        ])
    }
}
