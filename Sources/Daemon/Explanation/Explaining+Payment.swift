import Ledger
import Reconciliation
import Reporting
import Trade

extension Explaining {
    /// Lines shown of one payment; the sum is over all of them. A remittance over more than these is read in its file.
    static let mostLines = 5000

    /// A payment: every content that came under its number, the lines of the one that stands, and where each went.
    func payment(_ subject: LedgerSubject) throws -> Explanation {
        let context = context(subject.account)
        var explanation = Explanation(type: "payment", reference: subject.number, account: subject.account)
        let documents = try ledger.documents(account: subject.account, key: subject.key).filter { $0.kind == .payment }
        let isVoided = documents.contains { $0.says(.voided) }
        let standing = documents.first(where: \.stands)
        if let shown = standing ?? documents.last(where: { isVoided && $0.says(.voided) }) ?? documents.first {
            if let date = shown.date { explanation.facts.append(.init("date", "\(date)")) }
            if let total = shown.total { explanation.facts.append(.init("total", money(total, shown.currency))) }
            for (name, value) in shown.more { explanation.facts.append(.init(Self.member(name), value)) }
        }
        explanation.facts.append(
            .init(
                "state", isVoided ? "voided: its lines do not count" : standing == nil ? "its lines do not count yet" : "its lines count"))
        addDocuments(
            documents.map { document in
                let text =
                    document.says(.voided)
                    ? "the payment is said to be voided"
                    : document.stands ? "remittance advice booked, its lines count" : "remittance advice booked, its lines do not count"
                return (
                    .init(
                        day: document.date, rank: 3, kind: "payment", amount: document.total.map { amount($0, document.currency) },
                        text: text,
                        evidence: document.evidence), document.received
                )
            }, to: &explanation)
        if let document = standing ?? documents.first { try addLines(of: document, counts: standing != nil, to: &explanation, context) }
        add(try ledger.stories(.payment, account: subject.account, key: subject.key), to: &explanation, today: context.today)
        return explanation
    }

    private func addLines(of document: DocumentOnFile, counts: Bool, to explanation: inout Explanation, _ context: RuleContext) throws {
        let (lines, count) = try ledger.lines(of: document, limit: Self.mostLines)
        let placed = counts ? try places(of: lines, document, account: explanation.account) : [:]
        var rows: [[String]] = []
        for line in lines {
            let currency = line.currency ?? document.currency
            var words = line.type.word
            if line.kind != .line { words = line.kind == .beside ? "adjustment" : "adjustment in the line above" }
            if let deduction = line.deduction { words += " (\(deduction.rawValue))" }
            let place = placed[Place(key: line.key, at: line.evidence.at.packed)]
            let target = line.kind == .inside ? "" : place?.target ?? (counts ? "nothing on file" : "")
            rows.append([
                line.reference.isEmpty ? "-" : line.reference, money(line.net, currency),
                line.discount == 0 ? "-" : money(line.discount, currency),
                words, target.isEmpty ? "-" : target, place?.rule ?? "-", "\(line.evidence.at)",
            ])
        }
        explanation.tables.append(
            .init("Lines", columns: ["reference", "net", "discount", "kind", "put to", "by", "at"], rows: rows))
        if count > lines.count {
            explanation.facts.append(.init("lines", "\(count), of which the first \(lines.count) are shown"))
        }
        let sums = try ledger.sums(of: document)
        if let total = document.total {
            explanation.sum = [
                .init("total", amount(total, document.currency)), .init("lines", amount(sums.lines, document.currency)),
                .init("adjustments", amount(sums.adjustments, document.currency)),
                .init("unexplained", amount(Int128(total) - sums.lines - sums.adjustments, document.currency)),
            ]
        }
        for line in lines
        where counts && line.kind == .line && line.net > 0 && placed[Place(key: line.key, at: line.evidence.at.packed)] == nil {
            explanation.steps.append("No invoice \(line.reference) is on file: 'remitd explain \(line.reference)' names the nearest ones")
            if explanation.steps.count == 10 { break }
        }
    }

    private struct Place: Hashable {
        var key: String
        var at: Int64
    }

