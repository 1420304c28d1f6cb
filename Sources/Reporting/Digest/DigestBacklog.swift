import Trade

/// What is open of one kind.
struct OpenKind {
    var kind: FindingKind
    /// All of them.
    var count = 0
    /// Counted money owed to us, without what the data cannot tell; for kinds without direction what they name.
    var toUs = Totals()
    var byUs = Totals()
    var unknown = Totals()
    var unknownCount = 0
    /// What findings name beyond their counted share: other kinds' findings stand for that money.
    var elsewhere = Totals()
}

extension DigestView {
    /// In the order of the sums: late and short first, then other money, then the rest.
    func openKinds() throws(DigestError) -> [OpenKind] {
        var kinds: [FindingKind: OpenKind] = [:]
        for item in facts.findings where item.recorded.state == .open {
            let finding = item.recorded.finding
            var kind = kinds[finding.kind] ?? OpenKind(kind: finding.kind)
            kind.count += 1
            let isUnknown = DigestBlocks.isUnknown(finding)
            if isUnknown { kind.unknownCount += 1 }
            if let currency = finding.currency, let amount = blocks.keys.amount(of: item.recorded) {
                if isUnknown {
                    try kind.unknown.add(amount, currency)
                } else if finding.direction == .byUs {
                    try kind.byUs.add(amount, currency)
                } else {
                    try kind.toUs.add(amount, currency)
                }
            }
            if !isUnknown, let currency = finding.currency, let amount = finding.amount {
                let rest = amount - (blocks.keys.amount(of: item.recorded) ?? 0)
                if rest > 0 { try kind.elsewhere.add(rest, currency) }
            }
            kinds[finding.kind] = kind
        }
        return kinds.values.sorted { a, b in
            let (x, y) = (order(a.kind), order(b.kind))
            return x != y ? x < y : a.kind.rawValue < b.kind.rawValue
        }
    }

    private func order(_ kind: FindingKind) -> Int {
        switch kind {
        case .paymentLate: 0
        case .paymentShort: 1
        case .paymentUnmatched: 2
        default: MoneyKeys.rank(kind) + 3
        }
    }

    mutating func backlog() throws(DigestError) -> [[String: Any]] {
        var kinds = try openKinds()
        let gone = (facts.previousOpen ?? [:]).filter { $0.value > 0 }.map(\.key).filter { kind in !kinds.contains { $0.kind == kind } }
        kinds += gone.sorted { $0.rawValue < $1.rawValue }.map { OpenKind(kind: $0) }
        var rows: [[String: Any]] = []
        for kind in kinds {
            var row: [String: Any] = ["title": try phrase(wording(kind.kind).title, name: kind.kind.rawValue), "count": String(kind.count)]
            if let previous = facts.previousOpen {
                let change = kind.count - (previous[kind.kind] ?? 0)
                row["change"] = change == 0 ? DigestWords.unchanged[facts.language] : change > 0 ? "+\(change)" : "\(change)"
            }
            let parts = [list(kind.toUs), list(kind.byUs).map { "\(DigestWords.shortOwed[facts.language]) \($0)" }].compactMap { $0 }
            if !parts.isEmpty { row["money"] = parts.joined(separator: DigestWords.sumSeparator[facts.language]) }
            if kind.unknownCount > 0 {
                row["unknownCount"] = String(kind.unknownCount)
                row["unknownMoney"] = list(kind.unknown) ?? ""
            }
            if let money = list(kind.elsewhere) {
                row["elsewhereCount"] = String(kind.elsewhere.count)
                row["elsewhereMoney"] = money
            }
            rows.append(row)
        }
        return rows
    }

    /// The sums as the subject line says them: `12,345.00 USD late (4), 320.00 USD short (2)`.
    mutating func sums() throws(DigestError) -> String {
        var parts: [String] = []
        var owed = Totals()
        var tail: [String] = []
        for kind in try openKinds() {
            let word = try shortWord(kind.kind)
            if let money = list(kind.toUs) {
                parts.append(try phrase(DigestWords.sum, ["money": money, "what": word, "count": String(kind.toUs.count)]))
            } else if kind.count > kind.unknownCount, kind.byUs.count == 0 {
                let hasMoney = facts.findings.contains {
                    $0.recorded.state == .open && $0.recorded.finding.kind == kind.kind && $0.recorded.finding.amount != nil
                }
                // findings whose money other findings already stand for are not said twice
                if !hasMoney { tail.append(try phrase(DigestWords.countOnly, ["what": word, "count": String(kind.count)])) }
            }
            try owed.add(kind.byUs)
            if let money = list(kind.unknown) {
                let word = DigestWords.shortUnknown[facts.language]
                tail.insert(try phrase(DigestWords.sum, ["money": money, "what": word, "count": String(kind.unknown.count)]), at: 0)
            }
        }
        if let money = list(owed) {
            let word = DigestWords.shortOwed[facts.language]
            parts.append(try phrase(DigestWords.sum, ["money": money, "what": word, "count": String(owed.count)]))
        }
        parts += tail
        // nobody pays what was not taken: it must not be lost behind other kinds
        if !facts.refusals.isEmpty {
            let word = DigestWords.shortRefused[facts.language]
            parts.insert(try phrase(DigestWords.countOnly, ["what": word, "count": String(facts.refusals.count)]), at: 0)
        }
        guard !parts.isEmpty else { return DigestWords.allClear[facts.language] }
        if parts.count > Limits.subjectParts + 1 {
            let rest = parts.count - Limits.subjectParts
            parts = parts.prefix(Limits.subjectParts) + [try phrase(DigestWords.moreSums, ["count": String(rest)])]
        }
        return parts.joined(separator: DigestWords.sumSeparator[facts.language])
    }

    private func list(_ totals: Totals) -> String? {
        let parts = totals.sorted(blocks.order).map { show.money($0.minor, $0.currency) }
        return parts.isEmpty ? nil : parts.joined(separator: DigestWords.moneySeparator[facts.language])
    }

    /// A kind's short word; else its title, in English with a small letter as it stands inside a sentence.
    private mutating func shortWord(_ kind: FindingKind) throws(DigestError) -> String {
        if let short = DigestWords.short[kind] { return short[facts.language] }
        let title = try phrase(wording(kind).title, name: kind.rawValue)
        guard facts.language == .en, let first = title.first, !title.dropFirst().prefix(1).contains(where: \.isUppercase) else {
            return title
        }
        return first.lowercased() + title.dropFirst()
    }
}
