import Glibc
import SFTP

/// Why a session is over before its time.
enum SessionEnd: Error {
    case failed(SourceFailure)
    /// Server and library have no algorithm in common: another transport may fare better.
    case negotiation(String)
    /// Archive or ledger would not take what the server gave.
    case ours(SourceFailure)
    case stopping

    /// The child is not to be trusted any more, or is not the program it should be.
    static func breach(_ what: String) -> SessionEnd {
        .failed(SourceFailure(.remote, "the SFTP child broke its protocol and was ended: \(what)"))
    }
}

/// The daemon's end of one session with the child: frames, and a bound on everything that waits or comes in. One thread uses it.
final class SFTPSession {
    private let peer: any SFTPPeer
    let place: String
    let timeout: Duration
    private let deadline: ContinuousClock.Instant
    private let isStopping: () -> Bool

    /// What came and was not yet looked at.
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: SFTPSession.firstCapacity, alignment: 16)
    private var start = 0
    private var end = 0
    private var words: [UInt8] = []
    private var wordsEnded = false

    /// A few data frames; larger frames make it grow, to `Frame.limit` at most.
    private static let firstCapacity = 4 * (Frame.dataLimit + 16)
    /// The child has its own time limit for each answer of the server; it shall be the one to say which answer was missing.
    static let margin = Duration.seconds(5)
    /// Kept of what the child says on its standard error.
    private static let mostWords = 8192
    /// Pieces of it that are heard at a time: a child that never stops talking must not keep us from looking at the clock.
    private static let mostHeard = 16
    /// `isStopping` is asked at least so often, in milliseconds.
    private static let tick: Int32 = 200

    init(
        peer: any SFTPPeer, settings: SFTPSettings, deadline: ContinuousClock.Instant, isStopping: @escaping () -> Bool
    ) {
        self.peer = peer
        self.place = settings.place
        self.timeout = settings.timeout
        self.deadline = deadline
        self.isStopping = isStopping
        for socket in [peer.socket, peer.lastWords] where socket >= 0 {
            _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        }
    }

    deinit {
        peer.end(grace: .zero)
        buffer.deallocate()
    }

    /// Says goodbye; the child may take a moment to tell the server.
    func quit() {
        try? send(.quit)
        peer.end(grace: .milliseconds(500))
    }

    /// Ends the child at once.
    func abandon() { peer.end(grace: .zero) }

    // MARK: Out

    func send(_ request: Request) throws(SessionEnd) {
        var body = request.encoded
        try send(&body)
    }

    /// Sends a frame's body and overwrites it, for those that hold secrets.
    func send(_ body: inout [UInt8]) throws(SessionEnd) {
        var frame = Frame.sealed(body)
        defer {
            SecretFile.wipe(&frame)
            SecretFile.wipe(&body)
        }
        var sent = 0
        let limit = ContinuousClock.now + timeout + SFTPSession.margin
        while sent < frame.count {
            let count = frame.withUnsafeBytes {
                Glibc.send(peer.socket, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(POLLOUT, until: limit, SourceFailure(.remote, "\(place): the SFTP child takes no requests; it was ended"))
            } else if errno == EPIPE || errno == ECONNRESET {
                // what it said before it went is worth more than the fact
                while true { if case .failed(let failure) = try answer(within: timeout) { throw SFTPSession.end(of: failure) } }
            } else if errno != EINTR {
                throw .failed(SourceFailure(.remote, "\(place): cannot talk to the SFTP child: \(Errno.last.words)"))
            }
        }
    }

    // MARK: In

    /// How slowly bytes may come: so many within each span, or an answer. Any answer starts a new span.
    struct Pace {
        var span: Duration
        var least: Int64
        fileprivate var since = ContinuousClock.now
        fileprivate var bytes: Int64 = 0

        init(span: Duration, least: Int64) {
            self.span = span
            self.least = least
        }
        mutating func restart() {
            since = .now
            bytes = 0
        }
        mutating func came(_ count: Int) {
            bytes += Int64(count)
            if bytes >= least { restart() }
        }
    }

    /// The next answer. A failure that the child reports is thrown.
    func answer(within limit: Duration) throws(SessionEnd) -> Reply {
        var pace = Pace(span: limit, least: 1)
        return try answer(&pace) { (id, _) throws(SessionEnd) in throw .breach("bytes of a file (\(id)) that nobody asked for") }
    }

    /// The next answer that is not bytes of a file; those are handed over as they come.
    func answer(
        _ pace: inout Pace, bytes take: (UInt32, UnsafeRawBufferPointer) throws(SessionEnd) -> Void
    ) throws(SessionEnd) -> Reply {
        while true {
            let frame = try frame(pace)
            // a file's bytes: kind 6, id, length, and the bytes, which are not copied once more
            if frame.count >= 9, frame[0] == 6 {
                let id = SFTPSession.number(frame, at: 1)
                let count = Int(SFTPSession.number(frame, at: 5))
                guard count == frame.count - 9, count <= Frame.dataLimit else { throw .breach("a data frame of \(count) bytes") }
                try take(id, UnsafeRawBufferPointer(rebasing: frame[9...]))
                pace.came(count)
                continue
            }
            let reply: Reply
            do {
                reply = try Reply(decoding: Array(frame))
            } catch {
                throw .breach("\(error)")
            }
            if case .failed(let failure) = reply { throw SFTPSession.end(of: failure) }
            pace.restart()
            return reply
        }
    }

    private static func end(of failure: Failure) -> SessionEnd {
        failure.class == .negotiation ? .negotiation(Shown.line(failure.text)) : .failed(SourceFailure(failure))
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The next frame's body; it is there until the next call.
    private func frame(_ pace: Pace) throws(SessionEnd) -> UnsafeRawBufferPointer {
        while true {
            if end - start >= 4 {
                let count = Int(SFTPSession.number(UnsafeRawBufferPointer(buffer), at: start))
                guard count > 0, count <= Frame.limit else { throw .breach("a frame of \(count) bytes") }
                if end - start >= 4 + count {
                    defer { start += 4 + count }
                    return UnsafeRawBufferPointer(rebasing: buffer[start + 4..<start + 4 + count])
                }
                makeRoom(4 + count)
            } else {
                makeRoom(4)
            }
            try fill(pace)
        }
    }

    /// Room for a frame of so many bytes from `start` on.
    private func makeRoom(_ count: Int) {
        if start == end { (start, end) = (0, 0) }
        if start + count <= buffer.count, end < buffer.count { return }
        if count > buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            buffer.deallocate()
            buffer = larger
        } else if let base = buffer.baseAddress, end > start {
            memmove(base, base + start, end - start)
        }
        (start, end) = (0, end - start)
    }

    private func fill(_ pace: Pace) throws(SessionEnd) {
        // asked here too: a stream that never pauses would never wait
        if isStopping() { throw .stopping }
        while true {
            let count = recv(peer.socket, buffer.baseAddress?.advanced(by: end), buffer.count - end, 0)
            if count > 0 {
                end += count
                if ContinuousClock.now >= deadline { throw pastDeadline }
                return
            }
            if count == 0 || errno == ECONNRESET { throw unexpectedEnd() }
            guard errno == EAGAIN || errno == EINTR else {
                throw .failed(SourceFailure(.remote, "\(place): cannot hear the SFTP child: \(Errno.last.words)"))
            }
            try wait(POLLIN, until: pace.since + pace.span, SourceFailure(.network, silence(pace)))
        }
    }

    private func silence(_ pace: Pace) -> String {
        let span = pace.span.components.seconds
        return pace.least > 1
            ? "\(place): less than \(pace.least) bytes of a file came within \(span) s; see to the server or the line"
            : "\(place): no answer within \(span) s; see to the server or the line"
    }

    private var pastDeadline: SessionEnd {
        .failed(
            SourceFailure(
                .network, "\(place): the poll was not done within its deadline; what came in time is taken, the rest is tried again"))
    }

    /// Waits until the socket is ready, and hears meanwhile what the child says on its standard error.
    private func wait(_ events: Int32, until limit: ContinuousClock.Instant, _ failure: @autoclosure () -> SourceFailure) throws(SessionEnd)
    {
        while true {
            if isStopping() { throw .stopping }
            let now = ContinuousClock.now
            if now >= deadline { throw pastDeadline }
            if now >= limit { throw .failed(failure()) }
            var polled = [
                pollfd(fd: peer.socket, events: Int16(events), revents: 0),
                pollfd(fd: wordsEnded ? -1 : peer.lastWords, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, 2, SFTPSession.tick) > 0 else { continue }
            if polled[1].revents != 0 { hear() }
            if polled[0].revents != 0 { return }
        }
    }

    // MARK: The child's end

    private func hear() {
        guard peer.lastWords >= 0 else { return }
        var piece = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<SFTPSession.mostHeard {
            let count = recv(peer.lastWords, &piece, piece.count, Int32(MSG_DONTWAIT))
            if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { wordsEnded = true }
            guard count > 0 else { return }
            words += piece.prefix(min(count, SFTPSession.mostWords - words.count))
        }
    }

    /// The child closed its socket without having said why.
    private func unexpectedEnd() -> SessionEnd {
        let ending = peer.end(grace: .seconds(1))
        hear()
        let last = Shown.line(String(decoding: words, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(5).joined(separator: "; "))
        return .failed(
            SourceFailure(
                .remote,
                "\(place): the SFTP child ended unexpectedly (\(ending ?? "it hung")); "
                    + (last.isEmpty ? "it left no words" : "its last words: \(last)")))
    }
}

extension SourceFailure {
    /// What the child reports, which may hold a server's own words.
    init(_ failure: Failure) {
        let found: Class =
            switch failure.class {
            case .auth: .auth
            case .permission: .permission
            case .network: .network
            case .hostKey: .hostKey
            case .remote, .negotiation: .remote
            case .missing: .missing
            }
        self.init(found, Shown.line(failure.text))
    }
}

/// Text from outside, for one line of a log or a mail.
enum Shown {
    /// Longer ones say nothing more.
    private static let limit = 1000

    /// What would end the line, hide or reorder something stands as `\u{N}`.
    static func line(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            if FolderName.isOdd(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// A path on a server: bytes of no known character set.
    static func path(_ path: [UInt8]) -> String {
        path.split(separator: 47, omittingEmptySubsequences: false).map { $0.isEmpty ? "" : FolderName.shown(Array($0)) }
            .joined(separator: "/")
    }
}

extension SFTPSettings {
    /// Which server, for people.
    var place: String { port == 22 ? host : "\(host) port \(port)" }
}
