import Glibc
import SFTP
import Trade

/// A file on the server that may be taken.
struct SFTPCandidate: Hashable {
    var file: RemoteFile
    var folder: [UInt8]
    /// The name as text that can be shown.
    var name: String
    /// Whether its done-file lies beside it, or none is asked for.
    var isDone = true
    var doneFile: RemoteFile?
    /// Path, size and time are on record already; it is fetched only to compare its bytes before it goes.
    var isKnown = false
}

/// What one configured path was found to hold, sorted out.
struct SFTPSieve {
    let settings: SFTPSettings
    private(set) var candidates: [SFTPCandidate] = []
    /// What was not taken, with a sentence: said once in a life.
    private(set) var oddities: [(what: String, path: [UInt8])] = []
    /// Files whose size or time the server does not tell.
    private(set) var speechless = 0
    private var seen: Set<[UInt8]> = []

    init(_ settings: SFTPSettings) { self.settings = settings }

    /// Sorts out a listing that is whole.
    mutating func add(_ entries: [RemoteEntry], root: [UInt8]) {
        var doneFiles: [[UInt8]: RemoteFile] = [:]
        let suffix = settings.doneSuffix.map { Array($0.utf8) }
        if let suffix {
            for entry in entries where entry.shape == .file && entry.name.count > suffix.count && SFTPPath.ends(entry.name, suffix) {
                let path = SFTPPath.joined(entry.folder, entry.name)
                if let file = SFTPSieve.file(path, entry) { doneFiles[path] = file }
            }
        }
        var verdicts: [[UInt8]: Bool] = [:]
        for entry in entries where entry.shape != .folder && !FolderName.isTemporary(entry.name) {
            if let suffix, SFTPPath.ends(entry.name, suffix) { continue }
            guard isWanted(entry.name) else { continue }
            let isServed: Bool
            if let known = verdicts[entry.folder] {
                isServed = known
            } else {
                isServed = isServedFolder(entry.folder, root: root)
                verdicts[entry.folder] = isServed
            }
            if isServed { add(entry, doneFiles, suffix) }
        }
    }

    private mutating func add(_ entry: RemoteEntry, _ doneFiles: [[UInt8]: RemoteFile], _ suffix: [UInt8]?) {
        let path = SFTPPath.joined(entry.folder, entry.name)
        guard seen.insert(path).inserted else { return }
        guard let name = FolderName.text(entry.name), path.count <= SFTPPath.limit else {
            return oddities.append(("odd name, left where it is; ask the server's owner to rename it", path))
        }
        switch entry.shape {
        case .file: break
        case .symlink: return oddities.append(("symbolic link, left where it is; only files themselves are taken", path))
        default: return oddities.append(("not a regular file, left where it is", path))
        }
        guard let size = entry.size, entry.modified != nil, let file = SFTPSieve.file(path, entry) else {
            speechless += 1
            return
        }
        guard file.size <= settings.largest else {
            return oddities.append(("\(size) bytes, more than the \(settings.largest) that are taken; left where it is", path))
        }
        var candidate = SFTPCandidate(file: file, folder: entry.folder, name: name)
        if let suffix {
            // one that is older than its file was written for another of that name
            candidate.doneFile = doneFiles[path + suffix].flatMap { $0.modified >= file.modified ? $0 : nil }
            candidate.isDone = candidate.doneFile != nil
        }
        candidates.append(candidate)
    }

    private static func file(_ path: [UInt8], _ entry: RemoteEntry) -> RemoteFile? {
        guard let size = entry.size, let modified = entry.modified else { return nil }
        return RemoteFile(path: path, size: Int64(clamping: size), modified: Int64(modified))
    }

    private func isWanted(_ name: [UInt8]) -> Bool {
        if settings.patterns.isEmpty { return true }
        // a name with a NUL in it is compared up to there; it is not taken whatever comes of it
        let name = name.map { CChar(bitPattern: $0) } + [0]
        return settings.patterns.contains { fnmatch($0, name, 0) == 0 }
    }

    /// Not the folder that taken files are moved to, and none whose name could not be shown.
    private mutating func isServedFolder(_ folder: [UInt8], root: [UInt8]) -> Bool {
        let below = SFTPPath.parts(folder.starts(with: root) ? folder.dropFirst(root.count) : folder[...])
        if case .move(let target) = settings.after {
            let parts = SFTPPath.parts(Array(target.utf8)[...])
            if target.hasPrefix("/") {
                if SFTPPath.parts(folder[...]).starts(with: parts) { return false }
            } else if below.indices.contains(where: { below[$0...].starts(with: parts) }) {
                return false
            }
        }
        if below.allSatisfy({ FolderName.text(Array($0)) != nil }) { return true }
        oddities.append(("folder with an odd name, left alone with what is in it", folder))
        return false
    }

    /// Oldest first by the server's clock, then by the bytes of the path.
    mutating func sort() {
        candidates.sort { a, b in
            a.file.modified != b.file.modified
                ? a.file.modified < b.file.modified : a.file.path.lexicographicallyPrecedes(b.file.path)
        }
    }
}

/// Paths on a server, as bytes.
enum SFTPPath {
    /// PATH_MAX of Linux; longer ones are nobody's real inbox.
    static let limit = 4096

    static func joined(_ folder: [UInt8], _ name: [UInt8]) -> [UInt8] {
        folder.last == 47 ? folder + name : folder + [47] + name
    }

    static func ends(_ name: [UInt8], _ suffix: [UInt8]) -> Bool {
        name.count >= suffix.count && name.suffix(suffix.count).elementsEqual(suffix)
    }

    static func parts(_ path: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] { path.split(separator: 47).filter { Array($0) != [46] } }
}

extension SFTPCandidate {
    /// Where to move it: its own name, then with the beginning of its digest, then numbered.
    func targets(_ folder: String, sha256: String?) -> [[UInt8]] {
        let into = folder.hasPrefix("/") ? Array(folder.utf8) : SFTPPath.joined(self.folder, Array(folder.utf8))
        let marked = sha256.map { FolderName.marked(name, "-" + $0.prefix(8)) }
        // without a digest (the file was committed in an earlier life) the numbers alone make the name a free one
        let numbered = (2...9).map { FolderName.numbered(marked ?? name, $0) }
        return ([name] + (marked.map { [$0] } ?? []) + numbered).map { SFTPPath.joined(into, Array($0.utf8)) }
    }
}
