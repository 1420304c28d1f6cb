import Trade

/// What the buyer received, a row for each item.
enum ReceiptTable: DocumentTable {
    static let fields: [Layout.Field] = [
        .init(.number, .reference, "Number of the receipt.", essential: true),
        .init(.date, .date, "Day on which it was received.", essential: true),
        .init(.shipment, .reference, "Shipment that came."),
        .init(.vendor, .route, "Vendor code of the account."),
        .init(.marketplace, .route, "Marketplace of the account."),
        .line(.po, .reference, "Purchase order of the line; the receipt's own where all its lines have the same."),
        .line(.line, .reference, "Number of the line."),
        .line(.item, .reference, "Item: the ASIN or the number that the purchase order uses.", essential: true),
        .line(.barcode, .text, "Bar code of the same item: EAN, UPC, GTIN."),
        .line(.ownItem, .text, "Your own number of the same item."),
        .line(.pack, .quantity, "Pieces in one case of the item."),
        .line(.unit, .text, "Unit of the quantities."),
        .line(.received, .quantity, "Units that came, in good order or not.", essential: true),
        .line(.damaged, .quantity, "Units of them that are damaged."),
        .line(.short, .quantity, "Units that were announced and did not come."),
        .line(.over, .quantity, "Units that came beyond what was announced."),
        .line(.text, .text, "What the item is, or a remark."),
    ]

    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> Receipt { Receipt(number: number, at: .row(row)) }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into receipt: inout Receipt) {
        cells.take(.date, &receipt.date, cells.day(bytes, .date))
        cells.take(.shipment, &receipt.shipment, cells.reference(bytes, .shipment))
        guard cells.hasLine(bytes) else { return }
        receipt.lines.append(
            Receipt.Line(
                at: .row(cells.row), line: cells.reference(bytes, .line), item: cells.reference(bytes, .item),
                po: cells.reference(bytes, .po), unit: cells.text(bytes, .unit), received: cells.quantity(bytes, .received),
                damaged: cells.quantity(bytes, .damaged), short: cells.quantity(bytes, .short), over: cells.quantity(bytes, .over),
                text: cells.text(bytes, .text)))
        receipt.lines[receipt.lines.endIndex - 1].pack = cells.pack(bytes)
        receipt.lines[receipt.lines.endIndex - 1].aliases = cells.aliases(bytes, of: receipt.lines[receipt.lines.endIndex - 1].item)
    }

    static func finish(_ draft: inout Receipt, _ cells: inout TableCells) -> WholeDocument? {
        var receipt = draft
        guard cells.stated(.date, receipt.date, of: receipt.number, receipt.at) != nil else { return nil }
        if let po = receipt.lines.first?.po, receipt.lines.allSatisfy({ $0.po == po }) {
            receipt.po = po
            for index in receipt.lines.indices { receipt.lines[index].po = nil }
        }
        return .receipt(receipt)
    }
}
