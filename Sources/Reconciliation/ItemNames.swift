import Trade

/// Which numbers in the documents of one order are of one item.
///
/// Numbers on one line are one item's: the buyer's number and a bar code on the order, the bar code alone on the invoice. A number
/// that two items have joins nothing, and a line that gives no other is of neither: nothing is guessed, and nothing is said of what
/// either comes to. What came first does not matter, only what the documents say.
struct ItemNames {
    /// Keys of the items whose sums are not known, for a line may be of one of them or of another.
    private(set) var unclear: Set<String> = []
    /// Item of a number.
    private var items: [String: String] = [:]
    /// The items that have a number, where there are several.
    private var shared: [String: Set<String>] = [:]
    /// Items that are another, by their keys.
    private var joined: [String: String] = [:]

    private enum Naming: Hashable {
        case item(String)
        case unclear(Set<String>)
        case unknown
    }

    /// From the order's number to one that only the third document on has are fewer steps; longer chains are nobody's practice.
    private static let steps = 8

    /// The same case, each line with the key of its item.
    /// - Parameter documents: the orders and changes of the case, in their order.
    /// - Returns: nil where every item has one number.
    static func applied(to orderCase: OrderCase, _ documents: [OrderFact]) -> (OrderCase, [OrderFact], ItemNames)? {
        guard hasAliases(orderCase) else { return nil }
        var names = ItemNames()
        names.take(documents.map(\.items))
        let answers = orderCase.orders.filter { $0.kind != .order && $0.kind != .change }.map(\.items)
        let invoices = orderCase.invoices.map(\.items)
        let goods = orderCase.receipts.flatMap(\.items) + orderCase.shipments.flatMap(\.items)
        names.spread((answers + invoices).flatMap(\.self) + goods)
        // what the order does not name may have several numbers, too
        names.take((answers + invoices).map { $0.filter { names.naming(of: $0) == .unknown } })
        names.spread(goods)
        var named = orderCase
        for index in named.orders.indices {
            let isOrder = [.order, .change].contains(named.orders[index].kind)
            names.name(&named.orders[index].items, isOrder: isOrder)
        }
        for index in named.invoices.indices { names.name(&named.invoices[index].items) }
        for index in named.receipts.indices { names.name(&named.receipts[index].items) }
        for index in named.shipments.indices { names.name(&named.shipments[index].items) }
        var ordered = documents
        for index in ordered.indices { names.name(&ordered[index].items, isOrder: true) }
        return (named, ordered, names)
    }

    private static func hasAliases(_ orderCase: OrderCase) -> Bool {
        func has(_ items: [ItemFact]) -> Bool { items.contains { !$0.aliases.isEmpty || short($0.key) != nil } }
        return orderCase.orders.contains { has($0.items) } || orderCase.invoices.contains { has($0.items) }
            || orderCase.receipts.contains { has($0.items) } || orderCase.shipments.contains { has($0.items) }
    }

    // MARK: numbers

    /// Keys of the numbers that a line gives beside its own.
    private static func others(_ line: ItemFact) -> Set<String> {
        var keys = Set(line.aliases.map { ReferenceKey.of($0) })
        keys.formUnion((Array(keys) + [line.key]).compactMap(short))
        // a form that wants a number gets zeros
        return keys.filter { $0 != line.key && $0.utf8.contains { $0 > 48 && $0 <= 57 } }
    }

    /// GS1 writes one article with 8, 12, 13 or 14 digits, zeros before it and a check digit behind: without the zeros.
    /// - Returns: nil for what is no such number, or has none.
    private static func short(_ key: String) -> String? {
        guard key.utf8.first == 48, (12...14).contains(key.utf8.count), key.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        var sum = 0
        for (index, digit) in key.utf8.reversed().enumerated() { sum += Int(digit - 48) * (index.isMultiple(of: 2) ? 1 : 3) }
        return sum.isMultiple(of: 10) ? String(key.drop { $0 == "0" }) : nil
    }

    // MARK: items

    /// The documents that list an item, and with it those that are joined to it.
    private struct Listing {
        var documents: Set<Int>
        var first: Int
    }

