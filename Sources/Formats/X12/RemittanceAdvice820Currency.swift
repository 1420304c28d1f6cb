import Trade

/// The currency of each line of an 820 in which a CUR stands inside the loops. The standard has CUR in the heading alone; senders that
/// pay from several currencies put one behind ENT (for the lines below) or behind RMR (for that line).
struct LineCurrencies {
    /// Of the payment.
    let own: Currency
    /// The one that stands behind the current ENT.
    private var entity: Currency?

    init(own: Currency) { self.own = own }

    mutating func openEntity() { entity = nil }

    mutating func take(entity currency: Currency) { entity = currency }

    /// Of what stands beside the lines of the current ENT.
    var beside: Currency { entity ?? own }

    /// Of the line whose RMR is the current segment: looks ahead for its CUR, up to its first ADX or the next loop.
    func line(_ segments: borrowing Segments, _ bytes: RawSpan) throws(ReadFailure) -> Currency {
        var ahead = Segments(segments.delimiters, at: segments.position)
        while try ahead.next(bytes) {
            switch ahead.tag {
            case Tag.rmr, Tag.ent, Tag.adx, Tag.se, Tag.st, Tag.ge, Tag.iea: return beside
            case Tag.cur:
                try ahead.split(bytes)
                return Currency(code: ahead.text(2, bytes)) ?? beside
            default: continue
            }
        }
        return beside
    }
}
