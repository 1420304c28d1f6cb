import GRDB
public import Trade

/// What the rules say of cases without having them: for the sieve, which never makes one.
public struct PlainCases {
    /// Of an account's invoice, should nothing else be on file than this one under its number, and plain lines that pay exactly
    /// its total: the last day on which these may be dated for no rule to have anything to say, on any day.
    /// `Day(number: .max)`: any; nil: there is none. It depends on the invoice's terms, its date and, in an account with a
    /// pattern of numbers, its number.
    public var lastDay: (InvoiceFact, RuleContext) -> Day?
    /// Lines and documents that must wait for the ledger to be sieved first.
    public var leastWaiting: Int64
    public init(leastWaiting: Int64 = 20_000, lastDay: @escaping (InvoiceFact, RuleContext) -> Day?) {
        self.leastWaiting = leastWaiting
        self.lastDay = lastDay
    }
}

extension AccountRules {
    /// Whether an invoice whose number plain lines name can be told to be settled without loading it. This is the one place for
    /// settings under which it cannot: by `match_by` other lines than these may count as its own, and what each case leaves over
    /// is kept with its judgement (``LooseEndsOnFile``).
    var hasPlainCases: Bool { matchBy.isEmpty }

    /// Not where the judgement of an order does more than compare it: where every family on it wakes with it, because terms count from
    /// goods, or where it keeps what was received (``ReceivedMonths``).
    var hasPlainOrders: Bool { hasPlainCases && !hasAgreementOfReceipts && !(terms?.basis?.isOfGoods ?? false) }
}

/// Which cases of the whole ledger are plain, found by reading its tables once from end to end, without making a case: nine in
/// ten are, and a case that is made costs ten times what it costs to be passed over here.
///
/// A family is plain if it has one invoice that plain lines pay exactly and in time (the rules' own `PlainlySettled`, narrowed);
/// an order if it is billed as it was ordered, item by item at the order's price, and received as it was billed, or is not billed
/// yet. None has an open finding or a day to wake on, so judging it would change nothing. Whatever is in doubt is not plain: it is
/// loaded and judged. True as long as nothing is stored or changed.
///
/// What each rule could say of a case, and what is read for it not to, today and on any later day:
///
/// | rule | a family is plain only if |
/// |---|---|
/// | `payment.short`, `payment.over`, `payment.late` | its lines come to exactly its invoice's total, none of them more than was left |
/// | `payment.duplicate` | the same: two payments in full are more than the total, by more than the tolerance or not at all |
/// | `payment.paid_late` | none is dated after the last day in time (`Rules.lastPlainDay`), and this is known without the goods |
/// | `payment.discount_unearned` | no line takes a discount |
/// | `payment.unmatched` | it has an invoice, and every line names exactly its number, in its currency |
/// | `deduction.*`, `provision.open` | every line pays: role invoice, above zero, no adjustment beside or inside one |
/// | the same, by documents | no memo, claim or credit is on file under its number or for it (`LineFact.isJudgedHere`) |
/// | `invoice.duplicate_number` | one invoice is on file; withdrawn ones and contents that do not stand are not counted |
/// | the same, by what amends | no document on file cancels, changes or replaces it, or says that it stands for it |
/// | `invoice.malformed` | its number is of the account's pattern (`Rules.lastPlainDay`) |
///
/// | rule | an order is plain only if one of these: no order is on file, no invoice is, or |
/// |---|---|
/// | `match.item`, `match.price` | one order, unchanged, and its invoices have as much of each item, unit and price, in one currency |
/// | the same, by invoices | each is alone under its number, no line names an order, all state items and quantities above zero |
/// | `match.quantity` | nothing was received, or the quantity of each item and unit that was billed; no list tells of its progress |
/// | the same, by receipts | each is dated after the one before, so that none is another once more |
///
/// Beyond the rules: neither has a finding on record that would end (`CaseLoading.mayEnd`, `finding_parts`) or a day to wake on, and an
/// order has no family that is judged by its goods, for its judgement wakes these. Accounts may have none: ``AccountRules/hasPlainCases``.
final class CaseSieve: Sendable {
    /// More families, and more orders, than this are not looked at: with their tables it takes some 150 MiB at most.
    static let limit = 1_250_000
    /// Of documents and lines it keeps one bit and, while it reads, two numbers: of more than this it keeps nothing.
    static let rowLimit = 8_000_000

