/// Frames: a 32-bit length, then so many bytes.
public enum Frame {
    /// No frame is longer: data comes in pieces of `dataLimit`, entries in batches.
    public static let limit = 4 << 20
    /// Bytes of a file in one frame.
    public static let dataLimit = 256 << 10
    /// Entries in one frame.
    public static let entryLimit = 256

    /// The length in front.
    public static func sealed(_ body: [UInt8]) -> [UInt8] {
        var frame = WireWriter()
        frame.string(body)
        return frame.bytes
    }
}

extension Request {
    /// The frame's body.
    public var encoded: [UInt8] {
        var writer = WireWriter()
        switch self {
        case .connect(let request):
            writer.byte(1)
            writer.byte(request.transport.rawValue)
            writer.text(request.host)
            writer.number(UInt32(request.port))
            writer.text(request.user)
            writer.list(request.hostKeyTypes) { $0.text($1) }
            writer.number(request.timeout)
        case .authenticate(let credentials):
            writer.byte(2)
            writer.hostKey(credentials.hostKey)
            for secret in [credentials.key, credentials.passphrase, credentials.password] {
                writer.optional(secret) {
                    $0.text($1.path)
                    $0.string($1.bytes)
                }
            }
        case .list(let request):
            writer.byte(3)
            writer.string(request.path)
            writer.flag(request.isRecursive)
            writer.number(request.limit)
            writer.optional(request.leftOut) { $0.string($1) }
        case .fetch(let files):
            writer.byte(4)
            writer.list(files) { $0.file($1) }
        case .acknowledge(let files):
            writer.byte(5)
            writer.list(files) { writer, request in
                writer.file(request.file)
                switch request.action {
                case .delete: writer.byte(1)
                case .move(let paths):
                    writer.byte(2)
                    writer.list(paths) { $0.string($1) }
                }
            }
        case .quit: writer.byte(6)
        }
        return writer.bytes
    }

    public init(decoding body: [UInt8]) throws(WireError) {
        var reader = WireReader(body)
        let kind = try reader.byte()
        switch kind {
        case 1:
            guard let transport = Transport(rawValue: try reader.byte()) else { throw WireError("no such transport") }
            self = .connect(
                ConnectRequest(
                    transport: transport, host: try reader.text(), port: UInt16(truncatingIfNeeded: try reader.number()),
                    user: try reader.text(), hostKeyTypes: try reader.list { (r) throws(WireError) in try r.text() },
                    timeout: try reader.number()))
        case 2:
            let hostKey = try reader.hostKey()
            func secret() throws(WireError) -> Secret? {
                try reader.optional { (r) throws(WireError) in Secret(path: try r.text(), bytes: try r.string()) }
            }
            self = .authenticate(Credentials(hostKey: hostKey, key: try secret(), passphrase: try secret(), password: try secret()))
        case 3:
            self = .list(
                ListRequest(
                    path: try reader.string(), isRecursive: try reader.flag(), limit: try reader.number(),
                    leftOut: try reader.optional { (r) throws(WireError) in try r.string() }))
        case 4: self = .fetch(try reader.list { (r) throws(WireError) in try r.file() })
        case 5:
            self = .acknowledge(
                try reader.list { (r) throws(WireError) in
                    let file = try r.file()
                    switch try r.byte() {
                    case 1: return AcknowledgeRequest(file: file, action: .delete)
                    case 2: return AcknowledgeRequest(file: file, action: .move(try r.list { (r) throws(WireError) in try r.string() }))
                    case let other: throw WireError("no such action: \(other)")
                    }
                })
        case 6: self = .quit
        default: throw WireError("no such request: \(kind)")
        }
    }
}

