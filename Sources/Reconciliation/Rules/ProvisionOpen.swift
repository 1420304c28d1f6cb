public import Trade

/// `provision.open`: a provision that is not reversed by an equal amount `provision_days` after its date (inclusive). A reversal
/// gives back the oldest part not yet given back, and days count from the oldest part still held. A provision has no document behind it and must come to nothing; it is never a deduction. Where more was given back than held, the rest
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
            guard let open = Holding(lines.filter { $0.currency == currency }, since: context.account.opening),
                told.insert(ReferenceKey.of(open.first.reference)).inserted
            else { continue }
            let due = open.date + context.account.provisionDays
            guard context.today >= due else {
                verdict.merge(Verdict(wake: due))
                continue
            }
            verdict.findings.append(finding(open, context))
        }
        return verdict
    }

    /// What one number holds in one currency. One number may be held and given back again and again: a reversal gives back the
    /// oldest part that is not yet given back.
    private struct Holding {
        /// The oldest line of which something is still held; where more was given back than held, the youngest one.
        var first: LineFact
        var date: Day
        /// Of the lines of which something is still held.
        var held: MinorUnits
        /// Positive: not given back; negative: given back beyond what was held.
        var left: MinorUnits
        var evidence: [Evidence]

        /// - Parameter lines: in order of date, all of one currency.
        /// - Returns: nil if all came to nothing, or what is left was held before `opening`.
        init?(_ lines: [LineFact], since opening: Day?) {
            let takings = lines.filter { $0.net < 0 }
            let releases = lines.filter { $0.net > 0 }
            guard let last = takings.last else { return nil }
            let given = releases.sum(\.net)
            let left = -takings.sum(\.net) - given
            guard left != 0 else { return nil }
            var open: [(line: LineFact, left: MinorUnits)] = []
            var taken: MinorUnits = 0
            for line in takings {
                let before = taken
                taken -= MinorUnits(line.net)
                if taken > given { open.append((line, taken - max(before, given))) }
            }
            if let opening { open.removeAll { Self.date(of: $0.line) < opening } }
            let since = left > 0 ? taken - open.sum { -MinorUnits($0.line.net) } : taken + MinorUnits(last.net)
            if left > 0 {
                guard let oldest = open.first?.line else { return nil }
                (first, held, self.left) = (oldest, -open.sum { MinorUnits($0.line.net) }, open.sum(\.left))
            } else {
                (first, held, self.left) = (last, -MinorUnits(last.net), left)
            }
            date = Self.date(of: first)
            if let opening, date < opening { return nil }
            // of the reversals those that reach what is told here
            var reached: MinorUnits = 0
            var told = left > 0 ? open.map(\.line) : [last]
            for line in releases {
                reached += MinorUnits(line.net)
                if reached > since { told.append(line) }
            }
            evidence = Array(Set(told.map(\.evidence)).sorted().prefix(InvoiceReckoning.evidenceLimit))
        }

        private static func date(of line: LineFact) -> Day { line.paymentDate ?? line.documentDate ?? line.received }
    }

    private static func finding(_ open: Holding, _ context: RuleContext) -> Finding {
        let first = open.first
        let decimal = first.currency.decimal
        let stake = Stake(MinorUnits(open.left.magnitude), first.currency)
        var details: JSON = [
            "date": .string(open.date.description), "payment": .string(first.payment),
            "held": decimal(open.held), "given_back": decimal(open.held - open.left),
        ]
        stake.note(in: &details)
        return Finding(
            kind, account: context.account.id, subject: first.reference, severity: .warning, amount: stake.amount,
            direction: open.left > 0 ? .toUs : .byUs, money: "provision:\(ReferenceKey.of(first.reference))", details: details,
            evidence: open.evidence)
    }
}
