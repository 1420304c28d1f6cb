public import Trade

/// `deduction.duplicate`: the same claim was deducted again in another payment without a reversal between: under its own
/// reference, however its separators are written, or under another one with the same class, root invoice and amount.
/// The amount is what stands after the first payment's. What was taken before a reversal, also of a part, and what was taken after
/// it are not the same (`deduction.recharged` tells that).
///
/// Lines under an agreement's number are the same only with the same document date, and only what a configured agreement does not
/// cover of them is too much. An adjustment without a reference of its own
/// belongs to the payment of its line and is never taken twice.
public enum DeductionDuplicate: InvoiceRule {
    public static let kind = FindingKind.deductionDuplicate

    public static let wording = Wording(
        title: .init(en: "Deducted twice", zh: "重复扣款"),
        sentence: .init(
            en: "{{subject}} ({{details.class}}) was deducted again: {{amount}}{{details.out_of_range}} after the first one in payment "
                + "{{details.first}}{{#details.same_as}}, there under {{details.same_as}}{{/details.same_as}}.",
            zh: "{{subject}}（{{details.class}}）被重复扣款：首次见付款 {{details.first}}"
                + "{{#details.same_as}}（编号 {{details.same_as}}）{{/details.same_as}}，之后又扣 {{amount}}{{details.out_of_range}}。"),
        action: .init(en: "Claim the second deduction back", zh: "追回重复扣款"))

    /// One claim's takings that are the same by all but payment, what of them stands, and how much of that is too much.
    private struct Repeat {
        var claim: Claim
        /// All that stands, in order.
        var steps: [Claim.Step]
        /// Gross of the first payment that still stands: the claim's own size.
        var size: MinorUnits
        var tooMuch: MinorUnits
        var standing: MinorUnits { steps.sum(\.standing) }
        /// Under another reference.
        var original: Claim.Step?
    }

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var repeats: [Repeat] = []
        for claim in family.claims where !claim.isTakeBack && claim.standing > 0 {
            repeats += groups(claim)
        }
        markSameUnderOtherReference(&repeats)
        for index in repeats.indices where repeats[index].claim.isUnderAgreement {
            // what was agreed may be taken in parts that look alike
            repeats[index].tooMuch = min(repeats[index].tooMuch, repeats[index].steps.sum(\.beyondTerms))
        }
        if let opening = context.account.opening {
            repeats.removeAll { $0.steps.last?.date.map { $0 < opening } ?? false }
        }
        var order: [String] = []
        var byClaim: [String: [Repeat]] = [:]
        for item in repeats where item.tooMuch > 0 {
            if byClaim[item.claim.key] == nil { order.append(item.claim.key) }
            byClaim[item.claim.key, default: []].append(item)
        }
        return Verdict(findings: order.compactMap { finding(byClaim[$0] ?? [], context) })
    }

    /// What may be the same of one claim: by class, with no reversal between, for agreements also by document date.
    private static func groups(_ claim: Claim) -> [Repeat] {
        struct Sameness: Hashable {
            var deduction: DeductionClass
            var date: Day?
            var releases: Int
        }
        let rounds = claim.rounds
        var order: [Sameness] = []
        var groups: [Sameness: [Claim.Step]] = [:]
        for step in claim.takings where step.standing > 0 && !step.isPartOfPayment {
            let sameness = Sameness(
                deduction: step.deduction, date: step.line.role == .agreement ? step.documentDate : nil,
                releases: rounds.releases(before: step))
            if groups[sameness] == nil { order.append(sameness) }
            groups[sameness, default: []].append(step)
        }
        return order.map { sameness in
            let steps = groups[sameness] ?? []
            let size = steps.filter { $0.payment == steps.first?.payment }.sum(\.gross)
            if let application = claim.application, steps.allSatisfy({ $0.payment != application.payment }) {
                return Repeat(claim: claim, steps: steps, size: size, tooMuch: steps.sum(\.standing), original: application)
            }
            // an agreement's bill without a date may be another month's
            let isUnknown = sameness.date == nil && steps.first?.line.role == .agreement
            return Repeat(claim: claim, steps: steps, size: size, tooMuch: isUnknown ? 0 : max(0, steps.sum(\.standing) - size))
        }
    }

    private static func markSameUnderOtherReference(_ repeats: inout [Repeat]) {
        struct Place: Hashable {
            var root: String
            var deduction: DeductionClass
            var currency: Currency
            var size: MinorUnits
        }
        var first: [Place: Int] = [:]
        let inOrder = repeats.indices.sorted { a, b in
            guard let x = repeats[a].steps.first, let y = repeats[b].steps.first else { return a < b }
            if LineFact.isBefore(x.line, y.line) { return true }
            if LineFact.isBefore(y.line, x.line) { return false }
            return repeats[a].claim.key < repeats[b].claim.key
        }
        for index in inOrder {
            guard let root = repeats[index].claim.rootKey, let step = repeats[index].steps.first else { continue }
            let place = Place(root: root, deduction: step.deduction, currency: repeats[index].claim.currency, size: repeats[index].size)
            guard let other = first[place] else {
                // given back in part it was reversed, and the next may be right
                if repeats[index].standing >= repeats[index].size { first[place] = index }
                continue
            }
            guard let original = repeats[other].steps.first, original.payment != step.payment,
                repeats[other].claim.key != repeats[index].claim.key
            else { continue }
            repeats[index].original = original
            repeats[index].tooMuch = repeats[index].standing
        }
    }

    private static func finding(_ repeats: [Repeat], _ context: RuleContext) -> Finding? {
        guard let claim = repeats.first?.claim, let first = repeats.first?.original ?? repeats.first?.steps.first else { return nil }
        let stake = Stake(repeats.sums(\.tooMuch, by: \.claim.currency))
        let steps = repeats.flatMap { ($0.original.map { [$0] } ?? []) + $0.steps }.sorted { LineFact.isBefore($0.line, $1.line) }
        var details: JSON = ["class": .string(claim.deduction.rawValue), "first": .string(first.line.payment)]
        details["same_as"] = repeats.first?.original.map { .string($0.reference) }
        details["invoice"] = claim.root.map { .string($0) } ?? claim.rootKey.map { .string($0) }
        details["standing"] = claim.currency.decimal(claim.standing)
        details["items"] = DeductionItems.list(steps)
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: claim.reference, key: claim.key, severity: .warning, amount: stake.amount,
            direction: .toUs, money: claim.money, details: details, evidence: DeductionItems.evidence(steps))
    }
}

extension Claim.Step {
    /// An adjustment inside a paying line that names nothing but the line's own invoice.
    fileprivate var isPartOfPayment: Bool {
        line.role == .invoice && !line.isAdjustment && ReferenceKey.of(reference) == line.key
    }
}
