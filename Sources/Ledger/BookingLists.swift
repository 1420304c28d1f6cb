import Foundation
import GRDB
import Trade

extension Ledger {
    // MARK: lists

    public func booking(sha256: String) throws(LedgerError) -> [Booking] {
        try read { db in try Self.bookings(db, "o.sha256 = ? ORDER BY b.id", [sha256]) }
    }

    public func files(state: BookingState?) throws(LedgerError) -> [FileRow] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT b.id, o.sha256, b.name, b.account, b.state, o.size, b.received, b.format, b.problems, b.notes
                    FROM bookings b JOIN originals o ON o.id = b.original_id \(state == nil ? "" : "WHERE b.state = ?") ORDER BY b.id
                    """, arguments: state.map { [$0.rawValue] } ?? [])
            return try rows.map { row in
                let arrivals = try Row.fetchAll(
                    db.cachedStatement(sql: "SELECT source, name, at FROM arrivals WHERE booking_id = ? ORDER BY id"),
                    arguments: [row["id"] as Int64])
                let containers = try String.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT DISTINCT o.sha256 FROM members m JOIN bookings c ON c.id = m.booking_id
                                JOIN originals o ON o.id = c.original_id WHERE m.member_id = ? ORDER BY c.id
                            """), arguments: [row["id"] as Int64])
                return FileRow(
                    sha256: row["sha256"], name: row["name"], account: row["account"],
                    state: BookingState(rawValue: row["state"]) ?? .received,
                    size: row["size"], received: Instant(seconds: row["received"]), format: row["format"],
                    problems: StoredText.problems(row["problems"]).map(\.description), notes: StoredText.lines(row["notes"]),
                    arrivals: arrivals.map { ($0["source"], $0["name"], Instant(seconds: $0["at"])) }, containers: containers)
            }
        }
    }

    /// Originals of the account that ended too early, newest first, at most 100 of each: rejected ones, and containers whose last member
    /// is cut. What else was booked in part stays: its documents are on record, and nobody would withdraw them.
    public func incompleteOriginals(account: String) throws(LedgerError) -> [(booking: Booking, size: Int)] {
        try read { db in
            let rejected = "b.state = 'rejected' AND b.account = ? AND json_extract(b.problems, '$[0].kind') = 'incomplete'"
            let partial = """
                b.state = 'partial' AND b.account = ? AND EXISTS (SELECT 1 FROM members m WHERE m.booking_id = b.id)
                    AND EXISTS (SELECT 1 FROM json_each(b.problems) p WHERE json_extract(p.value, '$.kind') = 'incomplete')
                """
            return try [rejected, partial].flatMap {
                try Self.bookings(db, $0 + " ORDER BY b.id DESC LIMIT 100", [account])
            }.map { ($0, try Int.fetchOne(db, sql: "SELECT size FROM originals WHERE sha256 = ?", arguments: [$0.sha256]) ?? 0) }
        }
    }
}

extension Ledger {
    public func booking(id: Int64) throws(LedgerError) -> Booking? {
        try read { db in try Self.booking(db, "b.id = ?", [id]) }
    }

    /// The sources that sent a booking's content.
    public func arrivalSources(of booking: Int64) throws(LedgerError) -> Set<String> {
        try read { db in
            try Set(String.fetchAll(db, sql: "SELECT DISTINCT source FROM arrivals WHERE booking_id = ?", arguments: [booking]))
        }
    }
}

extension Ledger {
    /// The digest of the one original that starts with these hex digits (at least six); nil for none or several.
    public func original(startingWith prefix: String) throws(LedgerError) -> String? {
        guard prefix.utf8.count >= 6, prefix.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 || $0 >= 97 && $0 <= 102 }) else { return nil }
        return try read { db in
            let found = try String.fetchAll(db, sql: "SELECT sha256 FROM originals WHERE sha256 GLOB ? LIMIT 2", arguments: [prefix + "*"])
            return found.count == 1 ? found[0] : nil
        }
    }
}
