import GRDB
public import Trade

/// Where a document goes: the account's number in the ledger and its day of arrival.
public struct Destination: Sendable {
    public var account: AccountRules
    /// The account's day on which the file arrived.
    public var received: Day
    public init(account: AccountRules, received: Day) {
        self.account = account
        self.received = received
    }
}

/// Why a reading was stopped by its destination and not by the file's own faults.
public enum HeldBack: Error, Sendable {
    /// No account, or more than one, fits the ids that the file names.
    case unroutable(String)
    /// The document contradicts the account it would go to.
    case contradicts(String)
    /// The daemon is stopping.
    case interrupted
}

/// Stores documents as they are read, inside the booking's transaction.
public struct LedgerSink: DocumentSink {
    struct OpenAdvice {
        var id: Int64
        var account: Int64
        /// Of the payment's number.
        var key: String
        var firstLine: Int64?
        var signature: UInt64
        /// How much its lines say beyond reference and amount: the same payment in two formats stands as the one that says more.
        var richness: Int64 = 0
        /// Of the document: a line states its own only where it is another.
        var currency: Currency
        /// The account's.
        var references: [ReferencePattern]
        var agreements: AgreementNames
    }

    let db: Database
    private let booking: Int64
    let sha256: String
    private let destination: ([String]) throws(HeldBack) -> Destination
    let isStopping: () -> Bool
    var lineInsert: BoundStatement
    var documentInsert: BoundStatement
    var itemInsert: BoundStatement
    let links: Links

    private var ids: [String] = []
    private var idsAreUsed = false
    private var control: ControlNumbers?
    private var current: (destination: Destination, id: Int64)?
    private var destinations: [[String]: (destination: Destination, id: Int64)] = [:]
    private static let mostDestinations = 1000
    var open: [OpenAdvice] = []
    var nextDocument: Int64
    var nextLine: Int64
    let firstDocument: Int64
    private let firstLine: Int64
    private(set) var notes: [Note] = []
    private(set) var problems: [Problem] = []
    /// Captions, each once.
    private(set) var addedColumns: [String] = []
    /// Account id → latest payment date.
    var knownUntil: [Int64: Day] = [:]
    var payments: Set<PaymentKey> = []

    struct PaymentKey: Hashable {
        var account: Int64
        var key: String
    }

    /// Notes beyond this many say nothing new; a counter line follows instead.
    static let noteLimit = 200

    init(
        _ db: Database, booking: Int64, sha256: String, isStopping: @escaping () -> Bool,
        destination: @escaping ([String]) throws(HeldBack) -> Destination
    ) throws {
        self.db = db
        self.booking = booking
        self.sha256 = sha256
        self.isStopping = isStopping
        self.destination = destination
        nextDocument = (try Int64.fetchOne(db, sql: "SELECT max(id) FROM documents") ?? 0) + 1
        nextLine = (try Int64.fetchOne(db, sql: "SELECT max(id) FROM lines") ?? 0) + 1
        firstDocument = nextDocument
        firstLine = nextLine
        lineInsert = try BoundStatement(
            db,
            """
            INSERT INTO lines (id, document_id, account, family, reference, kind, type, role, deduction, net, gross, discount, date,
                currency, po, code, text, place, return_number) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            """)
        documentInsert = try BoundStatement(
            db,
            """
            INSERT INTO documents (id, booking_id, account, type, family, number, date, currency, total, received, place, po, net_days,
                discount_percent, discount_days, basis, due, discount_date, tax, subject, return_number, payer, payee, method, status,
                void_reason, exchange_rate, type_name, set_control, group_control, subject_key,
                amends, issued)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            """)
        itemInsert = try BoundStatement(
            db,
            """
            INSERT INTO items (document_id, line, item, quantity, unit, unit_price, text, place, po, status, damaged, short, over,
                code, amount, accepted, announced, received, cancelled, remaining, order_key, aliases, pack)
                VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            """)
        links = try Links(db)
    }

    /// The ranges of what was stored; nil where nothing was.
    var documentRange: (Int64, Int64)? { nextDocument > firstDocument ? (firstDocument, nextDocument - 1) : nil }
    var lineRange: (Int64, Int64)? { nextLine > firstLine ? (firstLine, nextLine - 1) : nil }
    var isEmpty: Bool { nextDocument == firstDocument }
    /// Of the document that was begun last.
    var account: Int64 { current?.id ?? 0 }

    // MARK: DocumentSink

    public mutating func route(_ id: String) {
        if idsAreUsed {  // formats without control numbers: what comes after a document is the next one's
            ids = []
            idsAreUsed = false
            current = nil
        }
        if !id.isEmpty { ids.append(id) }
    }

    public mutating func control(_ numbers: ControlNumbers) {
        // what stood before in the file is another document's: its parties must not lead this one astray
        ids = numbers.parties
        idsAreUsed = false
        current = nil
        control = numbers
    }

    public mutating func note(_ note: Note) {
        if note.code == Note.columnAdded { addedColumns += note.columns.filter { !addedColumns.contains($0) } }
        if notes.count < Self.noteLimit { notes.append(note) }
    }

    public mutating func refuse(_ problem: Problem) { problems.append(problem) }

    public mutating func add(_ document: WholeDocument) throws(ReadFailure) {
        if isStopping() { throw .sink(HeldBack.interrupted) }
        switch document {
        case .invoice(let invoice): try add(invoice)
        case .memo(let memo): try add(memo)
        case .purchaseOrder(let order): try add(order)
        case .shipment(let shipment): try add(shipment)
        case .receipt(let receipt): try add(receipt)
        case .goodsReturn(let goods): try add(goods)
        case .chargeback(let chargeback): try add(chargeback)
        case .settlement(let settlement): try add(settlement)
        case .answer(let answer): try add(answer)
        case .other(let other): _ = try add(9, other.number ?? "", other.date, other.at, typeName: other.typeName)
        }
    }

