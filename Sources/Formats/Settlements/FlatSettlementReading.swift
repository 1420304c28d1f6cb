import Trade

/// Reads settlement reports V1 and V2. One row of each settlement states its total; every amount of the others is a line.
struct FlatSettlementReading {
    private let columns: FlatSettlementColumns
    private var cells: SettlementCells
    private var settlements = SettlementCollection()
    private var sums: [SettlementSum] = []
    private var places: [Set<String>] = []
    private var isRagged = false
    private var isCut = false

    // columns by name, looked up once
    private let id: Int
    private let total: Int
    private let currency: Int
    private let type: Int
    private let order: Int
    private let item: Int
    private let marketplace: Int
    private let posted: [Int]
    private let amountType: Int

    init(_ columns: FlatSettlementColumns, _ cells: SettlementCells) {
        self.columns = columns
        self.cells = cells
        id = columns["settlement-id"]
        total = columns["total-amount"]
        currency = columns["currency"]
        type = columns["transaction-type"]
        order = columns["order-id"]
        item = columns["sku"]
        marketplace = columns["marketplace-name"]
        // the one with a time first
        posted = [columns["posted-date-time"], columns["posted-date"]].filter { $0 >= 0 }
        amountType = columns["amount-type"]
    }

    mutating func run<Sink: DocumentSink>(_ bytes: Span<UInt8>, _ sink: inout Sink) throws(ReadFailure) {
        while try cells.next(bytes) {
            if try cells.isShort(bytes, width: columns.width) {
                // V2 is seen without its last columns; in V1 they hold amounts
                guard columns.isV2 else { throw cells.tooShort(width: columns.width) }
                if !isRagged { cells.note("ragged-rows", cells.rows.count, "rows end before the last of \(columns.width) columns") }
                isRagged = true
                isCut = !cells.rows.isTerminated
            }
            try row(bytes)
        }
        try cells.finish()
        try check()
        for (index, settlement) in settlements.all.enumerated() {
            var settlement = settlement
            if places[index].count == 1 { settlement.marketplace = places[index].first }
            try sink.add(.settlement(settlement))
        }
        for note in cells.notes { sink.note(note) }
    }

    private mutating func row(_ bytes: Span<UInt8>) throws(ReadFailure) {
        guard let number = cells.reference(bytes, id) else {
            if cells.isEmpty(bytes, id) { cells.refuse(id, bytes, "", advice: "download the report again") }
            return
        }
        let at = Location.row(cells.row)
        let known = settlements.all.count
        let index = settlements.index(number, currency: .unstated, at: at)
        if settlements.all.count > known {
            sums.append(SettlementSum())
            places.append([])
        }
        if let stated = cells.currency(bytes, currency) {
            let own = settlements.all[index].currency
            if own != .unstated, own != stated {
                cells.refuse(currency, bytes, "is another currency than \(own) of the same settlement", advice: "download the report again")
            }
            settlements.change(index) { $0.currency = stated }
        } else if settlements.all[index].currency == .unstated, settlements.all[index].lines.isEmpty {
            let assumed = try cells.assumed()
            if let currency = assumed.currency {
                settlements.change(index) { $0.currency = currency }
                cells.note("currency-assumed", self.currency, "settlement \(number) states no currency; \(assumed.words)")
            }
        }
        try totals(bytes, index)
        try lines(bytes, index, at)
    }

    /// The row that states what the settlement comes to.
    private mutating func totals(_ bytes: Span<UInt8>, _ index: Int) throws(ReadFailure) {
        guard let stated = cells.amount(bytes, total, settlements.all[index].currency) else { return }
        if let before = settlements.all[index].total, before != stated {
            cells.refuse(total, bytes, "is another total of the same settlement", advice: "download the report again")
        }
        let start = cells.moment(bytes, columns["settlement-start-date"])
        let end = cells.moment(bytes, columns["settlement-end-date"])
        let deposit = cells.moment(bytes, columns["deposit-date"])
        settlements.change(index) {
            $0.total = stated
            $0.start = start
            $0.end = end
            $0.deposit = deposit
        }
    }

    private mutating func lines(_ bytes: Span<UInt8>, _ index: Int, _ at: Location) throws(ReadFailure) {
        var shared: (type: String?, order: String?, item: String?, posted: Moment?)?
        for kind in columns.amounts {
            guard let amount = cells.amount(bytes, kind.column, settlements.all[index].currency) else { continue }
            let own: (type: String?, order: String?, item: String?, posted: Moment?)
            if let shared {
                own = shared
            } else {
                let date = posted.first { !cells.isEmpty(bytes, $0) }
                own = (
                    cells.text(bytes, type), cells.reference(bytes, order), cells.text(bytes, item),
                    date.flatMap { cells.moment(bytes, $0) }
                )
                shared = own
                if let place = cells.text(bytes, marketplace) { places[index].insert(place) }
            }
            sums[index].add(amount)
            let line = Settlement.Line(
                amount: amount, at: at, type: own.type, order: own.order, item: own.item, description: description(bytes, kind),
                posted: own.posted)
            try settlements.append(line, to: index)
        }
    }

    /// `ItemPrice/Principal` in V2, `other fee: StorageFee` in V1.
    private mutating func description(_ bytes: Span<UInt8>, _ amount: FlatSettlementColumns.Amount) -> String? {
        let kind = cells.text(bytes, amount.kind)
        guard columns.isV2 else { return kind.map { "\(amount.name): \($0)" } ?? amount.name }
        let type = cells.text(bytes, amountType)
        guard let type else { return kind }
        return kind.map { "\(type)/\($0)" } ?? type
    }

    /// All amounts must come to the total.
    private mutating func check() throws(ReadFailure) {
        for (index, settlement) in settlements.all.enumerated() {
            guard let sum = sums[index].value else {
                throw .rejected([Problem(.malformed, at: settlement.at, "the amounts of settlement \(settlement.id) are out of range")])
            }
            guard let total = settlement.total else {
                cells.note(
                    Note(
                        "settlement-without-total", at: settlement.at,
                        "settlement \(settlement.id) states no total: its first row may be missing"))
                continue
            }
            let (difference, overflow) = sum.subtractingReportingOverflow(total)
            guard difference != 0 || overflow else { continue }
            let money = { (minor: Int64) in Money(minor, settlement.currency).decimal }
            if !cells.rows.isTerminated, isCut || index == settlements.all.count - 1 {
                throw .rejected([
                    Problem(
                        .incomplete, at: .row(cells.row),
                        "the file ends without a line end, and the amounts of settlement \(settlement.id) come to \(money(sum)) of \(money(total))",
                        advice: "download the report again")
                ])
            }
            let words = overflow ? "" : "; the difference is \(money(difference))"
            cells.note(
                Note(
                    "settlement-unbalanced", at: settlement.at,
                    "the amounts of settlement \(settlement.id) come to \(money(sum)) and not to its total, \(money(total))\(words)"))
        }
    }
}
