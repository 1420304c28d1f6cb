import Foundation
import Testing
import Trade

@testable import Formats

/// The project's own EDIFACT samples, each with what it must give beside it: `NAME.json`, the canonical object, and `NAME.txt`, one line
/// per problem. `REMITD_WRITE_GOLDEN=1 swift test --filter EdifactSamples` writes them anew; read the difference before committing it.
@Suite struct EdifactSamples {
    static let folder = Place.samples.appending(path: "edifact")
    static let names = ((try? Place.files(folder) { $0.hasSuffix(".edi") }) ?? []).map(\.lastPathComponent)

    @Test func `there are samples`() { #expect(Self.names.count >= 14) }

    @Test(arguments: names)
    func `each sample gives its golden object and problems`(_ name: String) throws {
        let bytes = try Place.bytes(Self.folder.appending(path: name))
        var sink = CanonicalJSON(file: name, sha256: "")
        var object = ""
        var problems: [Problem] = []
        do {
            let format = try EDIFACT.read(bytes.span.bytes, context: ReadingContext(currency: Currency(code: "CHF")), into: &sink)
            problems = sink.problems
            object = sink.finish(format: format) + "\n"
        } catch {
            guard case .rejected(let list) = error else { throw error }
            problems = list
        }
        let lines = problems.map { "\(name): \($0)\n" }.joined()
        let stem = Self.folder.appending(path: String(name.dropLast(4)))
        if ProcessInfo.processInfo.environment["REMITD_WRITE_GOLDEN"] != nil {
            try write(object, stem.appendingPathExtension("json"))
            try write(lines, stem.appendingPathExtension("txt"))
        }
        #expect(object == read(stem.appendingPathExtension("json")))
        #expect(lines == read(stem.appendingPathExtension("txt")))
    }

    private func write(_ text: String, _ url: URL) throws {
        if text.isEmpty { try? FileManager.default.removeItem(at: url) } else { try Data(text.utf8).write(to: url) }
    }

    private func read(_ url: URL) -> String { (try? String(contentsOf: url, encoding: .utf8)) ?? "" }
}
