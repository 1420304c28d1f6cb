import Trade

/// What is on file under each invoice number of a family: the one that counts, and where there are different ones, all of them.
struct NumberedInvoices {
    /// One per number: the first by document date; a second one under the number opens no balance. Longest numbers first, so that
    /// the longest known root is found first.
    var facts: [InvoiceFact]
    /// Per number under which different invoices are on file: the one that counts, then the others.
    var duplicates: [[InvoiceFact]]

    init(_ invoiceCase: InvoiceCase) {
        let invoices = invoiceCase.invoices
        facts = []
        duplicates = []
        let amendments = InvoiceAmendments(invoices + invoiceCase.corrections)
        if invoices.count == 1, amendments.isEmpty {
            facts = invoices
            return
        }
        let byKey = Dictionary(grouping: invoices, by: \.key).values
            .sorted { ($0[0].key.utf8.count, $0[0].key) > ($1[0].key.utf8.count, $1[0].key) }
        for group in byKey {
            let sorted = amendments.standing(group).sorted(by: Self.countsBefore)
            if sorted.isEmpty, var void = group.min(by: Self.countsBefore) {
                (void.isVoid, void.total, void.tax) = (true, 0, nil)
                facts.append(void)
            }
            guard let first = sorted.first else { continue }
            facts.append(Self.completed(first, from: sorted.dropFirst().filter { !Self.areDifferent($0, first) }))
            if Self.anyDiffer(sorted) { duplicates.append(sorted) }
        }
    }

    /// What replaces others counts before what stands beside it. Dated ones by their date; the rest, the document's own words first, only makes the choice independent of the order in the case
    /// and of arrival.
    static func countsBefore(_ a: InvoiceFact, _ b: InvoiceFact) -> Bool {
        if (a.amends != nil) != (b.amends != nil) { return a.amends != nil }
        func rank(_ fact: InvoiceFact) -> (Int32, Int64, Int, Int) {
            (fact.date?.number ?? .max, fact.total, fact.po == nil ? 1 : 0, fact.terms == nil ? 1 : 0)
        }
        let (x, y) = (rank(a), rank(b))
        if x != y { return x < y }
        let (own, other) = (content(a), content(b))
        if own != other { return own.lexicographicallyPrecedes(other) }
        return a.evidence < b.evidence
    }

    /// What else an invoice says, its order first.
    private static func content(_ fact: InvoiceFact) -> [String] {
        let terms = fact.terms
        let days = [terms?.netDays, terms?.discountDays].map { $0.map { "\($0)" } ?? "" }
        let dates = [terms?.dueDate, terms?.discountDate].map { $0?.description ?? "" }
        return [
            ReferenceKey.of(fact.po ?? ""), fact.currency.code, fact.tax.map { "\($0)" } ?? "", terms?.discountPercent?.description ?? "",
            terms?.basis?.rawValue ?? "", fact.number, fact.po ?? "",
        ] + days + dates
    }

    /// Not the same content in another file, format or list: what one of them leaves out contradicts nothing.
    static func areDifferent(_ a: InvoiceFact, _ b: InvoiceFact) -> Bool {
        if a.total != b.total || a.currency != b.currency { return true }
        if let x = a.date, let y = b.date, x != y { return true }
        if let x = a.po, let y = b.po, ReferenceKey.of(x) != ReferenceKey.of(y) { return true }
        return false
    }

    /// Total, currency, date and order are each equal or not stated: one pass finds whether any two differ.
    private static func anyDiffer(_ facts: [InvoiceFact]) -> Bool {
        guard let first = facts.first else { return false }
        var stated = first
        for fact in facts {
            if areDifferent(stated, fact) { return true }
            stated.date = stated.date ?? fact.date
            stated.po = stated.po ?? fact.po
        }
        return false
    }

    /// What the same invoice says in another format: a list has the due date and no terms, a message the terms and no due date.
    private static func completed(_ fact: InvoiceFact, from others: [InvoiceFact]) -> InvoiceFact {
        var whole = fact
        for other in others {
            whole.date = whole.date ?? other.date
            whole.po = whole.po ?? other.po
            whole.tax = whole.tax ?? other.tax
            guard let terms = other.terms else { continue }
            var own = whole.terms ?? PaymentTerms()
            if own.netDays == nil, own.discountPercent == nil {
                (own.netDays, own.basis) = (terms.netDays, terms.basis)
                (own.discountPercent, own.discountDays) = (terms.discountPercent, terms.discountDays)
                own.discountDate = own.discountDate ?? terms.discountDate
            }
            own.dueDate = own.dueDate ?? terms.dueDate
            whole.terms = own
        }
        return whole
    }
}
