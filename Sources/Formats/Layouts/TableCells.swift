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
    /// There are enough problems, or enough flaws, to reject the file.
    private(set) var isFull = false
    /// A document is being finished: what is found then is told after all that was found in rows.
    var isFinishing = false
    private(set) var lateFlaws: [Problem] = []
    private var lateNotes: [Note] = []

    let context: ReadingContext
    let fallback: Currency?
    private let hasGroups: Bool
    /// What to do about a cell that is not written as the layout says.
    private let writing: String
    private let words: [FieldID: [String]]
    // by the field's number: they are looked at for each cell
    private var constants = [String?](repeating: nil, count: FieldID.allCases.count)
    private var signs = [Layout.Sign](repeating: .asWritten, count: FieldID.allCases.count)
    private var widths = [Int?](repeating: nil, count: FieldID.allCases.count)
    private var forms = [Layout.Form](repeating: .number, count: FieldID.allCases.count)
    private let ofLine: [FieldID]
    private var lineColumns: [Int] = []
    /// By the field's number: the table has a column or a constant for it.
    private var present = [Bool](repeating: false, count: FieldID.allCases.count)
    private(set) var skip: [Skip] = []
    private var lastCurrency = Currency.unstated
    var isCurrencyAssumed = false
    /// The layout states the currency of what states none.
    let isLayoutCurrency: Bool
    /// Codes of marketplaces that are not the account's, once their currency was taken.
    var foreign: Set<String> = []
    private var numeric: Set<FieldID> = []
    /// Whether the amounts of a field whose sign the layout gives are written above zero.
    private var written: [FieldID: Bool] = [:]
    /// Of the row's document.
    private var own = Currency.unstated
    /// Numbers of the file's documents, where a first walk over its rows told them.
    var numbers: RowNumbers?
    /// The same, once all rows are read, where none did.
    var held: [String: Int] = [:]
    /// The layout has values of its own for some field of the table.
    private var hasConstants = false
    /// The layout says of some references how wide they are.
    private var hasWidths = false
    /// Columns that a row of the table must have.
    private(set) var width = 0
    /// Where the ids lead that were looked at last.
    var accounted: (ids: [String], account: Int?) = ([], nil)
    /// The cells of a row that lead to its account, and where they led; nil for what is not to be compared with.
    var routed: (vendor: ShortText?, marketplace: ShortText?, routes: [String]) = (nil, nil, [])
    /// The value last looked at was the layout's and not the row's.
    private var isConstant = false

    /// U+001F, between the cells of a workbook's sheet.
    static let sheetDelimiter = RowReader.cellEnd

    struct Skip {
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
        isLayoutCurrency = layout.currency != nil
        isCurrencyAssumed = isLayoutCurrency
        hasGroups = layout.grouping
        writing =
            layout.dates == nil && layout.decimal == nil
            ? CellAdvice.locale
            : "write it as the layout \(layout.name) says, or describe the export by a layout of its own: 'remitd layout FILE' proposes one"
        let fields = layout.document.fields
        words = Dictionary(uniqueKeysWithValues: fields.filter { !$0.words.isEmpty }.map { ($0.id, $0.words) })
        ofLine = fields.filter(\.isOfLine).map(\.id)
        for field in fields { forms[Int(field.id.rawValue)] = field.form }
        adopt(layout.tables[0], fields)
    }

    /// Goes on with the next of several stacked tables, whose header is the row last read.
    mutating func enter(_ table: Layout.Table, _ header: TableHeader) {
        self.header = header
        adopt(table, document.fields)
    }

    private mutating func adopt(_ table: Layout.Table, _ fields: [Layout.Field]) {
        for index in constants.indices { (constants[index], widths[index]) = (nil, nil) }
        for column in table.columns {
            guard let field = fields.first(where: { $0.name == column.field }) else { continue }
            let index = Int(field.id.rawValue)
            constants[index] = column.constant
            widths[index] = column.width
            signs[index] = column.sign
        }
        hasConstants = constants.contains { $0 != nil }
        hasWidths = widths.contains { $0 != nil }
        width = header.width
        rows.width = width
        for field in FieldID.allCases {
            present[Int(field.rawValue)] = header[field] >= 0 || constants[Int(field.rawValue)] != nil
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

    @inline(__always)
    mutating func skim(_ bytes: Span<UInt8>, _ marks: inout RowMarks, column: Int) -> Range<Int>? {
        rows.skim(bytes, &marks, column: column)
    }

    // MARK: Cells

    func hasConstant(_ field: FieldID) -> Bool { constants[Int(field.rawValue)] != nil }

    /// Whether the table can tell the field at all.
    @inline(__always)
    func has(_ field: FieldID) -> Bool { present[Int(field.rawValue)] }

    @inline(__always)
    func hasAny(_ fields: [FieldID]) -> Bool { fields.contains { has($0) } }

    /// Nothing stands in the row under the field.
    @inline(__always)
    func isEmpty(_ bytes: Span<UInt8>, _ field: FieldID) -> Bool { rows.cell(bytes, header[field]).isEmpty }

    /// The table has a column for it, and the row nothing in it.
    @inline(__always)
    func lacks(_ bytes: Span<UInt8>, _ field: FieldID) -> Bool {
        header[field] >= 0 && constants[Int(field.rawValue)] == nil && isEmpty(bytes, field)
    }

    var hasLineColumns: Bool { !lineColumns.isEmpty }

    /// Whether the row says something of an item, beside what it says of its document.
    @inline(__always)
    func hasLine(_ bytes: Span<UInt8>) -> Bool { lineColumns.contains { !rows.cell(bytes, $0).isEmpty } }

    @inline(__always)
    private mutating func cell(_ bytes: Span<UInt8>, _ field: FieldID) -> Cell {
        isConstant = false
        return rows.cell(bytes, header[field])
    }

    @inline(__always)
    private mutating func constant(_ field: FieldID) -> String? {
        guard hasConstants else { return nil }
        isConstant = constants[Int(field.rawValue)] != nil
        return constants[Int(field.rawValue)]
    }

    mutating func text(_ bytes: Span<UInt8>, _ field: FieldID) -> String? {
        let cell = cell(bytes, field)
        guard !cell.isEmpty else { return constant(field) }
        if cell.kind == .error {
            problem(field, bytes, "is an error of a formula", advice: CellAdvice.spreadsheet)
            return nil
        }
        return rows.text(bytes, header[field])
    }

    /// An identifier, kept as written. What a spreadsheet has made of it cannot be mended.
    mutating func reference(_ bytes: Span<UInt8>, _ field: FieldID) -> String? {
        isConstant = false
        let column = header[field]
        let cell = rows.cell(bytes, column)
        if cell.isEmpty { return constant(field) }
        if cell.kind == .text, !hasWidths, !RemittanceReference.isScientific(bytes, cell.range) {
            return rows.isEscaped(column) ? rows.text(bytes, column) : bytes.text(cell.range)
        }
        let (reading, isNumber) = ExportLocale.reference(bytes, rows, column)
        guard let text = value(reading, bytes, field) else { return isEmpty(bytes, field) ? constant(field) : nil }
        if let width = widths[Int(field.rawValue)], text.utf8.count < width, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
            problem(
                field, bytes, "has \(text.utf8.count) of \(width) digits: a spreadsheet has dropped the zeros before it",
                advice: CellAdvice.untouched)
            return nil
        }
        if isNumber, widths[Int(field.rawValue)] == nil, numeric.insert(field).inserted {
            let caption = header.captions[header[field]]
            note(
                Note(
                    "numeric-references", at: .row(row, column: header[field] + 1),
                    "\"\(caption)\" holds numbers and not text: zeros before a reference may be lost"))
        }
        return text
    }

    /// Minor units of the currency, with the sign that the layout gives it.
    mutating func amount(_ bytes: Span<UInt8>, _ field: FieldID, _ currency: Currency) -> Int64? {
        guard let value = unsigned(bytes, field, currency) else { return nil }
        let sign = signs[Int(field.rawValue)]
        switch sign {
        case .asWritten: return value
        case .inverted: return -value
        case .positive, .negative:
            guard isAlike(bytes, field, value) else { return nil }
            return sign == .positive ? abs(value) : -abs(value)
        }
    }

    /// Refuses an amount with another sign than those above it where the layout gives all of them one: a charge and what is given back
    /// would become the same.
    private mutating func isAlike(_ bytes: Span<UInt8>, _ field: FieldID, _ value: Int64) -> Bool {
        if value == 0 { return true }
        if written[field] == nil { written[field] = value > 0 }
        if written[field] == (value > 0) { return true }
        problem(
            field, bytes, "has another sign than the amounts above it, and the layout gives all of them the same",
            advice: "set 'sign' of its column in the layout \(layout) to as_written or inverted")
        return false
    }

    private mutating func unsigned(_ bytes: Span<UInt8>, _ field: FieldID, _ currency: Currency) -> Int64? {
        let cell = cell(bytes, field)
        let (lower, upper) = (cell.range.lowerBound, cell.range.upperBound)
        // as nearly all are written, without groups
        if cell.kind == .text, upper - lower >= 4, bytes[upper - 3] == locale.mark.rawValue, currency.exponent == 2,
            let plain = AmountText.plain(bytes.bytes, lower, upper, comma: locale.mark == .comma)
        {
            return plain
        }
        if !cell.isEmpty { return isPlain(bytes, cell, field) ? value(locale.amount(bytes, cell, currency), bytes, field) : nil }
        guard let constant = constant(field).flatMap({ ExactDecimal($0) }) else { return nil }
        guard let minor = constant.minorUnits(exponent: currency.exponent) else {
            problem(
                field, bytes, "", words: "the constant \(constant) cannot be expressed in \(currency)",
                advice: "correct the layout \(layout)")
            return nil
        }
        return minor
    }

    /// An exact number written like the amounts of the file: a price, a quantity, a rate, a percentage.
    mutating func number(_ bytes: Span<UInt8>, _ field: FieldID) -> ExactDecimal? {
        let cell = cell(bytes, field)
        if cell.isEmpty { return constant(field).flatMap { ExactDecimal($0) } }
        if cell.kind == .text, let plain = PrintedAmount.plainDecimal(bytes, cell.range, mark: locale.mark) { return plain }
        guard isPlain(bytes, cell, field) else { return nil }
        switch PlainNumber.unmarked(bytes, cell, forms[Int(field.rawValue)], own) {
        case .value(let cell): return value(locale.number(bytes, cell), bytes, field)
        case .empty: return nil
        case .bad(let what, let advice): return value(.bad(what, advice: advice), bytes, field)
        }
    }

    /// Refuses a number with the other mark in a layout that groups no thousands: `1,234` may have been meant as 1.234.
    private mutating func isPlain(_ bytes: Span<UInt8>, _ cell: Cell, _ field: FieldID) -> Bool {
        guard !hasGroups, cell.kind == .text else { return true }
        let other: UInt8 = locale.mark == .point ? 44 : 46
        for index in cell.range where bytes[index] == other {
            problem(field, bytes, "is not written as \(locale.mark == .point ? "1234.56" : "1234,56")", advice: writing)
            return false
        }
        return true
    }

    mutating func day(_ bytes: Span<UInt8>, _ field: FieldID) -> Day? {
        let cell = cell(bytes, field)
        if cell.isEmpty { return constant(field).flatMap { Day(iso: $0) } }
        if cell.kind == .text, let day = DateText.plain(bytes, cell.range, order: locale.dates) { return day }
        return value(locale.day(bytes, cell), bytes, field)
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

    /// The currency of the row's document: its own, else the layout's, else that of another marketplace than the account's that the row
    /// names, else the account's; what is assumed is noted once.
    mutating func currency(_ bytes: Span<UInt8>, _ stated: inout Currency?) -> Currency {
        if let currency = currency(bytes, .currency) {
            take(.currency, &stated, currency)
        } else if stated == nil {
            stated = assumed(bytes)
        }
        own = stated ?? .unstated
        return own
    }

    mutating func currency(_ bytes: Span<UInt8>, _ field: FieldID) -> Currency? {
        let cell = cell(bytes, field)
        if cell.isEmpty { return constant(field).flatMap { Currency(code: $0) } }
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

    // MARK: Faults

    /// Takes a value of the row's document, which another row may have stated already; then they must agree.
    mutating func take<Value: Equatable>(_ field: FieldID, _ known: inout Value?, _ value: Value?) {
        // the layout's own value stands only where no row has one
        guard let value, !isConstant || known == nil else { return }
        if known != nil, known != value {
            let name = header[field] >= 0 ? header.captions[header[field]] : field.name
            flaw(
                field, at: .row(row), "\"\(name)\" says another thing than in an earlier row of the same number",
                advice: "export again, or correct it at its source")
        } else {
            known = value
        }
    }

    mutating func flaw(_ field: FieldID, at: Location, _ what: String, advice: String) {
        let flaw = Problem(.malformed, at: at.element(max(header[field] + 1, 0)), what, advice: advice)
        if isFinishing { lateFlaws.append(flaw) } else { flaws.append(flaw) }
        if flaws.count + lateFlaws.count >= TextBounds.problems { isFull = true }
    }

    private mutating func value<Value>(_ reading: CellReading<Value>, _ bytes: Span<UInt8>, _ field: FieldID) -> Value? {
        switch reading {
        case .value(let value): return value
        case .empty: return nil
        case .bad(let what, let advice):
            problem(field, bytes, what, advice: advice == CellAdvice.locale ? writing : advice)
            return nil
        }
    }

    mutating func problem(_ field: FieldID, _ bytes: Span<UInt8>, _ what: String, words: String? = nil, advice: String) {
        let column = header[field]
        let caption = column >= 0 ? header.captions[column] : field.name
        let said = words ?? "\"\(rows.text(bytes, column).prefix(60))\" in \"\(caption)\" \(what)"
        problems.append(Problem(.malformed, at: .row(row, column: column + 1), byte: rows.start, said, advice: advice))
        if problems.count >= TextBounds.problems { isFull = true }
    }

    mutating func note(_ note: Note) {
        if isFinishing {
            if lateNotes.count < TableReading.noteLimit { lateNotes.append(note) }
        } else if notes.count < TableReading.noteLimit {
            notes.append(note)
        }
    }

    var allFlaws: [Problem] { flaws + lateFlaws }
    var allNotes: ArraySlice<Note> { (notes + lateNotes).prefix(TableReading.noteLimit) }
}
