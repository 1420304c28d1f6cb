import Trade

/// 856 Ship Notice/Manifest, releases 003010 to 005010 (https://stedi.com/edi/x12-004010/856).
///
///     ST  BSN  DTM*
///     HL loop   HL LIN SN1 SLN PRF PO4 PID* MEA PWK PKG TD1* TD3 TD4 TD5* REF* PER LH1 CLD MAN* DTM* FOB PAL N1 loop …
///     CTT  SE
///
/// The levels nest as the sender likes (S-O-P-I, S-O-I-P, S-P-O-I, S-T-O-P-I, S-I-O, …). What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number, date | BSN02, BSN03 |
/// | shipped | DTM 011, 370 outside the items |
/// | delivered | DTM 035, 372; else estimated: DTM 017, 371, 067, 069, 002 |
/// | carrier | TD503 if TD502 is 2 (SCAC), else TD505, of the first TD5 |
/// | bill of lading | REF*BM, else REF*MB |
/// | invoice | REF*IV |
/// | orders | PRF01, else REF*PO; each once |
/// | lines | LIN 01 line, 02 and on the item; SN1 02 quantity, 03 unit; PID05 the text; the order of the level or the nearest one above |
///
/// Which quantities count says `ShippedGoods`. PO4 and TD1 (what is in a carton, how many cartons) multiply nothing. Bill of lading, invoice
/// and days that the levels state differently are left out and noted. BSN01 01 takes a notice back: it is kept as `other`.
struct ShipNotice856 {
    private var number = ""
    private var date: Day?
    private var purpose = ""
    private var levels = HierarchicalLevels()
    private var goods = ShippedGoods()
    private var fields = ShipmentFields()
    private var parties = GoodsParties()
    private var orders: [String] = []
    private var known: Set<String> = []
    private var items = 0
    private var quantities = 0
    private var count: Int?

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var notice = ShipNotice856()
        var hasBeginning = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case Tag.bsn:
                try reading.segments.split(bytes)
                hasBeginning = true
                notice.number = reading.documentNumber(2, bytes, "shipment number")
                notice.date = reading.day(3, bytes)
                notice.purpose = reading.segments.text(1, bytes)
            case Tag.hl, Tag.lin, Tag.sn1, Tag.prf, Tag.pid, Tag.td5, Tag.ref, Tag.dtm, Tag.n1, Tag.ctt:
                try reading.segments.split(bytes)
                notice.read(tag, &reading, bytes)
            default: continue
            }
        }
        if !hasBeginning { reading.missing("BSN", "shipment number") }
        let document = notice.document(&reading)
        guard reading.settle(into: &sink) else { return }
        notice.parties.route(&reading, into: &sink)
        try sink.add(document)
    }

    private mutating func read(_ tag: UInt32, _ reading: inout Reading, _ bytes: RawSpan) {
        switch tag {
        case Tag.hl: levels.open(&reading, bytes)
        case Tag.lin:
            items += 1
            var item = ItemLine(at: .segment(Tag.lin, items, set: reading.set))
            item.line = reading.segments.text(1, bytes).nonEmpty
            item.item = ItemNumber.read(reading.segments, bytes, from: 2)
            goods.name(item, levels, &reading)
        case Tag.sn1:
            quantities += 1
            goods.quantity(
                reading.quantity(2, bytes), reading.unit(3, bytes), reading.segments.text(1, bytes).nonEmpty,
                at: .segment(Tag.sn1, quantities, set: reading.set), levels, &reading)
        case Tag.prf: addOrder(reading.segments.text(1, bytes).nonEmpty, overwriting: true)
        case Tag.pid: goods.describe(reading.segments.text(5, bytes).nonEmpty, levels)
        case Tag.td5: fields.carrier(reading.segments, bytes)
        case Tag.ref:
            parties.reference(reading.segments, bytes)
            // REF*PO is the order of a level that has no PRF
            if reading.segments.code(1, bytes) == 0x50_4F { addOrder(reading.segments.text(2, bytes).nonEmpty, overwriting: false) }
            fields.reference(reading.segments, bytes)
        case Tag.dtm where levels.code != HierarchicalLevels.item:
            fields.days(reading.segments.text(1, bytes), reading.days(bytes)?.from)
        case Tag.n1: parties.name(reading.segments, bytes)
        case Tag.ctt: reading.compareCount([levels.count, items, quantities], bytes)
        default: return
        }
    }

    private mutating func addOrder(_ order: String?, overwriting: Bool) {
        guard let order, overwriting || !levels.hasOrder else { return }
        levels.setOrder(order, overwriting: overwriting)
        if orders.count < Bounds.itemLines, known.insert(order).inserted { orders.append(order) }
    }

    private func document(_ reading: inout Reading) -> WholeDocument {
        if purpose == "01" { return reading.cancellation(number, date, "shipment") }
        var shipment = Shipment(number: number, at: .segment(Tag.st, 1, set: reading.set), date: date, orders: orders)
        fields.fill(&shipment, &reading)
        shipment.lines = goods.lines(levels, &reading).map { Shipment.Line(item: $0.item, po: levels.order(of: $0.level)) }
        return .shipment(shipment)
    }
}

