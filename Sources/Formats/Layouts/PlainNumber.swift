import Trade

/// Numbers beside which a mark may stand: a currency's beside a price, which has as many decimals as it has, and a percent sign beside
/// a percentage. What is left is a number as its locale writes it (`ExportLocale.number`).
enum PlainNumber {
    /// - Returns: the cell without such a mark; unchanged if what stands there is no mark at all. A mark that has no place there, or is
    ///   another currency's, is bad.
    static func unmarked(_ bytes: Span<UInt8>, _ cell: Cell, _ form: Layout.Form, _ currency: Currency) -> CellReading<Cell> {
        guard cell.kind == .text, let first = cell.range.first, let end = cell.range.last else { return .value(cell) }
        // by far the most: digits at both ends
        if isDigit(bytes[first]), isDigit(bytes[end]) { return .value(cell) }
        var lower = first
        while lower <= end, isMark(bytes[lower]) { lower += 1 }
        // `Rs.50`: the point belongs to the mark
        if lower > first, lower < end, bytes[lower] == 46, bytes[lower - 1] | 32 >= 97 { lower += 1 }
        var upper = end + 1
        while upper > lower, isMark(bytes[upper - 1]) { upper -= 1 }
        guard lower < upper else { return .value(cell) }
        for range in [first..<lower, upper..<end + 1].map({ Blank.trimmed(bytes, $0) }) where !range.isEmpty {
            let isPercent = range.count == 1 && bytes[range.lowerBound] == 37
            let currencies = isPercent ? nil : CurrencyMark.currencies(Array(bytes.text(range).utf8))
            guard isPercent || currencies != nil else { return .value(cell) }
            switch form {
            case .percent where isPercent: break
            case .price where !isPercent:
                if currency != .unstated, currencies?.contains(currency) != true {
                    return .bad("is not in \(currency)", advice: "export again")
                }
            default:
                return .bad(isPercent ? "is a percentage" : "is money", advice: "export again, or correct the column's field in the layout")
            }
        }
        return .value(Cell(range: Blank.trimmed(bytes, lower..<upper), kind: .text))
    }

    /// Neither digit nor sign, bracket, decimal mark or apostrophe.
    private static func isMark(_ byte: UInt8) -> Bool {
        !isDigit(byte) && byte != 40 && byte != 41 && byte != 43 && byte != 44 && byte != 45 && byte != 46 && byte != 39
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
