import Trade

extension TableCells {
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
        let line = ItemLine(
            at: .row(row), line: reference(bytes, .line), item: reference(bytes, .item), quantity: quantity(bytes, .quantity),
            unit: text(bytes, .unit), unitPrice: number(bytes, .unitPrice), text: text(bytes, .text))
        guard line == ItemLine(at: line.at) else { return line }
        return isEmpty(bytes, .amount) ? nil : line
    }

    /// Identifiers in the row that lead to an account.
    mutating func routes(_ bytes: Span<UInt8>) -> [String] {
        [reference(bytes, .vendor), reference(bytes, .marketplace)].compactMap(\.self)
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
