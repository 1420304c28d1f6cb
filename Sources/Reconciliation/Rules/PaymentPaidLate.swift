public import Trade

/// `payment.paid_late`: settled, but the last payment that it took is dated after due + grace. Told once.
///
/// By the due date as it is known now: one that becomes known later tells it then.
public enum PaymentPaidLate: InvoiceRule {
    public static let kind = FindingKind.paymentPaidLate

    public static let wording = Wording(
        title: .init(en: "Paid late", zh: "逾期付款"),
        sentence: .init(
            en: "{{subject}} of {{amount}} was due on {{details.due}} and settled on {{details.paid_on}}, {{details.days_late}} days late.",
            zh: "发票 {{subject}}（{{amount}}）应于 {{details.due}} 付款，{{details.paid_on}} 付清，逾期 {{details.days_late}} 天。"),
        action: .init(en: "Note it for the next talk about terms", zh: "记录在案，供账期谈判参考"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        for standing in family.invoices where standing.isPaidOn && !standing.invoice.isVoid && !standing.isHistory(context.account) {
            guard let due = standing.due, let latest = standing.payments.compactMap(\.date).max(), latest > due + context.account.graceDays
            else { continue }
            // a claim that leaves the open balance can settle the invoice, or show that a late payment was not needed
            verdict.merge(Verdict(wake: standing.nextExpiry))
            guard standing.isSettled, let settled = settlingDay(standing), settled > due + context.account.graceDays else { continue }
            verdict.findings.append(finding(standing, due, settled, context))
        }
        return verdict
    }

    /// The date of the last payment that was needed: from it on, payments less take-backs have never again been less than what settles
    /// the invoice. Reversals and claims are no payments.
    private static func settlingDay(_ standing: InvoiceStanding) -> Day? {
        // what came undated came in time
        var moves = standing.payments.map { (day: $0.date?.number ?? .min, amount: $0.amount) }
        moves += standing.takeBacks.map { (day: $0.date?.number ?? .min, amount: -$0.amount) }
        moves.sort { $0.day < $1.day }
        let spare = standing.tolerance - (standing.open - standing.discountUnearned)
        let needed = moves.sum(\.amount) - spare
        var paid: MinorUnits = 0
        // before any payment, where credits alone settle it
        var settled: Int32? = needed <= 0 ? .min : nil
        for (index, move) in moves.enumerated() {
            paid += move.amount
            // only the end of a day counts
            if index + 1 < moves.count, moves[index + 1].day == move.day { continue }
            settled = paid < needed ? nil : settled ?? move.day
        }
        return settled.flatMap { $0 == .min ? nil : Day(number: $0) }
    }

    private static func finding(_ standing: InvoiceStanding, _ due: Day, _ settled: Day, _ context: RuleContext) -> Finding {
        var details: JSON = ["paid_on": .string(settled.description), "days_late": .number(Int64(settled - due))]
        standing.noteDates(in: &details)
        return Finding(
            kind, account: context.account.id, subject: standing.invoice.number, severity: .info,
            amount: Money(max(0, standing.invoice.total), standing.currency), money: standing.money, details: details,
            evidence: standing.evidence)
    }
}
