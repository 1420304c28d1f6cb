import Trade

/// Which invoice of a family a line is about.
struct LineAttribution {
    /// Longest numbers first.
    var facts: [InvoiceFact]
    /// Index of the family's plain number, or 0.
    var plain: Int
    /// Of the memos that we granted, by their keys: the invoice that each names.
    private var memos: [String: Int?] = [:]
    /// The same of the documents of claims.
    private var claims: [String: Int?] = [:]
    /// Lines that take, by their keys, without those on invoices.
    private var taken: [String: [LineFact]] = [:]

    /// - Parameters:
    ///   - granted: memos of ours, each number once.
    ///   - theirs: all other memos; of several under one number that name several invoices none says which.
    ///   - lines: of the case.
    init(facts: [InvoiceFact], plain: Int, granted: [MemoFact], theirs: [MemoFact], lines: [LineFact]) {
        self.facts = facts
        self.plain = plain
        for memo in granted { memos[memo.key] = .some(invoice(of: memo)) }
        for (key, memos) in Dictionary(grouping: theirs.filter { $0.invoice != nil }, by: \.key) {
            let named = Set(memos.map(invoice))
            if named.count == 1, let only = named.first { claims[key] = .some(only) }
        }
        for line in lines where line.role != .invoice && line.net < 0 { taken[line.key, default: []].append(line) }
    }

    /// The longest number on file that the memo's invoice is, or is a claim's on: a plain number may itself end like a claim's.
    func invoice(of memo: MemoFact) -> Int? {
        guard let named = memo.invoice else { return facts.isEmpty ? nil : plain }
        return facts.firstIndex { ClaimChain.links(of: named, after: $0.key) != nil }
    }

    /// - Returns: the invoice's index in `facts` (nil: none of them), the role the line has in this light, and the key of the
    ///   claim it belongs to.
    func callAsFunction(_ line: LineFact) -> (invoice: Int?, role: LineRole, claim: String) {
        if let pairing = line.pairing {
            // what its own adjustments take without a number of theirs is a claim on that invoice
            return (facts.firstIndex { $0.key == pairing.invoice }, .invoice, pairing.invoice)
        }
        if let index = facts.firstIndex(where: { $0.key == line.key }) { return (index, .invoice, line.key) }
        if let invoice = memos[line.key] { return (invoice, .memo, line.key) }
        for (index, fact) in facts.enumerated() {
            guard let last = ClaimChain.links(of: line.key, after: fact.key)?.last else { continue }
            return (index, last == .release ? .reversal : last == .closing ? .closing : .claim, line.key)
        }
        return byWords(line)
    }

    /// Claims that name their invoice by words or by REF*IV: the number of the line is its own.
    private func byWords(_ line: LineFact) -> (Int?, LineRole, String) {
        let words = line.text.map(RemittanceWords.init)
        switch line.role {
        case .claim where line.net > 0 && words?.isClaim != true && !ClaimChain(key: line.key).links.isEmpty:
            // an own number that ends like a claim: claims take, they do not pay
            return (nil, .invoice, line.key)
        case .vendorReturn where line.net > 0 && line.type == .invoice && words?.isReversal != true:
            // a return takes; a line that pays an invoice is a payment, whatever its description mentions
            return (nil, .invoice, line.key)
        case .other where pays(line):
            let root = words?.root.map { ReferenceKey.of($0) }
            let named = root.flatMap { root in facts.firstIndex { ClaimChain.links(of: root, after: $0.key) != nil } }
            return (named ?? facts.indices.last, .invoice, line.key)
        case .invoice, .closing, .provision, .provisionReversal, .agreement:
            return (nil, line.role, line.key)
        case .finalDocument, .claim, .reversal, .memo, .tax, .vendorReturn, .chargeback, .other:
            let root = words?.closing?.root ?? words?.root.map { ReferenceKey.of($0) }
            let named = root.flatMap { root in facts.firstIndex { ClaimChain.links(of: root, after: $0.key) != nil } }
            var claim = line.key
            if let closing = words?.closing { claim = closing.claimed + (closing.deduction == .price ? "PC" : "SC") }
            if named == nil, let invoice = claims[line.key] { return (invoice, line.role, claim) }
            return (named ?? (facts.isEmpty ? nil : facts.count - 1), line.role, claim)
        }
    }

    /// Whether a line on an order's number, or on one of no known kind, is a payment (contract section 4): it gives, and is no memo,
    /// claim or reversal.
    private func pays(_ line: LineFact) -> Bool {
        let isOfNoKind = line.type == .purchaseOrder || line.type == .other
        guard isOfNoKind, !line.isAdjustment, line.deduction ?? .other == .other, line.isNamedHere == nil, claims[line.key] == nil,
            AttributedLine(line: line, role: .invoice, claimKey: line.key).pays,
            line.text.map({ !RemittanceWords($0).isClaim && !RemittanceWords.saysReversal($0) }) ?? true
        else { return false }
        let before = taken[line.key, default: []].filter {
            $0.currency == line.currency && $0.paymentDate?.number ?? .min <= line.paymentDate?.number ?? .max
        }
        // an order is paid in several parts, whatever is taken on it: there only an equal amount gives back
        guard line.type == .purchaseOrder else { return before.isEmpty }
        let given = MinorUnits(line.net)
        return !before.contains { MinorUnits($0.net) == -given } && before.sum(\.net) != -given
    }
}
