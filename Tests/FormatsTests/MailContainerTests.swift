import Foundation
import Testing
import Trade

@testable import Formats

/// Mails and mailboxes as containers. `REMITD_GOLDEN=write` writes the golden files anew.
struct MailContainerTests {
    static let samples = TableSamples.files(in: TableSamples.samples.appendingPathComponent("mails")).filter {
        $0.pathExtension == "eml" || $0.pathExtension == "mbox"
    }

    static func unpack(_ bytes: [UInt8], _ name: String = "x.eml") -> Unpacked {
        name.hasSuffix(".mbox") ? Unpacked(Mailbox(), bytes) : Unpacked(MailMessages(), bytes)
    }

    static func unpack(_ text: String) -> Unpacked { unpack(Array(text.utf8)) }

    static let head = "From: a@b.example\nSubject: x\nMessage-ID: <1@b>\nMIME-Version: 1.0\n"

    @Test(arguments: samples) func `a sample mail is unpacked as its golden file says`(_ file: URL) throws {
        let unpacked = Self.unpack(try TableSamples.bytes(file), file.lastPathComponent)
        #expect(unpacked.misuse == nil)
        let golden = file.appendingPathExtension("members")
        if ProcessInfo.processInfo.environment["REMITD_GOLDEN"] == "write" { try Data(unpacked.log.utf8).write(to: golden) }
        #expect(unpacked.log == String(decoding: try TableSamples.bytes(golden), as: UTF8.self))
    }

    @Test func `each sample mail is claimed by one container and by no format`() throws {
        #expect(Self.samples.count >= 20)
        for file in Self.samples {
            let bytes = try TableSamples.bytes(file)
            let head = FileHead(name: file.lastPathComponent, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            guard case .container(let container) = Formats.standard.identify(head) else {
                Issue.record("\(file.lastPathComponent) is claimed by no container alone")
                continue
            }
            #expect(container.name == (file.pathExtension == "mbox" ? "mbox" : "mail"))
        }
    }

    @Test(.enabled(if: Place.hasShared)) func `no public sample is claimed as a mail`() throws {
        var count = 0
        let all = FileManager.default.enumerator(at: Place.shared, includingPropertiesForKeys: nil)
        while let url = all?.nextObject() as? URL {
            guard !url.hasDirectoryPath, let file = FileHandle(forReadingAtPath: url.path) else { continue }
            let bytes = Array(try file.read(upToCount: FileHead.limit) ?? Data())
            try file.close()
            let head = FileHead(name: url.lastPathComponent, bytes: bytes, size: bytes.count)
            #expect(MailMessages.claim(head) == nil && Mailbox.claim(head) == nil, "\(url.path)")
            count += 1
        }
        #expect(count > 400)
    }

    @Test func `a text with a few header lines pasted above it stays a text`() {
        for text in [
            "Subject: Remittance Advice\nFrom: a@b\nDate: Fri, 21 Mar 2025 06:00:00 +0000\n\nPayment number: 1\n",
            "From: a@b\nSent: today\nTo: c@d\nSubject: x\n\nhello", "From here on it is a text\nSubject: x\n\n",
            "Message-ID: <1@b>\n\nhello",
        ] {
            let head = FormatIdentification.head(Array(text.utf8))
            #expect(MailMessages.claim(head) == nil && Mailbox.claim(head) == nil, "\(text)")
        }
    }

    @Test func `whatever structure a mail has, all its leaves come back in order`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        for round in 0..<400 {
            let mail = RandomMail(&random)
            let unpacked = Self.unpack(mail.text)
            #expect(unpacked.misuse == nil && unpacked.rejected.isEmpty && unpacked.refused.isEmpty, "round \(round): \(unpacked.log)")
            #expect(unpacked.parts.map(\.bytes) == mail.leaves, "round \(round)\n\(String(decoding: mail.text, as: UTF8.self))")
        }
    }

