import Foundation
import Glibc

/// A real OpenSSH sshd on 127.0.0.1 (`Tests/Servers/sshd.py`), gone with this object.
public final class SSHServer: Sendable {
    public enum Login: String, Sendable { case key, password, both }

    /// What the script says of itself.
    public struct Facts: Decodable, Sendable {
        public let port: UInt16
        /// The folder that is served, on this machine; and as a client must name it.
        public let root: String
        public let remote: String
        public let user: String
        /// Private keys that the server takes, by the names in `sshd.py`.
        public let keys: [String: String]
        public let passphraseFile: String
        public let passwordFile: String
        public let knownHosts: String
        /// Fingerprints by type, `SHA256:…`.
        public let hostKeys: [String: String]
        public let pid: Int?
        public let log: String

        enum CodingKeys: String, CodingKey {
            case port, root, remote, user, keys, pid, log
            case passphraseFile = "passphrase_file"
            case passwordFile = "password_file"
            case knownHosts = "known_hosts"
            case hostKeys = "host_keys"
        }
    }

    /// Passwords and chroot need a user of the server's own, which only root can give it.
    public static var canHaveUsers: Bool { geteuid() == 0 }

    private let script: Script
    public let facts: Facts

    /// - Parameters:
    ///   - hostKeys: `ed25519`, `ecdsa`, `rsa`.
    ///   - subsystem: a command instead of sshd's own SFTP server.
    ///   - options: more lines of sshd_config, `NAME=VALUE`.
    public init(
        hostKeys: [String] = ["ed25519", "ecdsa"], login: Login = .key, chroot: Bool = false, subsystem: String? = nil,
        readOnly: Bool = false,
        port: UInt16 = 0, options: [String] = []
    ) throws {
        var arguments = hostKeys.flatMap { ["--host-key", $0] } + ["--auth", login.rawValue, "--port", String(port)]
        arguments += options.flatMap { ["--option", $0] }
        if chroot { arguments.append("--chroot") }
        if readOnly { arguments.append("--read-only") }
        if let subsystem { arguments += ["--subsystem", subsystem] }
        script = try Script("sshd.py", arguments)
        facts = try SSHServer.facts(script.greeting)
    }

    private static func facts(_ line: Data) throws -> Facts {
        do {
            return try JSONDecoder().decode(Facts.self, from: line)
        } catch {
            throw ServerError(description: String(decoding: line, as: UTF8.self))
        }
    }

    /// The server and all its sessions end at once.
    public func stop() throws { _ = try script.order("stop") }
    public func start() throws { _ = try script.order("start") }
    public func restart() throws { _ = try script.order("restart") }
    /// All host keys are others from now on; known_hosts is as it was.
    /// - Returns: the facts with the new fingerprints.
    @discardableResult
    public func changeHostKey() throws -> Facts { try SSHServer.facts(try script.order("change_host_key")) }
    /// The folder that sshd confines its user to is not there any more.
    public func breakChroot() throws { _ = try script.order("break_chroot") }
    public func mendChroot() throws { _ = try script.order("mend_chroot") }
}

/// A proxy on the way to a server, which does as it is told (`Tests/Servers/fault_proxy.py`).
public final class FaultProxy: Sendable {
    private let script: Script
    public let port: UInt16

    /// - Parameter orders: as in the script, `down blackhole 4000`.
    public init(to target: UInt16, _ orders: [String] = []) throws {
        script = try Script("fault_proxy.py", [String(target)] + orders)
        port = try JSONDecoder().decode([String: UInt16].self, from: script.greeting)["port"] ?? 0
    }

    public func order(_ line: String) throws { _ = try script.order(line) }
}
