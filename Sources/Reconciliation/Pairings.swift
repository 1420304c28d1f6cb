public import Trade

/// Puts lines whose number is on file nowhere to invoices that no number pays, by the account's rules (`match_by`). A function of
/// what is on file and of nothing else: never by which of several is nearer, larger or came first.
public enum Pairings {
    /// Days before the payment date on which an invoice may be dated to be paid by its amount alone. Totals recur from year to year.
    public static let longestAge = 365

    // MARK: what the numbers leave over

    /// A line is loose if it and all others of its family only pay, and no invoice or memo of the family is on file: whatever else
    /// is under its number says what it is about. An invoice is loose if no line pays it, whatever was deducted.
    public static func looseEnds(of invoiceCase: InvoiceCase, _ context: RuleContext) -> LooseEnds {
        guard !context.account.matchBy.isEmpty, !PlainlySettled.holds(invoiceCase, context) else { return LooseEnds() }
        let facts = NumberedInvoices(invoiceCase).facts
        let granted = FamilyStanding.firstOfEachNumber(invoiceCase.memos)
        let grantedKeys = Set(granted.map(\.key))
        let plain = facts.firstIndex { $0.key == invoiceCase.family } ?? 0
        let theirs = invoiceCase.memos.filter { !grantedKeys.contains($0.key) }
        let attribution = LineAttribution(facts: facts, plain: plain, granted: granted, theirs: theirs, lines: invoiceCase.lines)
        var paid: Set<Int> = []
        let own = facts.isEmpty ? invoiceCase.lines.filter { !$0.isOfOtherFamily } : invoiceCase.lines
        // a number that is a claim's on another invoice is known, too
        var doesOnlyPay = facts.isEmpty && invoiceCase.memos.isEmpty && own.allSatisfy(\.isJudgedHere)
        for line in own {
            let (index, role, claim) = attribution(line)
            let pays = AttributedLine(line: line, role: role, claimKey: claim).pays
            if !pays || index != nil { doesOnlyPay = false }
            if pays, let index { paid.insert(index) }
        }
        var ends = LooseEnds()
        for (index, fact) in facts.enumerated() where !paid.contains(index) && fact.total > 0 {
            ends.invoices.append(
                LooseInvoice(
                    key: fact.key, po: ReferenceKey.of(fact.po ?? ""), date: fact.date, currency: fact.currency, total: fact.total))
        }
        if doesOnlyPay { ends.lines = own.compactMap(LooseLine.init) }
        return ends
    }

    // MARK: pairs

    /// Each rule in turn pairs a line and an invoice that have only each other by it; what it paired is out for those that follow.
    ///
    /// What a rule decides of a line or invoice depends on nothing but those that are connected with it by an equal amount.
    public static func pairs(_ lines: [LooseLine], _ invoices: [LooseInvoice], by rules: [PairingRule]) -> [Pairing] {
        var pairs: [Pairing] = []
        var lines = lines
        var invoices = invoices
        for rule in rules {
            var found = Matching(lines, invoices, rule).pairs
            if found.isEmpty { continue }
            found.sort { $0.line < $1.line }
            pairs += found
            let (pairedLines, pairedInvoices) = (Set(found.map(\.line)), Set(found.map(\.invoice)))
            lines.removeAll { pairedLines.contains($0.id) }
            invoices.removeAll { pairedInvoices.contains($0.key) }
        }
        return pairs
    }

    /// Why a rule does not take this invoice for this line, whatever else is on file.
    public enum Obstacle: Sendable, Equatable {
        case currency, amount
        /// Neither names an order, or another one.
        case noOrder, order
        /// A date is not stated, or another one.
        case noDate, date
        /// The invoice is dated after the payment, or too long before it.
        case age
    }

    /// - Returns: nil if the invoice is a candidate.
    public static func obstacle(_ rule: PairingRule, _ line: LooseLine, _ invoice: LooseInvoice) -> Obstacle? {
        if line.currency != invoice.currency { return .currency }
        if invoice.total != line.gross, invoice.total != line.net { return .amount }
        switch rule {
        case .po:
            if line.po.isEmpty || invoice.po.isEmpty { return .noOrder }
            return line.po == invoice.po ? nil : .order
        case .date:
            guard let stated = line.date, let date = invoice.date else { return .noDate }
            return stated == date ? nil : .date
        case .amount:
            guard let paid = line.paymentDate, let date = invoice.date else { return .noDate }
            return date <= paid && paid - date <= longestAge ? nil : .age
        }
    }
}

