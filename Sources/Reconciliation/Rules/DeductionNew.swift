public import Trade

/// `deduction.new`: a deduction was booked. Told once for each claim reference, all its takings together. Final documents of a
/// round that is on file are the same money, up to what its closing gave back. Of what a configured agreement covers only what is above it is told.
///
/// A negative line on an invoice that is not on file may be a take-back: it waits as `payment.unmatched` does.
public enum DeductionNew: InvoiceRule {
    public static let kind = FindingKind.deductionNew

    public static let wording = Wording(
        title: .init(en: "New deduction", zh: "新扣款"),
        sentence: .init(
            en: "{{amount}}{{details.out_of_range}} was deducted under {{subject}} ({{details.class}}) in "
                + "{{#details.payments}}{{details.payments}} payments, {{details.payment}} among them{{/details.payments}}"
                + "{{^details.payments}}payment {{details.payment}}{{/details.payments}}"
                + "{{#details.invoice}}, on invoice {{details.invoice}}{{/details.invoice}}"
                + "{{#details.agreement}}, above what was agreed under {{details.agreement}}{{/details.agreement}}."
                + "{{#details.deadline}} Last day to dispute it: {{details.deadline}}.{{/details.deadline}}",
            zh: "{{#details.payments}}{{details.payments}} 笔付款（含 {{details.payment}}）{{/details.payments}}"
                + "{{^details.payments}}付款 {{details.payment}} {{/details.payments}}以 {{subject}}（{{details.class}}）扣款 {{amount}}{{details.out_of_range}}"
                + "{{#details.invoice}}，涉及发票 {{details.invoice}}{{/details.invoice}}"
                + "{{#details.agreement}}，超出协议 {{details.agreement}} 的约定{{/details.agreement}}。"
                + "{{#details.deadline}}申诉截止日 {{details.deadline}}。{{/details.deadline}}"),
        action: .init(en: "Check it: dispute or accept", zh: "核对扣款，决定申诉或接受"))

    /// What one subject took.
    private struct Deduction {
        var subject: String
        var claim: Claim
        var steps: [Claim.Step]
    }

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        var order: [String] = []
        var deductions: [String: Deduction] = [:]
        for claim in family.claims where !claim.isUnderAgreement {
            var steps = claim.takings.filter { $0.kind == .taking }
            // of a round that is not on file the final document is all there is
            if steps.isEmpty { steps = claim.takings } else { steps += beyondRound(claim) }
            if let opening = context.account.opening { steps.removeAll { $0.date.map { $0 < opening } ?? false } }
            if claim.isTakeBack, claim.invoice == nil, let came = steps.map(\.received).max() {
                guard context.today >= came + context.account.unmatchedDays else {
                    verdict.merge(Verdict(wake: came + context.account.unmatchedDays))
                    continue
                }
            }
            guard !steps.isEmpty else { continue }
            if deductions[claim.key] == nil { order.append(claim.key) }
            deductions[claim.key, default: Deduction(subject: claim.reference, claim: claim, steps: [])].steps += steps
        }
        for key in order {
            guard let deduction = deductions[key] else { continue }
            verdict.findings.append(finding(deduction, key, family, context))
        }
        // one subject is one finding, also where an agreement's number took money of another currency too
        verdict.findings += AboveAgreement.findings(family, context).filter { deductions[$0.key] == nil }
        return verdict
    }

    /// What final documents take beyond the round that was closed into them.
    private static func beyondRound(_ claim: Claim) -> [Claim.Step] {
        let closed = claim.releases.filter { $0.kind == .closing }.sum(\.gross)
        var same = closed > 0 ? closed : claim.takings.filter { $0.kind == .taking }.sum(\.gross)
        var beyond: [Claim.Step] = []
        for var step in claim.finalDocuments {
            let covered = min(same, step.gross)
            same -= covered
            guard step.gross > covered else { continue }
            step.gross -= covered
            step.net -= covered
            beyond.append(step)
        }
        return beyond
    }

    private static func finding(_ deduction: Deduction, _ key: String, _ family: FamilyStanding, _ context: RuleContext) -> Finding {
        let claim = deduction.claim
        let steps = deduction.steps.sorted { LineFact.isBefore($0.line, $1.line) }
        let stake = Stake(steps.sums(\.gross, by: \.line.currency))
        var details: JSON = ["class": .string(claim.deduction.rawValue)]
        details["invoice"] = claim.root.map { .string($0) } ?? claim.rootKey.map { .string($0) }
        details["po"] = claim.orders.first.map { .string($0) }
        details["return"] = claim.returns.first.map { .string($0) }
        if let first = steps.first {
            details["payment"] = .string(first.line.payment)
            details["date"] = first.date.map { .string($0.description) }
        }
        let due = claim.invoice.flatMap { family.invoices[$0].due }
        details["deadline"] = claim.deadline(of: steps.first?.date, due: due, context.account).map { .string($0.description) }
        let net = steps.sum(\.net)
        if stake.amount != nil, net != steps.sum(\.gross) { details["net"] = claim.currency.decimal(net) }
        if steps.count > 1 { details["items"] = DeductionItems.list(steps) }
        details["payments"] = DeductionItems.count(of: steps.map(\.line))
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: deduction.subject, key: key, severity: .info, amount: stake.amount,
            direction: .toUs, money: claim.money, details: details, evidence: DeductionItems.evidence(steps))
    }
}

