import CCrypto
import Glibc
import SFTP

/// A known_hosts file as sshd(8) describes it ("SSH_KNOWN_HOSTS FILE FORMAT"). Read by ourselves: libssh2's reader has known
/// faults on malformed lines.
struct KnownHosts {
    struct Line: Hashable {
        enum Marker: Hashable { case none, revoked, authority }
        /// From 1.
        var number: Int
        var marker: Marker
        /// The names and patterns, comma between them, or one hashed name.
        var hosts: String
        var key: HostKey
    }
    let path: String
    private(set) var lines: [Line] = []
    /// One line each: what was not understood.
    private(set) var notices: [String] = []

    /// Enough for some thousands of servers; more is another kind of file.
    static let largest = 4 << 20

    /// What the file knows about one server.
    struct Knowledge: Hashable {
        /// Lines with keys that are accepted, in the file's order.
        var keys: [Line] = []
        var revoked: [Line] = []
    }

    init(path: String) throws(SourceFailure) {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try KnownHosts.read(path)
        } catch {
            let advice = error.code == ENOENT ? "`remitd trust-host` makes the file" : "give the service's user the right to read the file"
            throw SourceFailure(
                .hostKey, "cannot read the known hosts in \(path): \(error.words); without them no server is trusted: \(advice)")
        }
        self.init(path: path, bytes: bytes)
    }

    /// - Throws: also EFBIG if the file is larger than any such file.
    static func read(_ path: String) throws(Errno) -> [UInt8] {
        let file = try Call.open(path, O_RDONLY | O_NONBLOCK)
        guard try Call.status(file).shape == .file else { throw Errno(code: EINVAL) }
        var bytes: [UInt8] = []
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let count = try Call.read(file.number, into: piece)
            if count == 0 { return bytes }
            bytes += piece[..<count]
            if bytes.count > largest { throw Errno(code: EFBIG) }
        }
    }

    init(path: String, bytes: [UInt8]) {
        self.path = path
        for (index, raw) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let fields = raw.split { $0 == 32 || $0 == 9 || $0 == 13 }
            guard let first = fields.first, first.first != 35 else { continue }
            do throws(Malformed) {
                let line = try KnownHosts.line(index + 1, fields)
                if line.marker == .authority {
                    notices.append("\(path) line \(index + 1): @cert-authority is not supported and ignored; list the server's own key")
                } else {
                    lines.append(line)
                }
            } catch {
                notices.append("\(path) line \(index + 1): ignored: \(error.reason)")
            }
        }
    }

    private struct Malformed: Error { var reason: String }

    private static func line(_ number: Int, _ all: [ArraySlice<UInt8>]) throws(Malformed) -> Line {
        var fields = all.map { String(decoding: $0, as: UTF8.self) }
        var marker = Line.Marker.none
        if fields[0].hasPrefix("@") {
            switch fields.removeFirst() {
            case "@revoked": marker = .revoked
            case "@cert-authority": marker = .authority
            default: throw Malformed(reason: "its marker is neither @revoked nor @cert-authority")
            }
        }
        guard fields.count >= 3 else { throw Malformed(reason: "not of the form NAMES TYPE KEY") }
        guard let blob = Base64.bytes(fields[2]) else { throw Malformed(reason: "its key is not base64") }
        guard HostKey.type(of: blob) == fields[1] else { throw Malformed(reason: "its key is not of the type it names") }
        if fields[0].hasPrefix("|"), hashed(fields[0]) == nil { throw Malformed(reason: "its hashed name is not of the form |1|SALT|HASH") }
        return Line(number: number, marker: marker, hosts: fields[0], key: HostKey(type: fields[1], blob: blob))
    }

    // MARK: Names

    /// How the file names a server: `host`, or `[host]:port` if the port is not 22; lower case.
    static func name(host: String, port: UInt16) -> String {
        let host = String(decoding: host.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }, as: UTF8.self)
        return port == 22 ? host : "[\(host)]:\(port)"
    }

    func knowledge(host: String, port: UInt16) -> Knowledge {
        let name = KnownHosts.name(host: host, port: port)
        var knowledge = Knowledge()
        for line in lines where KnownHosts.matches(line.hosts, name) {
            if line.marker == .revoked { knowledge.revoked.append(line) } else { knowledge.keys.append(line) }
        }
        return knowledge
    }

    private static func hashed(_ text: String) -> (salt: [UInt8], hash: [UInt8])? {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, parts[1] == "1", let salt = Base64.bytes(parts[2]), let hash = Base64.bytes(parts[3]),
            hash.count == 20, !salt.isEmpty
        else { return nil }
        return (salt, hash)
    }

    /// Whether a line's first field means this name: any of its patterns, and none of those behind a `!`.
    static func matches(_ hosts: String, _ name: String) -> Bool {
        if hosts.hasPrefix("|") {
            guard let (salt, hash) = hashed(hosts) else { return false }
            return sha1MAC(of: Array(name.utf8), key: salt) == hash
        }
        var isMeant = false
        for part in hosts.split(separator: ",") {
            let isNot = part.hasPrefix("!")
            let pattern = (isNot ? part.dropFirst() : part).utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
            guard glob(pattern, Array(name.utf8)) else { continue }
            if isNot { return false }
            isMeant = true
        }
        return isMeant
    }

    /// `*` is any run of bytes, `?` any one; nothing else is special.
    private static func glob(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == 42 {
                star = (p + 1, t)
                p += 1
            } else if p < pattern.count, pattern[p] == 63 || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                // the last star takes one byte more
                star = (last.pattern, last.text + 1)
                (p, t) = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == 42 }
    }

    private static func sha1MAC(of message: [UInt8], key: [UInt8]) -> [UInt8]? {
        var mac = [UInt8](repeating: 0, count: 20)
        var count = 0
        let done = EVP_Q_mac(nil, "HMAC", nil, "SHA1", nil, key, key.count, message, message.count, &mac, mac.count, &count)
        return done != nil && count == 20 ? mac : nil
    }
}

