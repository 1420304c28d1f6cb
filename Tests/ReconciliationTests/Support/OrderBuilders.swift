import Reconciliation
import Trade

/// `quantity` of an item at `price`; places count up so that evidence differs.
func item(
    _ number: String?, _ quantity: String? = "100", _ price: String? = nil, unit: String? = "EA", status: String? = nil,
    received: String? = nil, cancelled: String? = nil, pack: String? = nil, aliases: [String] = [], file: String = "850.edi",
    place: Int = 1
) -> ItemFact {
    let progress = received.map {
        PurchaseOrder.Progress(received: ExactDecimal($0), cancelled: cancelled.flatMap { ExactDecimal($0) })
    }
    return ItemFact(
        line: "\(place)", item: number, quantity: quantity.flatMap { ExactDecimal($0) }, unit: unit,
        unitPrice: price.flatMap { ExactDecimal($0) }, pack: pack.flatMap { ExactDecimal($0) }, status: status, progress: progress,
        aliases: aliases,
        evidence: Evidence(sha256: file, file: file, at: .segment("PO1", place, set: 1)))
}

/// Ordered on 2025-12-20 unless said otherwise.
func order(
    _ items: [ItemFact], _ date: String? = "2025-12-20", kind: PurchaseOrder.Kind = .order, number: String = "8ERGSTUM",
    status: String? = nil, cancelled: Bool = false, came: String? = nil, currency: Currency = usd, document: Int64 = 200
) -> OrderFact {
    OrderFact(
        document: document, number: number, kind: kind, date: date.map(day), currency: currency, status: status, isCancelled: cancelled,
        received: day(came ?? date ?? "2025-12-20"), items: items,
        evidence: Evidence(sha256: "dd", file: "850.edi", at: .segment("ST", 1, set: Int(document))))
}

func billed(_ items: [ItemFact], _ invoice: InvoiceFact = invoice()) -> OrderInvoiceFact {
    var own = invoice
    own.po = own.po ?? "8ERGSTUM"
    return OrderInvoiceFact(invoice: own, items: items)
}

func receipt(_ items: [ItemFact], _ date: String = "2026-01-10", number: String = "R-1", document: Int64 = 300) -> ReceiptFact {
    ReceiptFact(
        document: document, number: number, date: day(date), arrived: day(date), items: items,
        evidence: Evidence(sha256: "ee", file: "861.edi", at: .segment("ST", 1, set: Int(document))))
}

func shipment(
    _ items: [ItemFact], delivered: String? = nil, estimated: Bool = false, number: String = "SH-1", document: Int64 = 400
) -> ShipmentFact {
    ShipmentFact(
        document: document, number: number, date: day("2026-01-02"), shipped: day("2026-01-02"), delivered: delivered.map(day),
        isDeliveryEstimated: estimated, arrived: day("2026-01-02"), items: items,
        evidence: Evidence(sha256: "ff", file: "856.edi", at: .segment("ST", 1, set: Int(document))))
}

/// Everything under purchase order 8ERGSTUM.
func purchase(
    _ orders: [OrderFact], _ invoices: [OrderInvoiceFact] = [], _ receipts: [ReceiptFact] = [], shipments: [ShipmentFact] = [],
    namesakes: [InvoiceFact] = []
) -> OrderCase {
    OrderCase(key: "8ERGSTUM", orders: orders, invoices: invoices, receipts: receipts, shipments: shipments, namesakes: namesakes)
}

func judge(_ orderCase: OrderCase, on today: String, _ account: AccountRules = account()) -> Verdict {
    Rules.judge(orderCase, RuleContext(account: account, today: day(today)))
}

extension Verdict {
    /// `subject amount`, in order.
    func told(_ kind: FindingKind) -> [String] { findings.filter { $0.kind == kind }.map { "\($0.subject) \($0.sum ?? "-")" } }
}
