import Trade

/// 824 Application Advice, releases 003030 to 005010 (https://stedi.com/edi/x12-004010/824).
///
///     ST  BGN
///     N1 loop    N1 N2 N3 N4 REF PER
///     OTI loop   OTI REF* DTM* PER* AMT* QTY* NM1
///       TED loop   TED CTX NTE* RED
///       LM loop    LM LQ
///     SE
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number, date | BGN02, BGN03 |
/// | a subject | OTI: 01 outcome, 03 reference, 08/09 control numbers, 10 set |
/// | its reasons | TED: 01 code, 02 text, 03/04/05 place, 07 what stood there; NTE02; LQ |
///
/// OTI01 (element 110): the first letter says what is meant (T set, I item, G group, B batch), the second what became of it: A accepted, C
/// accepted with changes, E accepted with errors, P in part, R rejected. Where OTI02 is no invoice number and a REF*IV follows, that is the
/// reference: people look for the invoice.
struct ApplicationAdvice824 {
    private var number: String?
    private var date: Day?
    private var hasBeginning = false
    private var subjects: [Answer.Subject] = []
    /// OTI02 of the current subject is IV.
    private var isInvoice = false
    /// The TED whose text NTE continues.
    private var hasFault = false

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var advice = ApplicationAdvice824()
        try advice.readSegments(&reading, bytes)
        let at = Location.segment(Tag.st, 1, set: reading.set)
        if !advice.hasBeginning { reading.problem(at: at, byte: reading.start, "the 824 has no BGN segment") }
        if advice.subjects.isEmpty { reading.problem(at: at, byte: reading.start, "the 824 has no OTI segment: it answers nothing") }
        guard reading.settle(into: &sink) else { return }
        try sink.add(
            .answer(
                Answer(
                    typeName: X12.name + "/824", outcome: Answer.worst(advice.subjects), at: at, number: advice.number, date: advice.date,
                    subjects: advice.subjects)))
    }

    private mutating func readSegments(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case Tag.bgn, Tag.oti, Tag.ref, Tag.ted, Tag.nte, Tag.lq: try reading.segments.split(bytes)
            default: continue
            }
            switch tag {
            case Tag.bgn where !hasBeginning:
                hasBeginning = true
                number = reading.segments.text(2, bytes).nonEmpty
                date = reading.day(3, bytes)
            case Tag.oti: openSubject(&reading, bytes)
            case Tag.ref:
                if let last = subjects.indices.last, !isInvoice, reading.segments.code(1, bytes) == 0x49_56,  // IV
                    let invoice = reading.segments.text(2, bytes).nonEmpty
                {
                    subjects[last].reference = invoice
                    isInvoice = true
                }
            case Tag.ted: addFault(reading.segments, bytes)
            case Tag.nte: if let text = reading.segments.text(2, bytes).nonEmpty { addText(text) }
            case Tag.lq:
                if let code = reading.segments.text(2, bytes).nonEmpty { add("LQ \(reading.segments.text(1, bytes)) \(code)") }
            default: continue
            }
        }
    }

    private mutating func openSubject(_ reading: inout Reading, _ bytes: RawSpan) {
        guard subjects.count < Bounds.answers else {
            reading.problem(
                at: .segment(Tag.oti, subjects.count + 1, set: reading.set), byte: reading.segments.start, kind: .tooLarge,
                "the advice answers more than \(Bounds.answers) documents")
            return
        }
        hasFault = false
        isInvoice = reading.segments.code(2, bytes) == 0x49_56
        subjects.append(
            Answer.Subject(
                outcome: outcome(&reading, bytes), at: .segment(Tag.oti, subjects.count + 1, set: reading.set),
                type: reading.segments.text(10, bytes).nonEmpty,
                set: reading.segments.text(9, bytes).nonEmpty, group: reading.segments.text(8, bytes).nonEmpty,
                reference: reading.segments.text(3, bytes).nonEmpty))
    }

    private func outcome(_ reading: inout Reading, _ bytes: RawSpan) -> Answer.Outcome {
        let code = reading.segments.text(1, bytes)
        if code.utf8.count == 2, let kind = code.utf8.first, [84, 73, 71, 66].contains(kind) {  // T I G B
            switch code.utf8.last {
            case 65, 67, 69: return .accepted  // A C E
            case 80: return .partial  // P
            case 82: return .rejected  // R
            default: break
            }
        }
        reading.note(
            "unknown-outcome", bytes, element: 1,
            "\(reading.segments.quoted(1, bytes)) is no acknowledgement code that is read; people should look, so it is taken as partial")
        return .partial
    }

    /// TED: 01 error code (element 647), 02 text, 03 segment, 04 its place in the set, 05 element, 07 what stood there.
    private mutating func addFault(_ segments: borrowing Segments, _ bytes: RawSpan) {
        var reason = segments.text(1, bytes)
        if let text = segments.text(2, bytes).nonEmpty { reason += (reason.isEmpty ? "" : " ") + text }
        if let segment = segments.text(3, bytes).nonEmpty {
            reason += ", \(segment)"
            if let place = segments.text(4, bytes).nonEmpty { reason += "[\(place)]" }
            if let element = segments.text(5, bytes).nonEmpty { reason += "/\(element)" }
        }
        if !segments.isEmpty(7, bytes) { reason += ", \(segments.quoted(7, bytes))" }
        add(reason)
        hasFault = true
    }

    private mutating func add(_ reason: String) {
        guard let last = subjects.indices.last, subjects[last].reasons.count < Bounds.reasons else { return }
        subjects[last].reasons.append(reason)
    }

    /// NTE behind TED goes on with its text; elsewhere it is a reason of its own.
    private mutating func addText(_ text: String) {
        guard let last = subjects.indices.last else { return }
        if hasFault, let fault = subjects[last].reasons.indices.last {
            if subjects[last].reasons[fault].utf8.count < Bounds.reasonBytes { subjects[last].reasons[fault] += " " + text }
        } else {
            add(text)
        }
    }
}
