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

/// The encodings in which exports and mails are saved.
enum PlainText {
    /// The bytes as UTF-8, or nil if they already are (a byte order mark of UTF-8 is left to the reader).
    /// UTF-16 needs its byte order mark; bytes that are not UTF-8 are read as Windows-1252, the encoding in which a
    /// spreadsheet saves "CSV".
    static func decoded(_ bytes: Span<UInt8>, note: (Note) -> Void) throws(ReadFailure) -> [UInt8]? {
        if bytes.count >= 2, bytes[0] == 0xFF && bytes[1] == 0xFE || bytes[0] == 0xFE && bytes[1] == 0xFF {
            try bound(bytes.count)
            note(Note("encoding", at: .file, "the file is UTF-16"))
            return try utf16(bytes, bigEndian: bytes[0] == 0xFE)
        }
        switch check(bytes, truncated: false) {
        case .utf8: return nil
        case .control(let offset):
            throw .rejected([
                Problem(
                    .malformed, at: .byte(offset), "a control character (0x\(String(bytes[offset], radix: 16))) in a text file",
                    advice: "export again as CSV or text")
            ])
        case .other:
            try bound(bytes.count)
            note(Note("encoding", at: .file, "the file is not UTF-8 and was read as Windows-1252"))
            return windows1252(bytes)
        }
    }

    /// The head of a file as text, for claims. A character cut at the end is no objection.
    static func head(_ bytes: [UInt8]) -> [UInt8]? {
        let span = bytes.span
        if bytes.count >= 2, bytes[0] == 0xFF && bytes[1] == 0xFE || bytes[0] == 0xFE && bytes[1] == 0xFF {
            return try? utf16(span, bigEndian: bytes[0] == 0xFE, truncated: true)
        }
        switch check(span, truncated: true) {
        case .utf8: return bytes
        case .control: return nil
        case .other: return windows1252(span)
        }
    }

    private static func bound(_ count: Int) throws(ReadFailure) {
        guard count > TextBounds.decodedFile else { return }
        throw .rejected([
            Problem(
                .tooLarge, at: .file, "\(count) bytes that are not UTF-8; at most \(TextBounds.decodedFile) can be decoded",
                advice: "save it as UTF-8")
        ])
    }

    enum Encoding: Equatable {
        case utf8
        case other
        /// Offset of a control character that no text file has.
        case control(Int)
    }

    /// - Parameter truncated: a sequence cut by the end of the bytes still is UTF-8.
    static func check(_ bytes: Span<UInt8>, truncated: Bool) -> Encoding {
        var index = 0
        var utf8 = true
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                // tab, line feed, carriage return; form feed and Ctrl-Z stand at the end of old text files
                if byte < 32, byte != 9, byte != 10, byte != 13, byte != 12, byte != 26 { return .control(index) }
                index += 1
                continue
            }
            guard utf8 else {
                index += 1
                continue
            }
            let length = byte >= 0xC2 && byte < 0xE0 ? 2 : byte >= 0xE0 && byte < 0xF0 ? 3 : byte >= 0xF0 && byte < 0xF5 ? 4 : 0
            var good = length > 0
            var next = 1
            while good, next < length {
                if index + next >= bytes.count {
                    good = truncated
                    break
                }
                if bytes[index + next] & 0xC0 != 0x80 { good = false }
                next += 1
            }
            if !good { utf8 = false }
            index += good ? length : 1
        }
        return utf8 ? .utf8 : .other
    }

    private static func utf16(_ bytes: Span<UInt8>, bigEndian: Bool, truncated: Bool = false) throws(ReadFailure) -> [UInt8] {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var index = 2
        while index + 1 < bytes.count {
            let (a, b) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(bigEndian ? a << 8 | b : b << 8 | a)
            index += 2
        }
        if index < bytes.count, !truncated {
            throw .rejected([Problem(.incomplete, at: .byte(index), "the file ends inside a UTF-16 character")])
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private static func windows1252(_ bytes: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 16)
        for index in bytes.indices {
            let byte = bytes[index]
            if byte < 0x80 {
                text.append(byte)
            } else {
                let scalar = byte < 0xA0 ? windows1252High[Int(byte - 0x80)] : UInt32(byte)
                text.append(contentsOf: String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8)
            }
        }
        return text
    }

    /// 0x80 to 0x9F of the WHATWG index windows-1252.
    private static let windows1252High: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
        0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
    ]
}

/// Blanks and invisible characters as exports put them around a value.
enum Blank {
    /// Length of a blank or invisible character that starts at `index`, 0 if something visible does.
    static func length(_ bytes: Span<UInt8>, _ index: Int, before end: Int) -> Int {
        let byte = bytes[index]
        if byte == 32 || byte == 9 || byte == 10 || byte == 13 || byte == 12 || byte == 26 { return 1 }
        if byte == 0xC2, index + 1 < end, bytes[index + 1] == 0xA0 || bytes[index + 1] == 0xAD { return 2 }  // no-break, soft hyphen
        guard index + 2 < end else { return 0 }
        let three = UInt32(byte) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
        switch three {
        case 0xE28080...0xE2808F: return 3  // U+2000 to U+200F: spaces, zero widths, direction marks
        case 0xE280A8...0xE280AF: return 3  // separators, embeddings, narrow no-break space
        case 0xE281A0...0xE281AF: return 3  // word joiner, isolates
        case 0xE38080, 0xEFBBBF: return 3  // ideographic space, byte order mark
        default: return 0
        }
    }

    /// The range without blanks and invisible characters at either end.
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end {
            let length = length(bytes, start, before: end)
            if length == 0 { break }
            start += length
        }
        while end > start {
            var cut = 0
            for width in 1...3 where end - width >= start {
                if length(bytes, end - width, before: end) == width { cut = width }
            }
            if cut == 0 { break }
            end -= cut
        }
        return start..<end
    }
}

extension Span where Element == UInt8 {
    /// The bytes of a checked UTF-8 range as text.
    func text(_ range: Range<Int>) -> String {
        let part = extracting(range)
        return part.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
