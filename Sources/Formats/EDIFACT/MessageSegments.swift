import Trade

/// The lexer: walks over the segments of an interchange and, when asked, over the elements and components of the current one.
///
/// It holds no bytes, so every call is given them; it makes no value until one is asked for. A segment with line breaks inside
/// (noise when the terminator is a printable character) is unfolded into a buffer and read from there; one with release or
/// repetition characters is split byte by byte. A file without any never pays for that.
///
/// Elements and components count from 1. Of a repeated element the first repetition is read.
struct MessageSegments: ~Copyable {
    private(set) var characters: ServiceCharacters
    var repertoire = CharacterRepertoire.plain
    /// Offset of the byte after the current segment's terminator.
    var position: Int
    /// The current segment: tag, and its bytes without the terminator and blanks around.
    private(set) var tag: UInt32 = 0
    private(set) var start = 0
    private(set) var end = 0
    /// False if the file ended before a terminator.
    private(set) var isTerminated = true
    /// Whether the segment may have bytes above 0x7F.
    private(set) var hasHighBytes = false
    private var isFolded = false
    private var unfolded: [UInt8] = []
    private var hasRelease = false
    /// Three tables in one: where each component starts and ends, relative to the segment, and the first component of each element;
    /// element 0 is the tag.
    private var places = [Int32](repeating: 0, count: firsts + Bounds.elements + 2)
    private static var ends: Int { Bounds.components + 2 }
    private static var firsts: Int { 2 * (Bounds.components + 2) }
    private(set) var elementCount = -1
    /// The date read last, and its eight bytes: neighbours mostly share it.
    private var lastDate: (text: UInt64, day: Day)?

    init(_ characters: ServiceCharacters, at position: Int) {
        self.characters = characters
        self.position = position
    }

    mutating func adopt(_ new: ServiceCharacters, at position: Int) {
        characters = new
        self.position = position
    }

    mutating func setRepetition(_ byte: UInt8) { characters.repetition = byte }

    /// The byte in all eight places of a word.
    @inline(__always)
    private static func pattern(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    // MARK: Segments

    /// Moves to the next segment.
    /// - Returns: false at the end of the file.
    @inline(__always)
    mutating func next(_ bytes: RawSpan) throws(ReadFailure) -> Bool {
        let size = bytes.byteCount
        let mark = characters.terminator
        var offset = position
        precondition(offset >= 0)
        // line breaks, indentation, blanks, Ctrl-Z, and terminators of empty segments
        while offset < size {
            let byte = bytes.byte(uncheckedAt: offset)
            if byte > 32 && byte != mark { break }
            offset &+= 1
        }
        guard offset < size else {
            position = size
            return false
        }
        start = offset
        var seen: UInt64 = 0
        offset = firstMark(bytes, from: offset, &seen)
        let before = offset > start ? bytes.byte(uncheckedAt: offset &- 1) : 0
        // nearly always it is the terminator, not released, and no blank stands before it
        if offset < size, bytes.byte(uncheckedAt: offset) == mark, before > 32, before != characters.release {
            isTerminated = true
            end = offset
            position = offset &+ 1
            isFolded = false
        } else {
            finish(bytes, from: offset, &seen)
        }
        if end &- start > Bounds.segmentBytes { throw tooLong() }
        hasHighBytes = seen & 0x8080_8080_8080_8080 != 0
        elementCount = -1
        tag = isFolded ? packedTag(unfolded.span.bytes, 0, unfolded.count) : packedTag(bytes, start, end)
        return true
    }

    /// Finds the end of a segment in which something stands that is not plain.
    private mutating func finish(_ bytes: RawSpan, from first: Int, _ seen: inout UInt64) {
        let size = bytes.byteCount
        var offset = first
        var hasBreak = false
        while true {
            guard offset < size else {
                isTerminated = false
                end = size
                position = size
                break
            }
            let byte = bytes[offset]
            let isBreak = byte == 13 || byte == 10
            if byte == characters.terminator || isBreak && characters.lineEnds, !isReleased(bytes, offset) {
                isTerminated = true
                end = offset
                position = offset &+ 1
                break
            }
            if isBreak { hasBreak = true }
            offset = firstMark(bytes, from: offset &+ 1, &seen)
        }
        while end > start {
            let byte = bytes[end &- 1]
            guard byte == 32 || byte == 13 || byte == 10 || byte == 9 || byte == 26 || byte == 0 else { break }
            end &-= 1
        }
        isFolded = hasBreak && !characters.lineEnds && unfold(bytes)
    }

    /// Whether an odd number of release characters stands before; line breaks between them do not count.
    private func isReleased(_ bytes: RawSpan, _ place: Int) -> Bool {
        guard characters.release != 0 else { return false }
        var offset = place &- 1
        var isReleased = false
        while offset >= start {
            let byte = bytes[offset]
            if byte == characters.release {
                isReleased.toggle()
            } else if byte != 13 && byte != 10 {
                break
            }
            offset &-= 1
        }
        return isReleased
    }

    /// The next byte that could end the segment or break it: the terminator or a control character.
    @inline(__always)
    private func firstMark(_ bytes: RawSpan, from: Int, _ seen: inout UInt64) -> Int {
        let size = bytes.byteCount
        let mark = characters.terminator
        let pattern = Self.pattern(mark)
        var offset = from
        while offset &+ 8 <= size {
            let word = bytes.word(uncheckedAt: offset)
            let difference = word ^ pattern
            // the lowest bit that is set is exact in both; borrows only disturb what lies above it
            let zero = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            let control = (word &- 0x1010_1010_1010_1010) & ~word & 0x8080_8080_8080_8080
            let hits = zero | control
            seen |= word
            if hits != 0 { return offset &+ hits.trailingZeroBitCount &>> 3 }
            offset &+= 8
        }
        while offset < size, bytes.byte(uncheckedAt: offset) != mark, bytes.byte(uncheckedAt: offset) >= 16 {
            seen |= UInt64(bytes.byte(uncheckedAt: offset))
            offset &+= 1
        }
        return offset
    }

    /// Copies the segment without its line breaks.
    /// - Returns: false if there are none after all (they stood before the terminator).
    private mutating func unfold(_ bytes: RawSpan) -> Bool {
        unfolded.removeAll(keepingCapacity: true)
        for offset in start..<end {
            let byte = bytes[offset]
            if byte != 13 && byte != 10 { unfolded.append(byte) }
        }
        return unfolded.count < end - start
    }

    /// The tag ends at a separator; `UNS:1` numbers a segment explicitly (ISO 9735-1, 8.2), so the component separator counts too.
    @inline(__always)
    private func packedTag(_ bytes: RawSpan, _ start: Int, _ end: Int) -> UInt32 {
        let separator = characters.element
        if start &+ 4 <= bytes.byteCount, end &- start >= 4, bytes.byte(uncheckedAt: start &+ 3) == separator {
            // three characters and a separator, unless an earlier one is a separator too
            let word = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt32.self)
            let packed = UInt32(bigEndian: word) &>> 8
            let second = UInt8(truncatingIfNeeded: packed &>> 8)
            if second != separator, second != 32 { return packed }
        }
        var packed: UInt32 = 0
        var offset = start
        while offset < end {
            let byte = bytes[offset]
            if byte == separator || byte == characters.component || byte == 32 { return packed }
            if offset &- start == 3 { return 0 }
            packed = packed &<< 8 | UInt32(byte)
            offset &+= 1
        }
        return packed
    }

