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

/// Unpacks what it is given and keeps nothing.
private struct Members: MemberSink {
    var isOpen = false
    mutating func begin(_ member: Member) throws(ReadFailure) {
        precondition(!isOpen, "a member inside another")
        isOpen = true
    }
    mutating func append(_ bytes: RawSpan) throws(ReadFailure) { precondition(isOpen, "bytes of no member") }
    mutating func end() throws(ReadFailure) {
        precondition(isOpen, "an end of no member")
        isOpen = false
    }
    mutating func mail(_ head: MailHead) throws(ReadFailure) {}
    mutating func note(_ note: Note) { _ = note.at.description }
    mutating func refuse(_ problem: Problem) { _ = problem.description }
}

/// A workbook, which is read as an archive too.
private enum Archives {
    static let workbooks = Workbooks(layouts: Layout.builtIn)
    static func claim(_ head: FileHead) -> String? { workbooks.claim(head) ?? ZipArchive().claim(head) ?? GzipFile().claim(head) }
    static func read(_ bytes: RawSpan, context: ReadingContext, into sink: inout Watching) throws(ReadFailure) -> String {
        let input = bytes.withUnsafeBytes { Array($0) }
        var members = Members()
        for container in [ZipArchive(), GzipFile()] as [any Container] {
            do throws(ReadFailure) {
                try container.unpack(bytes, name: "fuzz", into: &members)
                precondition(!members.isOpen, "a member without an end")
            } catch {
                if case .rejected(let problems) = error { precondition(!problems.isEmpty, "rejected without a reason") }
                members.isOpen = false
            }
        }
        return try workbooks.read(WorkbookInput.bytes(input).span.bytes, context: context, into: &sink)
    }
}

#if FUZZ_EDIFACT
    private typealias Reader = EDIFACT
#elseif FUZZ_WORKBOOK
    private typealias Reader = Archives
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
