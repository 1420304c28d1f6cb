import Daemon
import Foundation
import Glibc
import Testing

/// A datagram socket such as systemd listens on.
final class NotifySocket {
    let descriptor: Int32

    init(address: [UInt8]) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address) }
        let length = socklen_t(2 + address.count + (address[0] == 0 ? 0 : 1))
        let bound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0, "bind: \(String(cString: strerror(errno)))")
    }

    func next() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
    }

    deinit { close(descriptor) }
}

@Suite struct SystemdTests {
    @Test func `each message reaches a real socket as one datagram`() throws {
        let path = "/tmp/remitd-\(UUID().uuidString.prefix(8)).sock"
        defer { unlink(path) }
        let socket = try NotifySocket(address: Array(path.utf8))
        let notifier = ServiceNotifier(socket: path, watchdogMicroseconds: "30000000")
        #expect(notifier.isConnected)
        #expect(notifier.watchdogInterval == 15)
        #expect(notifier.ready(status: "3 sources"))
        #expect(socket.next() == "READY=1\nSTATUS=3 sources")
        notifier.status("polling 'drop'\nREADY=0")
        #expect(socket.next() == "STATUS=polling 'drop' READY=0")
        notifier.feedWatchdog()
        #expect(socket.next() == "WATCHDOG=1")
        notifier.reloading()
        let reloading = socket.next()
        #expect(reloading.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(reloading.split(separator: "=").last.flatMap { Int64($0) } ?? 0 > 0)
        notifier.ready()
        #expect(socket.next() == "READY=1")
        notifier.stopping()
        #expect(socket.next() == "STOPPING=1")
        #expect(socket.next() == "")
    }

    @Test func `an abstract socket is reached by its @ name`() throws {
        let name = "remitd-\(UUID().uuidString)"
        let socket = try NotifySocket(address: [0] + Array(name.utf8))
        #expect(ServiceNotifier(socket: "@" + name).ready())
        #expect(socket.next() == "READY=1")
    }

    @Test func `without a socket every message goes nowhere`() {
        for address in [nil, "", "relative", "/", "@", "/" + String(repeating: "x", count: 120)] {
            let notifier = ServiceNotifier(socket: address)
            #expect(notifier.isConnected == false)
            #expect(notifier.ready() == false)
        }
        #expect(ServiceNotifier(socket: "/tmp/remitd-nobody-listens.sock").feedWatchdog() == false)
    }

    @Test func `the watchdog is fed at half its time, and only by the process it is meant for`() {
        func interval(_ microseconds: String?, _ process: String? = nil) -> Int? {
            ServiceNotifier(socket: nil, watchdogMicroseconds: microseconds, watchdogProcess: process).watchdogInterval
        }
        #expect(interval("60000000") == 30)
        #expect(interval("1000000") == 1)
        #expect(interval(nil) == nil)
        #expect(interval("0") == nil)
        #expect(interval("soon") == nil)
        #expect(interval("60000000", String(getpid())) == 30)
        #expect(interval("60000000", "1") == nil)
    }

    @Test func `the environment is read once and taken from children`() async {
        // in a process of its own: setenv beside other tests' threads is not safe
        await #expect(processExitsWith: .success) {
            setenv("NOTIFY_SOCKET", "/tmp/remitd-nobody-listens.sock", 1)
            setenv("WATCHDOG_USEC", "4000000", 1)
            setenv("WATCHDOG_PID", String(getpid()), 1)
            let notifier = ServiceNotifier.takingOverEnvironment()
            precondition(notifier.isConnected && notifier.watchdogInterval == 2)
            for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { precondition(getenv(name) == nil) }
        }
    }
}
