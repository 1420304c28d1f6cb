import Trade

/// 850 Purchase Order, releases 003010 to 005010 (https://stedi.com/edi/x12-004010/850).
///
///     ST  BEG  CUR  REF*  PER*  TAX*  FOB*  SAC*  ITD*  DTM*  TD5*  AMT  N9 loop  N1 loop
///     PO1 loop   PO1 CUR PID* SAC* DTM* SCH* AMT N9 N1 SLN …
///     CTT  AMT  SE
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number, date | BEG03, BEG05 |
/// | status, cancelled | BEG01 (353); 01 cancels the order as a whole |
/// | buyer, seller | N1*BY; N1*VN, SU or SE of the heading |
/// | ship and delivery window | DTM of the heading; if it states none, what DTM and SCH of all lines agree on (`OrderDays`) |
/// | currency | CUR02 of the heading, else of the lines |
/// | lines | PO1 01 line, 02 quantity, 03 unit, 04 price, 06 and on the item; PID05 the text |
///
/// CTT01 and AMT*TT are compared with the lines. SLN, SDQ and the addresses of the lines are not read.
enum PurchaseOrder850 {
    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        try OrderReading.read(.order(.order, Tag.beg, "BEG", status: 1, dates: [5]), &reading, bytes, into: &sink)
    }
}
