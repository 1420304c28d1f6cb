import GRDB
import Trade

/// What the pass over documents needs of an account.
final class SieveAccount {
    let number: Int64
    let hasPlainOrders: Bool
    private let context: RuleContext?
    /// By date, for invoices without terms of their own.
    private var lastDays: [Int32: Day?] = [:]
    private static let nowhere = Evidence(sha256: "", file: "", at: .row(0))

    init(_ number: Int64, _ context: RuleContext?) {
        self.number = number
        self.context = context
        hasPlainOrders = context?.account.hasPlainOrders ?? false
    }

    /// - Parameter rows: at an invoice, by the columns of `SieveMaking.readDocuments`.
    func lastDay(_ rows: ScannedRows, _ plain: PlainCases) -> Day? {
        guard let context, context.account.hasPlainCases else { return nil }
        let hasTerms = (9...14).contains { !rows.isNull($0) }
        guard !hasTerms, context.account.invoicePattern == nil else {
            return plain.lastDay(InvoiceFact(rows, document: 0, terms: 9, Self.nowhere), context)
        }
        let date = rows.isNull(4) ? Int32.min : Int32(clamping: rows.integer(4))
        if let found = lastDays[date] { return found }
        let found = plain.lastDay(InvoiceFact(rows, document: 0, terms: 9, Self.nowhere), context)
        lastDays[date] = .some(found)
        return found
    }
}

/// The remittance of a line.
struct SieveHead {
    var date: Int32?
    var currency: Int64 = 0
    var counts = false

    init() {}

    init(_ db: Database, _ document: Int64) throws {
        let rows = try ScannedRows(
            db, "SELECT date, currency, coalesce(stands, 0) = 1 AND withdrawn = 0 FROM documents WHERE id = ?", document)
        while try rows.next() {
            date = rows.day(0)?.number
            currency = rows.integer(1)
            counts = rows.integer(2) != 0
        }
    }
}

/// Walks over `goods` beside the documents: what is no plain order.
struct SieveGoods {
    enum Kind { case order, change, answer }
    private let rows: ScannedRows
    private var document: Int64 = -1
    private var isAtEnd = false

    init(_ db: Database) throws {
        rows = try ScannedRows(
            db, "SELECT document_id, kind, cancelled FROM goods WHERE kind <> 'order' OR cancelled <> 0 ORDER BY document_id")
    }

    func end() { rows.end() }

    /// - Parameter id: greater than the one before.
    mutating func kind(of id: Int64) throws -> Kind {
        while !isAtEnd, document < id {
            isAtEnd = try !rows.next()
            if !isAtEnd { document = rows.integer(0) }
        }
        guard !isAtEnd, document == id else { return .order }
        if rows.integer(2) != 0 { return .change }
        switch PurchaseOrder.Kind(rawValue: rows.text(1)) ?? .order {
        case .order: return .order
        case .change: return .change
        case .acknowledgement, .changeAcknowledgement: return .answer
        }
    }
}

/// Walks over `items` beside the documents.
struct SieveItems {
    /// Numbers at random of what a line says, the same for the same; the quantity in ten-thousandths.
    struct Line {
        var quantity: UInt64
        /// Of item and unit.
        var weight: UInt64
        /// Of item, unit and price.
        var priced: UInt64
        /// No price, or a positive one.
        var hasUsualPrice: Bool
    }

    private let rows: ScannedRows
    private var document: Int64 = -1
    /// The row that the statement is at was not given out yet.
    private var isAhead = false
    private var isAtEnd = false
    private(set) var isInOrder = true

    init(_ db: Database) throws {
        rows = try ScannedRows(
            db,
            """
            SELECT document_id, order_key, item, quantity, unit, unit_price, po, status,
                coalesce(accepted, announced, received, cancelled, remaining) IS NOT NULL
            FROM items ORDER BY id
            """)
    }

    func end() { rows.end() }

    private mutating func step() throws {
        isAtEnd = try !rows.next()
        guard !isAtEnd else { return }
        let next = rows.integer(0)
        if next < document { isInOrder = false }
        document = next
        isAhead = true
    }

    /// Whether there is another item of this document; documents are asked for in their order, each to its end.
    mutating func next(of id: Int64) throws -> Bool {
        while !isAtEnd, isInOrder {
            if !isAhead { try step() }
            guard isAhead, document <= id else { return false }
            isAhead = false
            if document == id { return true }
        }
        return false
    }

    mutating func skip(through id: Int64) throws { while try next(of: id) {} }

    var orderKey: UnsafeRawBufferPointer { rows.bytes(1) }
    var namesNoOrder: Bool { rows.isNull(6) }
    var hasProgress: Bool { rows.integer(8) != 0 }
    /// X12 668 IS.
    var acceptsSubstitute: Bool { rows.bytes(7).elementsEqual("IS".utf8) }
    /// X12 670 DI, EDIFACT 1229 2.
    var isDeleted: Bool { rows.bytes(7).elementsEqual("DI".utf8) || rows.bytes(7).elementsEqual("2".utf8) }

    /// - Returns: nil for a line without an item or a positive quantity, and for figures of unusual length.
    func line(_ hash: SieveHash) -> Line? {
        let item = rows.bytes(2)
        guard !item.isEmpty, let quantity = Self.figure(rows.bytes(3), decimals: 4), quantity > 0 else { return nil }
        let key = hash.key(item, 0).a
        let weight = hash.mix(key, Self.unit(rows.bytes(4), hash))
        guard !rows.isNull(5) else {
            return Line(quantity: UInt64(quantity), weight: weight, priced: hash.mix(weight, .max), hasUsualPrice: true)
        }
        guard let price = Self.figure(rows.bytes(5), decimals: 6) else { return nil }
        return Line(
            quantity: UInt64(quantity), weight: weight, priced: hash.mix(weight, UInt64(bitPattern: price)), hasUsualPrice: price > 0)
    }

    /// Codes that the rules take for one piece are one; others are what they are written as.
    private static func unit(_ code: UnsafeRawBufferPointer, _ hash: SieveHash) -> UInt64 {
        if code.isEmpty || code.elementsEqual("EA".utf8) || code.elementsEqual("PCE".utf8) { return 0 }
        return hash.key(code, 1).a
    }

    /// Digits with at most one point, as `ExactDecimal` writes them, in units of the last of `decimals`.
    static func figure(_ text: UnsafeRawBufferPointer, decimals: Int) -> Int64? {
        var value: Int64 = 0
        var digits = 0
        var places = -1
        for byte in text {
            if byte == 46, places < 0 {
                places = 0
                continue
            }
            guard byte >= 48, byte <= 57, digits < 12 else { return nil }
            value = value * 10 + Int64(byte - 48)
            digits += 1
            if places >= 0 { places += 1 }
        }
        places = max(places, 0)
        guard digits > 0, places <= decimals else { return nil }
        for _ in places..<decimals { value *= 10 }
        return value
    }
}

/// `ReferenceKey` of bytes where they lie.
enum KeyBytes {
    private static func isCapital(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 }
    private static func isSmall(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 }

    static func withKey<T>(of text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        if text.allSatisfy(isCapital) { return body(text) }
        var key = ReferenceKey.of(String(decoding: text, as: UTF8.self))
        return key.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    /// Whether the text's key is this. Not told of texts beyond ASCII.
    static func isKey(_ key: UnsafeRawBufferPointer, of text: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        for byte in text {
            guard byte < 128 else { return false }
            let folded = isSmall(byte) ? byte - 32 : byte
            guard isCapital(folded) else { continue }
            guard at < key.count, key[at] == folded else { return false }
            at += 1
        }
        return at == key.count
    }
}
