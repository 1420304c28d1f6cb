import Trade

/// Goods that come back, a row for each return or for each of its items.
enum ReturnTable: DocumentTable {
    static let fields: [Layout.Field] = [
        .init(.number, .reference, "Number of the return (RTV, RMA).", essential: true),
        .init(.notified, .date, "Day on which it was announced."),
        .init(.shipped, .date, "Day on which it left the retailer."),
        .init(.received, .date, "Day on which it came back to us."),
        .init(.reason, .text, "Why, as the list writes it."),
        .init(.status, .text, "Status, as the list writes it."),
        .init(.currency, .currency, "Currency of all its amounts."),
        .init(.total, .amount, "What the goods are worth in all; without it the sum of the lines' amounts."),
        .init(.po, .reference, "Purchase order under which the goods came."),
        .init(.invoice, .reference, "Invoice that goes with the return."),
        .init(.vendor, .route, "Vendor code of the account."),
        .init(.marketplace, .route, "Marketplace of the account."),
        .line(.line, .reference, "Number of the line."),
        .line(.item, .reference, "Item: the ASIN, EAN or UPC."),
        .line(.quantity, .quantity, "Units that come back."),
        .line(.unit, .text, "Unit of the quantity."),
        .line(.unitPrice, .price, "Cost of one unit."),
        .line(.amount, .amount, "Amount of the line; the lines are checked against the total."),
        .line(.text, .text, "What the item is."),
    ]

    struct Draft {
        var goods: GoodsReturn
        var currency: Currency?
        var sum = LineSum()
    }

    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> Draft {
        Draft(goods: GoodsReturn(number: number, currency: .unstated, at: .row(row)))
    }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into draft: inout Draft) {
        let currency = cells.currency(bytes, &draft.currency)
        cells.take(.notified, &draft.goods.notified, cells.day(bytes, .notified))
        cells.take(.shipped, &draft.goods.shipped, cells.day(bytes, .shipped))
        cells.take(.received, &draft.goods.received, cells.day(bytes, .received))
        cells.take(.reason, &draft.goods.reason, cells.text(bytes, .reason))
        cells.take(.status, &draft.goods.status, cells.text(bytes, .status))
        cells.take(.total, &draft.goods.total, cells.amount(bytes, .total, currency))
        cells.take(.po, &draft.goods.po, cells.reference(bytes, .po))
        cells.take(.invoice, &draft.goods.invoice, cells.reference(bytes, .invoice))
        guard cells.hasLine(bytes), let item = cells.item(bytes) else { return }
        draft.sum.add(cells.amount(bytes, .amount, currency))
        draft.goods.lines.append(item)
    }

    static func finish(_ draft: inout Draft, _ cells: inout TableCells) -> WholeDocument? {
        var goods = draft.goods
        goods.currency = draft.currency ?? .unstated
        if let total = goods.total {
            draft.sum.check(against: [total], total, goods.currency, of: goods.number, goods.at, &cells)
        } else {
            goods.total = draft.sum.whole
        }
        if let total = goods.total, total < 0 {
            cells.flaw(
                .total, at: goods.at, "the return \(goods.number) has a negative total", advice: "set 'sign' of its column in the layout")
            return nil
        }
        return .goodsReturn(goods)
    }
}
