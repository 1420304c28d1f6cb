import Trade

/// 865 Purchase Order Change Acknowledgment or Request (seller), releases 003010 to 005010 (https://stedi.com/edi/x12-004010/865).
///
///     ST  BCA  CUR  REF*  PER*  SAC*  ITD*  DTM*  TD5*  N9 loop  N1 loop
///     POC loop   POC CUR PID* SAC* DTM* ACK loop (ACK DTM) N1 SLN …
///     CTT  AMT  SE
///
/// What is taken from where (the rest as in an 860, ACK as in an 855):
///
/// | field | from |
/// |---|---|
/// | number, date | BCA03; BCA10 the answer's own date, else BCA11 the change's, else BCA06 the order's |
/// | status | BCA02 (587) |
/// | cancelled | BCA01 is 01 |
/// | lines | POC; the status is that of ACK01 (668), else POC02 (670) |
enum PurchaseOrderChangeAcknowledgment865 {
    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        try OrderReading.read(
            .change(.changeAcknowledgement, Tag.bca, "BCA", status: 2, dates: [10, 11, 6]), &reading, bytes, into: &sink)
    }
}
