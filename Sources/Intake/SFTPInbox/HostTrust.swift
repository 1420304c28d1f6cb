import Glibc
import SFTP

/// Whether a server is the one that is meant: by the keys it shows, before anything secret is sent.
struct HostTrust {
    /// What is known of the server.
    enum Known {
        case lines(KnownHosts.Knowledge, file: String)
        /// SHA-256 of the key blob.
        case pin([UInt8])
    }
    enum Verdict {
        case trusted(HostKey)
        /// Not that one; perhaps a key of another type.
        case not
        case revoked(HostKey, line: Int)
    }
    let known: Known
    let settings: SFTPSettings
    let notices: [String]

    /// Key types that servers have, in OpenSSH's order.
    static let types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", rsa]
    static let rsa = "ssh-rsa"

    /// - Parameter mayBeMissing: a known_hosts file that is not there knows nothing, instead of being a failure.
    init(_ settings: SFTPSettings, mayBeMissing: Bool = false) throws(SourceFailure) {
        self.settings = settings
        switch settings.trust {
        case .fingerprint(let digest):
            known = .pin(digest)
            notices = []
        case .knownHosts(let path):
            let isMissing = access(path, F_OK) != 0 && errno == ENOENT
            let file = mayBeMissing && isMissing ? KnownHosts(path: path, bytes: []) : try KnownHosts(path: path)
            known = .lines(file.knowledge(host: settings.host, port: settings.port), file: path)
            notices = file.notices
        }
    }

    /// Types of the keys that are known, for the server to show one of them; empty if there is none or it is not known.
    var knownTypes: [String] {
        guard case .lines(let knowledge, _) = known else { return [] }
        var types: [String] = []
        for line in knowledge.keys where !types.contains(line.key.type) { types.append(line.key.type) }
        return types
    }

    func judge(_ shown: [HostKey]) -> Verdict {
        switch known {
        case .pin(let digest):
            shown.first { SHA256.digest(of: $0.blob).bytes == digest }.map { .trusted($0) } ?? .not
        case .lines(let knowledge, _):
            if let (key, line) = shown.lazy.compactMap({ key in
                knowledge.revoked.first { $0.key == key }.map { (key, $0.number) }
            }).first {
                .revoked(key, line: line)
            } else {
                shown.first { key in knowledge.keys.contains { $0.key == key } }.map { .trusted($0) } ?? .not
            }
        }
    }

    /// Whether the known key may be an RSA key that the server has and did not show.
    /// - Parameter shown: keys of which none is the known one.
    func mayBeRSA(_ shown: [HostKey]) -> Bool {
        if shown.contains(where: { $0.type == HostTrust.rsa }) { return false }
        if case .pin = known { return true }
        return knownTypes.contains(HostTrust.rsa) && !shown.contains { knownTypes.contains($0.type) }
    }

    // MARK: Words

    private var server: String { settings.place }
    private var name: String { KnownHosts.name(host: settings.host, port: settings.port) }

    func revoked(_ key: HostKey, line: Int) -> SourceFailure {
        guard case .lines(_, let file) = known else { return unlike([key]) }
        return SourceFailure(
            .hostKey,
            "\(server) shows the host key \(key.words), which \(file) line \(line) marks as revoked; nothing was sent to it; "
                + "ask the server's owner which key is right")
    }

    /// The server showed these and none of them is the one that is known.
    func unlike(_ shown: [HostKey], why: String? = nil) -> SourceFailure {
        let keys = shown.map(\.words).joined(separator: ", ")
        let aside = why.map { " (\($0))" } ?? ""
        let advice = "nothing was sent to it; ask the server's owner whether the key was changed, and only then run"
        switch known {
        case .pin(let digest):
            return SourceFailure(
                .hostKey,
                "\(server) shows the host key \(keys), the configuration pins \(HostKey.fingerprint(of: digest))\(aside): another "
                    + "server may stand in its place; nothing was sent to it; ask the server's owner whether the key was changed, and "
                    + "only then correct `host_key`")
        case .lines(let knowledge, let file):
            guard !knowledge.keys.isEmpty else {
                return SourceFailure(
                    .hostKey,
                    "\(server) shows the host key \(keys), and \(file) knows no key of \(name)\(aside); nothing was sent to it; "
                        + "ask the server's owner for the key's fingerprint, and if it is that one run `remitd trust-host \(settings.id)`")
            }
            let known = knowledge.keys.map { "\($0.key.words) (line \($0.number))" }.joined(separator: ", ")
            return SourceFailure(
                .hostKey,
                "\(server) shows the host key \(keys), \(file) knows \(known)\(aside): another server may stand in its place; "
                    + "\(advice) `remitd trust-host \(settings.id)`")
        }
    }

