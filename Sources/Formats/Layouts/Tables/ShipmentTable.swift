import Trade

/// What was sent, and what proves that it came, a row for each item.
enum ShipmentTable: DocumentTable {
    static let fields: [Layout.Field] = [
        .init(.number, .reference, "Number of the shipment (ASN).", essential: true),
        .init(.date, .date, "Date of the notice."),
        .init(.shipped, .date, "Day on which it left."),
        .init(.delivered, .date, "Day on which it was delivered, by the proof of delivery."),
        .init(.estimatedDelivery, .date, "Day on which it is expected; counts while no delivery is stated."),
        .init(.carrier, .text, "Who carries it."),
        .init(.billOfLading, .reference, "Bill of lading, or the carrier's tracking number."),
        .init(.invoice, .reference, "Invoice for it."),
        .init(.vendor, .route, "Vendor code of the account."),
        .init(.marketplace, .route, "Marketplace of the account."),
        .line(.po, .reference, "Purchase order of the line; the shipment's are those of its lines."),
        .line(.line, .reference, "Number of the line."),
        .line(.item, .reference, "Item: the ASIN or the number that the purchase order uses."),
        .line(.barcode, .text, "Bar code of the same item: EAN, UPC, GTIN."),
        .line(.ownItem, .text, "Your own number of the same item."),
        .line(.pack, .quantity, "Pieces in one case of the item."),
        .line(.quantity, .quantity, "Units sent."),
        .line(.unit, .text, "Unit of the quantity."),
        .line(.text, .text, "What the item is."),
    ]

    struct Draft {
        var shipment: Shipment
        var estimated: Day?
    }

    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> Draft {
        Draft(shipment: Shipment(number: number, at: .row(row)))
    }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into draft: inout Draft) {
        cells.take(.date, &draft.shipment.date, cells.day(bytes, .date))
        cells.take(.shipped, &draft.shipment.shipped, cells.day(bytes, .shipped))
        cells.take(.delivered, &draft.shipment.delivered, cells.day(bytes, .delivered))
        cells.take(.estimatedDelivery, &draft.estimated, cells.day(bytes, .estimatedDelivery))
        cells.take(.carrier, &draft.shipment.carrier, cells.text(bytes, .carrier))
        cells.take(.billOfLading, &draft.shipment.billOfLading, cells.reference(bytes, .billOfLading))
        cells.take(.invoice, &draft.shipment.invoice, cells.reference(bytes, .invoice))
        let po = cells.reference(bytes, .po)
        if let po, draft.shipment.orders.last != po, !draft.shipment.orders.contains(po) { draft.shipment.orders.append(po) }
        guard cells.hasLine(bytes), let item = cells.item(bytes) else { return }
        draft.shipment.lines.append(Shipment.Line(item: item, po: po))
    }

    static func finish(_ draft: inout Draft, _ cells: inout TableCells) -> WholeDocument? {
        var shipment = draft.shipment
        if shipment.delivered == nil, let estimated = draft.estimated {
            shipment.delivered = estimated
            shipment.isDeliveryEstimated = true
        }
        return .shipment(shipment)
    }
}
