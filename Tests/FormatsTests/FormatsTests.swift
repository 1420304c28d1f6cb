import Foundation
import Testing
import Trade

@testable import Formats

@Suite struct FormatIdentification {
    static func head(_ bytes: [UInt8], _ name: String = "file") -> FileHead {
        FileHead(name: name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
    }

    static func identify(_ bytes: [UInt8], _ name: String = "file") -> Identification { Formats.standard.identify(head(bytes, name)) }

    static func problem(_ bytes: [UInt8]) -> Problem? {
        if case .unknown(let problem) = identify(bytes) { problem } else { nil }
    }

    @Test func `every format has its own name`() {
        let names = Formats.standard.all.map { $0.name }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { !$0.isEmpty })
    }

    /// The folder below `Samples` is the name of the format, or begins with it.
    @Test func `every sample of every format is claimed by that format alone`() throws {
        var files = 0
        for folder in try FileManager.default.contentsOfDirectory(at: Place.samples, includingPropertiesForKeys: nil)
        where folder.hasDirectoryPath {
            for url in try Place.files(folder, { !$0.hasSuffix(".json") && !$0.hasSuffix(".problems") && !$0.hasPrefix(".") }) {
                let isGolden =
                    FileManager.default.fileExists(atPath: url.deletingPathExtension().path + ".edi") && url.pathExtension != "edi"
                if isGolden { continue }
                let bytes = try Place.bytes(url)
                let head = Self.head(bytes, url.lastPathComponent)
                let claims = Formats.standard.all.filter { $0.claim(head) != nil }.map { $0.name }
                guard Formats.standard.all.contains(where: { $0.name == folder.lastPathComponent }) else {
                    #expect(claims.count <= 1, "\(url.lastPathComponent) is claimed by \(claims)")
                    continue
                }
                #expect(claims == [folder.lastPathComponent], "\(url.lastPathComponent) is claimed by \(claims)")
                files += 1
            }
        }
        #expect(files >= 7)
    }

