import Trade

/// Turns facts into what the templates show. Two views, text and HTML, are made of the same values.
struct DigestView {
    /// The body stays readable, and below the size at which mail programs cut messages off; the table holds the rest.
    enum Limits {
        static let blocks = 25
        static let reasons = 6
        static let payments = 12
        static let refusals = 12
        static let subjectParts = 4
        /// A deadline this near is shown as urgent.
        static let nearDays = 7
    }

    let facts: DigestFacts
    let show: Presentation
    let blocks: DigestBlocks
    var phrase: Phrases
    private let todays: [String: Day]

    init(_ facts: DigestFacts) throws(DigestError) {
        self.facts = facts
        show = Presentation(language: facts.language, day: facts.day)
        blocks = try DigestBlocks(facts)
        phrase = Phrases(language: facts.language)
        todays = Dictionary(facts.accounts.map { ($0.id, $0.today) }, uniquingKeysWith: { first, _ in first })
    }

    /// All values of the templates, unescaped.
    mutating func fields(sums: String, table: String) throws(DigestError) -> [String: Any] {
        var fields: [String: Any] = [
            "lang": facts.language == .zh ? "zh-CN" : "en",
            "title": try phrase(DigestWords.heading, ["day": show.longDay(facts.day)]),
            "heading": try phrase(DigestWords.heading, ["day": show.longDay(facts.day)]),
            "preheader": sums,
            "attached": try phrase(DigestWords.attached, ["file": table]),
            "words": words,
            "accounts": try accounts(),
            "due": try section([.due]) ?? [:],
            "news": try section([.news]) ?? [:],
            "received": try received(),
            "backlog": try backlog(),
        ]
        if let refused = try refused() {
            fields["refused"] = refused
            fields["refusedToDo"] = try phrase(DigestWords.refusedToDo, ["count": String(facts.refusals.count)])
        }
        if let owed = try section([.owed]) { fields["owed"] = owed }
        if let unknown = try section([.unknown]) { fields["unknown"] = unknown }
        if let previous = facts.previousDay, facts.day - previous > 1 {
            fields["covers"] = try phrase(DigestWords.covers, ["from": show.day(previous + 1), "to": show.day(facts.day)])
        }
        return fields
    }

    private var words: [String: Any] {
        typealias W = DigestWords
        let all: [String: Wording.Both] = [
            "complete": W.complete, "toDo": W.toDo, "nothingToDo": W.nothingToDo, "owed": W.owed, "refused": W.refused,
            "received": W.received,
            "nothingReceived": W.nothingReceived, "taken": W.taken, "nothingTaken": W.nothingTaken, "news": W.news,
            "nothingNew": W.nothingNew, "unknown": W.unknown, "unknownWhy": W.unknownWhy, "backlog": W.backlog,
            "nothingOpen": W.nothingOpen, "ofTheseUnknown": W.ofTheseUnknown, "elsewhere": W.elsewhere, "colon": W.colon,
            "openBracket": W.openBracket, "closeBracket": W.closeBracket,
        ]
        return all.mapValues { $0[facts.language] }
    }

    // MARK: How complete

    private mutating func accounts() throws(DigestError) -> [[String: Any]] {
        var rows: [[String: Any]] = []
        for account in facts.accounts {
            var isOld = true
            let state: String
            if let until = account.completeUntil {
                isOld = account.today - until > account.oldAfterDays || !account.troubles.isEmpty
                state = try phrase(isOld ? DigestWords.nothingSince : DigestWords.completeUntil, ["day": show.day(until)])
            } else {
                state = try phrase(DigestWords.nothingEver)
            }
            var troubles: [String] = []
            for trouble in account.troubles {
                var values: [String: Any] = [
                    "source": Presentation.plain(trouble.source),
                    "reason": DigestWords.reasons[trouble.reason]?[facts.language] ?? Presentation.plain(trouble.reason),
                ]
                if let since = trouble.since { values["since"] = show.day(since) }
                troubles.append(try phrase(DigestWords.trouble, values))
            }
            rows.append(["id": Presentation.plain(account.id), "state": state, "isOld": isOld, "troubles": troubles])
        }
        return rows
    }

