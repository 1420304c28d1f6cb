import Glibc

/// The answer to ssh's question for a password or passphrase (SSH_ASKPASS, ssh(1)): ssh runs this program with the question as its
/// argument. Its environment names the file that holds the secret; the secret itself is in no argument and no environment.
public enum Askpass {
    static let passwordFile = "REMITD_ASKPASS_PASSWORD_FILE"
    static let passphraseFile = "REMITD_ASKPASS_PASSPHRASE_FILE"
    /// ssh itself takes a line of 1,024 bytes.
    private static let limit = 4096

    /// Prints the secret, if this is such a call.
    /// - Parameters:
    ///   - arguments: the program's, its own name first.
    ///   - environment: gives a variable's value.
    /// - Returns: the exit status; nil: it is another call.
    public static func answer(arguments: [String], environment: (String) -> String?) -> Int32? {
        let (password, passphrase) = (environment(passwordFile), environment(passphraseFile))
        guard password != nil || passphrase != nil, arguments.count == 2 else { return nil }
        // a passphrase's question is ssh's own; any question of the server's comes with `user@host` before it
        let path = arguments[1].hasPrefix("Enter passphrase") ? passphrase : password
        guard let path, let secret = content(path) else { return 1 }
        let line = secret + [UInt8(ascii: "\n")]
        return write(STDOUT_FILENO, line, line.count) == line.count ? 0 : 1
    }

    /// Without the line end that editors leave.
    private static func content(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { return nil }
        var secret = bytes[..<count]
        if secret.last == UInt8(ascii: "\n") { secret.removeLast() }
        if secret.last == UInt8(ascii: "\r") { secret.removeLast() }
        return Array(secret)
    }
}
