import Trade

/// What the readers of transaction sets share: the lexer, the locale, and what there is to say about the current set.
struct Reading: ~Copyable {
    var segments: Segments
    private var remarks = Remarks(of: "transaction set")
    let context: ReadingContext
    /// GS08 of the current group, e.g. `004010VICS`. The version that counts: ISA12 is unreliable.
    var version = ""

    /// Who sends the current interchange and group, and to whom.
    var parties = Parties()

    struct Parties {
        var sender = ""
        var receiver = ""
        var groupSender = ""
        var groupReceiver = ""

        func isSender(_ id: String) -> Bool { !id.isEmpty && (id == sender || id == groupSender) }
        func isReceiver(_ id: String) -> Bool { !id.isEmpty && (id == receiver || id == groupReceiver) }
    }

    /// The current set: its number in the file from 1, ST01, ST02, and the offset of its ST.
    private(set) var set = 0
    private(set) var id = ""
    private(set) var control = ""
    private(set) var start = 0
    /// Segments of the current set so far, ST included.
    private(set) var segmentCount = 0

    private var ids: Set<String> = []
    /// The buffer in which an 820 hands its lines over, kept from set to set.
    var lines: [RemittanceLine] = []

    init(_ segments: consuming Segments, context: ReadingContext) {
        self.segments = segments
        self.context = context
    }

    // MARK: A set

    mutating func beginSet(_ number: Int, _ bytes: RawSpan) throws(ReadFailure) {
        try segments.split(bytes)
        set = number
        start = segments.start
        id = segments.text(1, bytes)
        control = segments.text(2, bytes)
        segmentCount = 1
        remarks.begin()
        guard segments.isTerminated else { throw missingEnd(bytes) }
        guard !id.isEmpty, id.utf8.count <= 6 else {
            throw .rejected([
                Problem(
                    .malformed, at: .segment(Tag.st, 1, set: set, element: 1), byte: start,
                    "\(segments.quoted(1, bytes)) is not a transaction set identifier")
            ])
        }
    }

    /// Moves to the next segment of the set.
    /// - Returns: false at SE, which is then compared with the set.
    /// - Throws: `.rejected` if the set has no end; then the envelope is broken and the whole file falls.
    @inline(__always)
    mutating func next(_ bytes: RawSpan) throws(ReadFailure) -> Bool {
        guard try segments.next(bytes) else { throw missingEnd(bytes) }
        segmentCount &+= 1
        switch segments.tag {
        case Tag.se:
            try end(bytes)
            return false
        case Tag.st, Tag.ge, Tag.gs, Tag.iea, Tag.isa: throw missingEnd(bytes)
        default: return true
        }
    }

    /// Goes back to a segment of the set that was read before, which becomes the current one, split.
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

    /// What was said and counted of the current set up to here, so that a part of it can be read once more by another rule.
    struct Mark {
        fileprivate var position: Int
        fileprivate var segmentCount: Int
        fileprivate var remarks: Remarks.Current
    }

    func mark() -> Mark { Mark(position: segments.position, segmentCount: segmentCount, remarks: remarks.current) }

    mutating func goBack(to mark: Mark) {
        segments.position = mark.position
        segmentCount = mark.segmentCount
        remarks.current = mark.remarks
    }

    private mutating func end(_ bytes: RawSpan) throws(ReadFailure) {
        try segments.split(bytes)
        guard segments.isTerminated else { throw missingEnd(bytes) }
        let place = Location.segment(Tag.se, set, set: 0)
        if segments.count(1, bytes) != segmentCount {
            note("segment-count", place.element(1), "SE01 says \(segments.quoted(1, bytes)); the set has \(segmentCount) segments")
        }
        if !Envelope.sameNumber(segments.text(2, bytes), control) {
            note("set-control-number", place.element(2), "SE02 is \(segments.quoted(2, bytes)), ST02 is \"\(control)\"")
        }
    }

    private func missingEnd(_ bytes: RawSpan) -> ReadFailure {
        let isCutOff = segments.position >= bytes.byteCount && segments.tag != Tag.iea
        let what =
            isCutOff
            ? "the file ends inside transaction set \(set) (\(id)); its SE is missing"
            : "transaction set \(set) (\(id)) has no SE before the next set or trailer"
        return .rejected([
            Problem(
                .incomplete, at: .segment(Tag.st, 1, set: set), byte: isCutOff ? bytes.byteCount : segments.start, what,
                advice: "fetch the whole file again, or ask the sender to resend")
        ])
    }

    // MARK: Remarks

