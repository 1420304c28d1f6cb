import Trade

/// CONTRL syntax and service report, version 2 to 4 (ISO 9735-4).
///
///     UNH  UCI                                      the interchange that is answered
///     SG1  UCM                                      one of its messages
///       SG2  UCS  UCD*                              a segment, an element that is wrong
///     SG3  UCF                                      one of its groups
///       SG4  UCM  …
///     UNT
///
/// Action 0083 says what became of it (service code list, D.96A): 4 this level and all below rejected; 7 acknowledged, what is below too
/// unless it is named; 8 interchange received. Until D.00B also 1 acknowledged with all below; 2 the same, with errors noted; 3 something
/// of the next level rejected; 5 and 6 the interchange's own segments accepted or rejected. Without UCM or UCF the subject is the
/// interchange: UCI 0020 is its reference. Error 0085, and the segment and element it stands at, are the reasons.
enum CONTRL {
    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var subjects: [Answer.Subject] = []
        var interchange: Answer.Subject?
        var counts: [UInt32: Int] = [:]
        // of the UCF above, where the interchange had groups
        var group: String?
        var segment = ""
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case MessageTag.uci, MessageTag.ucm, MessageTag.ucf, MessageTag.ucs, MessageTag.ucd: try reading.segments.split(bytes)
            default: continue
            }
            switch tag {
            case MessageTag.uci:
                interchange = subject(&reading, bytes, count: 1, type: nil, action: 4)
                guard interchange?.group != nil else {
                    reading.problem(bytes, 1, 1, "is empty; the reference of the interchange must stand here")
                    continue
                }
            case MessageTag.ucm, MessageTag.ucf:
                guard subjects.count < Bounds.itemLines else {
                    reading.problem(
                        at: reading.messagePlace, byte: reading.segments.start,
                        "the CONTRL answers more than \(Bounds.itemLines) messages and groups")
                    continue
                }
                counts[tag, default: 0] += 1
                var answered = subject(
                    &reading, bytes, count: counts[tag] ?? 1, type: tag == MessageTag.ucm ? 2 : nil, action: tag == MessageTag.ucm ? 3 : 4)
                if tag == MessageTag.ucf {
                    group = answered.group
                } else {
                    answered.set = answered.group
                    answered.group = group ?? interchange?.group
                }
                subjects.append(answered)
            case MessageTag.ucs:
                segment = reading.segments.text(1, 1, bytes)
                if let error = reading.segments.text(2, 1, bytes).nonEmpty {
                    add("error \(error) in segment \(segment)", &subjects, &interchange)
                }
            default:
                let error = reading.segments.text(1, 1, bytes)
                let element = reading.segments.text(2, 1, bytes)
                add("error \(error) in segment \(segment), element \(element)", &subjects, &interchange)
            }
        }
        guard let interchange else {
            reading.problem(at: reading.messagePlace, byte: reading.start, "the CONTRL has no UCI segment, so it answers nothing")
            _ = reading.settle(into: &sink)
            return
        }
        guard reading.settle(into: &sink) else { return }
        if subjects.isEmpty || interchange.outcome == .rejected { subjects.insert(interchange, at: 0) }
        try sink.add(
            .answer(
                Answer(
                    typeName: EDIFACT.name + "/CONTRL", outcome: Answer.worst(subjects), at: reading.messagePlace,
                    number: interchange.group,
                    subjects: subjects)))
    }

    /// What a UCI, UCM or UCF answers; its reference stands in `group`.
    private static func subject(
        _ reading: inout MessageReading, _ bytes: RawSpan, count: Int, type: Int?, action: Int
    ) -> Answer.Subject {
        let outcome: Answer.Outcome
        switch reading.segments.code(action, 1, bytes) {
        case 0x34, 0x36: outcome = .rejected
        case 0x31, 0x32, 0x35, 0x37, 0x38: outcome = .accepted
        case 0x33: outcome = .partial
        default:
            outcome = .partial
            reading.note(
                "odd-action", bytes, element: action, "action \(reading.segments.quoted(action, 1, bytes)) is none of 1 to 8")
        }
        var reasons: [String] = []
        if let error = reading.segments.text(action + 1, 1, bytes).nonEmpty {
            let tag = reading.segments.text(action + 2, 1, bytes)
            reasons.append(tag.isEmpty ? "error \(error)" : "error \(error) in segment \(tag)")
        }
        return Answer.Subject(
            outcome: outcome, at: .message(reading.segments.tag, count, message: reading.message),
            type: type.flatMap { reading.segments.text($0, 1, bytes).nonEmpty },
            group: reading.segments.text(1, 1, bytes).nonEmpty, reasons: reasons)
    }

    private static func add(_ reason: String, _ subjects: inout [Answer.Subject], _ interchange: inout Answer.Subject?) {
        if let last = subjects.indices.last {
            if subjects[last].reasons.count < Bounds.idsPerSet { subjects[last].reasons.append(reason) }
        } else if let count = interchange?.reasons.count, count < Bounds.idsPerSet {
            interchange?.reasons.append(reason)
        }
    }
}

