import Formats
import Foundation
import Testing
import Trade

/// The project's own samples, each with its canonical JSON beside it. `REMITD_GOLDEN=write` writes them anew.
struct DelimitedGoldenTests {
    static let exports = TableSamples.files(in: TableSamples.samples.appendingPathComponent("vendor-central")).filter {
        $0.pathExtension != "json"
    }
    static let mails = TableSamples.files(in: TableSamples.samples.appendingPathComponent("mail")).filter { $0.pathExtension != "json" }

    /// A sample's name begins with its marketplace.
    static func context(_ file: URL) -> ReadingContext {
        ReadingContext(marketplace: String(file.lastPathComponent.prefix(2)).uppercased())
    }

    private func check<F: Format>(_ format: F, _ file: URL) throws {
        let outcome = TableOutcome(format, try TableSamples.bytes(file), name: file.lastPathComponent, Self.context(file))
        try #require(outcome.problems.isEmpty, "\(outcome.problems)")
        let golden = file.appendingPathExtension("json")
        if ProcessInfo.processInfo.environment["REMITD_GOLDEN"] == "write" {
            try Data((outcome.text + "\n").utf8).write(to: golden)
        }
        #expect(outcome.text + "\n" == String(decoding: try TableSamples.bytes(golden), as: UTF8.self))
    }

    @Test(arguments: exports) func `a sample export reads as its golden file says`(_ file: URL) throws {
        try check(VendorCentralRemittances(), file)
    }

    @Test(arguments: mails) func `a sample mail reads as its golden file says`(_ file: URL) throws {
        try check(RemittanceMail(), file)
    }

    @Test(arguments: exports + mails) func `each sample is claimed by its own format only`(_ file: URL) throws {
        let bytes = try TableSamples.bytes(file)
        let head = FileHead(name: file.lastPathComponent, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
        let isMail = Self.mails.contains(file)
        #expect((VendorCentralRemittances().claim(head) == nil) == isMail)
        #expect((RemittanceMail.claim(head) == nil) == !isMail)
    }

    /// Whatever is cut off: documents, or problems that say where.
    private func checkPrefixes<F: Format>(_ format: F, _ file: URL) throws -> (incomplete: Int, read: Int) {
        let bytes = try TableSamples.bytes(file)
        var cuts = Array(0..<min(bytes.count, 4096))
        if bytes.count > 4096 {
            let seed = UInt64.random(in: 0 ... .max)
            print("seed \(seed)")
            var random = TableRandom(seed)
            cuts += (0..<500).map { _ in Int.random(in: 4096..<bytes.count, using: &random) }
        }
        var (incomplete, read) = (0, 0)
        for cut in cuts {
            let part = Array(bytes[..<cut])
            let outcome = TableOutcome(format, part, name: file.lastPathComponent, Self.context(file))
            if !outcome.isRejected {
                read += 1
                #expect(!outcome.documents.isEmpty, "cut at \(cut)")
            }
            if outcome.problems.contains(where: { $0.kind == .incomplete }) { incomplete += 1 }
            for problem in outcome.problems { #expect(!problem.description.isEmpty) }
            _ = format.claim(FileHead(name: "cut", bytes: part, size: cut))
        }
        return (incomplete, read)
    }

    @Test(arguments: exports) func `every prefix of a sample export gives documents or problems with a place`(_ file: URL) throws {
        let (incomplete, _) = try checkPrefixes(VendorCentralRemittances(), file)
        #expect(incomplete > 0)
    }

    @Test(arguments: mails) func `every prefix of a sample mail gives documents or problems with a place`(_ file: URL) throws {
        let (incomplete, _) = try checkPrefixes(RemittanceMail(), file)
        #expect(incomplete > 0)
    }

    @Test func `bytes changed at random never crash a reader`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        for file in Self.exports + Self.mails {
            let bytes = try TableSamples.bytes(file)
            for _ in 0..<150 {
                var broken = bytes
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let interesting = Array("\",;\t\r\n()-.0129E+€ $:".utf8) + [0, 0xC2, 0xFF]
                    broken[Int.random(in: 0..<broken.count, using: &random)] = interesting.randomElement(using: &random) ?? 0
                }
                _ = TableOutcome(VendorCentralRemittances(), broken, Self.context(file))
                _ = TableOutcome(RemittanceMail(), broken, Self.context(file))
                _ = TableOutcome(VendorCentralRemittances(), broken)
            }
        }
    }
}
