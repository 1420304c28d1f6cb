import Trade

/// What tells the four sets about an order from one another: their beginning segment and their line segment.
struct OrderLayout {
    var kind: PurchaseOrder.Kind
    /// BEG, BCH, BAK, BCA.
    var beginning: UInt32
    var beginningName: String
    /// Element of the purpose code (353), and of the status as the document is to show it.
    var purpose = 1
    var status: Int
    /// Elements of the document's own date, the first that is stated counts.
    var dates: [Int]
    /// PO1 or POC, and its elements. Pairs of item numbers follow from `items`.
    var line: UInt32
    /// POC02.
    var change: Int?
    var quantity: Int
    var unit: Int
    var price: Int
    var items: Int

    static func order(_ kind: PurchaseOrder.Kind, _ beginning: UInt32, _ name: String, status: Int, dates: [Int]) -> OrderLayout {
        OrderLayout(
            kind: kind, beginning: beginning, beginningName: name, status: status, dates: dates,
            line: Tag.po1, quantity: 2, unit: 3, price: 4, items: 6)
    }

    static func change(_ kind: PurchaseOrder.Kind, _ beginning: UInt32, _ name: String, status: Int, dates: [Int]) -> OrderLayout {
        OrderLayout(
            kind: kind, beginning: beginning, beginningName: name, status: status, dates: dates,
            line: Tag.poc, change: 2, quantity: 3, unit: 5, price: 6, items: 8)
    }
}

/// Reads 850, 855, 860 and 865: the same segments after different beginnings. Their files say what is taken from where.
struct OrderReading {
    private let layout: OrderLayout
    private var number = ""
    private var date: Day?
    private var status: String?
    private var isCancelled = false
    private var currency: Currency?
    private var parties = GoodsParties()
    private var lines: [PurchaseOrder.Line] = []
    private var headingDays = OrderDays()

    /// PO1 or POC segments so far; several answers (ACK) to one make several lines.
    private var lineCount = 0
    /// The answers to the current line that are in `lines`.
    private var answers = 0
    private var isFirstAnswerWhole = false
    /// Of the current line as it was ordered: an answer may name a substitute.
    private var ordered = (item: String?.none, aliases: [String]())
    private var lineCurrencies: [Currency] = []
    private var lineDays = OrderDays()
    /// The days that all lines so far have in common; nil before the first line.
    private var commonDays: OrderDays?
    private var isOfOneMind = true

    /// Σ quantity × price of the lines, as AMT*TT should say; nil when a line cannot be counted.
    private var goods: [(quantity: ExactDecimal, price: ExactDecimal)]? = []
    private var statedTotal: Int?

    private enum Place { case heading, party, line, summary }
    private var place = Place.heading

    private init(_ layout: OrderLayout) { self.layout = layout }

