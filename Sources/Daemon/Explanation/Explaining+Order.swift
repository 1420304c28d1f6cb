import Ledger
import Reconciliation
import Reporting
import Trade

extension Explaining {
    func order(_ subject: LedgerSubject) throws -> Explanation { try document(subject) }
    func addGoods(of invoice: InvoiceFact, to explanation: inout Explanation) throws {}
}
