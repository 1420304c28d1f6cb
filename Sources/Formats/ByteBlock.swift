#if arch(x86_64)
    import CLanes
#endif

/// 64 bytes of a file in four vectors, and which of them have a property: one bit each, the lowest for the first byte.
///
/// The order of the bits is that of little-endian machines, the only ones that Swift runs on under Linux.
struct ByteBlock {
    typealias Lanes = SIMD16<UInt8>

    private let lanes: (Lanes, Lanes, Lanes, Lanes)
    /// The bits of bytes that are there: all but in the last block of a file.
    private let inside: UInt64

    @inline(__always)
    init(_ bytes: RawSpan, at base: Int) {
        precondition(base >= 0)
        let rest = bytes.byteCount &- base
        guard rest >= 64 else {
            lanes = Self.last(bytes, base)
            inside = (1 &<< UInt64(max(0, rest))) &- 1
            return
        }
        @inline(__always) func load(_ offset: Int) -> Lanes {
            bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: base &+ offset, as: Lanes.self)
        }
        lanes = (load(0), load(16), load(32), load(48))
        inside = .max
    }

    /// The file's last block, filled up with zeros, or what is behind it.
    @inline(never)
    private static func last(_ bytes: RawSpan, _ base: Int) -> (Lanes, Lanes, Lanes, Lanes) {
        func load(_ offset: Int) -> Lanes {
            var part = Lanes()
            for index in 0..<16 where base + offset + index < bytes.byteCount { part[index] = bytes[base + offset + index] }
            return part
        }
        return (load(0), load(16), load(32), load(48))
    }

    /// - Parameter property: lanes of 0xFF where a byte has it, of 0 where not.
    @inline(__always)
    func marks(_ property: (Lanes) -> Lanes) -> UInt64 {
        let (first, second, third, fourth) = (property(lanes.0), property(lanes.1), property(lanes.2), property(lanes.3))
        #if arch(x86_64)
            let low = UInt64(remitd_high_bits(first)) | UInt64(remitd_high_bits(second)) &<< 16
            return (low | UInt64(remitd_high_bits(third)) &<< 32 | UInt64(remitd_high_bits(fourth)) &<< 48) & inside
        #else
            return Self.folded(first, second, third, fourth) & inside
        #endif
    }

    /// The same where no instruction gives it: each byte becomes the one bit that is its own among eight; then eight bytes are folded
    /// into one, for all at the same time.
    @inline(__always)
    static func folded(_ first: Lanes, _ second: Lanes, _ third: Lanes, _ fourth: Lanes) -> UInt64 {
        let weights = Lanes(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128)
        @inline(__always) func weighed(_ lanes: Lanes) -> SIMD2<UInt64> { unsafeBitCast(lanes & weights, to: SIMD2<UInt64>.self) }
        let (first, second, third, fourth) = (weighed(first), weighed(second), weighed(third), weighed(fourth))
        @inline(__always) func halves(_ a: SIMD2<UInt64>, _ b: SIMD2<UInt64>, _ index: Int) -> SIMD2<UInt32> {
            let words = unsafeBitCast(SIMD2(a[index], b[index]), to: SIMD4<UInt32>.self)
            return words.evenHalf | words.oddHalf
        }
        let even = SIMD4(lowHalf: halves(first, second, 0), highHalf: halves(third, fourth, 0))
        let odd = SIMD4(lowHalf: halves(first, second, 1), highHalf: halves(third, fourth, 1))
        let pairs = (even | even &>> 16) & 0xFFFF | (odd | odd &<< 16) & 0xFFFF_0000
        return unsafeBitCast(unsafeBitCast(pairs | pairs &>> 8, to: Lanes.self).evenHalf, to: UInt64.self)
    }

    /// The lanes that hold this byte.
    @inline(__always)
    static func equal(_ lanes: Lanes, _ byte: Lanes) -> Lanes { unsafeBitCast(lanes .== byte, to: Lanes.self) }

    /// The lanes below 16: control characters.
    @inline(__always)
    static func control(_ lanes: Lanes) -> Lanes { unsafeBitCast(lanes .< Lanes(repeating: 16), to: Lanes.self) }

    /// The lanes that as signed numbers are below 16: control characters, and bytes above 0x7F.
    @inline(__always)
    static func controlOrHigh(_ lanes: Lanes) -> Lanes {
        unsafeBitCast(unsafeBitCast(lanes, to: SIMD16<Int8>.self) .< SIMD16<Int8>(repeating: 16), to: Lanes.self)
    }
}

/// What the bytes of a file mean to a lexer.
protocol Alphabet {
    /// All that a plain segment does not have inside: terminators, what takes or gives a meaning, control characters below 16.
    func isStop(_ lanes: ByteBlock.Lanes) -> ByteBlock.Lanes
    /// Separators of elements and components.
    func isSeparator(_ lanes: ByteBlock.Lanes) -> ByteBlock.Lanes
}

/// Where in 128 bytes of a file stops and separators stand: two blocks of 64, so that a segment that starts in the first and is shorter
/// than 64 bytes lies in them whole. A block holds several segments. Looking at it once costs less than asking each byte, and what a
/// lexer then asks is a matter of a few bits.
struct MarkedBlocks<Characters: Alphabet> {
    /// Offset of the first block's first byte, a multiple of 64; −128 for none.
    private(set) var base = -128
    private var near = (stops: UInt64(0), separators: UInt64(0))
    private var far = (stops: UInt64(0), separators: UInt64(0))
    private let characters: Characters

    init(_ characters: Characters) { self.characters = characters }

    /// Looks at the block that starts at `base` and the one behind it.
    @inline(never)
    mutating func move(_ bytes: RawSpan, to base: Int) {
        near = base == self.base &+ 64 ? far : marks(bytes, base)
        far = marks(bytes, base &+ 64)
        self.base = base
    }

    @inline(__always)
    private func marks(_ bytes: RawSpan, _ base: Int) -> (stops: UInt64, separators: UInt64) {
        let block = ByteBlock(bytes, at: base)
        return (block.marks { characters.isStop($0) }, block.marks { characters.isSeparator($0) })
    }

    /// The stops from `place` in the first block on, the lowest bit for `place` itself; as many as 64.
    @inline(__always)
    func stops(from place: UInt64) -> UInt64 { near.stops &>> place | (far.stops &<< 1) &<< (63 &- place) }
    @inline(__always)
    func separators(from place: UInt64) -> UInt64 { near.separators &>> place | (far.separators &<< 1) &<< (63 &- place) }
}