    /// The server showed these, and the known key may be its RSA key, which the library cannot be shown.
    func uncheckedRSA(_ shown: [HostKey]) -> SourceFailure {
        let keys = shown.map(\.words).joined(separator: ", ")
        let library = "libssh2 \(SSHLibrary.version)"
        let other = settings.transport == .automatic ? "install openssh-client" : "set `transport: auto`"
        switch known {
        case .pin(let digest):
            return SourceFailure(
                .hostKey,
                "\(server) shows the host key \(keys), the configuration pins \(HostKey.fingerprint(of: digest)): if that is the server's "
                    + "RSA key, \(library) cannot check it: \(other); if it is not, ask the server's owner whether the key was "
                    + "changed, and only then correct `host_key`; nothing was sent to the server")
        case .lines(let knowledge, let file):
            let known = knowledge.keys.map { "\($0.key.words) (line \($0.number))" }.joined(separator: ", ")
            return SourceFailure(
                .hostKey,
                "\(server) shows the host key \(keys), \(file) knows \(known): the known key is an RSA key, which \(library) cannot "
                    + "check; nothing was sent to the server; \(other), or, if the server's owner says that the shown key is right, run "
                    + "`remitd trust-host \(settings.id)`")
        }
    }

    // MARK: Adding

    func presented(_ key: HostKey) -> PresentedHostKey {
        let isTrusted = if case .trusted = judge([key]) { true } else { false }
        return PresentedHostKey(
            type: key.type, fingerprint: key.fingerprint, knownHostsLine: "\(name) \(key.type) \(Base64.encode(key.blob))",
            isTrusted: isTrusted)
    }

    /// Appends a line to the known hosts. The line is durable when this returns.
    static func add(_ presented: PresentedHostKey, _ settings: SFTPSettings) throws(SourceFailure) {
        guard case .knownHosts(let path) = settings.trust else {
            throw SourceFailure(
                .hostKey, "the source pins its host key in the configuration: write `host_key: \"\(presented.fingerprint)\"` there")
        }
        guard let line = KnownHosts(path: path, bytes: Array(presented.knownHostsLine.utf8)).lines.first else {
            throw SourceFailure(.hostKey, "the host key of \(settings.place) does not fit into a known_hosts file")
        }
        let old: [UInt8]
        do throws(Errno) {
            old = try KnownHosts.read(path)
        } catch {
            guard error.code == ENOENT else { throw cannotAdd(path, error) }
            old = []
        }
        let knowledge = KnownHosts(path: path, bytes: old).knowledge(host: settings.host, port: settings.port)
        // a revoked key says nothing of others of its type: the new one is often its successor
        if let other = knowledge.revoked.first(where: { $0.key == line.key })
            ?? knowledge.keys.first(where: { $0.key.type == line.key.type })
        {
            if other.marker == .none, other.key == line.key { return }
            let what = other.marker == .revoked ? "marks as revoked the key" : "knows another key"
            throw SourceFailure(
                .hostKey,
                "\(path) line \(other.number) \(what) of \(settings.place): \(other.key.words); "
                    + "remove that line first, if the server's owner says that \(line.key.fingerprint) is right")
        }
        do throws(Errno) {
            try append(presented.knownHostsLine, to: path, needsLineEnd: old.last.map { $0 != 10 } ?? false)
        } catch {
            throw cannotAdd(path, error)
        }
    }

    private static func cannotAdd(_ path: String, _ error: Errno) -> SourceFailure {
        SourceFailure(.hostKey, "cannot add the host key to \(path): \(error.words); nothing was trusted")
    }

    private static func append(_ line: String, to path: String, needsLineEnd: Bool) throws(Errno) {
        let number = try Call.repeating { open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644) }
        let file = Descriptor(adopting: number)
        let bytes = Array(((needsLineEnd ? "\n" : "") + line + "\n").utf8)
        try bytes.span.bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Errno) in try Call.write(bytes, to: file.number) }
        try Call.sync(file)
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try Call.sync(try Call.open(folder, O_RDONLY | O_DIRECTORY))
    }
}
