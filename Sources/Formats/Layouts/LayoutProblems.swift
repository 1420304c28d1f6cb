import Trade

extension Layout {
    /// What is wrong with the layout, each in one line that names the table and the column; empty if it can be used.
    public func problems() -> [String] {
        var found: [String] = []
        if name.isEmpty || !name.utf8.allSatisfy(Self.isNameByte) {
            found.append("the name \"\(name)\" must be letters, digits, '-', '_' and '/', as in \"acme/invoices\"")
        }
        if tables.isEmpty { found.append("it has no table") }
        var fed: Set<String> = []
        for (index, table) in tables.enumerated() {
            let place = tables.count > 1 ? "table \(table.name.isEmpty ? "\(index + 1)" : table.name): " : ""
            found += problems(of: table).map { place + $0 }
            fed.formUnion(table.columns.compactMap(\.field))
            // the rows of stacked tables belong together by it
            if tables.count > 1, let key = document.fields.first, !table.columns.contains(where: { $0.field == key.name }) {
                found.append("\(place)no column feeds \"\(key.name)\", by which the rows of the tables belong together")
            }
        }
        for field in document.fields where field.isEssential && !fed.contains(field.name) {
            found.append("no column feeds \"\(field.name)\" (\(field.summary)), which a \(document.rawValue) cannot be without")
        }
        if tables.count > 1, !document.canStack { found.append("a \(document.rawValue) is read from one table, not from \(tables.count)") }
        return found
    }

    private func problems(of table: Table) -> [String] {
        var found: [String] = []
        let fields = Dictionary(document.fields.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var seenFields: Set<String> = []
        var owners: [String: String] = [:]
        if table.columns.reduce(0, { $0 + ($1.captions.isEmpty ? 0 : 1) }) < 2 {
            found.append("a table is known by its captions, and needs at least two columns with some")
        }
        if !table.columns.contains(where: { $0.presence == .needed }) { found.append("no column is needed") }
        for column in table.columns {
            let title = column.captions.first ?? column.field ?? "?"
            let keys = Set(column.captions.map(CaptionKey.of))
            if keys.contains("") { found.append("column \"\(title)\": a caption is empty") }
            for caption in column.captions {
                let key = CaptionKey.of(caption)
                if let other = owners[key], other != title {
                    found.append("the caption \"\(caption)\" stands for two columns, \"\(other)\" and \"\(title)\"")
                } else {
                    owners[key] = title
                }
            }
            guard let name = column.field else {
                if column.captions.isEmpty { found.append("a column has neither captions nor a field") }
                if column.constant != nil { found.append("column \"\(title)\": a constant without a field") }
                continue
            }
            guard let field = fields[name] else {
                let known = document.fields.map(\.name).joined(separator: ", ")
                found.append("column \"\(title)\": a \(document.rawValue) has no field \"\(name)\"; it has \(known)")
                continue
            }
            if !seenFields.insert(name).inserted { found.append("two columns feed \"\(name)\"; give one of them both captions") }
            found += problems(of: column, field)
        }
        for skip in table.skip where skip.values.isEmpty || skip.values.contains(where: { CaptionKey.of($0).isEmpty }) {
            found.append("a row to skip needs values, and none of them empty")
        }
        for skip in table.skip {
            guard let caption = skip.caption else { continue }
            if owners[CaptionKey.of(caption)] == nil { found.append("rows to skip name the caption \"\(caption)\", which no column has") }
        }
        return found
    }

    private func problems(of column: Column, _ field: Field) -> [String] {
        var found: [String] = []
        if column.captions.isEmpty, column.constant == nil { found.append("\"\(field.name)\" has neither captions nor a constant") }
        if column.captions.isEmpty, column.presence == .needed { found.append("\"\(field.name)\" is needed and has no captions") }
        if column.sign != .asWritten, field.form != .amount {
            found.append("\"\(field.name)\": only amounts have a sign")
        }
        if let width = column.width, field.form != .reference || !(1...64).contains(width) {
            found.append("\"\(field.name)\": a width is for references, from 1 to 64 characters")
        }
        if let constant = column.constant, !field.accepts(constant: constant) {
            let words = field.words.isEmpty ? "" : ": \(field.words.joined(separator: ", "))"
            found.append("\"\(field.name)\": the constant \"\(constant)\" is not \(field.form.example)\(words)")
        }
        return found
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 47, 95: true
        default: false
        }
    }
}

extension Layout.DocumentKind {
    /// Its documents have items or lines, which may stand in a table of their own.
    var canStack: Bool { self != .chargeback && self != .other }
}

extension Layout.Field {
    /// Whether a constant of the layout says something in this field's form.
    func accepts(constant: String) -> Bool {
        switch form {
        case .text, .reference, .route: !constant.isEmpty
        case .amount, .price: ExactDecimal(constant) != nil
        case .quantity, .percent, .number: ExactDecimal(constant).map { $0.units >= 0 } ?? false
        case .days: Int(constant).map { (0...Layout.dayLimit).contains($0) } ?? false
        case .date: Day(iso: constant) != nil
        case .currency: Currency(code: constant) != nil
        case .word: words.contains(constant)
        }
    }
}

extension Layout {
    /// Terms beyond ten years are a mistake in the file.
    static let dayLimit = 3660
}

extension Layout.Form {
    /// For messages: "is not …".
    public var example: String {
        switch self {
        case .text: "a text"
        case .reference: "an identifier"
        case .amount: "an amount, as 1234.50"
        case .price: "a price, as 1.2345"
        case .quantity: "a quantity, as 12 or 1.5"
        case .percent: "a percentage, as 2 or 1.5"
        case .days: "a number of days, 0 to \(Layout.dayLimit)"
        case .number: "a number, as 1.0825"
        case .date: "a date, as 2026-03-31"
        case .currency: "a currency, as USD"
        case .word: "one of its words"
        case .route: "an identifier"
        }
    }
}
