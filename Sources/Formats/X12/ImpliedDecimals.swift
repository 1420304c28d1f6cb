import Trade

/// Type N2 has two implied decimals, whatever the currency. Where the currency has another number of decimals, some senders write
/// its own minor units instead: a difference of a factor of a hundred (ten), which the lines tell apart.
struct ImpliedDecimals {
    var currency: Currency
    /// Offset of the TDS whose first element is decided on.
    var total: Int
    /// Offsets of the SAC segments in that total.
    var charges: [Int]

    /// - Parameter sum: goods and tax in minor units; nil where the lines do not tell them.
    /// - Returns: how many decimals the N2 amounts of the document have; what was decided is noted if it is not self-evident.
    func decide(_ sum: Int128?, _ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) -> Int {
        guard currency.exponent != 2 else { return 2 }
        let standard = if let sum { try isNear(sum, 2, &reading, bytes) } else { false }
        let own = if let sum, !standard { try isNear(sum, currency.exponent, &reading, bytes) } else { false }
        try reading.revisit(total, bytes)
        if own {
            reading.note(
                "implied-decimals", bytes, element: 1,
                "the lines come to \(reading.segments.quoted(1, bytes)) in minor units of \(currency); it is not read with two implied decimals"
            )
            return currency.exponent
        }
        if !reading.segments.hasPoint(1, bytes) {
            reading.note(
                "implied-decimals", bytes, element: 1,
                standard
                    ? "\(reading.segments.quoted(1, bytes)) is read with two implied decimals, though \(currency) has \(currency.exponent): the lines come to that"
                    : "\(reading.segments.quoted(1, bytes)) is read with two implied decimals, though \(currency) has \(currency.exponent); the lines do not tell"
            )
        }
        return 2
    }

    /// Whether the total, read with so many implied decimals, is within a half of what goods, tax and charges come to.
    private func isNear(_ sum: Int128, _ implied: Int, _ reading: inout Reading, _ bytes: RawSpan) throws(ReadFailure) -> Bool {
        var sum = sum
        for charge in charges {
            try reading.revisit(charge, bytes)
            guard case .value(let amount) = reading.segments.amount(5, bytes, exponent: currency.exponent, implied: implied) else {
                continue
            }
            sum += reading.segments.code(1, bytes) == 0x41 ? -Int128(amount.magnitude) : Int128(amount)
        }
        try reading.revisit(total, bytes)
        guard case .value(let total) = reading.segments.amount(1, bytes, exponent: currency.exponent, implied: implied) else {
            return false
        }
        let difference = Int128(total.magnitude) - Int128(sum.magnitude)
        return difference.magnitude * 2 <= sum.magnitude
    }

    /// Σ quantity × price in minor units; nil without lines, or if one states no quantity or price.
    static func goods(_ lines: [ItemLine], _ currency: Currency) -> Int128? {
        guard !lines.isEmpty else { return nil }
        var sum: Int128 = 0
        for line in lines {
            guard let quantity = line.quantity, let price = line.unitPrice,
                let net = quantity.amount(at: price, exponent: currency.exponent)
            else { return nil }
            sum += Int128(net)
        }
        return sum
    }
}
