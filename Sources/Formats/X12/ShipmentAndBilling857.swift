import Trade

/// 857 Shipment and Billing Notice, releases 003030 to 005010 (https://stedi.com/edi/x12-004010/857): ship notice and invoice in one.
///
///     ST  BHT
///     HL S   G05 TD1* TD3* TD4* TD5* FOB DTM* N9* PER* CUR  N1 loop
///     HL O   TDS PRF N9* DTM* ITD* TXI* SN1 ISS ITA* SAC*  N1 loop
///     HL T   PAL SN1 MAN*        HL P   LX N9* SN1 PO4 MEA PKG MAN*
///     HL I   IT1 IT3 PO4 TXI* CTP* N9* MEA DTM* ITD ITA* PID* SLN SAC*
///     SE
///
/// It gives a shipment, read as in an 856 with N9 for REF and IT1 for LIN and SN1 (IT301 the quantity shipped, else IT102), and an invoice
/// for each level that bills, which is one with a TDS:
///
/// | field of an invoice | from |
/// |---|---|
/// | number | N9*IV of the level; if only one level bills, else N9*IV of any level, else BHT03 |
/// | date | DTM*003 of the level, else BHT04 |
/// | po | the level's order |
/// | currency | CUR02 |
/// | total | TDS01 (N2; with a point it is not scaled) |
/// | terms, tax, charges | ITD; TXI02; SAC of the level and its items (05, N2) |
/// | lines | IT1 of the level and below: 01 line, 02 quantity, 03 unit, 04 price, 06 and on the item; PID05 the text |
///
/// ITA, the allowance segment of releases before 003040, does not say plainly what of it is in the total: it is noted and not read. A set
/// in which no level bills is a shipment alone.
struct ShipmentAndBilling857 {
    private var notice = ShipNoticeReading()
    private var currency: Currency?
    private var bills: [Bill] = []
    /// N9*IV by level, for the bill there or above.
    private var invoiceNumbers: [Int: String] = [:]
    private var anyInvoice = StatedOnce<String>()
    /// IT1 and SAC segments with their levels.
    private var lines: [(item: ItemLine, level: Int)] = []
    private var charges: [(offset: Int, level: Int)] = []
    private var taxes: [(offset: Int, level: Int)] = []

