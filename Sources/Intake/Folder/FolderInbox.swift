import Glibc

/// One folder into which people and programs drop files (contract section 2). It remembers, as long as it lives, what
/// it saw and what it reported; it never asks for the time and runs no loop: the caller scans when it is due.
///
/// A file with several hard links is taken: its bytes are copied, and a writer behind another name shows in size or time.
public struct FolderInbox: Sendable {
    public let id: String
    public let path: String
    public let settle: Duration
    /// In bytes: a larger file is not taken.
    public let largest: Int64
    /// 2 GiB less one byte: places in a file are counted in 32 bits when it is read.
    public static let largest = Int64(Int32.max)
    var noReplace = NoReplace()

    /// The folder as it was found first: what it is, and how far above it its file system is mounted.
    private struct Sight: Sendable {
        var folder: FileIdentity
        var stepsToMount: Int
    }
    private var sight: Sight?

    /// Looks at a file that was not settled.
    private struct Look: Sendable {
        var status: FileStatus
        /// The first look at this name.
        var first: FileTime
        /// The first look at this size, time and inode.
        var since: FileTime
    }
    private var looks: [[UInt8]: Look] = [:]

    private struct OddName: Hashable, Sendable {
        var kind: Oddity.Kind
        var name: [UInt8]
    }
    private var told: Set<OddName> = []
    /// Bounds what a folder flooded with odd names can cost; from there on those that are gone may be told again.
    private static let mostTold = 10_000

    /// - Parameters:
    ///   - id: the source's id in the configuration.
    ///   - settle: 0 for a folder whose files arrive by rename.
    ///   - largest: for tests, which would rather not write 2 GiB.
    public init(id: String, path: String, settle: Duration, largest: Int64 = FolderInbox.largest) {
        self.id = id
        self.path = path
        self.settle = settle
        self.largest = largest
    }

    // MARK: Looking

    /// Looks at the whole folder.
    /// - Parameter now: the machine's own clock (`FileTime.now()`), also under `--as-of`.
    /// - Throws: whenever the listing might not be all there is: a folder that is missing, not mounted or not readable is
    ///   never an empty one.
    public mutating func scan(now: FileTime) throws(SourceFailure) -> FolderListing {
        let folder = try openFolder()
        try settleSight(folder)
        let names: [[UInt8]]
        do throws(Errno) {
            guard faccessat(folder.number, ".", R_OK | W_OK | X_OK, Call.effectiveIDs) == 0 else { throw Errno.last }
            names = try Call.names(in: folder)
        } catch {
            throw failure(error, "read and write")
        }
        var listing = FolderListing()
        var settled: [(FolderFile, [UInt8])] = []
        var seen: Set<[UInt8]> = []
        var odd: [OddName] = []
        for name in names where !FolderName.isTemporary(name) && !FolderName.isOurs(name) {
            guard let text = FolderName.text(name) else {
                odd.append(OddName(kind: .name, name: name))
                continue
            }
            let status: FileStatus
            do {
                status = try Call.status(at: folder, text)
            } catch {
                if error.code == ENOENT { continue }
                throw failure(error, "look into")
            }
            if let kind = oddity(of: status, text, in: folder) {
                odd.append(OddName(kind: kind, name: name))
                continue
            }
            let file = FolderFile(name: text, status: status)
            seen.insert(name)
            if isSettled(file, name, now: now) {
                settled.append((file, name))
            } else if let look = looks[name] {
                // a nanosecond more: what is exactly as old as `settle` still waits
                let next = min(file.mtime, look.since) + settle + .nanoseconds(1)
                listing.unsettled.append(UnsettledFile(file: file, since: look.first, next: next, isFromFuture: file.mtime > now))
            }
        }
        looks = looks.filter { seen.contains($0.key) }
        settled.sort { ($0.0.mtime, $0.1) < ($1.0.mtime, $1.1) }
        listing.settled = settled.map(\.0)
        listing.unsettled.sort { ($0.file.mtime, Array($0.file.name.utf8)) < ($1.file.mtime, Array($1.file.name.utf8)) }
        tell(odd, in: &listing)
        return listing
    }

