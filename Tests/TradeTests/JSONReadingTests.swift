import Foundation
import Testing

@testable import Trade

@Suite struct JSONReadingTests {
    private func value(_ depth: Int) -> JSON {
        let texts = ["", "plain", "a\"b\\c/\n\t\u{1}", "é ü 中文 🧾", "\u{202E}\u{2028}\u{FEFF}", "\u{10FFFF}"]
        func text() -> String { (0..<Int.random(in: 0...3)).map { _ in texts.randomElement() ?? "" }.joined() }
        switch Int.random(in: 0...(depth > 3 ? 3 : 5)) {
        case 0: return .null
        case 1: return .bool(.random())
        case 2: return .number([0, -1, .min, .max, Int64.random(in: .min ... .max)].randomElement() ?? 0)
        case 3: return .string(text())
        case 4: return .array((0..<Int.random(in: 0...4)).map { _ in value(depth + 1) })
        default:
            let members = (0..<Int.random(in: 0...4)).map { (text() + String($0), value(depth + 1)) }
            return .object(Dictionary(members, uniquingKeysWith: { $1 }))
        }
    }

    @Test func `what was written is read back, as by Foundation`() throws {
        for _ in 0..<500 {
            let written = value(0)
            #expect(JSON(parsing: written.text) == written)
            let other = try JSONEncoder().encode(written)
            #expect(JSON(parsing: String(decoding: other, as: UTF8.self)) == written)
        }
    }

    private static let readable: [(String, JSON)] = [
        (" { \"a\" : [ 1 , -2 ] , \"b\" : { } }\r\n", .object(["a": .array([1, -2]), "b": .object([:])])),
        ("\"\\u00e9\\uD83E\\uddfe\\/\\b\\f\\r\"", .string("é🧾/\u{8}\u{c}\r")),
        ("-0", 0), ("[]", .array([])), ("{\"a\":1,\"a\":2}", .object(["a": 2])), ("-9223372036854775808", .number(.min)),
    ]

    @Test(arguments: readable)
    func `any JSON of whole numbers is read`(_ text: String, _ value: JSON) { #expect(JSON(parsing: text) == value) }

    @Test(arguments: [
        "", " ", "1.5", "1e3", "01", "-", "9223372036854775808", "+1", "tru", "nul", "'a'", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"",
        "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "[1,]", "[1 2]", "[", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "1 2",
        "\"a\"b", "\u{b}1", String(repeating: "[", count: 100_000),
    ])
    func `anything else is not`(_ text: String) { #expect(JSON(parsing: text) == nil) }
}
