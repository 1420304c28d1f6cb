import Trade

/// What invoices say they do to earlier ones: which of several under a number still ask for anything, whatever came first.
///
/// A cancellation ends all of its number that are not dated later: what is dated later was issued anew. An invoice under another number that
/// says it stands for this one ends all of this number, and a replacement all others; of several replacements the last by date counts.
struct InvoiceAmendments {
    /// By the number's key: the last day that is ended.
    private var ended: [String: Day] = [:]
    /// By the number's key: the replacement that counts.
    private var replacing: [String: InvoiceFact] = [:]

    /// - Parameter invoices: of all numbers, with those that stand for them.
    init(_ invoices: [InvoiceFact]) {
        guard invoices.contains(where: { $0.amends != nil }) else { return }
        for invoice in invoices {
            guard let amends = invoice.amends else { continue }
            // a cancellation ends its own number, also where it names what that once stood for
            let key = amends == .cancellation ? invoice.key : invoice.amended ?? invoice.key
            if amends == .cancellation || key != invoice.key {
                let last = key == invoice.key ? Self.day(invoice) : Day(number: .max)
                ended[key] = max(ended[key] ?? last, last)
            } else if let other = replacing[key], !Self.isLater(invoice, other) {
                continue
            } else {
                replacing[key] = invoice
            }
        }
    }

    var isEmpty: Bool { ended.isEmpty && replacing.isEmpty }

    /// Without a date it is about all that there is.
    private static func day(_ invoice: InvoiceFact) -> Day { invoice.date ?? Day(number: .max) }

    private static func isLater(_ a: InvoiceFact, _ b: InvoiceFact) -> Bool {
        if day(a) != day(b) { return day(a) > day(b) }
        return NumberedInvoices.countsBefore(a, b)
    }

    /// Whether the invoice asks for what it says.
    func stands(_ invoice: InvoiceFact) -> Bool {
        if invoice.amends == .cancellation { return false }
        if let end = ended[invoice.key], invoice.date ?? Day(number: .min) <= end { return false }
        guard let own = replacing[invoice.key], own.document != invoice.document else { return true }
        // the same content again, in another format or list
        return !NumberedInvoices.areDifferent(invoice, own)
    }

    func standing(_ invoices: [InvoiceFact]) -> [InvoiceFact] { isEmpty ? invoices : invoices.filter(stands) }
}
