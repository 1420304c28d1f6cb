import Trade

/// One cell of a row: where its bytes are, blanks at the ends removed, and what it says it is.
struct Cell {
    var range: Range<Int>
    var kind: CellKind
    var isEmpty: Bool { range.isEmpty }
}

/// Text of at most 15 bytes, to be compared at a glance.
struct ShortText: Equatable {
    private let low: UInt64
    /// The last byte is the length.
    private let high: UInt64

    /// - Returns: nil for text that is longer.
    @inline(__always)
    init?(_ bytes: RawSpan, _ range: Range<Int>) {
        let count = range.count
        guard count < 16, range.lowerBound >= 0, range.upperBound <= bytes.byteCount else { return nil }
        @inline(__always) func word(_ start: Int, _ count: Int) -> UInt64 {
            if count <= 0 { return 0 }
            let keep = UInt64.max &>> UInt64(truncatingIfNeeded: 64 - 8 * min(count, 8))
            if start &+ 8 <= bytes.byteCount { return bytes.word(uncheckedAt: start) & keep }
            var word: UInt64 = 0
            for offset in 0..<min(count, 8) { word |= UInt64(bytes.byte(uncheckedAt: start &+ offset)) &<< UInt64(8 * offset) }
            return word
        }
        low = word(range.lowerBound, count)
        high = word(range.lowerBound &+ 8, count &- 8) | UInt64(truncatingIfNeeded: count) &<< 56
    }
}

/// What a cell was read as.
enum CellReading<Value> {
    case value(Value)
    /// Nothing visible.
    case empty
    /// What is wrong with it and what to do, in words: `"12,3x" in "Amount" WHAT; ADVICE`.
    case bad(String, advice: String)

    var value: Value? { if case .value(let value) = self { value } else { nil } }
}

/// Words of advice on cells that cannot be read.
enum CellAdvice {
    static let locale = "export again, or check 'marketplace' of the account"
    /// A spreadsheet has changed what was in the file.
    static let untouched = "export again, and leave the file as it comes"
    static let spreadsheet = "write the value over the formula that fails and save again, or export again"
}

extension ExportLocale {
    /// An amount in minor units of `currency`: as this locale writes it, or a spreadsheet's number as it stands.
    func amount(_ bytes: Span<UInt8>, _ cell: Cell, _ currency: Currency) -> CellReading<Int64> {
        guard cell.kind == .text else { return typed(bytes, cell, currency) }
        switch PrintedAmount.read(bytes, cell.range, mark: mark, currency: currency) {
        case .amount(let minor): return .value(minor)
        case .empty: return .empty
        case .bad(let what): return .bad(what, advice: CellAdvice.locale)
        }
    }

    private func typed(_ bytes: Span<UInt8>, _ cell: Cell, _ currency: Currency) -> CellReading<Int64> {
        guard let number = Self.stored(bytes, cell) else { return Self.wrongKind(cell, "an amount") }
        guard number.scale <= currency.exponent else {
            return .bad("has more decimals than the currency", advice: "round it and save again")
        }
        guard let minor = number.minorUnits(exponent: currency.exponent), minor.magnitude <= PrintedAmount.largest else {
            return .bad("is too large", advice: CellAdvice.locale)
        }
        return .value(minor)
    }

    /// A number that is not money: a quantity, a rate, a price of one piece.
    func number(_ bytes: Span<UInt8>, _ cell: Cell) -> CellReading<ExactDecimal> {
        if cell.isEmpty, cell.kind == .text { return .empty }
        guard cell.kind == .text else {
            return Self.stored(bytes, cell).map { .value($0) } ?? Self.wrongKind(cell, "a number")
        }
        guard let number = PrintedAmount.decimal(bytes, cell.range, mark: mark) else {
            return .bad("is not a number written as \(mark.example)", advice: CellAdvice.locale)
        }
        return .value(number)
    }

    /// The day of a date as this locale writes it, or of a spreadsheet's date. A time behind it is dropped.
    func day(_ bytes: Span<UInt8>, _ cell: Cell) -> CellReading<Day> {
        switch moment(bytes, cell, isDay: true) {
        case .value(.day(let day)): .value(day)
        case .value(.instant(let instant)): .value(instant.utcDay)
        case .empty: .empty
        case .bad(let what, let advice): .bad(what, advice: advice)
        }
    }

