/// The kinds of source that are polled, as the configuration names them. A new one is a folder beside this file and a
/// line here; a kind that the configuration knows and this list does not is told by `remitd check`.
public enum Sources {
    public static let kinds: [String] = [
        "folder", "sftp",
    ]
}