    @Test(.enabled(if: Place.hasShared)) func `no public sample of any kind is claimed twice, and X12 claims its own only`() throws {
        let all = FileManager.default.enumerator(at: Place.shared, includingPropertiesForKeys: nil)
        var claimed = 0
        while let url = all?.nextObject() as? URL {
            guard !url.hasDirectoryPath, let bytes = try? Place.bytes(url) else { continue }
            let head = Self.head(bytes, url.lastPathComponent)
            let claims = Formats.standard.all.filter { $0.claim(head) != nil }.map { $0.name }
            #expect(claims.count <= 1, "\(url.path) is claimed by \(claims)")
            let isX12 = url.path.contains("/edi/x12/") && url.pathExtension != "md" && url.lastPathComponent != "env_corrupt_isa.txt"
            if isX12 { #expect(claims == ["x12"], "\(url.lastPathComponent)") }
            let isEdifact = url.path.contains("/edi/edifact/") && url.pathExtension != "md"
            #expect(claims.contains("edifact") == isEdifact, "\(url.path)")
            if isEdifact || url.path.contains("/amazon/") { #expect(!claims.contains("x12"), "\(url.path)") }
            claimed += claims.count
        }
        #expect(claimed > 400)
    }

    @Test func `an interchange is recognised behind a mark, blanks and line breaks`() {
        for text in ["ISA*00*", "\u{FEFF}ISA*00*", "\r\n  ISA~00~", "I\r\nS\r\nA\r\n+00"] {
            guard case .format(let format) = Self.identify(Array(text.utf8)) else {
                Issue.record("\(text.debugDescription) is not recognised")
                continue
            }
            #expect(format.name == "x12")
        }
        for text in ["ISA", "ISABELLA", "ISA 00", "ISA\"x", "The ISA*00* segment", "SA*00*", "UNA:+.? 'ISA*00*"] {
            #expect(Self.problem(Array(text.utf8)) != nil, "\(text.debugDescription)")
        }
    }

    @Test func `EDIFACT is recognised by its envelope, in any characters, and not by the word`() {
        for text in [
            "UNA:+.? 'UNB+UNOC:3+", "UNA:+,? '\r\nUNB+UNOA:1", "\u{FEFF} UNB+UNOA:1+", "UNA^*.? $\nUNB*UNOA^1*", "UNA:+.?*'UNH+1+",
            "UNH+1+ORDERS:D", "UNG+ORDERS+", "UNB\u{1D}UNOB\u{1F}1", "U\nN\nB\n+UNOA", "BGM+380+R-1'", "UNA:+.?'UNB+UNOA:1",
        ] {
            guard case .format(let format) = Self.identify(Array(text.utf8)) else {
                Issue.record("\(text.debugDescription) is not recognised")
                continue
            }
            #expect(format.name == "edifact")
        }
        for text in [
            "UNA is a service string", "UNB", "UNBELIEVABLE", "UNB 1", "The UNB+UNOC segment", "UNA:+.? 'UNT+1+1'", "BGM+ whatever'",
            "BGM+380 R", "UNA:+.? 'ISA*00*", "UNH;1;2",
        ] {
            #expect(Self.problem(Array(text.utf8)) != nil, "\(text.debugDescription)")
        }
    }

    @Test(
        arguments: [
            ([], "it is empty"),
            (Array("%PDF-1.7\n".utf8), "a PDF"),
            (Array("UNB".utf8), "EDIFACT"),
            (Array("<!DOCTYPE html><html>".utf8), "a web page"),
            ([0xFF, 0xFE, 73, 0, 83, 0, 65, 0], "UTF-16"),
            ([0xD0, 0xCF, 0x11, 0xE0, 0xA1], "old Excel"),
            (Array("{\"a\":1}".utf8), "JSON"),
            (Array("SA*00*     *00*".utf8), "does not start with a whole ISA"),
            ([7, 27, 91, 0xE2, 0x80, 0xAE] + Array("hello".utf8), "it starts \"\\u{7}\\u{1B}[\\u{202E}hello\", 11 bytes"),
        ] as [([UInt8], String)])
    func `what is not recognised is described in words`(_ bytes: [UInt8], _ words: String) throws {
        let problem = try #require(Self.problem(bytes))
        #expect(problem.what.contains(words), "\(problem.what)")
        #expect(!problem.advice.isEmpty)
        #expect(problem.kind == (bytes.isEmpty ? .incomplete : .unrecognised))
    }

    @Test func `archives are containers and Office files are workbooks`() {
        func name(_ bytes: [UInt8], _ file: String = "file") -> String {
            let head = FileHead(name: file, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            return switch Formats.standard.identify(head) {
            case .format(let format): format.name
            case .container(let container): container.name
            case .unknown(let problem): problem.what
            }
        }
        #expect(name(TestZip(entries: [.init("a.edi", [65])]).bytes()) == "zip")
        #expect(name(TestZip().bytes()) == "zip")
        #expect(name(Array("PK\u{3}\u{4}".utf8)) == "zip")
        #expect(name(Array("PK\u{3}\u{4}".utf8), "Payments.XLSX") == "workbook")
        #expect(name(TestWorkbook("").bytes()) == "workbook")
        #expect(name(OfficeFile.mark) == "workbook")
        #expect(name([0x1F, 0x8B, 8, 0]) == "gzip")
    }

    @Test func `two claims are a problem that names both`() throws {
        struct Other: Format {
            let name = "other"
            func claim(_ head: FileHead) -> String? { "anything" }
            func read<Sink: DocumentSink>(
                _ bytes: RawSpan, context: ReadingContext, into sink: inout Sink
            ) throws(ReadFailure) -> String { "other" }
        }
        let formats = Formats([X12(), Other()])
        let found = formats.identify(Self.head(Array("ISA*00*".utf8)))
        guard case .unknown(let problem) = found else {
            Issue.record("it must be a problem")
            return
        }
        #expect(problem.what.contains("x12 (ISA envelope) and other (anything)"))
        guard case .format(let chosen) = formats.identify(Self.head([]), only: "other") else {
            Issue.record("--format must decide")
            return
        }
        #expect(chosen.name == "other")
        guard case .unknown(let unknown) = Formats.standard.identify(Self.head([]), only: "x13") else {
            Issue.record("an unknown name must be a problem")
            return
        }
        #expect(unknown.advice.contains("x12"))
    }

    @Test func `a format is read without naming its type`() throws {
        let bytes = Array(interchange([("850", ["BEG*00*SA*P-1**20260301"])]).utf8)
        guard case .format(let format) = Self.identify(bytes) else {
            Issue.record("it must be identified")
            return
        }
        var sink = Collected()
        #expect(try Formats.read(bytes.span.bytes, as: format, context: ReadingContext(), into: &sink) == "x12/850")
        #expect(sink.whole.first?.number == "P-1")
        #expect(sink.routes == ["RETAILER", "ACME1"])
    }
}
