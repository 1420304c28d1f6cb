import Trade

extension StandingDeduction {
    /// What stands of the claims on one invoice, in order of first taking. A reversal gives back the claim whose number it
    /// extends; `RI` gives it back for the final document to take it again, under the same claim. Earlier takings are given
    /// back first.
    ///
    /// Take-backs (negative lines on the invoice itself) are not looked at here: whether they deduct depends on the excess.
    static func standing(of lines: [AttributedLine], _ references: [ReferencePattern]) -> [StandingDeduction] {
        var gathering = ClaimGathering(references)
        for line in lines where line.mayBeOfClaim { gathering.add(line, root: .none) }
        return gathering.claims.flatMap { claim in
            claim.takings.filter { $0.out > 0 }.map { step in
                StandingDeduction(deduction: step.deduction, reference: claim.reference, amount: step.out, date: step.date)
            }
        }
    }

    /// By payment date; the rest only makes the order independent of the case's.
    static func isBefore(_ a: AttributedLine, _ b: AttributedLine) -> Bool { LineFact.isBefore(a.line, b.line) }
}
