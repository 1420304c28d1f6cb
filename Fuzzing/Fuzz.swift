import Formats
import Synchronization
import Trade

// What libFuzzer calls: one input, read by one format. A trap, a hang, or memory without bound is a finding; so is a sink that was
// used against its rules. The format is chosen by a compilation condition, so that each reader has a corpus of its own.

/// Checks how a reader uses its sink, and keeps nothing.
private struct Watching: DocumentSink {
    var open: [Bool] = []

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        _ = advice.at.description
        open.append(true)
        return open.count - 1
    }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {
        precondition(open[advice], "lines for a payment that is closed")
        for index in lines.indices { _ = lines[index].at.packed }
    }
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {
        precondition(open[advice], "a payment that ends twice")
        precondition((end.footing ?? 0) >= 0, "a difference below nothing")
        open[advice] = false
    }
    mutating func add(_ document: WholeDocument) throws(ReadFailure) {
        if case .memo(let memo) = document { _ = memo.at.description }
    }
    mutating func note(_ note: Note) { _ = note.at.description }
    mutating func refuse(_ problem: Problem) { _ = problem.description }
    mutating func route(_ id: String) { precondition(!id.isEmpty, "an empty id routes nowhere") }
}

#if FUZZ_EDIFACT
    private typealias Reader = EDIFACT
#else
    private typealias Reader = X12
#endif

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeRawBufferPointer(start: start, count: count))
    // the length chooses the account's currency: none; two, no, three decimals
    let currency: Currency? = [nil, Currency(code: "USD"), Currency(code: "JPY"), Currency(code: "KWD")][count % 4]
    _ = Reader.claim(FileHead(name: "fuzz", bytes: Array(bytes.prefix(FileHead.limit)), size: count))
    var sink = Watching()
    do throws(ReadFailure) {
        _ = try Reader.read(bytes.span.bytes, context: ReadingContext(currency: currency), into: &sink)
        precondition(!sink.open.contains(true), "a payment was never closed")
    } catch {
        if case .rejected(let problems) = error { precondition(!problems.isEmpty, "rejected without a reason") }
    }
    return 0
}
