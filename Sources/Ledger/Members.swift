import GRDB
public import Trade

/// A container that was taken apart, its members already in the archive.
public struct UnpackedContainer: Sendable {
    public struct Member: Sendable {
        public var member: Trade.Member
        /// Of the archive's object; nil: it could not be unpacked.
        public var content: (sha256: String, size: Int)?
        /// It is to be read like a file of its own; its name in lists, container first.
        public var readAs: String?
        public init(_ member: Trade.Member, content: (sha256: String, size: Int)?, readAs: String?) {
            self.member = member
            self.content = content
            self.readAs = readAs
        }
    }
    /// `zip`, `mail`.
    public var format: String
    /// In the container's own order.
    public var members: [Member]
    /// Heads of mails, each with the number (from 1) of the first member that follows it.
    public var mails: [(position: Int, head: MailHead)]
    public var notes: [Note]
    public var problems: [Problem]
    public init(
        format: String, members: [Member], mails: [(position: Int, head: MailHead)] = [], notes: [Note] = [], problems: [Problem] = []
    ) {
        self.format = format
        self.members = members
        self.mails = mails
        self.notes = notes
        self.problems = problems
    }
}

/// A file in a container as `remitd files` shows it.
public struct MemberRow: Sendable {
    /// As the container writes it, escaped.
    public var name: String
    /// Nil: it could not be unpacked.
    public var sha256: String?
    /// Nil: it is kept, and not read.
    public var booking: Booking?
    public var isPart: Bool
}

extension Ledger {
    /// Books a container and puts its members in the queue, in one commit: a crash leaves all of it or nothing. What came before
    /// keeps the booking that it has, and is read again only where it had been withdrawn together with another container.
    /// - Parameter completes: rejected originals that are the beginning of this one: booking it closes them.
    public func book(
        _ unpacked: UnpackedContainer, as container: Booking, completes: [Booking], at time: Instant
    ) throws(LedgerError) -> BookingOutcome {
        forgetJudged()
        return try write { db in
            try db.execute(sql: "DELETE FROM members WHERE booking_id = ?", arguments: [container.id])
            try db.execute(sql: "DELETE FROM mails WHERE booking_id = ?", arguments: [container.id])
            let arrival = try Self.bestArrival(db, of: container.id)
            for (index, member) in unpacked.members.enumerated() {
                try Self.keep(db, member, at: index + 1, of: container, arrival, time)
            }
            for (index, mail) in unpacked.mails.enumerated() {
                try db.execute(
                    sql: """
                        INSERT INTO mails (booking_id, number, position, sender, subject, message_id, date)
                        VALUES (?,?,?,?,?,?,?)
                        """,
                    arguments: [
                        container.id, index + 1, mail.position, mail.head.from, mail.head.subject, mail.head.messageID, mail.head.date,
                    ])
            }
            for old in completes { try Self.completed(db, old, at: time) }
            try Self.settleElsewhere(db, container, at: time)
            try db.execute(
                sql: """
                    UPDATE bookings SET state = ?, finished = ?, attempts = 0, crashes = 0, format = ?, problems = ?, notes = ?,
                        first_document = NULL, last_document = NULL, first_line = NULL, last_line = NULL WHERE id = ?
                    """,
                arguments: [
                    unpacked.problems.isEmpty ? "booked" : "partial", time.seconds, unpacked.format, StoredText.text(unpacked.problems),
                    StoredText.text(Array(unpacked.notes.prefix(LedgerSink.noteLimit))), container.id,
                ])
            try Self.wake(db, .file, account: 0, key: String(container.id))
            return unpacked.problems.isEmpty ? .booked : .partial(unpacked.problems)
        }
    }

