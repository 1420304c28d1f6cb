import Trade

/// DESADV despatch advice, D.93A to D.01B and EANCOM (segment table D.96A:
/// https://service.unece.org/trade/untdid/d96a/trmd/desadv_s.htm).
///
///     UNH  BGM  DTM*
///     SG1  RFF  DTM                                 order, transport documents
///     SG2  NAD  …
///     SG6  TDT                                      carrier
///     SG10 CPS                                      a package of the tree; its parent is CPS 7166
///       SG11 PAC  MEA QTY … GIN
///       SG15 LIN  PIA* IMD* QTY* …                  an item in it
///         SG16 RFF  …                               its order
///     CNT*  UNT
///
/// | field | from |
/// |---|---|
/// | number, date | BGM 1004, DTM 137 |
/// | shipped | DTM 11 |
/// | delivered | DTM 35; else 17 or 132, estimated |
/// | carrier | TDT C040 name, else identifier; else NAD+CA |
/// | bill of lading | RFF+BM, else RFF+CN, AAS |
/// | invoice | RFF+IV |
/// | pos | RFF+ON, wherever it stands |
/// | lines | see `ItemReading`; QTY 12; po from RFF+ON of the item, else of its package, else of the heading |
///
/// The tree of packages is not kept: items are listed in the order of the file. BGM 1225 = 1 cancels the notice; it is then kept as
/// `other`, since nothing was shipped.
struct DESADV {
    private var shipment: Shipment
    private var isCancelled = false
    private var items: [(item: ItemReading, po: String?)] = []
    private var po: String?
    private var packagePO: String?
    private var transport: [(qualifier: UInt32, value: String)] = []
    private var estimated: Day?
    private var carrierParty: String?
    private var ids = RouteIDs()
    private var seenOrders: Set<String> = []
    private var place = Place.heading

    private enum Place { case heading, party, package, item }

    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var advice = DESADV(shipment: Shipment(number: "", at: reading.messagePlace))
        try advice.readSegments(&reading, bytes)
        advice.finish(&reading)
        guard reading.settle(into: &sink) else { return }
        for id in advice.ids.all { reading.remarks.route(id, into: &sink) }
        if advice.isCancelled {
            try sink.add(
                .other(
                    OtherDocument(
                        typeName: EDIFACT.name + "/DESADV", number: advice.shipment.number, date: advice.shipment.date,
                        at: advice.shipment.at)))
        } else {
            try sink.add(.shipment(advice.shipment))
        }
    }

    private init(shipment: Shipment) { self.shipment = shipment }

    private mutating func readSegments(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) {
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            try reading.segments.split(bytes)
            switch tag {
            case MessageTag.bgm:
                shipment.number = reading.segments.text(2, 1, bytes)
                isCancelled = reading.segments.code(3, 1, bytes) == 0x31
            case MessageTag.dtm where place == .heading || place == .party: readDate(&reading, bytes)
            case MessageTag.rff: readReference(reading.segments, bytes)
            case MessageTag.nad:
                guard place != .item else { continue }
                place = .party
                let party = reading.party(bytes)
                switch reading.segments.text(1, 1, bytes) {
                case "CA": carrierParty = party.name ?? party.id
                case "BY", "SU", "SE": ids.add(party.id)
                default: continue
                }
            case MessageTag.tdt:
                // 8051, 8028, C220, C228, C040 3127 identifier … 3128 name
                shipment.carrier =
                    shipment.carrier ?? reading.segments.text(5, 4, bytes).nonEmpty ?? reading.segments.text(5, 1, bytes).nonEmpty
            case MessageTag.cps:
                place = .package
                packagePO = nil
            case MessageTag.lin:
                place = .item
                guard items.count < Bounds.itemLines else {
                    reading.problem(
                        at: .message(MessageTag.lin, items.count + 1, message: reading.message), byte: reading.segments.start,
                        kind: .tooLarge, "the despatch advice has more than \(Bounds.itemLines) lines")
                    continue
                }
                items.append((ItemReading(reading, bytes, number: items.count + 1), packagePO))
            case MessageTag.pia, MessageTag.imd, MessageTag.qty:
                guard place == .item, let last = items.indices.last else { continue }
                // 12 despatched, 46 delivered, 1 discrete
                items[last].item.add(&reading, bytes, quantities: [0x31_32, 0x34_36, 0x31])
            default: continue
            }
        }
    }

    private mutating func readDate(_ reading: inout MessageReading, _ bytes: RawSpan) {
        switch reading.segments.code(1, 1, bytes) {
        case 0x31_33_37: shipment.date = shipment.date ?? reading.day(bytes)  // 137
        case 0x31_31: shipment.shipped = shipment.shipped ?? reading.day(bytes)  // 11 despatch
        case 0x33_35: shipment.delivered = shipment.delivered ?? reading.day(bytes)  // 35 delivered
        case 0x31_37, 0x31_33_32: estimated = estimated ?? reading.day(bytes)  // 17, 132 estimated
        default: return
        }
    }

    private mutating func readReference(_ segments: borrowing MessageSegments, _ bytes: RawSpan) {
        guard place != .party || segments.code(1, 1, bytes) == 0x4F_4E, let value = segments.text(1, 2, bytes).nonEmpty else { return }
        switch segments.code(1, 1, bytes) {
        case 0x4F_4E:  // ON
            if seenOrders.count < Bounds.itemLines, seenOrders.insert(value).inserted { shipment.orders.append(value) }
            switch place {
            case .heading, .party: po = po ?? value
            case .package: packagePO = packagePO ?? value
            case .item: if let last = items.indices.last { items[last].po = value }
            }
        case 0x49_56: if place == .heading { shipment.invoice = shipment.invoice ?? value }  // IV
        case 0x42_4D, 0x43_4E, 0x41_41_53: if transport.count < Bounds.idsPerSet { transport.append((segments.code(1, 1, bytes), value)) }
        default: return
        }
    }

    private mutating func finish(_ reading: inout MessageReading) {
        if shipment.number.isEmpty {
            reading.problem(at: reading.messagePlace, byte: reading.start, "the DESADV has no number (BGM 1004)")
        }
        if shipment.delivered == nil, let estimated {
            shipment.delivered = estimated
            shipment.isDeliveryEstimated = true
        }
        shipment.carrier = shipment.carrier ?? carrierParty
        for qualifier in [0x42_4D, 0x43_4E, 0x41_41_53] as [UInt32] where shipment.billOfLading == nil {
            shipment.billOfLading = transport.first { $0.qualifier == qualifier }?.value
        }
        if isCancelled { reading.note("cancelled-shipment", "BGM 1225 is 1: the sender cancels this despatch advice") }
        shipment.lines = items.map { Shipment.Line(item: $0.item.item, po: $0.po ?? po) }
    }
}
