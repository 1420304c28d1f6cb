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
    /// Where in the 64 bytes from `block` terminators and control characters stand, one bit each.
    private var block = -1
    private var marks: UInt64 = 0
    /// Dates read before, by their eight bytes: a file names few.
    var dates = [(text: UInt64, day: Int32)](repeating: (0, 0), count: 256)

    init(_ delimiters: Delimiters, at position: Int) {
        self.delimiters = delimiters
        self.position = position
        adopt(delimiters, at: position)
    }

    mutating func adopt(_ new: Delimiters, at position: Int) {
        delimiters = new
        self.position = position
        mark = new.terminator[0]
        markLength = new.terminator.count
        separator = new.element
        lineEnds = new.lineEnds
        block = -1
    }

    /// The byte in all eight places of a word.
    @inline(__always)
    static func pattern(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    // MARK: Segments

    /// Moves to the next segment.
    /// - Returns: false at the end of the file.
    @inline(__always)
    mutating func next(_ bytes: RawSpan) throws(ReadFailure) -> Bool {
        let size = bytes.byteCount
        let mark = mark
        var offset = position
        precondition(offset >= 0)
        // line breaks, indentation, blanks, Ctrl-Z, and terminators of empty segments
        while offset < size {
            let byte = bytes.byte(uncheckedAt: offset)
            if byte > 32 && (byte != mark || markLength > 1) { break }
            offset &+= 1
        }
        guard offset < size else {
            position = size
            return false
        }
        start = offset
        offset = firstMark(bytes, from: offset)
        // nearly always it is the terminator, and no blank stands before it
        if offset < size, bytes.byte(uncheckedAt: offset) == mark, markLength == 1,
            bytes.byte(uncheckedAt: offset &- 1) > 32
        {
            isTerminated = true
            end = offset
            position = offset &+ 1
            isFolded = false
        } else {
            finish(bytes, from: offset)
        }
        if end &- start > Bounds.segmentBytes { throw tooLong() }
        elementCount = -1
        tag = isFolded ? packedTag(unfolded.span.bytes, 0, unfolded.count) : packedTag(bytes, start, end)
        return true
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
            offset = firstMark(bytes, from: offset &+ 1)
        }
        while end > start {
            let byte = bytes[end &- 1]
            guard byte == 32 || byte == 13 || byte == 10 || byte == 9 || byte == 26 || byte == 0 else { break }
            end &-= 1
        }
        isFolded = hasBreak && unfold(bytes)
    }

    /// The next byte that could end the segment or break it: the terminator's first byte or a control character. Found by blocks of 64
    /// bytes, each looked at once: a block holds several segments.
    @inline(__always)
    private mutating func firstMark(_ bytes: RawSpan, from: Int) -> Int {
        var base = from & ~63
        if base != block { look(bytes, at: base) }
        let rest = marks &>> UInt64(truncatingIfNeeded: from & 63)
        if rest != 0 { return from &+ rest.trailingZeroBitCount }
        let size = bytes.byteCount
        while true {
            base &+= 64
            guard base < size else { return size }
            look(bytes, at: base)
            if marks != 0 { return base &+ marks.trailingZeroBitCount }
        }
    }

    @inline(__always)
    private mutating func look(_ bytes: RawSpan, at base: Int) {
        block = base
        let size = bytes.byteCount
        var found: UInt64 = 0
        if base &+ 64 <= size {
            let pattern = Self.pattern(mark)
            var index = 0
            while index < 8 {
                let word = bytes.word(uncheckedAt: base &+ index &* 8)
                let difference = word ^ pattern
                // high bits: the byte is not the mark; the byte is 16 or more. Exact in every byte.
                let other = ((difference & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F) | difference
                let plain = ((word & 0x7070_7070_7070_7070) &+ 0x7070_7070_7070_7070) | word
                let hits = ~(other & plain) & 0x8080_8080_8080_8080
                // gathers the eight high bits in the lowest byte; shifts, since the processor multiplies no vectors of words
                var bits = hits &>> 7
                bits |= bits &>> 7
                bits |= bits &>> 14
                bits |= bits &>> 28
                found |= (bits & 255) &<< UInt64(truncatingIfNeeded: index &* 8)
                index &+= 1
            }
        } else {
            var offset = base
            while offset < size {
                let byte = bytes[offset]
                if byte == mark || byte < 16 { found |= 1 &<< UInt64(truncatingIfNeeded: offset &- base) }
                offset &+= 1
            }
        }
        marks = found
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
        if start &+ 4 <= bytes.byteCount, end &- start >= 4, bytes.byte(uncheckedAt: start &+ 3) == separator {
            // three characters and a separator, unless an earlier one is a separator too
            let word = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt32.self)
            let packed = UInt32(bigEndian: word) &>> 8
            let second = UInt8(truncatingIfNeeded: packed)
            let first = UInt8(truncatingIfNeeded: packed &>> 8)
            if second != separator, second != 32, first != separator, first != 32 { return packed }
        }
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
