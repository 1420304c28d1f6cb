import Trade

/// Reads the unified date-range report: each row is a transaction, its columns of money make up its total, and it belongs to a
/// settlement or, if it is deferred, to none yet.
struct DateRangeReading {
    private let columns: DateRangeColumns
    private var cells: SettlementCells
    private var settlements = SettlementCollection()
    private var places: [Set<String>] = []
    private var currency: Currency
    private var unbalanced = 0

    /// - Parameter stated: the currency that the preamble names.
    init(_ columns: DateRangeColumns, _ cells: SettlementCells, stated: Currency?) throws(ReadFailure) {
        self.columns = columns
        self.cells = cells
        if let stated {
            currency = stated
            return
        }
        let assumed = try cells.assumed()
        currency = assumed.currency ?? .unstated
        self.cells.note(Note("currency-assumed", at: .row(cells.row), "the report names no currency; \(assumed.words)"))
    }

    mutating func run<Sink: DocumentSink>(_ bytes: Span<UInt8>, _ sink: inout Sink) throws(ReadFailure) {
        let match = columns.match
        let width = match.width
        while try cells.next(bytes) {
            if try cells.isShort(bytes, width: width) { throw cells.tooShort(width: width) }
            try row(bytes, match)
        }
        try cells.finish()
        if unbalanced > TextBounds.problems {
            cells.note(Note("settlement-unbalanced", at: .row(cells.row), "\(unbalanced) rows in all do not come to their totals"))
        }
        for (index, settlement) in settlements.all.enumerated() {
            var settlement = settlement
            if places[index].count == 1 { settlement.marketplace = places[index].first }
            try sink.add(.settlement(settlement))
        }
        for note in cells.notes { sink.note(note) }
    }

    private mutating func row(_ bytes: Span<UInt8>, _ match: TableLayout<DateRangeField>.Match) throws(ReadFailure) {
        let id = cells.reference(bytes, match[.settlement]) ?? ""
        let posted = cells.moment(bytes, match[.posted])
        if posted == nil, cells.isEmpty(bytes, match[.posted]) {
            cells.refuse(match[.posted], bytes, "", advice: "download the report again")
        }
        guard let total = cells.amount(bytes, match[.total], currency) else {
            if cells.isEmpty(bytes, match[.total]) { cells.refuse(match[.total], bytes, "", advice: "download the report again") }
            return
        }
        try check(bytes, total)
        let known = settlements.all.count
        let index = settlements.index(id, currency: currency, at: .row(cells.row))
        if settlements.all.count > known { places.append([]) }
        if let place = cells.text(bytes, match[.marketplace]) { places[index].insert(place) }
        let line = Settlement.Line(
            amount: total, at: .row(cells.row), type: cells.text(bytes, match[.type]), order: cells.reference(bytes, match[.order]),
            item: cells.text(bytes, match[.item]), description: cells.text(bytes, match[.description]), posted: posted,
            status: cells.text(bytes, match[.status]))
        try settlements.append(line, to: index)
    }

    private mutating func check(_ bytes: Span<UInt8>, _ total: Int64) throws(ReadFailure) {
        guard !columns.money.isEmpty else { return }
        var sum = SettlementSum()
        let before = cells.problems.count
        for column in columns.money { sum.add(cells.amount(bytes, column, currency) ?? 0) }
        guard cells.problems.count == before, sum.value != total else { return }
        let come = sum.value.map { Money.decimal($0, exponent: currency.exponent) } ?? "more than can be"
        let stated = Money.decimal(total, exponent: currency.exponent)
        let words = "the amounts of the row come to \(come) and not to its total, \(stated)"
        if !cells.rows.isTerminated {
            throw .rejected([
                Problem(
                    .incomplete, at: .row(cells.row), "the file ends without a line end, and \(words)", advice: "download the report again")
            ])
        }
        unbalanced += 1
        if unbalanced <= TextBounds.problems { cells.note("settlement-unbalanced", columns.match[.total], words) }
    }
}
