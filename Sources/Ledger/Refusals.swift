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
    /// What it answers, where that is on file, is an invoice.
    public var isInvoice = false
    /// The answer's own document, its account, and the document that was found by control numbers.
    fileprivate var answering: Int64 = 0
    fileprivate var accountID: Int64 = 0
    fileprivate var answered: Int64?
}

extension Ledger {
    /// Refusals stored after document `after`, up to `through`, in the order they came, without those that the partner or we have
    /// answered since: of what was refused and is on file, those that stand.
    /// - Parameter withStanding: those stored before that still stand, too, at most `mostStanding`.
    public func refusals(
        after: Int64, through: Int64, accounts: [String]?, withStanding: Bool = false
    ) throws(LedgerError) -> [RefusedDocument] {
        try read { db in
            let all = try refused(db, after: after, through: through, accounts: accounts, withStanding: withStanding)
            let standing = try Standing(db, all)
            return try all.compactMap { refused in
                var refused = refused
                let state = try standing.state(of: &refused)
                return state == .stands || refused.answering > after && state == .unknown ? refused : nil
            }
        }
    }

    /// Documents of ours that were refused and that nothing has taken since: no later answer of that kind accepts them, they were not
    /// sent again, and nothing is paid on them.
    public func standingRefusals(accounts: [String]?) throws(LedgerError) -> [RefusedDocument] {
        try refusals(after: .max, through: .max, accounts: accounts, withStanding: true)
    }

    /// Earlier refusals that are looked at again: a partner who refuses more has not taken anything for long.
    private static let mostStanding = 2000

    private func refused(
        _ db: Database, after: Int64, through: Int64, accounts: [String]?, withStanding: Bool
    ) throws -> [RefusedDocument] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT c.name, a.outcome, d.type_name, d.date, a.type, a.reference, a.set_control, a.group_control, a.reasons, b.name,
                    a.place, d.account, d.id, a.id
                FROM documents d JOIN answers a ON a.document_id = d.id JOIN accounts c ON c.id = d.account
                    JOIN bookings b ON b.id = d.booking_id
                WHERE (d.id > ?1 OR ?3 AND a.outcome = 'rejected') AND d.id <= ?2 AND d.type = 9 AND d.withdrawn = 0 AND a.outcome <> 'accepted'
                    -- what a group is refused for is said of its sets, where they are named
                    AND (a.set_control IS NOT NULL OR a.reference IS NOT NULL OR NOT EXISTS (SELECT 1 FROM answers s
                        WHERE s.document_id = a.document_id AND s.set_control IS NOT NULL AND s.outcome <> 'accepted'))
                ORDER BY d.id > ?1 DESC, a.id DESC LIMIT ?4
                """,
            arguments: [after, through, withStanding, withStanding ? Self.mostStanding : -1]
        ).sorted { ($0[13] as Int64) < ($1[13] as Int64) }
        let travelled = try travelled(db, in: Set(rows.compactMap { $0[5] == nil ? Self.plain($0[7]) : nil }))
        return rows.flatMap { row -> [RefusedDocument] in
            guard accounts?.contains(row[0]) ?? true, let outcome = Answer.Outcome(rawValue: row[1]) else { return [] }
            let reasons = try? JSONDecoder().decode([String].self, from: Data((row[8] as String).utf8))
            let (set, group) = (row[6] as String?, row[7] as String?)
            var refused = RefusedDocument(
                account: row[0], outcome: outcome, answer: row[2], date: (row[3] as Int32?).map(Day.init(number:)), type: row[4],
                number: row[5], set: set, group: group, reasons: reasons ?? [], file: row[9], place: Location(packed: row[10]))
            refused.answering = row[12]
            refused.accountID = row[11]
            guard refused.number == nil else { return [refused] }
            // a group that is refused as a whole is each of its documents
            let found = (travelled[Self.plain(group)] ?? []).filter {
                $0.account == row[11] && (set == nil || $0.set == Self.plain(set)) && Self.answers(refused.type, $0.type)
            }
            // the same numbers come round again: the latest is meant
            if set != nil, let last = found.last { (refused.number, refused.answered) = (last.number, last.id) }
            guard set == nil, !found.isEmpty else { return [refused] }
            return found.map { document in
                (refused.number, refused.answered) = (document.number, document.id)
                return refused
            }
        }
    }

    private struct Travelled {
        var id: Int64
        var account: Int64
        var type: Int64
        var set: String
        var number: String
    }

    /// Control numbers are numbers to some senders and text to others: `000000051` answers `51`.
    fileprivate static func plain(_ control: String?) -> String {
        let digits = (control ?? "").drop { $0 == "0" }
        return digits.isEmpty ? control ?? "" : String(digits)
    }

    /// Whether an answer to that type (X12 143, 479; EDIFACT 0065) can mean a document of that type of the ledger.
    fileprivate static func answers(_ type: String?, _ document: Int64) -> Bool {
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
                SELECT account, type, set_control, group_control, coalesce(number, family), id FROM documents
                WHERE group_control IS NOT NULL AND type NOT IN (1, 9) AND withdrawn = 0
                    AND coalesce(nullif(ltrim(group_control, '0'), ''), group_control) IN (\(marks))
                ORDER BY id DESC LIMIT \(Self.mostTravelled)
                """, arguments: StatementArguments(Array(groups)))
        var found: [String: [Travelled]] = [:]
        for row in rows.reversed() {
            found[Self.plain(row[3]), default: []].append(
                Travelled(id: row[5], account: row[0], type: row[1], set: Self.plain(row[2]), number: row[4]))
        }
        return found
    }

    /// Documents looked at for one digest: group numbers come round again, and the latest are meant.
    private static let mostTravelled = 20_000
}

