import Trade

/// The case that nine invoices in ten end as: one invoice of a well-formed number, and plain payments that come to exactly its total,
/// none of them late, nothing else. No rule can say anything of it and no day changes that, so it is recognised without building a standing.
/// A property test holds it against the rules; a rule that can speak of such a case must narrow it.
enum PlainlySettled {
    static func holds(_ invoiceCase: InvoiceCase, _ context: RuleContext) -> Bool {
        guard invoiceCase.invoices.count == 1, invoiceCase.memos.isEmpty, !invoiceCase.lines.isEmpty,
            // what was cancelled or replaced asks for nothing, whatever was paid
            let invoice = invoiceCase.invoices.first, invoice.amends == nil, invoiceCase.corrections.isEmpty
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
        guard rest == 0, let bound = lastDay(invoice, context, invoiceCase.goods) else { return false }
        return last.map { $0 <= bound } ?? true
    }

    /// The last day on which the payments of such a case may be dated; the last of all days where any may be; nil: there is none.
    static func lastDay(_ invoice: InvoiceFact, _ context: RuleContext, _ goods: GoodsOnFile?) -> Day? {
        if invoice.isHistory(context.account) { return Day(number: .max) }
        guard context.account.invoicePattern?.matches(invoice.number) ?? true else { return nil }
        guard let due = TermsDates(dueOf: invoice, context.account, goods).due else { return Day(number: .max) }
        return due + context.account.graceDays
    }
}
