import Trade

/// Credit memos, debit memos and the retailer's claims, one row each, or one row for each of their items.
enum MemoTable: DocumentTable {
    static let fields = heading(total: "What it comes to: positive in our favour as the supplier, negative where we grant it.") + items

    /// A claim is written as the retailer shows it: what it takes is positive.
    static let claimFields =
        heading(total: "What the retailer takes; positive. A claim given back is negative.")
        + [
            .init(
                .category, .word, "What is claimed: units that did not come, or a price above the purchase order's.",
                words: ["shortage", "price"])
        ] + items

    private static func heading(total: String) -> [Layout.Field] {
        [
            .init(.number, .reference, "Number of the document.", essential: true),
            .init(.date, .date, "Date of the document.", essential: true),
            .init(.currency, .currency, "Currency of all its amounts."),
            .init(.total, .amount, total, essential: true),
            .init(.invoice, .reference, "Invoice that it corrects."),
            .init(.po, .reference, "Purchase order of that invoice."),
            .init(.return, .reference, "Return that it is for."),
            .init(.vendor, .route, "Vendor code of the account."),
            .init(.marketplace, .route, "Marketplace of the account."),
        ]
    }

    private static let items: [Layout.Field] = [
        .line(.code, .reference, "Reason of the line, as the sender codes it."),
        .line(.line, .reference, "Number of the line."),
        .line(.item, .reference, "Item: the ASIN or the number that the purchase order uses."),
        .line(.quantity, .quantity, "Units that the line is about."),
        .line(.unit, .text, "Unit of the quantity."),
        .line(.unitPrice, .price, "Price, or difference of price, of one unit."),
        .line(.amount, .amount, "Amount of the line, signed like the total, against which the lines are checked."),
        .line(.text, .text, "What the line is about, in words."),
    ]

    struct Draft {
        var memo: Memo
        var currency: Currency?
        var total: Int64?
        var category: String?
        var sum = LineSum()
    }

    static func draft(_ number: String, _ row: Int, _ cells: inout TableCells) -> Draft {
        let kind: Memo.Kind = cells.document == .creditMemo ? .credit : .debit
        return Draft(memo: Memo(kind: kind, number: number, currency: .unstated, total: 0, at: .row(row)))
    }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into draft: inout Draft) {
        let currency = cells.currency(bytes, &draft.currency)
        let isClaim = cells.document == .claim
        cells.take(.date, &draft.memo.date, cells.day(bytes, .date))
        cells.take(.total, &draft.total, cells.amount(bytes, .total, currency).map { isClaim ? -$0 : $0 })
        cells.take(.invoice, &draft.memo.invoice, cells.reference(bytes, .invoice))
        cells.take(.po, &draft.memo.po, cells.reference(bytes, .po))
        cells.take(.return, &draft.memo.returnNumber, cells.reference(bytes, .return))
        if isClaim { cells.take(.category, &draft.category, cells.word(bytes, .category)) }
        guard cells.hasLine(bytes), var item = cells.item(bytes) else { return }
        item.code = cells.reference(bytes, .code)
        item.amount = cells.amount(bytes, .amount, currency).map { isClaim ? -$0 : $0 }
        draft.sum.add(item.amount)
        draft.memo.lines.append(item)
    }

    static func finish(_ draft: inout Draft, _ cells: inout TableCells) -> WholeDocument? {
        var memo = draft.memo
        memo.currency = draft.currency ?? .unstated
        guard cells.stated(.date, memo.date, of: memo.number, memo.at) != nil,
            let total = cells.stated(.total, draft.total, of: memo.number, memo.at)
        else { return nil }
        memo.total = total
        draft.sum.check(against: [total], total, memo.currency, of: memo.number, memo.at, &cells)
        // the class of a claim is the reason of its lines, or of its one line
        if let category = draft.category {
            if memo.lines.isEmpty { memo.lines = [ItemLine(at: memo.at, amount: total)] }
            for index in memo.lines.indices where memo.lines[index].code == nil { memo.lines[index].code = category }
        }
        return .memo(memo)
    }
}
