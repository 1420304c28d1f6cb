/// A text of one account as 128 bits, by seeds that no one outside the process knows: in a ledger of a million keys two that fall on
/// one is not to be expected before the disk fails, and cannot be brought about.
struct SieveKey: Equatable {
    var a: UInt64
    var b: UInt64
}

/// Makes ``SieveKey``s from bytes where they lie.
struct SieveHash {
    private let seeds = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    private let factors = (UInt64.random(in: .min ... .max) | 1, UInt64.random(in: .min ... .max) | 1)

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    @inline(__always)
    func key(_ bytes: UnsafeRawBufferPointer, _ salt: UInt64) -> SieveKey {
        var (a, b) = (seeds.0 &+ salt, seeds.1 ^ salt)
        var at = 0
        while at + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            a = Self.fold(a ^ word, factors.0)
            b = Self.fold(b &+ word, factors.1) &+ word
            at += 8
        }
        var tail = UInt64(bytes.count) << 56
        while at < bytes.count {
            tail = tail << 8 ^ UInt64(bytes[at])
            at += 1
        }
        tail ^= UInt64(bytes.count) << 56
        a = Self.fold(a ^ tail, factors.0)
        b = Self.fold(b &+ tail, factors.1) &+ tail
        return SieveKey(a: Self.fold(a, factors.1), b: Self.fold(b, factors.0) ^ a)
    }

    func key(_ text: String, _ salt: UInt64) -> SieveKey {
        var text = text
        return text.withUTF8 { key(UnsafeRawBufferPointer($0), salt) }
    }

    /// A number that depends on every bit of both.
    @inline(__always)
    func mix(_ key: UInt64, _ more: UInt64) -> UInt64 { Self.fold(key ^ factors.1, more ^ seeds.0) &+ Self.fold(more &+ seeds.1, key | 1) }
}

/// Numbers of keys, in the order in which they came; open addressing. Room for all is made at once, so that growing never holds two
/// of it; what is not used costs no memory.
struct SieveKeys {
    private(set) var keys: [SieveKey] = []
    private var index: [Int32]
    private let mask: Int
    private let limit: Int

    /// - Parameter limit: more keys than this are not taken.
    init(limit: Int) {
        self.limit = limit
        var size = 16
        while size < limit + limit / 2 { size *= 2 }
        mask = size - 1
        index = Array(repeating: -1, count: size)
        keys.reserveCapacity(limit)
    }

    @inline(__always)
    func find(_ key: SieveKey) -> Int? {
        var at = Int(truncatingIfNeeded: key.a) & mask
        while true {
            let found = Int(index[at])
            if found < 0 { return nil }
            if keys[found] == key { return found }
            at = (at + 1) & mask
        }
    }

    /// - Returns: nil where there is no room for another key.
    @inline(__always)
    mutating func findOrAdd(_ key: SieveKey) -> Int? {
        var at = Int(truncatingIfNeeded: key.a) & mask
        while true {
            let found = Int(index[at])
            if found < 0 { break }
            if keys[found] == key { return found }
            at = (at + 1) & mask
        }
        guard keys.count < limit else { return nil }
        index[at] = Int32(keys.count)
        keys.append(key)
        return keys.count - 1
    }
}

/// What is known of each key.
struct SieveTable<Place> {
    private(set) var keys: SieveKeys
    var places: [Place] = []
    private let empty: Place

    init(limit: Int, of empty: Place) {
        keys = SieveKeys(limit: limit)
        places.reserveCapacity(limit)
        self.empty = empty
    }

    @inline(__always)
    func find(_ key: SieveKey) -> Int? { keys.find(key) }

    @inline(__always)
    mutating func findOrAdd(_ key: SieveKey) -> Int? {
        guard let place = keys.findOrAdd(key) else { return nil }
        if place == places.count { places.append(empty) }
        return place
    }
}

/// A set of small numbers.
struct SieveBits {
    private var words: [UInt64]
    init(count: Int) { words = Array(repeating: 0, count: (count >> 6) + 1) }

    func holds(_ number: Int) -> Bool {
        guard number >= 0, number >> 6 < words.count else { return false }
        return words[number >> 6] & (1 << UInt64(number & 63)) != 0
    }
    mutating func insert(_ number: Int) { words[number >> 6] |= 1 << UInt64(number & 63) }

    /// The first number not in the set, from this one on.
    func firstAbsent(from number: Int) -> Int {
        var at = number
        while at >> 6 < words.count {
            let rest = ~words[at >> 6] >> UInt64(at & 63)
            if rest != 0 { return at + rest.trailingZeroBitCount }
            at = (at >> 6 + 1) << 6
        }
        return at
    }
}
