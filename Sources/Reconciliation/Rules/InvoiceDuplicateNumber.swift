public import Trade

/// `invoice.duplicate_number`: two different invoices under one number; not the same content again, in another format or list. The
/// first by document date stays, the other opens no balance.
public enum InvoiceDuplicateNumber: InvoiceRule {
    public static let kind = FindingKind.invoiceDuplicateNumber

    public static let wording = Wording(
        title: .init(en: "One number, two invoices", zh: "发票号重复"),
        sentence: .init(
            en: "Different invoices have the number {{subject}}; the first one counts.{{#details.invoices}} {{amount}} {{currency}}"
                + "{{#date}} of {{date}}{{/date}}{{#po}} for order {{po}}{{/po}} ({{file}}).{{/details.invoices}}",
            zh: "发票号 {{subject}} 下有不同的发票，以第一张为准。{{#details.invoices}}{{amount}} {{currency}}{{#date}}，{{date}}{{/date}}"
                + "{{#po}}，订单 {{po}}{{/po}}（{{file}}）。{{/details.invoices}}"),
        action: .init(en: "Give the second invoice a number of its own", zh: "为第二张发票另行编号"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        Verdict(
            findings: family.duplicates.compactMap { invoices in
                invoices.allSatisfy { $0.isHistory(context.account) } ? nil : finding(invoices, context)
            })
    }

    /// - Parameter invoices: the one that counts first.
    private static func finding(_ invoices: [InvoiceFact], _ context: RuleContext) -> Finding? {
        guard let first = invoices.first else { return nil }
        var told: Set<JSON> = []
        var items: [JSON] = []
        for invoice in invoices where items.count < InvoiceReckoning.evidenceLimit {
            var item: JSON = [
                "amount": invoice.currency.decimal(MinorUnits(invoice.total)), "currency": .string(invoice.currency.code),
            ]
            item["date"] = invoice.date.map { .string($0.description) }
            item["po"] = invoice.po.map { .string($0) }
            // each content once, with the first file that has it
            guard told.insert(item).inserted else { continue }
            item["file"] = .string(invoice.evidence.file)
            items.append(item)
        }
        // amounts of another currency are not larger or smaller
        let largest = invoices.filter { $0.currency == first.currency }.map(\.total).max() ?? first.total
        return Finding(
            kind, account: context.account.id, subject: first.number, severity: .warning, amount: Money(max(0, largest), first.currency),
            money: "invoice:\(first.key)", details: ["invoices": .array(items)],
            evidence: Array(Set(invoices.map(\.evidence)).sorted().prefix(InvoiceReckoning.evidenceLimit)))
    }
}
