public import Trade

/// What `remitd layout` says of a table.
public enum LayoutAdvice: Sendable {
    /// A layout knows the table. Captions of its that it has not, and others that it has, and the YAML of the layout with these in it;
    /// nil where nothing is to be amended.
    case known(layout: String, missing: [String], added: [String], yaml: String?)
    /// Several layouts know it equally well.
    case tied([String])
    /// None does: a guess.
    case unknown(LayoutProposal)

    /// - Parameters:
    ///   - bytes: the file: delimited text or a workbook, of which the first sheet that is known, else the first table counts.
    ///   - name: of the file, from which a new layout's is made.
    ///   - layouts: the users' own before the built-in ones.
    /// - Throws: `rejected` if there is no table in it.
    public init(_ bytes: RawSpan, name: String, layouts: [Layout]) throws(ReadFailure) {
        let catalog = LayoutCatalog(layouts)
        var sample: TableSample?
        if let sheets = try SheetTexts.of(bytes) {
            for sheet in sheets {
                if let found = catalog.find(sheet.span, delimiters: [TableCells.sheetDelimiter]) {
                    self.init(found, catalog)
                    return
                }
                if sample == nil { sample = try TableSample.find(sheet.span, delimiters: [TableCells.sheetDelimiter]) }
            }
        } else {
            let text = Span<UInt8>(_bytes: bytes)
            let decoded = try PlainText.decoded(text, note: { _ in })
            if let found = decoded.map({ catalog.find($0.span, delimiters: Tables.delimiters) })
                ?? catalog.find(text, delimiters: Tables.delimiters)
            {
                self.init(found, catalog)
                return
            }
            if let decoded { sample = try TableSample.find(decoded.span) } else { sample = try TableSample.find(text) }
        }
        guard let sample else {
            throw .rejected([
                Problem(
                    .unrecognised, at: .file, "no row in it looks like the captions of a table",
                    advice: "a layout describes tables: CSV, tab-separated text, workbooks")
            ])
        }
        self = .unknown(LayoutProposal(sample, name: name, known: layouts))
    }

    private init(_ found: LayoutCatalog.Found, _ catalog: LayoutCatalog) {
        var layout = catalog.layouts[found.layout]
        guard found.rivals.isEmpty else {
            self = .tied([layout.name] + found.rivals)
            return
        }
        let header = found.header
        let missing = header.missing.map { $0.captions[0] }
        let added = header.added.map(\.caption)
        guard !missing.isEmpty || !added.isEmpty else {
            self = .known(layout: layout.name, missing: [], added: [], yaml: nil)
            return
        }
        let renamed = header.renamed
        var remarks: [Int: String] = [:]
        for (index, column) in layout.tables[0].columns.enumerated() {
            if let pair = renamed.first(where: { $0.old == column.captions.first }) {
                layout.tables[0].columns[index].captions.append(pair.new)
                remarks[index] = "new caption: \(LayoutProposal.plain(pair.new))"
            } else if header.missing.contains(column) {
                remarks[index] = "not in this file: add its new caption, or say presence: optional"
            }
        }
        for caption in added where !renamed.contains(where: { $0.new == caption }) {
            remarks[layout.tables[0].columns.count] = "new, and read by nobody"
            layout.tables[0].columns.append(Layout.Column(nil, [caption], .optional))
        }
        self = .known(layout: layout.name, missing: missing, added: added, yaml: layout.yaml(remarks: remarks))
    }
}

/// The sheets of a workbook as tables.
enum SheetTexts {
    /// Each decoded into cells and rows; nil if the bytes are no workbook.
    static func of(_ bytes: RawSpan) throws(ReadFailure) -> [[UInt8]]? {
        let head = bytes.withUnsafeBytes { Array($0.prefix(FileHead.limit)) }
        if head.starts(with: OfficeFile.mark) { throw .rejected([OfficeFile.problem(ole: bytes)]) }
        switch ZipContents(FileHead(name: "", bytes: head, size: bytes.byteCount)) {
        case nil: return nil
        case .openDocument(let type): throw .rejected([OfficeFile.problem(openDocument: type)])
        case .office: throw .rejected([OfficeFile.notWorkbook])
        case .workbook, .archive: break
        }
        return try bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(ReadFailure) in
            let workbook = try Workbook(buffer)
            var sheets: [[UInt8]] = []
            for sheet in workbook.sheets { sheets.append(try workbook.table(sheet).text) }
            return sheets
        }
    }
}