/// APERAK application error and acknowledgement, D.96A to D.07B (segment table D.96A:
/// https://service.unece.org/trade/untdid/d96a/trmd/aperak_s.htm).
///
///     UNH  BGM  DTM*  FTX*  CNT*
///     SG1  RFF  DTM*                                what is answered
///     SG2  NAD  …
///     SG3  ERC  FTX*  SG4 [RFF FTX*]                an error
///     UNT
///
/// Rejected if BGM 1225 is 27 (not accepted) or 48 (accepted, contents rejected), if BGM 1001 is 313 (application error), or if an ERC
/// names an error; partly accepted with 1225 = 28, 30, 34 (with amendment) or 45 (with reserves); accepted with 29 (without amendment) or
/// 44 (without reserves), or else. The codes are those of lists 1001 and 1225, D.96A. The subjects are the documents that RFF names under
/// BGM; an RFF under ERC names its own. Reasons are ERC 9321 and the FTX behind it.
enum APERAK {
    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var answer = Answer(
            typeName: EDIFACT.name + "/APERAK", outcome: .accepted, at: reading.messagePlace, number: reading.reference.nonEmpty)
        var code: UInt32 = 0
        var function: UInt32 = 0
        var heading: [Answer.Subject] = []
        var errors: [Answer.Subject] = []
        var isParty = false
        while try reading.next(bytes) {
            try reading.segments.split(bytes)
            switch reading.segments.tag {
            case MessageTag.bgm:
                code = reading.segments.code(1, 1, bytes)
                function = reading.segments.code(3, 1, bytes)
                answer.number = reading.segments.text(2, 1, bytes).nonEmpty ?? answer.number
            case MessageTag.dtm where answer.date == nil && heading.isEmpty && errors.isEmpty:
                if reading.segments.code(1, 1, bytes) == 0x31_33_37 { answer.date = reading.day(bytes) }
            case MessageTag.nad: isParty = true
            case MessageTag.rff:
                guard let reference = reading.segments.text(1, 2, bytes).nonEmpty else { continue }
                if let last = errors.indices.last {
                    if errors[last].reference == nil { name(&errors[last], reading, bytes, reference) }
                } else if !isParty, heading.count < Bounds.idsPerSet {
                    var subject = Answer.Subject(outcome: .accepted, at: reading.place(bytes))
                    name(&subject, reading, bytes, reference)
                    heading.append(subject)
                }
            case MessageTag.erc:
                guard errors.count < Bounds.itemLines else { continue }
                errors.append(
                    Answer.Subject(
                        outcome: .rejected, at: .message(MessageTag.erc, errors.count + 1, message: reading.message),
                        reasons: [reading.segments.text(1, 1, bytes)].filter { !$0.isEmpty }))
            case MessageTag.ftx:
                let text = (1...5).compactMap { reading.segments.text(4, $0, bytes).nonEmpty }.joined(separator: " ")
                guard !text.isEmpty else { continue }
                if let last = errors.indices.last, errors[last].reasons.count < Bounds.idsPerSet {
                    errors[last].reasons.append(text)
                } else if errors.isEmpty, let last = heading.indices.last, heading[last].reasons.count < Bounds.idsPerSet {
                    heading[last].reasons.append(text)
                }
            default: continue
            }
        }
        guard reading.settle(into: &sink) else { return }
        answer.outcome =
            switch function {
            case 0x32_37, 0x34_38: .rejected  // 27 48
            case _ where code == 0x33_31_33: .rejected  // 313
            case 0x32_38, 0x33_30, 0x33_34, 0x34_35: .partial  // 28 30 34 45
            case 0x32_39, 0x34_34: .accepted  // 29 44
            default: errors.isEmpty ? .accepted : .rejected
            }
        answer.subjects = subjects(heading, errors, answer.outcome)
        try sink.add(.answer(answer))
    }

    /// RFF: C506 1153 qualifier, 1154 reference. ACW names the message that is answered, AAV and the rest a document.
    private static func name(_ subject: inout Answer.Subject, _ reading: borrowing MessageReading, _ bytes: RawSpan, _ reference: String) {
        let qualifier = reading.segments.text(1, 1, bytes)
        if qualifier == "ACW" || qualifier == "TN" {
            subject.set = reference
        } else {
            subject.type = ["ON": "ORDERS", "IV": "INVOIC", "DQ": "DESADV", "AAK": "DESADV"][qualifier]
            subject.reference = reference
        }
    }

    /// An error that names no document of its own is about those of the heading.
    private static func subjects(
        _ heading: [Answer.Subject], _ errors: [Answer.Subject], _ outcome: Answer.Outcome
    ) -> [Answer.Subject] {
        let own = errors.filter { $0.reference != nil || $0.set != nil }.map { error in
            var error = error
            error.outcome = outcome
            return error
        }
        let general = errors.filter { $0.reference == nil && $0.set == nil }
        var result = heading.map { subject in
            var subject = subject
            subject.outcome = own.isEmpty || !general.isEmpty ? outcome : .accepted
            for error in general where subject.reasons.count < Bounds.idsPerSet { subject.reasons += error.reasons }
            return subject
        }
        if heading.isEmpty { result = general.map { error in Answer.Subject(outcome: outcome, at: error.at, reasons: error.reasons) } }
        return result + own
    }
}
