public import Trade

/// Excel workbooks (.xlsx, .xlsm): each sheet is read like the text of the same export. Other Office files are claimed too, so
/// that each is refused in its own words.
public struct Workbooks: Format {
    private let catalog: LayoutCatalog
    private let remittances: VendorCentralRemittances

    /// - Parameter layouts: of exports; the users' own before the built-in ones.
    public init(layouts: [Layout]) {
        catalog = LayoutCatalog(layouts)
        remittances = VendorCentralRemittances(layouts: layouts)
    }

    public var name: String { "workbook" }

    public func claim(_ head: FileHead) -> String? {
        if head.bytes.starts(with: OfficeFile.mark) { return "the mark of an old or encrypted Office file" }
        return switch ZipContents(head) {
        case .workbook, .office: "the parts of an Office file in a ZIP archive"
        case .openDocument: "the media type of an OpenDocument file"
        case .archive, nil: nil
        }
    }

    /// Sheets of which nothing is known are noted, as long as another one is read.
    /// - Returns: what the sheets were read as: `vendor-central/remittances`; several, if they are, with a plus between them.
    public func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        let head = bytes.withUnsafeBytes { Array($0.prefix(FileHead.limit)) }
        if head.starts(with: OfficeFile.mark) { throw .rejected([OfficeFile.problem(ole: bytes)]) }
        switch ZipContents(FileHead(name: "", bytes: head, size: bytes.byteCount)) {
        case .openDocument(let type): throw .rejected([OfficeFile.problem(openDocument: type)])
        case .office: throw .rejected([OfficeFile.notWorkbook])
        case nil:
            throw .rejected([Problem(.unrecognised, at: .file, "no workbook: it is no ZIP archive", advice: "export again as .xlsx or CSV")]
            )
        case .workbook, .archive: break
        }
        return try bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws(ReadFailure) in
            let workbook = try Workbook(buffer)
            return try withUnsafeMutablePointer(to: &sink) { (pointer) throws(ReadFailure) in
                var reading = SheetReading(
                    catalog: catalog, remittances: remittances, context: context, sink: pointer, isNamed: workbook.sheets.count > 1)
                return try reading.read(workbook)
            }
        }
    }
}

/// One reading of a workbook, sheet by sheet.
private struct SheetReading<Sink: DocumentSink> {
    let catalog: LayoutCatalog
    let remittances: VendorCentralRemittances
    let context: ReadingContext
    let sink: UnsafeMutablePointer<Sink>
    /// Problems and notes name the sheet.
    let isNamed: Bool
    private var formats: [String] = []
    private var unknown: [String] = []
    /// What stands in the first rows of the first sheet that nothing is known of.
    private var seen: String?

    init(
        catalog: LayoutCatalog, remittances: VendorCentralRemittances, context: ReadingContext, sink: UnsafeMutablePointer<Sink>,
        isNamed: Bool
    ) {
        self.catalog = catalog
        self.remittances = remittances
        self.context = context
        self.sink = sink
        self.isNamed = isNamed
    }

    mutating func read(_ workbook: Workbook) throws(ReadFailure) -> String {
        for sheet in workbook.sheets {
            var output = SheetSink(base: sink, sheet: isNamed ? quoted(sheet.name) : nil)
            do throws(ReadFailure) {
                let table = try workbook.table(sheet)
                try read(table, sheet, &output)
            } catch {
                guard case .rejected(let problems) = error else { throw error }
                throw .rejected(problems.map(output.named))
            }
        }
        guard !formats.isEmpty else {
            guard let seen else {
                throw .rejected([
                    Problem(.unrecognised, at: .file, "the workbook has no cells with anything in them", advice: "export again")
                ])
            }
            throw .rejected([
                Problem(
                    .unrecognised, at: .file, "no sheet has the captions of a known export; \(seen)",
                    advice: "export with all columns, in English; or describe the export by a layout: 'remitd layout FILE' proposes one")
            ])
        }
        for name in unknown {
            sink.pointee.note(Note("sheet-unknown", at: .file, "the sheet \(name) has no captions of a known export and was not read"))
        }
        for name in workbook.otherSheets {
            sink.pointee.note(Note("sheet-unknown", at: .file, "the sheet \(quoted(name)) holds no cells and was not read"))
        }
        return formats.joined(separator: "+")
    }

