import Ledger
import Reconciliation
import Reporting
import Trade

extension Explaining {
    /// Invoices and claims on one order that are told; an order over more is read in its files.
    private static let mostFamilies = 500

    /// A purchase order: what was ordered, received and invoiced, item by item, and what was claimed on it.
    func order(_ subject: LedgerSubject) throws -> Explanation {
        let context = context(subject.account)
        let value = try ledger.orderCase(account: subject.account, key: subject.key)
        let order = Rules.account(of: value, context)
        let number = order.isOnFile ? order.number : value.invoices.compactMap(\.invoice.po).first ?? subject.number
        var explanation = Explanation(type: "purchase_order", reference: number, account: subject.account)
        if let date = value.orders.first?.date { explanation.facts.append(.init("date", "\(date)")) }
        explanation.facts.append(.init("state", state(order, context)))
        addDocuments(of: value, to: &explanation)
        explanation.tables.append(Self.items(order))
        var stories = try ledger.stories(.order, account: subject.account, key: subject.key)
        var claims: [ClaimAccount] = []
        for family in try ledger.familiesOnOrder(account: subject.account, key: subject.key).prefix(Self.mostFamilies) {
            guard let (_, account) = try self.family(subject.account, family) else { continue }
            let roots = Set(account.invoices.filter { $0.invoice.po.map { ReferenceKey.of($0) } == subject.key }.map(\.invoice.key))
            let own = account.claims.filter { claim in
                claim.rootKey.map(roots.contains) == true
                    || claim.steps.contains { $0.line.po.map { ReferenceKey.of($0) } == subject.key }
            }
            claims += own
            for claim in own {
                for step in claim.steps where step.kind != .closed { explanation.moments.append(moment(step, of: claim)) }
            }
            let keys = roots.union(own.map(\.key))
            stories += try ledger.stories(.family, account: subject.account, key: family).filter { keys.contains($0.recorded.finding.key) }
        }
        try addPayments(of: subject, to: &explanation)
        explanation.tables.append(table(of: claims))
        add(stories, to: &explanation, today: context.today)
        return explanation
    }

    /// Lines that pay on the order's number itself.
    private func addPayments(of subject: LedgerSubject, to explanation: inout Explanation) throws {
        guard let (_, own) = try family(subject.account, subject.key) else { return }
        for (line, _) in own.unmatched where line.key == subject.key {
            explanation.moments.append(
                .init(
                    day: line.paymentDate, rank: 4, kind: "payment", amount: amount(line.net, line.currency),
                    text: "payment \(line.payment) pays on the order's number and names no invoice" + inside(line)
                        + came(line.received, line.paymentDate), evidence: line.evidence))
        }
        for (line, _, family) in try matched(subject) { explanation.moments += moments(line, family) }
    }

    private func state(_ order: OrderAccount, _ context: RuleContext) -> String {
        if !order.isOnFile { return "the order itself is not on file; documents name it" }
        if order.isClosed { return "closed: no more is expected" }
        guard let last = order.lastReceipt, let from = order.judgedFrom else { return "nothing is received yet, by what is on file" }
        return "last received \(last)" + (context.today < from ? "; quantities are judged from \(from)" : "")
    }

    /// Everything on file about the goods of an order.
    private func addDocuments(of value: OrderCase, to explanation: inout Explanation) {
        addDocuments(
            value.orders.map { order in
                let words = String(order.kind.rawValue.map { $0 == "_" ? " " : $0 })
                let text = "\(words) booked\(order.isCancelled ? ", the order is cancelled" : ""), \(Self.pieces(order.items))"
                return (.init(day: order.date, rank: 0, kind: "purchase_order", text: text, evidence: order.evidence), order.received)
            }, to: &explanation)
        addDocuments(
            value.invoices.map { item in
                let invoice = item.invoice
                return (
                    .init(
                        day: invoice.date, rank: 1, kind: "invoice", amount: amount(invoice.total, invoice.currency),
                        text: "invoice \(invoice.number), \(Self.pieces(item.items))", evidence: invoice.evidence), invoice.received
                )
            }, to: &explanation)
        addGoods(of: value, to: &explanation)
    }

    private func addGoods(of value: OrderCase, to explanation: inout Explanation) {
        addDocuments(
            value.shipments.map { shipment in
                var text = "shipment \(shipment.number), \(Self.pieces(shipment.items))"
                if let shipped = shipment.shipped { text += ", shipped \(shipped)" }
                if let delivered = shipment.delivered {
                    text += ", delivered \(delivered)\(shipment.isDeliveryEstimated ? " (estimated)" : "")"
                }
                return (
                    .init(
                        day: shipment.date ?? shipment.shipped ?? shipment.arrived, rank: 0, kind: "shipment", text: text,
                        evidence: shipment.evidence), shipment.arrived
                )
            }, to: &explanation)
        addDocuments(
            value.receipts.map { receipt in
                (
                    .init(
                        day: receipt.date ?? receipt.arrived, rank: 2, kind: "receipt",
                        text: "receipt \(receipt.number)\(receipt.amends.map { " (\($0.rawValue))" } ?? ""), \(Self.pieces(receipt.items))",
                        evidence: receipt.evidence), receipt.arrived
                )
            }, to: &explanation)
    }

    /// Shipments and receipts of the order that an invoice names.
    func addGoods(of invoice: InvoiceFact, to explanation: inout Explanation) throws {
        guard let po = invoice.po else { return }
        addGoods(of: try ledger.orderCase(account: explanation.account, key: ReferenceKey.of(po)), to: &explanation)
    }

    /// `100 of B0SLUZLW2T, 40 of B04TTV79PK`, or how many lines there are.
    private static func pieces(_ items: [ItemFact]) -> String {
        if items.isEmpty { return "no lines" }
        if items.count > 3 { return "\(items.count) lines" }
        return items.map { item in
            let quantity = item.quantity ?? item.progress?.received
            return "\(quantity.map { "\($0)" } ?? "?") of \(item.item ?? item.text ?? "an item without a number")"
        }.joined(separator: ", ")
    }

    private static func state(of item: OrderAccount.Item, _ order: OrderAccount) -> String {
        guard item.isOrdered else { return order.isOnFile ? "not on the order" : "-" }
        let state = item.isClosed ? "closed" : "open"
        return item.isUnclear ? "\(state); not judged: a line gives only a number that another item has, too" : state
    }

    private static func items(_ order: OrderAccount) -> Explanation.Table {
        Explanation.Table(
            "Items", columns: ["item", "ordered", "order price", "received", "delivered", "invoiced", "state"],
            rows: order.items.map { item in
                [
                    item.number, item.ordered ?? "-", item.prices.isEmpty ? "-" : item.prices.joined(separator: " or "),
                    item.received ?? "-",
                    item.delivered ?? "-", item.invoiced ?? "-",
                    Self.state(of: item, order),
                ]
            })
    }
}
