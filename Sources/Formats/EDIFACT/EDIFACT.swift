public import Trade

/// UN/EDIFACT interchanges (ISO 9735 syntax 1 to 4): the envelope, and the messages that `Messages.swift` lists, directories D.93A to
/// D.06A and EANCOM. Any other message is kept as `OtherDocument` with the note `unread-message`.
///
/// Documents are emitted as they stand in the file, each message only after it was checked to its end. A message that is wrong
/// among good ones is refused alone. If all are wrong, or the envelope is, the whole file is rejected: what the sink has been given
/// by then must not be kept.
public struct EDIFACT: Format {
    public init() {}

    public var name: String { Self.name }
    public func claim(_ head: FileHead) -> String? { Self.claim(head) }
    public func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String { try Self.read(bytes, context: context, into: &sink) }

    public static let name = "edifact"

    /// Claims a file whose first bytes, after a byte order mark and blanks, are UNA with its service characters and an envelope
    /// segment behind them; or `UNB`, `UNG`, `UNH` and a separator; or, for a body without any envelope, `BGM+` with a document code.
    public static func claim(_ head: FileHead) -> String? {
        let bytes = head.bytes.span.bytes
        let start = X12.startOfContent(bytes)
        func tag(_ offset: Int) -> [UInt8] { Array(compact(bytes, offset).prefix(3)) }
        if tag(start) == [85, 78, 65] {  // UNA
            var behind = start
            var letters = 0
            while behind < bytes.byteCount, letters < 3 {
                if bytes[behind] != 13 && bytes[behind] != 10 { letters += 1 }
                behind += 1
            }
            guard case .success(let found) = ServiceCharacters.read(bytes, at: behind) else { return nil }
            let next = startOfBlock(bytes, from: found.end)
            let follows = tag(next)
            let isSeparated = compact(bytes, next).dropFirst(3).first == found.characters.element
            return isSeparated && openings.contains(follows) ? "UNA service string" : nil
        }
        let first = compact(bytes, start)
        guard first.count >= 4 else { return nil }
        let text = Array(first.prefix(3))
        if text == Array("BGM".utf8) {
            let rest = first.dropFirst(4).prefix(4)
            // BGM+380+… or BGM+380:…
            let digits = rest.prefix { $0.isLetterOrDigit }
            let isCode = (2...3).contains(digits.count) && rest.dropFirst(digits.count).first.map { $0 == 43 || $0 == 58 } == true
            return first[3] == 43 && isCode && head.bytes.contains(39) ? "a BGM segment without an envelope" : nil
        }
        return openings.contains(text) && (first[3] == 43 || first[3] == 0x1D) ? "\(String(decoding: text, as: UTF8.self)) envelope" : nil
    }

    private static let openings = ["UNB", "UNG", "UNH"].map { Array($0.utf8) }

    /// The next bytes without line breaks.
    private static func compact(_ bytes: RawSpan, _ start: Int) -> [UInt8] {
        var seen: [UInt8] = []
        var offset = start
        while offset < bytes.byteCount, seen.count < 8 {
            if bytes[offset] != 13 && bytes[offset] != 10 { seen.append(bytes[offset]) }
            offset += 1
        }
        return seen
    }

    /// Reads all interchanges of the file.
    /// - Returns: `edifact/REMADV`, or the messages that occur, sorted, as in `edifact/INVOIC+ORDERS`; `edifact` if there is none.
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
        var interchanges = Interchanges(context: context)
        return try interchanges.read(bytes, into: &sink)
    }
}

extension EDIFACT {
    /// The offset behind blanks and line breaks.
    static func startOfBlock(_ bytes: RawSpan, from: Int) -> Int {
        var offset = from
        while offset < bytes.byteCount, bytes[offset] <= 32 { offset += 1 }
        return offset
    }
}
