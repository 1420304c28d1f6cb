import Ledger
import Reconciliation
import Reporting
import Trade

extension Explaining {
    /// A claim, or whatever else takes money under a number of its own.
    func claim(_ subject: LedgerSubject) throws -> [Explanation] {
        guard let (value, family) = try family(subject.account, subject.family) else { return [] }
        let context = context(subject.account)
        let claims = family.claims.filter { claim in
            claim.key == subject.key || claim.steps.contains { ReferenceKey.of($0.reference) == subject.key }
        }
        if claims.isEmpty { return [try lines(subject, value, family)] }
        return try claims.map { claim in
            var explanation = Explanation(type: "claim", reference: claim.reference, account: subject.account)
            explanation.facts.append(.init("class", claim.deduction.rawValue))
            if let root = claim.rootKey {
                let known = family.invoices.first { $0.invoice.key == root }
                let number = known?.invoice.number ?? claim.root ?? root
                explanation.facts.append(
                    .init("invoice", known.map { "\(number), \(money($0.invoice.total, $0.invoice.currency))" } ?? "\(number), not on file")
                )
            }
            for (name, values) in [
                ("purchase_order", claim.steps.compactMap(\.line.po)), ("return", claim.steps.compactMap(\.line.returnNumber)),
            ] {
                if let first = values.first { explanation.facts.append(.init(name, first)) }
            }
            if let agreement = agreement(claim) { explanation.facts.append(.init("agreement", Self.words(agreement, claim.currency))) }
            let isBetween = claim.standing > claim.out
            explanation.facts.append(
                .init(
                    "standing",
                    money(claim.standing, claim.currency)
                        + (isBetween ? ", of which \(money(claim.out, claim.currency)) is out: its final document is to take the rest" : "")
                ))
            explanation.facts.append(.init("our_records", Self.support(claim)))
            if case .object(let record) = claim.record {
                for (name, value) in record.sorted(by: { $0.key < $1.key }) { explanation.facts.append(.init(name, Self.words(value))) }
            }
            if let excess = claim.excess { explanation.facts.append(.init("excess", money(excess, claim.currency))) }
            if claim.isClosed { explanation.facts.append(.init("closed", "the round was closed into a final document (RI)")) }
            for step in claim.steps { explanation.moments.append(moment(step, of: claim)) }
            for line in try ledger.idleLines(account: subject.account, family: subject.family)
            where ReferenceKey.of(line.reference) == claim.key { explanation.moments.append(idle(line)) }
            addNotices(of: claim, value.goods, to: &explanation)
            // what a shortage is held against
            if claim.deduction == .shortage, let root = family.invoices.first(where: { $0.invoice.key == claim.rootKey }) {
                try addGoods(of: root.invoice, to: &explanation)
            }
            explanation.sum = sum(claim)
            let stories = try ledger.stories(.family, account: subject.account, key: subject.family).filter { story in
                let finding = story.recorded.finding
                return finding.key == claim.key || finding.money == "claim:\(claim.key)"
                    || finding.money?.hasSuffix("/\(claim.key)") == true
            }
            add(stories, to: &explanation, today: context.today)
            explanation.steps += steps([claim], context.today)
            return explanation
        }
    }

    /// Chargeback notices whose charge it is, and the return that it is for.
    private func addNotices(of claim: ClaimAccount, _ goods: GoodsOnFile?, to explanation: inout Explanation) {
        for notice in goods?.chargebacks[claim.key] ?? [] {
            let words = [notice.category, notice.subType, notice.status].compactMap { $0 }.joined(separator: ", ")
            explanation.moments.append(
                .init(
                    day: notice.date, rank: 0, kind: "chargeback", amount: amount(notice.amount, notice.currency),
                    text: "chargeback \(notice.id)\(words.isEmpty ? "" : " (\(words))") is charged under this number"))
        }
        for (_, found) in (goods?.returns ?? [:]).sorted(by: { $0.key < $1.key }) where claim.deduction == .return {
            explanation.moments.append(
                .init(
                    day: found.notified, rank: 0, kind: "return", amount: found.total.map { amount($0, found.currency) },
                    text: "return \(found.number) is on file", evidence: found.evidence))
        }
    }

