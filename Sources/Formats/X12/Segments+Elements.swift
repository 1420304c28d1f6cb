import Trade

/// The elements of the current segment: where they are, and what they say.
extension Segments {
    /// Finds the elements of the current segment. Without this call they are all empty.
    mutating func split(_ bytes: RawSpan) throws(ReadFailure) {
        let count: Int
        let element = separator
        let pattern = Self.pattern(separator)
        if isFolded {
            let source = unfolded
            var found = offsets.mutableSpan
            count = Self.split(source.span.bytes, 0, source.count, element, pattern, &found)
        } else {
            let (from, to) = (start, end)
            var found = offsets.mutableSpan
            count = Self.split(bytes, from, to, element, pattern, &found)
        }
        elementCount = count
        guard count >= 0 else {
            throw .rejected([
                Problem(.tooLarge, at: .byte(start), byte: start, "a segment has more than \(Bounds.elements) elements")
            ])
        }
    }

    /// - Returns: the number of elements after the tag; -1 if there are too many.
    @inline(__always)
    private static func split(
        _ bytes: RawSpan, _ start: Int, _ end: Int, _ element: UInt8, _ pattern: UInt64, _ offsets: inout MutableSpan<Int32>
    ) -> Int {
        var count = 0
        var offset = start
        offsets[0] = 0
        if end &- start >= 8 {
            // the common beginnings REF*PO* and DTM*003*: both places are known at a glance
            let difference = bytes.word(uncheckedAt: start) ^ pattern
            let low = (difference & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F
            let hits = ~(low | difference | 0x7F7F_7F7F_7F7F_7F7F)
            if hits & 0x00FF_FFFF_FFFF_FFFF == 0x0080_0000_8000_0000 {
                offsets[1] = 4
                offsets[2] = 7
                count = 2
                offset = start &+ 7
            } else if hits == 0x8000_0000_8000_0000 {
                offsets[1] = 4
                offsets[2] = 8
                count = 2
                offset = start &+ 8
            }
        }
        while offset < end {
            if offset &+ 8 <= bytes.byteCount {
                let difference = bytes.word(uncheckedAt: offset) ^ pattern
                let low = (difference & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F
                var hits = ~(low | difference | 0x7F7F_7F7F_7F7F_7F7F)
                let rest = end &- offset
                if rest < 8 { hits &= (1 &<< UInt64(truncatingIfNeeded: rest &* 8)) &- 1 }
                while hits != 0 {
                    let found = offset &+ hits.trailingZeroBitCount &>> 3
                    count &+= 1
                    if count > Bounds.elements { return -1 }
                    offsets[count] = Int32(truncatingIfNeeded: found &+ 1 &- start)
                    hits &= hits &- 1
                }
                offset &+= 8
            } else {
                if bytes[offset] == element {
                    count &+= 1
                    if count > Bounds.elements { return -1 }
                    offsets[count] = Int32(truncatingIfNeeded: offset &+ 1 &- start)
                }
                offset &+= 1
            }
        }
        offsets[count &+ 1] = Int32(truncatingIfNeeded: end &+ 1 &- start)
        return count
    }

    /// Where an element stands in its source, blanks around it left out; empty if the segment ends before it.
    @inline(__always)
    private func bounds(_ element: Int, _ source: RawSpan, _ origin: Int) -> (start: Int, end: Int) {
        guard element <= elementCount else { return (origin, origin) }
        var from = origin &+ Int(offsets[element])
        var to = origin &+ Int(offsets[element &+ 1]) &- 1
        precondition(from >= 0 && to <= source.byteCount)
        while from < to, source.byte(uncheckedAt: from) == 32 { from &+= 1 }
        while from < to, source.byte(uncheckedAt: to &- 1) == 32 { to &-= 1 }
        return (from, to)
    }

    @inline(__always)
    private func read<Value>(_ element: Int, _ bytes: RawSpan, _ body: (RawSpan, Int, Int) -> Value) -> Value {
        if isFolded {
            let source = unfolded.span.bytes
            let (from, to) = bounds(element, source, 0)
            return body(source, from, to)
        }
        let (from, to) = bounds(element, bytes, start)
        return body(bytes, from, to)
    }

    @inline(__always)
    func isEmpty(_ element: Int, _ bytes: RawSpan) -> Bool { read(element, bytes) { $1 == $2 } }

    /// The element as text, blanks around it left out; empty if it is not there.
    @inline(__always)
    func text(_ element: Int, _ bytes: RawSpan) -> String { read(element, bytes) { Text.decode($0, $1, $2) } }

    /// A code of one to four characters, packed big-endian; 0 for anything else.
    @inline(__always)
    func code(_ element: Int, _ bytes: RawSpan) -> UInt32 {
        read(element, bytes) { source, from, to in
            guard to &- from <= 4 else { return 0 }
            var packed: UInt32 = 0
            var offset = from
            while offset < to {
                packed = packed &<< 8 | UInt32(source.byte(uncheckedAt: offset))
                offset &+= 1
            }
            return packed
        }
    }

    /// Type R: a number with an explicit decimal point, none = whole units. Type N2: two implied decimals, unless a point
    /// is written (senders do; it is then not scaled).
    @inline(__always)
    func amount(_ element: Int, _ bytes: RawSpan, exponent: Int, implied: Int = 0) -> AmountText {
        read(element, bytes) { AmountText.scan($0, $1, $2, exponent: exponent, implied: implied) }
    }

    /// An amount of two decimals in its usual form (`AmountText.plain`); nil if it is another, or none.
    @inline(__always)
    func plainAmount(_ element: Int, _ bytes: RawSpan) -> Int64? {
        guard !isFolded, element <= elementCount else { return nil }
        let from = start &+ Int(offsets[element])
        let to = start &+ Int(offsets[element &+ 1]) &- 1
        guard from >= 0, to <= bytes.byteCount else { return nil }
        return AmountText.plain(bytes, from, to)
    }

    /// Whether a decimal point is written, as it may not be in type N2.
    func hasPoint(_ element: Int, _ bytes: RawSpan) -> Bool {
        read(element, bytes) { source, from, to in (from..<to).contains { source[$0] == 46 } }
    }

    /// False for an element that is empty or zero, however zero is written.
    func hasDigitAboveZero(_ element: Int, _ bytes: RawSpan) -> Bool {
        read(element, bytes) { source, from, to in (from..<to).contains { source[$0] >= 49 && source[$0] <= 57 } }
    }

    func decimal(_ element: Int, _ bytes: RawSpan) -> ExactDecimal? { ExactDecimal(text(element, bytes)) }

    /// A whole number without a sign, as in counts and days.
    func count(_ element: Int, _ bytes: RawSpan) -> Int? {
        read(element, bytes) { source, from, to in
            guard to > from, to - from <= 9 else { return nil }
            var value = 0
            for offset in from..<to {
                guard source[offset] >= 48, source[offset] <= 57 else { return nil }
                value = value * 10 + Int(source[offset] - 48)
            }
            return value
        }
    }

    /// Type DT: CCYYMMDD, or YYMMDD as before release 004010 (00 to 69 mean 2000 to 2069). Files mix both.
    @inline(__always)
    mutating func day(_ element: Int, _ bytes: RawSpan) -> Day? {
        guard !isFolded else { return read(element, bytes) { Self.day($0, $1, $2) } }
        let (from, to) = bounds(element, bytes, start)
        return day(bytes, from, to)
    }

    /// A segment that begins like REF*PO* or DTM*003*, without `split`: the code of its first element and where its second stands.
    struct Qualified {
        var code: UInt32
        var from: Int
        var to: Int
    }

    /// - Returns: nil if it begins otherwise, is folded, or has blanks or nothing in the second element: then `split` tells.
    @inline(__always)
    func qualified(_ bytes: RawSpan) -> Qualified? {
        guard !isFolded, end &- start >= 8, start >= 0, end <= bytes.byteCount, bytes.byte(uncheckedAt: start &+ 3) == separator else {
            return nil
        }
        let head = bytes.word(uncheckedAt: start).byteSwapped
        let code: UInt32
        let from: Int
        if head &>> 8 & 255 == UInt64(separator) {
            code = UInt32(truncatingIfNeeded: head &>> 16 & 0xFFFF)
            from = start &+ 7
        } else if head & 255 == UInt64(separator) {
            code = UInt32(truncatingIfNeeded: head &>> 8 & 0xFF_FFFF)
            from = start &+ 8
        } else {
            return nil
        }
        var to = from
        while to < end, bytes.byte(uncheckedAt: to) != separator { to &+= 1 }
        guard to > from, bytes.byte(uncheckedAt: from) > 32, bytes.byte(uncheckedAt: to &- 1) > 32 else { return nil }
        // a separator or a blank inside the qualifier
        let first = UInt8(truncatingIfNeeded: code &>> 16)
        let second = UInt8(truncatingIfNeeded: code &>> 8)
        let third = UInt8(truncatingIfNeeded: code)
        guard second != separator, second > 32, third > 32, first != separator, first == 0 || first > 32 else { return nil }
        return Qualified(code: code, from: from, to: to)
    }

    /// The date that stands in these bytes.
    @inline(__always)
    mutating func day(_ bytes: RawSpan, _ from: Int, _ to: Int) -> Day? {
        guard to &- from == 8, from &+ 8 <= bytes.byteCount else { return Self.day(bytes, from, to) }
        let text = bytes.word(uncheckedAt: from)
        let slot = Int(truncatingIfNeeded: (text &* 0x9E37_79B9_7F4A_7C15) &>> 56)
        if dates[slot].text == text { return Day(number: dates[slot].day) }
        let day = Self.day(bytes, from, to)
        if let day { dates[slot] = (text, day.number) }
        return day
    }

    private static func day(_ source: RawSpan, _ from: Int, _ to: Int) -> Day? {
        let length = to &- from
        guard length == 8 || length == 6 else { return nil }
        var value = 0
        for offset in from..<to {
            let digit = source[offset] &- 48
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        let written = value / 10_000
        let year = length == 8 ? written : written < 70 ? 2000 + written : 1900 + written
        return Day(year: year, month: value / 100 % 100, day: value % 100)
    }

    // MARK: Messages

    /// Offset of an element's first byte in the file.
    func offset(of element: Int, _ bytes: RawSpan) -> Int {
        guard isFolded else { return bounds(min(element, elementCount + 1), bytes, start).start }
        let wanted = bounds(element, unfolded.span.bytes, 0).start
        var seen = 0
        for offset in start..<end where bytes[offset] != 13 && bytes[offset] != 10 {
            if seen == wanted { return offset }
            seen += 1
        }
        return start
    }

    /// The element in quotes, for a message.
    func quoted(_ element: Int, _ bytes: RawSpan) -> String { Text.quote(read(element, bytes) { $0.copy($1, $2) }) }

    /// How many segments with this one's tag there are from `from` up to and including the current one. Counted only when
    /// a message needs it, so that the hot loop keeps no counters.
    func occurrence(_ bytes: RawSpan, from: Int) -> Int {
        var others = Segments(delimiters, at: from)
        var count = 0
        while others.position <= start, (try? others.next(bytes)) == true {
            if others.start > start { break }
            if others.tag == tag { count += 1 }
        }
        return max(count, 1)
    }
}
