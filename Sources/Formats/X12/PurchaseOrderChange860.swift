import Trade

/// 860 Purchase Order Change Request (buyer), releases 003010 to 005010 (https://stedi.com/edi/x12-004010/860).
///
///     ST  BCH  CUR  REF*  PER*  SAC*  ITD*  DTM*  TD5*  N9 loop  N1 loop
///     POC loop   POC CUR PID* SAC* DTM* SCH* N9 N1 SLN …
///     CTT  AMT  SE
///
/// What is taken from where (the rest as in an 850):
///
/// | field | from |
/// |---|---|
/// | number, date | BCH03; BCH11 the change's own date, else BCH06 the order's |
/// | status, cancelled | BCH01 (353); 01 cancels the order as a whole |
/// | lines | POC 01 line, 02 the change (670: AI add, DI delete, QD and QI less and more, PC price …) as status, 03 quantity, 05 unit, 06 price, 08 and on the item |
///
/// POC03 stands as written: whether it is the new quantity or the difference is agreed between partners. POC04 (left to receive) is not read.
enum PurchaseOrderChange860 {
    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        try OrderReading.read(.change(.change, Tag.bch, "BCH", status: 1, dates: [11, 6]), &reading, bytes, into: &sink)
    }
}
