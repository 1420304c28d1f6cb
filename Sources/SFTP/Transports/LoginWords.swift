/// What both transports say about a login that did not work.
enum LoginWords {
    static func closedAfterLogin(_ place: String) -> Failure {
        Failure(
            .remote,
            "\(place) accepted the login and then closed the connection: usually the user's folder (chroot) on the server is missing or does "
                + "not belong to root; ask the server's owner to look into the server's log")
    }

    static func refused(_ place: String, user: String, configured: [String], tried: [String], accepted: [String]) -> Failure {
        let name = ServerText.plain(user.utf8)
        let wants = accepted.isEmpty ? "" : "; the server accepts " + ServerText.plain(accepted.joined(separator: ", ").utf8)
        let what =
            configured.isEmpty
            ? "neither key nor password is configured"
            : tried.isEmpty ? "configured: \(configured.joined(separator: " and "))" : "tried: \(tried.joined(separator: ", then "))"
        return Failure(.auth, "\(place) refused the login of \(name) (\(what)\(wants)): check user and credentials with the server's owner")
    }
}