    private func tooLong() -> ReadFailure {
        .rejected([
            Problem(
                .tooLarge, at: .byte(start), byte: start,
                "a segment is longer than \(Bounds.segmentBytes) bytes; its terminator \(Text.quote([characters.terminator])) is missing")
        ])
    }

    // MARK: Elements

    /// Finds the elements of the current segment. Without this call they are all empty.
    mutating func split(_ bytes: RawSpan) throws(ReadFailure) {
        let count: Int
        hasRelease = false
        if isFolded {
            let source = unfolded
            count = splitCarefully(source.span.bytes, 0, source.count)
        } else {
            let quick = splitQuickly(bytes)
            count = quick == Self.needsCare ? splitCarefully(bytes, start, end) : quick
        }
        elementCount = count
        guard count >= 0 else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .byte(start), byte: start,
                    "a segment has more than \(Bounds.elements) elements or \(Bounds.components) components")
            ])
        }
    }

    private static var needsCare: Int { -2 }

    @inline(__always)
    private mutating func splitQuickly(_ bytes: RawSpan) -> Int {
        let (from, to, characters) = (start, end, characters)
        var found = places.mutableSpan
        return Self.split(bytes, from, to, characters, &found)
    }

    /// - Returns: the number of elements after the tag; -1 if there are too many, `needsCare` if there is a release or repetition character.
    @inline(__always)
    private static func split(
        _ bytes: RawSpan, _ start: Int, _ end: Int, _ characters: ServiceCharacters, _ places: inout MutableSpan<Int32>
    ) -> Int {
        let element = characters.element
        let elements = pattern(element)
        let components = pattern(characters.component)
        // 0 stands for none: no segment has it inside
        let releases = pattern(characters.release)
        let repetitions = pattern(characters.repetition)
        var count = 0
        var atom = 0
        var offset = start
        places[0] = 0
        places[firsts] = 0
        while offset < end {
            var word: UInt64 = 0
            let rest = end &- offset
            if offset &+ 8 <= bytes.byteCount {
                word = bytes.word(uncheckedAt: offset)
            } else {
                for index in 0..<min(rest, 8) { word |= UInt64(bytes[offset &+ index]) &<< UInt64(index &* 8) }
            }
            let mask: UInt64 = rest < 8 ? (1 &<< UInt64(truncatingIfNeeded: rest &* 8)) &- 1 : ~0
            let release = word ^ releases
            let repetition = word ^ repetitions
            let care =
                ((release &- 0x0101_0101_0101_0101) & ~release) | ((repetition &- 0x0101_0101_0101_0101) & ~repetition)
            if care & mask & 0x8080_8080_8080_8080 != 0 { return needsCare }
            let first = word ^ elements
            let second = word ^ components
            let low = (first & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F
            let high = (second & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F
            let isElement = ~(low | first | 0x7F7F_7F7F_7F7F_7F7F)
            var hits = (isElement | ~(high | second | 0x7F7F_7F7F_7F7F_7F7F)) & mask
            while hits != 0 {
                let bit = hits & (0 &- hits)
                let found = offset &+ hits.trailingZeroBitCount &>> 3
                guard atom < Bounds.components else { return -1 }
                places[ends &+ atom] = Int32(truncatingIfNeeded: found &- start)
                atom &+= 1
                places[atom] = Int32(truncatingIfNeeded: found &+ 1 &- start)
                if isElement & bit != 0 {
                    count &+= 1
                    guard count <= Bounds.elements else { return -1 }
                    places[firsts &+ count] = Int32(truncatingIfNeeded: atom)
                }
                hits &= hits &- 1
            }
            offset &+= 8
        }
        places[ends &+ atom] = Int32(truncatingIfNeeded: end &- start)
        places[firsts &+ count &+ 1] = Int32(truncatingIfNeeded: atom &+ 1)
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

    /// Where a component stands in its source, blanks around it left out; empty if the segment ends before it.
    @inline(__always)
    private func bounds(_ element: Int, _ component: Int, _ source: RawSpan, _ origin: Int) -> (start: Int, end: Int) {
        guard element <= elementCount else { return (origin, origin) }
        let atom = Int(places[Self.firsts &+ element]) &+ component &- 1
        guard atom < Int(places[Self.firsts &+ element &+ 1]) else { return (origin, origin) }
        var from = origin &+ Int(places[atom])
        var to = origin &+ Int(places[Self.ends &+ atom])
        precondition(from >= 0 && from <= to && to <= source.byteCount)
        while from < to, source.byte(uncheckedAt: from) == 32 { from &+= 1 }
        while from < to, source.byte(uncheckedAt: to &- 1) == 32 { to &-= 1 }
        return (from, to)
    }

    @inline(__always)
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

    // MARK: Values

    @inline(__always)
    func isEmpty(_ element: Int, _ component: Int, _ bytes: RawSpan) -> Bool { read(element, component, bytes) { $1 == $2 } }

    /// The component as text, blanks around it left out; empty if it is not there.
    @inline(__always)
    func text(_ element: Int, _ component: Int, _ bytes: RawSpan) -> String {
        read(element, component, bytes) { hasHighBytes ? repertoire.decode($0, $1, $2) : Text.decode($0, $1, $2) }
    }

    /// A code of one to four characters, packed big-endian; 0 for anything else.
    @inline(__always)
    func code(_ element: Int, _ component: Int, _ bytes: RawSpan) -> UInt32 {
        read(element, component, bytes) { source, from, to in
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

    /// A number with a point or a comma as decimal mark, whatever UNA says; one with both is none.
    @inline(__always)
    func amount(_ element: Int, _ component: Int, _ bytes: RawSpan, exponent: Int) -> AmountText {
        read(element, component, bytes) { AmountText.scan($0, $1, $2, exponent: exponent, implied: 0, comma: true) }
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
        if !isFolded, !hasRelease {
            let (from, to) = bounds(element, component, bytes, start)
            if to &- from == 8, from &+ 8 <= bytes.byteCount {
                let text = bytes.word(uncheckedAt: from)
                if let lastDate, lastDate.text == text { return lastDate.day }
                let day = PeriodText.day(bytes, from, to, format: code(element, component + 1, bytes))
                if let day { lastDate = (text, day) }
                return day
            }
        }
        let format = code(element, component + 1, bytes)
        return read(element, component, bytes) { PeriodText.day($0, $1, $2, format: format) }
    }

    /// A period as DTM states it; a single day is its first and last.
    func window(_ element: Int, _ component: Int, _ bytes: RawSpan) -> DayWindow? {
        let format = code(element, component + 1, bytes)
        return read(element, component, bytes) { PeriodText.window($0, $1, $2, format: format) }
    }

    // MARK: Messages

    /// Offset in the file of an element's first byte, nearly enough where line breaks stand before it.
    func offset(of element: Int, _ bytes: RawSpan) -> Int {
        guard element <= elementCount else { return end }
        return min(start + Int(places[Int(places[Self.firsts &+ element])]), end)
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

extension Bounds {
    /// Components of one segment. The widest of D.01B (GIR, NAD) have fewer than 40.
    static let components = 512
}
