import Glibc
import Trade

/// Encodings of text that are neither UTF-8 nor UTF-16, as spreadsheets save "CSV" in one region or another.
enum LegacyEncoding: String, CaseIterable {
    case windows1252 = "Windows-1252"
    /// A superset of GBK and GB 2312.
    case gb18030 = "GB18030"
    /// As Windows extends it (code page 932).
    case shiftJIS = "Shift_JIS"

    /// What a file of the marketplace is most likely in first.
    static func order(marketplace: String?) -> [LegacyEncoding] {
        switch marketplace?.uppercased() {
        case "JP": [.shiftJIS, .gb18030, .windows1252]
        case "CN": [.gb18030, .shiftJIS, .windows1252]
        default: [.windows1252, .gb18030, .shiftJIS]
        }
    }

    /// The bytes as UTF-8; nil if a byte of them means nothing in this encoding.
    /// - Parameter truncated: a character cut by the end of the bytes is left out.
    func decoded(_ bytes: Span<UInt8>, truncated: Bool) -> [UInt8]? {
        switch self {
        case .windows1252: Self.windows1252(bytes)
        case .gb18030: Self.converted(bytes, from: "GB18030", truncated: truncated)
        case .shiftJIS: Self.converted(bytes, from: "CP932", truncated: truncated)
        }
    }

    private static func windows1252(_ bytes: Span<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 16)
        for index in bytes.indices {
            let byte = bytes[index]
            if byte < 0x80 {
                text.append(byte)
            } else {
                let scalar = byte < 0xA0 ? windows1252High[Int(byte - 0x80)] : UInt32(byte)
                guard scalar > 0, let scalar = Unicode.Scalar(scalar) else { return nil }
                text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return text
    }

    /// 0x80 to 0x9F of Microsoft's code page 1252; 0 where it has nothing.
    private static let windows1252High: [UInt32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
    ]

    /// By the C library's tables, strictly: no replacement, no transliteration.
    private static func converted(_ bytes: Span<UInt8>, from name: String, truncated: Bool) -> [UInt8]? {
        guard let conversion = iconv_open("UTF-8", name), conversion != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(conversion) }
        return bytes.withUnsafeBufferPointer { source -> [UInt8]? in
            guard let base = source.baseAddress else { return [] }
            var text: [UInt8] = []
            text.reserveCapacity(source.count + source.count / 2)
            // iconv does not write to its input; its type is older than const
            var from: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: base).assumingMemoryBound(to: CChar.self)
            var rest = source.count
            let size = 1 << 16
            return withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { buffer -> [UInt8]? in
                while rest > 0 {
                    var to: UnsafeMutablePointer<CChar>? = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
                    var room = size
                    let result = iconv(conversion, &from, &rest, &to, &room)
                    let code = errno
                    text.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<(size - room)]))
                    guard result == -1 else { break }
                    if code == E2BIG { continue }
                    return code == EINVAL && truncated ? text : nil
                }
                return text
            }
        }
    }
}

/// UTF-16 as spreadsheets save "Unicode text".
enum UTF16Text {
    struct Order {
        var isBigEndian: Bool
        /// Behind the byte order mark.
        var start: Int
    }

    /// - Parameter truncated: a character cut by the end of the bytes is left out.
    static func decoded(_ bytes: Span<UInt8>, _ order: Order, truncated: Bool) throws(ReadFailure) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 2 + bytes.count / 8)
        var index = order.start
        func unit(_ index: Int) -> UInt32 {
            let (a, b) = (UInt32(bytes[index]), UInt32(bytes[index + 1]))
            return order.isBigEndian ? a << 8 | b : b << 8 | a
        }
        while index + 1 < bytes.count {
            let code = unit(index)
            if code < 0x80 {
                if code < 32, !PlainText.isText(control: UInt8(code)) { throw PlainText.control(UInt8(code), at: index) }
                text.append(UInt8(code))
                index += 2
            } else if code < 0x800 {
                text.append(UInt8(0xC0 | code >> 6))
                text.append(UInt8(0x80 | code & 0x3F))
                index += 2
            } else if code < 0xD800 || code > 0xDFFF {
                text.append(UInt8(0xE0 | code >> 12))
                text.append(UInt8(0x80 | code >> 6 & 0x3F))
                text.append(UInt8(0x80 | code & 0x3F))
                index += 2
            } else {
                guard index + 3 < bytes.count else { break }
                let low = unit(index + 2)
                guard code < 0xDC00, low >= 0xDC00, low < 0xE000 else {
                    throw .rejected([Problem(.malformed, at: .byte(index), "half a character of UTF-16", advice: "save it as UTF-8")])
                }
                let scalar = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                text.append(UInt8(0xF0 | scalar >> 18))
                text.append(UInt8(0x80 | scalar >> 12 & 0x3F))
                text.append(UInt8(0x80 | scalar >> 6 & 0x3F))
                text.append(UInt8(0x80 | scalar & 0x3F))
                index += 4
            }
        }
        if index < bytes.count, !truncated {
            throw .rejected([
                Problem(.incomplete, at: .byte(index), "the file ends inside a UTF-16 character", advice: "send the whole file")
            ])
        }
        return text
    }
}
