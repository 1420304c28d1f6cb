import Trade

extension TableCells {
    /// The bytes of the field's cell; nil if they are not its text.
    func plainRange(_ bytes: Span<UInt8>, _ field: FieldID) -> Range<Int>? {
        rows.isEscaped(header[field]) ? nil : rows.cell(bytes, header[field]).range
    }

    /// The row after which no other has this row's number: 0 if all that have it stand together, `Int.max` if that is not known.
    func end(_ bytes: Span<UInt8>, _ field: FieldID) -> Int {
        guard let numbers else { return .max }
        guard numbers.areScattered else { return 0 }
        let range = rows.cell(bytes, header[field]).range
        return numbers.hash(bytes.bytes, range.lowerBound, range.upperBound).flatMap { numbers.end($0) } ?? 0
    }

    /// Whether a document of the file has the number; asked when all rows are known.
    func isNumber(_ number: String) -> Bool { numbers?.contains(number) ?? (held[number] != nil) }

    func hasDigit(_ bytes: Span<UInt8>, _ field: FieldID) -> Bool {
        for index in rows.cell(bytes, header[field]).range where bytes[index] >= 48 && bytes[index] <= 57 { return true }
        return false
    }

    /// The currency of a row that states none.
    mutating func assumed(_ bytes: Span<UInt8>) -> Currency {
        let column = header[.currency] + 1
        let missing = column > 0 ? "no currency" : "no column of currencies"
        if !isLayoutCurrency, header[.marketplace] >= 0,
            let place = NamedMarketplace(rows.text(bytes, header[.marketplace])),
            context.marketplace.map({ !place.isNamed($0.uppercased()) }) ?? true
        {
            if foreign.insert(place.code).inserted {
                let words = "\(missing) in a row of marketplace \(place.code); its own, \(place.currency), is taken"
                note(Note("currency-assumed", at: .row(row, column: column), words))
            }
            return place.currency
        }
        if !isCurrencyAssumed {
            isCurrencyAssumed = true
            let words = fallback.map { "the account's, \($0), is taken" } ?? "and the account has none"
            note(Note("currency-assumed", at: .row(row, column: column), "\(missing); \(words)"))
        }
        return fallback ?? .unstated
    }

    /// A row of sums: a word for them stands where a record has its number. It is no record, and is noted.
    mutating func isTotal(_ bytes: Span<UInt8>, _ key: FieldID) -> Bool {
        guard header[key] >= 0, !hasDigit(bytes, key) else { return false }
        let text = rows.text(bytes, header[key])
        guard !text.isEmpty, Self.totals.contains(CaptionKey.of(text)) else { return false }
        note(Note("total-row", at: .row(row, column: header[key] + 1), "\"\(text)\" is a row of sums and not read"))
        return true
    }

    private static let totals = Set(
        [
            "Total", "Totals", "Grand total", "Subtotal", "Sub total", "Sum", "Overall", "Summe", "Gesamt", "Gesamtsumme", "Zwischensumme",
            "Insgesamt", "Total général", "Totale", "Totale generale", "Totales", "Total general", "Totaal", "Eindtotaal", "Totalt",
            "Summa", "Suma", "Razem", "Toplam", "Genel toplam", "合計", "総計", "小計", "总计", "合计", "小计", "總計",
        ].map(CaptionKey.of))

    /// Never negative.
    mutating func quantity(_ bytes: Span<UInt8>, _ field: FieldID) -> ExactDecimal? {
        guard let value = number(bytes, field) else { return nil }
        guard value.units >= 0 else {
            problem(field, bytes, "is below zero", advice: "export again")
            return nil
        }
        return value
    }

    mutating func days(_ bytes: Span<UInt8>, _ field: FieldID) -> Int? {
        guard let value = number(bytes, field) else { return nil }
        guard value.scale == 0, (0...Int64(Layout.dayLimit)).contains(value.units) else {
            problem(field, bytes, "is not \(Layout.Form.days.example)", advice: "export again")
            return nil
        }
        return Int(value.units)
    }

