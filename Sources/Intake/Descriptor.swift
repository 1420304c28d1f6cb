import Glibc

/// An open file or folder, closed with its last use. Every one is opened O_CLOEXEC: no child inherits it.
struct Descriptor: ~Copyable {
    let number: Int32
    init(adopting number: Int32) { self.number = number }
    // not repeated on EINTR: Linux has freed the number by then, and another thread may own it already
    deinit { close(number) }
}

/// The calls this target makes, with EINTR repeated and errno as a typed error.
enum Call {
    // what glibc shows only under _GNU_SOURCE, which Swift's importer does not set; values of the Linux ABI
    static let pathOnly: Int32 = 0o10_000_000  // O_PATH
    static let effectiveIDs: Int32 = 0x200  // AT_EACCESS

    @discardableResult
    static func repeating(_ call: () -> Int32) throws(Errno) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            if errno != EINTR { throw .last }
        }
    }

    static func open(_ path: String, _ flags: Int32) throws(Errno) -> Descriptor {
        Descriptor(adopting: try repeating { Glibc.open(path, flags | O_CLOEXEC) })
    }

    static func open(at folder: borrowing Descriptor, _ name: String, _ flags: Int32, mode: mode_t = 0) throws(Errno) -> Descriptor {
        let number = folder.number
        return Descriptor(adopting: try repeating { openat(number, name, flags | O_CLOEXEC, mode) })
    }

    static func status(_ file: borrowing Descriptor) throws(Errno) -> FileStatus {
        var status = stat()
        let number = file.number
        try repeating { fstat(number, &status) }
        return FileStatus(status)
    }

    /// Of the name itself: a symbolic link is not followed.
    static func status(at folder: borrowing Descriptor, _ name: UnsafePointer<CChar>) throws(Errno) -> FileStatus {
        var status = stat()
        let number = folder.number
        try repeating { fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) }
        return FileStatus(status)
    }

    static func sync(_ file: borrowing Descriptor) throws(Errno) {
        let number = file.number
        try repeating { fsync(number) }
    }

    private typealias SyncFS = @convention(c) (Int32) -> Int32
    // shown under _GNU_SOURCE only, like renameat2
    private static let syncFS = dlsym(nil, "syncfs").map { unsafeBitCast($0, to: SyncFS.self) }

    /// Makes everything written so far to the file system durable; since Linux 5.8 it reports what could not be written.
    static func syncFileSystem(of folder: borrowing Descriptor) throws(Errno) {
        guard let syncFS else { throw Errno(code: ENOSYS) }
        let number = folder.number
        try repeating { syncFS(number) }
    }

    static func unlink(at folder: borrowing Descriptor, _ name: String) throws(Errno) {
        let number = folder.number
        try repeating { unlinkat(number, name, 0) }
    }

    /// - Returns: bytes read; 0 at the end only.
    static func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw .last }
        }
    }

    /// All of it, however often the kernel takes less.
    static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(Errno) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(file, rest.baseAddress, rest.count)
            if count < 0 {
                if errno != EINTR { throw .last }
            } else {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Creates the folder `name` unless it is there, gives it `mode` whatever the umask says, and makes it durable.
    /// - Returns: whether it is new.
    @discardableResult
    static func makeFolder(at parent: borrowing Descriptor, _ name: String, mode: mode_t) throws(Errno) -> Bool {
        let number = parent.number
        do {
            try repeating { mkdirat(number, name, mode) }
        } catch {
            if error.code == EEXIST { return false }
            throw error
        }
        let folder = try open(at: parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        let made = folder.number
        try repeating { fchmod(made, mode) }
        try sync(folder)
        try sync(parent)
        return true
    }

    /// The names in a folder as bytes, without `.` and `..`, in no order.
    static func names(in folder: borrowing Descriptor) throws(Errno) -> [[UInt8]] {
        // a descriptor of its own: the stream owns it and moves its offset
        let number = folder.number
        let own = try repeating { openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(own) else {
            let error = Errno.last
            close(own)
            throw error
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                // the end and an error look alike but for errno: half a listing must not pass for a whole one
                if errno != 0 { throw .last }
                return names
            }
            guard let field = UnsafePointer(entry).pointer(to: \.d_name) else { continue }
            let text = UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self)
            let name = [UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))
            if name != [46], name != [46, 46] { names.append(name) }
        }
    }
}

/// The part of `struct stat` that decisions rest on.
struct FileStatus: Hashable, Sendable {
    enum Shape: Sendable { case file, folder, symlink, fifo, socket, device }

    var identity: FileIdentity
    var shape: Shape
    /// Permission bits with set-id and sticky.
    var mode: mode_t
    var size: Int64
    var modified: FileTime
    /// Of the inode: also moved by chmod, link, rename, and not settable by programs.
    var changed: FileTime

    init(_ status: stat) {
        identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        mode = status.st_mode & 0o7777
        size = Int64(status.st_size)
        modified = FileTime(status.st_mtim)
        changed = FileTime(status.st_ctim)
        shape =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .symlink
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .device
            }
    }
}

/// Which file it is, whatever its name.
public struct FileIdentity: Hashable, Sendable {
    public var device: UInt64
    public var inode: UInt64
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}
