/// Finds any of three bytes among eight at once.
struct Stops {
    private let a: UInt64
    private let b: UInt64
    private let c: UInt64

    @inline(__always)
    init(_ a: UInt8, _ b: UInt8, _ c: UInt8) {
        self.a = UInt64(a) &* 0x0101_0101_0101_0101
        self.b = UInt64(b) &* 0x0101_0101_0101_0101
        self.c = UInt64(c) &* 0x0101_0101_0101_0101
    }

    /// The high bit of each byte of `word` that is one of the three, the first byte lowest.
    @inline(__always)
    func hits(_ word: UInt64) -> UInt64 { zeros(word ^ a) | zeros(word ^ b) | zeros(word ^ c) }

    /// Exact for every byte: no carry crosses from one into the next (Warren, Hacker's Delight, 6-1).
    @inline(__always)
    private func zeros(_ word: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        return ~((word & low) &+ low | word | low)
    }
}
