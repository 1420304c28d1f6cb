import Trade

/// The number of an item, chosen among those that a segment gives as pairs of qualifier (element 235) and number (234).
///
/// The buyer's number comes first, so that order, shipment, receipt and invoice can be compared; then the seller's, then a bar code;
/// a qualifier that is not listed comes last. Of the same rank the first pair counts.
enum ItemNumber {
    private static let order: [UInt32] = [
        0x42_50, 0x49_4E, 0x50_49, 0x53_4B, 0x43_42, 0x42_4F,  // BP IN PI SK CB BO
        0x56_4E, 0x56_50, 0x56_43, 0x56_41, 0x4D_47,  // VN VP VC VA MG
        0x55_50, 0x45_4E, 0x55_4B, 0x55_41, 0x55_49,  // UP EN UK UA UI
    ]

    /// - Parameters:
    ///   - first: the element of the first qualifier (LIN 2, PO1 and IT1 6, ACK 7, POC 8); pairs follow to the segment's end.
    ///   - ahead: the element of a pair that stands apart, before the others (BLI 1).
    static func read(_ segments: borrowing Segments, _ bytes: RawSpan, from first: Int, ahead: Int? = nil) -> String? {
        var best: (rank: Int, element: Int)?
        var element = ahead ?? first
        while element < segments.elementCount {
            if !segments.isEmpty(element + 1, bytes) {
                let rank = order.firstIndex(of: segments.code(element, bytes)) ?? order.count
                if rank < best?.rank ?? .max { best = (rank, element + 1) }
            }
            element = element < first ? first : element + 2
        }
        return best.map { segments.text($0.element, bytes) }
    }

    /// The other numbers that the segment gives the item, where there are any: what a qualifier says that is not listed, of a colour or
    /// a style which items share, is none of its own.
    static func readOthers(
        _ segments: borrowing Segments, _ bytes: RawSpan, from first: Int, ahead: Int? = nil, into line: inout ItemLine
    ) {
        var element = ahead ?? first
        while element < segments.elementCount {
            let qualifier = segments.code(element, bytes)
            if order.contains(qualifier), !shared.contains(qualifier) { line.add(alias: segments.text(element + 1, bytes)) }
            element = element < first ? first : element + 2
        }
    }

    /// BO buyer's colour, VA vendor's style.
    private static let shared: [UInt32] = [0x42_4F, 0x56_41]
}
