public import Trade

/// Vendor Central's remittance export as delimited text: a table of payments and, below it, a table of the invoices and
/// deductions of all of them (Payments > Remittances > Export; FACTS-AMAZON 1.1).
///
/// Amounts and dates are read as the account's marketplace writes them; without a marketplace as the file itself settles.
/// `net` is "Amount Paid", which is after "Terms Discount Taken"; a withholding is an adjustment inside `net`, taken off the
/// amount paid only where the payment foots that way.
public struct VendorCentralRemittances: Format {
    private let columns: RemittanceColumns

    /// - Parameter layouts: one that is called `VendorCentralRemittances.layout` gives the export's columns further captions.
    public init(layouts: [Layout] = []) { columns = RemittanceColumns(layouts: layouts) }

    public var name: String { Self.name }

    public static let name = "vendor-central-remittances"
    /// What `parse` reports, and the name of the layout by which users add captions to this export's.
    public static let layout = "vendor-central/remittances"

    public func claim(_ head: FileHead) -> String? {
        guard let text = PlainText.head(head.bytes), let export = RemittanceExport(text.span, columns) else { return nil }
        return "\(export.payments.known) captions of the table of payments in row \(export.headerRow)"
    }

    /// - Returns: `vendor-central/remittances`.
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
        let decoded = try PlainText.decoded(
            text, marketplace: context.marketplace, known: { RemittanceExport($0.span, columns)?.payments.known ?? 0 },
            note: { notes.append($0) })
        for note in notes { sink.note(note) }
        if let decoded {
            try Self.read(decoded.span, RemittanceExport(decoded.span, columns), context, &sink)
        } else {
            try Self.read(text, RemittanceExport(text, columns), context, &sink)
        }
        return Self.layout
    }

    /// What in a sheet of a workbook makes it this export; nil if nothing does.
    /// - Parameter sheet: cells ended by 0x1F and rows by 0x1E (`RowReader.sheet`).
    func claim(sheet: Span<UInt8>) -> String? {
        guard let export = RemittanceExport(sheet, columns, delimiters: [RowReader.cellEnd]) else { return nil }
        return "\(export.payments.known) captions of the table of payments in row \(export.headerRow)"
    }

    /// Reads the sheet of a workbook, typed cells included, like the text of the same export.
    /// - Returns: `vendor-central/remittances`.
    func read<Sink: DocumentSink>(
        sheet: Span<UInt8>, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        try Self.read(sheet, RemittanceExport(sheet, columns, delimiters: [RowReader.cellEnd]), context, &sink)
        return Self.layout
    }

    private static func read<Sink: DocumentSink>(
        _ bytes: Span<UInt8>, _ export: RemittanceExport?, _ context: ReadingContext, _ sink: inout Sink
    ) throws(ReadFailure) {
        guard let export else {
            throw .rejected([
                Problem(
                    .unrecognised, at: .file, "no row with \"Payment Number\" and the other captions of a remittance export",
                    advice: "export with all columns, in English")
            ])
        }
        try export.checkHeader()
        let locale = try locale(bytes, export, context)
        var reading = RemittanceReading(export: export, locale: locale, context: context)
        if let vendor = export.vendor { sink.route(vendor) }
        for (caption, column) in export.payments.added { sink.note(.added(caption, row: export.headerRow, column: column)) }
        try reading.settleWithholding(bytes)
        try reading.run(bytes, &sink)
    }

    /// The marketplace's, else what the file settles by its own dates and amounts.
    private static func locale(
        _ bytes: Span<UInt8>, _ export: RemittanceExport, _ context: ReadingContext
    ) throws(ReadFailure) -> ExportLocale {
        if let marketplace = context.marketplace { return try ExportLocale.of(marketplace: marketplace) }
        var evidence = LocaleEvidence()
        var walk = export
        while let row = try walk.next(bytes) {
            switch row {
            case .payment:
                let exponent = exponent(walk.rows.text(bytes, walk.payments[.currency]), context)
                let date = walk.payments[.date]
                evidence.date(bytes, walk.rows, date)
                let total = walk.payments[.total]
                evidence.amount(bytes, walk.rows, total, exponent: exponent)
            case .line:
                guard let lines = walk.lines else { continue }
                let exponent = exponent(walk.rows.text(bytes, lines[.currency]), context)
                let date = lines[.date]
                evidence.date(bytes, walk.rows, date)
                for field in [.gross, .withholding, .discount, .paid] as [PaymentLineField] where lines[field] >= 0 {
                    evidence.amount(bytes, walk.rows, lines[field], exponent: exponent)
                }
            }
        }
        return ExportLocale(dates: try evidence.order() ?? .dayFirst, mark: try evidence.mark() ?? .point)
    }

    private static func exponent(_ code: String, _ context: ReadingContext) -> Int {
        (Currency(code: code) ?? context.currency ?? .unstated).exponent
    }
}

extension Note {
    /// A column that no field takes. The daemon tells of it as `format.changed`.
    static func added(_ caption: String, row: Int, column: Int) -> Note {
        Note(columnAdded, at: .row(row, column: column + 1), "the column \"\(caption)\" is not known", columns: [caption])
    }
}
