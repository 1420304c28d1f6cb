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
    /// Seconds between the starts of two polls.
    public var every: Int
    /// Seconds after which silence is a finding; nil: never.
    public var expectEvery: Int?
    public var kind: Kind

    public init(id: String, account: String? = nil, every: Int, expectEvery: Int? = nil, kind: Kind) {
        self.id = id
        self.account = account
        self.every = every
        self.expectEvery = expectEvery
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
    public enum After: Hashable, Sendable {
        case leave
        case delete
        /// To a folder on the server.
        case move(String)
    }
    public var host: String
    public var port: Int
    public var user: String
    public var key: SecretReference
    /// Absolute path of an OpenSSH known_hosts file.
    public var knownHosts: String
    /// Folders on the server.
    public var paths: [String]
    public var after: After
    public init(
        host: String, port: Int = 22, user: String, key: SecretReference, knownHosts: String, paths: [String],
        after: After = .leave
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.key = key
        self.knownHosts = knownHosts
        self.paths = paths
        self.after = after
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