    static func read<Sink: DocumentSink>(
        _ layout: OrderLayout, _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var order = OrderReading(layout)
        var hasBeginning = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case layout.beginning:
                try reading.segments.split(bytes)
                hasBeginning = true
                order.begin(&reading, bytes)
            case layout.line:
                try reading.segments.split(bytes)
                order.line(&reading, bytes)
            case Tag.cur, Tag.ref, Tag.n1, Tag.dtm, Tag.pid, Tag.po4, Tag.sch, Tag.ack, Tag.ctt, Tag.amt:
                try reading.segments.split(bytes)
                order.read(tag, &reading, bytes)
            case Tag.sac, Tag.txi: order.goods = nil
            default: continue
            }
        }
        if !hasBeginning { reading.missing(layout.beginningName, "order number") }
        order.closeLine()
        let end = reading.segments.position
        let document = try order.document(&reading, bytes)
        reading.segments.position = end
        guard reading.settle(into: &sink) else { return }
        order.parties.route(&reading, into: &sink)
        try sink.add(.purchaseOrder(document))
    }

    // MARK: Heading

    private mutating func begin(_ reading: inout Reading, _ bytes: RawSpan) {
        number = reading.documentNumber(3, bytes, "order number")
        status = reading.segments.text(layout.status, bytes).nonEmpty
        isCancelled = reading.segments.text(layout.purpose, bytes) == "01"
        for element in layout.dates where date == nil { date = reading.day(element, bytes) }
    }

    private mutating func read(_ tag: UInt32, _ reading: inout Reading, _ bytes: RawSpan) {
        let isHeading = place == .heading || place == .party
        switch tag {
        case Tag.cur where isHeading: currency = reading.currency(currency, bytes)
        case Tag.cur where place == .line:
            if let currency = Currency(code: reading.segments.text(2, bytes)) { price(in: currency, &reading, bytes) }
        case Tag.ref where isHeading: parties.reference(reading.segments, bytes)
        case Tag.n1 where isHeading:
            place = .party
            parties.name(reading.segments, bytes)
        case Tag.dtm: addDays(reading.segments.text(1, bytes), reading.days(bytes))
        case Tag.sch where place == .line:
            for element in [5, 8] where !reading.segments.isEmpty(element + 1, bytes) {
                let day = reading.day(element + 1, bytes)
                addDays(reading.segments.text(element, bytes), day.map { DayWindow(from: $0, to: $0) })
            }
        case Tag.pid where place == .line:
            guard let text = reading.segments.text(5, bytes).nonEmpty else { return }
            for index in lines.indices.suffix(max(answers, 1)) where lines[index].item.text == nil { lines[index].item.text = text }
        case Tag.po4 where place == .line:
            guard let pack = CasePack.read(reading.segments, bytes) else { return }
            for index in lines.indices.suffix(max(answers, 1)) where lines[index].item.pack == nil { lines[index].item.pack = pack }
        case Tag.ack where place == .line: answer(&reading, bytes)
        case Tag.ctt:
            closeLine()
            place = .summary
            reading.compareCount([lineCount], bytes)
        case Tag.amt:
            // TT total transaction amount, in the heading or in the summary
            if place != .line, statedTotal == nil, reading.segments.text(1, bytes) == "TT" { statedTotal = reading.segments.start }
        default: return
        }
    }

    private mutating func addDays(_ qualifier: String, _ days: DayWindow?) {
        guard let days else { return }
        switch place {
        case .heading, .party: headingDays.add(qualifier, days)
        case .line: lineDays.add(qualifier, days)
        case .summary: return
        }
    }

    // MARK: Lines

    private mutating func line(_ reading: inout Reading, _ bytes: RawSpan) {
        closeLine()
        place = .line
        guard reading.admitLine(lines.count) else { return }
        lineCount += 1
        var item = ItemLine(at: .segment(layout.line, lineCount, set: reading.set))
        item.line = reading.segments.text(1, bytes).nonEmpty
        item.quantity = reading.number(layout.quantity, bytes)
        item.unit = reading.unit(layout.unit, bytes)
        item.unitPrice = UnitPrice.read(layout.price, unit: item.unit, &reading, bytes)
        item.item = ItemNumber.read(reading.segments, bytes, from: layout.items)
        ItemNumber.readOthers(reading.segments, bytes, from: layout.items, into: &item)
        if layout.change == nil, let quantity = item.quantity, let price = item.unitPrice {
            goods?.append((quantity, price))
        } else {
            goods = nil
        }
        ordered = (item.item, item.aliases)
        lines.append(PurchaseOrder.Line(item: item, status: layout.change.flatMap { reading.segments.text($0, bytes).nonEmpty }))
    }

    /// ACK: 01 status (668), 02 quantity, 03 unit, 04/05 a date, 07 and on the item. The first answer to a line says what becomes of the
    /// line itself; each further one is a line of its own, with its own part of the quantity. Where a substitution is made (668 IS), the
    /// numbers that the line itself does not give are the substitute's.
    private mutating func answer(_ reading: inout Reading, _ bytes: RawSpan) {
        guard let last = lines.indices.last else { return }
        answers += 1
        goods = nil
        var line = lines[last]
        let status = reading.segments.text(1, bytes).nonEmpty
        let quantity = reading.number(2, bytes)
        if answers == 1 {
            isFirstAnswerWhole = quantity == nil
            line.item.quantity = quantity ?? line.item.quantity
        } else {
            guard reading.admitLine(lines.count) else { return }
            // the first answer was not about the whole line after all, and does not say about how much
            if answers == 2, isFirstAnswerWhole { lines[last].item.quantity = nil }
            line.item.quantity = quantity
        }
        line.status = status ?? (answers == 1 ? line.status : nil)
        line.item.unit = reading.unit(3, bytes) ?? line.item.unit
        (line.item.item, line.item.aliases) = ordered
        if line.item.item == nil {
            line.item.item = ItemNumber.read(reading.segments, bytes, from: 7)
            ItemNumber.readOthers(reading.segments, bytes, from: 7, into: &line.item)
        } else if status == "IS" {
            var named = ItemLine(at: line.item.at, item: ItemNumber.read(reading.segments, bytes, from: 7))
            ItemNumber.readOthers(reading.segments, bytes, from: 7, into: &named)
            let own = Set(([ordered.item].compactMap(\.self) + ordered.aliases).map(ReferenceKey.of))
            let others = ([named.item].compactMap(\.self) + named.aliases).filter { !own.contains(ReferenceKey.of($0)) }
            if let substitute = others.first { (line.item.item, line.item.aliases) = (substitute, Array(others.dropFirst())) }
        }
        if answers == 1 { lines[last] = line } else { lines.append(line) }
        if !reading.segments.isEmpty(5, bytes) {
            let day = reading.day(5, bytes)
            addDays(reading.segments.text(4, bytes), day.map { DayWindow(from: $0, to: $0) })
        }
    }

    /// CUR below a line. A price in another currency than the order's is no price of that order.
    private mutating func price(in currency: Currency, _ reading: inout Reading, _ bytes: RawSpan) {
        if self.currency == nil {
            if lineCurrencies.count < Bounds.idsPerSet, !lineCurrencies.contains(currency) { lineCurrencies.append(currency) }
        }
        guard let own = self.currency, own != currency, let last = lines.indices.last else { return }
        lines[last].item.unitPrice = nil
        goods = nil
        reading.note(
            "line-currency", bytes, element: 2, "the line is priced in \(currency), the order in \(own); the line's price is left out")
    }

    private mutating func closeLine() {
        guard place == .line else { return }
        if let commonDays { isOfOneMind = isOfOneMind && commonDays == lineDays } else { commonDays = lineDays }
        lineDays = OrderDays()
        answers = 0
    }

    // MARK: Document

    private mutating func document(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) -> PurchaseOrder {
        let at = Location.segment(Tag.st, 1, set: reading.set)
        let currency = statedCurrency(&reading)
        try compareTotal(currency, &reading, bytes)
        var days = headingDays
        if headingDays.ship == nil, headingDays.delivery == nil, let commonDays {
            if isOfOneMind {
                days = commonDays
            } else {
                reading.note("lines-differ-in-dates", at, "the lines are wanted on different days; the order as a whole has no window")
            }
        }
        return PurchaseOrder(
            kind: layout.kind, number: number, currency: currency, at: at, date: date, status: status, isCancelled: isCancelled,
            buyer: parties.buyer, seller: parties.seller, shipWindow: days.ship, deliveryWindow: days.delivery, lines: lines)
    }

    /// Of the heading; else the one that all lines state; else the account's.
    private mutating func statedCurrency(_ reading: inout Reading) -> Currency {
        if let currency { return currency }
        if lineCurrencies.count == 1 { return lineCurrencies[0] }
        guard lineCurrencies.count > 1 else { return reading.assumedCurrency() }
        for index in lines.indices { lines[index].item.unitPrice = nil }
        goods = nil
        reading.note(
            "line-currency", .segment(Tag.st, 1, set: reading.set),
            "the lines are priced in several currencies and the order states none; all prices are left out")
        return .unstated
    }

    /// AMT*TT against Σ quantity × price, where nothing else could be in it. A line may be rounded by half a minor unit.
    private func compareTotal(_ currency: Currency, _ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        guard let statedTotal, let goods, !goods.isEmpty, currency != .unstated else { return }
        try reading.revisit(statedTotal, bytes)
        guard case .value(let total) = reading.segments.amount(2, bytes, exponent: currency.exponent) else {
            reading.note("total-differs", bytes, element: 2, "\(reading.segments.quoted(2, bytes)) is not an amount; the lines stand")
            return
        }
        var sum: Int128 = 0
        for line in goods {
            guard let amount = line.quantity.amount(at: line.price, exponent: currency.exponent) else { return }
            sum += Int128(amount)
        }
        guard (Int128(total) - sum).magnitude > Int128(goods.count).magnitude, let sum = Int64(exactly: sum) else { return }
        reading.note(
            "total-differs", bytes, element: 2, "the lines come to \(Money(sum, currency)), the total is \(Money(total, currency))")
    }
}
