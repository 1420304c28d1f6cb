import Trade

/// What 856 and 857 have in common: the levels, what is shipped at each, and the shipment that comes of it.
struct ShipNoticeReading {
    var number = ""
    var date: Day?
    /// 353: 01 takes the notice back.
    var purpose = ""
    private(set) var levels = HierarchicalLevels()
    private(set) var parties = GoodsParties()
    /// SN1 segments so far.
    private(set) var quantities = 0
    private var goods = ShippedGoods()
    private var fields = ShipmentFields()
    private var orders: [String] = []
    private var known: Set<String> = []

    /// HL, PRF, SN1, PID, TD5, REF or N9, DTM or N1 that is current and split; any other says nothing of a shipment.
    mutating func read(_ tag: UInt32, _ reading: inout Reading, _ bytes: RawSpan) {
        switch tag {
        case Tag.hl: levels.open(&reading, bytes)
        case Tag.prf: addOrder(reading.segments.text(1, bytes).nonEmpty, overwriting: true)
        case Tag.sn1:
            quantities += 1
            goods.quantity(
                reading.quantity(2, bytes), reading.unit(3, bytes), reading.segments.text(1, bytes).nonEmpty,
                at: .segment(Tag.sn1, quantities, set: reading.set), levels, &reading)
        case Tag.po4: goods.pack(CasePack.read(reading.segments, bytes), levels)
        case Tag.pid: goods.describe(reading.segments.text(5, bytes).nonEmpty, levels)
        case Tag.td5: fields.carrier(reading.segments, bytes)
        case Tag.ref, Tag.n9:
            parties.reference(reading.segments, bytes)
            // PO is the order of a level that has no PRF
            if reading.segments.code(1, bytes) == 0x50_4F { addOrder(reading.segments.text(2, bytes).nonEmpty, overwriting: false) }
            fields.reference(reading.segments, bytes)
        case Tag.dtm where levels.code != HierarchicalLevels.item: _ = readDay(&reading, bytes)
        case Tag.n1: parties.name(reading.segments, bytes)
        default: return
        }
    }

    /// DTM above the items. - Returns: its day, whatever it is of.
    mutating func readDay(_ reading: inout Reading, _ bytes: RawSpan) -> Day? {
        let day = reading.days(bytes)?.from
        fields.days(reading.segments.text(1, bytes), day)
        return day
    }

    /// The item of the current level.
    mutating func name(_ item: ItemLine, _ reading: inout Reading) { goods.name(item, levels, &reading) }

    /// How much of the item above was shipped, where a segment of its own says so.
    mutating func shipped(_ quantity: ExactDecimal, _ unit: String?) { goods.shipped(quantity, unit, levels) }

    private mutating func addOrder(_ order: String?, overwriting: Bool) {
        guard let order, overwriting || !levels.hasOrder else { return }
        levels.setOrder(order, overwriting: overwriting)
        if orders.count < Bounds.itemLines, known.insert(order).inserted { orders.append(order) }
    }

    /// Nil if the notice takes an earlier one back.
    func shipment(_ reading: inout Reading) -> Shipment? {
        guard purpose != "01" else { return nil }
        var shipment = Shipment(number: number, at: .segment(Tag.st, 1, set: reading.set), date: date, orders: orders)
        fields.fill(&shipment, &reading)
        shipment.lines = goods.lines(levels, &reading).map { Shipment.Line(item: $0.item, po: levels.order(of: $0.level)) }
        return shipment
    }

    func document(_ reading: inout Reading) -> WholeDocument {
        shipment(&reading).map { .shipment($0) } ?? reading.cancellation(number, date, "shipment")
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
