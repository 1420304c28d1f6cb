import Trade

/// The rows of a settlement report: typed looks at the cells, and what was found wrong with them.
struct SettlementCells {
    private(set) var rows: RowReader
    let captions: [String]
    let context: ReadingContext
    /// What the rows name as their marketplaces.
    let places: MarketplaceEvidence
    private let locale: ExportLocale
    private(set) var problems: [Problem] = []
    private(set) var notes: [Note] = []
    private var numeric: Set<Int> = []
    private var repeated: [Int: (bytes: [UInt8], text: String)] = [:]

    /// Lines that are kept in memory until their report is whole: ten times the largest month that was heard of.
    static let limit = 5_000_000

    /// Settles how the file writes numbers and dates: by its own amounts, else as the marketplace does, that of its rows if it is another
    /// than the account's.
    init(
        _ bytes: Span<UInt8>, _ header: SettlementHeader, _ amounts: [Int], _ dates: [Int], currency: Int = -1, marketplace: Int,
        _ context: ReadingContext
    ) throws(ReadFailure) {
        rows = header.rows
        captions = header.captions
        rows.width = (captions.lastIndex { !ReferenceKey.of($0).isEmpty } ?? -1) + 1
        self.context = context
        var evidence = LocaleEvidence()
        var exponent = (header.currency ?? context.currency ?? .unstated).exponent
        var places = MarketplaceEvidence()
        var walk = header.rows
        while try walk.next(bytes) {
            if currency >= 0, let stated = Currency(code: walk.text(bytes, currency)) { exponent = stated.exponent }
            for column in amounts { evidence.amount(bytes, walk, column, exponent: exponent) }
            for column in dates { evidence.date(bytes, walk, column) }
            if marketplace >= 0 { places.look(bytes, walk, marketplace) }
        }
        self.places = places
        let isForeign = places.isForeign(to: context)
        let own =
            isForeign
            ? nil : try context.marketplace.map { marketplace throws(ReadFailure) in try ExportLocale.of(marketplace: marketplace) }
        var mark = isForeign ? places.mark : own?.mark
        if evidence.point || evidence.comma || mark == nil { mark = try evidence.mark() ?? mark }
        var order = isForeign ? places.order : own?.dates
        if evidence.dayFirst || evidence.monthFirst || order == nil { order = try evidence.order() ?? order }
        locale = ExportLocale(dates: order ?? .dayFirst, mark: mark ?? .point)
    }

    /// The currency of what states none, and where it comes from. Rows of marketplaces with several currencies cannot tell.
    func assumed() throws(ReadFailure) -> (currency: Currency?, words: String) {
        guard Set(places.named.map(\.currency)).count < 2 else {
            throw .rejected([
                Problem(
                    .malformed, at: .row(row),
                    "no currency is stated, and the rows are of marketplaces \(places.named.map(\.code).joined(separator: ", "))",
                    advice: "download a report of one marketplace")
            ])
        }
        let isForeign = context.marketplace == nil || places.isForeign(to: context)
        guard isForeign, let place = places.named.first else {
            return (context.currency, context.currency.map { "the account's, \($0), is taken" } ?? "and the account has none")
        }
        return (place.currency, "that of marketplace \(place.code), \(place.currency), is taken")
    }

    var row: Int { rows.row }

    /// Steps to the next row with content. A few problems end the reading.
    mutating func next(_ bytes: Span<UInt8>) throws(ReadFailure) -> Bool {
        if problems.count >= TextBounds.problems { throw .rejected(problems) }
        while try rows.next(bytes) {
            if !rows.isBlank(bytes) { return true }
        }
        return false
    }

    /// Throws what was found wrong.
    func finish() throws(ReadFailure) {
        if !problems.isEmpty { throw .rejected(problems) }
    }

    /// Whether the row ends before the header's last column. Throws for values beyond it, and for a row that the file's end has cut.
    func isShort(_ bytes: Span<UInt8>, width: Int) throws(ReadFailure) -> Bool {
        let count = rows.count
        if count > width, let extra = (width..<count).first(where: { !rows.range(bytes, $0).isEmpty }) {
            throw .rejected([
                Problem(
                    .malformed, at: .row(row, column: extra + 1), byte: rows.start,
                    "a value beyond the \(width) columns of the report; a value may contain the delimiter without quotes",
                    advice: "download the report again")
            ])
        }
        return count < width && !rows.isSheet
    }

    func tooShort(width: Int) -> ReadFailure {
        let count = rows.count
        if !rows.isTerminated {
            return .rejected([
                Problem(.incomplete, at: .row(row, column: count), "the file ends inside a row", advice: "send the whole file")
            ])
        }
        return .rejected([
            Problem(
                .malformed, at: .row(row, column: count + 1), byte: rows.start, "the row ends after \(count) of \(width) columns",
                advice: "download the report again")
        ])
    }