    // MARK: parts

    private mutating func add(_ invoice: Invoice) throws(ReadFailure) {
        let (destination, account) = try target(currency: invoice.currency)
        let id = nextDocument
        nextDocument += 1
        let family = ClaimChain(key: ReferenceKey.of(invoice.number)).base
        bindHead(id, account: account, type: 2, family: family, number: invoice.number, destination.received, invoice.at)
        documentInsert.bind(7, invoice.date.map { Int64($0.number) })
        documentInsert.bind(8, Int64(invoice.currency.packed))
        documentInsert.bind(9, invoice.total)
        documentInsert.bind(12, invoice.po)
        if let terms = invoice.terms {
            documentInsert.bind(13, terms.netDays.map(Int64.init))
            documentInsert.bind(14, terms.discountPercent?.description)
            documentInsert.bind(15, terms.discountDays.map(Int64.init))
            documentInsert.bind(16, terms.basis?.rawValue)
            documentInsert.bind(17, terms.dueDate.map { Int64($0.number) })
            documentInsert.bind(18, terms.discountDate.map { Int64($0.number) })
        }
        documentInsert.bind(19, invoice.tax)
        documentInsert.bind(32, invoice.amends?.rawValue)
        if let amended = invoice.amended.map(ReferenceKey.of), amended != ReferenceKey.of(invoice.number), !amended.isEmpty {
            documentInsert.bind(20, ClaimChain(key: amended).base)
            documentInsert.bind(31, amended)
        }
        try run(documentInsert)
        if let po = invoice.po {
            do { try links.keep(order: ReferenceKey.of(po), id, of: account, family: family) } catch { throw .sink(error) }
        }
        try insert(invoice.lines, document: id)
        for charge in invoice.charges {
            do {
                try db.cachedStatement(sql: "INSERT INTO charges (document_id, code, amount) VALUES (?, ?, ?)")
                    .execute(arguments: [id, charge.code, charge.amount])
            } catch { throw .sink(error) }
        }
    }

    private mutating func add(_ memo: Memo) throws(ReadFailure) {
        let (destination, account) = try target(currency: memo.currency)
        let id = nextDocument
        nextDocument += 1
        bindHead(
            id, account: account, type: memo.kind == .credit ? 3 : 4, family: ClaimChain(key: ReferenceKey.of(memo.number)).base,
            number: memo.number, destination.received, memo.at)
        documentInsert.bind(7, memo.date.map { Int64($0.number) })
        documentInsert.bind(8, Int64(memo.currency.packed))
        documentInsert.bind(9, memo.total)
        documentInsert.bind(12, memo.po)
        documentInsert.bind(20, memo.invoice.map { ClaimChain(key: ReferenceKey.of($0)).base })
        documentInsert.bind(21, memo.returnNumber)
        documentInsert.bind(31, memo.invoice.map { ReferenceKey.of($0) })
        try run(documentInsert)
        try insert(memo.lines, document: id)
    }

    func insert(_ items: [ItemLine], document: Int64) throws(ReadFailure) {
        itemInsert.clear()
        for item in items {
            bind(item, document)
            try run(itemInsert)
        }
    }

    func bind(_ item: ItemLine, _ document: Int64) {
        itemInsert.bind(1, document)
        itemInsert.bind(2, item.line)
        itemInsert.bind(3, item.item)
        itemInsert.bind(4, item.quantity?.description)
        itemInsert.bind(5, item.unit)
        itemInsert.bind(6, item.unitPrice?.description)
        itemInsert.bind(7, item.text)
        itemInsert.bind(8, item.at.packed)
        itemInsert.bind(14, item.code)
        itemInsert.bind(15, item.amount)
        itemInsert.bind(21, "")
        itemInsert.bind(22, item.aliases.isEmpty ? nil : StoredText.tabbed(item.aliases))
        itemInsert.bind(23, item.pack?.description)
    }

    func bindHead(
        _ id: Int64, account: Int64, type: Int64, family: String, number: String, _ received: Day, _ at: Location
    ) {
        documentInsert.clear()
        documentInsert.bind(1, id)
        documentInsert.bind(2, booking)
        documentInsert.bind(3, account)
        documentInsert.bind(4, type)
        documentInsert.bind(5, family)
        documentInsert.bind(6, number == family ? nil : number)
        documentInsert.bind(10, Int64(received.number))
        documentInsert.bind(11, at.packed)
        documentInsert.bind(29, control?.set)
        documentInsert.bind(30, control?.group)
    }

    mutating func target(currency: Currency) throws(ReadFailure) -> (Destination, Int64) {
        idsAreUsed = true
        let found: (destination: Destination, id: Int64)
        if let current {
            found = current
        } else if let known = destinations[ids] {
            found = known
            current = found
        } else {
            do {
                let destination = try destination(ids)
                found = (destination, try Ledger.accountID(db, destination.account.id))
            } catch { throw .sink(error) }
            current = found
            // nearly always a handful; a file that names ever new parties is asked about anew
            if destinations.count < Self.mostDestinations { destinations[ids] = found }
        }
        let account = found.destination.account
        if currency != .unstated, currency != account.currency {
            throw .sink(
                HeldBack.contradicts("the document is in \(currency), account \(account.id) is kept in \(account.currency)"))
        }
        return (found.destination, found.id)
    }

    func run(_ statement: BoundStatement) throws(ReadFailure) {
        do { try statement.run() } catch { throw .sink(error) }
    }
}
