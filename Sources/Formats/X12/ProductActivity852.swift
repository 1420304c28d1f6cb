import Trade

/// 852 Product Activity Data, releases 003010 to 005010 (https://stedi.com/edi/x12-004010/852). Kept as `other`.
///
///     ST  XQ  XPO*  N9*  PER*  N1 loop
///     LIN loop   LIN CTP* PID* … ZA loop (ZA SDQ …)
///     CTT  SE
///
/// The set has no number of its own: the number is ST02. The date is XQ03, the last day of the report, else XQ02, the first. The lines are
/// checked (`ListedItems`) and not used.
enum ProductActivity852 {
    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var document = OtherDocument(
            typeName: X12.name + "/" + reading.id, number: reading.control.nonEmpty, at: .segment(Tag.st, 1, set: reading.set))
        var items = ListedItems()
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            guard [Tag.xq, Tag.lin, Tag.za, Tag.ctt].contains(tag) else { continue }
            try reading.segments.split(bytes)
            switch tag {
            case Tag.xq:
                items.hasBeginning = true
                document.date = reading.day(3, bytes) ?? reading.day(2, bytes)
            case Tag.ctt: reading.compareCount([items.count], bytes)
            default: items.add(tag, &reading, bytes)
            }
        }
        if !items.hasBeginning { reading.missing("XQ", "report") }
        reading.note("content-not-used", document.at, "the activity of \(items.count) items is kept with the file and not used")
        guard reading.settle(into: &sink) else { return }
        try sink.add(.other(document))
    }
}
