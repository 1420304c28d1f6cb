/// Blanks and invisible characters as exports put them around a value.
enum Blank {
    /// Length of a blank or invisible character that starts at `index`, 0 if something visible does.
    static func length(_ bytes: Span<UInt8>, _ index: Int, before end: Int) -> Int {
        let byte = bytes[index]
        if byte == 32 || byte == 9 || byte == 10 || byte == 13 || byte == 12 || byte == 26 { return 1 }
        if byte < 0x80 { return 0 }
        if byte == 0xC2, index + 1 < end, bytes[index + 1] == 0xA0 || bytes[index + 1] == 0xAD { return 2 }  // no-break, soft hyphen
        if byte == 0xD8, index + 1 < end, bytes[index + 1] == 0x9C { return 2 }  // Arabic letter mark
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
    @inline(__always)
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        guard !range.isEmpty else { return range }
        let (first, last) = (bytes[range.lowerBound], bytes[range.upperBound - 1])
        // nearly every cell begins and ends with a visible character of ASCII
        if first > 32, first < 0x80, last > 32, last < 0x80 { return range }
        return cut(bytes, range)
    }

    @inline(never)
    private static func cut(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
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
    func text(_ range: Range<Int>) -> String { Text.decode(bytes, range.lowerBound, range.upperBound) }
}
