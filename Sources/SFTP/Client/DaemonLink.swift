import Glibc

/// The child's end of its socket to the daemon. Writing blocks while the daemon is slow: that holds the server back, too.
final class DaemonLink {
    /// Frames that are gathered before they are written.
    private static let gathered = 64 << 10
    /// Data from this length on is not copied behind the frames before it, but written from where it lies.
    private static let direct = 8 << 10

    private let socket: Int32
    private var pending: [UInt8] = []
    /// Whether the daemon's end has closed: nobody is left to be told anything.
    private(set) var isGone = false

    init(socket: Int32) {
        self.socket = socket
        pending.reserveCapacity(2 * DaemonLink.gathered)
    }

    func reply(_ reply: Reply) throws(Failure) {
        let body = reply.encoded
        number(UInt32(body.count))
        pending.append(contentsOf: body)
        if pending.count >= DaemonLink.gathered { try flush() }
    }

    /// As `Reply.data`, without a copy of the bytes.
    func data(_ id: UInt32, _ bytes: UnsafeRawBufferPointer) throws(Failure) {
        number(UInt32(9 + bytes.count))
        pending.append(6)
        number(id)
        number(UInt32(bytes.count))
        if bytes.count < DaemonLink.direct {
            pending.append(contentsOf: bytes)
            if pending.count >= DaemonLink.gathered { try flush() }
        } else {
            try write(with: bytes)
        }
    }

    func flush() throws(Failure) {
        if !pending.isEmpty { try write(with: UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    private func number(_ value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { pending.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    private func write(with bytes: UnsafeRawBufferPointer) throws(Failure) {
        let (first, all) = (pending.count, pending.count + bytes.count)
        var sent = 0
        while sent < all {
            let count = pending.withUnsafeMutableBytes { head in
                var pieces = [iovec(), iovec()]
                var used = 0
                if sent < first {
                    pieces[0] = iovec(iov_base: head.baseAddress.map { $0 + sent }, iov_len: first - sent)
                    used = 1
                }
                if !bytes.isEmpty {
                    let from = max(0, sent - first)
                    pieces[used] = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress).map { $0 + from }, iov_len: bytes.count - from)
                    used += 1
                }
                return writev(socket, pieces, Int32(used))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                _ = wait(POLLOUT, milliseconds: -1)
            } else if errno != EINTR {
                throw gone()
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    // MARK: from the daemon

    /// - Returns: false if nothing came in that time.
    func wait(_ events: Int32 = POLLIN, milliseconds: Int32) -> Bool {
        var look = pollfd(fd: socket, events: Int16(events), revents: 0)
        return poll(&look, 1, milliseconds) > 0
    }

    /// Fails once the daemon's end is closed: whatever the child is at serves nobody any more.
    func check() throws(Failure) {
        var look = pollfd(fd: socket, events: 0, revents: 0)
        if poll(&look, 1, 0) > 0, Int32(look.revents) & (POLLHUP | POLLERR | POLLNVAL) != 0 { throw gone() }
    }

    /// - Returns: the next request; nil if the daemon has closed its end.
    func next() throws(Failure) -> Request? {
        guard let head = read(4) else { return nil }
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard length <= Frame.limit else { throw Failure(.remote, "a frame of \(length) bytes came from the daemon: this is a defect") }
        guard let body = read(length) else { return nil }
        do { return try Request(decoding: body) } catch { throw Failure(.remote, "\(error) from the daemon: this is a defect") }
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let came = bytes.withUnsafeMutableBytes { Glibc.read(socket, $0.baseAddress.map { $0 + got }, count - got) }
            if came > 0 {
                got += came
            } else if came < 0, errno == EAGAIN {
                _ = wait(milliseconds: -1)
            } else if came == 0 || errno != EINTR {
                isGone = true
                return nil
            }
        }
        return bytes
    }

    private func gone() -> Failure {
        isGone = true
        return Failure(.network, "the daemon has gone")
    }
}
