import Trade

/// The first pass over an 820: everything that can be wrong, and the rule by which its adjustments add up.
struct Check820 {
    var heading = Heading820()
    /// Offset of the first segment after the heading; nil if that is SE.
    private(set) var detail: Int?
    var rule = AdjustmentRule(sign: 1)
    var footing: Int64?

    private var sums = Sums820()
    /// The current line, if it is in the payment's currency, and Σ of its ADX01.
    private var line: RemittanceAdvice820.Amounts?
    private var lineAdjustments: Int64 = 0
    private var repeats: (count: Int, at: Location)?
    private var documentAdjustments = 0
    private var exponent = 2
    /// Set if a CUR inside the loops names another currency; then lines are read by their own.
    private(set) var currencies: LineCurrencies?
    private var isForeign = false
    /// Lines in another currency than the payment's: they are in no sum.
    private var foreign: [(currency: Currency, count: Int, sum: Int128)] = []
    /// Of the current line.
    private var lineCurrency = Currency.unstated

    private enum Loop { case entity, line, lineAdjustment, documentAdjustment }

    mutating func read(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        let hasDetail = try readHeading(&reading, bytes)
        detail = hasDetail ? reading.segments.start : nil
        let end = reading.segments.position
        try settleHeading(&reading, bytes)
        if let detail {
            reading.resume(before: detail)
            let mark = reading.mark()
            let empty = self
            try readDetail(&reading, bytes)
            if isForeign {
                // amounts are read by the decimals of their own currency: from the first one, once more
                reading.goBack(to: mark)
                self = empty
                currencies = LineCurrencies(own: heading.currency ?? .unstated)
                try readDetail(&reading, bytes)
            }
        } else {
            reading.segments.position = end
        }
        foot(&reading)
    }

    // MARK: Heading

