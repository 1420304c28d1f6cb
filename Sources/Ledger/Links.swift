import GRDB
import Trade

/// Numbers by which a deduction may be found, besides the invoice that it is about.
enum ClaimNumbers {
    /// The key of the reference itself, and what may be a return's: named beside the reference, or before a product line's
    /// suffix ("return ID + '_' + 4 characters", FACTS-AMAZON 4).
    static func of(_ reference: String, returnNumber: String?) -> [String] {
        var keys = [ReferenceKey.of(reference)]
        if let returnNumber { keys.append(ReferenceKey.of(returnNumber)) }
        // whether it is a return's, the returns on file say: the line's own words often do not
        if let number = beforeProductLine(reference) { keys.append(ReferenceKey.of(number)) }
        return keys.filter { !$0.isEmpty }
    }

    static func beforeProductLine(_ reference: String) -> Substring? {
        let suffix = reference.utf8.suffix(5)
        guard suffix.count == 5, suffix.first == 95, reference.utf8.count > 5 else { return nil }
        let isPlain = suffix.dropFirst().allSatisfy { $0 >= 48 && $0 <= 57 || $0 >= 65 && $0 <= 90 || $0 >= 97 && $0 <= 122 }
        let number = reference.dropLast(5)
        // `INV_1001` is a number with a word before it
        return isPlain && number.utf8.contains { $0 >= 48 && $0 <= 57 } ? number : nil
    }
}

/// Writes the tables by which documents of one order, and notices of one deduction, find each other.
struct Links {
    /// Of the keys in `order_links`, `number_links` and `items.order_key`. Another one than the ledger's fills them anew.
    static let version = "4"

    private let orders: BoundStatement
    private let numbers: BoundStatement

    init(_ db: Database) throws {
        orders = try BoundStatement(
            db, "INSERT INTO order_links (account, po, document_id, family) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        numbers = try BoundStatement(
            db,
            """
            INSERT INTO number_links (account, key, document_id, family, is_claim) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET is_claim = max(is_claim, excluded.is_claim)
            """)
    }

    /// - Parameter po: its key; nothing is kept of an empty one.
    func keep(order po: String, _ document: Int64, of account: Int64, family: String = "") throws {
        if !po.isEmpty { try run(orders, account, po, document, family) }
    }

    func keep(number key: String, _ document: Int64, of account: Int64, family: String = "", isClaim: Bool = false) throws {
        guard !key.isEmpty else { return }
        numbers.bind(5, isClaim ? 1 : 0)
        try run(numbers, account, key, document, family)
    }

    /// A claim's own number, where the line that takes it or gives it back names its invoice beside it: a line that gives the number
    /// alone is of that invoice, too (see `ClaimDocument`). A number that says itself what it is about needs no link.
    func keep(claim reference: String, _ role: LineRole, _ document: Int64, of account: Int64, family: String) throws {
        switch role {
        case .claim, .reversal, .chargeback, .vendorReturn, .memo, .other: break
        case .invoice, .closing, .finalDocument, .provision, .provisionReversal, .agreement, .tax: return
        }
        let key = ReferenceKey.of(reference)
        if !key.isEmpty, key != family, ClaimChain(key: key).links.isEmpty {
            try keep(number: key, document, of: account, family: family, isClaim: true)
        }
    }

    /// What a deduction names. A number whose own family is the deduction's needs no link.
    func keep(
        deduction reference: String, po: String?, returnNumber: String?, _ document: Int64,
        of account: Int64, family: String
    ) throws {
        if let po { try keep(order: ReferenceKey.of(po), document, of: account, family: family) }
        for key in ClaimNumbers.of(reference, returnNumber: returnNumber) where ClaimChain(key: key).base != family {
            try keep(number: key, document, of: account, family: family)
        }
    }

    private func run(_ statement: BoundStatement, _ account: Int64, _ key: String, _ document: Int64, _ family: String) throws {
        statement.bind(1, account)
        statement.bind(2, key)
        statement.bind(3, document)
        statement.bind(4, family)
        try statement.run()
    }
}

