import Foundation
import Testing
import Trade

@testable import Formats

/// What holds for any EDIFACT file: cutting it never crashes or invents, and its service characters and line breaks mean nothing.
@Suite struct EdifactProperties {
    static let seed: UInt64 = 20_260_312

    static func samples() throws -> [URL] {
        var files = try Place.files(EdifactSamples.folder) { $0.hasSuffix(".edi") }
        if Place.hasShared { files += try Place.files(Place.shared.appending(path: "edi/edifact")) { $0 != "INDEX.md" } }
        return files
    }

    /// Every byte up to 1 KiB, then every 101st: cheap, and it meets every kind of place.
    static func cuts(_ count: Int) -> [Int] { Array(0..<min(count, 1024)) + Array(stride(from: 1024, to: count, by: 101)) }

    @Test func `every prefix of every sample gives documents or problems with a place`() throws {
        var readings = 0
        for url in try Self.samples() {
            let bytes = try Place.bytes(url)
            // only whole messages are read, but for a body without an end
            let whole = readEdifact(bytes).collected.flatMap { $0.codes.contains("missing-envelope") ? nil : $0 }
            for cut in Self.cuts(bytes.count) {
                readings += 1
                expectPrefix(readEdifact(Array(bytes[..<cut])), of: whole, cut: cut, url.lastPathComponent)
            }
        }
        print("\(readings) prefixes read")
    }

    @Test func `a file cut off anywhere inside its only interchange is incomplete`() throws {
        let bytes = Array(edifact(Self.messages).utf8)
        for cut in 10..<(bytes.count - 1) {
            let problems = readEdifact(Array(bytes[..<cut])).problems
            #expect(problems.first?.kind == .incomplete, "cut at \(cut): \(problems)")
        }
        // only the last terminator is missing: the reference shows that the file is whole
        #expect(readEdifact(Array(bytes.dropLast())).collected?.payments.count == 1)
    }

    /// Every kind of segment that is read; the data hold none of the characters that the test permutes.
    static let messages: [(id: String, segments: [String])] = [
        (
            "REMADV",
            [
                "BGM+481+Z 1+9", "DTM+138:20260316:102", "NAD+PR+4000001++BIG RETAIL AG", "CUX+2:EUR:11", "DOC+380+INV1", "MOA+9:2000",
                "MOA+52:40", "MOA+12:1910", "DTM+137:20260101:102", "RFF+ON:P1", "AJT+4", "MOA+5:50", "FTX+ABO+++8 pieces:missing",
                "DOC+381+C1",
                "MOA+9:30", "MOA+12:30", "UNS+S", "MOA+12:1880",
            ]
        ),
        (
            "INVOIC",
            [
                "BGM+380+R1+9", "DTM+137:20260210:102", "CUX+2:EUR:4", "PAT+1++5:3:D:60", "ALC+C++++FC", "MOA+23:5", "LIN+1++400:EN",
                "QTY+47:2:PCE", "PRI+AAA:50", "UNS+S", "MOA+77:105",
            ]
        ),
        ("ORDERS", ["BGM+220+P4+9", "DTM+2:20260210:102", "LIN+1++400:EN", "QTY+21:2"]),
        ("RECADV", ["BGM+632+W1+9", "LIN+1++400:EN", "QTY+48:2", "QVR+2:195+AC"]),
    ]

    /// The same interchange in other service characters; a character of the data that is one of them is released.
    static func render(_ text: String, component: Character, element: Character, release: Character, terminator: Character) -> String {
        var result = "UNA\(component)\(element).\(release) \(terminator)"
        for character in text {
            switch character {
            case ":": result.append(component)
            case "+": result.append(element)
            case "'": result.append(terminator)
            case component, element, release, terminator: result += "\(release)\(character)"
            default: result.append(character)
            }
        }
        return result
    }

    @Test func `service characters permuted give the same document`() {
        let text = edifact(Self.messages, service: "")
        let plain = readEdifact(text)
        #expect(plain.format == "edifact/INVOIC+ORDERS+RECADV+REMADV")
        #expect(plain.collected?.codes == [])
        let characters: [Character] = [
            ":", "+", "?", "'", "*", "^", "$", "~", "|", "#", "!", "=", "\u{1C}", "\u{1D}", "\u{1F}", "-", "\"", "/",
        ]
        var random = Seeded(Self.seed)
        print("seed \(Self.seed)")
        for _ in 0..<400 {
            let four = Array(characters.shuffled(using: &random).prefix(4))
            let other = Self.render(text, component: four[0], element: four[1], release: four[2], terminator: four[3])
            expectSame(readEdifact(other), as: plain, "\(four)")
            expectSame(readEdifact("\u{FEFF}\r\n" + other + "\r\n\u{1A}"), as: plain, "\(four) with a mark and Ctrl-Z")
        }
        for lineEnd in ["\n", "\r\n"] {
            expectSame(readEdifact("UNA:+.? \n" + text.replacing("'", with: lineEnd)), as: plain, "line ends")
            expectSame(readEdifact("UNA:+.? '" + lineEnd + text.replacing("'", with: "'" + lineEnd)), as: plain, "a segment a line")
            expectSame(readEdifact(text.replacing("'", with: " '" + lineEnd + "  ")), as: plain, "blanks around")
        }
        let levelB = text.replacing("UNOC:3", with: "UNOB:1").replacing(":", with: "\u{1F}").replacing("+", with: "\u{1D}")
        expectSame(readEdifact(levelB.replacing("'", with: "\u{1C}")), as: plain, "level B without UNA")
    }

