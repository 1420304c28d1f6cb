import Foundation
import Testing
import Trade

@testable import Formats

/// The project's own samples of every layout, each with its canonical JSON beside it. `REMITD_GOLDEN=write` writes them anew.
struct LayoutGoldenTests {
    @Test(arguments: LayoutSamples.all) func `a sample list reads as its golden file says`(_ file: URL) throws {
        let marketplace = String(file.lastPathComponent.prefix(2)).uppercased()
        let outcome = TableOutcome(
            Tables(layouts: Layout.builtIn), try TableSamples.bytes(file), name: file.lastPathComponent, LayoutSamples.context(marketplace))
        try #require(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(!outcome.documents.isEmpty)
        let golden = file.appendingPathExtension("json")
        let routes = outcome.routes.isEmpty ? "" : "routes: \(outcome.routes.joined(separator: ", "))\n"
        if ProcessInfo.processInfo.environment["REMITD_GOLDEN"] == "write" {
            try Data((outcome.text + "\n" + routes).utf8).write(to: golden)
        }
        #expect(outcome.text + "\n" + routes == String(decoding: try TableSamples.bytes(golden), as: UTF8.self))
    }

    @Test(arguments: LayoutSamples.all) func `a sample list is claimed by tables alone`(_ file: URL) throws {
        let bytes = try TableSamples.bytes(file)
        let head = FileHead(name: file.lastPathComponent, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
        guard case .format(let format) = Formats.standard.identify(head) else {
            Issue.record("claimed by none or by several: \(Formats.standard.all.map { $0.claim(head) ?? "-" })")
            return
        }
        #expect(format.name == "table")
    }

    @Test func `every built-in layout has a sample`() throws {
        let read = try LayoutSamples.all.map { file in
            let json = try TableSamples.bytes(file.appendingPathExtension("json"))
            let line = json.prefix { $0 != 10 }
            return try JSONDecoder().decode(JSON.self, from: Data(line))["format"]?.string ?? ""
        }
        #expect(Set(Layout.builtIn.map(\.name)) == Set(read))
    }

    @Test func `no sample of another family is claimed as a table`() throws {
        for folder in ["x12", "edifact", "mail", "vendor-central"] {
            for file in TableSamples.files(in: TableSamples.samples.appendingPathComponent(folder)) {
                let bytes = try TableSamples.bytes(file)
                let head = FileHead(name: file.lastPathComponent, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
                #expect(Tables(layouts: Layout.builtIn).claim(head) == nil, "\(file.lastPathComponent)")
            }
        }
    }

    @Test(arguments: LayoutSamples.all) func `every prefix of a sample list gives documents or problems with a place`(_ file: URL) throws {
        let bytes = try TableSamples.bytes(file)
        let marketplace = String(file.lastPathComponent.prefix(2)).uppercased()
        let tables = Tables(layouts: Layout.builtIn)
        for cut in stride(from: 0, to: bytes.count, by: 7) {
            let part = Array(bytes[..<cut])
            let outcome = TableOutcome(tables, part, name: file.lastPathComponent, LayoutSamples.context(marketplace))
            #expect(outcome.isRejected || !outcome.documents.isEmpty || outcome.notes.contains("no-rows"), "cut at \(cut)")
            for problem in outcome.problems { #expect(!problem.description.isEmpty) }
        }
    }

    @Test func `bytes changed at random never crash the reader`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        let tables = Tables(layouts: Layout.builtIn)
        for file in LayoutSamples.all {
            let bytes = try TableSamples.bytes(file)
            for _ in 0..<40 {
                var broken = bytes
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let interesting = Array("\",;|\t\r\n()-.0129E+€ $:%".utf8) + [0, 1, 4, 0x1E, 0x1F, 0xC2, 0xFF]
                    broken[Int.random(in: 0..<broken.count, using: &random)] = interesting.randomElement(using: &random) ?? 0
                }
                _ = TableOutcome(tables, broken, LayoutSamples.context("DE"))
                _ = TableOutcome(tables, broken)
            }
        }
    }
}
