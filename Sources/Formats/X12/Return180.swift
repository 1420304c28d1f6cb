import Trade

/// 180 Return Merchandise Authorization and Notification, releases 003030 to 005010 (https://stedi.com/edi/x12-004010/180).
///
///     ST  BGN  RDR  PRF  DTM*  N9*  PER*  SAC*  …  N1 loop
///     BLI loop   BLI N9* PID* RDR* SAC AMT PRF DTM* … QTY loop
///     SE
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number, notified | BGN02, BGN03 |
/// | status | RDR01 (1292): RA authorised, RD denied, DI dispose, KA keep with allowance, CR credit … |
/// | reason | RDR02 (1293), else RDR03 in words; of the heading, else of the lines: each once, with a comma between |
/// | shipped | DTM 011, else 324 (returned) |
/// | received | DTM 050, else 035 |
/// | po, invoice | PRF01, else REF or N9*PO; REF or N9*IV; of the heading, else those that all lines share |
/// | currency | CUR02 |
/// | lines | BLI 01/02 and 08 on the item, 03 quantity, 04 unit, 06 price; PID05 the text |
/// | total | Σ quantity × price, each rounded to the minor unit, if every line has both in the same unit (BLI04, BLI07) |
///
/// The number of the return is BGN02; an authorisation number (RZ) that differs from it is noted. SAC and AMT are not read. BGN01 01 takes a
/// return back: it is kept as `other`.
struct Return180 {
    private var number = ""
    private var notified: Day?
    private var purpose = ""
    private var currency: Currency?
    private var heading = Details()
    private var details = Details()
    /// What all lines so far have in common; nil before the first.
    private var common: Details?
    private var reasons: [String] = []
    private var statuses: [String] = []
    private var shipped: Day?
    private var returned: Day?
    private var received: Day?
    private var delivered: Day?
    private var parties = GoodsParties()
    private var lines: [ItemLine] = []
    /// Every line has quantity and price in the same unit.
    private var isPriced = true

    /// What the heading and each line may name.
    private struct Details {
        var po: String?
        var invoice: String?
    }

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var goods = Return180()
        var hasBeginning = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case Tag.bgn:
                try reading.segments.split(bytes)
                hasBeginning = true
                goods.number = reading.documentNumber(2, bytes, "number of the return")
                goods.notified = reading.day(3, bytes)
                goods.purpose = reading.segments.text(1, bytes)
            case Tag.rdr, Tag.prf, Tag.dtm, Tag.n9, Tag.ref, Tag.cur, Tag.n1, Tag.bli, Tag.pid:
                try reading.segments.split(bytes)
                goods.read(tag, &reading, bytes)
            default: continue
            }
        }
        if !hasBeginning { reading.missing("BGN", "number") }
        goods.closeLine()
        let document = goods.document(&reading)
        guard reading.settle(into: &sink) else { return }
        goods.parties.route(&reading, into: &sink)
        try sink.add(document)
    }

    private mutating func read(_ tag: UInt32, _ reading: inout Reading, _ bytes: RawSpan) {
        switch tag {
        case Tag.rdr:
            keep(reading.segments.text(1, bytes).nonEmpty, in: &statuses)
            keep(reading.segments.text(2, bytes).nonEmpty ?? reading.segments.text(3, bytes).nonEmpty, in: &reasons)
        case Tag.prf: details.po = details.po ?? reading.segments.text(1, bytes).nonEmpty
        case Tag.dtm: readDay(&reading, bytes)
        case Tag.n9, Tag.ref:
            let text = reading.segments.text(2, bytes).nonEmpty
            switch reading.segments.code(1, bytes) {
            case 0x50_4F: details.po = details.po ?? text  // PO
            case 0x49_56: details.invoice = details.invoice ?? text  // IV
            case 0x52_5A:  // RZ
                if let text, text != number {
                    reading.note(
                        "authorisation-number", bytes, element: 2,
                        "the authorisation number is \(reading.segments.quoted(2, bytes)); the return goes by BGN02, \(Text.quote(Array(number.utf8)))"
                    )
                }
            default: parties.reference(reading.segments, bytes)
            }
        case Tag.cur where lines.isEmpty: currency = reading.currency(currency, bytes)
        case Tag.n1 where lines.isEmpty: parties.name(reading.segments, bytes)
        case Tag.bli: readLine(&reading, bytes)
        case Tag.pid:
            if let last = lines.indices.last, lines[last].text == nil { lines[last].text = reading.segments.text(5, bytes).nonEmpty }
        default: return
        }
    }

    private func keep(_ text: String?, in list: inout [String]) {
        if let text, list.count < Bounds.idsPerSet, !list.contains(text) { list.append(text) }
    }

    private mutating func readDay(_ reading: inout Reading, _ bytes: RawSpan) {
        let day = reading.days(bytes)?.from
        switch reading.segments.text(1, bytes) {
        case "011": shipped = shipped ?? day
        case "324": returned = returned ?? day
        case "050": received = received ?? day
        case "035": delivered = delivered ?? day
        default: return
        }
    }

    private mutating func readLine(_ reading: inout Reading, _ bytes: RawSpan) {
        closeLine()
        guard reading.admitLine(lines.count) else { return }
        var line = ItemLine(at: .segment(Tag.bli, lines.count + 1, set: reading.set))
        line.item = ItemNumber.read(reading.segments, bytes, from: 8, ahead: 1)
        ItemNumber.readOthers(reading.segments, bytes, from: 8, ahead: 1, into: &line)
        line.quantity = reading.quantity(3, bytes)
        line.unit = reading.unit(4, bytes)
        line.unitPrice = reading.quantity(6, bytes)
        let priceUnit = reading.unit(7, bytes)
        isPriced = isPriced && line.quantity != nil && line.unitPrice != nil && (priceUnit == nil || priceUnit == line.unit)
        lines.append(line)
    }

    /// Ends the heading or a line: what stands below belongs to the next one.
    private mutating func closeLine() {
        if lines.isEmpty {
            heading = details
        } else if let before = common {
            common = Details(
                po: before.po == details.po ? before.po : nil, invoice: before.invoice == details.invoice ? before.invoice : nil)
        } else {
            common = details
        }
        details = Details()
    }

    private func document(_ reading: inout Reading) -> WholeDocument {
        if purpose == "01" { return reading.cancellation(number, notified, "return") }
        let at = Location.segment(Tag.st, 1, set: reading.set)
        let currency = self.currency ?? reading.assumedCurrency()
        return .goodsReturn(
            GoodsReturn(
                number: number, currency: currency, at: at, notified: notified, shipped: shipped ?? returned,
                received: received ?? delivered, reason: reasons.isEmpty ? nil : reasons.joined(separator: ", "),
                status: statuses.isEmpty ? nil : statuses.joined(separator: ", "), total: total(currency, at, &reading),
                po: heading.po ?? common?.po, invoice: heading.invoice ?? common?.invoice, lines: lines))
    }

    private func total(_ currency: Currency, _ at: Location, _ reading: inout Reading) -> Int64? {
        guard isPriced, !lines.isEmpty, currency != .unstated else { return nil }
        var sum: Int64 = 0
        for line in lines {
            guard let quantity = line.quantity, let price = line.unitPrice,
                let amount = quantity.amount(at: price, exponent: currency.exponent), let next = try? sum.plus(amount)
            else {
                reading.note("no-total", line.at, "quantity and price multiply to more than an amount of money; the return has no total")
                return nil
            }
            sum = next
        }
        return sum
    }
}
