import Ledger
import Reconciliation
import Reporting
import Trade

extension Explaining {
    /// An invoice: one story for each document that opens a balance under the number.
    func invoice(_ subject: LedgerSubject) throws -> [Explanation] {
        guard let (value, family) = try family(subject.account, subject.family) else { return [] }
        let context = context(subject.account)
        return try family.invoices.filter { $0.invoice.key == subject.key }.map { account in
            let invoice = account.invoice
            var explanation = Explanation(type: "invoice", reference: invoice.number, account: subject.account)
            explanation.facts = facts(account, knownUntil: value.knownUntil, context)
            let documents = value.invoices.filter { $0.key == subject.key }
            addDocuments(
                documents.map { document in
                    let isOther =
                        document != invoice
                        && (document.total != invoice.total || document.currency != invoice.currency || document.date != invoice.date)
                    let text: String
                    switch document.amends {
                    case .cancellation: text = "the invoice is cancelled"
                    case .change, .replacement: text = "invoice booked in place of those of its number"
                    case nil:
                        text =
                            invoice.isVoid
                            ? "invoice booked; it was cancelled or replaced and asks for nothing"
                            : isOther ? "another invoice under the same number: it opens no balance" : "invoice booked"
                    }
                    return (
                        .init(
                            day: document.date, rank: 0, kind: "invoice", amount: amount(document.total, document.currency), text: text,
                            evidence: document.evidence), document.received
                    )
                }, to: &explanation)
            for other in value.corrections + value.invoices where other.amended == subject.key && other.key != subject.key {
                explanation.moments.append(
                    .init(
                        day: other.date, rank: 0, kind: "invoice", amount: amount(other.total, other.currency),
                        text: "invoice \(other.number) stands for it", evidence: other.evidence))
            }
            for memo in account.memos {
                explanation.moments.append(
                    .init(
                        day: memo.date, rank: 1, kind: "credit_memo", amount: amount(memo.total, memo.currency),
                        text: "credit memo \(memo.number), granted by us", evidence: memo.evidence))
            }
            for line in account.lines { explanation.moments += moments(line, family) }
            for line in try ledger.idleLines(account: subject.account, family: subject.family)
            where belongs(line.reference, to: invoice.key) {
                explanation.moments.append(idle(line))
            }
            for answer in try ledger.answers(
                account: subject.account, family: subject.family, documents: documents.map(\.document))
            {
                let reasons = answer.reasons.isEmpty ? "" : ": " + answer.reasons.joined(separator: "; ")
                explanation.moments.append(
                    .init(
                        day: answer.date ?? answer.received, rank: 2, kind: "answer",
                        text: "\(answer.typeName) \(answer.outcome)\(reasons)",
                        evidence: answer.evidence))
            }
            let claims = family.claims.filter { $0.rootKey == invoice.key }
            explanation.tables.append(table(of: claims))
            explanation.sum = sum(account)
            let claimKeys = Set(claims.map(\.key))
            let stories = try ledger.stories(.family, account: subject.account, key: subject.family).filter { story in
                let finding = story.recorded.finding
                return finding.key == invoice.key || claimKeys.contains(finding.key) || finding.money == "invoice:\(invoice.key)"
                    || finding.money?.hasPrefix("invoice:\(invoice.key)/") == true
            }
            try addGoods(of: invoice, to: &explanation)
            let matches = try invoice.po.map { try ledger.stories(.order, account: subject.account, key: ReferenceKey.of($0)) } ?? []
            let own = matches.filter { $0.recorded.finding.key == invoice.key || $0.recorded.finding.money == "invoice:\(invoice.key)" }
            add(stories + own, to: &explanation, today: context.today)
            explanation.steps += steps(claims, context.today)
            let refusals = try ledger.standingRefusals(accounts: [subject.account]).filter {
                $0.isInvoice && $0.number.map { ReferenceKey.of($0) } == invoice.key
            }
            for refusal in refusals {
                let reasons = refusal.reasons.isEmpty ? "" : " (\(refusal.reasons.joined(separator: "; ")))"
                explanation.steps.append(
                    "Correct it and send it again: \(refusal.answer) refused it\(refusal.date.map { " on \($0)" } ?? "")\(reasons), "
                        + "and no later answer takes it")
            }
            if explanation.steps.isEmpty, account.open > Int128(account.tolerance), let due = account.due {
                let last = due + context.account.graceDays
                explanation.steps.append("Nothing before \(last + 1): payment is expected until \(last)")
            }
            return explanation
        }
    }

