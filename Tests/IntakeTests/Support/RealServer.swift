import Foundation
import Glibc
import Synchronization
import Trade

@testable import Intake

/// A python script of `Tests/Servers`, run until this object goes, that answers lines with lines of JSON.
final class ServerScript: @unchecked Sendable {
    private let process = Process()
    private let orders = Pipe()
    private let answers = Pipe()
    private let lock = NSLock()

    struct Refused: Error, CustomStringConvertible { var description: String }

    init(_ script: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [ServerScript.folder + script] + arguments
        process.standardInput = orders
        process.standardOutput = answers
        try process.run()
    }

    deinit {
        try? orders.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Servers").path + "/"

    func answer() throws -> [String: Any] {
        var line: [UInt8] = []
        while line.last != 10 {
            var byte: UInt8 = 0
            guard read(answers.fileHandleForReading.fileDescriptor, &byte, 1) == 1 else { throw Refused(description: "the script ended") }
            line.append(byte)
        }
        let answer = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] ?? [:]
        if let error = answer["error"] as? String { throw Refused(description: error) }
        return answer
    }

    func order(_ text: String) throws -> [String: Any] {
        try lock.withLock {
            try orders.fileHandleForWriting.write(contentsOf: Data("\(text)\n".utf8))
            return try answer()
        }
    }
}

/// A real sshd on this machine.
final class RealServer: @unchecked Sendable {
    private let script: ServerScript
    let facts: [String: Any]

    init(_ arguments: String...) throws {
        script = try ServerScript("sshd.py", arguments)
        facts = try script.answer()
    }

    @discardableResult
    func order(_ text: String) throws -> [String: Any] { try script.order(text) }

    func text(_ name: String) -> String { facts[name] as? String ?? "" }
    var port: UInt16 { UInt16(facts["port"] as? Int ?? 0) }
    /// The served folder, here and as the server calls it.
    var root: String { text("root") }
    var remote: String { text("remote") }
    func key(_ name: String) -> String { (facts["keys"] as? [String: String])?[name] ?? "" }
    func fingerprint(_ type: String) -> String { (facts["host_keys"] as? [String: String])?[type] ?? "" }

    /// For everything that needs nothing special.
    static let shared = Result { try RealServer("--host-key", "ed25519", "--host-key", "ecdsa") }

    /// The program that is the child, beside the test bundle.
    static let program: String? = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("remitd").path
        let candidates = [path, URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("remitd").path]
        return candidates.first { access($0, X_OK) == 0 }
    }()

    /// Whether tests with a real server can run here.
    static let isThere: Bool = {
        guard geteuid() == 0, access("/usr/sbin/sshd", X_OK) == 0, program != nil else {
            print("skipped: tests with a real SFTP server need root, /usr/sbin/sshd and a built remitd beside the test bundle")
            return false
        }
        return true
    }()
    static let hasOpenSSH = access("/usr/bin/ssh", X_OK) == 0

    func settings(_ path: String, port: UInt16? = nil, transport: SFTPSettings.TransportChoice = .libssh2) -> SFTPSettings {
        SFTPSettings(
            id: "edi", host: "127.0.0.1", port: port ?? self.port, user: text("user"), key: key("ed25519"),
            trust: .knownHosts(text("known_hosts")), transport: transport, paths: [path], settle: .zero, timeout: .seconds(10))
    }
}
