import Trade

/// Which receipts of an order count, whatever came first.
enum Receipts {
    /// A receipt that came twice, in whatever format, counts once; another under the same number is a part delivery. One that says so takes
    /// back, changes or replaces those of its number that are not dated later.
    static func counted(_ receipts: [ReceiptFact]) -> [ReceiptFact] {
        guard receipts.contains(where: { $0.amends != nil }) else { return distinct(receipts) }
        let groups = Dictionary(grouping: receipts) { ReferenceKey.of($0.number) }
        return groups.keys.sorted().flatMap { key in
            let group = groups[key] ?? []
            return key.isEmpty || group.allSatisfy { $0.amends == nil } ? distinct(group) : distinct(amended(group))
        }
    }

    /// What is left of receipts of one number.
    private static func amended(_ receipts: [ReceiptFact]) -> [ReceiptFact] {
        var left: [ReceiptFact] = []
        for receipt in inOrder(receipts) {
            switch receipt.amends {
            case nil: left.append(receipt)
            case .cancellation: left = []
            case .replacement: left = [receipt]
            case .change:
                let keys = Set(receipt.items.map(\.key))
                for index in left.indices { left[index].items.removeAll { keys.contains($0.key) } }
                left.append(receipt)
            }
        }
        return left
    }

    /// By the documents' own dates, what amends behind what it amends. Of equal ones the content decides, never which of them came first.
    private static func inOrder(_ receipts: [ReceiptFact]) -> [ReceiptFact] {
        func rank(_ receipt: ReceiptFact) -> (Day, Int, Day) {
            let day = receipt.date ?? receipt.arrived
            return (receipt.issued ?? day, step(receipt), day)
        }
        let ranked = receipts.map { (receipt: $0, rank: rank($0), content: content($0)) }
        return ranked.sorted { a, b in
            if a.rank != b.rank { return a.rank < b.rank }
            if a.content != b.content { return a.content.lexicographicallyPrecedes(b.content) { $0.lexicographicallyPrecedes($1) } }
            return (a.receipt.evidence, a.receipt.document) < (b.receipt.evidence, b.receipt.document)
        }.map(\.receipt)
    }

    /// Of one day: what is taken back before what is sent anew.
    private static func step(_ receipt: ReceiptFact) -> Int {
        switch receipt.amends {
        case nil: 0
        case .change: 1
        case .cancellation: 2
        case .replacement: 3
        }
    }

    private static func content(_ receipt: ReceiptFact) -> [[String]] {
        receipt.items.map { [$0.key, $0.quantity?.description ?? "", Tally.unit($0.unit)] }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func distinct(_ receipts: [ReceiptFact]) -> [ReceiptFact] {
        struct Content: Hashable {
            var number: String
            var date: Day?
            var lines: [[String]]
        }
        var seen: Set<Content> = []
        return receipts.sorted { ($0.arrived, $0.evidence) < ($1.arrived, $1.evidence) }.filter { receipt in
            seen.insert(Content(number: ReferenceKey.of(receipt.number), date: receipt.date, lines: content(receipt))).inserted
        }
    }
}
