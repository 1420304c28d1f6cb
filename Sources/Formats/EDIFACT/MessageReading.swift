import Trade

/// What the readers of messages share: the lexer, the locale, and what there is to say about the current message.
struct MessageReading: ~Copyable {
    var segments: MessageSegments
    var remarks = Remarks(of: "message")
    let context: ReadingContext

    /// The current message: its number in the file from 1, type (`INVOIC`), reference (UNH 0062), and the offset of its first segment.
    private(set) var message = 0
    private(set) var id = ""
    private(set) var reference = ""
    private(set) var start = 0
    /// Version and release, e.g. `D.96A`.
    private(set) var version = ""
    /// UNB 0004 of the interchange around it, as an identifier of the sender.
    var sender = ""
    /// Segments of the current message so far, UNH included.
    private var segmentCount = 0
    private var hasHeader = true
    /// A difference between the character set named and the one written is noted once in an interchange.
    var hasNotedRepertoire = false
    private var ids: Set<String> = []
    /// The buffer in which a REMADV hands its lines over, kept from message to message.
    var lines: [RemittanceLine] = []

    init(_ segments: consuming MessageSegments, context: ReadingContext) {
        self.segments = segments
        self.context = context
    }

    // MARK: A message

    /// Begins at the UNH that is the current segment: 0062, S009 (type, version, release, agency, association code).
    mutating func beginMessage(_ number: Int, _ bytes: RawSpan) throws(ReadFailure) {
        try segments.split(bytes)
        begin(number)
        id = segments.text(2, 1, bytes)
        reference = segments.text(1, 1, bytes)
        version = segments.text(2, 2, bytes) + "." + segments.text(2, 3, bytes)
        segmentCount = 1
        hasHeader = true
        guard segments.isTerminated else { throw missingEnd(bytes) }
        guard !id.isEmpty, id.utf8.count <= 6, id.utf8.allSatisfy(\.isLetterOrDigit) else {
            throw .rejected([
                Problem(
                    .malformed, at: .message(MessageTag.unh, 1, message: number, element: 2), byte: start,
                    "\(segments.quoted(2, 1, bytes)) is not a message type")
            ])
        }
    }

    /// Begins at the BGM of a body without UNH, which will be read again as the message's first segment.
    mutating func beginBody(_ number: Int, id: String) {
        begin(number)
        self.id = id
        reference = ""
        version = ""
        segmentCount = 0
        hasHeader = false
        segments.position = segments.start
    }

    private mutating func begin(_ number: Int) {
        message = number
        start = segments.start
        remarks.begin()
    }

    /// Moves to the next segment of the message.
    /// - Returns: false at UNT, which is then compared with the message.
    /// - Throws: `.rejected` if the message has no end; then the envelope is broken and the whole file falls.
    @inline(__always)
    mutating func next(_ bytes: RawSpan) throws(ReadFailure) -> Bool {
        guard try segments.next(bytes) else {
            if hasHeader || !segments.isTerminated { throw missingEnd(bytes) }
            return false
        }
        segmentCount &+= 1
        if segments.hasHighBytes { examine(bytes) }
        // nearly all: no UNH, UNT…
        if segments.tag &>> 8 != 0x55_4E { return true }
        switch segments.tag {
        case MessageTag.unt:
            try end(bytes)
            return false
        case MessageTag.unh, MessageTag.une, MessageTag.ung, MessageTag.unz, MessageTag.unb: throw missingEnd(bytes)
        default: return true
        }
    }

    /// Goes back to a segment of the message that was read before, which becomes the current one, split.
    mutating func revisit(_ offset: Int, _ bytes: RawSpan) throws(ReadFailure) {
        segments.position = offset
        _ = try segments.next(bytes)
        try segments.split(bytes)
    }

    /// Goes on before a segment that was read already and will be counted again.
    mutating func resume(before offset: Int) {
        segments.position = offset
        segmentCount -= 1
    }

