public import Trade

/// ANSI X12 interchanges: the envelope of X12.5 (ISA/IEA) and X12.6 (GS/GE, ST/SE), and the transaction sets that
/// `TransactionSets.swift` lists. Any other set is kept as `OtherDocument` with the note `unread-transaction-set`.
///
/// Documents are emitted as they stand in the file, each transaction set only after it was checked from ST to SE. A set
/// that is wrong among good ones is refused alone. If all are wrong, or the envelope is, the whole file is rejected: what
/// the sink has been given by then must not be kept.
public struct X12: Format {
    public init() {}

    public var name: String { Self.name }
    public func claim(_ head: FileHead) -> String? { Self.claim(head) }
    public func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String { try Self.read(bytes, context: context, into: &sink) }

    public static let name = "x12"

    /// Claims a file whose first bytes, after a byte order mark and blanks, are `ISA` and a separator.
    public static func claim(_ head: FileHead) -> String? {
        let bytes = head.bytes.span.bytes
        var offset = startOfContent(bytes)
        var seen: [UInt8] = []
        while offset < bytes.byteCount, seen.count < 4 {
            let byte = bytes[offset]
            if byte != 13 && byte != 10 { seen.append(byte) }
            offset += 1
        }
        // a file cut off inside these four bytes is nobody's
        guard seen.count == 4, seen[0] == 73, seen[1] == 83, seen[2] == 65, canSeparate(seen[3]) else { return nil }
        return "ISA envelope"
    }

    /// Reads all interchanges of the file.
    /// - Returns: `x12/820`, or the sets that occur, sorted, as in `x12/810+820`; `x12` if there is none.
    public static func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String {
        guard bytes.byteCount <= Bounds.fileBytes else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .file, "the file has \(bytes.byteCount) bytes, more than the \(Bounds.fileBytes) that are read",
                    advice: "ask the sender to split it")
            ])
        }
        let start = startOfContent(bytes)
        let header = try InterchangeHeader.read(bytes, at: start, number: 1).orThrow()
        var envelope = Envelope(header, context: context)
        return try envelope.read(bytes, into: &sink)
    }

    /// The offset behind a byte order mark, blanks and line breaks.
    static func startOfContent(_ bytes: RawSpan) -> Int {
        var offset = 0
        if bytes.byteCount >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
        while offset < bytes.byteCount, bytes[offset] == 32 || bytes[offset] == 9 || bytes[offset] == 13 || bytes[offset] == 10 {
            offset += 1
        }
        return offset
    }

    /// What can stand between elements: any single-byte character but letters, digits, blanks and quotation marks.
    static func canSeparate(_ byte: UInt8) -> Bool {
        byte != 32 && byte != 34 && byte != 13 && byte != 10 && byte != 0 && byte < 0x7F && !byte.isLetterOrDigit
    }
}

extension Result where Failure == ReadingStopped {
    func orThrow() throws(ReadFailure) -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let stopped): throw .rejected([stopped.problem])
        }
    }
}
