import Trade

/// The row of a table that is being read: typed looks at its cells, and what was found wrong with them.
///
/// A cell that is not what its column says (an amount, a date, an identifier that a spreadsheet has rounded) is a *problem*:
/// the file is not what it seems, and nothing of it may be kept. What is wrong with one document alone (a value is missing,
/// two rows contradict each other) is a *flaw*: that document is refused and the others are kept.
struct TableCells {
    let document: Layout.DocumentKind
    /// The layout's name.
    let layout: String
    private(set) var rows: RowReader
    private(set) var header: TableHeader
    private(set) var locale: ExportLocale
    private(set) var problems: [Problem] = []
    private(set) var flaws: [Problem] = []
    private(set) var notes: [Note] = []

    let context: ReadingContext
    private let fallback: Currency?
    private let words: [FieldID: [String]]
    private var constants: [FieldID: String] = [:]
    private var signs = [Layout.Sign](repeating: .asWritten, count: FieldID.allCases.count)
    private var widths: [FieldID: Int] = [:]
    private let ofLine: [FieldID]
    private var lineColumns: [Int] = []
    private var skip: [Skip] = []
    private var isSheet: Bool { rows.delimiter == Self.sheetDelimiter }
    private var lastCurrency = Currency.unstated
    private var isCurrencyAssumed = false

    /// U+001F, between the cells of a workbook's sheet.
    static let sheetDelimiter: UInt8 = 0x1F

    private struct Skip {
        var column: Int?
        var keys: Set<String>
    }

    init(_ found: LayoutCatalog.Found, _ layout: Layout, locale: ExportLocale, context: ReadingContext) {
        document = layout.document
        self.layout = layout.name
        rows = found.rows
        header = found.header
        self.locale = locale
        self.context = context
        fallback = layout.currency ?? context.currency
        isCurrencyAssumed = layout.currency != nil
        let fields = layout.document.fields
        words = Dictionary(uniqueKeysWithValues: fields.filter { !$0.words.isEmpty }.map { ($0.id, $0.words) })
        ofLine = fields.filter(\.isOfLine).map(\.id)
        adopt(layout.tables[0], fields)
    }

    /// Goes on with the next of several stacked tables, whose header is the row last read.
    mutating func enter(_ table: Layout.Table, _ header: TableHeader) {
        self.header = header
        adopt(table, document.fields)
    }

    private mutating func adopt(_ table: Layout.Table, _ fields: [Layout.Field]) {
        constants = [:]
        widths = [:]
        for column in table.columns {
            guard let field = fields.first(where: { $0.name == column.field }) else { continue }
            constants[field.id] = column.constant
            widths[field.id] = column.width
            signs[Int(field.id.rawValue)] = column.sign
        }
        lineColumns = ofLine.map { header[$0] }.filter { $0 >= 0 }
        skip = table.skip.map { skip in
            let key = skip.caption.map(CaptionKey.of)
            let names =
                table.columns.first { column in key.map { column.captions.map(CaptionKey.of).contains($0) } ?? false }?.captions ?? []
            let keys = names.map(CaptionKey.of)
            let column = header.captions.firstIndex { keys.contains(CaptionKey.of($0)) }
            return Skip(column: skip.caption == nil ? nil : column ?? .max, keys: Set(skip.values.map(CaptionKey.of)))
        }
    }

    // MARK: Rows

    var row: Int { rows.row }

    mutating func next(_ bytes: Span<UInt8>) throws(ReadFailure) -> Bool { try rows.next(bytes) }

    /// The row is no record: a total, a page title.
    func isSkipped(_ bytes: Span<UInt8>) -> Bool {
        guard !skip.isEmpty else { return false }
        return skip.contains { skip in
            if let column = skip.column { return skip.keys.contains(CaptionKey.of(text(bytes, column: column))) }
            return rows.fields.indices.contains { skip.keys.contains(CaptionKey.of(text(bytes, column: $0))) }
        }
    }

