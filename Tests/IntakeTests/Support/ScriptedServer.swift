import Foundation
import Glibc
import Synchronization
import Trade

@testable import Intake
@testable import SFTP

/// What the ledger would remember, in memory.
final class MemoryRecords: RemoteRecords {
    struct Refused: Error, CustomStringConvertible { var description: String { "the test says no" } }
    struct State {
        var arrivals: [FetchedRemoteFile] = []
        var acknowledged: [RemoteFile] = []
        var isFinal: [Bool] = []
        var questions = 0
        var commits = 0
        var refusesReceipts = false
    }
    private let state = Mutex(State())
    var now: State { state.withLock { $0 } }
    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func areKnown(_ files: [RemoteFile]) throws -> [Bool] {
        state.withLock { state in
            state.questions += 1
            let known = Set(state.arrivals.map(\.file))
            return files.map(known.contains)
        }
    }
    func receive(_ files: [FetchedRemoteFile], isFinal: Bool) throws {
        try state.withLock { state in
            if state.refusesReceipts { throw Refused() }
            // as the ledger does: the same file with the same bytes is no second arrival
            let files = files.filter { new in !state.arrivals.contains { $0.file == new.file && $0.sha256 == new.sha256 } }
            state.arrivals += files
            state.isFinal += files.map { _ in isFinal }
            state.commits += 1
        }
    }
    func acknowledge(_ files: [RemoteFile]) throws { state.withLock { $0.acknowledged += files } }

    /// Names that arrived, in order.
    var names: [String] { now.arrivals.map(\.name) }
}

/// The child's end of a session, played by a thread of the test.
final class ScriptedPeer: SFTPPeer, @unchecked Sendable {
    let socket: Int32
    let lastWords: Int32 = -1
    private let theirs: Int32
    private let finished = DispatchSemaphore(value: 0)
    private let hasEnded = Mutex(false)
    private let ending: String?

    /// - Parameter ending: how it is said to have ended when it ends by itself.
    init(ending: String? = "exit status 1", _ play: @escaping @Sendable (Talk) -> Void) {
        var ends: [Int32] = [-1, -1]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
        (socket, theirs) = (ends[0], ends[1])
        self.ending = ending
        let talk = Talk(socket: theirs)
        Thread.detachNewThread { [finished] in
            play(talk)
            shutdown(talk.socket, Int32(SHUT_RDWR))
            finished.signal()
        }
    }

    deinit {
        end(grace: .zero)
        close(socket)
        close(theirs)
    }

    @discardableResult
    func end(grace: Duration) -> String? {
        if hasEnded.withLock({ was in
            defer { was = true }
            return was
        }) {
            return ending
        }
        shutdown(socket, Int32(SHUT_RDWR))
        finished.wait()
        return ending
    }

    struct Talk: Sendable {
        let socket: Int32
        func next() -> Request? {
            guard let head = read(4) else { return nil }
            return read(head.reduce(0) { $0 << 8 | Int($1) }).flatMap { try? Request(decoding: $0) }
        }
        func say(_ reply: Reply) { raw(Frame.sealed(reply.encoded)) }
        func raw(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
        private func read(_ count: Int) -> [UInt8]? {
            var bytes: [UInt8] = []
            while bytes.count < count {
                var piece = [UInt8](repeating: 0, count: count - bytes.count)
                let got = recv(socket, &piece, piece.count, 0)
                if got <= 0 { return nil }
                bytes += piece[..<got]
            }
            return bytes
        }
    }
}

/// A server that exists only behind the child's protocol, for what a real one cannot be made to do.
final class ScriptedServer: Sendable {
    struct File: Sendable {
        var bytes: [UInt8]
        var modified: UInt32 = 1_700_000_000
        var shape = RemoteEntry.Shape.file
    }
    struct State: Sendable {
        var files: [String: File] = [:]
        /// Types asked for, of every connection.
        var orders: [[String]] = []
        var transports: [Transport] = []
        var logins = 0
        var credentials: Credentials?
        var listings = 0
        var fetched: [String] = []
        var acknowledged: [AcknowledgeRequest] = []
        var keys: [HostKey] = [ScriptedServer.key("ssh-ed25519", 1)]
    }
    private let state = Mutex(State())
    /// Answers in the server's place; false: the server answers as usual.
    typealias Instead = @Sendable (Request, ScriptedPeer.Talk) -> Bool
    private let instead = Mutex<Instead?>(nil)
    var now: State { state.withLock { $0 } }
    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    func answerInstead(_ body: Instead?) { instead.withLock { $0 = body } }

