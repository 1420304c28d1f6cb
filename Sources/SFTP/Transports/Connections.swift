/// The ways to a server.
enum Connections {
    static func make(_ request: ConnectRequest) throws(Failure) -> any Connection {
        throw Failure(.negotiation, "there is no way to a server yet")
    }
}
