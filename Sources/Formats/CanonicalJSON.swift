public import Trade

/// Collects the reading of one file and renders the canonical object of `remitd parse` (contract, section 3):
/// `{"file","sha256","format","documents","notes"}`, keys in that order, absent where the file gives nothing.
///
/// Documents stand in the order in which they were opened. Lines are rendered as they come, so a file of many lines costs
/// their text and not their values. What was refused, and what routes to an account, is kept beside the object.
public struct CanonicalJSON: DocumentSink {
    /// The file's name as the object shows it.
    public let file: String
    /// Hex digest of the content.
    public let sha256: String
    /// Odd things that did not stop the reading, in file order.
    public private(set) var notes: [Note] = []
    /// Documents that could not be booked among others that can (`refuse`), in file order.
    public private(set) var problems: [Problem] = []
    /// Identifiers that route to an account, each once, in order of appearance.
    public private(set) var routes: [String] = []

    private var documents: [Rendered] = []

    /// A document in the making: its text is head + "lines" + lines + tail.
    private struct Rendered {
        var head: [UInt8]
        var currency: Currency
        /// The line objects with commas between them; only remittance advices have them here.
        var lines: [UInt8] = []
        var tail: [UInt8] = []
    }

    /// - Parameters:
    ///   - file: the name to show, without a path.
    ///   - sha256: hex digest of the content.
    public init(file: String, sha256: String) {
        self.file = file
        self.sha256 = sha256
    }

    /// The number of documents so far.
    public var count: Int { documents.count }

