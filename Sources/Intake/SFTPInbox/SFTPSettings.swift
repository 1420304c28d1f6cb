/// One SFTP inbox as configured: where it is, how it is known to be the right server, what is taken from it.
public struct SFTPSettings: Hashable, Sendable {
    /// How the server is known. There is no way to do without.
    public enum Trust: Hashable, Sendable {
        /// Absolute path of a file in OpenSSH's format; hashed names are understood.
        case knownHosts(String)
        /// SHA-256 of the key blob, 32 bytes: what `SHA256:…` stands for.
        case fingerprint([UInt8])
    }
    public enum After: Hashable, Sendable {
        /// Nothing on the server is ever touched.
        case leave
        case delete
        /// Into this folder on the server; relative ones are relative to the file's own folder.
        case move(String)
    }
    public enum TransportChoice: String, Hashable, Sendable, CaseIterable {
        /// libssh2, and OpenSSH where the two have no algorithm in common.
        case automatic = "auto"
        case libssh2, openssh
    }

    public var id: String
    public var host: String
    public var port: UInt16
    public var user: String
    /// Absolute paths of the files that hold the secrets.
    public var key: String?
    public var passphrase: String?
    public var password: String?
    public var trust: Trust
    public var transport: TransportChoice
    /// Folders on the server.
    public var paths: [String]
    /// Also the folders below them.
    public var isRecursive: Bool
    /// Shell patterns on the file's name (`*`, `?`, `[…]`), any of which must match; empty: every file.
    public var patterns: [String]
    /// A file is taken only if another one of its name and this suffix lies beside it; nil: no such file is asked for.
    public var doneSuffix: String?
    /// Between the two looks that must agree on size and time before a file is taken.
    public var settle: Duration
    public var after: After
    /// What any one answer may take; within this time at least `leastProgress` bytes of a file must come, too.
    public var timeout: Duration
    /// What one poll may take as a whole.
    public var deadline: Duration
    /// In bytes: a larger file is not taken.
    public var largest: Int64

    /// Bytes of files that must come within each `timeout`, so that a server that gives one byte a second does not hold a poll.
    public static let leastProgress: Int64 = 4096
    /// Names after which a listing is given up as endless.
    public static let mostEntries: UInt32 = 500_000

    public init(
        id: String, host: String, port: UInt16 = 22, user: String, key: String? = nil, passphrase: String? = nil, password: String? = nil,
        trust: Trust, transport: TransportChoice = .automatic, paths: [String], isRecursive: Bool = false, patterns: [String] = [],
        doneSuffix: String? = nil, settle: Duration = .seconds(10), after: After = .leave, timeout: Duration = .seconds(30),
        deadline: Duration = .seconds(3600), largest: Int64 = Int64(Int32.max)
    ) {
        self.id = id
        self.host = host
        self.port = port
        self.user = user
        self.key = key
        self.passphrase = passphrase
        self.password = password
        self.trust = trust
        self.transport = transport
        self.paths = paths
        self.isRecursive = isRecursive
        self.patterns = patterns
        self.doneSuffix = doneSuffix
        self.settle = settle
        self.after = after
        self.timeout = timeout
        self.deadline = deadline
        self.largest = largest
    }
}
