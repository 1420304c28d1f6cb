public import Trade

/// Delimited text of known exports, read by layouts: comma, semicolon, tab or pipe; a header row below any titles; one
/// document for each row, or for all rows of a number. Users' layouts come before built-in ones (`Layout`).
public struct Tables: Format {
    let catalog: LayoutCatalog

    /// - Parameter layouts: the users' own before the built-in ones.
    public init(layouts: [Layout]) { catalog = LayoutCatalog(layouts) }

    init(_ catalog: LayoutCatalog) { self.catalog = catalog }

    public var name: String { "table" }

    static let delimiters: [UInt8] = [44, 59, 9, 124]

    public func claim(_ head: FileHead) -> String? {
        let isCut = head.size > head.bytes.count
        let found = PlainText.heads(head.bytes).compactMap { catalog.find($0.span, delimiters: Self.delimiters, isHead: isCut) }
        guard let best = found.max(by: { $0.header.score < $1.header.score }) else { return nil }
        let names = ([catalog.layouts[best.layout].name] + best.rivals).joined(separator: " and of ")
        return "\(best.header.known) captions of \(names) in row \(best.header.row)"
    }

    /// - Returns: the name of the layout: `vendor-central/chargebacks`.
    public func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        guard bytes.byteCount <= TextBounds.file else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .file, "\(bytes.byteCount) bytes; at most \(TextBounds.file) are read", advice: "export a shorter period"
                )
            ])
        }
        let text = Span<UInt8>(_bytes: bytes)
        var notes: [Note] = []
        let known: ([UInt8]) -> Int = { head in
            catalog.find(head.span, delimiters: Self.delimiters, isHead: true)?.header.known ?? 0
        }
        let decoded = try PlainText.decoded(text, marketplace: context.marketplace, known: known, note: { notes.append($0) })
        for note in notes { sink.note(note) }
        if let decoded { return try catalog.read(decoded.span, delimiters: Self.delimiters, context: context, into: &sink) }
        return try catalog.read(text, delimiters: Self.delimiters, context: context, into: &sink)
    }
}

extension LayoutCatalog {
    /// Reads a table, whole and as UTF-8, by the layout that its header fits best. A workbook's sheet comes with
    /// `TableCells.sheetDelimiter` between its cells.
    /// - Returns: the layout's name.
    func read<Sink: DocumentSink>(
        _ bytes: Span<UInt8>, delimiters: [UInt8], context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        guard let found = find(bytes, delimiters: delimiters) else {
            throw .rejected([
                Problem(
                    .unrecognised, at: .file, "no row of the first \(TextBounds.preamble) has the captions of a known export",
                    advice: "export with all columns, in English; or describe the export by a layout: 'remitd layout FILE' proposes one")
            ])
        }
        return try read(bytes, found, context: context, into: &sink)
    }

    func read<Sink: DocumentSink>(
        _ bytes: Span<UInt8>, _ found: Found, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        let layout = layouts[found.layout]
        guard found.rivals.isEmpty else {
            let names = ([layout.name] + found.rivals).joined(separator: " and ")
            throw .rejected([
                Problem(
                    .unrecognised, at: .row(found.header.row), "the layouts \(names) fit the table equally well",
                    advice: "give one of them a needed column that the other has not")
            ])
        }
        if let problem = found.header.problem(of: layout) { throw .rejected([problem]) }
        if !found.rows.isTerminated {
            throw .rejected([
                Problem(.incomplete, at: .row(found.header.row), "the file ends in the header", advice: "send the whole file")
            ])
        }
        let locale = try locale(bytes, found, layout, context)
        for note in found.header.notes { sink.note(note) }
        var reading = TableReading(found, self, locale: locale, context: context)
        try reading.run(bytes, routes: found.routes, &sink)
        return layout.name
    }

    /// The layout's, else the account's marketplace's, or another's that all rows name and no currency, else what the file settles by its own dates and amounts.
    private func locale(
        _ bytes: Span<UInt8>, _ found: Found, _ layout: Layout, _ context: ReadingContext
    ) throws(ReadFailure) -> ExportLocale {
        if let dates = layout.dates, let decimal = layout.decimal { return ExportLocale(dates: dates, mark: decimal) }
        var (dates, mark) = (layout.dates, layout.decimal)
        if let marketplace = context.marketplace {
            // what states its currency was exported by the account, in its way of writing, whatever marketplaces it lists
            let isStated = layout.currency != nil || found.header[.currency] >= 0
            let places = isStated ? MarketplaceEvidence() : try places(bytes, found)
            guard places.isForeign(to: context) else {
                let locale = try ExportLocale.of(marketplace: marketplace)
                return ExportLocale(dates: dates ?? locale.dates, mark: mark ?? locale.mark)
            }
            (dates, mark) = (dates ?? places.order, mark ?? places.mark)
            if let dates, let mark { return ExportLocale(dates: dates, mark: mark) }
        }
        let neutral = ExportLocale(dates: .yearFirst, mark: .point)
        var peek = TableReading(found, self, locale: neutral, context: context)
        let evidence = try peek.evidence(bytes, context)
        do throws(ReadFailure) {
            if dates == nil { dates = try evidence.order() }
            if mark == nil { mark = try evidence.mark() }
            return ExportLocale(dates: dates ?? .dayFirst, mark: mark ?? .point)
        } catch {
            guard case .rejected(var problems) = error else { throw error }
            for index in problems.indices { problems[index].advice += "; or set 'dates' and 'decimal' in the layout \(layout.name)" }
            throw .rejected(problems)
        }
    }
}

extension LayoutCatalog {
    /// What the rows name as their marketplace.
    private func places(_ bytes: Span<UInt8>, _ found: Found) throws(ReadFailure) -> MarketplaceEvidence {
        var places = MarketplaceEvidence()
        let column = found.header[.marketplace]
        if column < 0 { return places }
        var rows = found.rows
        while try rows.next(bytes) { places.look(bytes, rows, column) }
        return places
    }
}

extension TableReading {
    /// Walks through all rows and looks at what is written in one way in one country and in another in the next.
    mutating func evidence(_ bytes: Span<UInt8>, _ context: ReadingContext) throws(ReadFailure) -> LocaleEvidence {
        var evidence = LocaleEvidence()
        let fields = layout.document.fields
        while try next(bytes) {
            let column = cells.header[.currency]
            let stated = column >= 0 ? Currency(code: cells.rows.text(bytes, column)) : nil
            let exponent = (stated ?? layout.currency ?? context.currency ?? .unstated).exponent
            for field in fields where cells.header[field.id] >= 0 {
                let column = cells.header[field.id]
                switch field.form {
                case .date: evidence.date(bytes, cells.rows, column)
                case .amount: evidence.amount(bytes, cells.rows, column, exponent: exponent)
                // with as many decimals as there are
                case .price, .quantity, .percent, .number: evidence.amount(bytes, cells.rows, column, exponent: 3)
                case .text, .reference, .days, .currency, .word, .route: break
                }
            }
        }
        return evidence
    }
}
