import Trade

/// Which lines of one order count cases of an item that others count in pieces, and how many pieces a case holds.
///
/// A case is taken for pieces only where it must be, and where the documents say how: the item stands in pieces and in one kind of
/// case, and every line that states what a case of it holds states the same. Else nothing is converted, and quantities in
/// different units are not compared.
struct CasePacks {
    /// X12 355 CA, CT and what senders write for them; UN/ECE 20 CS, CT. Not PK or BX, which may be what is inside a case.
    private static let cases: Set<String> = ["CA", "CS", "CT", "CTN", "CAS", "CASE", "CASES", "CARTON", "CARTONS"]

    private struct Item {
        var units: Set<String> = []
        var packs: Set<WideDecimal> = []
        var pack: ExactDecimal?
    }
    private var items: [String: Item] = [:]

    /// The same case, `pieces` of each line that counts cases set.
    /// - Parameter documents: the orders and changes of the case, in their order.
    /// - Returns: nil where nothing is counted in cases and in pieces.
    static func applied(to orderCase: OrderCase, _ documents: [OrderFact]) -> (OrderCase, [OrderFact])? {
        guard hasCases(orderCase) else { return nil }
        var packs = CasePacks()
        for order in orderCase.orders { packs.learn(order.items) }
        for invoice in orderCase.invoices { packs.learn(invoice.items) }
        for receipt in orderCase.receipts { packs.learn(receipt.items) }
        for shipment in orderCase.shipments { packs.learn(shipment.items) }
        var (counted, ordered) = (orderCase, documents)
        for index in counted.orders.indices { packs.count(&counted.orders[index].items) }
        for index in counted.invoices.indices { packs.count(&counted.invoices[index].items) }
        for index in counted.receipts.indices { packs.count(&counted.receipts[index].items) }
        for index in counted.shipments.indices { packs.count(&counted.shipments[index].items) }
        for index in ordered.indices { packs.count(&ordered[index].items) }
        return (counted, ordered)
    }

    private static func hasCases(_ orderCase: OrderCase) -> Bool {
        func has(_ items: [ItemFact]) -> Bool { items.contains { isCase($0) } }
        return orderCase.orders.contains { has($0.items) } || orderCase.invoices.contains { has($0.items) }
            || orderCase.receipts.contains { has($0.items) } || orderCase.shipments.contains { has($0.items) }
    }

    private static func isCase(_ line: ItemFact) -> Bool { line.unit != nil && cases.contains(Tally.unit(line.unit)) }

    private mutating func learn(_ lines: [ItemFact]) {
        for line in lines where !line.key.isEmpty {
            items[line.key, default: Item()].units.insert(Tally.unit(line.unit))
            guard let pack = line.pack, pack.units > 0, items[line.key]?.packs.insert(WideDecimal(pack)).inserted == true else { continue }
            items[line.key]?.pack = pack
        }
    }

    private func count(_ lines: inout [ItemFact]) {
        for index in lines.indices where Self.isCase(lines[index]) {
            guard let item = items[lines[index].key], item.units.count == 2, item.units.contains(""), item.packs.count == 1 else {
                continue
            }
            lines[index].pieces = item.pack
        }
    }
}

extension ItemFact {
    /// A quantity of the line in what it is compared in: pieces where `pieces` is known, else its own unit.
    func counted(_ quantity: ExactDecimal?) -> WideDecimal? {
        quantity.flatMap { quantity in
            pieces.map { WideDecimal(quantity).times(WideDecimal($0)) } ?? WideDecimal(quantity)
        }
    }

    /// The unit of `counted`; empty for pieces.
    var countedUnit: String { pieces == nil ? Tally.unit(unit) : "" }

    /// How many of `countedUnit` its price is for.
    var priced: WideDecimal { pieces.map { WideDecimal($0) } ?? .one }
}
