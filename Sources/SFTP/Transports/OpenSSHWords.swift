/// What ssh says on standard error, sorted into the classes of failure. Its words have been the same for many years; what is not
/// recognised is passed on.
enum OpenSSHWords {
    private static let accepted = "Authenticated to "

    /// ssh says so at LogLevel VERBOSE. A server's banner could say it too, and would gain nothing: the SFTP that follows would fail.
    static func isLoggedIn(_ said: [UInt8]) -> Bool { lines(said).contains { $0.hasPrefix(accepted) } }

    /// - Parameters:
    ///   - said: all of standard error.
    ///   - hasReceived: whether SFTP has said anything by then.
    ///   - hasPassword: whether one is configured.
    /// - Returns: why ssh ended; nil: the server has ended the subsystem in good order.
    static func end(_ said: [UInt8], place: String, hasReceived: Bool, hasPassword: Bool = false) -> Failure? {
        let lines = lines(said)
        for line in lines.reversed() {
            if let failure = failure(
                line, place: place, isLoggedIn: isLoggedIn(said), hasReceived: hasReceived,
                wantsPassword: !hasPassword && lines.contains { $0.contains("with partial success") })
            {
                // with a key that could not be read, `Permission denied` is only what followed
                if failure.class == .auth, let key = lines.lazy.compactMap({ keyFailure($0) }).first { return key }
                return failure
            }
        }
        if isLoggedIn(said) { return hasReceived ? nil : LoginWords.endedAtOnce(place) }
        return Failure(.remote, "\(place): ssh ended before the login: \(lastLine(said))")
    }

    private static func failure(
        _ line: String, place: String, isLoggedIn: Bool, hasReceived: Bool, wantsPassword: Bool
    ) -> Failure? {
        let has = { (words: String) in line.contains(words) }
        if !isLoggedIn, has("Permission denied (") {
            let accepted = line.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }.split(separator: ",").joined(separator: ", ")
            if wantsPassword && accepted == "password" { return LoginWords.wantsPassword(place) }
            return Failure(
                .auth,
                "\(place) refused the login; the server accepts \(Plain.text(accepted.utf8)): check user, key and password "
                    + "with the server's owner")
        }
        if has("Too many authentication failures") { return Failure(.auth, "\(place) refused the login: too many attempts") }
        if has("Host key verification failed") || has("REMOTE HOST IDENTIFICATION HAS CHANGED") {
            return Failure(.hostKey, "\(place) uses another host key than the one that was checked: no password or key was sent to it")
        }
        if has("Unable to negotiate with") {
            return Failure(.negotiation, "\(place): ssh has no algorithm in common with the server: \(plain(line))")
        }
        if has("subsystem request failed") {
            return Failure(.remote, "\(place) accepted the login but offers no SFTP to this user: ask the server's owner to allow it")
        }
        if isLoggedIn, !hasReceived, has("closed by remote host") || has("Connection reset by") || has("Broken pipe") {
            return LoginWords.closedAfterLogin(place)
        }
        let network = [
            "Could not resolve hostname", "Connection refused", "Connection timed out", "No route to host", "Network is unreachable",
            "not responding", "Connection closed by", "Connection reset", "closed by remote host", "Broken pipe",
            "kex_exchange_identification",
            "Connection to ",
        ]
        if network.contains(where: has) { return Failure(.network, "the connection to \(place) was lost: \(plain(line))") }
        return nil
    }

    private static func keyFailure(_ line: String) -> Failure? {
        let has = { (words: String) in line.contains(words) }
        if has("incorrect passphrase") || (has("Load key") && has("error in libcrypto")) {
            return Failure(.auth, "the passphrase of the key is wrong, or the key is damaged: check `passphrase` (\(plain(line)))")
        }
        if has("bad permissions") || has("are too open") {
            return Failure(.auth, "ssh takes no key file that others may read: chmod 600 (\(plain(line)))")
        }
        if has("Load key") || has("no such identity") { return Failure(.auth, "ssh cannot read the key (\(plain(line)))") }
        if has("ssh_askpass") { return Failure(.auth, "ssh could not ask for the password or passphrase (\(plain(line)))") }
        return nil
    }

    /// The last thing said, for a message.
    static func lastLine(_ said: [UInt8]) -> String { lines(said).last.map(plain) ?? "" }

    private static func plain(_ line: String) -> String { Plain.text(line.utf8) }

    private static func lines(_ said: [UInt8]) -> [String] {
        said.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.map { String(decoding: $0, as: UTF8.self) }
    }
}
