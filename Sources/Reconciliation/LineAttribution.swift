import Trade

/// Which invoice of a family a line is about.
struct LineAttribution {
    /// Longest numbers first.
    var facts: [InvoiceFact]
    /// Index of the family's plain number, or 0.
    var plain: Int
    /// Keys of the memos that we granted.
    var memos: Set<String>

    /// - Returns: the invoice's index in `facts` (nil: none of them), the role the line has in this light, and the key of the
    ///   claim it belongs to.
    func callAsFunction(_ line: LineFact) -> (invoice: Int?, role: LineRole, claim: String) {
        if let pairing = line.pairing {
            // what its own adjustments take without a number of theirs is a claim on that invoice
            return (facts.firstIndex { $0.key == pairing.invoice }, .invoice, pairing.invoice)
        }
        if let index = facts.firstIndex(where: { $0.key == line.key }) { return (index, .invoice, line.key) }
        if memos.contains(line.key) { return (facts.isEmpty ? nil : plain, .memo, line.key) }
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
        case .invoice, .closing, .provision, .provisionReversal, .agreement:
            return (nil, line.role, line.key)
        case .finalDocument, .claim, .reversal, .memo, .tax, .vendorReturn, .chargeback, .other:
            let root = words?.closing?.root ?? words?.root.map { ReferenceKey.of($0) }
            let named = root.flatMap { root in facts.firstIndex { ClaimChain.links(of: root, after: $0.key) != nil } }
            var claim = line.key
            if let closing = words?.closing { claim = closing.claimed + (closing.deduction == .price ? "PC" : "SC") }
            return (named ?? (facts.isEmpty ? nil : facts.count - 1), line.role, claim)
        }
    }
}
