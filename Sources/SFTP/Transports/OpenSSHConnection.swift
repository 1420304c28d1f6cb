import Glibc

/// A connection by Debian's own `ssh`, for servers whose algorithms libssh2 does not have. It reads no configuration and no
/// known_hosts but what is told here, and secrets reach it as the paths of their files only.
final class OpenSSHConnection: Connection {
    private let request: ConnectRequest
    /// What ssh is to ask for a password or passphrase: this program (`Askpass`).
    private let askpass: String?
    private var process: SSHProcess?
    private var scan: SSHProcess?

    private static let ssh = "/usr/bin/ssh"
    private static let keyscan = "/usr/bin/ssh-keyscan"
    /// The keys of a server are a few hundred bytes each; more is not a key.
    private static let scanLimit = 65536

    init(_ request: ConnectRequest, askpass: String? = OpenSSHConnection.thisProgram) {
        self.request = request
        self.askpass = askpass
    }

    deinit { close() }

    /// Of the running program's file; of the file that has taken its place, if an upgrade has replaced it.
    static var thisProgram: String? {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count)
        guard count > 0 else { return nil }
        let text = String(decoding: path[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let gone = " (deleted)"
        return text.hasSuffix(gone) ? String(text.dropLast(gone.count)) : text
    }

    private var place: String { Plain.text(request.host.utf8) + ":\(request.port)" }
    private var seconds: UInt32 { max(1, (request.timeout + 999) / 1000) }

    // MARK: the server's keys

    func hostKeys() throws(Failure) -> [HostKey] {
        try checkNames()
        // first without ssh: what is wrong with the network is told in the same words as with libssh2
        let offer = try ServerOffer.of(request)
        let offered = offer.hostKeys.compactMap(OpenSSHConnection.scanName)
        let known = request.hostKeyTypes.compactMap(OpenSSHConnection.scanName).filter(offered.contains)
        var wanted: [String] = []
        for name in known.isEmpty ? offered : known where !wanted.contains(name) { wanted.append(name) }
        guard !wanted.isEmpty else {
            throw Failure(.negotiation, "\(place) (\(offer.banner)) has no host key of a kind that ssh-keyscan knows")
        }
        let output = try scanned(wanted)
        let keys = output.split(separator: UInt8(ascii: "\n")).compactMap { OpenSSHConnection.hostKey(String(decoding: $0, as: UTF8.self)) }
        guard !keys.isEmpty else {
            let said = OpenSSHWords.lastLine(scan?.said ?? [])
            throw Failure(
                .negotiation, "\(place) (\(offer.banner)) did not show its host key to ssh-keyscan\(said.isEmpty ? "" : ": \(said)")")
        }
        return keys
    }

    private func scanned(_ types: [String]) throws(Failure) -> [UInt8] {
        let scan = try SSHProcess(
            [
                OpenSSHConnection.keyscan, "-p", String(request.port), "-T", String(seconds), "-t", types.joined(separator: ","), "--",
                request.host,
            ], environment: OpenSSHConnection.plainEnvironment)
        self.scan = scan
        defer { scan.end() }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        let patience = Deadline(milliseconds: request.timeout.addingReportingOverflow(request.timeout).partialValue)
        while output.count < OpenSSHConnection.scanLimit {
            let count = read(scan.socket, &buffer, buffer.count)
            if count > 0 {
                output += buffer[..<count]
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                break
            } else if !scan.wait(for: POLLIN, until: patience) {
                throw Failure(.network, "\(place) did not show its host key within \(seconds) s")
            }
        }
        scan.hearLastWords()
        return output
    }

    private static func scanName(_ type: String) -> String? {
        switch type {
        case "ssh-ed25519": "ed25519"
        case "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512": "rsa"
        case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521": "ecdsa"
        default: nil
        }
    }

    /// One line of ssh-keyscan's: names, type, base64. Its other lines are comments.
    static func hostKey(_ line: String) -> HostKey? {
        let parts = line.split(whereSeparator: \.isWhitespace)
        guard parts.count >= 3, !line.hasPrefix("#"), let blob = Base64.decode(String(parts[2])) else { return nil }
        var reader = WireReader(blob)
        guard let type = try? reader.text(), type == parts[1] else { return nil }
        return HostKey(type: type, blob: blob)
    }

    // MARK: the session

    func open(_ credentials: Credentials) throws(Failure) -> any Channel {
        try checkNames()
        if let key = credentials.key, let problem = UserKey(key.bytes).problem(passphrase: credentials.passphrase?.bytes) {
            throw Failure(.auth, "\(Plain.text(key.path.utf8)): \(problem)")
        }
        let process = try SSHProcess(try arguments(credentials), environment: environment(credentials))
        self.process = process
        // the connection with its key exchange, for which ssh has the same time, and then the login
        let patience = Deadline(milliseconds: request.timeout.addingReportingOverflow(request.timeout).partialValue)
        while !OpenSSHWords.isLoggedIn(process.said) {
            if process.hear(until: patience) { continue }
            guard patience.left > 0 else {
                throw Failure(.network, "\(place) did not finish the login within \(2 * seconds) s; ask its owner if that lasts")
            }
            // it may have been logged in and over within one look
            guard
                let failure = OpenSSHWords.end(
                    process.said, place: place, hasReceived: false, hasPassword: credentials.password != nil)
            else { break }
            guard failure.class == .auth, let key = credentials.key, UserKey(key.bytes).isEncrypted else { throw failure }
            throw Failure(.auth, failure.text + "; ssh does not say whether it is the key's passphrase that is wrong")
        }
        return OpenSSHChannel(process, place: place, timeout: request.timeout)
    }

    private func arguments(_ credentials: Credentials) throws(Failure) -> [String] {
        let key = credentials.hostKey
        let methods =
            (credentials.key == nil ? [] : ["publickey"]) + (credentials.password == nil ? [] : ["password", "keyboard-interactive"])
        // `*`: whatever name ssh looks up; there is only this one key. The command is run without a shell
        let known = "KnownHostsCommand=/bin/echo * \(key.type) \(Base64.encode(key.blob))"
        guard key.type.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "%") }) else {
            throw Failure(.hostKey, "\(place): the type of the host key is no name")
        }
        let options = [
            "BatchMode=no", "StrictHostKeyChecking=yes", "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null", known,
            "HostKeyAlgorithms=" + SSHLibrary.signatures(ofKeyType: key.type).joined(separator: ","), "UpdateHostKeys=no",
            "VerifyHostKeyDNS=no", "CheckHostIP=no", "CanonicalizeHostname=no", "IdentitiesOnly=yes", "IdentityAgent=none",
            "ForwardAgent=no", "ForwardX11=no", "ControlMaster=no", "ControlPath=none", "PermitLocalCommand=no", "RequestTTY=no",
            "GSSAPIAuthentication=no", "HostbasedAuthentication=no", "PubkeyAuthentication=\(credentials.key == nil ? "no" : "yes")",
            "PreferredAuthentications=\(methods.isEmpty ? "none" : methods.joined(separator: ","))", "NumberOfPasswordPrompts=1",
            "ConnectTimeout=\(seconds)", "ServerAliveInterval=\(max(1, seconds / 3))", "ServerAliveCountMax=3", "TCPKeepAlive=yes",
            // tells that the login was accepted
            "LogLevel=VERBOSE",
        ]
        // a server too old for SHA-2 gets the signature by SHA-1 that libssh2 would have made; others never do
        let old = credentials.key.map { UserKey($0.bytes).kind == .rsa } == true ? ["PubkeyAcceptedAlgorithms=+ssh-rsa"] : []
        let identity =
            credentials.key.map { ["-i", $0.path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")] } ?? []
        return [OpenSSHConnection.ssh, "-F", "none", "-p", String(request.port), "-l", request.user] + identity
            + (options + old).flatMap { ["-o", $0] } + ["-s", "--", request.host, "sftp"]
    }

    private func environment(_ credentials: Credentials) -> [String] {
        var all = OpenSSHConnection.plainEnvironment
        guard let askpass else { return all }
        all += ["SSH_ASKPASS=\(askpass)", "SSH_ASKPASS_REQUIRE=force"]
        if let password = credentials.password { all.append("\(Askpass.passwordFile)=\(password.path)") }
        if let passphrase = credentials.passphrase { all.append("\(Askpass.passphraseFile)=\(passphrase.path)") }
        return all
    }

    private static let plainEnvironment = ["PATH=/usr/bin:/bin", "LC_ALL=C"]

    /// Names go into ssh's arguments, where a first `-` or a blank could mean something else.
    private func checkNames() throws(Failure) {
        let isPlain = { (text: String) in text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f } && !text.isEmpty && !text.hasPrefix("-") }
        guard isPlain(request.host), !request.host.contains(where: { "\"'`\\$;|&<>(){}".contains($0) }) else {
            throw Failure(.network, "\(place): no such host: the name holds characters that no host's name has")
        }
        guard isPlain(request.user) else { throw Failure(.auth, "\(place): the user's name holds a blank, or begins with -") }
    }

    func close() {
        scan?.end()
        process?.end()
    }
}
