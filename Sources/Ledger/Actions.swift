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
    var state: BookingState { if case .withdraw = self { .withdrawn } else { .received } }
    /// Bookings in other states have it behind them.
    var applies: Set<BookingState> {
        switch self {
        case .retry: [.rejected, .partial, .held, .withdrawn, .booked, .closed]
        case .withdraw: [.booked, .partial, .held, .rejected, .received]
        }
    }
}

extension Ledger {
    /// Carries out an action on every booking of an original, and ends the order that asked for it in the same commit: a
    /// crash never leaves half of it, or carries it out twice. A container that is withdrawn takes with it what was read of it.
    /// - Parameter order: the action file's own booking; nil where there is none.
    /// - Returns: false if the ledger has no such original; then the order is rejected with `unknown`.
    public func carryOut(
        _ action: BookingAction, on sha256: String, who: String, order: Booking? = nil, unknown: Problem? = nil, at time: Instant
    ) throws(LedgerError) -> Bool {
        forgetJudged()
        return try write { db in
            let found = try Self.bookings(db, "o.sha256 = ?", [sha256])
            var affected = found
            if case .withdraw = action {
                for container in found {
                    affected += try Self.inside(db, container.id).compactMap { try Self.booking(db, "b.id = ?", [$0]) }
                }
            }
            for booking in affected where action.applies.contains(booking.state) {
                try Self.forget(db, booking: booking.id)
                try db.execute(
                    sql: "UPDATE bookings SET state = ?, attempts = 0, crashes = 0 WHERE id = ?",
                    arguments: [action.state.rawValue, booking.id])
                try Self.wake(db, .file, account: 0, key: String(booking.id))
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
}
