import Trade

/// What our own records say of one claim.
struct Support {
    enum Verdict: String { case unknown, supported, contradicted }

    /// A record that contradicts a claim. The raw value is what `details.contradiction` says.
    enum Contradiction: String {
        /// A shortage, though receipts come to what was invoiced, or earlier claims to what is missing.
        case receipts
        /// The same by shipments with a proof of delivery.
        case delivery
        /// A price claim, though no line is invoiced above the order's price.
        case price
        /// A return that is not on file.
        case returnNotOnFile = "return"
        /// The invoice or the order that it names is not on file.
        case invoice, order
        /// The round was closed, and the document into which it was closed did not come.
        case finalDocument = "final_document"
    }

    /// Something of the claim that our records confirm.
    private(set) var isConfirmed = false
    private(set) var contradictions: [Contradiction] = []
    /// What the records say, with the numbers: for a finding's details.
    private(set) var record: JSON = [:]
    private(set) var evidence: [Evidence] = []
    /// What of the claim our records do not confirm, where they confirm only a part of it. In the claim's currency.
    private(set) var excess: MinorUnits?
    /// The day on which what is still unknown counts as such.
    private(set) var wake: Day?

    var verdict: Verdict { !contradictions.isEmpty ? .contradicted : isConfirmed ? .supported : .unknown }

    init(_ claim: Claim, _ family: FamilyStanding, _ context: RuleContext) {
        // what was agreed needs no support; what goes beyond its terms is told with the agreement
        guard !claim.isAgreed else { return }
        if let number = claim.invoice.map({ family.invoices[$0].invoice }) {
            switch claim.deduction {
            case .shortage: holdAgainstReceipts(claim, number, family)
            case .price: holdAgainstOrder(claim, number, family)
            default: break
            }
        }
        if claim.deduction == .return, let goods = family.goods { holdAgainstReturns(claim, goods, context) }
        seekNamed(claim, family, context)
        if claim.isClosed, claim.finalDocuments.isEmpty {
            contradictions.append(.finalDocument)
            record["closed"] = claim.releases.last { $0.kind == .closing }?.date.map { .string($0.description) }
        }
        if isConfirmed, excess.map({ $0 <= MinorUnits(context.account.tolerance(in: claim.currency)) }) ?? false { excess = nil }
    }

    // MARK: shortage

    private mutating func holdAgainstReceipts(_ claim: Claim, _ number: InvoiceFact, _ family: FamilyStanding) {
        guard let receipts = family.receipts[number.key] else { return }
        record["order"] = .string(receipts.order)
        evidence += receipts.evidence
        record["items"] = receipts.items
        guard receipts.isShort else {
            contradictions.append(receipts.isByReceipts ? .receipts : .delivery)
            return
        }
        guard let share = claim.share else {
            isConfirmed = true
            return
        }
        let before = share.left < claim.standing ? share.missing - share.left : 0
        if before > 0, share.left == 0 {
            contradictions.append(.receipts)
        } else {
            isConfirmed = true
            excess = claim.standing - share.left
        }
        if before > 0 { record["claimed_before"] = claim.currency.decimal(before) }
    }

    // MARK: price

    /// What the invoice bills above the order's prices.
    private mutating func holdAgainstOrder(_ claim: Claim, _ number: InvoiceFact, _ family: FamilyStanding) {
        guard let (order, invoice) = family.order(of: number), order.isOnFile, !invoice.items.isEmpty else { return }
        var items: [JSON] = []
        var above = CostSum()
        var isAllComparable = true
        var isAbove = false
        for line in invoice.items {
            guard let item = order.items[line.key], item.isOrdered,
                let (price, difference) = item.priceDifference(line, in: number.currency), let invoiced = line.unitPrice
            else {
                isAllComparable = false
                continue
            }
            let decimals = number.currency.exponent
            items.append([
                "item": .string(item.number), "price": .string(WideDecimal(invoiced).text(decimals: decimals)),
                "order_price": .string(price.text(number.currency)),
            ])
            evidence += [line.evidence] + item.evidence
            guard difference.isPositive else { continue }
            isAbove = true
            above.add(
                line.quantity.flatMap { difference.total.times(WideDecimal($0)) }.map { UnitCost($0, for: difference.quantity) })
        }
        guard !items.isEmpty, isAbove || isAllComparable else { return }
        note(order, [])
        record["items"] = .array(items)
        if isAbove {
            isConfirmed = true
            if (number.tax ?? 0) == 0, claim.currency == number.currency,
                let above = above.minorUnits(in: number.currency)
            {
                excess = claim.standing - above
            }
        } else {
            contradictions.append(.price)
        }
    }

