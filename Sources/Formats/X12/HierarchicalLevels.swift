import Trade

/// The tree of HL segments in 856 and 857: 01 number, 02 number of the parent, 03 level code (735).
///
/// S shipment, O order, T tare, P pack, I item and others in any nesting. Where a level names no parent (senders leave HL02 empty) it
/// belongs to the order before it; that is noted.
struct HierarchicalLevels {
    struct Level {
        /// Index of the parent; always smaller than the level's own.
        var parent: Int?
        var code: UInt32
        var order: String?
        /// Index of the order level before this one, for a level without a parent.
        var precedingOrder: Int?
        var depth = 1
    }
    static let shipment: UInt32 = 0x53
    static let order: UInt32 = 0x4F
    static let item: UInt32 = 0x49

    private(set) var levels: [Level] = []
    private var numbers: [String: Int] = [:]
    private var lastOrder: Int?
    /// HL segments, those beyond the bound included.
    private(set) var count = 0

    /// Index of the level that is open; nil before the first HL.
    var current: Int? { levels.indices.last }
    var code: UInt32 { levels.last?.code ?? 0 }
    /// Before the first HL and in the shipment level: what is said here holds for the whole shipment.
    var isWhole: Bool { levels.isEmpty || code == Self.shipment }

    mutating func open(_ reading: inout Reading, _ bytes: RawSpan) {
        count += 1
        guard levels.count < Bounds.levels else {
            if count == Bounds.levels + 1 {
                reading.problem(
                    at: .segment(Tag.hl, count, set: reading.set), byte: reading.segments.start, kind: .tooLarge,
                    "the tree has more than \(Bounds.levels) levels")
            }
            return
        }
        let number = reading.segments.text(1, bytes)
        let parentNumber = reading.segments.text(2, bytes)
        var level = Level(code: reading.segments.code(3, bytes), precedingOrder: lastOrder)
        if let parent = numbers[parentNumber], !parentNumber.isEmpty {
            level.parent = parent
            level.depth = levels[parent].depth + 1
            if level.depth == Bounds.levelDepth + 1 {
                reading.problem(bytes, element: 2, "is nested deeper than \(Bounds.levelDepth) levels")
            }
        } else if !parentNumber.isEmpty || !levels.isEmpty && level.code != Self.shipment {
            let what =
                parentNumber.isEmpty
                ? "the level names no parent" : "the level's parent \(reading.segments.quoted(2, bytes)) does not stand above it"
            reading.note(
                "hl-parent", bytes, element: 2,
                what + (level.code == Self.order || lastOrder == nil ? "" : "; it is taken to belong to the order before it"))
        }
        if level.code == 0 { reading.note("hl-level", bytes, element: 3, "the level does not say what it is") }
        if !number.isEmpty, numbers.updateValue(levels.count, forKey: number) != nil {
            reading.note(
                "hl-number", bytes, element: 1, "level \(reading.segments.quoted(1, bytes)) occurs again; the later one counts from here")
        }
        levels.append(level)
        if level.code == Self.order { lastOrder = levels.count - 1 }
    }

    /// PRF01, or REF*PO where no PRF stands: the order that the open level and those below belong to.
    mutating func setOrder(_ number: String, overwriting: Bool) {
        guard let current, overwriting || levels[current].order == nil else { return }
        levels[current].order = number
    }

    /// Whether the open level names an order already.
    var hasOrder: Bool { levels.last?.order != nil }

    /// The nearest order at or above a level.
    func order(of level: Int) -> String? {
        first(from: level) { levels[$0].order != nil }.flatMap { levels[$0].order }
    }

    /// The nearest level, from `level` upwards, for which `condition` holds.
    func first(from level: Int, where condition: (Int) -> Bool) -> Int? {
        var index = level
        var hasJumped = false
        for _ in 0...(2 * Bounds.levelDepth) {
            if condition(index) { return index }
            let level = levels[index]
            if let parent = level.parent {
                index = parent
            } else if let order = level.precedingOrder, !hasJumped, level.code != Self.shipment, level.code != Self.order {
                index = order
                hasJumped = true
            } else {
                return nil
            }
        }
        return nil
    }
}

/// A value that may be stated at several levels. Where they contradict one another the document as a whole has none.
struct StatedOnce<Value: Equatable> {
    private(set) var value: Value?
    private(set) var isContradicted = false

    mutating func state(_ new: Value?) {
        guard let new, !isContradicted else { return }
        if let value, value != new {
            isContradicted = true
            self.value = nil
        } else {
            value = new
        }
    }
}

/// What a tree ships: a level's item (LIN, IT1) and quantity (SN1, IT1), and which of them count.
///
/// Quantities are those of the item levels. A pack above its items, and a part below an item that states its own quantity, would count
/// the same goods twice; a level below an item that states none carries the quantity of that item. A tree without item levels is read
/// at the levels that name goods.
struct ShippedGoods {
    private struct Entry {
        var level: Int
        var item: ItemLine
        /// The level names goods: it has a LIN or IT1.
        var isNamed: Bool
        var place: Location
    }
    private var entries: [Entry] = []

    /// The entry of the open level that still waits for its quantity or its item.
    private func open(_ levels: HierarchicalLevels) -> Int? {
        guard let last = entries.indices.last, entries[last].level == levels.current else { return nil }
        return last
    }

