import CGMime
import Trade

/// The transfer encoding of a part (RFC 2045 6): what is wrong with it is found before GMime decodes it, because GMime's
/// decoders pass over what they do not know.
struct PartContent {
    enum Encoding { case plain, base64, quoted, uuencoded }

    var encoding: Encoding
    /// The bytes to decode: without what surrounds an uuencoded file.
    var range: Range<Int>
    /// Signs to add at the end, where padding is missing.
    var padding = 0
    var note: (code: String, text: String)?
    /// Of an uuencoded file.
    var fileName: String?

    /// - Parameter isBounded: a boundary follows, so that the end of the text has not cut the part.
    /// - Throws: the one `Problem` why nothing may be made of the part.
    init(_ bytes: [UInt8], _ body: Range<Int>, field: String?, isBounded: Bool, at: Location) throws(PartFault) {
        range = body
        let name = (field ?? "").lowercased().filter { !$0.isWhitespace && $0 != "\"" }.prefix { $0 != ";" && $0 != "(" }
        switch name {
        case "base64":
            encoding = .base64
            try checkBase64(bytes, isBounded, at)
        case "quoted-printable":
            encoding = .quoted
            try checkQuoted(bytes, isBounded, at)
        case "x-uuencode", "uuencode", "x-uue", "uue":
            encoding = .uuencoded
            try findUuencoded(bytes, at)
        case "", "7bit", "8bit", "binary", "7-bit", "8-bit": encoding = .plain
        default:
            encoding = .plain
            let shown = MailWords.clean(String(name), limit: 40) ?? ""
            note = ("encoding-unknown", "the transfer encoding \"\(shown)\" is not known; the bytes were left as they are")
        }
    }

    private mutating func checkBase64(_ bytes: [UInt8], _ isBounded: Bool, _ at: Location) throws(PartFault) {
        var (signs, pads, strange) = (0, 0, 0)
        for index in range {
            switch bytes[index] {
            case 65...90, 97...122, 48...57, 43, 47:
                guard pads == 0 else {
                    throw PartFault(
                        Problem(
                            .malformed, at: at, "text stands behind the end of the base64 data", advice: "save the attachment and drop it"))
                }
                signs += 1
            case 61: pads += 1
            case 9, 10, 13, 32: continue
            default: strange += 1
            }
        }
        let rest = signs % 4
        guard rest != 1 else { throw PartFault.cut("the base64 data ends inside a character", isBounded, at) }
        if rest > 0, pads == 0 {
            guard isBounded else { throw PartFault.cut("the base64 data ends without its padding", isBounded, at) }
            padding = 4 - rest
            note = ("encoding-broken", "the base64 data lacks its padding")
        }
        if strange > 0 { note = ("encoding-broken", "\(strange) characters that are not base64 were passed over") }
    }

    private mutating func checkQuoted(_ bytes: [UInt8], _ isBounded: Bool, _ at: Location) throws(PartFault) {
        var strange = 0
        var index = range.lowerBound
        func isHex(_ index: Int) -> Bool {
            guard index < range.upperBound else { return false }
            return switch bytes[index] {
            case 48...57, 65...70, 97...102: true
            default: false
            }
        }
        while index < range.upperBound {
            guard bytes[index] == 61 else {
                index += 1
                continue
            }
            var end = index + 1
            while end < range.upperBound, bytes[end] == 32 || bytes[end] == 9 { end += 1 }
            if end == range.upperBound || end + 1 == range.upperBound && isHex(end), !isBounded {
                throw PartFault.cut("the quoted-printable text ends inside a character or line", isBounded, at)
            }
            let isSoftBreak = end == range.upperBound || bytes[end] == 10 || bytes[end] == 13
            if !isSoftBreak, !(isHex(index + 1) && isHex(index + 2)) { strange += 1 }
            index += 1
        }
        if strange > 0 { note = ("encoding-broken", "\(strange) equal signs are not quoted-printable and were left as they are") }
    }

    private mutating func findUuencoded(_ bytes: [UInt8], _ at: Location) throws(PartFault) {
        guard let found = Self.uuencoded(bytes, range) else {
            throw PartFault(Problem(.incomplete, at: at, "an uuencoded file without its begin or end line", advice: "fetch the mail again"))
        }
        fileName = found.name
        range = found.range
    }

