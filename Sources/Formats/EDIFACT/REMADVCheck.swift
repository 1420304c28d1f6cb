import Trade

/// The first pass over a REMADV: everything that can be wrong, and the rule by which its lines add up.
struct CheckREMADV {
    var heading = HeadingREMADV()
    /// Offset of the first segment of the detail; nil if there is none.
    private(set) var detail: Int?
    var rule = REMADV.Rule()
    var footing: Int64?
    /// All is remitted with 0, and the message is one of rejection: what is due stays due, and nothing was taken.
    var isRejection = false
    /// Beside the lines: MOA 165 adjustment, 202 interest, 27E advertising behind UNS.
    var adjustments: [Adjustment] = []

    // what the footing is made of: for `REMADVCheck+Footing` alone

    /// Sums of what is remitted, and of what is only due, as written.
    var remitted = SumsREMADV()
    var due = SumsREMADV()
    var lines = 0
    var remittedLines = 0
    var unpaidLines = 0
    var dueLines: (count: Int, at: Location)?
    /// MOA of the summary, by qualifier.
    var totals: [(qualifier: UInt32, amount: Int64)] = []

    mutating func read(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) {
        let hasDetail = try readHeading(&reading, bytes)
        detail = hasDetail ? reading.segments.start : nil
        if let detail {
            reading.resume(before: detail)
            try readDetail(&reading, bytes)
        }
        foot(&reading)
    }

    // MARK: Heading