    /// Where each line of a payment went: the invoice, memo or claim, and the rule that decided.
    private func places(
        of lines: [LineOnFile], _ document: DocumentOnFile, account: String
    ) throws -> [Place: (target: String, rule: String)] {
        var places: [Place: (target: String, rule: String)] = [:]
        let own = Set(lines.map(\.family)).sorted()
        let elsewhere = try ledger.familiesNamedByMemos(account: account, families: own)
        let matched = try ledger.familiesMatched(account: account, families: own)
        let families = Set(own + elsewhere + matched).sorted()
        let context = context(account)
        for value in try cases(account, families) {
            let family = Rules.account(of: value, context)
            for invoice in family.invoices {
                for line in invoice.lines where line.fact.document == document.id {
                    let claim = line.claim.flatMap { key in family.claims.first { $0.key == key } }.map { ", claim \($0.reference)" }
                    places[Place(key: line.fact.key, at: line.fact.evidence.at.packed)] = (
                        "invoice \(invoice.invoice.number)\(claim ?? "")", line.rule.rawValue
                    )
                }
            }
            for claim in family.claims {
                for step in claim.steps where step.line.document == document.id {
                    let place = Place(key: step.line.key, at: step.line.evidence.at.packed)
                    guard places[place] == nil else { continue }
                    if claim.reference.isEmpty || step.line.key.isEmpty {
                        places[place] = ("a deduction without a number", "-")
                    } else {
                        places[place] = ("claim \(claim.reference)", claim.key == step.line.key ? "number" : "claim chain")
                    }
                }
            }
        }
        for line in lines where line.kind != .inside && !line.key.isEmpty {
            let place = Place(key: line.key, at: line.evidence.at.packed)
            guard places[place]?.target.hasPrefix("claim") ?? true else { continue }
            let document = try ledger.documents(account: account, key: line.key).first { $0.kind != .payment && $0.kind != .invoice }
            if let document {
                places[place] = (
                    "\(String(document.kind.rawValue.map { $0 == "_" ? " " : $0 })) \(document.number)", MatchRule.number.rawValue
                )
            }
        }
        return places
    }

    /// The name of a member of `facts`.
    static func member(_ words: String) -> String { String(words.map { $0 == " " || $0 == "-" ? "_" : $0 }) }

    // MARK: other documents

    /// A memo, shipment, receipt, return, chargeback or settlement: what it says, and the lines of payments that name it.
    func document(_ subject: LedgerSubject) throws -> Explanation {
        let context = context(subject.account)
        var explanation = Explanation(type: subject.kind.rawValue, reference: subject.number, account: subject.account)
        let documents = try ledger.documents(account: subject.account, key: subject.key).filter { $0.kind == subject.kind }
        if let last = documents.last {
            if let date = last.date { explanation.facts.append(.init("date", "\(date)")) }
            if let total = last.total { explanation.facts.append(.init("total", money(total, last.currency))) }
            if let po = last.po { explanation.facts.append(.init("purchase_order", po)) }
            if let invoice = last.invoiceFamily { explanation.facts.append(.init("invoice", invoice)) }
            if let number = last.returnNumber { explanation.facts.append(.init("return", number)) }
            for (name, value) in last.more { explanation.facts.append(.init(Self.member(name), value)) }
        }
        addDocuments(
            documents.map { document in
                let status = document.more.first { $0.name == "status" }.map { ", status \($0.value)" } ?? ""
                return (
                    .init(
                        day: document.date ?? document.received, rank: 0, kind: subject.kind.rawValue,
                        amount: document.total.map { amount($0, document.currency) },
                        text: "\(String(subject.kind.rawValue.map { $0 == "_" ? " " : $0 })) booked\(status)", evidence: document.evidence),
                    document.received
                )
            }, to: &explanation)
        // a chargeback is taken under the number of its charge
        let keys = Set(
            [subject.key] + (subject.kind == .chargeback ? documents.flatMap { $0.said("invoice").map { ReferenceKey.of($0) } } : []))
        // memos and returns are taken under their own number, and under that of the invoice they name
        let linked = try ledger.familiesLinked(account: subject.account, key: subject.key)
        let families = Set(keys.map { ClaimChain(key: $0).base } + keys + documents.compactMap(\.invoiceFamily) + linked).sorted()
        if subject.kind == .goodsReturn {
            addDocuments(
                try ledger.memos(account: subject.account, onReturn: subject.key).map { memo in
                    (
                        .init(
                            day: memo.date, rank: 1, kind: memo.kind.rawValue, amount: memo.total.map { amount($0, memo.currency) },
                            text: "memo \(memo.number) names it", evidence: memo.evidence), memo.received
                    )
                }, to: &explanation)
        }
        var taken: Int128 = 0
        var currency: Currency?
        for value in try cases(subject.account, families) {
            for line in value.lines where !line.isOfOtherFamily && (keys.contains(line.key) || isOn(line, subject)) {
                taken += Int128(line.net)
                currency = line.currency
                explanation.moments.append(
                    .init(
                        day: line.paymentDate, rank: 5, kind: "payment", amount: amount(line.net, line.currency),
                        text: "payment \(line.payment) \(line.net < 0 ? "takes" : "gives") \(line.reference)"
                            + came(line.received, line.paymentDate), evidence: line.evidence))
            }
        }
        if let currency { explanation.facts.append(.init("in_payments", money(taken, currency))) }
        var stories: [FindingStory] = []
        for family in families {
            stories += try ledger.stories(.family, account: subject.account, key: family).filter { keys.contains($0.recorded.finding.key) }
        }
        add(stories, to: &explanation, today: context.today)
        return explanation
    }

