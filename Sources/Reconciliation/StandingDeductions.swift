import Trade

extension StandingDeduction {
    /// What stands, claim by claim, in order of first taking. A reversal gives back the claim whose number it extends; `RI`
    /// gives it back for the final document to take it again, under the same claim. Earlier takings are given back first.
    ///
    /// Take-backs (negative lines on the invoice itself) are not looked at here: whether they deduct depends on the excess.
    static func standing(of lines: [AttributedLine]) -> [StandingDeduction] {
        var claims = Claims()
        for item in lines.sorted(by: isBefore) {
            for adjustment in item.line.adjustments {
                // without a reference of its own it is about what its line is about
                let reference = adjustment.reference.isEmpty ? item.line.reference : adjustment.reference
                claims.add(
                    MinorUnits(adjustment.amount), to: ReferenceKey.of(reference), adjustment.deduction, reference, item.line.paymentDate)
            }
            switch item.role {
            case .provision, .provisionReversal: continue
            case .invoice where !item.line.isAdjustment: continue
            default:
                // a claim posts net of discount: what it takes of the invoice is the gross
                let gross = item.netBeforeAdjustments + (item.isOfClaim ? MinorUnits(item.line.discount) : 0)
                claims.add(gross, to: item.claimKey, item.line.deduction ?? .other, item.line.reference, item.line.paymentDate)
            }
        }
        return claims.standing
    }

    /// By payment date; the rest only makes the order independent of the case's.
    static func isBefore(_ a: AttributedLine, _ b: AttributedLine) -> Bool {
        let (x, y) = (a.line.paymentDate?.number ?? 0, b.line.paymentDate?.number ?? 0)
        if x != y { return x < y }
        return (a.line.payment, a.line.evidence, a.line.key, a.line.net) < (b.line.payment, b.line.evidence, b.line.key, b.line.net)
    }
}

/// What was taken and given back, by claim.
private struct Claims {
    private var order: [String] = []
    private var taken: [String: [StandingDeduction]] = [:]
    private var givenBack: [String: MinorUnits] = [:]

    /// - Parameter amount: negative takes, positive gives back.
    mutating func add(_ amount: MinorUnits, to key: String, _ deduction: DeductionClass, _ reference: String, _ date: Day?) {
        if amount > 0 {
            givenBack[key, default: 0] += amount
        } else if amount < 0 {
            // a release that takes again (a correction) takes for the claim that it released
            let claim = Self.released(by: key) ?? key
            if taken[claim] == nil { order.append(claim) }
            taken[claim, default: []].append(StandingDeduction(deduction: deduction, reference: reference, amount: -amount, date: date))
        }
    }

    var standing: [StandingDeduction] {
        var rest: [String: MinorUnits] = [:]
        for (key, amount) in givenBack { rest[claim(givenBackBy: key), default: 0] += amount }
        var standing: [StandingDeduction] = []
        for key in order {
            let reference = taken[key]?.first?.reference ?? key
            for var deduction in taken[key] ?? [] {
                let cancelled = min(rest[key] ?? 0, deduction.amount)
                rest[key, default: 0] -= cancelled
                deduction.amount -= cancelled
                deduction.reference = reference
                if deduction.amount > 0 { standing.append(deduction) }
            }
        }
        return standing
    }

    private func claim(givenBackBy key: String) -> String {
        if let released = Self.released(by: key) { return released }
        // some name a reversal like the claim, some add an R to a number of the claim's own
        if taken[key] == nil, key.hasSuffix("R"), taken[String(key.dropLast())] != nil { return String(key.dropLast()) }
        return key
    }

    /// `…SCR` and `…SCRI` give back `…SC`; nil for what is no release.
    private static func released(by key: String) -> String? {
        switch ClaimChain(key: key).links.last {
        case .release?: String(key.dropLast())
        case .closing?: String(key.dropLast(2))
        case .shortage?, .price?, nil: nil
        }
    }
}
