public import Intake

/// One place where files come from.
public struct SourceConfiguration: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case folder(FolderSource)
        case sftp(SFTPSource)
        case spapi(SellingPartnerSource)
        case http(HTTPSource)

        /// The word of the key `kind`.
        public var name: String {
            switch self {
            case .folder: "folder"
            case .sftp: "sftp"
            case .spapi: "spapi"
            case .http: "http"
            }
        }
    }

    /// Letters, digits, `.`, `_`, `-`: it can never equal ``inboxID``.
    public var id: String
    /// Where its documents go; nil: the documents' own ids decide.
    public var account: String?
    /// Seconds between two looks at a folder; from the end of one poll of a server to the start of the next.
    public var every: Int
    /// Seconds after which silence is a finding; nil: never.
    public var expectEvery: Int?
    /// Interchanges that are marked as tests are booked like others: its sender marks them wrongly.
    public var booksTests: Bool
    public var kind: Kind

    public init(
        id: String, account: String? = nil, every: Int, expectEvery: Int? = nil, booksTests: Bool = false, kind: Kind
    ) {
        self.id = id
        self.account = account
        self.every = every
        self.expectEvery = expectEvery
        self.booksTests = booksTests
        self.kind = kind
    }

    /// The id of the folder `state/inbox`, which always exists and is configured nowhere.
    public static let inboxID = "state/inbox"

    /// The default of `every` by kind, in seconds.
    public static let folderEvery = 5
    public static let sftpEvery = 300
    public static let spapiEvery = 1800
    public static let httpEvery = 6 * 3600
}

public struct FolderSource: Hashable, Sendable {
    /// Absolute.
    public var path: String
    /// Seconds since the last modification after which a file counts as complete. Default 10.
    public var settle: Int
    public init(path: String, settle: Int = 10) {
        self.path = path
        self.settle = settle
    }
}

public struct SFTPSource: Hashable, Sendable {
    public var host: String
    public var port: Int
    public var user: String
    /// Never nil together with `password`; a server may ask for both.
    public var key: SecretReference?
    /// Of the key file.
    public var passphrase: SecretReference?
    public var password: SecretReference?
    /// Absolute path of an OpenSSH known_hosts file, or a pinned key.
    public var trust: SFTPSettings.Trust
    public var transport: SFTPSettings.TransportChoice
    /// Folders on the server.
    public var paths: [String]
    public var isRecursive: Bool
    /// Patterns of file names; empty: every file.
    public var take: [String]
    public var doneSuffix: String?
    /// Seconds between the two looks that must agree. Default 10.
    public var settle: Int
    public var after: SFTPSettings.After
    /// Seconds that any one answer may take. Default 30.
    public var timeout: Int
    /// Seconds that a whole poll may take. Default 3600.
    public var deadline: Int
    public init(
        host: String, port: Int = 22, user: String, key: SecretReference? = nil, passphrase: SecretReference? = nil,
        password: SecretReference? = nil, trust: SFTPSettings.Trust, transport: SFTPSettings.TransportChoice = .automatic,
        paths: [String], isRecursive: Bool = false, take: [String] = [], doneSuffix: String? = nil, settle: Int = 10,
        after: SFTPSettings.After = .leave, timeout: Int = 30, deadline: Int = 3600
    ) {
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
        self.take = take
        self.doneSuffix = doneSuffix
        self.settle = settle
        self.after = after
        self.timeout = timeout
        self.deadline = deadline
    }

    /// Every secret it names, with its key.
    public var secrets: [(key: String, secret: SecretReference)] {
        [("key", key), ("passphrase", passphrase), ("password", password)].compactMap { name, secret in secret.map { (name, $0) } }
    }

    /// As the inbox wants it.
    /// - Parameter credentials: `$CREDENTIALS_DIRECTORY`. Whether the secrets can be read is not looked at.
    public func settings(id: String, credentials: String?) -> SFTPSettings {
        SFTPSettings(
            id: id, host: host, port: UInt16(clamping: port), user: user, key: key?.path(credentials: credentials),
            passphrase: passphrase?.path(credentials: credentials), password: password?.path(credentials: credentials), trust: trust,
            transport: transport, paths: paths, isRecursive: isRecursive, patterns: take, doneSuffix: doneSuffix,
            settle: .seconds(settle), after: after, timeout: .seconds(timeout), deadline: .seconds(deadline))
    }
}

public struct SellingPartnerSource: Hashable, Sendable {
    public enum Region: String, Sendable, CaseIterable { case na, eu, fe }
    public var region: Region
    public var clientID: SecretReference
    public var clientSecret: SecretReference
    public var refreshToken: SecretReference
    public var backfillMonths: Int
    /// Overrides the region's host; `https://…`, or `http://` on this machine.
    public var endpoint: String?
    /// Overrides the host that gives tokens.
    public var lwaEndpoint: String?
    public init(
        region: Region, clientID: SecretReference, clientSecret: SecretReference, refreshToken: SecretReference,
        backfillMonths: Int = 12, endpoint: String? = nil, lwaEndpoint: String? = nil
    ) {
        self.region = region
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.refreshToken = refreshToken
        self.backfillMonths = backfillMonths
        self.endpoint = endpoint
        self.lwaEndpoint = lwaEndpoint
    }
}

public struct HTTPSource: Hashable, Sendable {
    public var url: String
    public init(url: String) { self.url = url }
}