    /// A deduction for a return names it beside its number, or has that number with a product line behind it (`_` and four characters).
    private func isOn(_ line: LineFact, _ subject: LedgerSubject) -> Bool {
        guard subject.kind == .goodsReturn else { return false }
        if let number = line.returnNumber, ReferenceKey.of(number) == subject.key { return true }
        return line.key.hasPrefix(subject.key) && line.key.utf8.count == subject.key.utf8.count + 4
    }

    // MARK: findings

    /// A finding by its id: its details, its events, and the story of what it is about.
    func explain(_ story: FindingStory, caseKind: CaseKind?) throws -> [Explanation] {
        let recorded = story.recorded
        let finding = recorded.finding
        let today = context(finding.account).today
        var explanation = Explanation(type: "finding", reference: recorded.id, account: finding.account.isEmpty ? "-" : finding.account)
        explanation.facts = [
            .init("kind", finding.kind.rawValue), .init("subject", finding.subject), .init("state", recorded.state.rawValue),
            .init("opened", "\(recorded.opened)"),
        ]
        if let minor = finding.amount, let currency = finding.currency { explanation.facts.append(.init("amount", money(minor, currency))) }
        if finding.direction != .none { explanation.facts.append(.init("direction", finding.direction.rawValue)) }
        if let resolved = recorded.resolved { explanation.facts.append(.init("resolved", "\(resolved)")) }
        if let deadline = finding.deadline { explanation.facts.append(.init("deadline", "\(deadline)")) }
        if case .object(let details) = recorded.presentedDetails(
            today: recorded.resolved.map { zone(finding.account).day(of: $0) } ?? today)
        {
            for (name, value) in details.sorted(by: { $0.key < $1.key }) { explanation.facts.append(.init(name, Self.words(value))) }
        }
        add([story], to: &explanation, today: today)
        for evidence in finding.evidence {
            explanation.moments.append(.init(day: nil, rank: 0, kind: "evidence", text: "rests on", evidence: evidence))
        }
        guard caseKind == .payment || caseKind == .family, !finding.key.isEmpty else { return [explanation] }
        return [explanation] + (try subjects(finding.key).filter { $0.account == finding.account }.flatMap(explain))
    }

    /// A detail as a person reads it.
    static func words(_ value: JSON) -> String {
        switch value {
        case .null: "-"
        case .bool(let flag): flag ? "yes" : "no"
        case .number(let number): String(number)
        case .string(let text): text
        case .array(let elements): elements.map(words).joined(separator: "; ")
        case .object(let members): members.sorted { $0.key < $1.key }.map { "\($0.key) \(words($0.value))" }.joined(separator: ", ")
        }
    }
}

extension DocumentOnFile {
    fileprivate func said(_ name: String) -> [String] { more.filter { $0.name == name }.map(\.value) }
    fileprivate func says(_ status: PaymentStatus) -> Bool { more.contains { $0.name == "status" && $0.value == status.rawValue } }
}