/// The candidates of one rule: lines and invoices of one key meet where their days are near enough.
private struct Matching {
    private struct Key: Hashable {
        var currency: Currency
        var amount: Int64
        var po = ""
        var day = 0
    }
    /// Those of one key, by day, ascending.
    private struct Side {
        var days: [Int] = []
        var members: [Int] = []

        /// Positions of the days in the range.
        func range(_ days: ClosedRange<Int>) -> Range<Int> {
            let low = first { $0 >= days.lowerBound }
            return low..<max(low, first { $0 > days.upperBound })
        }

        private func first(where holds: (Int) -> Bool) -> Int {
            var (low, high) = (0, days.count)
            while low < high {
                let middle = (low + high) / 2
                if holds(days[middle]) { high = middle } else { low = middle + 1 }
            }
            return low
        }
    }

    private(set) var pairs: [Pairing] = []

    init(_ lines: [LooseLine], _ invoices: [LooseInvoice], _ rule: PairingRule) {
        let age = rule == .amount ? Pairings.longestAge : 0
        let bills = Self.sides(invoices.map { invoice in Self.key(invoice, rule).map { [$0] } ?? [] })
        let payments = Self.sides(lines.map { Self.keys($0, rule) })
        for line in lines {
            var only: (invoice: LooseInvoice, key: Key, day: Int)?
            var count = 0
            for (key, day) in Self.keys(line, rule) {
                guard let side = bills[key] else { continue }
                let range = side.range(day - age...day)
                count += range.count
                if let first = range.first { only = (invoices[side.members[first]], key, side.days[first]) }
            }
            guard count == 1, let only, payments[only.key]?.range(only.day...only.day + age).count == 1 else { continue }
            pairs.append(Pairing(line: line.id, invoice: only.invoice.key, rule: rule))
        }
    }

    private static func sides(_ keys: [[(key: Key, day: Int)]]) -> [Key: Side] {
        var sides: [Key: Side] = [:]
        let order = keys.enumerated().flatMap { index, keys in keys.map { (index: index, key: $0.key, day: $0.day) } }
        for item in order.sorted(by: { $0.day < $1.day }) {
            sides[item.key, default: Side()].days.append(item.day)
            sides[item.key, default: Side()].members.append(item.index)
        }
        return sides
    }

    /// Both amounts of a line, once where they are one.
    private static func keys(_ line: LooseLine, _ rule: PairingRule) -> [(key: Key, day: Int)] {
        let amounts = line.gross == line.net ? [line.gross] : [line.gross, line.net]
        return amounts.compactMap { key(rule, line.currency, $0, po: line.po, date: rule == .amount ? line.paymentDate : line.date) }
    }

    private static func key(_ invoice: LooseInvoice, _ rule: PairingRule) -> (key: Key, day: Int)? {
        key(rule, invoice.currency, invoice.total, po: invoice.po, date: invoice.date)
    }

    private static func key(_ rule: PairingRule, _ currency: Currency, _ amount: Int64, po: String, date: Day?) -> (Key, Int)? {
        switch rule {
        case .po: po.isEmpty ? nil : (Key(currency: currency, amount: amount, po: po), 0)
        case .date: date.map { (Key(currency: currency, amount: amount, day: Int($0.number)), 0) }
        case .amount: date.map { (Key(currency: currency, amount: amount), Int($0.number)) }
        }
    }
}

extension LooseLine {
    /// - Returns: nil if its amounts are out of range.
    public init?(_ line: LineFact) {
        let before = AttributedLine(line: line, role: .invoice, claimKey: "").netBeforeAdjustments
        guard let gross = Int64(exactly: before + MinorUnits(line.discount)) else { return nil }
        let po = line.type == .purchaseOrder ? line.reference : line.po ?? line.text.flatMap(RemittanceWords.order(beginning:)) ?? ""
        self.init(
            id: line.id, po: ReferenceKey.of(po), date: line.documentDate, paymentDate: line.paymentDate, currency: line.currency,
            gross: gross, net: line.net)
    }
}
