internal import CLibSSH2
import Glibc

/// The byte stream of a subsystem over libssh2.
final class LibSSH2Channel: Channel {
    /// Bytes that the server may send before we take them: a fast line with a round trip of 100 ms keeps busy. libssh2 gives the
    /// server more as soon as a quarter of it is used.
    static let window: UInt32 = 8 << 20
    /// Bytes in one message; OpenSSH sends no more than this in any case.
    static let packet: UInt32 = 32768
    /// For what comes while nobody reads, at a keep-alive.
    private static let stashSize = 16384

    private let connection: LibSSH2Connection
    private let session: OpaquePointer
    private let channel: OpaquePointer
    private var isOpen = true
    private var stash: [UInt8] = []

    init(_ connection: LibSSH2Connection, _ session: OpaquePointer, _ channel: OpaquePointer) {
        self.connection = connection
        self.session = session
        self.channel = channel
    }

    deinit { close() }

    func send(_ bytes: [UInt8]) throws(Failure) {
        try checkOpen()
        var sent = 0
        var patience = Deadline(milliseconds: connection.request.timeout)
        while sent < bytes.count {
            // a packet that is half sent must be finished by this very call before any other that sends: so nothing else happens here
            let count = bytes.withUnsafeBytes { all in
                libssh2_channel_write_ex(
                    channel, 0, all.baseAddress.map { ($0 + sent).assumingMemoryBound(to: CChar.self) }, all.count - sent)
            }
            switch Int32(clamping: count) {
            case 1...:
                sent += count
                patience = Deadline(milliseconds: connection.request.timeout)
            // 0: the server's window is full. BAD_USE: an answer of libssh2's own to the server is half sent; it goes on with that
            case 0, LIBSSH2_ERROR_EAGAIN, LIBSSH2_ERROR_BAD_USE:
                if libssh2_channel_eof(channel) == 1 { throw LibSSH2Channel.ended }
                guard connection.wait(until: patience) else { throw silence("took nothing") }
            case let code: throw lost(code)
            }
        }
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        try checkOpen()
        if !stash.isEmpty {
            let count = min(stash.count, buffer.count)
            buffer.copyBytes(from: stash[..<count])
            stash.removeFirst(count)
            return count
        }
        let patience = Deadline(milliseconds: connection.request.timeout)
        while true {
            if let count = try read(into: buffer) { return count }
            guard connection.wait(until: patience) else { throw silence("was silent") }
        }
    }

    /// - Returns: as `receive`; nil: nothing is there now.
    private func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int? {
        let count = libssh2_channel_read_ex(channel, 0, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        switch Int32(clamping: count) {
        case 1...: return count
        case 0: return libssh2_channel_eof(channel) == 1 ? 0 : nil
        case LIBSSH2_ERROR_EAGAIN: return nil
        case let code: throw lost(code)
        }
    }

    func keepAlive() throws(Failure) {
        try checkOpen()
        if stash.isEmpty {
            // reading also lets libssh2 answer the server's own keep-alives
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: LibSSH2Channel.stashSize, alignment: 1)
            defer { bytes.deallocate() }
            let count = try read(into: bytes)
            if count == 0 { throw LibSSH2Channel.ended }
            stash = Array(bytes[..<(count ?? 0)])
        }
        var next: Int32 = 0
        let outcome = libssh2_keepalive_send(session, &next)
        if outcome != 0 && outcome != LIBSSH2_ERROR_EAGAIN { throw lost(outcome) }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        connection.close()
    }

    private func checkOpen() throws(Failure) {
        guard isOpen, connection.session != nil else { throw Failure(.network, "the connection to \(connection.place) is closed") }
    }

    private func silence(_ what: String) -> Failure {
        Failure(.network, "\(connection.place) \(what) for \(connection.request.timeout / 1000) s")
    }

    private func lost(_ code: Int32) -> Failure {
        switch code {
        case LIBSSH2_ERROR_CHANNEL_CLOSED, LIBSSH2_ERROR_CHANNEL_EOF_SENT: LibSSH2Channel.ended
        default: connection.failure(code, "during the SFTP session")
        }
    }

    private static var ended: Failure { Failure(.remote, "the server ended the SFTP session") }
}
