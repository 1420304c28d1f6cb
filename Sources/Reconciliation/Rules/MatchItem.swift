public import Trade

/// `match.item`: an invoice bills an item that is not on its order. The amount is the total of such lines, net of tax.
///
/// Judged as soon as order and invoice are on file. An invoice without lines has none, nor has the second of a duplicate
/// number; a line that names no item is not held against the order, and against an order with such a line no item is.
public enum MatchItem: OrderRule {
    public static let kind = FindingKind.matchItem

    public static let wording = Wording(
        title: .init(en: "Invoiced, not ordered", zh: "开票商品不在订单中"),
        sentence: .init(
            en: "{{subject}} bills{{#details.items}} {{item}} ({{quantity}}),{{/details.items}} not on order {{details.order}}"
                + "{{#amount}}: {{amount}}{{/amount}}{{details.out_of_range}}.",
            zh: "发票 {{subject}} 含订单 {{details.order}} 以外的商品：{{#details.items}}{{item}}（{{quantity}}）{{/details.items}}"
                + "{{#amount}}，金额 {{amount}}{{/amount}}{{details.out_of_range}}。"),
        action: .init(en: "Name the right order, or have the item added to it", zh: "改正订单号或请对方补入该商品"))

    public static func judge(_ order: OrderStanding, _ context: RuleContext) -> Verdict {
        guard order.isOnFile, !order.hasNamelessLine else { return Verdict() }
        return Verdict(findings: order.invoices.compactMap { finding($0, order, context) })
    }

    private static func finding(_ invoice: OrderInvoiceFact, _ order: OrderStanding, _ context: RuleContext) -> Finding? {
        guard !invoice.invoice.isHistory(context.account) else { return nil }
        var lines = InvoiceLines(invoice.invoice.currency)
        for line in invoice.items where !line.key.isEmpty && order.items[line.key]?.isOrdered != true {
            lines.add(line, line.unitPrice.flatMap { WideDecimal($0).magnitude }.map { UnitCost($0) })
        }
        if !lines.items.isEmpty { lines.evidence += order.orderCase.orders.map(\.evidence) }
        return lines.finding(kind, invoice.invoice, order, context)
    }
}
