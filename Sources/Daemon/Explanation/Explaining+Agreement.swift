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
        let families = try ledger.familiesNaming(agreement)
        let months = try cases(agreement.account, families).flatMap { Rules.months(of: agreement, in: $0, context) }
        let own = months.filter { $0.subject == agreement.id }
        let others = months.filter { $0.subject != agreement.id }
        if own.isEmpty { explanation.facts.append(.init("state", "nothing was taken under its number")) }
        let columns = ["month", "taken", "allowed", "by", "beyond"]
        func cells(_ month: AgreementMonth) -> [String] {
            [
                Self.month(month.month), money(month.taken, currency), month.allowed.map { money($0, currency) } ?? "not known",
                by(month, agreement, currency), month.beyond.map { money($0, currency) } ?? "cannot be told",
            ]
        }
        if !own.isEmpty { explanation.tables.append(.init("Months", columns: columns, rows: own.map(cells))) }
        // lines that name it with an invoice: each number is held against its terms by itself
        if !others.isEmpty {
            let rows = others.map { [$0.subject] + cells($0) }
            explanation.tables.append(.init("Other numbers", columns: ["number"] + columns, rows: rows))
        }
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
