public import Trade

/// `payment.duplicate`: two payments each pay the invoice in full (total − earned discount, within tolerance); then neither short nor
/// over. What came beyond the first one, less what was taken back.
public enum PaymentDuplicate: InvoiceRule {
    public static let kind = FindingKind.paymentDuplicate

    public static let wording = Wording(
        title: .init(en: "Paid twice", zh: "重复付款"),
        sentence: .init(
            en: "{{subject}} was paid in full more than once: {{amount}}{{details.out_of_range}} too much."
                + "{{#details.payments}} {{amount}} by payment {{payment}}{{#date}} of {{date}}{{/date}}.{{/details.payments}}",
            zh: "发票 {{subject}} 被重复全额付款，多付 {{amount}}{{details.out_of_range}}。"
                + "{{#details.payments}}付款 {{payment}}{{#date}}（{{date}}）{{/date}} {{amount}}。{{/details.payments}}"),
        action: .init(en: "Expect a take-back, or offer it back", zh: "等待对方扣回，或主动退还"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        for standing in family.invoices where !standing.isHistory(context.account) && standing.duplicate > 0 {
            verdict.findings.append(finding(standing, context))
        }
        return verdict
    }

    private static func finding(_ standing: InvoiceStanding, _ context: RuleContext) -> Finding {
        let decimal = standing.currency.decimal
        let payments: [JSON] = standing.payments.prefix(InvoiceReckoning.evidenceLimit).map { share in
            var item: JSON = ["payment": .string(share.payment), "amount": decimal(share.amount)]
            item["date"] = share.date.map { .string($0.description) }
            return item
        }
        var details: JSON = [
            "in_full": decimal(MinorUnits(standing.invoice.total) - standing.discountEarned), "payments": .array(payments),
        ]
        if standing.takenBack > 0 { details["taken_back"] = decimal(standing.takenBack) }
        let stake = Stake(standing.duplicate, standing.currency)
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: standing.invoice.number, severity: .warning, amount: stake.amount, direction: .byUs,
            money: standing.money, details: details, evidence: standing.evidence)
    }
}
