import Foundation
import Testing

@testable import Intake
@testable import SFTP

@Suite struct KnownHostsTests {
    static let key = ScriptedServer.key("ssh-ed25519", 7)
    static let other = ScriptedServer.key("ssh-ed25519", 8)
    static let base64 = Base64.encode(key.blob)

    func keys(_ text: String, _ host: String, _ port: UInt16 = 22) -> [Int] {
        KnownHosts(path: "known", bytes: Array(text.utf8)).knowledge(host: host, port: port).keys.map(\.number)
    }

    @Test(
        arguments: [
            ("h.example", "h.example", 22, true), ("h.example", "H.EXAMPLE", 22, true), ("H.Example", "h.example", 22, true),
            ("h.example", "h.example", 2222, false), ("[h.example]:2222", "h.example", 2222, true),
            ("[h.example]:2222", "h.example", 22, false),
            ("a,h.example,b", "h.example", 22, true), ("*.example", "h.example", 22, true), ("*.example", "h.example.org", 22, false),
            ("h?example", "h.example", 22, true), ("h?xample", "h.example", 22, false), ("*,!h.example", "h.example", 22, false),
            ("!h.example,*", "h.example", 22, false), ("!x.example,*.example", "h.example", 22, true),
            ("!h.example", "h.example", 22, false),
            ("[*]:2222", "h.example", 2222, true), ("*", "h.example", 22, true), ("", "h.example", 22, false),
            ("h*x*e", "h.example", 22, true),
        ] as [(String, String, UInt16, Bool)])
    func `a line's names and patterns mean the hosts that sshd's manual says`(
        _ hosts: String, _ host: String, _ port: UInt16, _ isMeant: Bool
    ) {
        #expect(KnownHosts.matches(hosts, KnownHosts.name(host: host, port: port)) == isMeant)
    }

    @Test func `a name hashed by ssh-keygen is found`() throws {
        let place = try Playground()
        try place.write("known", "h.example ssh-ed25519 \(Self.base64)\n[h.example]:2222 ssh-ed25519 \(Self.base64)\n")
        try Playground.run("/usr/bin/ssh-keygen", "-H", "-f", place.at("known"))
        let text = try place.read("known")
        #expect(!text.contains("h.example"))
        #expect(keys(text, "h.example") == [1])
        #expect(keys(text, "h.example", 2222) == [2])
        #expect(keys(text, "i.example").isEmpty)
    }

    @Test func `a fingerprint is the one that ssh-keygen prints`() throws {
        let place = try Playground()
        try Playground.run("/usr/bin/ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", place.at("k"))
        let fields = try place.read("k.pub").split(separator: " ")
        let blob = try #require(Base64.decode(fields[1]))
        #expect(HostKey.type(of: blob) == "ecdsa-sha2-nistp256")
        let printed = try Playground.run("/usr/bin/ssh-keygen", "-l", "-f", place.at("k.pub"))
        #expect(printed.contains(HostKey(type: String(fields[0]), blob: blob).fingerprint))
    }

    @Test func `lines that are not understood are named and the rest is read`() {
        let text = """
            # a comment

            h.example ssh-ed25519 \(Self.base64) a comment behind it
            h.example ssh-ed25519
            h.example ssh-rsa \(Self.base64)
            h.example ssh-ed25519 AAAA!
            @cert-authority *.example ssh-ed25519 \(Self.base64)
            @unknown h.example ssh-ed25519 \(Self.base64)
            |1|x|y ssh-ed25519 \(Self.base64)
            @revoked h.example ssh-ed25519 \(Base64.encode(Self.other.blob))
            """
        let known = KnownHosts(path: "known", bytes: Array(text.utf8))
        #expect(known.knowledge(host: "h.example", port: 22).keys.map(\.number) == [3])
        #expect(known.knowledge(host: "h.example", port: 22).revoked.map(\.number) == [10])
        #expect(known.notices.count == 6)
        for (notice, line) in zip(known.notices, [4, 5, 6, 7, 8, 9]) { #expect(notice.hasPrefix("known line \(line): "), "\(notice)") }
    }

    @Test func `any bytes at all are read without harm`() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("|1@*?!,[]: \t\r\nh.example=ssh-ed25519 \(Self.base64)".utf8) + [0, 255, 128]
        for _ in 0..<500 {
            let bytes = (0..<200).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            _ = KnownHosts(path: "known", bytes: bytes).knowledge(host: "h.example", port: 22)
        }
    }

    @Test func `base64 is taken only in its one canonical form`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        for text in ["A", "AA", "AA=", "AAA", "A===", "AB==", "AA=A", "AA==AA==", "AA\n==", "AA-_"] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }

    // MARK: Adding

    func presented(_ key: HostKey, _ settings: SFTPSettings) throws -> PresentedHostKey {
        try HostTrust(settings, mayBeMissing: true).presented(key)
    }

    func settings(_ file: String) -> SFTPSettings {
        SFTPSettings(id: "edi", host: "H.example", port: 2222, user: "u", trust: .knownHosts(file), paths: ["/out"])
    }

    @Test func `a trusted key is appended once and what is there stays`() throws {
        let place = try Playground()
        let settings = settings(place.at("known"))
        let inbox = SFTPInbox(settings)
        let line = "[h.example]:2222 ssh-ed25519 \(Self.base64)"
        let key = try presented(Self.key, settings)
        #expect(key.knownHostsLine == line)
        #expect(!key.isTrusted)
        try inbox.trust(key)
        #expect(try place.read("known") == line + "\n")
        #expect(try place.mode("known") & 0o022 == 0)
        #expect(try presented(Self.key, settings).isTrusted)
        try inbox.trust(key)
        #expect(try place.read("known") == line + "\n")
        try place.write("known", "a.example ssh-ed25519 \(Self.base64)")
        try inbox.trust(key)
        #expect(try place.read("known") == "a.example ssh-ed25519 \(Self.base64)\n\(line)\n")
    }

    @Test func `a revoked key does not stand in the way of another of its type, and cannot be added itself`() throws {
        let place = try Playground()
        let settings = settings(place.at("known"))
        let text = "@revoked [h.example]:2222 ssh-ed25519 \(Self.base64)\n"
        try place.write("known", text)
        let failure = try #require(throws: SourceFailure.self) { try SFTPInbox(settings).trust(try presented(Self.key, settings)) }
        #expect(failure.text.contains("known line 1") && failure.text.contains("revoked"))
        try SFTPInbox(settings).trust(try presented(Self.other, settings))
        #expect(try place.read("known") == text + "[h.example]:2222 ssh-ed25519 \(Base64.encode(Self.other.blob))\n")
    }

    @Test func `another key of that type is not overridden: the line to remove is named`() throws {
        let place = try Playground()
        let settings = settings(place.at("known"))
        let text = "# head\n[h.example]:2222 ssh-ed25519 \(Self.base64)\n"
        try place.write("known", text)
        let failure = try #require(throws: SourceFailure.self) { try SFTPInbox(settings).trust(try presented(Self.other, settings)) }
        #expect(failure.class == .hostKey)
        #expect(failure.text.contains("known line 2") && failure.text.contains(Self.key.fingerprint))
        #expect(try place.read("known") == text)
    }
}