extension HostKey {
    /// What a key blob says of itself (RFC 4253, section 6.6).
    static func type(of blob: [UInt8]) -> String? {
        var reader = WireReader(blob)
        guard let type = try? reader.string(), reader.rest > 0, let text = FolderName.text(type) else { return nil }
        return text
    }

    /// `SHA256:` and base64 without padding, as ssh-keygen prints it.
    var fingerprint: String { HostKey.fingerprint(of: SHA256.digest(of: blob).bytes) }

    static func fingerprint(of digest: [UInt8]) -> String { "SHA256:" + String(Base64.text(digest).prefix { $0 != "=" }) }

    /// Type and fingerprint.
    var words: String { "\(Shown.line(type)) \(fingerprint)" }
}

/// RFC 4648, section 4.
enum Base64 {
    /// - Returns: nil unless it is canonical: padded, no other characters, no bits left over.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8)
        let padding = digits.reversed().prefix { $0 == 61 }.count
        guard digits.count % 4 == 0, padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3)
        var bits: UInt32 = 0
        var count = 0
        for digit in digits.dropLast(padding) {
            guard let value = value(digit) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bits & (1 << UInt32(count) - 1) == 0 ? bytes : nil
    }

    static func text(_ bytes: [UInt8]) -> String {
        // four digits for each three bytes, and a NUL
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text[..<Int(count)], as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case 65...90: UInt32(digit) - 65
        case 97...122: UInt32(digit) - 71
        case 48...57: UInt32(digit) + 4
        case 43: 62
        case 47: 63
        default: nil
        }
    }
}

extension SHA256Digest {
    /// 32 bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var rest = hex.utf8[...]
        while let pair = String(rest.prefix(2)), let byte = UInt8(pair, radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
