import Trade

/// How the rows of a table become documents.
enum TableGrouping {
    /// Rows of one number are one document.
    case joined
    /// One row, one document; a number stands once.
    case single
    /// Each row is a document, whatever its number.
    case each
}

/// What one kind of document takes from its rows.
protocol DocumentTable {
    /// A document in the making.
    associatedtype Draft
    /// What columns can feed; the first is the number by which rows belong together.
    static var fields: [Layout.Field] { get }
    static var grouping: TableGrouping { get }
    /// What rows share that belong together.
    static func key(_ number: String, _ bytes: Span<UInt8>, _ cells: borrowing TableCells) -> String
    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> Draft
    /// Takes what the row that was last read says.
    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into draft: inout Draft)
    /// - Parameter draft: nothing is asked of it afterwards.
    /// - Returns: nil, with a flaw, if it is no document.
    static func finish(_ draft: inout Draft, _ cells: inout TableCells) -> WholeDocument?
}

extension DocumentTable {
    static var grouping: TableGrouping { .joined }
    static func key(_ number: String, _ bytes: Span<UInt8>, _ cells: borrowing TableCells) -> String { number }
}

/// Σ of the amounts of a document's lines.
struct LineSum {
    private var sum: Int64 = 0
    private var count = 0
    private var isWhole = true

    /// - Parameter amount: nil if a line states none.
    mutating func add(_ amount: Int64?) {
        guard let amount, let next = try? sum.plus(amount) else {
            isWhole = false
            return
        }
        sum = next
        count += 1
    }

    /// Nil unless every line states its amount.
    var whole: Int64? { isWhole && count > 0 ? sum : nil }

    /// Notes a total that the lines do not come to.
    /// - Parameter candidates: what they may come to.
    func check(
        against candidates: @autoclosure () -> [Int64], _ total: Int64, _ currency: Currency, of number: String, _ at: Location,
        _ cells: inout TableCells
    ) {
        guard let sum = whole, !candidates().contains(sum) else { return }
        let words = "the lines of \(number) come to \(Money(sum, currency).decimal), its total is \(Money(total, currency).decimal)"
        cells.note(Note("total-differs", at: at, words))
    }
}

/// Reads one table, or several stacked ones, into documents.
struct TableReading {
    let layout: Layout
    let catalog: LayoutCatalog
    let index: Int
    var cells: TableCells

    /// Notes of one file: more say nothing new.
    static let noteLimit = 1000

    init(_ found: LayoutCatalog.Found, _ catalog: LayoutCatalog, locale: ExportLocale, context: ReadingContext) {
        self.catalog = catalog
        index = found.layout
        layout = catalog.layouts[found.layout]
        cells = TableCells(found, layout, locale: locale, context: context)
    }

    mutating func run<Sink: DocumentSink>(_ bytes: Span<UInt8>, routes: [String], _ sink: inout Sink) throws(ReadFailure) {
        for route in routes { sink.route(route) }
        if layout.document == .remittanceAdvice { return try remittances(bytes, routes: routes, &sink) }
        var routed = routes
        let given = try documents(bytes, routes) { document, routes throws(ReadFailure) in
            // a sink forgets the ids of the last document as soon as it is given another
            if routes != routed {
                routed = routes
                for route in routed { sink.route(route) }
                if routed.isEmpty { sink.route("") }
            }
            try sink.add(document)
        }
        try settle(given: given, &sink)
    }

    /// Apart from the sink, so that each table's own code is made for it alone: rows are read millions of times.
    private mutating func documents(_ bytes: Span<UInt8>, _ routes: [String], _ hand: DocumentTaker) throws(ReadFailure) -> Int {
        switch layout.document {
        case .remittanceAdvice: 0
        case .invoice: try documents(InvoiceTable.self, bytes, routes, hand)
        case .creditMemo, .debitMemo, .claim: try documents(MemoTable.self, bytes, routes, hand)
        case .purchaseOrder: try documents(PurchaseOrderTable.self, bytes, routes, hand)
        case .shipment: try documents(ShipmentTable.self, bytes, routes, hand)
        case .receipt: try documents(ReceiptTable.self, bytes, routes, hand)
        case .goodsReturn: try documents(ReturnTable.self, bytes, routes, hand)
        case .chargeback: try documents(ChargebackTable.self, bytes, routes, hand)
        case .other: try documents(OtherTable.self, bytes, routes, hand)
        }
    }

    // MARK: Rows

    /// The number of the table's stacked tables that is being read, from 0.
    private(set) var table = 0

    /// Steps to the next record.
    mutating func next(_ bytes: Span<UInt8>) throws(ReadFailure) -> Bool {
        while try cells.next(bytes) {
            if cells.isPlain(bytes, layout.document.key) { return true }
            let filled = cells.rows.filled(bytes, limit: 2)
            if filled == 0 { continue }
            // a record has a digit in the column of its number, a caption has none
            if table + 1 < layout.tables.count, !cells.hasDigit(bytes, layout.document.key) {
                // a title stands alone above the next table
                if filled == 1 { continue }
                if try enter(bytes) { continue }
            }
            if cells.isSkipped(bytes) || cells.isTotal(bytes, layout.document.key) { continue }
            try cells.checkWidth(bytes)
            return true
        }
        if table + 1 < layout.tables.count {
            let name = layout.tables[table + 1].name
            throw .rejected([
                Problem(.incomplete, at: .row(cells.row), "the file ends before the table of \(name)", advice: "send the whole file")
            ])
        }
        return false
    }

