import Trade

/// A workbook in memory (ECMA-376, Office Open XML, transitional or strict): its sheets, each decoded into a table on demand.
struct Workbook {
    struct Sheet {
        /// As its tab says.
        var name: String
        var isHidden: Bool
        /// Number of its part in the archive.
        fileprivate var entry: Int
    }

    /// A sheet as a table (`SheetMark`), and what was odd about it.
    struct Table {
        var text: [UInt8]
        var notes: [Note]
    }

    let sheets: [Sheet]
    /// Tabs that are charts, dialogs or macros.
    let otherSheets: [String]
    private let zip: ZipFile
    private let limit: Int
    private let shared: SharedStrings
    private let styles: CellStyles
    private let system: CellDate.System

    static let again = "open it in a spreadsheet program and save it again"

    /// - Parameters:
    ///   - bytes: must outlive this value.
    ///   - limit: bytes of text in a sheet.
    init(_ bytes: UnsafeRawBufferPointer, limit: Int = SheetBounds.table) throws(ReadFailure) {
        self.limit = limit
        zip = try ZipFile(bytes)
        let parts = try WorkbookParts(zip)
        let book = try parts.elements(zip, parts.workbook, ["workbookPr", "sheet"])
        let relationships = try parts.relationships(zip, of: parts.workbook)
        var sheets: [Sheet] = []
        var others: [String] = []
        for element in book where element.name == "sheet" && element.parent == "sheets" {
            let name = element.attributes["name"] ?? ""
            guard let id = element.attributes["id"], let relationship = relationships[id] else {
                throw Self.malformed("the sheet \(Text.quote(Array(name.utf8))) has no part in the workbook")
            }
            guard relationship.type == "worksheet" else {
                others.append(name)
                continue
            }
            guard let entry = parts.find(relationship.target) else {
                throw Self.malformed("the sheet \(Text.quote(Array(name.utf8))) is missing from the workbook")
            }
            let state = element.attributes["state"] ?? "visible"
            sheets.append(Sheet(name: name, isHidden: state != "visible", entry: entry))
        }
        guard sheets.count <= SheetBounds.sheets else {
            throw .rejected([Problem(.tooLarge, at: .file, "more than \(SheetBounds.sheets) sheets", advice: "send it in parts")])
        }
        self.sheets = sheets
        otherSheets = others
        let properties = book.first { $0.name == "workbookPr" }
        system = ["1", "true", "on"].contains(properties?.attributes["date1904"] ?? "") ? .from1904 : .from1900
        var shared = SharedStrings()
        if let entry = try parts.entry(relationships, "sharedStrings") {
            var stream = try zip.open(entry)
            try XMLReading.read(&stream, parts.names[entry], into: &shared)
        }
        self.shared = shared
        if let entry = try parts.entry(relationships, "styles") {
            styles = CellStyles(try parts.elements(zip, entry, CellStyles.wanted))
        } else {
            styles = CellStyles()
        }
    }

    /// Decodes a sheet; its notes say which cells they are about, and not which sheet.
    func table(_ sheet: Sheet) throws(ReadFailure) -> Table {
        let entry = zip.directory.entries[sheet.entry]
        var decoder = SheetDecoder(shared: shared, styles: styles, system: system, limit: limit)
        // cells have some 25 to 60 bytes of XML around them; pages that are never touched cost nothing
        decoder.reserve(min(entry.size / 2, limit))
        var stream = try zip.open(sheet.entry)
        try XMLReading.read(&stream, String(decoding: entry.name, as: UTF8.self), into: &decoder)
        var notes: [Note] = []
        if let first = decoder.uncalculated.first {
            notes.append(
                Note("formula-not-calculated", at: first, "a formula without a result: the workbook was not saved by a spreadsheet program")
            )
        }
        let (merges, rows) = (decoder.merges, decoder.rows)
        decoder = SheetDecoder(shared: SharedStrings(), styles: CellStyles(), system: system, limit: 0)
        let (text, hidden) = try MergedArea.clear(merges, of: try rows.table())
        if let hidden {
            notes.append(Note("merged-cell", at: hidden, "a value that lies hidden under a merged cell was left out"))
        }
        return Table(text: text, notes: notes)
    }

    static func malformed(_ what: String) -> ReadFailure { .rejected([Problem(.malformed, at: .file, what, advice: again)]) }
}

/// How the parts of a workbook find one another: by relationships (ECMA-376 part 2, 9.3), never by the names that programs usually give.
struct WorkbookParts {
    struct Relationship {
        /// The last word of its type, the same in transitional and strict workbooks: `worksheet`, `sharedStrings`.
        var type: String
        /// A part's name from the root, without a slash before it.
        var target: String
    }

