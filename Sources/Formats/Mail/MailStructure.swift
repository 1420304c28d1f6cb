import Trade

/// A mail or a part of one, by its places in the text (RFC 5322, 2045, 2046).
///
/// The structure is read here and not by GMime, which is lenient where a cut mail must be noticed, and takes quadratic time or
/// crashes on hostile headers. GMime decodes what the fields and parts hold.
struct MailEntity {
    var start: Int
    var fields: [MailField: Range<Int>] = [:]
    var body: Range<Int>
    var type = MailType()
    var children: [MailEntity] = []
    /// A multipart that its closing boundary ends.
    var isClosed = true
    /// The text ends before the blank line below its header.
    var isHeaderCut = false
    /// A boundary stands behind it: it is not what the end of the text may have cut.
    var isBounded = false
    /// What follows the closing boundary.
    var epilogue: Range<Int>?
}

/// The fields that are read; of several of one name the first.
enum MailField: String {
    case from, subject, date
    case id = "message-id"
    case type = "content-type"
    case disposition = "content-disposition"
    case encoding = "content-transfer-encoding"
}

/// Cuts one mail into its parts in a single pass.
struct MailStructure {
    let bytes: [UInt8]
    private var boundaries: [[UInt8]] = []
    private var parts = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A boundary line, or the end of the text at level -1.
    private struct Stop {
        var start: Int
        var next: Int
        var level: Int
        var closes: Bool
    }

    /// The whole mail.
    mutating func mail() throws(ReadFailure) -> MailEntity {
        boundaries = []
        return try entity(from: MailHeaderBlock.start(bytes), depth: 0, standard: "text/plain").0
    }

    private mutating func entity(from start: Int, depth: Int, standard: String) throws(ReadFailure) -> (MailEntity, Stop) {
        parts += 1
        guard parts <= MailBounds.parts * 2, depth <= MailBounds.depth else {
            throw .rejected([
                Problem(
                    .tooLarge, at: at(start),
                    depth > MailBounds.depth
                        ? "parts stand in parts more than \(MailBounds.depth) deep" : "the mail has more than \(MailBounds.parts) parts",
                    advice: "save the attachments and drop them")
            ])
        }
        var (entity, body) = try header(from: start)
        let field = try entity.fields[.type].map { (range) throws(ReadFailure) in try text(range, field: "Content-Type") }
        entity.type = MailType(field ?? standard)
        if entity.type.isDivided { return try multipart(entity, from: body, depth: depth) }
        if entity.type.name == "message/rfc822", isPlain(entity) {
            let (inner, stop) = try self.entity(from: body, depth: depth + 1, standard: "text/plain")
            entity.children = [inner]
            entity.isBounded = stop.level >= 0
            entity.body = body..<end(before: stop, from: body)
            return (entity, stop)
        }
        let stop = next(from: body)
        body = min(body, stop.start)
        entity.isBounded = stop.level >= 0
        entity.body = body..<end(before: stop, from: body)
        return (entity, stop)
    }

    private mutating func multipart(_ multipart: MailEntity, from body: Int, depth: Int) throws(ReadFailure) -> (MailEntity, Stop) {
        var entity = multipart
        let level = boundaries.count
        boundaries.append(entity.type.boundary ?? [])
        var stop = next(from: body)
        let standard = entity.type.name == "multipart/digest" ? "message/rfc822" : "text/plain"
        while stop.level == level, !stop.closes {
            let child: MailEntity
            (child, stop) = try self.entity(from: stop.next, depth: depth + 1, standard: standard)
            entity.children.append(child)
        }
        boundaries.removeLast()
        entity.isClosed = stop.level == level
        if entity.isClosed {
            let close = stop.next
            stop = next(from: close)
            entity.epilogue = close..<end(before: stop, from: close)
        }
        entity.isBounded = stop.level >= 0
        entity.body = body..<max(body, stop.start)
        return (entity, stop)
    }

    private func isPlain(_ entity: MailEntity) -> Bool {
        guard let range = entity.fields[.encoding], range.count < 64 else { return true }
        let encoding = String(decoding: bytes[range], as: UTF8.self).lowercased()
        return !encoding.contains("base64") && !encoding.contains("quoted-printable") && !encoding.contains("uu")
    }

    // MARK: Lines

    /// The end of the line that begins at `start`: of its text, and of its line end.
    private func line(_ start: Int) -> (end: Int, next: Int) {
        var end = start
        while end < bytes.count, bytes[end] != 10 { end += 1 }
        let next = min(end + 1, bytes.count)
        if end > start, end < bytes.count, bytes[end - 1] == 13 { end -= 1 }
        return (end, next)
    }

    /// The next boundary line of any multipart that is open.
    private func next(from start: Int) -> Stop {
        guard !boundaries.isEmpty else { return Stop(start: bytes.count, next: bytes.count, level: -1, closes: false) }
        var index = start
        while index < bytes.count {
            if bytes[index] == 45, index + 1 < bytes.count, bytes[index + 1] == 45 {
                let (end, next) = line(index)
                for level in boundaries.indices.reversed() {
                    guard let closes = matches(boundaries[level], index + 2..<end) else { continue }
                    return Stop(start: index, next: next, level: level, closes: closes)
                }
                index = next
            } else {
                while index < bytes.count, bytes[index] != 10 { index += 1 }
                index += 1
            }
        }
        return Stop(start: bytes.count, next: bytes.count, level: -1, closes: false)
    }

