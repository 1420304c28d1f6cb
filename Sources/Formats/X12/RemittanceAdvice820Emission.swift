import Trade

/// The second pass over an 820 that was found to be right: hands the lines to the sink, in batches.
struct Emission820 {
    private let advice: Int
    private let currency: Currency
    private var exponent: Int
    /// Nil where every line is in the payment's currency.
    private var currencies: LineCurrencies?
    private var lineCurrency: Currency?
    private let rule: AdjustmentRule
    private let footing: Int64?

    /// The buffer that the sink borrows. Its lines are overwritten in place, so that a line costs no allocation and no copy;
    /// `used` of them are current.
    var batch: [RemittanceLine] = []
    private var used = 0
    private var document: [Adjustment] = []
    /// RMR04 of the current line.
    private var paid: Int64 = 0
    /// The current line, where its ADX may only explain it, and Σ of them as written.
    private var explainable: RemittanceAdvice820.Amounts?
    private var lineAdjustments: Int64 = 0
    private var hasInvoiceDate = false
    private var loop = Loop.entity
    private var rmr = 0
    private var adx = 0
    private var oddDates = 0
    private var set: Int32 = 0

    private enum Loop { case entity, line, item, lineAdjustment, documentAdjustment }

    init(_ check: Check820, advice: Int) {
        self.advice = advice
        currency = check.heading.currency ?? .unstated
        exponent = currency.exponent
        currencies = check.currencies
        rule = check.rule
        footing = check.footing
    }

