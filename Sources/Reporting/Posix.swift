import Glibc

/// Which system call failed on which path, as an error of this target's own types can carry it.
public struct SystemFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let operation: String
    public let path: String
    /// `errno` as the call left it.
    public let code: Int32

    /// The call that has just failed.
    init(_ operation: String, _ path: String) { self.init(operation, path, code: errno) }

    public init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    public var isDiskFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }

    public var description: String { "\(path): cannot \(operation): \(String(cString: strerror(code)))" }
}

/// The few calls that make a file durable, with typed errors.
enum Posix {
    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o640) throws(SystemFailure) -> Int32 {
        while true {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR { throw SystemFailure("open", path) }
        }
    }

    /// Writes all bytes: one `write` unless the kernel takes only a part of them.
    static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(SystemFailure) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return Glibc.write(descriptor, base + done, buffer.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemFailure("write", path)
            }
            done += count
        }
    }

    static func sync(_ descriptor: Int32, path: String) throws(SystemFailure) {
        while fsync(descriptor) != 0 {
            if errno != EINTR { throw SystemFailure("fsync", path) }
        }
    }

    /// Makes the names in a directory durable.
    static func syncDirectory(_ path: String) throws(SystemFailure) {
        let descriptor = try open(path, O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        try sync(descriptor, path: path)
    }

    static func size(_ descriptor: Int32, path: String) throws(SystemFailure) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemFailure("stat", path) }
        return Int64(status.st_size)
    }

    /// - Returns: fewer bytes than asked for only at the end of the file.
    static func read(_ descriptor: Int32, at offset: Int64, count: Int, path: String) throws(SystemFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return pread(descriptor, base + done, count - done, off_t(offset) + done)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw SystemFailure("read", path)
            }
            if got == 0 { break }
            done += got
        }
        bytes.removeLast(count - done)
        return bytes
    }

    /// The whole file; nil if there is none.
    /// - Parameter limit: a longer file is an error (EFBIG) rather than a surprise in memory.
    static func contents(_ path: String, limit: Int) throws(SystemFailure) -> [UInt8]? {
        let descriptor: Int32
        do {
            descriptor = try open(path, O_RDONLY | O_NOFOLLOW)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        defer { close(descriptor) }
        let size = try size(descriptor, path: path)
        guard size <= limit else { throw SystemFailure("read", path, code: EFBIG) }
        return try read(descriptor, at: 0, count: Int(size), path: path)
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
