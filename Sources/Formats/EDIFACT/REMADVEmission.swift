import Trade

/// The second pass over a REMADV that was found to be right: hands the lines to the sink, in batches.
struct EmissionREMADV {
    private let advice: Int
    private let currency: Currency
    private let billed: Currency
    private let exponent: Int
    private let headingRate: ExactDecimal?
    private let rule: REMADV.Rule
    private let isRejection: Bool
    private let end: RemittanceEnd

    /// The buffer that the sink borrows. Its lines are overwritten in place, so that a line costs no allocation and no copy;
    /// `used` of them are current.
    var batch: [RemittanceLine] = []
    private var used = 0
    private var amounts = AmountsREMADV()
    /// What MOA+5 says of each adjustment of the current line.
    private var stated: [Int64?] = []
    /// The amount due in words, where it is in another currency than the payment, and the rate.
    private var foreign = ""
    private var rate: ExactDecimal?
    private var hasDate = false
    private var isOpen = false
    private var loop = Loop.summary
    private var doc = 0
    private var odd = 0

    private enum Loop { case line, adjustment, inner, summary }

    init(_ check: CheckREMADV, advice: Int) {
        self.advice = advice
        currency = check.heading.currency
        billed = check.heading.billed
        exponent = currency.exponent
        headingRate = check.heading.rate
        rule = check.rule
        isRejection = check.isRejection
        end = RemittanceEnd(adjustments: check.adjustments, footing: check.footing)
    }

