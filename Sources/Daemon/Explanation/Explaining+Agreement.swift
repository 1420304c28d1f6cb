import Ledger
import Reconciliation
import Reporting
import Trade

// What was agreed to be deducted, and what was taken under it.
extension Explaining {
    /// Of every account that has an agreement of the number.
    func agreements(_ key: String) throws -> [Explanation] {
        try configuration.accounts.flatMap(\.ownAgreements).filter { ReferenceKey.of($0.id) == key }.map(agreement)
    }

    private func agreement(_ agreement: Agreement) throws -> Explanation {
        let context = context(agreement.account)
        let currency = context.account.currency
        var explanation = Explanation(type: "agreement", reference: agreement.id, account: agreement.account)
        explanation.facts.append(.init("terms", Self.words(agreement, currency)))
        let found = try cases(agreement.account, [ReferenceKey.of(agreement.id)]).first
        let months = found.map { Rules.months(of: agreement, in: $0, context) } ?? []
        guard !months.isEmpty else {
            explanation.facts.append(.init("state", "nothing was taken under its number"))
            return explanation
        }
        explanation.tables.append(
            Explanation.Table(
                "Months", columns: ["month", "taken", "allowed", "by", "beyond"],
                rows: months.map { month in
                    [
                        Self.month(month.month), money(month.taken, currency), month.allowed.map { money($0, currency) } ?? "not known",
                        by(month, agreement, currency), month.beyond.map { money($0, currency) } ?? "cannot be told",
                    ]
                }))
        return explanation
    }

    private static func month(_ first: Day) -> String { String(first.description.prefix(7)) }

    /// What is allowed comes from what.
    private func by(_ month: AgreementMonth, _ agreement: Agreement, _ currency: Currency) -> String {
        switch month.standing {
        case .expired: return "it did not hold on that day"
        case .otherClass: return "not for \(agreement.deduction.rawValue)"
        case .held: break
        }
        switch agreement.size {
        case .perMonth: return "the amount of a month"
        case .percentOfReceipts(let percent):
            guard let receipts = month.receipts, let value = receipts.minorUnits else { return "receipts of the month are not on file" }
            let lacking = receipts.unpriced > 0 ? ", and \(receipts.unpriced) lines without a price" : ""
            return "\(percent) % of \(money(value, currency)) received in \(Self.month(receipts.month))\(lacking)"
        }
    }
}
