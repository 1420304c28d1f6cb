/// Bytes to and from the server's SFTP subsystem, over whatever carries them. One thread uses it.
protocol Channel: AnyObject {
    /// Sends all of it.
    /// - Throws: `network` when the peer takes nothing for the session's timeout or the connection is lost, `remote` when the
    ///   server ended the subsystem.
    func send(_ bytes: [UInt8]) throws(Failure)
    /// Waits for at least one byte, at most for the session's timeout.
    /// - Returns: how many came; 0: the server has ended the subsystem properly.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    /// Called every few seconds while nothing else happens, so that firewalls on the way do not forget the connection.
    func keepAlive() throws(Failure)
    /// Ends the connection at once, however the peer behaves, and frees everything. Safe to repeat.
    func close()
}

/// One way to a server: its key first, then, with credentials, its SFTP subsystem.
protocol Connection: AnyObject {
    /// Connects, and gets the keys by which the server can be known. Nothing secret has been sent when it returns.
    func hostKeys() throws(Failure) -> [HostKey]
    /// Authenticates and opens the subsystem. The connection refuses to go on with any other key than the credentials' one.
    func open(_ credentials: Credentials) throws(Failure) -> any Channel
    /// As `Channel.close`, at any stage.
    func close()
}
