/// Reads one folder, and those below it if asked to, giving entries away as they come. Either it is read whole or it fails.
struct Listing {
    /// READDIRs under way at once: the next answer is on its way while one is read.
    private static let ahead = 3
    /// LSTATs under way at once, for servers that list names without attributes.
    private static let looksAhead = 64
    /// Answers without a single name, one after the other, after which a listing is given up as endless.
    private static let emptyLimit = 100
    /// Folders in folders: deeper ones are a loop or a hostile server.
    static let depthLimit = 16
    /// The daemon waits for a sign of life little longer than for one answer of the server; a slow listing has thousands of these.
    private static let silence = Duration.seconds(2)
    /// In bytes. A longer name, or path of a folder, is none that a server could open.
    static let nameLimit = 4096

    private let client: Client
    private let request: ListRequest
    private let give: ([RemoteEntry]) throws(Failure) -> Void
    private var batch: [RemoteEntry] = []
    private var batchBytes = 0
    /// Names that the server has given, `.` and `..` among them.
    private var seen: UInt32 = 0
    private var seenBytes = 0
    private var lastGiven = ContinuousClock.now
    private var folders: [(path: [UInt8], depth: Int)]

    init(_ client: Client, _ request: ListRequest, give: @escaping ([RemoteEntry]) throws(Failure) -> Void) {
        self.client = client
        self.request = request
        self.give = give
        folders = [(request.path, 0)]
    }

    /// - Returns: why the listing is not whole; nil if it is.
    /// - Throws: what ends the session.
    mutating func run() throws(Failure) -> Failure? {
        var next = 0
        while next < folders.count {
            let (path, depth) = folders[next]
            next += 1
            if let failure = try read(path, depth: depth) { return failure }
            try flush()
        }
        return nil
    }

    private mutating func read(_ path: [UInt8], depth: Int) throws(Failure) -> Failure? {
        client.openFolder(path)
        let handle: [UInt8]
        switch try client.next().1 {
        case .handle(let given): handle = given
        case .status(let status): return Listing.failure(status, path, "cannot be opened")
        default: return nil
        }
        var failure: Failure?
        var isAtEnd = false
        var underWay = 0
        var empty = 0
        var unclear: [RemoteEntry] = []
        while !isAtEnd || underWay > 0 {
            while !isAtEnd, failure == nil, underWay < Listing.ahead {
                client.readFolder(handle)
                underWay += 1
            }
            if underWay == 0 { break }
            let (_, answer) = try client.next()
            underWay -= 1
            try showLife()
            switch answer {
            case .names(let names):
                empty = names.isEmpty ? empty + 1 : 0
                if failure == nil { failure = try take(names, of: path, depth: depth, unclear: &unclear) }
                if empty > Listing.emptyLimit {
                    failure =
                        failure ?? Failure(.remote, "\(Listing.subject(path)) has an endless listing: answers without names; ask its owner")
                }
            case .status(let status) where status.code == Status.end: isAtEnd = true
            // what was asked ahead of the end may be answered by any status
            case .status where isAtEnd: break
            case .status(let status): failure = failure ?? Listing.failure(status, path, "cannot be read to its end")
            default: break
            }
        }
        client.close(handle, 0)
        try client.drain()
        if let failure { return failure }
        return try clear(unclear, depth: depth)
    }

    private mutating func take(_ names: [Name], of folder: [UInt8], depth: Int, unclear: inout [RemoteEntry]) throws(Failure) -> Failure? {
        guard names.count <= request.limit - seen else {
            return Failure(
                .remote,
                "\(Listing.subject(request.path)) has an endless listing: more than \(request.limit) names; move old files away, or ask its owner"
            )
        }
        seen += UInt32(names.count)
        seenBytes += names.reduce(0) { $0 + folder.count + $1.name.count }
        guard seenBytes <= ListRequest.mostBytes else {
            return Failure(
                .remote,
                "\(Listing.subject(request.path)) has an endless listing: more than \(ListRequest.mostBytes >> 20) MiB of names; "
                    + "move old files away, or ask its owner")
        }
        for name in names where name.name != [0x2E] && name.name != [0x2E, 0x2E] {
            var entry = RemoteEntry(
                folder: folder, name: name.name, shape: name.shape ?? .unknown, size: name.attributes.size,
                modified: name.attributes.modified)
            if name.name.isEmpty || name.name.count > Listing.nameLimit || name.name.contains(where: { $0 == 0x2F || $0 == 0 }) {
                entry.name = Array(name.name.prefix(Listing.nameLimit))
                entry.shape = .unknown
                try add(entry)
            } else if entry.shape == .unknown || entry.shape == .file && (entry.size == nil || entry.modified == nil) {
                unclear.append(entry)
            } else if let failure = try settle(entry, depth: depth) {
                return failure
            }
        }
        return nil
    }

