public import Trade

/// What Amazon settles with sellers (FACTS-AMAZON 3): the settlement report as flat file V1 (a column for each kind of amount) and V2 (one
/// column of amounts), and the unified date-range export, one row for each transaction.
///
/// Every amount is kept, and their sum must be the total that the report states: where it is not, a note says by how much. How numbers
/// are written is settled by the file itself, which may be of another marketplace than the account's.
public struct SellerSettlements: Format {
    public init() {}

    public var name: String { "seller-settlements" }

    public func claim(_ head: FileHead) -> String? {
        for text in PlainText.heads(head.bytes) {
            if let header = SettlementHeader(text.span) { return header.words }
        }
        return nil
    }

    /// - Returns: `seller/settlement-v1`, `seller/settlement-v2`, `seller/date-range`.
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
        let decoded = try PlainText.decoded(text, marketplace: context.marketplace, known: Self.knownCaptions) { notes.append($0) }
        for note in notes { sink.note(note) }
        if let decoded { return try Self.read(decoded.span, SettlementHeader(decoded.span), context, &sink) }
        return try Self.read(text, SettlementHeader(text), context, &sink)
    }

    /// What in a sheet of a workbook makes it one of these; nil if nothing does.
    static func claim(sheet: Span<UInt8>) -> String? { SettlementHeader(sheet, delimiters: [RowReader.cellEnd])?.words }

    /// Reads the sheet of a workbook like the text of the same report.
    static func read<Sink: DocumentSink>(
        sheet: Span<UInt8>, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        try read(sheet, SettlementHeader(sheet, delimiters: [RowReader.cellEnd]), context, &sink)
    }

    private static func knownCaptions(_ head: [UInt8]) -> Int { SettlementHeader(head.span)?.known ?? 0 }

    private static func read<Sink: DocumentSink>(
        _ bytes: Span<UInt8>, _ header: SettlementHeader?, _ context: ReadingContext, _ sink: inout Sink
    ) throws(ReadFailure) -> String {
        guard let header else {
            throw .rejected([
                Problem(
                    .unrecognised, at: .file, "no row with the captions of a settlement or date-range report",
                    advice: "download the report again")
            ])
        }
        if !header.rows.isTerminated {
            throw .rejected([
                Problem(.incomplete, at: .row(header.rows.row), "the file ends in its header", advice: "send the whole file")
            ])
        }
        switch header.form {
        case .flat(let columns):
            if let problem = columns.problem(row: header.rows.row) { throw .rejected([problem]) }
            for (caption, column) in columns.added { sink.note(.added(caption, row: header.rows.row, column: column)) }
            var reading = FlatSettlementReading(
                columns,
                try SettlementCells(bytes, header, columns.amountColumns, columns.dateColumns, currency: columns["currency"], context))
            try reading.run(bytes, &sink)
            return columns.isV2 ? "seller/settlement-v2" : "seller/settlement-v1"
        case .dateRange(let match):
            if let problem = DateRangeColumns.table.problem(match, row: header.rows.row) { throw .rejected([problem]) }
            let columns = DateRangeColumns(match)
            for (caption, column) in columns.added { sink.note(.added(caption, row: header.rows.row, column: column)) }
            let cells = try SettlementCells(bytes, header, columns.money + [match[.total]], [match[.posted]], context)
            var reading = DateRangeReading(columns, cells, stated: header.currency)
            try reading.run(bytes, &sink)
            return "seller/date-range"
        }
    }
}

/// The header of a report, found below its preamble and under any of the delimiters.
struct SettlementHeader {
    enum Form {
        case flat(FlatSettlementColumns)
        case dateRange(TableLayout<DateRangeField>.Match)
    }

    /// Stands behind the header.
    private(set) var rows: RowReader
    private(set) var form: Form
    private(set) var known: Int
    /// Of the preamble: "All amounts in INR, unless specified".
    private(set) var currency: Currency?

    var captions: [String] {
        switch form {
        case .flat(let columns): columns.captions
        case .dateRange(let match): match.captions
        }
    }

    var words: String {
        switch form {
        case .flat(let columns): "\(known) captions of settlement report \(columns.isV2 ? "V2" : "V1") in row \(rows.row)"
        case .dateRange: "\(known) captions of the date-range report in row \(rows.row)"
        }
    }

    init?(_ bytes: Span<UInt8>, delimiters: [UInt8] = RemittanceExport.delimiters) {
        var best: SettlementHeader?
        for delimiter in delimiters {
            let mark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
            var rows = RowReader(delimiter: delimiter, position: mark)
            var currencies = Set<Currency>()
            while rows.row < TextBounds.preamble, (try? rows.next(bytes)) == true {
                let captions = rows.fields.indices.map { rows.text(bytes, $0) }
                var found: (form: Form, known: Int)?
                if let columns = FlatSettlementColumns(captions) {
                    found = (.flat(columns), columns.known)
                } else if let match = DateRangeColumns.match(captions) {
                    found = (.dateRange(match), match.known)
                }
                if let found {
                    if found.known > best?.known ?? 0 {
                        let currency = currencies.count == 1 ? currencies.first : nil
                        best = SettlementHeader(rows: rows, form: found.form, known: found.known, currency: currency)
                    }
                    break
                }
                for caption in captions { currencies.formUnion(Self.currencies(caption)) }
            }
        }
        guard let best else { return nil }
        self = best
    }

    private init(rows: RowReader, form: Form, known: Int, currency: Currency?) {
        self.rows = rows
        self.form = form
        self.known = known
        self.currency = currency
    }

    /// Three capital letters, no other Latin letter beside them, that are a currency's code: `All amounts in INR`, `金額はJPYで`.
    private static func currencies(_ text: String) -> [Currency] {
        text.utf8.split { byte in byte < 0x80 ? !(byte | 32 >= 97 && byte | 32 <= 122) : true }.compactMap { word in
            word.count == 3 && word.allSatisfy { $0 >= 65 && $0 <= 90 } ? Currency(code: String(decoding: word, as: UTF8.self)) : nil
        }
    }
}
