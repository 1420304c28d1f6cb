import Foundation
import Trade

@testable import Formats

/// Tables as text, read by the built-in layouts and those of a test.
enum LayoutSamples {
    static let folder = TableSamples.samples.appendingPathComponent("layouts")
    static let all = TableSamples.files(in: folder).filter { $0.pathExtension != "json" }

    /// Of an account of the marketplace, or of none (`xx`).
    static func context(_ marketplace: String) -> ReadingContext {
        let currencies = [
            "US": "USD", "DE": "EUR", "FR": "EUR", "UK": "GBP", "JP": "JPY", "IN": "INR", "CA": "CAD", "AU": "AUD", "IT": "EUR",
        ]
        return marketplace == "XX"
            ? ReadingContext() : ReadingContext(currency: currencies[marketplace].flatMap { Currency(code: $0) }, marketplace: marketplace)
    }

    static func read(_ text: String, _ marketplace: String = "US", layouts: [Layout] = Layout.builtIn) -> TableOutcome {
        TableOutcome(Tables(layouts: layouts), Array(text.utf8), context(marketplace))
    }

    static func claim(_ text: String, layouts: [Layout] = Layout.builtIn) -> String? {
        let bytes = Array(text.utf8)
        return Tables(layouts: layouts).claim(
            FileHead(name: "file", bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count))
    }
}
