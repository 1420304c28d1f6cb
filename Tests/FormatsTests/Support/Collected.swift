import Trade

@testable import Formats

/// A sink that keeps everything, as a test wants to look at it.
struct Collected: DocumentSink {
    struct Payment {
        var advice: RemittanceAdvice
        var lines: [RemittanceLine] = []
        var end: RemittanceEnd?

        /// Σ net of the lines and of the adjustments beside them.
        var net: Int64 { lines.reduce(0) { $0 + $1.net } + (end?.adjustments.reduce(0) { $0 + $1.amount } ?? 0) }
    }

    var payments: [Payment] = []
    var whole: [WholeDocument] = []
    var notes: [Note] = []
    var problems: [Problem] = []
    var routes: [String] = []

    var invoices: [Invoice] { whole.compactMap { if case .invoice(let invoice) = $0 { invoice } else { nil } } }
    var memos: [Memo] { whole.compactMap { if case .memo(let memo) = $0 { memo } else { nil } } }
    var others: [OtherDocument] { whole.compactMap { if case .other(let other) = $0 { other } else { nil } } }
    var answers: [Answer] { whole.compactMap { if case .answer(let answer) = $0 { answer } else { nil } } }
    var codes: [String] { notes.map(\.code) }
    /// Of the documents that are no remittance advices, as each set names itself.
    var numbers: [String?] { whole.map(\.number) }

    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        payments.append(Payment(advice: advice))
        return payments.count - 1
    }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {
        payments[advice].lines.append(contentsOf: copy lines)
    }
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) { payments[advice].end = end }
    mutating func add(_ document: WholeDocument) throws(ReadFailure) { whole.append(document) }
    mutating func note(_ note: Note) { notes.append(note) }
    mutating func refuse(_ problem: Problem) { problems.append(problem) }
    mutating func route(_ id: String) { routes.append(id) }
}

extension WholeDocument {
    var number: String? {
        switch self {
        case .invoice(let invoice): invoice.number
        case .memo(let memo): memo.number
        case .purchaseOrder(let order): order.number
        case .shipment(let shipment): shipment.number
        case .receipt(let receipt): receipt.number
        case .goodsReturn(let goods): goods.number
        case .answer(let answer): answer.number
        case .chargeback(let notice): notice.id
        case .settlement(let report): report.id
        case .other(let other): other.number
        }
    }
}

extension Collected {
    var orders: [PurchaseOrder] { whole.compactMap { if case .purchaseOrder(let order) = $0 { order } else { nil } } }
    var shipments: [Shipment] { whole.compactMap { if case .shipment(let shipment) = $0 { shipment } else { nil } } }
    var receipts: [Receipt] { whole.compactMap { if case .receipt(let receipt) = $0 { receipt } else { nil } } }
    var returns: [GoodsReturn] { whole.compactMap { if case .goodsReturn(let goods) = $0 { goods } else { nil } } }
}

/// What came of reading some bytes.
enum Outcome {
    case read(Collected, String)
    case rejected([Problem])

    var collected: Collected? { if case .read(let collected, _) = self { collected } else { nil } }
    var format: String? { if case .read(_, let format) = self { format } else { nil } }
    var problems: [Problem] { if case .rejected(let problems) = self { problems } else { [] } }
}
