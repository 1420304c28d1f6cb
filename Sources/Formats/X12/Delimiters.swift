import Trade

/// The characters that structure an interchange, and the ISA they were found in.
///
/// X12 defines them by place: the element separator is the fourth character of the ISA, ISA16 is the component separator and
/// the character after it the segment terminator. Places are counted in characters and elements, never at the fixed
/// offsets 104 and 105, since real files have elements of the wrong width and line breaks inside the ISA.
struct Delimiters {
    var element: UInt8
    /// The terminator's bytes; more than one for a terminator such as U+2026.
    var terminator: [UInt8]
    /// The line end is the terminator: CR, LF or both end a segment. Otherwise CR and LF are noise, even inside elements.
    var lineEnds: Bool
}

/// The head of an interchange.
struct InterchangeHeader {
    var delimiters: Delimiters
    /// ISA01 to ISA16 without padding; index 0 is ISA01.
    var elements: [String]
    var start: Int
    /// Offset of the byte after the terminator.
    var end: Int

    var sender: String { elements[5] }
    var receiver: String { elements[7] }
    var controlNumber: String { elements[12] }
    /// ISA15 usage indicator: P production, T test.
    var isTest: Bool { elements[14] == "T" }

    /// Reads the ISA that starts at `start`.
    static func read(_ bytes: RawSpan, at start: Int, number: Int) -> Result<InterchangeHeader, ReadingStopped> {
        let place = Location.segment("ISA", number, set: 0)
        var offset = start
        func incomplete() -> Result<InterchangeHeader, ReadingStopped> {
            .failure(
                ReadingStopped(
                    Problem(
                        .incomplete, at: place, byte: bytes.byteCount, "the file ends inside the ISA segment",
                        advice: "fetch the whole file again")))
        }
        func malformed(_ what: String) -> Result<InterchangeHeader, ReadingStopped> {
            .failure(ReadingStopped(Problem(.malformed, at: place, byte: start, what)))
        }
        /// The next byte that is not a line break; nil at the end of the file.
        func significant() -> UInt8? {
            while offset < bytes.byteCount, bytes[offset] == 13 || bytes[offset] == 10 { offset += 1 }
            return offset < bytes.byteCount ? bytes[offset] : nil
        }
        for letter in [73, 83, 65] as [UInt8] {
            guard let byte = significant() else { return incomplete() }
            guard byte == letter else { return malformed("an interchange must start with ISA") }
            offset += 1
        }
        guard let separator = significant() else { return incomplete() }
        guard X12.canSeparate(separator) else {
            return malformed("the character after ISA cannot separate elements")
        }
        offset += 1
        var elements: [String] = []
        var element: [UInt8] = []
        while elements.count < 15 {
            guard offset - start < Bounds.isaBytes else { return malformed("the ISA segment has fewer than 16 elements") }
            guard let byte = significant() else { return incomplete() }
            offset += 1
            if byte == separator {
                elements.append(Text.decode(element).trimmed)
                element = []
            } else {
                element.append(byte)
            }
        }
        // ISA16 is one character, the terminator the next
        guard significant() != nil else { return incomplete() }
        let component = bytes.character(at: offset)
        elements.append(Text.decode(component))
        offset += component.count
        return terminator(bytes, at: offset).flatMap { found in
            guard let found else { return incomplete() }
            guard found.bytes != [separator] else { return malformed("the element separator also ends the ISA segment") }
            let delimiters = Delimiters(element: separator, terminator: found.bytes, lineEnds: found.lineEnds)
            return .success(InterchangeHeader(delimiters: delimiters, elements: elements, start: start, end: found.end))
        }
        .mapError { (stopped: ReadingStopped) in
            ReadingStopped(Problem(stopped.problem.kind, at: place, byte: stopped.problem.byte, stopped.problem.what))
        }
    }

    private typealias Found = (bytes: [UInt8], lineEnds: Bool, end: Int)

    /// The character after ISA16. A blank is looked past; a line break is the terminator unless a character that cannot
    /// start a segment follows it (a file wrapped exactly there).
    private static func terminator(_ bytes: RawSpan, at start: Int) -> Result<Found?, ReadingStopped> {
        var offset = start
        while offset < bytes.byteCount, bytes[offset] == 32 { offset += 1 }
        guard offset < bytes.byteCount else { return .success(nil) }
        if bytes[offset] == 13 || bytes[offset] == 10 {
            let lineEnd: UInt8 = bytes[offset]
            var next = offset
            while next < bytes.byteCount, bytes[next] <= 32, bytes[next] != 0x15 { next += 1 }
            if next >= bytes.byteCount || bytes[next].isLetterOrDigit {
                let isPair = lineEnd == 13 && offset + 1 < bytes.byteCount && bytes[offset + 1] == 10
                return .success(([isPair ? 10 : lineEnd], true, offset + (isPair ? 2 : 1)))
            }
            offset = next
        }
        let character = bytes.character(at: offset)
        if let first = character.first, first.isLetterOrDigit {
            return .failure(
                ReadingStopped(
                    Problem(
                        .malformed, at: .file, byte: offset,
                        "\(Text.quote(character)) follows ISA16 and cannot end a segment")))
        }
        return .success((character, false, offset + character.count))
    }
}

/// A problem that ends the reading, as an error.
struct ReadingStopped: Error {
    var problem: Problem
    init(_ problem: Problem) { self.problem = problem }
}

extension UInt8 {
    var isLetterOrDigit: Bool { self >= 48 && self <= 57 || self >= 65 && self <= 90 || self >= 97 && self <= 122 }
}

/// The same for whole vectors of bytes. Of a terminator of two characters the first is a stop.
struct DelimiterAlphabet: Alphabet {
    private let terminator: ByteBlock.Lanes
    private let element: ByteBlock.Lanes

    init(_ delimiters: Delimiters) {
        terminator = ByteBlock.Lanes(repeating: delimiters.terminator[0])
        element = ByteBlock.Lanes(repeating: delimiters.element)
    }

    @inline(__always)
    func isStop(_ lanes: ByteBlock.Lanes) -> ByteBlock.Lanes { ByteBlock.control(lanes) | ByteBlock.equal(lanes, terminator) }

    @inline(__always)
    func isSeparator(_ lanes: ByteBlock.Lanes) -> ByteBlock.Lanes { ByteBlock.equal(lanes, element) }
}
