/// A connection by Debian's own `ssh`, for servers whose algorithms libssh2 does not have.
final class OpenSSHConnection: Connection {
    private let request: ConnectRequest
    init(_ request: ConnectRequest) { self.request = request }
    func hostKeys() throws(Failure) -> [HostKey] { throw Failure(.negotiation, "transport openssh is not built in yet") }
    func open(_ credentials: Credentials) throws(Failure) -> any Channel {
        throw Failure(.negotiation, "transport openssh is not built in yet")
    }
    func close() {}
}
