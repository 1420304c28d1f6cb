import Trade

/// Reads the letters of one mail text.
struct MailReading {
    /// One remittance: its labels and the lines of its table.
    struct Letter {
        var labels: [MailLabel: (value: Range<Int>, line: TextLine)] = [:]
        var table: MailTable?
        var header: TextLine?
        /// Below the header, in columns of blanks.
        var lines: [TextLine] = []
        /// Below the header of an HTML table, of that table and of those behind it.
        var rows: [CellRow] = []
        /// The last line of the letter.
        var last: TextLine
    }

    /// A row of an HTML table by its cells.
    struct CellRow {
        var line: TextLine
        var cells: [MailTable.Column: Range<Int>]
        /// One of its cells spans several columns.
        var spans: Bool
        /// Nil: it stands in the table of the header. Else the columns that the header has.
        var other: Int?
    }

    struct Read {
        var advice: RemittanceAdvice
        var lines: [RemittanceLine]
        var footing: Int64?
        var routes: [String]
    }

    /// A row of the table, in the making: wrapped lines join it.
    struct Row {
        var line: TextLine
        var reference: String
        /// Where the last piece of the reference ends.
        var end = 0
        var date: Day?
        var text: String
        var amounts: [TextPiece]
        /// The columns of the amounts, where cells tell them.
        var columns: [MailTable.Column: TextPiece]?
    }

    let context: ReadingContext
    var notes: [Note] = []
    var problems: [Problem] = []

    init(context: ReadingContext) { self.context = context }

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
            notes.append(
                Note(Note.columnAdded, at: .line(header.number), "the words \"\(words)\" in the header are not known", columns: [words]))
        }
        let currency = try currency(bytes, letter)
        let rows = try rows(bytes, letter, table, firstAmount: table.amounts.first ?? paid, currency: currency)
        let mark = try mark(bytes, letter, rows, currency)
        var read = try head(bytes, letter, currency, mark)
        var sum: Int64 = 0
        for (index, row) in rows.enumerated() {
            let isLast = index == rows.count - 1
            guard
                let line = try line(bytes, row, table, mark, currency, paymentDate: read.advice.date, isLast: isLast)
            else { continue }
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

    func cut(_ line: TextLine, _ place: String) -> Problem {
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

    func bad(_ bytes: Span<UInt8>, _ value: Range<Int>, _ line: TextLine, _ label: MailLabel, _ what: String) -> ReadFailure {
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

    func day(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Day? {
        let locale = context.marketplace.flatMap { ExportLocale.byMarketplace[$0.uppercased()] }
        return DateText.day(bytes, range, order: locale?.dates ?? .yearFirst)
    }

    /// The amount without a leading asterisk.
    func star(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        !range.isEmpty && bytes[range.lowerBound] == 42 ? range.lowerBound + 1..<range.upperBound : range
    }
}
