import Trade

extension Layout {
    /// The layout as a file of `layouts.d/` that reads back as the same, but for the name of a table that stands alone.
    /// - Parameter remarks: comments for the end of a column's line, by its number in its table; of the first table.
    public func yaml(remarks: [Int: String] = [:]) -> String {
        var lines = ["name: \(Self.quoted(name))", "title: \(Self.quoted(title))", "document: \(document.rawValue)"]
        if let dates { lines.append("dates: \(dates.rawValue)") }
        if let decimal { lines.append("decimal: \(decimal == .point ? "point" : "comma")") }
        if !grouping { lines.append("grouping: none") }
        if let currency { lines.append("currency: \(currency.code)") }
        lines.append("routes: [\(routes.map(Self.quoted).joined(separator: ", "))]")
        if tables.count == 1 {
            lines += Self.lines(tables[0], remarks)
        } else {
            lines.append("tables:")
            for (index, table) in tables.enumerated() {
                lines.append("  - name: \(Self.quoted(table.name))")
                lines += Self.lines(table, index == 0 ? remarks : [:]).map { "    " + $0 }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ table: Table, _ remarks: [Int: String]) -> [String] {
        var lines = ["columns:"]
        for (index, column) in table.columns.enumerated() {
            lines.append("  - { \(members(of: column).joined(separator: ", ")) }" + (remarks[index].map { "    # \($0)" } ?? ""))
        }
        guard !table.skip.isEmpty else { return lines }
        lines.append("skip:")
        for skip in table.skip {
            let caption = skip.caption.map { "caption: \(quoted($0)), " } ?? ""
            lines.append("  - { \(caption)values: [\(skip.values.map(quoted).joined(separator: ", "))] }")
        }
        return lines
    }

    private static func members(of column: Column) -> [String] {
        var members: [String] = []
        if let field = column.field { members.append("field: \(field)") }
        if !column.captions.isEmpty { members.append("captions: [\(column.captions.map(quoted).joined(separator: ", "))]") }
        if column.presence != (column.captions.isEmpty ? .optional : .expected) { members.append("presence: \(column.presence.rawValue)") }
        if column.sign != .asWritten { members.append("sign: \(column.sign.rawValue)") }
        if let width = column.width { members.append("width: \(width)") }
        if let constant = column.constant { members.append("constant: \(quoted(constant))") }
        return members
    }

    /// Between double quotes, where YAML knows every escape. What could move a cursor or end a line becomes a blank: captions and values
    /// are compared without either.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in LayoutProposal.plain(text).unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