    mutating func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        batch.reserveCapacity(Bounds.batch)
        while try reading.segments.next(bytes), reading.segments.tag != MessageTag.unt {
            switch reading.segments.tag {
            case MessageTag.doc:
                closeLine(&reading, into: &sink)
                if used == Bounds.batch { try flush(into: &sink) }
                try reading.segments.split(bytes)
                openLine(&reading.segments, bytes, message: reading.message)
            case MessageTag.moa:
                guard loop == .line || loop == .adjustment else { continue }
                try reading.segments.split(bytes)
                readAmount(&reading.segments, bytes)
            case MessageTag.dtm:
                guard loop == .line, !hasDate, isOpen else { continue }
                if let pair = reading.segments.pair(bytes), Self.isDate(pair.code), let day = reading.segments.fullDay(pair, bytes) {
                    batch[used - 1].date = day
                    hasDate = true
                    continue
                }
                try reading.segments.split(bytes)
                readDate(&reading, bytes, into: &sink)
            case MessageTag.rff:
                guard loop == .line || loop == .adjustment else { continue }
                if loop == .line, used > 0, let pair = reading.segments.pair(bytes), Self.names(pair.code),
                    reading.segments.isTrimmed(pair, bytes)
                {
                    Self.name(&batch[used - 1], pair.code, Text.decode(bytes, pair.start, pair.end))
                    continue
                }
                try reading.segments.split(bytes)
                readReference(&reading.segments, bytes)
            case MessageTag.ajt:
                guard isOpen, loop != .summary else { continue }
                if loop == .inner {
                    // of an item (DLI): its amounts and reasons are contained in the line's
                    continue
                }
                try reading.segments.split(bytes)
                openAdjustment(&reading.segments, bytes, message: reading.message)
            case MessageTag.ftx:
                guard isOpen, loop != .summary else { continue }
                try reading.segments.split(bytes)
                readText(&reading.segments, bytes)
            case MessageTag.cux where loop == .line:
                try reading.segments.split(bytes)
                readRate(reading, bytes)
            case MessageTag.dli, MessageTag.tax: if isOpen, loop != .summary { loop = .inner }
            case MessageTag.inp: if isOpen, loop != .summary { loop = .line }
            case MessageTag.uns: loop = .summary
            default: continue
            }
        }
        closeLine(&reading, into: &sink)
        try finish(into: &sink)
    }

    mutating func finish<Sink: DocumentSink>(into sink: inout Sink) throws(ReadFailure) {
        try flush(into: &sink)
        try sink.end(advice, end)
    }

    private mutating func flush<Sink: DocumentSink>(into sink: inout Sink) throws(ReadFailure) {
        guard used > 0 else { return }
        defer { used = 0 }
        // the last batch of a message: a copy, since the buffer's other lines will be used again
        try used < batch.count ? sink.append(Array(batch[..<used]), to: advice) : sink.append(batch, to: advice)
    }

    // MARK: A line

    private mutating func openLine(_ segments: inout MessageSegments, _ bytes: RawSpan, message: Int) {
        doc &+= 1
        loop = .line
        isOpen = true
        hasDate = false
        var kind = (type: ReferenceType.invoice, side: REMADV.Side.plain)
        let reference: String
        if let line = segments.coded(bytes), line.code == REMADV.commercialInvoice, segments.isTrimmed(line, bytes) {
            reference = Text.decode(bytes, line.start, line.end)
        } else {
            kind = REMADV.kind(segments.code(1, 1, bytes))
            reference = segments.text(2, 1, bytes)
        }
        amounts = AmountsREMADV(side: kind.side)
        if !stated.isEmpty { stated.removeAll(keepingCapacity: true) }
        if !foreign.isEmpty { foreign = "" }
        rate = headingRate
        let at = Location(scheme: .message, set: Int32(clamping: message), tag: MessageTag.doc, index: Int32(clamping: doc))
        if used == batch.count { batch.append(RemittanceLine(reference: "", referenceType: .other, net: 0, at: at)) }
        Self.clear(&batch[used], reference, kind.type, at)
        used &+= 1
    }

    /// Static, as is all that changes a line, so that nothing else holds the batch meanwhile.
    @inline(__always)
    private static func clear(_ line: inout RemittanceLine, _ reference: String, _ type: ReferenceType, _ at: Location) {
        line.reference = reference
        line.referenceType = type
        line.at = at
        line.date = nil
        // most never were anything else, which is quicker to see than to release
        if line.po != nil { line.po = nil }
        if line.invoice != nil { line.invoice = nil }
        if line.text != nil { line.text = nil }
        if !line.adjustments.isEmpty { line.adjustments = [] }
    }

    /// The amounts are signed once the line is whole.
    private mutating func closeLine<Sink: DocumentSink>(_ reading: inout MessageReading, into sink: inout Sink) {
        guard isOpen else { return }
        isOpen = false
        let isUnclear = Self.settle(&batch[used - 1], amounts, rule, stated, foreign, rate)
        // its reasons stay, and are no deductions
        if isRejection { for index in batch[used - 1].adjustments.indices { batch[used - 1].adjustments[index].amount = 0 } }
        guard isUnclear, !isRejection else { return }
        odd += 1
        guard odd <= Bounds.notesPerCode else { return }
        reading.remarks.note(
            "adjustment-unclear", batch[used - 1].at,
            "the line gives several reasons whose amounts do not come to what is short; all of it is put to the first", into: &sink)
    }

    /// - Returns: true if the split of what is short among several reasons is not known.
    @inline(__always)
    private static func settle(
        _ line: inout RemittanceLine, _ amounts: AmountsREMADV, _ rule: REMADV.Rule, _ stated: [Int64?], _ foreign: String,
        _ rate: ExactDecimal?
    ) -> Bool {
        let side = amounts.side
        let expected = amounts.isForeign ? nil : amounts.expected
        line.net = rule.signed(amounts.remitted ?? (rule.countsDue ? expected ?? 0 : 0), side)
        guard !amounts.isForeign else {
            line.gross = nil
            line.discount = nil
            if !foreign.isEmpty {
                let due = rate.map { "\(foreign) at \($0)" } ?? foreign
                line.text = line.text.map { due + "; " + $0 } ?? due
            }
            return false
        }
        line.gross = amounts.due.map { rule.signed($0, side) }
        line.discount = nil
        if let discount = amounts.discount {
            // written without or with a sign: it makes the amount due, or where that is not stated what is remitted, smaller
            line.discount = (line.gross ?? line.net) < 0 ? -abs(discount) : abs(discount)
            if side == .plain, let gross = line.gross, gross &- discount == line.net { line.discount = discount }
        }
        guard !line.adjustments.isEmpty, let gross = line.gross else { return false }
        return split(line.net &- (gross &- (line.discount ?? 0)), stated, &line)
    }

    /// What is short, among the reasons: all to the only one; as MOA+5 says where that comes to exactly this; else all to the first.
    private static func split(_ short: Int64, _ stated: [Int64?], _ line: inout RemittanceLine) -> Bool {
        if line.adjustments.count > 1, !stated.contains(where: { $0 == nil }) {
            let sum = stated.reduce(Int128(0)) { $0 + Int128($1 ?? 0) }
            for sign in [1, -1] as [Int64] where Int128(sign) * sum == Int128(short) {
                for index in stated.indices { line.adjustments[index].amount = sign * (stated[index] ?? 0) }
                return false
            }
        }
        line.adjustments[0].amount = short
        return line.adjustments.count > 1 && short != 0
    }

    // MARK: What stands under it

    private mutating func readAmount(_ segments: inout MessageSegments, _ bytes: RawSpan) {
        guard loop == .line else {
            // 5 adjusted amount: for information only
            guard !stated.isEmpty, segments.code(1, 1, bytes) == 0x35 else { return }
            if case .value(let amount) = segments.amount(1, 2, bytes, exponent: currency.exponent) { stated[stated.count - 1] = amount }
            return
        }
        guard case .foreign = CheckREMADV.read(&amounts, &segments, bytes, currency, billed, exponent: exponent) else { return }
        guard segments.code(1, 1, bytes) == 0x39 else { return }
        let code = segments.text(1, 3, bytes).nonEmpty ?? billed.code
        foreign = "due \(segments.text(1, 2, bytes)) \(code)"
    }

    private mutating func readRate(_ reading: borrowing MessageReading, _ bytes: RawSpan) {
        var wrong = 0
        guard let found = CurrenciesREMADV(reading, bytes, wrong: &wrong), let billed = found.billed, billed != currency else { return }
        // the due amount stands before its currency: it is foreign after all
        if !amounts.isForeign, let due = amounts.due { foreign = "due \(Money.decimal(due, exponent: currency.exponent)) \(billed)" }
        amounts.isForeign = true
        rate = found.rate ?? rate
    }

    /// 137 document, 3 invoice, 171 reference date.
    @inline(__always)
    private static func isDate(_ qualifier: UInt32) -> Bool { qualifier == 0x31_33_37 || qualifier == 0x33 || qualifier == 0x31_37_31 }

    private mutating func readDate<Sink: DocumentSink>(_ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink) {
        guard Self.isDate(reading.segments.code(1, 1, bytes)) else { return }
        if let day = reading.segments.day(1, 2, bytes) {
            batch[used - 1].date = day
            hasDate = true
        } else if !reading.segments.isEmpty(1, 2, bytes) {
            odd += 1
            guard odd <= Bounds.notesPerCode else { return }
            reading.remarks.note(
                "impossible-date", reading.place(bytes, element: 1),
                "\(reading.segments.quoted(1, 2, bytes)) is not a date; it is left out", into: &sink)
        }
    }

    private mutating func readReference(_ segments: inout MessageSegments, _ bytes: RawSpan) {
        let last = used - 1
        guard isOpen, last >= 0 else { return }
        guard loop == .line else {
            if let index = batch[last].adjustments.indices.last, batch[last].adjustments[index].reference == nil {
                batch[last].adjustments[index].reference = segments.text(1, 2, bytes).nonEmpty
            }
            return
        }
        let qualifier = segments.code(1, 1, bytes)
        if Self.names(qualifier), let text = segments.text(1, 2, bytes).nonEmpty { Self.name(&batch[last], qualifier, text) }
    }

    /// Whether a RFF under DOC with this qualifier is kept: ON, IV.
    @inline(__always)
    private static func names(_ qualifier: UInt32) -> Bool { qualifier == 0x4F_4E || qualifier == 0x49_56 }

    @inline(__always)
    private static func name(_ line: inout RemittanceLine, _ qualifier: UInt32, _ text: String) {
        if qualifier == 0x4F_4E {
            if line.po == nil { line.po = text }
        } else if line.invoice == nil, text != line.reference {
            line.invoice = text
        }
    }

    private mutating func openAdjustment(_ segments: inout MessageSegments, _ bytes: RawSpan, message: Int) {
        loop = .adjustment
        let last = used - 1
        guard batch[last].adjustments.count < Bounds.idsPerSet else { return }
        batch[last].adjustments.append(
            Adjustment(amount: 0, code: segments.text(1, 1, bytes).nonEmpty, list: .edifact, at: batch[last].at))
        stated.append(nil)
    }

    /// FTX: 4451, 4453, C107, C108 text.
    private mutating func readText(_ segments: inout MessageSegments, _ bytes: RawSpan) {
        guard loop != .inner else { return }
        let text = (1...5).compactMap { segments.text(4, $0, bytes).nonEmpty }.joined(separator: " ")
        guard !text.isEmpty else { return }
        func joined(_ old: String?) -> String { old.map { $0.utf8.count > 1024 ? $0 : $0 + " " + text } ?? text }
        let last = used - 1
        if loop == .adjustment, let index = batch[last].adjustments.indices.last {
            batch[last].adjustments[index].text = joined(batch[last].adjustments[index].text)
        } else {
            batch[last].text = joined(batch[last].text)
        }
    }
}
