import Foundation
import Glibc
import Servers
import Testing

@testable import SFTP

@Suite struct TransportFaultTests {
    /// Milliseconds; what is silent for so long is given up.
    static let patience: UInt32 = 1000
    /// Seconds: not a measurement, only what tells a wait for ever from a busy machine.
    static let forEver: Double = 60

    /// - Returns: the failure of getting the host keys; nothing is left of the connection.
    private func failure(_ transport: Transport, _ port: UInt16, host: String = "127.0.0.1") throws -> Failure? {
        var way = Way(transport, port: port, timeout: TransportFaultTests.patience)
        way.host = host
        let connection = way.connection()
        let start = Date()
        let failure = #expect(throws: Failure.self) { try connection.hostKeys() }
        #expect(Date().timeIntervalSince(start) < TransportFaultTests.forEver)
        connection.close()
        connection.close()
        #expect(connections(to: port) == 0)
        #expect(children(for: port) == [])
        return failure
    }

    @Test(arguments: Transport.allCases)
    func `a port that nobody serves, and a name that nobody has, are told apart`(_ transport: Transport) throws {
        let free = try Listener { _ in }.port
        let refused = try failure(transport, free)
        #expect(refused?.class == .network && refused?.text.contains("refused the connection") == true)
        let unknown = try failure(transport, 22, host: "no-such-host.invalid")
        #expect(unknown?.class == .network && unknown?.text.contains("no-such-host.invalid") == true)
    }

    @Test(arguments: Transport.allCases)
    func `a server that says nothing is given up in time`(_ transport: Transport) throws {
        let server = try Listener { _ in sleep(UInt32(TransportFaultTests.forEver)) }
        let failure = try failure(transport, server.port)
        #expect(failure?.class == .network)
    }

    @Test(arguments: Transport.allCases)
    func `a server that hangs up at once is a matter of the network`(_ transport: Transport) throws {
        let failure = try failure(transport, try Listener { _ in }.port)
        #expect(failure?.class == .network)
        let server = try Listener { shutdown($0, Int32(SHUT_RDWR)) }
        #expect(try self.failure(transport, server.port)?.class == .network)
    }

    @Test(arguments: Transport.allCases)
    func `what is no SSH server is named by what it says, in one line`(_ transport: Transport) throws {
        let web = try Listener { number in
            let text = "HTTP/1.1 400 Bad Request\r\n\u{1b}[2J\r\n\r\n"
            _ = send(number, text, text.utf8.count, Int32(MSG_NOSIGNAL))
            shutdown(number, Int32(SHUT_WR))
        }
        let failure = try failure(transport, web.port)
        #expect(failure?.class == .remote && failure?.text.contains("HTTP/1.1 400") == true, "\(failure?.text ?? "")")
        #expect(failure?.text.utf8.allSatisfy { $0 >= 0x20 } == true)
    }

    @Test(arguments: Transport.allCases)
    func `lines without end before the banner are given up`(_ transport: Transport) throws {
        let server = try Listener { number in
            let line = Array("welcome, welcome, welcome\n".utf8)
            while send(number, line, line.count, Int32(MSG_NOSIGNAL)) > 0 {}
        }
        #expect(try failure(transport, server.port)?.class == .remote)
    }

    @Test(arguments: [0, 1, 20, 60, 500, 1200, 1700, 2400], ["blackhole", "reset", "drip"])
    func `a connection that dies anywhere before SFTP speaks fails in time and leaves nothing`(_ after: Int, _ fault: String) throws {
        let server = try SSHServer()
        let proxy = try FaultProxy(to: server.facts.port, ["down \(fault) \(after)"])
        var way = Way(.libssh2, server)
        (way.port, way.timeout) = (proxy.port, TransportFaultTests.patience)
        let start = Date()
        let failure = try way.attempt(server, key: "ed25519")
        #expect(failure != nil)
        #expect([.network, .remote].contains(failure?.class), "\(failure?.text ?? "")")
        #expect(Date().timeIntervalSince(start) < TransportFaultTests.forEver)
        #expect(connections(to: proxy.port) == 0)
    }

    @Test(arguments: [0, 1200, 2400], ["blackhole", "reset"])
    func `and so does one of ssh's`(_ after: Int, _ fault: String) throws {
        let server = try SSHServer()
        let proxy = try FaultProxy(to: server.facts.port, ["down \(fault) \(after)"])
        var way = Way(.openssh, server)
        (way.port, way.timeout) = (proxy.port, 2 * TransportFaultTests.patience)
        let failure = try way.attempt(server, key: "ed25519")
        #expect(failure != nil)
        #expect([.network, .remote, .negotiation].contains(failure?.class), "\(failure?.text ?? "")")
        #expect(connections(to: proxy.port) == 0)
        #expect(children(for: proxy.port) == [])
    }

