import Trade

/// Bounds of the text formats. A file beyond one of them is rejected as too large rather than read in part.
enum TextBounds {
    /// Offsets are kept as Int32 and a million lines are about 120 MB, so a larger file is no export of this kind.
    static let file = 1 << 30
    /// UTF-16 and Windows-1252 files are decoded into memory before they are read.
    static let decodedFile = 128 << 20
    /// A row of a known export has a few hundred bytes; what is longer is most likely a quoted field that was never closed.
    static let row = 64 << 10
    /// The widest known export has 36 columns; a spreadsheet pads to the widest table of the sheet.
    static let columns = 256
    /// Title and preamble rows above the first header: 3 to 7 were seen.
    static let preamble = 50
    /// One mail is one payment. Half a million lines were never seen in a mail; the columns are found line by line in memory.
    static let mail = 32 << 20
    /// A mail's table is at most some 200 characters wide.
    static let mailHeader = 1024
    /// Problems reported of one file: a person corrects the first few, the rest mostly follows from them.
    static let problems = 20
}

/// The encodings in which exports and mails are saved. None is ever guessed from how often a letter occurs.
enum PlainText {
    /// The bytes as UTF-8, or nil if they already are (a byte order mark of UTF-8 is left to the reader).
    ///
    /// Valid UTF-8 is UTF-8. UTF-16 is known by its byte order mark, or by the zero bytes that no other text has. Of the other encodings
    /// only those are candidates in which every byte means something. The one under which most captions are known is taken; of equals
    /// the marketplace's (JP: Shift_JIS, CN: GB18030, else Windows-1252, as which a spreadsheet saves "CSV").
    /// - Parameters:
    ///   - known: how many captions a reader knows among the first rows, given as UTF-8; without it the marketplace decides.
    ///   - note: told which encoding was taken.
    static func decoded(
        _ bytes: Span<UInt8>, marketplace: String? = nil, known: (([UInt8]) -> Int)? = nil, note: (Note) -> Void
    ) throws(ReadFailure) -> [UInt8]? {
        if let order = utf16Order(bytes) {
            try bound(bytes.count)
            note(Note("encoding", at: .file, "the file is UTF-16"))
            return try UTF16Text.decoded(bytes, order, truncated: false)
        }
        switch check(bytes, truncated: false) {
        case .utf8: return nil
        case .control(let offset): throw control(bytes[offset], at: offset)
        case .other: break
        }
        try bound(bytes.count)
        for encoding in ranked(bytes, marketplace: marketplace, known: known) {
            guard let text = encoding.decoded(bytes, truncated: false) else { continue }
            note(Note("encoding", at: .file, "the file is not UTF-8 and was read as \(encoding.rawValue)"))
            return text
        }
        throw .rejected([
            Problem(
                .malformed, at: .file,
                "the file is neither UTF-8 nor UTF-16, \(LegacyEncoding.allCases.map(\.rawValue).joined(separator: ", "))",
                advice: "save it as UTF-8")
        ])
    }

    /// The head of a file as text, for claims. A character cut at the end is no objection.
    static func head(_ bytes: [UInt8]) -> [UInt8]? { heads(bytes).first }

    /// Every reading of the head that its bytes allow, the likeliest first: a claim tries its captions under each.
    static func heads(_ bytes: [UInt8]) -> [[UInt8]] {
        let span = bytes.span
        if let order = utf16Order(span) { return (try? UTF16Text.decoded(span, order, truncated: true)).map { [$0] } ?? [] }
        switch check(span, truncated: true) {
        case .utf8: return [bytes]
        case .control: return []
        case .other: break
        }
        // in a head that is cut the strictness of the whole reading would be wrong; one that only lost its end is still whole
        return [LegacyEncoding.windows1252, .gb18030, .shiftJIS].compactMap { $0.decoded(span, truncated: true) }
    }

    /// Candidates by what is known under them, then by marketplace.
    private static func ranked(_ bytes: Span<UInt8>, marketplace: String?, known: (([UInt8]) -> Int)?) -> [LegacyEncoding] {
        let order = LegacyEncoding.order(marketplace: marketplace)
        guard let known else { return order }
        let head = bytes.extracting(0..<min(bytes.count, FileHead.limit))
        let counts = order.map { $0.decoded(head, truncated: true).map(known) ?? -1 }
        // a stable sort: of equals the marketplace's stays first
        return order.indices.sorted { counts[$0] == counts[$1] ? $0 < $1 : counts[$0] > counts[$1] }.map { order[$0] }
    }