    private mutating func end(_ bytes: RawSpan) throws(ReadFailure) {
        try segments.split(bytes)
        guard segments.isTerminated else { throw missingEnd(bytes) }
        guard hasHeader else { return }
        let place = Location.message(MessageTag.unt, message, message: 0)
        if segments.count(1, 1, bytes) != segmentCount {
            remarks.note(
                "segment-count", place.element(1), "UNT says \(segments.quoted(1, 1, bytes)); the message has \(segmentCount) segments")
        }
        if !Envelope.sameNumber(segments.text(2, 1, bytes), reference) {
            remarks.note(
                "message-reference", place.element(2), "UNT names message \(segments.quoted(2, 1, bytes)), UNH is \"\(reference)\"")
        }
    }

    private func missingEnd(_ bytes: RawSpan) -> ReadFailure {
        let isCutOff = segments.position >= bytes.byteCount && segments.tag != MessageTag.unz
        let what =
            isCutOff
            ? "the file ends inside message \(message) (\(id)); its UNT is missing"
            : "message \(message) (\(id)) has no UNT before the next message or trailer"
        return .rejected([
            Problem(
                .incomplete, at: .message(MessageTag.unh, 1, message: message), byte: isCutOff ? bytes.byteCount : segments.start, what,
                advice: "fetch the whole file again, or ask the sender to resend")
        ])
    }

    /// Looks at a segment with bytes above 0x7F: whether they are what UNB names, and whether text was damaged before it came.
    private mutating func examine(_ bytes: RawSpan) {
        let (from, to) = (segments.start, segments.end)
        guard (from..<to).contains(where: { bytes[$0] >= 0x80 }) else { return }
        if from + 3 <= to, (from...(to - 3)).contains(where: { bytes[$0] == 0xEF && bytes[$0 + 1] == 0xBF && bytes[$0 + 2] == 0xBD }) {
            if remarks.admitNote("damaged-text") {
                remarks.note("damaged-text", place(bytes), "characters were lost before the file came (U+FFFD); the text is kept as it is")
            }
        }
        guard !hasNotedRepertoire else { return }
        let isUTF8 = CharacterRepertoire.isUTF8(bytes, from, to)
        if isUTF8, segments.repertoire != .plain {
            hasNotedRepertoire = true
            remarks.note("character-set", place(bytes), "UNB names an eight-bit character set, but the text is UTF-8; it is read as UTF-8")
        } else if !isUTF8, segments.repertoire == .plain {
            hasNotedRepertoire = true
            remarks.note("character-set", place(bytes), "the text is neither ASCII nor UTF-8; it is read as ISO 8859-1")
        }
    }

    // MARK: Remarks

    /// The place of the message as a whole.
    var messagePlace: Location { .message(MessageTag.unh, 1, message: message) }

    /// The place of the current segment, or of one of its elements. Counts from the message's start: for messages to people only.
    func place(_ bytes: RawSpan, element: Int = 0) -> Location {
        .message(segments.tag, segments.occurrence(bytes, from: start), message: message, element: element)
    }

    /// Something wrong with a component of the current segment, which is quoted before `what`.
    mutating func problem(_ bytes: RawSpan, _ element: Int, _ component: Int, _ what: String) {
        guard remarks.admitProblem() else { return }
        remarks.add(
            Problem(
                .malformed, at: place(bytes, element: element), byte: segments.offset(of: element, bytes),
                segments.isEmpty(element, component, bytes) ? "it \(what)" : "\(segments.quoted(element, component, bytes)) \(what)"))
    }

    /// Something wrong with the message, or a segment of it, as a whole.
    mutating func problem(at: Location, byte: Int, kind: Problem.Kind = .malformed, _ what: String) {
        if remarks.admitProblem() { remarks.add(Problem(kind, at: at, byte: byte, what)) }
    }

    /// A note on an element of the current segment.
    mutating func note(_ code: String, _ bytes: RawSpan, element: Int = 0, _ text: String) {
        if remarks.admitNote(code) { remarks.note(code, place(bytes, element: element), text) }
    }

