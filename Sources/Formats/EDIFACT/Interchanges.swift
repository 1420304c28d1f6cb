import Trade

/// Walks over the envelope of a file: interchanges (UNB/UNZ) of messages (UNH/UNT), in groups (UNG/UNE) or not. Outer envelopes may be
/// missing: a file of messages alone, or of one message body from BGM on.
///
/// What the trailers say is compared with what is there, and a difference is a note: counts are often wrong in good files. A trailer
/// that is missing is another thing: without it nobody knows whether the file is whole.
struct Interchanges: ~Copyable {
    private var reading: MessageReading
    /// UNA's, for an interchange of syntax 4.
    private var repetition = ServiceCharacters.assumedRepetition
    private var isBehindServiceString = false
    private var isOpen = false
    private var isInGroup = false
    private var interchanges = 0
    private var groups = 0
    private var messages = 0
    /// UNB 0020 and UNG 0048 of what is open, and what they hold so far.
    private var control = ""
    private var groupControl = ""
    /// Sender and receiver of the interchange, then of the group.
    private var parties: [String] = []
    private var groupParties: [String] = []
    private var groupsHere = 0
    private var messagesHere = 0
    private var messagesInGroup = 0
    private var hasNotedEnvelope = false
    /// Offset of the current UNB.
    private var start = 0
    /// Where the interchanges of one sender, recipient and reference stand, without their last terminator, and their characters.
    private var seen: [String: [(place: Range<Int>, characters: ServiceCharacters)]] = [:]
    private var key = ""
    /// UNB 0035 of what is open, where it says that the interchange is a test.
    private var testMark: Location?
    /// 0035: 1 a test, 5 a service provider's test; 2 to 4 test the syntax or ask for an echo. The list has no code for anything real.
    private static let testCodes = UInt32(0x31)...UInt32(0x35)
    /// Whether there were more of one reference than are kept; noted once.
    private var hasGivenUp = false

    init(context: ReadingContext) {
        reading = MessageReading(MessageSegments(ServiceCharacters(), at: 0), context: context)
    }

