/// A small JSON value for finding details and evidence. Objects are written with their keys sorted, so that equal
/// values give equal bytes. Numbers are whole; money and rates are strings, as everywhere in remitd.
public indirect enum JSON: Hashable, Sendable, Codable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
    case null
    case bool(Bool)
    case number(Int64)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    public subscript(key: String) -> JSON? {
        get { if case .object(let members) = self { members[key] } else { nil } }
        set {
            guard case .object(var members) = self else { return }
            members[key] = newValue
            self = .object(members)
        }
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var number: Int64? { if case .number(let value) = self { value } else { nil } }
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }

    /// Compact text, keys sorted.
    public var text: String {
        var writer = JSONText()
        writer.value(self)
        return writer.finish()
    }
}

/// Writes compact JSON field by field, in the order of the calls: the contract's objects keep their reading order.
/// Control characters, U+2028/2029 and bidirectional controls are escaped, so a line stays one line in every viewer.
public struct JSONText: ~Copyable {
    private var bytes: [UInt8] = []
    private var needsComma = false

    public init() {}

    public consuming func finish() -> String { String(decoding: bytes, as: UTF8.self) }
    public consuming func finishBytes() -> [UInt8] { bytes }

    public mutating func beginObject() {
        separate()
        bytes.append(123)
        needsComma = false
    }
    public mutating func endObject() {
        bytes.append(125)
        needsComma = true
    }
    public mutating func beginArray() {
        separate()
        bytes.append(91)
        needsComma = false
    }
    public mutating func endArray() {
        bytes.append(93)
        needsComma = true
    }

    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(58)
        needsComma = false
    }

    public mutating func value(_ string: String) {
        separate()
        quote(string)
        needsComma = true
    }
    public mutating func value(_ number: Int64) { raw(String(number)) }
    public mutating func value(_ flag: Bool) { raw(flag ? "true" : "false") }
    public mutating func null() { raw("null") }

    public mutating func value(_ json: JSON) {
        switch json {
        case .null: null()
        case .bool(let flag): value(flag)
        case .number(let number): value(number)
        case .string(let string): value(string)
        case .array(let elements):
            beginArray()
            for element in elements { value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for (name, member) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                key(name)
                value(member)
            }
            endObject()
        }
    }

    /// Writes the member unless the value is absent.
    public mutating func member(_ name: String, _ string: String?) {
        guard let string else { return }
        key(name)
        value(string)
    }
    public mutating func member(_ name: String, _ number: Int?) {
        guard let number else { return }
        key(name)
        value(Int64(number))
    }
    public mutating func member(_ name: String, _ flag: Bool?) {
        guard let flag else { return }
        key(name)
        value(flag)
    }
    public mutating func member(_ name: String, _ day: Day?) { member(name, day?.description) }
    public mutating func member(_ name: String, _ decimal: ExactDecimal?) { member(name, decimal?.description) }
    /// Money as the contract writes it: a decimal string in the currency's own decimals.
    public mutating func member(_ name: String, _ minor: Int64?, in currency: Currency) {
        guard let minor else { return }
        key(name)
        value(Money.decimal(minor, exponent: currency.exponent))
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() { if needsComma { bytes.append(44) } }

    private mutating func quote(_ string: String) {
        bytes.append(34)
        // nearly every text is plain ASCII and goes over as it is
        if string.utf8.allSatisfy({ $0 >= 32 && $0 < 127 && $0 != 34 && $0 != 92 }) {
            bytes.append(contentsOf: string.utf8)
        } else {
            for scalar in string.unicodeScalars { escape(scalar) }
        }
        bytes.append(34)
    }

    private mutating func escape(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 34: bytes.append(contentsOf: [92, 34])
        case 92: bytes.append(contentsOf: [92, 92])
        case 10: bytes.append(contentsOf: [92, 110])
        case 9: bytes.append(contentsOf: [92, 116])
        case 0..<32, 127..<160, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
            let hex = String(scalar.value, radix: 16)
            bytes.append(contentsOf: Array("\\u".utf8))
            bytes.append(contentsOf: String(repeating: "0", count: 4 - hex.utf8.count).utf8)
            bytes.append(contentsOf: hex.utf8)
        default: bytes.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [63])
        }
    }
}
