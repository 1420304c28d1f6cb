public import Trade

/// `invoice.malformed`: the number is not of the account's `invoice_pattern`.
public enum InvoiceMalformed: InvoiceRule {
    public static let kind = FindingKind.invoiceMalformed

    public static let wording = Wording(
        title: .init(en: "Malformed invoice number", zh: "发票号格式不符"),
        sentence: .init(
            en: "The invoice number {{subject}} ({{amount}}) is not of the form {{details.pattern}}.",
            zh: "发票号 {{subject}}（{{amount}}）不符合约定格式 {{details.pattern}}。"),
        action: .init(en: "Correct the number before it is paid under another", zh: "付款前更正发票号"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        guard let pattern = context.account.invoicePattern else { return Verdict() }
        var verdict = Verdict()
        for standing in family.invoices
        where !standing.isHistory(context.account) && !standing.invoice.isVoid && !pattern.matches(standing.invoice.number) {
            verdict.findings.append(
                Finding(
                    kind, account: context.account.id, subject: standing.invoice.number, severity: .info,
                    amount: Money(max(0, standing.invoice.total), standing.currency), money: standing.money,
                    details: ["pattern": .string(pattern.text)], evidence: [standing.invoice.evidence]))
        }
        return verdict
    }
}
