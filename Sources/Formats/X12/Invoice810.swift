import Trade

/// 810 Invoice, releases 003030 to 005010 (FACTS: https://stedi.com/edi/x12-004010/810).
///
///     ST  BIG  NTE*  CUR  REF*  PER*  N1 loop  ITD*  DTM*  FOB  PID*  SAC*  TXI*
///     IT1 loop   IT1 CRC QTY CUR IT3 TXI CTP PAM MEA PID REF SAC …
///     TDS  TXI*  CAD  AMT*  SAC*  ISS*  CTT  SE
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number, date | BIG02, BIG01 |
/// | po | BIG04, REF*PO of heading and lines, PO among the item numbers of IT1: the one that all name |
/// | kind | BIG07: CR and CN a credit memo, DR a debit memo, anything else (DI too) an invoice; a negative TDS01 is a credit memo |
/// | amends | BIG08: 01 cancels, 04 and 05 replace the invoice of the same number |
/// | currency | CUR02 |
/// | total | TDS01 (N2), else AMT*TT or AMT*5 (R) |
/// | terms | ITD |
/// | lines | IT1 01 line, 02 quantity, 03 unit, 04 price, 06 and on the item; PID05 the text |
/// | charges | SAC of heading, lines and summary: 01 A negative, C positive (`settleSigns`); 05 (N2) |
/// | tax | TXI02 of the summary, else of the heading, else of the lines |
/// | invoice, return (memos) | REF*IV, REF*OI; REF*RZ |
///
/// A credit memo in an 810 is one that we grant: its total is negative, as `Memo` has it, whichever sign the file writes. If the N1 segments
/// show that the retailer sends the set (`PartyRoles`), its memos count the other way round, and its invoices are not ours: they are
/// kept as `other`.
struct Invoice810 {
    private var number = ""
    private var date: Day?
    /// Of the heading and of all lines: an invoice for several orders is for none of them in particular.
    private var po = StatedOnce<String>()
    private var type: UInt32 = 0
    private var amends: Amendment?
    private var currency: Currency?
    private var total: (offset: Int, element: Int, isImplied: Bool)?
    private var amt: (offset: Int, element: Int, isImplied: Bool)?
    private var invoice: String?
    private var returnNumber: String?
    private var terms = Terms810()
    private var lines: [ItemLine] = []
    /// Offsets of SAC and TXI segments: they may stand before the currency is known.
    private var charges: [Int] = []
    private var taxes: [(offset: Int, area: Area)] = []
    private var ids: [String] = []
    private var roles = PartyRoles()