    // MARK: Blocks

    /// - Returns: nil if the section has no block.
    private mutating func section(_ section: Set<DigestBlock.Section>) throws(DigestError) -> [String: Any]? {
        let all = blocks.blocks.filter { section.contains($0.section) }
        guard !all.isEmpty else { return nil }
        var rows: [[String: Any]] = []
        for block in all.prefix(Limits.blocks) { rows.append(try row(block)) }
        var fields: [String: Any] = ["blocks": rows]
        if let total = try total(all) { fields["total"] = total }
        fields["count"] = String(all.count)
        if all.count > Limits.blocks {
            let rest = Array(all.dropFirst(Limits.blocks))
            var values: [String: Any] = ["count": String(rest.count)]
            if let money = try total(rest) { values["money"] = money }
            fields["more"] = try phrase(DigestWords.more, values)
        }
        return fields
    }

    private func total(_ blocks: [DigestBlock]) throws(DigestError) -> String? {
        var totals = Totals()
        for block in blocks {
            for finding in block.findings where finding.recorded.state == .open {
                guard let amount = counted(finding.recorded), let currency = finding.recorded.finding.currency else { continue }
                try totals.add(amount, currency)
            }
        }
        return sum(totals)
    }

    /// What the finding stands for of the money that is owed one way or the other.
    private func counted(_ recorded: RecordedFinding) -> Int64? {
        recorded.finding.direction == .none ? nil : blocks.keys.amount(of: recorded)
    }

    private func sum(_ totals: Totals) -> String? {
        let parts = totals.sorted(blocks.order).map { show.money($0.minor, $0.currency) }
        return parts.isEmpty ? nil : parts.joined(separator: DigestWords.moneySeparator[facts.language])
    }

    private mutating func row(_ block: DigestBlock) throws(DigestError) -> [String: Any] {
        guard let first = block.findings.first else { return [:] }
        let lead = block.findings.first { $0.recorded.state == .open } ?? first
        let finding = lead.recorded.finding
        var row: [String: Any] = ["subject": Presentation.plain(finding.subject)]
        if !finding.account.isEmpty { row["account"] = Presentation.plain(finding.account) }
        let isOver = lead.recorded.state == .resolved && lead.happening == .resolved
        if !isOver, let money = sum(block.totals) ?? finding.amount.flatMap({ amount in finding.currency.map { show.money(amount, $0) } }) {
            row["money"] = money
        }
        if block.section == .due || block.section == .owed {
            row["action"] = try action(lead.recorded)
            if let deadline = block.findings.filter({ $0.recorded.state == .open }).compactMap(\.recorded.finding.deadline).min() {
                row["deadline"] = try phrase(DigestWords.by, ["day": show.day(deadline)])
                row["isNear"] = deadline - today(finding.account) <= Limits.nearDays
            }
        }
        let separator = DigestWords.sumSeparator[facts.language]
        var reasons: [[String: Any]] = []
        for member in block.findings.prefix(Limits.reasons) {
            let kind = member.recorded.finding.kind
            var mark = try phrase(wording(kind).title, name: kind.rawValue) + separator
            mark += DigestWords.happenings[member.happening]?[facts.language] ?? member.happening.rawValue
            if let previous = member.previousAmount, let currency = member.recorded.finding.currency {
                mark += separator + (try phrase(DigestWords.was, ["money": show.money(previous, currency)]))
            }
            reasons.append(["mark": mark, "sentence": try told(member)])
        }
        if block.findings.count > Limits.reasons {
            let rest = String(block.findings.count - Limits.reasons)
            reasons.append(["mark": "+\(rest)", "sentence": try phrase(DigestWords.more, ["count": rest])])
        }
        row["reasons"] = reasons
        return row
    }

    /// The rule's sentence; of what is over, only that: the sentence speaks of a state that no longer holds.
    private mutating func told(_ member: DigestFinding) throws(DigestError) -> String {
        guard member.happening == .resolved else { return try sentence(member.recorded) }
        return try phrase(DigestWords.over, values(member.recorded))
    }

