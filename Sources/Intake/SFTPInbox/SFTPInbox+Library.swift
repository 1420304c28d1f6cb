import SFTP

extension SFTPInbox {
    /// What the machine's SSH library is and what it can agree on with a server, a line each, for `remitd check`.
    public static var library: [String] {
        let algorithms = SSHLibrary.algorithms
        func line(_ what: String, _ kind: SSHLibrary.Kind) -> String {
            "  \(what): \(algorithms[kind].map { $0.joined(separator: " ") } ?? "cannot be asked")"
        }
        return [
            "libssh2 \(SSHLibrary.version)", line("host keys", .hostKeys), line("key exchange", .keyExchange), line("ciphers", .ciphers),
            line("MACs", .macs),
        ]
    }
}
