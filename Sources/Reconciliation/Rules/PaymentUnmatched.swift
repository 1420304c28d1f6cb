public import Trade

/// `payment.unmatched`: a paying line names an invoice still unknown `unmatched_days` after it came (inclusive), or one
/// that is kept in another currency. Never for deductions.
public enum PaymentUnmatched: InvoiceRule {
    public static let kind = FindingKind.paymentUnmatched

    public static let wording = Wording(
        title: .init(en: "Paid, but not on file", zh: "已付款但无对应发票"),
        sentence: .init(
            en:
                "{{amount}}{{details.out_of_range}} was paid for {{subject}} in "
                + "{{#details.payments}}{{details.payments}} payments, {{details.payment}} among them, and {{/details.payments}}"
                + "{{^details.payments}}payment {{details.payment}}, and {{/details.payments}}"
                + "{{^details.reason}}no such invoice is on file{{/details.reason}}"
                + "{{#details.reason}}the invoice is in another currency, with no rate to count it by{{/details.reason}}.",
            zh: "{{#details.payments}}{{details.payments}} 笔付款（含 {{details.payment}}）{{/details.payments}}"
                + "{{^details.payments}}付款 {{details.payment}} {{/details.payments}}中有 {{amount}}{{details.out_of_range}} 支付 {{subject}}，但"
                + "{{^details.reason}}系统中没有这张发票{{/details.reason}}{{#details.reason}}发票币种不同，且未注明汇率{{/details.reason}}。"),
        action: .init(en: "File the invoice, or name the right one", zh: "补录或指明发票"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        var groups: [String: [(line: LineFact, reason: FamilyStanding.UnmatchedReason)]] = [:]
        for item in family.unmatched {
            if let opening = context.account.opening, let date = item.line.paymentDate, date < opening { continue }
            let overdue = item.line.received + context.account.unmatchedDays
            if item.reason == .unknown, context.today < overdue {
                verdict.merge(Verdict(wake: overdue))
            } else {
                groups[item.line.key, default: []].append(item)
            }
        }
        for key in groups.keys.sorted() {
            verdict.findings.append(finding(key, groups[key, default: []], context))
        }
        return verdict
    }

    private static func finding(
        _ key: String, _ items: [(line: LineFact, reason: FamilyStanding.UnmatchedReason)], _ context: RuleContext
    ) -> Finding {
        let lines = items.map(\.line).sorted(by: wasSeenBefore)
        let first = lines[0]
        var details: JSON = ["payment": .string(first.payment)]
        if let date = first.paymentDate { details["date"] = .string(date.description) }
        if items.contains(where: { $0.reason == .currency }) { details["reason"] = "currency" }
        if lines.count > 1 {
            details["items"] = .array(
                lines.prefix(DeductionItems.limit).map { line in
                    var item: JSON = [
                        "reference": .string(line.reference), "payment": .string(line.payment),
                        "amount": line.currency.decimal(MinorUnits(line.net)), "currency": .string(line.currency.code),
                    ]
                    item["date"] = line.paymentDate.map { .string($0.description) }
                    return item
                })
        }
        details["payments"] = DeductionItems.count(of: lines)
        let stake = Stake(lines.sums(\.net, by: \.currency))
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: first.reference, key: key, severity: .warning, amount: stake.amount,
            money: "payment-line:\(key)", details: details,
            evidence: Array(Set(lines.map(\.evidence)).sorted().prefix(InvoiceReckoning.evidenceLimit)))
    }

    /// By arrival and payment date; the rest only makes the choice independent of the order in the case.
    private static func wasSeenBefore(_ a: LineFact, _ b: LineFact) -> Bool {
        let (x, y) = (a.paymentDate?.number ?? .min, b.paymentDate?.number ?? .min)
        if (a.received, x) != (b.received, y) { return (a.received, x) < (b.received, y) }
        return (a.payment, a.evidence, a.reference, a.currency, a.net) < (b.payment, b.evidence, b.reference, b.currency, b.net)
    }
}
