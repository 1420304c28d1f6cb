import Foundation
import Testing

@testable import Formats

/// docs/layouts.md is what the code says. `REMITD_GOLDEN=write` writes it anew.
struct LayoutDocsTests {
    private static let file = TableSamples.package.appendingPathComponent("docs/layouts.md")

    @Test func `docs/layouts.md lists every field and every built-in layout as the code has them`() throws {
        let text = Self.document()
        if ProcessInfo.processInfo.environment["REMITD_GOLDEN"] == "write" {
            try FileManager.default.createDirectory(at: Self.file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: Self.file)
        }
        #expect(text == String(decoding: try TableSamples.bytes(Self.file), as: UTF8.self))
    }

    private static func document() -> String {
        var text = """
            # Tables that remitd reads

            CSV and other delimited text (comma, semicolon, tab or pipe; UTF-8, UTF-16 and the usual legacy encodings) and the sheets of
            workbooks are read by *layouts*: by the captions of their header row, which may stand below titles, in any order of columns.
            This page is made from the code by `REMITD_GOLDEN=write swift test --filter LayoutDocsTests`; layouts of your own are
            described in the [README](../README.md).

            ## Plain tables for any system

            Whatever exports your books can write one of these: a header row with the captions below, dates as `2026-03-31`, amounts as
            `1234.50` without grouping, currencies as in ISO 4217. Columns marked **needed** must be there; leave out or leave empty what
            you do not have. A document with several items has one row for each; what belongs to the document and not to the item then
            agrees in all its rows, or stands in the first alone. A file holds documents of one kind. Rows that contradict each other
            refuse their document, a cell that is not what its column says rejects the file.


            """
        for layout in Layout.plain { text += plain(layout) }
        text += """
            ## Exports of Vendor Central

            Dates and amounts are read as the account's `marketplace` writes them. Captions count without case, blanks, punctuation and
            invisible characters. Where a **needed** column is gone or has another name the file is not booked and `format.changed` says
            so; other columns are noted when they come or go. The remittance export (Payments > Remittances) has a reader of its own.


            """
        for layout in Layout.vendorCentral { text += known(layout) }
        text += """
            ## How values are written

            | form | in a constant of a layout |
            |---|---|

            """
        for form in Layout.Form.allCases { text += "| \(form.rawValue) | \(form.example) |\n" }
        return text
    }

    private static func plain(_ layout: Layout) -> String {
        var text = "### `\(layout.name)`: \(layout.title)\n\nBecomes `\(layout.document.rawValue)`.\n\n"
        text += "| caption | field | form | of | what |\n|---|---|---|---|---|\n"
        for (column, field) in zip(layout.tables[0].columns, layout.document.fields) {
            let needed = column.presence == .needed ? ", **needed**" : ""
            let words = field.words.isEmpty ? "" : " One of \(field.words.map { "`\($0)`" }.joined(separator: ", "))."
            text += "| `\(column.captions[0])`\(needed) | `\(field.name)` | \(field.form.rawValue) | "
            text += "\(field.isOfLine ? "item" : "document") | \(field.summary)\(words) |\n"
        }
        return text + "\n"
    }

    private static func known(_ layout: Layout) -> String {
        var text = "### `\(layout.name)`: \(layout.title)\n\nBecomes `\(layout.document.rawValue)`.\n\n| caption | feeds |\n|---|---|\n"
        for column in layout.tables[0].columns {
            let captions = column.captions.map { "\"\($0)\"" }.joined(separator: ", ")
            let presence = column.presence == .expected ? "" : column.presence == .needed ? ", **needed**" : ", optional"
            let sign = column.sign == .asWritten ? "" : ", sign \(column.sign.rawValue)"
            text += "| \(captions)\(presence) | \(column.field.map { "`\($0)`" } ?? "nothing: known")\(sign) |\n"
        }
        return text + "\n"
    }
}
