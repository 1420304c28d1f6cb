public import Trade

/// `payment.voided`: a payment that was booked is voided: it pays nothing. A number that was only ever seen as voided says nothing. A
/// person must look, so it stays open.
public enum PaymentVoided: PaymentRule {
    public static let kind = FindingKind.paymentVoided

    public static let wording = Wording(
        title: .init(en: "Payment voided", zh: "付款作废"),
        sentence: .init(
            en:
                "Payment {{subject}}{{#details.date}} of {{details.date}}{{/details.date}}{{#amount}} ({{amount}}){{/amount}} was booked and is"
                + " now voided: it pays nothing.",
            zh: "付款 {{subject}}{{#details.date}}（{{details.date}}）{{/details.date}}{{#amount}}，{{amount}}，{{/amount}}入账后被作废，"
                + "所付发票恢复为未付。"),
        action: .init(en: "Ask when it will be paid again", zh: "询问何时重新付款"))

    public static func judge(_ payment: PaymentCase, stands: PaymentContent?, _ context: RuleContext) -> Verdict {
        let inOrder = payment.contents.sorted { $0.order < $1.order }
        let booked = inOrder.filter { $0.status != .voided }
        guard booked.count < inOrder.count, let first = booked.first else { return Verdict() }
        // as it would stand were it not voided
        let stood = StandingContent.choose(PaymentCase(key: payment.key, contents: booked)) ?? first
        let stated = stood.total == nil ? inOrder.first { $0.total != nil } ?? stood : stood
        var details: JSON = [:]
        details["date"] = (stood.date ?? stated.date).map { .string($0.description) }
        let stake = stated.total.map { Stake(MinorUnits($0.magnitude), stated.currency) }
        stake?.note(in: &details)
        return Verdict(findings: [
            Finding(
                kind, account: context.account.id, subject: stood.number, key: payment.key, severity: .warning, amount: stake?.amount,
                money: "payment:\(payment.key)", details: details,
                evidence: Array(Set(inOrder.map(\.evidence)).sorted().prefix(InvoiceReckoning.evidenceLimit)))
        ])
    }
}
