/// A place in a file, small enough to be kept for each of a million lines.
///
/// Segments: `ST[2]/RMR[17]/04`, in EDIFACT `UNH[2]/MOA[17]/01`; rows of a table: `row 17, column "Amount Paid"`; lines of a text: `line 17`.
public struct Location: Hashable, Sendable, CustomStringConvertible {
    public enum Scheme: UInt8, Sendable { case file, segment, row, line, byte, message }

    public var scheme: Scheme
    /// Segments: number of the transaction set (or message) in the file, from 1; 0 = outside any.
    public var set: Int32
    /// Segments: tag, up to three characters packed big-endian.
    public var tag: UInt32
    /// Segments: how many-eth of its tag in the set; rows and lines: number from 1; bytes: offset from 0.
    public var index: Int32
    /// Segments: element from 1; rows: column from 1; 0 = none.
    public var element: Int32

    public init(scheme: Scheme, set: Int32 = 0, tag: UInt32 = 0, index: Int32 = 0, element: Int32 = 0) {
        self.scheme = scheme
        self.set = set
        self.tag = tag
        self.index = index
        self.element = element
    }

    public static let file = Location(scheme: .file)
    public static func row(_ row: Int, column: Int = 0) -> Location {
        Location(scheme: .row, index: Int32(clamping: row), element: Int32(clamping: column))
    }
    public static func line(_ line: Int) -> Location { Location(scheme: .line, index: Int32(clamping: line)) }
    public static func byte(_ offset: Int) -> Location { Location(scheme: .byte, index: Int32(clamping: offset)) }
    public static func segment(_ tag: UInt32, _ index: Int, set: Int, element: Int = 0) -> Location {
        Location(
            scheme: .segment, set: Int32(clamping: set), tag: tag, index: Int32(clamping: index),
            element: Int32(clamping: element))
    }
    /// For tags that the code names, e.g. `.segment("BPR", 1, set: 2)`.
    public static func segment(_ tag: StaticString, _ index: Int, set: Int, element: Int = 0) -> Location {
        segment(tag.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }, index, set: set, element: element)
    }

    /// A segment of an EDIFACT message.
    public static func message(_ tag: UInt32, _ index: Int, message: Int, element: Int = 0) -> Location {
        Location(
            scheme: .message, set: Int32(clamping: message), tag: tag, index: Int32(clamping: index), element: Int32(clamping: element))
    }

    public func element(_ element: Int) -> Location {
        var copy = self
        copy.element = Int32(clamping: element)
        return copy
    }

    /// One integer for the ledger: scheme 3 bits, set 18, tag 18 (3 × 6), index 24. What does not fit is clamped: a place
    /// is for people, and beyond 262,143 sets or 16,777,215 segments of a kind the file's own number says enough.
    public var packed: Int64 {
        var six: Int64 = 0
        for shift in [16, 8, 0] as [UInt32] {
            let byte = tag >> shift & 255
            six = six << 6 | Int64(byte >= 32 && byte < 96 ? byte - 32 : 0)
        }
        return Int64(scheme.rawValue) << 60 | Int64(min(set, 0x3FFFF)) << 42 | six << 24 | Int64(min(index, 0xFFFFFF))
    }

    public init(packed: Int64) {
        scheme = Scheme(rawValue: UInt8(packed >> 60 & 7)) ?? .file
        set = Int32(packed >> 42 & 0x3FFFF)
        tag = 0
        for shift in [12, 6, 0] as [Int64] {
            let six = UInt32(packed >> (24 + shift) & 63)
            if six > 0 { tag = tag << 8 | (six + 32) }
        }
        index = Int32(packed & 0xFFFFFF)
        element = 0
    }

    private var tagText: String {
        String(decoding: [UInt8(tag >> 16 & 255), UInt8(tag >> 8 & 255), UInt8(tag & 255)].filter { $0 > 0 }, as: UTF8.self)
    }

    public var description: String {
        switch scheme {
        case .file: return "file"
        case .segment, .message:
            let start = scheme == .segment ? "ST" : "UNH"
            let place = set > 0 && tagText != start ? "\(start)[\(set)]/\(tagText)[\(index)]" : "\(tagText)[\(set > 0 ? set : index)]"
            return element > 0 ? place + (element < 10 ? "/0\(element)" : "/\(element)") : place
        case .row: return element > 0 ? "row \(index), column \(element)" : "row \(index)"
        case .line: return "line \(index)"
        case .byte: return "byte \(index)"
        }
    }
}

/// Something odd that did not stop the reading.
public struct Note: Hashable, Sendable {
    public var code: String
    public var at: Location
    public var text: String
    /// For `column-added`: the captions.
    public var columns: [String]
    public init(_ code: String, at: Location, _ text: String, columns: [String] = []) {
        self.code = code
        self.at = at
        self.text = text
        self.columns = columns
    }

    /// A known export has columns that no field reads and that were not there before; the file is booked.
    public static let columnAdded = "column-added"
}

