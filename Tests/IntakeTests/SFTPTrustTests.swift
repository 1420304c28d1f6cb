import Foundation
import Glibc
import Testing
import Trade

@testable import Intake
@testable import SFTP

/// Who the server is, and what it is given: before its key is known, nothing.
@Suite struct SFTPTrustTests {
    let place: Playground
    let archive: Archive
    let server = ScriptedServer()
    static let ed = ScriptedServer.key("ssh-ed25519", 1)
    static let rsa = ScriptedServer.key("ssh-rsa", 2)
    static let ecdsa = ScriptedServer.key("ecdsa-sha2-nistp256", 3)

    init() throws {
        place = try Playground()
        archive = try Archive(state: place.at("state"))
        try place.write("password", "se cret\r\n")
        try place.write("key", "-----BEGIN\n")
        server.put("/out/a", "text")
    }

    func inbox(
        known: [(String, HostKey)] = [], pin: HostKey? = nil, _ transport: SFTPSettings.TransportChoice = .automatic,
        password: String = "password"
    ) throws -> SFTPInbox {
        try place.write("known", known.map { "\($0.0) \($0.1.type) \(Base64.encode($0.1.blob))\n" }.joined())
        let trust = pin.map { SFTPSettings.Trust.fingerprint(SHA256.digest(of: $0.blob).bytes) } ?? .knownHosts(place.at("known"))
        let settings = SFTPSettings(
            id: "edi", host: "h.example", user: "u", key: place.at("key"), password: place.at(password), trust: trust, transport: transport,
            paths: ["/out"], settle: .zero)
        let server = server
        return SFTPInbox(settings) { () throws(SourceFailure) in server.peer() }
    }

    func poll(_ inbox: SFTPInbox) -> RemotePoll {
        inbox.poll(now: FileTime(seconds: 1_800_000_000), archive: archive, records: MemoryRecords()) { false }
    }

    @Test func `the server is asked for the keys that are known, and given its secrets once it has shown one`() throws {
        server.change { $0.keys = [Self.ecdsa, Self.ed] }
        let result = poll(try inbox(known: [("h.example", Self.ed), ("h.example", Self.rsa), ("i.example", Self.ecdsa)]))
        #expect(result.failure == nil && result.taken == 1)
        #expect(server.now.orders == [["ssh-ed25519", "ssh-rsa"]])
        let credentials = try #require(server.now.credentials)
        #expect(credentials.hostKey == Self.ed)
        #expect(credentials.password?.bytes == Array("se cret".utf8))
        #expect(credentials.key?.bytes == Array("-----BEGIN\n".utf8))
        #expect(credentials.passphrase == nil)
    }

