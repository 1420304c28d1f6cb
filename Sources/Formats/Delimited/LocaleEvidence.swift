import Trade

/// What the values of a file say by themselves about its locale.
struct LocaleEvidence {
    private(set) var monthFirst = false
    private(set) var dayFirst = false
    private(set) var ambiguousDate: Location?
    private(set) var point = false
    private(set) var comma = false
    private(set) var ambiguousAmount: Location?

    /// Looks at a cell with an amount of a currency with `exponent` decimals; a spreadsheet's number says nothing.
    mutating func amount(_ bytes: Span<UInt8>, _ rows: borrowing RowReader, _ column: Int, exponent: Int) {
        guard rows.kind(column) == .text else { return }
        amount(bytes, rows.range(bytes, column), exponent: exponent, at: .row(rows.row, column: column + 1))
    }

    /// Looks at a cell with a date; a spreadsheet's date says nothing.
    mutating func date(_ bytes: Span<UInt8>, _ rows: borrowing RowReader, _ column: Int) {
        guard rows.kind(column) == .text else { return }
        date(bytes, rows.range(bytes, column), at: .row(rows.row, column: column + 1))
    }

    /// Looks at an amount of a currency with `exponent` decimals.
    mutating func amount(_ bytes: Span<UInt8>, _ range: Range<Int>, exponent: Int, at: Location) {
        var last: UInt8 = 0
        var other = false
        var count = 0
        var before = 0
        var after = 0
        for index in range {
            let byte = bytes[index]
            if byte == 44 || byte == 46 {
                if count > 0, byte != last { other = true }
                if other, byte == last { count += 1 } else { count = byte == last ? count + 1 : 1 }
                last = byte
                after = 0
            } else if byte >= 48, byte <= 57 {
                if count == 0 { before += 1 } else { after += 1 }
            }
        }
        guard count > 0 else { return }
        let isDecimal: Bool
        if count > 1 {
            isDecimal = false  // a mark that repeats groups thousands
        } else if other || after != 3 || before == 0 || before > 3 {
            isDecimal = true
        } else if exponent < 3 {
            isDecimal = false  // the currency has no third decimal
        } else {
            if ambiguousAmount == nil { ambiguousAmount = at }
            return
        }
        if (last == 46) == isDecimal { point = true } else { comma = true }
    }

    /// Looks at a date in numbers; what stands behind it, a time, says nothing.
    mutating func date(_ bytes: Span<UInt8>, _ range: Range<Int>, at: Location) {
        guard let (a, b, c, mark, _) = DateText.numbers(bytes, range), a.digits < 3, c.digits == 4, mark != 46 else { return }
        if a.value > 12 {
            dayFirst = true
        } else if b.value > 12 {
            monthFirst = true
        } else if a.value != b.value, ambiguousDate == nil {
            ambiguousDate = at
        }
    }

    /// The decimal mark that the amounts settle; nil if none needs one.
    func mark() throws(ReadFailure) -> DecimalMark? {
        if point, comma {
            throw .rejected([
                Problem(.malformed, at: .file, "some amounts are written as 1,234.56 and others as 1.234,56", advice: "export again")
            ])
        }
        if !point, !comma, let at = ambiguousAmount { throw LocaleEvidence.unsettled("amounts", "a decimal point or a comma", at) }
        return point ? .point : comma ? .comma : nil
    }

    func order() throws(ReadFailure) -> DateOrder? {
        if dayFirst, monthFirst {
            throw .rejected([
                Problem(.malformed, at: .file, "some dates begin with the day and others with the month", advice: "export again")
            ])
        }
        if !dayFirst, !monthFirst, let at = ambiguousDate { throw LocaleEvidence.unsettled("dates", "the day or the month first", at) }
        return dayFirst ? .dayFirst : monthFirst ? .monthFirst : nil
    }

    private static func unsettled(_ what: String, _ question: String, _ at: Location) -> ReadFailure {
        .rejected([
            Problem(
                .malformed, at: at, "nothing in the file says whether its \(what) have \(question)",
                advice: "set 'marketplace' of the account, or name the account with --account")
        ])
    }
}
