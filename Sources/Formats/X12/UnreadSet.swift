import Trade

/// A transaction set that is kept without being understood: its number and date are taken from its beginning segment.
enum UnreadSet {
    /// Beginning segment, element of the business number, element of the date (0: none). The segments of the retail sets,
    /// releases 003030 to 005010.
    private static let beginnings: [(tag: StaticString, number: Int, date: Int)] = [
        ("BEG", 3, 5),  // 850 purchase order
        ("BAK", 3, 4),  // 855 acknowledgement
        ("BSN", 2, 3),  // 856 ship notice
        ("BCH", 3, 6),  // 860 purchase order change
        ("BCA", 3, 6),  // 865 change acknowledgement
        ("BRA", 1, 2),  // 861 receiving advice
        ("BGN", 2, 3),  // 180 return, 753, 754
        ("BIA", 3, 4),  // 846 inventory
        ("BSR", 3, 4),  // 870 order status
        ("BPT", 2, 3),  // 867 product transfer
        ("BHT", 3, 4),  // 857 shipment and billing notice
        ("B3", 2, 6),  // 210 freight invoice
        ("W05", 2, 0),  // 940 warehouse shipping order
        ("W06", 2, 3),  // 945 warehouse shipping advice
    ]

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var document = OtherDocument(
            typeName: X12.name + "/" + reading.id, number: reading.control.nonEmpty, at: .segment(Tag.st, 1, set: reading.set))
        var isFirst = true
        while try reading.next(bytes) {
            guard isFirst else { continue }
            isFirst = false
            let tag = reading.segments.tag
            guard let beginning = beginnings.first(where: { pack($0.tag) == tag }) else { continue }
            try reading.segments.split(bytes)
            document.number = reading.segments.text(beginning.number, bytes).nonEmpty ?? document.number
            if beginning.date > 0 { document.date = reading.segments.day(beginning.date, bytes) }
        }
        reading.note("unread-transaction-set", document.at, "transaction set \(reading.id) is kept, but its content is not read")
        guard reading.settle(into: &sink) else { return }
        try sink.add(.other(document))
    }

    private static func pack(_ tag: StaticString) -> UInt32 {
        tag.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }
    }
}
