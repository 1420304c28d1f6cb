import Trade

/// The columns of settlement reports V1 (36 columns; 33 where no promotion was granted) and V2 (23, or 24 with promotion-id), by name.
struct FlatSettlementColumns {
    let captions: [String]
    let isV2: Bool
    /// Columns by key.
    private let column: [String: Int]
    private(set) var missing: [String] = []
    private(set) var added: [(caption: String, column: Int)] = []
    private var doubled: (caption: String, column: Int)?
    /// Amounts with what says what each is; in V1 every column that ends in `-amount`, except the total.
    private(set) var amounts: [Amount] = []

    struct Amount {
        /// `item related fee`; empty in V2, whose rows say it all.
        var name: String
        var column: Int
        /// Column of its kind, -1 if there is none.
        var kind: Int
    }

    var known: Int { Self.known.reduce(0) { $0 + (column[ReferenceKey.of($1)] == nil ? 0 : 1) } }
    var width: Int { (captions.lastIndex { !ReferenceKey.of($0).isEmpty } ?? -1) + 1 }
    var amountColumns: [Int] { amounts.map(\.column) + [self["total-amount"]] }
    var dateColumns: [Int] {
        ["settlement-start-date", "settlement-end-date", "deposit-date", "posted-date", "posted-date-time"].map { self[$0] }
    }

    /// -1 if the report has no such column.
    subscript(_ name: String) -> Int { column[ReferenceKey.of(name)] ?? -1 }

    /// - Returns: nil unless the row has enough of the captions that nothing else has.
    init?(_ captions: [String]) {
        var column: [String: Int] = [:]
        for (index, caption) in captions.enumerated() {
            let key = ReferenceKey.of(caption)
            if key.isEmpty { continue }
            if column[key] == nil { column[key] = index } else if doubled == nil { doubled = (caption, index) }
        }
        guard Self.telling.reduce(0, { $0 + (column[ReferenceKey.of($1)] == nil ? 0 : 1) }) >= 4 else { return nil }
        self.captions = captions
        self.column = column
        isV2 = ["amount", "amount-type", "amount-description"].contains { column[ReferenceKey.of($0)] != nil }
        let needed = ["settlement-id", "total-amount", "currency", "transaction-type"] + (isV2 ? Self.neededOfV2 : Self.neededOfV1)
        missing = needed.filter { column[ReferenceKey.of($0)] == nil }
        let known = Set(Self.known.map { ReferenceKey.of($0) })
        added = captions.enumerated().compactMap { index, caption in
            let key = ReferenceKey.of(caption)
            return key.isEmpty || known.contains(key) ? nil : (caption, index)
        }
        if isV2 {
            amounts = [Amount(name: "", column: self["amount"], kind: self["amount-description"])]
        } else {
            for (index, caption) in captions.enumerated() where ReferenceKey.of(caption).hasSuffix("AMOUNT") {
                let key = ReferenceKey.of(caption)
                guard key != "TOTALAMOUNT", column[key] == index else { continue }
                let stem = key.dropLast("AMOUNT".count)
                let kind = column["\(stem)TYPE"] ?? column["\(stem)REASONDESCRIPTION"] ?? -1
                let name = caption.trimmed.lowercased().split(separator: "-").dropLast().joined(separator: " ")
                amounts.append(Amount(name: name, column: index, kind: kind))
            }
        }
    }

    func problem(row: Int) -> Problem? {
        if let doubled {
            return Problem(
                .malformed, at: .row(row, column: doubled.column + 1), "the column \"\(doubled.caption)\" stands twice",
                advice: "download the report again")
        }
        guard !missing.isEmpty else { return nil }
        func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
        var what = "the settlement report has no column \(list(missing))"
        if !added.isEmpty { what += "; unknown are \(list(added.map(\.caption)))" }
        var problem = Problem(.changed, at: .row(row), what, advice: "download the report again; or the report has changed")
        problem.missing = missing
        problem.added = added.map(\.caption)
        return problem
    }

    private static let telling = [
        "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "transaction-type",
    ]
    private static let neededOfV1 = [
        "shipment-fee-amount", "order-fee-amount", "price-amount", "item-related-fee-amount", "misc-fee-amount", "other-fee-amount",
        "direct-payment-amount", "other-amount",
    ]
    private static let neededOfV2 = ["amount-type", "amount-description", "amount"]
    private static let known =
        telling + neededOfV1 + neededOfV2 + [
            "currency", "order-id", "merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name", "shipment-fee-type",
            "order-fee-type", "fulfillment-id", "posted-date", "posted-date-time", "order-item-code", "merchant-order-item-id",
            "merchant-adjustment-item-id", "sku", "quantity-purchased", "price-type", "item-related-fee-type",
            "other-fee-reason-description", "promotion-id", "promotion-type", "promotion-amount", "direct-payment-type",
        ]
}
