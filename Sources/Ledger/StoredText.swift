import Trade

/// Problems and notes as JSON text in a booking's row.
enum StoredText {
    static func text(_ problems: [Problem]) -> String {
        JSON.array(
            problems.map { problem in
                var members: [String: JSON] = [
                    "kind": .string(problem.kind.rawValue), "at": .number(problem.at.packed), "element": .number(Int64(problem.at.element)),
                    "place": .string("\(problem.at)"), "what": .string(problem.what), "advice": .string(problem.advice),
                ]
                if let byte = problem.byte { members["byte"] = .number(Int64(byte)) }
                if !problem.missing.isEmpty { members["missing"] = .array(problem.missing.map(JSON.string)) }
                if !problem.added.isEmpty { members["added"] = .array(problem.added.map(JSON.string)) }
                if !problem.renamed.isEmpty {
                    members["renamed"] = .array(problem.renamed.map { ["old": .string($0.old), "new": .string($0.new)] })
                }
                return .object(members)
            }
        ).text
    }

    static func text(_ notes: [Note]) -> String {
        JSON.array(notes.map { .string("\($0.at): \($0.text) [\($0.code)]") }).text
    }

    static func problems(_ text: String) -> [Problem] {
        (json(text).array ?? []).compactMap { item in
            guard let kind = item["kind"]?.string.flatMap(Problem.Kind.init(rawValue:)), let what = item["what"]?.string else { return nil }
            var at = Location(packed: item["at"]?.number ?? 0)
            at.element = Int32(clamping: item["element"]?.number ?? 0)
            var problem = Problem(kind, at: at, byte: item["byte"]?.number.map(Int.init), what, advice: item["advice"]?.string ?? "")
            problem.missing = item["missing"]?.array?.compactMap(\.string) ?? []
            problem.added = item["added"]?.array?.compactMap(\.string) ?? []
            problem.renamed = (item["renamed"]?.array ?? []).compactMap { pair in
                guard let old = pair["old"]?.string, let new = pair["new"]?.string else { return nil }
                return Problem.Renamed(old: old, new: new)
            }
            return problem
        }
    }

    /// Numbers of one item, read for every line of an order: a tab tells nothing of a number.
    static func tabbed(_ numbers: [String]) -> String {
        numbers.map { $0.replacing("\t", with: " ") }.joined(separator: "\t")
    }

    static func tabbed(_ text: String) -> [String] { text.split(separator: "\t").map(String.init) }

    static func lines(_ text: String) -> [String] { json(text).array?.compactMap(\.string) ?? [] }

    /// The ledger wrote it, so it reads back; a damaged row reads as null rather than ending the process.
    static func json(_ text: String) -> JSON { JSON(parsing: text) ?? .null }

    static func text(_ evidence: [Evidence]) -> String {
        JSON.array(
            evidence.map { ["sha256": .string($0.sha256), "file": .string($0.file), "at": .number($0.at.packed)] }
        ).text
    }

    static func evidence(_ text: String) -> [Evidence] {
        (json(text).array ?? []).compactMap { item in
            guard let sha256 = item["sha256"]?.string, let file = item["file"]?.string, let at = item["at"]?.number else { return nil }
            return Evidence(sha256: sha256, file: file, at: Location(packed: at))
        }
    }
}
