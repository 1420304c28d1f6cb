import Trade

/// 855 Purchase Order Acknowledgment, releases 003010 to 005010 (https://stedi.com/edi/x12-004010/855).
///
///     ST  BAK  CUR  REF*  PER*  SAC*  ITD*  DTM*  TD5*  N9 loop  N1 loop
///     PO1 loop   PO1 CUR PID* SAC* DTM* ACK loop (ACK DTM) N1 SLN …
///     CTT  AMT  SE
///
/// What is taken from where (the rest as in an 850):
///
/// | field | from |
/// |---|---|
/// | number, date | BAK03; BAK09 the answer's own date, else BAK04 the order's |
/// | status | BAK02 (587), such as AD accepted, AC with changes, RD rejected |
/// | cancelled | BAK01 is 01 |
/// | lines | PO1, and of each ACK 01 the status (668), 02 the quantity it is about, 03 the unit |
///
/// A line that is answered in parts (60 accepted, 20 back ordered) becomes as many lines, each with its own status and quantity; a line
/// without ACK keeps the quantity of PO102 and has no status. An ACK without quantity is about all of PO102 if it is the only one.
enum PurchaseOrderAcknowledgment855 {
    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        try OrderReading.read(.order(.acknowledgement, Tag.bak, "BAK", status: 2, dates: [9, 4]), &reading, bytes, into: &sink)
    }
}
