// What the daemon and its SFTP child say to one another: frames of a 32-bit length and that many bytes, the first of which
// says what the frame is. Both ends are the same program, so there are no versions.
//
//   daemon                          child
//   connect            ──────>
//                      <──────      hostKeys        the server's key, before anything secret is given away
//   authenticate       ──────>                      only if the key is one that was pinned or is in known_hosts
//                      <──────      ready
//   list               ──────>
//                      <──────      entries …, listed
//   fetch [files]      ──────>
//                      <──────      data …, fetched | missed      for each file, in any order
//   acknowledge [files]──────>                      only after the commit
//                      <──────      acknowledged    for each file
//   quit               ──────>
//
// At any time the child may say `failed` and end. It ends, too, when its standard input does.

/// How the child reaches the server.
public enum Transport: UInt8, Sendable, CaseIterable {
    /// libssh2, in the child.
    case libssh2 = 1
    /// Debian's `ssh -s sftp`, which the child starts: for servers whose algorithms libssh2 does not have.
    case openssh = 2
}

/// A host key as SSH sends it (RFC 4253, section 6.6).
public struct HostKey: Hashable, Sendable {
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, …: what the blob itself begins with.
    public var type: String
    public var blob: [UInt8]
    public init(type: String, blob: [UInt8]) {
        self.type = type
        self.blob = blob
    }
}

public struct ConnectRequest: Hashable, Sendable {
    public var transport: Transport
    public var host: String
    public var port: UInt16
    public var user: String
    /// Key types to ask for, best first (`ssh-ed25519`, …); empty: the library's own order. The server proves itself with the
    /// first of them that it has, so they are the types of the keys that are known.
    public var hostKeyTypes: [String]
    /// Milliseconds that any one answer of the server may take.
    public var timeout: UInt32
    public init(transport: Transport, host: String, port: UInt16, user: String, hostKeyTypes: [String], timeout: UInt32) {
        self.transport = transport
        self.host = host
        self.port = port
        self.user = user
        self.hostKeyTypes = hostKeyTypes
        self.timeout = timeout
    }
}

/// A secret: its bytes for libssh2, and for OpenSSH, which only reads files, where they lie.
public struct Secret: Hashable, Sendable {
    public var path: String
    /// Without the line end that editors leave.
    public var bytes: [UInt8]
    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

public struct Credentials: Hashable, Sendable {
    /// The one key that was found to be right: the OpenSSH transport accepts no other.
    public var hostKey: HostKey
    /// A private key, OpenSSH or PEM.
    public var key: Secret?
    public var passphrase: Secret?
    /// With a key: given after it, where the server wants both.
    public var password: Secret?
    public init(hostKey: HostKey, key: Secret?, passphrase: Secret?, password: Secret?) {
        self.hostKey = hostKey
        self.key = key
        self.passphrase = passphrase
        self.password = password
    }
}

public struct ListRequest: Hashable, Sendable {
    public var path: [UInt8]
    public var isRecursive: Bool
    /// Entries after which the listing is given up as endless.
    public var limit: UInt32
    /// A folder that is named but not read: from `/` on, or, if it is relative, wherever below `path` it lies; nil: all are read.
    public var leftOut: [UInt8]?
    /// Bytes of names, each with its folder's, after which it is given up, too: 500,000 names of 67 bytes.
    public static let mostBytes = 32 << 20
    public init(path: [UInt8], isRecursive: Bool, limit: UInt32, leftOut: [UInt8]? = nil) {
        self.path = path
        self.isRecursive = isRecursive
        self.limit = limit
        self.leftOut = leftOut
    }
}

/// One name in a listing.
public struct RemoteEntry: Hashable, Sendable {
    public enum Shape: UInt8, Sendable {
        case file = 1
        case folder, symlink, other, unknown
    }
    /// The folder's path as it was asked for, a slash, and the name: bytes as the server gave them. A name that is no
    /// name (it has a slash or a NUL in it, or is empty) comes with shape `unknown`; `.` and `..` do not come.
    public var folder: [UInt8]
    public var name: [UInt8]
    public var shape: Shape
    /// In bytes; nil if the server does not say.
    public var size: UInt64?
    /// Seconds since 1970 by the server's clock; nil if it does not say.
    public var modified: UInt32?
    public init(folder: [UInt8], name: [UInt8], shape: Shape, size: UInt64?, modified: UInt32?) {
        self.folder = folder
        self.name = name
        self.shape = shape
        self.size = size
        self.modified = modified
    }
}

/// A file as the listing showed it; `id` is the daemon's, to tell answers apart.
public struct FileRequest: Hashable, Sendable {
    public var id: UInt32
    public var path: [UInt8]
    public var size: UInt64
    public var modified: UInt32
    public init(id: UInt32, path: [UInt8], size: UInt64, modified: UInt32) {
        self.id = id
        self.path = path
        self.size = size
        self.modified = modified
    }
}

/// What to do with a file that is committed.
public struct AcknowledgeRequest: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        case delete
        /// Paths to try, the first that is free is taken. One that holds a file of this size and time already, while the file
        /// itself is gone, is where an earlier attempt put it.
        case move([[UInt8]])
    }
    public var file: FileRequest
    public var action: Action
    public init(file: FileRequest, action: Action) {
        self.file = file
        self.action = action
    }
}

public enum Request: Hashable, Sendable {
    case connect(ConnectRequest)
    case authenticate(Credentials)
    case list(ListRequest)
    case fetch([FileRequest])
    case acknowledge([AcknowledgeRequest])
    case quit
}

/// Why a session ended or a folder could not be listed.
public struct Failure: Error, Hashable, Sendable {
    /// The words of `source.failing`, and `negotiation`: no algorithm in common, so that another transport may fare better.
    public enum Class: UInt8, Sendable, CaseIterable {
        case auth = 1
        case permission, network, hostKey, remote, missing, negotiation
    }
    public var `class`: Class
    /// What is wrong; what to do. One line, for people.
    public var text: String
    public init(_ class: Class, _ text: String) {
        self.class = `class`
        self.text = text
    }
}

/// Why one file was not fetched.
public enum Miss: Hashable, Sendable {
    case gone
    /// Its size or time is no longer what the listing showed, or the bytes were more or fewer.
    case changed
    /// This file alone: what is wrong.
    case refused(String)
}

public enum AcknowledgeOutcome: Hashable, Sendable {
    /// Removed, or moved to this path.
    case done([UInt8])
    /// It was there no more, and at none of the places it may have been moved to either.
    case gone
    /// Another file, or more of the same one, has its name: nothing was touched.
    case replaced
    /// Nothing was touched: why.
    case refused(Failure)
}

public enum Reply: Hashable, Sendable {
    /// The server's key (one), or with OpenSSH all that it has; and what library speaks to it.
    case hostKeys([HostKey])
    /// Logged in. The server's own words about itself.
    case ready(server: String)
    case entries([RemoteEntry])
    case listed
    /// The listing is not whole, and must not be taken for a short one; the session goes on.
    case unlisted(Failure)
    /// Bytes of a file, in order.
    case data(id: UInt32, bytes: [UInt8])
    /// All of it was sent, and its size and time on the server are what the listing showed.
    case fetched(id: UInt32)
    case missed(id: UInt32, Miss)
    case acknowledged(id: UInt32, AcknowledgeOutcome)
    /// The session is over.
    case failed(Failure)
}