    @Test func `a multipart cut anywhere before its closing boundary is incomplete`() throws {
        let file = TableSamples.samples.appendingPathComponent("mails/forwarded.eml")
        let bytes = try TableSamples.bytes(file)
        let close = try #require(String(decoding: bytes, as: UTF8.self).range(of: "--o--"))
        let end = String(decoding: bytes, as: UTF8.self)[..<close.upperBound].utf8.count
        let body = try #require(String(decoding: bytes, as: UTF8.self).range(of: "\n\n"))
        let start = String(decoding: bytes, as: UTF8.self)[..<body.upperBound].utf8.count
        for cut in start..<end {
            #expect(Self.unpack(Array(bytes[..<cut])).rejected.map(\.kind) == [.incomplete], "cut at \(cut)")
        }
        #expect(Self.unpack(Array(bytes[..<end])).rejected.isEmpty)
    }

    @Test func `bytes changed or cut at random never crash the unpacking`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        let all = try Self.samples.map { (name: $0.lastPathComponent, bytes: try TableSamples.bytes($0)) }
        let rounds = ProcessInfo.processInfo.environment["REMITD_MUTATIONS"].flatMap { Int($0) } ?? 100
        let signs = Array("\n\r:;=-\"<>()/ \t%?,\\.".utf8) + [0, 0x1B, 0x80, 0xC3, 0xFF]
        for (name, bytes) in all {
            for _ in 0..<rounds {
                var broken = bytes
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    let index = Int.random(in: 0..<broken.count, using: &random)
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0: broken[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    case 1: broken.remove(at: index)
                    case 2: broken.insert(signs.randomElement(using: &random) ?? 0, at: index)
                    case 3: broken[index] = signs.randomElement(using: &random) ?? 0
                    default: broken.replaceSubrange(index..<index, with: broken[index...].prefix(40))
                    }
                    if broken.isEmpty { broken = [0] }
                }
                if Bool.random(using: &random) { broken.removeLast(Int.random(in: 0..<broken.count, using: &random)) }
                let unpacked = Self.unpack(broken, name)
                #expect(unpacked.misuse == nil, "\(broken)")
            }
        }
    }

    @Test func `what a hostile mail may cost is bounded`() {
        let deep = (0..<200).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined()
        #expect(Self.unpack(Self.head + deep).rejected.map(\.kind) == [.tooLarge])
        let mails = String(repeating: "Content-Type: message/rfc822\n\nSubject: x\n", count: 3_000)
        #expect(Self.unpack(Self.head + mails + "\nx").rejected.map(\.kind) == [.tooLarge])
        let parts = String(repeating: "--b\n\nx\n", count: 1_500) + "--b--\n"
        #expect(Self.unpack(Self.head + "Content-Type: multipart/mixed; boundary=b\n\n" + parts).rejected.map(\.kind) == [.tooLarge])
        let fields = (0..<60_000).map { "X-\($0): aaaaaaaaaaaaaaaaaaaaaa\n" }.joined()
        #expect(Self.unpack(Self.head + fields + "\nx").rejected.map(\.kind) == [.tooLarge])
        let type = "Content-Type: text/plain" + (0..<5_000).map { ";\n p\($0)=\($0)" }.joined()
        #expect(Self.unpack(Self.head + type + "\n\nx").rejected.map(\.kind) == [.tooLarge])
        // GMime alone crashes on groups in groups
        let groups = "From: " + String(repeating: "a:", count: 200_000)
        let unpacked = Self.unpack(groups + "\nMessage-ID: <1@b>\nSubject: x\n\nhello")
        #expect(unpacked.parts.map(\.bytes) == [Array("hello".utf8)])
    }

    /// The members as the daemon chooses them.
    static func read(_ unpacked: Unpacked) -> [String] {
        var taken: Set<Int> = []
        return unpacked.parts.compactMap { part in
            guard RemittanceMail.claim(FormatIdentification.head(part.bytes, part.member.name)) != nil else { return nil }
            if case .part(let number) = part.member.role, !taken.insert(number).inserted { return nil }
            let outcome = TableOutcome(RemittanceMail(), part.bytes, ReadingContext(marketplace: "US"))
            return outcome.documents.first?["number"]?.string
        }
    }

    static func remittance(_ number: String) -> String {
        """
        Payment made to: LARK SUPPLY COMPANY(LARK7)
        Payment number: \(number)
        Payment date: 18-MAR-2025
        Payment currency: USD
        Payment amount: 12.00

        Invoice Number     Invoice Date     Invoice description          Discount Taken    Amount Paid    Amount Remaining
        LK-1               20-JAN-2025      4XQWT90K/ONT8/               0.00              12.00          0.00

        """
    }

    @Test func `the bodies of all mails of a mailbox are read`() {
        let from = "From a@b.example Sat Nov 22 06:31:12 2025\n"
        let mails = ["71", "72", "73"].map { from + Self.head + "\n" + Self.remittance($0) + "\n" }
        let unpacked = Self.unpack(Array(mails.joined().utf8), "x.mbox")
        #expect(unpacked.parts.map(\.member.role) == [.part(alternative: 1), .part(alternative: 2), .part(alternative: 3)])
        #expect(Self.read(unpacked) == ["71", "72", "73"])
    }

    @Test func `what stands in a group within an alternative is not taken for what the alternative says`() {
        let group = "Content-Type: multipart/%@; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>x</p>\n--c\n\n%@\n--c--\n"
        func mail(_ kind: String) -> Unpacked {
            Self.unpack(
                Self.head + "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n" + Self.remittance("71") + "\n--b\n"
                    + String(format: group, kind, Self.remittance("72")) + "--b--\n")
        }
        #expect(Self.read(mail("mixed")) == ["71", "72"])
        #expect(Set(mail("mixed").parts.map(\.member.role)).count == 3)
        #expect(mail("related").parts.map(\.member.role) == [.part(alternative: 1), .part(alternative: 1), .part(alternative: 2)])
        #expect(mail("alternative").parts.allSatisfy { $0.member.role == .part(alternative: 1) })
    }

    @Test func `a remittance too far below the start of a body is refused, not passed over`() {
        let talk = String(repeating: "Thank you, and best regards from all of us here.\n", count: 1_500)
        let html = "<html><style>\(talk)</style><body><pre>\n\(Self.remittance("71"))</pre></body></html>"
        func mail(_ text: String, _ html: String) -> Unpacked {
            Self.unpack(
                Self.head
                    + "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n\(text)\n--b\nContent-Type: text/html\n\n\(html)\n--b--\n"
            )
        }
        #expect(Self.unpack(Self.head + "\n" + talk + Self.remittance("71")).refused.map(\.kind) == [.tooLarge])
        #expect(mail("see below", html).refused.map(\.kind) == [.tooLarge])
        #expect(mail("see below", html).refused.first?.at == .line(11))
        // the plain text says the same
        #expect(mail(Self.remittance("71"), html).refused.isEmpty)
        #expect(mail(talk, "<p>Payment number</p>").refused.isEmpty)
    }

    @Test func `lines are counted in any order of parts`() {
        let inner = "Content-Type: message/rfc822\n\nSubject: y\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: "
        let tnef = "application/ms-tnef\n\nx\n"
        let mail =
            Self.head + "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + inner + tnef + "--c--\n--b\nContent-Type: " + tnef
            + "--b--\n"
        #expect(Self.unpack(mail).refused.map(\.at) == [.line(19), .line(14)])
    }

    @Test func `forwarding is followed to its bound and no further`() {
        var mail = "Subject: innermost\n\nx"
        for level in 0..<14 {
            let text = Data(mail.utf8).base64EncodedString()
            mail = "Subject: \(level)\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\(text)"
        }
        let unpacked = Self.unpack(Self.head.replacing("Subject: x\n", with: "") + mail)
        #expect(unpacked.heads.count == MailBounds.forwarded + 1)
        #expect(unpacked.refused.map(\.kind) == [.tooLarge])
    }

    @Test func `an empty body is no member, an empty attachment is`() {
        let text =
            Self.head + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\n--b\nContent-Type: text/csv; name=a.csv\n\n\n--b--\n"
        #expect(Self.unpack(text).parts.map(\.member.name) == ["a.csv"])
    }

    @Test func `every mail of a mailbox comes with its own head`() {
        let from = "From a@b.example Sat Nov 22 06:31:12 2025\n"
        let mails = (1...50).map { from + "From: a@b.example\nMessage-ID: <\($0)@b>\nSubject: \($0)\n\nbody \($0)\n\n" }.joined()
        let unpacked = Self.unpack(Array(mails.utf8), "x.mbox")
        #expect(unpacked.heads.map(\.messageID) == (1...50).map { "\($0)@b" })
        #expect(unpacked.parts.map { String(decoding: $0.bytes, as: UTF8.self) } == (1...50).map { "body \($0)\n" })
    }
}
