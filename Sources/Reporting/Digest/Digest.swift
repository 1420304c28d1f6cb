import Mustache
public import Trade

/// A digest, ready to be kept and sent.
public struct DigestMessage: Hashable, Sendable {
    public var subject: String
    public var text: String
    public var html: String
    public var attachments: [Attachment]
    /// The whole message, CRLF lines.
    public var rfc5322: [UInt8]
    /// Its name in the outbox: `2026-03-02-GROUP.eml`.
    public var fileName: String
}

/// Writes digests (contract section 5).
public enum Digest {
    /// - Throws: `DigestError` for a text that is no template, a total out of range, an address that is none.
    public static func compose(_ facts: DigestFacts) throws(DigestError) -> DigestMessage {
        let name = fileName(day: facts.day, group: facts.group)
        let table = "remitd-\(facts.day).csv"
        var view = try DigestView(facts)
        let sums = try view.sums()
        let subject = try view.phrase(DigestWords.subject, ["day": view.show.day(facts.day), "sums": sums])
        let fields = try view.fields(sums: sums, table: table)
        let text = TextLines.wrap(try view.phrase.render(DigestTemplates.text, fields, name: "the text part"))
        guard let escaped = escape(fields) as? [String: Any] else { throw .template(name: "the HTML part", reason: "no values") }
        let html = try view.phrase.render(DigestTemplates.html, escaped, name: "the HTML part")
        let attachment = Attachment(name: table, type: "text/csv; charset=utf-8; header=present", bytes: try view.table())
        do throws(MailError) {
            var to: [Mailbox] = []
            for recipient in facts.recipients { to.append(try Mailbox(recipient)) }
            let message = MailMessage(
                from: try Mailbox(facts.from), to: to, subject: try HeaderText(subject, header: "Subject"), date: facts.instant,
                offset: facts.offset, identity: "remitd.\(name.dropLast(4))", language: facts.language == .zh ? "zh-CN" : "en",
                text: text, html: html, attachments: [attachment])
            return DigestMessage(
                subject: subject, text: text, html: html, attachments: [attachment], rfc5322: try message.rfc5322(), fileName: name)
        } catch {
            throw .mail(error)
        }
    }

    /// `DATE-GROUP.eml`. What is not a letter, digit, point, dash or underscore becomes a dash; a hash then keeps two
    /// groups apart.
    public static func fileName(day: Day, group: String) -> String {
        var safe = ""
        for byte in group.utf8.prefix(60) {
            let isWord = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            safe.append(isWord || byte == 45 || byte == 95 ? Character(UnicodeScalar(byte)) : byte == 46 && !safe.isEmpty ? "." : "-")
        }
        if safe != group { safe += "-" + MailMessage.hash(group).prefix(8) }
        return "\(day)-\(safe).eml"
    }

    /// Every string of the view, at whatever depth, made safe for HTML: no template can forget it.
    private static func escape(_ value: Any) -> Any {
        switch value {
        case let text as String: Presentation.html(text)
        case let members as [String: Any]: members.mapValues(escape)
        case let elements as [Any]: elements.map(escape)
        default: value
        }
    }
}
