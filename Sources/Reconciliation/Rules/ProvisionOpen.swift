public import Trade

/// `provision.open`: a provision that is not reversed by an equal amount `provision_days` after its date (inclusive). A provision
/// has no document behind it and must come to nothing; it is never a deduction. Where more was given back than held, the rest
/// is ours to give back. A reversal whose provision is not on file says nothing.
public enum ProvisionOpen: InvoiceRule {
    public static let kind = FindingKind.provisionOpen

    public static let wording = Wording(
        title: .init(en: "Provision not reversed", zh: "准备金未冲回"),
        sentence: .init(
            en: "Of provision {{subject}}, held on {{details.date}}, {{details.held}} was held and {{details.given_back}} given back: "
                + "{{amount}}{{details.out_of_range}} is left.",
            zh: "准备金 {{subject}} 于 {{details.date}} 扣留 {{details.held}}，已退回 {{details.given_back}}，"
                + "尚差 {{amount}}{{details.out_of_range}}。"),
        action: .init(en: "Ask when the provision is released", zh: "询问准备金何时释放"))

    public static func judge(_ family: FamilyStanding, _ context: RuleContext) -> Verdict {
        var verdict = Verdict()
        let lines = family.provisions.sorted(by: LineFact.isBefore)
        var told: Set<String> = []
        for currency in Set(lines.map(\.currency)).sorted() {
            let lines = lines.filter { $0.currency == currency }
            guard let first = lines.first(where: { $0.net < 0 }), told.insert(ReferenceKey.of(first.reference)).inserted else { continue }
            let date = first.paymentDate ?? first.documentDate ?? first.received
            if let opening = context.account.opening, date < opening { continue }
            let left = -lines.sum(\.net)
            guard left != 0 else { continue }
            let due = date + context.account.provisionDays
            guard context.today >= due else {
                verdict.merge(Verdict(wake: due))
                continue
            }
            verdict.findings.append(finding(first, lines, left, date, context))
        }
        return verdict
    }

    private static func finding(_ first: LineFact, _ lines: [LineFact], _ left: MinorUnits, _ date: Day, _ context: RuleContext) -> Finding
    {
        let decimal = first.currency.decimal
        let stake = Stake(MinorUnits(left.magnitude), first.currency)
        var details: JSON = [
            "date": .string(date.description), "payment": .string(first.payment),
            "held": decimal(-lines.filter { $0.net < 0 }.sum(\.net)), "given_back": decimal(lines.filter { $0.net > 0 }.sum(\.net)),
        ]
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: first.reference, severity: .warning, amount: stake.amount,
            direction: left > 0 ? .toUs : .byUs, money: "provision:\(ReferenceKey.of(first.reference))", details: details,
            evidence: Array(Set(lines.map(\.evidence)).sorted().prefix(InvoiceReckoning.evidenceLimit)))
    }
}
