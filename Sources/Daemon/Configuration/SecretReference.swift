import Glibc

/// Where a secret is kept. The configuration never holds one.
public enum SecretReference: Hashable, Sendable, CustomStringConvertible {
    /// A systemd credential: `$CREDENTIALS_DIRECTORY/NAME`.
    case credential(String)
    /// A file that only the service's user may read; absolute path.
    case file(String)

    public var description: String {
        switch self {
        case .credential(let name): "credential:\(name)"
        case .file(let path): "file:\(path)"
        }
    }

    /// The file that holds the secret; nil for a credential where no credentials directory was passed.
    /// - Parameter credentials: `$CREDENTIALS_DIRECTORY`.
    public func path(credentials: String?) -> String? {
        switch self {
        case .credential(let name): credentials.map { "\($0)/\(name)" }
        case .file(let path): path
        }
    }

    /// What keeps the secret from being used: absent, unreadable, or readable by others. Reads no content. Nil: fine.
    public func obstacle(credentials: String?) -> String? {
        guard let path = path(credentials: credentials) else {
            return "\(self): no credential was passed to this process; start it by systemd with LoadCredential=, or use file:PATH"
        }
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            let advice: String
            switch self {
            case .credential(let name): advice = "add LoadCredential=\(name):PATH to the unit"
            case .file: advice = "create it, or correct the path"
            }
            return "\(self): \(String(cString: strerror(errno))); \(advice)"
        }
        guard facts.st_mode & S_IFMT == S_IFREG else { return "\(self): is not a regular file; name the file that holds the secret" }
        // systemd gives credentials to the unit's user alone, by mode or by access list, and the group bits may show the list
        if case .file = self {
            if facts.st_mode & 0o077 != 0 {
                return "\(self): others than its owner may read or write it; run: chmod 600 \(path)"
            }
            if facts.st_uid != geteuid(), geteuid() != 0 {
                return "\(self): belongs to another user; run: chown to the user that remitd runs as"
            }
        }
        guard access(path, R_OK) == 0 else { return "\(self): \(String(cString: strerror(errno))); let remitd's user read it" }
        return nil
    }
}

extension Configuration {
    /// Every secret that a source names, with the source and its key.
    public var secrets: [(source: String, key: String, secret: SecretReference)] {
        sources.flatMap { source -> [(source: String, key: String, secret: SecretReference)] in
            switch source.kind {
            case .folder, .http: []
            case .sftp(let sftp): sftp.secrets.map { (source.id, $0.key, $0.secret) }
            case .spapi(let api):
                [
                    (source.id, "client_id", api.clientID), (source.id, "client_secret", api.clientSecret),
                    (source.id, "refresh_token", api.refreshToken),
                ]
            }
        }
    }
}
