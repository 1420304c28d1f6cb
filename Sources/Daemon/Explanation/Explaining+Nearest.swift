import Ledger
import Reconciliation
import Reporting
import Trade

extension Explaining {
    /// A person looks at a handful.
    private static let mostCandidates = 5
    /// Invoices of one total or order that are looked at.
    private static let mostLookedAt = 50

    /// Numbers on file that are nearly the one looked for, nearest first.
    func nearest(to reference: String) throws -> [(number: String, account: String)] {
        let key = ReferenceKey.of(reference)
        var best = Nearby(key)
        try ledger.eachNumber { best.offer($0) }
        return best.found.map { ($0.number.number, $0.number.account) }
    }

    /// Invoices that a line may have meant: on the order that it names, of the amount that it pays, of a number close to its own; each
    /// with the reason why it was not taken.
    func nearest(to line: LineFact, account: String) throws -> [Explanation.Candidate] {
        let gross = Int128(line.net) + Int128(line.discount) - line.adjustments.reduce(0) { $0 + Int128($1.amount) }
        let total = Int64(exactly: gross) ?? line.net
        var invoices = try ledger.invoices(account: account, total: total, po: line.po, limit: Self.mostLookedAt)
        var best = Nearby(line.key)
        try ledger.eachNumber { if $0.account == account, $0.isDocument { best.offer($0) } }
        for near in best.found where !invoices.contains(where: { $0.key == near.number.key }) {
            invoices += try ledger.invoices(account: account, key: near.number.key, family: near.number.family)
        }
        var candidates: [(candidate: Explanation.Candidate, weight: Int)] = []
        for invoice in invoices where !candidates.contains(where: { $0.candidate.number == invoice.number }) {
            var because: [String] = []
            if let po = line.po, let own = invoice.po, ReferenceKey.of(po) == ReferenceKey.of(own) { because.append("same order") }
            if invoice.total == total { because.append("same amount") }
            let near = Nearby.closeness(line.key, invoice.key)
            if let near { because.append(near.words) }
            guard !because.isEmpty else { continue }
            candidates.append(
                (
                    .init(
                        invoice.number, because: because, but: try why(invoice, not: line, account: account), evidence: invoice.evidence),
                    because.count * 10 - (near?.distance ?? 9)
                ))
        }
        return candidates.sorted { ($1.weight, $0.candidate.number) < ($0.weight, $1.candidate.number) }.prefix(Self.mostCandidates).map(
            \.candidate)
    }

    private func why(_ invoice: InvoiceNearby, not line: LineFact, account: String) throws -> String {
        if invoice.currency != line.currency { return "it is in \(invoice.currency), the payment in \(line.currency)" }
        let rules = context(account).account.matchBy
        if !rules.isEmpty { return try why(invoice, not: line, account: account, by: rules) }
        let family = try family(account, ClaimChain(key: invoice.key).base)
        let state = family?.account.invoices.first { $0.invoice.key == invoice.key }
        var text = "its number is another, and a line is put to an invoice by its number alone"
        if let state {
            text +=
                state.open > Int128(state.tolerance)
                ? "; \(money(state.open, invoice.currency)) of it is open" : "; it is settled already"
        }
        return text
    }

    /// Which rule of `match_by` failed, and for what.
    private func why(_ invoice: InvoiceNearby, not line: LineFact, account: String, by rules: [PairingRule]) throws -> String {
        guard invoice.isLoose else { return "its number is another, and a payment names it by its number" }
        guard let loose = LooseLine(line) else { return "its number is another" }
        let candidate = LooseInvoice(
            key: invoice.key, po: ReferenceKey.of(invoice.po ?? ""), date: invoice.date, currency: invoice.currency, total: invoice.total)
        let reasons = rules.map { rule in
            "\(rule.rawValue): \(Self.words(Pairings.obstacle(rule, loose, candidate), invoice, line))"
        }
        return "its number is another, and no rule takes it: \(reasons.joined(separator: ", "))"
    }

    private static func words(_ obstacle: Pairings.Obstacle?, _ invoice: InvoiceNearby, _ line: LineFact) -> String {
        switch obstacle {
        case .currency: "another currency"
        case .amount: "its total is neither what was paid nor that before discount"
        case .noOrder: invoice.po == nil ? "the invoice names no order" : "the payment names no order"
        case .order: "another order"
        case .noDate: invoice.date == nil ? "the invoice has no date" : "the payment does not say the date"
        case .date: "another date"
        case .age: "it is dated after the payment, or more than \(Pairings.longestAge) days before it"
        case nil: "it fits, but is not the only one, or not for this line only"
        }
    }
}

/// The few numbers nearest to one.
private struct Nearby {
    private let key: String
    private(set) var found: [(number: NumberOnFile, distance: Int)] = []
    private static let limit = 5

    init(_ key: String) { self.key = key }

    mutating func offer(_ number: NumberOnFile) {
        guard number.key != key, let near = Self.closeness(key, number.key) else { return }
        if found.count == Self.limit, let last = found.last, last.distance <= near.distance { return }
        if found.contains(where: { $0.number.key == number.key && $0.number.account == number.account }) { return }
        found.append((number, near.distance))
        found.sort { ($0.distance, $0.number.key, $0.number.account) < ($1.distance, $1.number.key, $1.number.account) }
        if found.count > Self.limit { found.removeLast() }
    }

    /// Fewer digits than this are shared by chance.
    private static let enoughDigits = 4

    /// - Returns: nil if the keys are not close.
    static func closeness(_ a: String, _ b: String) -> (distance: Int, words: String)? {
        let (x, y) = (Array(a.utf8), Array(b.utf8))
        let limit = max(1, min(3, x.count / 3))
        // most pairs differ in length by more than that already
        if abs(x.count - y.count) <= limit {
            let distance = Nearest.distance(x, y)
            if distance <= limit { return (distance, distance == 1 ? "one character differs" : "\(distance) characters differ") }
        }
        let digits = x.filter { $0 >= 48 && $0 <= 57 }
        if digits.count >= enoughDigits, digits == y.filter({ $0 >= 48 && $0 <= 57 }) { return (4, "same digits") }
        return nil
    }
}
