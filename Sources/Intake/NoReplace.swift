import Glibc

/// Giving a file a new name without ever taking the name from another file.
///
/// glibc shows `renameat2` and `statx` only under `_GNU_SOURCE`, so both are looked up by name.
struct NoReplace: Sendable {
    /// How it is tried; all three give the same result, the later ones for file systems that lack the earlier ones (NFS and
    /// many FUSE ones know no RENAME_NOREPLACE, FAT knows no hard links).
    enum Way: Int, Sendable, CaseIterable { case rename, link, reserve }

    /// The first way to try; tests start lower.
    var first: Way = .rename

    private typealias RenameAt2 = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
    private static let renameAt2 = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: RenameAt2.self) }
    private static let doNotReplace: UInt32 = 1  // RENAME_NOREPLACE

    /// Moves whatever file bears `name` at this moment.
    /// - Throws: EEXIST if `target` is taken, EXDEV if it would be on another file system, ENOENT if `name` is gone.
    func move(_ name: String, in source: borrowing Descriptor, to target: String, in folder: borrowing Descriptor) throws(Errno) {
        let (from, into) = (source.number, folder.number)
        if first == .rename, let renameAt2 = NoReplace.renameAt2 {
            do {
                try Call.repeating { renameAt2(from, name, into, target, NoReplace.doNotReplace) }
                return
            } catch {
                guard [EINVAL, ENOSYS, EOPNOTSUPP].contains(error.code) else { throw error }
            }
        }
        if first != .reserve {
            do {
                try Call.repeating { linkat(from, name, into, target, 0) }
                let linked = try Call.status(at: folder, target)
                try takeAway(name, in: source) { $0.identity == linked.identity }
                return
            } catch {
                guard [EPERM, ENOSYS, EOPNOTSUPP, EMLINK].contains(error.code) else { throw error }
            }
        }
        // the empty file holds the name against others; a crash between the two calls leaves it, and no byte is lost
        _ = try Call.open(at: folder, target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        do {
            try Call.repeating { renameat(from, name, into, target) }
        } catch {
            unlinkat(into, target, 0)
            throw error
        }
    }

    /// Removes `name` if it still is the file that is meant. unlink(2) cannot be told which file is meant, so the name is moved aside
    /// first: a file that took it in the meantime is put back, under the next free name at worst.
    func takeAway(_ name: String, in folder: borrowing Descriptor, if isMeant: (FileStatus) -> Bool) throws(Errno) {
        let aside = ".remitd-\(UInt64.random(in: 0 ... .max)).tmp"
        let number = folder.number
        guard isMeant(try Call.status(at: folder, name)) else { return }
        try Call.repeating { renameat(number, name, number, aside) }
        if isMeant(try Call.status(at: folder, aside)) {
            try Call.unlink(at: folder, aside)
        } else {
            try putBack(aside, in: folder, as: name, in: folder)
        }
    }

    /// Gives a file that was moved by mistake its name again, or the next free one.
    func putBack(_ name: String, in source: borrowing Descriptor, as target: String, in folder: borrowing Descriptor) throws(Errno) {
        for number in 1...FolderName.mostNumbers {
            do {
                try move(name, in: source, to: FolderName.numbered(target, number), in: folder)
                return
            } catch {
                guard error.code == EEXIST else { throw error }
            }
        }
        throw Errno(code: EEXIST)
    }
}

/// Whether something is mounted exactly on a folder.
enum MountPoint {
    private typealias StatX = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UInt32, UnsafeMutableRawPointer) -> Int32
    private static let statX = dlsym(nil, "statx").map { unsafeBitCast($0, to: StatX.self) }
    private static let emptyPath: Int32 = 0x1000  // AT_EMPTY_PATH
    private static let isMountRoot: UInt64 = 0x2000  // STATX_ATTR_MOUNT_ROOT, Linux 5.8; sees bind mounts too

    /// How many steps up from `folder` its file system is mounted: 0 = on the folder itself.
    static func stepsUp(from folder: borrowing Descriptor) -> Int {
        var steps = 0
        guard var here = try? Call.open(at: folder, ".", Call.pathOnly | O_DIRECTORY) else { return 0 }
        // a path has at most PATH_MAX / 2 folders
        while steps < 2048, !isRoot(here) {
            guard let parent = try? Call.open(at: here, "..", Call.pathOnly | O_DIRECTORY),
                let (below, above) = try? (Call.status(here).identity, Call.status(parent).identity),
                below.device == above.device, below != above
            else { break }
            here = parent
            steps += 1
        }
        return steps
    }

    private static func isRoot(_ folder: borrowing Descriptor) -> Bool {
        guard let statX else { return false }
        // struct statx has 256 bytes; stx_attributes is the 64-bit word at offset 8
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 8)
        defer { buffer.deallocate() }
        guard statX(folder.number, "", emptyPath, 0, buffer) == 0 else { return false }
        return buffer.load(fromByteOffset: 8, as: UInt64.self) & isMountRoot != 0
    }
}
