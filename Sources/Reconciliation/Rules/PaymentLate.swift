public import Trade

/// `payment.late`: as-of > due + grace, nothing has paid the invoice, and its open balance > tolerance. It stays one
/// finding; `details.level` is the largest level reached. Deductions alone do not pay an invoice.
public enum PaymentLate: InvoiceRule {
    public static let kind = FindingKind.paymentLate

    public static let wording = Wording(
        title: .init(en: "Late", zh: "逾期未付"),
        sentence: .init(
            en: "{{subject}} was due on {{details.due}} and is {{details.days_late}} days late: {{amount}}{{details.out_of_range}} is open"
                + "{{#details.data}} (no remittance advice reaches up to its due date yet: cannot tell){{/details.data}}.",
            zh: "发票 {{subject}} 应于 {{details.due}} 付款，已逾期 {{details.days_late}} 天，未付 {{amount}}{{details.out_of_range}}"
                + "{{#details.data}}（付款通知尚未覆盖到期日，尚不能确定）{{/details.data}}。"),
        action: .init(en: "Ask for payment", zh: "催收货款"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        for standing in family.invoices where !standing.isPaidOn && !standing.invoice.isVoid && !standing.isHistory(context.account) {
            guard let due = standing.due, standing.open > standing.tolerance else { continue }
            let firstLateDay = due + context.account.graceDays + 1
            guard context.today >= firstLateDay else {
                verdict.merge(Verdict(wake: firstLateDay))
                continue
            }
            let days = context.today - due
            let level = context.account.lateLevels.last { $0 <= days }
            if let next = context.account.lateLevels.first(where: { $0 > days }) { verdict.merge(Verdict(wake: due + next)) }
            verdict.merge(Verdict(wake: standing.nextExpiry))
            verdict.findings.append(finding(standing, due, level, family.knownUntil, context))
        }
        return verdict
    }

    private static func finding(
        _ standing: InvoiceStanding, _ due: Day, _ level: Int?, _ knownUntil: Day?, _ context: RuleContext
    ) -> Finding {
        var details: JSON = [:]
        standing.noteDates(in: &details)
        // what was taken though nothing was paid is part of what is open
        let explained = standing.explained
        if !explained.isEmpty { details["explained"] = .array(explained) }
        if let level { details["level"] = .number(Int64(level)) }
        if knownUntil.map({ due + context.account.graceDays > $0 }) ?? true {
            details["data"] = "behind"
        }
        let isOld = level != nil && level == context.account.lateLevels.last
        let stake = Stake(standing.open, standing.currency)
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: standing.invoice.number, severity: isOld ? .critical : .warning,
            amount: stake.amount, direction: .toUs, money: standing.money, details: details,
            evidence: standing.evidence)
    }
}