    /// A level with a TDS.
    private struct Bill {
        var level: Int
        var total: Int
        var date: Day?
        var terms = Terms810()
    }

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var set = ShipmentAndBilling857()
        var hasBeginning = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case Tag.bht:
                try reading.segments.split(bytes)
                hasBeginning = true
                set.notice.number = reading.documentNumber(3, bytes, "shipment number")
                set.notice.date = reading.day(4, bytes)
                set.notice.purpose = reading.segments.text(2, bytes)
            case Tag.hl, Tag.td5, Tag.dtm, Tag.n9, Tag.ref, Tag.cur, Tag.n1, Tag.tds, Tag.prf, Tag.itd, Tag.it1, Tag.it3, Tag.pid, Tag.po4,
                Tag.sn1,
                Tag.sac, Tag.txi, Tag.ita:
                try reading.segments.split(bytes)
                set.read(tag, &reading, bytes)
            default: continue
            }
        }
        if !hasBeginning { reading.missing("BHT", "shipment number") }
        let end = reading.segments.position
        let documents = try set.documents(&reading, bytes)
        reading.segments.position = end
        guard reading.settle(into: &sink) else { return }
        set.notice.parties.route(&reading, into: &sink)
        for document in documents { try sink.add(document) }
    }

    private mutating func read(_ tag: UInt32, _ reading: inout Reading, _ bytes: RawSpan) {
        if tag == Tag.dtm { return readDay(&reading, bytes) }
        notice.read(tag, &reading, bytes)
        switch tag {
        case Tag.cur where notice.levels.code != HierarchicalLevels.item: currency = reading.currency(currency, bytes)
        case Tag.n9, Tag.ref: readInvoiceNumber(reading.segments, bytes)
        case Tag.tds:
            guard let level = notice.levels.current, bills.last?.level != level, reading.admitLine(bills.count) else { return }
            bills.append(Bill(level: level, total: reading.segments.start))
        case Tag.itd:
            if let last = bills.indices.last, bills[last].level == notice.levels.current { bills[last].terms.add(&reading, bytes) }
        case Tag.it1: readItem(&reading, bytes)
        case Tag.it3:
            // IT301 units shipped, 02 unit: of the item above
            if let shipped = reading.quantity(1, bytes) { notice.shipped(shipped, reading.unit(2, bytes)) }
        case Tag.pid:
            if let last = lines.indices.last, lines[last].level == notice.levels.current, lines[last].item.text == nil {
                lines[last].item.text = reading.segments.text(5, bytes).nonEmpty
            }
        case Tag.po4:
            if let last = lines.indices.last, lines[last].level == notice.levels.current, lines[last].item.pack == nil {
                lines[last].item.pack = CasePack.read(reading.segments, bytes)
            }
        case Tag.sac:
            if let level = notice.levels.current, reading.admitLine(charges.count) { charges.append((reading.segments.start, level)) }
        case Tag.txi:
            if let level = notice.levels.current, reading.admitLine(taxes.count) { taxes.append((reading.segments.start, level)) }
        case Tag.ita:
            reading.note("unread-charge", bytes, "an allowance or charge (ITA) is not read; the total is as TDS states it")
        default: return
        }
    }

    private mutating func readDay(_ reading: inout Reading, _ bytes: RawSpan) {
        guard notice.levels.code != HierarchicalLevels.item else { return }
        let day = notice.readDay(&reading, bytes)
        // 003 invoice
        if reading.segments.text(1, bytes) == "003", let last = bills.indices.last, bills[last].level == notice.levels.current {
            bills[last].date = bills[last].date ?? day
        }
    }

    private mutating func readInvoiceNumber(_ segments: borrowing Segments, _ bytes: RawSpan) {
        guard segments.code(1, bytes) == 0x49_56, let text = segments.text(2, bytes).nonEmpty else { return }  // IV
        anyInvoice.state(text)
        if let level = notice.levels.current, invoiceNumbers[level] == nil { invoiceNumbers[level] = text }
    }

    private mutating func readItem(_ reading: inout Reading, _ bytes: RawSpan) {
        guard let level = notice.levels.current, reading.admitLine(lines.count) else { return }
        var item = ItemLine(at: .segment(Tag.it1, lines.count + 1, set: reading.set))
        item.line = reading.segments.text(1, bytes).nonEmpty
        item.quantity = reading.quantity(2, bytes)
        item.unit = reading.unit(3, bytes)
        item.unitPrice = UnitPrice.read(4, unit: item.unit, &reading, bytes)
        item.item = ItemNumber.read(reading.segments, bytes, from: 6)
        ItemNumber.readOthers(reading.segments, bytes, from: 6, into: &item)
        lines.append((item, level))
        item.unitPrice = nil
        notice.name(item, &reading)
    }

    // MARK: Documents

    private func documents(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) -> [WholeDocument] {
        guard var shipment = notice.shipment(&reading) else { return [notice.document(&reading)] }
        guard !bills.isEmpty else {
            if !lines.isEmpty {
                reading.note("no-billing", shipment.at, "no level states a total (TDS); the notice is read as a shipment alone")
            }
            return [.shipment(shipment)]
        }
        let invoices = try self.invoices(&reading, bytes)
        if invoices.count == 1, case .invoice(let invoice) = invoices[0] { shipment.invoice = shipment.invoice ?? invoice.number }
        return [.shipment(shipment)] + invoices
    }

    private func invoices(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) -> [WholeDocument] {
        let currency = self.currency ?? reading.assumedCurrency()
        let byLevel = Dictionary(bills.enumerated().map { ($1.level, $0) }) { first, _ in first }
        var invoices: [Invoice] = []
        let parts = try parts(byLevel, currency, &reading, bytes)
        for (index, bill) in bills.enumerated() {
            try reading.revisit(bill.total, bytes)
            var number = invoiceNumbers[bill.level]
            if bills.count == 1 { number = number ?? anyInvoice.value ?? notice.number }
            guard let number else {
                reading.problem(
                    at: .segment(Tag.tds, index + 1, set: reading.set), byte: bill.total,
                    "the level bills without an invoice number (N9*IV), and there are \(bills.count) that bill")
                continue
            }
            let part = parts[index]
            let goods = ImpliedDecimals.goods(part.lines, currency).map { $0 + Int128(part.tax ?? 0) }
            let implied = try ImpliedDecimals(currency: currency, total: bill.total, charges: part.charges).decide(goods, &reading, bytes)
            try reading.revisit(bill.total, bytes)
            guard let total = reading.amount(1, bytes, in: currency, implied: implied) else { continue }
            guard total >= 0 else {
                reading.problem(bytes, element: 1, "is negative; a shipment cannot be billed for less than nothing")
                continue
            }
            var invoice = Invoice(
                number: number, currency: currency, total: total, at: .segment(Tag.tds, index + 1, set: reading.set),
                date: bill.date ?? notice.date, po: notice.levels.order(of: bill.level), terms: bill.terms.stated, lines: part.lines,
                tax: part.tax)
            for offset in part.charges {
                try reading.revisit(offset, bytes)
                if let charge = readCharge(&reading, bytes, currency, implied) { invoice.charges.append(charge) }
            }
            invoices.append(invoice)
        }
        return invoices.map { .invoice($0) }
    }

    /// What stands at a level that bills and below it.
    private struct Part {
        var lines: [ItemLine] = []
        var charges: [Int] = []
        var tax: Int64?
    }

    /// For each of the bills.
    private func parts(
        _ byLevel: [Int: Int], _ currency: Currency, _ reading: inout Reading, _ bytes: RawSpan
    ) throws(ReadFailure) -> [Part] {
        var parts = [Part](repeating: Part(), count: bills.count)
        for line in lines {
            guard let bill = self.bill(of: line.level, byLevel) else {
                reading.note("unbilled-item", line.item.at, "the item stands below no level that bills; it is on no invoice")
                continue
            }
            parts[bill].lines.append(line.item)
        }
        for charge in charges {
            if let bill = self.bill(of: charge.level, byLevel) { parts[bill].charges.append(charge.offset) }
        }
        for tax in taxes {
            guard let bill = self.bill(of: tax.level, byLevel) else { continue }
            try reading.revisit(tax.offset, bytes)
            if reading.segments.isEmpty(2, bytes) { continue }
            // the same tax may stand with the total and again with the items
            if tax.level != bills[bill].level, parts[bill].tax != nil { continue }
            guard let amount = reading.amount(2, bytes, in: currency) else { continue }
            do {
                parts[bill].tax = try (parts[bill].tax ?? 0).plus(amount)
            } catch {
                reading.problem(bytes, element: 2, "makes the tax too large")
            }
        }
        return parts
    }

    /// The bill at or above a level; if only one level bills, that one.
    private func bill(of level: Int, _ byLevel: [Int: Int]) -> Int? {
        notice.levels.first(from: level) { byLevel[$0] != nil }.flatMap { byLevel[$0] } ?? (bills.count == 1 ? 0 : nil)
    }

    /// A charge written with a minus is taken as written.
    private func readCharge(_ reading: inout Reading, _ bytes: RawSpan, _ currency: Currency, _ implied: Int) -> Charge? {
        let charge = Charge.read(&reading, bytes, currency, implied)
        if let charge, charge.amount < 0, reading.segments.code(1, bytes) == 0x43 {
            reading.note(
                "charge-sign", bytes, element: 5,
                "\(reading.segments.quoted(5, bytes)) is a charge written with a minus; it is taken as written")
        }
        return charge
    }
}
