import Trade

/// Walks over the envelope of a file: interchanges (ISA/IEA) of groups (GS/GE) of transaction sets (ST/SE).
///
/// What the trailers say is compared with what is there, and a difference is a note: counts and control numbers are often wrong
/// in good files. A trailer that is missing is another thing: without it nobody knows whether the file is whole.
struct Envelope: ~Copyable {
    private var reading: Reading
    private var header: InterchangeHeader
    private var interchanges = 1
    private var groups = 0
    /// In the current interchange.
    private var groupsHere = 0
    private var isInGroup = false
    private var groupControl = ""
    private var setsInGroup = 0
    /// ST02 of the current group's sets.
    private var setControls: Set<String> = []
    private var sets = 0
    /// TA1 segments.
    private var answers = 0
    /// Where the interchanges of one sender, receiver and control number stand, without their last terminator.
    private var seenInterchanges: [String: [Range<Int>]] = [:]
    /// Whether there were more of one number than are kept; noted once.
    private var hasGivenUp = false

    init(_ header: InterchangeHeader, context: ReadingContext) {
        self.header = header
        reading = Reading(Segments(header.delimiters, at: header.end), context: context)
    }

    mutating func read<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) -> String {
        open(into: &sink)
        while true {
            guard try reading.segments.next(bytes) else { throw incomplete(bytes) }
            switch reading.segments.tag {
            case Tag.st:
                guard isInGroup else { throw broken("a transaction set (ST) stands outside a functional group (GS)") }
                try readSet(bytes, into: &sink)
            case Tag.gs:
                guard !isInGroup else { throw broken("a second GS before the GE of functional group \(groupControl)") }
                try openGroup(bytes, into: &sink)
            case Tag.ge:
                guard isInGroup else { throw broken("GE without GS") }
                try closeGroup(bytes, into: &sink)
            case Tag.iea:
                guard !isInGroup else { throw broken("IEA before the GE of functional group \(groupControl)") }
                try close(bytes, into: &sink)
                guard try openNext(bytes, into: &sink) else { return try reading.finish(into: &sink) }
            case Tag.isa: throw broken("a second ISA before the IEA of interchange \(header.controlNumber)")
            case Tag.se: throw broken("SE without ST")
            case Tag.ta1: try readAnswer(bytes, into: &sink)
            case Tag.isb, Tag.ise:
                // security segments of the interchange say nothing about the documents
                continue
            default:
                guard reading.segments.isTerminated else { throw incomplete(bytes) }
                throw broken("the segment stands outside any transaction set")
            }
        }
    }

    // MARK: Interchange

    private mutating func open<Sink: DocumentSink>(into sink: inout Sink) {
        reading.parties = Reading.Parties(sender: header.sender, receiver: header.receiver)
        route(header.sender, into: &sink)
        route(header.receiver, into: &sink)
        groupsHere = 0
        if let testMark {
            reading.note(
                "test-interchange", testMark,
                "ISA15 is T: the sender marks interchange \(header.controlNumber) as a test", into: &sink)
        }
        if seenInterchanges[interchangeKey] != nil {
            reading.note(
                "repeated-interchange", .segment(Tag.isa, interchanges, set: 0, element: 13),
                "interchange \(header.controlNumber) occurs again in the same file, with other content", into: &sink)
        }
    }

    /// ISA15, where it says that the interchange is a test.
    private var testMark: Location? { header.isTest ? .segment(Tag.isa, interchanges, set: 0, element: 15) : nil }

    private var interchangeKey: String { "\(header.sender)\u{0}\(header.receiver)\u{0}\(header.controlNumber)" }

    /// Whether the interchange that starts here is, byte for byte, one that was read before in this file: a real duplicate, which
    /// is not read twice. The same control number over other content is another interchange.
    /// - Returns: the offset behind it; nil if it is not.
    private func endOfDuplicate(_ bytes: RawSpan) -> Int? {
        let terminator = header.delimiters.terminator
        for earlier in seenInterchanges[interchangeKey] ?? [] where bytes.byteCount - header.start >= earlier.count {
            let end = header.start + earlier.count
            let isSame = bytes.withUnsafeBytes { $0[earlier].elementsEqual($0[header.start..<end]) }
            guard isSame else { continue }
            if end < bytes.byteCount, bytes[end] <= 32 { return end }
            // the very last terminator of a file may be missing, or a part of it
            let rest = bytes.copy(end, min(end + terminator.count, bytes.byteCount))
            if rest == terminator || end + rest.count == bytes.byteCount && terminator.starts(with: rest) { return end + rest.count }
        }
        return nil
    }

    private mutating func close<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        try reading.segments.split(bytes)
        let control = reading.segments.text(2, bytes)
        let agrees = Envelope.sameNumber(control, header.controlNumber)
        // the last terminator may be missing; then only a whole control number shows that nothing was cut off
        guard reading.segments.isTerminated || agrees || control.utf8.count >= 9 else { throw incomplete(bytes) }
        let place = Location.segment(Tag.iea, interchanges, set: 0)
        if reading.segments.count(1, bytes) != groupsHere {
            reading.note(
                "group-count", place.element(1),
                "IEA01 says \(reading.segments.quoted(1, bytes)); the interchange has \(groupsHere) functional groups", into: &sink)
        }
        if !agrees {
            reading.note(
                "interchange-control-number", place.element(2),
                "IEA02 is \(reading.segments.quoted(2, bytes)), ISA13 is \"\(header.controlNumber)\"", into: &sink)
        }
        guard interchanges <= Bounds.identifiers, reading.segments.isTerminated else { return }
        // each that comes again is compared with all of these
        let earlier = seenInterchanges[interchangeKey]?.count ?? 0
        if earlier < Bounds.idsPerSet {
            seenInterchanges[interchangeKey, default: []].append(header.start..<reading.segments.end)
        } else if !hasGivenUp {
            hasGivenUp = true
            reading.note(
                "duplicates-unknown", .segment(Tag.isa, interchanges, set: 0, element: 13),
                "interchange \(header.controlNumber) occurs more than \(earlier) times in this file, each time with other content; from here "
                    + "on one that comes again is not seen as a duplicate", into: &sink)
        }
    }

    /// - Returns: false if only blanks, Ctrl-Z and the like follow.
    private mutating func openNext<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) -> Bool {
        var position = reading.segments.position
        while let start = try startOfNext(bytes, from: position) {
            interchanges += 1
            header = try InterchangeHeader.read(bytes, at: start, number: interchanges).orThrow()
            guard let end = endOfDuplicate(bytes) else {
                reading.segments.adopt(header.delimiters, at: header.end)
                open(into: &sink)
                return true
            }
            reading.note(
                "duplicate-interchange", .segment(Tag.isa, interchanges, set: 0),
                "interchange \(header.controlNumber) is in this file already, byte for byte; it is not read again", into: &sink)
            position = end
        }
        return false
    }

    /// The offset of the next ISA; nil if there is none.
    private func startOfNext(_ bytes: RawSpan, from position: Int) throws(ReadFailure) -> Int? {
        var offset = position
        while offset < bytes.byteCount {
            let rest = bytes.byteCount - offset
            let isMark = rest >= 3 && bytes[offset] == 0xEF && bytes[offset + 1] == 0xBB && bytes[offset + 2] == 0xBF
            if isMark {
                offset += 3
            } else if bytes[offset] <= 32 || header.delimiters.terminator == [bytes[offset]] {
                offset += 1
            } else {
                break
            }
        }
        guard offset < bytes.byteCount else { return nil }
        guard bytes[offset] == 73 else {
            let found = Text.quote(bytes.copy(offset, min(offset + 16, bytes.byteCount)))
            throw .rejected([
                Problem(.malformed, at: .byte(offset), byte: offset, "after the last IEA stands \(found), which is no interchange")
            ])
        }
        return offset
    }

    private mutating func readAnswer<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        try reading.segments.split(bytes)
        guard reading.segments.isTerminated else { throw incomplete(bytes) }
        answers += 1
        let place = Location.segment(Tag.ta1, answers, set: 0)
        guard answers <= Bounds.answers else {
            throw .rejected([
                Problem(
                    .tooLarge, at: place, byte: reading.segments.start, "the file answers more than \(Bounds.answers) interchanges",
                    advice: "ask the sender to split it")
            ])
        }
        guard let answer = AcknowledgementTA1.answer(reading.segments, bytes, at: place) else {
            reading.note(
                "missing-reference", place.element(1), "the TA1 names no interchange: nobody knows what it answers", into: &sink)
            return
        }
        if answer.outcome == .partial {
            reading.note(
                "unknown-outcome", place.element(4),
                "\(reading.segments.quoted(4, bytes)) is no acknowledgement code (A, E, R); people should look, so it is taken as partial",
                into: &sink)
        }
        sink.control(ControlNumbers(type: "TA1", set: "", group: "", interchange: header.controlNumber, testMark: testMark))
        reading.admit("TA1", into: &sink)
        try sink.add(.answer(answer))
    }

    // MARK: Group

    private mutating func openGroup<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        try reading.segments.split(bytes)
        guard reading.segments.isTerminated else { throw incomplete(bytes) }
        isInGroup = true
        groups += 1
        groupsHere += 1
        setsInGroup = 0
        setControls.removeAll(keepingCapacity: true)
        groupControl = reading.segments.text(6, bytes)
        reading.version = reading.segments.text(8, bytes)
        reading.parties.groupSender = reading.segments.text(2, bytes)
        reading.parties.groupReceiver = reading.segments.text(3, bytes)
        route(reading.parties.groupSender, into: &sink)
        route(reading.parties.groupReceiver, into: &sink)
    }

    private mutating func closeGroup<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        try reading.segments.split(bytes)
        guard reading.segments.isTerminated else { throw incomplete(bytes) }
        isInGroup = false
        let place = Location.segment(Tag.ge, groups, set: 0)
        if reading.segments.count(1, bytes) != setsInGroup {
            reading.note(
                "set-count", place.element(1),
                "GE01 says \(reading.segments.quoted(1, bytes)); the group has \(setsInGroup) transaction sets", into: &sink)
        }
        if !Envelope.sameNumber(reading.segments.text(2, bytes), groupControl) {
            reading.note(
                "group-control-number", place.element(2),
                "GE02 is \(reading.segments.quoted(2, bytes)), GS06 is \"\(groupControl)\"", into: &sink)
        }
    }

    // MARK: Set

    private mutating func readSet<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        sets += 1
        setsInGroup += 1
        guard sets <= Bounds.sets else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .segment(Tag.st, 1, set: sets), byte: reading.segments.start,
                    "the file has more than \(Bounds.sets) transaction sets", advice: "ask the sender to split it")
            ])
        }
        try reading.beginSet(sets, bytes)
        if setControls.count < Bounds.identifiers, !setControls.insert(reading.control).inserted {
            reading.note(
                "repeated-set-control-number", .segment(Tag.st, 1, set: sets, element: 2),
                "ST02 \(reading.segments.quoted(2, bytes)) occurs again in this group; both transaction sets are read")
        }
        reading.forgetRoutes()
        sink.control(
            ControlNumbers(
                type: reading.id, set: reading.control, group: groupControl, interchange: header.controlNumber,
                parties: [header.sender, header.receiver, reading.parties.groupSender, reading.parties.groupReceiver].filter {
                    !$0.isEmpty
                }, testMark: testMark))
        try TransactionSets.read(&reading, bytes, into: &sink)
    }

    private mutating func route<Sink: DocumentSink>(_ id: String, into sink: inout Sink) {
        reading.route(id, into: &sink)
    }

    // MARK: Failures

    private func incomplete(_ bytes: RawSpan) -> ReadFailure {
        let missing = isInGroup ? "GE of functional group \(groupControl)" : "IEA of interchange \(header.controlNumber)"
        let place = isInGroup ? Location.segment(Tag.gs, groups, set: 0) : Location.segment(Tag.isa, interchanges, set: 0)
        return .rejected([
            Problem(
                .incomplete, at: place, byte: bytes.byteCount, "the file ends before the \(missing)",
                advice: "fetch the whole file again")
        ])
    }

    private func broken(_ what: String) -> ReadFailure {
        let start = reading.segments.start
        let place = sets > 0 ? Location.segment(Tag.st, 1, set: sets) : Location.segment(Tag.isa, interchanges, set: 0)
        return .rejected([Problem(.malformed, at: isInGroup ? place : .byte(start), byte: start, what)])
    }

    /// Control numbers are compared as numbers where they are numbers: IEA02 "3438" answers ISA13 "000003438".
    static func sameNumber(_ a: String, _ b: String) -> Bool {
        if a == b { return true }
        guard let x = Int64(a), let y = Int64(b) else { return false }
        return x == y
    }
}