    @Test func `a server with an unknown, changed or revoked key is told nothing`() throws {
        let cases: [(String, [(String, HostKey)], [String])] = [
            ("unknown", [("i.example", Self.ed)], ["knows no key", Self.ed.fingerprint, "trust-host edi"]),
            ("another port", [("[h.example]:2222", Self.ed)], ["knows no key"]),
            (
                "changed", [("h.example", ScriptedServer.key("ssh-ed25519", 9))],
                [Self.ed.fingerprint, ScriptedServer.key("ssh-ed25519", 9).fingerprint, "line 1", "trust-host edi"]
            ),
            ("of another type", [("h.example", Self.ecdsa)], [Self.ed.fingerprint, Self.ecdsa.fingerprint]),
            ("revoked", [("@revoked h.example", Self.ed)], ["revoked", "line 1"]),
            ("revoked, and known elsewhere in the file", [("h.example", Self.ed), ("@revoked *", Self.ed)], ["revoked", "line 2"]),
        ]
        for (what, known, words) in cases {
            let failure = poll(try inbox(known: known, .libssh2)).failure
            #expect(failure?.class == .hostKey, "\(what)")
            for word in words { #expect(failure?.text.contains(word) == true, "\(what): \(failure?.text ?? "")") }
        }
        #expect(server.now.logins == 0)
    }

    @Test func `without its known hosts no server is trusted`() throws {
        let inbox = try inbox()
        unlink(place.at("known"))
        #expect(poll(inbox).failure?.class == .hostKey)
        #expect(server.now.orders.isEmpty)
    }

    @Test func `a pinned key is found among the keys of other types, and its type is remembered`() throws {
        server.change { $0.keys = [Self.ecdsa, Self.ed, Self.rsa] }
        let inbox = try inbox(pin: Self.rsa)
        #expect(poll(inbox).failure == nil)
        #expect(server.now.credentials?.hostKey == Self.rsa)
        server.change { $0.orders = [] }
        #expect(poll(inbox).failure == nil)
        #expect(server.now.orders == [["ssh-rsa"]])
    }

    @Test func `a server without the pinned key is told nothing, and all its keys are named`() throws {
        server.change { $0.keys = [Self.ecdsa, Self.ed] }
        let failure = try #require(poll(try inbox(pin: Self.rsa)).failure)
        #expect(failure.class == .hostKey)
        for key in [Self.ecdsa, Self.ed, Self.rsa] { #expect(failure.text.contains(key.fingerprint)) }
        #expect(server.now.logins == 0)
    }

    @Test(.enabled(if: access("/usr/bin/ssh", X_OK) == 0))
    func `where libssh2 and the server have nothing in common OpenSSH is used, said once and remembered`() throws {
        server.answerInstead { request, talk in
            guard case .connect(let request) = request, request.transport == .libssh2 else { return false }
            talk.say(.failed(Failure(.negotiation, "only rsa-sha2 is offered")))
            return true
        }
        let inbox = try inbox(known: [("h.example", Self.ed)])
        let first = poll(inbox)
        #expect(first.failure == nil && first.taken == 1)
        #expect(first.notices.count == 1 && first.notices[0].contains("only rsa-sha2 is offered"))
        let second = poll(inbox)
        #expect(second.failure == nil && second.notices.isEmpty)
        #expect(server.now.transports == [.openssh, .openssh])
        let failure = poll(try self.inbox(known: [("h.example", Self.ed)], .libssh2)).failure
        #expect(failure?.class == .remote && failure?.text.contains("only rsa-sha2 is offered") == true)
    }

    /// Has an RSA key that libssh2 before 1.11 is not shown.
    func hideRSA(_ rsa: HostKey = Self.rsa) {
        server.change { $0.keys = [Self.ed, rsa] }
        server.answerInstead { [server] request, talk in
            guard case .connect(let request) = request, request.transport == .libssh2 else { return false }
            server.change { $0.transports.append(.libssh2) }
            talk.say(.hostKeys([Self.ed]))
            return true
        }
    }

    static let lacksRSA = !SSHLibrary.hasRSAWithSHA2

    @Test(.enabled(if: access("/usr/bin/ssh", X_OK) == 0 && lacksRSA), arguments: [true, false])
    func `a known RSA key that libssh2 cannot be shown is shown to OpenSSH`(isPinned: Bool) throws {
        hideRSA()
        let inbox = try inbox(known: [("h.example", Self.rsa)], pin: isPinned ? Self.rsa : nil)
        let first = poll(inbox)
        #expect(first.failure == nil && first.taken == 1, "\(first.failure?.text ?? "")")
        #expect(first.notices.count == 1 && first.notices.first?.contains("RSA") == true, "\(first.notices)")
        #expect(server.now.credentials?.hostKey == Self.rsa)
        server.change { $0.transports = [] }
        let second = poll(inbox)
        #expect(second.failure == nil && second.notices.isEmpty)
        #expect(server.now.transports == [.openssh])
    }

    @Test(.enabled(if: access("/usr/bin/ssh", X_OK) == 0 && lacksRSA))
    func `an RSA key that is another one is a changed key, whoever is shown it`() throws {
        hideRSA(ScriptedServer.key("ssh-rsa", 9))
        let failure = try #require(poll(try inbox(known: [("h.example", Self.rsa)])).failure)
        #expect(failure.class == .hostKey && failure.text.contains("another server"))
        #expect(failure.text.contains(ScriptedServer.key("ssh-rsa", 9).fingerprint))
        server.answerInstead { request, talk in
            guard case .connect(let request) = request else { return false }
            talk.say(request.transport == .libssh2 ? .hostKeys([Self.ed]) : .failed(Failure(.network, "the line was cut")))
            return true
        }
        #expect(poll(try inbox(known: [("h.example", Self.rsa)])).failure?.class == .network)
        #expect(server.now.logins == 0)
    }

    @Test(.enabled(if: lacksRSA), arguments: [true, false])
    func `where libssh2 alone may be used a known RSA key is said to be beyond it, and nobody is accused`(isPinned: Bool) throws {
        hideRSA()
        let failure = try #require(poll(try inbox(known: [("h.example", Self.rsa)], pin: isPinned ? Self.rsa : nil, .libssh2)).failure)
        #expect(failure.class == .hostKey && !failure.text.contains("another server"))
        for word in ["RSA", SSHLibrary.version, "transport: auto", Self.ed.fingerprint, Self.rsa.fingerprint] {
            #expect(failure.text.contains(word), "\(word): \(failure.text)")
        }
        #expect(server.now.logins == 0)
    }

    @Test(.enabled(if: access("/usr/bin/ssh", X_OK) == 0 && lacksRSA))
    func `with a user's RSA key no login is tried that libssh2 can only be refused`() throws {
        let inbox = try inbox(known: [("h.example", Self.ed)])
        try place.write("key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n")
        let result = poll(inbox)
        #expect(result.failure == nil && result.taken == 1)
        #expect(result.notices.count == 1 && result.notices.first?.contains("RSA") == true, "\(result.notices)")
        #expect(server.now.transports == [.openssh] && server.now.logins == 1)
        // whoever chose libssh2 gets it
        server.change { $0.transports = [] }
        #expect(poll(try self.inbox(known: [("h.example", Self.ed)], .libssh2)).failure == nil)
        #expect(server.now.transports == [.libssh2])
    }

    @Test func `a secret that cannot be read is a failure of authentication that says which file`() throws {
        let failure = poll(try inbox(known: [("h.example", Self.ed)], password: "none")).failure
        #expect(failure?.class == .auth && failure?.text.contains(place.at("none")) == true)
        try place.write("large", [UInt8](repeating: 65, count: 70_000))
        #expect(poll(try inbox(known: [("h.example", Self.ed)], password: "large")).failure?.class == .auth)
        try place.write("empty", "\n")
        #expect(poll(try inbox(known: [("h.example", Self.ed)], password: "empty")).failure?.class == .auth)
        #expect(server.now.logins == 0)
    }

    @Test func `all keys of a server are shown, with whether each is trusted`() throws {
        server.change { $0.keys = [Self.ecdsa, Self.ed, Self.rsa] }
        let inbox = try inbox(known: [("h.example", Self.ed)])
        let keys = try inbox.hostKeys()
        #expect(keys.map(\.type) == ["ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-rsa"])
        #expect(keys.map(\.isTrusted) == [false, true, false])
        try inbox.trust(keys[0])
        #expect(try inbox.hostKeys().map(\.isTrusted) == [true, true, false])
        #expect(server.now.logins == 0)
        unlink(place.at("known"))
        #expect(try inbox.hostKeys().map(\.isTrusted) == [false, false, false])
    }

    @Test func `a check passes its steps in order and touches nothing`() throws {
        var steps: [String] = []
        try inbox(known: [("h.example", Self.ed)]).check { steps.append($0) }
        #expect(steps.count == 4, "\(steps)")
        for (step, words) in zip(steps, ["connected to h.example", Self.ed.fingerprint, "logged in as u", "/out: 1 file"]) {
            #expect(step.contains(words), "\(step)")
        }
        #expect(server.now.fetched.isEmpty && server.now.acknowledged.isEmpty)
        server.answerInstead { request, talk in
            guard case .authenticate = request else { return false }
            talk.say(.failed(Failure(.auth, "not allowed")))
            return true
        }
        steps = []
        let inbox = try inbox(known: [("h.example", Self.ed)])
        #expect(throws: SourceFailure(.auth, "not allowed")) { try inbox.check { steps.append($0) } }
        #expect(steps.count == 2)
    }
}