    /// Throws unless the row has the columns of its table. A sheet's rows end with their last filled cell.
    func checkWidth(_ bytes: Span<UInt8>) throws(ReadFailure) {
        let width = header.width
        let count = rows.fields.count
        if count < width, !isSheet {
            if !rows.isTerminated {
                throw .rejected([
                    Problem(.incomplete, at: .row(row, column: count), "the file ends inside a row", advice: "send the whole file")
                ])
            }
            throw .rejected([
                Problem(
                    .malformed, at: .row(row, column: count + 1), byte: rows.start,
                    "the row ends after \(count) of \(width) columns",
                    advice: "export again; if the row is no record, name it under 'skip' in the layout \(layout)")
            ])
        }
        if count > width, let extra = (width..<count).first(where: { !rows.range(bytes, $0).isEmpty }) {
            throw .rejected([
                Problem(
                    .malformed, at: .row(row, column: extra + 1), byte: rows.start,
                    "a value beyond the \(width) columns of the table; a value may contain the delimiter without quotes",
                    advice: "export again")
            ])
        }
    }

    // MARK: Cells

    /// Whether the table can tell the field at all.
    func has(_ field: FieldID) -> Bool { header[field] >= 0 || constants[field] != nil }

    func hasAny(_ fields: [FieldID]) -> Bool { fields.contains { has($0) } }

    /// The table has the column, and the row nothing in it.
    func isEmpty(_ bytes: Span<UInt8>, _ field: FieldID) -> Bool {
        header[field] >= 0 && constants[field] == nil && rows.range(bytes, header[field]).isEmpty
    }

    var hasLineColumns: Bool { !lineColumns.isEmpty }

    /// Whether the row says something of an item, beside what it says of its document.
    func hasLine(_ bytes: Span<UInt8>) -> Bool { lineColumns.contains { !rows.range(bytes, $0).isEmpty } }

    /// What stands in the cell; nil if nothing does, or if it is a spreadsheet's error value.
    mutating func cell(_ bytes: Span<UInt8>, _ field: FieldID) -> Cell? {
        let column = header[field]
        guard column >= 0 else { return nil }
        var range = rows.range(bytes, column)
        guard let start = range.first else { return nil }
        guard bytes[start] < 5, let mark = Cell.Mark(rawValue: bytes[start]) else { return Cell(range: range, mark: .none) }
        range = start + 1..<range.upperBound
        if mark == .error {
            problem(field, bytes, "is a spreadsheet's error value", advice: "correct the sheet and export again")
            return nil
        }
        return range.isEmpty ? nil : Cell(range: range, mark: mark)
    }

    struct Cell {
        var range: Range<Int>
        var mark: Mark
        /// What a sheet says of a cell's type, in its first byte.
        enum Mark: UInt8 { case none, number, date, boolean, error }
    }

    private func text(_ bytes: Span<UInt8>, column: Int) -> String {
        let text = rows.text(bytes, column)
        guard let first = text.utf8.first, first > 0, first < 5 else { return text }
        return String(text.dropFirst())
    }

    mutating func text(_ bytes: Span<UInt8>, _ field: FieldID) -> String? {
        guard cell(bytes, field) != nil else { return constants[field] }
        return text(bytes, column: header[field])
    }

    /// An identifier, kept as written. What a spreadsheet has made of it cannot be mended.
    mutating func reference(_ bytes: Span<UInt8>, _ field: FieldID) -> String? {
        guard let cell = cell(bytes, field) else { return constants[field] }
        if RemittanceReference.isScientific(bytes, cell.range) || cell.mark == .number && cell.range.count > 15 {
            problem(
                field, bytes, "is a number that a spreadsheet has rounded: the file was saved by a spreadsheet",
                advice: "export again, and leave the file as it comes")
            return nil
        }
        if cell.mark == .date {
            problem(
                field, bytes, "is a date that a spreadsheet has made of an identifier",
                advice: "export again, and leave the file as it comes")
            return nil
        }
        if let width = widths[field], cell.range.count < width, isDigits(bytes, cell.range) {
            problem(
                field, bytes, "has \(cell.range.count) of \(width) digits: a spreadsheet has dropped the zeros before it",
                advice: "export again, and leave the file as it comes")
            return nil
        }
        return text(bytes, column: header[field])
    }

    /// Minor units of the currency, with the sign that the layout gives it.
    mutating func amount(_ bytes: Span<UInt8>, _ field: FieldID, _ currency: Currency) -> Int64? {
        let value: Int64
        if let cell = cell(bytes, field) {
            guard let read = amount(bytes, field, cell, currency) else { return nil }
            value = read
        } else {
            guard let constant = constants[field].flatMap({ ExactDecimal($0) }) else { return nil }
            guard let minor = constant.minorUnits(exponent: currency.exponent) else {
                problem(
                    field, bytes, "", words: "the constant \(constant) has more decimals than \(currency)", advice: "correct the layout")
                return nil
            }
            value = minor
        }
        switch signs[Int(field.rawValue)] {
        case .asWritten: return value
        case .inverted: return -value
        case .positive: return abs(value)
        case .negative: return -abs(value)
        }
    }

