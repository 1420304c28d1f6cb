public import Trade

/// A mail as it was sent or saved (`.eml`, RFC 5322 with MIME).
///
/// What a sink may expect: `mail` comes first, and once for each mail; the members up to the next `mail` are of that mail, in
/// the order in which they stand. Mails that were forwarded as attachments follow behind the members of the one that holds
/// them, each with its own head. Plain text and HTML bodies come decoded to UTF-8 as `body.txt`, `body.html`, `body-2.txt` …
/// with the role `part`; those of one `multipart/alternative` share its number, in the order of the mail (plain text first),
/// and a number is given once in a container. Where an alternative is a group, only its first part shares the number, and only
/// in `multipart/related` and `multipart/signed`: what else stands there is not said by the others. Of parts that share a number
/// the first that a format claims is the one to read; if its reading is refused, that is a finding, and the others are not tried
/// in its place. Attachments come with the bytes they have and the role `file`; pictures, signatures and calendar entries as
/// parts of their own number.
///
/// A mail that ends before its closing boundary is rejected as incomplete. A part that cannot be unpacked is refused, and the
/// others are handed over.
public struct MailMessages: Container {
    public init() {}

    public var name: String { "mail" }

    public func claim(_ head: FileHead) -> String? { Self.claim(head) }

    static func claim(_ head: FileHead) -> String? {
        MailHeaderBlock.claim(MailHeaderBlock.names(head.bytes, from: MailHeaderBlock.start(head.bytes)))
    }

    public func unpack<Sink: MemberSink>(_ bytes: RawSpan, name: String, into sink: inout Sink) throws(ReadFailure) {
        guard bytes.byteCount <= MailBounds.mail else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .file, "\(bytes.byteCount) bytes; a mail has at most \(MailBounds.mail)",
                    advice: "save its attachments and drop them")
            ])
        }
        let mail = bytes.withUnsafeBytes { Array($0) }
        var unpacking = MailUnpacking(isAlone: true)
        try unpacking.unpack(mail, into: &sink)
    }
}

/// Several mails in one file (`.mbox`, RFC 4155): a `From ` line before each. Lines that begin with `>From ` lose one `>`
/// (mboxo, mboxrd); a Content-Length that leads to the next mail or to the end is believed (mboxcl).
///
/// Each mail is handed over as `MailMessages` does. One that cannot be unpacked is refused, and the others are handed over.
public struct Mailbox: Container {
    public init() {}

    public var name: String { "mbox" }

    public func claim(_ head: FileHead) -> String? { Self.claim(head) }

    static func claim(_ head: FileHead) -> String? {
        let bytes = head.bytes
        let start = MailHeaderBlock.start(bytes)
        guard MailboxCuts.isFrom(bytes, start), let end = bytes[start...].firstIndex(of: 10) else { return nil }
        let names = MailHeaderBlock.names(bytes, from: end + 1)
        return MailHeaderBlock.claim(names).map { "a From line above \($0)" }
    }

    public func unpack<Sink: MemberSink>(_ bytes: RawSpan, name: String, into sink: inout Sink) throws(ReadFailure) {
        let cuts = try bytes.withUnsafeBytes { (buffer) throws(ReadFailure) in try MailboxCuts(buffer) }
        var alternatives = 0
        for cut in cuts.mails {
            guard cut.range.count <= MailBounds.mail else {
                sink.refuse(
                    Problem(
                        .tooLarge, at: .line(cut.line), "a mail of \(cut.range.count) bytes; at most \(MailBounds.mail) are read",
                        advice: "save its attachments and drop them"))
                continue
            }
            let mail = bytes.withUnsafeBytes { MailboxCuts.unquoted($0, cut) }
            var unpacking = MailUnpacking(isAlone: false, line: cut.line, alternatives: alternatives)
            do throws(ReadFailure) {
                try unpacking.unpack(mail, into: &sink)
            } catch {
                guard case .rejected(let problems) = error else { throw error }
                for problem in problems { sink.refuse(problem) }
            }
            alternatives = unpacking.alternatives
        }
    }
}

/// Where the mails of a mailbox begin and end.
struct MailboxCuts {
    struct Cut {
        var range: Range<Int>
        /// Of the first header field in the file.
        var line: Int
        /// A From line stands in the body, so that nothing was quoted.
        var isUnquoted = false
    }
    private(set) var mails: [Cut] = []

    private static let from = Array("From ".utf8)

