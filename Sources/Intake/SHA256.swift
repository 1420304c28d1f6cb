import CCrypto

/// The SHA-256 of some bytes: the name of an original.
public struct SHA256Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let words: [4 of UInt64]

    init(_ bytes: borrowing [32 of UInt8]) {
        var words = [4 of UInt64](repeating: 0)
        for index in 0..<32 { words[index / 8] = words[index / 8] << 8 | UInt64(bytes[index]) }
        self.words = words
    }

    /// - Parameter hex: 64 hexadecimal digits; upper case is taken too.
    public init?(hex: some StringProtocol) {
        var words = [4 of UInt64](repeating: 0)
        var count = 0
        for byte in hex.utf8 {
            guard count < 64, let digit = SHA256Digest.value(of: byte) else { return nil }
            words[count / 16] = words[count / 16] << 4 | UInt64(digit)
            count += 1
        }
        guard count == 64 else { return nil }
        self.words = words
    }

    /// 64 lower case hexadecimal digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: 64) { buffer in
            for index in 0..<64 {
                let digit = UInt8(truncatingIfNeeded: words[index / 16] >> UInt64(60 - index % 16 * 4) & 15)
                buffer[index] = digit < 10 ? 48 + digit : 87 + digit
            }
            return 64
        }
    }

    public var description: String { hex }

    public static func == (a: SHA256Digest, b: SHA256Digest) -> Bool {
        for index in 0..<4 where a.words[index] != b.words[index] { return false }
        return true
    }

    public static func < (a: SHA256Digest, b: SHA256Digest) -> Bool {
        for index in 0..<4 where a.words[index] != b.words[index] { return a.words[index] < b.words[index] }
        return false
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}

/// SHA-256 (FIPS 180-4) by libcrypto, fed piece by piece.
public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    public init() {
        // fails only without memory, or with a libcrypto that lacks SHA-256: neither comes from outside
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("libcrypto gives no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        precondition(EVP_DigestUpdate(context, start, bytes.count) == 1, "libcrypto gives no SHA-256")
    }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    public consuming func finish() -> SHA256Digest {
        var bytes = [32 of UInt8](repeating: 0)
        var span = bytes.mutableSpan
        let done = span.withUnsafeMutableBufferPointer { EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
        precondition(done == 1, "libcrypto gives no SHA-256")
        return SHA256Digest(bytes)
    }

    public static func digest(of bytes: [UInt8]) -> SHA256Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    public static func digest(of text: String) -> SHA256Digest { digest(of: Array(text.utf8)) }
}

/// Ids that are the same on every machine.
public enum Fingerprint {
    /// The first 32 hexadecimal digits of the text's SHA-256; for a finding, of `Finding.fingerprint`.
    public static func of(_ text: String) -> String { String(SHA256.digest(of: text).hex.prefix(32)) }
}
