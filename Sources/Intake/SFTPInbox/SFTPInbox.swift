public import Trade

/// How one poll of an SFTP inbox ended.
public struct RemotePoll: Sendable {
    /// Why it is not a success; files that were taken before it are taken all the same.
    public var failure: SourceFailure?
    /// Whose fault that is: true if the archive or the ledger would not take what the server gave.
    public var isHeldUpByUs = false
    /// Files that were committed in this poll.
    public var taken = 0
    /// Files on the server that were looked at, known ones and unknown ones.
    public var listed = 0
    /// Not yet settled, empty, or waiting for their done-file: name and the first look at them.
    public var unsettled: [(name: String, since: FileTime)] = []
    /// The soonest time at which a second look at some file is of use; nil if none waits for one.
    public var nextLook: FileTime?
    /// One line each, said once in a life: names and things that are not taken, files that could not be fetched.
    public var notices: [String] = []
    public init() {}
}

/// One SFTP inbox. It remembers, as long as it lives, what it saw; what it took is remembered by the ledger. It runs no
/// loop: the caller polls when it is due, on a thread that may block for as long as `SFTPSettings.deadline`.
public final class SFTPInbox: Sendable {
    public let settings: SFTPSettings
    /// The program that is started as the child, with `_sftp` as its only argument.
    let program: String

    /// - Parameter program: remitd itself.
    public init(_ settings: SFTPSettings, program: String = "/proc/self/exe") {
        self.settings = settings
        self.program = program
    }

    /// Connects, lists, fetches what is settled and unknown, commits it, and only then tells the server.
    /// - Parameters:
    ///   - now: the machine's own clock, for the spacing of looks.
    ///   - isStopping: asked often; once it is true the poll ends at the next safe point, within a second.
    public func poll(
        now: FileTime, archive: Archive, records: some RemoteRecords, isStopping: @escaping @Sendable () -> Bool
    ) -> RemotePoll {
        RemotePoll()
    }

    /// The steps of `remitd check`, in order: network, host key, authentication, authorisation and listing of each path. Stops
    /// at the first that fails. Takes nothing and touches nothing.
    /// - Parameter step: is given one line as each step has been passed.
    public func check(_ step: (String) -> Void) throws(SourceFailure) {}

    /// The server's present host keys, for `remitd trust-host`; nobody is authenticated.
    public func hostKeys() throws(SourceFailure) -> [PresentedHostKey] { [] }
}

/// A host key that a server showed.
public struct PresentedHostKey: Hashable, Sendable {
    /// `ssh-ed25519`, …
    public var type: String
    /// `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it.
    public var fingerprint: String
    /// The line for a known_hosts file, without a line end.
    public var knownHostsLine: String
    /// Whether the configured trust accepts it.
    public var isTrusted: Bool
}