    /// By entry of the archive.
    let names: [String]
    private let entries: [String: Int]
    /// The part that lists the sheets.
    private(set) var workbook = -1

    init(_ zip: ZipFile) throws(ReadFailure) {
        var entries: [String: Int] = [:]
        var names: [String] = []
        for (index, entry) in zip.directory.entries.enumerated() {
            // part names are equivalent whatever their case (ECMA-376 part 2, 6.2.2.3); some programs write backslashes
            let name = String(decoding: entry.name, as: UTF8.self).replacing("\\", with: "/")
            names.append(name)
            let key = name.lowercased()
            guard entries[key] == nil else { throw Workbook.malformed("two parts of the workbook are called \(Text.quote(entry.name))") }
            entries[key] = index
        }
        self.names = names
        self.entries = entries
        let root = try relationships(zip, inFolder: "", of: "")
        let main = root.values.first { $0.type == "officeDocument" }?.target ?? "xl/workbook.xml"
        if main.lowercased().hasSuffix(".bin") || entries["xl/workbook.bin"] != nil {
            throw .rejected([
                Problem(.unrecognised, at: .file, "a binary workbook (.xlsb)", advice: "save it as .xlsx or CSV and drop that")
            ])
        }
        guard let entry = find(main) else {
            throw Workbook.malformed("the archive holds no workbook, or one whose parts are missing")
        }
        workbook = entry
        let folder = main.split(separator: "/").first?.lowercased() ?? ""
        if let kind = ["word": "a Word document", "ppt": "a presentation", "visio": "a Visio drawing"][folder] {
            throw .rejected([
                Problem(
                    .unrecognised, at: .file, "\(kind), not a workbook",
                    advice: "use the CSV export or the e-mail text of the same document")
            ])
        }
    }

    func find(_ name: String) -> Int? { entries[name.lowercased()] }

    func elements(_ zip: ZipFile, _ entry: Int, _ wanted: Set<String>) throws(ReadFailure) -> [ElementList.Element] {
        var list = ElementList(wanted)
        var stream = try zip.open(entry)
        try XMLReading.read(&stream, names[entry], into: &list)
        return list.elements
    }

    /// By id.
    func relationships(_ zip: ZipFile, of entry: Int) throws(ReadFailure) -> [String: Relationship] {
        var folders = names[entry].split(separator: "/")
        let name = folders.popLast() ?? ""
        return try relationships(zip, inFolder: folders.map { $0 + "/" }.joined(), of: String(name))
    }

    private func relationships(
        _ zip: ZipFile, inFolder folder: String, of name: String
    ) throws(ReadFailure) -> [String: Relationship] {
        guard let entry = find("\(folder)_rels/\(name).rels") else { return [:] }
        var found: [String: Relationship] = [:]
        for element in try elements(zip, entry, ["Relationship"]) where element.attributes["TargetMode"] != "External" {
            guard let id = element.attributes["Id"], let type = element.attributes["Type"], let target = element.attributes["Target"] else {
                continue
            }
            let last = type.split(separator: "/").last.map(String.init) ?? ""
            found[id] = Relationship(type: last, target: Self.resolved(target, in: folder))
        }
        return found
    }

    /// A relationship of a type that a workbook has once. One that is named and not there is an error.
    func entry(_ relationships: [String: Relationship], _ type: String) throws(ReadFailure) -> Int? {
        guard let relationship = relationships.values.first(where: { $0.type == type }) else { return nil }
        guard let entry = find(relationship.target) else {
            throw Workbook.malformed("\(Text.quote(Array(relationship.target.utf8))) is missing from the workbook")
        }
        return entry
    }

    /// `worksheets/sheet1.xml`, `/xl/worksheets/sheet1.xml`, `..\xl\worksheets\sheet1.xml`.
    static func resolved(_ target: String, in folder: String) -> String {
        let plain = target.replacing("\\", with: "/")
        var path: [Substring] = []
        let full = plain.hasPrefix("/") ? plain : folder + plain
        for step in full.split(separator: "/") where step != "." {
            if step == ".." { _ = path.popLast() } else { path.append(step) }
        }
        let joined = path.joined(separator: "/")
        return unescaped(joined)
    }

    /// Undoes `%20`.
    private static func unescaped(_ text: String) -> String {
        guard text.contains("%") else { return text }
        let bytes = Array(text.utf8)
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 37, index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                plain.append(byte)
                index += 3
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
