import Intake
import Ledger
import Logging
import Trade

extension Pass {
    /// Moves what has an outcome to `accepted/` or `rejected/`, after the commit that recorded the outcome.
    func acknowledge(now: Instant) throws {
        // whatever came to its outcome by another way is found within a minute
        if lookedThrough.map({ now.seconds - $0.seconds >= 60 || now < $0 }) ?? true {
            lookedThrough = now
            let stuck = inboxes.reduce(into: Set<Int64>()) { $0.formUnion($1.stuck) }
            finished.formUnion(waiting.keys.filter { !stuck.contains($0) })
        }
        if !finished.isEmpty { try moveFinished(now: now) }
        for index in inboxes.indices where inboxes[index].isOpenEnded {
            inboxes[index].isOpenEnded = false
            try conclude(index, took: true, now: now)
        }
    }

    private func moveFinished(now: Instant) throws {
        var moved: [Int64] = []
        var told: [Int64: [WaitingFile]] = [:]
        var failures: [Int: SourceFailure] = [:]
        for id in finished.sorted() {
            if stop.isStopping { break }
            guard let items = waiting[id], let booking = try ledger.booking(id: id), booking.state != .received else { continue }
            var left: [WaitingFile] = []
            for item in items {
                // a source that is configured no longer is told nothing; if it comes back, the file is met again
                guard let index = inboxes.firstIndex(where: { $0.inbox.id == item.source }) else { continue }
                inboxes[index].stuck.remove(id)
                if let failure = move(item, booking, in: inboxes[index].inbox) {
                    troubles.append(PassTrouble(description: "\(item.file.name): could not be moved: \(failure.text)"))
                    inboxes[index].stuck.insert(id)
                    failures[index] = failures[index] ?? failure
                    left.append(item)
                } else {
                    moved.append(item.arrival)
                }
            }
            told[id] = left
        }
        try ledger.acknowledge(moved)
        for (id, left) in told { waiting[id] = left.isEmpty ? nil : left }
        finished.removeAll()
        for index in inboxes.indices {
            let before = inboxes[index].moving
            inboxes[index].moving = failures[index] ?? (inboxes[index].stuck.isEmpty ? nil : before)
            if (inboxes[index].moving == nil) != (before == nil), !inboxes[index].isOpenEnded { try conclude(index, took: false, now: now) }
        }
    }

    /// - Returns: why it still lies there; nil if it does not, or is another file by now.
    private func move(_ item: WaitingFile, _ booking: Booking, in inbox: FolderInbox) -> SourceFailure? {
        do throws(SourceFailure) {
            let name = item.file.name
            switch booking.state {
            case .rejected:
                _ = try inbox.reject(item.file, reason: Reason.text(name, booking.problems, partial: false, configuration.language))
            case .withdrawn:
                let reason = Reason.text(name, [booking.withdrawal ?? ""], partial: false, configuration.language)
                _ = try inbox.reject(item.file, reason: reason)
            case .partial:
                _ = try inbox.acceptInPart(item.file, reason: Reason.text(name, booking.problems, partial: true, configuration.language))
            default: _ = try inbox.accept(item.file)
            }
            return nil
        } catch { return error }
    }
}

/// The text that lies beside a rejected file.
enum Reason {
    static func text(_ name: String, _ problems: [String], partial: Bool, _ language: Language) -> String {
        let head: String =
            switch (language, partial) {
            case (.zh, false): "文件未能读取，原件已存档："
            case (.zh, true): "文件只读取了一部分，其余如下，原件已存档："
            case (.en, false): "This file could not be read. The original is kept in the archive."
            case (.en, true): "This file was read only in part; the rest is named below. The original is kept in the archive."
            }
        return ([head] + problems.map { "\(name): \($0)" }).map(Plain.text).joined(separator: "\n") + "\n"
    }
}
