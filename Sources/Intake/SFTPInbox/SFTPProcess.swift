import SFTP

/// The child process that an SFTP inbox starts for each poll: the same program, run as `remitd _sftp`.
public enum SFTPProcess {
    /// Serves the daemon at the other end of standard input.
    /// - Returns: the process's exit status.
    public static func serve() -> Int32 { SFTPChild.run(socket: 0) }

    /// The answer to ssh, which that child may start, when it asks for a password or passphrase.
    /// - Parameters: as the program was called.
    /// - Returns: the process's exit status; nil: it is another call.
    public static func answer(arguments: [String], environment: (String) -> String?) -> Int32? {
        Askpass.answer(arguments: arguments, environment: environment)
    }
}
