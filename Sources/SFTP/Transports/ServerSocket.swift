import Glibc

/// A TCP connection to a server, non-blocking, inherited by no child.
final class ServerSocket {
    private(set) var number: Int32
    /// `host:port` for messages.
    let place: String

    /// Longer than any banner and the lines that may go before it (RFC 4253, section 4.2); more is no SSH server.
    static let bannerLimit = 8192
    /// Between two looks at a banner that comes in pieces, in microseconds.
    private static let bannerPause: UInt32 = 10_000

    // the peer has sent its last byte; glibc shows POLLRDHUP only under _GNU_SOURCE, which Swift's importer does not set
    private static let hangUp: Int32 = 0x2000

    private init(_ number: Int32, place: String) {
        self.number = number
        self.place = place
    }

    deinit { close() }

    /// Tries each of the host's addresses in turn.
    /// - Parameter timeout: milliseconds for each. Looking the name up is bounded by the system's resolver alone.
    static func connect(host: String, port: UInt16, timeout: UInt32) throws(Failure) -> ServerSocket {
        let place = ServerText.plain(host.utf8) + ":\(port)"
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let outcome = getaddrinfo(host, String(port), &hints, &found)
        guard outcome == 0 else { throw unknown(place, outcome) }
        defer { freeaddrinfo(found) }
        var problem = Failure(.network, "\(place) has no address: check the name")
        var next = found
        while let address = next?.pointee {
            next = address.ai_next
            let number = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard number >= 0 else {
                problem = refused(place, errno, timeout)
                continue
            }
            let made = ServerSocket(number, place: place)
            let code = made.connect(to: address, timeout: timeout)
            guard code == 0 else {
                problem = refused(place, code, timeout)
                continue
            }
            made.keepLively(timeout: timeout)
            return made
        }
        throw problem
    }

    /// - Returns: 0, or why not.
    private func connect(to address: addrinfo, timeout: UInt32) -> Int32 {
        if Glibc.connect(number, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
        // a signal does not undo it: it goes on, as if it had been under way from the first
        guard errno == EINPROGRESS || errno == EINTR else { return errno }
        guard Waiting.poll(number, POLLOUT, until: Deadline(milliseconds: timeout)) else { return ETIMEDOUT }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    /// Small packets go at once, and a peer that is gone is noticed by the kernel, too.
    private func keepLively(timeout: UInt32) {
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: timeout))
    }

    private func set(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        // a system that lacks one of these still connects
        _ = setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Waits for a whole line that begins with `SSH-`, which stays unread. libssh2 would read lines before it for ever.
    func awaitBanner(until deadline: Deadline) throws(Failure) {
        var bytes = [UInt8](repeating: 0, count: ServerSocket.bannerLimit)
        var seen = 0
        while true {
            let count = recv(number, &bytes, bytes.count, Int32(MSG_PEEK))
            if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) {
                throw Failure(.network, "\(place) closed the connection at once: \(ServerSocket.busy)")
            }
            if count > seen {
                if ServerSocket.hasBanner(bytes[..<count]) { return }
                if count == bytes.count { throw stranger(bytes[..<count]) }
                seen = count
            } else if count > 0 {
                // what was peeked at keeps the socket readable, so that a wait for more would return at once
                var look = [pollfd(fd: number, events: Int16(ServerSocket.hangUp), revents: 0)]
                if deadline.left == 0 || (Glibc.poll(&look, 1, 0) > 0 && look[0].revents & Int16(ServerSocket.hangUp | POLLHUP) != 0) {
                    throw stranger(bytes[..<count])
                }
                usleep(ServerSocket.bannerPause)
                continue
            }
            if !Waiting.poll(number, POLLIN, until: deadline) {
                throw seen > 0 ? stranger(bytes[..<seen]) : silence("said nothing after the connection was made")
            }
        }
    }

    private static func hasBanner(_ bytes: ArraySlice<UInt8>) -> Bool {
        var line = bytes[...]
        while let end = line.firstIndex(of: UInt8(ascii: "\n")) {
            if line[..<end].starts(with: "SSH-".utf8) { return true }
            line = line[(end + 1)...]
        }
        return false
    }

    private func stranger(_ bytes: ArraySlice<UInt8>) -> Failure {
        let start = ServerText.plain(bytes, limit: 40)
        return Failure(.remote, "what answers at \(place) is not an SSH server, it begins with \"\(start)\": check host and port")
    }

    func silence(_ what: String) -> Failure {
        Failure(.network, "\(place) \(what): check that it is the SFTP server's port, and ask its owner if that lasts")
    }

    /// Ends the connection for both sides without a wait; the number stays, for whoever still holds it.
    func shutDown() {
        if number >= 0 { shutdown(number, Int32(SHUT_RDWR)) }
    }

    func close() {
        if number >= 0 { Glibc.close(number) }
        number = -1
    }
}

extension ServerSocket {
    private static let busy = "it may be overloaded, or refuse this address; ask the server's owner if that lasts"

    private static func unknown(_ place: String, _ outcome: Int32) -> Failure {
        let why = String(cString: gai_strerror(outcome))
        switch outcome {
        case EAI_NONAME: return Failure(.network, "\(place): no such host: check the name, and that this machine can look names up (DNS)")
        default: return Failure(.network, "\(place): the name could not be looked up (\(why)): check this machine's DNS")
        }
    }

    private static func refused(_ place: String, _ code: Int32, _ timeout: UInt32) -> Failure {
        switch code {
        case ECONNREFUSED: Failure(.network, "\(place) refused the connection: check the port, and that the server runs")
        case ETIMEDOUT:
            Failure(.network, "\(place) did not answer within \(timeout / 1000) s: check host, port and the firewalls on the way")
        case ENETUNREACH, EHOSTUNREACH:
            Failure(.network, "\(place) cannot be reached from this machine: check its network and the firewalls")
        case ECONNRESET: Failure(.network, "\(place) broke the connection off: \(busy)")
        default: Failure(.network, "\(place) cannot be connected to: \(String(cString: strerror(code)))")
        }
    }
}
