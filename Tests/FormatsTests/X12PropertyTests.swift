import Foundation
import Testing
import Trade

@testable import Formats

/// What holds for any X12 file: cutting it never crashes or invents, and its delimiters and line breaks mean nothing.
@Suite struct X12Properties {
    static let seed: UInt64 = 20_260_302

    static func samples() throws -> [URL] {
        var files = try Place.files(X12Samples.folder) { $0.hasSuffix(".edi") }
        if Place.hasShared { files += try Place.files(Place.shared.appending(path: "edi/x12")) { $0 != "INDEX.md" } }
        return files
    }

    /// Every byte up to 4 KiB; beyond, every segment end ± 1 and 500 seeded places.
    static func cuts(_ bytes: [UInt8], _ random: inout Seeded) -> [Int] {
        var cuts = Set(0..<min(bytes.count, 4096))
        if bytes.count > 4096 {
            let terminator = bytes.count > 105 ? bytes[105] : 126
            for (index, byte) in bytes.enumerated() where index > 4096 && (byte == terminator || byte == 10) {
                cuts.formUnion([index - 1, index, min(index + 1, bytes.count)])
            }
            for _ in 0..<500 { cuts.insert(Int.random(in: 0..<bytes.count, using: &random)) }
        }
        return cuts.sorted()
    }

    @Test func `every prefix of every sample gives documents or problems with a place`() throws {
        print("seed \(Self.seed)")
        var random = Seeded(Self.seed)
        var readings = 0
        for url in try Self.samples() {
            let bytes = try Place.bytes(url)
            // only whole interchanges are read, so what is there is what the whole file gives first
            let whole = readX12(bytes).collected
            for cut in Self.cuts(bytes, &random) {
                readings += 1
                expectPrefix(readX12(Array(bytes[..<cut])), of: whole, cut: cut, url.lastPathComponent)
            }
        }
        print("\(readings) prefixes read")
    }

    @Test func `a file cut off anywhere inside its only interchange is incomplete`() throws {
        let text = interchange([("820", ["BPR*I*10*C*ACH************20260301", "TRN*1*7", "RMR*IV*A1*PI*10"])])
        let bytes = Array(text.utf8)
        for cut in 5..<(bytes.count - 1) {
            let problems = readX12(Array(bytes[..<cut])).problems
            #expect(problems.first?.kind == .incomplete, "cut at \(cut): \(problems)")
        }
        // only the last terminator is missing: the control number shows that the file is whole
        #expect(readX12(Array(bytes.dropLast())).collected?.payments.count == 1)
    }

    static let sets: [(id: String, segments: [String])] = [
        (
            "820",
            [
                "BPR*I*1937.5*C*ACH************20260301", "TRN*1*771", "CUR*PR*USD", "N1*PR*BIG RETAIL*92*RETAILER", "ENT*1",
                "ADX*-50*79*CM*C-1", "NTE*AFA*Spring flyer", "RMR*IV*INV-1*PI*1960*2000*40", "REF*PO*P-1", "DTM*003*20260101",
                "RMR*IV*INV-2*PI*30", "ADX*-2.5*59*CM*D-9",
            ]
        ),
        ("810", ["BIG*20260214*INV-3*20260201*P-3", "CUR*SE*USD", "ITD*08*3*2**30**60", "IT1*1*2*EA*50**BP*B0X", "TDS*10000"]),
        ("850", ["BEG*00*SA*P-4**20260202"]),
        (
            "812",
            [
                "BCD*20260211*DM-1**2625*D*20260105*INV-1**20251201*P-2", "CUR*BY*USD", "N1*BY*BIG RETAIL*92*RETAILER",
                "CDD*01*D**3000***12*EA***2.5", "LIN**BP*B0X", "CDD*RD*C**375**********found later",
            ]
        ),
        (
            "820",
            [
                "BPR*I*150.25*C*ACH************20260301", "TRN*1*772", "CUR*PR*USD", "RMR*IV*A*PI*100.00*100.00",
                "RMR*IV*B*PI*7000*7500*500",
                "CUR*PR*JPY", "REF*RZ*R-1", "DTM*003*20260102", "RMR*IV*C*PI*50.25",
            ]
        ),
        ("997", ["AK1*IN*42", "AK2*810*0001", "AK3*BIG*2**8", "AK4*1*373*8*20261301", "AK5*R*5", "AK9*R*1*1*0"]),
        ("824", ["BGN*11*AA-1*20260302", "OTI*TR*IV*INV-1*****42*0001*810", "TED*507*Total differs", "NTE**see order"]),
    ]

    @Test func `delimiters permuted give the same document`() {
        let plain = readX12(interchange(Self.sets))
        #expect(plain.format == "x12/810+812+820+824+850+997")
        let elements = ["*", "~", "+", "|", "^", "\u{1D}", "!", "\t"]
        let terminators = [
            "~", "\\", "|", "^", "}", "*", "'", "\u{15}", "\u{85}", "…", "~\r\n", "~ ", "\u{15}\r\n", "\n", "\r\n", "\r", " ~\n", "~\n   ",
            "\u{1C}", "\u{7}",
        ]
        for element in elements {
            for terminator in terminators where !terminator.contains(element) {
                let text = interchange(Self.sets, terminator: "\u{0}").replacing("*", with: element).replacing("\u{0}", with: terminator)
                expectSame(readX12(text), as: plain, "element \(element.debugDescription), terminator \(terminator.debugDescription)")
                expectSame(readX12("\u{FEFF}\r\n " + text + "\u{1A}"), as: plain, "the same with a mark and Ctrl-Z")
            }
        }
    }

    @Test func `any line wrapping gives the same document`() {
        let text = Array(interchange(Self.sets).utf8)
        let plain = readX12(text)
        for width in 1...160 {
            for lineEnd in ["\n", "\r\n"] {
                var wrapped: [UInt8] = []
                for (index, byte) in text.enumerated() {
                    if index > 0, index.isMultiple(of: width) { wrapped += lineEnd.utf8 }
                    wrapped.append(byte)
                }
                expectSame(readX12(wrapped), as: plain, "width \(width)")
            }
        }
    }

    @Test func `bytes changed at random never crash the reader`() throws {
        var random = Seeded(Self.seed)
        print("seed \(Self.seed)")
        for url in try Self.samples() {
            let bytes = try Place.bytes(url)
            for _ in 0..<300 {
                let outcome = readX12(changed(bytes, by: &random))
                #expect(outcome.collected != nil || !outcome.problems.isEmpty)
            }
        }
    }
}