    /// What the row says of an item; nil if it names neither item nor line, quantity or price, nor anything else of it.
    mutating func item(_ bytes: Span<UInt8>) -> ItemLine? {
        var line = ItemLine(
            at: .row(row), line: reference(bytes, .line), item: reference(bytes, .item), quantity: quantity(bytes, .quantity),
            unit: text(bytes, .unit), unitPrice: number(bytes, .unitPrice), text: text(bytes, .text))
        if line == ItemLine(at: line.at), isEmpty(bytes, .amount) { return nil }
        line.aliases = aliases(bytes, of: line.item)
        return line
    }

    /// Other numbers of an item. One that a spreadsheet has rounded (`8.4E+11`) is left out: it is of many items, and not needed.
    mutating func aliases(_ bytes: Span<UInt8>, of item: String?) -> [String] {
        if header[.barcode] < 0, header[.ownItem] < 0 { return [] }
        var line = ItemLine(at: .row(row), item: item)
        for field in [FieldID.barcode, .ownItem] {
            guard let text = text(bytes, field), !RemittanceReference.isScientific(text.utf8Span.span, 0..<text.utf8.count) else {
                continue
            }
            line.add(alias: text)
        }
        return line.aliases
    }

    /// Identifiers in the row that lead to an account, behind those that lead every document there.
    mutating func routes(_ bytes: Span<UInt8>, after fixed: [String]) -> [String] {
        // nearly every row says the same of its account as the row before
        if let routed, isSaid(bytes, routed.said) { return routed.routes }
        let before = problems.count
        let routes = fixed + [reference(bytes, .vendor), reference(bytes, .marketplace)].compactMap(\.self)
        // a problem is told in each row
        routed = problems.count == before ? said(bytes).map { ($0, routes) } : nil
        return routes
    }

    /// What the row says of its account; nil if its bytes alone do not tell.
    private func said(_ bytes: Span<UInt8>) -> [UInt8]? {
        var said: [UInt8] = []
        for column in [header[.vendor], header[.marketplace]] {
            if rows.isEscaped(column) { return nil }
            for index in rows.range(bytes, column) { said.append(bytes[index]) }
            said.append(RowReader.cellEnd)
        }
        return said
    }

    private func isSaid(_ bytes: Span<UInt8>, _ said: [UInt8]) -> Bool {
        isSaid(bytes, header[.vendor], said, from: 0).map { isSaid(bytes, header[.marketplace], said, from: $0) == said.count } ?? false
    }

    /// - Returns: where the next column begins in `said`; nil if the row says another thing.
    private func isSaid(_ bytes: Span<UInt8>, _ column: Int, _ said: [UInt8], from start: Int) -> Int? {
        let range = rows.range(bytes, column)
        let end = start + range.count
        guard end < said.count, said[end] == RowReader.cellEnd, !rows.isEscaped(column) else { return nil }
        for offset in 0..<range.count where said[start + offset] != bytes[range.lowerBound + offset] { return nil }
        return end + 1
    }

    /// The same number in a second row of a table that has nothing to tell in one.
    mutating func repeated(_ field: FieldID, _ number: String, isAllowed: Bool) {
        if isAllowed {
            note(Note("row-repeated", at: .row(row), "\(number) stands in an earlier row too"))
        } else {
            flaw(
                field, at: .row(row), "\(number) stands in an earlier row too, which is taken",
                advice: "see at the source which of them holds, and export again")
        }
    }

    /// - Returns: the value; nil with a flaw if no row of the document states it.
    mutating func stated<Value>(_ field: FieldID, _ value: Value?, of number: String, _ at: Location) -> Value? {
        if value == nil {
            let column = header[field]
            let name = column >= 0 ? "\"\(header.captions[column])\" is empty" : "has no \(field.name)"
            flaw(
                field, at: at, column >= 0 ? "\(name) in \(number)" : "\(number) \(name)",
                advice: "export again, or correct it at its source")
        }
        return value
    }
}
