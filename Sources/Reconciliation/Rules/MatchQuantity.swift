public import Trade

/// `match.quantity`: what was received of an item differs from what was invoiced by more than `quantity_percent` of the
/// invoiced (the bound passes). Judged over the whole order, all invoices and part deliveries together, `settle_days` after
/// the last receipt, or at once when the order is closed.
///
/// The price of the difference is the invoices' own; where they differ, weighted by their quantities. An item that no invoice
/// has, on an order that is invoiced, is valued at the order's price. Nothing is said of an order without an invoice or without
/// a receipt on file (unless it was cancelled, or closed by a list that says how much was received), with an invoice whose lines
/// are not known, of quantities in different units (but for cases and pieces: ``CasePacks``), or of an item that shares a number with another where a line gives that alone.
public enum MatchQuantity: OrderRule {
    public static let kind = FindingKind.matchQuantity

    public static let wording = Wording(
        title: .init(en: "Received and invoiced differ", zh: "收货与开票数量不符"),
        sentence: .init(
            en: "{{subject}}: {{details.received}} received, {{details.invoiced}} invoiced, {{details.difference}} {{details.side}}"
                + "{{#amount}}: {{amount}}{{/amount}}{{details.out_of_range}}.",
            zh: "{{subject}}：收货 {{details.received}}，开票 {{details.invoiced}}，差 {{details.difference}}（{{details.side}}）"
                + "{{#amount}}，金额 {{amount}}{{/amount}}{{details.out_of_range}}。"),
        action: .init(en: "Check the delivery against the invoice", zh: "核对送货与发票"))

    public static func judge(_ order: OrderStanding, _ context: RuleContext) -> Verdict {
        guard order.isOnFile, !order.invoices.isEmpty, order.invoices.allSatisfy({ !$0.items.isEmpty }), order.isReceiptKnown else {
            return Verdict()
        }
        let all = Billing(order.invoices, context.account)
        if !order.isClosed, let last = order.lastReceipt, context.today < last + context.account.settleDays {
            let differs = order.items.values.contains { Difference($0, order, all, context) != nil }
            return differs ? Verdict(wake: last + context.account.settleDays) : Verdict()
        }
        return Verdict(
            findings: order.sortedItems.compactMap { item in
                Difference(item, order, all, context).map { finding(item, $0, order, context) }
            })
    }

    /// The invoices that bill an item.
    private struct Billing {
        /// All are dated before the account's opening.
        var isHistory: Bool
        /// Of all of them; nil where they are in several.
        var currency: Currency?
        var numbers: JSON

        init(_ invoices: [OrderInvoiceFact], _ account: AccountRules) {
            isHistory = invoices.allSatisfy { $0.invoice.isHistory(account) }
            let first = invoices.first?.invoice.currency
            currency = invoices.allSatisfy { $0.invoice.currency == first } ? first : nil
            numbers = .array(invoices.map { .string($0.invoice.number) })
        }
    }

    /// What of an item was received and invoiced, where the two differ by more than is tolerated.
    private struct Difference {
        var received: WideDecimal
        var invoiced: WideDecimal
        var isUnbilled: Bool
        var size: WideDecimal
        var billing: Billing
        var currency: Currency

        /// - Parameter all: the order's invoices, for an item that none of them has.
        init?(_ item: ItemStanding, _ order: OrderStanding, _ all: Billing, _ context: RuleContext) {
            guard item.isOrdered, !item.isUnclear, !item.invoiced.isEmpty || !item.received.isEmpty,
                let (received, invoiced) = Tally.comparable(item.received, item.invoiced),
                let difference = received.minus(invoiced), let size = difference.magnitude,
                MatchQuantity.differs(size, from: invoiced, context.account)
            else { return nil }
            let billing = item.invoices.isEmpty ? all : Billing(item.invoices.map { order.invoices[$0] }, context.account)
            guard !billing.isHistory, let currency = billing.currency else { return nil }
            (self.received, self.invoiced, isUnbilled, self.size) = (received, invoiced, difference.isPositive, size)
            (self.billing, self.currency) = (billing, currency)
        }
    }

    private static func finding(_ item: ItemStanding, _ own: Difference, _ order: OrderStanding, _ context: RuleContext) -> Finding {
        var details: JSON = [
            "side": own.isUnbilled ? "unbilled" : "short", "received": .string(own.received.description),
            "invoiced": .string(own.invoiced.description), "difference": .string(own.size.description), "order": .string(order.number),
            "item": .string(item.number),
        ]
        details["ordered"] = item.ordered.map { .string($0.description) }
        details["last_receipt"] = order.lastReceipt.map { .string($0.description) }
        if order.isClosed { details["closed"] = true }
        details["invoices"] = own.billing.numbers
        let stake = price(of: item, own.currency).flatMap { price -> Stake? in
            details["price"] = .string(price.text(own.currency))
            return price.value(of: own.size, in: own.currency).map { Stake($0, own.currency) }
        }
        stake?.note(in: &details)
        let only = order.invoices.count == 1 ? order.invoices.first : nil
        return Finding(
            kind, account: context.account.id, subject: "\(order.number)/\(item.number)", key: order.orderCase.key + item.key,
            severity: .warning, amount: stake?.amount, direction: .toUs,
            money: only.map { "invoice:\($0.invoice.key)" } ?? "order:\(order.orderCase.key)/\(item.key)", details: details,
            evidence: Array(Set(item.evidence).sorted().prefix(InvoiceReckoning.evidenceLimit)))
    }

    /// The bound passes: |difference| × 100 > percent × invoiced.
    private static func differs(_ size: WideDecimal, from invoiced: WideDecimal, _ account: AccountRules) -> Bool {
        guard let hundredfold = size.times(WideDecimal(units: 100, scale: 0)), let base = invoiced.magnitude,
            let bound = base.times(WideDecimal(account.quantityTolerance))
        else { return false }
        return hundredfold.isGreater(than: bound) ?? false
    }

    /// What one of an item costs, in the unit in which it is compared: by the invoices' own lines, as Σ quantity × price over
    /// Σ quantity; of an item that none has by the order.
    static func price(of item: ItemStanding, _ currency: Currency) -> UnitCost? {
        guard !item.lines.isEmpty else {
            guard item.prices.count == 1 else { return nil }
            return item.prices(in: currency, per: item.received.unit ?? "").first
        }
        var total = WideDecimal.zero
        var prices: Set<UnitCost> = []
        for line in item.lines {
            guard let price = line.unitPrice.map({ WideDecimal($0) }), let quantity = line.quantity.map({ WideDecimal($0) }),
                let value = price.times(quantity), let sum = total.plus(value)
            else { return nil }
            total = sum
            prices.insert(UnitCost(price, for: line.priced))
        }
        if prices.count == 1, let price = prices.first { return price }
        guard let quantity = item.invoiced.sum, quantity.isPositive, let total = total.magnitude else { return nil }
        return UnitCost(total, for: quantity)
    }
}
