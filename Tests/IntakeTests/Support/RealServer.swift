import Foundation
import Glibc
import Servers

@testable import Intake
@testable import SFTP

/// What the tests with a real sshd share.
enum RealServer {
    /// For everything that needs nothing special.
    static let shared = Result { try SSHServer() }

    /// The program that is the child, beside the test bundle.
    static let program: String? = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return [bundle, CommandLine.arguments[0]].map {
            URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent("remitd").path
        }
        .first { access($0, X_OK) == 0 }
    }()

    /// Whether tests with a real server can run here.
    static let isThere: Bool = {
        guard SSHServer.canHaveUsers, access("/usr/sbin/sshd", X_OK) == 0, program != nil else {
            print("skipped: tests with a real SFTP server need root, /usr/sbin/sshd and a built remitd beside the test bundle")
            return false
        }
        return true
    }()
    static let hasOpenSSH = access("/usr/bin/ssh", X_OK) == 0
}

extension SSHServer {
    func settings(_ path: String, port: UInt16? = nil, transport: SFTPSettings.TransportChoice = .libssh2) -> SFTPSettings {
        SFTPSettings(
            id: "edi", host: "127.0.0.1", port: port ?? facts.port, user: facts.user, key: facts.keys["ed25519"],
            trust: .knownHosts(facts.knownHosts), transport: transport, paths: [path], settle: .zero, timeout: .seconds(10))
    }

    /// For a proxy's port, which no known_hosts names.
    func pin(_ type: String = "ssh-ed25519") -> SFTPSettings.Trust {
        .fingerprint(Base64.decode(String(facts.hostKeys[type, default: ""].dropFirst(7)) + "=") ?? [])
    }
}
