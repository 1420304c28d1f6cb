import Trade

extension TableCells {
    /// The column by whose field alone a row can be told to be a record, with `skim`; nil if it takes more.
    func skimmed(_ field: FieldID) -> Int? { skip.isEmpty && !rows.isSheet && header[field] >= 0 ? header[field] : nil }

    /// The row is a record for sure: nothing else of its table has a digit in that field, and it is as wide as its table.
    @inline(__always)
    func isPlain(_ bytes: Span<UInt8>, _ field: FieldID) -> Bool { rows.count == width && skip.isEmpty && hasDigit(bytes, field) }

    /// The row is no record: a total, a page title.
    func isSkipped(_ bytes: Span<UInt8>) -> Bool {
        skip.contains { skip in
            if let column = skip.column { return skip.keys.contains(CaptionKey.of(rows.text(bytes, column))) }
            return rows.fields.indices.contains { skip.keys.contains(CaptionKey.of(rows.text(bytes, $0))) }
        }
    }

    /// Throws unless the row has the columns of its table. A sheet's rows end with their last filled cell.
    func checkWidth(_ bytes: Span<UInt8>) throws(ReadFailure) {
        let count = rows.count
        if count == width { return }
        if count < width, !rows.isSheet {
            if !rows.isTerminated {
                throw .rejected([
                    Problem(.incomplete, at: .row(row, column: count), "the file ends inside a row", advice: "send the whole file")
                ])
            }
            throw .rejected([
                Problem(
                    .malformed, at: .row(row, column: count + 1), byte: rows.start,
                    "the row ends after \(count) of \(width) columns",
                    advice: "export again; if the row is no record, name it under 'skip' in the layout \(layout)")
            ])
        }
        if count > width, let extra = (width..<count).first(where: { !rows.range(bytes, $0).isEmpty }) {
            throw .rejected([
                Problem(
                    .malformed, at: .row(row, column: extra + 1), byte: rows.start,
                    "a value beyond the \(width) columns of the table; a value may contain the delimiter without quotes",
                    advice: "export again")
            ])
        }
    }

    /// The bytes of the field's cell; nil if they are not its text.
    @inline(__always)
    func plainRange(_ bytes: Span<UInt8>, _ field: FieldID) -> Range<Int>? {
        rows.isEscaped(header[field]) ? nil : rows.cell(bytes, header[field]).range
    }

    /// The row after which no other has this row's number: 0 if all that have it stand together, `Int.max` if that is not known.
    @inline(__always)
    func end(_ bytes: Span<UInt8>, _ field: FieldID) -> Int {
        guard let numbers else { return .max }
        guard numbers.areScattered else { return 0 }
        let range = rows.cell(bytes, header[field]).range
        return numbers.hash(bytes.bytes, range.lowerBound, range.upperBound).flatMap { numbers.end($0) } ?? 0
    }

    /// Whether a document of the file has the number; asked when all rows are known.
    func isNumber(_ number: String) -> Bool { numbers?.contains(number) ?? (held[number] != nil) }

    @inline(__always)
    func hasDigit(_ bytes: Span<UInt8>, _ field: FieldID) -> Bool { rows.hasDigit(bytes, header[field]) }

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
        line.pack = pack(bytes)
        return line
    }

    /// What a case of the item holds; a form that wants a number gets a zero.
    mutating func pack(_ bytes: Span<UInt8>) -> ExactDecimal? {
        if header[.pack] < 0 { return nil }
        return quantity(bytes, .pack).flatMap { $0.units > 0 ? $0 : nil }
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
    @inline(__always)
    mutating func routes(_ bytes: Span<UInt8>, after fixed: [String]) -> [String] {
        let (vendor, marketplace) = (rows.short(bytes, header[.vendor]), rows.short(bytes, header[.marketplace]))
        // nearly every row says the same of its account as the row before
        if let vendor, let marketplace, vendor == routed.vendor, marketplace == routed.marketplace { return routed.routes }
        return routes(bytes, after: fixed, vendor, marketplace)
    }

    @inline(never)
    private mutating func routes(
        _ bytes: Span<UInt8>, after fixed: [String], _ vendor: ShortText?, _ marketplace: ShortText?
    ) -> [String] {
        let before = problems.count
        let routes = fixed + [reference(bytes, .vendor), reference(bytes, .marketplace)].compactMap(\.self)
        // a problem is told in each row
        routed = problems.count == before ? (vendor, marketplace, routes) : (nil, nil, [])
        return routes
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

    /// The number stands for several accounts, and the row names none of them.
    mutating func unplaced(_ number: String) {
        flaw(
            .vendor, at: .row(row), "\(number) stands in the table for several accounts, and the row does not say to which it belongs",
            advice: "write the vendor code into each row")
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
