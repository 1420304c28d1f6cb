import Trade

/// RECADV receiving advice, D.96A to D.01B and EANCOM (segment table:
/// https://ref.gs1.org/standards/eancom/1997/#zip:HTML/RECADV/).
///
///     UNH  BGM  DTM*
///     SG1  RFF  DTM                                 order, despatch advice
///     SG4  NAD  …
///     SG16 CPS
///       SG17 PAC  QVR …
///       SG22 LIN  PIA* QTY* QVR* DTM …              an item
///         SG28 RFF
///         SG29 PCI  QTY QVR                         not read: the same, by package
///     CNT*  UNT
///
/// | field | from |
/// |---|---|
/// | number, date | BGM 1004; DTM 50 (goods receipt), else 137 |
/// | amends, issued | BGM 1225: 1 takes back, 4 changes, 5 replaces those of the same number; DTM 137 |
/// | po, shipment | RFF+ON; RFF+DQ, AAK |
/// | line, item | LIN, PIA (see `ItemReading`) |
/// | received | QTY 48 received; else 194 accepted + 195 and 196 not accepted; else 46 |
/// | damaged | QTY or QVR 124; QVR with discrepancy AF or reason DME |
/// | short | QTY 119; QVR below zero with discrepancy BP or CP, or against what was despatched or ordered (12, 21) |
/// | over | QTY 121; QVR with discrepancy AC or AE |
/// | po of a line | RFF+ON |
///
/// Only codes that were seen in a source are mapped: EANCOM's QVR page and the code list 6063. A variance of any other kind is told in
/// the line's text and noted. QVR is written with a sign (below zero: goods missing or not accepted); quantities here have none.
struct RECADV {
    private var receipt: Receipt
    private var documentDate: Day?
    private var items: [(item: ItemReading, line: Receipt.Line)] = []
    private var hasReceived: [Bool] = []
    /// What was received is only what QTY 46 says was delivered.
    private var isDelivered: [Bool] = []
    private var place = Place.heading
    private var ids = RouteIDs()