extension Links {
    /// Fills the tables from the documents where they were never filled, or with keys of another version; then every case
    /// is judged again. SQL cannot make a key (it has no upper case beyond ASCII), so no migration can do this.
    static func bringUpToDate(_ db: Database) throws {
        guard try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'links'") != version else { return }
        try db.execute(sql: "DELETE FROM order_links; DELETE FROM number_links; UPDATE items SET order_key = '' WHERE order_key <> ''")
        let links = try Links(db)
        try links.fillDocuments(db)
        try links.fillItems(db)
        try links.fillDeductions(db)
        try db.execute(
            sql: "INSERT INTO meta VALUES ('links', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", arguments: [version])
        try Ledger.wakeAll(db)
    }

    private func fillDocuments(_ db: Database) throws {
        let rows = try ScannedRows(
            db,
            """
            SELECT d.id, d.account, d.type, d.family, d.po, c.invoice FROM documents d LEFT JOIN chargebacks c ON c.document_id = d.id
            WHERE d.type IN (2, 5, 6, 7, 10) AND d.withdrawn = 0
            """)
        while try rows.next() {
            let (document, account) = (rows.integer(0), rows.integer(1))
            let po = ReferenceKey.of(rows.text(4))
            switch rows.integer(2) {
            case 2: try keep(order: po, document, of: account, family: rows.text(3))
            case 5: try keep(order: rows.text(3), document, of: account)
            case 10: try keep(number: ReferenceKey.of(rows.text(5)), document, of: account)
            default: try keep(order: po, document, of: account)
            }
        }
        let shipped = try ScannedRows(
            db,
            """
            SELECT d.id, d.account, s.po FROM shipment_orders s JOIN documents d ON d.id = s.document_id WHERE d.withdrawn = 0
            """)
        while try shipped.next() { try keep(order: ReferenceKey.of(shipped.text(2)), shipped.integer(0), of: shipped.integer(1)) }
    }

    private func fillItems(_ db: Database) throws {
        let update = try BoundStatement(db, "UPDATE items SET order_key = ? WHERE id = ?")
        var last: Int64 = 0
        while true {
            // in pages: what is written is an index of what is read
            var page: [(item: Int64, key: String)] = []
            var count = 0
            let rows = try ScannedRows(
                db,
                """
                SELECT i.id, i.po, d.po, d.id, d.account FROM items i JOIN documents d ON d.id = i.document_id
                WHERE i.id > ? AND i.po IS NOT NULL AND d.type IN (6, 7) ORDER BY i.id LIMIT 10000
                """, last)
            while try rows.next() {
                last = rows.integer(0)
                count += 1
                let key = ReferenceKey.of(rows.text(1))
                guard !key.isEmpty else { continue }
                try keep(order: key, rows.integer(3), of: rows.integer(4))
                if key != ReferenceKey.of(rows.text(2)) { page.append((last, key)) }
            }
            if count == 0 { return }
            for (item, key) in page {
                update.bind(1, key)
                update.bind(2, item)
                try update.run()
            }
        }
    }

    private func fillDeductions(_ db: Database) throws {
        // an adjustment inside a line follows it: what takes may be either
        let rows = try ScannedRows(
            db,
            """
            SELECT l.document_id, l.account, l.family, coalesce(l.reference, l.family), l.kind, l.deduction, l.net, l.po, l.return_number,
                l.role, l.type
            FROM lines l ORDER BY l.id
            """)
        var line: (po: String?, returnNumber: String?, role: LineRole?)?
        while try rows.next() {
            let (document, account, family) = (rows.integer(0), rows.integer(1), rows.text(2))
            let isInside = rows.integer(4) == 2
            let role = LineRole(rawValue: UInt8(clamping: rows.integer(9)))
            if !isInside { line = (rows.textOrNil(7), rows.textOrNil(8), role) }
            let isPaidOrder = !isInside && rows.integer(6) >= 0 && rows.integer(10) == Int64(ReferenceType.purchaseOrder.rawValue)
            if let role, !isInside || line?.role == .invoice, !isPaidOrder {
                try keep(claim: rows.text(3), role, document, of: account, family: family)
            }
            guard rows.integer(6) < 0 else { continue }
            try keep(
                deduction: rows.text(3),
                po: isInside ? line?.po : rows.textOrNil(7),
                returnNumber: isInside ? line?.returnNumber : rows.textOrNil(8), document, of: account, family: family)
        }
    }
}
