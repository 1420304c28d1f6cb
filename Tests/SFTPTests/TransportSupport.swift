import Foundation
import Glibc
import Servers

@testable import SFTP

/// The program that ssh asks for secrets: the one built beside the tests.
let remitd = URL(filePath: OpenSSHConnection.thisProgram ?? "").deletingLastPathComponent().appending(path: "remitd").path

/// A way to a server on this machine, without a daemon before it.
struct Way {
    var transport: Transport
    var port: UInt16
    var user = "acme"
    var host = "127.0.0.1"
    var hostKeyTypes: [String] = []
    /// Short for the tests of silence, long enough for a busy machine elsewhere.
    var timeout: UInt32 = 20_000

    init(_ transport: Transport, _ server: SSHServer) {
        self.transport = transport
        port = server.facts.port
        user = server.facts.user
    }

    init(_ transport: Transport, port: UInt16, timeout: UInt32) {
        self.transport = transport
        self.port = port
        self.timeout = timeout
    }

    func connection() -> any Connection {
        let request = ConnectRequest(
            transport: transport, host: host, port: port, user: user, hostKeyTypes: hostKeyTypes, timeout: timeout)
        return transport == .openssh ? OpenSSHConnection(request, askpass: remitd) : Connections.make(request)
    }

    /// Logs in and lets the server's SFTP say its version.
    /// - Returns: nil, or why that failed. The connection is closed either way.
    func attempt(_ server: SSHServer, key: String? = nil, passphrase: String? = nil, password: String? = nil) throws -> Failure? {
        let connection = connection()
        defer { connection.close() }
        do throws(Failure) {
            let keys = try connection.hostKeys()
            guard let hostKey = keys.first else { return Failure(.remote, "no host key, and no failure") }
            let channel = try connection.open(
                Credentials(
                    hostKey: hostKey, key: secret(key.map { server.facts.keys[$0] ?? $0 }), passphrase: secret(passphrase),
                    password: secret(password)))
            defer { channel.close() }
            guard try version(channel) == 3 else { return Failure(.remote, "no SFTP 3") }
            try channel.keepAlive()
            return nil
        } catch { return error }
    }
}

/// As the daemon reads it: without the last line end.
func secret(_ path: String?) -> Secret? {
    guard let path, var bytes = FileManager.default.contents(atPath: path).map(Array.init) else { return nil }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return Secret(path: path, bytes: bytes)
}

/// SSH_FXP_INIT and SSH_FXP_VERSION by hand.
func version(_ channel: any Channel) throws(Failure) -> UInt8 {
    try channel.send([0, 0, 0, 5, 1, 0, 0, 0, 3])
    let answer = try take(9, channel)
    return answer.count == 9 && answer[4] == 2 ? answer[8] : 0
}

/// - Returns: so many bytes; fewer at the end.
func take(_ count: Int, _ channel: any Channel) throws(Failure) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 1)
    defer { buffer.deallocate() }
    var bytes: [UInt8] = []
    while bytes.count < count {
        let more = try channel.receive(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, count - bytes.count)]))
        if more == 0 { break }
        bytes += buffer[..<more]
    }
    return bytes
}

/// How many of this process's sockets are connected to that port: other tests run meanwhile, so that descriptors cannot be counted.
func connections(to port: UInt16) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.compactMap(Int32.init).count { number in
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.baseAddress.map { getpeername(number, $0.assumingMemoryBound(to: sockaddr.self), &size) } ?? -1
        }
        return outcome == 0 && address.sin_family == sa_family_t(AF_INET) && UInt16(bigEndian: address.sin_port) == port
    }
}

/// Children of this process, running or not reaped, that were started for that port.
func children(for port: UInt16) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.filter { Int($0) != nil }.compactMap { name in
        guard let status = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
            let rest = status.split(separator: ")").last?.split(separator: " "), rest.count > 1, rest[1] == "\(getpid())",
            let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
        else { return nil }
        let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.first?.hasPrefix("/usr/bin/ssh") == true && words.contains("\(port)") ? words.joined(separator: " ") : nil
    }
}

/// A listener whose every connection is given to a closure, on a thread of its own.
final class Listener: Sendable {
    let port: UInt16
    private let number: Int32

    init(_ serve: @escaping @Sendable (Int32) -> Void) throws {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return bind(number, start, size) == 0 && listen(number, 16) == 0 ? getsockname(number, start, &size) : -1
        }
        guard outcome == 0 else { throw CocoaError(.fileReadUnknown) }
        self.number = number
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while true {
                let one = accept(number, nil, nil)
                guard one >= 0 else { return }
                Thread.detachNewThread {
                    serve(one)
                    close(one)
                }
            }
        }
    }

    deinit {
        shutdown(number, Int32(SHUT_RDWR))
        close(number)
    }
}
