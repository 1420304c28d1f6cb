import CGMime

/// The encodings of bodies and names, decoded to UTF-8 by iconv.
enum MailCharset {
    struct Decoded {
        var text: [UInt8]
        /// What a reader should know: the encoding was unknown, guessed or broken.
        var note: (code: String, text: String)?
    }

    /// A text in the encoding that its part declares.
    static func decoded(_ bytes: [UInt8], charset: String?) -> Decoded {
        let label = charset?.lowercased().filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" } ?? ""
        if label.isEmpty || label == "us-ascii" || label == "ascii" || label == "x-unknown" || label == "unknown-8bit" {
            guard bytes.contains(where: { $0 >= 0x80 }) else {
                // seven bits with escapes
                return bytes.contains(0x1B) ? guessed(bytes) : Decoded(text: bytes)
            }
            return guessed(bytes)
        }
        if label == "utf-8" || label == "utf8", String(validating: bytes, as: UTF8.self) != nil { return Decoded(text: bytes) }
        let shown = MailWords.clean(label, limit: 40) ?? ""
        guard let (text, bad) = convert(bytes, from: alias(label)) else {
            var decoded = guessed(bytes)
            let taken = decoded.note?.text ?? "it was read as UTF-8"
            decoded.note = ("charset-unknown", "the encoding \"\(shown)\" is not known; \(taken)")
            return decoded
        }
        guard bad > 0 else { return Decoded(text: text) }
        return Decoded(text: text, note: ("charset-broken", "\(bad) bytes are not \(shown) and were replaced by �"))
    }

    /// A text whose encoding nobody states.
    static func guessed(_ bytes: [UInt8]) -> Decoded {
        if bytes.contains(0x1B), let (text, bad) = convert(bytes, from: "ISO-2022-JP-3"), bad == 0 {
            return Decoded(text: text, note: ("charset-assumed", "it was read as ISO-2022-JP"))
        }
        guard bytes.contains(where: { $0 >= 0x80 }) else { return Decoded(text: bytes) }
        if String(validating: bytes, as: UTF8.self) != nil { return Decoded(text: bytes, note: nil) }
        let name = likely(bytes)
        let text = convert(bytes, from: name)?.text ?? Array(String(decoding: bytes, as: UTF8.self).utf8)
        return Decoded(text: text, note: ("charset-assumed", "it was read as \(name)"))
    }

    /// GB 2312 writes Chinese characters as two bytes from A1 on; Shift_JIS writes kana as 82 or 83 with a byte behind it;
    /// in a Western text letters above ASCII stand alone.
    private static func likely(_ bytes: [UInt8]) -> String {
        var index = 0
        var (pairs, chinese, kana, high) = (0, 0, 0, 0)
        while index < bytes.count {
            let byte = bytes[index]
            guard byte >= 0x80 else {
                index += 1
                continue
            }
            high += 1
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            if byte == 0x82 && next >= 0x9F && next <= 0xF1 || byte == 0x83 && next >= 0x40 && next <= 0x96 { kana += 1 }
            if byte >= 0xA1, byte <= 0xF7, next >= 0xA1 { chinese += 1 }
            if byte >= 0x81, byte <= 0xFE, next >= 0x40 {
                pairs += 1
                index += 2
            } else {
                index += 1
            }
        }
        if kana > 0, kana * 3 >= high, convert(bytes, from: "CP932")?.bad == 0 { return "CP932" }
        if pairs == high, chinese * 2 > pairs, convert(bytes, from: "GB18030")?.bad == 0 { return "GB18030" }
        if pairs == high, chinese == 0, convert(bytes, from: "CP932")?.bad == 0, isEastern(bytes) { return "CP932" }
        return "WINDOWS-1252"
    }

    /// Most of the bytes are no ASCII letters.
    private static func isEastern(_ bytes: [UInt8]) -> Bool { bytes.count(where: { $0 >= 0x80 }) * 3 > bytes.count }

    /// The larger set where mails declare the smaller one and use the larger; names that iconv does not know.
    private static func alias(_ label: String) -> String {
        switch label {
        case "gb2312", "gb_2312-80", "gbk", "x-gbk", "cp936", "euc-cn", "gb18030": "GB18030"
        case "shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j", "cp932": "CP932"
        case "iso-2022-jp", "iso-2022-jp-ms", "csiso2022jp": "ISO-2022-JP-3"
        case "iso-8859-1", "latin1", "latin-1", "iso8859-1", "cp1252", "windows-1252": "WINDOWS-1252"
        case "iso-8859-9", "latin5", "windows-1254", "cp1254": "WINDOWS-1254"
        case "iso-8859-8-i": "ISO-8859-8"
        case "ks_c_5601-1987", "euc-kr", "ks_c_5601": "CP949"
        case "big5", "x-big5": "BIG5-HKSCS"
        case "unicode-1-1-utf-7", "utf7": "UTF-7"
        case "utf8", "utf-8", "unicode": "UTF-8"
        default: label
        }
    }

    /// - Returns: nil if iconv does not know the name; `bad` counts bytes that were replaced by U+FFFD.
    static func convert(_ bytes: [UInt8], from name: String) -> (text: [UInt8], bad: Int)? {
        // iconv reads marks in a name: //IGNORE would lose bytes unseen
        guard !name.isEmpty, name.utf8.count < 64, name.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 47 && $0 != 44 }) else { return nil }
        guard let conversion = iconv_open("UTF-8", name), conversion != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(conversion) }
        var input = bytes
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 4)
        var bad = 0
        input.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: MailBounds.piece) { room in
                guard let start = room.baseAddress else { return }
                var from: UnsafeMutablePointer<CChar>? = base
                var left = buffer.count
                var isDone = false
                while !isDone {
                    var to: UnsafeMutablePointer<CChar>? = start
                    var free = room.count
                    let before = left
                    let status = left > 0 ? iconv(conversion, &from, &left, &to, &free) : iconv(conversion, nil, nil, &to, &free)
                    isDone = before == 0
                    text.append(contentsOf: UnsafeRawBufferPointer(start: start, count: room.count - free))
                    // stopped with room left: a byte that is none of the encoding, or a character cut at the end
                    if status == -1, left > 0, free > 16 {
                        text.append(contentsOf: [0xEF, 0xBF, 0xBD])
                        from = from.map { $0 + 1 }
                        left -= 1
                        bad += 1
                    }
                }
            }
        }
        return (text, bad)
    }
}
