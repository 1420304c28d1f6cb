import Trade

/// Memos that are no credits of ours: debit memos, claims, credits to us. A line under the number of one is no payment of an
/// invoice, whatever type the remittance gives it, and of the class that the document states.
struct ClaimDocuments {
    private var classes: [String: DeductionClass?] = [:]

    init(_ memos: [MemoFact]) {
        for memo in memos {
            // on file twice with two classes: neither
            if let other = classes[memo.key], let known = other, let stated = memo.deduction, known != stated {
                classes[memo.key] = .some(.other)
            } else {
                classes[memo.key] = .some((classes[memo.key] ?? nil) ?? memo.deduction)
            }
        }
    }

    func read(_ line: LineFact) -> LineFact {
        guard !classes.isEmpty, let stated = classes[line.key] else { return line }
        var line = line
        if line.role == .invoice { line.role = .memo }
        if line.deduction == nil || line.deduction == .other { line.deduction = stated ?? .other }
        return line
    }
}