    // MARK: facts

    private func facts(_ account: InvoiceAccount, knownUntil: Day?, _ context: RuleContext) -> [Explanation.Fact] {
        let invoice = account.invoice
        var facts: [Explanation.Fact] = []
        if let date = invoice.date { facts.append(.init("date", "\(date)")) }
        if let po = invoice.po { facts.append(.init("purchase_order", po)) }
        facts.append(.init("total", money(invoice.total, invoice.currency)))
        if let tax = invoice.tax { facts.append(.init("tax", money(tax, invoice.currency))) }
        facts.append(.init("terms", words(account)))
        if let due = account.due {
            var text = "\(due)"
            if invoice.terms?.dueDate == due { text += ", as stated" }
            if let other = account.dueByTerms {
                text += "; by \(invoice.terms?.netDays == nil ? "the account's" : "its own") terms \(other)"
            }
            if let day = account.dueBeforeShift { text += "; moved from \(day), which is no business day" }
            if account.basisIsAssumed { text += "; counted from the invoice date, as the basis is not on file" }
            facts.append(.init("due", text))
        }
        facts.append(.init("state", state(account, context)))
        if let knownUntil { facts.append(.init("known_until", "\(knownUntil), the latest payment on file")) }
        if account.invoice.date.flatMap({ date in context.account.opening.map { date < $0 } }) == true {
            facts.append(.init("opening", "dated before \(context.account.opening.map { "\($0)" } ?? ""): it raises no finding"))
        }
        return facts
    }

    private func words(_ account: InvoiceAccount) -> String {
        guard let terms = account.terms else { return "none known: it has no due date" }
        var parts: [String] = []
        if let days = terms.netDays { parts.append("\(days) days net \(Self.basis(terms.basis))") }
        if let percent = terms.discountPercent {
            let until = terms.discountDate.map { "until \($0)" } ?? terms.discountDays.map { "within \($0) days" } ?? "without a date"
            parts.append("\(percent) % discount \(until)")
        }
        if let due = terms.dueDate { parts.append("due on \(due)") }
        if parts.isEmpty { parts.append("no days") }
        return parts.joined(separator: ", ") + (account.termsAreOwn ? " (the invoice's own)" : " (the account's)")
    }

    private static func basis(_ basis: TermsBasis?) -> String {
        switch basis {
        case nil, .invoiceDate: "from the invoice date"
        case .endOfMonth: "from the end of the month"
        case .shipDate: "from the shipment"
        case .delivery: "from the delivery"
        case .receipt: "from the receipt of goods"
        case .laterOfInvoiceAndReceipt: "from the invoice date or the receipt of goods, the later"
        }
    }

    private func state(_ account: InvoiceAccount, _ context: RuleContext) -> String {
        let currency = account.invoice.currency
        let tolerance = Int128(account.tolerance)
        if account.open > tolerance {
            var text = "\(money(account.open, currency)) open"
            if let due = account.due {
                let days = context.today - due
                text += days > 0 ? ", \(days) days after the due date" : days == 0 ? ", due today" : ", due in \(-days) days"
            }
            return text
        }
        if account.open < -tolerance {
            // as the finding counts it
            let inClaims = min(account.discountInClaims, -account.open)
            let excess = -account.open - inClaims
            let rest = "\(money(inClaims, currency)) more came as the discount in claims that were given back"
            if excess <= tolerance { return excess == 0 ? "settled; \(rest)" : "settled within tolerance; \(rest)" }
            return "\(money(excess, currency)) paid too much" + (inClaims > 0 ? "; \(rest)" : "")
        }
        if account.invoice.isVoid, account.open == 0 { return "cancelled or replaced: it asks for nothing" }
        return account.open == 0 ? "settled" : "settled, but for \(money(account.open, currency)) within tolerance"
    }