    mutating func read<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) -> String {
        reading.segments.position = X12.startOfContent(bytes)
        while true {
            if !isOpen, !isInGroup {
                try readServiceString(bytes)
                if isBehindServiceString { continue }
            }
            guard try reading.segments.next(bytes) else {
                guard !isOpen, !isInGroup, interchanges + messages > 0 else { throw incomplete(bytes) }
                return try reading.finish(into: &sink)
            }
            switch reading.segments.tag {
            case MessageTag.unb:
                guard !isOpen, !isInGroup else { throw broken("a second UNB before the UNZ of interchange \(control)") }
                if try skipDuplicate(bytes, into: &sink) { continue }
                try open(bytes, into: &sink)
            case MessageTag.ung:
                guard !isInGroup else { throw broken("a second UNG before the UNE of group \(groupControl)") }
                try openGroup(bytes, into: &sink)
            case MessageTag.unh: try readMessage(bytes, into: &sink)
            case MessageTag.une:
                guard isInGroup else { throw broken("UNE without UNG") }
                try closeGroup(bytes, into: &sink)
            case MessageTag.unz:
                guard isOpen else { throw broken("UNZ without UNB") }
                guard !isInGroup else { throw broken("UNZ before the UNE of group \(groupControl)") }
                try close(bytes, into: &sink)
            case MessageTag.bgm where !isOpen && !isInGroup && interchanges + messages == 0: try readBody(bytes, into: &sink)
            case MessageTag.unt: throw broken("UNT without UNH")
            case let tag where tag >> 8 == 0x55_53:
                // USA, USH, UST…: security segments say nothing about the documents (ISO 9735-5)
                continue
            default:
                guard reading.segments.isTerminated else { throw incomplete(bytes) }
                throw broken(
                    interchanges > 0 && !isOpen
                        ? "after the last UNZ stands what is no interchange" : "the segment stands outside any message")
            }
        }
    }

    // MARK: Service characters

    /// Between interchanges: a UNA, or the defaults for what follows.
    private mutating func readServiceString(_ bytes: RawSpan) throws(ReadFailure) {
        var offset = reading.segments.position
        while offset < bytes.byteCount {
            let rest = bytes.byteCount - offset
            if rest >= 3, bytes[offset] == 0xEF, bytes[offset + 1] == 0xBB, bytes[offset + 2] == 0xBF {
                offset += 3
            } else if bytes[offset] <= 32 || bytes[offset] == reading.segments.characters.terminator {
                offset += 1
            } else {
                break
            }
        }
        reading.segments.position = offset
        var tag: [UInt8] = []
        var next = offset
        while next < bytes.byteCount, tag.count < 4 {
            if bytes[next] != 13 && bytes[next] != 10 { tag.append(bytes[next]) }
            next += 1
        }
        guard tag.count == 4 else {
            isBehindServiceString = false
            return
        }
        let text = tag.prefix(3)
        if text.elementsEqual([85, 78, 65]), !tag[3].isLetterOrDigit {  // UNA
            // a line break inside the tag counts as one before it
            let found = try ServiceCharacters.read(bytes, at: next - 1).orThrow()
            reading.segments.adopt(found.characters, at: found.end)
            repetition = found.characters.repetition
            isBehindServiceString = true
            return
        }
        if text.elementsEqual([85, 78, 66]) || interchanges + messages == 0, !hasServiceString(for: tag[3]) {
            reading.segments.adopt(.assumed(separator: tag[3]), at: offset)
            repetition = ServiceCharacters.assumedRepetition
        }
        isBehindServiceString = false
    }

    /// Whether the characters of a UNA before still hold: right behind it, or where a later interchange uses its unusual separator.
    private func hasServiceString(for separator: UInt8) -> Bool {
        isBehindServiceString || separator != 43 && separator == reading.segments.characters.element
    }

    // MARK: Interchange

    /// UNB: S001 (syntax identifier, version) S002 sender S003 recipient S004 date 0020 reference … 0035 test indicator.
    private mutating func open<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        guard reading.segments.isTerminated else { throw incomplete(bytes) }
        isOpen = true
        interchanges += 1
        groupsHere = 0
        messagesHere = 0
        control = reading.segments.text(5, 1, bytes)
        let sender = reading.segments.text(2, 1, bytes)
        reading.sender = sender
        reading.segments.repertoire = CharacterRepertoire(syntaxIdentifier: reading.segments.text(1, 1, bytes))
        reading.hasNotedRepertoire = false
        parties = [sender, reading.segments.text(3, 1, bytes)].filter { !$0.isEmpty }
        for id in parties { reading.remarks.route(id, into: &sink) }
        let place = Location.message(MessageTag.unb, interchanges, message: 0)
        testMark = Self.testCodes.contains(reading.segments.code(11, 1, bytes)) ? place.element(11) : nil
        if let testMark {
            reading.remarks.note(
                "test-interchange", testMark,
                "UNB 0035 is \(reading.segments.text(11, 1, bytes)): the sender marks interchange \(control) as a test", into: &sink)
        }
        if seen[key] != nil {
            reading.remarks.note(
                "repeated-interchange", place.element(5), "interchange \(control) occurs again in the same file, with other content",
                into: &sink)
        }
    }

    /// Whether the interchange that starts at the current UNB is, byte for byte, one that was read before in this file: a real
    /// duplicate, which is then passed over. The same reference over other content is another interchange.
    private mutating func skipDuplicate<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) -> Bool {
        // position 5 of UNA means something from syntax 4 on only, so UNB itself is read without it
        reading.segments.setRepetition(0)
        try reading.segments.split(bytes)
        if let version = reading.segments.text(1, 2, bytes).first, version >= "4", version <= "9" {
            reading.segments.setRepetition(repetition)
        }
        start = reading.segments.start
        key = [(2, 1), (3, 1), (5, 1)].map { reading.segments.text($0, $1, bytes) }.joined(separator: "\u{0}")
        guard let end = endOfDuplicate(bytes) else { return false }
        interchanges += 1
        reading.remarks.note(
            "duplicate-interchange", .message(MessageTag.unb, interchanges, message: 0),
            "interchange \(reading.segments.text(5, 1, bytes)) is in this file already, byte for byte; it is not read again", into: &sink)
        reading.segments.position = end
        return true
    }

    /// - Returns: the offset behind the duplicate; nil if it is none.
    private func endOfDuplicate(_ bytes: RawSpan) -> Int? {
        // the same bytes under other service characters say something else
        for (earlier, characters) in seen[key] ?? []
        where characters == reading.segments.characters && bytes.byteCount - start >= earlier.count {
            let end = start + earlier.count
            let isSame = bytes.withUnsafeBytes { $0[earlier].elementsEqual($0[start..<end]) }
            guard isSame else { continue }
            // the very last terminator of a file may be missing
            if end == bytes.byteCount || bytes[end] <= 32 { return end }
            if bytes[end] == reading.segments.characters.terminator { return end + 1 }
        }
        return nil
    }

    /// UNZ: 0036 count of groups, or of messages if there are none; 0020 reference.
    private mutating func close<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        try reading.segments.split(bytes)
        let agrees = Envelope.sameNumber(reading.segments.text(2, 1, bytes), control)
        // the last terminator may be missing; then only the whole reference shows that nothing was cut off
        guard reading.segments.isTerminated || agrees && !control.isEmpty else { throw incomplete(bytes) }
        isOpen = false
        if reading.segments.isTerminated, interchanges <= Bounds.identifiers { remember(into: &sink) }
        let place = Location.message(MessageTag.unz, interchanges, message: 0)
        let count = groupsHere > 0 ? groupsHere : messagesHere
        if reading.segments.count(1, 1, bytes) != count {
            reading.remarks.note(
                groupsHere > 0 ? "group-count" : "message-count", place.element(1),
                "UNZ says \(reading.segments.quoted(1, 1, bytes)); the interchange has \(count) \(groupsHere > 0 ? "groups" : "messages")",
                into: &sink)
        }
        if !agrees {
            reading.remarks.note(
                "interchange-control-number", place.element(2),
                "UNZ names interchange \(reading.segments.quoted(2, 1, bytes)), UNB is \"\(control)\"", into: &sink)
        }
    }

    /// Keeps where the interchange stands: each that comes again is compared with all that are kept.
    private mutating func remember<Sink: DocumentSink>(into sink: inout Sink) {
        let earlier = seen[key]?.count ?? 0
        if earlier < Bounds.idsPerSet {
            seen[key, default: []].append((start..<reading.segments.end, reading.segments.characters))
        } else if !hasGivenUp {
            hasGivenUp = true
            reading.remarks.note(
                "duplicates-unknown", .message(MessageTag.unb, interchanges, message: 0, element: 5),
                "interchange \(control) occurs more than \(earlier) times in this file, each time with other content; from here on one that "
                    + "comes again is not seen as a duplicate", into: &sink)
        }
    }

    // MARK: Group

    /// UNG: 0038 type S006 sender S007 recipient S004 date 0048 reference.
    private mutating func openGroup<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        try reading.segments.split(bytes)
        guard reading.segments.isTerminated else { throw incomplete(bytes) }
        isInGroup = true
        groups += 1
        groupsHere += 1
        messagesInGroup = 0
        groupControl = reading.segments.text(5, 1, bytes)
        groupParties = [reading.segments.text(2, 1, bytes), reading.segments.text(3, 1, bytes)].filter { !$0.isEmpty }
        for id in groupParties { reading.remarks.route(id, into: &sink) }
    }

    /// UNE: 0060 count of messages, 0048 reference.
    private mutating func closeGroup<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        try reading.segments.split(bytes)
        guard reading.segments.isTerminated else { throw incomplete(bytes) }
        isInGroup = false
        let place = Location.message(MessageTag.une, groups, message: 0)
        if reading.segments.count(1, 1, bytes) != messagesInGroup {
            reading.remarks.note(
                "message-count", place.element(1),
                "UNE says \(reading.segments.quoted(1, 1, bytes)); the group has \(messagesInGroup) messages", into: &sink)
        }
        if !Envelope.sameNumber(reading.segments.text(2, 1, bytes), groupControl) {
            reading.remarks.note(
                "group-control-number", place.element(2),
                "UNE names group \(reading.segments.quoted(2, 1, bytes)), UNG is \"\(groupControl)\"", into: &sink)
        }
    }

    // MARK: Message

    private mutating func readMessage<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        if !isOpen { noteMissingEnvelope("the messages stand in no interchange (UNB, UNZ)", into: &sink) }
        try count()
        try reading.beginMessage(messages, bytes)
        reading.remarks.forgetRoutes()
        sink.control(
            ControlNumbers(
                type: reading.id, set: reading.reference, group: isInGroup ? groupControl : control, interchange: control,
                parties: (isOpen ? parties : []) + (isInGroup ? groupParties : []), testMark: isOpen ? testMark : nil))
        try Messages.read(&reading, bytes, into: &sink)
    }

    /// A message body without UNH: its type follows from the document code of BGM (element 1001).
    private mutating func readBody<Sink: DocumentSink>(_ bytes: RawSpan, into sink: inout Sink) throws(ReadFailure) {
        noteMissingEnvelope("the file begins with BGM: nothing shows whether it is whole", into: &sink)
        try count()
        try reading.segments.split(bytes)
        guard let id = Messages.type(ofDocument: reading.segments.text(1, 1, bytes)) else {
            throw broken("document code \(reading.segments.quoted(1, 1, bytes)) does not tell which message this is, and there is no UNH")
        }
        reading.beginBody(messages, id: id)
        try Messages.read(&reading, bytes, into: &sink)
    }

    private mutating func noteMissingEnvelope<Sink: DocumentSink>(_ text: String, into sink: inout Sink) {
        guard !hasNotedEnvelope else { return }
        hasNotedEnvelope = true
        reading.remarks.note("missing-envelope", .file, text, into: &sink)
    }

    private mutating func count() throws(ReadFailure) {
        messages += 1
        messagesHere += 1
        messagesInGroup += 1
        guard messages <= Bounds.sets else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .message(MessageTag.unh, 1, message: messages), byte: reading.segments.start,
                    "the file has more than \(Bounds.sets) messages", advice: "ask the sender to split it")
            ])
        }
    }

    // MARK: Failures

    private func incomplete(_ bytes: RawSpan) -> ReadFailure {
        let missing = isInGroup ? "UNE of group \(groupControl)" : isOpen ? "UNZ of interchange \(control)" : "end of its first segment"
        let place: Location =
            isInGroup
            ? .message(MessageTag.ung, groups, message: 0) : isOpen ? .message(MessageTag.unb, interchanges, message: 0) : .file
        return .rejected([
            Problem(
                .incomplete, at: place, byte: bytes.byteCount, "the file ends before the \(missing)", advice: "fetch the whole file again")
        ])
    }

    private func broken(_ what: String) -> ReadFailure {
        let start = reading.segments.start
        let place: Location = messages > 0 ? .message(MessageTag.unh, 1, message: messages) : .byte(start)
        return .rejected([Problem(.malformed, at: place, byte: start, what)])
    }
}