    func isEmpty(_ bytes: Span<UInt8>, _ column: Int) -> Bool { rows.cell(bytes, column).isEmpty }

    /// A text; the same one as in the row before is not built anew.
    mutating func text(_ bytes: Span<UInt8>, _ column: Int) -> String? {
        let cell = rows.cell(bytes, column)
        if cell.isEmpty { return nil }
        if let last = repeated[column], last.bytes.count == cell.range.count, same(bytes, cell.range, last.bytes) { return last.text }
        let text = rows.text(bytes, column)
        repeated[column] = (cell.range.map { bytes[$0] }, text)
        return text
    }

    private func same(_ bytes: Span<UInt8>, _ range: Range<Int>, _ other: [UInt8]) -> Bool {
        for offset in 0..<other.count where bytes[range.lowerBound + offset] != other[offset] { return false }
        return true
    }

    mutating func reference(_ bytes: Span<UInt8>, _ column: Int) -> String? {
        guard column >= 0 else { return nil }
        let (reading, isNumber) = ExportLocale.reference(bytes, rows, column)
        switch reading {
        case .value(let text):
            if isNumber, numeric.insert(column).inserted {
                note(
                    "numeric-references", column, "\"\(caption(column))\" holds numbers and not text: zeros before a reference may be lost")
            }
            return text
        case .empty: return nil
        case .bad(let what, let advice):
            refuse(column, bytes, what, advice: advice)
            return nil
        }
    }

    /// Minor units; nil for an empty cell.
    mutating func amount(_ bytes: Span<UInt8>, _ column: Int, _ currency: Currency) -> Int64? {
        switch locale.amount(bytes, rows.cell(bytes, column), currency) {
        case .value(let minor): return minor
        case .empty: return nil
        case .bad(let what, let advice):
            refuse(column, bytes, what, advice: advice)
            return nil
        }
    }

    mutating func moment(_ bytes: Span<UInt8>, _ column: Int) -> Moment? {
        switch locale.moment(bytes, rows.cell(bytes, column)) {
        case .value(let moment): return moment
        case .empty: return nil
        case .bad(let what, let advice):
            refuse(column, bytes, what, advice: advice)
            return nil
        }
    }

    mutating func currency(_ bytes: Span<UInt8>, _ column: Int) -> Currency? {
        guard let code = text(bytes, column) else { return nil }
        if let currency = Currency(code: code) { return currency }
        refuse(column, bytes, "is not a currency", advice: "download the report again")
        return nil
    }

    func caption(_ column: Int) -> String { column >= 0 && column < captions.count ? captions[column] : "" }

    mutating func refuse(_ column: Int, _ bytes: Span<UInt8>, _ what: String, advice: String) {
        let words =
            what.isEmpty
            ? "\"\(caption(column))\" is empty" : "\"\(rows.text(bytes, column).prefix(60))\" in \"\(caption(column))\" \(what)"
        problems.append(Problem(.malformed, at: .row(row, column: column + 1), byte: rows.start, words, advice: advice))
    }

    mutating func note(_ code: String, _ column: Int, _ text: String) {
        notes.append(Note(code, at: .row(row, column: column + 1), text))
    }

    mutating func note(_ note: Note) { notes.append(note) }
}

/// Reports are collected by settlement, in the order in which the file names them.
struct SettlementCollection {
    private(set) var all: [Settlement] = []
    private var byID: [String: Int] = [:]
    private var last = ""
    private var lastIndex = -1
    private var lines = 0

    /// The settlement's place in `all`; it is opened if it is new.
    mutating func index(_ id: String, currency: Currency, at: Location) -> Int {
        if lastIndex >= 0, id == last { return lastIndex }
        last = id
        if let found = byID[id] {
            lastIndex = found
        } else {
            lastIndex = all.count
            byID[id] = lastIndex
            all.append(Settlement(id: id, currency: currency, at: at))
        }
        return lastIndex
    }

    mutating func append(_ line: Settlement.Line, to index: Int) throws(ReadFailure) {
        lines += 1
        guard lines <= SettlementCells.limit else {
            throw .rejected([
                Problem(.tooLarge, at: line.at, "more than \(SettlementCells.limit) amounts", advice: "download a shorter period")
            ])
        }
        all[index].lines.append(line)
    }

    mutating func change(_ index: Int, _ change: (inout Settlement) -> Void) { change(&all[index]) }
}

/// Adds up amounts; nil once the sum has left the range.
struct SettlementSum {
    private(set) var value: Int64? = 0
    mutating func add(_ amount: Int64) {
        guard let sum = value else { return }
        let (next, overflow) = sum.addingReportingOverflow(amount)
        value = overflow ? nil : next
    }
}
