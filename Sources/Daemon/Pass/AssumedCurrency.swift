import Formats
import Ledger
import Trade

/// Looks for rows of a list that leave out their currency: to be read without one to assume. Messages are asked about one by one.
struct StatedCurrencySink: DocumentSink {
    private(set) var leavesOut = false

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        look(advice.currency, advice.at)
        return 0
    }

    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {}
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {}
    mutating func add(_ document: WholeDocument) throws(ReadFailure) { document.currency.map { look($0, document.at) } }
    mutating func note(_ note: Note) {}
    mutating func refuse(_ problem: Problem) {}
    mutating func route(_ id: String) {}

    private mutating func look(_ currency: Currency, _ place: Location) {
        if currency == .unstated, place.scheme != .segment, place.scheme != .message { leavesOut = true }
    }
}

extension Pass {
    /// One currency is assumed for a whole list. Where its rows lead to accounts of several, that is no contradiction of a document's
    /// own, and to book it for one account by hand would book the others' documents there, too.
    /// - Parameter failure: how the reading ended.
    static func explained(
        _ failure: ReadFailure, _ bytes: RawSpan, as format: any Format, _ context: ReadingContext
    ) -> ReadFailure {
        guard case .sink(let cause) = failure, case .contradicts? = cause as? HeldBack, let assumed = context.currency else {
            return failure
        }
        var plain = context
        plain.currency = nil
        var sink = StatedCurrencySink()
        do throws(ReadFailure) { _ = try Formats.read(bytes, as: format, context: plain, into: &sink) } catch {}  // it is only looked at
        guard sink.leavesOut else { return failure }
        let what = "it names no currency, \(assumed) is assumed for all of it, and some of its documents go to an account kept in another"
        return .rejected([
            Problem(.malformed, at: .file, what, advice: "split the list by vendor code, or add a column of currencies")
        ])
    }
}

extension WholeDocument {
    /// As it was read; nil for documents that need none.
    var currency: Currency? {
        switch self {
        case .invoice(let invoice): invoice.currency
        case .memo(let memo): memo.currency
        case .purchaseOrder(let order): order.currency
        case .chargeback(let chargeback): chargeback.currency
        case .settlement(let settlement): settlement.currency
        case .goodsReturn(let goods): goods.currency
        case .shipment, .receipt, .answer, .other: nil
        }
    }
}
