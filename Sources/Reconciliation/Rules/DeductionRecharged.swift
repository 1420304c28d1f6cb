public import Trade

/// `deduction.recharged`: a claim that was reversed stands again, until that is reversed too: by its number (`…SC`, `…SCR`,
/// `…SCRSC`), or taken again under the same reference after its release. A round closed into its final document was not
/// reversed. One finding for each root invoice.
public enum DeductionRecharged: InvoiceRule {
    public static let kind = FindingKind.deductionRecharged

    public static let wording = Wording(
        title: .init(en: "Deducted again after release", zh: "撤销后再次扣款"),
        sentence: .init(
            en: "A claim on {{subject}} was given back and is taken again: {{amount}}{{details.out_of_range}} stands under "
                + "{{details.claim}} ({{details.class}}), taken on {{details.date}}.",
            zh: "{{subject}} 的索赔撤销后再次扣款：{{details.claim}}（{{details.class}}）于 {{details.date}} 扣款，"
                + "现未退 {{amount}}{{details.out_of_range}}。"),
        action: .init(en: "Dispute with the earlier release", zh: "凭先前的撤销记录申诉"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var order: [String] = []
        var byRoot: [String: [(claim: Claim, again: [Claim.Step])]] = [:]
        for claim in family.claims where !claim.isAgreed && !claim.isTakeBack && claim.standing > 0 {
            var again = (isLaterRound(claim) ? claim.takings : takenAfterRelease(claim)).filter { $0.standing > 0 }
            if let opening = context.account.opening { again.removeAll { $0.date.map { $0 < opening } ?? false } }
            guard !again.isEmpty else { continue }
            let root = claim.rootKey ?? claim.key
            if byRoot[root] == nil { order.append(root) }
            byRoot[root, default: []].append((claim, again))
        }
        return Verdict(findings: order.compactMap { finding($0, byRoot[$0] ?? [], context) })
    }

    /// `…SCRSC`: the number itself says that a round of the same kind was released.
    private static func isLaterRound(_ claim: Claim) -> Bool {
        let links = claim.rootKey.flatMap { ClaimChain.links(of: claim.key, after: $0) } ?? ClaimChain(key: claim.key).links
        guard let last = links.last, last == .shortage || last == .price, let earlier = links.dropLast().firstIndex(of: last)
        else { return false }
        return links[earlier...].dropLast().contains(.release)
    }

    private static func takenAfterRelease(_ claim: Claim) -> [Claim.Step] {
        let rounds = claim.rounds
        return claim.takings.filter { rounds.releases(before: $0) > 0 }
    }

    private static func finding(
        _ root: String, _ recharged: [(claim: Claim, again: [Claim.Step])], _ context: RuleContext
    ) -> Finding? {
        guard let claim = recharged.first?.claim, let step = recharged.first?.again.first else { return nil }
        let stake = Stake(recharged.sums({ $0.again.sum(\.standing) }, by: \.claim.currency))
        let steps = recharged.flatMap(\.again)
        var details: JSON = ["class": .string(claim.deduction.rawValue), "claim": .string(claim.reference)]
        details["date"] = step.date.map { .string($0.description) }
        details["payment"] = .string(step.line.payment)
        details["items"] = DeductionItems.list(steps)
        stake.note(in: &details)
        let story = recharged.flatMap { $0.claim.evidence }
        return Finding(
            kind, account: context.account.id, subject: claim.root ?? root, key: root, severity: .warning, amount: stake.amount,
            direction: .toUs, money: recharged.count == 1 ? claim.money : "invoice:\(root)", details: details,
            evidence: Array(Set(story).sorted().prefix(InvoiceReckoning.evidenceLimit)))
    }
}
