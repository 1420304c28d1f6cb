/// The ways to a server.
enum Connections {
    /// Not yet connected: `hostKeys` does that.
    static func make(_ request: ConnectRequest) -> any Connection {
        switch request.transport {
        case .libssh2: LibSSH2Connection(request)
        case .openssh: OpenSSHConnection(request)
        }
    }
}