    @Test func `any line wrapping gives the same document`() {
        let plain = readEdifact(edifact(Self.messages))
        let released = "UNA:+.? '" + edifact(Self.messages, service: "").replacing("INV1", with: "I??N?'V?+?:?1?????'")
        let second = readEdifact(released)
        #expect(second.collected?.payments[0].lines[0].reference == "I?N'V+:1??'")
        for (text, wanted) in [(edifact(Self.messages), plain), (released, second)] {
            let bytes = Array(text.utf8)
            for width in 1...120 {
                for lineEnd in ["\n", "\r\n"] {
                    var wrapped: [UInt8] = []
                    for (index, byte) in bytes.enumerated() {
                        if index > 0, index.isMultiple(of: width) { wrapped += lineEnd.utf8 }
                        wrapped.append(byte)
                    }
                    // a blank at the end of a line is lost to nobody: names here have one
                    expectSame(readEdifact(wrapped), as: wanted, "width \(width)")
                }
            }
        }
    }

    @Test func `what is rendered is read back, whatever the text`() throws {
        var random = Seeded(Self.seed)
        print("seed \(Self.seed)")
        let alphabet = Array("ABCxyz0189 :+?'.,-/*äł報")
        func word() -> String {
            let letters = (0..<Int.random(in: 1...24, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            return "r" + String(letters) + "r"
        }
        func released(_ text: String) -> String {
            text.map { ":+?'".contains($0) ? "?\($0)" : Bool.random(using: &random) && $0.isASCII && $0 != " " ? "?\($0)" : "\($0)" }
                .joined()
        }
        for _ in 0..<300 {
            var lines: [RemittanceLine] = []
            var segments = ["BGM+481+Z1+9", "CUX+2:EUR:11"]
            for index in 0..<Int.random(in: 1...20, using: &random) {
                let gross = Int64.random(in: 1...10_000_000, using: &random)
                let net = Bool.random(using: &random) ? gross : Int64.random(in: 0...gross, using: &random)
                let isCredit = Int.random(in: 0..<4, using: &random) == 0
                let sign: Int64 = isCredit ? -1 : 1
                let at = Location.message("DOC".utf8.reduce(0) { $0 << 8 | UInt32($1) }, index + 1, message: 1)
                var line = RemittanceLine(
                    reference: word(), referenceType: isCredit ? .creditMemo : .invoice, net: sign * net, at: at, gross: sign * gross)
                let written = isCredit && Bool.random(using: &random) ? -1 : 1
                func amount(_ value: Int64) -> String {
                    let text = Money.decimal(value * Int64(written), exponent: 2)
                    return Bool.random(using: &random) ? text : text.replacing(".", with: ",")
                }
                segments += ["DOC+\(isCredit ? 381 : 380)+\(released(line.reference))", "MOA+9:\(amount(gross))", "MOA+12:\(amount(net))"]
                if Bool.random(using: &random) {
                    line.po = word()
                    segments.append("RFF+ON:\(released(line.po ?? ""))")
                }
                if net != gross {
                    let text = word()
                    line.adjustments = [Adjustment(amount: sign * (net - gross), code: "4", list: .edifact, text: text, at: at)]
                    segments += ["AJT+4", "FTX+ABO+++\(released(text))"]
                }
                lines.append(line)
            }
            let total = lines.reduce(0) { $0 + $1.net }
            segments += ["UNS+S", "MOA+12:\(Money.decimal(total, exponent: 2))"]
            let payment = try #require(readEdifact(edifact([("REMADV", segments)])).collected?.payments.first)
            #expect(payment.lines == lines)
            #expect(payment.advice.total == total)
            #expect(payment.end?.footing == 0)
        }
    }

    @Test func `bytes changed at random never crash the reader`() throws {
        var random = Seeded(Self.seed)
        print("seed \(Self.seed)")
        for url in try Self.samples() {
            let bytes = try Place.bytes(url)
            for _ in 0..<200 {
                let outcome = readEdifact(changed(bytes, by: &random))
                #expect(outcome.collected != nil || !outcome.problems.isEmpty)
            }
        }
    }
}
