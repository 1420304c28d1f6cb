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

/// Unpacks what it is given and keeps the parts of mails alone.
private struct Members: MemberSink {
    var isOpen = false
    /// Texts of mails, which are read in turn.
    var parts: [[UInt8]] = []
    private var isPart = false
    mutating func begin(_ member: Member) throws(ReadFailure) {
        precondition(!isOpen, "a member inside another")
        isOpen = true
        if case .part = member.role { isPart = true } else { isPart = false }
        if isPart { parts.append([]) }
    }
    mutating func append(_ bytes: RawSpan) throws(ReadFailure) {
        precondition(isOpen, "bytes of no member")
        if isPart { bytes.withUnsafeBytes { parts[parts.count - 1] += $0 } }
    }
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

/// A mail or several in a file, and what their texts say; a text saved by itself, too.
private enum Mails {
    static let containers: [any Container] = [MailMessages(), Mailbox()]
    static func claim(_ head: FileHead) -> String? { containers.compactMap { $0.claim(head) }.first ?? RemittanceMail().claim(head) }
    static func read(_ bytes: RawSpan, context: ReadingContext, into sink: inout Watching) throws(ReadFailure) -> String {
        for container in containers {
            var members = Members()
            do throws(ReadFailure) {
                try container.unpack(bytes, name: "fuzz", into: &members)
                precondition(!members.isOpen, "a member without an end")
            } catch {
                if case .rejected(let problems) = error { precondition(!problems.isEmpty, "rejected without a reason") }
            }
            for part in members.parts {
                var inner = Watching()
                do throws(ReadFailure) {
                    _ = try RemittanceMail().read(part.span.bytes, context: context, into: &inner)
                    precondition(!inner.open.contains(true), "a payment was never closed")
                } catch {
                    if case .rejected(let problems) = error { precondition(!problems.isEmpty, "rejected without a reason") }
                }
            }
        }
        return try RemittanceMail().read(bytes, context: context, into: &sink)
    }
}

/// Exports as delimited text: each of the readers sees every input.
private enum Exports {
    static let tables = Tables(layouts: Layout.builtIn)
    static let others: [any Format] = [VendorCentralRemittances(), SellerSettlements()]
    /// Each with dates and decimal marks of its own; the length chooses.
    static let marketplaces = ["US", "DE", "JP", "IN", "SE", nil]
    static func claim(_ head: FileHead) -> String? {
        tables.claim(head) ?? others.compactMap { $0.claim(head) }.first
    }
    static func read(_ bytes: RawSpan, context: ReadingContext, into sink: inout Watching) throws(ReadFailure) -> String {
        let input = bytes.withUnsafeBytes { Array($0) }
        let account = ReadingContext(currency: context.currency, marketplace: marketplaces[input.count / 4 % marketplaces.count])
        for format in others {
            var other = Watching()
            do throws(ReadFailure) {
                _ = try Formats.read(input.span.bytes, as: format, context: account, into: &other)
                precondition(!other.open.contains(true), "a payment was never closed")
            } catch {
                if case .rejected(let problems) = error { precondition(!problems.isEmpty, "rejected without a reason") }
            }
        }
        return try tables.read(input.span.bytes, context: account, into: &sink)
    }
}

#if FUZZ_EDIFACT
    private typealias Reader = EDIFACT
#elseif FUZZ_WORKBOOK
    private typealias Reader = Archives
#elseif FUZZ_MAILS
    private typealias Reader = Mails
#elseif FUZZ_LAYOUTS
    private typealias Reader = Exports
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