    @Test(arguments: Transport.allCases)
    func `a line that goes dead in a session, and a server that is killed, end it`(_ transport: Transport) throws {
        for fault in ["down blackhole 0", "down reset 0", "kill"] {
            let server = try SSHServer()
            let proxy = try FaultProxy(to: server.facts.port)
            var way = Way(transport, server)
            way.port = proxy.port
            let connection = way.connection()
            defer { connection.close() }
            let hostKey = try #require(try connection.hostKeys().first)
            let channel = try connection.open(
                Credentials(hostKey: hostKey, key: secret(server.facts.keys["ed25519"]), passphrase: nil, password: nil))
            #expect(try version(channel) == 3)
            // the rest of the answer
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 1)
            defer { buffer.deallocate() }
            _ = try channel.receive(into: buffer)
            if fault == "kill" { try server.stop() } else { try proxy.order(fault) }
            let failure = #expect(throws: Failure.self) {
                // SSH_FXP_REALPATH of ".", again and again: a reset shows at the second at the latest
                while true {
                    try channel.send([0, 0, 0, 10, 16, 0, 0, 0, 1, 0, 0, 0, 1, 46])
                    if try channel.receive(into: buffer) == 0 { throw Failure(.remote, "ended") }
                }
            }
            #expect(failure?.class == .network || (fault == "kill" && failure?.class == .remote), "\(fault): \(failure?.text ?? "")")
            channel.close()
            channel.close()
            #expect(throws: Failure.self) { try channel.send([0]) }
            #expect(throws: Failure.self) { try channel.receive(into: buffer) }
            #expect(connections(to: proxy.port) == 0)
            #expect(children(for: proxy.port) == [])
        }
    }

    /// `cat` in place of SFTP: what goes out comes back.
    private func echo(_ transport: Transport, options: [String], disturb: (pthread_t, Flag) -> Void) throws {
        let server = try SSHServer(subsystem: "/bin/cat", options: options)
        let connection = Way(transport, server).connection()
        defer { connection.close() }
        let hostKey = try #require(try connection.hostKeys().first)
        let channel = try connection.open(
            Credentials(hostKey: hostKey, key: secret(server.facts.keys["ed25519"]), passphrase: nil, password: nil))
        let over = Flag()
        disturb(pthread_self(), over)
        defer { over.raise() }
        var generator = SystemRandomNumberGenerator()
        for size in [1, 32767, 32768, 32769, 200_000] + Array(repeating: 60_000, count: 60) {
            let bytes = (0..<(size / 8 + 1)).flatMap { _ in withUnsafeBytes(of: generator.next(), Array.init) }.prefix(size)
            try channel.send(Array(bytes))
            #expect(try take(size, channel) == Array(bytes))
            try channel.keepAlive()
        }
    }

    @Test(arguments: Transport.allCases)
    func `bytes come back as they went, through many key exchanges`(_ transport: Transport) throws {
        try echo(transport, options: ["RekeyLimit=512K"]) { _, _ in }
    }

    @Test(arguments: Transport.allCases)
    func `signals in the midst of a transfer do no harm`(_ transport: Transport) throws {
        // without SA_RESTART: every call that waits comes back with EINTR
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGUSR1, &action, nil)
        try echo(transport, options: []) { thread, over in
            let target = UInt(thread)
            Thread.detachNewThread {
                while !over.ifDown({ pthread_kill(pthread_t(target), SIGUSR1) }) { usleep(1000) }
            }
        }
    }

    @Test(arguments: Transport.allCases)
    func `a channel that nobody uses is kept alive and still works`(_ transport: Transport) throws {
        let server = try SSHServer(options: ["ClientAliveInterval=1", "ClientAliveCountMax=3"])
        let connection = Way(transport, server).connection()
        defer { connection.close() }
        let hostKey = try #require(try connection.hostKeys().first)
        let channel = try connection.open(
            Credentials(hostKey: hostKey, key: secret(server.facts.keys["ed25519"]), passphrase: nil, password: nil))
        // longer than the server waits for an answer to its own questions
        for _ in 0..<12 {
            usleep(500_000)
            try channel.keepAlive()
        }
        #expect(try version(channel) == 3)
    }
}

/// Whether something is over, across threads; what is done while it is not cannot overlap its end.
final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var isUp = false
    func raise() { lock.withLock { isUp = true } }
    /// - Returns: whether it was up, and nothing was done.
    func ifDown(_ body: () -> some Any) -> Bool {
        lock.withLock {
            if !isUp { _ = body() }
            return isUp
        }
    }
}
