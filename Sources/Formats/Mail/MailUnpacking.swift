import Trade

/// Hands over what one mail holds, and what the mails hold that it forwards.
struct MailUnpacking {
    /// The mail is the whole file: if its end is missing, it may still come.
    let isAlone: Bool
    /// Of the file, where the mail begins.
    var line = 1

    /// The last number of a part. One counter serves a whole container: parts with the same number say the same.
    private(set) var alternatives: Int
    private var parts = 0
    private var bodies: [String: Int] = [:]
    private var waiting: [Forwarded] = []
    /// The offset to which lines were counted, and how many.
    private var counted = (offset: 0, lines: 0)
    /// Numbers of which a body is known as a remittance by its head.
    private var known: Set<Int> = []
    /// Remittances that begin too far behind the start of a body to be known by its head.
    private var late: [(alternative: Int, problem: Problem)] = []

    /// A mail in a mail, kept until the members around it are handed over.
    private struct Forwarded {
        var bytes: [UInt8]
        /// Decoded, so that its lines are not those of the mail around it.
        var isDecoded: Bool
        var entity: MailEntity
        var depth: Int
        var line: Int
    }

    /// - Parameter alternatives: the last number that the container has given.
    init(isAlone: Bool, line: Int = 1, alternatives: Int = 0) {
        self.isAlone = isAlone
        self.line = line
        self.alternatives = alternatives
    }

    mutating func unpack<Sink: MemberSink>(_ bytes: [UInt8], into sink: inout Sink) throws(ReadFailure) {
        var structure = MailStructure(bytes)
        let entity = try structure.mail()
        try message(bytes, entity, depth: 0, &sink)
    }

    private mutating func message<Sink: MemberSink>(
        _ bytes: [UInt8], _ entity: MailEntity, depth: Int, _ sink: inout Sink
    ) throws(ReadFailure) {
        if entity.isHeaderCut, depth == 0 {
            throw .rejected([
                Problem(
                    .incomplete, at: at(bytes, bytes.count), "the mail ends inside its header", advice: "fetch or save the whole mail again"
                )
            ])
        }
        if let open = Self.open(entity), depth == 0 {
            throw .rejected([
                Problem(
                    .incomplete, at: at(bytes, bytes.count), "the mail ends before its closing boundary (--\(open)--)",
                    advice: "fetch or save the whole mail again")
            ])
        }
        if let problem = refusal(bytes, entity), depth == 0 { throw .rejected([problem]) }
        try sink.mail(head(bytes, entity))
        let own = waiting
        waiting = []
        try self.entity(bytes, entity, alternative: nil, depth: depth, &sink)
        for (alternative, problem) in late where !known.contains(alternative) { sink.refuse(problem) }
        late = []
        let forwarded = waiting
        waiting = own
        for mail in forwarded {
            let before = (line, counted)
            if mail.isDecoded { (line, counted) = (mail.line, (0, 0)) }
            try message(mail.bytes, mail.entity, depth: mail.depth, &sink)
            if mail.isDecoded { (line, counted) = before }
        }
    }

    /// The boundary of a multipart that the end of the text cuts.
    private static func open(_ entity: MailEntity) -> String? {
        if entity.type.isDivided, !entity.isClosed, !entity.isBounded {
            return MailWords.clean(String(decoding: entity.type.boundary ?? [], as: UTF8.self), limit: 70) ?? ""
        }
        return entity.children.last.flatMap(open)
    }

    private func head(_ bytes: [UInt8], _ entity: MailEntity) -> MailHead {
        // a subject longer than is kept tells nobody more; a longer sender is cut before GMime sees it
        func text(_ field: MailField) -> String? {
            entity.fields[field].map { MailWords.text(Array(bytes[$0.prefix(MailBounds.field / 4)])) }
        }
        return MailHead(
            from: text(.from).flatMap(MailWords.sender), subject: text(.subject).flatMap(MailWords.decoded),
            messageID: text(.id).flatMap(MailWords.id), date: text(.date).flatMap(MailWords.date))
    }

