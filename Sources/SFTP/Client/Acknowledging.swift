/// Removes or moves files that are committed, many at once. It touches nothing but the file that was fetched: whatever else has
/// its name by now stays, and so does whatever has the name it would get.
struct Acknowledging {
    /// Files under way at once.
    private static let slotCount = 32

    private enum Step {
        case free
        /// The file itself, before anything else.
        case file
        /// It is gone: whether an earlier attempt put it at target `n`.
        case found(Int)
        /// Whether target `n` is free.
        case target(Int)
        case removing
        /// The server said that it was removed: whether it is.
        case afterRemoving
        case renaming(Int)
        /// RENAME to target `n` was refused: whether the file is still there …
        case fileAfter(Int, Status)
        /// … and what is at the target, the file being there or not.
        case targetAfter(Int, Status, isThere: Bool)
        /// The file is there, nothing at the target: whether the folder for it is.
        case folderAfter(Int, Status)
    }

    private struct Slot {
        var step = Step.free
        var request = AcknowledgeRequest(file: FileRequest(id: 0, path: [], size: 0, modified: 0), action: .delete)
        var targets: [[UInt8]] = []
    }

    private let client: Client
    private let daemon: DaemonLink
    private var waiting: ArraySlice<AcknowledgeRequest>
    private var slots = [Slot](repeating: Slot(), count: slotCount)
    private var free = Array((0..<slotCount).reversed())
    /// Targets that files of this request have or are about to get: a server whose RENAME replaces must not be asked for one twice.
    private var claimed: Set<[UInt8]> = []

    init(_ client: Client, _ files: [AcknowledgeRequest], daemon: DaemonLink) {
        self.client = client
        self.daemon = daemon
        waiting = files[...]
    }

    /// - Throws: what ends the session.
    mutating func run() throws(Failure) {
        while true {
            while client.hasRoom, let slot = free.last, let request = waiting.popFirst() {
                free.removeLast()
                slots[slot] = Slot(step: .file, request: request)
                if case .move(let targets) = request.action { slots[slot].targets = targets }
                client.lookAt(request.file.path, slot)
            }
            if client.isIdle { break }
            try client.flush()
            try daemon.flush()
            let (ticket, answer) = try client.next()
            if let outcome = take(answer, ticket.slot) {
                let id = slots[ticket.slot].request.file.id
                slots[ticket.slot].step = .free
                free.append(ticket.slot)
                try daemon.reply(.acknowledged(id: id, outcome))
            }
        }
        try daemon.flush()
    }

    /// - Returns: nil while the file is not done with: the next request for it has been made.
    private mutating func take(_ answer: Answer, _ slot: Int) -> AcknowledgeOutcome? {
        let (file, targets) = (slots[slot].request.file, slots[slot].targets)
        var attributes: Attributes?
        var status = Status(code: Status.fine, text: "")
        switch answer {
        case .attributes(let given): attributes = given
        case .status(let given): status = given
        default: break
        }
        let isMissing = status.code == Status.missing
        let isThere = attributes?.shows(file) ?? false

        switch slots[slot].step {
        case .free: return nil
        case .file:
            if attributes != nil { return isThere ? begin(slot) : .replaced }
            return isMissing ? look(forEarlier: 0, slot) : .refused(failure(status, "cannot be looked at", file.path))
        case .found(let number):
            return isThere ? .done(targets[number]) : look(forEarlier: number + 1, slot)
        case .target(let number):
            if isMissing { return rename(number, slot) }
            return attributes != nil ? tryTarget(number + 1, slot) : .refused(failure(status, "cannot be looked at", targets[number]))
        case .removing:
            switch status.code {
            case Status.fine:
                slots[slot].step = .afterRemoving
                client.lookAt(file.path, slot)
            case Status.missing: return .gone
            default: return .refused(failure(status, "cannot be removed", file.path))
            }
        case .afterRemoving:
            guard isThere else { return .done(file.path) }
            return .refused(
                Failure(
                    .remote,
                    "\(Plain.text(file.path)) is still on the server, which says that it was removed; ask its owner, or let files be left there"
                ))
        case .renaming(let number):
            if status.code == Status.fine { return .done(targets[number]) }
            slots[slot].step = .fileAfter(number, status)
            client.lookAt(file.path, slot)
        case .fileAfter(let number, let refusal):
            if attributes == nil, !isMissing { return .refused(failure(status, "cannot be looked at", file.path)) }
            if attributes != nil, !isThere { return .replaced }
            slots[slot].step = .targetAfter(number, refusal, isThere: isThere)
            client.lookAt(targets[number], slot)
        case .targetAfter(let number, let refusal, isThere: false):
            // it was moved for all that the server says, or someone else took it
            _ = refusal
            return isThere ? .done(targets[number]) : look(forEarlier: number + 1, slot)
        case .targetAfter(let number, let refusal, isThere: true):
            if attributes != nil { return tryTarget(number + 1, slot) }
            claimed.remove(targets[number])
            if refusal.code == Status.denied { return .refused(failure(refusal, "cannot be moved", file.path)) }
            slots[slot].step = .folderAfter(number, refusal)
            client.lookAt(Acknowledging.folder(of: targets[number]), slot)
        case .folderAfter(let number, let refusal):
            guard isMissing else { return .refused(failure(refusal, "cannot be moved", file.path)) }
            let folder = Plain.text(Acknowledging.folder(of: targets[number]))
            return .refused(Failure(.missing, "there is no folder \(folder) on the server to move files to; create it, or have it created"))
        }
        return nil
    }

    private mutating func begin(_ slot: Int) -> AcknowledgeOutcome? {
        guard case .delete = slots[slot].request.action else { return tryTarget(0, slot) }
        slots[slot].step = .removing
        client.remove(slots[slot].request.file.path, slot)
        return nil
    }

    private mutating func look(forEarlier number: Int, _ slot: Int) -> AcknowledgeOutcome? {
        guard number < slots[slot].targets.count else { return .gone }
        slots[slot].step = .found(number)
        client.lookAt(slots[slot].targets[number], slot)
        return nil
    }

    private mutating func tryTarget(_ first: Int, _ slot: Int) -> AcknowledgeOutcome? {
        let targets = slots[slot].targets
        guard let number = targets.indices.dropFirst(first).first(where: { !claimed.contains(targets[$0]) }) else {
            let folder = targets.first.map { Plain.text(Acknowledging.folder(of: $0)) } ?? "the folder"
            return .refused(
                Failure(
                    .remote,
                    "\(Plain.text(slots[slot].request.file.path)) cannot be moved: all names it may get in \(folder) on the server "
                        + "are taken; clear that folder"))
        }
        claimed.insert(targets[number])
        slots[slot].step = .target(number)
        client.lookAt(targets[number], slot)
        return nil
    }

    private mutating func rename(_ number: Int, _ slot: Int) -> AcknowledgeOutcome? {
        slots[slot].step = .renaming(number)
        client.rename(slots[slot].request.file.path, to: slots[slot].targets[number], slot)
        return nil
    }

    private func failure(_ status: Status, _ what: String, _ path: [UInt8]) -> Failure {
        let name = Plain.text(path)
        guard status.code != Status.denied else {
            return Failure(
                .permission,
                "\(name) on the server \(what): permission denied; ask the server's owner to allow it, or let files be left there")
        }
        return Failure(.remote, "\(name) on the server \(what): the server says “\(status.words)”; ask its owner")
    }

    private static func folder(of path: [UInt8]) -> [UInt8] {
        guard let slash = path.lastIndex(of: 0x2F) else { return [0x2E] }
        return slash == 0 ? [0x2F] : Array(path[..<slash])
    }
}
