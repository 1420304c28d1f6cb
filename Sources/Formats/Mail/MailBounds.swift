/// Bounds of mails. What exceeds one of them is refused as too large rather than read in part.
enum MailBounds {
    /// Exchange Online takes at most 150 MB, others much less.
    static let mail = 160 << 20
    /// Mails of one mailbox; more are better exported by year.
    static let mails = 100_000
    /// Long lists of recipients and signatures of relays were seen to reach some 100 KiB.
    static let header = 1 << 20
    /// A field that is decoded. GMime 3.2 takes quadratic time, and stack for nested groups, on longer ones: at a million
    /// bytes of `a:a:` it crashed.
    static let field = 16 << 10
    /// A subject or sender that is kept, in characters; RFC 5322 2.1.1 has lines of at most 998.
    static let words = 1_000
    /// Leaves of one mail with all that it forwards.
    static let parts = 1_000
    /// Multiparts inside one another: mail programs make four or five.
    static let depth = 30
    /// Mails forwarded as attachments inside one another.
    static let forwarded = 10
    /// RFC 2046 5.1.1 allows 70 characters.
    static let boundary = 512
    /// File systems allow 255 bytes.
    static let name = 200
    /// A body of HTML. A thousand lines in Outlook's words are some 5 MiB.
    static let html = 32 << 20
    /// Layout tables inside one another.
    static let tables = 60
    /// Columns that a cell may span, and a row may have.
    static let columns = 256
    /// Pieces in which decoded bytes are handed over.
    static let piece = 64 << 10
}
