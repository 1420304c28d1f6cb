import Trade

extension DigestView {
    /// What was refused: one row each, so that it is corrected before its payment is missed.
    /// - Returns: nil if nothing was.
    mutating func refused() throws(DigestError) -> [String: Any]? {
        guard !facts.refusals.isEmpty else { return nil }
        let all = facts.refusals.sorted { ($0.account, $0.subject, $0.file, $0.place) < ($1.account, $1.subject, $1.file, $1.place) }
        var rows: [[String: Any]] = []
        for refusal in all.prefix(Limits.refusals) {
            var values: [String: Any] = [
                "subject": Presentation.plain(refusal.subject), "answer": Presentation.plain(refusal.answer),
                "file": Presentation.plain(refusal.file), "place": refusal.place,
            ]
            if let type = refusal.type { values["type"] = Presentation.plain(type) }
            if !refusal.reasons.isEmpty {
                values["reasons"] = refusal.reasons.prefix(Limits.reasons).map { Presentation.plain($0) }.joined(separator: "; ")
            }
            rows.append([
                "subject": Presentation.plain(refusal.subject), "account": Presentation.plain(refusal.account),
                "action": try phrase(DigestWords.refusedAction),
                "reasons": [
                    [
                        "mark": try phrase(refusal.isPartial ? DigestWords.refusedPart : DigestWords.refusedWhole),
                        "sentence": try phrase(DigestWords.refusedSentence, values),
                    ]
                ],
            ])
        }
        var fields: [String: Any] = ["blocks": rows, "count": String(all.count)]
        if all.count > Limits.refusals { fields["more"] = try phrase(DigestWords.more, ["count": String(all.count - Limits.refusals)]) }
        return fields
    }
}
