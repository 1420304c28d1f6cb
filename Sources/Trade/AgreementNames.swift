/// The numbers of an account's configured agreements, as the words of remittances are searched for them.
public struct AgreementNames: Hashable, Sendable {
    private struct Name: Hashable, Sendable {
        var key: String
        /// The number is written with spaces, so its parts may stand as words of their own.
        var hasSpaces: Bool
    }
    private let names: [Name]

    /// No agreement.
    public static let none = AgreementNames([])

    /// Shorter numbers are looked for in references only: they may stand in any text.
    private static let shortestInText = 6

    /// - Parameter agreements: of one account; where a text names several, the first of them is the one.
    public init(_ agreements: [Agreement]) {
        names = agreements.map { Name(key: ReferenceKey.of($0.id), hasSpaces: $0.id.contains(where: \.isWhitespace)) }
            .filter { !$0.key.isEmpty }
    }

    public var isEmpty: Bool { names.isEmpty }

    /// Key of the agreement that a reference is the number of, or that a text names as a word of its own.
    public func named(by reference: String, _ text: String?) -> String? {
        guard !names.isEmpty else { return nil }
        if names.contains(where: { $0.key == reference }) { return reference }
        return text.flatMap(named)
    }

    /// Key of the agreement that the text names as a word of its own, however its separators are written.
    public func named(in text: String) -> String? {
        let key = ReferenceKey.of(text)
        let candidates = names.filter { $0.key.utf8.count >= Self.shortestInText && key.contains($0.key) }
        guard !candidates.isEmpty else { return nil }
        let words = Words(text)
        return candidates.first { words.name($0.key, acrossSpaces: $0.hasSpaces) }?.key
    }
}

/// A text as runs of what makes up keys, and what stands between them.
private struct Words {
    private var runs: [String] = []
    /// Before each run.
    private var gaps: [String] = []

    init(_ text: String) {
        var run = String.UnicodeScalarView()
        var gap = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                if run.isEmpty { gaps.append(String(gap)) }
                run.append(scalar)
            } else {
                if !run.isEmpty { runs.append(ReferenceKey.of(String(run))) }
                if !run.isEmpty { gap = String.UnicodeScalarView() }
                run = String.UnicodeScalarView()
                gap.append(scalar)
            }
        }
        if !run.isEmpty { runs.append(ReferenceKey.of(String(run))) }
    }

    func name(_ key: String, acrossSpaces: Bool) -> Bool {
        runs.indices.contains { start in
            guard !isJoinedToNumber(start - 1, at: start) else { return false }
            var joined = ""
            for end in start..<runs.endIndex {
                if end > start, !joins(gaps[end], acrossSpaces: acrossSpaces) { return false }
                joined += runs[end]
                if joined == key { return !isJoinedToNumber(end + 1, at: end + 1) }
                guard joined.utf8.count < key.utf8.count else { return false }
            }
            return false
        }
    }

    /// One separator inside a number.
    private func joins(_ gap: String, acrossSpaces: Bool) -> Bool {
        guard gap.unicodeScalars.count == 1, let only = gap.first else { return false }
        return acrossSpaces || !only.isWhitespace
    }

    /// `100-200-300` does not name `100-200`.
    /// - Parameter gap: between the neighbour and the number.
    private func isJoinedToNumber(_ neighbour: Int, at gap: Int) -> Bool {
        guard runs.indices.contains(neighbour), runs[neighbour].utf8.contains(where: { $0 >= 48 && $0 <= 57 }) else { return false }
        return ["-", "_", "."].contains(gaps[gap])
    }
}
