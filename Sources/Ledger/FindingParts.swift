import GRDB
import Trade

/// What each of several cases says of one finding. One finding per kind, account and subject (contract section 4): a debit memo that is
/// taken from two invoices is one deduction, though each invoice's case knows only its own part. Kept only for findings that more than one
/// case has said something of.
struct FindingParts {
    struct Case: Hashable {
        var kind: Int64
        var account: Int64
        var key: String
        init(_ kind: CaseKind, _ account: Int64, _ key: String) {
            self.kind = kind.rawValue
            self.account = account
            self.key = key
        }
        init(kind: Int64, account: Int64, key: String) {
            self.kind = kind
            self.account = account
            self.key = key
        }
    }

    let db: Database

    private static let columns = "subject, severity, currency, amount, direction, money, deadline, details, evidence"

    /// In order of their cases, so that the whole does not depend on which came first.
    func all(of id: String) throws -> [(owner: Case, finding: Finding)] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT p.finding_id AS id, f.account, f.kind, f.key, f.state, f.opened, f.resolved, p.case_kind, p.case_account, p.case_key,
                        p.subject, p.severity, p.currency, p.amount, p.direction, p.money, p.deadline, p.details, p.evidence
                    FROM finding_parts p JOIN findings f ON f.id = p.finding_id WHERE p.finding_id = ?
                    ORDER BY p.case_kind, p.case_account, p.case_key
                    """), arguments: [id]
        ).map { row in
            (Case(kind: row["case_kind"], account: row["case_account"], key: row["case_key"]), Ledger.recorded(row).finding)
        }
    }

    func exist(of id: String) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM finding_parts WHERE finding_id = ?)"), arguments: [id]) ?? false
    }

    /// Ids of the findings of which a case says a part.
    func ids(of owner: Case) throws -> [String] {
        try String.fetchAll(
            db.cachedStatement(sql: "SELECT finding_id FROM finding_parts WHERE case_kind = ? AND case_account = ? AND case_key = ?"),
            arguments: [owner.kind, owner.account, owner.key])
    }

    func set(_ finding: Finding, of id: String, _ owner: Case) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO finding_parts (finding_id, case_kind, case_account, case_key, \(Self.columns))
                VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
                """
        ).execute(arguments: [
            id, owner.kind, owner.account, owner.key, finding.subject, finding.severity.rawValue, finding.currency?.packed, finding.amount,
            finding.direction.rawValue, finding.money, finding.deadline?.number, finding.details.text, StoredText.text(finding.evidence),
        ])
    }

    func remove(_ owner: Case, of id: String) throws {
        try db.cachedStatement(
            sql: "DELETE FROM finding_parts WHERE finding_id = ? AND case_kind = ? AND case_account = ? AND case_key = ?"
        ).execute(arguments: [id, owner.kind, owner.account, owner.key])
    }

    private static let evidenceLimit = 20
    /// A person checks no more by hand; the sum is in the amount.
    private static let itemLimit = 100

    /// The finding that the parts make: amounts added, the parts in `details.items`, the gravest severity, the earliest deadline. Nil
    /// where there is none. Amounts that cannot be added (other currencies, out of range) leave the whole without one.
    static func combined(_ parts: [Finding]) -> Finding? {
        guard var whole = parts.first, parts.count > 1 else { return parts.first }
        var sum: Int64? = 0
        var items: [JSON] = []
        for part in parts {
            if let amount = part.amount, part.currency == whole.currency, let before = sum {
                let (after, isTooLarge) = before.addingReportingOverflow(amount)
                sum = isTooLarge ? nil : after
            } else {
                sum = nil
            }
            if items.count < Self.itemLimit { items.append(item(part)) }
            if part.severity.isGraver(than: whole.severity) { whole.severity = part.severity }
            if let deadline = part.deadline { whole.deadline = min(whole.deadline ?? deadline, deadline) }
        }
        whole.amount = sum
        if sum == nil { whole.currency = nil }
        whole.details["items"] = .array(items)
        whole.evidence = Array(Set(parts.flatMap(\.evidence)).sorted().prefix(evidenceLimit))
        return whole
    }

    private static func item(_ part: Finding) -> JSON {
        var item = part.details
        if case .object = item {} else { item = [:] }
        if let amount = part.amount, let currency = part.currency { item["amount"] = .string(Money(amount, currency).decimal) }
        return item
    }
}

extension Severity {
    fileprivate func isGraver(than other: Severity) -> Bool { rank > other.rank }
    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .critical: 2
        }
    }
}
