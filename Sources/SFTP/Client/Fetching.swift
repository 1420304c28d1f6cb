/// Fetches files, many at once: requests for all of them are under way together, so a slow round trip is paid once for many.
///
/// A file is read at its listed size, asked for one byte more, which must not be there, and its name is looked at afterwards:
/// only if size and time are still those of the request is it `fetched`.
struct Fetching {
    /// Files that are open on the server at once. Servers limit it, some far below the thousand of OpenSSH, and refuse the next.
    private static let commonOpenLimit = 32
    /// The same where the server says that it can keep far more open.
    private static let largestOpenLimit = 128
    /// Files that are under way at once, those included that are read and closed, and only looked at.
    private static let slotCount = 192
    /// Bytes of files that are asked for and not yet with the daemon; as much is kept in memory at worst. It covers 80 MB/s over a
    /// round trip of 50 ms.
    private static let windowLimit = 4 << 20

    private enum Phase { case free, opening, reading, looking }

    private struct Slot {
        var phase = Phase.free
        var file = FileRequest(id: 0, path: [], size: 0, modified: 0)
        var handle: [UInt8] = []
        var isAlone = false
        /// Where the next READ begins.
        var asked: UInt64 = 0
        /// Bytes that the daemon has.
        var sent: UInt64 = 0
        /// READs under way, the one beyond the end included.
        var underWay = 0
        var isBeyondAsked = false
        /// What came before its turn, by the offset of the READ it began with.
        var held: [UInt64: [UInt8]] = [:]
        var hasChanged = false
        /// Why a READ failed.
        var readFailure: Status?

        var isSpoilt: Bool { hasChanged || readFailure != nil }
    }

    private let client: Client
    private let daemon: DaemonLink
    private let user: String
    private var waiting: ArraySlice<FileRequest>
    /// Files that could not be opened while others were open.
    private var alone: [FileRequest] = []
    private var slots = [Slot](repeating: Slot(), count: slotCount)
    private var free = Array((0..<slotCount).reversed())
    private var opened = 0
    /// CLOSEs under way: until they are answered the server may still count the file.
    private var closing = 0
    private var window = 0
    private let openLimit: Int
    private let readLength: UInt64

    init(_ client: Client, _ files: [FileRequest], user: String, daemon: DaemonLink) {
        self.client = client
        self.daemon = daemon
        self.user = user
        waiting = files[...]
        // half of what it says: other children of ours are served by the same account
        let said = client.handleLimit.map { min($0 / 2, Fetching.largestOpenLimit) } ?? Fetching.commonOpenLimit
        openLimit = max(1, said)
        readLength = UInt64(client.readLength)
    }

    /// - Throws: what ends the session.
    mutating func run() throws(Failure) {
        while true {
            openMore()
            for slot in slots.indices where slots[slot].phase == .reading { readMore(slot) }
            if client.isIdle { break }
            // the server first: it works while the daemon takes what it is given
            try client.flush()
            try daemon.flush()
            repeat {
                let (ticket, answer) = try client.next()
                try take(answer, ticket)
            } while client.hasAnswer
        }
        try daemon.flush()
    }

    private mutating func openMore() {
        while opened < openLimit, client.hasRoom, let slot = free.last {
            var file = waiting.popFirst()
            let isAlone = file == nil
            if isAlone, opened + closing == 0 { file = alone.popLast() }
            guard let file else { return }
            free.removeLast()
            slots[slot] = Slot()
            slots[slot].phase = .opening
            slots[slot].file = file
            slots[slot].isAlone = opened + closing == 0
            opened += 1
            client.open(file.path, slot)
            // nothing else is opened beside one that had to wait for that
            if isAlone { return }
        }
    }

    private mutating func readMore(_ slot: Int) {
        let size = slots[slot].file.size
        while !slots[slot].isSpoilt, slots[slot].asked < size, client.hasRoom {
            let length = Int(min(readLength, size - slots[slot].asked))
            guard window == 0 || window + length <= Fetching.windowLimit else { return }
            window += length
            client.read(slots[slot].handle, offset: slots[slot].asked, length: length, slot)
            slots[slot].asked += UInt64(length)
            slots[slot].underWay += 1
        }
        if !slots[slot].isSpoilt, slots[slot].asked == size, !slots[slot].isBeyondAsked, client.hasRoom {
            client.read(slots[slot].handle, offset: size, length: 1, slot)
            slots[slot].isBeyondAsked = true
            slots[slot].underWay += 1
        }
    }

    private mutating func take(_ answer: Answer, _ ticket: Ticket) throws(Failure) {
        switch ticket.ask {
        case .open: try takeOpened(answer, ticket.slot)
        case .read: try takeRead(answer, ticket)
        case .lookAt: try takeLook(answer, ticket.slot)
        // whatever the answer to CLOSE says
        default: closing -= 1
        }
    }

