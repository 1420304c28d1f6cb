import Trade

/// Rows that are kept without being understood further, each as a document of its own.
enum OtherTable: DocumentTable {
    static let fields: [Layout.Field] = [
        .init(.number, .reference, "Number of the document.", essential: true),
        .init(.date, .date, "Date of the document."),
        .init(.vendor, .route, "Vendor code of the account."),
        .init(.marketplace, .route, "Marketplace of the account."),
    ]

    static var grouping: TableGrouping { .each }

    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> OtherDocument {
        OtherDocument(typeName: cells.layout, number: number, at: .row(row))
    }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into other: inout OtherDocument) {
        other.date = cells.day(bytes, .date)
    }

    static func finish(_ draft: inout OtherDocument, _ cells: inout TableCells) -> WholeDocument? { .other(draft) }
}
