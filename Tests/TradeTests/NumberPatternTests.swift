import Testing

@testable import Trade

@Suite struct NumberPatternTests {
    private static let worlds = "^(AC[0-9]{6}(SC|R)?|AC-[0-9]{3}-[0-9]{2}|VBE/[0-9]{4}/[0-9]{2}/[0-9]{5})$"

    @Test(arguments: [
        ("AC123456", true), ("AC123456SC", true), ("AC123456R", true), ("AC-123-45", true), ("VBE/2024/02/00365", true),
        ("ac123456", false),
        ("AC12345", false), ("AC1234567", false), ("AC123456SCR", false), (" AC123456", false), ("AC123456\n", false), ("", false),
        ("acme 09248", false), ("AC12345６", false), ("ÄC123456", false),
    ])
    func `the whole of a number must match, anchored or not`(number: String, isMatch: Bool) throws {
        let anchored = try NumberPattern(Self.worlds)
        let plain = try NumberPattern(String(Self.worlds.dropFirst().dropLast()))
        #expect(anchored.isTable && plain.isTable)
        #expect(anchored.matches(number) == isMatch)
        #expect(plain.matches(number) == isMatch)
    }

    @Test func `what is no regular expression is refused with the reason`() {
        for text in ["(", "[0-9", "a)", "*"] {
            #expect(throws: NumberPattern.Failure.self, "\(text)") { try NumberPattern(text) }
        }
    }

    @Test(arguments: [#"(?i)inv-\d+"#, #"(\d)\1"#, #"\bA1\b"#, #"(?=A)A\d"#, "[A-Z&&[^O]]1", "Ä[0-9]"])
    func `what no table can say is said by the expression itself`(text: String) throws {
        let pattern = try NumberPattern(text)
        #expect(!pattern.isTable)
        let numbers = [#"(?i)inv-\d+"#: "InV-12", #"(\d)\1"#: "77", "Ä[0-9]": "Ä7", "[A-Z&&[^O]]1": "P1"]
        #expect(pattern.matches(numbers[text] ?? "A1"))
        #expect(!pattern.matches("O2"))
    }

    @Test func `a pattern that explodes is left to the expression, and one that backtracks is not slow`() throws {
        #expect(try !NumberPattern("(a{100}){100}").isTable)
        #expect(try !NumberPattern("(a|b)*a(a|b){12}").isTable)
        let pattern = try NumberPattern("(a+)+b")
        #expect(!pattern.matches(String(repeating: "a", count: 60)))
        #expect(pattern.matches(String(repeating: "a", count: 60) + "b"))
    }

    @Test func `the table says what the expression says`() throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("patterns: seed \(seed)")
        var random = SplitMix(state: seed)
        var tables = 0
        for _ in 0..<200 {
            let text = Self.pattern(depth: 0, &random)
            guard let table = NumberTable(text) else { continue }
            let regex: Regex<AnyRegexOutput>
            do { regex = try Regex(text) } catch {
                Issue.record("seed \(seed): '\(text)' has a table and is no expression")
                continue
            }
            tables += 1
            for _ in 0..<40 {
                let number = String(
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in "ab1-. Z/".randomElement(using: &random) ?? "a" })
                #expect(try table.matches(number) == (regex.wholeMatch(in: number) != nil), "seed \(seed): '\(text)' on '\(number)'")
            }
        }
        #expect(tables > 80)
    }

    private static func pattern(depth: Int, _ random: inout SplitMix) -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { place -> String in
            let atoms = [
                "a", "b", "1", "-", "/", " ", ".", #"\."#, #"\d"#, #"\w"#, #"\s"#, #"\D"#, #"\W"#, #"\S"#, "[ab]", "[^a1]", "[a-z0-9]",
                "[-a]",
                "[a-]", #"[\d.]"#, #"[\-/]"#, "[A-Z/]", "[ -/]",
            ]
            var atom = atoms.randomElement(using: &random) ?? "a"
            if depth < 3, Int.random(in: 0..<4, using: &random) == 0 {
                let inner = pattern(depth: depth + 1, &random)
                atom = Bool.random(using: &random) ? "(\(inner)|\(pattern(depth: depth + 1, &random)))" : "(?:\(inner))"
            }
            let quantifiers = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,1}", "{2,}", "*?", "+?", "??", "{0}"]
            let anchor = Int.random(in: 0..<12, using: &random)
            if anchor == 0, place == 0 { return "^" + atom }
            if anchor == 1 { return atom + "$" }
            return atom + (quantifiers.randomElement(using: &random) ?? "")
        }.joined()
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
