import Formats
import Foundation
import Trade
import Yams

/// Reads users' layouts (README, "Add a format"): one YAML file each, every mistake at once, each with its file and line.
struct LayoutReader {
    /// Layouts are written by hand; more files than this are another folder's.
    static let mostFiles = 200

    /// A shell makes such a file before the program that is to fill it has run.
    private static let empty = "the file is empty: write a layout into it (name, document and columns at least), or remove it"

    private(set) var layouts: [Layout] = []
    private(set) var mistakes: [ConfigurationMistake] = []
    private var files: [String: String] = [:]

    /// Reads every `.yaml` and `.yml` file of a folder, by name; hidden ones and others are left alone.
    mutating func read(folder: String) {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            return wrong(folder, "cannot be listed: \(error.localizedDescription)")
        }
        let wanted = names.filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.hasPrefix(".") }.sorted()
        guard wanted.count <= Self.mostFiles else {
            return wrong(folder, "holds \(wanted.count) layouts, more than \(Self.mostFiles); name another folder")
        }
        for name in wanted { read(file: "\(folder)/\(name)") }
    }

    mutating func read(file: String) {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            return wrong(file, "cannot be read; let the user that remitd runs as read it")
        }
        let bytes = (try? handle.read(upToCount: Configuration.largestFile + 1)) ?? Data()
        try? handle.close()
        if bytes.count > Configuration.largestFile { return wrong(file, "is larger than 1 MiB; name another file") }
        guard let text = String(validating: bytes, as: UTF8.self) else { return wrong(file, "is not UTF-8; save the file as UTF-8 text") }
        read(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text, file: file)
    }

    mutating func read(_ text: String, file: String) {
        let found = Mistakes()
        if let root = YAMLDocument.read(text, found, empty: Self.empty),
            let layout = Self.layout(root, found), found.list.isEmpty
        {
            if let other = files[layout.name] {
                found.add(1, "name", "'\(layout.name)' is the layout of \(other), too; give one of them another name")
            } else {
                files[layout.name] = file
                layouts.append(layout)
            }
        }
        mistakes += found.sorted.map { mistake in
            var mistake = mistake
            mistake.file = file
            return mistake
        }
    }

    private mutating func wrong(_ file: String, _ text: String) {
        mistakes.append(ConfigurationMistake(line: 1, key: "", text: text, file: file))
    }

    // MARK: nodes

    private static let tableKeys = ["name", "columns", "skip"]

    private static func layout(_ root: Node, _ mistakes: Mistakes) -> Layout? {
        let keys = ["name", "title", "document", "dates", "decimal", "grouping", "currency", "routes", "columns", "skip", "tables"]
        guard let section = Section(root, path: "", keys: keys, mistakes: mistakes) else { return nil }
        let name = section.required("name", write: "name: acme/invoices")?.word("a name")
        let document = section.required("document", write: "document: invoice")?.choice(Layout.DocumentKind.self)
        let title = section["title"]?.text("a title")
        let dates = section["dates"]?.choice(DateOrderWord.self)
        let decimal = section["decimal"]?.choice(DecimalWord.self)
        let grouping = section["grouping"]?.choice(GroupingWord.self)
        let currency = section["currency"].flatMap { Self.currency($0) }
        let routes = section["routes"]?.words("labels")
        var lines = ColumnLines()
        let tables = tables(section, document, &lines)
        guard let name, let document else { return nil }
        var layout = Layout(
            name: name, title: title ?? name, document: document, tables: tables, dates: dates?.order, decimal: decimal?.mark,
            grouping: grouping != GroupingWord.none, currency: currency, isOverride: Layout.builtIn.contains { $0.name == name })
        if let routes { layout.routes = routes }
        // what could not be read has been told; what follows from it would be told in vain
        if mistakes.list.isEmpty {
            for problem in layout.problems() { mistakes.add(lines.line(of: problem) ?? section.line, "", problem) }
        }
        return layout
    }

    private static func tables(_ section: Section, _ document: Layout.DocumentKind?, _ lines: inout ColumnLines) -> [Layout.Table] {
        if let tables = section["tables"] {
            for key in ["columns", "skip"] where section[key] != nil {
                section[key]?.wrong("stands beside 'tables'; put it into one of them")
            }
            return (tables.list("tables", allowsEmpty: false) ?? []).enumerated().compactMap { index, field in
                guard let table = field.section(Self.tableKeys) else { return nil }
                return Self.table(table, name: table["name"]?.text("a name") ?? "\(index + 1)", document, &lines)
            }
        }
        return Self.table(section, name: "", document, &lines).map { [$0] } ?? []
    }

    private static func table(
        _ section: Section, name: String, _ document: Layout.DocumentKind?, _ lines: inout ColumnLines
    ) -> Layout.Table? {
        guard let entries = section.required("columns", write: "columns: with - { field: number, captions: [Invoice Number] }") else {
            return nil
        }
        var table = Layout.Table(name: name, columns: [])
        for entry in entries.list("columns", allowsEmpty: false) ?? [] {
            guard let column = column(entry, document) else { continue }
            lines.add(column, entry.line)
            table.columns.append(column)
        }
        for entry in section["skip"]?.list("rows to skip") ?? [] {
            guard let skip = entry.section(["caption", "values"]) else { continue }
            let values = skip.required("values", write: "values: [Total]")?.words("values", allowsEmpty: false) ?? []
            table.skip.append(Layout.Skip(caption: skip["caption"]?.word("a caption"), values: values))
        }
        return table
    }

    private static func column(_ entry: Field, _ document: Layout.DocumentKind?) -> Layout.Column? {
        guard let section = entry.section(["field", "captions", "presence", "sign", "width", "constant"]) else { return nil }
        var captions: [String] = []
        if let field = section["captions"] {
            // one caption needs no brackets
            if case .scalar = field.node {
                captions = field.word("a caption").map { [$0] } ?? []
            } else {
                captions = field.words("captions", allowsEmpty: false) ?? []
            }
        }
        var column = Layout.Column(section["field"]?.word("a field"), captions)
        if let name = column.field, let document, !document.fields.contains(where: { $0.name == name }) {
            let known = document.fields.map(\.name)
            let advice = Nearest.word(to: name, in: known).map { "did you mean '\($0)'?" } ?? "it has \(known.joined(separator: ", "))"
            section["field"]?.wrong("a \(document.rawValue) has no field '\(name.excerpt)'; \(advice)")
        }
        // a constant alone needs no column, so nothing is missing without it
        column.presence = section["presence"]?.choice(Layout.Presence.self) ?? (captions.isEmpty ? .optional : .expected)
        if let sign = section["sign"]?.choice(Layout.Sign.self) { column.sign = sign }
        column.width = section["width"]?.integer(in: 1...64, "characters")
        column.constant = section["constant"]?.word("a constant")
        return column
    }

    private static func currency(_ field: Field) -> Currency? {
        guard let code = field.word("a currency") else { return nil }
        guard let currency = Currency(code: code), currency.code == code, currency != .unstated else {
            field.wrong("'\(code.excerpt)' is no currency; write its ISO 4217 code, such as USD")
            return nil
        }
        return currency
    }

    /// Where columns stand, for what is found wrong with the layout as a whole.
    private struct ColumnLines {
        private var lines: [(words: [String], line: Int)] = []

        mutating func add(_ column: Layout.Column, _ line: Int) {
            lines.append((column.captions + [column.field].compactMap { $0 }, line))
        }

        /// The line of the last column that the text names in quotes.
        func line(of problem: String) -> Int? {
            lines.last { $0.words.contains { problem.contains("\"\($0)\"") } }?.line
        }
    }
}

/// Words of the YAML for values that are no words in the code.
private enum DateOrderWord: String, CaseIterable {
    case monthFirst = "month_first"
    case dayFirst = "day_first"
    case yearFirst = "year_first"
    var order: DateOrder {
        switch self {
        case .monthFirst: .monthFirst
        case .dayFirst: .dayFirst
        case .yearFirst: .yearFirst
        }
    }
}

private enum GroupingWord: String, CaseIterable {
    case thousands, none
}

private enum DecimalWord: String, CaseIterable {
    case point, comma
    var mark: DecimalMark { self == .point ? .point : .comma }
}