    private mutating func note(_ order: OrderStanding, _ evidence: [Evidence]) {
        record["order"] = .string(order.number)
        self.evidence += evidence
    }

    // MARK: returns

    private mutating func holdAgainstReturns(_ claim: Claim, _ goods: GoodsOnFile, _ context: RuleContext) {
        let names = claim.returns + claim.takings.map(\.reference) + [claim.reference]
        let keys = names.flatMap { [ReferenceKey.of($0), ReferenceKey.of(Self.withoutProductLine($0))] }
        guard let onFile = keys.lazy.compactMap({ goods.returns[$0] }).first else {
            contradictions.append(.returnNotOnFile)
            record["return"] = .string(claim.returns.first ?? claim.reference)
            return
        }
        isConfirmed = true
        record["return"] = .string(onFile.number)
        evidence.append(onFile.evidence)
        if let total = onFile.total, onFile.currency == claim.currency { excess = claim.standing - MinorUnits(total) }
    }

    /// A return deducted by product line: its number, `_` and four characters (FACTS-AMAZON 1).
    static func withoutProductLine(_ reference: String) -> String {
        let tail = reference.utf8.suffix(5)
        return tail.count == 5 && tail.first == 95 ? String(reference.dropLast(5)) : reference
    }

    // MARK: what the claim names

    /// The invoice or the order that it names is unknown `unmatched_days` after the claim came.
    private mutating func seekNamed(_ claim: Claim, _ family: FamilyStanding, _ context: RuleContext) {
        var unknown: [Contradiction] = []
        if claim.invoice == nil, let root = claim.rootKey {
            unknown.append(.invoice)
            record["invoice"] = .string(claim.root ?? root)
        }
        let orders = claim.orders.filter { family.goods?.orders[ReferenceKey.of($0)]?.isEmpty ?? false }
        if let first = orders.first {
            unknown.append(.order)
            record["order"] = .string(first)
        }
        guard !unknown.isEmpty, let came = claim.takings.map(\.received).min() else { return }
        if context.today < came + context.account.unmatchedDays {
            wake = came + context.account.unmatchedDays
        } else {
            contradictions += unknown
        }
    }
}

extension FamilyStanding {
    /// The order on which an invoice of the family is, and the invoice with its lines; nil where either is not on file, or the
    /// lines are not.
    func order(of invoice: InvoiceFact) -> (OrderStanding, OrderInvoiceFact)? {
        for order in orders {
            guard let own = order.invoice(invoice.key) else { continue }
            return own.items.isEmpty ? nil : (order, own)
        }
        return nil
    }

    /// The explained part of a short payment, with what our records say of each claim.
    func supporting(_ explained: JSON?, of invoice: InvoiceFact, _ context: RuleContext) -> JSON? {
        guard goods != nil, let items = explained?.array else { return explained }
        return .array(
            items.map { item in
                guard let reference = item["reference"]?.string,
                    let index = named[ClaimName(reference: reference, invoice: invoice.key)]
                else { return item }
                let claim = claims[index]
                let support = Support(claim, self, context)
                guard support.verdict != .unknown else { return item }
                var item = item
                item["support"] = .string(support.verdict.rawValue)
                if support.verdict == .supported { item["excess"] = support.excess.map { claim.currency.decimal($0) } }
                return item
            })
    }
}
