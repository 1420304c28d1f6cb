import Trade

/// INVOIC invoice, credit and debit note, D.93A to D.03B and EANCOM (segment table D.96A:
/// https://service.unece.org/trade/untdid/d96a/trmd/invoic_s.htm).
///
///     UNH  BGM  DTM*  PAI  FTX*
///     SG1  RFF  DTM*                                order, invoice, return
///     SG2  NAD  LOC FII  SG3 [RFF DTM]  SG5 [CTA COM]
///     SG6  TAX  MOA                                 tax of the whole
///     SG7  CUX
///     SG8  PAT  DTM PCD MOA                         terms
///     SG15 ALC  SG17 [QTY] SG18 [PCD] SG19 [MOA]    allowance or charge of the whole
///     SG25 LIN  PIA* IMD* QTY* MOA* PRI RFF TAX ALC an item
///     UNS  CNT*
///     SG45 MOA                                      totals
///     SG47 TAX  MOA
///     SG48 ALC  MOA
///     UNT
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number, kind | BGM 1004, 1001 (see `DocumentCodeINVOIC`) |
/// | date | DTM 3, else 137 |
/// | po, invoice, return | RFF+ON, RFF+IV, RFF+ALQ of the heading, else of the lines; none where they differ (see `SharedReference`) |
/// | currency | CUX: type 4, else usage 2 or 1; else MOA 6345 |
/// | total | MOA 77, 39, 9, 86 or 128 behind UNS, in this order |
/// | tax | MOA 176, else Σ MOA+124 under TAX, else MOA+124, of the summary; else of the heading |
/// | charges | ALC of the heading, else of the summary, with MOA 8, 23, 204 or 131: A negative, C as written |
/// | terms | PAT, its DTM 13, 12 and PCD+12; DTM 13, 140 of the heading |
/// | lines | see `ItemReading`; QTY 47, 46, 12, 1, 21 |
/// | amends | BGM 1225: 1 cancels, 4 and 5 replace the invoice of the same number; 384 replaces the one that RFF+IV names |
///
/// A credit note is one that we grant: its total is negative, whichever sign the file writes. A pro forma invoice (325) asks for no money,
/// nor does a cancelled credit or debit note; they are kept as `other`.
struct INVOIC {
    private var number = ""
    private var code: UInt32 = 0
    private var function: UInt32 = 0
    private var invoiceDate: Day?
    private var documentDate: Day?
    private var po = SharedReference()
    private var invoice = SharedReference()
    private var returnNumber = SharedReference()
    private var currency: Currency?
    /// Named by the first MOA that names one.
    private var amountCurrency: Currency?
    private var terms = TermsINVOIC()
    private var items: [ItemReading] = []
    private var amounts: [Amount] = []
    private var charges: [(kind: UInt32, code: String, area: Area, at: Location)] = []
    private var buyer: String?
    private var supplier: String?
    private var ids = RouteIDs()
    private var area = Area.heading
    private var group = Group.none

    private enum Area { case heading, line, summary }
    /// What a MOA, RFF or DTM belongs to.
    private enum Group { case none, party, terms, tax, charge }

    /// A MOA that may be needed; it may stand before the currency is known.
    /// ALC segments so far, those of lines too: for places.
    private var allowances = 0

