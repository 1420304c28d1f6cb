import Trade

/// Takes the ids that route a file and stops at the first document.
struct RoutingSink: DocumentSink {
    private(set) var ids: [String] = []

    private struct Enough: Error {}

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int { throw .sink(Enough()) }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) { throw .sink(Enough()) }
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {}
    mutating func add(_ document: WholeDocument) throws(ReadFailure) { throw .sink(Enough()) }
    mutating func note(_ note: Note) {}
    mutating func refuse(_ problem: Problem) {}
    mutating func control(_ numbers: ControlNumbers) { ids = numbers.parties }
    mutating func route(_ id: String) { ids.append(id) }
}
