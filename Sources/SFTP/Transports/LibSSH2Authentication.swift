internal import CLibSSH2

extension LibSSH2Connection {
    /// Key first, then the password where the server wants both or takes either.
    func authenticate(_ session: OpaquePointer, _ credentials: Credentials) throws(Failure) {
        let offered = try methods(session)
        if isAuthenticated(session) { return }
        var tried: [String] = []
        var refusedRSA = false
        if let key = credentials.key, offered.isEmpty || offered.contains("publickey") {
            tried.append("key")
            let outcome = try offer(key, credentials.passphrase, session)
            if isAuthenticated(session) { return }
            // a partial success looks like a refusal: the next step tells them apart
            refusedRSA = outcome != 0 && UserKey(key.bytes).kind == .rsa && !SSHLibrary.hasRSAWithSHA2
        }
        // a server that wants both says so only after the key
        if let password = credentials.password, offered.isEmpty || offered.contains("password") || !tried.isEmpty {
            tried.append("password")
            try give(password, session)
            if isAuthenticated(session) { return }
        }
        let accepted = try methods(session)
        if isAuthenticated(session) { return }
        if refusedRSA && (credentials.password == nil || accepted.contains("publickey")) {
            throw Failure(
                .negotiation,
                "\(place) refused the RSA key: libssh2 \(SSHLibrary.version) signs with SHA-1 only, which most servers take no more; "
                    + "use an ed25519 or ecdsa key, or `transport: openssh`, or libssh2 1.11 (Debian 13)")
        }
        if credentials.password != nil && !accepted.contains("password") && accepted.contains("keyboard-interactive") {
            throw Failure(
                .negotiation,
                "\(place) takes the password only as an answer to a question (keyboard-interactive): use `transport: openssh`")
        }
        if credentials.password == nil && tried == ["key"] && !accepted.contains("publickey") && accepted.contains("password") {
            throw LoginWords.wantsPassword(place)
        }
        let configured = (credentials.key == nil ? [] : ["key"]) + (credentials.password == nil ? [] : ["password"])
        throw LoginWords.refused(place, user: request.user, configured: configured, tried: tried, accepted: accepted)
    }

    private func isAuthenticated(_ session: OpaquePointer) -> Bool { libssh2_userauth_authenticated(session) == 1 }

    /// The methods with which the server would go on from here. To ask is itself an attempt to log in, with nothing.
    private func methods(_ session: OpaquePointer) throws(Failure) -> [String] {
        var list = ""
        let (user, count) = (request.user, UInt32(request.user.utf8.count))
        let outcome = try step("did not say how to log in") {
            guard let names = libssh2_userauth_list(session, user, count) else {
                return isAuthenticated(session) ? 0 : libssh2_session_last_errno(session)
            }
            list = String(cString: names)
            return 0
        }
        // a server that answers neither yes nor no to nothing may still take a key
        if outcome != 0 && outcome != LIBSSH2_ERROR_AUTHENTICATION_FAILED { throw loginFailure(outcome) }
        return list.split(separator: ",").map(String.init)
    }

    /// - Returns: 0, or that the server refused it or wants more.
    private func offer(_ key: Secret, _ passphrase: Secret?, _ session: OpaquePointer) throws(Failure) -> Int32 {
        let seen = UserKey(key.bytes)
        let path = Plain.text(key.path.utf8)
        if let problem = seen.problem(passphrase: passphrase?.bytes) { throw Failure(.auth, "\(path): \(problem)") }
        let (user, words) = (request.user, (passphrase?.bytes ?? []) + [0])
        // libssh2 1.10 measures an OpenSSH key as text, whatever length it is told: it must not run past the end
        let ended = key.bytes + [0]
        let outcome = try step("did not answer the key") {
            ended.withUnsafeBytes { bytes in
                words.withUnsafeBytes { phrase in
                    // never a null passphrase: the library measures it without a look
                    libssh2_userauth_publickey_frommemory(
                        session, user, user.utf8.count, nil, 0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), key.bytes.count,
                        phrase.baseAddress?.assumingMemoryBound(to: CChar.self))
                }
            }
        }
        switch outcome {
        case 0, LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED: return outcome
        case LIBSSH2_ERROR_FILE, LIBSSH2_ERROR_KEYFILE_AUTH_FAILED, LIBSSH2_ERROR_METHOD_NONE, LIBSSH2_ERROR_METHOD_NOT_SUPPORTED,
            LIBSSH2_ERROR_PROTO, LIBSSH2_ERROR_ALLOC, LIBSSH2_ERROR_INVAL, LIBSSH2_ERROR_DECRYPT:
            throw seen.isEncrypted
                ? Failure(.auth, "\(path): the passphrase is wrong, or the key is damaged: check `passphrase`")
                : Failure(
                    .negotiation,
                    "\(path): libssh2 \(SSHLibrary.version) cannot read this private key: try `transport: openssh`, "
                        + "or make a new one (ssh-keygen -t ed25519)")
        default: throw loginFailure(outcome)
        }
    }

    private func give(_ password: Secret, _ session: OpaquePointer) throws(Failure) {
        let user = request.user
        let outcome = try step("did not answer the password") {
            password.bytes.withUnsafeBytes { bytes in
                libssh2_userauth_password_ex(
                    session, user, UInt32(user.utf8.count),
                    bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count), nil)
            }
        }
        switch outcome {
        case 0, LIBSSH2_ERROR_AUTHENTICATION_FAILED: return
        case LIBSSH2_ERROR_PASSWORD_EXPIRED:
            throw Failure(.auth, "\(place): the password has expired: ask the server's owner for a new one")
        default: throw loginFailure(outcome)
        }
    }

    private func loginFailure(_ code: Int32) -> Failure {
        switch code {
        case LIBSSH2_ERROR_SOCKET_DISCONNECT:
            Failure(
                .network,
                "\(place) closed the connection during the login: if that lasts, ask its owner whether it refuses this address or user")
        default: failure(code, "during the login")
        }
    }
}
