import Trade

/// 861 Receiving Advice/Acceptance Certificate, releases 003010 to 005010 (https://stedi.com/edi/x12-004010/861).
///
///     ST  BRA  CUR  REF*  PER*  DTM*  PRF*  TD1 TD3 TD4 TD5 …  N1 loop
///     RCD loop   RCD SN1 CUR LIN PID* PO4 REF* PER DTM* PRF* TD5 MAN LM N1 SLN …
///     CTT  SE
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number | BRA01 |
/// | date | DTM*050 (received) of the heading, else DTM*035 (delivered), else BRA02 |
/// | po | PRF01 of the heading, else REF*PO; else the one that all lines name |
/// | shipment | REF*SI (the shipper's number), else REF*BM, else REF*CN of the heading |
/// | lines | RCD 01 line, 02 received, 03 unit; LIN 02 and on the item; PRF01 or REF*PO below the line its order; PID05 the text |
/// | damaged, short, over | quantity in question and condition (412), RCD 06/08, 09/11, 12/14, 15/17, 18/20: 01; 02; 03 and 12 |
///
/// Received is RCD02 as written; if it is empty, what is stated in good condition (07). A quantity in question under another condition, one
/// without a condition, one in another unit than what was
/// received, and RCD04 (returned) have no number of their own: they stand in the line's text. BRA03 01, 04 and 05 take back, change and
/// replace the advices of the same number, by the dates in BRA02.
struct ReceivingAdvice861 {
    private var receipt: Receipt
    private var adviceDate: Day?
    private var receivedDate: Day?
    private var deliveredDate: Day?
    private var references: [UInt32: String] = [:]
    private var parties = GoodsParties()
    private var count = 0
    /// The open line has its description.
    private var isDescribed = false

