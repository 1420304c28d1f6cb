import Foundation
import Servers
import Testing

@testable import SFTP

@Suite struct TransportLoginTests {
    static let needsRoot = Comment("passwords and chroot need a user of the test's own, and that needs root")

    @Test(arguments: Transport.allCases)
    func `every kind of user key logs in, or is said to be beyond libssh2`(_ transport: Transport) throws {
        let server = try SSHServer()
        let way = Way(transport, server)
        for key in server.facts.keys.keys.sorted() {
            let failure = try way.attempt(server, key: key, passphrase: key.contains("passphrase") ? server.facts.passphraseFile : nil)
            if transport == .libssh2, key.hasPrefix("rsa"), !SSHLibrary.hasRSAWithSHA2 {
                #expect(failure?.class == .negotiation, "\(key): \(failure?.text ?? "logged in")")
                #expect(failure?.text.contains("SHA-1") == true && failure?.text.contains("transport: openssh") == true)
            } else {
                #expect(failure == nil, "\(key): \(failure?.text ?? "")")
            }
        }
        #expect(connections(to: server.facts.port) == 0)
        #expect(children(for: server.facts.port) == [])
    }

    @Test(arguments: Transport.allCases)
    func `a wrong passphrase, a missing one and a file without a private key are told apart`(_ transport: Transport) throws {
        let server = try SSHServer()
        let way = Way(transport, server)
        for key in ["ed25519_passphrase", "ecdsa_passphrase", "rsa_pem_passphrase"] {
            let missing = try way.attempt(server, key: key)
            #expect(missing?.class == .auth && missing?.text.contains("has a passphrase") == true, "\(key): \(missing?.text ?? "in")")
            let wrong = try way.attempt(server, key: key, passphrase: server.facts.passwordFile)
            #expect(wrong?.class == .auth && wrong?.text.contains("passphrase") == true, "\(key): \(wrong?.text ?? "in")")
        }
        let ed25519 = try #require(server.facts.keys["ed25519"])
        let half = try way.attempt(server, key: ed25519 + ".pub")
        #expect(half?.class == .auth && half?.text.contains("public key") == true)
        let none = try way.attempt(server, key: server.facts.log)
        #expect(none?.class == .auth && none?.text.contains("no private key") == true)
    }

    @Test(.enabled(if: SSHServer.canHaveUsers, needsRoot), arguments: Transport.allCases)
    func `a password logs in, and a wrong one is refused`(_ transport: Transport) throws {
        let server = try SSHServer(login: .password)
        let way = Way(transport, server)
        #expect(try way.attempt(server, password: server.facts.passwordFile) == nil)
        // a key that the server does not ask for does no harm
        #expect(try way.attempt(server, key: "ed25519", password: server.facts.passwordFile) == nil)
        let wrong = try way.attempt(server, password: server.facts.passphraseFile)
        #expect(wrong?.class == .auth && wrong?.text.contains("password") == true)
        let keyOnly = try way.attempt(server, key: "ed25519")
        #expect(keyOnly?.class == .auth && keyOnly?.text.contains("server accepts password") == true)
        #expect(try way.attempt(server)?.class == .auth)
    }

    @Test(.enabled(if: SSHServer.canHaveUsers, needsRoot), arguments: Transport.allCases)
    func `a server that wants key and password gets both, and says which is missing`(_ transport: Transport) throws {
        let server = try SSHServer(login: .both)
        let way = Way(transport, server)
        #expect(try way.attempt(server, key: "ed25519", password: server.facts.passwordFile) == nil)
        let keyOnly = try way.attempt(server, key: "ed25519")
        #expect(keyOnly?.class == .auth && keyOnly?.text.contains("wants a password after it") == true, "\(keyOnly?.text ?? "in")")
        let passwordOnly = try way.attempt(server, password: server.facts.passwordFile)
        #expect(passwordOnly?.class == .auth && passwordOnly?.text.contains("accepts publickey") == true)
        #expect(try way.attempt(server, key: "ed25519", password: server.facts.passphraseFile)?.class == .auth)
    }

    @Test(arguments: Transport.allCases, ["ed25519", "ecdsa", "rsa"])
    func `every kind of host key serves, or libssh2 says in words what it lacks`(_ transport: Transport, _ kind: String) throws {
        let server = try SSHServer(hostKeys: [kind])
        let failure = try Way(transport, server).attempt(server, key: "ed25519")
        if transport == .libssh2, kind == "rsa", !SSHLibrary.hasRSAWithSHA2 {
            #expect(failure?.class == .negotiation)
            for part in ["OpenSSH", "rsa-sha2-512", "libssh2 \(SSHLibrary.version)", "ssh-ed25519", "transport: openssh", "Debian 13"] {
                #expect(failure?.text.contains(part) == true, "\(part) is missing: \(failure?.text ?? "logged in")")
            }
        } else {
            #expect(failure == nil, "\(failure?.text ?? "")")
        }
    }

