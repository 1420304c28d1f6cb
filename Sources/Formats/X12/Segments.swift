import Trade

/// The lexer: walks over the segments of an interchange and, when asked, over the elements of the current one.
///
/// It holds no bytes, so every call is given them; it makes no value until one is asked for. A segment with line breaks
/// inside (noise when the terminator is a printable character) is unfolded into a buffer and read from there; a file
/// without any never pays for that.
struct Segments: ~Copyable {
    private(set) var delimiters: Delimiters
    /// Offset of the byte after the current segment's terminator.
    var position: Int
    /// The current segment: tag, and its bytes without the terminator and blanks around.
    private(set) var tag: UInt32 = 0
    private(set) var start = 0
    private(set) var end = 0
    /// False if the file ended before a terminator.
    private(set) var isTerminated = true
    var isFolded = false
    var unfolded: [UInt8] = []
    /// For `Segments+Elements` alone, as are `isFolded` and `unfolded`: `offsets[n]` is where element n starts, relative to the
    /// segment; element 0 is the tag. One more than there are elements.
    var offsets = [Int32](repeating: 0, count: Bounds.elements + 2)
    var elementCount = 0

    /// First byte and length of the terminator, and the element separator, at hand for the hot loops.
    private var mark: UInt8 = 0
    private var markLength = 1
    var separator: UInt8 = 0
    private var lineEnds = false
    private var blocks: MarkedBlocks<DelimiterAlphabet>
    /// Whether the segment is shorter than 64 bytes and plain: then `separators` tells where its elements are, one bit a byte.
    private(set) var isCompact = false
    private(set) var separators: UInt64 = 0
    /// Dates read before, by their eight bytes: a file names few.
    var dates = [(text: UInt64, day: Int32)](repeating: (0, 0), count: 256)

    init(_ delimiters: Delimiters, at position: Int) {
        self.delimiters = delimiters
        self.position = position
        blocks = MarkedBlocks(DelimiterAlphabet(delimiters))
        adopt(delimiters, at: position)
    }

    mutating func adopt(_ new: Delimiters, at position: Int) {
        delimiters = new
        self.position = position
        mark = new.terminator[0]
        markLength = new.terminator.count
        separator = new.element
        lineEnds = new.lineEnds
        blocks = MarkedBlocks(DelimiterAlphabet(new))
    }

    // MARK: Segments

    /// Moves to the next segment.
    /// - Returns: false at the end of the file.
    @inline(__always)
    mutating func next(_ bytes: RawSpan) throws(ReadFailure) -> Bool {
        let size = bytes.byteCount
        let mark = mark
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
            if byte > 32 && (byte != mark || markLength > 1) { break }
            offset &+= 1
        }
        start = offset
        elementCount = -1
        let base = offset & ~63
        if blocks.base != base { blocks.move(bytes, to: base) }
        let place = UInt64(truncatingIfNeeded: offset &- base)
        let stops = blocks.stops(from: place)
        offset &+= stops.trailingZeroBitCount
        // nearly always it is the terminator, and no blank stands before it
        guard stops & ~1 != 0, bytes.byte(uncheckedAt: offset) == mark, markLength == 1, bytes.byte(uncheckedAt: offset &- 1) > 32 else {
            try nextOdd(bytes, from: offset)
            return true
        }
        end = offset
        position = offset &+ 1
        isTerminated = true
        isFolded = false
        isCompact = true
        // the lowest bit of all that are set, and those below it
        separators = blocks.separators(from: place) & (stops ^ (stops &- 1))
        if separators & 15 == 8 {
            let packed = UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt32.self)) &>> 8
            tag = packed
            if packed & 255 != 32, packed & 0xFF00 != 0x2000 { return true }
        }
        tag = packedTag(bytes, start, end)
        return true
    }

    /// Finds the end and the tag of a segment that is not compact, from its first stop on, or from 64 bytes behind its start.
    @inline(never)
    private mutating func nextOdd(_ bytes: RawSpan, from offset: Int) throws(ReadFailure) {
        isCompact = false
        isFolded = false
        finish(bytes, from: firstStop(bytes, from: offset))
        if end &- start > Bounds.segmentBytes { throw tooLong() }
        tag = isFolded ? packedTag(unfolded.span.bytes, 0, unfolded.count) : packedTag(bytes, start, end)
    }

    /// Finds the end of a segment in which something stands that is not plain.
    private mutating func finish(_ bytes: RawSpan, from first: Int) {
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
            if byte == mark && (markLength == 1 || isTerminator(bytes, at: offset)) {
                isTerminated = true
                end = offset
                position = offset &+ markLength
                break
            }
            if byte == 13 || byte == 10 {
                if lineEnds {
                    isTerminated = true
                    end = offset
                    position = offset &+ 1
                    break
                }
                hasBreak = true
            }
            offset = firstStop(bytes, from: offset &+ 1)
        }
        while end > start {
            let byte = bytes[end &- 1]
            guard byte == 32 || byte == 13 || byte == 10 || byte == 9 || byte == 26 || byte == 0 else { break }
            end &-= 1
        }
        isFolded = hasBreak && unfold(bytes)
    }

    /// The next byte that could end the segment or break it: the terminator's first byte or a control character; the file's size if there
    /// is none.
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

    private func isTerminator(_ bytes: RawSpan, at offset: Int) -> Bool {
        guard offset + delimiters.terminator.count <= bytes.byteCount else { return false }
        for (index, byte) in delimiters.terminator.enumerated() where bytes[offset + index] != byte { return false }
        return true
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

    @inline(__always)
    private func packedTag(_ bytes: RawSpan, _ start: Int, _ end: Int) -> UInt32 {
        var packed: UInt32 = 0
        var offset = start
        while offset < end {
            let byte = bytes[offset]
            if byte == separator || byte == 32 { return packed }
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
                "a segment is longer than \(Bounds.segmentBytes) bytes; its terminator \(Text.quote(delimiters.terminator)) is missing")
        ])
    }
}