/// One thing that is wrong with a file, in the words a person needs: place, what, what to do.
public struct Problem: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The file ends too early; the whole one may still come.
        case incomplete
        /// No format, or more than one, claims the file.
        case unrecognised
        /// The file breaks the rules of its format.
        case malformed
        /// A known export lacks a column that is needed, or has others.
        case changed
        /// The file exceeds a bound of the reader (size, depth, count).
        case tooLarge
        /// The sender marks it as a test: it can be read, and says nothing about money or goods.
        case test
    }
    public var kind: Kind
    public var at: Location
    /// Offset of the field's first byte in the file, if known.
    public var byte: Int?
    public var what: String
    public var advice: String
    /// For `changed`: column captions.
    public var missing: [String] = []
    public var added: [String] = []
    public var renamed: [Renamed] = []

    /// A caption that seems to have taken another's place.
    public struct Renamed: Hashable, Sendable {
        public var old: String
        public var new: String
        public init(old: String, new: String) {
            self.old = old
            self.new = new
        }
    }

    public init(
        _ kind: Kind, at: Location, byte: Int? = nil, _ what: String,
        advice: String = "ask the sender to resend, or see 'remitd retry'"
    ) {
        self.kind = kind
        self.at = at
        self.byte = byte
        self.what = what
        self.advice = advice
    }

    /// `LOCATION: what is wrong; what to do`; the caller puts the file's name before it.
    public var description: String {
        let place = byte.map { at.scheme == .byte ? "\(at)" : "\(at) (byte \($0))" } ?? "\(at)"
        return "\(place): \(what); \(advice)"
    }
}

/// Why a reader stopped.
public enum ReadFailure: Error {
    /// The file as a whole cannot be booked: nothing of it may be kept.
    case rejected([Problem])
    /// The sink could not take what was read (a full disk, an interrupted transaction); the file is not to blame.
    case sink(any Error)
}

/// What a format may look at before it says whether a file is its own.
public struct FileHead: Sendable {
    public var name: String
    /// The first bytes, at most `FileHead.limit`.
    public var bytes: [UInt8]
    public var size: Int
    /// The style sheet of a forwarded mail takes the first 10 KiB, and more, of its HTML.
    public static let limit = 64 << 10
    public init(name: String, bytes: [UInt8], size: Int) {
        self.name = name
        self.bytes = bytes
        self.size = size
    }
}

/// The locale of a reading. A reader knows nothing else of the configuration.
public struct ReadingContext: Sendable {
    /// The account's, for documents that state none; then the document carries the note `currency-assumed`.
    public var currency: Currency?
    /// ISO 3166 code of the account's marketplace: date order and decimal mark of exports. Nil: what the file itself settles.
    public var marketplace: String?
    /// By the number of the transaction set or message in the file, from 1: where the account of its document is kept in another currency
    /// than `currency`.
    public var currencies: [Int: Currency]
    /// Shapes of numbers that the account knows beyond Amazon's grammar.
    public var references: [ReferencePattern]
    /// Where the rows of one table may belong to several accounts: rows of one number that lead to different ones are different documents.
    public var routes: AccountRoutes?
    public init(
        currency: Currency? = nil, marketplace: String? = nil, currencies: [Int: Currency] = [:], references: [ReferencePattern] = [],
        routes: AccountRoutes? = nil
    ) {
        self.currency = currency
        self.marketplace = marketplace
        self.currencies = currencies
        self.references = references
        self.routes = routes
    }

    /// The account's currency, for a transaction set or message that states none.
    public func currency(ofSet set: Int) -> Currency? { currencies[set] ?? currency }
}

/// The control numbers under which a document travelled: by these its acknowledgement names it (X12 ST02, GS06, ISA13;
/// EDIFACT UNH 0062, UNG 0048, UNB 0020). As written, without blanks around them.
public struct ControlNumbers: Hashable, Sendable {
    /// `810`, `INVOIC`.
    public var type: String
    public var set: String
    public var group: String
    public var interchange: String
    /// Ids of the sender and receiver of the interchange and of the group: with them, and with what the documents themselves name,
    /// and with nothing that stood before in the file, an account is found.
    public var parties: [String]
    /// Where the sender marks the interchange as a test (ISA15 = T, UNB 0035); nil if it does not.
    public var testMark: Location?
    public init(type: String, set: String, group: String, interchange: String, parties: [String] = [], testMark: Location? = nil) {
        self.type = type
        self.set = set
        self.group = group
        self.interchange = interchange
        self.parties = parties
        self.testMark = testMark
    }
}

/// Where a reader puts what it found, in file order. Readers check a transaction set before they emit any of it, so
/// what a sink has been given is never taken back, unless the whole reading fails.
///
/// Several remittance advices may be open at once (an export lists payments first, then the lines of all of them).
public protocol DocumentSink {
    /// Opens a remittance advice and returns the number by which its lines name it.
    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int
    /// The array is the reader's buffer: it is only borrowed.
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure)
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure)
    mutating func add(_ document: WholeDocument) throws(ReadFailure)
    mutating func note(_ note: Note)
    /// A document that cannot be booked among others that can.
    mutating func refuse(_ problem: Problem)
    /// The control numbers of the documents that follow, until the next such call. Formats without any never call it.
    mutating func control(_ numbers: ControlNumbers)
    /// Identifiers that route to an account: interchange sender and receiver, group ids, vendor code, supplier number. What was
    /// given before a call of `control` counts no longer: it names the parties of the envelope anew. An empty one names nobody, and
    /// parts the document that follows from the ids of the one before.
    mutating func route(_ id: String)
}

extension DocumentSink {
    /// Most sinks have no use for them.
    public mutating func control(_ numbers: ControlNumbers) {}
}

/// A file format: recognises its files and reads them into documents.
public protocol Format: Sendable {
    /// The name in `parse --format` and in error messages, e.g. `x12`.
    var name: String { get }
    /// What in the head makes this file one of this format's, in words ("ISA envelope"); nil if nothing does.
    func claim(_ head: FileHead) -> String?
    /// Reads the whole file.
    /// - Returns: what was read, for people and for the ledger: `x12/820`, `vendor-central/remittances`.
    func read<Sink: DocumentSink>(
        _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
    ) throws(ReadFailure) -> String
}
