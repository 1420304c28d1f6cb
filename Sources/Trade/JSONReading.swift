extension JSON {
    /// Reads what ``text`` writes, and any JSON of whole numbers: findings are read back by the hundred thousand.
    ///
    /// Nil for anything else: a fraction or a number beyond 64 bits, a lone surrogate, what follows the value, nesting beyond 64.
    public init?(parsing text: String) {
        var text = text
        let value = text.withUTF8 { bytes -> JSON? in
            var reader = JSONReader(bytes)
            guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
            return value
        }
        guard let value else { return nil }
        self = value
    }
}

/// RFC 8259 over the bytes of a text; a position after a nil result means nothing.
private struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    private static let deepest = 64

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// After any space.
    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return at == bytes.count
        }
    }

    mutating func value(depth: Int) -> JSON? {
        guard depth < Self.deepest else { return nil }
        skipSpace()
        guard at < bytes.count else { return nil }
        switch bytes[at] {
        case 34: return string().map { .string($0) }
        case 123: return object(depth)
        case 91: return array(depth)
        case 45, 48...57: return number().map { .number($0) }
        case 116: return word("true") ? .bool(true) : nil
        case 102: return word("false") ? .bool(false) : nil
        case 110: return word("null") ? .null : nil
        default: return nil
        }
    }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 32 || bytes[at] >= 9 && bytes[at] <= 13 && bytes[at] != 11 && bytes[at] != 12 { at += 1 }
    }

    /// - Returns: whether the next byte that is no space was this one; then it is passed.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let end = at + word.utf8CodeUnitCount
        guard end <= bytes.count, (at..<end).allSatisfy({ bytes[$0] == word.utf8Start[$0 - at] }) else { return false }
        at = end
        return true
    }

    private mutating func object(_ depth: Int) -> JSON? {
        at += 1
        var members: [String: JSON] = [:]
        if take(125) { return .object(members) }
        repeat {
            skipSpace()
            guard at < bytes.count, bytes[at] == 34, let name = string(), take(58), let member = value(depth: depth + 1) else { return nil }
            members[name] = member
        } while take(44)
        return take(125) ? .object(members) : nil
    }

    private mutating func array(_ depth: Int) -> JSON? {
        at += 1
        var elements: [JSON] = []
        if take(93) { return .array(elements) }
        repeat {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
        } while take(44)
        return take(93) ? .array(elements) : nil
    }

    private mutating func number() -> Int64? {
        let isNegative = bytes[at] == 45
        if isNegative { at += 1 }
        let first = at
        var value: Int64 = 0
        while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57 {
            let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(bytes[at] - 48)
            // below zero there is one more
            let (next, isBeyond) = tenfold.addingReportingOverflow(isNegative ? -digit : digit)
            if isTooLarge || isBeyond { return nil }
            value = next
            at += 1
        }
        guard at > first, bytes[first] != 48 || at == first + 1 else { return nil }
        // a fraction or an exponent
        if at < bytes.count, bytes[at] == 46 || bytes[at] | 32 == 101 { return nil }
        return value
    }

    // MARK: strings

    private mutating func string() -> String? {
        at += 1
        let first = at
        while at < bytes.count, bytes[at] != 34, bytes[at] != 92, bytes[at] >= 32 { at += 1 }
        guard at < bytes.count, bytes[at] >= 32 else { return nil }
        if bytes[at] == 34 {  // nearly every text has nothing to undo
            at += 1
            return String(decoding: bytes[first..<at - 1], as: UTF8.self)
        }
        var text = Array(bytes[first..<at])
        while at < bytes.count, bytes[at] >= 32 {
            let byte = bytes[at]
            at += 1
            if byte == 34 { return String(decoding: text, as: UTF8.self) }
            if byte != 92 {
                text.append(byte)
            } else if !unescape(into: &text) {
                return nil
            }
        }
        return nil
    }

    private mutating func unescape(into text: inout [UInt8]) -> Bool {
        guard at < bytes.count else { return false }
        let byte = bytes[at]
        at += 1
        switch byte {
        case 34, 47, 92: text.append(byte)
        case 98: text.append(8)
        case 102: text.append(12)
        case 110: text.append(10)
        case 114: text.append(13)
        case 116: text.append(9)
        case 117:
            guard let scalar = scalar() else { return false }
            text.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
        default: return false
        }
        return true
    }

    /// One or, beyond 16 bits, two units of four hexadecimal digits, the first without its escape.
    private mutating func scalar() -> Unicode.Scalar? {
        guard let first = unit() else { return nil }
        guard first >= 0xD800, first < 0xDC00 else { return Unicode.Scalar(first) }
        guard at + 1 < bytes.count, bytes[at] == 92, bytes[at + 1] == 117 else { return nil }
        at += 2
        guard let second = unit(), second >= 0xDC00, second < 0xE000 else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func unit() -> UInt32? {
        guard at + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[at]
            switch byte {
            case 48...57: value = value << 4 | UInt32(byte - 48)
            case 65...70, 97...102: value = value << 4 | UInt32((byte | 32) - 87)
            default: return nil
            }
            at += 1
        }
        return value
    }
}
