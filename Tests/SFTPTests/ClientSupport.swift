import Foundation
import Testing

@testable import SFTP

/// A real server process at the other end of two pipes: OpenSSH's own, or one that misbehaves.
final class ServerConnection: Connection {
    static let openssh = "/usr/lib/openssh/sftp-server"
    static let hostile = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Servers/hostile_sftp.py").path

    private let process = Process()
    private let timeout: UInt32
    private let (toServer, fromServer) = (Pipe(), Pipe())

    init(_ arguments: [String], timeout: UInt32, seed: UInt64 = 1) throws {
        process.executableURL = URL(filePath: arguments[0])
        process.arguments = Array(arguments.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(["SEED": "\(seed)"]) { $1 }
        process.standardInput = toServer
        process.standardOutput = fromServer
        process.standardError = FileHandle.standardError
        self.timeout = timeout
        try process.run()
    }

    func hostKeys() throws(Failure) -> [HostKey] { [HostKey(type: "none", blob: [])] }
    func open(_ credentials: Credentials) throws(Failure) -> any Channel {
        // descriptors of its own: the channel closes them
        PipeChannel(
            reading: dup(fromServer.fileHandleForReading.fileDescriptor), writing: dup(toServer.fileHandleForWriting.fileDescriptor),
            timeout: timeout)
    }
    func close() {
        try? toServer.fileHandleForWriting.close()
        // not SIGTERM: the process starts with the signal mask of the thread that started it, and that blocks nearly all
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}

/// What became of one file of a fetch.
struct Fetched: Equatable {
    var bytes: [UInt8] = []
    var miss: Miss?
}

/// The daemon's end of a child that runs on a thread of this process, at a server of ours.
final class Conversation {
    private let link: Int32
    private let done = DispatchSemaphore(value: 0)

    init(_ arguments: [String], timeout: UInt32 = 20_000, seed: UInt64 = 1) throws {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0)
        // no answer of a child that works takes so long
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        link = pair[0]
        let (done, socket) = (done, pair[1])
        Thread.detachNewThread {
            _ = SFTPChild.serve(socket: socket) { (_) throws(Failure) in
                do { return try ServerConnection(arguments, timeout: timeout, seed: seed) } catch { throw Failure(.network, "\(error)") }
            }
            close(socket)
            done.signal()
        }
        try say(
            .connect(
                ConnectRequest(transport: .openssh, host: "h", port: 22, user: "acme", hostKeyTypes: [], timeout: timeout)))
        let keys = try hear()
        guard case .hostKeys(let found) = keys else { throw Unexpected(keys) }
        try say(.authenticate(Credentials(hostKey: found[0], key: nil, passphrase: nil, password: nil)))
    }

    /// To a server of ours in one of its modes, logged in.
    static func hostile(_ mode: String, _ folder: String? = nil, timeout: UInt32 = 20_000, seed: UInt64 = 1) throws -> Conversation {
        let conversation = try Conversation([ServerConnection.hostile, mode] + (folder.map { [$0] } ?? []), timeout: timeout, seed: seed)
        try conversation.ready()
        return conversation
    }
    static func openssh(_ timeout: UInt32 = 20_000) throws -> Conversation {
        let conversation = try Conversation([ServerConnection.openssh], timeout: timeout)
        try conversation.ready()
        return conversation
    }

    func ready() throws {
        let reply = try hear()
        guard case .ready = reply else { throw Unexpected(reply) }
    }

    func end() {
        close(link)
        #expect(done.wait(timeout: .now() + 60) == .success, "the child did not end")
    }

    struct Unexpected: Error, CustomStringConvertible {
        let reply: Reply?
        init(_ reply: Reply?) { self.reply = reply }
        var description: String { "unexpected: \(reply.map { "\($0)" } ?? "the end")" }
    }

    func say(_ request: Request) throws {
        let frame = Frame.sealed(request.encoded)
        var sent = 0
        while sent < frame.count {
            let count = frame.withUnsafeBytes { write(link, $0.baseAddress! + sent, frame.count - sent) }
            try #require(count > 0)
            sent += count
        }
    }

    /// - Returns: nil once the child has closed its end.
    func hear() throws -> Reply? {
        guard let head = try take(4), let body = try take(head.reduce(0) { $0 << 8 | Int($1) }) else { return nil }
        return try Reply(decoding: body)
    }

    private func take(_ count: Int) throws -> [UInt8]? {
        try #require(count <= Frame.limit)
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let came = bytes.withUnsafeMutableBytes { recv(link, $0.baseAddress! + got, count - got, 0) }
            try #require(came >= 0, "the child says nothing any more")
            if came == 0 { return nil }
            got += came
        }
        return bytes
    }

    // MARK: whole requests

    func list(
        _ path: String, recursive: Bool = false, limit: UInt32 = 100_000, leftOut: String? = nil
    ) throws -> (entries: [RemoteEntry], failure: Failure?) {
        try say(
            .list(ListRequest(path: Array(path.utf8), isRecursive: recursive, limit: limit, leftOut: leftOut.map { Array($0.utf8) })))
        var entries: [RemoteEntry] = []
        while true {
            switch try hear() {
            case .entries(let some)?: entries += some
            case .listed?: return (entries, nil)
            case .unlisted(let failure)?, .failed(let failure)?: return (entries, failure)
            case let other: throw Unexpected(other)
            }
        }
    }

    /// - Returns: by the file's id; and why the session ended, if it did.
    func fetch(_ files: [FileRequest]) throws -> (files: [UInt32: Fetched], failure: Failure?) {
        try say(.fetch(files))
        var open: [UInt32: Fetched] = [:]
        var done: [UInt32: Fetched] = [:]
        while done.count < files.count {
            let reply = try hear()
            switch reply {
            case .data(let id, let bytes)?: open[id, default: Fetched()].bytes += bytes
            case .fetched(let id)?:
                try #require(done[id] == nil)
                done[id] = open[id] ?? Fetched()
            case .missed(let id, let miss)?:
                try #require(done[id] == nil)
                done[id] = Fetched(bytes: [], miss: miss)
            case .failed(let failure)?: return (done, failure)
            default: throw Unexpected(reply)
            }
        }
        return (done, nil)
    }

    func acknowledge(_ files: [AcknowledgeRequest]) throws -> [UInt32: AcknowledgeOutcome] {
        try say(.acknowledge(files))
        var outcomes: [UInt32: AcknowledgeOutcome] = [:]
        while outcomes.count < files.count {
            let reply = try hear()
            guard case .acknowledged(let id, let outcome)? = reply else { throw Unexpected(reply) }
            outcomes[id] = outcome
        }
        return outcomes
    }
}

/// The regular files of a listing, as requests numbered in order.
func requests(_ entries: [RemoteEntry]) -> [FileRequest] {
    entries.filter { $0.shape == .file }.enumerated().map { number, entry in
        FileRequest(
            id: UInt32(number), path: Listing.join(entry.folder, entry.name), size: entry.size ?? 0, modified: entry.modified ?? 0)
    }
}

/// A folder of its own for a test, removed with it.
final class Place {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "/remitd-sftp-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8], modified: Int = 1_700_000_000) throws {
        try Data(bytes).write(to: URL(filePath: path + "/" + name))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: TimeInterval(modified))], ofItemAtPath: path + "/" + name)
    }
    func folder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }
    func read(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: path + "/" + name).map(Array.init) }
}

/// Reproducible (splitmix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: next()) }
        return bytes
    }
}
