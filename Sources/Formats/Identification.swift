public import Trade

extension Formats {
    /// Finds the format or container of a file: exactly one must claim it.
    /// - Parameter only: the name of a format (`parse --format NAME`): it is taken without being asked.
    /// - Returns: it, or the one `Problem` (`unrecognised`; `incomplete` for an empty file) that says what was seen.
    public func identify(_ head: FileHead, only name: String? = nil) -> Identification {
        if let name {
            if let format = all.first(where: { $0.name == name }) { return .format(format) }
            if let container = containers.first(where: { $0.name == name }) { return .container(container) }
            let known = (all.map(\.name) + containers.map(\.name)).joined(separator: ", ")
            return .unknown(
                Problem(
                    .unrecognised, at: .file, "no format is called \(Text.quote(Array(name.utf8)))", advice: "the formats are: \(known)"))
        }
        let claims =
            all.compactMap { format in format.claim(head).map { (found: Identification.format(format), name: format.name, why: $0) } }
            + containers.compactMap { container in
                container.claim(head).map { (found: Identification.container(container), name: container.name, why: $0) }
            }
        if claims.count == 1 { return claims[0].found }
        if claims.count > 1 {
            let list = claims.map { "\($0.name) (\($0.why))" }.joined(separator: " and ")
            return .unknown(
                Problem(
                    .unrecognised, at: .file, "more than one format claims the file: \(list); it starts \(Self.start(of: head))",
                    advice: "say which with --format, and report it: this is a fault of remitd"))
        }
        let (looks, advice) = Self.appearance(of: head)
        let kind: Problem.Kind = head.size == 0 ? .incomplete : .unrecognised
        return .unknown(Problem(kind, at: .file, "no format claims the file: \(looks)", advice: advice))
    }

    /// The first bytes, escaped and shortened, and the size.
    private static func start(of head: FileHead) -> String {
        "\(Text.quote(head.bytes, limit: 32)), \(head.size) bytes"
    }

    /// What the file looks like, in words, and what to do about it.
    private static func appearance(of head: FileHead) -> (looks: String, advice: String) {
        let bytes = head.bytes
        func starts(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
        func starts(_ prefix: String) -> Bool { bytes.starts(with: Array(prefix.utf8)) }
        if head.size == 0 || bytes.isEmpty { return ("it is empty", "fetch it again; the sender or the transfer may have failed") }
        if starts([0xFF, 0xFE]) || starts([0xFE, 0xFF]) || looksLikeUTF16(bytes) {
            return ("it looks like UTF-16 text; it starts \(start(of: head))", "save it as UTF-8 and drop it again")
        }
        if starts([0xD0, 0xCF, 0x11, 0xE0]) {
            return ("it looks like an old Excel or Word file, \(head.size) bytes", "export it as CSV and drop that")
        }
        if starts("%PDF-") {
            return ("it looks like a PDF, \(head.size) bytes", "use the CSV export or the e-mail text of the same document")
        }
        let content = Array(bytes.dropFirst(X12.startOfContent(bytes.span.bytes)).prefix(512))
        let text = Text.decode(content)
        let upper = text.uppercased()
        let seen = "it starts \(start(of: head))"
        if upper.hasPrefix("UNA") || upper.hasPrefix("UNB") || upper.hasPrefix("UNG") || upper.hasPrefix("UNH") {
            return (
                "it looks like EDIFACT, but does not start with a whole service string or envelope segment (UNA, UNB, UNG, UNH); \(seen)",
                "fetch the whole file again, or ask the sender to resend"
            )
        }
        if upper.hasPrefix("SA*") || upper.hasPrefix("ISA") || upper.hasPrefix("A*00*") || upper.hasPrefix("GS*") {
            return (
                "it looks like an X12 interchange that does not start with a whole ISA segment; \(seen)",
                "fetch the whole file again, or ask the sender to resend"
            )
        }
        if upper.hasPrefix("<!DOCTYPE HTML") || upper.hasPrefix("<HTML") || upper.hasPrefix("<!--") && upper.contains("<HTML") {
            return ("it looks like a web page; \(seen)", "the download may have met a sign-in page: fetch it again")
        }
        if upper.hasPrefix("<?XML") { return ("it looks like XML; \(seen)", "see the README for the formats that are read") }
        if upper.hasPrefix("{") || upper.hasPrefix("[") {
            return ("it looks like JSON; \(seen)", "see the README for the formats that are read")
        }
        return (seen, "see the README for the formats that are read, or say which with --format")
    }

    /// Every other byte of the first sixteen is zero: Latin text in UTF-16 without a mark.
    private static func looksLikeUTF16(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 16 else { return false }
        let even = stride(from: 0, to: 16, by: 2).allSatisfy { bytes[$0] == 0 && bytes[$0 + 1] != 0 }
        let odd = stride(from: 0, to: 16, by: 2).allSatisfy { bytes[$0] != 0 && bytes[$0 + 1] == 0 }
        return even || odd
    }
}

/// What `Formats.identify` found.
public enum Identification: Sendable {
    case format(any Format)
    case container(any Container)
    case unknown(Problem)
}
