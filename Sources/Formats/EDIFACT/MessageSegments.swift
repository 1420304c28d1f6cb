import Trade

/// The lexer: walks over the segments of an interchange and, when asked, over the elements and components of the current one.
///
/// It holds no bytes, so every call is given them; it makes no value until one is asked for. Most segments are compact: shorter than
/// 64 bytes, without release or repetition characters, line breaks or letters beyond ASCII. Where their elements are is then known from
/// one word of bits. The others are split into a table; those with line breaks inside (noise when the terminator is a printable
/// character) are unfolded into a buffer before. A file without any never pays for that.
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
    /// Always nil. What holds an existential is lent to a function by its address; without, a call would copy all that stands here.
    private let lent: (any Sendable)? = nil
    private var blocks: MarkedBlocks<ServiceAlphabet>
    /// Where in a compact segment separators of elements and of components stand, one bit a byte; they tell all of it.
    private(set) var separators: UInt64 = 0
    /// These stand together: `next` sets them all.
    private(set) var isCompact = false
    /// False if the file ended before a terminator.
    private(set) var isTerminated = true
    /// Whether the segment has bytes above 0x7F.
    private(set) var hasHighBytes = false
    /// For `MessageSegments+Elements` alone, as is all below.
    var isFolded = false
    /// Whether release or repetition characters may stand in the segment.
    private(set) var needsCare = false
    /// Whether `split` met a release character.
    var hasRelease = false
    var unfolded: [UInt8] = []
    /// Three tables in one: where each component starts and ends, relative to the segment, and the first component of each element;
    /// element 0 is the tag.
    var places = [Int32](repeating: 0, count: firsts + Bounds.elements + 2)
    static var ends: Int { Bounds.components + 2 }
    static var firsts: Int { 2 * (Bounds.components + 2) }
    var elementCount = -1
    /// Dates read before, by their eight bytes: a file names few.
    var dates = [(text: UInt64, day: Int32)](repeating: (0, 0), count: 256)

    init(_ characters: ServiceCharacters, at position: Int) {
        self.characters = characters
        self.position = position
        blocks = MarkedBlocks(ServiceAlphabet(characters))
    }

    mutating func adopt(_ new: ServiceCharacters, at position: Int) {
        characters = new
        self.position = position
        blocks = MarkedBlocks(ServiceAlphabet(new))
    }

    mutating func setRepetition(_ byte: UInt8) {
        characters.repetition = byte
        blocks = MarkedBlocks(ServiceAlphabet(characters))
    }

    // MARK: Segments

    /// Moves to the next segment.
    /// - Returns: false at the end of the file.
    @inline(__always)
    mutating func next(_ bytes: RawSpan) throws(ReadFailure) -> Bool {
        let size = bytes.byteCount
        let mark = characters.terminator
        var offset = position
        precondition(offset >= 0)
        guard offset < size else { return false }
        // a line break, or nothing, nearly always; else also indentation, blanks, Ctrl-Z, and terminators of empty segments
        if bytes.byte(uncheckedAt: offset) == 10 { offset &+= 1 }
        while true {
            guard offset < size else {
                position = size
                return false
            }
            let byte = bytes.byte(uncheckedAt: offset)
            if byte > 32 && byte != mark { break }
            offset &+= 1
        }
        start = offset
        let base = offset & ~63
        if blocks.base != base { blocks.move(bytes, to: base) }
        let place = UInt64(truncatingIfNeeded: offset &- base)
        let stops = blocks.stops(from: place)
        offset &+= stops.trailingZeroBitCount
        // nearly always it is the terminator, and no blank stands before it
        guard stops & ~1 != 0, bytes.byte(uncheckedAt: offset) == mark, bytes.byte(uncheckedAt: offset &- 1) > 32 else {
            try nextOdd(bytes, from: offset)
            return true
        }
        end = offset
        position = offset &+ 1
        isCompact = true
        isTerminated = true
        hasHighBytes = false
        isFolded = false
        needsCare = false
        hasRelease = false
        // the lowest bit of all that are set, and those below it
        separators = blocks.separators(from: place) & (stops ^ (stops &- 1))
        if separators & 15 == 8 {
            let packed = UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt32.self)) &>> 8
            tag = packed
            if packed & 255 > 32, packed & 0xFF00 > 0x20FF { return true }
        }
        tag = packedTag(bytes, start, end)
        return true
    }

    /// Finds the end and the tag of a segment that is not compact, from its first stop on, or from 64 bytes behind its start.
    @inline(never)
    private mutating func nextOdd(_ bytes: RawSpan, from offset: Int) throws(ReadFailure) {
        isCompact = false
        hasRelease = false
        elementCount = -1
        finish(bytes, from: firstStop(bytes, from: offset))
        if end &- start > Bounds.segmentBytes { throw tooLong() }
        tag = isFolded ? packedTag(unfolded.span.bytes, 0, unfolded.count) : packedTag(bytes, start, end)
    }

    /// Finds the end of a segment in which something stands that is not plain.
    private mutating func finish(_ bytes: RawSpan, from first: Int) {
        let size = bytes.byteCount
        var offset = first
        var hasBreak = false
        hasHighBytes = false
        needsCare = false
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
            if byte >= 0x80 { hasHighBytes = true }
            if byte == characters.release || byte == characters.repetition { needsCare = true }
            offset = firstStop(bytes, from: offset &+ 1)
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

    /// The next byte that a plain segment does not have inside; the file's size if there is none.
    @inline(__always)
    private mutating func firstStop(_ bytes: RawSpan, from: Int) -> Int {
        var from = from
        while from < bytes.byteCount {
            let base = from & ~63
            if base != blocks.base { blocks.move(bytes, to: base) }
            let stops = blocks.stops(from: UInt64(truncatingIfNeeded: from &- base))
            if stops != 0 { return from &+ stops.trailingZeroBitCount }
            from &+= 64
        }
        return bytes.byteCount
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
    private func packedTag(_ bytes: RawSpan, _ start: Int, _ end: Int) -> UInt32 {
        let separator = characters.element
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
}

extension Bounds {
    /// Components of one segment. The widest of D.01B (GIR, NAD) have fewer than 40.
    static let components = 512
}
