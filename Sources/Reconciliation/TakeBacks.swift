import Trade

/// Negative lines that name an invoice take back what was paid too much on it. What they take beyond that is a deduction under the
/// invoice's own number.
enum TakeBacks {
    /// - Returns: one claim for each invoice from which too much was taken back.
    static func beyondExcess(of invoices: [InvoiceStanding]) -> [Claim] {
        invoices.enumerated().compactMap { index, standing in
            let invoice = standing.invoice
            let root = ClaimGathering.Root(key: invoice.key, written: invoice.number, invoice: index)
            return claim(standing.takenBeyondExcess, root)
        }
    }

    /// The same for invoices that are not on file: their total is not known, so all that was paid on them may be taken back.
    /// - Parameter lines: whose role is a payment of, or a take-back from, an invoice that is not on file.
    static func beyondPayments(_ lines: [AttributedLine]) -> [Claim] {
        guard lines.contains(where: { $0.netBeforeAdjustments < 0 }) else { return [] }
        var order: [String] = []
        var groups: [String: [AttributedLine]] = [:]
        for line in lines.sorted(by: StandingDeduction.isBefore) {
            let number = "\(line.line.key)\0\(line.line.currency)"
            if groups[number] == nil { order.append(number) }
            groups[number, default: []].append(line)
        }
        return order.compactMap { number in
            let group = groups[number] ?? []
            var beyond = -group.sum(\.netBeforeAdjustments)
            var parts: [(line: LineFact, amount: MinorUnits)] = []
            for line in group.reversed() where line.netBeforeAdjustments < 0 && beyond > 0 {
                let amount = min(beyond, -line.netBeforeAdjustments)
                beyond -= amount
                parts.append((line.line, amount))
            }
            guard let first = parts.last?.line else { return nil }
            return claim(parts, .init(key: first.key, written: first.reference, invoice: nil))
        }
    }

    private static func claim(_ parts: [(line: LineFact, amount: MinorUnits)], _ root: ClaimGathering.Root) -> Claim? {
        guard let any = parts.first?.line, let key = root.key else { return nil }
        var claim = Claim(
            key: key, reference: root.written ?? key, rootKey: key, root: root.written, invoice: root.invoice,
            deduction: any.deduction ?? .other, currency: any.currency, isTakeBack: true)
        claim.takings = parts.sorted { LineFact.isBefore($0.line, $1.line) }.map { part in
            Claim.Step(
                kind: .taking, reference: part.line.reference, deduction: part.line.deduction ?? .other, gross: part.amount,
                net: part.amount, out: part.amount, standing: part.amount, line: part.line)
        }
        return claim
    }

    /// What lines under the number of a memo of ours take beyond it. A memo that names an invoice is reckoned there.
    /// - Parameters:
    ///   - memos: that we granted, one per number.
    ///   - lines: under a number of one of them, no invoice of the family being on file.
    static func beyondMemos(_ memos: [MemoFact], _ lines: [LineFact]) -> [Claim] {
        memos.filter { $0.family == nil }.compactMap { memo in
            claim(beyond: memo, lines.filter { $0.key == memo.key && $0.currency == memo.currency })
        }
    }

    private static func claim(beyond memo: MemoFact, _ lines: [LineFact]) -> Claim? {
        let takings = lines.filter { $0.net < 0 }.sorted(by: LineFact.isBefore)
        guard let first = takings.first else { return nil }
        // given back or not: the memo itself is the first of what is taken
        var rest = -MinorUnits(memo.total) + lines.filter { $0.net > 0 }.sum(\.net)
        func step(_ line: LineFact, _ amount: MinorUnits) -> Claim.Step {
            Claim.Step(
                kind: .taking, reference: line.reference, deduction: line.deduction ?? .other, gross: amount, net: amount, out: amount,
                standing: amount, line: line)
        }
        var beyond: [Claim.Step] = []
        for line in takings {
            let taken = -MinorUnits(line.net)
            let covered = min(rest, taken)
            rest -= covered
            if taken > covered { beyond.append(step(line, taken - covered)) }
        }
        guard !beyond.isEmpty else { return nil }
        var claim = Claim(
            key: memo.key, reference: memo.number, rootKey: nil, root: nil, invoice: nil, deduction: first.deduction ?? .other,
            currency: memo.currency)
        claim.takings = beyond
        claim.application = step(first, -MinorUnits(first.net))
        return claim
    }
}