    private mutating func read(_ table: Workbook.Table, _ sheet: Workbook.Sheet, _ output: inout SheetSink<Sink>) throws(ReadFailure) {
        guard table.text.contains(where: { $0 > SheetMark.cell }) else { return }
        let text = table.text.span
        let layout = catalog.find(text, delimiters: [SheetMark.cell])
        if layout == nil, SellerSettlements.claim(sheet: text) != nil {
            let format = try SellerSettlements.read(sheet: text, context: context, into: &output)
            return take(format, table, sheet, &output)
        }
        let format: String
        switch (remittances.claim(sheet: text), layout) {
        case (nil, nil):
            unknown.append(quoted(sheet.name))
            if seen == nil { seen = Self.beginning(text, quoted(sheet.name)) }
            return
        case (.some(let why), .some(let found)):
            throw .rejected([
                Problem(
                    .unrecognised, at: .row(found.header.row),
                    "both \(VendorCentralRemittances.name) (\(why)) and the layout \(catalog.layouts[found.layout].name) claim the sheet",
                    advice: "give the layout a needed column that a remittance export has not")
            ])
        case (.some, nil):
            format = try remittances.read(sheet: text, context: context, into: &output)
        case (nil, .some(let found)):
            format = try catalog.read(text, found, context: context, into: &output)
        }
        take(format, table, sheet, &output)
    }

    private mutating func take(_ format: String, _ table: Workbook.Table, _ sheet: Workbook.Sheet, _ output: inout SheetSink<Sink>) {
        for note in table.notes { output.note(note) }
        if sheet.isHidden {
            sink.pointee.note(Note("sheet-hidden", at: .file, "the sheet \(quoted(sheet.name)) is hidden and was read"))
        }
        if !formats.contains(format) { formats.append(format) }
    }

    private func quoted(_ name: String) -> String { Text.quote(Array(name.utf8)) }

    /// The first rows with something in them, shortened.
    private static func beginning(_ text: Span<UInt8>, _ name: String) -> String {
        var rows = RowReader.sheet
        var words: [String] = []
        while words.count < 3, rows.row < TextBounds.preamble, (try? rows.next(text)) == true {
            let cells = rows.fields.indices.map { rows.text(text, $0) }.filter { !$0.isEmpty }
            guard !cells.isEmpty else { continue }
            let shown = cells.prefix(6).map { Text.quote(Array($0.utf8), limit: 24) }.joined(separator: ", ")
            words.append("row \(rows.row): \(shown)\(cells.count > 6 ? ", …" : "")")
        }
        return "the sheet \(name) starts " + words.joined(separator: "; ")
    }
}

/// Names the sheet in what a reader says of it. Offsets in the decoded table are of no use to anybody.
private struct SheetSink<Base: DocumentSink>: DocumentSink {
    let base: UnsafeMutablePointer<Base>
    let sheet: String?

    func named(_ problem: Problem) -> Problem {
        var problem = problem
        problem.byte = nil
        if let sheet { problem.what = "sheet \(sheet): \(problem.what)" }
        return problem
    }

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int { try base.pointee.begin(advice) }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {
        try base.pointee.append(lines, to: advice)
    }
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) { try base.pointee.end(advice, end) }
    mutating func add(_ document: WholeDocument) throws(ReadFailure) { try base.pointee.add(document) }
    mutating func note(_ note: Note) {
        guard let sheet else { return base.pointee.note(note) }
        base.pointee.note(Note(note.code, at: note.at, "sheet \(sheet): \(note.text)", columns: note.columns))
    }
    mutating func refuse(_ problem: Problem) { base.pointee.refuse(named(problem)) }
    mutating func control(_ numbers: ControlNumbers) { base.pointee.control(numbers) }
    mutating func route(_ id: String) { base.pointee.route(id) }
}
