import Trade

/// Counts what a file holds, for `parse --quiet`: reading alone, without rendering.
struct CountingSink: DocumentSink {
    private(set) var documents = 0
    private(set) var lines = 0
    private(set) var problems: [Problem] = []

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        documents += 1
        return documents - 1
    }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) { self.lines += lines.count }
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {}
    mutating func add(_ document: WholeDocument) throws(ReadFailure) { documents += 1 }
    mutating func note(_ note: Note) {}
    mutating func refuse(_ problem: Problem) { problems.append(problem) }
    mutating func route(_ id: String) {}
}