/// What came after refusals.
private struct Standing {
    enum State {
        /// What was refused is not on file, or was refused in part only: told once.
        case unknown
        case stands, answered
    }
    private struct Subject: Hashable {
        var account: Int64
        var key: String
    }
    private let db: Database
    /// By number, and by control numbers, the last answer that takes it: of any kind, and of those that judge the content.
    private var accepted: [Subject: (any: Int64, content: Int64)] = [:]

    init(_ db: Database, _ refusals: [RefusedDocument]) throws {
        self.db = db
        let wanted = Set(refusals.flatMap(Self.subjects))
        guard let first = refusals.map(\.answering).min() else { return }
        let rows = try ScannedRows(
            db,
            """
            SELECT d.account, a.family, a.group_control, a.set_control, d.id, d.type_name FROM answers a JOIN documents d ON d.id = a.document_id
            WHERE a.outcome = 'accepted' AND d.id > ? AND d.withdrawn = 0
            """, first)
        while try rows.next() {
            var keys = [Self.control(rows.textOrNil(2), rows.textOrNil(3))]
            if let family = rows.textOrNil(1) { keys.append(family) }
            for key in keys {
                let subject = Subject(account: rows.integer(0), key: key)
                guard wanted.contains(subject) else { continue }
                let last = accepted[subject] ?? (0, 0)
                let isOfContent = Self.isOfContent(rows.text(5))
                accepted[subject] = (max(last.any, rows.integer(4)), isOfContent ? max(last.content, rows.integer(4)) : last.content)
            }
        }
    }

    private static func subjects(_ refused: RefusedDocument) -> [Subject] {
        var keys = [control(refused.group, refused.set)]
        if let number = refused.number { keys.append(ClaimChain(key: ReferenceKey.of(number)).base) }
        return keys.map { Subject(account: refused.accountID, key: $0) }
    }

    /// No number has a blank in its key.
    private static func control(_ group: String?, _ set: String?) -> String { "\(Ledger.plain(group)) \(Ledger.plain(set))" }

    /// 824 and APERAK judge what a document says; 997, 999 and CONTRL only how it is written, and they end no refusal of the others.
    private static func isOfContent(_ answer: String) -> Bool { answer.hasSuffix("824") || answer.hasSuffix("APERAK") }

    func state(of refused: inout RefusedDocument) throws -> State {
        guard refused.outcome == .rejected, let number = refused.number else { return .unknown }
        let key = ReferenceKey.of(number)
        let family = ClaimChain(key: key).base
        let (account, type) = (refused.accountID, refused.type)
        let documents = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, type, coalesce(number, family), group_control IS NOT NULL FROM documents
                    WHERE account = ? AND family IN (?, ?) AND type NOT IN (1, 9) AND withdrawn = 0 ORDER BY id
                    """), arguments: [account, family, key]
        ).filter { ReferenceKey.of($0[2] as String) == key && Ledger.answers(type, $0[1]) }
        guard let first = documents.first else { return .unknown }
        refused.isInvoice = first[1] == 2
        // sent again: under other control numbers, or after the answer to what was sent before it
        let before = refused.answered ?? refused.answering
        let isFirstKnown = (first[0] as Int64) <= before
        if isFirstKnown, documents.contains(where: { ($0[0] as Int64) > before && $0[3] }) { return .answered }
        for subject in Self.subjects(refused) {
            let last = accepted[subject] ?? (0, 0)
            if (Self.isOfContent(refused.answer) ? last.content : last.any) > refused.answering { return .answered }
        }
        guard refused.isInvoice else { return .stands }
        let paid = try String.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT coalesce(l.reference, l.family) FROM lines l JOIN documents d ON d.id = l.document_id
                    WHERE l.account = ? AND l.family = ? AND l.kind = 0 AND l.net > 0 AND d.stands = 1 AND d.withdrawn = 0
                    """), arguments: [account, family])
        return paid.contains { ReferenceKey.of($0) == key } ? .answered : .stands
    }
}
