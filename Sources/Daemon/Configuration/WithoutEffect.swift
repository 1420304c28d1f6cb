import Intake

/// Settings that are read and checked, and that nothing obeys yet. A line goes away with the work that gives it effect.
enum WithoutEffect {
    private static let table: [(key: String, words: String)] = [
        ("sources[].expect_every", "silence of a source is no finding yet"),
        ("deadlines.warn_days", "nobody is warned before a window closes yet; a closed one takes the claim out of the open balance"),
        ("recovery.recover_days", "what is won is not followed yet"),
        ("recovery.stale_days", "disputes are not followed yet"),
        ("chargebacks", "chargebacks are not followed yet"),
        ("credit_memos", "credit memos are not followed yet"),
    ]

    static func list(present: Set<String>, sources: [SourceConfiguration]) -> [String] {
        var lines: [String] = []
        for source in sources {
            if Sources.kinds.contains(source.kind.name) { continue }
            lines.append("sources: '\(source.id)' is not polled yet (kind \(source.kind.name))")
        }
        for (key, words) in table where present.contains(key) { lines.append("\(key.filter { $0 != "[" && $0 != "]" }): \(words)") }
        return lines
    }
}
