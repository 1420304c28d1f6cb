import Foundation
import Intake
import Trade

extension ConfigurationReader {
    static let sftpKeys = [
        "host", "port", "user", "key", "passphrase", "password", "known_hosts", "host_key", "transport", "paths", "recursive", "take",
        "done_suffix", "settle", "after", "timeout", "deadline",
    ]

    /// Any one answer of a server: less than a second is no network, and what takes longer than ten minutes has gone away.
    private static let timeouts = 1...600
    /// A poll holds one of few places.
    private static let longestDeadline = 86_400

    func sftp(_ section: Section) -> SFTPSource? {
        let host = section.required("host", write: "host: sftp.example.com")?.host()
        let port = section["port"]?.integer(in: 1...65_535, "a port") ?? 22
        let user = section.required("user", write: "user: NAME")?.text("a user name")
        let key = section["key"]?.secret(in: folder)
        let password = section["password"]?.secret(in: folder)
        let passphrase = section["passphrase"]?.secret(in: folder)
        section.requiresOne(of: "key", or: "password", write: "key: credential:NAME, or password: credential:NAME")
        if let field = section["passphrase"], section["key"] == nil { field.wrong("is of no use without key; write key: credential:NAME") }
        let trust = trust(section)
        let transport = section["transport"]?.choice(SFTPSettings.TransportChoice.self) ?? .automatic
        let paths = section.required("paths", write: "paths: [/outbound]")?.list("folders on the server", allowsEmpty: false)?
            .compactMap { $0.text("a folder on the server") }
        let isRecursive = section["recursive"]?.flag() ?? false
        let take = section["take"]?.patterns() ?? []
        let doneSuffix = section["done_suffix"]?.suffix()
        let settle = section["settle"]?.duration(from: 0, to: 86_400) ?? 10
        let timeout = section["timeout"]?.duration(from: Self.timeouts.lowerBound, to: Self.timeouts.upperBound) ?? 30
        let deadline = section["deadline"]?.duration(from: 1, to: Self.longestDeadline) ?? 3600
        if deadline < timeout {
            let field = section["deadline"] ?? section["timeout"]
            field?.wrong(
                "the deadline of a whole poll (\(Field.words(deadline))) is shorter than timeout (\(Field.words(timeout))); make it longer")
        }
        let after = section["after"].map { $0.after() } ?? .leave
        if case .move(let target)? = after, let paths, paths.contains(where: { Self.plain($0) == Self.plain(target) }) {
            section["after"]?.wrong("'\(target.excerpt)' is one of the paths that files are taken from; name another folder")
        }
        guard let host, let user, key != nil || password != nil, let trust, let paths, let after else { return nil }
        return SFTPSource(
            host: host, port: port, user: user, key: key, passphrase: passphrase, password: password, trust: trust, transport: transport,
            paths: paths, isRecursive: isRecursive, take: take, doneSuffix: doneSuffix, settle: settle, after: after, timeout: timeout,
            deadline: deadline)
    }

    /// Exactly one of `known_hosts` and `host_key`: a server that nobody knows is given no secret.
    private func trust(_ section: Section) -> SFTPSettings.Trust? {
        let knownHosts = section["known_hosts"]?.path(in: folder)
        let pinned = section["host_key"]?.hostKey()
        switch (section["known_hosts"], section["host_key"]) {
        case (_?, let field?):
            field.wrong("stands beside known_hosts; keep one of the two")
            return nil
        case (_?, nil): return knownHosts.map { .knownHosts($0) }
        case (nil, _?): return pinned.map { .fingerprint($0) }
        case (nil, nil):
            section.requiresOne(
                of: "known_hosts", or: "host_key", write: "known_hosts: /etc/remitd/known_hosts, or host_key: \"SHA256:…\"")
            return nil
        }
    }

    /// A folder that files are taken from.
    struct ServerFolder: Hashable {
        var host: String
        var port: Int
        var user: String
        var path: String
    }

    /// Two sources with one folder would book its files twice, or take them away from one another.
    func apart(_ server: SFTPSource, _ section: Section, _ id: String, _ taken: inout [ServerFolder: String]) {
        for path in Set(server.paths.map(Self.plain)) {
            let folder = ServerFolder(host: server.host.lowercased(), port: server.port, user: server.user, path: path)
            if let other = taken[folder] {
                section["paths"]?.wrong(
                    "source '\(other)' takes files from '\(path.excerpt)' of the same server and user; keep one of the two")
            }
            taken[folder] = taken[folder] ?? id
        }
    }

    /// Without what makes two spellings of one folder.
    static func plain(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return path.hasPrefix("/") ? "/" + parts : parts
    }
}

extension Field {
    func host() -> String? {
        guard let host = word("a host name") else { return nil }
        guard host.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 47 && $0 != 64 }), !host.hasPrefix("-") else {
            wrong("'\(host.excerpt)' is no host name; write the name or address alone, such as sftp.example.com")
            return nil
        }
        return host
    }

    /// `leave`, `delete` or `move:FOLDER`.
    func after() -> SFTPSettings.After? {
        guard let word = word("leave, move:FOLDER or delete") else { return nil }
        switch word {
        case "leave": return .leave
        case "delete": return .delete
        default:
            let folder = word.hasPrefix("move:") ? String(word.dropFirst("move:".count)) : ""
            if !folder.isEmpty { return .move(folder) }
            wrong("'\(word.excerpt)' is not known; write leave, move:FOLDER or delete")
            return nil
        }
    }

    /// `SHA256:` and 43 base64 characters, as `ssh-keygen -l` prints them: 32 bytes.
    func hostKey() -> [UInt8]? {
        guard let word = word("a fingerprint") else { return nil }
        let digits = word.hasPrefix("SHA256:") ? String(word.dropFirst("SHA256:".count)) : ""
        // the last of 43 digits holds two bits too many, which must be none
        if digits.utf8.count == 43, let bytes = Data(base64Encoded: digits + "="), bytes.count == 32,
            bytes.base64EncodedString() == digits + "="
        {
            return Array(bytes)
        }
        wrong(
            "'\(word.excerpt)' is no fingerprint; write \"SHA256:\" and its 43 characters, as 'remitd trust-host' or 'ssh-keygen -l' shows them"
        )
        return nil
    }

    func flag() -> Bool? {
        guard let word = word("true or false") else { return nil }
        if word == "true" || word == "false" { return word == "true" }
        wrong("must be true or false, not '\(word.excerpt)'")
        return nil
    }

    /// Shell patterns of names; a path never matches a name.
    func patterns() -> [String]? {
        list("patterns such as \"*.edi\"", allowsEmpty: false)?.compactMap { field in
            guard let pattern = field.word("a pattern such as \"*.edi\"") else { return nil }
            if !pattern.contains("/") { return pattern }
            field.wrong("'\(pattern.excerpt)' holds a slash and would match no file name; put the folder into paths")
            return nil
        }
    }

    /// What a file's name is followed by in the name of the file that says it is whole.
    func suffix() -> String? {
        guard let suffix = word("the end of a name, such as .done") else { return nil }
        if !suffix.contains("/"), suffix.utf8.count <= 32 { return suffix }
        wrong("'\(suffix.excerpt)' cannot end a file's name; write something like .done")
        return nil
    }
}