    /// The instant of a date with time and zone, else its day.
    func moment(_ bytes: Span<UInt8>, _ cell: Cell) -> CellReading<Moment> { moment(bytes, cell, isDay: false) }

    private func moment(_ bytes: Span<UInt8>, _ cell: Cell, isDay: Bool) -> CellReading<Moment> {
        let range = cell.range
        switch cell.kind {
        case .text:
            if range.isEmpty { return .empty }
            if isDay {
                if let day = DateText.day(bytes, range, order: dates) { return .value(.day(day)) }
            } else if let moment = DateText.moment(bytes, range, order: dates) {
                return .value(moment)
            }
            return Self.isSerial(bytes, range)
                ? .bad("is a date that a spreadsheet has turned into a number", advice: CellAdvice.untouched)
                : .bad("is not a date written as \(dates.words)", advice: CellAdvice.locale)
        case .date:
            guard let day = DateText.day(bytes, range, order: .yearFirst) else {
                return .bad("is not a date", advice: CellAdvice.untouched)
            }
            return .value(.day(day))
        case .number:
            if range.count == 8, let day = DateText.day(bytes, range, order: .yearFirst) { return .value(.day(day)) }
            return .bad(
                "is a date that a spreadsheet has turned into a number",
                advice: "give the column the form of a date and save again, or export again")
        case .boolean, .error: return Self.wrongKind(cell, "a date")
        }
    }

    /// An identifier, kept as written.
    /// - Returns: `isNumber`: a spreadsheet holds it as a number, so zeros before it are lost.
    static func reference(_ bytes: Span<UInt8>, _ rows: borrowing RowReader, _ column: Int) -> (
        reading: CellReading<String>, isNumber: Bool
    ) {
        let cell = rows.cell(bytes, column)
        if cell.isEmpty { return (.empty, false) }
        let rounded = CellReading<String>.bad(
            "is a number that a spreadsheet has rounded: the file was saved by a spreadsheet", advice: CellAdvice.untouched)
        switch cell.kind {
        case .text:
            return (RemittanceReference.isScientific(bytes, cell.range) ? rounded : .value(rows.text(bytes, column)), false)
        case .number:
            // a spreadsheet keeps fifteen digits of a number
            var digits = 0
            for index in cell.range where bytes[index] >= 48 && bytes[index] <= 57 { digits += 1 }
            if digits > 15 || RemittanceReference.isScientific(bytes, cell.range) { return (rounded, true) }
            return (.value(rows.text(bytes, column)), true)
        case .boolean: return (.value(rows.text(bytes, column)), false)
        case .date: return (.bad("is a number that a spreadsheet has turned into a date", advice: CellAdvice.untouched), false)
        case .error: return (wrongKind(cell, "a reference"), false)
        }
    }

    private static func stored(_ bytes: Span<UInt8>, _ cell: Cell) -> ExactDecimal? {
        guard cell.kind == .number, let number = DecimalText.scan(bytes.extracting(cell.range)) else { return nil }
        return ExactDecimal(units: number.units, scale: number.scale)
    }

    private static func wrongKind<Value>(_ cell: Cell, _ what: String) -> CellReading<Value> {
        switch cell.kind {
        case .error: .bad("is an error of a formula", advice: CellAdvice.spreadsheet)
        case .date: .bad("is a date and not \(what)", advice: CellAdvice.untouched)
        case .boolean: .bad("is not \(what)", advice: CellAdvice.untouched)
        case .number, .text: .bad("is not \(what)", advice: CellAdvice.locale)
        }
    }

    /// Five digits alone: the number of a day as a spreadsheet counts them (1954 to 2173), which nobody writes for a date.
    private static func isSerial(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count >= 5, bytes[range.lowerBound] >= 50 else { return false }
        for (offset, index) in range.enumerated() {
            let isDigit = bytes[index] >= 48 && bytes[index] <= 57
            if offset < 5 ? !isDigit : offset == 5 ? bytes[index] != 46 && bytes[index] != 44 : !isDigit { return false }
        }
        return true
    }
}