    static func isFrom(_ bytes: some RandomAccessCollection<UInt8>, _ index: Int) -> Bool {
        bytes.dropFirst(index).prefix(5).elementsEqual(from)
    }

    init(_ bytes: UnsafeRawBufferPointer) throws(ReadFailure) {
        var index = 0
        var line = 1
        // blank lines and the like above the first
        while index < bytes.count, !Self.isFrom(bytes, index) { Self.skip(bytes, &index, &line) }
        while index < bytes.count {
            Self.skip(bytes, &index, &line)
            guard mails.count < MailBounds.mails else {
                throw .rejected([
                    Problem(.tooLarge, at: .line(line), "more than \(MailBounds.mails) mails in one mailbox", advice: "export it in parts")
                ])
            }
            let start = index
            let first = line
            var length: Int?
            while index < bytes.count, bytes[index] != 10, bytes[index] != 13 {
                let field = bytes[index..<min(index + 40, bytes.count)]
                if length == nil, String(decoding: field.prefix(15), as: UTF8.self).lowercased() == "content-length:" {
                    length = Int(String(decoding: field.dropFirst(15).prefix { $0 != 10 && $0 != 13 }, as: UTF8.self).filter { $0 != " " })
                }
                Self.skip(bytes, &index, &line)
            }
            let body = min(bytes.count, index + (index + 1 < bytes.count && bytes[index] == 13 ? 2 : 1))
            if let length, let end = Self.end(bytes, body, length) {
                var cut = Cut(range: start..<body + length, line: first)
                while index < end {
                    Self.skip(bytes, &index, &line)
                    if index < end, index > body, Self.isFrom(bytes, index), index < body + length { cut.isUnquoted = true }
                }
                mails.append(cut)
                continue
            }
            var blank = false
            while index < bytes.count, !(blank && Self.isFromLine(bytes, index)) {
                blank = bytes[index] == 10 || bytes[index] == 13
                Self.skip(bytes, &index, &line)
            }
            // the blank line behind each mail is the mailbox's (RFC 4155)
            var end = index
            if bytes[start..<end].suffix(2).elementsEqual([10, 10]) { end -= 1 }
            if bytes[start..<end].suffix(4).elementsEqual([13, 10, 13, 10]) { end -= 2 }
            mails.append(Cut(range: start..<end, line: first))
        }
    }

    private static func skip(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ line: inout Int) {
        while index < bytes.count, bytes[index] != 10 { index += 1 }
        index = min(index + 1, bytes.count)
        line += 1
    }

    /// A From line ends with a year and has a time: `From x@y Sat Nov 22 06:31:12 2026`.
    private static func isFromLine(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Bool {
        guard isFrom(bytes, index) else { return false }
        var digits = 0
        var colons = 0
        for offset in index..<min(index + 256, bytes.count) {
            if bytes[offset] == 10 { break }
            if bytes[offset] == 58 { colons += 1 }
            if bytes[offset] >= 48, bytes[offset] <= 57 { digits += 1 }
        }
        return digits >= 6 && colons >= 1
    }

    /// Where the next mail begins if the body has this length; nil if that cannot be.
    private static func end(_ bytes: UnsafeRawBufferPointer, _ body: Int, _ length: Int) -> Int? {
        guard length >= 0, length <= bytes.count - body else { return nil }
        var end = body + length
        while end < bytes.count, bytes[end] == 10 || bytes[end] == 13 { end += 1 }
        return end == bytes.count || isFrom(bytes, end) && (end == body || bytes[end - 1] == 10) ? end : nil
    }

    /// The bytes of a mail with one `>` less before each quoted From line.
    static func unquoted(_ bytes: UnsafeRawBufferPointer, _ cut: Cut) -> [UInt8] {
        guard !cut.isUnquoted else { return Array(bytes[cut.range]) }
        var mail: [UInt8] = []
        mail.reserveCapacity(cut.range.count)
        var index = cut.range.lowerBound
        while index < cut.range.upperBound {
            var end = index
            while end < cut.range.upperBound, bytes[end] != 10 { end += 1 }
            end = min(end + 1, cut.range.upperBound)
            if bytes[index] == 62 {
                var quote = index
                while quote < end, bytes[quote] == 62 { quote += 1 }
                if bytes[quote..<end].starts(with: from) { index += 1 }
            }
            mail.append(contentsOf: bytes[index..<end])
            index = end
        }
        return mail
    }
}
