import Trade

// What the sets about goods have in common: numbers, units, dates and parties as their elements write them.

extension Bounds {
    /// Levels of an HL tree are held until the end of the set: a shipment of 100,000 items in as many cartons.
    static let levels = 2 * itemLines
    /// Shipment, order, tare, pack, inner pack, item, component: real trees have up to seven levels.
    static let levelDepth = 32
}

extension Reading {
    /// A number (type R) of the current segment. Empty is nil; anything else that is no number is a problem.
    mutating func number(_ element: Int, _ bytes: RawSpan) -> ExactDecimal? {
        if segments.isEmpty(element, bytes) { return nil }
        let number = segments.decimal(element, bytes)
        if number == nil { problem(bytes, element: element, "is not a number") }
        return number
    }

    /// A number that says how much of something there is: less than nothing is a problem.
    mutating func quantity(_ element: Int, _ bytes: RawSpan) -> ExactDecimal? {
        let quantity = number(element, bytes)
        if let quantity, quantity.units < 0 {
            problem(bytes, element: element, "is negative; a quantity must stand here")
            return nil
        }
        return quantity
    }

    /// Element 355, or the first component of the composite C001: a unit is letters and digits, so whatever follows them is another component.
    func unit(_ element: Int, _ bytes: RawSpan) -> String? {
        let text = segments.text(element, bytes)
        return String(text.unicodeScalars.prefix { $0.isASCII && UInt8($0.value).isLetterOrDigit }).nonEmpty
    }

    /// The document's number, which has to be there: the subject of everything that is found out about it.
    mutating func documentNumber(_ element: Int, _ bytes: RawSpan, _ what: String) -> String {
        let number = segments.text(element, bytes)
        if number.isEmpty { problem(bytes, element: element, "is empty; the \(what) must stand here") }
        return number
    }

    mutating func missing(_ tag: String, _ what: String) {
        problem(at: .segment(Tag.st, 1, set: set), byte: start, "the \(id) has no \(tag) segment, so no \(what)")
    }

    /// Whether one more line is kept. Lines beyond the bound are one problem.
    mutating func admitLine(_ count: Int) -> Bool {
        if count < Bounds.itemLines { return true }
        if !problems.contains(where: { $0.kind == .tooLarge }) {
            problem(
                at: .segment(segments.tag, count + 1, set: set), byte: segments.start, kind: .tooLarge,
                "the \(id) has more than \(Bounds.itemLines) lines")
        }
        return false
    }

    /// DTM: 02 the day, or 05/06 (06/07 where 05 is the century) a day or range of days (D8, DT, RD8). A date that does not exist is noted.
    mutating func days(_ bytes: RawSpan) -> DayWindow? {
        if !segments.isEmpty(2, bytes) {
            guard let day = day(2, bytes) else { return nil }
            return DayWindow(from: day, to: day)
        }
        for element in [5, 6] {
            let text = segments.text(element + 1, bytes)
            let window: DayWindow?
            switch segments.text(element, bytes) {
            case "D8", "DT": window = Day(digits: text.prefix(8)).map { DayWindow(from: $0, to: $0) }
            case "RD8":
                let days = text.split(separator: "-").map { Day(digits: $0) }
                window = days.count == 2 && days.allSatisfy { $0 != nil } ? DayWindow(from: days[0], to: days[1]) : nil
            default: continue
            }
            if window == nil {
                note(
                    "impossible-date", bytes, element: element + 1,
                    "\(segments.quoted(element + 1, bytes)) is not a date; it is left out")
            }
            return window
        }
        return nil
    }

    /// CUR01, CUR02 of the heading; the first counts.
    mutating func currency(_ found: Currency?, _ bytes: RawSpan) -> Currency? {
        if let found { return found }
        let currency = Currency(code: segments.text(2, bytes))
        if currency == nil { problem(bytes, element: 2, "is not an ISO 4217 currency") }
        return currency
    }

    /// CTT01 is the number of lines; senders of ship notices count HL segments or items, so either is right.
    mutating func compareCount(_ expected: [Int], _ bytes: RawSpan) {
        guard !segments.isEmpty(1, bytes), let stated = segments.count(1, bytes) else { return }
        if !expected.contains(stated) {
            note("line-count", bytes, element: 1, "CTT01 says \(stated); the set has \(expected.first ?? 0) lines")
        }
    }

    /// A document that takes back an earlier one of the same number is not that document again: it is kept as `other` and noted.
    mutating func cancellation(_ number: String, _ date: Day?, _ what: String) -> WholeDocument {
        let at = Location.segment(Tag.st, 1, set: set)
        note("cancelled-document", at, "the purpose code is 01: \(what) \(number) is taken back; it is not booked as a \(what)")
        return .other(OtherDocument(typeName: X12.name + "/" + id, number: number.nonEmpty, date: date, at: at))
    }
}

extension Day {
    /// CCYYMMDD.
    fileprivate init?(digits: Substring) {
        guard digits.utf8.count == 8, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let value = Int(digits) else { return nil }
        self.init(year: value / 10_000, month: value / 100 % 100, day: value % 100)
    }
}

extension ExactDecimal {
    /// Quantity × price in minor units, rounded half away from zero; nil when out of range.
    func amount(at price: ExactDecimal, exponent: Int) -> Int64? {
        var value = Int128(units) * Int128(price.units)
        var scale = self.scale + price.scale - exponent
        while scale < 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
            scale += 1
        }
        guard scale <= 18 else { return nil }
        var divisor: Int128 = 1
        for _ in 0..<scale { divisor *= 10 }
        let rounded = (value >= 0 ? value + divisor / 2 : value - divisor / 2) / divisor
        return Int64(exactly: rounded).flatMap { $0.magnitude < Bounds.amount ? $0 : nil }
    }
}

/// The parties of a document about goods, and the identifiers that route it to an account.
struct GoodsParties {
    private(set) var buyer: Party?
    private(set) var seller: Party?
    private var ids: [String] = []

    /// N1: 01 role (98), 02 name, 03/04 qualifier and identifier.
    mutating func name(_ segments: borrowing Segments, _ bytes: RawSpan) {
        let role = segments.text(1, bytes)
        let party = Party(name: segments.text(2, bytes).nonEmpty, id: segments.text(4, bytes).nonEmpty)
        switch role {
        case "BY": buyer = buyer ?? party
        case "VN", "SU", "SE": seller = seller ?? party
        // remit to, bill to, and the vendor number that some retailers give a role of its own
        case "RI", "RE", "BT", "IA": break
        default: return
        }
        if let id = party.id { keep(id) }
    }

    /// REF and N9: VR vendor number, IA internal vendor number.
    mutating func reference(_ segments: borrowing Segments, _ bytes: RawSpan) {
        switch segments.code(1, bytes) {
        case 0x56_52, 0x49_41: if let id = segments.text(2, bytes).nonEmpty { keep(id) }
        default: return
        }
    }

    private mutating func keep(_ id: String) {
        if ids.count < Bounds.idsPerSet, !ids.contains(id) { ids.append(id) }
    }

    func route<Sink: DocumentSink>(_ reading: inout Reading, into sink: inout Sink) {
        for id in ids { reading.route(id, into: &sink) }
    }
}
