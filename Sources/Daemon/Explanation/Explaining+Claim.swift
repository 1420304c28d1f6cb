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
        if claims.isEmpty { return [try lines(subject, type: "line", value, family)] }
        return try claims.map { claim in
            var explanation = Explanation(type: "claim", reference: claim.reference, account: subject.account)
            explanation.facts.append(.init("class", claim.deduction.rawValue))
            if let root = claim.rootKey {
                let known = family.invoices.first { $0.invoice.key == root }
                let number = known?.invoice.number ?? claim.root ?? root
                explanation.facts.append(
                    .init("invoice", known.map { "\(number), \(money($0.invoice.total, $0.invoice.currency))" } ?? "\(number), not on file"))
            }
            for (name, values) in [("purchase_order", claim.steps.compactMap(\.line.po)), ("return", claim.steps.compactMap(\.line.returnNumber))] {
                if let first = values.first { explanation.facts.append(.init(name, first)) }
            }
            explanation.facts.append(.init("taken", money(claim.taken, claim.currency)))
            explanation.facts.append(.init("given_back", money(claim.givenBack, claim.currency)))
            explanation.facts.append(.init("standing", money(claim.standing, claim.currency)))
            if claim.isClosed { explanation.facts.append(.init("closed", "the round was closed into a final document (RI)")) }
            for step in claim.steps { explanation.moments.append(moment(step, of: claim)) }
            for line in try ledger.idleLines(account: subject.account, family: subject.family)
            where ReferenceKey.of(line.reference) == claim.key { explanation.moments.append(idle(line)) }
            explanation.sum = [.init("taken", amount(claim.taken, claim.currency)), .init("given_back", amount(min(claim.taken, claim.givenBack), claim.currency))]
            let rest = claim.taken - min(claim.taken, claim.givenBack)
            explanation.sum.append(.init("out", amount(rest, claim.currency)))
            if claim.givenBack > claim.taken {
                explanation.facts.append(.init("excess", "\(money(claim.givenBack - claim.taken, claim.currency)) given back beyond what was taken"))
            }
            let stories = try ledger.stories(.family, account: subject.account, key: subject.family).filter { story in
                let finding = story.recorded.finding
                return finding.key == claim.key || finding.money == "claim:\(claim.key)" || finding.money?.hasSuffix("/\(claim.key)") == true
            }
            add(stories, to: &explanation, today: context.today)
            explanation.steps += steps([claim], context.today)
            return explanation
        }
    }

    private func moment(_ step: ClaimAccount.Step, of claim: ClaimAccount) -> Explanation.Moment {
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
        if let date = step.line.documentDate { text += ", document of \(date)" }
        return .init(
            day: step.line.paymentDate, rank: 5, kind: "claim", amount: amount(takes ? -step.net : step.net, claim.currency),
            text: text + came(step.line.received, step.line.paymentDate), evidence: step.line.evidence)
    }

    /// One row a claim, in order of first taking.
    func table(of claims: [ClaimAccount], _ today: Day) -> Explanation.Table {
        Explanation.Table(
            "Claims", columns: ["claim", "class", "taken", "given back", "standing", "dispute until"],
            rows: claims.map { claim in
                [
                    claim.reference, claim.deduction.rawValue, money(claim.taken, claim.currency), money(claim.givenBack, claim.currency),
                    money(claim.standing, claim.currency), claim.standing > 0 ? claim.deadline?.description ?? "no window" : "-",
                ]
            })
    }

    func steps(_ claims: [ClaimAccount], _ today: Day) -> [String] {
        claims.compactMap { claim in
            guard claim.standing > 0 else { return nil }
            let what = "\(claim.reference) (\(money(claim.standing, claim.currency)))"
            guard let deadline = claim.deadline else { return "\(what) can be disputed without a deadline" }
            return deadline >= today
                ? "Dispute \(what) until \(deadline), or accept it" : "\(what) could be disputed until \(deadline): that day is past"
        }
    }

    // MARK: lines without an invoice

    /// A number that lines pay, and that no document has.
    func line(_ subject: LedgerSubject) throws -> [Explanation] {
        guard let (value, family) = try family(subject.account, subject.family) else { return [] }
        return [try lines(subject, type: "line", value, family)]
    }

    private func lines(_ subject: LedgerSubject, type: String, _ value: InvoiceCase, _ family: FamilyAccount) throws -> Explanation {
        let context = context(subject.account)
        var explanation = Explanation(type: type, reference: subject.number, account: subject.account)
        let lines = value.lines.filter { $0.key == subject.key && !$0.isOfOtherFamily }
        explanation.facts.append(.init("state", "no document of this number is on file; payments name it"))
        for line in lines {
            let other = family.unmatched.first { $0.line == line }
            let why = other?.isOtherCurrency == true ? ", kept in another currency and the payment states no rate" : ""
            explanation.moments.append(
                .init(
                    day: line.paymentDate, rank: 4, kind: "payment", amount: amount(line.net, line.currency),
                    text: "payment \(line.payment) \(line.net < 0 ? "takes" : "pays") \(line.reference)\(why)"
                        + came(line.received, line.paymentDate), evidence: line.evidence))
        }
        for line in try ledger.idleLines(account: subject.account, family: subject.family)
        where ReferenceKey.of(line.reference) == subject.key { explanation.moments.append(idle(line)) }
        let stories = try ledger.stories(.family, account: subject.account, key: subject.family).filter {
            $0.recorded.finding.key == subject.key
        }
        add(stories, to: &explanation, today: context.today)
        if let line = lines.first(where: { $0.net > 0 }) ?? lines.first {
            explanation.candidates = try nearest(to: line, account: subject.account)
        }
        return explanation
    }
}
