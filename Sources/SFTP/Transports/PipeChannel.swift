import Glibc

/// A channel over descriptors: the pipes or the socket to a process that speaks SFTP. It owns them.
final class PipeChannel: Channel {
    private var reading: Int32
    private var writing: Int32
    private let timeout: Int32

    /// - Parameters:
    ///   - reading: what the server writes to; `writing`, what it reads from, may be the same descriptor.
    ///   - timeout: milliseconds that the other end may let pass without taking or giving a byte.
    init(reading: Int32, writing: Int32, timeout: UInt32) {
        self.reading = reading
        self.writing = writing
        self.timeout = Int32(clamping: timeout)
        for number in [reading, writing] { PipeChannel.setNonblocking(number) }
    }

    deinit { close() }

    func send(_ bytes: [UInt8]) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(writing, $0.baseAddress.map { $0 + sent }, bytes.count - sent) }
            if count >= 0 {
                sent += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: try wait(for: writing, POLLOUT)
            case EPIPE: throw PipeChannel.ended
            case let code: throw PipeChannel.lost(code)
            }
        }
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        while true {
            let count = Glibc.read(reading, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: try wait(for: reading, POLLIN)
            case let code: throw PipeChannel.lost(code)
            }
        }
    }

    /// A process on this machine needs none; what it speaks to is its own affair.
    func keepAlive() throws(Failure) {}

    func close() {
        if reading >= 0 { Glibc.close(reading) }
        if writing >= 0, writing != reading { Glibc.close(writing) }
        reading = -1
        writing = -1
    }

    private func wait(for number: Int32, _ events: Int32) throws(Failure) {
        var look = pollfd(fd: number, events: Int16(events), revents: 0)
        while true {
            switch poll(&look, 1, timeout) {
            case 0: throw Failure(.network, "the server was silent for \(timeout / 1000) seconds; try again later")
            case 1...: return
            default:
                // a signal starts the wait anew: there are few, and none that comes for ever
                if errno != EINTR { throw PipeChannel.lost(errno) }
            }
        }
    }

    private static func setNonblocking(_ number: Int32) { _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) }
    private static var ended: Failure { Failure(.remote, "the server ended the SFTP session") }
    private static func lost(_ code: Int32) -> Failure {
        Failure(.network, "the connection to the server was lost: \(String(cString: strerror(code)))")
    }
}