    /// The line of an offset, counted from the offset that was asked for before.
    private mutating func at(_ bytes: [UInt8], _ offset: Int) -> Location {
        let offset = min(offset, bytes.count)
        let isAhead = offset >= counted.offset
        let range = isAhead ? counted.offset..<offset : offset..<counted.offset
        var lines = 0
        for index in range where bytes[index] == 10 { lines += 1 }
        counted = (offset, counted.lines + (isAhead ? lines : -lines))
        return .line(line + counted.lines)
    }

    // MARK: Parts

    private mutating func entity<Sink: MemberSink>(
        _ bytes: [UInt8], _ entity: MailEntity, alternative: Int?, depth: Int, _ sink: inout Sink
    ) throws(ReadFailure) {
        if let problem = refusal(bytes, entity) {
            sink.refuse(problem)
            return
        }
        if entity.type.isMultipart {
            let isChoice = entity.type.name == "multipart/alternative"
            let shared = isChoice ? alternative ?? number() : alternative
            for (index, child) in entity.children.enumerated() {
                // in a group within an alternative only the part that the others accompany says what the alternative says
                let alternative = isChoice || index == 0 && Self.hasRoot(entity.type.name) ? shared : nil
                if !entity.isClosed, index == entity.children.count - 1, !child.type.isMultipart {
                    sink.refuse(
                        Problem(
                            .incomplete, at: at(bytes, child.start), "the last part of a group ends without the group's closing boundary",
                            advice: "ask the sender to send the mail again"))
                } else {
                    try self.entity(bytes, child, alternative: alternative, depth: depth, &sink)
                }
            }
            if let epilogue = entity.epilogue, !Self.isBlank(bytes, epilogue) {
                sink.note(
                    Note(
                        "mail-epilogue", at: at(bytes, epilogue.lowerBound), "text stands behind the last part of the mail; it was not read"
                    ))
            }
            return
        }
        parts += 1
        guard parts <= MailBounds.parts else {
            throw .rejected([
                Problem(
                    .tooLarge, at: at(bytes, entity.start), "the mail has more than \(MailBounds.parts) parts",
                    advice: "save the attachments and drop them")
            ])
        }
        if entity.type.name == "message/rfc822", let inner = entity.children.first {
            forward(bytes, inner, depth: depth, line: nil, entity, &sink)
        } else {
            try leaf(bytes, entity, alternative: alternative, depth: depth, &sink)
        }
    }

    /// Groups of one part and what belongs to it (RFC 2387, RFC 1847).
    private static func hasRoot(_ type: String) -> Bool { type == "multipart/related" || type == "multipart/signed" }

    private mutating func number() -> Int {
        alternatives += 1
        return alternatives
    }

    private mutating func forward<Sink: MemberSink>(
        _ bytes: [UInt8], _ inner: MailEntity, depth: Int, line: Int?, _ part: MailEntity, _ sink: inout Sink
    ) {
        guard depth < MailBounds.forwarded else {
            sink.refuse(
                Problem(
                    .tooLarge, at: at(bytes, part.start), "mails are forwarded in mails more than \(MailBounds.forwarded) deep",
                    advice: "save the inner mail and drop it"))
            return
        }
        waiting.append(
            Forwarded(bytes: bytes, isDecoded: line != nil, entity: inner, depth: depth + 1, line: line ?? self.line))
    }

