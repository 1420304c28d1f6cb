internal import CLibSSH2

/// The libssh2 that this program runs with, which is the system's.
public enum SSHLibrary {
    /// What two ends of SSH must agree on (RFC 4253, section 7.1).
    public enum Kind: Int32, Sendable, CaseIterable {
        // the numbers are libssh2's
        case keyExchange = 0
        case hostKeys = 1
        case ciphers = 2
        case macs = 4
    }

    /// As the library says it, such as `1.10.0`.
    public static var version: String { libssh2_version(0).map { String(cString: $0) } ?? "unknown" }

    /// Names as in RFC 4253, best first by the library's own order; empty if it cannot be asked.
    public static var algorithms: [Kind: [String]] {
        guard started, let session = libssh2_session_init_ex(nil, nil, nil, nil) else { return [:] }
        defer { libssh2_session_free(session) }
        return Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, algorithms($0, session)) })
    }

    /// Whether RSA keys, of hosts and of users, can be used with SHA-2: since 1.11.0. Most servers refuse SHA-1 by now.
    public static var hasRSAWithSHA2: Bool { libssh2_version(0x01_0b_00) != nil }

    /// Whether the bytes of a private key's file are plainly those of an RSA key; one wrapped in PKCS #8 with a passphrase does
    /// not say what it is.
    public static func isRSA(privateKey bytes: [UInt8]) -> Bool { UserKey(bytes).kind == .rsa }

    /// The library's own start is not safe on two threads at once.
    static let started = libssh2_init(0) == 0

    static func algorithms(_ kind: Kind, _ session: OpaquePointer) -> [String] {
        var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        let count = libssh2_session_supported_algs(session, kind.rawValue, &names)
        guard count > 0, let names else { return [] }
        defer { libssh2_free(session, names) }
        return (0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } }
    }

    /// What to ask a server for, best first.
    /// - Parameters:
    ///   - known: key types (what a key's blob begins with) that are known for the server.
    ///   - library: what the library has.
    /// - Returns: the names of signatures by keys of these types, then all others: a server that has no such key any more shall
    ///   show the one it has, so that people can compare them.
    static func hostKeyPreference(known: [String], library: [String]) -> [String] {
        var order: [String] = []
        for name in known.flatMap(signatures) + library where library.contains(name) && !order.contains(name) { order.append(name) }
        return order
    }

    /// One type of key has several kinds of signature (RFC 8332).
    static func signatures(ofKeyType type: String) -> [String] {
        type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type]
    }
}
