import Testing

@testable import Formats

/// The bits of 64 bytes, beside a model that asks each byte.
struct ByteBlockTests {
    private static let properties:
        [(name: String, lanes: @Sendable (ByteBlock.Lanes) -> ByteBlock.Lanes, byte: @Sendable (UInt8) -> Bool)] = [
            ("equal to 42", { ByteBlock.equal($0, ByteBlock.Lanes(repeating: 42)) }, { $0 == 42 }),
            ("control", { ByteBlock.control($0) }, { $0 < 16 }),
            ("control or high", { ByteBlock.controlOrHigh($0) }, { $0 < 16 || $0 >= 0x80 }),
        ]

    @Test func `a block has the bit of each byte that has the property, and no bit behind the end of the file`() {
        var random = Seeded(20_261_122)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                Bool.random(using: &random) ? UInt8.random(in: .min ... .max, using: &random) : 42
            }
            let base = Int.random(in: 0...(bytes.count + 70), using: &random)
            for property in Self.properties {
                let expected = bytes.dropFirst(base).prefix(64).enumerated().reduce(UInt64(0)) {
                    property.byte($1.element) ? $0 | 1 << UInt64($1.offset) : $0
                }
                let marks = ByteBlock(bytes.span.bytes, at: base).marks(property.lanes)
                #expect(marks == expected, "\(property.name) at \(base) of \(bytes)")
            }
        }
    }

    @Test func `folding by hand gives the bits that the instruction gives`() {
        var random = Seeded(20_261_122)
        for _ in 0..<2_000 {
            let set = (0..<64).map { _ in Bool.random(using: &random) }
            func lanes(_ first: Int) -> ByteBlock.Lanes { ByteBlock.Lanes(set[first..<(first + 16)].map { $0 ? 0xFF : 0 }) }
            let bits = set.enumerated().reduce(UInt64(0)) { $1.element ? $0 | 1 << UInt64($1.offset) : $0 }
            #expect(ByteBlock.folded(lanes(0), lanes(16), lanes(32), lanes(48)) == bits)
        }
    }
}
