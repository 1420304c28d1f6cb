/// Where in 64 bytes of a table delimiters stand, and what else a row is cut at: for a walk over rows that wants one field of each.
struct RowMarks {
    private let delimiter: ByteBlock.Lanes
    /// Offset of the block; -1 before the first.
    private var base = -1
    private var delimiters: UInt64 = 0
    /// Line ends and quotation marks.
    private var others: UInt64 = 0

    init(delimiter: UInt8) { self.delimiter = ByteBlock.Lanes(repeating: delimiter) }

    @inline(never)
    private mutating func look(_ raw: RawSpan, at base: Int) {
        let block = ByteBlock(raw, at: base)
        delimiters = block.marks { ByteBlock.equal($0, delimiter) }
        others = block.marks { lanes in
            ByteBlock.equal(lanes, ByteBlock.Lanes(repeating: 10)) | ByteBlock.equal(lanes, ByteBlock.Lanes(repeating: 13))
                | ByteBlock.equal(lanes, ByteBlock.Lanes(repeating: 34))
        }
        self.base = base
    }

    /// The row that starts at `start`.
    /// - Returns: its field of `column`, and its line end; nil if it has a quotation mark, another number of fields than `width`, no line
    ///   end, or more bytes than a row may have.
    @inline(__always)
    mutating func row(_ raw: RawSpan, from start: Int, column: Int, width: Int) -> (field: Range<Int>, end: Int)? {
        guard start < raw.byteCount, column < width else { return nil }
        var block = start & ~63
        if block != base { look(raw, at: block) }
        var keep = UInt64.max &<< UInt64(truncatingIfNeeded: start &- block)
        var seen = 0
        // where the field begins and ends, once that is known
        var (from, to) = (column == 0 ? start : -1, -1)
        while true {
            let stops = others & keep
            // before the first stop
            var marks = delimiters & keep & (stops == 0 ? .max : (stops & (0 &- stops)) &- 1)
            let count = marks.nonzeroBitCount
            if to < 0, seen &+ count >= column {
                var number = seen
                while marks != 0, to < 0 {
                    let place = block &+ marks.trailingZeroBitCount
                    marks &= marks &- 1
                    if number == column { to = place }
                    number &+= 1
                    if number == column { from = place &+ 1 }
                }
            }
            seen &+= count
            if stops != 0 {
                let end = block &+ stops.trailingZeroBitCount
                guard raw.byte(uncheckedAt: end) != 34, seen &+ 1 == width, end &- start < TextBounds.row else { return nil }
                return (from..<(to < 0 ? end : to), end)
            }
            block &+= 64
            guard block < raw.byteCount, block &- start < TextBounds.row else { return nil }
            look(raw, at: block)
            keep = .max
        }
    }
}
