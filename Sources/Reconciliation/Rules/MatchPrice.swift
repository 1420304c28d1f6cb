public import Trade

/// `match.price`: an invoice bills an item of its order at another price than the order's, net of tax, by more than the
/// tolerance for a unit (the bound passes). The amount is Σ |difference| × quantity, rounded once.
///
/// Judged as soon as order and invoice are on file. An invoice without lines has none, nor has the second of a duplicate
/// number; prices in another currency or for another unit are not compared, but for a case and pieces where the documents say
/// how many a case holds (``CasePacks``): then for one of the unit that the invoice bills.
public enum MatchPrice: OrderRule {
    public static let kind = FindingKind.matchPrice

    public static let wording = Wording(
        title: .init(en: "Invoice price is not the order's", zh: "发票单价与订单不符"),
        sentence: .init(
            en: "{{subject}} on order {{details.order}}: {{amount}}{{details.out_of_range}} by price."
                + "{{#details.items}} {{item}}: {{price}} invoiced, {{order_price}} ordered.{{/details.items}}",
            zh: "发票 {{subject}}（订单 {{details.order}}）单价差异共 {{amount}}{{details.out_of_range}}。"
                + "{{#details.items}}{{item}}：开票 {{price}}，订单 {{order_price}}。{{/details.items}}"),
        action: .init(en: "Correct the price, or have the order corrected", zh: "更正单价或请对方更正订单"))

    public static func judge(_ order: OrderStanding, _ context: RuleContext) -> Verdict {
        guard order.isOnFile else { return Verdict() }
        return Verdict(findings: order.invoices.compactMap { finding($0, order, context) })
    }

    private static func finding(_ invoice: OrderInvoiceFact, _ order: OrderStanding, _ context: RuleContext) -> Finding? {
        guard !invoice.invoice.isHistory(context.account) else { return nil }
        let currency = invoice.invoice.currency
        var lines = InvoiceLines(currency)
        for line in invoice.items {
            guard let item = order.items[line.key], item.isOrdered, let (price, difference) = item.priceDifference(line, in: currency),
                difference.isLarger(than: WideDecimal(context.account.unitPriceTolerance)) == true
            else { continue }
            lines.add(line, difference.magnitude, ["order_price": .string(price.text(currency))])
            lines.evidence += item.evidence.filter { $0.sha256 != line.evidence.sha256 }
        }
        return lines.finding(kind, invoice.invoice, order, context)
    }
}