    /// Asks for what the listing left out.
    private mutating func clear(_ entries: [RemoteEntry], depth: Int) throws(Failure) -> Failure? {
        var failure: Failure?
        var asked = 0
        var answered = 0
        while asked < entries.count && failure == nil || !client.isIdle {
            while asked < entries.count, failure == nil, client.isIdle || client.hasRoom && asked - answered < Listing.looksAhead {
                client.lookAt(Listing.join(entries[asked].folder, entries[asked].name), asked)
                asked += 1
            }
            let (ticket, answer) = try client.next()
            answered += 1
            try showLife()
            var entry = entries[ticket.slot]
            switch answer {
            case .attributes(let attributes):
                entry.size = attributes.size ?? entry.size
                entry.modified = attributes.modified ?? entry.modified
                entry.shape = attributes.shape ?? entry.shape
            // it has gone in the meantime
            case .status(let status) where status.code == Status.missing: continue
            // the name is listed all the same: whoever wants the file is told then why it cannot be had
            default: break
            }
            if failure == nil { failure = try settle(entry, depth: depth) }
        }
        return failure
    }

    /// Gives a finished entry away, and remembers a folder to be read.
    private mutating func settle(_ entry: RemoteEntry, depth: Int) throws(Failure) -> Failure? {
        if entry.shape == .folder, request.isRecursive {
            let path = Listing.join(entry.folder, entry.name)
            guard depth < Listing.depthLimit, path.count <= Listing.nameLimit else {
                return Failure(
                    .remote,
                    "folders lie more than \(Listing.depthLimit) deep below \(Plain.text(request.path)) on the server, as in a loop: "
                        + "\(Plain.text(path)); name the folders to read one by one")
            }
            if !isLeftOut(path) { folders.append((path, depth + 1)) }
        }
        try add(entry)
        return nil
    }

    private func isLeftOut(_ path: [UInt8]) -> Bool {
        guard let leftOut = request.leftOut else { return false }
        let parts = Listing.parts(leftOut[...])
        if parts.isEmpty { return false }
        if leftOut.first == 0x2F { return Listing.parts(path[...]) == parts }
        return Listing.parts(path.dropFirst(request.path.count)).suffix(parts.count).elementsEqual(parts)
    }

    private static func parts(_ path: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        path.split(separator: 0x2F).filter { Array($0) != [0x2E] }
    }

    private mutating func add(_ entry: RemoteEntry) throws(Failure) {
        batch.append(entry)
        batchBytes += entry.folder.count + entry.name.count
        if batch.count == Frame.entryLimit || batchBytes > Frame.dataLimit { try flush() }
    }

    private mutating func flush() throws(Failure) {
        if !batch.isEmpty { try giveBatch() }
    }

    private mutating func giveBatch() throws(Failure) {
        try give(batch)
        batch.removeAll(keepingCapacity: true)
        batchBytes = 0
        lastGiven = .now
    }

    /// Gives what there is, even if it is nothing, once the daemon has heard nothing for a while.
    private mutating func showLife() throws(Failure) {
        if ContinuousClock.now - lastGiven >= Listing.silence { try giveBatch() }
    }

    static func join(_ folder: [UInt8], _ name: [UInt8]) -> [UInt8] { folder.last == 0x2F ? folder + name : folder + [0x2F] + name }

    private static func subject(_ path: [UInt8]) -> String { "the folder \(Plain.text(path)) on the server" }

    private static func failure(_ status: Status, _ path: [UInt8], _ what: String) -> Failure {
        switch status.code {
        case Status.missing:
            Failure(
                .missing, "there is no folder \(Plain.text(path)) on the server; correct the path, or ask the server's owner to create it")
        case Status.denied:
            Failure(.permission, "\(subject(path)) may not be listed: permission denied; ask the server's owner to allow it")
        default: Failure(.remote, "\(subject(path)) \(what): the server says “\(status.words)”; ask its owner")
        }
    }
}
