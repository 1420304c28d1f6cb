import Trade

/// The elements of the current segment: where they are, and what they say.
extension Segments {
    /// Finds the elements of the current segment. Without this call they are all empty.
    @inline(__always)
    mutating func split(_ bytes: RawSpan) throws(ReadFailure) {
        guard isCompact else { return try splitOdd(bytes) }
        // a segment shorter than 64 bytes has fewer elements than there is room for
        var marks = separators
        var count = 0
        while marks != 0 {
            count &+= 1
            offsets[count] = Int32(truncatingIfNeeded: marks.trailingZeroBitCount &+ 1)
            marks &= marks &- 1
        }
        offsets[count &+ 1] = Int32(truncatingIfNeeded: end &+ 1 &- start)
        elementCount = count
    }

    /// The same for any segment.
    @inline(never)
    private mutating func splitOdd(_ bytes: RawSpan) throws(ReadFailure) {
        if isFolded {
            let source = unfolded
            elementCount = splitBytes(source.span.bytes, 0, source.count)
        } else {
            elementCount = splitBytes(bytes, start, end)
        }
        guard elementCount >= 0 else {
            throw .rejected([
                Problem(.tooLarge, at: .byte(start), byte: start, "a segment has more than \(Bounds.elements) elements")
            ])
        }
    }

    /// - Returns: the number of elements after the tag; -1 if there are too many.
    private mutating func splitBytes(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Int {
        precondition(start >= 0 && end <= bytes.byteCount)
        let element = separator
        var count = 0
        for offset in start..<end where bytes.byte(uncheckedAt: offset) == element {
            count &+= 1
            if count > Bounds.elements { return -1 }
            offsets[count] = Int32(truncatingIfNeeded: offset &+ 1 &- start)
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

    /// What REF and DTM begin with: a code of one to four characters, and a value in the second element.
    struct Qualified {
        /// Packed as in `code`.
        var code: UInt32
        var from: Int
        var to: Int
    }

    /// A compact segment of two elements or more, without `split`; nil for any other form, and if nothing stands in the second element or
    /// blanks around it: then `split` tells. Blanks may stand in the code.
    @inline(__always)
    func qualified(_ bytes: RawSpan) -> Qualified? {
        guard isCompact, separators & 15 == 8, start >= 0, end <= bytes.byteCount, start &+ 8 <= bytes.byteCount else { return nil }
        let marks = separators &- 8
        let first = marks.trailingZeroBitCount
        // three characters of the tag and its separator stand before the code
        guard first > 4, first <= 8 else { return nil }
        let rest = marks & (marks &- 1)
        let from = start &+ first &+ 1
        let to = rest == 0 ? end : start &+ rest.trailingZeroBitCount
        guard to > from, bytes.byte(uncheckedAt: from) > 32, bytes.byte(uncheckedAt: to &- 1) > 32 else { return nil }
        let word = UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 4, as: UInt32.self))
        return Qualified(code: word &>> UInt32(truncatingIfNeeded: 64 &- first &* 8), from: from, to: to)
    }

    /// What RMR nearly always is: a qualifier of two characters, a reference, and amounts of two decimals in their usual form.
    struct PlainLine {
        /// RMR01, packed as in `code`.
        var code: UInt32
        /// Where RMR02 starts and ends.
        var from: Int
        var to: Int
        /// RMR04, 05, 06.
        var net: Int64
        var gross: Int64?
        var discount: Int64?
    }

    /// The current segment as such a line, without `split`; nil for any other form, which must then be read by its elements.
    @inline(__always)
    func plainLine(_ bytes: RawSpan) -> PlainLine? {
        guard isCompact, separators & 0x7F == 0x48, start >= 0, end <= bytes.byteCount else { return nil }
        let from = start &+ 7
        var marks = separators &- 0x48
        // where the element ends that starts at the place before; at the segment's end there is no mark left
        @inline(__always) func next() -> Int {
            let to = marks == 0 ? end : start &+ marks.trailingZeroBitCount
            marks &= marks &- 1
            return to
        }
        let to = next()
        guard to > from, bytes.byte(uncheckedAt: from) > 32, bytes.byte(uncheckedAt: to &- 1) > 32,
            bytes.byte(uncheckedAt: start &+ 4) > 32, bytes.byte(uncheckedAt: start &+ 5) > 32
        else { return nil }
        let code = UInt32(bytes.byte(uncheckedAt: start &+ 4)) &<< 8 | UInt32(bytes.byte(uncheckedAt: start &+ 5))
        let third = next()
        let fourth = next()
        guard let net = AmountText.plain(bytes, third &+ 1, fourth) else { return nil }
        var line = PlainLine(code: code, from: from, to: to, net: net)
        if fourth == end { return line }
        let fifth = next()
        guard let gross = AmountText.plain(bytes, fourth &+ 1, fifth), gross != 0 else { return nil }
        line.gross = gross
        if fifth == end { return line }
        let sixth = next()
        guard sixth == end, let discount = AmountText.plain(bytes, fifth &+ 1, sixth) else { return nil }
        line.discount = discount
        return line
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