    private mutating func leaf<Sink: MemberSink>(
        _ bytes: [UInt8], _ entity: MailEntity, alternative: Int?, depth: Int, _ sink: inout Sink
    ) throws(ReadFailure) {
        let at = at(bytes, entity.start)
        let content: PartContent
        do throws(PartFault) {
            content = try PartContent(
                bytes, entity.body, field: field(bytes, entity, .encoding), isBounded: entity.isBounded || !isAlone, at: at)
        } catch {
            // a mail that is one part alone, and cut
            if error.problem.kind == .incomplete, depth == 0, !entity.isBounded { throw .rejected([error.problem]) }
            sink.refuse(error.problem)
            return
        }
        if let note = content.note { sink.note(Note(note.code, at: at, note.text)) }
        let disposition = field(bytes, entity, .disposition).flatMap(MailWords.disposition)
        let name = MailWords.fileName(
            (disposition?.name ?? entity.type.fileName).flatMap(MailWords.decoded) ?? content.fileName)
        if entity.type.name == "message/rfc822" || name?.lowercased().hasSuffix(".eml") == true {
            let inner = content.decoded(bytes)
            if try enclosed(inner, entity, depth: depth, at: at, &sink) { return }
        }
        let isAttached = disposition?.kind == "attachment"
        if entity.type.isText, !isAttached, name == nil {
            try body(content.decoded(bytes), entity.type, alternative: alternative, at: at, &sink)
            return
        }
        let type = entity.type.name
        let isPart = Self.accompanies(type) || type.hasPrefix("image/") && !isAttached
        let member = Member(
            name: name ?? "\(isPart ? "part" : "attachment")-\(parts)\(Self.ending(type))",
            role: isPart ? .part(alternative: number()) : .file, mediaType: type)
        try sink.begin(member)
        try content.decode(bytes) { (piece: RawSpan) throws(ReadFailure) in try sink.append(piece) }
        try sink.end()
    }

    /// A mail in a transfer encoding, or attached as a file.
    /// - Returns: false if it is no mail.
    private mutating func enclosed<Sink: MemberSink>(
        _ inner: [UInt8], _ part: MailEntity, depth: Int, at: Location, _ sink: inout Sink
    ) throws(ReadFailure) -> Bool {
        let head = FileHead(name: "", bytes: inner, size: inner.count)
        guard part.type.name == "message/rfc822" || MailMessages.claim(head) != nil else { return false }
        var structure = MailStructure(inner)
        do throws(ReadFailure) {
            let entity = try structure.mail()
            forward(inner, entity, depth: depth, line: Int(at.index), part, &sink)
        } catch {
            guard case .rejected(let problems) = error else { throw error }
            for var problem in problems {
                problem.at = at
                sink.refuse(problem)
            }
        }
        return true
    }

    private mutating func body<Sink: MemberSink>(
        _ bytes: [UInt8], _ type: MailType, alternative: Int?, at: Location, _ sink: inout Sink
    ) throws(ReadFailure) {
        let decoded = MailCharset.decoded(bytes, charset: type.charset)
        if let note = decoded.note { sink.note(Note(note.code, at: at, note.text)) }
        let text = type.isFlowed && type.name == "text/plain" ? Self.unflowed(decoded.text, deletesBlank: type.deletesBlank) : decoded.text
        guard !text.isEmpty else { return }
        let ending = type.name == "text/html" ? "html" : "txt"
        let alternative = alternative ?? number()
        bodies[ending, default: 0] += 1
        let count = bodies[ending, default: 1]
        let name = count > 1 ? "body-\(count).\(ending)" : "body.\(ending)"
        look(at: text, name, alternative: alternative, at: at)
        try sink.begin(Member(name: name, role: .part(alternative: alternative), mediaType: type.name))
        try sink.append(text.span.bytes)
        try sink.end()
        if type.name == "text/plain", let (name, range) = PartContent.uuencoded(bytes, 0..<bytes.count) {
            sink.note(
                Note(
                    "mail-uuencoded", at: at,
                    "a file \"\(MailWords.fileName(name) ?? "")\" stands uuencoded in the text (\(range.count) bytes); it was not unpacked")
            )
        }
    }

    /// A body is known by its head. What stands further behind, below the style sheets of a long talk, would be passed over
    /// without a word.
    private mutating func look(at text: [UInt8], _ name: String, alternative: Int, at: Location) {
        let head = FileHead(name: name, bytes: Array(text.prefix(FileHead.limit)), size: text.count)
        if RemittanceMail.claim(head) != nil {
            known.insert(alternative)
        } else if text.count > FileHead.limit, RemittanceMail.hasLabels(text) {
            let what = "\"Payment number\" and \"Payment amount\" stand further down in \(name) than its first \(FileHead.limit) bytes"
            late.append((alternative, Problem(.tooLarge, at: at, what, advice: "save the text of the remittance and drop it")))
        }
    }

