import Trade

/// The elements of the current segment: where they are, and what they say.
extension MessageSegments {
    /// Finds the elements of the current segment. Without this call all but those of a compact segment are empty.
    @inline(__always)
    mutating func split(_ bytes: RawSpan) throws(ReadFailure) {
        if !isCompact { try splitIntoPlaces(bytes) }
    }

    private mutating func splitIntoPlaces(_ bytes: RawSpan) throws(ReadFailure) {
        if isFolded {
            let source = unfolded
            elementCount = splitCarefully(source.span.bytes, 0, source.count)
        } else {
            elementCount = needsCare ? splitCarefully(bytes, start, end) : splitQuickly(bytes)
        }
        guard elementCount >= 0 else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .byte(start), byte: start,
                    "a segment has more than \(Bounds.elements) elements or \(Bounds.components) components")
            ])
        }
    }

    /// - Returns: the number of elements after the tag; -1 if there are too many.
    private mutating func splitQuickly(_ bytes: RawSpan) -> Int {
        let (element, component) = (characters.element, characters.component)
        var count = 0
        var atom = 0
        places[0] = 0
        places[Self.firsts] = 0
        for offset in start..<end {
            let byte = bytes.byte(uncheckedAt: offset)
            guard byte == element || byte == component else { continue }
            guard atom < Bounds.components else { return -1 }
            places[Self.ends &+ atom] = Int32(truncatingIfNeeded: offset &- start)
            atom &+= 1
            places[atom] = Int32(truncatingIfNeeded: offset &+ 1 &- start)
            if byte == element {
                count &+= 1
                guard count <= Bounds.elements else { return -1 }
                places[Self.firsts &+ count] = Int32(truncatingIfNeeded: atom)
            }
        }
        places[Self.ends &+ atom] = Int32(truncatingIfNeeded: end &- start)
        places[Self.firsts &+ count &+ 1] = Int32(truncatingIfNeeded: atom &+ 1)
        return count
    }

    /// The same with release and repetition characters.
    private mutating func splitCarefully(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Int {
        var count = 0
        var atom = 0
        var offset = start
        // behind the first repetition, up to the next element
        var isRepeated = false
        places[0] = 0
        places[Self.firsts &+ 0] = 0
        while offset < end {
            let byte = bytes[offset]
            if byte == characters.release && byte != 0 {
                hasRelease = true
                offset += 2
                continue
            }
            let isElement = byte == characters.element
            let isRepetition = byte == characters.repetition && byte != 0
            if isElement || isRepetition || byte == characters.component {
                if !isRepeated {
                    places[Self.ends &+ atom] = Int32(offset - start)
                    atom += 1
                }
                isRepeated = isRepetition || isRepeated && !isElement
                guard atom <= Bounds.components else { return -1 }
                places[atom] = Int32(offset + 1 - start)
                if isElement {
                    count += 1
                    guard count <= Bounds.elements else { return -1 }
                    places[Self.firsts &+ count] = Int32(atom)
                }
            }
            offset += 1
        }
        if !isRepeated {
            places[Self.ends &+ atom] = Int32(end - start)
            atom += 1
        }
        places[Self.firsts &+ count + 1] = Int32(atom)
        return count
    }

    /// Where a component of a compact segment stands, relative to it; nil if the segment ends before.
    @inline(__always)
    private func compactPlace(_ element: Int, _ component: Int, _ bytes: RawSpan) -> (start: Int, end: Int)? {
        precondition(start >= 0 && end <= bytes.byteCount)
        var from = 0
        var marks = separators
        var index = 0
        while index < element {
            guard marks != 0 else { return nil }
            let at = marks.trailingZeroBitCount
            marks &= marks &- 1
            if bytes.byte(uncheckedAt: start &+ at) == characters.element {
                index &+= 1
                from = at &+ 1
            }
        }
        index = 1
        while index < component {
            let at = marks.trailingZeroBitCount
            guard marks != 0, bytes.byte(uncheckedAt: start &+ at) == characters.component else { return nil }
            marks &= marks &- 1
            index &+= 1
            from = at &+ 1
        }
        return (from, marks != 0 ? marks.trailingZeroBitCount : end &- start)
    }

    /// Where a component of any other segment stands, by its table.
    private func place(_ element: Int, _ component: Int) -> (start: Int, end: Int)? {
        guard element <= elementCount else { return nil }
        let atom = Int(places[Self.firsts &+ element]) &+ component &- 1
        guard atom < Int(places[Self.firsts &+ element &+ 1]) else { return nil }
        return (Int(places[atom]), Int(places[Self.ends &+ atom]))
    }

    /// Where a component of a compact segment stands in the file, blanks around it left out; empty if the segment ends before it.
    @inline(__always)
    private func compactBounds(_ element: Int, _ component: Int, _ bytes: RawSpan) -> (start: Int, end: Int) {
        guard let found = compactPlace(element, component, bytes) else { return (start, start) }
        return Self.trimmed(bytes, start &+ found.start, start &+ found.end)
    }

    @inline(__always)
    private static func trimmed(_ source: RawSpan, _ start: Int, _ end: Int) -> (start: Int, end: Int) {
        var (from, to) = (start, end)
        precondition(from >= 0 && from <= to && to <= source.byteCount)
        while from < to, source.byte(uncheckedAt: from) == 32 { from &+= 1 }
        while from < to, source.byte(uncheckedAt: to &- 1) == 32 { to &-= 1 }
        return (from, to)
    }

    /// The same for any segment, in the file or in the buffer it was unfolded into.
    private func bounds(_ element: Int, _ component: Int, _ source: RawSpan, _ origin: Int) -> (start: Int, end: Int) {
        guard let found = isCompact ? compactPlace(element, component, source) : place(element, component) else { return (origin, origin) }
        return Self.trimmed(source, origin &+ found.start, origin &+ found.end)
    }

    /// What is asked in hot loops tries `isCompact` itself before.
    private func read<Value>(_ element: Int, _ component: Int, _ bytes: RawSpan, _ body: (RawSpan, Int, Int) -> Value) -> Value {
        if isFolded || hasRelease {
            let plain = released(element, component, bytes)
            return body(plain.span.bytes, 0, plain.count)
        }
        let (from, to) = bounds(element, component, bytes, start)
        return body(bytes, from, to)
    }

    /// The component without line breaks and release characters.
    private func released(_ element: Int, _ component: Int, _ bytes: RawSpan) -> [UInt8] {
        func plain(_ source: RawSpan, _ origin: Int) -> [UInt8] {
            let (from, to) = bounds(element, component, source, origin)
            var copy: [UInt8] = []
            var offset = from
            while offset < to {
                if source[offset] == characters.release, characters.release != 0, offset + 1 < to { offset += 1 }
                copy.append(source[offset])
                offset += 1
            }
            return copy
        }
        return isFolded ? plain(unfolded.span.bytes, 0) : plain(bytes, start)
    }

    // MARK: Pairs

    /// What DOC, MOA, DTM and RFF nearly always begin with: a code of one to four characters and a value behind the next separator.
    struct Pair {
        /// The first component, packed as in `code`.
        let code: UInt32
        /// Where the value starts and ends in the file.
        let start: Int
        let end: Int
        /// The separators behind the value, one bit for each byte of the segment.
        fileprivate let rest: UInt64

        /// Whether anything stands behind the value.
        var hasMore: Bool { rest != 0 }
    }

    /// A compact segment of one element with two or three components (MOA+9:1.00, DTM+137:20240229:102), without `split`; nil for any
    /// other form, which must then be read by its elements. Nothing is trimmed: blanks may stand in code and value.
    @inline(__always)
    func pair(_ bytes: RawSpan) -> Pair? {
        guard let pair = pair(bytes, characters.component) else { return nil }
        if pair.rest == 0 { return pair }
        return pair.rest & (pair.rest &- 1) == 0 && bytes.byte(uncheckedAt: pair.end) == characters.component ? pair : nil
    }

    /// The same for two elements or more, the first of which has no components (DOC+380+1).
    @inline(__always)
    func coded(_ bytes: RawSpan) -> Pair? { pair(bytes, characters.element) }

    @inline(__always)
    private func pair(_ bytes: RawSpan, _ separator: UInt8) -> Pair? {
        // three characters of the tag and its separator stand before the code
        guard isCompact, separators & 15 == 8, start >= 0, end <= bytes.byteCount, start &+ 8 <= bytes.byteCount,
            bytes.byte(uncheckedAt: start &+ 3) == characters.element
        else { return nil }
        let marks = separators &- 8
        let first = marks.trailingZeroBitCount
        guard first > 4, first <= 8, bytes.byte(uncheckedAt: start &+ first) == separator else { return nil }
        let word = UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 4, as: UInt32.self))
        let rest = marks & (marks &- 1)
        return Pair(
            code: word &>> UInt32(truncatingIfNeeded: 64 &- first &* 8), start: start &+ first &+ 1,
            end: rest == 0 ? end : start &+ rest.trailingZeroBitCount, rest: rest)
    }

    /// The last component of a pair, if it has three and the last exactly three characters, packed as in `code`; else 0.
    @inline(__always)
    func third(_ pair: Pair, _ bytes: RawSpan) -> UInt32 {
        guard end &- pair.end == 4, end <= bytes.byteCount else { return 0 }
        return UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: pair.end, as: UInt32.self)) & 0xFF_FFFF
    }

    /// Whether the value of a pair is neither empty nor in need of trimming.
    @inline(__always)
    func isTrimmed(_ pair: Pair, _ bytes: RawSpan) -> Bool {
        pair.start < pair.end && pair.end <= bytes.byteCount && bytes.byte(uncheckedAt: pair.start) > 32
            && bytes.byte(uncheckedAt: pair.end &- 1) > 32
    }

    // MARK: Values

    @inline(__always)
    func isEmpty(_ element: Int, _ component: Int, _ bytes: RawSpan) -> Bool {
        guard isCompact else { return readIsEmpty(element, component, bytes) }
        let (from, to) = compactBounds(element, component, bytes)
        return from == to
    }

    @inline(never)
    private func readIsEmpty(_ element: Int, _ component: Int, _ bytes: RawSpan) -> Bool { read(element, component, bytes) { $1 == $2 } }

    /// The component as text, blanks around it left out; empty if it is not there.
    @inline(__always)
    func text(_ element: Int, _ component: Int, _ bytes: RawSpan) -> String {
        guard isCompact else { return readText(element, component, bytes) }
        let (from, to) = compactBounds(element, component, bytes)
        return Text.decode(bytes, from, to)
    }

    @inline(never)
    private func readText(_ element: Int, _ component: Int, _ bytes: RawSpan) -> String {
        read(element, component, bytes) { hasHighBytes ? repertoire.decode($0, $1, $2) : Text.decode($0, $1, $2) }
    }

    /// A code of one to four characters, packed big-endian; 0 for anything else.
    @inline(__always)
    func code(_ element: Int, _ component: Int, _ bytes: RawSpan) -> UInt32 {
        guard isCompact else { return readCode(element, component, bytes) }
        let (from, to) = compactBounds(element, component, bytes)
        let length = to &- from
        guard length > 0, length <= 4 else { return 0 }
        guard from &+ 4 <= bytes.byteCount else { return Self.code(bytes, from, to) }
        let word = UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: from, as: UInt32.self))
        return word &>> UInt32(truncatingIfNeeded: 32 &- length &* 8)
    }

    @inline(never)
    private func readCode(_ element: Int, _ component: Int, _ bytes: RawSpan) -> UInt32 {
        read(element, component, bytes) { Self.code($0, $1, $2) }
    }

    private static func code(_ source: RawSpan, _ from: Int, _ to: Int) -> UInt32 {
        guard to - from <= 4 else { return 0 }
        var packed: UInt32 = 0
        for offset in from..<to { packed = packed &<< 8 | UInt32(source[offset]) }
        return packed
    }

    /// A number with a point or a comma as decimal mark, whatever UNA says; one with both is none.
    @inline(__always)
    func amount(_ element: Int, _ component: Int, _ bytes: RawSpan, exponent: Int) -> AmountText {
        guard isCompact else { return readAmount(element, component, bytes, exponent: exponent) }
        let (from, to) = compactBounds(element, component, bytes)
        return Self.amount(bytes, from, to, exponent)
    }

    @inline(never)
    private func readAmount(_ element: Int, _ component: Int, _ bytes: RawSpan, exponent: Int) -> AmountText {
        read(element, component, bytes) { Self.amount($0, $1, $2, exponent) }
    }

    private static func amount(_ source: RawSpan, _ from: Int, _ to: Int, _ exponent: Int) -> AmountText {
        AmountText.scan(source, from, to, exponent: exponent, implied: 0, comma: true)
    }

    func decimal(_ element: Int, _ component: Int, _ bytes: RawSpan) -> ExactDecimal? {
        read(element, component, bytes) { source, from, to in
            let text = source.copy(from, to)
            guard text.contains(44) else { return ExactDecimal(String(decoding: text, as: UTF8.self)) }
            guard !text.contains(46) else { return nil }
            return ExactDecimal(String(decoding: text.map { $0 == 44 ? 46 : $0 }, as: UTF8.self))
        }
    }

    /// A whole number without a sign, as in counts and days.
    func count(_ element: Int, _ component: Int, _ bytes: RawSpan) -> Int? {
        read(element, component, bytes) { source, from, to in
            guard to > from, to - from <= 9 else { return nil }
            var value = 0
            for offset in from..<to {
                guard source[offset] >= 48, source[offset] <= 57 else { return nil }
                value = value * 10 + Int(source[offset] - 48)
            }
            return value
        }
    }

    /// The day that a date, a time or the beginning of a period names (element 2380), by its format (element 2379) where it gives one.
    @inline(__always)
    mutating func day(_ element: Int, _ component: Int, _ bytes: RawSpan) -> Day? {
        let format = code(element, component + 1, bytes)
        if format == Self.fullDate, isCompact {
            let (from, to) = compactBounds(element, component, bytes)
            if to &- from == 8 { return fullDay(bytes, from) }
        }
        return readDay(element, component, bytes, format)
    }

    /// Element 2379: CCYYMMDD.
    static let fullDate: UInt32 = 0x31_30_32

    /// The value of a pair as CCYYMMDD; nil if it says nothing of a format, has another one, or is no such date.
    @inline(__always)
    mutating func fullDay(_ pair: Pair, _ bytes: RawSpan) -> Day? {
        pair.end &- pair.start == 8 && third(pair, bytes) == Self.fullDate ? fullDay(bytes, pair.start) : nil
    }

    /// The day in these eight bytes.
    @inline(__always)
    private mutating func fullDay(_ bytes: RawSpan, _ from: Int) -> Day? {
        let text = bytes.word(uncheckedAt: from)
        let slot = Int(truncatingIfNeeded: (text &* 0x9E37_79B9_7F4A_7C15) &>> 56)
        if dates[slot].text == text { return Day(number: dates[slot].day) }
        let day = PeriodText.day(bytes, from, from &+ 8, format: Self.fullDate)
        if let day { dates[slot] = (text, day.number) }
        return day
    }

    @inline(never)
    private func readDay(_ element: Int, _ component: Int, _ bytes: RawSpan, _ format: UInt32) -> Day? {
        read(element, component, bytes) { PeriodText.day($0, $1, $2, format: format) }
    }

    /// A period as DTM states it; a single day is its first and last.
    func window(_ element: Int, _ component: Int, _ bytes: RawSpan) -> DayWindow? {
        let format = code(element, component + 1, bytes)
        return read(element, component, bytes) { PeriodText.window($0, $1, $2, format: format) }
    }

    // MARK: Messages

    /// Offset in the file of an element's first byte, nearly enough where line breaks stand before it.
    func offset(of element: Int, _ bytes: RawSpan) -> Int {
        guard let found = isCompact ? compactPlace(element, 1, bytes) : place(element, 1) else { return end }
        return min(start + found.start, end)
    }

    /// The component in quotes, for a message.
    func quoted(_ element: Int, _ component: Int, _ bytes: RawSpan) -> String {
        Text.quote(read(element, component, bytes) { $0.copy($1, $2) })
    }

    /// How many segments with this one's tag there are from `from` up to and including the current one. Counted only when
    /// a message needs it, so that the hot loop keeps no counters.
    func occurrence(_ bytes: RawSpan, from: Int) -> Int {
        var others = MessageSegments(characters, at: from)
        var count = 0
        while others.position <= start, (try? others.next(bytes)) == true {
            if others.start > start { break }
            if others.tag == tag { count += 1 }
        }
        return max(count, 1)
    }
}