    /// The arrival that speaks for a container's members: one by which a person said where it belongs, else the first.
    private static func bestArrival(_ db: Database, of booking: Int64) throws -> (source: String, modified: Int64) {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT source, modified FROM arrivals WHERE booking_id = ? ORDER BY source LIKE 'inbox/%' DESC, id LIMIT 1",
            arguments: [booking])
        return (row?["source"] ?? "", row?["modified"] ?? 0)
    }

    private static func keep(
        _ db: Database, _ member: UnpackedContainer.Member, at position: Int, of container: Booking,
        _ arrival: (source: String, modified: Int64), _ time: Instant
    ) throws {
        var original: Int64?
        var booking: Int64?
        if let content = member.content, let name = member.readAs {
            let arrived = NewArrival(
                sha256: content.sha256, size: content.size, source: arrival.source, account: container.account, name: name,
                modified: member.member.modified ?? arrival.modified)
            var known = try Self.receive(db, arrived, at: time, inside: container)
            if known.id != container.id { try welcome(db, &known) }
            booking = known.id
            // the same member of the same container is no second sighting
            let isNew = try Int.fetchOne(
                db, sql: "SELECT 1 FROM arrivals WHERE booking_id = ? AND source = ? AND name = ?",
                arguments: [known.id, arrived.source, arrived.name])
            if isNew == nil { try acknowledge(db, insert(db, arrived, booking: known.id, at: time)) }
        }
        if let content = member.content {
            original = try Self.original(db, sha256: content.sha256, size: content.size, at: time)
        }
        let role = if case .part = member.member.role { "part" } else { "file" }
        try db.cachedStatement(
            sql: """
                INSERT INTO members (booking_id, position, original_id, member_id, name, role, media_type, modified)
                VALUES (?,?,?,?,?,?,?,?)
                """
        ).execute(arguments: [
            container.id, position, original, booking, member.member.name, role, member.member.mediaType, member.member.modified,
        ])
    }

    // MARK: looking

    /// How many members are on record below an outermost container, at any depth, and how many bytes they are.
    /// - Parameter container: whose own members do not count: it is being taken apart.
    public func unpackedBelow(_ root: Int64, without container: Int64) throws(LedgerError) -> (members: Int, bytes: Int) {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS n, coalesce(sum(o.size), 0) AS bytes FROM members m LEFT JOIN originals o ON o.id = m.original_id
                    WHERE m.booking_id IN (SELECT id FROM bookings WHERE root = ?1 UNION SELECT ?1) AND m.booking_id <> ?2
                    """, arguments: [root, container])
            return (row?["n"] ?? 0, row?["bytes"] ?? 0)
        }
    }

    /// The members of a container, in its order.
    public func members(of booking: Int64) throws(LedgerError) -> [MemberRow] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT m.name, m.role, m.member_id, o.sha256 FROM members m LEFT JOIN originals o ON o.id = m.original_id
                    WHERE m.booking_id = ? ORDER BY m.position
                    """, arguments: [booking]
            ).map { row in
                MemberRow(
                    name: row["name"], sha256: row["sha256"],
                    booking: try (row["member_id"] as Int64?).flatMap { try Self.booking(db, "b.id = ?", [$0]) },
                    isPart: row["role"] == "part")
            }
        }
    }

    /// Everything that is read of a container, at any depth, each booking once, in the order of the containers.
    public func bookings(inside container: Int64) throws(LedgerError) -> [Booking] {
        try read { db in try Self.inside(db, container).compactMap { try Self.booking(db, "b.id = ?", [$0]) } }
    }

    /// A container may hold itself (there are such ZIP files), so each is gone into once.
    static func inside(_ db: Database, _ container: Int64) throws -> [Int64] {
        var seen: Set<Int64> = [container]
        var found: [Int64] = []
        func walk(_ booking: Int64) throws {
            for member in try readMembers(db, of: booking) where seen.insert(member).inserted {
                found.append(member)
                try walk(member)
            }
        }
        try walk(container)
        return found
    }

    /// Of those that are read, in the container's order.
    static func readMembers(_ db: Database, of container: Int64) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT member_id FROM members WHERE booking_id = ? AND member_id IS NOT NULL ORDER BY position"),
            arguments: [container])
    }
}
