import Trade

/// 812 Credit/Debit Adjustment, releases 003030 to 005010 (FACTS: https://stedi.com/edi/x12-004010/segment/CDD,
/// https://stedi.com/edi/x12-004040/812).
///
///     ST  BCD  CUR  N9*  PER*  ITD*  DTM*  FOB  SHD*  SAC*
///     N1 loop    N1 N2 N3 N4 REF PER
///     …          AMT LM/LQ FA1/FA2                       not read
///     CDD loop   CDD
///       LIN PO4 SAC N9 DTM LM/LQ N11 (AMT PCT N1)        LIN, N9 of the line
///     SE
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number, date | BCD02, BCD01 |
/// | kind | BCD05: C a credit memo, D a debit memo |
/// | total | BCD04 (N2); its sign from BCD05 and from who sends |
/// | currency | CUR02 |
/// | invoice, po | BCD07, else N9*IV, N9*OI; BCD10, else N9*PO |
/// | return | N9*RZ, N9*RG, or BCD14 with BCD13 RZ, RG |
/// | lines | CDD 01 code, 04 amount (N2, signed by CDD02), 07 quantity, 08 unit, 11 unit price, 14 text, else N903; LIN the item and its other numbers |
///
/// The set travels both ways, and its flag is written for the receiver's money. From a retailer (the receiver is us) C is in our
/// favour and D against us; in one that we send it is the other way round. Who sends, the N1 segments tell (`PartyRoles`); if they do
/// not, it is the retailer, with the note `direction-assumed`.
struct Adjustment812 {
    private var beginning: Int?
    private var number = ""
    private var date: Day?
    private var invoice: String?
    private var po: String?
    private var returnNumber: String?
    private var currency: Currency?
    private var roles = PartyRoles()
    private var ids: [String] = []
    private var lines: [ItemLine] = []
    /// Offsets of the CDD segments: the currency may stand behind them.
    private var details: [Int] = []

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var adjustment = Adjustment812()
        try adjustment.readSegments(&reading, bytes)
        let end = reading.segments.position
        let memo = try adjustment.memo(&reading, bytes)
        reading.segments.position = end
        guard reading.settle(into: &sink), let memo else { return }
        for id in adjustment.ids { reading.route(id, into: &sink) }
        try sink.add(.memo(memo))
    }

    private mutating func readSegments(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        while try reading.next(bytes) {
            switch reading.segments.tag {
            case Tag.bcd:
                try reading.segments.split(bytes)
                if beginning == nil { readBeginning(&reading, bytes) }
            case Tag.cur where details.isEmpty:
                try reading.segments.split(bytes)
                readCurrency(&reading, bytes)
            case Tag.n1 where details.isEmpty:
                try reading.segments.split(bytes)
                roles.add(reading.segments, bytes, reading.parties)
                // VN vendor, SU supplier, SE seller, RI remit to, BT bill to, BY buyer
                if ["VN", "SU", "SE", "RI", "BT", "BY"].contains(reading.segments.text(1, bytes)) {
                    route(reading.segments.text(4, bytes))
                }
            case Tag.n9:
                try reading.segments.split(bytes)
                readReference(reading.segments, bytes)
            case Tag.cdd: try readLine(&reading, bytes)
            case Tag.lin:
                try reading.segments.split(bytes)
                if let last = lines.indices.last, lines[last].item == nil {
                    lines[last].item = ItemNumber.read(reading.segments, bytes, from: 2)
                    ItemNumber.readOthers(reading.segments, bytes, from: 2, into: &lines[last])
                }
            default: continue
            }
        }
        if beginning == nil {
            reading.problem(
                at: .segment(Tag.st, 1, set: reading.set), byte: reading.start, "the 812 has no BCD segment, so no number and no amount")
        }
    }

    private mutating func route(_ id: String) {
        if !id.isEmpty, ids.count < Bounds.idsPerSet, !ids.contains(id) { ids.append(id) }
    }

    private mutating func readBeginning(_ reading: inout Reading, _ bytes: RawSpan) {
        beginning = reading.segments.start
        number = reading.segments.text(2, bytes)
        if number.isEmpty { reading.problem(bytes, element: 2, "is empty; the number of the adjustment must stand here") }
        date = reading.day(1, bytes)
        invoice = reading.segments.text(7, bytes).nonEmpty
        po = reading.segments.text(10, bytes).nonEmpty
        take(reading.segments.code(13, bytes), reading.segments.text(14, bytes))
    }

    private mutating func readCurrency(_ reading: inout Reading, _ bytes: RawSpan) {
        guard currency == nil else { return }
        currency = Currency(code: reading.segments.text(2, bytes))
        if currency == nil { reading.problem(bytes, element: 2, "is not an ISO 4217 currency") }
    }

    private mutating func readReference(_ segments: borrowing Segments, _ bytes: RawSpan) {
        if let last = lines.indices.last {
            if lines[last].text == nil { lines[last].text = segments.text(3, bytes).nonEmpty }
        } else if segments.code(1, bytes) == 0x56_52 || segments.code(1, bytes) == 0x49_41 {  // VR, IA
            route(segments.text(2, bytes))
        }
        // a reference of the only line is the document's; of several lines it is nobody's in particular
        if lines.count <= 1 { take(segments.code(1, bytes), segments.text(2, bytes)) }
    }

    private mutating func take(_ qualifier: UInt32, _ value: String) {
        guard let value = value.nonEmpty else { return }
        switch qualifier {
        case 0x49_56, 0x4F_49: invoice = invoice ?? value  // IV, OI
        case 0x50_4F: po = po ?? value  // PO
        case 0x52_5A, 0x52_47: returnNumber = returnNumber ?? value  // RZ, RG
        default: return
        }
    }

    private mutating func readLine(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        guard lines.count < Bounds.itemLines else {
            reading.problem(
                at: .segment(Tag.cdd, lines.count + 1, set: reading.set), byte: reading.segments.start, kind: .tooLarge,
                "the adjustment has more than \(Bounds.itemLines) lines")
            return
        }
        try reading.segments.split(bytes)
        details.append(reading.segments.start)
        var line = ItemLine(at: .segment(Tag.cdd, lines.count + 1, set: reading.set))
        line.code = reading.segments.text(1, bytes).nonEmpty
        line.quantity = number(7, &reading, bytes)
        line.unit = reading.segments.text(8, bytes).nonEmpty
        line.unitPrice = number(11, &reading, bytes)
        line.text = reading.segments.text(14, bytes).nonEmpty
        lines.append(line)
    }

    private func number(_ element: Int, _ reading: inout Reading, _ bytes: RawSpan) -> ExactDecimal? {
        if reading.segments.isEmpty(element, bytes) { return nil }
        let number = reading.segments.decimal(element, bytes)
        if number == nil { reading.problem(bytes, element: element, "is not a number") }
        return number
    }

    // MARK: Document

    private mutating func memo(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) -> Memo? {
        let at = Location.segment(Tag.st, 1, set: reading.set)
        guard let beginning else { return nil }
        let currency = self.currency ?? reading.assumedCurrency()
        let supplierSends = roles.supplierSends
        if supplierSends == nil {
            reading.note(
                "direction-assumed", at, "no N1 segment names sender or receiver; the retailer is taken as the sender")
        }
        let direction: Int64 = supplierSends == true ? -1 : 1
        if currency.exponent != 2 {
            reading.note(
                "implied-decimals", at, "N2 amounts are read with two implied decimals, though \(currency) has \(currency.exponent)")
        }
        let sum = try readAmounts(direction, currency, &reading, bytes)
        try reading.revisit(beginning, bytes)
        guard let total = signedAmount(4, flag: 5, &reading, bytes, currency) else { return nil }
        if let sum, sum != Int128(direction * total) {
            let text = Int64(exactly: sum).map { Money($0, currency).description } ?? "more than an amount can be"
            reading.note(
                "total-differs", bytes, element: 4, "the lines come to \(text), the total is \(Money(direction * total, currency))")
        }
        let isCredit = reading.segments.code(5, bytes) == Self.credit
        return Memo(
            kind: isCredit ? .credit : .debit, number: number, currency: currency, total: direction * total, at: at, date: date,
            invoice: invoice, po: po, returnNumber: returnNumber, lines: lines)
    }

    private static let credit: UInt32 = 0x43  // C
    private static let debit: UInt32 = 0x44  // D

    /// - Returns: Σ of the lines, our side; nil without lines, or if one states no amount.
    private mutating func readAmounts(
        _ direction: Int64, _ currency: Currency, _ reading: inout Reading, _ bytes: RawSpan
    ) throws(ReadFailure) -> Int128? {
        var sum: Int128? = details.isEmpty ? nil : 0
        for (index, offset) in details.enumerated() {
            try reading.revisit(offset, bytes)
            if reading.segments.isEmpty(4, bytes) {
                if lines[index].quantity == nil {
                    reading.note("line-without-amount", bytes, element: 4, "the line states neither an amount nor a quantity")
                }
                sum = nil
                continue
            }
            guard let amount = signedAmount(4, flag: 2, &reading, bytes, currency) else { continue }
            lines[index].amount = direction * amount
            sum = sum.map { $0 + Int128(direction * amount) }
        }
        return sum
    }

    /// An amount and its flag, signed for the receiver. A minus beside D says the same twice; beside C it says the opposite, and nobody
    /// knows which is meant.
    private func signedAmount(
        _ element: Int, flag: Int, _ reading: inout Reading, _ bytes: RawSpan, _ currency: Currency
    ) -> Int64? {
        let word = reading.segments.code(flag, bytes)
        guard word == Self.credit || word == Self.debit else {
            reading.problem(bytes, element: flag, "is neither C nor D; without it nobody knows who owes whom")
            return nil
        }
        guard let amount = reading.amount(element, bytes, in: currency, implied: 2) else { return nil }
        if reading.segments.hasPoint(element, bytes) {
            reading.note("explicit-point", bytes, element: element, "the amount is written with a point; it is not scaled")
        }
        guard amount < 0 else { return word == Self.credit ? amount : -amount }
        if word == Self.credit {
            reading.problem(bytes, element: element, "is negative and flagged C (credit); the two contradict each other")
            return nil
        }
        reading.note("sign-repeated", bytes, element: element, "the amount is negative and flagged D; it is taken as a debit, once")
        return amount
    }
}
