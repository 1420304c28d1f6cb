import Trade

/// Takes a reading that is only summed.
struct SummedOnly: DocumentSink {
    mutating func begin(_ advice: RemittanceAdvice) -> Int { -1 }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) {}
    mutating func end(_ advice: Int, _ end: RemittanceEnd) {}
    mutating func add(_ document: WholeDocument) {}
    mutating func note(_ note: Note) {}
    mutating func refuse(_ problem: Problem) {}
    mutating func route(_ id: String) {}
}
