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
        /// What the agreement is a percent of.
        var receipts: MonthReceipts?
    }

    private let family: String
    private let currency: Currency
    private let opening: Day?
    private let agreements: [(agreement: Agreement, key: String, name: AgreementNames)]

    init(_ account: AccountRules, family: String) {
        self.family = family
        currency = account.currency
        opening = account.opening
        agreements = account.ownAgreements.map { ($0, ReferenceKey.of($0.id), AgreementNames([$0])) }
    }

    /// Marks the claims that name an agreement by their reference or in words, and of each of their takings what is not agreed. What
    /// was taken last in a month is what went too far.
    func mark(_ claims: inout [Claim], _ receipts: [Day: MonthReceipts]?) {
        var bySubject: [String: [Int]] = [:]
        for index in claims.indices where !named(by: claims[index]).isEmpty {
            claims[index].isUnderAgreement = true
            bySubject[subject(of: claims[index]), default: []].append(index)
        }
        for indices in bySubject.values {
            for month in excess(of: indices.map { claims[$0] }, receipts: receipts).excess {
                var rest = month.amount
                let ofMonth = Set(month.steps)
                let takings = indices.flatMap { claim in claims[claim].takings.indices.map { (claim, $0) } }
                let inOrder = takings.filter { ofMonth.contains(claims[$0.0].takings[$0.1]) }.sorted {
                    LineFact.isBefore(claims[$1.0].takings[$1.1].line, claims[$0.0].takings[$0.1].line)
                }
                for (claim, taking) in inOrder {
                    let beyond = min(rest, claims[claim].takings[taking].gross)
                    claims[claim].takings[taking].beyondTerms = beyond
                    rest -= beyond
                }
            }
        }
    }

    private func named(by claim: Claim) -> [Agreement] {
        guard !claim.isTakeBack, claim.currency == currency else { return [] }
        let texts = claim.takings.compactMap(\.line.text)
        return agreements.filter { item in
            item.key == claim.key || texts.contains { item.name.named(in: $0) != nil }
        }.map(\.agreement)
    }

    /// Subject of what is above the agreement that a claim names: the agreement, if its number is what brings the family's lines
    /// together; else the claim, because months cannot be added up across families.
    func subject(of claim: Claim) -> String {
        named(by: claim).first { ReferenceKey.of($0.id) == family }?.id ?? claim.reference
    }

    /// What one month took under an agreement.
    struct Month {
        var agreement: Agreement
        /// `above`: it is held against its terms, and may be within them.
        var reason: Excess.Reason
        /// First day of the month.
        var month: Day
        /// Less what was given back in it.
        var taken: MinorUnits
        /// Nil: the value of what it is a percent of is not known.
        var agreed: MinorUnits?
        /// Takings, without history.
        var steps: [Claim.Step]
        var receipts: MonthReceipts?
        /// Nil where what was agreed is not known.
        var beyond: MinorUnits? { agreed.map { max(0, min(taken - $0, steps.sum(\.gross))) } }
    }

    /// What was taken above the agreements, month by month; and the months of which cannot be told because the value of their
    /// receipts is not known.
    func excess(of claims: [Claim], receipts: [Day: MonthReceipts]?) -> (excess: [Excess], unchecked: [Day]) {
        var found: [Excess] = []
        var unchecked: [Day] = []
        for month in months(of: claims, receipts) {
            guard let agreed = month.agreed, let amount = month.beyond else {
                unchecked.append(month.month)
                continue
            }
            guard amount > 0 else { continue }
            found.append(
                Excess(
                    agreement: month.agreement, reason: month.reason, month: month.month, taken: month.taken, agreed: agreed,
                    amount: amount, steps: month.steps, receipts: month.receipts))
        }
        return (found, unchecked)
    }

    /// Every month in which something was taken or given back under an agreement, in order.
    func months(of claims: [Claim], _ receipts: [Day: MonthReceipts]?) -> [Month] {
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
        let all = months.map { place, month in
            let granted = place.reason == .above ? granted(place.agreement, in: place.month, receipts) : (0, nil)
            return Month(
                agreement: place.agreement, reason: place.reason, month: place.month,
                taken: month.taken.sum(\.gross) - month.given, agreed: granted?.amount,
                steps: month.taken.filter { step in opening.map { (step.date ?? $0) >= $0 } ?? true }, receipts: granted?.receipts)
        }
        return all.sorted {
            ($0.month, $0.reason.rawValue, $0.agreement.id, $0.taken) < ($1.month, $1.reason.rawValue, $1.agreement.id, $1.taken)
        }
    }

    /// A line that only its number makes an agreement's does not say what for.
    private static func fits(_ step: Claim.Step, _ agreement: Agreement) -> Bool {
        if step.deduction == agreement.deduction { return true }
        return step.line.role == .agreement && step.line.text.flatMap { RemittanceWords($0).deduction } == nil
    }

    /// What may be taken in a month. A percent is of what was received in it or in the month before, whichever is more: it is taken early
    /// in a month for the month before (FACTS-AMAZON 4), and nothing on a line says which month it is for.
    /// - Returns: nil if neither month's receipts are on file.
    private func granted(
        _ agreement: Agreement, in month: Day, _ receipts: [Day: MonthReceipts]?
    ) -> (amount: MinorUnits, receipts: MonthReceipts?)? {
        switch agreement.size {
        case .perMonth(let amount): return (MinorUnits(amount), nil)
        case .percentOfReceipts(let percent):
            let before = month + -1
            let firstBefore = before + (1 - before.components.day)
            let own = [month, firstBefore].compactMap { receipts?[$0] }
            // nothing came, though receipts from before and after are on file
            if own.isEmpty, let receipts, receipts.keys.contains(where: { $0 < firstBefore }), receipts.keys.contains(where: { $0 > month })
            {
                return (0, MonthReceipts(month: month, value: 0))
            }
            // a sum out of range is not known, and may be the larger
            guard !own.contains(where: { $0.value == nil }),
                let most = own.max(by: { ($0.value ?? 0, $1.month) < ($1.value ?? 0, $0.month) })
            else { return nil }
            guard let value = most.minorUnits.flatMap({ WideDecimal(percent).times(WideDecimal(units: $0, scale: 2)) }),
                let amount = value.minorUnits(exponent: 0)
            else { return nil }
            return (max(0, amount), most)
        }
    }
}