    /// `taken` is what the others come to.
    private func sum(_ claim: ClaimAccount) -> [Explanation.Term] {
        var terms: [Explanation.Term] = [
            .init("taken", amount(claim.taken, claim.currency)), .init("given_back", amount(claim.givenBack, claim.currency)),
        ]
        func add(_ name: String, _ minor: Int128, always: Bool = false) {
            if minor != 0 || always { terms.append(.init(name, amount(minor, claim.currency))) }
        }
        add("closed", claim.closed)
        add("taken_again_by_final_document", -claim.finalDocuments)
        add("out", claim.out, always: true)
        // a reversal without its claim, a claim closed twice
        add("given_back_beyond_it", claim.taken - claim.givenBack - claim.closed + claim.finalDocuments - claim.out)
        return terms
    }

    func moment(_ step: ClaimAccount.Step, of claim: ClaimAccount) -> Explanation.Moment {
        let verb =
            switch step.kind {
            case .taken: "takes"
            case .finalDocument: "takes, as the final document,"
            case .givenBack: "gives back"
            case .closed: "closes the round with"
            }
        var text = "payment \(step.line.payment) \(verb) \(step.reference)"
        let takes = step.kind == .taken || step.kind == .finalDocument
        if step.net != step.gross { text += ", \(money(step.gross, claim.currency)) before discount" }
        if let date = step.line.documentDate, date != step.line.paymentDate { text += ", document of \(date)" }
        return .init(
            day: step.line.paymentDate, rank: 5, kind: "claim", amount: amount(takes ? -step.net : step.net, claim.currency),
            text: text + came(step.line.received, step.line.paymentDate), evidence: step.line.evidence)
    }

    /// One row a claim, in order of first taking.
    func table(of claims: [ClaimAccount]) -> Explanation.Table {
        Explanation.Table(
            "Claims", columns: ["claim", "class", "taken", "given back", "standing", "our records", "dispute until"],
            rows: claims.map { claim in
                [
                    claim.reference, claim.deduction.rawValue, money(claim.taken, claim.currency), money(claim.givenBack, claim.currency),
                    money(claim.standing, claim.currency), claim.standing > 0 ? claim.support : "-",
                    claim.standing > 0 && !claim.isAgreed ? claim.deadline?.description ?? "no window" : "-",
                ]
            })
    }

    func steps(_ claims: [ClaimAccount], _ today: Day) -> [String] {
        claims.compactMap { claim in
            guard claim.standing > 0, !claim.isAgreed, agreement(claim) == nil else { return nil }
            let what = "\(claim.reference) (\(money(claim.standing, claim.currency)))"
            guard let deadline = claim.deadline else { return "\(what) can be disputed without a deadline" }
            if claim.windows.count > 1 {
                let parts = claim.windows.map { window in
                    "\(money(window.amount, claim.currency)) until \(window.until)\(window.until < today ? " (past)" : "")"
                }
                return "Dispute \(what): \(parts.joined(separator: ", ")), or accept it"
            }
            return deadline >= today
                ? "Dispute \(what) until \(deadline), or accept it" : "\(what) could be disputed until \(deadline): that day is past"
        }
    }

    private static func support(_ claim: ClaimAccount) -> String {
        switch claim.support {
        case "contradicted": "contradict it: " + claim.contradictions.map(FindingSentences.contradiction).joined(separator: "; ")
        case "supported": claim.excess == nil ? "support it" : "support it in part"
        default: "say nothing of it"
        }
    }

    /// The agreement under which it was taken, if one is configured.
    private func agreement(_ claim: ClaimAccount) -> Agreement? {
        configuration.accounts.flatMap(\.agreements).first { ReferenceKey.of($0.id) == claim.key }
    }

