import Foundation
import Testing
import Trade

@testable import Formats

@Suite struct Crashers {
    /// What `make fuzz` found once; each is read by every format, whatever it claims.
    @Test func `what once crashed a reader is read or refused`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Crashers")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.contains { $0.lastPathComponent == "README.md" }, "the folder of crashers is not there")
        for url in files {
            let bytes = try Array(Data(contentsOf: url))
            for container in Formats.standard.containers {
                var members = CollectedMembers()
                do {
                    try container.unpack(bytes.span.bytes, name: url.lastPathComponent, into: &members)
                } catch {
                    if case .rejected(let problems) = error { #expect(!problems.isEmpty) }
                }
            }
            for format in Formats.standard.all {
                for currency in [nil, Currency(code: "USD"), Currency(code: "JPY"), Currency(code: "KWD")] {
                    var sink = Collected()
                    do {
                        _ = try Formats.read(bytes.span.bytes, as: format, context: ReadingContext(currency: currency), into: &sink)
                    } catch {
                        if case .rejected(let problems) = error { #expect(!problems.isEmpty) }
                    }
                }
            }
        }
    }
}
