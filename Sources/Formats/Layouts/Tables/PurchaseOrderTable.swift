import Trade

/// Purchase orders, a row for each of their items, with what has become of it where the list shows that.
enum PurchaseOrderTable: DocumentTable {
    static let fields: [Layout.Field] = [
        .init(.number, .reference, "Number of the purchase order.", essential: true),
        .init(.date, .date, "Date of the order."),
        .init(.currency, .currency, "Currency of its prices."),
        .init(.buyer, .text, "Who buys."),
        .init(.freightTerms, .text, "Who pays the freight: where it is collect, the window is that of shipping, else of delivery."),
        .init(.vendor, .route, "Vendor code of the account."),
        .init(.marketplace, .route, "Marketplace of the account."),
        .line(.windowFrom, .date, "First day of the delivery window; the order's is the earliest of its items."),
        .line(.windowTo, .date, "Last day of the delivery window; the order's is the latest of its items."),
        .line(.line, .reference, "Number of the line."),
        .line(.item, .reference, "Item: the ASIN where it has one.", essential: true),
        .line(.barcode, .text, "Bar code of the same item: EAN, UPC, GTIN."),
        .line(.ownItem, .text, "Your own number of the same item."),
        .line(.pack, .quantity, "Pieces in one case of the item."),
        .line(.quantity, .quantity, "Units ordered."),
        .line(.unit, .text, "Unit of the quantity."),
        .line(.unitPrice, .price, "Cost of one unit, net of tax."),
        .line(.text, .text, "What the item is."),
        .line(.lineStatus, .text, "Status of the item as the list writes it; the order's own where all its items have the same."),
        .line(.accepted, .quantity, "Units accepted by the supplier."),
        .line(.announced, .quantity, "Units on shipping notices."),
        .line(.received, .quantity, "Units received."),
        .line(.cancelled, .quantity, "Units cancelled."),
        .line(.remaining, .quantity, "Units still to come."),
    ]

    struct Draft {
        var order: PurchaseOrder
        var currency: Currency?
        var terms: String?
        var window = DayWindow()
    }

    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> Draft {
        Draft(order: PurchaseOrder(kind: .order, number: number, currency: .unstated, at: .row(row)))
    }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into draft: inout Draft) {
        _ = cells.currency(bytes, &draft.currency)
        cells.take(.date, &draft.order.date, cells.day(bytes, .date))
        var buyer = draft.order.buyer?.name
        cells.take(.buyer, &buyer, cells.text(bytes, .buyer))
        draft.order.buyer = buyer.map { Party(name: $0) }
        cells.take(.freightTerms, &draft.terms, cells.text(bytes, .freightTerms))
        if let from = cells.day(bytes, .windowFrom) { draft.window.from = min(draft.window.from ?? from, from) }
        if let to = cells.day(bytes, .windowTo) { draft.window.to = max(draft.window.to ?? to, to) }
        guard cells.hasLine(bytes), let item = cells.item(bytes) else { return }
        var line = PurchaseOrder.Line(item: item, status: cells.text(bytes, .lineStatus))
        let progress = PurchaseOrder.Progress(
            accepted: cells.quantity(bytes, .accepted), announced: cells.quantity(bytes, .announced),
            received: cells.quantity(bytes, .received), cancelled: cells.quantity(bytes, .cancelled),
            remaining: cells.quantity(bytes, .remaining))
        if progress != PurchaseOrder.Progress() { line.progress = progress }
        draft.order.lines.append(line)
    }

    static func finish(_ draft: inout Draft, _ cells: inout TableCells) -> WholeDocument? {
        var order = draft.order
        order.currency = draft.currency ?? .unstated
        if let status = order.lines.first?.status, order.lines.allSatisfy({ $0.status == status }) { order.status = status }
        if draft.window != DayWindow() {
            if draft.terms.map({ CaptionKey.of($0).hasPrefix("COLLECT") }) ?? false {
                order.shipWindow = draft.window
            } else {
                order.deliveryWindow = draft.window
            }
        }
        return .purchaseOrder(order)
    }
}