    /// The whole object as one line, without a line end.
    /// - Parameter format: what `Format.read` returned, e.g. `x12/820`.
    public consuming func finish(format: String) -> String {
        var head = JSONText()
        head.beginObject()
        head.member("file", file)
        head.member("sha256", sha256)
        head.member("format", format)
        head.key("documents")
        var bytes = head.finishBytes()
        bytes.append(UInt8(ascii: "["))
        for (index, document) in documents.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: document.head)
            if !document.lines.isEmpty {
                bytes.append(contentsOf: #","lines":["#.utf8)
                bytes.append(contentsOf: document.lines)
                bytes.append(UInt8(ascii: "]"))
            }
            bytes.append(contentsOf: document.tail)
        }
        bytes.append(contentsOf: #"],"notes":"#.utf8)
        var tail = JSONText()
        tail.beginArray()
        for note in notes {
            tail.beginObject()
            tail.member("code", note.code)
            tail.member("at", note.at.description)
            tail.member("text", note.text)
            tail.endObject()
        }
        tail.endArray()
        bytes.append(contentsOf: tail.finishBytes())
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: DocumentSink

    public mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        var text = JSONText()
        text.beginObject()
        text.member("type", "remittance_advice")
        text.member("number", nonEmpty: advice.number)
        text.member("payer", advice.payer)
        text.member("payee", advice.payee)
        text.member("date", advice.date)
        text.member("method", advice.method)
        text.member("status", advice.status.rawValue)
        text.member("void_reason", advice.voidReason)
        text.member("currency", advice.currency)
        text.member("total", advice.total, in: advice.currency)
        text.member("exchange_rate", advice.exchangeRate)
        // what follows is written behind the lines; a key needs its object open, so the braces are set by hand
        documents.append(
            Rendered(head: text.finishBytes(), currency: advice.currency, tail: Array(#","at":"\#(advice.at)"}"#.utf8)))
        return documents.count - 1
    }

    public mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {
        let currency = documents[advice].currency
        for index in lines.indices {
            var text = JSONText()
            text.line(lines[index], in: currency)
            if !documents[advice].lines.isEmpty { documents[advice].lines.append(UInt8(ascii: ",")) }
            documents[advice].lines.append(contentsOf: text.finishBytes())
        }
    }

    public mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {
        guard !end.adjustments.isEmpty else { return }
        var text = JSONText()
        text.array(of: end.adjustments, in: documents[advice].currency)
        documents[advice].tail.insert(contentsOf: Array(#","adjustments":"#.utf8) + text.finishBytes(), at: 0)
    }

    public mutating func add(_ document: WholeDocument) throws(ReadFailure) {
        var text = JSONText()
        let currency: Currency
        switch document {
        case .invoice(let invoice):
            text.invoice(invoice)
            currency = invoice.currency
        case .memo(let memo):
            text.memo(memo)
            currency = memo.currency
        case .purchaseOrder(let order):
            text.purchaseOrder(order)
            currency = order.currency
        case .shipment(let shipment):
            text.shipment(shipment)
            currency = .unstated
        case .receipt(let receipt):
            text.receipt(receipt)
            currency = .unstated
        case .goodsReturn(let goodsReturn):
            text.goodsReturn(goodsReturn)
            currency = goodsReturn.currency
        case .chargeback(let chargeback):
            text.chargeback(chargeback)
            currency = chargeback.currency
        case .settlement(let settlement):
            text.settlement(settlement)
            currency = settlement.currency
        case .answer(let answer):
            text.answer(answer)
            currency = .unstated
        case .other(let other):
            text.other(other)
            currency = .unstated
        }
        documents.append(Rendered(head: text.finishBytes(), currency: currency))
    }

    public mutating func note(_ note: Note) { notes.append(note) }

    public mutating func refuse(_ problem: Problem) { problems.append(problem) }

    public mutating func route(_ id: String) {
        if !id.isEmpty, !routes.contains(id) { routes.append(id) }
    }
}

extension JSONText {
    mutating func member(_ name: String, nonEmpty text: String) {
        if !text.isEmpty { member(name, text) }
    }

    mutating func member(_ name: String, _ currency: Currency) {
        if currency != .unstated { member(name, currency.code) }
    }

    mutating func member(_ name: String, _ party: Party?) {
        guard let party, party.name != nil || party.id != nil else { return }
        key(name)
        beginObject()
        member("name", party.name)
        member("id", party.id)
        endObject()
    }

    /// A whole document: its type first, its place last, and between them what is its own.
    mutating func document(_ type: String, at: Location, _ members: (inout JSONText) -> Void) {
        beginObject()
        member("type", type)
        members(&self)
        member("at", at.description)
        endObject()
    }

    /// A member that is a list of objects; absent where there are none.
    mutating func objects<Value>(_ name: String, _ values: [Value], _ members: (inout JSONText, Value) -> Void) {
        guard !values.isEmpty else { return }
        key(name)
        beginArray()
        for value in values {
            beginObject()
            members(&self, value)
            endObject()
        }
        endArray()
    }

    fileprivate mutating func line(_ line: RemittanceLine, in document: Currency) {
        let currency = line.currency ?? document
        beginObject()
        member("reference", nonEmpty: line.reference)
        member("reference_type", line.referenceType.word)
        // where the number says more than itself: an own invoice's never does, whatever it ends with
        if line.referenceType != .invoice, !line.reference.isEmpty {
            let number = AmazonReference(line.reference)
            if number.root != line.reference { member("root", number.root) }
            if number.round > 0 { member("round", number.round) }
        }
        member("dispute", line.text.flatMap { RemittanceWords.dispute(in: $0) })
        member("invoice", line.invoice)
        member("return", line.returnNumber)
        member("po", line.po)
        member("date", line.date)
        if line.currency != nil { member("currency", currency) }
        member("gross", line.gross, in: currency)
        member("discount", line.discount, in: currency)
        member("net", line.net, in: currency)
        if !line.adjustments.isEmpty {
            key("adjustments")
            array(of: line.adjustments, in: currency)
        }
        member("text", line.text)
        member("at", line.at.description)
        endObject()
    }

    fileprivate mutating func array(of adjustments: [Adjustment], in currency: Currency) {
        beginArray()
        for adjustment in adjustments {
            beginObject()
            member("amount", adjustment.amount, in: currency)
            member("code", adjustment.code)
            member("reference", adjustment.reference)
            member("text", adjustment.text)
            member("at", adjustment.at.description)
            endObject()
        }
        endArray()
    }

    fileprivate mutating func invoice(_ invoice: Invoice) {
        document("invoice", at: invoice.at) { text in
            text.member("number", nonEmpty: invoice.number)
            text.member("amends", invoice.amends?.rawValue)
            text.member("amended", invoice.amended)
            text.member("date", invoice.date)
            text.member("po", invoice.po)
            text.member("currency", invoice.currency)
            text.member("total", invoice.total, in: invoice.currency)
            if let terms = invoice.terms { text.terms(terms) }
            text.items(invoice.lines)
            text.objects("charges", invoice.charges) { text, charge in
                text.member("code", nonEmpty: charge.code)
                text.member("amount", charge.amount, in: invoice.currency)
            }
            text.member("tax", invoice.tax, in: invoice.currency)
        }
    }

    private mutating func terms(_ terms: PaymentTerms) {
        key("terms")
        beginObject()
        member("net_days", terms.netDays)
        member("discount_percent", terms.discountPercent)
        member("discount_days", terms.discountDays)
        member("basis", terms.basis?.rawValue)
        member("due_date", terms.dueDate)
        member("discount_date", terms.discountDate)
        endObject()
    }

    fileprivate mutating func memo(_ memo: Memo) {
        document(memo.kind.rawValue, at: memo.at) { text in
            text.member("number", nonEmpty: memo.number)
            text.member("date", memo.date)
            text.member("currency", memo.currency)
            text.member("total", memo.total, in: memo.currency)
            text.member("invoice", memo.invoice)
            text.member("po", memo.po)
            text.member("return", memo.returnNumber)
            text.items(memo.lines, in: memo.currency)
        }
    }

    /// - Parameter currency: of the lines' amounts; only memos state any.
    mutating func items(_ lines: [ItemLine], in currency: Currency = .unstated) {
        objects("lines", lines) { text, line in
            text.member("code", line.code)
            text.member("amount", line.amount, in: currency)
            text.item(line)
        }
    }

    /// The members of an item, inside an object that is open.
    mutating func item(_ line: ItemLine) {
        member("line", line.line)
        member("item", line.item)
        aliases(line.aliases)
        member("quantity", line.quantity)
        member("unit", line.unit)
        member("unit_price", line.unitPrice)
        member("pack", line.pack)
        member("text", line.text)
        member("at", line.at.description)
    }

    fileprivate mutating func other(_ other: OtherDocument) {
        beginObject()
        member("type", "other")
        member("type_name", other.typeName)
        member("number", other.number)
        member("date", other.date)
        member("at", other.at.description)
        endObject()
    }
}
