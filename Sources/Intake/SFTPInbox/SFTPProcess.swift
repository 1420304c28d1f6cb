internal import SFTP

/// The child process that an SFTP inbox starts for each poll: the same program, run as `remitd _sftp`.
public enum SFTPProcess {
    /// Serves the daemon at the other end of standard input.
    /// - Returns: the process's exit status.
    public static func serve() -> Int32 { SFTPChild.run(socket: 0) }
}
