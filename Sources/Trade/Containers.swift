/// One file inside another: in a ZIP or gzip archive, in a mail, in a mailbox.
public struct Member: Hashable, Sendable {
    public enum Role: Hashable, Sendable {
        /// A file that somebody put there to be read: what no format knows is rejected like a dropped file.
        case file
        /// A part that came with it: a mail's body, a picture in it, a signature. Kept, and read where a format knows it; else it
        /// says nothing. Of several parts with one number the first that a format knows is read (plain text and HTML of one body).
        case part(alternative: Int)
    }
    /// As the container writes it, decoded to Unicode, for people: `2026-11/Payments.csv`, `body.html`. Never a path of ours.
    public var name: String
    public var role: Role
    /// `application/pdf`, where the container says so.
    public var mediaType: String?
    /// Seconds since 1970, where the container says so.
    public var modified: Int64?
    public init(name: String, role: Role = .file, mediaType: String? = nil, modified: Int64? = nil) {
        self.name = name
        self.role = role
        self.mediaType = mediaType
        self.modified = modified
    }
}

/// The head of a mail, decoded to Unicode. From, subject and date are what the sender wrote: nobody has verified them.
public struct MailHead: Hashable, Sendable {
    public var from: String?
    public var subject: String?
    public var messageID: String?
    /// Seconds since 1970, of the Date header.
    public var date: Int64?
    public init(from: String? = nil, subject: String? = nil, messageID: String? = nil, date: Int64? = nil) {
        self.from = from
        self.subject = subject
        self.messageID = messageID
        self.date = date
    }
}

/// Where a container puts what it holds, in its own order. A member's bytes come in pieces between `begin` and `end`.
public protocol MemberSink {
    mutating func begin(_ member: Member) throws(ReadFailure)
    mutating func append(_ bytes: RawSpan) throws(ReadFailure)
    mutating func end() throws(ReadFailure)
    /// The mail whose members follow.
    mutating func mail(_ head: MailHead) throws(ReadFailure)
    mutating func note(_ note: Note)
    /// A member that cannot be unpacked among others that can.
    mutating func refuse(_ problem: Problem)
}

/// A file that holds files. Each member becomes an original of its own, linked to this one.
public protocol Container: Sendable {
    /// `zip`, `gzip`, `mail`, `mbox`.
    var name: String { get }
    /// What in the head makes this file one of these, in words; nil if nothing does.
    func claim(_ head: FileHead) -> String?
    /// Hands over every member. What a hostile file may cost (bytes, ratio, members, depth) is bounded by named constants.
    /// - Parameter name: of the file itself: a gzip member is called after it.
    /// - Throws: `ReadFailure.rejected` if the container as a whole is unusable; what the sink has been given must not be kept then.
    func unpack<Sink: MemberSink>(_ bytes: RawSpan, name: String, into sink: inout Sink) throws(ReadFailure)
}
