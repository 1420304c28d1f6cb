import Trade

/// The case that nine invoices in ten end as: one invoice of a well-formed number, and plain payments that come to exactly its total,
/// none of them late, nothing else. No rule can say anything of it and no day changes that, so it is recognised without building a standing.
/// A property test holds it against the rules; a rule that can speak of such a case must narrow it.
enum PlainlySettled {
    static func holds(_ invoiceCase: InvoiceCase, _ context: RuleContext) -> Bool {
        guard invoiceCase.invoices.count == 1, invoiceCase.memos.isEmpty, !invoiceCase.lines.isEmpty,
            let invoice = invoiceCase.invoices.first
        else { return false }
        var rest = invoice.total
        var last: Day?
        for line in invoiceCase.lines {
            guard line.role == .invoice, !line.isAdjustment, line.net > 0, line.net <= rest, line.discount == 0, line.adjustments.isEmpty,
                line.currency == invoice.currency, line.key == invoice.key
            else { return false }
            rest -= line.net
            if let date = line.paymentDate { last = max(last ?? date, date) }
        }
        guard rest == 0 else { return false }
        return invoice.isHistory(context.account) || isInTime(invoice, last, invoiceCase, context) && isWellFormed(invoice, context)
    }

    private static func isWellFormed(_ invoice: InvoiceFact, _ context: RuleContext) -> Bool {
        context.account.invoicePattern?.matches(invoice.number) ?? true
    }

    private static func isInTime(_ invoice: InvoiceFact, _ last: Day?, _ invoiceCase: InvoiceCase, _ context: RuleContext) -> Bool {
        guard let last, let due = TermsDates(dueOf: invoice, context.account, invoiceCase.goods).due else { return true }
        return last <= due + context.account.graceDays
    }
}
