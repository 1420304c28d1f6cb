public import Trade

/// `payment.late`: as-of > due + grace, nothing has paid the invoice, and its open balance > tolerance. It stays one
/// finding; `details.level` is the largest level reached, `details.bucket` the column of an ageing table. Deductions alone do not pay an invoice.
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
        for standing in family.invoices where !standing.isPaidOn && !standing.isHistory(context.account) {
            guard let due = standing.due, standing.open > standing.tolerance else { continue }
            let firstLateDay = due + context.account.graceDays + 1
            guard context.today >= firstLateDay else {
                verdict.merge(Verdict(wake: firstLateDay))
                continue
            }
            let days = context.today - due
            let level = context.account.lateLevels.last { $0 <= days }
            if let next = context.account.lateLevels.first(where: { $0 > days }) { verdict.merge(Verdict(wake: due + next)) }
            if let next = AgeingBucket(days: days).nextFrom { verdict.merge(Verdict(wake: due + next)) }
            verdict.merge(Verdict(wake: standing.nextExpiry))
            verdict.findings.append(finding(standing, due, level, family.knownUntil, context))
        }
        return verdict
    }

    private static func finding(
        _ standing: InvoiceStanding, _ due: Day, _ level: Int?, _ knownUntil: Day?, _ context: RuleContext
    ) -> Finding {
        var details: JSON = ["bucket": .string(AgeingBucket(days: context.today - due).rawValue)]
        standing.noteDates(in: &details)
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

/// The columns of an ageing table, by days after the due date. The raw value is the same in every language.
enum AgeingBucket: String {
    case upTo30 = "1-30"
    case upTo60 = "31-60"
    case upTo90 = "61-90"
    case over90 = "over 90"

    /// - Parameter days: after the due date, at least 1.
    init(days: Int) { self = days <= 30 ? .upTo30 : days <= 60 ? .upTo60 : days <= 90 ? .upTo90 : .over90 }

    /// The first day of the next one.
    var nextFrom: Int? {
        switch self {
        case .upTo30: 31
        case .upTo60: 61
        case .upTo90: 91
        case .over90: nil
        }
    }
}
