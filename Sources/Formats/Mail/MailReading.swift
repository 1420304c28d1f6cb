import Trade

/// Reads the letters of one mail text.
struct MailReading {
    /// One remittance: its labels and the lines of its table.
    struct Letter {
        var labels: [MailLabel: (value: Range<Int>, line: TextLine)] = [:]
        var table: MailTable?
        var header: TextLine?
        var lines: [TextLine] = []
        /// The last line of the letter.
        var last: TextLine
    }

    struct Read {
        var advice: RemittanceAdvice
        var lines: [RemittanceLine]
        var footing: Int64?
        var routes: [String]
    }

    /// A row of the table, in the making: wrapped lines join it.
    private struct Row {
        var line: TextLine
        var reference: String
        var date: Day?
        var text: String
        var amounts: [TextPiece]
    }

    let context: ReadingContext
    private(set) var notes: [Note] = []
    private var problems: [Problem] = []

    init(context: ReadingContext) { self.context = context }

    // MARK: Letters

    /// Collects the next letter: labels, header, table. Nil when no label is left.
    func letter(_ bytes: Span<UInt8>, _ lines: [TextLine], from index: inout Int) throws(ReadFailure) -> Letter? {
        var letter: Letter?
        while index < lines.count {
            let line = lines[index]
            if let (label, value) = MailLabel.read(bytes, line) {
                if letter?.table != nil { return letter }
                if letter == nil { letter = Letter(last: line) }
                if letter?.labels[label] == nil { letter?.labels[label] = (value, line) }
            } else if letter != nil, let table = MailTable(bytes, line) {
                // the header stands again at the top of each page
                if letter?.table == nil {
                    letter?.table = table
                    letter?.header = line
                }
            } else if letter?.table != nil {
                letter?.lines.append(line)
            }
            letter?.last = line
            index += 1
        }
        return letter
    }

    mutating func read(_ bytes: Span<UInt8>, _ letter: Letter) throws(ReadFailure) -> Read {
        guard let table = letter.table, let header = letter.header else {
            throw .rejected([cut(letter.last, "before the table of invoices")])
        }
        guard let paid = table[.paid] else {
            if !header.isTerminated { throw .rejected([cut(header, "in the header of the table")]) }
            var problem = Problem(
                .changed, at: .line(header.number), "the table has no column \"Amount Paid\"", advice: "the mail's layout has changed")
            problem.missing = ["Amount Paid"]
            problem.added = table.unknown
            throw .rejected([problem])
        }
        if !table.unknown.isEmpty {
            let words = table.unknown.joined(separator: " ")
            notes.append(Note("column-added", at: .line(header.number), "the words \"\(words)\" in the header are not known"))
        }
        let currency = try currency(bytes, letter)
        let rows = try rows(bytes, letter, table, firstAmount: table.amounts.first ?? paid, currency: currency)
        let mark = try mark(bytes, letter, rows, currency)
        var read = try head(bytes, letter, currency, mark)
        var sum: Int64 = 0
        for (index, row) in rows.enumerated() {
            let isLast = index == rows.count - 1
            guard let line = try line(bytes, row, table, mark, currency, isLast: isLast) else { continue }
            do throws(MoneyError) {
                sum = try sum.plus(line.net)
            } catch {
                throw .rejected([Problem(.malformed, at: line.at, "the amounts add up to more than can be")])
            }
            read.lines.append(line)
        }
        if !problems.isEmpty { throw .rejected(problems) }
        let difference = sum.subtractingReportingOverflow(read.advice.total ?? 0)
        guard !difference.overflow, difference.partialValue != .min else {
            throw .rejected([Problem(.malformed, at: read.advice.at, "the amounts add up to more than can be")])
        }
        read.footing = abs(difference.partialValue)
        if difference.partialValue != 0, rows.isEmpty || !letter.last.isTerminated {
            throw .rejected([cut(letter.last, rows.isEmpty ? "before the first invoice" : "inside the table")])
        }
        return read
    }

    private func cut(_ line: TextLine, _ place: String) -> Problem {
        Problem(.incomplete, at: .line(line.number), "the text ends \(place)", advice: "send the whole text")
    }

    // MARK: Labels

    private mutating func currency(_ bytes: Span<UInt8>, _ letter: Letter) throws(ReadFailure) -> Currency {
        guard let (value, line) = letter.labels[.currency], !value.isEmpty else {
            let at = Location.line(letter.labels[.number]?.line.number ?? letter.last.number)
            let words = context.currency.map { "the account's, \($0), is taken" } ?? "and the account has none"
            notes.append(Note("currency-assumed", at: at, "no payment currency; \(words)"))
            return context.currency ?? .unstated
        }
        guard let currency = Currency(code: bytes.text(value)) else { throw bad(bytes, value, line, .currency, "is not a currency") }
        return currency
    }