    private mutating func amount(_ bytes: Span<UInt8>, _ field: FieldID, _ cell: Cell, _ currency: Currency) -> Int64? {
        let reading: PrintedAmount.Reading
        switch cell.mark {
        case .none: reading = PrintedAmount.read(bytes, cell.range, mark: locale.mark, currency: currency)
        case .number:
            let minor = decimal(bytes, cell.range)?.minorUnits(exponent: currency.exponent)
            reading = minor.map { .amount($0) } ?? .bad("has more decimals than the currency, or is too large")
        default: reading = .bad("is not an amount")
        }
        switch reading {
        case .amount(let minor): return minor
        case .empty: return nil
        case .bad(let what):
            problem(field, bytes, what, advice: "export again, or check 'marketplace' of the account")
            return nil
        }
    }

    private func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> ExactDecimal? {
        DecimalText.scan(bytes.extracting(range)).map { ExactDecimal(units: $0.units, scale: $0.scale) }
    }

    /// An exact number written like the amounts of the file: a price, a quantity, a rate, a percentage.
    mutating func number(_ bytes: Span<UInt8>, _ field: FieldID) -> ExactDecimal? {
        guard let cell = cell(bytes, field) else { return constants[field].flatMap { ExactDecimal($0) } }
        let value: ExactDecimal? =
            switch cell.mark {
            case .none: PlainNumber.read(bytes, cell.range, mark: locale.mark)
            case .number: decimal(bytes, cell.range)
            default: nil
            }
        if value == nil {
            problem(
                field, bytes, "is not a number written as \(locale.mark.example)",
                advice: "export again, or check 'marketplace' of the account")
        }
        return value
    }

    /// Never negative.
    mutating func quantity(_ bytes: Span<UInt8>, _ field: FieldID) -> ExactDecimal? {
        guard let value = number(bytes, field) else { return nil }
        guard value.units >= 0 else {
            problem(field, bytes, "is below zero", advice: "export again")
            return nil
        }
        return value
    }

    mutating func days(_ bytes: Span<UInt8>, _ field: FieldID) -> Int? {
        guard let value = number(bytes, field) else { return nil }
        guard value.scale == 0, (0...Int64(Layout.dayLimit)).contains(value.units) else {
            problem(field, bytes, "is not \(Layout.Form.days.example)", advice: "export again")
            return nil
        }
        return Int(value.units)
    }

    mutating func day(_ bytes: Span<UInt8>, _ field: FieldID) -> Day? {
        guard let cell = cell(bytes, field) else { return constants[field].flatMap { Day(iso: $0) } }
        let found: Day? =
            switch cell.mark {
            case .none: DateText.day(bytes, cell.range, order: locale.dates)
            case .date: DateText.day(bytes, cell.range.prefix(10), order: .yearFirst)
            default: nil
            }
        if let found { return found }
        if cell.mark != .date, cell.range.count == 5, isDigits(bytes, cell.range) {
            problem(
                field, bytes, "is the number by which a spreadsheet counts days",
                advice: "export again, and leave the file as it comes; or give the column the format of a date")
        } else {
            problem(
                field, bytes, "is not a date written as \(locale.dates.words)",
                advice: "export again, or check 'marketplace' of the account")
        }
        return nil
    }

    /// One of the field's words, whatever its case.
    mutating func word(_ bytes: Span<UInt8>, _ field: FieldID) -> String? {
        guard let text = text(bytes, field) else { return nil }
        let key = CaptionKey.of(text)
        let known = words[field] ?? []
        if let word = known.first(where: { CaptionKey.of($0) == key }) { return word }
        problem(field, bytes, "is none of \(known.joined(separator: ", "))", advice: "export again")
        return nil
    }

    /// The currency of the row's document: its own, else the layout's, else the account's, which is noted once.
    mutating func currency(_ bytes: Span<UInt8>, _ stated: inout Currency?) -> Currency {
        if let currency = currency(bytes, .currency) {
            take(.currency, &stated, currency)
        } else if stated == nil {
            stated = fallback ?? .unstated
            if !isCurrencyAssumed {
                isCurrencyAssumed = true
                let words = fallback.map { "the account's, \($0), is taken" } ?? "and the account has none"
                let column = header[.currency] + 1
                notes.append(
                    Note(
                        "currency-assumed", at: .row(row, column: column),
                        column > 0 ? "no currency; \(words)" : "no column of currencies; \(words)"))
            }
        }
        return stated ?? .unstated
    }