    private init(_ set: Int) { receipt = Receipt(number: "", at: .segment(Tag.st, 1, set: set)) }

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var advice = ReceivingAdvice861(reading.set)
        var hasBeginning = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case Tag.bra:
                try reading.segments.split(bytes)
                hasBeginning = true
                advice.receipt.number = reading.documentNumber(1, bytes, "receipt number")
                advice.adviceDate = reading.day(2, bytes)
                advice.receipt.amends = Amendment(code: reading.segments.code(3, bytes))
            case Tag.rcd, Tag.lin, Tag.prf, Tag.ref, Tag.dtm, Tag.pid, Tag.po4, Tag.n1, Tag.ctt:
                try reading.segments.split(bytes)
                advice.read(tag, &reading, bytes)
            default: continue
            }
        }
        if !hasBeginning { reading.missing("BRA", "receipt number") }
        let document = advice.document(&reading)
        guard reading.settle(into: &sink) else { return }
        advice.parties.route(&reading, into: &sink)
        try sink.add(document)
    }

    private mutating func read(_ tag: UInt32, _ reading: inout Reading, _ bytes: RawSpan) {
        let last = receipt.lines.indices.last
        switch tag {
        case Tag.rcd: readLine(&reading, bytes)
        case Tag.lin:
            // RCD without a number of its own: LIN01
            guard let last else { return }
            receipt.lines[last].line = receipt.lines[last].line ?? reading.segments.text(1, bytes).nonEmpty
            if receipt.lines[last].item == nil {
                var item = ItemLine(at: receipt.lines[last].at, item: ItemNumber.read(reading.segments, bytes, from: 2))
                ItemNumber.readOthers(reading.segments, bytes, from: 2, into: &item)
                (receipt.lines[last].item, receipt.lines[last].aliases) = (item.item, item.aliases)
            }
        case Tag.prf: order(reading.segments.text(1, bytes).nonEmpty)
        case Tag.ref:
            let qualifier = reading.segments.code(1, bytes)
            if qualifier == 0x50_4F { order(reading.segments.text(2, bytes).nonEmpty) }  // PO
            guard last == nil else { return }
            parties.reference(reading.segments, bytes)
            if [0x53_49, 0x42_4D, 0x43_4E].contains(qualifier), references[qualifier] == nil {  // SI BM CN
                references[qualifier] = reading.segments.text(2, bytes).nonEmpty
            }
        case Tag.dtm where last == nil:
            let day = reading.days(bytes)?.from
            switch reading.segments.text(1, bytes) {
            case "050": receivedDate = receivedDate ?? day
            case "035": deliveredDate = deliveredDate ?? day
            default: return
            }
        case Tag.pid:
            guard let last, !isDescribed, let text = reading.segments.text(5, bytes).nonEmpty else { return }
            isDescribed = true
            // before what is in question
            receipt.lines[last].text = receipt.lines[last].text.map { text + "; " + $0 } ?? text
        case Tag.po4:
            if let last, receipt.lines[last].pack == nil { receipt.lines[last].pack = CasePack.read(reading.segments, bytes) }
        case Tag.n1 where last == nil: parties.name(reading.segments, bytes)
        case Tag.ctt: reading.compareCount([count], bytes)
        default: return
        }
    }

    private mutating func order(_ number: String?) {
        guard let number else { return }
        if let last = receipt.lines.indices.last {
            receipt.lines[last].po = receipt.lines[last].po ?? number
        } else {
            receipt.po = receipt.po ?? number
        }
    }

    private mutating func readLine(_ reading: inout Reading, _ bytes: RawSpan) {
        count += 1
        isDescribed = false
        guard reading.admitLine(receipt.lines.count) else { return }
        var line = Receipt.Line(at: .segment(Tag.rcd, count, set: reading.set))
        line.line = reading.segments.text(1, bytes).nonEmpty
        line.received = reading.quantity(2, bytes)
        line.unit = line.received == nil ? nil : reading.unit(3, bytes)
        let hasReceived = line.received != nil
        var words: [String] = []
        if let returned = reading.quantity(4, bytes), returned.units > 0 {
            words.append("returned " + ReceivingAdvice861.words(returned, reading.unit(5, bytes)))
        }
        for element in stride(from: 6, through: 18, by: 3) {
            let quantity = reading.quantity(element, bytes)
            let its = reading.unit(element + 1, bytes)
            let condition = reading.segments.text(element + 2, bytes)
            guard let quantity else {
                // 07 good condition says nothing of a quantity in question
                if !condition.isEmpty, condition != "07" { words.append("condition \(condition)") }
                continue
            }
            // what came in good condition is in RCD02 already
            if condition == "07", hasReceived { continue }
            let isSameUnit = line.unit == nil || its == nil || its == line.unit
            if condition == "07", isSameUnit, let sum = line.received.map({ $0.plus(quantity) }) ?? quantity {
                line.received = sum
                line.unit = line.unit ?? its
                reading.note(
                    "received-derived", bytes, element: element, "RCD02 is empty; what came in good condition (07) is taken as received")
                continue
            }
            if isSameUnit, line.count(quantity, under: condition) {
                line.unit = line.unit ?? its
            } else if quantity.units > 0 {
                words.append("condition \(condition.isEmpty ? "unstated" : condition): " + ReceivingAdvice861.words(quantity, its))
                reading.note(
                    "quantity-in-question", bytes, element: element,
                    isSameUnit
                        ? "condition \(condition.isEmpty ? "is not stated" : condition + " is none of damaged, short and over"); the quantity stands in the text"
                        : "the quantity in question is in another unit than what was received; it stands in the text")
            }
        }
        line.text = words.isEmpty ? nil : words.joined(separator: ", ")
        receipt.lines.append(line)
    }

    private static func words(_ quantity: ExactDecimal, _ unit: String?) -> String { quantity.description + (unit.map { " " + $0 } ?? "") }

    private func document(_ reading: inout Reading) -> WholeDocument {
        var receipt = receipt
        receipt.date = receivedDate ?? deliveredDate ?? adviceDate
        receipt.shipment = references[0x53_49] ?? references[0x42_4D] ?? references[0x43_4E]
        if receipt.po == nil, let first = receipt.lines.first?.po, receipt.lines.allSatisfy({ $0.po == first }) { receipt.po = first }
        if receipt.date != adviceDate { receipt.issued = adviceDate }
        return .receipt(receipt)
    }
}

extension Receipt.Line {
    /// Adds a quantity in question to what its condition (412) means; a sum that is too large is left to the text.
    /// - Returns: false if the condition is another.
    fileprivate mutating func count(_ quantity: ExactDecimal, under condition: String) -> Bool {
        let kind: WritableKeyPath<Receipt.Line, ExactDecimal?>
        switch condition {
        case "01": kind = \.damaged
        case "02": kind = \.short
        case "03", "12": kind = \.over
        default: return false
        }
        guard let before = self[keyPath: kind] else {
            self[keyPath: kind] = quantity
            return true
        }
        guard let sum = before.plus(quantity) else { return false }
        self[keyPath: kind] = sum
        return true
    }
}

extension ExactDecimal {
    /// The exact sum; nil when out of range.
    fileprivate func plus(_ other: ExactDecimal) -> ExactDecimal? {
        let scale = max(self.scale, other.scale)
        guard let a = minorUnits(exponent: scale), let b = other.minorUnits(exponent: scale) else { return nil }
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? nil : ExactDecimal(units: sum, scale: scale)
    }
}