/// What 856 and 857 say of a shipment as a whole.
struct ShipmentFields {
    private var shipped = StatedOnce<Day>()
    /// By rank: what happened before what is expected.
    private var arrived = StatedOnce<Day>()
    private var expected: [StatedOnce<Day>] = Array(repeating: StatedOnce<Day>(), count: 5)
    private var carrier: String?
    private var billOfLading = StatedOnce<String>()
    private var masterBill = StatedOnce<String>()
    private var invoice = StatedOnce<String>()

    /// DTM01 and the day of the DTM.
    mutating func days(_ qualifier: String, _ day: Day?) {
        switch qualifier {
        case "011", "370": shipped.state(day)  // shipped; actual departure
        case "035", "372": arrived.state(day)  // delivered; actual arrival
        case "017": expected[0].state(day)  // estimated delivery
        case "371": expected[1].state(day)  // estimated arrival
        case "067": expected[2].state(day)  // current schedule delivery
        case "069": expected[3].state(day)  // promised for delivery
        case "002": expected[4].state(day)  // delivery requested
        default: return
        }
    }

    /// TD5: 02/03 qualifier and identification code, 05 routing in words.
    mutating func carrier(_ segments: borrowing Segments, _ bytes: RawSpan) {
        guard carrier == nil else { return }
        let code = segments.text(3, bytes).nonEmpty
        let words = segments.text(5, bytes).nonEmpty
        carrier = segments.text(2, bytes) == "2" ? code ?? words : words ?? code
    }

    /// REF, N9: 01 qualifier, 02 reference.
    mutating func reference(_ segments: borrowing Segments, _ bytes: RawSpan) {
        switch segments.code(1, bytes) {
        case 0x42_4D: billOfLading.state(segments.text(2, bytes).nonEmpty)  // BM
        case 0x4D_42: masterBill.state(segments.text(2, bytes).nonEmpty)  // MB
        case 0x49_56: invoice.state(segments.text(2, bytes).nonEmpty)  // IV
        default: return
        }
    }

    func fill(_ shipment: inout Shipment, _ reading: inout Reading) {
        shipment.shipped = shipped.value
        let estimate = expected.first { $0.value != nil || $0.isContradicted }
        shipment.delivered = arrived.value ?? (arrived.isContradicted ? nil : estimate?.value)
        shipment.isDeliveryEstimated = arrived.value == nil && shipment.delivered != nil
        shipment.carrier = carrier
        shipment.billOfLading = billOfLading.value ?? (billOfLading.isContradicted ? nil : masterBill.value)
        shipment.invoice = invoice.value
        let contradicted = [
            ("days of shipping", shipped.isContradicted),
            ("days of delivery", arrived.isContradicted || (arrived.value == nil && estimate?.isContradicted == true)),
            ("bills of lading", billOfLading.isContradicted || (billOfLading.value == nil && masterBill.isContradicted)),
            ("invoices", invoice.isContradicted),
        ]
        for (what, isContradicted) in contradicted where isContradicted {
            reading.note("several-values", shipment.at, "the levels state different \(what); the shipment as a whole has none")
        }
    }
}
