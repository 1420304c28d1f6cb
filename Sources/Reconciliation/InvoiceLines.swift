import Trade

/// The lines of one invoice that do not agree with its order, in the making of a finding.
struct InvoiceLines {
    private let currency: Currency
    private(set) var items: [JSON] = []
    private var total = CostSum()
    var evidence: [Evidence] = []

    init(_ currency: Currency) { self.currency = currency }

    /// - Parameter unitStake: what one unit of the line puts at stake, not negative.
    mutating func add(_ line: ItemFact, _ unitStake: UnitCost?, _ more: JSON = [:]) {
        let value = line.quantity.flatMap { quantity in
            unitStake.flatMap { cost in cost.total.times(WideDecimal(quantity))?.magnitude.map { UnitCost($0, for: cost.quantity) } }
        }
        total.add(value)
        var item = more
        item["item"] = .string(line.item ?? "")
        item["line"] = line.line.map { .string($0) }
        item["quantity"] = line.quantity.map { .string($0.description) }
        item["unit"] = line.unit.map { .string($0) }
        item["price"] = line.unitPrice.map { .string(WideDecimal($0).text(decimals: currency.exponent)) }
        item["amount"] = value.flatMap { value in
            value.quantity == .one
                ? .string(value.total.text(decimals: currency.exponent)) : value.value(of: .one, in: currency).map { currency.decimal($0) }
        }
        items.append(item)
        evidence.append(line.evidence)
    }

    /// One finding for the invoice; nil without lines.
    func finding(_ kind: FindingKind, _ invoice: InvoiceFact, _ order: OrderStanding, _ context: RuleContext) -> Finding? {
        guard !items.isEmpty else { return nil }
        var details: JSON = ["order": .string(order.number), "items": .array(items)]
        let stake = total.minorUnits(in: currency).map { Stake($0, currency) }
        stake?.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: invoice.number, key: invoice.key, severity: .warning, amount: stake?.amount,
            direction: .toUs, money: "invoice:\(invoice.key)", details: details,
            evidence: [invoice.evidence] + Set(evidence).subtracting([invoice.evidence]).sorted().prefix(InvoiceReckoning.evidenceLimit - 1)
        )
    }
}
