/// A file on a server as a listing showed it: the same path with another size or time is another file.
public struct RemoteFile: Hashable, Sendable {
    /// As bytes: servers are not bound to any character set.
    public var path: [UInt8]
    /// In bytes.
    public var size: Int64
    /// Last modification in seconds since 1970, by the server's clock, to be compared with that clock's only.
    public var modified: Int64
    public init(path: [UInt8], size: Int64, modified: Int64) {
        self.path = path
        self.size = size
        self.modified = modified
    }
}

/// One that was fetched into the archive.
public struct FetchedRemoteFile: Hashable, Sendable {
    public var file: RemoteFile
    /// For people: the last part of the path, as text that can be shown.
    public var name: String
    /// 64 hex digits.
    public var sha256: String
    public init(file: RemoteFile, name: String, sha256: String) {
        self.file = file
        self.name = name
        self.sha256 = sha256
    }
}

/// What the ledger remembers of one source's files on its server. Each call is one commit or one read.
public protocol RemoteRecords: Sendable {
    /// For each file, in order, whether this very path, size and time was fetched and committed before.
    func areKnown(_ files: [RemoteFile]) throws -> [Bool]
    /// Records files as arrivals, all in one commit. When it has returned, the server may be told.
    /// - Parameter isFinal: nothing more will be done on the server: the files are left there.
    func receive(_ files: [FetchedRemoteFile], isFinal: Bool) throws
    /// Files that were recorded, and of which nobody knows whether the server was told: a crash may have come in between.
    func unacknowledged() throws -> [RemoteFile]
    /// Notes that the server was told of these (moved, deleted, or gone by themselves).
    func acknowledge(_ files: [RemoteFile]) throws
}

extension RemoteRecords {
    public func unacknowledged() throws -> [RemoteFile] { [] }
}