    mutating func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        set = Int32(clamping: reading.set)
        batch.reserveCapacity(Bounds.batch)
        while try reading.segments.next(bytes), reading.segments.tag != Tag.se {
            switch reading.segments.tag {
            case Tag.rmr:
                closeLine()
                if used == Bounds.batch { try flush(into: &sink) }
                if let currencies { try enterLine(currencies.line(reading.segments, bytes)) }
                if isPlain, exponent == 2, let plain = reading.segments.plainLine(bytes) {
                    readLine(plain, bytes)
                    continue
                }
                try reading.segments.split(bytes)
                readLine(&reading.segments, bytes)
            case Tag.ref:
                guard loop == .line || loop == .lineAdjustment || loop == .documentAdjustment else { continue }
                if loop == .line, used > 0, let reference = reading.segments.qualified(bytes), Self.names(reference.code) {
                    Self.name(&batch[used - 1], reference.code, Text.decode(bytes, reference.from, reference.to))
                    continue
                }
                try reading.segments.split(bytes)
                readReference(&reading.segments, bytes)
            case Tag.dtm:
                guard loop == .line else { continue }
                if let date = reading.segments.qualified(bytes), isDate(date.code),
                    let day = reading.segments.day(bytes, date.from, date.to)
                {
                    take(day, date.code)
                    continue
                }
                try reading.segments.split(bytes)
                readDate(&reading, bytes, into: &sink)
            case Tag.nte:
                try reading.segments.split(bytes)
                readText(&reading.segments, bytes)
            case Tag.adx:
                try reading.segments.split(bytes)
                readAdjustment(&reading.segments, bytes)
            case Tag.it1: if loop == .line || loop == .lineAdjustment { loop = .item }
            case Tag.ent:
                loop = .entity
                currencies?.openEntity()
            case Tag.cur where currencies != nil && loop == .entity:
                try reading.segments.split(bytes)
                if let currency = Currency(code: reading.segments.text(2, bytes)) { currencies?.take(entity: currency) }
            default: continue
            }
        }
        closeLine()
        try finish(into: &sink)
    }

    mutating func finish<Sink: DocumentSink>(into sink: inout Sink) throws(ReadFailure) {
        try flush(into: &sink)
        try sink.end(advice, RemittanceEnd(adjustments: document, footing: footing))
    }

    private mutating func flush<Sink: DocumentSink>(into sink: inout Sink) throws(ReadFailure) {
        guard used > 0 else { return }
        defer { used = 0 }
        // the last batch of a set: a copy, since the buffer's other lines will be used again
        try used < batch.count ? sink.append(Array(batch[..<used]), to: advice) : sink.append(batch, to: advice)
    }

    private mutating func enterLine(_ currency: Currency) {
        lineCurrency = currency == self.currency ? nil : currency
        exponent = currency.exponent
    }

    /// Whether a line's amounts are what is written, whatever its qualifier.
    @inline(__always)
    private var isPlain: Bool { !rule.turnsCredits && !rule.explainsLines }

    private mutating func readLine(_ plain: Segments.PlainLine, _ bytes: RawSpan) {
        paid = plain.net
        let type = plain.code == RemittanceAdvice820.invoice ? .invoice : RemittanceAdvice820.type(plain.code)
        let (last, at) = openLine()
        Self.fill(&batch[last], Text.decode(bytes, plain.from, plain.to), type, RemittanceAdvice820.Amounts(plain), at)
        if currencies != nil { batch[last].currency = lineCurrency }
    }

    /// - Returns: the place of a new line in the batch, and in the file.
    @inline(__always)
    private mutating func openLine() -> (Int, Location) {
        rmr &+= 1
        loop = .line
        hasInvoiceDate = false
        let at = Location(scheme: .segment, set: set, tag: Tag.rmr, index: Int32(clamping: rmr))
        if used == batch.count { batch.append(RemittanceLine(reference: "", referenceType: .other, net: 0, at: at)) }
        used &+= 1
        return (used &- 1, at)
    }

    private mutating func readLine(_ segments: inout Segments, _ bytes: RawSpan) {
        var wrong = 0
        guard var amounts = RemittanceAdvice820.amounts(&segments, bytes, exponent: exponent, wrong: &wrong) else { return }
        paid = amounts.net
        if !isPlain {
            if !RemittanceAdvice820.isPositiveCredit(amounts.net, segments.code(1, bytes)) {
                if rule.explainsLines, lineCurrency == nil { explainable = amounts }
            } else if rule.turnsCredits {
                amounts = amounts.negated
            }
        }
        let (last, at) = openLine()
        Self.fill(&batch[last], segments.text(2, bytes), RemittanceAdvice820.type(segments.code(1, bytes)), amounts, at)
        if let adjustment = amounts.adjustment {
            batch[last].adjustments = [Adjustment(amount: adjustment, code: segments.text(7, bytes).nonEmpty, at: at.element(8))]
        }
        if currencies != nil { batch[last].currency = lineCurrency }
    }

    /// Takes back what ADX segments did to the line before, if they only say why RMR04 is what it is.
    private mutating func closeLine() {
        guard let amounts = explainable else { return }
        explainable = nil
        let sign = RemittanceAdvice820.explanation(of: amounts, by: lineAdjustments)
        lineAdjustments = 0
        guard sign != 0, used > 0 else { return }
        let last = used - 1
        batch[last].net = amounts.net
        // RMR08 says the same once more
        if amounts.adjustment != nil { batch[last].adjustments.removeFirst() }
        guard sign != rule.sign else { return }
        for index in batch[last].adjustments.indices { batch[last].adjustments[index].amount.negate() }
    }

    @inline(__always)
    private static func fill(
        _ line: inout RemittanceLine, _ reference: String, _ type: ReferenceType, _ amounts: RemittanceAdvice820.Amounts, _ at: Location
    ) {
        line.reference = reference
        line.referenceType = type
        line.net = amounts.net
        line.gross = amounts.gross
        line.discount = amounts.discount
        line.at = at
        line.currency = nil
        line.date = nil
        // most never were anything else, which is quicker to see than to release
        if line.po != nil { line.po = nil }
        if line.invoice != nil { line.invoice = nil }
        if line.returnNumber != nil { line.returnNumber = nil }
        if line.text != nil { line.text = nil }
        if !line.adjustments.isEmpty { line.adjustments = [] }
    }

    private mutating func readReference(_ segments: inout Segments, _ bytes: RawSpan) {
        let last = used - 1
        switch loop {
        case .line:
            let code = segments.code(1, bytes)
            guard last >= 0, Self.names(code), let text = segments.text(2, bytes).nonEmpty else { return }
            Self.name(&batch[last], code, text)
        case .lineAdjustment:
            guard last >= 0, let index = batch[last].adjustments.indices.last else { return }
            if batch[last].adjustments[index].reference == nil {
                batch[last].adjustments[index].reference = adjusted(&segments, bytes)
            }
        case .documentAdjustment:
            guard let index = document.indices.last, document[index].reference == nil else { return }
            document[index].reference = adjusted(&segments, bytes)
        case .entity, .item: return
        }
    }

    /// Whether a REF under RMR with this qualifier is kept: PO, IV, OI, RZ.
    @inline(__always)
    private static func names(_ qualifier: UInt32) -> Bool {
        qualifier == 0x50_4F || qualifier == 0x49_56 || qualifier == 0x4F_49 || qualifier == 0x52_5A
    }

    /// Static, as is `fill`, so that nothing else holds the batch while a line of it is changed.
    @inline(__always)
    private static func name(_ line: inout RemittanceLine, _ qualifier: UInt32, _ text: String) {
        switch qualifier {
        case 0x50_4F: if line.po == nil { line.po = text }  // PO
        case 0x52_5A: if line.returnNumber == nil { line.returnNumber = text }  // RZ
        default: if line.invoice == nil, text != line.reference { line.invoice = text }  // IV, OI
        }
    }

    /// A REF under ADX that names what was adjusted: a memo, invoice, order or return.
    private func adjusted(_ segments: inout Segments, _ bytes: RawSpan) -> String? {
        RemittanceAdvice820.type(segments.code(1, bytes)) == .other ? nil : segments.text(2, bytes).nonEmpty
    }

    private mutating func readDate<Sink: DocumentSink>(_ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink) {
        let qualifier = reading.segments.code(1, bytes)
        guard isDate(qualifier) else { return }
        if let day = reading.segments.day(2, bytes) {
            take(day, qualifier)
        } else if !reading.segments.isEmpty(2, bytes) {
            oddDates += 1
            guard oddDates <= Bounds.notesPerCode else { return }
            reading.note(
                "impossible-date", reading.place(bytes, element: 2),
                "\(reading.segments.quoted(2, bytes)) is not a date; it is left out", into: &sink)
        }
    }

    /// 003 invoice date, 999 document date; the first 003 counts, else the first 999.
    @inline(__always)
    private func isDate(_ qualifier: UInt32) -> Bool {
        used > 0 && !hasInvoiceDate && (qualifier == 0x30_30_33 || qualifier == 0x39_39_39)
    }

    @inline(__always)
    private mutating func take(_ day: Day, _ qualifier: UInt32) {
        if qualifier == 0x30_30_33 || batch[used - 1].date == nil { batch[used - 1].date = day }
        hasInvoiceDate = qualifier == 0x30_30_33
    }

    private mutating func readText(_ segments: inout Segments, _ bytes: RawSpan) {
        guard let text = segments.text(2, bytes).nonEmpty else { return }
        func joined(_ old: String?) -> String { old.map { $0 + " " + text } ?? text }
        let last = used - 1
        switch loop {
        case .line:
            guard last >= 0 else { return }
            batch[last].text = joined(batch[last].text)
        case .lineAdjustment:
            guard last >= 0, let index = batch[last].adjustments.indices.last else { return }
            batch[last].adjustments[index].text = joined(batch[last].adjustments[index].text)
        case .documentAdjustment:
            guard let index = document.indices.last else { return }
            document[index].text = joined(document[index].text)
        case .entity, .item: return
        }
    }

    private mutating func readAdjustment(_ segments: inout Segments, _ bytes: RawSpan) {
        adx &+= 1
        let last = used - 1
        let isOfLine = last >= 0 && loop != .entity && loop != .documentAdjustment
        let exponent = isOfLine ? exponent : currency.exponent
        guard case .value(let written) = segments.amount(1, bytes, exponent: exponent) else { return }
        if isOfLine, !rule.countsRepeats, RemittanceAdvice820.repeats(written, segments.code(2, bytes), of: paid) {
            loop = .item
            return
        }
        let adjustment = Adjustment(
            amount: rule.sign * written, code: segments.text(2, bytes).nonEmpty, reference: segments.text(4, bytes).nonEmpty,
            at: Location(scheme: .segment, set: set, tag: Tag.adx, index: Int32(clamping: adx)))
        if isOfLine {
            loop = .lineAdjustment
            batch[last].adjustments.append(adjustment)
            batch[last].net += adjustment.amount
            if explainable != nil { lineAdjustments += written }
        } else {
            loop = .documentAdjustment
            document.append(adjustment)
        }
    }
}
