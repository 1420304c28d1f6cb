import Trade

/// The characters that structure an interchange (ISO 9735-1, 5.1 and 10.1). UNA states them; without it the defaults hold.
struct ServiceCharacters: Equatable {
    var component: UInt8 = 58
    var element: UInt8 = 43
    /// Takes the meaning from the character after it; 0 if there is none.
    var release: UInt8 = 63
    /// Between repetitions of an element, syntax 4 only; 0 if there is none.
    var repetition: UInt8 = 0
    var terminator: UInt8 = 39
    /// The line end is the terminator. Otherwise CR and LF are noise, even inside elements.
    var lineEnds: Bool { terminator == 10 || terminator == 13 }

    /// What follows `UNB` without a UNA: `+`, or the separator IS3 of level B in syntax 1 (ISO 9735:1988, 5.1), which has no
    /// release character.
    static func assumed(separator: UInt8) -> ServiceCharacters {
        separator == 0x1D
            ? ServiceCharacters(component: 0x1F, element: 0x1D, release: 0, repetition: 0, terminator: 0x1C) : ServiceCharacters()
    }

    /// In syntax 4 without a UNA (ISO 9735-1, 5.1).
    static let assumedRepetition: UInt8 = 42

    /// Reads the six characters after `UNA`, the first of which stands at `start`: component and element separator, decimal mark, release
    /// character, repetition separator (before syntax 4 reserved, a blank), terminator. The decimal mark is not kept: data use point
    /// and comma whatever it says.
    ///
    /// Line breaks between them are looked past; the terminator is a line break only if no other character can be it. A sender that
    /// drops the reserved blank is understood.
    static func read(_ bytes: RawSpan, at start: Int) -> Result<(characters: ServiceCharacters, end: Int), ReadingStopped> {
        func problem(_ kind: Problem.Kind, _ what: String) -> ReadingStopped {
            ReadingStopped(Problem(kind, at: .byte(start), byte: start, what))
        }
        var offset = start
        var six: [UInt8] = []
        while six.count < 5 {
            guard offset < bytes.byteCount else { return .failure(problem(.incomplete, "the file ends inside UNA")) }
            if bytes[offset] != 13 && bytes[offset] != 10 { six.append(bytes[offset]) }
            offset += 1
        }
        var next = offset
        while next < bytes.byteCount, bytes[next] == 13 || bytes[next] == 10 { next += 1 }
        guard next < bytes.byteCount else { return .failure(problem(.incomplete, "the file ends inside UNA")) }
        var characters = ServiceCharacters(component: six[0], element: six[1], release: six[3], repetition: six[4])
        if !bytes[next].isLetterOrDigit {
            characters.terminator = bytes[next]
            offset = next + 1
        } else if next > offset {
            characters.terminator = 10
            offset = next
        } else {
            // the reserved blank is missing: the fifth character ends the segment
            characters.terminator = six[4]
            characters.repetition = 0
        }
        if characters.release == 32 { characters.release = 0 }
        if characters.repetition == 32 { characters.repetition = 0 }
        let distinct = [characters.component, characters.element, characters.release, characters.terminator]
        guard Set(distinct).count == 4, distinct.allSatisfy({ !$0.isLetterOrDigit && $0 != 32 && $0 < 0x80 }) else {
            return .failure(
                problem(
                    .malformed,
                    "\(Text.quote(bytes.copy(start, min(start + 6, bytes.byteCount)))) after UNA does not state service characters"))
        }
        if distinct.contains(characters.repetition) { characters.repetition = 0 }
        return .success((characters, offset))
    }
}

/// The same for whole vectors of bytes. Bytes above 0x7F are stops too: what UNB names decides how they are read.
struct ServiceAlphabet: Alphabet {
    private let terminator: ByteBlock.Lanes
    private let release: ByteBlock.Lanes
    private let repetition: ByteBlock.Lanes
    private let element: ByteBlock.Lanes
    private let component: ByteBlock.Lanes

    init(_ characters: ServiceCharacters) {
        // a character that is not in use is 0, which is a control character in any case
        terminator = ByteBlock.Lanes(repeating: characters.terminator)
        release = ByteBlock.Lanes(repeating: characters.release)
        repetition = ByteBlock.Lanes(repeating: characters.repetition)
        element = ByteBlock.Lanes(repeating: characters.element)
        component = ByteBlock.Lanes(repeating: characters.component)
    }

    @inline(__always)
    func isStop(_ lanes: ByteBlock.Lanes) -> ByteBlock.Lanes {
        ByteBlock.controlOrHigh(lanes) | ByteBlock.equal(lanes, terminator) | ByteBlock.equal(lanes, release)
            | ByteBlock.equal(lanes, repetition)
    }

    @inline(__always)
    func isSeparator(_ lanes: ByteBlock.Lanes) -> ByteBlock.Lanes { ByteBlock.equal(lanes, element) | ByteBlock.equal(lanes, component) }
}
