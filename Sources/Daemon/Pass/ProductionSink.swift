import Trade

/// Lets through what counts: a test interchange is refused with one problem and none of its documents reaches the sink behind. To book a
/// test is a wrong number, and to pass it over in silence would lose what a sender marks wrongly.
struct ProductionSink<Sink: DocumentSink>: DocumentSink {
    private(set) var sink: Sink
    /// The source is one whose sender marks as a test what is none.
    private let booksTests: Bool
    /// Where the current interchange is marked as a test; nil in one that counts.
    private var mark: Location?
    private var told = 0
    /// What is said of documents that are kept and not read: each way of saying it once.
    private(set) var unread: [String] = []

    /// People read the first few; the rest of a file full of tests says the same.
    private static var mostTold: Int { 20 }
    /// Stands for an advice that nobody takes.
    private static var nobody: Int { -1 }

    init(_ sink: Sink, booksTests: Bool) {
        self.sink = sink
        self.booksTests = booksTests
    }

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        mark == nil ? try sink.begin(advice) : Self.nobody
    }

    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {
        if advice != Self.nobody { try sink.append(lines, to: advice) }
    }

    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {
        if advice != Self.nobody { try sink.end(advice, end) }
    }

    mutating func add(_ document: WholeDocument) throws(ReadFailure) {
        if mark == nil { try sink.add(document) }
    }

    mutating func note(_ note: Note) {
        if ["unread-transaction-set", "unread-message"].contains(note.code), unread.count < Self.mostTold, !unread.contains(note.text) {
            unread.append(note.text)
        }
        sink.note(note)
    }
    mutating func refuse(_ problem: Problem) { sink.refuse(problem) }

    mutating func control(_ numbers: ControlNumbers) {
        let before = mark
        mark = booksTests ? nil : numbers.testMark
        guard let mark else { return sink.control(numbers) }
        guard mark != before, told < Self.mostTold else { return }
        told += 1
        let sign = mark.scheme == .message ? "UNB 0035" : "ISA15 = T"
        sink.refuse(
            Problem(
                .test, at: mark, "interchange \(numbers.interchange) is a test (\(sign)): nothing of it is booked",
                advice: "if it is meant to count, ask the sender to send it as production, or see 'test_interchanges: book' in the README"))
    }

    /// What the envelope of a test names comes again with the next one that counts.
    mutating func route(_ id: String) { if mark == nil { sink.route(id) } }
}
