// The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02): a 32-bit length, a kind, a request's number, its fields.

/// What the client asks for (section 3), by its number on the wire.
enum Ask: UInt8 {
    case start = 1
    case open = 3
    case close, read
    case lookAt = 7
    case openFolder = 11
    case readFolder
    case remove = 13
    case rename = 18
    case limits = 200
}

/// What a server answers (section 7), by its number on the wire.
enum AnswerKind: UInt8 {
    case version = 2
    case status = 101
    case handle, data, name, attributes
    case extended = 201
}

/// One answer, of the kind that its request calls for.
enum Answer {
    case status(Status)
    case handle([UInt8])
    /// Where the bytes lie in the client's buffer until its next answer is taken.
    case data(Range<Int>)
    case names([Name])
    case attributes(Attributes)
    case limits(readLength: UInt64, handles: UInt64)
}

/// SSH_FXP_STATUS (section 7).
struct Status {
    static let fine: UInt32 = 0
    static let end: UInt32 = 1
    static let missing: UInt32 = 2
    static let denied: UInt32 = 3

    var code: UInt32
    /// The server's own words, made fit to be shown; may be empty.
    var text: String

    /// What the number means, and the server's words if they say more.
    var words: String {
        let meanings = [
            "done", "end of file", "no such file", "permission denied", "failure", "bad message", "no connection", "connection lost",
            "operation not supported",
        ]
        let meaning = code < meanings.count ? meanings[Int(code)] : "status \(code)"
        return text.isEmpty || text.lowercased() == meaning ? meaning : "\(meaning): \(text)"
    }
}

/// ATTRS (section 5): only what the server chose to send.
struct Attributes: Equatable {
    var size: UInt64?
    var permissions: UInt32?
    /// Seconds since 1970 by the server's clock.
    var modified: UInt32?

    /// nil if the permissions are missing or say no type.
    var shape: RemoteEntry.Shape? {
        guard let permissions else { return nil }
        switch permissions & 0o170_000 {
        case 0: return nil
        case 0o100_000: return .file
        case 0o040_000: return .folder
        case 0o120_000: return .symlink
        default: return .other
        }
    }

    /// Whether this can be the file as it was listed.
    func shows(_ file: FileRequest) -> Bool {
        size == file.size && modified == file.modified && (shape ?? .file) == .file
    }
}

/// One entry of SSH_FXP_NAME (section 7).
struct Name {
    var name: [UInt8]
    /// The first letter of the `ls -l` line that comes with it: the only word on the shape where permissions are not sent.
    var letter: UInt8?
    var attributes: Attributes

    var shape: RemoteEntry.Shape? {
        if let shape = attributes.shape { return shape }
        switch letter {
        case UInt8(ascii: "-"): return .file
        case UInt8(ascii: "d"): return .folder
        case UInt8(ascii: "l"): return .symlink
        case UInt8(ascii: "b"), UInt8(ascii: "c"), UInt8(ascii: "p"), UInt8(ascii: "s"): return .other
        default: return nil
        }
    }
}

extension WireReader {
    mutating func attributes() throws(WireError) -> Attributes {
        var attributes = Attributes()
        let flags = try number()
        if flags & 1 != 0 { attributes.size = try long() }
        if flags & 2 != 0 { _ = try long() }  // owner and group
        if flags & 4 != 0 { attributes.permissions = try number() }
        if flags & 8 != 0 {
            _ = try number()  // last access
            attributes.modified = try number()
        }
        if flags & 0x8000_0000 != 0 {
            for _ in 0..<(try number()) {
                _ = try stringRange()
                _ = try stringRange()
            }
        }
        return attributes
    }

    mutating func status() throws(WireError) -> Status {
        let code = try number()
        // servers older than version 3 end here
        return Status(code: code, text: rest == 0 ? "" : Plain.text(try string(), limit: 120))
    }

    mutating func names() throws(WireError) -> [Name] {
        let count = try number()
        // a name, its line and its flags take twelve bytes at least: a count that cannot be true reserves nothing
        guard Int(count) <= rest / 12 else { throw WireError("it counts \(count) names in \(rest) bytes") }
        var names: [Name] = []
        names.reserveCapacity(Int(count))
        for _ in 0..<count {
            let name = try string()
            let line = try stringRange()
            names.append(Name(name: name, letter: first(of: line), attributes: try attributes()))
        }
        return names
    }
}
