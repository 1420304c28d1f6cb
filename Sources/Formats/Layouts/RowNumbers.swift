import Trade

/// The numbers of a table's rows, from a first walk over them: which come again further down, and where last. By it a document is known to
/// be whole with its last row, so that it can go at once and need not be kept until the file ends.
///
/// Numbers stand here as 64 bits of a hash under a key of this process. Of two numbers that share them the rows seem to belong together,
/// which only keeps a document longer; what is one document is told by the numbers themselves.
struct RowNumbers {
    private let key = UInt64.random(in: .min ... .max)
    /// An open hash table; 0 is free.
    private var slots: [UInt64]
    private var count = 0
    /// Rows of one number below one another are one place.
    private let joins: Bool
    private var latest: UInt64 = 0
    private var latestRecurs = false
    /// The last row of each number that stands in several places.
    private var ends: [UInt64: Int] = [:]

    /// - Parameter joins: whether rows of one number below one another are no repetition.
    /// - Parameter bytes: of the file.
    init(joins: Bool, bytes: Int) {
        self.joins = joins
        // rows of a hundred bytes are usual: a list of one row a document fills half of it, and a small file costs little
        var room = 1 << 8
        while room < bytes / 64 { room <<= 1 }
        slots = [UInt64](repeating: 0, count: room)
    }

    /// Some numbers stand in several places.
    var areScattered: Bool { !ends.isEmpty }

    /// The last row of the number; nil if it stands in one place.
    func end(_ hash: UInt64) -> Int? { ends[hash] }

    /// Whether a row has the number.
    func contains(_ number: String) -> Bool {
        var number = number
        return number.withUTF8 { bytes in
            guard let hash = hash(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes)), 0, bytes.count) else { return false }
            return slots[slot(of: hash)] == hash
        }
    }

    /// Adds several at once: the places of a large table are not in the cache, and so many are waited for at the same time.
    mutating func add(_ several: [(hash: UInt64, row: Int)]) {
        for (hash, row) in several { add(hash, row: row) }
    }

    @inline(__always)
    mutating func add(_ hash: UInt64, row: Int) {
        if joins, hash == latest {
            if latestRecurs { ends[hash] = row }
            return
        }
        let slot = slot(of: hash)
        latest = hash
        latestRecurs = slots[slot] == hash
        if latestRecurs {
            ends[hash] = row
            return
        }
        slots[slot] = hash
        count += 1
        // half of it stays free: places are found in a step or two
        if count * 2 > slots.count { grow() }
    }

    /// Where the hash stands, else a free place for it.
    @inline(__always)
    private func slot(of hash: UInt64) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index] != hash, slots[index] != 0 { index = (index + 1) & mask }
        return index
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        for hash in old where hash != 0 { slots[slot(of: hash)] = hash }
    }

    /// - Returns: never 0; nil for text that is not ASCII: what is one number there is not told by its bytes.
    func hash(_ bytes: RawSpan, _ start: Int, _ end: Int) -> UInt64? {
        let count = end - start
        precondition(start >= 0 && count >= 0 && end <= bytes.byteCount)
        var all: UInt64 = 0
        var hash = key
        @inline(__always) func mix(_ word: UInt64) {
            all |= word
            // as in wyhash: both halves of a product of 128 bits
            let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            hash = product.high ^ product.low &+ key
        }
        if count >= 8 {
            var index = start
            while index &+ 8 < end {
                mix(bytes.word(uncheckedAt: index))
                index &+= 8
            }
            // the last eight, some of them perhaps for the second time
            mix(bytes.word(uncheckedAt: end &- 8))
        } else {
            var word: UInt64 = 0
            for index in start..<end { word = word &<< 8 | UInt64(bytes.byte(uncheckedAt: index)) }
            mix(word)
        }
        guard all & 0x8080_8080_8080_8080 == 0 else { return nil }
        mix(UInt64(truncatingIfNeeded: count))
        return hash == 0 ? 1 : hash
    }
}

extension TableReading {
    /// Enough that waiting for memory is shared, few enough to stay in the cache.
    private static let numbersAtOnce = 64

    /// Walks over all rows and looks at nothing but their numbers.
    /// - Parameter joins: whether rows of one number below one another are one document.
    /// - Returns: nil if the bytes of the cells do not tell which numbers are the same, or stacked tables share them: then no document is
    ///   known to be whole before the file ends.
    func numbers(_ bytes: Span<UInt8>, joins: Bool) -> RowNumbers? {
        let key = layout.document.key
        guard layout.tables.count == 1, !cells.hasConstant(key) else { return nil }
        var look = self
        var numbers = RowNumbers(joins: joins, bytes: bytes.count)
        var marks = RowMarks(delimiter: cells.rows.delimiter)
        let column = cells.skimmed(key)
        var several: [(hash: UInt64, row: Int)] = []
        several.reserveCapacity(Self.numbersAtOnce)
        while true {
            if several.count == Self.numbersAtOnce {
                numbers.add(several)
                several.removeAll(keepingCapacity: true)
            }
            if let column, let range = look.cells.skim(bytes, &marks, column: column) {
                guard let hash = numbers.hash(bytes.bytes, range.lowerBound, range.upperBound) else { return nil }
                several.append((hash, look.cells.row))
                continue
            }
            // what is wrong with a row is said when the row is read
            guard (try? look.next(bytes)) ?? false else {
                numbers.add(several)
                return numbers
            }
            guard let range = look.cells.plainRange(bytes, key), let hash = numbers.hash(bytes.bytes, range.lowerBound, range.upperBound)
            else { return nil }
            if !range.isEmpty { several.append((hash, look.cells.row)) }
        }
    }
}
