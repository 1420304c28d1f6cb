/// What the X12 reader refuses to go beyond. A bound is a guard against a file that is not what it says it is; none is
/// reached by a trade document that was written in earnest.
enum Bounds {
    /// One GiB: a remittance of half a million lines is about 40 MiB, and places are counted in 32 bits.
    static let fileBytes = 1 << 30
    /// The longest elements of the retail sets are 264 (NTE02, MSG01) to 4,096 characters; a "segment" beyond 64 KiB
    /// is a file whose terminator was lost.
    static let segmentBytes = 64 << 10
    /// The longest segments of releases 003010 to 008060 have fewer than 100 elements.
    static let elements = 128
    /// As many as `Location.packed` can tell apart (18 bits).
    static let sets = 0x3FFFF
    /// An ISA is 106 characters; elements of the wrong width and line breaks inside it are tolerated up to this.
    static let isaBytes = 512
    /// A document that is held whole (810) must fit into memory: 100,000 items are about 30 MB.
    static let itemLines = 100_000
    /// Adjustments beside the lines of one payment are held until its end.
    static let documentAdjustments = 100_000
    /// A person reads the first few problems of a set; the rest follow from the same cause.
    static let problemsPerSet = 5
    /// Problems and notes are held in memory and shown to people.
    static let problemsPerFile = 200
    static let notesPerFile = 1_000
    /// Notes of one kind in one set; the rest is counted.
    static let notesPerCode = 3
    /// Distinct identifiers offered for routing, and interchange numbers remembered to see a repetition.
    static let identifiers = 10_000
    /// Fifteen digits of minor units: ten trillion dollars. A longer number is not an amount of money.
    static let amount: Int64 = 1_000_000_000_000_000
    /// Parties and vendor numbers of one document; a real one has a handful.
    static let idsPerSet = 100
    /// Transaction sets that one acknowledgement answers, and faults told of each: held in memory, read by people.
    static let answers = 10_000
    static let reasons = 20
    /// A reason goes on for as many NTE segments as are written; people read its beginning.
    static let reasonBytes = 1_000
    /// Lines handed to the sink at a time.
    static let batch = 512
}