extension Reply {
    /// The frame's body.
    public var encoded: [UInt8] {
        var writer = WireWriter()
        switch self {
        case .hostKeys(let keys):
            writer.byte(1)
            writer.list(keys) { $0.hostKey($1) }
        case .ready(let server):
            writer.byte(2)
            writer.text(server)
        case .entries(let entries):
            writer.byte(3)
            writer.list(entries) { writer, entry in
                writer.string(entry.folder)
                writer.string(entry.name)
                writer.byte(entry.shape.rawValue)
                writer.optional(entry.size) { $0.long($1) }
                writer.optional(entry.modified) { $0.number($1) }
            }
        case .listed: writer.byte(4)
        case .unlisted(let failure):
            writer.byte(5)
            writer.failure(failure)
        case .data(let id, let bytes):
            writer.byte(6)
            writer.number(id)
            writer.string(bytes)
        case .fetched(let id):
            writer.byte(7)
            writer.number(id)
        case .missed(let id, let miss):
            writer.byte(8)
            writer.number(id)
            switch miss {
            case .gone: writer.byte(1)
            case .changed: writer.byte(2)
            case .refused(let text):
                writer.byte(3)
                writer.text(text)
            }
        case .acknowledged(let id, let outcome):
            writer.byte(9)
            writer.number(id)
            switch outcome {
            case .done(let path):
                writer.byte(1)
                writer.string(path)
            case .gone: writer.byte(2)
            case .replaced: writer.byte(3)
            case .refused(let failure):
                writer.byte(4)
                writer.failure(failure)
            }
        case .failed(let failure):
            writer.byte(10)
            writer.failure(failure)
        }
        return writer.bytes
    }

    public init(decoding body: [UInt8]) throws(WireError) {
        var reader = WireReader(body)
        let kind = try reader.byte()
        switch kind {
        case 1: self = .hostKeys(try reader.list { (r) throws(WireError) in try r.hostKey() })
        case 2: self = .ready(server: try reader.text())
        case 3: self = .entries(try reader.list { (r) throws(WireError) in try r.entry() })
        case 4: self = .listed
        case 5: self = .unlisted(try reader.failure())
        case 6: self = .data(id: try reader.number(), bytes: try reader.string())
        case 7: self = .fetched(id: try reader.number())
        case 8:
            let id = try reader.number()
            switch try reader.byte() {
            case 1: self = .missed(id: id, .gone)
            case 2: self = .missed(id: id, .changed)
            case 3: self = .missed(id: id, .refused(try reader.text()))
            case let other: throw WireError("no such miss: \(other)")
            }
        case 9:
            let id = try reader.number()
            switch try reader.byte() {
            case 1: self = .acknowledged(id: id, .done(try reader.string()))
            case 2: self = .acknowledged(id: id, .gone)
            case 3: self = .acknowledged(id: id, .replaced)
            case 4: self = .acknowledged(id: id, .refused(try reader.failure()))
            case let other: throw WireError("no such outcome: \(other)")
            }
        case 10: self = .failed(try reader.failure())
        default: throw WireError("no such reply: \(kind)")
        }
    }
}

extension WireWriter {
    mutating func hostKey(_ key: HostKey) {
        text(key.type)
        string(key.blob)
    }
    mutating func file(_ file: FileRequest) {
        number(file.id)
        string(file.path)
        long(file.size)
        number(file.modified)
    }
    mutating func failure(_ failure: Failure) {
        byte(failure.class.rawValue)
        text(failure.text)
    }
}

extension WireReader {
    mutating func hostKey() throws(WireError) -> HostKey { HostKey(type: try text(), blob: try string()) }
    mutating func file() throws(WireError) -> FileRequest {
        FileRequest(id: try number(), path: try string(), size: try long(), modified: try number())
    }
    mutating func failure() throws(WireError) -> Failure {
        guard let found = Failure.Class(rawValue: try byte()) else { throw WireError("no such class of failure") }
        return Failure(found, try text())
    }
    mutating func entry() throws(WireError) -> RemoteEntry {
        let (folder, name) = (try string(), try string())
        guard let shape = RemoteEntry.Shape(rawValue: try byte()) else { throw WireError("no such shape") }
        return RemoteEntry(
            folder: folder, name: name, shape: shape, size: try optional { (r) throws(WireError) in try r.long() },
            modified: try optional { (r) throws(WireError) in try r.number() })
    }
}
