import Trade

/// A column of a known export: the captions under which it was seen and whether the reading needs it.
struct LayoutColumn<Field: RawRepresentable & Sendable>: Sendable where Field.RawValue == Int {
    var field: Field
    private(set) var captions: [String]
    /// Of the captions, in their order: rows of every file are asked whether they are a header.
    private(set) var keys: [String]
    var isNeeded: Bool

    init(_ field: Field, _ captions: String..., needed: Bool = false) {
        self.field = field
        self.captions = captions
        keys = captions.map { ReferenceKey.of($0) }
        isNeeded = needed
    }

    mutating func add(_ more: [String]) {
        captions += more
        keys += more.map { ReferenceKey.of($0) }
    }
}

/// A table of an export as data: which captions feed which field, in any order. Captions are compared by key (upper case,
/// letters and digits only), so case, blanks, byte order and direction marks play no part.
struct TableLayout<Field: RawRepresentable & CaseIterable & Sendable>: Sendable where Field.RawValue == Int {
    let name: String
    private(set) var columns: [LayoutColumn<Field>]
    /// How many columns have a caption of the key.
    private var owners: [String: Int] = [:]

    init(name: String, columns: [LayoutColumn<Field>]) {
        self.name = name
        self.columns = columns
        for column in columns { own(column.keys) }
    }

    private mutating func own(_ keys: [String]) {
        for key in keys { owners[key, default: 0] += 1 }
    }

    /// Gives a column further captions.
    mutating func add(_ captions: [String], to field: Field) {
        guard let index = columns.firstIndex(where: { $0.field.rawValue == field.rawValue }) else { return }
        columns[index].add(captions)
        own(captions.map { ReferenceKey.of($0) })
    }

    /// A header row matched against the layout.
    struct Match: Sendable {
        /// Column of each field by its raw value; -1 if the header has none.
        var column: [Int]
        /// The captions as the file writes them.
        var captions: [String]
        var missing: [String] = []
        var added: [(caption: String, column: Int)] = []
        var doubled: [(caption: String, column: Int)] = []

        /// How many captions are known.
        var known: Int { column.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) } }

        /// Columns that a row of the table must have: up to the last caption that is not blank.
        var width: Int { (captions.lastIndex { !ReferenceKey.of($0).isEmpty } ?? -1) + 1 }

        subscript(field: Field) -> Int { column[field.rawValue] }
    }

    /// So many known captions make a row a header: fewer are a coincidence, for every table of money has a date and an
    /// amount; and a header that has lost columns is still to be known as one.
    static var enough: Int { 4 }

    /// - Returns: nil unless the row has enough captions of this table.
    func match(_ captions: [String]) -> Match? {
        let keys = captions.map { ReferenceKey.of($0) }
        // nearly all rows are no header
        guard keys.reduce(0, { $0 + (owners[$1] ?? 0) }) >= Self.enough else { return nil }
        var match = Match(column: Array(repeating: -1, count: Field.allCases.count), captions: captions)
        var known = Set<Int>()
        for column in columns {
            for (index, key) in keys.enumerated() where column.keys.contains(key) {
                known.insert(index)
                if match.column[column.field.rawValue] >= 0 {
                    match.doubled.append((captions[index], index))
                } else {
                    match.column[column.field.rawValue] = index
                }
            }
            if column.isNeeded, match.column[column.field.rawValue] < 0 { match.missing.append(column.captions[0]) }
        }
        guard match.known >= Self.enough else { return nil }
        for (index, key) in keys.enumerated() where !known.contains(index) && !key.isEmpty {
            match.added.append((captions[index], index))
        }
        return match
    }

    /// What makes a matched header unusable, if anything.
    func problem(_ match: Match, row: Int) -> Problem? {
        if let twice = match.doubled.first {
            return Problem(
                .malformed, at: .row(row, column: twice.column + 1), "the column \"\(twice.caption)\" stands twice in the table of \(name)",
                advice: "export again without changing columns")
        }
        guard !match.missing.isEmpty else { return nil }
        func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
        var what = "the table of \(name) has no column \(list(match.missing))"
        if !match.added.isEmpty { what += "; unknown are \(list(match.added.map(\.caption)))" }
        var problem = Problem(.changed, at: .row(row), what, advice: "export with all columns, in English; or the export has changed")
        problem.missing = match.missing
        problem.added = match.added.map(\.caption)
        return problem
    }
}