    /// Items of documents that list each of theirs once under its own number: lines of one document with different numbers are
    /// different items, whatever else they share.
    private mutating func take(_ documents: [[ItemFact]]) {
        var listed: [String: Listing] = [:]
        var named: [String: Set<String>] = [:]
        for (document, lines) in documents.enumerated() {
            for line in lines where !line.key.isEmpty {
                listed[line.key, default: Listing(documents: [], first: document)].documents.insert(document)
                for number in Self.others(line) { named[number, default: []].insert(line.key) }
            }
        }
        for (number, keys) in named.sorted(by: { $0.key < $1.key }) {
            join(keys.union(listed[number] == nil ? [] : [number]), by: number, &listed)
        }
        for key in listed.keys where shared[key] == nil && items[key] == nil { items[key] = key }
        for (number, key) in items { items[number] = item(key) }
        for (number, keys) in shared {
            var own: Set<String> = []
            for key in keys { own.insert(item(key)) }
            shared[number] = own
        }
    }

    private mutating func join(_ keys: Set<String>, by number: String, _ listed: inout [String: Listing]) {
        var own: Set<String> = []
        for key in keys { own.insert(item(key)) }
        // the one that is listed first, in the order of the documents
        let order = own.sorted { (listed[$0]?.first ?? .max, $0) < (listed[$1]?.first ?? .max, $1) }
        let longest = order.max { (listed[$0]?.documents.count ?? 0) < (listed[$1]?.documents.count ?? 0) }
        guard let first = order.first, let longest else { return }
        // into the longest list go the others: of a thousand joined one by one none is copied a thousand times
        var others: Set<Int> = []
        for key in order where key != longest {
            for document in listed[key]?.documents ?? []
            where listed[longest]?.documents.contains(document) == true || !others.insert(document).inserted {
                shared[number] = own
                return
            }
        }
        let earliest = listed[first]?.first ?? .max
        var all = listed.removeValue(forKey: longest)?.documents ?? []
        all.formUnion(others)
        for key in order where key != first { joined[key] = first }
        listed[first] = Listing(documents: all, first: earliest)
        items[number] = first
    }

    /// Shortens the way to it, so that the next one who asks has a short one, however the items were joined.
    private mutating func item(_ key: String) -> String {
        var passed: [String] = []
        var key = key
        while let other = joined[key] {
            passed.append(key)
            key = other
        }
        for other in passed { joined[other] = key }
        return key
    }

    /// Learns from lines of other documents, each from what is known of it by then.
    private mutating func spread(_ lines: [ItemFact]) {
        var waiting = lines.filter { !$0.key.isEmpty }
        for _ in 0..<Self.steps {
            var learned: [String: Set<String>] = [:]
            waiting = waiting.filter { line in
                guard case .item(let item) = naming(of: line) else { return true }
                for number in Self.others(line).union([line.key]) where items[number] == nil && shared[number] == nil {
                    learned[number, default: []].insert(item)
                }
                return false
            }
            if learned.isEmpty { return }
            for (number, keys) in learned {
                if keys.count == 1 { items[number] = keys.first } else { shared[number] = keys }
            }
        }
    }

    private func naming(of line: ItemFact) -> Naming {
        // the number that the document puts first
        if let own = items[line.key] { return .item(own) }
        let numbers = Self.others(line).union([line.key])
        let named = Set(numbers.compactMap { items[$0] })
        if named.count == 1, let only = named.first { return .item(only) }
        let possible = named.union(numbers.compactMap { shared[$0] }.joined())
        return possible.isEmpty ? .unknown : .unclear(possible)
    }

    // MARK: lines

    private mutating func name(_ lines: inout [ItemFact], isOrder: Bool = false) {
        for index in lines.indices where !lines[index].key.isEmpty {
            if isOrder {
                lines[index].key = item(lines[index].key)
                continue
            }
            switch naming(of: lines[index]) {
            case .item(let key): lines[index].key = key
            case .unclear(let keys):
                unclear.formUnion(keys)
                lines[index].key = ""
            case .unknown: break
            }
        }
    }
}