    /// The place of the current segment, or of one of its elements. Counts from the set's start: for messages only.
    func place(_ bytes: RawSpan, element: Int = 0) -> Location {
        .segment(segments.tag, segments.occurrence(bytes, from: start), set: set, element: element)
    }

    /// Of the current set; a set with problems is not emitted.
    var problems: [Problem] { remarks.problems }

    /// Something wrong with an element of the current segment, which is quoted before `what`.
    mutating func problem(_ bytes: RawSpan, element: Int, _ what: String) {
        guard remarks.admitProblem() else { return }
        remarks.add(
            Problem(
                .malformed, at: place(bytes, element: element), byte: segments.offset(of: element, bytes),
                segments.isEmpty(element, bytes) ? "it \(what)" : "\(segments.quoted(element, bytes)) \(what)"))
    }

    /// Something wrong with the set, or a segment of it, as a whole.
    mutating func problem(at: Location, byte: Int, kind: Problem.Kind = .malformed, _ what: String) {
        if remarks.admitProblem() { remarks.add(Problem(kind, at: at, byte: byte, what)) }
    }

    /// A note on the current set; told only if the set is emitted.
    mutating func note(_ code: String, _ at: Location, _ text: String) { remarks.note(code, at, text) }

    /// A note on an element of the current segment.
    mutating func note(_ code: String, _ bytes: RawSpan, element: Int = 0, _ text: String) {
        if remarks.admitNote(code) { remarks.note(code, place(bytes, element: element), text) }
    }

    /// A note on the envelope.
    mutating func note<Sink: DocumentSink>(_ code: String, _ at: Location, _ text: String, into sink: inout Sink) {
        remarks.note(code, at, text, into: &sink)
    }

    /// The next set names its parties anew.
    mutating func forgetRoutes() { remarks.forgetRoutes() }

    mutating func route<Sink: DocumentSink>(_ id: String, into sink: inout Sink) { remarks.route(id, into: &sink) }

    // MARK: Outcome

    /// Ends the check of a set.
    /// - Returns: true if it may be emitted.
    mutating func settle<Sink: DocumentSink>(into sink: inout Sink) -> Bool {
        ids.insert(id)
        return remarks.settle(number: set, into: &sink)
    }

    /// A document of this type is emitted next.
    mutating func admit<Sink: DocumentSink>(_ type: String, into sink: inout Sink) {
        ids.insert(type)
        remarks.admit(into: &sink)
    }

    /// Ends the file.
    /// - Throws: `.rejected` if no set could be read.
    mutating func finish<Sink: DocumentSink>(into sink: inout Sink) throws(ReadFailure) -> String {
        try remarks.finish()
        if ids.isEmpty {
            note("no-transaction-set", .file, "the interchange holds no transaction set", into: &sink)
            return X12.name
        }
        return X12.name + "/" + ids.sorted().joined(separator: "+")
    }

    // MARK: What several sets have in common

    /// CUR: 02 the currency of the set. Absent, the account's is assumed and noted; without that it stays unstated.
    mutating func assumedCurrency() -> Currency {
        let place = Location.segment(Tag.st, 1, set: set)
        guard let currency = context.currency(ofSet: set) else {
            note("currency-missing", place, "neither the document (CUR) nor the account states a currency")
            return .unstated
        }
        note("currency-assumed", place, "no CUR segment; \(currency) is the account's currency")
        return currency
    }

    /// An amount of the current segment in minor units; anything but a number that the currency can express is a problem.
    mutating func amount(_ element: Int, _ bytes: RawSpan, in currency: Currency, implied: Int = 0) -> Int64? {
        let text = segments.amount(element, bytes, exponent: currency.exponent, implied: implied)
        if case .value(let amount) = text { return amount }
        refuse(text, element, bytes, currency)
        return nil
    }

    mutating func refuse(_ text: AmountText, _ element: Int, _ bytes: RawSpan, _ currency: Currency) {
        switch text {
        case .value, .malformed: problem(bytes, element: element, "is not an amount")
        case .empty: problem(bytes, element: element, "is empty; an amount must stand here")
        case .tooFine: problem(bytes, element: element, "has more decimals than \(currency) has (\(currency.exponent))")
        case .tooLarge: problem(bytes, element: element, "has more digits than an amount of money")
        }
    }

    /// A date of the current segment; one that does not exist is noted and left out.
    mutating func day(_ element: Int, _ bytes: RawSpan) -> Day? {
        if let day = segments.day(element, bytes) { return day }
        if !segments.isEmpty(element, bytes) {
            note("impossible-date", bytes, element: element, "\(segments.quoted(element, bytes)) is not a date; it is left out")
        }
        return nil
    }
}
