import Formats
import Foundation
import Intake
import Ledger
import Trade

extension Pass {
    /// Takes a container apart: its members become originals, those that are to be read join the queue, and it is booked; all of
    /// that at once. Before that commit there is nothing of it but objects in the archive, and a second unpacking makes the same.
    /// - Throws: if the archive or the database would not have it: the file is not to blame and stays to be read.
    func unpack(_ booking: Booking, _ original: MappedOriginal, _ container: any Container, now: Instant) throws {
        guard booking.depth < Unpacking.deepest else {
            let what = "it lies \(booking.depth) containers deep, and is one itself"
            return try refuse(booking, Problem(.tooLarge, at: .file, what, advice: "unpack it and drop what is to be read"), now: now)
        }
        if begun.insert(booking.id).inserted { try ledger.attempt([booking]) }
        let spool = MemberSpool(archive)
        let used = try ledger.unpackedBelow(booking.root ?? booking.id, without: booking.id)
        var sink = UnpackingSink(
            spool, name: booking.name,
            budget: .init(members: Unpacking.mostMembers - used.members, bytes: Unpacking.mostBytes - used.bytes), stop: stop,
            claims: { [formats] head in if case .unknown = formats.identify(head) { false } else { true } })
        do throws(ReadFailure) {
            try original.withBytes { bytes throws(ReadFailure) in
                try Self.open(container, bytes, name: (booking.name as NSString).lastPathComponent, &sink)
            }
        } catch {
            switch error {
            case .rejected(let problems): return try refuse(booking, problems, now: now)
            case .sink(let cause):
                // a stop is not the file's fault
                if stop.isStopping { try? ledger.unattempt([booking]) }
                throw cause
            }
        }
        let chosen = Self.chosen(sink.members)
        guard chosen.contains(true) else { return try refuse(booking, sink.problems + [Self.nothingRead(sink.members)], now: now) }
        let stored = try spool.publish()
        let members = zip(sink.members, chosen).map { unpacked, isRead in
            var member = unpacked.member
            let name = ShownName.shown(member.name, in: booking.name)
            member.name = ShownName.bounded(Plain.text(member.name))
            let content = unpacked.stored.map { (sha256: stored[$0].sha256.hex, size: Int(stored[$0].size)) }
            return UnpackedContainer.Member(member, content: content, readAs: isRead ? name : nil)
        }
        let outcome = try ledger.book(
            UnpackedContainer(
                format: container.name, members: members, mails: sink.mails, notes: sink.notes, problems: sink.problems),
            as: booking, completes: try truncated(of: booking, size: original.size), at: now)
        told(booking, outcome)
        for member in try ledger.members(of: booking.id) { if let known = member.booking { told(withdrawn: known, as: known.name) } }
    }

    /// Which members are read: every file, and of parts that say the same the first that a format knows.
    static func chosen(_ members: [UnpackingSink.Unpacked]) -> [Bool] {
        var taken: Set<Int> = []
        return members.map { unpacked in
            guard unpacked.isClaimed, unpacked.stored != nil else { return false }
            guard case .part(let alternative) = unpacked.member.role else { return true }
            return taken.insert(alternative).inserted
        }
    }

    /// Names of members told of a container in which nothing is read.
    private static let mostNamed = 5

    static func nothingRead(_ members: [UnpackingSink.Unpacked]) -> Problem {
        let names = members.prefix(mostNamed).map { "\"\(ShownName.bounded(Plain.text($0.member.name)))\"" }.joined(separator: ", ")
        let more = members.count > mostNamed ? " and \(members.count - mostNamed) more" : ""
        let what = members.isEmpty ? "it holds nothing" : "nothing in it is read: it holds \(names)\(more)"
        return Problem(.unrecognised, at: .file, what, advice: "see the README for the formats that are read")
    }

    /// Opens the existential.
    static func open<Sink: MemberSink>(
        _ container: any Container, _ bytes: RawSpan, name: String, _ sink: inout Sink
    ) throws(ReadFailure) {
        func unpack<C: Container>(_ container: C) throws(ReadFailure) { try container.unpack(bytes, name: name, into: &sink) }
        try unpack(container)
    }
}
