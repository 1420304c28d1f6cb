/// The SFTP child process: `remitd _sftp`, started by the daemon for one poll, with a socket as standard input and output.
public enum SFTPChild {
    /// Serves the daemon until `quit`, until its end of the socket closes, or until the session fails.
    /// - Parameter socket: the descriptor of a connected stream socket, usually 0.
    /// - Returns: the process's exit status.
    public static func run(socket: Int32) -> Int32 { 0 }
}