    private struct Amount {
        var offset: Int
        var qualifier: UInt32
        var area: Area
        var group: Group
        /// C516 6345, packed; 0 where the amount names none.
        var currency: UInt32
        var charge = 0
    }

    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var invoice = INVOIC()
        try invoice.readSegments(&reading, bytes)
        let end = reading.segments.position
        let document = try invoice.document(&reading, bytes)
        reading.segments.position = end
        guard reading.settle(into: &sink), let document else { return }
        for id in invoice.ids.all { reading.remarks.route(id, into: &sink) }
        try sink.add(document)
    }

    // MARK: Segments

    private mutating func readSegments(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) {
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            try reading.segments.split(bytes)
            switch tag {
            case MessageTag.bgm:
                code = reading.segments.code(1, 1, bytes)
                number = reading.segments.text(2, 1, bytes)
                function = reading.segments.code(3, 1, bytes)
                if number.isEmpty { reading.problem(bytes, 2, 1, "is empty; the invoice number must stand here") }
            case MessageTag.dtm where area == .heading: readDate(&reading, bytes)
            case MessageTag.rff: readReference(reading.segments, bytes)
            case MessageTag.nad:
                group = .party
                readParty(reading, bytes)
            case MessageTag.cux where area == .heading: readCurrency(&reading, bytes)
            case MessageTag.pat:
                group = .terms
                terms.open(&reading, bytes)
            case MessageTag.pcd where group == .terms: terms.readPercent(&reading, bytes)
            case MessageTag.alc:
                group = .charge
                openCharge(&reading, bytes)
            case MessageTag.tax: group = .tax
            case MessageTag.moa: readAmount(&reading, bytes)
            case MessageTag.lin:
                (area, group) = (.line, .none)
                guard items.count < Bounds.itemLines else {
                    reading.problem(
                        at: .message(MessageTag.lin, items.count + 1, message: reading.message), byte: reading.segments.start,
                        kind: .tooLarge, "the invoice has more than \(Bounds.itemLines) lines")
                    continue
                }
                items.append(ItemReading(reading, bytes, number: items.count + 1))
            case MessageTag.pia, MessageTag.imd, MessageTag.qty, MessageTag.pri:
                guard area == .line, group != .charge, let last = items.indices.last else { continue }
                // 47 invoiced, 46 delivered, 12 despatched, 1 discrete, 21 ordered
                items[last].add(&reading, bytes, quantities: [0x34_37, 0x34_36, 0x31_32, 0x31, 0x32_31])
            case MessageTag.uns: (area, group) = (.summary, .none)
            default: continue
            }
        }
    }

    private mutating func readDate(_ reading: inout MessageReading, _ bytes: RawSpan) {
        switch reading.segments.code(1, 1, bytes) {
        case 0x33: if invoiceDate == nil { invoiceDate = reading.day(bytes) }  // 3 invoice date
        case 0x31_33_37: if documentDate == nil { documentDate = reading.day(bytes) }  // 137 document date
        // 13 net due, 140 payment due, 12 discount due
        case 0x31_33, 0x31_34_30: terms.due = terms.due ?? reading.day(bytes)
        case 0x31_32: terms.discountDate = terms.discountDate ?? reading.day(bytes)
        default: return
        }
    }

    private mutating func readReference(_ segments: borrowing MessageSegments, _ bytes: RawSpan) {
        guard group != .party, area != .summary else { return }
        guard let value = segments.text(1, 2, bytes).nonEmpty else { return }
        switch segments.code(1, 1, bytes) {
        case 0x4F_4E: po.take(value, isOfLine: area == .line)  // ON
        case 0x49_56: invoice.take(value, isOfLine: area == .line)  // IV
        case 0x41_4C_51: returnNumber.take(value, isOfLine: area == .line)  // ALQ returns notice
        default: return
        }
    }

    private mutating func readParty(_ reading: borrowing MessageReading, _ bytes: RawSpan) {
        let id = reading.segments.text(2, 1, bytes).nonEmpty
        switch reading.segments.text(1, 1, bytes) {
        case "BY":
            buyer = buyer ?? id
            ids.add(id)
        case "SU", "SE":
            supplier = supplier ?? id
            ids.add(id)
        case "IV", "PE", "II", "SR": ids.add(id)
        default: return
        }
    }

    private mutating func readCurrency(_ reading: inout MessageReading, _ bytes: RawSpan) {
        guard currency == nil else { return }
        // of several, type 4 (invoicing) or usage 2 (reference) is the invoice's; the first else
        var best = 1
        if reading.segments.code(2, 3, bytes) == 0x34, reading.segments.code(1, 3, bytes) != 0x34 { best = 2 }
        currency = Currency(code: reading.segments.text(best, 2, bytes))
        if currency == nil { reading.problem(bytes, best, 2, "is not an ISO 4217 currency") }
        reading.noteSmallCurrency(best, 2, bytes)
    }

    private mutating func openCharge(_ reading: inout MessageReading, _ bytes: RawSpan) {
        allowances += 1
        guard area != .line, charges.count < Bounds.itemLines else { return }
        // 5463 A or C; C552 1230, 5189; … C214 7161
        let code = reading.segments.text(5, 1, bytes).nonEmpty ?? reading.segments.text(2, 2, bytes)
        charges.append((reading.segments.code(1, 1, bytes), code, area, .message(MessageTag.alc, allowances, message: reading.message)))
    }

    private mutating func readAmount(_ reading: inout MessageReading, _ bytes: RawSpan) {
        if area == .line && amountCurrency != nil { return }
        if amountCurrency == nil { amountCurrency = Currency(code: reading.segments.text(1, 3, bytes)) }
        guard area != .line else { return }
        guard amounts.count < Bounds.itemLines else {
            if amounts.count == Bounds.itemLines {
                reading.problem(
                    at: reading.messagePlace, byte: reading.segments.start, kind: .tooLarge,
                    "the invoice has more than \(Bounds.itemLines) charges, taxes and totals")
            }
            return
        }
        amounts.append(
            Amount(
                offset: reading.segments.start, qualifier: reading.segments.code(1, 1, bytes), area: area, group: group,
                currency: CurrencyCode.capital(reading.segments.code(1, 3, bytes)), charge: charges.count - 1))
    }

    // MARK: Document

    private func document(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) -> WholeDocument? {
        let at = reading.messagePlace
        let date = invoiceDate ?? documentDate
        let kind = DocumentCodeINVOIC.kind(code)
        let (isCredit, isDebit) = (kind == .credit, kind == .debit)
        let amends = Amendment(code: function)
        if amends == .cancellation {
            reading.note("cancelled-invoice", "BGM 1225 is 1: the sender takes this document back; it asks for no money")
        }
        if code == 0x33_32_35 {
            reading.note("pro-forma-invoice", "a pro forma invoice (BGM 325) asks for no payment; it is kept, but not booked as an invoice")
        }
        if code == 0x33_32_35 || amends == .cancellation && (isCredit || isDebit) {
            return .other(OtherDocument(typeName: EDIFACT.name + "/INVOIC", number: number, date: date, at: at))
        }
        let currency = self.currency ?? amountCurrency ?? reading.assumedCurrency()
        // what is taken back need not say again how much it was
        let hasTotal = amends != .cancellation || amounts.contains { $0.area != .line && $0.group == .none }
        guard let total = hasTotal ? try readTotal(&reading, bytes, currency) : 0 else { return nil }
        let tax = try readTax(&reading, bytes, currency)
        let charges = try readCharges(&reading, bytes, currency)
        try compare(total, tax, &reading, bytes, currency)
        let lines = items.map(\.item)
        let po = po.settled("orders (RFF+ON)", &reading)
        let invoice = invoice.settled("invoices (RFF+IV)", &reading)
        if kind == nil {
            reading.note(
                "document-code", "BGM 1001 is not a code that is known to be an invoice, credit or debit note; it is taken as an invoice")
        }
        if isCredit || isDebit || total < 0 {
            let memoTotal = self.memoTotal(total, isCredit: isCredit, isDebit: isDebit, &reading)
            return .memo(
                Memo(
                    kind: isDebit ? .debit : .credit, number: number, currency: currency, total: memoTotal, at: at, date: date,
                    invoice: invoice, po: po, returnNumber: returnNumber.settled("returns (RFF+ALQ)", &reading), lines: lines))
        }
        let isCorrected = code == 0x33_38_34
        if isCorrected {
            reading.note("corrected-invoice", "the invoice corrects \(invoice.map { "invoice \($0)" } ?? "another that it does not name")")
        }
        return .invoice(
            Invoice(
                number: number, currency: currency, total: total, at: at, date: date, po: po, terms: terms.stated(from: date, &reading),
                lines: lines, charges: charges, tax: tax, amends: amends ?? (isCorrected && invoice != nil ? .replacement : nil),
                amended: isCorrected ? invoice : nil))
    }

    /// The sign once: a credit note that we grant is negative; a debit note of ours is positive, one of the buyer's negative.
    private func memoTotal(_ total: Int64, isCredit: Bool, isDebit: Bool, _ reading: inout MessageReading) -> Int64 {
        if isDebit {
            if let buyer, reading.sender == buyer, supplier != buyer {
                reading.note("debit-note-of-buyer", "the buyer (NAD+BY) sends this debit note, so it is against us")
                return -abs(total)
            }
            return total
        }
        if !isCredit { reading.note("negative-invoice", "the total is negative; the invoice is taken as a credit memo") }
        return -abs(total)
    }

    private static func packed(_ code: String) -> UInt32 { code.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

    /// The amount of a MOA in the invoice's currency; nil and noted if it is in another.
    private func value(
        _ entry: Amount, _ reading: inout MessageReading, _ bytes: RawSpan, _ currency: Currency
    ) throws(ReadFailure) -> Int64? {
        try reading.revisit(entry.offset, bytes)
        if !reading.segments.isEmpty(1, 3, bytes), entry.currency != currency.packed {
            reading.note(
                "foreign-amount", bytes, element: 1,
                "\(reading.segments.quoted(1, 3, bytes)) is not the currency of the invoice (\(currency)); the amount is left out")
            return nil
        }
        reading.noteSmallCurrency(1, 3, bytes)
        return reading.amount(1, 2, bytes, in: currency)
    }

    private func first(_ qualifier: String, in area: Area, _ isWanted: (Amount) -> Bool = { _ in true }) -> Amount? {
        let packed = Self.packed(qualifier)
        return amounts.first { $0.qualifier == packed && $0.area == area && isWanted($0) }
    }

    private func readTotal(_ reading: inout MessageReading, _ bytes: RawSpan, _ currency: Currency) throws(ReadFailure) -> Int64? {
        for area in [Area.summary, .heading] {
            for qualifier in ["77", "39", "9", "86", "128"] {
                func isTotal(_ amount: Amount) -> Bool { area == .summary || amount.group == .none || amount.group == .party }
                // the same total may stand there in the payer's currency, too
                let own = first(qualifier, in: area) { isTotal($0) && ($0.currency == 0 || $0.currency == currency.packed) }
                guard let entry = own ?? first(qualifier, in: area, isTotal) else { continue }
                let known = reading.remarks.problems.count
                if let total = try value(entry, &reading, bytes, currency) { return total }
                if reading.remarks.problems.count > known { return nil }
            }
        }
        reading.problem(
            at: reading.messagePlace, byte: reading.start, "the INVOIC states no total (MOA 77, 39, 9, 86 or 128) in its own currency")
        return nil
    }

    private func readTax(_ reading: inout MessageReading, _ bytes: RawSpan, _ currency: Currency) throws(ReadFailure) -> Int64? {
        let own = first("176", in: .summary) { $0.currency == 0 || $0.currency == currency.packed }
        if let whole = own ?? first("176", in: .summary) { return try value(whole, &reading, bytes, currency) }
        for area in [Area.summary, .heading] {
            var sum: Int64?
            for entry in amounts where entry.qualifier == Self.packed("124") && entry.area == area && entry.group == .tax {
                guard let amount = try value(entry, &reading, bytes, currency) else { continue }
                do {
                    sum = try (sum ?? 0).plus(amount)
                } catch {
                    reading.problem(bytes, 1, 2, "makes the tax too large")
                }
            }
            if let sum { return sum }
            if area == .summary, let plain = first("124", in: .summary, { $0.group == .none }) {
                return try value(plain, &reading, bytes, currency)
            }
        }
        return nil
    }

    /// Allowances and charges of the whole invoice. The summary repeats those of the heading, by tax rate.
    private func readCharges(_ reading: inout MessageReading, _ bytes: RawSpan, _ currency: Currency) throws(ReadFailure) -> [Charge] {
        let wanted = Set(["8", "23", "204", "131"].map(Self.packed))
        var stated: [Int: Amount] = [:]
        for amount in amounts where amount.group == .charge && wanted.contains(amount.qualifier) && stated[amount.charge] == nil {
            stated[amount.charge] = amount
        }
        for area in [Area.heading, .summary] {
            var list: [Charge] = []
            for (index, charge) in charges.enumerated() where charge.area == area {
                guard charge.kind == 0x41 || charge.kind == 0x43 else { continue }
                guard let entry = stated[index] else {
                    if reading.remarks.admitNote("charge-without-amount") {
                        reading.remarks.note("charge-without-amount", charge.at, "the allowance or charge states no amount; it is left out")
                    }
                    continue
                }
                guard let amount = try value(entry, &reading, bytes, currency), amount != 0 else { continue }
                list.append(Charge(code: charge.code, amount: charge.kind == 0x41 ? -abs(amount) : amount))
            }
            if !list.isEmpty { return list }
        }
        return []
    }

    /// Notes a total that the document's own sums do not come to: MOA 79 goods, 131 charges, and the tax.
    private func compare(
        _ total: Int64, _ tax: Int64?, _ reading: inout MessageReading, _ bytes: RawSpan, _ currency: Currency
    ) throws(ReadFailure) {
        guard let tax, let goods = first("79", in: .summary) else { return }
        let plain = first("131", in: .summary) { $0.group == .none }
        guard let net = try value(goods, &reading, bytes, currency) else { return }
        let charged = try plain.map { entry throws(ReadFailure) in try value(entry, &reading, bytes, currency) ?? 0 } ?? 0
        let sum = Int128(net) + Int128(charged) + Int128(tax)
        guard sum.magnitude != Int128(total).magnitude, let stated = Int64(exactly: sum) else { return }
        reading.note(
            "total-differs",
            "goods (MOA 79), charges (131) and tax come to \(Money(stated, currency)), the total is \(Money(total, currency))")
    }
}
