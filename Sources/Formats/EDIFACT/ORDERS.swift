import Trade

/// ORDERS purchase order, ORDCHG change and ORDRSP response, D.93A to D.03B and EANCOM (segment table D.96A:
/// https://service.unece.org/trade/untdid/d96a/trmd/orders_s.htm).
///
///     UNH  BGM  DTM*  …  FTX*
///     SG1  RFF  DTM                                 the order that is changed or answered
///     SG2  NAD  …                                   buyer (BY), supplier (SU)
///     SG7  CUX
///     SG25 LIN  PIA* IMD* QTY* DTM* MOA* PRI RFF … an item
///     UNS  MOA*  CNT*  UNT
///
/// | field | from |
/// |---|---|
/// | kind | ORDERS order, ORDCHG change, ORDRSP acknowledgement |
/// | number | BGM 1004; of ORDCHG and ORDRSP RFF+ON if it is there |
/// | status, cancelled | BGM 1225; 1 in an order or change cancels the order |
/// | date | DTM 137, else 4 |
/// | delivery window | DTM 64 and 63; else 2, 69, 76 or 17 |
/// | ship window | DTM 37 and 38; else 10, 11 |
/// | currency | CUX; the account's if prices stand without one |
/// | lines | see `ItemReading`; QTY 21, in a response 113 and 12 before it; status LIN 1229 |
struct ORDERS {
    private var order: PurchaseOrder
    private var orderReference: String?
    private var windows: [(qualifier: UInt32, window: DayWindow)] = []
    private var items: [(item: ItemReading, status: String?)] = []
    private var hasBeginning = false
    private var hasCurrency = false
    private var ids = RouteIDs()

    private init(_ reading: borrowing MessageReading) {
        let kind: PurchaseOrder.Kind =
            switch reading.id {
            case "ORDCHG": .change
            case "ORDRSP": .acknowledgement
            default: .order
            }
        order = PurchaseOrder(kind: kind, number: "", currency: .unstated, at: reading.messagePlace)
    }

    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var orders = ORDERS(reading)
        try orders.readSegments(&reading, bytes)
        orders.finish(&reading)
        guard reading.settle(into: &sink) else { return }
        for id in orders.ids.all { reading.remarks.route(id, into: &sink) }
        try sink.add(.purchaseOrder(orders.order))
    }

    private mutating func readSegments(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) {
        var isParty = false
        var isSummary = false
        // 21 ordered, 1 discrete; a response states what will come: 113 to be delivered, 12 despatched
        let quantities: [UInt32] =
            order.kind == .acknowledgement ? [0x31_31_33, 0x31_32, 0x32_31, 0x31] : [0x32_31, 0x31, 0x31_31_33, 0x31_32]
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            try reading.segments.split(bytes)
            switch tag {
            case MessageTag.bgm where !hasBeginning:
                hasBeginning = true
                order.number = reading.segments.text(2, 1, bytes)
                order.status = reading.segments.text(3, 1, bytes).nonEmpty
            case MessageTag.dtm where items.isEmpty: readDate(&reading, bytes)
            case MessageTag.rff where items.isEmpty && !isParty:
                if reading.segments.code(1, 1, bytes) == 0x4F_4E {
                    orderReference = orderReference ?? reading.segments.text(1, 2, bytes).nonEmpty
                }
            case MessageTag.nad where items.isEmpty:
                isParty = true
                readParty(reading, bytes)
            case MessageTag.cux where items.isEmpty && !hasCurrency: readCurrency(&reading, bytes)
            case MessageTag.lin:
                guard items.count < Bounds.itemLines else {
                    reading.problem(
                        at: .message(MessageTag.lin, items.count + 1, message: reading.message), byte: reading.segments.start,
                        kind: .tooLarge, "the order has more than \(Bounds.itemLines) lines")
                    continue
                }
                items.append(
                    (ItemReading(reading, bytes, number: items.count + 1), reading.segments.text(2, 1, bytes).nonEmpty))
            case MessageTag.pia, MessageTag.imd, MessageTag.qty, MessageTag.pri:
                guard !isSummary, let last = items.indices.last else { continue }
                items[last].item.add(&reading, bytes, quantities: quantities)
            case MessageTag.uns: isSummary = true
            default: continue
            }
        }
    }

    private mutating func readDate(_ reading: inout MessageReading, _ bytes: RawSpan) {
        let qualifier = reading.segments.code(1, 1, bytes)
        switch qualifier {
        case 0x31_33_37: order.date = order.date ?? reading.day(bytes)  // 137
        // 4 order date; 64 63 delivery from, to; 2 requested, 69 promised, 76 planned, 17 estimated; 37 38 shipping from, to; 10 requested, 11
        case 0x34, 0x36_34, 0x36_33, 0x32, 0x36_39, 0x37_36, 0x31_37, 0x33_37, 0x33_38, 0x31_30, 0x31_31:
            guard !windows.contains(where: { $0.qualifier == qualifier }), let window = reading.window(bytes) else { return }
            windows.append((qualifier, window))
        default: return
        }
    }

    private mutating func readParty(_ reading: borrowing MessageReading, _ bytes: RawSpan) {
        let party = reading.party(bytes)
        switch reading.segments.text(1, 1, bytes) {
        case "BY": order.buyer = order.buyer ?? party
        case "SU", "SE": order.seller = order.seller ?? party
        default: return
        }
        ids.add(party.id)
    }

    private mutating func readCurrency(_ reading: inout MessageReading, _ bytes: RawSpan) {
        hasCurrency = true
        if let currency = Currency(code: reading.segments.text(1, 2, bytes)) {
            order.currency = currency
            reading.noteSmallCurrency(1, 2, bytes)
        } else {
            reading.note("odd-currency", bytes, element: 1, "\(reading.segments.quoted(1, 2, bytes)) is not an ISO 4217 currency")
        }
    }

    private mutating func finish(_ reading: inout MessageReading) {
        if order.kind != .order, let orderReference { order.number = orderReference }
        if order.number.isEmpty {
            reading.problem(at: reading.messagePlace, byte: reading.start, "the \(reading.id) names no order (BGM 1004, RFF+ON)")
        }
        order.isCancelled = order.status == "1" && order.kind != .acknowledgement
        func window(_ first: UInt32, _ last: UInt32, _ others: [UInt32]) -> DayWindow? {
            let from = windows.first { $0.qualifier == first }?.window.from
            let to = windows.first { $0.qualifier == last }?.window.to
            if from != nil || to != nil { return DayWindow(from: from, to: to) }
            for qualifier in others {
                if let found = windows.first(where: { $0.qualifier == qualifier }) { return found.window }
            }
            return nil
        }
        order.date = order.date ?? windows.first { $0.qualifier == 0x34 }?.window.from
        order.deliveryWindow = window(0x36_34, 0x36_33, [0x32, 0x36_39, 0x37_36, 0x31_37])
        order.shipWindow = window(0x33_37, 0x33_38, [0x31_30, 0x31_31])
        if order.currency == .unstated, items.contains(where: { $0.item.item.unitPrice != nil }) {
            order.currency = reading.assumedCurrency()
        }
        order.lines = items.map { PurchaseOrder.Line(item: $0.item.item, status: $0.status) }
    }
}
