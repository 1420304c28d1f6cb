import Trade

/// Where one purchase order stands, item by item.
public struct OrderStanding: Sendable {
    var orderCase: OrderCase

    init(_ orderCase: OrderCase, _ context: RuleContext) { self.orderCase = orderCase }
}