    func wording(_ kind: FindingKind) -> Wording { facts.wordings[kind] ?? DigestWords.own[kind] ?? DigestWords.plain(kind) }

    mutating func sentence(_ recorded: RecordedFinding) throws(DigestError) -> String {
        let kind = recorded.finding.kind
        return try phrase(wording(kind).sentence, values(recorded), name: kind.rawValue)
    }

    mutating func action(_ recorded: RecordedFinding) throws(DigestError) -> String {
        let kind = recorded.finding.kind
        return try phrase(wording(kind).action, values(recorded), name: kind.rawValue)
    }

    /// What the templates of a `Wording` may name.
    private func values(_ recorded: RecordedFinding) -> [String: Any] {
        // of what is resolved the days were counted to that day
        show.values(recorded, today: recorded.state == .open ? todays[recorded.finding.account] ?? facts.day : nil)
    }

    /// The account's day on which the digest is read.
    func today(_ account: String) -> Day { todays[account] ?? facts.day }

    // MARK: Money received

    private mutating func received() throws(DigestError) -> [String: Any] {
        var fields: [String: Any] = [:]
        if let since = facts.previousDay { fields["since"] = try phrase(DigestWords.receivedSince, ["day": show.day(since)]) }
        let sorted = facts.payments.sorted { a, b in
            a.money == b.money ? (a.account, a.number) < (b.account, b.number) : blocks.order.precedes(a.money, b.money)
        }
        var totals = Totals()
        for payment in sorted { try totals.add(payment.money.minor, payment.money.currency) }
        if let total = sum(totals) { fields["total"] = total }
        fields["payments"] = sorted.prefix(Limits.payments).map { payment -> [String: Any] in
            [
                "account": Presentation.plain(payment.account), "number": Presentation.plain(payment.number),
                "date": payment.date.map(show.day) ?? DigestWords.undated[facts.language],
                "money": show.money(payment.money.minor, payment.money.currency),
            ]
        }
        if sorted.count > Limits.payments {
            var rest = Totals()
            for payment in sorted.dropFirst(Limits.payments) { try rest.add(payment.money.minor, payment.money.currency) }
            fields["more"] = try phrase(DigestWords.morePayments, ["count": String(rest.count), "money": sum(rest) ?? ""])
        }
        fields["showsTaken"] = !facts.payments.isEmpty || !facts.deductions.isEmpty
        var taken = Totals()
        var rows: [[String: Any]] = []
        let isOneAccount = facts.accounts.count == 1
        for amount in try takenByClass() {
            try taken.add(amount.money.minor, amount.money.currency)
            var row: [String: Any] = [
                "reason": DigestWords.classes[amount.deduction]?[facts.language] ?? amount.deduction.rawValue,
                "money": show.money(amount.money.minor, amount.money.currency),
            ]
            if !isOneAccount { row["account"] = Presentation.plain(amount.account) }
            rows.append(row)
        }
        fields["taken"] = rows
        if let total = sum(taken) { fields["takenTotal"] = total }
        return fields
    }

    /// One entry per account, class and currency, largest first.
    private func takenByClass() throws(DigestError) -> [TakenAmount] {
        struct Key: Hashable {
            var account: String
            var deduction: DeductionClass
            var currency: Currency
        }
        var sums: [Key: Totals] = [:]
        for amount in facts.deductions {
            let key = Key(account: amount.account, deduction: amount.deduction, currency: amount.money.currency)
            try sums[key, default: Totals()].add(amount.money.minor, amount.money.currency)
        }
        let amounts = sums.flatMap { key, totals in
            totals.sorted(blocks.order).map { TakenAmount(account: key.account, deduction: key.deduction, money: $0) }
        }
        return amounts.sorted { a, b in
            if a.money != b.money { return blocks.order.precedes(a.money, b.money) }
            return (a.account, a.deduction.rawValue) < (b.account, b.deduction.rawValue)
        }
    }
}