    static func words(_ agreement: Agreement, _ currency: Currency) -> String {
        let size =
            switch agreement.size {
            case .percentOfReceipts(let percent): "\(percent) % of receipts"
            case .perMonth(let minor): "\(currency.text(of: Int128(minor))) \(currency) a month"
            }
        return "\(agreement.deduction.rawValue), \(size), from \(agreement.valid.lowerBound) to \(agreement.valid.upperBound)"
    }

    // MARK: lines without an invoice

    /// A number that lines pay, and that no document has.
    func line(_ subject: LedgerSubject) throws -> [Explanation] {
        guard let (value, family) = try family(subject.account, subject.family) else { return [] }
        return [try lines(subject, value, family)]
    }

    /// Lines of a number that rules put to invoices of other numbers.
    func matched(_ subject: LedgerSubject) throws -> [(line: InvoiceAccount.Line, invoice: InvoiceFact, family: FamilyAccount)] {
        let families = try ledger.familiesMatched(account: subject.account, families: [subject.family])
        return try cases(subject.account, families).flatMap { value in
            let family = Rules.account(of: value, context(subject.account))
            return family.invoices.flatMap { invoice in
                invoice.lines.filter { $0.fact.pairing != nil && $0.fact.key == subject.key }.map { ($0, invoice.invoice, family) }
            }
        }
    }

    private func lines(_ subject: LedgerSubject, _ value: InvoiceCase, _ family: FamilyAccount) throws -> Explanation {
        let context = context(subject.account)
        let lines = value.lines.filter { $0.key == subject.key && !$0.isOfOtherFamily }
        let isProvision = lines.contains { $0.role == .provision || $0.role == .provisionReversal }
        var explanation = Explanation(type: isProvision ? "provision" : "line", reference: subject.number, account: subject.account)
        if isProvision, let currency = lines.first?.currency {
            // its reversal may carry a number of its own
            let held = -value.lines.reduce(0) { $0 + Int128($1.net) }
            explanation.facts.append(.init("held", money(held, currency)))
        } else {
            explanation.facts.append(.init("state", "no document of this number is on file; payments name it"))
        }
        let matched = isProvision ? [] : try matched(subject)
        if !matched.isEmpty {
            let words = matched.map { "invoice \($0.invoice.number), by \($0.line.rule.rawValue)" }
            explanation.facts.append(.init("put_to", Set(words).sorted().joined(separator: "; ")))
        }
        for (line, _, family) in matched { explanation.moments += moments(line, family) }
        for line in isProvision ? value.lines : lines {
            let other = family.unmatched.first { $0.line == line }
            let why = other?.isOtherCurrency == true ? ", kept in another currency and the payment states no rate" : ""
            explanation.moments.append(
                .init(
                    day: line.paymentDate, rank: 4, kind: "payment", amount: amount(line.net, line.currency),
                    text: "payment \(line.payment) \(line.net < 0 ? "takes" : "pays") \(line.reference)\(why)" + inside(line)
                        + came(line.received, line.paymentDate), evidence: line.evidence))
        }
        for line in try ledger.idleLines(account: subject.account, family: subject.family)
        where ReferenceKey.of(line.reference) == subject.key { explanation.moments.append(idle(line)) }
        let claims = isProvision ? [] : family.claims.filter { $0.rootKey == subject.key || $0.key == subject.key }
        if !claims.isEmpty { explanation.tables.append(table(of: claims)) }
        let stories = try ledger.stories(.family, account: subject.account, key: subject.family).filter {
            $0.recorded.finding.key == subject.key
        }
        add(stories, to: &explanation, today: context.today)
        explanation.steps += steps(claims, context.today)
        if !isProvision, let line = lines.first(where: { $0.net > 0 }) ?? lines.first {
            explanation.candidates = try nearest(to: line, account: subject.account)
        }
        return explanation
    }
}
