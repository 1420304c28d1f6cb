import Glibc
import Testing
import Trade

@testable import Reporting

@Suite struct MailTests {
    /// A Python interpreter is a build dependency of the tests; without one the parser's opinion is missing.
    static let hasPython = (["/usr/bin/python3", "/usr/local/bin/python3"] as [String]).contains { access($0, X_OK) == 0 }

    static func python(_ script: String, _ file: String) -> String {
        guard let pipe = popen("python3 -c '\(script)' '\(file)' 2>&1", "r") else { return "" }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(.enabled(if: hasPython, "needs python3"), arguments: Language.allCases)
    func `another mail parser reads back what was composed`(language: Language) throws {
        let scratch = Scratch()
        let message = try Digest.compose(language == .zh ? Fixture.chinese : Fixture.facts)
        Files.write(message.rfc5322, to: scratch.path + "/m.eml")
        let script = """
            import sys, email, email.policy
            m = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
            print(m["subject"]); print(m["to"]); print(m["from"]); print(m["date"].datetime.isoformat()); print(m["auto-submitted"])
            print([p.get_content_type() for p in m.walk()]); print(m.defects, [p.defects for p in m.walk() if p.defects])
            b = m.get_body(("plain",)).get_content(); h = m.get_body(("html",)).get_content()
            a = list(m.iter_attachments()); print([x.get_filename() for x in a])
            d = sys.argv[1].rsplit("/", 1)[0]
            open(d + "/t", "w", newline="").write(b.replace("\\r\\n", "\\n")); open(d + "/h", "w", newline="").write(h.replace("\\r\\n", "\\n"))
            open(d + "/a", "wb").write(a[0].get_payload(decode=True))
            """
        let lines = Self.python(script, scratch.path + "/m.eml").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        try #require(lines.count >= 8, "\(lines)")
        #expect(lines[0] == message.subject)
        #expect(lines[1] == "finance@acme.example, 王丽 <li.wang@acme.example>")
        #expect(lines[2] == "remitd@acme.example")
        #expect(lines[3] == "2026-03-02T07:30:00+08:00")
        #expect(lines[4] == "auto-generated")
        #expect(lines[5] == "['multipart/mixed', 'multipart/alternative', 'text/plain', 'text/html', 'text/csv']")
        #expect(lines[6] == "() []" || lines[6] == "[] []")
        #expect(lines[7] == "['remitd-2026-03-02.csv']")
        #expect(Files.text(scratch.path + "/t") == message.text)
        #expect(Files.text(scratch.path + "/h") == message.html)
        #expect(Files.read(scratch.path + "/a") == message.attachments[0].bytes)
    }

    @Test(arguments: Language.allCases)
    func `lines end with CRLF, stay short and are ASCII`(language: Language) throws {
        let bytes = try Digest.compose(language == .zh ? Fixture.chinese : Fixture.facts).rfc5322
        #expect(bytes.allSatisfy { $0 < 128 && ($0 >= 32 || $0 == 10 || $0 == 13) })
        var previous: UInt8 = 0
        for byte in bytes {
            #expect((byte == 10) == (previous == 13) || byte != 10 && previous != 13)
            previous = byte
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
    }

    @Test(arguments: ["a\r\nBcc: x@y.example", "a\nb", "a\0b", "a\u{85}b", "a\u{2028}b", "a\u{7F}"])
    func `a header value with a line break or control character cannot be made`(text: String) {
        #expect(throws: MailError.controlCharacter(header: "Subject")) { _ = try HeaderText(text, header: "Subject") }
    }

    @Test(arguments: [
        "x@y.example\r\nBcc: z@y.example", "nobody", "a b@c.example", "<x@y.example", "Name <x@y.example> more", "a@b@c.example",
        ".a@b.example",
        "ü@b.example", "Evil\r\nBcc: q@r.example <x@y.example>", "a@b..example", "",
    ])
    func `what is no address is refused`(text: String) {
        #expect(throws: MailError.self) { _ = try Mailbox(text) }
        var facts = Fixture.facts
        facts.recipients = [text]
        #expect(throws: DigestError.self) { _ = try Digest.compose(facts) }
    }

    @Test func `addresses with names are read`() throws {
        #expect(try Mailbox("\"Wang, Li\" <li@acme.example>").name?.text == "Wang, Li")
        #expect(try Mailbox("li+x@acme.example").address == "li+x@acme.example")
        var header = MessageHeader()
        header.add("To", mailboxes: [try Mailbox("\"Wang, Li\" <li@acme.example>"), try Mailbox("x@y.example")])
        #expect(header.lines == ["To: \"Wang, Li\" <li@acme.example>, x@y.example"])
    }

    @Test func `a long Chinese subject is folded into whole characters`() throws {
        let text = String(repeating: "【remitd】逾期货款合计 12,345.00 USD，", count: 6)
        var header = MessageHeader()
        header.add("Subject", text: try HeaderText(text, header: "Subject"))
        #expect(header.lines.count > 3)
        for line in header.lines {
            #expect(line.utf8.count <= 76)
            #expect(line == header.lines[0] || line.hasPrefix(" "))
        }
        if Self.hasPython {
            let scratch = Scratch()
            Files.write(Array((header.lines.joined(separator: "\r\n") + "\r\n\r\nx").utf8), to: scratch.path + "/m")
            let script = """
                import sys, email, email.policy
                print(email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)["subject"])
                """
            #expect(Self.python(script, scratch.path + "/m") == text + "\n")
        }
    }

    @Test func `quoted-printable keeps lines short and guards blanks and dots`() {
        #expect(QuotedPrintable.lines("a=b \n.x\n" + String(repeating: "é", count: 30)).allSatisfy { $0.utf8.count <= 76 })
        #expect(Array(QuotedPrintable.lines("a=b \n.x")) == ["a=3Db=20", "=2Ex"])
        #expect(Base64.encode(Array("remit".utf8)) == "cmVtaXQ=")
    }
}
