/// Where in 64 bytes of a file the service characters stand, one bit each, the lowest for the first byte. A block is looked at once and
/// holds several segments; what `MessageSegments` then asks of it is a matter of a few bits.
struct MarkedBlock {
    /// Offset of the block's first byte, a multiple of 64; −1 for none.
    private(set) var base = -1
    /// All that a plain segment does not have inside: terminators, release and repetition characters, control characters below 16,
    /// bytes above 0x7F.
    private(set) var stops: UInt64 = 0
    private(set) var elements: UInt64 = 0
    private(set) var components: UInt64 = 0

    private typealias Lanes = SIMD16<UInt8>
    private var terminator: Lanes
    private var release: Lanes
    private var repetition: Lanes
    private var element: Lanes
    private var component: Lanes

    init(_ characters: ServiceCharacters) {
        // a character that is not in use is 0, which is a control character in any case
        terminator = Lanes(repeating: characters.terminator)
        release = Lanes(repeating: characters.release)
        repetition = Lanes(repeating: characters.repetition)
        element = Lanes(repeating: characters.element)
        component = Lanes(repeating: characters.component)
    }

    @inline(__always)
    mutating func look(_ bytes: RawSpan, at base: Int) {
        self.base = base
        guard base &+ 64 <= bytes.byteCount else { return lookAtLast(bytes) }
        var (stops, elements, components) = (UInt64(0), UInt64(0), UInt64(0))
        var index = 0
        while index < 64 {
            let lanes = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: base &+ index, as: Lanes.self)
            // as signed bytes, what is above 0x7F is below 16 too
            let signed = unsafeBitCast(lanes, to: SIMD16<Int8>.self)
            let isOdd = signed .< SIMD16<Int8>(repeating: 16)
            let isStop =
                Self.lanes(isOdd) | Self.lanes(lanes .== terminator) | Self.lanes(lanes .== release) | Self.lanes(lanes .== repetition)
            let shift = UInt64(truncatingIfNeeded: index)
            stops |= Self.bits(isStop) &<< shift
            elements |= Self.bits(Self.lanes(lanes .== element)) &<< shift
            components |= Self.bits(Self.lanes(lanes .== component)) &<< shift
            index &+= 16
        }
        (self.stops, self.elements, self.components) = (stops, elements, components)
    }

    /// The file's last block, which may be short.
    private mutating func lookAtLast(_ bytes: RawSpan) {
        (stops, elements, components) = (0, 0, 0)
        for offset in base..<max(base, bytes.byteCount) {
            let byte = bytes[offset]
            let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: offset &- base)
            if byte < 16 || byte >= 0x80 || byte == terminator[0] || byte == release[0] || byte == repetition[0] { stops |= bit }
            if byte == element[0] { elements |= bit }
            if byte == component[0] { components |= bit }
        }
    }

    @inline(__always)
    private static func lanes(_ mask: SIMDMask<SIMD16<Int8>>) -> Lanes { unsafeBitCast(mask, to: Lanes.self) }

    /// One bit for each lane that is not zero.
    @inline(__always)
    private static func bits(_ lanes: Lanes) -> UInt64 {
        let weighed = lanes & Lanes(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128)
        let halves = unsafeBitCast(weighed, to: SIMD2<UInt64>.self)
        // the product's highest byte is the sum of all eight
        let low = (UInt64(littleEndian: halves[0]) &* 0x0101_0101_0101_0101) &>> 56
        let high = (UInt64(littleEndian: halves[1]) &* 0x0101_0101_0101_0101) &>> 56
        return low | high &<< 8
    }
}