    private func field(_ bytes: [UInt8], _ entity: MailEntity, _ field: MailField) -> String? {
        guard let range = entity.fields[field], range.count <= MailBounds.field else { return nil }
        return MailWords.text(Array(bytes[range]))
    }

    /// What nobody here can unpack, in words.
    private mutating func refusal(_ bytes: [UInt8], _ entity: MailEntity) -> Problem? {
        let type = entity.type
        let start = at(bytes, entity.start)
        func problem(_ what: String, _ advice: String) -> Problem {
            Problem(.unrecognised, at: start, what, advice: advice)
        }
        switch type.name {
        case "multipart/encrypted": return problem("the mail is encrypted (PGP)", "ask the sender to send it unencrypted, or decrypt it")
        case "application/pkcs7-mime", "application/x-pkcs7-mime":
            return type.secure == "signed-data" || type.secure == "certs-only"
                ? problem("the mail is signed so that its content is wrapped in the signature (S/MIME)", "ask for a mail signed in clear")
                : problem("the mail is encrypted (S/MIME)", "ask the sender to send it unencrypted, or decrypt it")
        case "application/ms-tnef", "application/vnd.ms-tnef":
            return problem(
                "winmail.dat: the attachments are packed in Outlook's own way (TNEF)",
                "ask the sender to send plain text or HTML and not \"Rich Text\"")
        case "message/partial": return problem("only a piece of a mail that was sent in several", "ask the sender to send it in one")
        case "message/external-body": return problem("the part only says where a file lies", "fetch that file and drop it")
        default:
            guard type.isMultipart, !type.isDivided else { return nil }
            return Problem(
                .malformed, at: start, "a group of parts that does not say how they are divided (no boundary)",
                advice: "save the mail again, or its attachments")
        }
    }

    /// Parts that only come along with a mail.
    private static func accompanies(_ type: String) -> Bool {
        switch type {
        case "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-keys",
            "text/calendar", "application/ics", "text/vcard", "text/x-vcard", "text/directory", "message/delivery-status",
            "message/disposition-notification", "text/rfc822-headers", "application/applefile", "text/x-amp-html", "text/enriched":
            true
        default: false
        }
    }

    private static func ending(_ type: String) -> String {
        switch type {
        case "text/plain": ".txt"
        case "text/html": ".html"
        case "text/csv", "text/comma-separated-values": ".csv"
        case "text/tab-separated-values": ".tsv"
        case "application/pdf": ".pdf"
        case "application/zip", "application/x-zip-compressed": ".zip"
        case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx"
        case "application/edi-x12", "application/edifact": ".edi"
        case "text/calendar": ".ics"
        case "image/png": ".png"
        case "image/jpeg": ".jpg"
        case "image/gif": ".gif"
        default: ""
        }
    }

    private static func isBlank(_ bytes: [UInt8], _ range: Range<Int>) -> Bool { range.allSatisfy { bytes[$0] <= 32 } }

    /// RFC 3676 4.1: a line that ends with a blank goes on in the next one of the same quote depth. `-- ` is a signature.
    static func unflowed(_ text: [UInt8], deletesBlank: Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var index = 0
        var open: Int?
        while index < text.count {
            var end = index
            while end < text.count, text[end] != 10 { end += 1 }
            let next = min(end + 1, text.count)
            if end > index, text[end - 1] == 13 { end -= 1 }
            var start = index
            while start < end, text[start] == 62 { start += 1 }
            let quotes = start - index
            // a blank that was stuffed
            if start < end, text[start] == 32 { start += 1 }
            if open == quotes {
                out.append(contentsOf: text[start..<end])
            } else {
                if open != nil { out.append(10) }
                out.append(contentsOf: text[index..<index + quotes])
                if quotes > 0 { out.append(32) }
                out.append(contentsOf: text[start..<end])
            }
            let isSignature = text[start..<end].elementsEqual([45, 45, 32])
            if end > start, text[end - 1] == 32, !isSignature {
                if deletesBlank { out.removeLast() }
                open = quotes
            } else {
                open = nil
                if next > end { out.append(contentsOf: text[end..<next]) }
            }
            index = next
        }
        return out
    }
}