    @Test(arguments: Transport.allCases, ["ssh-ed25519", "ecdsa-sha2-nistp256"])
    func `the server shows the key of the type that is known`(_ transport: Transport, _ type: String) throws {
        let server = try SSHServer()
        var way = Way(transport, server)
        way.hostKeyTypes = [type]
        let connection = way.connection()
        defer { connection.close() }
        #expect(try connection.hostKeys().map(\.type) == [type])
        // of a type that it no longer has, it shows another, so that people can compare
        way.hostKeyTypes = ["ssh-rsa"]
        let other = way.connection()
        defer { other.close() }
        #expect(try other.hostKeys().isEmpty == false)
    }

    @Test(arguments: Transport.allCases)
    func `a host key that is not the checked one gets neither key nor password`(_ transport: Transport) throws {
        let server = try SSHServer(hostKeys: ["ed25519"])
        let connection = Way(transport, server).connection()
        defer { connection.close() }
        var hostKey = try #require(try connection.hostKeys().first)
        hostKey.blob[hostKey.blob.count - 1] ^= 1
        let credentials = Credentials(
            hostKey: hostKey, key: secret(server.facts.keys["ed25519"]), passphrase: nil, password: secret(server.facts.passwordFile))
        let failure = #expect(throws: Failure.self) { try connection.open(credentials) }
        #expect(failure?.class == .hostKey, "\(failure?.text ?? "")")
        connection.close()
        try server.stop()
        let log = try String(contentsOfFile: server.facts.log, encoding: .utf8)
        #expect(!log.contains("Accepted") && !log.contains("Failed") && !log.contains("Postponed"), "\(log)")
    }

    @Test(.enabled(if: SSHServer.canHaveUsers, needsRoot), arguments: Transport.allCases)
    func `a chroot that is gone is said to be that, and its return is noticed`(_ transport: Transport) throws {
        let server = try SSHServer(chroot: true)
        let way = Way(transport, server)
        #expect(try way.attempt(server, key: "ed25519") == nil)
        try server.breakChroot()
        let failure = try way.attempt(server, key: "ed25519")
        #expect(failure?.class == .remote && failure?.text.contains("chroot") == true, "\(failure?.text ?? "logged in")")
        try server.mendChroot()
        #expect(try way.attempt(server, key: "ed25519") == nil)
    }

    @Test(arguments: Transport.allCases)
    func `a server without SFTP, and one whose SFTP does not start, are told as the server's fault`(_ transport: Transport) throws {
        let server = try SSHServer(subsystem: "/nonexistent")
        let failure = try Way(transport, server).attempt(server, key: "ed25519")
        #expect(failure?.class == .remote && failure?.text.contains("accepted the login") == true, "\(failure?.text ?? "logged in")")
    }

    @Test func `the passphrase's question is answered with it, any other with the password, and other calls are none`() throws {
        let server = try SSHServer()
        func ask(_ question: String) throws -> (String, Int32) {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(filePath: remitd)
            process.arguments = [question]
            process.environment = [
                Askpass.passwordFile: server.facts.passwordFile, Askpass.passphraseFile: server.facts.passphraseFile,
            ]
            process.standardOutput = output
            try process.run()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            return (text, process.terminationStatus)
        }
        let password = try String(contentsOfFile: server.facts.passwordFile, encoding: .utf8)
        let passphrase = try String(contentsOfFile: server.facts.passphraseFile, encoding: .utf8)
        #expect(try ask("Enter passphrase for key '/x': ") == (passphrase, 0))
        #expect(try ask("acme@127.0.0.1's password: ") == (password, 0))
        // a server's own question comes with the user's name before it, so that it cannot pose as ssh's
        #expect(try ask("(acme@127.0.0.1) Enter passphrase for key '/x': ") == (password, 0))
        #expect(Askpass.answer(arguments: ["remitd", "Password: "], environment: { _ in nil }) == nil)
        #expect(Askpass.answer(arguments: ["remitd", "sync", "--json"], environment: { _ in "/etc/hostname" }) == nil)
        #expect(Askpass.answer(arguments: ["remitd", "Password: "], environment: { _ in "/nonexistent" }) == 1)
    }
}
