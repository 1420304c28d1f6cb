/// What a request was for: comes back with its answer.
struct Ticket {
    var ask: Ask
    /// The asker's own number for the file or folder.
    var slot = 0
    /// For `read`: where in the file, and how many bytes.
    var offset: UInt64 = 0
    var length = 0
}

/// An SFTP version 3 client that has many requests under way and takes answers in any order.
///
/// What the server sends is judged here: a packet that is too long, ends too early, answers nothing that was asked or answers it
/// with the wrong kind ends the session with `remote`. It never blocks in `send` while the server waits for its answers to be
/// read, because what is unanswered stays within `room`.
final class Client {
    /// The longest packet with names: some servers put a whole folder into one (7 MB were seen at AWS).
    static let longestNames = 16 << 20
    /// Any other packet: a READ's data, and a head. `readLength` keeps to it.
    static let longestPacket = (256 << 10) + 1024
    /// A READ that every server answers in full (section 6.4 asks for 32 KiB).
    static let commonReadLength = 32 << 10
    /// The draft allows 256 bytes; servers have been seen with more.
    static let longestHandle = 4092
    /// Bytes of requests that may be unanswered before the asker waits: half of a Linux pipe, the smallest buffer on the way.
    static let room = 32 << 10

    private let channel: any Channel
    private var output = WireWriter()
    private var input = [UInt8](repeating: 0, count: 1 << 20)
    private var head = 0
    private var tail = 0
    private var nextNumber: UInt32 = 1
    private var unanswered: [UInt32: (ticket: Ticket, bytes: Int)] = [:]
    private var unansweredBytes = 0

    /// Called before every wait for the server.
    var beforeWaiting: () throws(Failure) -> Void = { () throws(Failure) in }
    /// Names of the extensions that the server offers.
    private(set) var extensions: [String] = []
    /// Bytes to ask for in one READ.
    private(set) var readLength = Client.commonReadLength
    /// Files and folders that the server keeps open at once, if it says.
    private(set) var handleLimit: Int?

    init(_ channel: any Channel) { self.channel = channel }

    /// Says hello, and learns what the server can take.
    func start() throws(Failure) {
        var hello = WireWriter()
        hello.number(5)
        hello.byte(Ask.start.rawValue)
        hello.number(3)
        try channel.send(hello.bytes)
        var reader = try nextPacket()
        do {
            guard AnswerKind(rawValue: try reader.byte()) == .version else { throw WireError("its first packet is no greeting") }
            let version = try reader.number()
            guard version >= 3 else { throw Failure(.remote, "the server speaks only version \(version) of SFTP; version 3 is needed") }
            while reader.rest > 0 {
                extensions.append(Plain.text(try reader.string(), limit: 64))
                _ = try reader.stringRange()
            }
        } catch { throw Client.failure(error) }
        guard extensions.contains("limits@openssh.com") else { return }
        add(Ticket(ask: .limits), 4 + 18) { $0.text("limits@openssh.com") }
        // a server that offers it and then refuses is asked as if it had not offered
        guard case (_, .limits(let readLength, let handles)) = try next() else { return }
        if readLength > 0 { self.readLength = Int(min(max(readLength, 4 << 10), UInt64(Client.longestPacket - 2048))) }
        if handles > 0 { handleLimit = Int(clamping: handles) }
    }

    // MARK: asking

    /// Whether another request may be made before an answer is taken.
    var hasRoom: Bool { unansweredBytes < Client.room }
    var isIdle: Bool { unanswered.isEmpty }

    func open(_ path: [UInt8], _ slot: Int) {
        add(Ticket(ask: .open, slot: slot), 4 + path.count + 8) {
            $0.string(path)
            $0.number(1)  // to read
            $0.number(0)  // no attributes
        }
    }
    func read(_ handle: [UInt8], offset: UInt64, length: Int, _ slot: Int) {
        add(Ticket(ask: .read, slot: slot, offset: offset, length: length), 4 + handle.count + 12) {
            $0.string(handle)
            $0.long(offset)
            $0.number(UInt32(length))
        }
    }
    func close(_ handle: [UInt8], _ slot: Int) { add(Ticket(ask: .close, slot: slot), handle) }
    /// LSTAT: attributes of what has this name, a symbolic link itself if it is one.
    func lookAt(_ path: [UInt8], _ slot: Int) { add(Ticket(ask: .lookAt, slot: slot), path) }
    func openFolder(_ path: [UInt8]) { add(Ticket(ask: .openFolder), path) }
    func readFolder(_ handle: [UInt8]) { add(Ticket(ask: .readFolder), handle) }
    func remove(_ path: [UInt8], _ slot: Int) { add(Ticket(ask: .remove, slot: slot), path) }
    func rename(_ path: [UInt8], to target: [UInt8], _ slot: Int) {
        add(Ticket(ask: .rename, slot: slot), 8 + path.count + target.count) {
            $0.string(path)
            $0.string(target)
        }
    }

    private func add(_ ticket: Ticket, _ string: [UInt8]) { add(ticket, 4 + string.count) { $0.string(string) } }
    private func add(_ ticket: Ticket, _ count: Int, _ fields: (inout WireWriter) -> Void) {
        let number = nextNumber
        nextNumber &+= 1
        output.number(UInt32(5 + count))
        output.byte(ticket.ask.rawValue)
        output.number(number)
        fields(&output)
        unanswered[number] = (ticket, 9 + count)
        unansweredBytes += 9 + count
    }

