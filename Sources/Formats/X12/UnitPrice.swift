import Trade

/// The price of one unit of a line (IT1, PO1, POC), where the price is stated for a hundred or a thousand of them.
enum UnitPrice {
    /// Element 639 (https://stedi.com/edi/x12-002003/element/639): decimals by which the price is divided; nil where that is another
    /// measure than the line's unit (a dozen, a pound, feet) or not known.
    private static func decimals(_ basis: String) -> Int? {
        switch basis {
        case "HP", "LC", "QH", "RC", "TC", "WC": 2
        case "TP", "LM", "QS", "RM", "TM", "WM": 3
        // each, or a kind of price that says nothing of how many it is for
        case "", "PE", "LE", "QE", "RE", "TE", "WE", "UM", "AP", "BR", "CA", "CP", "CT", "DI", "DR", "DS", "ES", "NC", "NE", "NQ", "PR",
            "QT",
            "RT", "SR", "TB", "WH":
            0
        default: nil
        }
    }

    /// As many as a number that is read may have.
    private static let mostDecimals = 18

    /// The price in `element` for one unit; its basis stands behind it.
    /// - Parameter unit: of the line. HU hundred and TH thousand: a price for as many is the price of the unit.
    static func read(_ element: Int, unit: String?, _ reading: inout Reading, _ bytes: RawSpan) -> ExactDecimal? {
        guard let price = reading.number(element, bytes) else { return nil }
        let basis = reading.segments.text(element + 1, bytes)
        guard let decimals = decimals(basis), price.scale + decimals <= mostDecimals else {
            reading.note(
                "price-basis", bytes, element: element + 1,
                "\(reading.segments.quoted(element + 1, bytes)) is no basis that is read; the price stands as it is written")
            return price
        }
        if decimals == 2 && unit == "HU" || decimals == 3 && unit == "TH" { return price }
        return ExactDecimal(units: price.units, scale: price.scale + decimals)
    }
}
