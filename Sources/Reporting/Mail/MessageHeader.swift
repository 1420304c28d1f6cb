/// What a message cannot be made of.
public enum MailError: Error, Hashable, CustomStringConvertible {
    /// A header value with a line break, NUL or another control character: somebody tries to write headers of their own.
    case controlCharacter(header: String)
    /// Not an address of the form `name@domain` in ASCII, bare or as `Some Name <name@domain>`.
    case address(String)

    public var description: String {
        switch self {
        case .controlCharacter(let header): "header \(header): a line break or control character is not allowed in a value"
        case .address(let text):
            "\(text.debugDescription) is not a mail address; write name@domain or 'Some Name <name@domain>' in the configuration"
        }
    }
}

/// The value of a header field. There is no way to make one that holds a control character (CWE-93).
public struct HeaderText: Hashable, Sendable {
    public let text: String

    public init(_ text: String, header: String) throws(MailError) {
        for scalar in text.unicodeScalars
        where scalar.value < 32 || (127..<160).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029 {
            throw .controlCharacter(header: header)
        }
        self.text = text
    }
}

/// One mailbox of `From` or `To`.
public struct Mailbox: Hashable, Sendable {
    public let name: HeaderText?
    /// `local@domain`, ASCII.
    public let address: String

    /// Reads `name@domain` or `Some Name <name@domain>`.
    public init(_ text: String) throws(MailError) {
        var display: Substring?
        var address = text[...]
        if let open = text.lastIndex(of: "<") {
            guard text.last == ">" else { throw .address(text) }
            display = text[..<open]
            address = text[text.index(after: open)...].dropLast()
        }
        while display?.last == " " { display?.removeLast() }
        while display?.first == " " { display?.removeFirst() }
        if let quoted = display, quoted.count >= 2, quoted.first == "\"", quoted.last == "\"" {
            display = quoted.dropFirst().dropLast()
        }
        guard Mailbox.isAddress(address) else { throw .address(text) }
        self.address = String(address)
        name = try display.flatMap { (words) throws(MailError) in words.isEmpty ? nil : try HeaderText(String(words), header: "address") }
    }

    public var domain: String { String(address[address.index(after: address.lastIndex(of: "@") ?? address.startIndex)...]) }

    /// `dot-atom@dot-atom` of RFC 5322 section 3.4.1, no quoted local parts, no address literals; at most 254 bytes.
    static func isAddress(_ text: Substring) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254 else { return false }
        for part in parts {
            for atom in part.split(separator: ".", omittingEmptySubsequences: false) {
                guard !atom.isEmpty else { return false }
                let special = Set("!#$%&'*+-/=?^_`{|}~".utf8)
                for byte in atom.utf8 {
                    let isWord = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    guard isWord || special.contains(byte) else { return false }
                }
            }
        }
        return parts[1].utf8.allSatisfy { $0 != 95 && $0 < 128 }
    }
}

/// Header fields of one message, folded and encoded.
struct MessageHeader {
    private(set) var lines: [String] = []

    /// Lines should keep within this many characters (RFC 5322 section 2.1.1).
    static let width = 76

    /// A structured or plain ASCII value that needs no folding of its own; longer ones are folded at blanks.
    mutating func add(_ name: StaticString, ascii value: HeaderText) {
        append(name, words: value.text.split(separator: " ", omittingEmptySubsequences: true).map(String.init))
    }

    /// Unstructured text; encoded as RFC 2047 says where it is not plain ASCII.
    mutating func add(_ name: StaticString, text value: HeaderText) {
        if EncodedWord.isPlain(value.text) {
            add(name, ascii: value)
        } else {
            append(name, words: EncodedWord.encode(value.text, firstLine: Self.width - name.utf8CodeUnitCount - 2))
        }
    }

    mutating func add(_ name: StaticString, mailboxes: [Mailbox]) {
        var words: [String] = []
        for (index, mailbox) in mailboxes.enumerated() {
            let comma = index + 1 < mailboxes.count ? "," : ""
            guard let display = mailbox.name?.text else {
                words.append(mailbox.address + comma)
                continue
            }
            if EncodedWord.isPlain(display) {
                let escaped = display.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
                words.append("\"\(String(escaped))\"")
            } else {
                words += EncodedWord.encode(display, firstLine: Self.width - name.utf8CodeUnitCount - 2)
            }
            words.append("<\(mailbox.address)>" + comma)
        }
        append(name, words: words)
    }

    /// Folds between words only: a fold is a line break before a blank.
    private mutating func append(_ name: StaticString, words: [String]) {
        var line = "\(name):"
        var isFirst = true
        for word in words {
            if !isFirst, line.utf8.count + 1 + word.utf8.count > Self.width {
                lines.append(line)
                line = ""
            }
            line += " " + word
            isFirst = false
        }
        lines.append(line)
    }
}

/// RFC 2047 encoded-words: UTF-8, base64, each at most 75 characters, never splitting a scalar.
enum EncodedWord {
    static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 32 && $0 < 127 } && !text.contains("=?")
    }

    static func encode(_ text: String, firstLine: Int) -> [String] {
        var words: [String] = []
        var bytes: [UInt8] = []
        // "=?UTF-8?B?" and "?=" take 12 characters, base64 4 for every 3 bytes
        func room() -> Int { (min(words.isEmpty ? firstLine : 75, 75) - 12) / 4 * 3 }
        // by scalar, not by grapheme: a pile of combining marks must not outgrow the word
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            if !bytes.isEmpty, bytes.count + next.count > room() {
                words.append("=?UTF-8?B?\(Base64.encode(bytes))?=")
                bytes = []
            }
            bytes += next
        }
        if !bytes.isEmpty { words.append("=?UTF-8?B?\(Base64.encode(bytes))?=") }
        return words
    }
}