/// What was taken under agreements and not agreed: the second half of `deduction.new`.
private enum AboveAgreement {
    static func findings(_ family: FamilyStanding, _ context: RuleContext) -> [Finding] {
        let agreed = family.claims.filter(\.isUnderAgreement)
        guard !agreed.isEmpty else { return [] }
        let terms = AgreementTerms(context.account, family: family.family)
        let subjects = Dictionary(grouping: agreed, by: { terms.subject(of: $0) })
        return subjects.keys.sorted().compactMap { subject in
            let claims = subjects[subject] ?? []
            let (excess, unchecked) = terms.excess(of: claims, receipts: family.receiptsByMonth)
            guard let first = excess.first, let claim = claims.first else { return nil }
            let currency = claim.currency
            let stake = Stake(excess.sum(\.amount), currency)
            let steps = excess.flatMap(\.steps).sorted { LineFact.isBefore($0.line, $1.line) }
            var details: JSON = [
                "class": .string(claim.deduction.rawValue), "agreement": .string(first.agreement.id),
                "items": .array(
                    excess.prefix(DeductionItems.limit).map { month($0, currency) }),
            ]
            if let step = steps.last {
                details["payment"] = .string(step.line.payment)
                details["payments"] = DeductionItems.count(of: steps.map(\.line))
                details["date"] = step.date.map { .string($0.description) }
                let due = claim.invoice.flatMap { family.invoices[$0].due }
                details["deadline"] = claim.deadline(of: step.date, due: due, context.account).map { .string($0.description) }
            }
            if !unchecked.isEmpty {
                details["unchecked_months"] = .array(
                    unchecked.prefix(DeductionItems.limit).map { .string(String($0.description.prefix(7))) })
            }
            stake.note(in: &details)
            return Finding(
                .deductionNew, account: context.account.id, subject: subject, severity: .info, amount: stake.amount, direction: .toUs,
                // several numbers may take under one agreement
                money: subject == claim.reference ? claim.money : "claim:\(ReferenceKey.of(subject))", details: details,
                evidence: DeductionItems.evidence(steps))
        }
    }

    private static func month(_ item: AgreementTerms.Excess, _ currency: Currency) -> JSON {
        var json: JSON = [
            "month": .string(String(item.month.description.prefix(7))), "taken": currency.decimal(item.taken),
            "agreed": currency.decimal(item.agreed), "amount": currency.decimal(item.amount), "reason": .string(item.reason.rawValue),
        ]
        if let receipts = item.receipts {
            json["receipts"] = receipts.minorUnits.map { currency.decimal($0) }
            json["receipts_month"] = .string(String(receipts.month.description.prefix(7)))
            if receipts.unpriced > 0 { json["unpriced"] = .number(Int64(receipts.unpriced)) }
        }
        return json
    }
}

/// The causes of a finding about several takings.
enum DeductionItems {
    /// A person checks no more by hand; the sum is in the amount.
    static let limit = 100

    static func list(_ steps: [Claim.Step]) -> JSON {
        .array(
            steps.prefix(limit).map { step in
                var item: JSON = [
                    "reference": .string(step.reference), "class": .string(step.deduction.rawValue),
                    "amount": step.line.currency.decimal(step.gross), "currency": .string(step.line.currency.code),
                    "payment": .string(step.line.payment),
                ]
                item["date"] = step.date.map { .string($0.description) }
                return item
            })
    }

    /// In how many payments the lines are; nil if in one.
    static func count(of lines: [LineFact]) -> JSON? {
        let count = Set(lines.map { ReferenceKey.of($0.payment) }).count
        return count > 1 ? .number(Int64(count)) : nil
    }

    static func evidence(_ steps: [Claim.Step]) -> [Evidence] {
        Array(Set(steps.map(\.evidence)).sorted().prefix(InvoiceReckoning.evidenceLimit))
    }
}