    /// Documents that say the same are told once, with how many more say it.
    func addDocuments(_ documents: [(moment: Explanation.Moment, received: Day)], to explanation: inout Explanation) {
        var groups: [(first: (moment: Explanation.Moment, received: Day), others: [(moment: Explanation.Moment, received: Day)])] = []
        for document in documents {
            let known = groups.firstIndex {
                $0.first.moment.day == document.moment.day && $0.first.moment.text == document.moment.text
                    && $0.first.moment.amount?.decimal == document.moment.amount?.decimal
            }
            if let known { groups[known].others.append(document) } else { groups.append((document, [])) }
        }
        for group in groups {
            var moment = group.first.moment
            moment.text += came(group.first.received, moment.day)
            explanation.moments.append(moment)
            if let last = group.others.last {
                moment.text = "the same again in \(group.others.count) more, the last came \(last.received)"
                moment.evidence = last.moment.evidence
                explanation.moments.append(moment)
            }
        }
    }

    func came(_ received: Day, _ date: Day?) -> String { date == received ? "" : ", came \(received)" }

    // MARK: the time line

    func belongs(_ reference: String, to key: String) -> Bool { ClaimChain.links(of: ReferenceKey.of(reference), after: key) != nil }

    func idle(_ line: IdleLine) -> Explanation.Moment {
        .init(
            day: line.date, rank: 3, kind: "payment", amount: amount(line.net, line.currency),
            text: "payment \(line.payment) named \(line.reference), but does not count: "
                + (line.isVoided
                    ? "it was voided" : line.isSame ? "the payment is on file already" : "another content of that payment stands"),
            evidence: line.evidence)
    }

    /// A line, and the adjustments inside it.
    func moments(_ line: InvoiceAccount.Line, _ family: FamilyAccount) -> [Explanation.Moment] {
        let fact = line.fact
        var text = "payment \(fact.payment) \(Self.verb(line)) \(fact.reference.isEmpty ? "without a reference" : fact.reference)"
        if let deduction = fact.deduction, line.role != .invoice || fact.isAdjustment { text += " (\(deduction.rawValue))" }
        if let claim = line.claim, claim != fact.key, let known = family.claims.first(where: { $0.key == claim }) {
            text += ", part of claim \(known.reference)"
        }
        text += inside(fact)
        return [
            .init(
                day: fact.paymentDate, rank: line.pays ? 4 : 5, kind: line.pays ? "payment" : line.role == .memo ? "memo" : "claim",
                amount: amount(fact.net, fact.currency), text: text + came(fact.received, fact.paymentDate), rule: line.rule.rawValue,
                evidence: fact.evidence)
        ]
    }

    /// The discount and the adjustments inside a line.
    func inside(_ fact: LineFact) -> String {
        var text = fact.discount == 0 ? "" : ", discount \(money(fact.discount, fact.currency))"
        for adjustment in fact.adjustments {
            text += ", in it \(money(adjustment.amount, fact.currency)) \(adjustment.deduction.rawValue)"
            if !adjustment.reference.isEmpty { text += " (\(adjustment.reference))" }
        }
        return text
    }

    static func verb(_ line: InvoiceAccount.Line) -> String {
        if line.pays { return "pays" }
        let takes = line.fact.net < 0
        switch line.role {
        case .invoice:
            if line.fact.isAdjustment { return takes ? "takes beside its lines" : "adds beside its lines" }
            return takes ? "takes back" : "pays nothing of"
        case .reversal: return takes ? "takes again with" : "gives back"
        case .closing: return "closes the round with"
        case .finalDocument: return takes ? "takes, as the final document," : "gives back, on the final document,"
        // the retailer's own memos are claims
        case .memo: return line.rule == .memo ? "applies our memo" : takes ? "takes" : "gives back"
        default: return takes ? "takes" : "gives"
        }
    }

    // MARK: sums

    func sum(_ account: InvoiceAccount) -> [Explanation.Term] {
        let currency = account.invoice.currency
        var terms: [Explanation.Term] = [
            .init("total", amount(account.invoice.total, currency)), .init("paid", amount(account.paid, currency)),
        ]
        func add(_ name: String, _ minor: Int128, _ reference: String? = nil, always: Bool = false) {
            if minor != 0 || always { terms.append(.init(name, amount(minor, currency), reference: reference)) }
        }
        add("discount_earned", account.discountEarned)
        add("credits_granted", account.credits)
        for deduction in account.deductions.sorted(by: { ($1.amount, $0.reference) < ($0.amount, $1.reference) }) {
            add("deduction_\(deduction.deduction.rawValue)", deduction.amount, deduction.reference)
        }
        add("written_off", account.writtenOff)
        add("memos_taken_twice", account.memosTakenTwice)
        add("discount_unearned", account.discountUnearned)
        add("unexplained", account.unexplained, always: true)
        return terms
    }
}
