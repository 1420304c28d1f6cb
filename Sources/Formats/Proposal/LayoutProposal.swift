import Trade

/// A guess at how a table that no format knows could be read, for a person to correct.
public struct LayoutProposal: Sendable {
    /// What is proposed.
    public var layout: Layout
    /// The YAML of it, with what was seen as comments.
    public var yaml: String

    init(_ sample: TableSample, name: String, known: [Layout]) {
        let guesses = Layout.DocumentKind.allCases.map { KindGuess($0, sample, known) }
        // of equals the first: the list begins with what is dropped most
        let best = guesses.max { $0.score < $1.score } ?? KindGuess(.other, sample, known)
        let shapes = ColumnShapes(sample, best)
        var columns: [Layout.Column] = []
        var remarks: [Int: String] = [:]
        for (index, caption) in sample.captions.enumerated() where !caption.isEmpty {
            let field = best.fields[index]
            let values = sample.values(index).prefix(Self.samples).map { Self.shown($0) }.joined(separator: ", ")
            remarks[columns.count] = [field == nil ? "no field guessed" : nil, values.isEmpty ? "empty in the first rows" : values]
                .compactMap { $0 }.joined(separator: ": ")
            columns.append(Layout.Column(field?.name, [caption], field?.isEssential == true ? .needed : .expected))
        }
        layout = Layout(
            name: Self.layoutName(name), title: Self.plain(name), document: best.kind, tables: [Layout.Table(name: "", columns: columns)],
            dates: shapes.dates, decimal: shapes.decimal)
        yaml = Self.header(sample, best, shapes) + layout.yaml(remarks: remarks) + Self.footer(best)
    }

    /// Values shown beside each column.
    private static let samples = 3
    /// Characters of each.
    private static let sampleLength = 24

    private static func header(_ sample: TableSample, _ best: KindGuess, _ shapes: ColumnShapes) -> String {
        let cells =
            switch sample.delimiter {
            case 9: "tabs"
            case TableCells.sheetDelimiter: "the cells of a workbook"
            default: "'\(Character(Unicode.Scalar(sample.delimiter)))'"
            }
        var lines = [
            "Proposed by 'remitd layout': the captions are in row \(sample.row), between \(cells). It is a guess: look at every line,",
            "correct it, save it in layouts.d/, and let 'remitd check --offline' look at it.",
            "document is one of \(Layout.DocumentKind.allCases.map(\.rawValue).joined(separator: ", ")).",
            "The fields of \(best.kind.rawValue):",
        ]
        for field in best.kind.fields {
            lines.append("  \(field.name)\(field.isEssential ? " (it cannot be without)" : ""): \(field.summary)")
        }
        lines += shapes.remarks
        return lines.map { "# \(plain($0))\n" }.joined()
    }

    /// What a document cannot be without and no column was found for.
    private static func footer(_ best: KindGuess) -> String {
        let missing = best.kind.fields.filter { field in field.isEssential && !best.fields.contains { $0?.name == field.name } }
        guard !missing.isEmpty else { return "" }
        let lines = ["# Not found, and needed: give one of the columns above the field, or put a constant among the columns:"]
        return (lines + missing.map { "#  - { field: \($0.name), constant: \"\" }    # \(plain($0.summary))" }).joined(separator: "\n")
            + "\n"
    }

    /// Letters, digits, `-`, `_` of the file's name without its ending; what is not one of them is a dash.
    private static func layoutName(_ file: String) -> String {
        let base = file.split(separator: "/").last.map { String($0) } ?? file
        let stem = base.lastIndex(of: ".").map { String(base[..<$0]) } ?? base
        var name = ""
        for scalar in stem.lowercased().unicodeScalars {
            let isPlain = scalar.value < 128 && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil) || scalar == "_"
            if isPlain { name.unicodeScalars.append(scalar) } else if !name.hasSuffix("-") { name += "-" }
        }
        let trimmed = name.split(separator: "-").joined(separator: "-")
        return "own/" + (trimmed.isEmpty ? "table" : trimmed)
    }

    private static func shown(_ value: String) -> String {
        let head = value.prefix(sampleLength)
        return "\"\(plain(String(head)))\(head.count < value.count ? "…" : "")\""
    }

    /// For comments: nothing that ends the line or moves a cursor.
    static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isOdd($0) ? " " : $0 }))
    }

    static func isOdd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<32, 127..<160, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}
