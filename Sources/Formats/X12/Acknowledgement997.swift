import Trade

/// 997 Functional Acknowledgement and 999 Implementation Acknowledgement, releases 003030 to 005010 (X12.20, 005010X231;
/// https://stedi.com/edi/x12-004010/997).
///
///     ST  AK1                                  the group that is answered
///     AK2 loop   AK2                           a transaction set of it
///       AK3 loop   AK3 (IK3)  CTX              a segment with faults
///                  AK4 (IK4)  CTX              an element of it
///                AK5 (IK5)                     the outcome for the set
///     AK9                                      the outcome for the group
///     SE
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number | AK102 |
/// | first subject | the group: AK101 code, AK102 control, AK901 outcome, AK905 and on the faults |
/// | further subjects | a set each: AK201 id, AK202 control, AK501 outcome, AK502 and on, AK3, AK4 the faults |
///
/// Outcomes: A accepted, E accepted with errors noted, P partly accepted; R, M, W, X rejected (the last three for authentication).
/// A set without AK5 goes by its group.
struct Acknowledgement997 {
    private var group: Answer.Subject?
    private var sets: [Answer.Subject] = []
    /// Whether the outcome of the last set is known.
    private var isSettled = true
    private var hasOutcome = false
    /// The segment that AK3 names, for the AK4 behind it.
    private var segment = ""

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var acknowledgement = Acknowledgement997()
        try acknowledgement.readSegments(&reading, bytes)
        let answer = acknowledgement.answer(&reading)
        guard reading.settle(into: &sink), let answer else { return }
        try sink.add(.answer(answer))
    }

    private mutating func readSegments(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case Tag.ak1, Tag.ak2, Tag.ak3, Tag.ik3, Tag.ak4, Tag.ik4, Tag.ak5, Tag.ik5, Tag.ak9: try reading.segments.split(bytes)
            default: continue
            }
            switch tag {
            case Tag.ak1 where group == nil:
                group = Answer.Subject(
                    outcome: .rejected, at: reading.place(bytes), type: reading.segments.text(1, bytes).nonEmpty,
                    group: reading.segments.text(2, bytes).nonEmpty)
            case Tag.ak2: openSet(&reading, bytes)
            case Tag.ak3, Tag.ik3: addSegmentFault(reading.segments, bytes)
            case Tag.ak4, Tag.ik4: addElementFault(reading.segments, bytes)
            case Tag.ak5, Tag.ik5: closeSet(&reading, bytes)
            case Tag.ak9: closeGroup(&reading, bytes)
            default: continue
            }
        }
    }

    private mutating func openSet(_ reading: inout Reading, _ bytes: RawSpan) {
        guard sets.count < Bounds.answers else {
            reading.problem(
                at: .segment(Tag.ak2, sets.count + 1, set: reading.set), byte: reading.segments.start, kind: .tooLarge,
                "the acknowledgement answers more than \(Bounds.answers) transaction sets")
            return
        }
        sets.append(
            Answer.Subject(
                outcome: .rejected, at: .segment(Tag.ak2, sets.count + 1, set: reading.set), type: reading.segments.text(1, bytes).nonEmpty,
                set: reading.segments.text(2, bytes).nonEmpty, group: group?.group))
        isSettled = false
    }

    /// AK3, IK3: 01 segment, 02 its place in the set, 03 loop, 04 fault.
    private mutating func addSegmentFault(_ segments: borrowing Segments, _ bytes: RawSpan) {
        segment = segments.text(1, bytes) + "[" + segments.text(2, bytes) + "]"
        let code = segments.text(4, bytes)
        // 8 only says that AK4 follows
        if code.isEmpty || code == "8" { return }
        add("\(segment): \(Self.fault(code, Self.segmentFaults))")
    }

    /// AK4, IK4: 01 place in the segment (element, component, repetition), 02 the element's number in the dictionary, 03 fault, 04 what
    /// stood there.
    private mutating func addElementFault(_ segments: borrowing Segments, _ bytes: RawSpan) {
        var reason = "\(segment)/\(segments.text(1, bytes)): \(Self.fault(segments.text(3, bytes), Self.elementFaults))"
        if let element = segments.text(2, bytes).nonEmpty { reason += ", element \(element)" }
        if !segments.isEmpty(4, bytes) { reason += ", \(segments.quoted(4, bytes))" }
        add(reason)
    }

    private mutating func add(_ reason: String) {
        guard !isSettled, let last = sets.indices.last, sets[last].reasons.count < Bounds.reasons else { return }
        sets[last].reasons.append(reason)
    }

    private mutating func closeSet(_ reading: inout Reading, _ bytes: RawSpan) {
        guard !isSettled, let last = sets.indices.last, let outcome = outcome(&reading, bytes) else { return }
        for element in 2...6 {
            if let code = reading.segments.text(element, bytes).nonEmpty { add("set: \(Self.fault(code, Self.setFaults))") }
        }
        sets[last].outcome = outcome
        isSettled = true
        segment = ""
    }

    private mutating func closeGroup(_ reading: inout Reading, _ bytes: RawSpan) {
        guard let outcome = outcome(&reading, bytes) else { return }
        hasOutcome = true
        group?.outcome = outcome
        for element in 5...9 {
            guard let code = reading.segments.text(element, bytes).nonEmpty else { continue }
            group?.reasons.append("group: \(Self.fault(code, Self.groupFaults))")
        }
        if !isSettled, let last = sets.indices.last { sets[last].outcome = outcome }
    }

    /// AK501, AK901: elements 717 and 715.
    private func outcome(_ reading: inout Reading, _ bytes: RawSpan) -> Answer.Outcome? {
        switch reading.segments.text(1, bytes) {
        case "A", "E": return .accepted
        case "P": return .partial
        case "R", "M", "W", "X": return .rejected
        default:
            reading.problem(bytes, element: 1, "is no acknowledgement code (A, E, P, R, M, W, X)")
            return nil
        }
    }

    private func answer(_ reading: inout Reading) -> Answer? {
        let at = Location.segment(Tag.st, 1, set: reading.set)
        guard var group else {
            reading.problem(at: at, byte: reading.start, "the \(reading.id) has no AK1 segment: nobody knows what it answers")
            return nil
        }
        if !hasOutcome {
            if sets.isEmpty || !isSettled {
                reading.problem(at: at, byte: reading.start, "the \(reading.id) has no AK9 segment, so no outcome")
                return nil
            }
            group.outcome = Answer.worst(sets)
            reading.note("outcome-derived", at, "no AK9 segment; the outcome of the group is the worst of its sets")
        }
        let subjects = [group] + sets
        return Answer(
            typeName: X12.name + "/" + reading.id, outcome: Answer.worst(subjects), at: at, number: group.group, subjects: subjects)
    }

    private static func fault(_ code: String, _ names: [String: String]) -> String { names[code].map { "\(code) \($0)" } ?? code }

    /// Element 720.
    private static let segmentFaults = [
        "1": "unrecognised segment", "2": "unexpected segment", "3": "mandatory segment missing", "4": "loop occurs too often",
        "5": "segment occurs too often", "6": "segment not in this set", "7": "segment out of order",
    ]
    /// Element 723.
    private static let elementFaults = [
        "1": "mandatory element missing", "2": "conditional element missing", "3": "too many elements", "4": "too short", "5": "too long",
        "6": "invalid character", "7": "invalid code", "8": "invalid date", "9": "invalid time", "10": "excluded by another element",
        "12": "too many repetitions", "13": "too many components",
    ]
    /// Element 718.
    private static let setFaults = [
        "1": "set not supported", "2": "trailer missing", "3": "control numbers do not match", "4": "segment count does not match",
        "5": "segments in error", "6": "set identifier missing or invalid", "7": "control number missing or invalid",
        "23": "control number not unique",
    ]
    /// Element 716.
    private static let groupFaults = [
        "1": "group not supported", "2": "version not supported", "3": "trailer missing", "4": "control numbers do not match",
        "5": "set count does not match", "6": "control number malformed",
    ]
}

extension Answer {
    /// The worst outcome among the subjects: rejected before partial before accepted.
    static func worst(_ subjects: [Subject]) -> Outcome {
        if subjects.contains(where: { $0.outcome == .rejected }) { return .rejected }
        return subjects.contains { $0.outcome == .partial } ? .partial : .accepted
    }
}
