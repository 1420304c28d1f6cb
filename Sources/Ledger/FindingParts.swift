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

    /// Parts `p` with what they have in common.
    private static let parts = """
        SELECT p.finding_id AS id, f.account, f.kind, f.key, f.state, f.opened, f.resolved, p.case_kind, p.case_account, p.case_key,
            p.subject, p.severity, p.currency, p.amount, p.direction, p.money, p.deadline, p.details, p.evidence
        FROM finding_parts p JOIN findings f ON f.id = p.finding_id WHERE p.finding_id = ?
        """

    /// In order of their cases, so that the whole does not depend on which came first.
    func all(of id: String) throws -> [(owner: Case, finding: Finding)] {
        try Row.fetchAll(
            db.cachedStatement(sql: Self.parts + " ORDER BY p.case_kind, p.case_account, p.case_key"), arguments: [id]
        ).map { row in
            (Case(kind: row["case_kind"], account: row["case_account"], key: row["case_key"]), Ledger.recorded(row).finding)
        }
    }

    /// What one case says, with the state of the whole; nil where it says none of it.
    func one(of id: String, _ owner: Case) throws -> RecordedFinding? {
        try Row.fetchOne(
            db.cachedStatement(sql: Self.parts + " AND p.case_kind = ? AND p.case_account = ? AND p.case_key = ?"),
            arguments: [id, owner.kind, owner.account, owner.key]
        ).map(Ledger.recorded)
    }

    func exist(of id: String) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM finding_parts WHERE finding_id = ?)"), arguments: [id]) ?? false
    }

    /// Ids of the findings that have parts, one after another.
    func next(after id: String) throws -> String? {
        try String.fetchOne(db.cachedStatement(sql: "SELECT min(finding_id) FROM finding_parts WHERE finding_id > ?"), arguments: [id])
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
    /// where there is none. Amounts that one amount cannot hold (other currencies, out of range) leave the whole without one, so that no
    /// total counts it, and `details.out_of_range` says what they come to.
    static func combined(_ parts: [Finding]) -> Finding? {
        guard var whole = parts.first, parts.count > 1 else { return parts.first }
        let sum = Sum(parts)
        var items: [JSON] = []
        for part in parts {
            if items.count < Self.itemLimit { items.append(item(part, isMixed: sum.currencies > 1)) }
            if part.severity.isGraver(than: whole.severity) { whole.severity = part.severity }
            if let deadline = part.deadline { whole.deadline = min(whole.deadline ?? deadline, deadline) }
        }
        (whole.amount, whole.currency) = (sum.amount?.minor, sum.amount?.currency)
        whole.details["out_of_range"] = sum.exact.map { .string($0) }
        whole.details["items"] = .array(items)
        whole.evidence = Array(Set(parts.flatMap(\.evidence)).sorted().prefix(evidenceLimit))
        return whole
    }

    /// What parts come to.
    private struct Sum {
        /// Nil where one amount cannot hold it.
        var amount: Money?
        /// What an amount cannot hold, in words: `10.00 USD + 5.00 EUR`.
        var exact: String?
        /// How many there are among the parts.
        var currencies = 0

        init(_ parts: [Finding]) {
            var sums: [Currency: Int128] = [:]
            var words: Set<String> = []
            var isUnknown = false
            for part in parts {
                if let amount = part.amount, let currency = part.currency {
                    // Int128 takes 2^64 amounts of any size
                    sums[currency, default: 0] += Int128(amount)
                } else if let exact = part.details["out_of_range"]?.string {
                    words.insert(exact)
                } else {
                    isUnknown = true
                }
            }
            currencies = sums.count
            if let (currency, minor) = sums.first, sums.count == 1, words.isEmpty, !isUnknown, let minor = Int64(exactly: minor) {
                amount = Money(minor, currency)
            } else if !sums.isEmpty || !words.isEmpty {
                let known = sums.sorted { $0.key < $1.key }.map { "\($0.key.text(of: $0.value)) \($0.key)" }
                exact = (known + words.sorted() + (isUnknown ? ["?"] : [])).joined(separator: " + ")
            }
        }
    }

    private static func item(_ part: Finding, isMixed: Bool) -> JSON {
        var item = part.details
        if case .object = item {} else { item = [:] }
        if let amount = part.amount, let currency = part.currency {
            item["amount"] = .string(Money(amount, currency).decimal)
            if isMixed { item["currency"] = .string(currency.code) }
        }
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
