import Trade

// Rows of a remittance mail's table: in columns of blanks, or in cells.

extension MailReading {
    /// Cuts the lines below the header into rows; a line without an amount may continue the row above it.
    mutating func rows(
        _ bytes: Span<UInt8>, _ letter: Letter, _ table: MailTable, firstAmount: MailTable.Place, currency: Currency
    ) throws(ReadFailure) -> [Row] {
        if table.number > 0 { return cellRows(bytes, letter, table) }
        var rows: [Row] = []
        var isOpen = false
        // words right below a row that are no part of it: the table ends with them
        var foot: TextLine?
        for line in letter.lines {
            guard !Blank.trimmed(bytes, line.range).isEmpty else {
                isOpen = false
                continue
            }
            let amounts = amounts(bytes, line, from: firstAmount.start - MailTable.slack, currency)
            let left = line.range.lowerBound..<(amounts.first?.range.lowerBound ?? line.range.upperBound)
            let date = date(bytes, line, left, table)
            if date == nil, amounts.isEmpty {
                // behind a blank line: the foot of the mail
                guard isOpen, foot == nil, let last = rows.indices.last else { continue }
                guard let wrapped = wrapped(bytes, line, left, table, rows[last]) else {
                    foot = line
                    continue
                }
                rows[last].reference += wrapped.reference
                rows[last].text += wrapped.text
                if let end = wrapped.end { rows[last].end = end }
                if !line.isTerminated { rows[last].line.isTerminated = false }
                continue
            }
            var row = Row(line: line, reference: "", date: date?.day, text: "", amounts: amounts)
            if let date {
                let number = Blank.trimmed(bytes, left.lowerBound..<date.range.lowerBound)
                row.reference = bytes.text(number)
                row.end = line.position(bytes, number.upperBound)
                row.text = bytes.text(Blank.trimmed(bytes, date.range.upperBound..<left.upperBound))
            } else {
                for piece in TextPiece.all(bytes, line, left, gap: 2) {
                    let part = bytes.text(piece.range)
                    switch table.textColumn(piece) {
                    case .reference: row.reference += part
                    case .date: refuse(line, "\"\(part.prefix(60))\" in \"Invoice Date\" is not a date")
                    default: row.text += part
                    }
                }
            }
            refuse(bytes, &foot, before: row)
            rows.append(row)
            isOpen = true
            if problems.count >= TextBounds.problems { throw .rejected(problems) }
        }
        return rows
    }

    /// What a line with neither date nor amount adds to the row above it; nil if it is no part of that row.
    private func wrapped(
        _ bytes: Span<UInt8>, _ line: TextLine, _ left: Range<Int>, _ table: MailTable, _ row: Row
    ) -> (reference: String, text: String, end: Int?)? {
        var found: (reference: String, text: String, end: Int?) = ("", "", nil)
        for piece in TextPiece.all(bytes, line, left, gap: 2) {
            let part = bytes.text(piece.range)
            if table.textColumn(piece) == .reference {
                guard found.end == nil, Self.continues(part, row, table) else { return nil }
                found.reference = part
                found.end = piece.end
            } else {
                // alone it must stand below the description
                let distance = table[.description].map { abs($0.start - piece.start) } ?? .max
                guard found.end != nil || distance <= MailTable.slack else { return nil }
                found.text += part
            }
        }
        return found
    }

