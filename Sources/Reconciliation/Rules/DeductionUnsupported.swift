public import Trade

/// `deduction.unsupported`: our own records contradict a claim that stands. A shortage though everything was received or
/// delivered, a price claim though nothing is invoiced above the order's price, a return that is not on file, an invoice or an
/// order still unknown after `unmatched_days`, a round closed (`RI`) without its final document.
///
/// `details.contradiction` says which record. A window that closed does not end it; a reversal does. Without a receipt on file
/// nothing is said of a shortage, and a claim that is right in part is supported.
public enum DeductionUnsupported: InvoiceRule {
    public static let kind = FindingKind.deductionUnsupported

    public static let wording = Wording(
        title: .init(en: "Deducted, and our records say otherwise", zh: "扣款与我方记录不符"),
        sentence: .init(
            en:
                "{{subject}}: {{amount}}{{details.out_of_range}} was deducted ({{details.class}}), but {{details.contradiction}}."
                + "{{#details.items}} {{item}}{{#received}}: {{received}} of {{invoiced}} received{{/received}}"
                + "{{#delivered}}{{#received}},{{/received}}{{^received}}:{{/received}} {{delivered}} of {{invoiced}} delivered{{/delivered}}"
                + "{{#order_price}}: {{price}} invoiced, {{order_price}} ordered{{/order_price}}.{{/details.items}}"
                + "{{#details.claimed_before}} Earlier claims took {{details.claimed_before}} for it.{{/details.claimed_before}}",
            zh: "{{subject}}：扣款 {{amount}}{{details.out_of_range}}（{{details.class}}），但{{details.contradiction}}。"
                + "{{#details.items}}{{item}}{{#received}}：开票 {{invoiced}}，收货 {{received}}{{/received}}"
                + "{{#delivered}}{{#received}}，{{/received}}{{^received}}：开票 {{invoiced}}，{{/received}}签收 {{delivered}}{{/delivered}}"
                + "{{#order_price}}：开票价 {{price}}，订单价 {{order_price}}{{/order_price}}。{{/details.items}}"
                + "{{#details.claimed_before}}此前的索赔已占用 {{details.claimed_before}}。{{/details.claimed_before}}"),
        action: .init(en: "Dispute it with this evidence", zh: "凭此证据申诉"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        var found: [(claim: Claim, support: Support, standing: [Currency: MinorUnits])] = []
        var places: [String: Int] = [:]
        for claim in family.claims where claim.standing > 0 {
            let support = Support(claim, family, context)
            verdict.merge(Verdict(wake: support.wake))
            let standing = claim.takings.filter { !isHistory($0, context.account) }.sum(\.standing)
            guard support.verdict == .contradicted, standing > 0 else { continue }
            // one finding for each number, whatever currencies it has
            let place = places[claim.key] ?? found.count
            if place == found.count {
                places[claim.key] = place
                found.append((claim, support, [:]))
            }
            found[place].standing[claim.currency, default: 0] += standing
        }
        verdict.findings += found.map { finding($0.claim, $0.standing, $0.support, context) }
        return verdict
    }

    private static func isHistory(_ step: Claim.Step, _ account: AccountRules) -> Bool {
        guard let opening = account.opening, let date = step.date else { return false }
        return date < opening
    }

    private static func finding(_ claim: Claim, _ standing: [Currency: MinorUnits], _ support: Support, _ context: RuleContext) -> Finding {
        var details = support.record
        details["contradiction"] = support.contradictions.first.map { .string($0.rawValue) }
        let others = support.contradictions.dropFirst()
        if !others.isEmpty { details["also"] = .array(others.map { .string($0.rawValue) }) }
        details["class"] = .string(claim.deduction.rawValue)
        if let root = claim.root ?? claim.rootKey { details["invoice"] = .string(root) }
        if let first = claim.takings.first {
            details["payment"] = .string(first.line.payment)
            details["date"] = first.date.map { .string($0.description) }
        }
        let stake = Stake(standing)
        stake.note(in: &details)
        let own = claim.evidence
        let records = Set(support.evidence).subtracting(own).sorted()
        let limit = InvoiceReckoning.evidenceLimit
        return Finding(
            kind, account: context.account.id, subject: claim.reference, key: claim.key, severity: .warning, amount: stake.amount,
            direction: .toUs, money: claim.money, details: details,
            // some of each: what was taken, and what contradicts it
            evidence: Array(own.prefix(max(limit / 2, limit - records.count)) + records.prefix(max(limit / 2, limit - own.count))))
    }
}
