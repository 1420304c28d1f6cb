extension Layout {
    /// One thing that a document of a kind can be told by a column.
    public struct Field: Hashable, Sendable {
        /// As YAML names it: `due_date`.
        public var name: String
        public var form: Form
        /// A document cannot be without it.
        public var isEssential: Bool
        /// Of one item or line: it may differ from row to row of a document. All others agree in all rows.
        public var isOfLine: Bool
        /// One sentence, for people.
        public var summary: String
        /// For `Form.word`: what may stand there, as written plainly.
        public var words: [String]

        let id: FieldID

        init(_ id: FieldID, _ form: Form, _ summary: String, essential: Bool = false, ofLine: Bool = false, words: [String] = []) {
            name = id.name
            self.id = id
            self.form = form
            isEssential = essential
            isOfLine = ofLine
            self.summary = summary
            self.words = words
        }

        static func line(_ id: FieldID, _ form: Form, _ summary: String, essential: Bool = false, words: [String] = []) -> Field {
            Field(id, form, summary, essential: essential, ofLine: true, words: words)
        }
    }

    /// How a value is written and what it becomes.
    public enum Form: String, CaseIterable, Hashable, Sendable {
        case text
        /// An identifier, kept as written; one in scientific notation has lost its digits and rejects the file.
        case reference
        /// Money, exact to the minor unit of the document's currency.
        case amount
        /// Money per unit, exact as written.
        case price
        /// Exact as written, never negative.
        case quantity
        /// `2` or `2%`.
        case percent
        /// A whole number of days.
        case days
        /// A plain exact number: an exchange rate.
        case number
        case date
        /// ISO 4217 code.
        case currency
        /// One of a few words (`Field.words`).
        case word
        /// An identifier that leads to an account: vendor code, marketplace.
        case route
    }
}

/// Every field that any kind of document has, as a small number: columns are looked up by it for each cell.
enum FieldID: UInt8, CaseIterable, Hashable, Sendable {
    case number, id, date, currency, total, vendor, marketplace
    case invoice, po, shipment, `return`, reference, referenceType
    case dueDate, discountDate, netDays, discountPercent, discountDays, basis, tax
    case line, item, barcode, ownItem, pack, quantity, unit, unitPrice, amount, text, code, charge, chargeCode
    case status, lineStatus, buyer, windowFrom, windowTo, freightTerms
    case accepted, announced, received, cancelled, remaining
    case shipped, delivered, estimatedDelivery, carrier, billOfLading
    case damaged, short, over
    case notified, reason
    case category, subType, disputeBy
    case payer, payerId, payee, payeeId, method, voidReason, exchangeRate
    case lineDate, gross, discount, withholding, net, lineCurrency

    /// The case's name in snake case.
    var name: String { Self.names[Int(rawValue)] }

    private static let names: [String] = allCases.map { id in
        var name = ""
        for character in String(describing: id) {
            if character.isUppercase { name += "_" + character.lowercased() } else { name.append(character) }
        }
        return name
    }
}

extension Layout.DocumentKind {
    /// What a column can feed. Every kind's file in `Tables/` begins with its list.
    public var fields: [Layout.Field] {
        switch self {
        case .remittanceAdvice: RemittanceTable.fields
        case .invoice: InvoiceTable.fields
        case .creditMemo, .debitMemo: MemoTable.fields
        case .claim: MemoTable.claimFields
        case .purchaseOrder: PurchaseOrderTable.fields
        case .shipment: ShipmentTable.fields
        case .receipt: ReceiptTable.fields
        case .goodsReturn: ReturnTable.fields
        case .chargeback: ChargebackTable.fields
        case .other: OtherTable.fields
        }
    }
}
