public import Trade

/// `payment.short`: at least one line pays the invoice, and open balance − unearned discount > tolerance. Not while it is paid twice.
public enum PaymentShort: InvoiceRule {
    public static let kind = FindingKind.paymentShort

    public static let wording = Wording(
        title: .init(en: "Short-paid", zh: "短付"),
        sentence: .init(
            en: "{{subject}} was paid {{details.paid}} of {{details.expected}} {{currency}}: {{amount}}{{details.out_of_range}} is missing."
                + "{{#details.explained}} {{amount}} {{reason}}{{#reference}} ({{reference}}){{/reference}}.{{/details.explained}}"
                + "{{#details.unexplained}} {{details.unexplained}} unexplained.{{/details.unexplained}}"
                + "{{#details.discount_in_claims}} Of what was given back {{details.discount_in_claims}} is discount in claims."
                + "{{/details.discount_in_claims}}"
                + "{{#details.written_off}} Besides, {{details.written_off}} is written off.{{/details.written_off}}",
            zh: "发票 {{subject}} 应收 {{details.expected}} {{currency}}，实收 {{details.paid}}，短付 {{amount}}{{details.out_of_range}}。"
                + "{{#details.explained}}{{reason}} {{amount}}{{#reference}}（{{reference}}）{{/reference}}。{{/details.explained}}"
                + "{{#details.unexplained}}原因不明 {{details.unexplained}}。{{/details.unexplained}}"
                + "{{#details.discount_in_claims}}已退回的索赔中含折扣 {{details.discount_in_claims}}。{{/details.discount_in_claims}}"
                + "{{#details.written_off}}另已核销 {{details.written_off}}。{{/details.written_off}}"),
        action: .init(en: "Check the deductions: dispute or accept", zh: "核对扣款，决定申诉或接受"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        for standing in family.invoices where standing.isPaidOn && standing.duplicate == 0 && !standing.isHistory(context.account) {
            let short = standing.open - standing.discountUnearned
            // what is not short now cannot become so by time alone: windows that close only take out of it
            guard short > standing.tolerance else { continue }
            verdict.merge(Verdict(wake: standing.nextExpiry))
            var finding = finding(standing, short, family.claims, context)
            finding.details["explained"] = family.supporting(finding.details["explained"], of: standing.invoice, context)
            verdict.findings.append(finding)
        }
        return verdict
    }

    private static func finding(_ standing: InvoiceStanding, _ short: MinorUnits, _ claims: [Claim], _ context: RuleContext) -> Finding {
        let decimal = standing.currency.decimal
        let stake = Stake(short, standing.currency)
        let explained = standing.explained
        var details: JSON = ["expected": decimal(standing.expected), "paid": decimal(standing.paid)]
        if !explained.isEmpty { details["explained"] = .array(explained) }
        if standing.unexplained != 0 { details["unexplained"] = decimal(standing.unexplained) }
        if standing.writtenOff > 0 { details["written_off"] = decimal(standing.writtenOff) }
        if standing.credits > 0 { details["credits"] = decimal(standing.credits) }
        if standing.discountInClaims > 0 { details["discount_in_claims"] = decimal(standing.discountInClaims) }
        standing.noteDates(in: &details)
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: standing.invoice.number, severity: .warning,
            amount: stake.amount, direction: .toUs, money: money(standing, claims), details: details, evidence: standing.evidence)
    }

    /// A claim's, where what is missing is one claim and nothing else; else the invoice's.
    private static func money(_ standing: InvoiceStanding, _ claims: [Claim]) -> String {
        let references = Set(standing.deductions.map { ReferenceKey.of($0.reference) })
        guard references.count == 1, let reference = references.first, standing.memosTakenTwice == 0,
            standing.unexplained.magnitude <= standing.tolerance.magnitude,
            let claim = claims.first(where: { $0.rootKey == standing.invoice.key && ReferenceKey.of($0.reference) == reference })
        else { return standing.money }
        return claim.money
    }
}
