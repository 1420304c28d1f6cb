import Trade

/// Finds the accounts to which the documents of a file will go, before it is read for the ledger: what a document does not say itself
/// (its currency, how its dates are written) is its own account's.
struct RoutingSink: DocumentSink {
    /// The account of the documents that name these ids; nil if none fits, or more than one.
    private let account: ([String]) -> AccountRules?
    /// Where no account fits: the source's.
    private let own: AccountRules?
    /// Accounts differ in nothing that a single document needs: the first document is enough.
    private let isUniform: Bool

    /// The first document's account.
    private(set) var rules: AccountRules?
    /// By the number of the set or message: where it is another currency than that of `rules`. Readers bound the number of sets.
    private(set) var currencies: [Int: Currency] = [:]
    private var hasDocument = false
    private var ids: [String] = []
    private var idsAreUsed = false
    /// Of the ids looked at last: most files name the same ones again and again.
    private var last: (ids: [String], account: AccountRules?)?

    private struct Enough: Error {}

    init(own: AccountRules?, isUniform: Bool, account: @escaping ([String]) -> AccountRules?) {
        self.own = own
        self.isUniform = isUniform
        self.account = account
    }

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        try route(documentAt: advice.at)
        return 0
    }

    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {}
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {}
    mutating func add(_ document: WholeDocument) throws(ReadFailure) { try route(documentAt: document.at) }
    mutating func note(_ note: Note) {}
    mutating func refuse(_ problem: Problem) {}

    mutating func control(_ numbers: ControlNumbers) {
        ids = numbers.parties
        idsAreUsed = false
    }

    mutating func route(_ id: String) {
        if idsAreUsed {
            ids = []
            idsAreUsed = false
        }
        if !id.isEmpty { ids.append(id) }
    }

    /// Ends the file: one without any document goes by the ids that it names.
    mutating func finish() { if !hasDocument { rules = account(ids) ?? own } }

    private mutating func route(documentAt place: Location) throws(ReadFailure) {
        idsAreUsed = true
        let found = last.flatMap { $0.ids == ids ? $0.account : nil } ?? account(ids)
        last = (ids, found)
        if !hasDocument {
            hasDocument = true
            rules = found ?? own
        }
        // rows and lines have no numbers by which a reader could ask again
        let isNumbered = place.scheme == .segment || place.scheme == .message
        guard isNumbered, !isUniform else { throw .sink(Enough()) }
        if let found, found.currency != rules?.currency { currencies[Int(place.set)] = found.currency }
    }
}

extension WholeDocument {
    var at: Location {
        switch self {
        case .invoice(let invoice): invoice.at
        case .memo(let memo): memo.at
        case .purchaseOrder(let order): order.at
        case .shipment(let shipment): shipment.at
        case .receipt(let receipt): receipt.at
        case .goodsReturn(let goods): goods.at
        case .chargeback(let chargeback): chargeback.at
        case .settlement(let settlement): settlement.at
        case .answer(let answer): answer.at
        case .other(let other): other.at
        }
    }
}