    private let hash: SieveHash
    private let families: SieveKeys
    private let plainFamilies: SieveBits
    private let orders: SieveKeys
    private let plainOrders: SieveBits
    /// By id: all cases that the document, or the line, touches are plain.
    private let documents: SieveBits
    private let lines: SieveBits

    init(
        hash: SieveHash, families: SieveKeys, plainFamilies: SieveBits, orders: SieveKeys, plainOrders: SieveBits,
        documents: SieveBits, lines: SieveBits
    ) {
        self.hash = hash
        self.families = families
        self.plainFamilies = plainFamilies
        self.orders = orders
        self.plainOrders = plainOrders
        self.documents = documents
        self.lines = lines
    }

    func isPlain(family: String, of account: Int64) -> Bool {
        families.find(hash.key(family, UInt64(bitPattern: account))).map(plainFamilies.holds) ?? false
    }

    func isPlain(order po: String, of account: Int64) -> Bool {
        orders.find(hash.key(po, UInt64(bitPattern: account))).map(plainOrders.holds) ?? false
    }

    /// The next documents, or lines, with those of cases that are not plain: the ids of the first and the last.
    ///
    /// - Parameter size: at most so many ids; a few plain ones between others are taken along, which costs less than another query.
    func documents(after id: Int64, through end: Int64, size: Int) -> ClosedRange<Int64>? { Self.run(documents, id, end, size) }
    func lines(after id: Int64, through end: Int64, size: Int) -> ClosedRange<Int64>? { Self.run(lines, id, end, size) }

    private static func run(_ bits: SieveBits, _ id: Int64, _ end: Int64, _ size: Int) -> ClosedRange<Int64>? {
        func next(_ id: Int64) -> Int64 { id < 0 || id >= Int64(rowLimit) ? id + 1 : Int64(bits.firstAbsent(from: Int(id) + 1)) }
        let first = next(id)
        guard first <= end else { return nil }
        var last = first
        while last - first < Int64(size) - gap {
            let more = next(last)
            guard more <= end, more - last <= gap else { break }
            last = more
        }
        return first...last
    }

    private static let gap: Int64 = 4
}

extension CaseSieve {
    /// - Returns: nil where too little waits for a pass over the whole ledger to pay, or items lie in another order than their
    ///   documents.
    static func make(_ db: Database, _ plain: PlainCases, _ context: (Int64) throws -> RuleContext?) throws -> CaseSieve? {
        let last = try Row.fetchOne(
            db,
            sql: """
                SELECT (SELECT coalesce(max(id), 0) FROM documents), (SELECT coalesce(max(id), 0) FROM lines),
                    (SELECT coalesce(sum(coalesce(b.last_document - b.first_document + 1, 0) + coalesce(b.last_line - b.first_line + 1, 0)), 0)
                        FROM wakes w JOIN bookings b ON b.id = CAST(w.key AS INTEGER) WHERE w.kind = 2)
                """)
        let (documents, lines): (Int64, Int64) = (last?[0] ?? 0, last?[1] ?? 0)
        let waiting: Int64 = last?[2] ?? 0
        // a row that is passed over costs a tenth of a case that is judged
        guard waiting >= plain.leastWaiting, waiting >= (documents + lines) / 8 else { return nil }
        try forgetOtherSettings(db, context)
        var making = SieveMaking(db, plain, documents: documents, lines: lines)
        guard try making.readDocuments(context) else { return nil }
        try making.readLines()
        try making.readAmendments()
        try making.readFindings()
        return making.sieve()
    }

    /// What accounts kept under settings that they have no longer: the judgement of any case forgets it, and of plain cases alone
    /// there is none.
    private static func forgetOtherSettings(_ db: Database, _ context: (Int64) throws -> RuleContext?) throws {
        for account in try Int64.fetchAll(db, sql: "SELECT id FROM accounts") {
            guard let rules = try context(account)?.account else { continue }
            if !rules.hasAgreementOfReceipts { try ReceivedMonths(db, account: account).forget() }
            if rules.matchBy.isEmpty { try LooseEndsOnFile(db, account: account).adopt([]) }
        }
    }
}
