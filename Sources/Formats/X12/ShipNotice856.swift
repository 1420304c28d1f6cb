import Trade

/// 856 Ship Notice/Manifest, releases 003010 to 005010 (https://stedi.com/edi/x12-004010/856).
///
///     ST  BSN  DTM*
///     HL loop   HL LIN SN1 SLN PRF PO4 PID* MEA PWK PKG TD1* TD3 TD4 TD5* REF* PER LH1 CLD MAN* DTM* FOB PAL N1 loop …
///     CTT  SE
///
/// The levels nest as the sender likes (S-O-P-I, S-O-I-P, S-P-O-I, S-T-O-P-I, S-I-O, …). What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number, date | BSN02, BSN03 |
/// | shipped | DTM 011, 370 outside the items |
/// | delivered | DTM 035, 372; else estimated: DTM 017, 371, 067, 069, 002 |
/// | carrier | TD503 if TD502 is 2 (SCAC), else TD505, of the first TD5 |
/// | bill of lading | REF*BM, else REF*MB |
/// | invoice | REF*IV |
/// | orders | PRF01, else REF*PO; each once |
/// | lines | LIN 01 line, 02 and on the item; SN1 02 quantity, 03 unit; PID05 the text; the order of the level or the nearest one above |
///
/// Which quantities count says `ShippedGoods`. PO4 and TD1 (what is in a carton, how many cartons) multiply nothing. Bill of lading, invoice
/// and days that the levels state differently are left out and noted. BSN01 01 takes a notice back: it is kept as `other`.
struct ShipNotice856 {
    private var notice = ShipNoticeReading()
    private var items = 0

    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var set = ShipNotice856()
        var hasBeginning = false
        while try reading.next(bytes) {
            let tag = reading.segments.tag
            switch tag {
            case Tag.bsn:
                try reading.segments.split(bytes)
                hasBeginning = true
                set.notice.number = reading.documentNumber(2, bytes, "shipment number")
                set.notice.date = reading.day(3, bytes)
                set.notice.purpose = reading.segments.text(1, bytes)
            case Tag.hl, Tag.lin, Tag.sn1, Tag.prf, Tag.pid, Tag.po4, Tag.td5, Tag.ref, Tag.dtm, Tag.n1, Tag.ctt:
                try reading.segments.split(bytes)
                set.read(tag, &reading, bytes)
            default: continue
            }
        }
        if !hasBeginning { reading.missing("BSN", "shipment number") }
        let document = set.notice.document(&reading)
        guard reading.settle(into: &sink) else { return }
        set.notice.parties.route(&reading, into: &sink)
        try sink.add(document)
    }

    private mutating func read(_ tag: UInt32, _ reading: inout Reading, _ bytes: RawSpan) {
        switch tag {
        case Tag.lin:
            items += 1
            var item = ItemLine(at: .segment(Tag.lin, items, set: reading.set))
            item.line = reading.segments.text(1, bytes).nonEmpty
            item.item = ItemNumber.read(reading.segments, bytes, from: 2)
            ItemNumber.readOthers(reading.segments, bytes, from: 2, into: &item)
            notice.name(item, &reading)
        case Tag.ctt: reading.compareCount([notice.levels.count, items, notice.quantities], bytes)
        default: notice.read(tag, &reading, bytes)
        }
    }
}
