import Trade

/// PO4 Item Physical Details (https://stedi.com/edi/x12-004010/segment/PO4): what a case of the item holds.
///
/// 01 pack: inner containers, or pieces where there are none, in one outer container; 14 inner pack: pieces in one inner container.
enum CasePack {
    /// - Returns: nil where the segment does not say so, or says nothing that can be: a count of none, or a broken one.
    static func read(_ segments: borrowing Segments, _ bytes: RawSpan) -> ExactDecimal? {
        guard let outer = segments.count(1, bytes), outer > 0 else { return nil }
        if segments.isEmpty(14, bytes) { return ExactDecimal(outer) }
        guard let inner = segments.count(14, bytes), inner > 0, outer <= limit / inner else { return nil }
        return ExactDecimal(outer * inner)
    }

    /// More is no case.
    private static let limit = 1_000_000
}
