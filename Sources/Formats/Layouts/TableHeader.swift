import Trade

/// A table of a layout with its captions as keys.
struct KnownTable: Sendable {
    let table: Layout.Table
    /// Caption keys to columns.
    let columns: [String: Int]
    /// What each column feeds.
    let fields: [FieldID?]

    init(_ table: Layout.Table, of kind: Layout.DocumentKind) {
        self.table = table
        var columns: [String: Int] = [:]
        for (index, column) in table.columns.enumerated() {
            for key in column.captions.map(CaptionKey.of) where columns[key] == nil { columns[key] = index }
        }
        self.columns = columns
        fields = table.columns.map { column in kind.fields.first { $0.name == column.field }?.id }
    }
}

/// A header row matched against a table of a layout.
struct TableHeader: Sendable {
    /// The row it stands in, from 1.
    var row: Int
    /// The captions as the file writes them, blanks at their ends removed.
    var captions: [String]
    /// Column of each field, by its id; -1 if the header has none.
    private(set) var columns = [Int16](repeating: -1, count: FieldID.allCases.count)
    /// How many columns of the layout were found.
    private(set) var known = 0
    private(set) var missing: [Layout.Column] = []
    /// Columns that the export has otherwise.
    private(set) var absent: [String] = []
    private(set) var added: [(caption: String, column: Int)] = []
    private(set) var doubled: [(caption: String, column: Int)] = []
    private var neededCount = 0
    /// Columns in the file's order, as indexes of the layout's; -1 for unknown ones.
    private var order: [Int]
    private let table: Layout.Table

    /// So many known captions make a row a header: fewer are a coincidence, for every table of money has a date and an amount.
    /// Of a table that has fewer that are not optional, all of those must be there.
    static let enough = 4

    init(_ known: KnownTable, captions: [String], keys: [String], row: Int) {
        self.row = row
        self.captions = captions
        table = known.table
        order = keys.map { known.columns[$0] ?? -1 }
        var places = [Int](repeating: -1, count: table.columns.count)
        for (place, index) in order.enumerated() {
            if index < 0 {
                if !keys[place].isEmpty { added.append((captions[place], place)) }
            } else if places[index] < 0 {
                places[index] = place
            } else {
                doubled.append((captions[place], place))
            }
        }
        for (index, column) in table.columns.enumerated() where !column.captions.isEmpty {
            if column.presence == .needed { neededCount += 1 }
            if places[index] >= 0 {
                self.known += 1
                if let field = known.fields[index] { columns[Int(field.rawValue)] = Int16(places[index]) }
            } else if column.presence == .needed {
                missing.append(column)
            } else if column.presence == .expected {
                absent.append(column.captions[0])
            }
        }
    }

    subscript(field: FieldID) -> Int { Int(columns[Int(field.rawValue)]) }

    /// Whether this is the layout's header at all: it has half of all columns that are not optional, else another export that
    /// shares a few of them would be taken for it. One that has lost needed columns is still known if half of those are there.
    var isHeader: Bool {
        let usual = table.columns.reduce(0) { $0 + ($1.captions.isEmpty || $1.presence == .optional ? 0 : 1) }
        let least = max(usual / 2, 2)
        guard missing.isEmpty else { return known >= max(Self.enough, least) && 2 * missing.count <= neededCount }
        return known >= max(min(Self.enough, usual), least)
    }

    /// How well it fits, among layouts: a missing needed column weighs as much as two known ones.
    var score: Int { known - 2 * missing.count }

    /// Columns that a row of the table must have: up to the last caption that is not blank.
    var width: Int { (captions.lastIndex { !$0.isEmpty } ?? -1) + 1 }

    /// What makes the header unusable, if anything.
    func problem(of layout: Layout) -> Problem? {
        let name = table.name.isEmpty ? layout.title : table.name
        if let twice = doubled.first {
            return Problem(
                .malformed, at: .row(row, column: twice.column + 1), "the column \"\(twice.caption)\" stands twice in the table of \(name)",
                advice: "export again without changing columns")
        }
        guard !missing.isEmpty else { return nil }
        func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
        let names = missing.map { $0.captions[0] }
        var what = "the table of \(name) has no column \(list(names))"
        if !added.isEmpty { what += "; unknown are \(list(added.map(\.caption)))" }
        let renamed = self.renamed
        if !renamed.isEmpty { what += "; perhaps " + renamed.map { "\"\($0.old)\" is now \"\($0.new)\"" }.joined(separator: ", ") }
        var problem = Problem(
            .changed, at: .row(row), what,
            advice: "export with all columns, in English; or add the new captions to the layout \(layout.name)")
        problem.missing = names
        problem.added = added.map(\.caption)
        problem.renamed = renamed
        return problem
    }

    /// Needed columns that seem to have another caption now: one written nearly alike, else one between the same neighbours,
    /// else the only unknown one for the only missing one.
    var renamed: [Problem.Renamed] {
        var free = added.map(\.column)
        var pairs: [Problem.Renamed] = []
        var rest: [Layout.Column] = []
        for column in missing {
            if let place = free.first(where: { place in column.captions.contains { Self.isAlike($0, captions[place]) } }) {
                pairs.append(Problem.Renamed(old: column.captions[0], new: captions[place]))
                free.removeAll { $0 == place }
            } else {
                rest.append(column)
            }
        }
        for column in rest {
            guard let index = table.columns.firstIndex(of: column) else { continue }
            let isOnly = rest.count == 1 && free.count == 1
            guard let place = free.first(where: { isOnly || isBetweenNeighbours($0, of: index) }) else { continue }
            pairs.append(Problem.Renamed(old: column.captions[0], new: captions[place]))
            free.removeAll { $0 == place }
        }
        return pairs
    }

    private func isBetweenNeighbours(_ place: Int, of index: Int) -> Bool {
        let before = place > 0 ? order[place - 1] : -1
        let after = place + 1 < order.count ? order[place + 1] : table.columns.count
        return before == index - 1 && after == index + 1
    }

    /// A third of the letters may differ.
    private static func isAlike(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(CaptionKey.of(a).unicodeScalars.prefix(64)), Array(CaptionKey.of(b).unicodeScalars.prefix(64)))
        guard a.count > 3, b.count > 3 else { return false }
        return distance(a, b) * 3 <= max(a.count, b.count)
    }

    /// Levenshtein's: insertions, deletions and replacements.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var above = Array(0...b.count)
        for (row, left) in a.enumerated() {
            var diagonal = above[0]
            above[0] = row + 1
            for (column, right) in b.enumerated() {
                let cost = min(diagonal + (left == right ? 0 : 1), above[column] + 1, above[column + 1] + 1)
                diagonal = above[column + 1]
                above[column + 1] = cost
            }
        }
        return above[b.count]
    }
}