    /// LIN or IT1: goods of the open level. A second one in the level is a second line.
    mutating func name(_ item: ItemLine, _ levels: HierarchicalLevels, _ reading: inout Reading) {
        guard let level = levels.current, reading.admitLine(entries.count) else { return }
        if let open = open(levels), !entries[open].isNamed, let quantity = entries[open].item.quantity, item.quantity == nil {
            // SN1 before LIN
            var item = item
            item.quantity = quantity
            item.unit = entries[open].item.unit
            entries[open] = Entry(level: level, item: item, isNamed: true, place: item.at)
        } else {
            entries.append(Entry(level: level, item: item, isNamed: true, place: item.at))
        }
    }

    /// SN1: the quantity of the open level's goods.
    mutating func quantity(
        _ quantity: ExactDecimal?, _ unit: String?, _ line: String?, at place: Location, _ levels: HierarchicalLevels,
        _ reading: inout Reading
    ) {
        guard let level = levels.current else { return }
        if let open = open(levels), entries[open].item.quantity == nil {
            entries[open].item.quantity = quantity
            entries[open].item.unit = unit
            entries[open].item.line = entries[open].item.line ?? line
            entries[open].place = place
        } else if reading.admitLine(entries.count) {
            let item = ItemLine(at: place, line: line, quantity: quantity, unit: unit)
            entries.append(Entry(level: level, item: item, isNamed: false, place: place))
        }
    }

    /// IT3: what was shipped of the open level's goods, where that is not what was billed.
    mutating func shipped(_ quantity: ExactDecimal, _ unit: String?, _ levels: HierarchicalLevels) {
        guard let open = open(levels), entries[open].isNamed else { return }
        entries[open].item.quantity = quantity
        entries[open].item.unit = unit ?? entries[open].item.unit
    }

    /// PID05: the first description of the open level's goods.
    mutating func describe(_ text: String?, _ levels: HierarchicalLevels) {
        if let open = open(levels), entries[open].isNamed, entries[open].item.text == nil { entries[open].item.text = text }
    }

    /// PO4: what a case of the open level's goods holds.
    mutating func pack(_ pack: ExactDecimal?, _ levels: HierarchicalLevels) {
        if let open = open(levels), entries[open].isNamed, entries[open].item.pack == nil { entries[open].item.pack = pack }
    }

    /// The lines that count, in file order, each with its level.
    func lines(_ levels: HierarchicalLevels, _ reading: inout Reading) -> [(item: ItemLine, level: Int)] {
        // levels above an item
        var isAboveItem = [Bool](repeating: false, count: levels.levels.count)
        for entry in entries where levels.levels[entry.level].code == HierarchicalLevels.item {
            var level = levels.levels[entry.level].parent
            while let index = level, !isAboveItem[index] {
                isAboveItem[index] = true
                level = levels.levels[index].parent
            }
        }
        var named: [Int: Int] = [:]
        for (index, entry) in entries.enumerated() where entry.isNamed && named[entry.level] == nil { named[entry.level] = index }

        let hasItems = entries.contains { levels.levels[$0.level].code == HierarchicalLevels.item }
        var isCounted = [Bool](repeating: false, count: entries.count)
        // a part of an item that has its quantity, and so every part of that part
        var isCovered = isCounted
        var item = entries.map(\.item)
        for (index, entry) in entries.enumerated() {
            let level = levels.levels[entry.level]
            let isItem = level.code == HierarchicalLevels.item
            if !isItem && isAboveItem[entry.level] {
                leaveOut(entry, "stands above the items it contains", &reading)
            } else if !entry.isNamed && named[entry.level] != nil {
                leaveOut(entry, "stands beside the item's own", &reading)
            } else if let above = level.parent.flatMap({ self.item(above: $0, named, levels) }) {
                if isCovered[above] || entries[above].item.quantity != nil {
                    isCovered[index] = true
                    leaveOut(entry, "is a part of the item above, which has a quantity of its own", &reading)
                } else if entry.isNamed || entry.item.quantity != nil {
                    isCounted[above] = false
                    isCounted[index] = true
                    if entry.isNamed { continue }
                    item[index].item = entries[above].item.item
                    item[index].aliases = entries[above].item.aliases
                    item[index].pack = entries[above].item.pack
                    item[index].text = entries[above].item.text
                    item[index].line = item[index].line ?? entries[above].item.line
                }
            } else {
                // without a name it is a count of cartons
                isCounted[index] = isItem || entry.isNamed && (!hasItems || level.parent != nil)
                if !isCounted[index] { leaveOut(entry, "is of no item", &reading) }
            }
        }
        return entries.indices.lazy.filter { isCounted[$0] }.map { (item[$0], entries[$0].level) }
    }

    /// The nearest item level, from `level` upwards, that names goods: its entry.
    private func item(above level: Int, _ named: [Int: Int], _ levels: HierarchicalLevels) -> Int? {
        levels.first(from: level) { named[$0] != nil && levels.levels[$0].code == HierarchicalLevels.item }.flatMap { named[$0] }
    }

    private func leaveOut(_ entry: Entry, _ why: String, _ reading: inout Reading) {
        guard let quantity = entry.item.quantity else { return }
        reading.note("quantity-not-counted", entry.place, "the quantity \(quantity) \(why); it is not counted")
    }
}