    /// Goes on with the next table if the row is its header.
    private mutating func enter(_ bytes: Span<UInt8>) throws(ReadFailure) -> Bool {
        let captions = cells.rows.fields.indices.map { cells.rows.text(bytes, $0) }
        let header = catalog.header(index, table: table + 1, captions: captions, row: cells.row)
        guard header.isHeader else { return false }
        if let problem = header.problem(of: layout) { throw .rejected([problem]) }
        table += 1
        cells.enter(layout.tables[table], header)
        for note in header.notes { cells.note(note) }
        return true
    }

    // MARK: Documents

    /// - Parameter routes: that every document has.
    /// - Returns: how many documents there were.
    private mutating func documents<Table: DocumentTable>(
        _ kind: Table.Type, _ bytes: Span<UInt8>, _ routes: [String], _ hand: DocumentTaker
    ) throws(ReadFailure) -> Int {
        var keys = AccountKeys(isNeeded: Table.grouping != .each && cells.tellAccounts)
        // of rows of one number below one another each may be another account's
        let joins = Table.grouping == .joined && !cells.tellAccounts
        if Table.grouping != .each { cells.numbers = numbers(bytes, joins: joins) }
        var drafts = Drafts<Table>()
        var byNumber: [String: Int] = [:]
        var last = (key: "", index: -1)
        let key = layout.document.key
        let essentials = Table.fields.filter { $0.isOfLine && $0.isEssential }.map(\.id)
        let needsDigit = layout.document == .goodsReturn || layout.document == .other
        while try next(bytes) {
            let before = cells.flaws.count
            guard let number = cells.reference(bytes, key) else {
                _ = cells.stated(key, String?.none, of: "row \(cells.row)", .row(cells.row))
                try bound()
                continue
            }
            if needsDigit, !number.contains(where: \.isNumber) {
                cells.flaw(
                    key, at: .row(cells.row), "\"\(number.prefix(60))\" is no number: it has no digit",
                    advice: "see what the row is, and export again")
                try bound()
                continue
            }
            let own = Table.key(number, bytes, cells)
            guard let shared = keys.key(of: own, isAlone: cells.end(bytes, key) == 0, cells.account(bytes, after: routes)) else {
                cells.unplaced(number)
                for key in keys.all(of: own) { byNumber[key].map { drafts[tag: $0].isFlawed = true } }
                try bound()
                continue
            }
            var (index, end) = (last.index, 0)
            if index < 0 || shared != last.key {
                end = Table.grouping == .each ? 0 : cells.end(bytes, key)
                index = end > 0 ? byNumber[shared] ?? -1 : -1
            }
            if index >= 0, Table.grouping == .single || table == 0 && layout.tables.count == 1 && !cells.hasLineColumns {
                cells.repeated(key, number, isAllowed: Table.grouping == .joined)
                if Table.grouping == .single {
                    try bound()
                    continue
                }
            }
            if index < 0 {
                if Table.grouping == .joined { try drafts.give(&self, hand) }
                if table > 0 { cells.flaw(key, at: .row(cells.row), "\(number) does not stand in the table above", advice: "export again") }
                index = drafts.add(Table.draft(number, cells.row, &cells), routes: routes, end: Table.grouping == .joined ? end : 0)
                if end > 0 { byNumber[shared] = index }
            }
            if Table.grouping == .joined { last = (shared, index) }
            Table.take(bytes, &cells, into: &drafts[index])
            if cells.hasLine(bytes) {
                for field in essentials where cells.lacks(bytes, field) {
                    _ = cells.stated(field, String?.none, of: number, .row(cells.row))
                }
            }
            if drafts[tag: index].routes.count == routes.count { drafts[tag: index].routes = cells.routes(bytes, after: routes) }
            if cells.flaws.count > before { drafts[tag: index].isFlawed = true }
            try bound()
            if Table.grouping != .joined { try drafts.give(&self, hand) }
        }
        cells.held = byNumber
        return try drafts.finish(&self, hand)
    }

    /// Rejects the file as soon as there is enough to correct.
    @inline(__always)
    func bound() throws(ReadFailure) {
        guard cells.isFull else { return }
        throw .rejected(cells.problems.count >= TextBounds.problems ? cells.problems : cells.problems + cells.allFlaws)
    }

    private func settle<Sink: DocumentSink>(given: Int, _ sink: inout Sink) throws(ReadFailure) {
        if !cells.problems.isEmpty { throw .rejected(cells.problems) }
        let flaws = cells.allFlaws
        if given == 0, !flaws.isEmpty { throw .rejected(flaws) }
        for flaw in flaws { sink.refuse(flaw) }
        finishNotes(given: given, &sink)
    }

    func finishNotes<Sink: DocumentSink>(given: Int, _ sink: inout Sink) {
        for note in cells.allNotes { sink.note(note) }
        if given == 0 { sink.note(Note("no-rows", at: .row(cells.header.row), "the table of \(layout.title) has no rows")) }
    }
}

extension Layout.DocumentKind {
    /// The number by which rows belong together.
    var key: FieldID { self == .chargeback ? .id : .number }
}

extension TableHeader {
    /// Columns more or fewer than the layout knows, of which none is needed.
    var notes: [Note] {
        added.map { .added($0.caption, row: row, column: $0.column) }
            + absent.map { Note("column-missing", at: .row(row), "the column \"\($0)\" is gone") }
    }
}