    /// - Returns: true if it ends before a segment of the detail, false if before SE.
    private mutating func readHeading(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) -> Bool {
        var references: [(qualifier: UInt32, value: String)] = []
        var dates: [(qualifier: UInt32, day: Day)] = []
        var isParty = false
        var hasDetail = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            if tag == Tag.ent || tag == Tag.rmr || tag == Tag.adx {
                hasDetail = true
                break
            }
            try reading.segments.split(bytes)
            switch tag {
            case Tag.bpr: heading.bpr = heading.bpr ?? reading.segments.start
            case Tag.trn: heading.number = heading.number ?? reading.segments.text(2, bytes).nonEmpty
            case Tag.cur: readCurrency(&reading, bytes)
            case Tag.n1:
                isParty = true
                readParty(reading.segments, bytes)
            case Tag.ref:
                let value = reading.segments.text(2, bytes)
                let qualifier = reading.segments.code(1, bytes)
                // VR vendor, IA internal vendor number
                if qualifier == 0x56_52 || qualifier == 0x49_41 { heading.route(value) }
                if !isParty, !value.isEmpty, !references.contains(where: { $0.qualifier == qualifier }) {
                    references.append((qualifier, value))
                }
            case Tag.dtm:
                let qualifier = reading.segments.code(1, bytes)
                if !isParty, !dates.contains(where: { $0.qualifier == qualifier }), let day = reading.day(2, bytes) {
                    dates.append((qualifier, day))
                }
            default: continue
            }
        }
        settleNumber(&reading, references)
        for qualifier in [0x30_32_30, 0x30_39_37, 0x30_30_37, 0x30_30_39, 0x30_35_30] as [UInt32] where heading.date == nil {
            heading.date = dates.first { $0.qualifier == qualifier }?.day
        }
        return hasDetail
    }

    private mutating func readCurrency(_ reading: inout Reading, _ bytes: RawSpan) {
        guard heading.currency == nil else { return }
        guard let currency = Currency(code: reading.segments.text(2, bytes)) else {
            reading.problem(bytes, element: 2, "is not an ISO 4217 currency")
            return
        }
        heading.currency = currency
        if !reading.segments.isEmpty(3, bytes) {
            heading.rate = reading.segments.decimal(3, bytes)
            if heading.rate == nil { reading.problem(bytes, element: 3, "is not an exchange rate") }
        }
    }

    private mutating func readParty(_ segments: borrowing Segments, _ bytes: RawSpan) {
        let party = Party(name: segments.text(2, bytes).nonEmpty, id: segments.text(4, bytes).nonEmpty)
        switch segments.code(1, bytes) {
        case 0x50_52: heading.payer = heading.payer ?? party  // PR
        case 0x50_45: heading.payee = heading.payee ?? party  // PE
        default: return
        }
        if let id = party.id { heading.route(id) }
    }

    /// TRN02 is the number by which payment and advice are brought together; without it the check number or what else
    /// identifies the payment for its payee.
    private mutating func settleNumber(_ reading: inout Reading, _ references: [(qualifier: UInt32, value: String)]) {
        guard heading.number == nil else { return }
        let place = Location.segment(Tag.st, 1, set: reading.set)
        for qualifier in [0x43_4B, 0x45_46, 0x54_4E, 0x42_4D] as [UInt32] {  // CK EF TN BM
            guard let found = references.first(where: { $0.qualifier == qualifier }) else { continue }
            heading.number = found.value
            if qualifier != 0x43_4B {
                reading.note("number-assumed", place, "no TRN segment; \(found.value) of the heading's REF segments is taken as the number")
            }
            return
        }
        heading.number = reading.control
        reading.note("number-assumed", place, "no TRN segment; the control number \(reading.control) is taken as the number")
    }

    /// BPR is read last: its amount needs the currency, which stands behind it.
    private mutating func settleHeading(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        let currency = heading.currency ?? reading.assumedCurrency()
        heading.currency = currency
        exponent = currency.exponent
        guard let bpr = heading.bpr else {
            reading.problem(
                at: .segment(Tag.st, 1, set: reading.set), byte: reading.start, "the 820 has no BPR segment, so no total; it is not read")
            return
        }
        try reading.revisit(bpr, bytes)
        heading.method = reading.segments.text(4, bytes).nonEmpty
        heading.total = reading.amount(2, bytes, in: currency)
        if reading.segments.code(3, bytes) == 0x44, let total = heading.total, total > 0 {
            heading.total = -total
            heading.debit = reading.place(bytes, element: 3)
        }
        if !reading.segments.isEmpty(16, bytes) {
            heading.date = reading.day(16, bytes) ?? heading.date
        } else if reading.segments.elementCount == 15, let day = reading.segments.day(15, bytes) {
            heading.date = day
            reading.note("shifted-date", bytes, element: 15, "the effective date stands in BPR15 instead of BPR16")
        }
    }

    // MARK: Detail

    private mutating func readDetail(_ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) {
        var loop = Loop.entity
        /// RMR04 of the current line, and the most that it can come to with its adjustments, by either sign.
        var paid: Int64 = 0
        var net: Int64 = 0
        while try reading.next(bytes) {
            switch reading.segments.tag {
            case Tag.rmr:
                if let currencies { try enterLine(currencies.line(reading.segments, bytes)) }
                loop = .line
                closeLine()
                if exponent == 2, currencies == nil, let plain = reading.segments.plainLine(bytes), take(plain) {
                    paid = plain.net
                } else {
                    try reading.segments.split(bytes)
                    paid = readLine(&reading, bytes)
                }
                net = abs(paid)
            case Tag.adx:
                try reading.segments.split(bytes)
                loop = loop == .line || loop == .lineAdjustment ? .lineAdjustment : .documentAdjustment
                readAdjustment(&reading, bytes, ofLine: loop == .lineAdjustment, paid: paid, net: &net)
            case Tag.ent:
                loop = .entity
                currencies?.openEntity()
            case Tag.ref where loop == .entity:
                try reading.segments.split(bytes)
                noteUnpriced(&reading, bytes)
            case Tag.cur:
                try reading.segments.split(bytes)
                readCurrency(in: loop, &reading, bytes)
                if isForeign { return }
            default: continue
            }
        }
        closeLine()
    }

    private mutating func closeLine() {
        if lineAdjustments != 0, let line, RemittanceAdvice820.explanation(of: line, by: lineAdjustments) != 0 {
            sums.explained += Int128(lineAdjustments)
        }
        line = nil
        lineAdjustments = 0
    }

    private mutating func enterLine(_ currency: Currency) {
        lineCurrency = currency
        exponent = currency.exponent
    }

    /// A CUR inside the loops.
    private mutating func readCurrency(in loop: Loop, _ reading: inout Reading, _ bytes: RawSpan) {
        guard let currency = Currency(code: reading.segments.text(2, bytes)) else {
            reading.problem(bytes, element: 2, "is not an ISO 4217 currency")
            return
        }
        guard currencies != nil else {
            isForeign = currency != heading.currency
            return
        }
        switch loop {
        case .entity: currencies?.take(entity: currency)
        case .line: return
        case .lineAdjustment, .documentAdjustment:
            if currency != lineCurrency {
                reading.problem(bytes, element: 2, "stands behind an adjustment: nobody knows in which currency that is")
            }
        }
    }

    /// - Returns: false for a line in the payment's currency.
    private mutating func addForeign(_ net: Int64, count: Int) -> Bool {
        guard currencies != nil, lineCurrency != heading.currency else { return false }
        if let index = foreign.firstIndex(where: { $0.currency == lineCurrency }) {
            foreign[index].count += count
            foreign[index].sum += Int128(net)
        } else {
            foreign.append((lineCurrency, count, Int128(net)))
        }
        return true
    }

    /// Nearly all lines: there is nothing to say about one in its usual form.
    /// - Returns: false for a credit memo, or if the sum is too large; nothing was taken then.
    @inline(__always)
    private mutating func take(_ plain: Segments.PlainLine) -> Bool {
        guard !RemittanceAdvice820.isPositiveCredit(plain.net, plain.code), let sum = try? sums.lines.plus(plain.net) else { return false }
        sums.lines = sum
        line = RemittanceAdvice820.Amounts(plain)
        return true
    }

    private mutating func readLine(_ reading: inout Reading, _ bytes: RawSpan) -> Int64 {
        var wrong = 0
        guard let amounts = RemittanceAdvice820.amounts(&reading.segments, bytes, exponent: exponent, wrong: &wrong) else {
            let text = reading.segments.amount(wrong, bytes, exponent: exponent)
            reading.refuse(text, wrong, bytes, currencies == nil ? heading.currency ?? .unstated : lineCurrency)
            return 0
        }
        if currencies == nil || !addForeign(amounts.net, count: 1) {
            do {
                sums.lines = try sums.lines.plus(amounts.net)
            } catch {
                reading.problem(bytes, element: 4, "makes the sum of the lines too large")
            }
            if RemittanceAdvice820.isPositiveCredit(amounts.net, reading.segments.code(1, bytes)) {
                sums.credits += Int128(amounts.net)
            } else {
                line = amounts
            }
        }
        if amounts.isDerived {
            reading.note("net-derived", bytes, element: 4, "RMR04 is empty; RMR05 less RMR06 is taken as the amount paid")
        }
        if amounts.isUnclear {
            reading.note(
                "adjustment-unclear", bytes, element: 8,
                "\(reading.segments.quoted(8, bytes)) does not lead from RMR05 to RMR04; it is left out of the line's adjustments")
        }
        if amounts.isTurned {
            reading.note("gross-sign", bytes, element: 5, "RMR05 is written without the sign of RMR04; it is taken as negative")
        }
        if amounts.isDiscountTurned {
            reading.note("discount-sign", bytes, element: 6, "RMR06 is written with the other sign than RMR05; it is taken as a discount")
        }
        if reading.segments.isEmpty(2, bytes) {
            reading.note("missing-reference", bytes, element: 2, "the line names no reference")
        }
        return amounts.net
    }

    private mutating func readAdjustment(
        _ reading: inout Reading, _ bytes: RawSpan, ofLine: Bool, paid: Int64, net: inout Int64
    ) {
        let currency = currencies.map { ofLine ? lineCurrency : $0.beside } ?? heading.currency ?? .unstated
        guard let amount = reading.amount(1, bytes, in: currency) else { return }
        if currencies != nil, currency != heading.currency {
            if ofLine {
                if (try? net.plus(abs(amount))) == nil { reading.problem(bytes, element: 1, "makes the line too large") }
                _ = addForeign(amount, count: 0)
            } else {
                reading.problem(bytes, element: 1, "adjusts the payment in \(currency), another currency than its own")
            }
            return
        }
        do {
            if ofLine, RemittanceAdvice820.repeats(amount, reading.segments.code(2, bytes), of: paid) {
                sums.repeated = try sums.repeated.plus(amount)
                repeats = (repeats.map { $0.count } ?? 0, repeats?.at ?? reading.place(bytes))
                repeats?.count += 1
                return
            }
            sums.adjustments = try sums.adjustments.plus(amount)
            if ofLine {
                // by either sign the line's net must stay in range
                net = try net.plus(abs(amount))
                lineAdjustments += amount
            } else {
                documentAdjustments += 1
                if documentAdjustments == Bounds.documentAdjustments + 1 {
                    reading.problem(
                        at: reading.place(bytes), byte: reading.segments.start, kind: .tooLarge,
                        "the payment has more than \(Bounds.documentAdjustments) adjustments beside its lines")
                }
            }
        } catch {
            reading.problem(bytes, element: 1, "makes the sum of the adjustments too large")
        }
    }

    /// A credit or debit memo named under ENT by REF alone (CM, DB, CL, DL): its amount, if it was deducted, is in no line.
    private func noteUnpriced(_ reading: inout Reading, _ bytes: RawSpan) {
        switch reading.segments.code(1, bytes) {
        case 0x43_4D, 0x44_42, 0x43_4C, 0x44_4C:
            reading.note(
                "reference-without-amount", bytes, element: 2,
                "\(reading.segments.quoted(2, bytes)) is named without an amount; it is in no line")
        default: return
        }
    }

    // MARK: Footing

    private mutating func foot(_ reading: inout Reading) {
        guard let total = heading.total else { return }
        let version = reading.version.prefix(6)
        let own: Int64 = version.utf8.count == 6 && version.allSatisfy(\.isNumber) && version < "003050" ? -1 : 1
        let place = Location.segment(Tag.st, 1, set: reading.set)
        rule = AdjustmentRule(sign: own)
        if !foreign.isEmpty {
            footing = nil
            heading.noteDebit(&reading, isWritten: false)
            let sums = foreign.map { "\($0.count) in \($0.currency)" }.joined(separator: ", ")
            reading.note(
                "foreign-lines", place, "lines are in another currency than the payment (\(sums)); whether it adds up cannot be checked")
            return
        }
        var isWritten = false
        if let found = sums.rule(own, total) {
            rule = found
            footing = 0
        } else if heading.debit != nil, let found = sums.rule(own, -total) {
            rule = found
            footing = 0
            heading.total = -total
            isWritten = true
        } else {
            let closest = sums.closest(own, total)
            (rule, footing) = (closest.rule, closest.difference)
        }
        heading.noteDebit(&reading, isWritten: isWritten)
        if rule.sign != own {
            let effect = own > 0 ? "reduces" : "increases"
            let reason = footing == 0 ? "only so it foots" : "it does not foot, and so it is off by least"
            reading.note(
                "adx-sign-inverted", place, "a positive ADX01 \(effect) this payment, against release \(reading.version); \(reason)")
        }
        if let repeats, !rule.countsRepeats {
            reading.note(
                "adjustment-repeats-line", repeats.at,
                "\(repeats.count) ADX segments repeat the amount of their RMR (reason 52 or 53); they are not counted again")
        }
        if rule.explainsLines {
            reading.note(
                "adjustment-explains-line", place,
                "ADX segments lead from RMR05 less RMR06 to RMR04: they are in the amount paid already; only so the payment foots")
        }
        if rule.turnsCredits {
            reading.note("credit-sign", place, "credit memos are written positive and taken as negative; only so the payment foots")
        }
    }
}
