public import Trade

/// Where one purchase order stands, as plain values. Quantities and prices are exact decimals as text; absent where no document
/// says them, or where they are in units that cannot be added.
public struct OrderAccount: Sendable {
    public struct Item: Sendable {
        /// As the order gives it; else as it was first seen.
        public var number: String
        public var isOrdered: Bool
        public var ordered: String?
        /// By the order, with its currency.
        public var prices: [String]
        public var invoiced: String?
        public var received: String?
        /// By shipments with a proof of delivery.
        public var delivered: String?
        /// No more will come: the latest list says so, or the whole order is closed.
        public var isClosed: Bool
        /// A line names it or another item by a number that both have: the sums lack such lines, and nothing is judged by them.
        public var isUnclear: Bool
    }
    public var number: String
    /// An order is on file, not only documents that name it.
    public var isOnFile: Bool
    /// Cancelled, or closed by a list.
    public var isClosed: Bool
    public var lastReceipt: Day?
    /// The day from which quantities are judged; nil before any receipt.
    public var judgedFrom: Day?
    public var items: [Item]
}

extension Rules {
    /// The figures behind the findings of an order.
    public static func account(of orderCase: OrderCase, _ context: RuleContext) -> OrderAccount {
        let standing = OrderStanding(orderCase)
        func text(_ tally: Tally) -> String? {
            guard !tally.isEmpty, !tally.isMixed, let sum = tally.sum else { return nil }
            return tally.unit.map { $0.isEmpty ? "\(sum)" : "\(sum) \($0)" }
        }
        return OrderAccount(
            number: standing.number, isOnFile: !orderCase.orders.isEmpty, isClosed: standing.isClosed, lastReceipt: standing.lastReceipt,
            judgedFrom: standing.lastReceipt.map { $0 + context.account.settleDays },
            items: standing.sortedItems.map { item in
                OrderAccount.Item(
                    number: item.number, isOrdered: item.isOrdered, ordered: item.ordered.map { "\($0)" },
                    prices: item.prices.map { "\(UnitCost(WideDecimal($0.price), for: $0.per).text($0.currency)) \($0.currency)" },
                    invoiced: text(item.invoiced), received: text(item.received), delivered: text(item.delivered),
                    isClosed: item.isClosed || standing.isClosed, isUnclear: item.isUnclear)
            })
    }
}
