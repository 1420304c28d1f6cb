/// Bytes of a file as text.
///
/// X12 names no character set: UTF-8 if the bytes are valid UTF-8, else ISO 8859-1, in which every byte is a character.
enum Text {
    static func decode(_ bytes: [UInt8]) -> String { decode(bytes.span.bytes, 0, bytes.count) }

    static func decode(_ bytes: RawSpan, _ start: Int, _ end: Int) -> String {
        // nearly every field is short and ASCII
        let count = end &- start
        if count >= 8, count <= 15, start >= 0, end <= bytes.byteCount {
            // two words that overlap
            let first = bytes.word(uncheckedAt: start)
            let last = bytes.word(uncheckedAt: end &- 8)
            if (first | last) & 0x8080_8080_8080_8080 == 0 {
                return String(unsafeUninitializedCapacity: count) { text in
                    let raw = UnsafeMutableRawBufferPointer(text)
                    raw.storeBytes(of: first.littleEndian, as: UInt64.self)
                    raw.storeBytes(of: last.littleEndian, toByteOffset: count &- 8, as: UInt64.self)
                    return count
                }
            }
        }
        return bytes.withUnsafeBytes { buffer in
            let part = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
            if count < 8, let text = short(part) { return text }
            if let text = String(validating: part, as: UTF8.self) { return text }
            var scalars = String.UnicodeScalarView()
            for byte in part { scalars.append(Unicode.Scalar(byte)) }
            return String(scalars)
        }
    }

    /// At most seven bytes of ASCII; nil if they are not ASCII.
    private static func short(_ part: UnsafeRawBufferPointer) -> String? {
        let count = part.count
        var union: UInt8 = 0
        for byte in part { union |= byte }
        guard union < 0x80 else { return nil }
        return String(unsafeUninitializedCapacity: count) { text in
            for index in 0..<count { text[index] = part[index] }
            return count
        }
    }

    /// The bytes in quotes, control characters escaped, shortened to what fits into one line of a message.
    static func quote(_ bytes: [UInt8], limit: Int = 40) -> String {
        var text = "\""
        for scalar in decode(Array(bytes.prefix(limit))).unicodeScalars {
            switch scalar.value {
            case 34: text += "\\\""
            case 92: text += "\\\\"
            case 9: text += "\\t"
            case 10: text += "\\n"
            case 13: text += "\\r"
            case 0..<32, 127..<160, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                let hex = String(scalar.value, radix: 16, uppercase: true)
                text += "\\u{\(hex)}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + (bytes.count > limit ? "…\"" : "\"")
    }
}

extension String {
    /// Without blanks and line breaks around it.
    var trimmed: String {
        let bytes = utf8
        guard let first = bytes.firstIndex(where: { $0 > 32 }), let last = bytes.lastIndex(where: { $0 > 32 }) else { return "" }
        return String(self[first...last])
    }

    var nonEmpty: String? { isEmpty ? nil : self }
}

extension RawSpan {
    /// A byte, bounds checked.
    @inline(__always)
    subscript(offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

    /// A byte whose place the caller has just compared with `byteCount`.
    @inline(__always)
    func byte(uncheckedAt offset: Int) -> UInt8 { unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) }

    /// Eight bytes, the first one lowest. The caller has seen to it that they are there.
    @inline(__always)
    func word(uncheckedAt offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The bytes of the character at `offset`: a valid UTF-8 sequence, else the one byte.
    func character(at offset: Int) -> [UInt8] {
        let first = self[offset]
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1
        guard length > 1, offset + length <= byteCount else { return [first] }
        let bytes = (0..<length).map { self[offset + $0] }
        return String(validating: bytes, as: UTF8.self) == nil ? [first] : bytes
    }

    func copy(_ start: Int, _ end: Int) -> [UInt8] {
        withUnsafeBytes { Array($0[start..<end]) }
    }
}