    func put(_ path: String, _ text: String, modified: UInt32 = 1_700_000_000) {
        change { $0.files[path] = File(bytes: Array(text.utf8), modified: modified) }
    }

    static func key(_ type: String, _ number: UInt8) -> HostKey {
        var writer = WireWriter()
        writer.text(type)
        writer.string([UInt8](repeating: number, count: 32))
        return HostKey(type: type, blob: writer.bytes)
    }

    func peer() -> ScriptedPeer {
        ScriptedPeer { [self] talk in
            while let request = talk.next() {
                if let instead = instead.withLock({ $0 }), instead(request, talk) { continue }
                if case .quit = request { return }
                answer(request, talk)
            }
        }
    }

    func answer(_ request: Request, _ talk: ScriptedPeer.Talk) {
        switch request {
        case .connect(let request):
            change {
                $0.orders.append(request.hostKeyTypes)
                $0.transports.append(request.transport)
            }
            let keys = now.keys
            let wanted = request.hostKeyTypes.lazy.compactMap { type in keys.first { $0.type == type } }.first
            if let key = wanted ?? (request.hostKeyTypes.isEmpty ? keys.first : nil) {
                talk.say(.hostKeys([key]))
            } else {
                talk.say(.failed(Failure(.negotiation, "no host key of these types")))
            }
        case .authenticate(let credentials):
            change {
                $0.logins += 1
                $0.credentials = credentials
            }
            talk.say(.ready(server: "a test"))
        case .list(let request): list(String(decoding: request.path, as: UTF8.self), talk)
        case .fetch(let files):
            for file in files { fetch(file, talk) }
        case .acknowledge(let requests):
            for request in requests {
                let path = String(decoding: request.file.path, as: UTF8.self)
                let outcome = state.withLock { state -> AcknowledgeOutcome in
                    state.acknowledged.append(request)
                    guard let file = state.files.removeValue(forKey: path) else { return .gone }
                    guard case .move(let targets) = request.action else { return .done([]) }
                    let free = targets.first { state.files[String(decoding: $0, as: UTF8.self)] == nil } ?? []
                    state.files[String(decoding: free, as: UTF8.self)] = file
                    return .done(free)
                }
                talk.say(.acknowledged(id: request.file.id, outcome))
            }
        case .quit: break
        }
    }

    private func list(_ path: String, _ talk: ScriptedPeer.Talk) {
        change { $0.listings += 1 }
        let entries = now.files.compactMap { name, file -> RemoteEntry? in
            guard let slash = name.lastIndex(of: "/"), name[..<slash].hasPrefix(path) else { return nil }
            return RemoteEntry(
                folder: Array(name[..<slash].utf8), name: Array(name[name.index(after: slash)...].utf8), shape: file.shape,
                size: UInt64(file.bytes.count), modified: file.modified)
        }
        for start in stride(from: 0, to: entries.count, by: Frame.entryLimit) {
            talk.say(.entries(Array(entries[start..<min(start + Frame.entryLimit, entries.count)])))
        }
        talk.say(.listed)
    }

    func fetch(_ request: FileRequest, _ talk: ScriptedPeer.Talk) {
        let path = String(decoding: request.path, as: UTF8.self)
        guard let file = now.files[path] else { return talk.say(.missed(id: request.id, .gone)) }
        guard file.bytes.count == request.size, file.modified == request.modified else {
            return talk.say(.missed(id: request.id, .changed))
        }
        change { $0.fetched.append(path) }
        for start in stride(from: 0, to: file.bytes.count, by: 65_536) {
            talk.say(.data(id: request.id, bytes: Array(file.bytes[start..<min(start + 65_536, file.bytes.count)])))
        }
        talk.say(.fetched(id: request.id))
    }
}
