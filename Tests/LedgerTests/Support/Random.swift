import Foundation

/// SplitMix64: the same seed gives the same case on every machine.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// A new seed for each run, printed so that a failure can be repeated with REMITD_SEED.
func newSeed(_ name: String) -> UInt64 {
    let seed = getenv("REMITD_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0..<1_000_000)
    print("\(name): seed \(seed)")
    return seed
}

/// How often a property is tried: more with REMITD_ROUNDS, which multiplies.
enum Rounds {
    static func count(_ count: Int) -> Int { count * (getenv("REMITD_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 1) }
}