    /// The settle rule: long enough unmodified by the clock, or, for a younger file or one from the future, unchanged between
    /// two looks far enough apart.
    private mutating func isSettled(_ file: FolderFile, _ name: [UInt8], now: FileTime) -> Bool {
        let age = now - file.mtime
        if age > settle || settle == .zero && age >= .zero {
            looks[name] = nil
            return true
        }
        guard var look = looks[name] else {
            looks[name] = Look(status: file.status, first: now, since: now)
            return false
        }
        // a clock that was set back makes the earlier look worthless
        guard file.isUnchanged(look.status), now >= look.since else {
            look.status = file.status
            look.since = now
            look.first = min(look.first, now)
            looks[name] = look
            return false
        }
        return now - look.since >= settle
    }

    private func oddity(of status: FileStatus, _ name: String, in folder: borrowing Descriptor) -> Oddity.Kind? {
        switch status.shape {
        case .symlink: .symlink
        case .fifo: .fifo
        case .socket: .socket
        case .device: .device
        case .folder: .folder
        case .file where status.size > largest: .tooLarge
        case .file:
            faccessat(folder.number, name, R_OK, Call.effectiveIDs) != 0 && errno == EACCES ? .unreadable : nil
        }
    }

    private mutating func tell(_ odd: [OddName], in listing: inout FolderListing) {
        if told.count > FolderInbox.mostTold { told.formIntersection(odd) }
        for item in odd.sorted(by: { $0.name < $1.name }) {
            let oddity = Oddity(kind: item.kind, name: FolderName.shown(item.name))
            listing.oddities.append(oddity)
            if told.insert(item).inserted { listing.newOddities.append(oddity) }
        }
    }

    // MARK: The folder itself

    func openFolder() throws(SourceFailure) -> Descriptor {
        do {
            return try Call.open(path, O_RDONLY | O_DIRECTORY)
        } catch {
            throw failure(error, "open")
        }
    }

    /// Compares the folder with the one first seen. Another folder under this path is taken for the same source, unless its
    /// file system is mounted farther up than before: then something was unmounted, and what shows is the place below it.
    private mutating func settleSight(_ folder: borrowing Descriptor) throws(SourceFailure) {
        let identity: FileIdentity
        do {
            identity = try Call.status(folder).identity
        } catch {
            throw failure(error, "look at")
        }
        let steps = MountPoint.stepsUp(from: folder)
        if let sight, sight.folder.device != identity.device || sight.folder.inode != identity.inode, steps > sight.stepsToMount {
            throw SourceFailure(
                .missing, "\(path): the file system that was mounted here is gone; mount it again (nothing was taken from below it)")
        }
        if let sight, sight.folder != identity { looks = [:] }
        sight = Sight(folder: identity, stepsToMount: steps)
    }

    /// Opens the folder for a file that a scan has listed.
    /// - Throws: if it is another folder than the one last scanned.
    func reopenFolder() throws(SourceFailure) -> Descriptor {
        let folder = try openFolder()
        guard let sight else { return folder }
        do {
            if try Call.status(folder).identity == sight.folder { return folder }
        } catch {
            throw failure(error, "look at")
        }
        throw SourceFailure(.missing, "\(path): another folder than a moment ago; it is looked at again")
    }

    /// - Parameter verb: as in "cannot VERB this folder".
    func failure(_ error: Errno, _ verb: String, _ place: String? = nil) -> SourceFailure {
        let place = place.map { "\(path)/\($0)" } ?? path
        return switch error.code {
        case ENOENT: SourceFailure(.missing, "\(place): there is no such folder; create it or mount it")
        case ENOTDIR: SourceFailure(.missing, "\(place): this is not a folder; put a folder there or correct the source's path")
        case ELOOP: SourceFailure(.missing, "\(place): a symbolic link stands where a folder should be; put the folder itself there")
        case EACCES, EPERM, EROFS:
            SourceFailure(
                .permission, "\(place): cannot \(verb) it: \(error.words); give the service's user the right to read and write there")
        case ENOSPC, EDQUOT: SourceFailure(.remote, "\(place): cannot \(verb) it: \(error.words); make room there")
        default: SourceFailure(.remote, "\(place): cannot \(verb) it: \(error.words); see to its disk or server")
        }
    }
}

/// Byte-wise order of names: the same on every machine, and told apart where Unicode calls two spellings equal.
private func < (a: [UInt8], b: [UInt8]) -> Bool { a.lexicographicallyPrecedes(b) }
private func < (a: (FileTime, [UInt8]), b: (FileTime, [UInt8])) -> Bool { a.0 != b.0 ? a.0 < b.0 : a.1 < b.1 }
