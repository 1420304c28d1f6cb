/// The nearest known word to a misspelled one.
enum Nearest {
    /// - Returns: nil when nothing is near enough to be what was meant.
    static func word(to text: String, in known: some Sequence<String>) -> String? {
        let written = Array(text.lowercased().utf8)
        let limit = max(1, min(3, written.count / 2))
        var best: (word: String, distance: Int)?
        for word in known {
            let distance = Self.distance(written, Array(word.lowercased().utf8))
            if distance <= limit, distance < (best?.distance ?? .max) { best = (word, distance) }
        }
        return best?.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        // keys are short; a long value is never a near miss, and the table must stay small
        guard a.count <= 64, b.count <= 64 else { return .max }
        var twoAbove: [Int] = []
        var above = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(above[j] + (a[i] == b[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, twoAbove[j - 1] + 1) }
                row.append(cost)
            }
            (twoAbove, above) = (above, row)
        }
        return above[b.count]
    }
}