    /// A note on the message as a whole.
    mutating func note(_ code: String, _ text: String) { remarks.note(code, messagePlace, text) }

    // MARK: Outcome

    /// Ends the check of the message.
    /// - Returns: true if it may be emitted.
    mutating func settle<Sink: DocumentSink>(into sink: inout Sink) -> Bool {
        ids.insert(id)
        return remarks.settle(number: message, into: &sink)
    }

    /// Ends the file.
    /// - Throws: `.rejected` if no message could be read.
    mutating func finish<Sink: DocumentSink>(into sink: inout Sink) throws(ReadFailure) -> String {
        try remarks.finish()
        if ids.isEmpty {
            remarks.note("no-message", .file, "the interchange holds no message", into: &sink)
            return EDIFACT.name
        }
        return EDIFACT.name + "/" + ids.sorted().joined(separator: "+")
    }

    // MARK: What several messages have in common

    /// Where CUX and MOA name no currency the account's is assumed and noted; without that it stays unstated.
    mutating func assumedCurrency() -> Currency {
        guard let currency = context.currency(ofSet: message) else {
            note("currency-missing", "neither the document (CUX, MOA) nor the account states a currency")
            return .unstated
        }
        note("currency-assumed", "no segment names a currency; \(currency) is the account's currency")
        return currency
    }

    /// An amount of the current segment in minor units; anything but a number that the currency can express is a problem.
    mutating func amount(_ element: Int, _ component: Int, _ bytes: RawSpan, in currency: Currency) -> Int64? {
        let text = segments.amount(element, component, bytes, exponent: currency.exponent)
        if case .value(let amount) = text { return amount }
        refuse(text, element, component, bytes, currency)
        return nil
    }

    mutating func refuse(_ text: AmountText, _ element: Int, _ component: Int, _ bytes: RawSpan, _ currency: Currency) {
        switch text {
        case .value, .malformed: problem(bytes, element, component, "is not an amount")
        case .empty: problem(bytes, element, component, "is empty; an amount must stand here")
        case .tooFine: problem(bytes, element, component, "has more decimals than \(currency) has (\(currency.exponent))")
        case .tooLarge: problem(bytes, element, component, "has more digits than an amount of money")
        }
    }

    /// A number of the current segment; anything else is a problem, and nothing is nil.
    mutating func decimal(_ element: Int, _ component: Int, _ bytes: RawSpan) -> ExactDecimal? {
        if segments.isEmpty(element, component, bytes) { return nil }
        let number = segments.decimal(element, component, bytes)
        if number == nil { problem(bytes, element, component, "is not a number") }
        return number
    }

    /// The date of the current DTM; one that does not exist is noted and left out.
    mutating func day(_ bytes: RawSpan) -> Day? {
        if let day = segments.day(1, 2, bytes) { return day }
        noteImpossibleDate(bytes)
        return nil
    }

    /// The period of the current DTM; one that does not exist is noted and left out.
    mutating func window(_ bytes: RawSpan) -> DayWindow? {
        if let window = segments.window(1, 2, bytes) { return window }
        noteImpossibleDate(bytes)
        return nil
    }

    private mutating func noteImpossibleDate(_ bytes: RawSpan) {
        guard !segments.isEmpty(1, 2, bytes) else { return }
        note("impossible-date", bytes, element: 1, "\(segments.quoted(1, 2, bytes)) is not a date; it is left out")
    }

    /// NAD: 3035 role, C082 identifier, C058 and C080 name.
    func party(_ bytes: RawSpan) -> Party {
        let name = segments.text(4, 1, bytes).nonEmpty ?? segments.text(3, 1, bytes).nonEmpty
        return Party(name: name, id: segments.text(2, 1, bytes).nonEmpty)
    }
}

/// Identifiers that may route to an account, gathered until a message is known to be good.
struct RouteIDs {
    private(set) var all: [String] = []

    mutating func add(_ id: String?) {
        if let id, !id.isEmpty, all.count < Bounds.idsPerSet, !all.contains(id) { all.append(id) }
    }
}