    /// - Returns: nil if the line is not this boundary; else whether it is the closing one.
    private func matches(_ boundary: [UInt8], _ line: Range<Int>) -> Bool? {
        guard line.count >= boundary.count, bytes[line.lowerBound] == boundary[0] else { return nil }
        var index = line.lowerBound
        for byte in boundary {
            guard bytes[index] == byte else { return nil }
            index += 1
        }
        var closes = false
        if index + 1 < line.upperBound, bytes[index] == 45, bytes[index + 1] == 45 {
            closes = true
            index += 2
        }
        // blanks may be added on the way (RFC 2046 5.1.1)
        while index < line.upperBound {
            guard bytes[index] == 32 || bytes[index] == 9 else { return nil }
            index += 1
        }
        return closes
    }

    /// The line end before a boundary belongs to the boundary.
    private func end(before stop: Stop, from start: Int) -> Int {
        var end = max(start, stop.start)
        guard stop.level >= 0 else { return end }
        if end > start, bytes[end - 1] == 10 { end -= 1 }
        if end > start, bytes[end - 1] == 13 { end -= 1 }
        return end
    }

    // MARK: Header

    /// The fields that are needed and the start of the body.
    private func header(from start: Int) throws(ReadFailure) -> (MailEntity, Int) {
        var entity = MailEntity(start: start, body: start..<start)
        var index = start
        var open: MailField?
        while index < bytes.count {
            let (end, next) = line(index)
            guard next - start <= MailBounds.header else {
                throw .rejected([Problem(.tooLarge, at: at(start), "a mail header of more than \(MailBounds.header) bytes")])
            }
            if end == index { return (entity, next) }
            if bytes[index] == 32 || bytes[index] == 9 {
                // folded
                if let open, let range = entity.fields[open] { entity.fields[open] = range.lowerBound..<end }
                index = next
                continue
            }
            guard let colon = MailHeaderBlock.colon(bytes, index..<end) else {
                // a relay's From line may stand above the first field
                if index == start, bytes[index..<end].starts(with: Array(">From ".utf8)) {
                    index = next
                    continue
                }
                return (entity, index)
            }
            open = nil
            if colon.name - index <= 25 {
                let name = String(decoding: bytes[index..<colon.name], as: UTF8.self).lowercased()
                if let field = MailField(rawValue: name), entity.fields[field] == nil {
                    entity.fields[field] = colon.value..<end
                    open = field
                }
            }
            index = next
        }
        entity.isHeaderCut = true
        return (entity, bytes.count)
    }

    /// A field's text, unfolded.
    func text(_ range: Range<Int>, field: String) throws(ReadFailure) -> String {
        guard range.count <= MailBounds.field else {
            throw .rejected([
                Problem(
                    .tooLarge, at: at(range.lowerBound), "a field \(field) of \(range.count) bytes; at most \(MailBounds.field) are read")
            ])
        }
        return MailWords.text(Array(bytes[range]))
    }

    /// The line of an offset.
    func at(_ offset: Int) -> Location {
        var line = 1
        for index in 0..<min(offset, bytes.count) where bytes[index] == 10 { line += 1 }
        return .line(line)
    }
}

/// The header block that begins a mail.
enum MailHeaderBlock {
    /// Where the header begins: behind a byte order mark and blank lines.
    static func start(_ bytes: [UInt8]) -> Int {
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < bytes.count, bytes[start] == 10 || bytes[start] == 13 { start += 1 }
        return start
    }

    /// The end of a field's name and the start of its value; nil if the line is no field.
    static func colon(_ bytes: [UInt8], _ line: Range<Int>) -> (name: Int, value: Int)? {
        var index = line.lowerBound
        while index < line.upperBound, bytes[index] > 32, bytes[index] < 127, bytes[index] != 58 { index += 1 }
        let name = index
        while index < line.upperBound, bytes[index] == 32 || bytes[index] == 9 { index += 1 }
        guard name > line.lowerBound, index < line.upperBound, bytes[index] == 58 else { return nil }
        index += 1
        while index < line.upperBound, bytes[index] == 32 || bytes[index] == 9 { index += 1 }
        return (name, index)
    }

    /// The names of the fields at the start of a file, in lower case, up to the first line that is none.
    static func names(_ bytes: [UInt8], from start: Int) -> Set<String> {
        var names = Set<String>()
        var index = start
        while index < bytes.count {
            var end = index
            while end < bytes.count, bytes[end] != 10 { end += 1 }
            if bytes[index] != 32, bytes[index] != 9 {
                let isBlank = end == index || bytes[index] == 13
                guard !isBlank, let colon = colon(bytes, index..<end), colon.name - index < 64 else { break }
                names.insert(String(decoding: bytes[index..<colon.name], as: UTF8.self).lowercased())
            }
            index = end + 1
        }
        return names
    }

    /// What only a mail as it was sent or saved has; a copy of its text begins with the other fields at most.
    private static let marks: Set<String> = [
        "message-id", "received", "return-path", "mime-version", "content-type", "content-transfer-encoding", "delivered-to",
        "dkim-signature", "authentication-results", "arc-seal",
    ]
    private static let usual: Set<String> = [
        "from", "to", "cc", "subject", "date", "sender", "reply-to", "x-mailer", "user-agent", "in-reply-to", "references", "thread-topic",
    ]

    /// In words, what makes these fields a mail's.
    static func claim(_ names: Set<String>) -> String? {
        let found = names.intersection(marks)
        guard let mark = found.min(), !names.isDisjoint(with: ["from", "return-path", "sender"]),
            found.count + names.intersection(usual).count >= 3
        else { return nil }
        return "a mail header with \(mark)"
    }
}