    private mutating func takeOpened(_ answer: Answer, _ slot: Int) throws(Failure) {
        let file = slots[slot].file
        switch answer {
        case .handle(let handle):
            slots[slot].handle = handle
            slots[slot].phase = .reading
        case .status(let status):
            opened -= 1
            switch status.code {
            case Status.missing: try end(slot, .missed(id: file.id, .gone))
            case Status.denied: try end(slot, .missed(id: file.id, .refused(denied)))
            case _ where slots[slot].isAlone:
                try end(slot, .missed(id: file.id, .refused("the server does not open it: \(status.words); ask the server's owner")))
            default:
                // perhaps only the number of open files
                alone.append(file)
                slots[slot].phase = .free
                free.append(slot)
            }
        default: break
        }
    }

    private mutating func takeRead(_ answer: Answer, _ ticket: Ticket) throws(Failure) {
        let slot = ticket.slot
        let isBeyond = ticket.offset == slots[slot].file.size
        slots[slot].underWay -= 1
        switch answer {
        case .data(let range):
            if isBeyond { slots[slot].hasChanged = true }
            if slots[slot].isSpoilt {
                if !isBeyond { window -= ticket.length }
            } else {
                try takeData(range, ticket)
            }
        case .status(let status):
            if !isBeyond { window -= ticket.length }
            if status.code != Status.end {
                slots[slot].readFailure = slots[slot].readFailure ?? status
            } else if !isBeyond {
                slots[slot].hasChanged = true
            }
        default: break
        }
        try finishReading(slot)
    }

    private mutating func takeData(_ range: Range<Int>, _ ticket: Ticket) throws(Failure) {
        let slot = ticket.slot
        if ticket.offset == slots[slot].sent {
            let (daemon, id) = (daemon, slots[slot].file.id)
            try client.withBytes(range) { (bytes) throws(Failure) in try daemon.data(id, bytes) }
            slots[slot].sent += UInt64(range.count)
            window -= range.count
            while !slots[slot].held.isEmpty, let next = slots[slot].held.removeValue(forKey: slots[slot].sent) {
                try next.withUnsafeBufferPointer { (bytes) throws(Failure) in try daemon.data(id, UnsafeRawBufferPointer(bytes)) }
                slots[slot].sent += UInt64(next.count)
                window -= next.count
            }
        } else {
            // the pieces of one READ come one after the other, so they lie in one array however small they are
            let start = ticket.offset / readLength * readLength
            slots[slot].held[start, default: []].append(contentsOf: client.bytes(range))
        }
        // a server may give less than was asked for
        if range.count < ticket.length {
            client.read(slots[slot].handle, offset: ticket.offset + UInt64(range.count), length: ticket.length - range.count, slot)
            slots[slot].underWay += 1
        }
    }

    private mutating func finishReading(_ slot: Int) throws(Failure) {
        let isDone = slots[slot].isBeyondAsked || slots[slot].isSpoilt
        guard slots[slot].phase == .reading, slots[slot].underWay == 0, isDone else { return }
        for piece in slots[slot].held.values { window -= piece.count }
        slots[slot].held = [:]
        client.close(slots[slot].handle, slot)
        closing += 1
        opened -= 1
        guard !slots[slot].hasChanged, slots[slot].isSpoilt || slots[slot].sent == slots[slot].file.size else {
            try end(slot, .missed(id: slots[slot].file.id, .changed))
            return
        }
        slots[slot].phase = .looking
        client.lookAt(slots[slot].file.path, slot)
    }

    private mutating func takeLook(_ answer: Answer, _ slot: Int) throws(Failure) {
        let file = slots[slot].file
        switch answer {
        case .attributes(let attributes) where !attributes.shows(file): try end(slot, .missed(id: file.id, .changed))
        case .attributes:
            guard let failure = slots[slot].readFailure else { return try end(slot, .fetched(id: file.id)) }
            let why = failure.code == Status.denied ? denied : "the server cannot read it: \(failure.words); ask the server's owner"
            try end(slot, .missed(id: file.id, .refused(why)))
        case .status(let status) where status.code == Status.missing: try end(slot, .missed(id: file.id, .gone))
        case .status(let status):
            let why = "the server does not say what became of it while it was read: \(status.words); ask the server's owner"
            try end(slot, .missed(id: file.id, .refused(why)))
        default: break
        }
    }

    private mutating func end(_ slot: Int, _ reply: Reply) throws(Failure) {
        slots[slot].phase = .free
        free.append(slot)
        try daemon.reply(reply)
    }

    private var denied: String { "permission denied; ask the server's owner to let \(user) read it" }
}
