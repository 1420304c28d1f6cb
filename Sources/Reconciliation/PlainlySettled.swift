import Trade

/// The case that nine invoices in ten end as: one invoice, and plain payments that come to exactly its total, nothing
/// else. No rule can say anything of it and no day changes that, so it is recognised without building a standing.
/// A property test holds it against the rules; a rule that can speak of such a case must narrow it.
enum PlainlySettled {
    static func holds(_ invoiceCase: InvoiceCase) -> Bool {
        guard invoiceCase.invoices.count == 1, invoiceCase.memos.isEmpty, !invoiceCase.lines.isEmpty,
            let invoice = invoiceCase.invoices.first
        else { return false }
        var rest = invoice.total
        for line in invoiceCase.lines {
            guard line.role == .invoice, !line.isAdjustment, line.net > 0, line.net <= rest, line.discount == 0, line.adjustments.isEmpty,
                line.currency == invoice.currency, line.key == invoice.key
            else { return false }
            rest -= line.net
        }
        return rest == 0
    }
}
