/// Bytes being put together in SSH's own encoding (RFC 4251, section 5): big-endian numbers, and byte strings behind their
/// 32-bit length. The child's control protocol and SFTP both use it.
public struct WireWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    public init() {}

    public mutating func byte(_ value: UInt8) { bytes.append(value) }
    public mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }
    public mutating func number(_ value: UInt32) { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
    public mutating func long(_ value: UInt64) { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
    public mutating func string(_ value: some Collection<UInt8>) {
        number(UInt32(value.count))
        bytes.append(contentsOf: value)
    }
    public mutating func text(_ value: String) { string(value.utf8) }
    public mutating func list<T>(_ values: [T], _ each: (inout WireWriter, T) -> Void) {
        number(UInt32(values.count))
        for value in values { each(&self, value) }
    }
    public mutating func optional<T>(_ value: T?, _ each: (inout WireWriter, T) -> Void) {
        flag(value != nil)
        if let value { each(&self, value) }
    }
}

/// A message that is shorter than its own lengths say, or says what no message of its kind may.
public struct WireError: Error, Sendable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}

/// Takes such bytes apart. Nothing in it trusts a length that came from outside.
public struct WireReader: Sendable {
    private let bytes: [UInt8]
    public private(set) var offset = 0
    private let end: Int
    public init(_ bytes: [UInt8]) { self.init(bytes, in: bytes.indices) }
    /// Reads one message that lies among others; offsets and ranges are those of `bytes`.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    /// Bytes not yet read.
    public var rest: Int { end - offset }

    private mutating func take(_ count: Int) throws(WireError) -> Range<Int> {
        guard count >= 0, count <= rest else { throw WireError("a message ends \(count - rest) bytes too early") }
        defer { offset += count }
        return offset..<offset + count
    }
    public mutating func byte() throws(WireError) -> UInt8 { bytes[try take(1).lowerBound] }
    public mutating func flag() throws(WireError) -> Bool { try byte() != 0 }
    public mutating func number() throws(WireError) -> UInt32 { bytes[try take(4)].reduce(0) { $0 << 8 | UInt32($1) } }
    public mutating func long() throws(WireError) -> UInt64 { bytes[try take(8)].reduce(0) { $0 << 8 | UInt64($1) } }
    public mutating func string() throws(WireError) -> [UInt8] { Array(bytes[try take(Int(try number()))]) }
    /// Where the next string's bytes lie in the message, without a copy.
    public mutating func stringRange() throws(WireError) -> Range<Int> { try take(Int(try number())) }
    /// A byte of the message, wherever reading stands; nil for an empty range.
    public func first(of range: Range<Int>) -> UInt8? { range.isEmpty ? nil : bytes[range.lowerBound] }
    public mutating func text() throws(WireError) -> String { String(decoding: try string(), as: UTF8.self) }
    public mutating func list<T>(_ each: (inout WireReader) throws(WireError) -> T) throws(WireError) -> [T] {
        let count = try number()
        // each element takes a byte at least: a count that cannot be true reserves nothing
        guard Int(count) <= rest else { throw WireError("a message counts \(count) elements in \(rest) bytes") }
        var values: [T] = []
        for _ in 0..<count { values.append(try each(&self)) }
        return values
    }
    public mutating func optional<T>(_ each: (inout WireReader) throws(WireError) -> T) throws(WireError) -> T? {
        try flag() ? try each(&self) : nil
    }
}
