import Trade

/// Numbers beside which a currency's mark or a percent sign may stand: prices, with as many decimals as they have, and
/// percentages. What is left is a number as its locale writes it (`ExportLocale.number`).
enum PlainNumber {
    /// - Returns: the cell without such a mark; unchanged if there is none, or if what stands there is no such mark.
    static func unmarked(_ bytes: Span<UInt8>, _ cell: Cell) -> Cell {
        guard cell.kind == .text, let first = cell.range.first, let end = cell.range.last else { return cell }
        // by far the most: digits at both ends
        if isDigit(bytes[first]), isDigit(bytes[end]) { return cell }
        var lower = first
        while lower <= end, isMark(bytes[lower]) { lower += 1 }
        // `Rs.50`: the point belongs to the mark
        if lower > first, lower < end, bytes[lower] == 46, bytes[lower - 1] | 32 >= 97 { lower += 1 }
        var upper = end + 1
        while upper > lower, isMark(bytes[upper - 1]) { upper -= 1 }
        guard lower < upper, isKnown(bytes, first..<lower), isKnown(bytes, upper..<end + 1) else { return cell }
        return Cell(range: Blank.trimmed(bytes, lower..<upper), kind: .text)
    }

    /// Neither digit nor sign, bracket, decimal mark or apostrophe.
    private static func isMark(_ byte: UInt8) -> Bool {
        !isDigit(byte) && byte != 40 && byte != 41 && byte != 43 && byte != 44 && byte != 45 && byte != 46 && byte != 39
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    private static func isKnown(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let range = Blank.trimmed(bytes, range)
        if range.isEmpty || range.count == 1 && bytes[range.lowerBound] == 37 { return true }
        return CurrencyMark.currencies(Array(bytes.text(range).utf8)) != nil
    }
}
