import Reconciliation
import Trade

extension Verdict {
    /// The kinds of its findings about payments and invoices, in the order of the rules: claims are told by rules of their own.
    var kinds: [FindingKind] {
        findings.map(\.kind).filter { $0.rawValue.hasPrefix("payment.") || $0.rawValue.hasPrefix("invoice.") }
    }
}

/// `invoice()` on an order.
func invoice(
    _ number: String = "INV-1001", _ total: Int64 = 1000_00, date: String? = "2026-01-01", terms: PaymentTerms? = nil, po: String?,
    currency: Currency = usd, file: String = "810.edi", document: Int64 = 1
) -> InvoiceFact {
    var invoice = invoice(number, total, date: date, terms: terms, currency: currency, document: document)
    invoice.po = po
    invoice.evidence = Evidence(sha256: "a\(document)", file: file, at: .segment("ST", 1, set: 1))
    return invoice
}

/// Shipments and receipts of one order.
func goods(_ po: String, shipments: [ShipmentFact] = [], receipts: [ReceiptFact] = []) -> GoodsOnFile {
    let key = ReferenceKey.of(po)
    return GoodsOnFile(orders: [key: OrderCase(key: key, receipts: receipts, shipments: shipments)])
}

func shipment(
    _ number: String, shipped: String? = nil, delivered: String? = nil, isEstimated: Bool = false, invoice: String? = nil
) -> ShipmentFact {
    ShipmentFact(
        document: 300, number: number, date: nil, shipped: shipped.map(day), delivered: delivered.map(day),
        isDeliveryEstimated: isEstimated,
        invoice: invoice, arrived: day("2026-01-01"), items: [], evidence: Evidence(sha256: "dd", file: "856.edi", at: .file))
}

func receipt(_ number: String, _ date: String?, shipment: String? = nil) -> ReceiptFact {
    ReceiptFact(
        document: 400, number: number, date: date.map(day), shipment: shipment, arrived: day("2026-01-01"), items: [],
        evidence: Evidence(sha256: "ee", file: "861.edi", at: .file))
}

extension InvoiceCase {
    func with(_ goods: GoodsOnFile?) -> InvoiceCase {
        var own = self
        own.goods = goods
        return own
    }
}
