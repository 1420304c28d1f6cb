import Foundation
import Testing
import Trade

@testable import Formats

/// The project's own samples, each with what it must give beside it: `NAME.json`, the canonical object, and `NAME.txt`, one line per
/// problem. `REMITD_WRITE_GOLDEN=1 swift test --filter X12Samples` writes them anew; read the difference before committing it.
@Suite struct X12Samples {
    static let folder = Place.samples.appending(path: "x12")
    static let names = ((try? Place.files(folder) { $0.hasSuffix(".edi") }) ?? []).map(\.lastPathComponent)

    @Test func `there are samples`() { #expect(Self.names.count >= 7) }

    @Test(arguments: names)
    func `each sample gives its golden object and problems`(_ name: String) throws {
        try expectGolden(X12(), Self.folder.appending(path: name), currency: Currency(code: "JPY"))
    }
}
