public import Trade

/// A file that a source handed over and the archive holds.
public struct NewArrival: Sendable {
    public var sha256: String
    public var size: Int
    public var source: String
    public var account: String
    public var name: String
    /// Modification time at the source, seconds.
    public var modified: Int64
    public init(sha256: String, size: Int, source: String, account: String, name: String, modified: Int64) {
        self.sha256 = sha256
        self.size = size
        self.source = source
        self.account = account
        self.name = name
        self.modified = modified
    }
}

public enum BookingState: String, Sendable { case received, booked, partial, rejected, held, withdrawn, closed }

/// One content for one account, and what became of it.
public struct Booking: Sendable {
    public var id: Int64
    public var sha256: String
    public var account: String
    public var name: String
    public var state: BookingState
    public var received: Instant
    public var attempts: Int
    public var crashes: Int
    public var problems: [String]
    /// Fewest containers around it; 0: it came as a file.
    public var depth: Int
    /// The outermost container that brought it first, where none of its arrivals was a file.
    public var root: Int64?
    /// When it came to its state, if that is an end.
    public var finished: Instant?
    /// The container that took it along when a person withdrew that; nil: it was withdrawn by itself.
    public var withdrawnWith: Int64?

    /// What is said of an arrival of content that a person has taken out of all sums; nil if nobody has.
    public var withdrawal: String? {
        guard state == .withdrawn else { return nil }
        let day = finished.map { " on \($0.utcDay)" } ?? ""
        return "it was withdrawn\(day) and is not booked: 'remitd retry \(sha256.prefix(12))' books it again"
    }
}

/// One sighting that its source has not yet been told the outcome of.
public struct UnacknowledgedArrival: Sendable {
    public var id: Int64
    public var source: String
    public var name: String
    public var booking: Booking
}

/// A row of `remitd files`.
public struct FileRow: Sendable {
    public var sha256: String
    public var name: String
    public var account: String
    public var state: BookingState
    public var size: Int
    public var received: Instant
    public var format: String?
    public var problems: [String]
    public var notes: [String]
    public var arrivals: [(source: String, name: String, at: Instant)]
    /// SHA-256 of the containers that it lies in.
    public var containers: [String]
}

public enum BookingOutcome: Sendable {
    case booked
    case partial([Problem])
    case rejected([Problem])
    case held(String)
}

/// One original to be read, and how.
public struct BookingJob {
    public var booking: Booking
    /// Rejected originals that are the beginning of this one: booking it closes them.
    public var completes: [Booking]
    /// Where documents go that name these ids.
    public var destination: ([String]) throws(HeldBack) -> Destination
    public var read: (inout LedgerSink) throws(ReadFailure) -> String
    public init(
        booking: Booking, completes: [Booking], destination: @escaping ([String]) throws(HeldBack) -> Destination,
        read: @escaping (inout LedgerSink) throws(ReadFailure) -> String
    ) {
        self.booking = booking
        self.completes = completes
        self.destination = destination
        self.read = read
    }
}
