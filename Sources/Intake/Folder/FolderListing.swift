/// A regular file in a source's folder as a look saw it.
public struct FolderFile: Hashable, Sendable {
    /// Valid UTF-8 without control characters; one path component.
    public let name: String
    /// In bytes.
    public var size: Int64 { status.size }
    /// Last modification by the clock of whoever wrote it.
    public var mtime: FileTime { status.modified }
    public var identity: FileIdentity { status.identity }
    let status: FileStatus

    /// Whether it is that file still, and nobody has written to it since.
    func isUnchanged(_ now: FileStatus) -> Bool {
        now.shape == .file && now.identity == identity && now.size == size && now.modified == mtime
    }
}

/// A file that may still be written.
public struct UnsettledFile: Hashable, Sendable {
    public var file: FolderFile
    /// The first look that found this name unsettled: `source.unsettled` is due an hour later.
    public var since: FileTime
    /// When it will be settled if nobody writes to it any more.
    public var next: FileTime
    /// Modified later than the clock says it is now.
    public var isFromFuture: Bool
}

/// Something in a source's folder that is not taken.
public struct Oddity: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        case symlink = "symbolic link"
        case fifo = "FIFO"
        case socket
        case device
        case folder
        /// Not UTF-8, control characters, or longer than 255 bytes.
        case name = "odd name"
        /// A regular file that this process may not read.
        case unreadable = "unreadable file"
        /// Above `FolderInbox.largest`.
        case tooLarge = "too large"
    }
    public var kind: Kind
    /// Odd bytes stand as `\xNN`.
    public var name: String

    /// One line: what it is and what to do.
    public var description: String {
        let advice =
            switch kind {
            case .symlink: "put the file itself here"
            case .fifo, .socket, .device: "only regular files are taken; remove it"
            case .folder: "only files directly in the folder are taken; move them up"
            case .name: "rename it with letters, digits and signs in UTF-8"
            case .unreadable: "give the service's user the right to read it"
            case .tooLarge: "files of 2 GiB and more are not taken; ask the sender to split it"
            }
        return "\(name): \(kind.rawValue), left where it is; \(advice)"
    }
}

/// One complete look at a source's folder.
public struct FolderListing: Sendable {
    /// To be taken: oldest modification first, then by the bytes of the name.
    public var settled: [FolderFile] = []
    /// Not yet to be taken, in the same order.
    public var unsettled: [UnsettledFile] = []
    /// The soonest time at which another look is of use to an unsettled file; nil if there is none.
    public var nextLook: FileTime? { unsettled.map(\.next).min() }
    /// All that is there now, by name.
    public var oddities: [Oddity] = []
    /// Those among them that this inbox has not reported before.
    public var newOddities: [Oddity] = []
}

/// An original that came out of a folder.
public struct Received: Hashable, Sendable {
    public var sha256: SHA256Digest
    /// In bytes.
    public var size: Int64
    /// Last modification by the clock of whoever wrote it.
    public var mtime: FileTime
    public var name: String
    /// False if the archive had these bytes.
    public var isNew: Bool
}

/// Why a settled file was not received.
public enum ReceiveFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Somebody took it away: nothing to do.
    case gone
    /// It was written to or replaced, or it ended early: the next look decides.
    case changed
    /// This file alone; others can be received.
    case unreadable(FileFailure)
    /// The whole folder is not what it was.
    case source(SourceFailure)
    /// The archive cannot take it: the disk is full, most likely. No other file will fare better.
    case archive(FileFailure)

    public var description: String {
        switch self {
        case .gone: "it is gone"
        case .changed: "it changed while it was read"
        case .unreadable(let failure), .archive(let failure): failure.description
        case .source(let failure): failure.description
        }
    }
}

/// What became of a file that was to be moved out of the folder.
public enum MoveOutcome: Hashable, Sendable {
    /// To this name in `accepted/` or `rejected/`.
    case moved(to: String)
    /// There is no file of that name (any more): it was moved before a crash, or somebody took it.
    case gone
    /// Another file, or more of the same one, has taken the name; it stays for the next look.
    case replaced
}
