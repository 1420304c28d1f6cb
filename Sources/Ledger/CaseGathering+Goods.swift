import GRDB
import Trade

// What documents about goods touch: orders, and the families whose deductions or terms are judged by them.
extension CaseGathering {
    /// Orders that a shipment, or lines of a shipment or receipt, name themselves.
    mutating func addOrders(ofLinesOf document: Int64, of account: Int64, _ judged: inout RecentlyJudged) throws {
        let lines = try ScannedRows(db, "SELECT DISTINCT order_key FROM items WHERE document_id = ? AND order_key <> ''", document)
        while try lines.next() { try add(order: lines.text(0), of: account, &judged) }
        let shipped = try ScannedRows(db, "SELECT po FROM shipment_orders WHERE document_id = ?", document)
        while try shipped.next() { try add(order: ReferenceKey.of(shipped.text(0)), of: account, &judged) }
    }

    /// Orders of the invoices or receipts under a number that another document amends.
    mutating func addOrders(ofNumber family: String, type: Int64, of account: Int64, _ judged: inout RecentlyJudged) throws {
        let rows = try ScannedRows(
            db, "SELECT id, po FROM documents WHERE account = ? AND family = ?2 AND type = \(type) AND withdrawn = 0", account)
        rows.bind(2, family)
        var documents: [Int64] = []
        while try rows.next() {
            documents.append(rows.integer(0))
            if !rows.isNull(1) { try add(order: ReferenceKey.of(rows.text(1)), of: account, &judged) }
        }
        if type == 7 { for document in documents { try addOrders(ofLinesOf: document, of: account, &judged) } }
    }

    /// Families that name the order and are judged by its goods: they have a deduction, also inside a line of another number,
    /// or a memo whose application is none, or their terms count from the goods. A superset of what the rules ask goods for.
    /// - Parameter all: the account's own terms count from the goods.
    mutating func addFamilies(onOrder po: String, of account: Int64, all: Bool, _ judged: inout RecentlyJudged) throws {
        let rows = try ScannedRows(
            db, "SELECT DISTINCT family FROM order_links WHERE account = ? AND po = ?2 AND family <> ''", account)
        rows.bind(2, po)
        while try rows.next() {
            let family = rows.text(0)
            if judged.holds(family, of: account) { continue }
            if try all || isJudgedByGoods(family, of: account) { try add(touched: family, of: account, &judged) }
        }
    }

    private static let basesOfGoods = TermsBasis.allCases.filter(\.isOfGoods).map { "'\($0.rawValue)'" }.joined(separator: ", ")

    private func isJudgedByGoods(_ family: String, of account: Int64) throws -> Bool {
        let rows = try ScannedRows(
            db,
            """
            SELECT EXISTS (SELECT 1 FROM lines WHERE account = ?1 AND family = ?2 AND net < 0)
                OR EXISTS (SELECT 1 FROM documents WHERE account = ?1 AND subject = ?2)
                OR EXISTS (SELECT 1 FROM matches WHERE account = ?1 AND invoice_family = ?2)
                OR EXISTS (SELECT 1 FROM documents WHERE account = ?1 AND family = ?2 AND type = 2
                    AND basis IN (\(Self.basesOfGoods)))
            """, account)
        rows.bind(2, family)
        var isJudged = false
        while try rows.next() { isJudged = rows.integer(0) != 0 }
        return isJudged
    }

    /// Families with a deduction that names a number, as a return or a notice does.
    mutating func addFamilies(naming number: String, of account: Int64, _ judged: inout RecentlyJudged) throws {
        guard !number.isEmpty else { return }
        let base = ClaimChain(key: number).base
        let own = try ScannedRows(db, "SELECT EXISTS (SELECT 1 FROM lines WHERE account = ? AND family = ?2)", account)
        own.bind(2, base)
        while try own.next() { if own.integer(0) != 0 { try add(touched: base, of: account, &judged) } }
        let linked = try ScannedRows(
            db, "SELECT DISTINCT family FROM number_links WHERE account = ? AND key = ?2 AND family <> ''", account)
        linked.bind(2, number)
        while try linked.next() { try add(touched: linked.text(0), of: account, &judged) }
    }

    mutating func addFamilies(ofCharge document: Int64, of account: Int64, _ judged: inout RecentlyJudged) throws {
        let notice = try ScannedRows(db, "SELECT invoice FROM chargebacks WHERE document_id = ?", document)
        var charge = ""
        while try notice.next() { charge = ReferenceKey.of(notice.text(0)) }
        try addFamilies(naming: charge, of: account, &judged)
    }
}

extension TermsBasis {
    /// The days count from a document about the goods.
    var isOfGoods: Bool {
        switch self {
        case .shipDate, .delivery, .receipt, .laterOfInvoiceAndReceipt: true
        case .invoiceDate, .endOfMonth: false
        }
    }
}
