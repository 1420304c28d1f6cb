import Foundation
import GRDB
public import Trade

/// Something that we sent and that the partner's machine would not take, wholly or in part.
public struct RefusedDocument: Sendable {
    public var account: String
    public var outcome: Answer.Outcome
    /// What said so: `x12/824`.
    public var answer: String
    public var date: Day?
    /// `810`, `INVOIC`, or a group's code, where the answer says it.
    public var type: String?
    /// The number of the document that is answered, from the answer itself or found by its control numbers.
    public var number: String?
    /// Control numbers, for what could not be found.
    public var set: String?
    public var group: String?
    public var reasons: [String]
    public var file: String
    public var place: Location
}

extension Ledger {
    /// Refusals stored after document `after`, up to `through`, in the order they came.
    public func refusals(after: Int64, through: Int64, accounts: [String]?) throws(LedgerError) -> [RefusedDocument] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT c.name, a.outcome, d.type_name, d.date, a.type, a.reference, a.set_control, a.group_control, a.reasons, b.name,
                        a.place, d.account
                    FROM documents d JOIN answers a ON a.document_id = d.id JOIN accounts c ON c.id = d.account
                        JOIN bookings b ON b.id = d.booking_id
                    WHERE d.id > ? AND d.id <= ? AND d.type = 9 AND d.withdrawn = 0 AND a.outcome <> 'accepted'
                        -- what a group is refused for is said of its sets, where they are named
                        AND (a.set_control IS NOT NULL OR a.reference IS NOT NULL OR NOT EXISTS (SELECT 1 FROM answers s
                            WHERE s.document_id = a.document_id AND s.set_control IS NOT NULL AND s.outcome <> 'accepted'))
                    ORDER BY a.id
                    """, arguments: [after, through])
            let found = try numbers(db, rows.compactMap { $0[5] == nil ? $0[6] : nil })
            return rows.compactMap { row in
                guard accounts?.contains(row[0]) ?? true, let outcome = Answer.Outcome(rawValue: row[1]) else { return nil }
                let reasons = try? JSONDecoder().decode([String].self, from: Data((row[8] as String).utf8))
                let (set, group) = (row[6] as String?, row[7] as String?)
                let number = set.flatMap { found[ControlKey(account: row[11], set: $0, group: group ?? "")] }
                return RefusedDocument(
                    account: row[0], outcome: outcome, answer: row[2], date: (row[3] as Int32?).map(Day.init(number:)), type: row[4],
                    number: row[5] ?? number, set: set, group: group, reasons: reasons ?? [], file: row[9],
                    place: Location(packed: row[10]))
            }
        }
    }

    private struct ControlKey: Hashable {
        var account: Int64
        var set: String
        var group: String
    }

    /// The numbers of the documents that travelled under those set control numbers. Refusals are few and rare, so one walk over the
    /// documents costs less than an index that every booking would have to keep.
    private func numbers(_ db: Database, _ sets: [String]) throws -> [ControlKey: String] {
        guard !sets.isEmpty else { return [:] }
        var found: [ControlKey: String] = [:]
        let marks = sets.map { _ in "?" }.joined(separator: ",")
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT account, set_control, group_control, coalesce(number, family) FROM documents
                WHERE set_control IN (\(marks)) AND type NOT IN (1, 9) AND withdrawn = 0 ORDER BY id
                """, arguments: StatementArguments(sets))
        for row in rows { found[ControlKey(account: row[0], set: row[1], group: (row[2] as String?) ?? "")] = row[3] }
        return found
    }
}
