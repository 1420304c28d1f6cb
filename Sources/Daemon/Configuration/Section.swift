import Yams

/// A mapping of the file: its keys, each with place and value.
struct Section {
    /// `accounts[1].terms`; empty for the root.
    let path: String
    let line: Int
    let mistakes: Mistakes
    private let entries: [(key: String, line: Int, node: Node)]

    private let known: [String]

    /// - Parameter keys: every key that may stand here; others are mistakes.
    /// - Parameter elsewhere: keys that would be right in another place, with what that is.
    /// - Returns: nil, with a mistake, when the node is no mapping.
    init?(_ node: Node, path: String, keys known: [String], elsewhere: [String: String] = [:], mistakes: Mistakes) {
        guard case .mapping(let mapping) = node else {
            mistakes.add(node.mark?.line ?? 1, path, "must hold keys with values, not \(node.inWords)")
            return nil
        }
        self.path = path
        self.mistakes = mistakes
        line = node.mark?.line ?? 1
        var entries: [(key: String, line: Int, node: Node)] = []
        var twice: [(key: String, line: Int)] = []
        for (keyNode, value) in mapping {
            let line = keyNode.mark?.line ?? node.mark?.line ?? 1
            guard case .scalar(let scalar) = keyNode else {
                mistakes.add(line, path, "a key must be a word, not \(keyNode.inWords)")
                continue
            }
            let key = scalar.string.filter { $0 != YAMLDocument.mark }
            if key == scalar.string { entries.append((key, line, value)) } else { twice.append((key, line)) }
        }
        self.entries = entries
        self.known = known
        for (key, first) in twice {
            let last = entries.first { $0.key == key }?.line ?? first
            mistakes.add(last, path.appendingKey(key), "is written twice (first on line \(first)); keep one")
        }
        for entry in entries { mistakes.present.insert(path.appendingKey(entry.key).withoutPositions) }
        for entry in entries where !known.contains(entry.key) {
            let advice: String
            if let place = elsewhere[entry.key] {
                advice = "it belongs to \(place)"
            } else if let near = Nearest.word(to: entry.key, in: known) {
                advice = "did you mean '\(near)'?"
            } else {
                advice = "known here: \(known.joined(separator: ", "))"
            }
            mistakes.add(entry.line, path.appendingKey(entry.key), "unknown key; \(advice)")
        }
    }

    subscript(key: String) -> Field? {
        entries.first { $0.key == key }.map { Field(path: path.appendingKey(key), node: $0.node, keyLine: $0.line, mistakes: mistakes) }
    }

    /// The value of a key before the section is read; nil if it is not there or no single value.
    static func word(_ key: String, in node: Node) -> String? { node.mapping?[Node(key)]?.scalar?.string }

    var keys: [String] { entries.map(\.key) }

    /// The field, or a mistake that says what to write.
    func required(_ key: String, write example: String) -> Field? {
        if let field = self[key] { return field }
        // a key that is missing because it was misspelled is told once, as unknown
        if !isMisspelled(key) { mistakes.add(line, path.appendingKey(key), "is missing; write \(example)") }
        return nil
    }

    /// Complains, with what to write, if neither key is there.
    func requiresOne(of key: String, or other: String, write example: String) {
        if self[key] == nil, self[other] == nil, !isMisspelled(other) { _ = required(key, write: example) }
    }

    private func isMisspelled(_ key: String) -> Bool {
        entries.contains { !known.contains($0.key) && Nearest.word(to: $0.key, in: known) == key }
    }

    /// Complains about the section as a whole.
    func wrong(_ text: String) { mistakes.add(line, path, text) }
}

extension String {
    func appendingKey(_ key: String) -> String { isEmpty ? key : "\(self).\(key)" }

    /// `accounts[1].terms` as `accounts[].terms`.
    var withoutPositions: String {
        var result = ""
        var inside = false
        for character in self {
            if character == "]" { inside = false }
            if !inside { result.append(character) }
            if character == "[" { inside = true }
        }
        return result
    }
}

extension Node {
    var inWords: String {
        switch self {
        case .mapping: "keys with values"
        case .sequence: "a list"
        case .scalar(let scalar): isNull ? "nothing" : "'\(scalar.string.excerpt)'"
        case .alias: "an alias"
        }
    }

    var isNull: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}

extension String {
    /// Short enough for a message, and without line breaks or control characters.
    var excerpt: String {
        let shown = String(String.UnicodeScalarView(unicodeScalars.prefix(60).map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
        return unicodeScalars.count > 60 ? shown + "…" : shown
    }
}