    private enum Place { case heading, party, package, item, itemPackage }

    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var advice = RECADV(receipt: Receipt(number: "", at: reading.messagePlace))
        try advice.readSegments(&reading, bytes)
        if advice.receipt.number.isEmpty {
            reading.problem(at: reading.messagePlace, byte: reading.start, "the RECADV has no number (BGM 1004)")
        }
        guard reading.settle(into: &sink) else { return }
        for id in advice.ids.all { reading.remarks.route(id, into: &sink) }
        if advice.receipt.date != nil, advice.receipt.date != advice.documentDate { advice.receipt.issued = advice.documentDate }
        advice.receipt.date = advice.receipt.date ?? advice.documentDate
        advice.receipt.lines = advice.items.map { entry in
            var line = entry.line
            line.line = entry.item.item.line
            line.item = entry.item.item.item
            line.aliases = entry.item.item.aliases
            line.pack = entry.item.item.pack
            line.unit = line.unit ?? entry.item.item.unit
            return line
        }
        try sink.add(.receipt(advice.receipt))
    }

    private init(receipt: Receipt) { self.receipt = receipt }

    private mutating func readSegments(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) {
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            try reading.segments.split(bytes)
            switch tag {
            case MessageTag.bgm:
                receipt.number = reading.segments.text(2, 1, bytes)
                receipt.amends = Amendment(code: reading.segments.code(3, 1, bytes))
            case MessageTag.dtm where place == .heading:
                switch reading.segments.code(1, 1, bytes) {
                case 0x35_30: receipt.date = receipt.date ?? reading.day(bytes)  // 50 goods receipt
                case 0x31_33_37: documentDate = documentDate ?? reading.day(bytes)  // 137
                default: continue
                }
            case MessageTag.rff: readReference(reading.segments, bytes)
            case MessageTag.nad:
                guard place == .heading || place == .party else { continue }
                place = .party
                if ["BY", "SU", "SE"].contains(reading.segments.text(1, 1, bytes)) { ids.add(reading.party(bytes).id) }
            case MessageTag.cps: place = .package
            case MessageTag.lin:
                place = .item
                guard items.count < Bounds.itemLines else {
                    reading.problem(
                        at: .message(MessageTag.lin, items.count + 1, message: reading.message), byte: reading.segments.start,
                        kind: .tooLarge, "the receiving advice has more than \(Bounds.itemLines) lines")
                    continue
                }
                let number = items.count + 1
                items.append(
                    (
                        ItemReading(reading, bytes, number: number),
                        Receipt.Line(at: .message(MessageTag.lin, number, message: reading.message))
                    ))
            case MessageTag.pia: if let last = items.indices.last { items[last].item.add(&reading, bytes, quantities: []) }
            case MessageTag.qty:
                guard place == .item else { continue }
                if let last = items.indices.last { items[last].item.add(&reading, bytes, quantities: []) }
                readQuantity(&reading, bytes)
            case MessageTag.qvr: if place == .item { readVariance(&reading, bytes) }
            case 0x50_43_49: if place == .item { place = .itemPackage }  // PCI
            default: continue
            }
        }
    }

    private mutating func readReference(_ segments: borrowing MessageSegments, _ bytes: RawSpan) {
        guard let value = segments.text(1, 2, bytes).nonEmpty else { return }
        switch segments.code(1, 1, bytes) {
        case 0x4F_4E:  // ON
            if let last = items.indices.last {
                items[last].line.po = items[last].line.po ?? value
            } else {
                receipt.po = receipt.po ?? value
            }
        case 0x44_51, 0x41_41_4B: if items.isEmpty { receipt.shipment = receipt.shipment ?? value }  // DQ AAK
        default: return
        }
    }

    private static func sum(_ a: ExactDecimal?, _ b: ExactDecimal) -> ExactDecimal? {
        guard let a else { return b }
        let scale = max(a.scale, b.scale)
        guard let x = a.minorUnits(exponent: scale), let y = b.minorUnits(exponent: scale), let sum = try? x.plus(y) else { return nil }
        return ExactDecimal(units: sum, scale: scale)
    }

    private static func magnitude(_ number: ExactDecimal) -> ExactDecimal { ExactDecimal(units: abs(number.units), scale: number.scale) }

    private mutating func readQuantity(_ reading: inout MessageReading, _ bytes: RawSpan) {
        guard let last = items.indices.last else { return }
        let qualifier = reading.segments.code(1, 1, bytes)
        switch qualifier {
        case 0x34_38, 0x31_39_34, 0x31_39_35, 0x31_39_36, 0x34_36, 0x31_32_34, 0x31_31_39, 0x31_32_31: break
        default: return
        }
        guard let written = reading.decimal(1, 2, bytes) else { return }
        let quantity = Self.magnitude(written)
        items[last].line.unit = items[last].line.unit ?? reading.segments.text(1, 3, bytes).nonEmpty
        while hasReceived.count <= last {
            hasReceived.append(false)
            isDelivered.append(false)
        }
        switch qualifier {
        case 0x34_38:  // 48 received
            items[last].line.received = quantity
            hasReceived[last] = true
        case 0x31_39_34, 0x31_39_35, 0x31_39_36:  // 194 accepted, 195 to be returned, 196 to be destroyed
            if isDelivered[last] {  // 46 counts only where nothing says what came of it
                items[last].line.received = nil
                isDelivered[last] = false
            }
            if !hasReceived[last] { items[last].line.received = Self.sum(items[last].line.received, quantity) }
            if qualifier != 0x31_39_34 { tell("not accepted: \(quantity)", last) }
        case 0x34_36:  // 46 delivered
            if items[last].line.received == nil {
                items[last].line.received = quantity
                isDelivered[last] = true
            }
        case 0x31_32_34: items[last].line.damaged = Self.sum(items[last].line.damaged, quantity)  // 124 damaged
        case 0x31_31_39: items[last].line.short = Self.sum(items[last].line.short, quantity)  // 119 short shipped
        default: items[last].line.over = Self.sum(items[last].line.over, quantity)  // 121 over shipped
        }
    }

    /// QVR: C279 6064 difference, 6063 qualifier; 4221 discrepancy; C960 4295 reason.
    private mutating func readVariance(_ reading: inout MessageReading, _ bytes: RawSpan) {
        guard let last = items.indices.last, let written = reading.decimal(1, 1, bytes) else { return }
        let quantity = Self.magnitude(written)
        let qualifier = reading.segments.code(1, 2, bytes)
        let discrepancy = reading.segments.text(2, 1, bytes)
        let reason = reading.segments.text(3, 1, bytes)
        if qualifier == 0x31_32_34 || discrepancy == "AF" || reason == "DME" {
            items[last].line.damaged = Self.sum(items[last].line.damaged, quantity)
        } else if discrepancy == "AC" || discrepancy == "AE" {
            items[last].line.over = Self.sum(items[last].line.over, quantity)
        } else if written.units < 0, ["BP", "CP"].contains(discrepancy) || qualifier == 0x31_32 || qualifier == 0x32_31 {
            items[last].line.short = Self.sum(items[last].line.short, quantity)
        } else {
            tell("variance \(written)", last)
            reading.note(
                "variance-unclear", bytes, element: 1,
                "\(reading.segments.quoted(1, 1, bytes)) is a variance of a kind that is not mapped; it is told in the line's text")
        }
        let codes = [discrepancy, reason, reading.segments.text(3, 4, bytes)].filter { !$0.isEmpty }
        if !codes.isEmpty { tell(codes.joined(separator: " "), last) }
    }

    private mutating func tell(_ text: String, _ index: Int) {
        let old = items[index].line.text
        if (old?.utf8.count ?? 0) < 1024 { items[index].line.text = old.map { $0 + "; " + text } ?? text }
    }
}
