import Trade

/// 846 Inventory Inquiry/Advice, releases 003010 to 005010 (https://stedi.com/edi/x12-004010/846). Kept as `other`.
///
///     ST  BIA  CUR  DTM*  REF*  PER*  N1 loop
///     LIN loop   LIN PID* DTM* CTP* REF* … QTY loop (QTY UIT MEA …)
///     CTT  SE
///
/// Number and date are BIA03 and BIA04. The lines are checked (`ListedItems`) and not used.
enum InventoryAdvice846 {
    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var document = OtherDocument(typeName: X12.name + "/" + reading.id, at: .segment(Tag.st, 1, set: reading.set))
        var items = ListedItems()
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            guard [Tag.bia, Tag.lin, Tag.qty, Tag.ctt].contains(tag) else { continue }
            try reading.segments.split(bytes)
            switch tag {
            case Tag.bia:
                items.hasBeginning = true
                document.number = reading.documentNumber(3, bytes, "number of the advice")
                document.date = reading.day(4, bytes)
            case Tag.ctt: reading.compareCount([items.count], bytes)
            default: items.add(tag, &reading, bytes)
            }
        }
        if !items.hasBeginning { reading.missing("BIA", "number") }
        reading.note("content-not-used", document.at, "the inventory of \(items.count) items is kept with the file and not used")
        guard reading.settle(into: &sink) else { return }
        try sink.add(.other(document))
    }
}

/// The items of a report that is kept and not used: each quantity has to belong to an item and to be a number. What is wrong is noted; a
/// document whose content nobody counts with is not refused for it.
struct ListedItems {
    var hasBeginning = false
    private(set) var count = 0

    /// LIN, or a quantity below it: QTY and ZA have the qualifier in 01 and the number in 02.
    mutating func add(_ tag: UInt32, _ reading: inout Reading, _ bytes: RawSpan) {
        if tag == Tag.lin {
            count += 1
            if ItemNumber.read(reading.segments, bytes, from: 2) == nil {
                reading.note("odd-item", bytes, "the line names no item")
            }
            return
        }
        if count == 0 { reading.note("odd-item", bytes, "a quantity stands before the first item") }
        if !reading.segments.isEmpty(2, bytes), reading.segments.decimal(2, bytes) == nil {
            reading.note("odd-quantity", bytes, element: 2, "\(reading.segments.quoted(2, bytes)) is not a number")
        }
    }
}
