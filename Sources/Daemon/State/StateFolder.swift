import Foundation
import Glibc

/// Why a state folder cannot be used.
public enum StateError: Error, CustomStringConvertible {
    /// Another process works on it; its pid, if the lock file tells.
    case busy(pid: String?)
    /// Handed over to a running daemon, which has not come to it yet.
    case notYet
    case unusable(String)

    public var description: String {
        switch self {
        case .busy(let pid): "another remitd\(pid.map { " (pid \($0))" } ?? "") works on this state; stop it or wait"
        case .notYet: "the running daemon has it and is not done with it yet; see 'remitd files' later, there is no need to give it again"
        case .unusable(let text): text
        }
    }
}

/// The folder of one remitd: `remitd.sqlite`, `archive/`, `spool/`, `outbox/`, `inbox/`, `lock`.
public struct StateFolder: Sendable {
    public let path: String
    public var database: String { path + "/remitd.sqlite" }
    public var inbox: String { path + "/inbox" }
    var lockFile: String { path + "/lock" }
    var crashNote: String { path + "/crash" }

    public init(_ path: String) { self.path = path }

    public func create(accounts: [String]) throws(StateError) {
        do {
            // 0750: the originals are a company's books
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
            for folder in [inbox] + accounts.map({ inbox + "/" + $0 }) {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o770])
            }
        } catch {
            throw .unusable("\(path): the state folder cannot be created: \(error.localizedDescription)")
        }
    }

    public var hasLedger: Bool { FileManager.default.fileExists(atPath: database) }
}

/// The right to write to a state folder, held by one process: an open file description lock, which the kernel drops when
/// the process ends, however it ends.
public final class StateLock: Sendable {
    private let descriptor: Int32

    public init(_ folder: StateFolder) throws(StateError) {
        let descriptor = open(folder.lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .unusable("\(folder.lockFile): \(String(cString: strerror(errno)))") }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        // fcntl.h: F_OFD_SETLK; belongs to the description, not to the process
        guard fcntl(descriptor, 37, &lock) == 0 else {
            let holder = (try? String(contentsOfFile: folder.lockFile, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
            close(descriptor)
            throw .busy(pid: holder.flatMap { $0.isEmpty ? nil : $0 })
        }
        // the number is only for people: the lock is what counts
        let pid = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, pid, pid.count, 0)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether some process holds the lock at present.
    public static func isHeld(_ folder: StateFolder) -> Bool {
        let descriptor = open(folder.lockFile, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return fcntl(descriptor, 36, &lock) == 0 && lock.l_type != Int16(F_UNLCK)  // F_OFD_GETLK
    }
}
