import Trade

/// Which field each caption could feed if the table were of one kind of document.
struct KindGuess {
    let kind: Layout.DocumentKind
    /// One for each caption; no field twice.
    private(set) var fields: [Layout.Field?]
    /// How much speaks for the kind.
    private(set) var score = 0

    /// The caption of a known layout, or the field's own name.
    private static let same = 100
    /// A word in use for it.
    private static let common = 90
    /// Written nearly alike, or one begins or ends with the other.
    private static let alike = 60
    /// More for a field that a document cannot be without.
    private static let essential = 15
    /// Below this nothing is guessed.
    private static let least = 50

    init(_ kind: Layout.DocumentKind, _ sample: TableSample, _ known: [Layout]) {
        self.kind = kind
        fields = Array(repeating: nil, count: sample.captions.count)
        let keys = sample.captions.map(CaptionKey.of)
        let shapes = sample.captions.indices.map { index in Set(sample.values(index).prefix(50).map { ValueShape($0) }) }
        var candidates: [(points: Int, column: Int, field: Int)] = []
        for (number, field) in kind.fields.enumerated() {
            let captions = Self.captions(of: field.name, kind, known)
            let words = (Self.words[field.name] ?? []) + (Self.words["\(kind.rawValue).\(field.name)"] ?? [])
            let common = Set(words.map(CaptionKey.of))
            for column in keys.indices where !keys[column].isEmpty && Self.fits(field.form, shapes[column]) {
                let points = Self.points(keys[column], captions, common)
                // a list's "Amount" is the document's before it is a line's
                if points >= Self.least { candidates.append((points + (field.isEssential ? Self.essential : 0), column, number)) }
            }
        }
        // the surest first; of equals the one further left
        candidates.sort { ($1.points, $0.column, $0.field) < ($0.points, $1.column, $1.field) }
        var taken: Set<Int> = []
        for candidate in candidates where fields[candidate.column] == nil && taken.insert(candidate.field).inserted {
            fields[candidate.column] = kind.fields[candidate.field]
            score += candidate.points
        }
        for number in kind.fields.indices where kind.fields[number].isEssential && !taken.contains(number) {
            // a document that has no number of its own is most likely another
            score -= number == 0 ? Self.same : Self.same / 3
        }
        // a kind that keeps nothing fits everything
        if kind == .other { score = min(score, Self.least) }
    }

    /// Every caption under which a layout of the kind knows the field.
    private static func captions(of field: String, _ kind: Layout.DocumentKind, _ known: [Layout]) -> Set<String> {
        var captions: Set<String> = [CaptionKey.of(field)]
        for layout in known where layout.document == kind {
            for table in layout.tables {
                for column in table.columns where column.field == field { captions.formUnion(column.captions.map(CaptionKey.of)) }
            }
        }
        return captions
    }

    private static func points(_ key: String, _ captions: Set<String>, _ common: Set<String>) -> Int {
        if captions.contains(key) { return same }
        if common.contains(key) { return Self.common }
        let likeness = captions.union(common).map { Self.likeness(key, $0) }.max() ?? 0
        return likeness >= 70 ? alike * likeness / 100 : 0
    }

