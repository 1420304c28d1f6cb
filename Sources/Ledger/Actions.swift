import GRDB
public import Trade

/// What a person asks of an original.
public enum BookingAction: Sendable {
    /// Reads it again.
    case retry
    /// Takes its documents out of all sums; original and audit stay.
    case withdraw(reason: String)

    var name: String {
        switch self {
        case .retry: "retry"
        case .withdraw: "withdraw"
        }
    }
    var reason: String { if case .withdraw(let reason) = self { reason } else { "" } }
}

extension Ledger {
    /// Carries out an action on every booking of an original, and ends the order that asked for it in the same commit: a
    /// crash never leaves half of it, or carries it out twice. A container that is withdrawn takes with it what was read of it; one that
    /// is retried brings back what it took, and has read again what of it is not booked, at any depth.
    /// - Parameter order: the action file's own booking; nil where there is none.
    /// - Returns: false if the ledger has no such original; then the order is rejected with `unknown`.
    public func carryOut(
        _ action: BookingAction, on sha256: String, who: String, order: Booking? = nil, unknown: Problem? = nil, at time: Instant
    ) throws(LedgerError) -> Bool {
        forgetJudged()
        return try write { db in
            let found = try Self.bookings(db, "o.sha256 = ?", [sha256])
            switch action {
            case .retry: try Self.retry(db, found)
            case .withdraw: try Self.withdraw(db, found, at: time)
            }
            if let order {
                try Self.close(db, order, found.isEmpty ? .rejected : .booked, found.isEmpty ? [unknown].compactMap { $0 } : [], at: time)
            }
            guard !found.isEmpty else { return false }
            try Self.audit(
                db, fingerprint: fingerprint, at: time, who: who, action: action.name, subject: sha256, text: action.reason)
            return true
        }
    }

    private static func retry(_ db: Database, _ found: [Booking]) throws {
        let isRouted = found.contains { !$0.account.isEmpty && [.booked, .partial].contains($0.state) }
        for booking in found where booking.state != .received {
            // an account was found for it meanwhile
            if booking.state == .closed, isRouted { continue }
            try readAgain(db, booking.id)
            try wake(db, .file, account: 0, key: String(booking.id))
        }
        var seen = Set(found.map(\.id))
        func walk(_ container: Int64) throws {
            for id in try readMembers(db, of: container) where seen.insert(id).inserted {
                guard let member = try booking(db, "b.id = ?", [id]) else { continue }
                // what a person withdrew by itself stays so, and with it what it holds
                if member.state == .withdrawn, member.withdrawnWith == nil { continue }
                if [.rejected, .partial, .held, .withdrawn].contains(member.state) {
                    try readAgain(db, id)
                    try wake(db, .file, account: 0, key: String(id))
                }
                try walk(id)
            }
        }
        for container in found { try walk(container.id) }
    }

    private static func withdraw(_ db: Database, _ found: [Booking], at time: Instant) throws {
        // one that its container took along is now withdrawn by itself, too
        for booking in found { try withdraw(db, booking, with: nil, at: time) }
        for container in found {
            for id in try inside(db, container.id) {
                guard let member = try booking(db, "b.id = ?", [id]), member.state != .withdrawn else { continue }
                try withdraw(db, member, with: container.id, at: time)
            }
        }
    }

    private static func withdraw(_ db: Database, _ booking: Booking, with container: Int64?, at time: Instant) throws {
        guard booking.state != .closed else { return }
        try forget(db, booking: booking.id)
        try db.execute(
            sql: "UPDATE bookings SET state = 'withdrawn', withdrawn_with = ?, finished = ?, attempts = 0, crashes = 0 WHERE id = ?",
            arguments: [container, time.seconds, booking.id])
        try wake(db, .file, account: 0, key: String(booking.id))
    }
}