    private enum Area { case heading, line, summary }

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var invoice = Invoice810()
        try invoice.readSegments(&reading, bytes)
        let end = reading.segments.position
        let document = try invoice.document(&reading, bytes)
        reading.segments.position = end
        guard reading.settle(into: &sink), let document else { return }
        for id in invoice.ids { reading.route(id, into: &sink) }
        try sink.add(document)
    }

    private mutating func readSegments(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        var area = Area.heading
        var hasBeginning = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case Tag.big, Tag.cur, Tag.ref, Tag.n1, Tag.itd, Tag.it1, Tag.pid, Tag.po4, Tag.tds, Tag.amt:
                try reading.segments.split(bytes)
            case Tag.sac:
                if admitAmount(&reading) { charges.append(reading.segments.start) }
                continue
            case Tag.txi:
                if admitAmount(&reading) { taxes.append((reading.segments.start, area)) }
                continue
            default: continue
            }
            switch tag {
            case Tag.big:
                hasBeginning = true
                readBeginning(&reading, bytes)
            case Tag.cur where area == .heading: readCurrency(&reading, bytes)
            case Tag.ref: readReference(reading.segments, bytes)
            case Tag.n1:
                if area == .heading { roles.add(reading.segments, bytes, reading.parties) }
                // VN vendor, SU supplier, SE seller, RI remit to, BT bill to, BY buyer
                if ["VN", "SU", "SE", "RI", "BT", "BY"].contains(reading.segments.text(1, bytes)) {
                    route(reading.segments.text(4, bytes))
                }
            case Tag.itd: terms.add(&reading, bytes)
            case Tag.it1:
                area = .line
                readLine(&reading, bytes)
            case Tag.pid:
                if area == .line, let last = lines.indices.last, lines[last].text == nil {
                    lines[last].text = reading.segments.text(5, bytes).nonEmpty
                }
            case Tag.po4:
                if area == .line, let last = lines.indices.last, lines[last].pack == nil {
                    lines[last].pack = CasePack.read(reading.segments, bytes)
                }
            case Tag.tds:
                area = .summary
                total = total ?? (reading.segments.start, 1, true)
            case Tag.amt:
                // TT total transaction amount, 5 total invoice amount
                let qualifier = reading.segments.text(1, bytes)
                if qualifier == "TT" || qualifier == "5" { amt = amt ?? (reading.segments.start, 2, false) }
            default: continue
            }
        }
        if !hasBeginning {
            reading.problem(
                at: .segment(Tag.st, 1, set: reading.set), byte: reading.start, "the 810 has no BIG segment, so no invoice number")
        }
    }

    private mutating func route(_ id: String) {
        if !id.isEmpty, ids.count < Bounds.idsPerSet, !ids.contains(id) { ids.append(id) }
    }

    /// Whether one more allowance, charge or tax is kept.
    private func admitAmount(_ reading: inout Reading) -> Bool {
        if charges.count + taxes.count < Bounds.itemLines { return true }
        reading.problem(
            at: .segment(Tag.st, 1, set: reading.set), byte: reading.segments.start, kind: .tooLarge,
            "the invoice has more than \(Bounds.itemLines) charges and taxes")
        return false
    }

    private mutating func readBeginning(_ reading: inout Reading, _ bytes: RawSpan) {
        number = reading.segments.text(2, bytes)
        if number.isEmpty { reading.problem(bytes, element: 2, "is empty; the invoice number must stand here") }
        date = reading.day(1, bytes)
        po.state(reading.segments.text(4, bytes).nonEmpty)
        type = reading.segments.code(7, bytes)
        amends = Amendment(code: reading.segments.code(8, bytes))
    }

    private mutating func readCurrency(_ reading: inout Reading, _ bytes: RawSpan) {
        guard currency == nil else { return }
        currency = Currency(code: reading.segments.text(2, bytes))
        if currency == nil { reading.problem(bytes, element: 2, "is not an ISO 4217 currency") }
    }

    private mutating func readReference(_ segments: borrowing Segments, _ bytes: RawSpan) {
        switch segments.code(1, bytes) {
        case 0x49_56, 0x4F_49: invoice = invoice ?? segments.text(2, bytes).nonEmpty  // IV, OI
        case 0x52_5A: returnNumber = returnNumber ?? segments.text(2, bytes).nonEmpty  // RZ
        case 0x50_4F: po.state(segments.text(2, bytes).nonEmpty)  // PO
        case 0x56_52, 0x49_41: route(segments.text(2, bytes))  // VR, IA
        default: return
        }
    }

    private mutating func readLine(_ reading: inout Reading, _ bytes: RawSpan) {
        guard lines.count < Bounds.itemLines else {
            reading.problem(
                at: .segment(Tag.it1, lines.count + 1, set: reading.set), byte: reading.segments.start, kind: .tooLarge,
                "the invoice has more than \(Bounds.itemLines) lines")
            return
        }
        var line = ItemLine(at: .segment(Tag.it1, lines.count + 1, set: reading.set))
        line.line = reading.segments.text(1, bytes).nonEmpty
        line.quantity = decimal(2, &reading, bytes)
        line.unit = reading.segments.text(3, bytes).nonEmpty
        line.unitPrice = UnitPrice.read(4, unit: line.unit, &reading, bytes)
        line.item = ItemNumber.read(reading.segments, bytes, from: 6)
        ItemNumber.readOthers(reading.segments, bytes, from: 6, into: &line)
        // PO among the pairs of item numbers
        for element in stride(from: 6, to: reading.segments.elementCount, by: 2) where reading.segments.code(element, bytes) == 0x50_4F {
            po.state(reading.segments.text(element + 1, bytes).nonEmpty)
        }
        lines.append(line)
    }

    private func decimal(_ element: Int, _ reading: inout Reading, _ bytes: RawSpan) -> ExactDecimal? {
        if reading.segments.isEmpty(element, bytes) { return nil }
        let number = reading.segments.decimal(element, bytes)
        if number == nil { reading.problem(bytes, element: element, "is not a number") }
        return number
    }

    // MARK: Document

    private func document(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) -> WholeDocument? {
        let currency = self.currency ?? reading.assumedCurrency()
        let at = Location.segment(Tag.st, 1, set: reading.set)
        let tax = try readTax(&reading, bytes, currency)
        if po.isContradicted {
            reading.note("orders-differ", at, "heading and lines name different purchase orders; the invoice as a whole has none")
        }
        let implied = try impliedDecimals(&reading, bytes, currency, tax)
        var charges = try readCharges(&reading, bytes, currency, implied)
        guard let place = total ?? amt else {
            reading.problem(at: at, byte: reading.start, "the 810 has no TDS segment, so no total")
            return nil
        }
        try reading.revisit(place.offset, bytes)
        guard let total = reading.amount(place.element, bytes, in: currency, implied: place.isImplied ? implied : 0) else { return nil }
        if place.isImplied, implied > 0, reading.segments.hasPoint(place.element, bytes) {
            reading.note("explicit-point", bytes, element: place.element, "the total is written with a point; it is not scaled")
        }
        try settleSigns(&charges, total, tax, currency, &reading, bytes)
        try reading.revisit(place.offset, bytes)
        compare(total, charges.map(\.charge), tax, currency, &reading, bytes)
        let isCredit = type == 0x43_52 || type == 0x43_4E || total < 0  // CR, CN
        if isCredit, type != 0x43_52, type != 0x43_4E {
            reading.note("negative-invoice", bytes, element: 1, "the total is negative; the invoice is taken as a credit memo")
        }
        let isOurs = roles.supplierSends != false
        if isCredit || type == 0x44_52 {  // DR
            if !isOurs {
                reading.note("memo-from-retailer", at, "the retailer sends this memo: a credit is in our favour, a debit against us")
            }
            if amends == .cancellation { return reading.cancellation(number, date, "memo") }
            let granted = isCredit ? -abs(total) : total
            return .memo(
                Memo(
                    kind: isCredit ? .credit : .debit, number: number, currency: currency, total: isOurs ? granted : -granted,
                    at: at, date: date, invoice: invoice, po: po.value, returnNumber: returnNumber, lines: lines))
        }
        guard isOurs else {
            reading.note(
                "invoice-not-ours", at, "by its N1 segments the retailer sends this invoice: it is not ours, and kept without amounts")
            return .other(OtherDocument(typeName: X12.name + "/810", number: number, date: date, at: at))
        }
        if amends == .cancellation {
            reading.note("cancelled-invoice", at, "BIG08 is 01: the invoice \(number) is taken back and asks for no money")
        }
        return .invoice(
            Invoice(
                number: number, currency: currency, total: total, at: at, date: date, po: po.value, terms: terms.stated, lines: lines,
                charges: charges.map(\.charge), tax: tax, amends: amends))
    }

    /// SAC01 A allowance (subtracted, whichever sign is written), C charge; SAC02 code; SAC05 amount N2.
    private func readCharges(
        _ reading: inout Reading, _ bytes: RawSpan, _ currency: Currency, _ implied: Int
    ) throws(ReadFailure) -> [(charge: Charge, offset: Int)] {
        var list: [(charge: Charge, offset: Int)] = []
        for offset in charges {
            try reading.revisit(offset, bytes)
            if let charge = Charge.read(&reading, bytes, currency, implied) { list.append((charge, offset)) }
        }
        return list
    }

    /// A charge written with a minus is what it says, unless the document adds up only without the minus.
    private func settleSigns(
        _ charges: inout [(charge: Charge, offset: Int)], _ total: Int64, _ tax: Int64?, _ currency: Currency, _ reading: inout Reading,
        _ bytes: RawSpan
    ) throws(ReadFailure) {
        var negative: [Int] = []
        for index in charges.indices where charges[index].charge.amount < 0 {
            try reading.revisit(charges[index].offset, bytes)
            if reading.segments.code(1, bytes) == 0x43 { negative.append(index) }
        }
        guard !negative.isEmpty else { return }
        var turned = charges
        for index in negative { turned[index].charge.amount.negate() }
        let isWritten = difference(total, charges.map(\.charge), tax, currency).map { $0 <= lines.count } ?? false
        let isTurned = difference(total, turned.map(\.charge), tax, currency).map { $0 <= lines.count } ?? false
        if isTurned, !isWritten { charges = turned }
        for index in negative {
            try reading.revisit(charges[index].offset, bytes)
            let quoted = reading.segments.quoted(5, bytes)
            reading.note(
                "charge-sign", bytes, element: 5,
                isTurned && !isWritten
                    ? "\(quoted) is a charge written with a minus; it is added, only so the total adds up"
                    : "\(quoted) is a charge written with a minus; it is taken as written")
        }
    }

    /// TXI02 amount (R). The same tax may stand in summary, heading and lines; the first of these that has one counts.
    private func readTax(_ reading: inout Reading, _ bytes: RawSpan, _ currency: Currency) throws(ReadFailure) -> Int64? {
        for area in [Area.summary, .heading, .line] {
            var sum: Int64?
            for tax in taxes where tax.area == area {
                try reading.revisit(tax.offset, bytes)
                if reading.segments.isEmpty(2, bytes) { continue }
                guard let amount = reading.amount(2, bytes, in: currency) else { continue }
                do {
                    sum = try (sum ?? 0).plus(amount)
                } catch {
                    reading.problem(bytes, element: 2, "makes the tax too large")
                }
            }
            if let sum { return sum }
        }
        return nil
    }

    /// Notes a total that its own lines, charges and tax do not add up to. A line may be rounded by half a minor unit.
    private func compare(
        _ total: Int64, _ charges: [Charge], _ tax: Int64?, _ currency: Currency, _ reading: inout Reading, _ bytes: RawSpan
    ) {
        guard let sum = sum(charges, tax, currency), let difference = difference(total, charges, tax, currency) else { return }
        if difference > lines.count {
            let text = Int64(exactly: sum).map { Money($0, currency).description } ?? "more than an amount can be"
            reading.note(
                "total-differs", bytes, element: 1, "lines, charges and tax come to \(text), the total is \(Money(total, currency))")
        }
    }

    /// What lines, charges and tax come to; nil if the lines do not tell.
    private func sum(_ charges: [Charge], _ tax: Int64?, _ currency: Currency) -> Int128? {
        ImpliedDecimals.goods(lines, currency).map { goods in charges.reduce(goods + Int128(tax ?? 0)) { $0 + Int128($1.amount) } }
    }

    private func difference(_ total: Int64, _ charges: [Charge], _ tax: Int64?, _ currency: Currency) -> UInt128? {
        sum(charges, tax, currency).map { (Int128(total.magnitude) - Int128($0.magnitude)).magnitude }
    }

    private func impliedDecimals(
        _ reading: inout Reading, _ bytes: RawSpan, _ currency: Currency, _ tax: Int64?
    ) throws(ReadFailure) -> Int {
        guard let total, total.isImplied else { return 2 }
        return try ImpliedDecimals(currency: currency, total: total.offset, charges: charges)
            .decide(ImpliedDecimals.goods(lines, currency).map { $0 + Int128(tax ?? 0) }, &reading, bytes)
    }
}

extension Charge {
    /// SAC: 01 A allowance, C charge; 02 or 04 code; 05 amount (N2). An allowance is negative whichever sign is written; a charge is as written.
    /// - Returns: nil for what is neither, or states no amount.
    static func read(_ reading: inout Reading, _ bytes: RawSpan, _ currency: Currency, _ implied: Int) -> Charge? {
        let kind = reading.segments.code(1, bytes)
        guard kind == 0x41 || kind == 0x43 else { return nil }
        if reading.segments.isEmpty(5, bytes) {
            reading.note("charge-without-amount", bytes, element: 5, "the allowance or charge states no amount; it is left out")
            return nil
        }
        guard let amount = reading.amount(5, bytes, in: currency, implied: implied), amount != 0 else { return nil }
        if kind == 0x41, amount < 0 {
            reading.note(
                "charge-sign", bytes, element: 5,
                "\(reading.segments.quoted(5, bytes)) is an allowance written with a minus; it is subtracted, once")
        }
        let code = reading.segments.text(2, bytes).nonEmpty ?? reading.segments.text(4, bytes)
        return Charge(code: code, amount: kind == 0x41 ? -abs(amount) : amount)
    }
}