    // MARK: answers

    /// Whether an answer can be had without waiting.
    var hasAnswer: Bool { tail - head >= 4 && tail - head - 4 >= packetLength }

    /// Sends what was asked.
    func flush() throws(Failure) {
        if output.bytes.isEmpty { return }
        let bytes = output.bytes
        output = WireWriter()
        try channel.send(bytes)
    }

    /// Sends what was asked, and waits for one answer, to whichever request.
    func next() throws(Failure) -> (Ticket, Answer) {
        try flush()
        var reader = try nextPacket()
        do {
            let kind = try reader.byte()
            let number = try reader.number()
            guard let (ticket, bytes) = unanswered.removeValue(forKey: number) else {
                throw WireError("it answers request \(number), which was not made")
            }
            unansweredBytes -= bytes
            return (ticket, try answer(kind, to: ticket, from: &reader))
        } catch { throw Client.failure(error) }
    }

    /// Lets go of what is still unanswered: each answer is taken and dropped.
    func drain() throws(Failure) {
        while !isIdle { _ = try next() }
    }

    private func answer(_ kind: UInt8, to ticket: Ticket, from reader: inout WireReader) throws(WireError) -> Answer {
        switch (AnswerKind(rawValue: kind), ticket.ask) {
        case (.status, let ask):
            let status = try reader.status()
            guard status.code != Status.fine || [.close, .remove, .rename].contains(ask) else {
                throw WireError("it says no more than that all is well where a \(ask) asks for an answer")
            }
            return .status(status)
        case (.handle, .open), (.handle, .openFolder):
            let handle = try reader.string()
            guard handle.count <= Client.longestHandle else { throw WireError("a handle has \(handle.count) bytes") }
            return .handle(handle)
        case (.data, .read):
            let range = try reader.stringRange()
            guard range.count <= ticket.length else {
                throw WireError("it gives \(range.count) bytes where \(ticket.length) were asked for")
            }
            // an answer without bytes would be asked for again for ever; the end of a file is a status
            guard !range.isEmpty else { throw WireError("it answers a READ with no bytes at all") }
            return .data(range)
        case (.name, .readFolder): return .names(try reader.names())
        case (.attributes, .lookAt): return .attributes(try reader.attributes())
        case (.extended, .limits):
            _ = try reader.long()
            let readLength = try reader.long()
            _ = try reader.long()
            return .limits(readLength: readLength, handles: try reader.long())
        default: throw WireError("it answers a request of kind \(ticket.ask.rawValue) with a packet of kind \(kind)")
        }
    }

    /// The bytes of a `data` answer.
    func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> { input[range] }
    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> R) throws(Failure) -> R {
        try input.withUnsafeBufferPointer { (all) throws(Failure) -> R in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[range])))
        }
    }

    // MARK: packets

    private var packetLength: Int {
        Int(input[head]) << 24 | Int(input[head + 1]) << 16 | Int(input[head + 2]) << 8 | Int(input[head + 3])
    }

    private func nextPacket() throws(Failure) -> WireReader {
        try fill(5)
        let length = packetLength
        let isNames = input[head + 4] == AnswerKind.name.rawValue
        guard length >= 5, length <= (isNames ? Client.longestNames : Client.longestPacket) else {
            let start = input[head..<tail].prefix(60)
            if start.prefix(4).allSatisfy({ (0x20...0x7E).contains($0) || $0 == 10 || $0 == 13 }) {
                throw Client.unkept(
                    "it sends text (\(Plain.text(start))…) where a packet should be; a login script on the server that prints is the usual cause"
                )
            }
            throw Client.unkept("a packet claims \(length) bytes")
        }
        try fill(4 + length)
        let body = head + 4..<head + 4 + length
        head = body.upperBound
        return WireReader(input, in: body)
    }

    /// Reads until so many bytes lie in the buffer. A length that is only claimed reserves nothing: the buffer doubles as bytes come.
    private func fill(_ count: Int) throws(Failure) {
        if tail - head >= count { return }
        if head == tail || head + count > input.count {
            input.withUnsafeMutableBytes { bytes in
                let kept = UnsafeRawBufferPointer(rebasing: bytes[head..<tail])
                bytes.copyMemory(from: kept)
            }
            tail -= head
            head = 0
        }
        while tail - head < count {
            if tail == input.count { input.append(contentsOf: repeatElement(0, count: input.count)) }
            try beforeWaiting()
            let from = tail
            let channel = channel
            let came = try input.withUnsafeMutableBufferPointer { (all) throws(Failure) -> Int in
                try channel.receive(into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: all[from...])))
            }
            guard came > 0 else { throw Failure(.remote, "the server ended the SFTP session") }
            tail += came
        }
    }

    static func unkept(_ what: String) -> Failure {
        Failure(.remote, "the server does not keep to SFTP: \(what); ask its owner, nothing here can be changed to fit")
    }
    private static func failure(_ error: any Error) -> Failure { error as? Failure ?? unkept("\(error)") }
}
