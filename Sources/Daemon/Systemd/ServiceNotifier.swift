import Glibc

/// The service side of systemd's notification protocol (sd_notify(3)): one datagram of `KEY=value` lines per message to the
/// socket that `NOTIFY_SOCKET` names. Without that variable every message goes nowhere, so the daemon runs in a terminal just so.
///
/// The watchdog is fed by whoever has seen real work go through (a query and a scheduler tick), never by a timer of its own.
public struct ServiceNotifier: Sendable {
    private let address: [UInt8]?
    /// Half of systemd's `WatchdogSec`, in seconds (at least 1): how often to feed it. Nil: no watchdog is set.
    public let watchdogInterval: Int?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` and removes them, so that no child speaks for the service. To be
    /// called once, before threads are started: `unsetenv` is not safe beside readers of the environment.
    public static func takingOverEnvironment() -> ServiceNotifier {
        func take(_ name: String) -> String? {
            defer { unsetenv(name) }
            return getenv(name).map { String(cString: $0) }
        }
        return ServiceNotifier(
            socket: take("NOTIFY_SOCKET"), watchdogMicroseconds: take("WATCHDOG_USEC"), watchdogProcess: take("WATCHDOG_PID"))
    }

    /// - Parameter socket: an absolute path, or `@name` for an abstract socket; anything else, and nil: messages go nowhere.
    /// - Parameter watchdogProcess: the process the watchdog is meant for; nil: this one.
    public init(socket: String?, watchdogMicroseconds: String? = nil, watchdogProcess: String? = nil) {
        var bytes = Array((socket ?? "").utf8)
        // sun_path holds 108 bytes; an abstract name has NUL for its first byte and no end mark
        if let first = bytes.first, first == 47 || first == 64, bytes.count > 1, bytes.count < 108 {
            if first == 64 { bytes[0] = 0 }
            address = bytes
        } else {
            address = nil
        }
        let isOurs = watchdogProcess.map { $0 == String(getpid()) } ?? true
        if isOurs, let microseconds = watchdogMicroseconds.flatMap({ Int($0) }), microseconds > 0 {
            watchdogInterval = max(1, microseconds / 2_000_000)
        } else {
            watchdogInterval = nil
        }
    }

    /// Whether anybody listens.
    public var isConnected: Bool { address != nil }

    /// Start-up is over, or a reload is.
    @discardableResult public func ready(status: String? = nil) -> Bool {
        send("READY=1" + (status.map { "\nSTATUS=\(Self.line($0))" } ?? ""))
    }

    /// One line for `systemctl status`.
    @discardableResult public func status(_ text: String) -> Bool { send("STATUS=\(Self.line(text))") }

    /// Real work went through.
    @discardableResult public func feedWatchdog() -> Bool { send("WATCHDOG=1") }

    @discardableResult public func stopping() -> Bool { send("STOPPING=1") }

    /// The configuration is being read again; ``ready(status:)`` ends it.
    @discardableResult public func reloading() -> Bool {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return send("RELOADING=1\nMONOTONIC_USEC=\(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)")
    }

    /// A line break would start another assignment.
    private static func line(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 32 || $0 == 127 ? 32 : $0 }, as: UTF8.self)
    }

    /// Waits at most a second for room in systemd's queue: a lost READY would fail the start, a stuck send would stop the daemon.
    /// - Returns: whether it was handed over.
    private func send(_ message: String) -> Bool {
        guard let address else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: address) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + address.count + (address[0] == 0 ? 0 : 1))
        let bytes = Array(message.utf8)
        let sent = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), generic, length)
            }
        }
        return sent == bytes.count
    }
}
