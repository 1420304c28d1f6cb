import Foundation
import Glibc

@testable import Intake

/// A temporary folder of its own for one test; nothing outside it is touched.
final class Playground {
    let path: String
    private var mounts: [String] = []

    /// - Parameter isQuick: in memory where the machine has room there: for tests that write thousands of files and are not
    ///   about what survives a power cut.
    init(isQuick: Bool = false) throws {
        let parent = isQuick && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/remitd-intake-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno.last }
        // mkdtemp gives 0700, and some tests look at it with another user's rights
        chmod(template, 0o755)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for mount in mounts.reversed() { _ = try? Playground.run("/bin/umount", "-l", mount) }
        _ = try? Playground.run("/bin/rm", "-rf", path)
    }

    func at(_ name: String) -> String { "\(path)/\(name)" }

    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: at(name), withIntermediateDirectories: true)
        return at(name)
    }

    /// Writes a file that was modified `age` ago.
    func write(_ name: String, _ text: String, age: Duration = .seconds(60)) throws {
        try write(name, Array(text.utf8), age: age)
    }

    func write(_ name: String, _ bytes: [UInt8], age: Duration = .seconds(60)) throws {
        let file = try Call.open(at(name), O_WRONLY | O_CREAT | O_TRUNC, creating: 0o644)
        try bytes.withUnsafeBytes { try Call.write($0, to: file.number) }
        try touch(name, age: age)
    }

    func append(_ name: String, _ text: String) throws {
        let file = try Call.open(at(name), O_WRONLY | O_APPEND)
        try Array(text.utf8).withUnsafeBytes { try Call.write($0, to: file.number) }
    }

    func touch(_ name: String, age: Duration) throws { try touch(name, at: FileTime.now() + (.zero - age)) }

    func touch(_ name: String, at time: FileTime) throws {
        let times = [timespec](repeating: timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds)), count: 2)
        guard utimensat(AT_FDCWD, at(name), times, AT_SYMLINK_NOFOLLOW) == 0 else { throw Errno.last }
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: at(name), encoding: .utf8) }
    func exists(_ name: String) -> Bool { access(at(name), F_OK) == 0 }
    func names(_ name: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: at(name)).sorted() }
    func mode(_ name: String) throws -> mode_t {
        let here = try Call.open(path, O_RDONLY | O_DIRECTORY)
        return try Call.status(at: here, name).mode
    }

    /// Mounts an empty file system of memory on a folder.
    func mount(_ name: String, size: String = "1m") throws {
        _ = try Playground.run("/bin/mount", "-t", "tmpfs", "-o", "size=\(size),mode=755", "tmpfs", at(name))
        mounts.append(at(name))
    }
    func unmount(_ name: String) throws {
        _ = try Playground.run("/bin/umount", "-l", at(name))
        mounts.removeAll { $0 == at(name) }
    }

    struct Failed: Error { var output: String }

    @discardableResult
    static func run(_ program: String, _ arguments: String...) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(output: text) }
        return text
    }

    /// Whether this machine lets the tests mount something inside their folder.
    static let canMount: Bool = {
        guard geteuid() == 0, let place = try? Playground(), (try? place.folder("m")) != nil else {
            print("skipped: tests that mount a file system need root")
            return false
        }
        guard (try? place.mount("m")) != nil else {
            print("skipped: tests that mount a file system; mount is not permitted here")
            return false
        }
        return true
    }()

    /// Whether `asNobody` works.
    static let canBeNobody: Bool = {
        guard geteuid() == 0, setFileSystemUser != nil else {
            print("skipped: tests of missing rights need root, to give rights up")
            return false
        }
        return true
    }()

    private typealias SetFSUID = @convention(c) (uid_t) -> Int32
    private static let setFileSystemUser = dlsym(nil, "setfsuid").map { unsafeBitCast($0, to: SetFSUID.self) }

    /// Runs the body with the rights of user 65534 on files. Linux keeps this per thread, so parallel tests keep theirs.
    @discardableResult
    static func asNobody<T>(_ body: () throws -> T) rethrows -> T {
        _ = setFileSystemUser?(65534)
        defer { _ = setFileSystemUser?(0) }
        return try body()
    }
}

extension Call {
    static func open(_ path: String, _ flags: Int32, creating mode: mode_t) throws(Errno) -> Descriptor {
        Descriptor(adopting: try repeating { Glibc.open(path, flags | O_CLOEXEC, mode) })
    }
}
