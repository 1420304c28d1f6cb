public import Trade

/// Where one purchase order stands, as plain values.
public struct OrderAccount: Sendable {
    /// Quantities are decimal texts, exact; nil: not stated, too large to be added exactly, or in units that are not added.
    public struct Item: Sendable {
        public var key: String
        /// As the order gives it; else as it was first seen.
        public var number: String
        /// The order, a change to it or an accepted substitution names it.
        public var isOrdered: Bool
        public var ordered: String?
        public var invoiced: String?
        public var received: String?
        /// By shipments with a proof of delivery.
        public var delivered: String?
        /// What received and invoiced are counted in; empty: pieces.
        public var units: [String]
        /// Whether received and invoiced can be compared: false where one is in cases and the other in pieces.
        public var isComparable: Bool
        /// What one unit costs by the order: several where it lists the item at several prices.
        public var prices: [String]
    }
    public var key: String
    /// As the order writes it; else the key.
    public var number: String
    /// An order is on file, not only an answer or a change to one.
    public var isOnFile: Bool
    /// Cancelled, or closed by a list.
    public var isClosed: Bool
    /// Date of the latest receipt, or the day on which a list first showed what was received by now.
    public var lastReceipt: Day?
    /// By key.
    public var items: [Item]
    /// Those that count: one for each number.
    public var invoices: [InvoiceFact]
}

/// What our own records say of a claim, as plain values.
public struct SupportAccount: Sendable {
    /// `supported`, `contradicted` or `unknown`.
    public var verdict: String
    /// Which records contradict it, in the words of `details.contradiction`.
    public var contradictions: [String]
    /// What the records say, with the numbers.
    public var record: JSON
    public var evidence: [Evidence]
    /// Of a supported claim what the records do not confirm: minor units of the claim's currency.
    public var excess: Int128?
}

extension Rules {
    /// The figures behind the findings of an order.
    public static func account(of orderCase: OrderCase) -> OrderAccount {
        let standing = OrderStanding(orderCase)
        return OrderAccount(
            key: orderCase.key, number: standing.number, isOnFile: standing.isOnFile, isClosed: standing.isClosed,
            lastReceipt: standing.lastReceipt, items: standing.sortedItems.map(OrderAccount.Item.init),
            invoices: standing.invoices.map(\.invoice))
    }

    /// What our records say of each claim of a family that stands, by the claim's key.
    public static func supports(of invoiceCase: InvoiceCase, _ context: RuleContext) -> [String: SupportAccount] {
        let family = FamilyStanding(invoiceCase, context)
        let supports = family.claims.filter { $0.standing > 0 }.map { claim -> (String, SupportAccount) in
            let support = Support(claim, family, context)
            let account = SupportAccount(
                verdict: support.verdict.rawValue, contradictions: support.contradictions.map(\.rawValue), record: support.record,
                evidence: Set(support.evidence).sorted(), excess: support.verdict == .supported ? support.excess : nil)
            return (claim.key, account)
        }
        return Dictionary(supports, uniquingKeysWith: { first, _ in first })
    }
}

extension OrderAccount.Item {
    init(_ item: ItemStanding) {
        key = item.key
        number = item.number
        isOrdered = item.isOrdered
        ordered = item.ordered?.description
        func text(_ tally: Tally) -> String? { tally.isEmpty || tally.isMixed ? nil : tally.sum?.description }
        (invoiced, received, delivered) = (text(item.invoiced), text(item.received), text(item.delivered))
        units = Set([item.invoiced.unit, item.received.unit].compactMap { $0 }).sorted()
        isComparable = Tally.comparable(item.invoiced, item.received) != nil
        prices = item.prices.map { "\(WideDecimal($0.price).text(decimals: $0.currency.exponent)) \($0.currency)" }
    }
}
