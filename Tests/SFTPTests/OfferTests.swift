import Testing

@testable import SFTP

@Suite struct OfferTests {
    /// What libssh2 1.10.0 has, abridged.
    static let old: [SSHLibrary.Kind: [String]] = [
        .hostKeys: ["ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-rsa"], .keyExchange: ["curve25519-sha256", "ecdh-sha2-nistp256"],
        .ciphers: ["aes256-ctr", "aes128-ctr"], .macs: ["hmac-sha2-256"],
    ]

    static func payload(
        _ exchange: String, _ hostKeys: String, _ ciphers: String, _ macs: String, ciphersSent: String? = nil
    ) -> [UInt8] {
        var writer = WireWriter()
        writer.byte(20)
        for byte in 0..<16 as Range<UInt8> { writer.byte(byte) }
        for list in [exchange, hostKeys, ciphers, ciphersSent ?? ciphers, macs, macs, "none", "none", "", ""] { writer.text(list) }
        writer.flag(false)
        writer.number(0)
        return writer.bytes
    }

    static let plain = payload("curve25519-sha256,ext-info-s", "ssh-ed25519", "aes256-ctr", "hmac-sha2-256")

    private func sentence(_ payload: [UInt8], _ library: [SSHLibrary.Kind: [String]] = old) throws -> String? {
        try ServerOffer(banner: Array("SSH-2.0-Vendor".utf8), payload: payload).sentence(library: library, version: "1.10.0")
    }

    @Test func `a server that has something of each kind is not to blame`() throws {
        #expect(try sentence(OfferTests.plain) == nil)
    }

    @Test func `the kind that has nothing in common is named with both sides`() throws {
        let cases: [([UInt8], [String])] = [
            (
                OfferTests.payload("curve25519-sha256", "rsa-sha2-512,rsa-sha2-256", "aes256-ctr", "hmac-sha2-256"),
                ["SSH-2.0-Vendor", "host key only rsa-sha2-512, rsa-sha2-256", "ssh-ed25519", "add an ed25519"]
            ),
            (
                OfferTests.payload("sntrup761x25519-sha512@openssh.com,ext-info-s", "ssh-ed25519", "aes256-ctr", "hmac-sha2-256"),
                ["key exchange only sntrup761x25519-sha512@openssh.com;"]
            ),
            (
                OfferTests.payload("curve25519-sha256", "ssh-ed25519", "aes256-gcm@openssh.com", "hmac-sha2-256"),
                ["cipher only aes256-gcm@openssh.com"]
            ),
            (
                OfferTests.payload("curve25519-sha256", "ssh-ed25519", "aes256-ctr", "hmac-sha2-256", ciphersSent: "aes256-cbc"),
                ["cipher only nothing"]
            ),
            (
                OfferTests.payload("curve25519-sha256", "ssh-ed25519", "aes256-ctr", "hmac-sha2-512-etm@openssh.com"),
                ["MAC only hmac-sha2-512-etm@openssh.com"]
            ),
        ]
        for (payload, parts) in cases {
            let sentence = try #require(try sentence(payload))
            for part in parts + ["libssh2 1.10.0", "transport: openssh"] { #expect(sentence.contains(part), "\(part): \(sentence)") }
            #expect(!sentence.contains("\n"))
        }
    }

    @Test func `a cipher that needs no MAC is not held up by one`() throws {
        let payload = OfferTests.payload("curve25519-sha256", "ssh-ed25519", "aes256-gcm@openssh.com", "umac-64@openssh.com")
        var library = OfferTests.old
        library[.ciphers] = ["aes256-gcm@openssh.com"]
        #expect(try sentence(payload, library) == nil)
    }

    @Test func `an offer that is cut off anywhere is refused, not believed`() throws {
        // up to the last list that is read
        let needed = OfferTests.plain.count - 1 - 4 - 4 * 4 - 2 * 4
        for count in 0..<needed {
            #expect(throws: WireError.self, "\(count) bytes") { try self.sentence(Array(OfferTests.plain.prefix(count))) }
        }
    }

    @Test func `bytes by chance neither crash nor become words that break a line`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        for _ in 0..<20_000 {
            var bytes = OfferTests.plain
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[1 + Int(state >> 33) % (bytes.count - 1)] = UInt8(truncatingIfNeeded: state >> 24)
            }
            if let sentence = try? sentence(bytes) {
                #expect(sentence.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }, "seed \(seed)")
            }
        }
    }

    @Test func `the known key's type is asked for first, with all its signatures that the library has`() {
        let new = ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]
        #expect(
            SSHLibrary.hostKeyPreference(known: ["ssh-rsa"], library: new) == ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] + new.prefix(2))
        #expect(SSHLibrary.hostKeyPreference(known: ["ssh-rsa"], library: ["ssh-ed25519", "ssh-rsa"]) == ["ssh-rsa", "ssh-ed25519"])
        #expect(SSHLibrary.hostKeyPreference(known: ["sk-ssh-ed25519@openssh.com"], library: new) == new)
        #expect(SSHLibrary.hostKeyPreference(known: [], library: new) == new)
    }

    @Test func `the library tells its version and what it has`() {
        #expect(SSHLibrary.version.split(separator: ".").count >= 3)
        for kind in SSHLibrary.Kind.allCases { #expect(SSHLibrary.algorithms[kind]?.isEmpty == false, "\(kind)") }
        #expect(SSHLibrary.algorithms[.hostKeys]?.contains("ssh-ed25519") == true)
        #expect(SSHLibrary.algorithms[.hostKeys]?.contains("rsa-sha2-256") == SSHLibrary.hasRSAWithSHA2)
    }

    @Test func `base64 is read as it is written, and nothing else is`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("hello".utf8)) == "aGVsbG8=")
        for wrong in ["aGVsbG8", "aGVs bG8=", "a===", "aGVsbG8-", "=aGVsbG8"] { #expect(Base64.decode(wrong) == nil, "\(wrong)") }
    }

    @Test func `a line of ssh-keyscan's is a key only if the blob says the same type`() {
        var blob = WireWriter()
        blob.text("ssh-ed25519")
        blob.string([UInt8](repeating: 7, count: 32))
        let text = Base64.encode(blob.bytes)
        #expect(OpenSSHConnection.hostKey("[h]:2222 ssh-ed25519 \(text)") == HostKey(type: "ssh-ed25519", blob: blob.bytes))
        #expect(OpenSSHConnection.hostKey("h ssh-ed25519 \(text) a comment")?.type == "ssh-ed25519")
        for wrong in [
            "", "# h:22 SSH-2.0-x", "h ssh-rsa \(text)", "h ssh-ed25519", "h ssh-ed25519 ????", "h ssh-ed25519 AAAA",
            "#h ssh-ed25519 \(text)",
        ] {
            #expect(OpenSSHConnection.hostKey(wrong) == nil, "\(wrong)")
        }
    }
}