    /// Whether these words go on with the number above them: one word, where the number breaks at a sign or fills its column
    /// (`240113_PROVISION` and `_FOR_RECEIVABLES`, `KWIGM-` and `30292516672552-`).
    private static func continues(_ part: String, _ row: Row, _ table: MailTable) -> Bool {
        let breaks = Array("-_/".utf8)
        var hasSign = false
        for byte in part.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122: hasSign = true
            case 45, 95, 47, 46, 35: continue  // - _ / . #
            default: return false
            }
        }
        let signs = Array(part.utf8)
        guard hasSign, let first = signs.first, let last = row.reference.utf8.last else { return false }
        let breaksFirst = breaks.contains(first)
        // `--B--`, `--`: a line drawn below, the end of a part
        if breaksFirst, signs.count < 2 || breaks.contains(signs[1]) { return false }
        if breaksFirst || breaks.contains(last) { return true }
        // in cells nothing is too narrow
        return table.number == 0 && row.end >= (table[.date]?.start ?? .max) - 2
    }

    /// Words that were taken for the foot of the table are not, if a row follows.
    private mutating func refuse(_ bytes: Span<UInt8>, _ foot: inout TextLine?, before row: Row) {
        guard let line = foot, !isTotal(row) else { return }
        foot = nil
        let words = bytes.text(Blank.trimmed(bytes, line.range)).prefix(60)
        refuse(
            line, "\"\(words)\" stands between the rows and cannot be told from a part of them", advice: "save the mail's text without it")
    }

    /// The rows of an HTML table, and of those behind it that go on with it without a header; one with neither date nor amount
    /// may continue the row above it.
    private mutating func cellRows(_ bytes: Span<UInt8>, _ letter: Letter, _ table: MailTable) -> [Row] {
        var rows: [Row] = []
        var isOpen = false
        var foot: TextLine?
        var continued: Set<Int> = []
        for cellRow in letter.rows {
            let (line, cells) = (cellRow.line, cellRow.cells)
            if let width = cellRow.other, !continued.contains(line.table) {
                guard looksLikeRow(bytes, line) else { continue }
                guard line.width == width else {
                    refuse(
                        line,
                        "a row with a date and an amount stands in a table without a header, and has \(line.width) columns, not \(width)",
                        advice: "save the text of the mail")
                    continue
                }
                continued.insert(line.table)
            }
            func text(_ column: MailTable.Column) -> String { cells[column].map { bytes.text(Blank.trimmed(bytes, $0)) } ?? "" }
            let columns = amounts(bytes, cells)
            let date = text(.date)
            if columns.isEmpty, date.isEmpty {
                let (reference, words) = (text(.reference), text(.description))
                // an empty row, or words across several columns, end what continues
                if cellRow.spans || reference.isEmpty && words.isEmpty { isOpen = false }
                guard isOpen, foot == nil, let last = rows.indices.last else { continue }
                guard reference.isEmpty || Self.continues(reference, rows[last], table) else {
                    foot = line
                    continue
                }
                rows[last].reference += reference
                rows[last].text += words
                if !line.isTerminated { rows[last].line.isTerminated = false }
                continue
            }
            let amounts = MailTable.Column.allCases.compactMap { columns[$0] }
            var row = Row(line: line, reference: text(.reference), text: text(.description), amounts: amounts, columns: columns)
            if let range = cells[.date], !cellRow.spans || range != cells[.reference] {
                row.date = day(bytes, Blank.trimmed(bytes, range))
                if row.date == nil, !date.isEmpty { refuse(line, "\"\(date.prefix(60))\" in \"Invoice Date\" is not a date") }
            }
            refuse(bytes, &foot, before: row)
            rows.append(row)
            isOpen = true
            if problems.count >= TextBounds.problems { break }
        }
        return rows
    }

    private func amounts(_ bytes: Span<UInt8>, _ cells: [MailTable.Column: Range<Int>]) -> [MailTable.Column: TextPiece] {
        var columns: [MailTable.Column: TextPiece] = [:]
        for (column, range) in cells where column.isAmount {
            let range = Blank.trimmed(bytes, range)
            if !range.isEmpty { columns[column] = TextPiece(range: range, start: 0, end: 0, gap: 0) }
        }
        return columns
    }

    /// A cell with a date and another with an amount.
    private func looksLikeRow(_ bytes: Span<UInt8>, _ line: TextLine) -> Bool {
        let cells = line.cells.map { Blank.trimmed(bytes, $0.range) }
        guard let date = cells.firstIndex(where: { !$0.isEmpty && day(bytes, $0) != nil }) else { return false }
        return cells.indices.contains { $0 != date && looksLikeAmount(bytes, cells[$0]) }
    }

    /// The amounts at the end of a line, in their order.
    private func amounts(_ bytes: Span<UInt8>, _ line: TextLine, from: Int, _ currency: Currency) -> [TextPiece] {
        var found: [TextPiece] = []
        for piece in TextPiece.all(bytes, line, line.range, gap: 1).reversed() {
            guard piece.start >= from, found.count < 3, looksLikeAmount(bytes, piece.range) else { break }
            found.append(piece)
        }
        found.reverse()
        // the last word of a description may be a number: amounts stand apart from it
        while let first = found.first, found.count > 1, first.gap < 2, first.start > 0 { found.removeFirst() }
        return found
    }

    /// Digits and marks, perhaps in brackets, with a sign, an asterisk or a currency's mark.
    private func looksLikeAmount(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var digits = 0
        for index in range {
            switch bytes[index] {
            case 48...57: digits += 1
            case 40, 41, 42, 43, 44, 45, 46, 36: continue  // ( ) * + , - . $
            case 0x80...0xFF: continue
            default: return false
            }
        }
        // a dash between digits is a reference
        for index in range where bytes[index] == 45 && index > range.lowerBound && index < range.upperBound - 1 {
            if bytes[index - 1] >= 48, bytes[index - 1] <= 57 { return false }
        }
        return digits > 0
    }

    /// The date of a row: the words nearest to the caption that read as one.
    private func date(
        _ bytes: Span<UInt8>, _ line: TextLine, _ left: Range<Int>, _ table: MailTable
    ) -> (day: Day, range: Range<Int>)? {
        guard let place = table[.date] else { return nil }
        let words = TextPiece.all(bytes, line, left, gap: 1)
        var best: (distance: Int, day: Day, range: Range<Int>)?
        for index in words.indices {
            let distance = abs(words[index].start - place.start)
            guard distance <= MailTable.slack + 4, distance < best?.distance ?? .max else { continue }
            for count in [1, 3] where index + count <= words.count {
                let range = words[index].range.lowerBound..<words[index + count - 1].range.upperBound
                if let day = day(bytes, range) {
                    best = (distance, day, range)
                    break
                }
            }
        }
        return best.map { ($0.day, $0.range) }
    }

    mutating func line(
        _ bytes: Span<UInt8>, _ row: Row, _ table: MailTable, _ mark: DecimalMark, _ currency: Currency, paymentDate: Day?, isLast: Bool
    ) throws(ReadFailure) -> RemittanceLine? {
        let isCut = isLast && !row.line.isTerminated
        if isTotal(row) { return nil }
        guard !row.amounts.isEmpty else {
            if isLast { throw .rejected([cut(row.line, "before the amounts of a line")]) }
            refuse(row.line, "the line has no amount")
            return nil
        }
        guard let places = row.columns ?? table.assign(row.amounts), let paid = places[.paid] else {
            if isCut { throw .rejected([cut(row.line, "inside the amounts of a line")]) }
            refuse(row.line, "the amounts cannot be told apart by the columns of the header")
            return nil
        }
        func amount(_ piece: TextPiece?) throws(ReadFailure) -> Int64? {
            guard let piece else { return nil }
            switch PrintedAmount.read(bytes, star(bytes, piece.range), mark: mark, currency: currency) {
            case .amount(let minor): return minor
            case .empty: return nil
            case .bad(let what):
                if isCut { throw .rejected([cut(row.line, "inside an amount")]) }
                refuse(row.line, "\"\(bytes.text(piece.range).prefix(60))\" \(what)", byte: piece.range.lowerBound)
                return nil
            }
        }
        let net = try amount(paid)
        let discount = try amount(places[.discount])
        _ = try amount(places[.remaining])
        if let marked = row.amounts.first(where: { bytes[$0.range.lowerBound] == 42 }) {
            let amount = bytes.text(marked.range).prefix(40)
            notes.append(
                Note("amount-marked", at: .line(row.line.number), "the amount \(amount) is marked with *; its meaning is not known"))
        }
        if let date = row.date, let paymentDate, date > paymentDate {
            notes.append(
                Note(
                    "invoice-after-payment", at: .line(row.line.number), "the invoice date \(date) is after the payment date \(paymentDate)"
                ))
        }
        guard !row.reference.isEmpty else {
            refuse(row.line, "the line has no invoice number")
            return nil
        }
        let reference = Array(row.reference.utf8)
        if RemittanceReference.isScientific(reference.span, 0..<reference.count) {
            refuse(row.line, "\"\(row.reference)\" is a number that a spreadsheet has rounded", advice: "save the mail's text as it comes")
        }
        guard let net else { return nil }
        let po = RemittanceReference.po(row.text)
        return RemittanceLine(
            reference: row.reference,
            referenceType: RemittanceReference.type(row.reference, text: row.text, po: po, patterns: context.references), net: net,
            at: .line(row.line.number), po: po, date: row.date, discount: discount,
            text: row.text.isEmpty ? nil : row.text)
    }

    /// A sum below the lines.
    private func isTotal(_ row: Row) -> Bool {
        guard row.date == nil else { return false }
        let key = ReferenceKey.of(row.reference + row.text)
        return key == "TOTAL" || key == "TOTALS" || key == "GRANDTOTAL" || key == "PAYMENTTOTAL"
    }

    private mutating func refuse(
        _ line: TextLine, _ what: String, byte: Int? = nil, advice: String = "ask the sender to resend, or see 'remitd retry'"
    ) {
        problems.append(Problem(.malformed, at: .line(line.number), byte: byte, what, advice: advice))
    }
}
