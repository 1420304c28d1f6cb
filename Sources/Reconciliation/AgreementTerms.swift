import Trade

/// What was agreed to be deducted, held against the claims of one family.
struct AgreementTerms {
    /// What one month took under an agreement that it did not grant.
    struct Excess {
        enum Reason: String {
            case above, expired
            case otherClass = "class"
        }
        var agreement: Agreement
        var reason: Reason
        /// First day of the month.
        var month: Day
        var taken: MinorUnits
        var agreed: MinorUnits
        var amount: MinorUnits
        var steps: [Claim.Step]
    }

    private let family: String
    private let currency: Currency
    private let opening: Day?
    private let agreements: [(agreement: Agreement, key: String)]

    init(_ account: AccountRules, family: String) {
        self.family = family
        currency = account.currency
        opening = account.opening
        agreements = account.agreements.filter { $0.account == account.id }.map { ($0, ReferenceKey.of($0.id)) }
    }

    /// Shorter numbers are looked for in references only: they may stand in any text.
    private static let shortestInText = 6

    /// Whether a claim is taken under one of the agreements, by its reference or its text.
    func cover(_ claim: Claim) -> Bool { !named(by: claim).isEmpty }

    private func named(by claim: Claim) -> [Agreement] {
        guard !claim.isTakeBack, claim.currency == currency else { return [] }
        let texts = claim.takings.compactMap { $0.line.text.map { ReferenceKey.of($0) } }
        return agreements.filter { item in
            item.key == claim.key || item.key.utf8.count >= Self.shortestInText && texts.contains { $0.contains(item.key) }
        }.map(\.agreement)
    }

    /// Subject of what is above the agreement that a claim names: the agreement, if its number is what brings the family's lines
    /// together; else the claim, because months cannot be added up across families.
    func subject(of claim: Claim) -> String {
        named(by: claim).first { ReferenceKey.of($0.id) == family }?.id ?? claim.reference
    }

    /// What was taken above the agreements, month by month; and the months of which cannot be told because the value of their
    /// receipts is not known.
    func excess(of claims: [Claim], receipts: [Day: Int64]?) -> (excess: [Excess], unchecked: [Day]) {
        struct Place: Hashable {
            var agreement: Agreement
            var month: Day
            var reason: Excess.Reason
        }
        var months: [Place: (taken: [Claim.Step], given: MinorUnits)] = [:]
        for claim in claims {
            let named = named(by: claim)
            guard !named.isEmpty else { continue }
            for step in claim.takings + claim.releases {
                let date = step.date ?? step.received
                let fitting = named.filter { Self.fits(step, $0) }
                let valid = fitting.first { $0.valid.contains(date) }
                guard let agreement = valid ?? fitting.first ?? named.first else { continue }
                let reason: Excess.Reason = valid != nil ? .above : fitting.isEmpty ? .otherClass : .expired
                let place = Place(agreement: agreement, month: date + (1 - date.components.day), reason: reason)
                if step.takes {
                    months[place, default: ([], 0)].taken.append(step)
                } else {
                    months[place, default: ([], 0)].given += step.gross
                }
            }
        }
        var found: [Excess] = []
        var unchecked: [Day] = []
        for (place, month) in months {
            guard let agreed = place.reason == .above ? granted(place.agreement, in: place.month, receipts) : 0 else {
                unchecked.append(place.month)
                continue
            }
            let taken = month.taken.sum(\.gross) - month.given
            let steps = month.taken.filter { step in opening.map { (step.date ?? $0) >= $0 } ?? true }
            let amount = min(taken - agreed, steps.sum(\.gross))
            guard amount > 0 else { continue }
            found.append(
                Excess(
                    agreement: place.agreement, reason: place.reason, month: place.month, taken: taken, agreed: agreed, amount: amount,
                    steps: steps))
        }
        found.sort {
            ($0.month, $0.reason.rawValue, $0.agreement.id, $0.amount) < ($1.month, $1.reason.rawValue, $1.agreement.id, $1.amount)
        }
        return (found, unchecked.sorted())
    }

    /// A line that only its number makes an agreement's does not say what for.
    private static func fits(_ step: Claim.Step, _ agreement: Agreement) -> Bool {
        if step.deduction == agreement.deduction { return true }
        return step.line.role == .agreement && step.line.text.flatMap { RemittanceWords($0).deduction } == nil
    }

    /// - Returns: nil if the value of the month's receipts is not known.
    private func granted(_ agreement: Agreement, in month: Day, _ receipts: [Day: Int64]?) -> MinorUnits? {
        switch agreement.size {
        case .perMonth(let amount): MinorUnits(amount)
        case .percentOfReceipts(let percent): receipts?[month].flatMap { percent.of($0, dividedBy: 100) }.map { MinorUnits($0) }
        }
    }
}
