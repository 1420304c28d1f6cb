import Trade

/// Walks through the remittance export row by row: preamble, header of the payments, payments, header of the lines, lines.
/// A value, so that a file can be walked through again.
struct RemittanceExport {
    enum Row { case payment, line }

    /// Comma, semicolon, tab, pipe.
    static let delimiters: [UInt8] = [44, 59, 9, 124]

    private let columns: RemittanceColumns
    private(set) var rows: RowReader
    let payments: TableLayout<PaymentField>.Match
    let paymentsWidth: Int
    /// Nil until its header was met.
    private(set) var lines: TableLayout<PaymentLineField>.Match?
    private var linesWidth = 0
    /// Of the preamble row "Vendor code: …".
    private(set) var vendor: String?
    let headerRow: Int

    /// Finds the header of the payments below the preamble, by its captions and under any of the delimiters.
    /// - Parameter delimiters: `[RowReader.cellEnd]` for the sheet of a workbook.
    init?(_ bytes: Span<UInt8>, _ columns: RemittanceColumns = .standard, delimiters: [UInt8] = Self.delimiters) {
        var best: (rows: RowReader, match: TableLayout<PaymentField>.Match, vendor: String?)?
        for delimiter in delimiters {
            let mark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
            var rows = RowReader(delimiter: delimiter, position: mark)
            var vendor: String?
            while rows.row < TextBounds.preamble, (try? rows.next(bytes)) == true {
                let captions = rows.fields.indices.map { rows.text(bytes, $0) }
                if let match = columns.payments.match(captions) {
                    if match.known > best?.match.known ?? 0 { best = (rows, match, vendor) }
                    break
                }
                vendor = vendor ?? Self.vendor(captions)
            }
        }
        guard let best else { return nil }
        self.columns = columns
        (rows, payments, vendor) = best
        paymentsWidth = best.match.width
        headerRow = best.rows.row
        rows.width = paymentsWidth
    }

    /// `Vendor code: ACME1`, in one cell or two.
    private static func vendor(_ cells: [String]) -> String? {
        for (index, cell) in cells.enumerated() {
            guard ReferenceKey.of(cell).hasPrefix("VENDORCODE") else { continue }
            let inside = cell.split(separator: ":", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
            let value = inside.isEmpty && index + 1 < cells.count ? cells[index + 1] : inside
            // a preamble of another delimiter than the table's
            let code = value.split { " ,;\t".contains($0) }.first.map(String.init)
            if let code, !code.isEmpty { return code }
        }
        return nil
    }

    /// Throws what makes the first header unusable.
    func checkHeader() throws(ReadFailure) {
        if !rows.isTerminated { throw .rejected([Self.cut(at: .row(rows.row), "in the header of the payments")]) }
        if let problem = columns.payments.problem(payments, row: headerRow) { throw .rejected([problem]) }
    }

    /// Steps to the next row with content.
    /// - Returns: nil at the end of the file.
    mutating func next(_ bytes: Span<UInt8>) throws(ReadFailure) -> Row? {
        while try rows.next(bytes) {
            guard lines == nil else {
                if rows.isBlank(bytes) { continue }
                return .line
            }
            // a payment's number has a digit; a header or a title has none in that column
            if hasDigit(bytes, rows.range(bytes, payments[.number])) { return .payment }
            let filled = rows.filled(bytes, limit: 2)
            if filled == 0 { continue }
            let captions = rows.fields.indices.map { rows.text(bytes, $0) }
            if let match = columns.lines.match(captions) {
                if !rows.isTerminated { throw .rejected([Self.cut(at: .row(rows.row), "in the header of the invoices")]) }
                if let problem = columns.lines.problem(match, row: rows.row) { throw .rejected([problem]) }
                lines = match
                linesWidth = match.width
                rows.width = linesWidth
                continue
            }
            // "Invoices", or another title, stands alone
            if filled == 1 { continue }
            return .payment
        }
        return nil
    }

    /// Throws unless the row has the columns of its table.
    func checkWidth(_ bytes: Span<UInt8>) throws(ReadFailure) {
        let width = lines == nil ? paymentsWidth : linesWidth
        let count = rows.count
        // the rows of a sheet end with their last filled cell
        if count < width, !rows.isSheet {
            if !rows.isTerminated { throw .rejected([Self.cut(at: .row(rows.row, column: count), "inside a row")]) }
            throw .rejected([
                Problem(
                    .malformed, at: .row(rows.row, column: count + 1), byte: rows.start,
                    "the row ends after \(count) of \(width) columns", advice: "export again")
            ])
        }
        if count > width, let extra = (width..<count).first(where: { !rows.range(bytes, $0).isEmpty }) {
            throw .rejected([
                Problem(
                    .malformed, at: .row(rows.row, column: extra + 1), byte: rows.start,
                    "a value beyond the \(width) columns of the table; a value may contain the delimiter without quotes",
                    advice: "export again")
            ])
        }
    }

    static func cut(at: Location, _ place: String) -> Problem {
        Problem(.incomplete, at: at, "the file ends \(place)", advice: "send the whole file")
    }

    private func hasDigit(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where bytes[index] >= 48 && bytes[index] <= 57 { return true }
        return false
    }
}
