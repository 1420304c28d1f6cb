import Glibc

/// The byte stream of `ssh -s sftp`.
final class OpenSSHChannel: Channel {
    private let process: SSHProcess
    private let place: String
    private let timeout: UInt32
    private var hasReceived = false

    init(_ process: SSHProcess, place: String, timeout: UInt32) {
        self.process = process
        self.place = place
        self.timeout = timeout
    }

    deinit { close() }

    func send(_ bytes: [UInt8]) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(process.socket, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                guard process.wait(for: POLLOUT, until: Deadline(milliseconds: timeout)) else { throw silence("took nothing") }
            } else if errno != EINTR {
                throw ended() ?? Failure(.remote, "the server ended the SFTP session")
            }
        }
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        let patience = Deadline(milliseconds: timeout)
        while true {
            let count = read(process.socket, buffer.baseAddress, buffer.count)
            if count > 0 {
                hasReceived = true
                return count
            }
            if count == 0 || (errno != EAGAIN && errno != EINTR) {
                if let failure = ended() { throw failure }
                return 0
            }
            guard process.wait(for: POLLIN, until: patience) else { throw silence("was silent") }
        }
    }

    /// - Returns: why ssh ended; nil: properly.
    private func ended() -> Failure? {
        guard process.socket >= 0 else { return Failure(.network, "the connection to \(place) is closed") }
        process.hearLastWords()
        return OpenSSHWords.end(process.said, place: place, hasReceived: hasReceived)
    }

    /// ssh sends its own (ServerAliveInterval); here only its end would be noticed.
    func keepAlive() throws(Failure) {
        var look = [pollfd(fd: process.socket, events: 0, revents: 0)]
        if Glibc.poll(&look, 1, 0) > 0, let failure = ended() { throw failure }
    }

    func close() { process.end() }

    private func silence(_ what: String) -> Failure { Failure(.network, "\(place) \(what) for \(timeout / 1000) s") }
}