    private func head(
        _ bytes: Span<UInt8>, _ letter: Letter, _ currency: Currency, _ mark: DecimalMark
    ) throws(ReadFailure) -> Read {
        func needed(_ label: MailLabel) throws(ReadFailure) -> (Range<Int>, TextLine) {
            guard let (value, line) = letter.labels[label], !value.isEmpty else {
                let at = letter.labels[label]?.line ?? letter.header ?? letter.last
                throw .rejected([Problem(.malformed, at: .line(at.number), "\"\(label.caption)\" is missing")])
            }
            return (value, line)
        }
        let (number, line) = try needed(.number)
        if RemittanceReference.isScientific(bytes, number) {
            throw bad(bytes, number, line, .number, "is a number that a spreadsheet has rounded: the text was saved by a spreadsheet")
        }
        let (total, totalLine) = try needed(.amount)
        let amount = PrintedAmount.read(bytes, star(bytes, total), mark: mark, currency: currency)
        guard case .amount(let minor) = amount else {
            if case .bad(let what) = amount { throw bad(bytes, total, totalLine, .amount, what) }
            throw bad(bytes, total, totalLine, .amount, "is not an amount")
        }
        let (date, dateLine) = try needed(.date)
        guard let day = day(bytes, date) else { throw bad(bytes, date, dateLine, .date, "is not a date") }
        var read = Read(
            advice: RemittanceAdvice(
                number: bytes.text(number), currency: currency, at: .line(line.number), date: day, total: minor), lines: [], routes: [])
        if let (value, _) = letter.labels[.payee], !value.isEmpty {
            let party = Self.party(bytes.text(value))
            read.advice.payee = party
            if let id = party.id { read.routes.append(id) }
        }
        for label in [.supplier, .site] as [MailLabel] {
            if let (value, _) = letter.labels[label], !value.isEmpty { read.routes.append(bytes.text(value)) }
        }
        return read
    }

    /// `ACME TRADING CO LTD(ACME1)`: a name with the vendor code in brackets behind it.
    static func party(_ text: String) -> Party {
        guard text.hasSuffix(")"), let open = text.lastIndex(of: "(") else { return Party(name: text) }
        let id = text[text.index(after: open)...].dropLast()
        guard !id.isEmpty, id.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 || $0 >= 65 && $0 <= 90 }) else { return Party(name: text) }
        let name = text[..<open].reversed().drop { $0 == " " }.reversed()
        return Party(name: name.isEmpty ? nil : String(name), id: String(id))
    }

    private func bad(_ bytes: Span<UInt8>, _ value: Range<Int>, _ line: TextLine, _ label: MailLabel, _ what: String) -> ReadFailure {
        // a label line cut short is the last of the file
        if !line.isTerminated { return .rejected([cut(line, "in \"\(label.caption)\"")]) }
        return .rejected([
            Problem(
                .malformed, at: .line(line.number), byte: value.lowerBound,
                "\"\(bytes.text(value).prefix(60))\" in \"\(label.caption)\" \(what)")
        ])
    }

    /// The decimal mark that the amounts settle, else the marketplace's.
    private func mark(
        _ bytes: Span<UInt8>, _ letter: Letter, _ rows: [Row], _ currency: Currency
    ) throws(ReadFailure) -> DecimalMark {
        var evidence = LocaleEvidence()
        if let (value, line) = letter.labels[.amount] {
            evidence.amount(bytes, value, exponent: currency.exponent, at: .line(line.number))
        }
        for row in rows {
            for piece in row.amounts {
                // a row cut short may end in half an amount
                if !row.line.isTerminated, piece.range.upperBound == row.line.range.upperBound { continue }
                evidence.amount(bytes, piece.range, exponent: currency.exponent, at: .line(row.line.number))
            }
        }
        let marketplace = context.marketplace.flatMap { ExportLocale.byMarketplace[$0.uppercased()]?.mark }
        if !evidence.point, !evidence.comma, let marketplace { return marketplace }
        return try evidence.mark() ?? .point
    }

    private func day(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Day? {
        let locale = context.marketplace.flatMap { ExportLocale.byMarketplace[$0.uppercased()] }
        return DateText.day(bytes, range, order: locale?.dates ?? .yearFirst)
    }

    /// The amount without a leading asterisk.
    private func star(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        !range.isEmpty && bytes[range.lowerBound] == 42 ? range.lowerBound + 1..<range.upperBound : range
    }
}

// MARK: Rows

extension MailReading {
    /// Cuts the lines below the header into rows; a line without an amount continues the row above it.
    private mutating func rows(
        _ bytes: Span<UInt8>, _ letter: Letter, _ table: MailTable, firstAmount: MailTable.Place, currency: Currency
    ) throws(ReadFailure) -> [Row] {
        var rows: [Row] = []
        var isOpen = false
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
                guard isOpen, !rows.isEmpty else { continue }
                for piece in TextPiece.all(bytes, line, left, gap: 2) {
                    let part = bytes.text(piece.range)
                    if table.textColumn(piece) == .reference {
                        rows[rows.count - 1].reference += part
                    } else {
                        rows[rows.count - 1].text += part
                    }
                }
                if !line.isTerminated { rows[rows.count - 1].line.isTerminated = false }
                continue
            }
            var row = Row(line: line, reference: "", date: date?.day, text: "", amounts: amounts)
            if let date {
                row.reference = bytes.text(Blank.trimmed(bytes, left.lowerBound..<date.range.lowerBound))
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
            rows.append(row)
            isOpen = true
            if problems.count >= TextBounds.problems { throw .rejected(problems) }
        }
        return rows
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

    private mutating func line(
        _ bytes: Span<UInt8>, _ row: Row, _ table: MailTable, _ mark: DecimalMark, _ currency: Currency, isLast: Bool
    ) throws(ReadFailure) -> RemittanceLine? {
        let isCut = isLast && !row.line.isTerminated
        if isTotal(row) { return nil }
        guard !row.amounts.isEmpty else {
            if isLast { throw .rejected([cut(row.line, "before the amounts of a line")]) }
            refuse(row.line, "the line has no amount")
            return nil
        }
        guard let places = table.assign(row.amounts), let paid = places[.paid] else {
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
        if row.amounts.contains(where: { bytes[$0.range.lowerBound] == 42 }) {
            notes.append(Note("amount-marked", at: .line(row.line.number), "an amount is marked with *; its meaning is not known"))
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