    /// The byte order of UTF-16: by its mark, else by where the zero bytes of Latin letters, digits and line ends stand.
    /// - Returns: nil for anything else.
    private static func utf16Order(_ bytes: Span<UInt8>) -> UTF16Text.Order? {
        guard bytes.count >= 2 else { return nil }
        if bytes[0] == 0xFF, bytes[1] == 0xFE { return UTF16Text.Order(isBigEndian: false, start: 2) }
        if bytes[0] == 0xFE, bytes[1] == 0xFF { return UTF16Text.Order(isBigEndian: true, start: 2) }
        var zeros = (even: 0, odd: 0)
        let count = min(bytes.count, FileHead.limit)
        for index in 0..<count where bytes[index] == 0 {
            if index % 2 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
        }
        // a few characters (U+4E00) have a zero in their other byte; a file of numbers has at least every eighth byte zero
        guard zeros.even + zeros.odd >= max(1, count / 8) else { return nil }
        if zeros.odd > 8 * zeros.even { return UTF16Text.Order(isBigEndian: false, start: 0) }
        if zeros.even > 8 * zeros.odd { return UTF16Text.Order(isBigEndian: true, start: 0) }
        return nil
    }

    private static func bound(_ count: Int) throws(ReadFailure) {
        guard count > TextBounds.decodedFile else { return }
        throw .rejected([
            Problem(
                .tooLarge, at: .file, "\(count) bytes that are not UTF-8; at most \(TextBounds.decodedFile) can be decoded",
                advice: "save it as UTF-8")
        ])
    }

    static func control(_ code: UInt8, at offset: Int) -> ReadFailure {
        .rejected([
            Problem(
                .malformed, at: .byte(offset), "a control character (0x\(String(code, radix: 16))) in a text file",
                advice: "export again as CSV or text")
        ])
    }

    /// Tab, line feed and carriage return; form feed and Ctrl-Z stand at the end of old text files.
    static func isText(control byte: UInt8) -> Bool { byte == 9 || byte == 10 || byte == 13 || byte == 12 || byte == 26 }

    enum Encoding: Equatable {
        case utf8
        case other
        /// Offset of a control character that no text file has.
        case control(Int)
    }

    /// - Parameter truncated: a sequence cut by the end of the bytes still is UTF-8.
    static func check(_ bytes: Span<UInt8>, truncated: Bool) -> Encoding {
        let raw = bytes.bytes
        let count = bytes.count
        var index = 0
        var utf8 = true
        while index < count {
            // eight bytes of plain ASCII at a time: no high bit, none below 32
            while index &+ 8 <= count {
                let word = raw.word(uncheckedAt: index)
                let low = (word &- 0x2020_2020_2020_2020) & ~word
                guard (word | low) & 0x8080_8080_8080_8080 == 0 else { break }
                index &+= 8
            }
            guard index < count else { break }
            let byte = raw.byte(uncheckedAt: index)
            if byte < 0x80 {
                if byte < 32, !isText(control: byte) { return .control(index) }
                index &+= 1
                continue
            }
            guard utf8 else {
                index &+= 1
                continue
            }
            let length = sequence(bytes, index, truncated: truncated)
            if length == 0 { utf8 = false }
            index &+= max(length, 1)
        }
        return utf8 ? .utf8 : .other
    }

    /// Length of the UTF-8 sequence at `index` (Unicode, table 3-7), 0 if it is none; a cut one may go beyond the end.
    private static func sequence(_ bytes: Span<UInt8>, _ index: Int, truncated: Bool) -> Int {
        let byte = bytes[index]
        let length = byte >= 0xC2 && byte < 0xE0 ? 2 : byte >= 0xE0 && byte < 0xF0 ? 3 : byte >= 0xF0 && byte < 0xF5 ? 4 : 0
        guard length > 0 else { return 0 }
        for next in 1..<length {
            guard index + next < bytes.count else { return truncated ? length : 0 }
            let trail = bytes[index + next]
            var lowest: UInt8 = 0x80
            var highest: UInt8 = 0xBF
            if next == 1 {
                if byte == 0xE0 { lowest = 0xA0 }
                if byte == 0xED { highest = 0x9F }
                if byte == 0xF0 { lowest = 0x90 }
                if byte == 0xF4 { highest = 0x8F }
            }
            guard trail >= lowest, trail <= highest else { return 0 }
        }
        return length
    }
}
