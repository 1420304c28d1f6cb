import Yams

/// Collects what is wrong, and which keys are there, while a file is read.
final class Mistakes {
    private(set) var list: [ConfigurationMistake] = []
    /// Key paths without positions: `sources[].expect_every`.
    var present: Set<String> = []

    func add(_ line: Int, _ key: String, _ text: String) {
        let mistake = ConfigurationMistake(line: line, key: key, text: text)
        if list.contains(mistake) == false { list.append(mistake) }
    }

    /// By line; those of one line in the order in which they were found.
    var sorted: [ConfigurationMistake] {
        list.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
    }
}

/// The YAML text as nodes with their places.
enum YAMLDocument {
    /// Marks a key that was written twice. Yams stops at the first such key; marked, the rest of the file can be read too, so that
    /// one run tells every mistake. A private-use character: no key of ours contains it.
    static let mark: Character = "\u{E000}"

    /// - Parameter empty: what to say of a file without anything in it.
    /// - Returns: nil when nothing could be read; `mistakes` then says why.
    static func read(
        _ text: String, _ mistakes: Mistakes, empty: String = "the file is empty; it needs at least state, one account and one source"
    ) -> Node? {
        var text = text
        while true {
            do {
                guard let root = try Yams.compose(yaml: text) else {
                    mistakes.add(1, "", empty)
                    return nil
                }
                return root
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                guard let key = keys.first, let marked = marking(key, at: context.mark, in: text) else {
                    mistakes.add(context.mark.line, keys.first ?? "", "is written twice; keep one")
                    return nil
                }
                text = marked
            } catch YamlError.scanner(let context, let problem, let mark, _), YamlError.parser(let context, let problem, let mark, _),
                YamlError.composer(let context, let problem, let mark, _)
            {
                let place = context.map { " (\($0.text.trimmed) from line \($0.mark.line))" } ?? ""
                mistakes.add(mark.line, "", "not YAML: \(problem)\(place); check indentation (spaces, no tabs), quotes and brackets")
                return nil
            } catch YamlError.reader(let problem, let offset, _, _) {
                let line = offset.map { text.utf8.prefix($0).count(where: { $0 == 10 }) + 1 } ?? 1
                mistakes.add(line, "", "not YAML: \(problem); save the file as UTF-8 text")
                return nil
            } catch {
                mistakes.add(1, "", "not YAML: \(error)")
                return nil
            }
        }
    }

    /// `text` with the key at that place marked; nil if the key is not there as it was said to be, or is marked many times already.
    private static func marking(_ key: String, at place: Mark, in text: String) -> String? {
        guard key.count(where: { $0 == mark }) < 16 else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        guard lines.indices.contains(place.line - 1) else { return nil }
        let scalars = lines[place.line - 1].unicodeScalars
        guard place.column >= 1, place.column - 1 < scalars.count else { return nil }
        let start = scalars.index(scalars.startIndex, offsetBy: place.column - 1)
        let head = scalars[..<start]
        for quote in ["", "\"", "'"] {
            let written = (quote + key).unicodeScalars
            if scalars[start...].starts(with: written) {
                let rest = scalars[scalars.index(start, offsetBy: written.count)...]
                lines[place.line - 1] =
                    String(String.UnicodeScalarView(head)) + quote + key + String(mark) + String(String.UnicodeScalarView(rest))
                return lines.joined(separator: "\n")
            }
        }
        return nil
    }
}

extension StringProtocol {
    /// Without blanks at both ends.
    var trimmed: String {
        var view = Substring(self)
        while view.first?.isWhitespace == true { view.removeFirst() }
        while view.last?.isWhitespace == true { view.removeLast() }
        return String(view)
    }
}
