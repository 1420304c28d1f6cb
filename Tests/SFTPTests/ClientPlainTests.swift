import Testing

@testable import SFTP

struct ClientPlainTests {
    @Test func `a name is shown as it is, or escaped where it could deceive`() {
        #expect(Plain.text("/out/Überweisung 1.edi".utf8) == "/out/Überweisung 1.edi")
        #expect(Plain.text("a\\b".utf8) == #"a\\b"#)
        #expect(Plain.text([0x61, 0xFF, 0x0A, 0x00, 0x1B]) == #"a\xff\x0a\x00\x1b"#)
        #expect(Plain.text("\u{202E}fdp".utf8) == #"\xe2\x80\xaefdp"#)
        #expect(Plain.text("\u{2028}".utf8) == #"\xe2\x80\xa8"#)
    }

    @Test func `whatever the bytes, what is shown is one bounded line without control characters`() {
        var random = Seeded(state: .random(in: 0 ... .max))
        print("seed \(random.state)")
        for _ in 0..<500 {
            let text = Plain.text(random.bytes(Int.random(in: 0...600, using: &random)))
            #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            #expect(text.utf8.count <= 4 * Plain.limit + 3)
        }
    }

    @Test func `a packet of random bytes is taken apart or refused, never more`() {
        var random = Seeded(state: .random(in: 0 ... .max))
        print("seed \(random.state)")
        for _ in 0..<2000 {
            // small numbers, so that counts and lengths are near what there is
            let bytes = random.bytes(Int.random(in: 0...200, using: &random)).map { $0 & ($0 > 200 ? 0xFF : 3) }
            var names = WireReader(bytes)
            if let found = try? names.names() { #expect(found.count <= bytes.count / 12) }
            var attributes = WireReader(bytes)
            _ = try? attributes.attributes()
            var status = WireReader(bytes)
            _ = try? status.status()
            #expect(names.rest >= 0 && attributes.rest >= 0 && status.rest >= 0)
        }
    }
}
