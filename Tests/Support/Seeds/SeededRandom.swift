/// SplitMix64: the same seed gives the same case on every machine.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64
    public init(seed: UInt64) { state = seed }
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    public mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    public mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    /// One of a list that is not empty.
    public mutating func one<Value>(of list: [Value]) -> Value { list[Int.random(in: 0..<list.count, using: &self)] }
}

/// A new seed for each run, printed so that a failure can be repeated.
public func newSeed(_ name: String) -> UInt64 {
    let seed = UInt64.random(in: 0..<1_000_000)
    print("\(name): seed \(seed)")
    return seed
}
