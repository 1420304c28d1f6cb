import Trade

/// What the receipts of one order are worth, month by month: the base of agreements about a percent of receipts.
///
/// Σ received quantity × the order's price of the item, else the invoice's, for the same unit and in the account's currency. A
/// receipt counts in the month of its date; the same one twice counts once. Lists of orders that state what was received until
/// their day name no date of receipt, and count nothing here.
enum ReceivedValue {
    static func byMonth(_ orderCase: OrderCase, _ account: AccountRules) -> [MonthReceipts] {
        guard orderCase.receipts.contains(where: { !$0.items.isEmpty }) else { return [] }
        let order = OrderStanding(orderCase)
        var months: [Day: MonthReceipts] = [:]
        for receipt in Receipts.counted(order.orderCase.receipts) where !receipt.items.isEmpty {
            let date = receipt.date ?? receipt.arrived
            let first = date + (1 - date.components.day)
            var month = months[first] ?? MonthReceipts(month: first, value: 0)
            for line in receipt.items {
                guard let price = price(of: line, order, account.currency), let quantity = line.counted(line.quantity) else {
                    month.unpriced += 1
                    continue
                }
                let value = quantity.times(price.total)?.minorUnits(
                    exponent: account.currency.exponent + decimals, dividedBy: price.quantity)
                month.value = month.value.flatMap { sum in value.flatMap { sum.addingWithinRange($0) } }
            }
            months[first] = month
        }
        return months.values.sorted { $0.month < $1.month }
    }

    /// `MonthReceipts.scale` as a power of ten.
    private static let decimals = 4

    /// Where the order states several prices for the item the highest: an agreement is not said to be exceeded for the choice of a
    /// price.
    private static func price(of line: ItemFact, _ order: OrderStanding, _ currency: Currency) -> UnitCost? {
        guard !line.key.isEmpty else { return nil }
        let item = order.items[line.key]
        let ordered = [currency, .unstated].flatMap { item?.prices(in: $0, per: line.countedUnit) ?? [] }
        if let price = highest(ordered) { return price }
        let invoiced = order.invoices.filter { $0.invoice.currency == currency }.flatMap(\.items).filter {
            $0.key == line.key && $0.countedUnit == line.countedUnit
        }
        return highest(invoiced.compactMap { line in line.unitPrice.map { UnitCost(WideDecimal($0), for: line.priced) } })
    }

    private static func highest(_ prices: [UnitCost]) -> UnitCost? {
        prices.max { $1.isLarger(than: $0) ?? false }
    }
}

extension Int128 {
    fileprivate func addingWithinRange(_ other: Int128) -> Int128? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }
}