    /// - Returns: true if it ends before a DOC, false if at the end of the message.
    private mutating func readHeading(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) -> Bool {
        var dates: [(qualifier: UInt32, day: Day)] = []
        var parties: [(role: String, party: Party)] = []
        var amounts: [Int] = []
        var hasBeginning = false
        var hasCurrency = false
        var hasDetail = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            if tag == MessageTag.doc {
                hasDetail = true
                break
            }
            try reading.segments.split(bytes)
            switch tag {
            case MessageTag.bgm where !hasBeginning:
                hasBeginning = true
                heading.code = reading.segments.code(1, 1, bytes)
                heading.number = reading.segments.text(2, 1, bytes)
                heading.function = reading.segments.code(3, 1, bytes)
                if heading.number.isEmpty { reading.problem(bytes, 2, 1, "is empty; the number of the advice must stand here") }
            case MessageTag.dtm:
                let qualifier = reading.segments.code(1, 1, bytes)
                if dates.count < Bounds.idsPerSet, !dates.contains(where: { $0.qualifier == qualifier }), let day = reading.day(bytes) {
                    dates.append((qualifier, day))
                }
            case MessageTag.pai:
                heading.method = reading.segments.text(1, 3, bytes).nonEmpty ?? reading.segments.text(1, 1, bytes).nonEmpty
            case MessageTag.nad:
                let party = reading.party(bytes)
                if parties.count < Bounds.idsPerSet { parties.append((reading.segments.text(1, 1, bytes), party)) }
                heading.ids.add(party.id)
            case MessageTag.cux where !hasCurrency:
                hasCurrency = true
                readCurrency(&reading, bytes)
            case MessageTag.moa: if amounts.count < Bounds.idsPerSet { amounts.append(reading.segments.start) }
            default: continue
            }
        }
        if !hasBeginning { reading.problem(at: reading.messagePlace, byte: reading.start, "the REMADV has no BGM segment, so no number") }
        let (start, end) = (reading.segments.start, reading.segments.position)
        settleDates(dates)
        func party(_ roles: [String]) -> Party? {
            for role in roles { if let found = parties.first(where: { $0.role == role }) { return found.party } }
            return nil
        }
        heading.payer = party(["PR", "BY", "MS"])
        heading.payee = party(["PE", "SU", "MR"])
        if !hasCurrency { try findCurrency(&reading, bytes) }
        for offset in amounts {
            try reading.revisit(offset, bytes)
            readTotal(&reading, bytes)
        }
        if hasDetail {
            // the DOC is current again
            reading.segments.position = start
            _ = try reading.segments.next(bytes)
        } else {
            reading.segments.position = end
        }
        if heading.function == 0x31 { heading.status = .voided }
        return hasDetail
    }

    private mutating func settleDates(_ dates: [(qualifier: UInt32, day: Day)]) {
        for qualifier in [0x31_33_38, 0x32_30_33, 0x32_30_39, 0x31_33_37] as [UInt32] where heading.date == nil {
            heading.date = dates.first { $0.qualifier == qualifier }?.day
        }
    }

    private mutating func readCurrency(_ reading: inout MessageReading, _ bytes: RawSpan) {
        var wrong = 0
        guard let found = CurrenciesREMADV(reading, bytes, wrong: &wrong) else {
            reading.problem(bytes, wrong, 2, "is not an ISO 4217 currency")
            return
        }
        for element in 1...2 { reading.noteSmallCurrency(element, 2, bytes) }
        heading.currency = found.currency ?? .unstated
        heading.billed = found.billed ?? heading.currency
        heading.rate = found.rate
        if found.currency == nil { reading.problem(bytes, 1, 2, "is empty; a currency must stand here") }
    }

    /// Without CUX the first MOA that names a currency decides, else the account.
    private mutating func findCurrency(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) {
        reading.segments.position = reading.start
        // the body of a message without UNH begins with BGM, any other with UNH
        var isFirst = true
        search: while try reading.segments.next(bytes) {
            switch reading.segments.tag {
            case MessageTag.moa:
                try reading.segments.split(bytes)
                if let currency = Currency(code: reading.segments.text(1, 3, bytes)) {
                    (heading.currency, heading.billed) = (currency, currency)
                    return
                }
            case MessageTag.unt: break search
            case MessageTag.unh where !isFirst: break search
            default: break
            }
            isFirst = false
        }
        heading.currency = reading.assumedCurrency()
        heading.billed = heading.currency
    }

    // MARK: Detail

    private enum Loop { case line, inner, summary }

    private mutating func readDetail(_ reading: inout MessageReading, _ bytes: RawSpan) throws(ReadFailure) {
        var loop = Loop.line
        var amounts = AmountsREMADV()
        var isOpen = false
        let (currency, billed, exponent) = (heading.currency, heading.billed, heading.currency.exponent)
        while try reading.next(bytes) {
            switch reading.segments.tag {
            case MessageTag.doc:
                if isOpen { closeLine(amounts, &reading) }
                try reading.segments.split(bytes)
                isOpen = true
                loop = .line
                if let line = reading.segments.coded(bytes), line.code == REMADV.commercialInvoice, reading.segments.isTrimmed(line, bytes)
                {
                    amounts = AmountsREMADV(side: .plain)
                    continue
                }
                amounts = AmountsREMADV(side: REMADV.kind(reading.segments.code(1, 1, bytes)).side)
                if reading.segments.isEmpty(2, 1, bytes) {
                    reading.note("missing-reference", bytes, element: 2, "the line names no document")
                }
            case MessageTag.moa:
                if loop == .inner { continue }
                try reading.segments.split(bytes)
                if loop == .summary {
                    readTotal(&reading, bytes)
                } else if let text = Self.read(&amounts, &reading.segments, bytes, currency, billed, exponent: exponent) {
                    refuse(text, &reading, bytes)
                }
            case MessageTag.cux where loop == .line:
                try reading.segments.split(bytes)
                readRate(&amounts, &reading, bytes)
            case MessageTag.ajt, MessageTag.inp, MessageTag.dli, MessageTag.tax: if loop == .line { loop = .inner }
            case MessageTag.uns: loop = .summary
            default: continue
            }
        }
        if isOpen { closeLine(amounts, &reading) }
    }

    /// What a MOA under DOC adds to the line.
    enum Refusal {
        case amount(AmountText)
        case currency, twice, foreign, smallLetters
    }

    /// MOA: C516 5025 qualifier, 5004 amount, 6345 currency. EANCOM: 12 is in the payment's currency, the others in the bill's.
    @inline(__always)
    static func read(
        _ amounts: inout AmountsREMADV, _ segments: inout MessageSegments, _ bytes: RawSpan, _ currency: Currency, _ billed: Currency,
        exponent: Int
    ) -> Refusal? {
        if exponent == 2, readPlainly(&amounts, &segments, bytes, currency, billed) { return nil }
        return readOddly(&amounts, &segments, bytes, currency, billed, exponent: exponent)
    }

    /// Nearly all MOA: written in the usual form, in the currency of the payment, the first of its qualifier.
    /// - Returns: false for any other, of which nothing has been read.
    @inline(__always)
    private static func readPlainly(
        _ amounts: inout AmountsREMADV, _ segments: inout MessageSegments, _ bytes: RawSpan, _ currency: Currency, _ billed: Currency
    ) -> Bool {
        guard let pair = segments.pair(bytes), let amount = AmountText.plain(bytes, pair.start, pair.end, comma: true) else { return false }
        if pair.hasMore {
            guard segments.third(pair, bytes) == currency.packed else { return false }
        } else {
            guard pair.code == 0x31_32 || billed == currency else { return false }
        }
        switch pair.code {
        case 0x31_32 where amounts.remitted == nil: amounts.remitted = amount
        case 0x39 where amounts.due == nil: amounts.due = amount
        case 0x35_32 where amounts.discount == nil: amounts.discount = amount
        default: return false
        }
        return true
    }

    @inline(never)
    private static func readOddly(
        _ amounts: inout AmountsREMADV, _ segments: inout MessageSegments, _ bytes: RawSpan, _ currency: Currency, _ billed: Currency,
        exponent: Int
    ) -> Refusal? {
        let qualifier = segments.code(1, 1, bytes)
        guard qualifier == 0x31_32 || qualifier == 0x39 || qualifier == 0x35_32 else { return nil }
        let code = segments.code(1, 3, bytes)
        let stated = code == 0 ? (qualifier == 0x31_32 ? currency : billed) : Currency(packed: CurrencyCode.capital(code))
        if stated != currency {
            if qualifier == 0x31_32 { return .currency }
            amounts.isForeign = true
            // what is foreign is told in words, but must still be an amount
            if case .value = segments.amount(1, 2, bytes, exponent: stated == currency ? exponent : stated.exponent) { return .foreign }
        }
        let text = segments.amount(1, 2, bytes, exponent: stated == currency ? exponent : stated.exponent)
        guard case .value(let amount) = text else { return .amount(text) }
        switch qualifier {
        case 0x31_32:
            if amounts.remitted != nil { return .twice }
            amounts.remitted = amount
        case 0x39:
            if amounts.due != nil { return .twice }
            amounts.due = amount
        default:
            if amounts.discount != nil { return .twice }
            amounts.discount = amount
        }
        // last: the amount is read
        return CurrencyCode.isSmall(code) ? .smallLetters : nil
    }

    private func refuse(_ refusal: Refusal, _ reading: inout MessageReading, _ bytes: RawSpan) {
        switch refusal {
        case .amount(let text): reading.refuse(text, 1, 2, bytes, heading.currency)
        case .currency:
            reading.problem(bytes, 1, 3, "is not the currency of the payment (\(heading.currency)), so the amount remitted is unknown")
        case .smallLetters: reading.noteSmallCurrency(1, 3, bytes)
        case .twice: reading.problem(bytes, 1, 1, "stands a second time in one line, so its amount is unknown")
        case .foreign:
            reading.note(
                "foreign-amount", bytes, element: 1,
                "the amount due is not in the currency of the payment (\(heading.currency)); it is told in the line's text")
        }
    }

    /// A CUX under DOC names the line's own currency and rate.
    private func readRate(_ amounts: inout AmountsREMADV, _ reading: inout MessageReading, _ bytes: RawSpan) {
        var wrong = 0
        guard let found = CurrenciesREMADV(reading, bytes, wrong: &wrong) else {
            reading.problem(bytes, wrong, 2, "is not an ISO 4217 currency")
            return
        }
        if let own = found.currency, own != heading.currency, found.billed == own {
            amounts.isForeign = true
        } else if let billed = found.billed, billed != heading.currency {
            amounts.isForeign = true
        }
    }

    private mutating func closeLine(_ amounts: AmountsREMADV, _ reading: inout MessageReading) {
        lines += 1
        if let amount = amounts.remitted {
            remitted.add(amount, amounts.side)
            remittedLines += 1
            if amount == 0 { unpaidLines += 1 }
            return
        }
        let at = Location.message(MessageTag.doc, lines, message: reading.message)
        if let expected = amounts.expected, !amounts.isForeign {
            due.add(expected, amounts.side)
            dueLines = ((dueLines?.count ?? 0) + 1, dueLines?.at ?? at)
        } else if reading.remarks.admitNote("amount-missing") {
            reading.remarks.note("amount-missing", at, "the line states no amount remitted (MOA+12); it counts as not paid")
        }
    }

    // MARK: Summary

    private mutating func readTotal(_ reading: inout MessageReading, _ bytes: RawSpan) {
        let qualifier = reading.segments.code(1, 1, bytes)
        switch qualifier {
        // 12 remitted, 11 paid, 86 and 128 total, 9 due, 39 and 77 invoices; 165 adjustment, 202 interest, 27E advertising
        case 0x31_32, 0x31_31, 0x38_36, 0x31_32_38, 0x39, 0x33_39, 0x37_37, 0x31_36_35, 0x32_30_32, 0x32_37_45: break
        default: return
        }
        let code = reading.segments.code(1, 3, bytes)
        if code != 0, Currency(packed: CurrencyCode.capital(code)) != heading.currency {
            reading.note(
                "foreign-amount", bytes, element: 1, "the total is not in the currency of the payment (\(heading.currency)); it is left out"
            )
            return
        }
        reading.noteSmallCurrency(1, 3, bytes)
        guard let amount = reading.amount(1, 2, bytes, in: heading.currency) else { return }
        if totals.contains(where: { $0.qualifier == qualifier }) {
            reading.problem(bytes, 1, 1, "stands a second time in the summary, so the total is unknown")
            return
        }
        totals.append((qualifier, amount))
    }

    func total(_ qualifier: UInt32) -> Int64? { totals.first { $0.qualifier == qualifier }?.amount }
}