    /// 100 for equal texts, 0 for such that share nothing.
    static func likeness(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.unicodeScalars.prefix(48)), Array(b.unicodeScalars.prefix(48)))
        guard min(a.count, b.count) >= 3 else { return a == b ? 100 : 0 }
        let shorter = min(a.count, b.count)
        // "Invoice No" and "Invoice Nos."; but "Model number" is no number of a document
        if shorter >= 5, 3 * shorter >= 2 * max(a.count, b.count) {
            if a.starts(with: b) || b.starts(with: a) { return 90 }
            if a.reversed().starts(with: b.reversed()) || b.reversed().starts(with: a.reversed()) { return 90 }
        }
        var above = Array(0...b.count)
        for (row, left) in a.enumerated() {
            var diagonal = above[0]
            above[0] = row + 1
            for (column, right) in b.enumerated() {
                let cost = min(diagonal + (left == right ? 0 : 1), above[column] + 1, above[column + 1] + 1)
                diagonal = above[column + 1]
                above[column + 1] = cost
            }
        }
        return 100 - 100 * above[b.count] / max(a.count, b.count)
    }

    /// Whether values of these shapes could be read in a field's form. A column without values fits all.
    private static func fits(_ form: Layout.Form, _ shapes: Set<ValueShape>) -> Bool {
        if shapes.isEmpty { return true }
        switch form {
        case .date: return shapes.isSubset(of: [.date, .count]) && shapes.contains(.date) || shapes == [.count]
        case .amount, .price, .number, .percent: return shapes.isSubset(of: [.amount, .count])
        case .quantity: return shapes.isSubset(of: [.amount, .count])
        case .days: return shapes == [.count]
        case .currency, .word: return shapes == [.text]
        case .text, .reference, .route: return shapes != [.date]
        }
    }

    /// Words that ERP systems and people write for a field, beside the captions of known layouts.
    private static let words: [String: [String]] = [
        "number": ["Document No", "Document Number", "Doc No", "Belegnummer", "单号"],
        "invoice.number": [
            "Invoice", "Invoice No", "Invoice Number", "Rechnung", "Rechnungsnummer", "Rechnungs-Nr.", "发票号", "发票号码", "請求書番号",
            "Numéro de facture",
            "Número de factura", "Numero fattura",
        ],
        "purchase_order.number": [
            "PO", "PO No", "PO Number", "Purchase Order", "Order No", "Order Number", "Bestellung", "Bestellnummer", "采购订单", "订单号", "注文番号",
        ],
        "remittance_advice.number": ["Payment", "Payment No", "Payment Number", "Payment ID", "Zahlung", "Zahlungsnummer", "付款编号"],
        "shipment.number": ["Shipment", "Shipment ID", "ASN", "Delivery Note", "Lieferschein", "发货单号"],
        "receipt.number": ["Receipt", "Receipt No", "Goods Receipt", "Wareneingang", "收货单号"],
        "return.number": ["Return", "Return ID", "RMA", "Retoure", "退货单号"],
        "credit_memo.number": ["Credit Memo", "Credit Memo No", "Credit Note", "Gutschrift"],
        "debit_memo.number": ["Debit Memo", "Debit Note", "Belastungsanzeige"],
        "id": ["Issue ID", "Chargeback ID", "Claim ID", "Case ID"],
        "date": [
            "Invoice Date", "Document Date", "Doc Date", "Posting Date", "Order Date", "Payment Date", "Datum", "Rechnungsdatum",
            "Belegdatum", "日期",
            "开票日期", "発行日", "Date de facture", "Fecha", "Data",
        ],
        "total": [
            "Amount", "Total Amount", "Invoice Amount", "Gross Amount", "Betrag", "Rechnungsbetrag", "Gesamtbetrag", "金额", "总金额", "金額",
            "Montant", "Importe", "Importo",
        ],
        "amount": ["Amount", "Charge", "Betrag", "金额", "金額"],
        "currency": ["Currency", "Curr", "CCY", "Währung", "币种", "货币", "通貨", "Devise", "Moneda", "Valuta"],
        "po": ["PO", "PO No", "PO Number", "Purchase Order", "Customer PO", "Bestellung", "Bestellnummer", "采购订单", "订单号"],
        "invoice": ["Invoice", "Invoice No", "Invoice Number", "Rechnung", "发票号"],
        "item": ["SKU", "ASIN", "EAN", "UPC", "Item", "Item No", "Item Number", "Material", "Artikel", "Artikelnummer", "商品", "物料"],
        "quantity": ["Qty", "Quantity", "Units", "Menge", "Anzahl", "数量"],
        "unit_price": ["Price", "Unit Price", "Unit Cost", "Cost", "Preis", "Einzelpreis", "单价", "単価"],
        "due_date": ["Due Date", "Due", "Payment Due", "Fällig", "Fälligkeit", "到期日", "支払期日"],
        "net_days": ["Net Days", "Terms", "Payment Terms", "Zahlungsziel"],
        "tax": ["Tax", "VAT", "MwSt", "Steuer", "税额", "消費税"],
        "text": ["Description", "Text", "Remark", "Comment", "Bezeichnung", "描述", "备注"],
        "status": ["Status", "State", "状态"],
        "reason": ["Reason", "Return Reason", "Grund", "原因"],
        "net": ["Net Amount", "Amount Paid", "Paid", "Payment Amount", "Nettobetrag", "实付金额"],
        "gross": ["Gross Amount", "Invoice Amount", "Bruttobetrag"],
        "discount": ["Discount", "Cash Discount", "Skonto", "折扣"],
        "reference": ["Reference", "Invoice Number", "Referenz", "参考号"],
        "vendor": ["Vendor", "Vendor Code", "Supplier", "Lieferant", "供应商代码"],
    ]
}

/// What dates and amounts of a table look like.
struct ColumnShapes {
    private(set) var dates: DateOrder?
    private(set) var decimal: DecimalMark?
    /// For people.
    private(set) var remarks: [String] = []

    init(_ sample: TableSample, _ guess: KindGuess) {
        var orders: Set<DateOrder> = []
        var marks: Set<DecimalMark> = []
        var unsettled: String?
        for column in sample.captions.indices {
            for value in sample.values(column) {
                switch ValueShape(value) {
                case .date:
                    guard let parts = ValueShape.parts(of: value) else { continue }
                    if parts[0].digits == 4 {
                        orders.insert(.yearFirst)
                    } else if parts[0].number > 12 {
                        orders.insert(.dayFirst)
                    } else if parts[1].number > 12 {
                        orders.insert(.monthFirst)
                    } else {
                        unsettled = unsettled ?? value
                    }
                case .amount: if let mark = Self.mark(value) { marks.insert(mark) }
                case .count, .text: continue
                }
            }
        }
        // a year in front is read the same way everywhere
        let settled = orders.subtracting([.yearFirst])
        if settled.count == 1 {
            dates = settled.first
        } else if settled.count > 1 {
            remarks.append("Dates are written both day first and month first: nothing can read that; look at the export.")
        } else if let unsettled {
            remarks.append(
                "Dates like \"\(unsettled)\" can be read two ways: write dates: day_first or dates: month_first, or the account's marketplace decides."
            )
        }
        if marks.count == 1 { decimal = marks.first }
        if marks.count > 1 { remarks.append("Amounts are written both 1,234.56 and 1.234,56: nothing can read that; look at the export.") }
    }

    /// The mark before one or two last digits, or the last of two different ones.
    private static func mark(_ value: String) -> DecimalMark? {
        let scalars = Array(value.unicodeScalars)
        guard let last = scalars.lastIndex(where: { $0 == "." || $0 == "," }) else { return nil }
        let mark: DecimalMark = scalars[last] == "." ? .point : .comma
        let other: Unicode.Scalar = mark == .point ? "," : "."
        let behind = scalars[(last + 1)...].prefix { $0.value >= 48 && $0.value <= 57 }.count
        return behind == 1 || behind == 2 || scalars[..<last].contains(other) ? mark : nil
    }
}
