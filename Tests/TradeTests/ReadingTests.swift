import Foundation
import Testing
import Trade

struct LocationTests {
    @Test(
        arguments: [
            (Location.file, "file"), (.row(17, column: 3), "row 17, column 3"), (.row(17), "row 17"), (.line(9), "line 9"),
            (.byte(4183), "byte 4183"), (.segment("RMR", 17, set: 2, element: 4), "ST[2]/RMR[17]/04"),
            (.segment("ISA", 1, set: 0, element: 13), "ISA[1]/13"), (.segment("ST", 1, set: 3, element: 2), "ST[3]/02"),
        ] as [(Location, String)])
    func `a place is written for people`(_ place: Location, _ text: String) { #expect(place.description == text) }

    @Test func `a place packed into one integer comes back, but for its element`() {
        let places: [Location] = [
            .file, .row(1_000_000), .line(7), .byte(123_456), .segment("RMR", 500_000, set: 40_000), .segment("N1", 3, set: 1),
            .segment("BPR", 1, set: 262_143),
        ]
        for place in places { #expect(Location(packed: place.packed) == place.element(0)) }
        #expect(Location(packed: Location.row(5, column: 3).packed) == .row(5))
        #expect(Location(packed: Location.row(99_999_999).packed) == .row(0xFFFFFF))
    }

    @Test func `a problem is one line: place, what, what to do`() {
        let problem = Problem(.malformed, at: .segment("RMR", 17, set: 2, element: 4), byte: 4183, "\"12,3x\" is not an amount")
        #expect(
            problem.description
                == "ST[2]/RMR[17]/04 (byte 4183): \"12,3x\" is not an amount; ask the sender to resend, or see 'remitd retry'")
    }
}

struct JSONTextTests {
    @Test func `members keep the order of the calls and absent ones are absent`() throws {
        var text = JSONText()
        text.beginObject()
        text.member("b", "x")
        text.member("gone", nil as String?)
        text.member("a", 5)
        text.key("list")
        text.beginArray()
        text.value(Int64(1))
        text.beginObject()
        text.endObject()
        text.value(Bool(true))
        text.null()
        text.endArray()
        text.member("m", -5, in: try #require(Currency(code: "JPY")))
        text.endObject()
        #expect(text.finish() == #"{"b":"x","a":5,"list":[1,{},true,null],"m":"-5"}"#)
    }

    @Test func `a line stays one line and says what it hides`() {
        var text = JSONText()
        text.value("a\"\\\n\t\r\u{0}\u{7F}\u{202E}\u{2028}\u{FEFF}é€😀")
        #expect(text.finish() == #""a\"\\\n\t\u000d\u0000\u007f\u202e\u2028\ufeffé€😀""#)
    }

    @Test func `any text written as JSON decodes to itself`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(seed)
        for _ in 0..<300 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                let limit: UInt32 = [0x7F, 0x2100, 0x10FFFF].randomElement(using: &random) ?? 0x7F
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...limit, using: &random)) { scalars.append(scalar) }
            }
            let wanted = String(scalars)
            let value = JSON.object(["k": .array([.string(wanted), .number(-7), .null, .bool(false)])])
            #expect(try JSONDecoder().decode(JSON.self, from: Data(value.text.utf8)) == value)
        }
    }

    @Test func `values are written with their keys sorted`() {
        #expect(JSON.object(["b": 1, "a": .object(["z": .null, "y": "t"])]).text == #"{"a":{"y":"t","z":null},"b":1}"#)
    }
}
