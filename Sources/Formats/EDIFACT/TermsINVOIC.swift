import Trade

/// PAT: 4279 type, C110, C112 (2475 reference, 2009 relation, 2151 period, 2152 number), with PCD+12 and DTM under it.
struct TermsINVOIC {
    var due: Day?
    var discountDate: Day?
    private var terms = PaymentTerms()
    /// Months after the invoice date; days cannot express them.
    private var months: Int?
    private var isDiscount = false

    mutating func open(_ reading: inout MessageReading, _ bytes: RawSpan) {
        // 22 discount; 1 basic, 3 fixed date, 7 extended and others say when all is due
        isDiscount = reading.segments.code(1, 1, bytes) == 0x32_32
        guard !reading.segments.isEmpty(3, 4, bytes) else { return }
        guard let number = reading.segments.count(3, 4, bytes), number <= 3650 else {
            reading.note("odd-terms", bytes, element: 3, "\(reading.segments.quoted(3, 4, bytes)) is not a number of days")
            return
        }
        switch reading.segments.code(3, 3, bytes) {
        case 0x44, 0x43_44: set(days: number)  // D, CD
        case 0x57: set(days: 7 * number)  // W
        case 0x4D where !isDiscount && number <= 120: months = months ?? number  // M
        default:
            reading.note("odd-terms", bytes, element: 3, "period \(reading.segments.quoted(3, 3, bytes)) is not one that is read")
            return
        }
        guard terms.basis == nil, !isDiscount || terms.netDays == nil else { return }
        switch reading.segments.code(3, 1, bytes) {
        case 0x35, 0x37: terms.basis = .invoiceDate  // 5 date of invoice, 7 of present document
        case 0x32_31, 0x32_32: terms.basis = .receipt  // 21, 22 goods received by buyer, its agent
        case 0x32_33, 0x32_34, 0x32_35: terms.basis = .shipDate  // 23 received by carrier, 24 ex works, 25 handed over
        case 0x32_39: terms.basis = .delivery  // 29 delivered
        case 0: return
        default:
            reading.note(
                "odd-terms", bytes, element: 3, "reference \(reading.segments.quoted(3, 1, bytes)) is not one that is read; the days stay")
        }
    }

    private mutating func set(days: Int) {
        if isDiscount {
            terms.discountDays = terms.discountDays ?? days
        } else {
            terms.netDays = terms.netDays ?? days
        }
    }

    /// PCD: C501 5245 (12 discount), 5482 percentage.
    mutating func readPercent(_ reading: inout MessageReading, _ bytes: RawSpan) {
        guard reading.segments.code(1, 1, bytes) == 0x31_32, terms.discountPercent == nil else { return }
        terms.discountPercent = reading.segments.decimal(1, 2, bytes)
        if terms.discountPercent == nil { reading.note("odd-terms", bytes, element: 1, "the discount percent is not a number") }
    }

    func stated(from date: Day?, _ reading: inout MessageReading) -> PaymentTerms? {
        var terms = terms
        terms.dueDate = due
        terms.discountDate = discountDate
        if let months, terms.dueDate == nil, terms.netDays == nil, terms.basis == nil || terms.basis == .invoiceDate, let date {
            let (year, month, day) = date.components
            let later = year * 12 + month - 1 + months
            let length = Day.length(ofMonth: later % 12 + 1, year: later / 12)
            terms.dueDate = Day(year: later / 12, month: later % 12 + 1, day: min(day, length))
            reading.note("terms-in-months", "the terms are \(months) months from the invoice date; the due date is reckoned from that")
        }
        return terms == PaymentTerms() ? nil : terms
    }
}
