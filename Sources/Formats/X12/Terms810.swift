import Trade

/// ITD: 01 type 02 basis 03 discount percent 04 discount date 05 discount days 06 due date 07 net days 08 discount amount 12 text 13 day
/// of month. What the first ITD leaves open a later one may say.
///
/// Terms by the end of a month (ITD01 02, or 09 proximo) with a day of the month are that many days after the end of the month.
/// What is said in words alone (ITD12), as an amount (ITD08), or as a day of no particular month is a note: a person must read it.
struct Terms810 {
    private var terms = PaymentTerms()

    var stated: PaymentTerms? { terms == PaymentTerms() ? nil : terms }

    mutating func add(_ reading: inout Reading, _ bytes: RawSpan) {
        terms.netDays = terms.netDays ?? count(7, &reading, bytes)
        terms.discountDays = terms.discountDays ?? count(5, &reading, bytes)
        terms.dueDate = terms.dueDate ?? reading.day(6, bytes)
        terms.discountDate = terms.discountDate ?? reading.day(4, bytes)
        if terms.discountPercent == nil, !reading.segments.isEmpty(3, bytes) {
            terms.discountPercent = reading.segments.decimal(3, bytes)
            if terms.discountPercent == nil { reading.note("odd-terms", bytes, element: 3, "the discount percent is not a number") }
        }
        let type = reading.segments.code(1, bytes)
        let isByMonth = type == 0x30_32 || type == 0x30_39  // 02 end of month, 09 proximo
        addDayOfMonth(isByMonth, &reading, bytes)
        noteRest(&reading, bytes)
        guard terms.basis == nil else { return }
        let basis = reading.segments.code(2, bytes)
        if isByMonth {
            terms.basis = .endOfMonth
            return
        }
        switch basis {
        case 0x31: terms.basis = .shipDate
        case 0x32: terms.basis = .delivery
        case 0x33: terms.basis = .invoiceDate
        case 0x31_35: terms.basis = .receipt  // 15 receipt of goods
        case 0: return
        default:
            reading.note(
                "odd-terms", bytes, element: 2, "basis \(reading.segments.quoted(2, bytes)) is not one that is read; the days stay")
        }
    }

    private func count(_ element: Int, _ reading: inout Reading, _ bytes: RawSpan) -> Int? {
        if reading.segments.isEmpty(element, bytes) { return nil }
        let days = reading.segments.count(element, bytes).flatMap { $0 <= 3650 ? $0 : nil }
        if days == nil {
            reading.note("odd-terms", bytes, element: element, "\(reading.segments.quoted(element, bytes)) is not a number of days")
        }
        return days
    }

    private mutating func addDayOfMonth(_ isByMonth: Bool, _ reading: inout Reading, _ bytes: RawSpan) {
        guard !reading.segments.isEmpty(13, bytes) else { return }
        guard let day = reading.segments.count(13, bytes), day >= 1, day <= 31 else {
            reading.note("odd-terms", bytes, element: 13, "\(reading.segments.quoted(13, bytes)) is not a day of a month")
            return
        }
        if isByMonth, terms.netDays == nil, terms.basis == nil || terms.basis == .endOfMonth {
            terms.netDays = day
            reading.note("terms-day-of-month", bytes, element: 13, "day \(day) is read as so many days after the end of the month")
        } else {
            reading.note("odd-terms", bytes, element: 13, "day \(day) of a month that nothing names; it is not read")
        }
    }

    private func noteRest(_ reading: inout Reading, _ bytes: RawSpan) {
        if terms.netDays == nil, terms.dueDate == nil, !reading.segments.isEmpty(12, bytes) {
            reading.note("terms-in-words", bytes, element: 12, "terms in words are not read: \(reading.segments.quoted(12, bytes))")
        }
        if terms.discountPercent == nil, reading.segments.hasDigitAboveZero(8, bytes) {
            reading.note(
                "odd-terms", bytes, element: 8,
                "the discount is stated as an amount, \(reading.segments.quoted(8, bytes)), which is not read")
        }
    }
}
