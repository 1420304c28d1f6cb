internal import CLibSSH2
import Glibc

/// A connection by the system's libssh2, always in its non-blocking mode: the waits, and so the deadlines, are ours.
/// libssh2 itself has no timeout by default, and in 1.10 takes a signal for one.
final class LibSSH2Connection: Connection {
    let request: ConnectRequest
    private(set) var socket: ServerSocket?
    private(set) var session: OpaquePointer?

    /// In seconds; libssh2 sends nothing more often, and whoever calls has a slower beat.
    private static let keepAliveSeconds: UInt32 = 2
    /// Frees that ask for patience; the socket is shut down by then, so that there is nothing to be patient for.
    private static let freeAttempts = 100

    init(_ request: ConnectRequest) { self.request = request }

    deinit { close() }

    func hostKeys() throws(Failure) -> [HostKey] {
        guard SSHLibrary.started else { throw Failure(.remote, "libssh2 \(SSHLibrary.version) cannot be started on this machine") }
        let socket = try ServerSocket.connect(host: request.host, port: request.port, timeout: request.timeout)
        self.socket = socket
        try socket.awaitBanner(until: Deadline(milliseconds: request.timeout))
        guard let session = libssh2_session_init_ex(nil, nil, nil, nil) else { throw Failure(.remote, "libssh2: no memory for a session") }
        self.session = session
        libssh2_session_set_blocking(session, 0)
        prefer(session)
        let outcome = try step("did not finish the key exchange") { libssh2_session_handshake(session, socket.number) }
        guard outcome == 0 else { throw handshakeFailure(outcome) }
        libssh2_keepalive_config(session, 1, LibSSH2Connection.keepAliveSeconds)
        return [try hostKey(session)]
    }

    private func prefer(_ session: OpaquePointer) {
        let order = SSHLibrary.hostKeyPreference(
            known: request.hostKeyTypes, library: SSHLibrary.algorithms(.hostKeys, session))
        _ = libssh2_session_method_pref(session, LIBSSH2_METHOD_HOSTKEY, order.joined(separator: ","))
    }

    private func hostKey(_ session: OpaquePointer) throws(Failure) -> HostKey {
        var count = 0
        var kind: Int32 = 0
        guard let start = libssh2_session_hostkey(session, &count, &kind), count > 0 else {
            throw Failure(.remote, "\(place) showed no host key")
        }
        let blob = [UInt8](UnsafeRawBufferPointer(start: start, count: count))
        var reader = WireReader(blob)
        guard let type = try? reader.text() else { throw Failure(.remote, "\(place) showed a host key that is none") }
        return HostKey(type: ServerText.plain(type.utf8), blob: blob)
    }

    func open(_ credentials: Credentials) throws(Failure) -> any Channel {
        guard let session else { throw Failure(.network, "\(place) is not connected") }
        // the daemon has judged this key already; were another one in use, nothing secret may be sent
        guard try hostKey(session) == credentials.hostKey else {
            throw Failure(.hostKey, "\(place) uses another host key than the one that was checked: nothing was sent to it")
        }
        try authenticate(session, credentials)
        return LibSSH2Channel(self, session, try openSubsystem(session))
    }

    /// - Returns: a channel on which the server's SFTP subsystem runs.
    private func openSubsystem(_ session: OpaquePointer) throws(Failure) -> OpaquePointer {
        var opened: OpaquePointer?
        var outcome = try step("did not open a channel") {
            opened = libssh2_channel_open_ex(session, "session", 7, LibSSH2Channel.window, LibSSH2Channel.packet, nil, 0)
            return opened == nil ? libssh2_session_last_errno(session) : 0
        }
        if let opened {
            // what the server writes to standard error would fill the window, and says nothing to a program
            libssh2_channel_handle_extended_data2(opened, LIBSSH2_CHANNEL_EXTENDED_DATA_IGNORE)
            outcome = try step("did not start SFTP") { libssh2_channel_process_startup(opened, "subsystem", 9, "sftp", 4) }
            if outcome == 0 { return opened }
        }
        switch outcome {
        case LIBSSH2_ERROR_CHANNEL_FAILURE, LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED:
            throw Failure(.remote, "\(place) accepted the login but offers no SFTP to this user: ask the server's owner to allow it")
        case LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_CHANNEL_CLOSED:
            throw LoginWords.closedAfterLogin(place)
        default: throw failure(outcome, "while SFTP was started")
        }
    }

    func close() {
        // first: every call below would otherwise wait for a peer that may never answer, and leak
        socket?.shutDown()
        if let session {
            self.session = nil
            var attempts = 0
            while libssh2_session_free(session) == LIBSSH2_ERROR_EAGAIN, attempts < LibSSH2Connection.freeAttempts { attempts += 1 }
        }
        socket?.close()
        socket = nil
    }
}

extension LibSSH2Connection {
    var place: String { ServerText.plain(request.host.utf8) + ":\(request.port)" }

    /// Calls libssh2 until it asks for patience no more, at most for the session's timeout.
    /// - Parameter missing: what did not happen, should it not.
    /// - Returns: what the last call returned.
    func step(_ missing: String, _ call: () -> Int32) throws(Failure) -> Int32 {
        let deadline = Deadline(milliseconds: request.timeout)
        while true {
            let outcome = call()
            if outcome != LIBSSH2_ERROR_EAGAIN { return outcome }
            guard let socket else { throw Failure(.network, "\(place) is not connected") }
            guard wait(until: deadline) else { throw socket.silence("\(missing) within \(request.timeout / 1000) s") }
        }
    }

    /// Waits for what libssh2 waits for.
    /// - Returns: false: the deadline has passed.
    func wait(until deadline: Deadline) -> Bool {
        guard let socket, let session else { return false }
        let directions = libssh2_session_block_directions(session)
        var events: Int32 = directions & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0 ? POLLOUT : 0
        if events == 0 || directions & LIBSSH2_SESSION_BLOCK_INBOUND != 0 { events |= POLLIN }
        return Waiting.poll(socket.number, events, until: deadline)
    }

    /// libssh2's own words for its last error.
    private var words: String {
        guard let session else { return "" }
        var text: UnsafeMutablePointer<CChar>?
        var count: Int32 = 0
        libssh2_session_last_error(session, &text, &count, 0)
        guard let text, count > 0 else { return "" }
        return ServerText.plain(UnsafeRawBufferPointer(start: text, count: Int(count)))
    }

    /// An error that nobody knew better.
    func failure(_ code: Int32, _ when: String) -> Failure {
        switch code {
        case LIBSSH2_ERROR_SOCKET_DISCONNECT:
            Failure(.network, "\(place) closed the connection \(when)")
        case LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_TIMEOUT, LIBSSH2_ERROR_BAD_SOCKET:
            Failure(.network, "the connection to \(place) was lost \(when)")
        default: Failure(.remote, "\(place): \(words) \(when) (libssh2 \(SSHLibrary.version), error \(code))")
        }
    }

    private func handshakeFailure(_ code: Int32) -> Failure {
        guard code == LIBSSH2_ERROR_KEX_FAILURE || code == LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE else {
            return failure(code, "during the key exchange")
        }
        let general = failure(code, "during the key exchange")
        close()
        // libssh2 does not say what was missing: a second look, without it, does
        guard let offer = try? ServerOffer.of(request) else { return general }
        return offer.sentence(library: SSHLibrary.algorithms, version: SSHLibrary.version).map { Failure(.negotiation, "\(place) \($0)") }
            ?? Failure(.network, general.text)
    }
}
