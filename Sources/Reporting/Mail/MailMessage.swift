import Trade

/// A file that goes with a message.
public struct Attachment: Hashable, Sendable {
    /// ASCII, no path.
    public var name: String
    /// E.g. `text/csv; charset=utf-8`.
    public var type: String
    public var bytes: [UInt8]
    public init(name: String, type: String, bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.bytes = bytes
    }
}

/// A message of our own making: `multipart/mixed { multipart/alternative { text, html }, attachments }`. Equal values
/// give equal bytes; nothing in it depends on the clock or on chance.
struct MailMessage {
    var from: Mailbox
    var to: [Mailbox]
    var subject: HeaderText
    var date: Instant
    /// Seconds east of UTC that the `Date` header shows.
    var offset: Int
    /// What `Message-ID` and boundaries are made from: stable for a group and a day.
    var identity: String
    /// `zh-CN`, `en`.
    var language: String
    var text: String
    var html: String
    var attachments: [Attachment]

    func rfc5322() throws(MailError) -> [UInt8] {
        let mark = Self.hash(identity)
        // "=_" occurs neither in quoted-printable nor in base64, so no boundary can occur in a body
        let mixed = "=_remitd_\(mark)_m"
        let alternative = "=_remitd_\(mark)_a"
        var header = MessageHeader()
        header.add("Date", ascii: try HeaderText(Self.date(date, offset: offset), header: "Date"))
        header.add("From", mailboxes: [from])
        header.add("To", mailboxes: to)
        header.add("Subject", text: subject)
        header.add("Message-ID", ascii: try HeaderText("<\(identity).\(mark)@\(from.domain)>", header: "Message-ID"))
        header.add("Auto-Submitted", ascii: try HeaderText("auto-generated", header: "Auto-Submitted"))
        header.add("Content-Language", ascii: try HeaderText(language, header: "Content-Language"))
        header.add("MIME-Version", ascii: try HeaderText("1.0", header: "MIME-Version"))
        var lines = header.lines
        lines += ["Content-Type: multipart/mixed; boundary=\"\(mixed)\"", "", "--\(mixed)"]
        lines += ["Content-Type: multipart/alternative; boundary=\"\(alternative)\"", ""]
        lines += Self.part(text, type: "text/plain", boundary: alternative)
        lines += Self.part(html, type: "text/html", boundary: alternative)
        lines += ["--\(alternative)--", ""]
        for attachment in attachments {
            let name = try HeaderText(attachment.name, header: "Content-Disposition").text.filter { $0.isASCII && $0 != "\"" && $0 != "\\" }
            let type = try HeaderText(attachment.type, header: "Content-Type").text
            lines += ["--\(mixed)", "Content-Type: \(type)", "Content-Transfer-Encoding: base64"]
            lines += ["Content-Disposition: attachment; filename=\"\(name)\"", ""]
            lines += Base64.lines(attachment.bytes)
        }
        lines += ["--\(mixed)--", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private static func part(_ body: String, type: String, boundary: String) -> [String] {
        // mostly ASCII stays readable in the raw message; Chinese would triple in size
        let bytes = Array(body.utf8)
        let isMostlyASCII = bytes.count { $0 >= 128 } * 6 < bytes.count
        let head = ["--\(boundary)", "Content-Type: \(type); charset=utf-8"]
        if isMostlyASCII {
            return head + ["Content-Transfer-Encoding: quoted-printable", ""] + QuotedPrintable.lines(body)
        }
        let canonical = body.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        return head + ["Content-Transfer-Encoding: base64", ""] + Base64.lines(Array(canonical.utf8))
    }

    /// RFC 5322 date-time: `Mon, 02 Mar 2026 07:30:00 +0800`.
    static func date(_ instant: Instant, offset: Int) -> String {
        let local = instant + Int64(offset)
        let day = local.utcDay
        let (year, month, dayOfMonth) = day.components
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let time = local.description.dropFirst(11).dropLast()
        let zone = abs(offset) / 60
        return "\(Calendar.weekday(day, .en)), \(two(dayOfMonth)) \(Calendar.month(month)) \(year) \(time) "
            + "\(offset < 0 ? "-" : "+")\(two(zone / 60))\(two(zone % 60))"
    }

    /// FNV-1a, 64 bits, as 16 hex digits: it tells messages apart and promises nothing more.
    static func hash(_ text: String) -> String {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// RFC 2045 section 6.8.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var iterator = bytes.makeIterator()
        while let a = iterator.next() {
            let b = iterator.next()
            let c = b == nil ? nil : iterator.next()
            let bits = UInt32(a) << 16 | UInt32(b ?? 0) << 8 | UInt32(c ?? 0)
            text.append(alphabet[Int(bits >> 18 & 63)])
            text.append(alphabet[Int(bits >> 12 & 63)])
            text.append(b == nil ? 61 : alphabet[Int(bits >> 6 & 63)])
            text.append(c == nil ? 61 : alphabet[Int(bits & 63)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Lines of 76 characters.
    static func lines(_ bytes: [UInt8]) -> [String] {
        stride(from: 0, to: bytes.count, by: 57).map { encode(bytes[$0..<min($0 + 57, bytes.count)]) }
    }
}

/// RFC 2045 section 6.7, lines of at most 76 characters.
enum QuotedPrintable {
    static func lines(_ text: String) -> [String] {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var out = ""
            var width = 0
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isBlankAtEnd = (byte == 32 || byte == 9) && index == bytes.count - 1
                // a dot alone at the start of a line is SMTP's end of data: not every relay stuffs it
                let isLeadingDot = byte == 46 && width == 0
                let isPlain = (byte >= 32 && byte < 127 && byte != 61 || byte == 9) && !isBlankAtEnd && !isLeadingDot
                let piece = isPlain ? String(UnicodeScalar(byte)) : "=" + hex(byte)
                if width + piece.utf8.count > 75 {
                    lines.append(out + "=")
                    out = ""
                    width = 0
                }
                out += piece
                width += piece.utf8.count
            }
            lines.append(out)
        }
        return lines
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
}
