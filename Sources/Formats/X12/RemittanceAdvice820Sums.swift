import Trade

/// What an 820 comes to, by each of the rules by which real senders write it.
///
/// The sign of ADX01 changed with release 003050, and real senders use the old one under later releases. So the release's own sign is tried
/// first, then the other; the one that foots to BPR02 is taken. Only when neither does, with or without the ADX that repeat their line,
/// two more habits are tried: ADX that only explain RMR04, and credit memos written positive.
struct Sums820 {
    /// Σ RMR04.
    var lines: Int64 = 0
    /// Σ ADX01 without and of those that repeat their line.
    var adjustments: Int64 = 0
    var repeated: Int64 = 0
    /// Of `adjustments`, what only leads from RMR05 − RMR06 to RMR04 of its line.
    var explained: Int128 = 0
    /// Of `lines`, the credit memos that are written positive.
    var credits: Int128 = 0

    /// The first rule by which the payment foots, the release's own before others; nil if none does.
    func rule(_ own: Int64, _ total: Int64) -> AdjustmentRule? {
        var candidates: [AdjustmentRule] = []
        for countsRepeats in [false, true] {
            for sign in [own, -own] { candidates.append(AdjustmentRule(sign: sign, countsRepeats: countsRepeats)) }
        }
        for (explains, turns) in [(true, false), (false, true), (true, true)]
        where (!explains || explained != 0) && (!turns || credits != 0) {
            for sign in [own, -own] { candidates.append(AdjustmentRule(sign: sign, explainsLines: explains, turnsCredits: turns)) }
        }
        return candidates.first { difference($0, total) == 0 }
    }

    /// Where no rule foots: the sign of ADX01 by which the payment is off by least, the release's own where both are alike, and how far it
    /// is off by that. The lines are booked by it too, so that what is told of the payment is what they come to.
    func closest(_ own: Int64, _ total: Int64) -> (rule: AdjustmentRule, difference: Int64) {
        let (rule, other) = (AdjustmentRule(sign: own), AdjustmentRule(sign: -own))
        let (mine, others) = (difference(rule, total).magnitude, difference(other, total).magnitude)
        return others < mine ? (other, Int64(clamping: others)) : (rule, Int64(clamping: mine))
    }

    /// Σ lines + Σ adjustments − total, exact.
    private func difference(_ rule: AdjustmentRule, _ total: Int64) -> Int128 {
        let counted = Int128(adjustments) + (rule.countsRepeats ? Int128(repeated) : 0) - (rule.explainsLines ? explained : 0)
        return Int128(lines) - (rule.turnsCredits ? 2 * credits : 0) + Int128(rule.sign) * counted - Int128(total)
    }
}