    mutating func currency(_ bytes: Span<UInt8>, _ field: FieldID) -> Currency? {
        guard let cell = cell(bytes, field) else { return constants[field].flatMap { Currency(code: $0) } }
        if cell.range.count == 3 {
            let start = cell.range.lowerBound
            if UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) == lastCurrency.packed {
                return lastCurrency
            }
        }
        guard let currency = Currency(code: bytes.text(cell.range)) else {
            problem(field, bytes, "is not a currency", advice: "export again; currencies are written as in ISO 4217: USD")
            return nil
        }
        lastCurrency = currency
        return currency
    }

    /// What the row says of an item; nil if it names neither item nor line, quantity or price, nor anything else of it.
    mutating func item(_ bytes: Span<UInt8>) -> ItemLine? {
        let line = ItemLine(
            at: .row(row), line: reference(bytes, .line), item: reference(bytes, .item), quantity: quantity(bytes, .quantity),
            unit: text(bytes, .unit), unitPrice: price(bytes, .unitPrice), text: text(bytes, .text))
        guard line == ItemLine(at: line.at) else { return line }
        return header[.amount] >= 0 && !rows.range(bytes, header[.amount]).isEmpty ? line : nil
    }

    /// Money per unit, of which a currency's mark may stand beside it.
    mutating func price(_ bytes: Span<UInt8>, _ field: FieldID) -> ExactDecimal? { number(bytes, field) }

    private func isDigits(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where bytes[index] < 48 || bytes[index] > 57 { return false }
        return true
    }

    /// Identifiers in the row that lead to an account.
    mutating func routes(_ bytes: Span<UInt8>) -> [String] {
        [reference(bytes, .vendor), reference(bytes, .marketplace)].compactMap(\.self)
    }

    // MARK: Faults

    /// The same number in a second row of a table that has nothing to tell in one.
    mutating func repeated(_ field: FieldID, _ number: String, isAllowed: Bool) {
        if isAllowed {
            note(Note("row-repeated", at: .row(row), "\(number) stands in an earlier row too"))
        } else {
            flaw(
                field, at: .row(row), "\(number) stands in an earlier row too, which is taken",
                advice: "see at the source which of them holds, and export again")
        }
    }

    /// Takes a value of the row's document, which another row may have stated already; then they must agree.
    mutating func take<Value: Equatable>(_ field: FieldID, _ known: inout Value?, _ value: Value?) {
        guard let value else { return }
        if known != nil, known != value {
            let name = header[field] >= 0 ? header.captions[header[field]] : field.name
            flaw(
                field, at: .row(row), "\"\(name)\" says another thing than in an earlier row of the same number",
                advice: "export again, or correct it at its source")
        } else {
            known = value
        }
    }

    /// - Returns: the value; nil with a flaw if no row of the document states it.
    mutating func stated<Value>(_ field: FieldID, _ value: Value?, of number: String, _ at: Location) -> Value? {
        if value == nil {
            let column = header[field]
            let name = column >= 0 ? "\"\(header.captions[column])\" is empty" : "has no \(field.name)"
            flaw(
                field, at: at, column >= 0 ? "\(name) in \(number)" : "\(number) \(name)",
                advice: "export again, or correct it at its source")
        }
        return value
    }

    mutating func flaw(_ field: FieldID, at: Location, _ what: String, advice: String) {
        flaws.append(Problem(.malformed, at: at.element(max(header[field] + 1, 0)), what, advice: advice))
    }

    mutating func problem(_ field: FieldID, _ bytes: Span<UInt8>, _ what: String, words: String? = nil, advice: String) {
        let column = header[field]
        let caption = column >= 0 ? header.captions[column] : field.name
        let said = words ?? "\"\(text(bytes, column: column).prefix(60))\" in \"\(caption)\" \(what)"
        problems.append(Problem(.malformed, at: .row(row, column: column + 1), byte: rows.start, said, advice: advice))
    }

    mutating func note(_ note: Note) {
        if notes.count < TableReading.noteLimit { notes.append(note) }
    }
}
