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
            let travelled = try travelled(db, in: Set(rows.compactMap { $0[5] == nil ? Self.plain($0[7]) : nil }))
            return rows.flatMap { row -> [RefusedDocument] in
                guard accounts?.contains(row[0]) ?? true, let outcome = Answer.Outcome(rawValue: row[1]) else { return [] }
                let reasons = try? JSONDecoder().decode([String].self, from: Data((row[8] as String).utf8))
                let (set, group) = (row[6] as String?, row[7] as String?)
                var refused = RefusedDocument(
                    account: row[0], outcome: outcome, answer: row[2], date: (row[3] as Int32?).map(Day.init(number:)), type: row[4],
                    number: row[5], set: set, group: group, reasons: reasons ?? [], file: row[9], place: Location(packed: row[10]))
                guard refused.number == nil else { return [refused] }
                // a group that is refused as a whole is each of its documents
                let found = (travelled[Self.plain(group)] ?? []).filter {
                    $0.account == row[11] && (set == nil || $0.set == Self.plain(set)) && Self.answers(refused.type, $0.type)
                }
                // the same numbers come round again: the latest is meant
                if set != nil, let last = found.last { refused.number = last.number }
                guard set == nil, !found.isEmpty else { return [refused] }
                return found.map { document in
                    refused.number = document.number
                    return refused
                }
            }
        }
    }

    private struct Travelled {
        var account: Int64
        var type: Int64
        var set: String
        var number: String
    }

    /// Control numbers are numbers to some senders and text to others: `000000051` answers `51`.
    private static func plain(_ control: String?) -> String {
        let digits = (control ?? "").drop { $0 == "0" }
        return digits.isEmpty ? control ?? "" : String(digits)
    }

    /// Whether an answer to that type (X12 143, 479; EDIFACT 0065) can mean a document of that type of the ledger.
    private static func answers(_ type: String?, _ document: Int64) -> Bool {
        guard let type, let types = answered[type] else { return true }
        return types.contains(document)
    }
    private static let answered: [String: Set<Int64>] = [
        "810": [2, 3, 4], "812": [3, 4], "IN": [2, 3, 4], "CD": [3, 4], "INVOIC": [2, 3, 4], "850": [5], "855": [5], "860": [5],
        "865": [5], "PO": [5], "PR": [5], "PC": [5], "CA": [5], "ORDERS": [5], "ORDCHG": [5], "ORDRSP": [5], "856": [6], "857": [2, 6],
        "SH": [6], "BS": [2, 6], "DESADV": [6], "861": [7], "RC": [7], "RECADV": [7], "180": [8], "AN": [8],
    ]

    /// The documents that travelled in groups of those control numbers, oldest first. Refusals are few and rare, so one walk over the
    /// documents costs less than an index that every booking would have to keep.
    private func travelled(_ db: Database, in groups: Set<String>) throws -> [String: [Travelled]] {
        guard !groups.isEmpty else { return [:] }
        let marks = groups.map { _ in "?" }.joined(separator: ",")
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT account, type, set_control, group_control, coalesce(number, family) FROM documents
                WHERE group_control IS NOT NULL AND type NOT IN (1, 9) AND withdrawn = 0
                    AND coalesce(nullif(ltrim(group_control, '0'), ''), group_control) IN (\(marks))
                ORDER BY id DESC LIMIT \(Self.mostTravelled)
                """, arguments: StatementArguments(Array(groups)))
        var found: [String: [Travelled]] = [:]
        for row in rows.reversed() {
            found[Self.plain(row[3]), default: []].append(
                Travelled(account: row[0], type: row[1], set: Self.plain(row[2]), number: row[4]))
        }
        return found
    }

    /// Documents looked at for one digest: group numbers come round again, and the latest are meant.
    private static let mostTravelled = 20_000
}
