import Trade

/// One item (LIN and what stands under it) in the making, as the messages that have items share it.
///
/// | field | from |
/// |---|---|
/// | line | LIN 1082 |
/// | item | LIN or PIA C212: the buyer's number (IN, BP), else the seller's (SA, VN, VP), else a bar code (EN, SRS, SRV, UP, EU), else any |
/// | aliases | the others of these, not those of PIA 4347 2, 3 or 4: substitutes |
/// | quantity, unit | QTY 6060, 6411 with the best of the message's qualifiers |
/// | pack | QTY 59: consumer units in the traded unit |
/// | unit price | PRI 5118, divided by the basis 5284 where that is a power of ten |
/// | text | IMD 7008, all of its parts |
struct ItemReading {
    private(set) var item: ItemLine
    private var itemRank = Int.max
    /// What would be an alias, were there a better number.
    private var itemIsAlias = false
    private var quantityRank = Int.max
    private var priceRank = Int.max

    /// At the LIN that is current: 1082 number, 1229 action, C212.
    init(_ reading: borrowing MessageReading, _ bytes: RawSpan, number: Int) {
        item = ItemLine(at: .message(MessageTag.lin, number, message: reading.message))
        item.line = reading.segments.text(1, 1, bytes).nonEmpty
        identify(reading.segments, bytes, element: 3)
    }

    /// LIN, PIA, IMD, QTY or PRI that is current and split.
    mutating func add(_ reading: inout MessageReading, _ bytes: RawSpan, quantities: [UInt32]) {
        switch reading.segments.tag {
        case MessageTag.pia:
            let isOwn = ["", "1", "5"].contains(reading.segments.text(1, 1, bytes))
            for element in 2...6 { identify(reading.segments, bytes, element: element, isOwn: isOwn) }
        case MessageTag.imd:
            // 7077 is A, B, C, E, F…; C273 7009:1131:3055:7008:7008
            let text = [4, 5].compactMap { reading.segments.text(3, $0, bytes).nonEmpty }.joined(separator: " ")
            if item.text == nil { item.text = text.nonEmpty }
        case MessageTag.qty:
            // consumer units in the traded unit
            if reading.segments.code(1, 1, bytes) == 0x35_39 {
                if item.pack == nil, let pack = reading.decimal(1, 2, bytes), pack.units > 0 { item.pack = pack }
                return
            }
            let rank = quantities.firstIndex(of: reading.segments.code(1, 1, bytes)) ?? Int.max
            guard rank < quantityRank, let quantity = reading.decimal(1, 2, bytes) else { return }
            quantityRank = rank
            item.quantity = quantity
            item.unit = reading.segments.text(1, 3, bytes).nonEmpty
        case MessageTag.pri: readPrice(&reading, bytes)
        default: return
        }
    }

    private mutating func identify(_ segments: borrowing MessageSegments, _ bytes: RawSpan, element: Int, isOwn: Bool = true) {
        guard !segments.isEmpty(element, 1, bytes) else { return }
        let order: [UInt32] = [
            0x49_4E, 0x42_50,  // IN BP
            0x53_41, 0x56_4E, 0x56_50,  // SA VN VP
            0x45_4E, 0x53_52_53, 0x53_52_56, 0x55_50, 0x45_55,  // EN SRS SRV UP EU
        ]
        let rank = order.firstIndex(of: segments.code(element, 2, bytes)) ?? order.count
        let number = segments.text(element, 1, bytes)
        let isAlias = isOwn && rank < order.count
        guard rank < itemRank else {
            if isAlias { item.add(alias: number) }
            return
        }
        let other = itemIsAlias ? item.item : nil
        (itemRank, itemIsAlias) = (rank, isAlias)
        item.item = number
        item.aliases.removeAll { $0 == number }
        item.add(alias: other)
    }

    /// PRI: C509 5125 qualifier (AAA net, INV invoice, AAB gross), 5118 price, 5375, 5387, 5284 basis, 6411 unit.
    private mutating func readPrice(_ reading: inout MessageReading, _ bytes: RawSpan) {
        let order: [UInt32] = [0x41_41_41, 0x49_4E_56, 0x43_41_4C, 0x41_41_42]
        let rank = order.firstIndex(of: reading.segments.code(1, 1, bytes)) ?? order.count
        guard rank < priceRank, let price = reading.decimal(1, 2, bytes) else { return }
        priceRank = rank
        item.unitPrice = price
        guard let basis = reading.decimal(1, 5, bytes), basis != ExactDecimal(1) else { return }
        var divisor = basis.units
        var places = 0
        while divisor >= 10, divisor % 10 == 0 {
            divisor /= 10
            places += 1
        }
        if basis.scale == 0, divisor == 1, price.scale + places <= 12 {
            item.unitPrice = ExactDecimal(units: price.units, scale: price.scale + places)
        } else {
            item.unitPrice = nil
            reading.note("price-basis", bytes, element: 1, "the price is for \(basis) units; it is left out")
        }
    }
}
