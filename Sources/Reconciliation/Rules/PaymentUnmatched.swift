public import Trade

/// `payment.unmatched`: a paying line names an invoice still unknown `unmatched_days` after it came (inclusive), or one
/// that is kept in another currency. Never for deductions.
public enum PaymentUnmatched: InvoiceRule {
    public static let kind = FindingKind.paymentUnmatched

    public static let wording = Wording(
        title: .init(en: "Paid, but not on file", zh: "已付款但无对应发票"),
        sentence: .init(
            en: "{{amount}} was paid for {{subject}} in payment {{details.payment}}, and no such invoice is on file.",
            zh: "付款 {{details.payment}} 中有 {{amount}} 支付 {{subject}}，但系统中没有这张发票。"),
        action: .init(en: "File the invoice, or name the right one", zh: "补录或指明发票"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        var groups: [String: [(line: LineFact, reason: FamilyStanding.UnmatchedReason)]] = [:]
        for item in family.unmatched {
            if let opening = context.account.opening, let date = item.line.paymentDate, date < opening { continue }
            groups[item.line.key, default: []].append(item)
        }
        for key in groups.keys.sorted() {
            let items = groups[key, default: []]
            let told = items.filter { $0.reason == .currency || context.today - $0.line.received >= context.account.unmatchedDays }
            for item in items where item.reason == .unknown && context.today - item.line.received < context.account.unmatchedDays {
                verdict.merge(Verdict(wake: item.line.received + context.account.unmatchedDays))
            }
            guard let first = told.first?.line else { continue }
            let sum = told.filter { $0.line.currency == first.currency }.reduce(0) { $0 + $1.line.net }
            var details: JSON = ["payment": .string(first.payment)]
            if let date = first.paymentDate { details["date"] = .string(date.description) }
            if told.contains(where: { $0.reason == .currency }) { details["reason"] = "currency" }
            verdict.findings.append(
                Finding(
                    kind, account: context.account.id, subject: first.reference, key: key, severity: .warning,
                    amount: Money(Int64(sum.magnitude), first.currency), money: "payment-line:\(key)", details: details,
                    evidence: Array(Set(told.map(\.line.evidence)).sorted().prefix(20))))
        }
        return verdict
    }
}