    /// The first `begin MODE NAME` … `end` in a text.
    static func uuencoded(_ bytes: [UInt8], _ text: Range<Int>) -> (name: String, range: Range<Int>)? {
        var start: Int?
        var name = ""
        var index = text.lowerBound
        while index < text.upperBound {
            var end = index
            while end < text.upperBound, bytes[end] != 10 { end += 1 }
            let next = min(end + 1, text.upperBound)
            if end > index, bytes[end - 1] == 13 { end -= 1 }
            if let start {
                if bytes[index..<end].elementsEqual(Array("end".utf8)) { return (name, start..<index) }
            } else if bytes[index..<end].starts(with: Array("begin ".utf8)), end - index < 512 {
                let words = MailWords.text(Array(bytes[index..<end])).split(separator: " ", maxSplits: 2)
                if words.count == 3, (3...4).contains(words[1].count), words[1].allSatisfy({ $0 >= "0" && $0 <= "7" }) {
                    start = next
                    name = String(words[2])
                }
            }
            index = next
        }
        return nil
    }

    /// Decodes the part piece by piece.
    func decode<Failure: Error>(_ bytes: [UInt8], _ take: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        guard encoding != .plain else {
            if !range.isEmpty { try take(bytes.span.extracting(range).bytes) }
            return
        }
        if encoding == .uuencoded {
            let file = Self.uudecoded(bytes[range])
            if !file.isEmpty { try take(file.span.bytes) }
            return
        }
        var state = GMimeEncoding()
        g_mime_encoding_init_decode(
            &state, encoding == .base64 ? GMIME_CONTENT_ENCODING_BASE64 : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
        var output = [CChar](repeating: 0, count: g_mime_encoding_outlen(&state, MailBounds.piece) + 64)
        var index = range.lowerBound
        while index < range.upperBound {
            let end = min(index + MailBounds.piece, range.upperBound)
            let count = bytes.withUnsafeBytes { buffer in
                g_mime_encoding_step(
                    &state, buffer.baseAddress?.advanced(by: index).assumingMemoryBound(to: CChar.self), end - index, &output)
            }
            if count > 0 { try take(output.span.extracting(0..<count).bytes) }
            index = end
        }
        let pad = [CChar](repeating: 61, count: padding)
        let count = g_mime_encoding_flush(&state, pad, pad.count, &output)
        if count > 0 { try take(output.span.extracting(0..<count).bytes) }
    }

    /// Lines of a length and four signs for three bytes (POSIX uuencode). Blanks at the end of a line may have been lost.
    private static func uudecoded(_ lines: ArraySlice<UInt8>) -> [UInt8] {
        var file: [UInt8] = []
        for line in lines.split(separator: 10) {
            guard let first = line.first else { continue }
            let count = Int((first &- 32) & 63)
            let signs = line.dropFirst().prefix { $0 != 13 }.map { UInt32(($0 &- 32) & 63) }
            var group: [UInt8] = []
            for index in stride(from: 0, to: (count + 2) / 3 * 4, by: 4) {
                var three: UInt32 = 0
                for place in index..<index + 4 { three = three << 6 | (place < signs.count ? signs[place] : 0) }
                group += [UInt8(three >> 16 & 255), UInt8(three >> 8 & 255), UInt8(three & 255)]
            }
            file += group.prefix(count)
        }
        return file
    }

    func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var whole: [UInt8] = []
        whole.reserveCapacity(range.count)
        decode(bytes) { (piece: RawSpan) in
            piece.withUnsafeBytes { whole.append(contentsOf: $0) }
        }
        return whole
    }
}

/// Why a part cannot be unpacked.
struct PartFault: Error {
    var problem: Problem
    init(_ problem: Problem) { self.problem = problem }

    /// Where nothing bounds the part, the rest may still come.
    static func cut(_ what: String, _ isBounded: Bool, _ at: Location) -> PartFault {
        PartFault(
            isBounded
                ? Problem(.malformed, at: at, what, advice: "ask the sender to send the mail again")
                : Problem(.incomplete, at: at, what, advice: "fetch the whole mail again"))
    }
}
