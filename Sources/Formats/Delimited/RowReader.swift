import Trade

/// What a cell of a spreadsheet says it is. A text table knows text only.
enum CellKind: UInt8, Sendable {
    case text = 0
    /// Digits with a decimal point as stored, rounded to the 15 digits that a spreadsheet shows.
    case number = 1
    /// `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`.
    case date = 2
    /// `TRUE` or `FALSE`.
    case boolean = 3
    /// `#N/A` and the like.
    case error = 4
}

/// Cuts a table into rows and fields. It keeps offsets only, in buffers that are used again for each row.
///
/// - Delimited text (RFC 4180): quoted fields with doubled quotes and line breaks inside; CRLF, LF or CR ends a row. Between tabs few
///   exports quote: there a quotation mark opens a field only if another one closes it in the same line.
/// - A sheet of a workbook, if the delimiter is `RowReader.cellEnd`: cells are separated by 0x1F, rows ended by 0x1E, nothing is quoted;
///   a first byte of 0x01 to 0x04 is the cell's `CellKind`. XML text cannot contain any of these.
struct RowReader {
    let delimiter: UInt8
    /// Offset of the next row.
    private(set) var position: Int
    /// Number of the row last read, from 1; blank rows count, so that it is the row a spreadsheet shows.
    private(set) var row = 0
    /// Offset at which the row last read begins.
    private(set) var start = 0
    /// The row last read ended with a line end and not with the file.
    private(set) var isTerminated = true
    /// The fields of the row last read, without their quotes.
    private(set) var fields: [Field] = []
    /// Columns of the table, once they are known: a quoted field with line breaks and the delimiters of a whole row has swallowed one.
    var width = Int.max

    /// Separates the cells of a sheet (ASCII unit separator).
    static let cellEnd: UInt8 = 0x1F
    /// Ends a row of a sheet (ASCII record separator).
    static let rowEnd: UInt8 = 0x1E

    struct Field {
        var start: Int32
        var end: Int32
        /// Contains doubled quotes.
        var isEscaped: Bool
        var kind: CellKind = .text
        /// With the mark of its kind.
        var range: Range<Int> { Int(start)..<Int(end) }
    }

    init(delimiter: UInt8, position: Int = 0) {
        self.delimiter = delimiter
        self.position = position
    }

    /// For the sheet of a workbook.
    static var sheet: RowReader { RowReader(delimiter: cellEnd) }

    var isSheet: Bool { delimiter == Self.cellEnd }

    /// Reads the next row into `fields`.
    /// - Returns: false at the end of the file.
    mutating func next(_ bytes: Span<UInt8>) throws(ReadFailure) -> Bool {
        let count = bytes.count
        guard position < count else { return false }
        fields.removeAll(keepingCapacity: true)
        row += 1
        start = position
        if isSheet { return try nextOfSheet(bytes) }
        let limit = min(count, start &+ TextBounds.row)
        let raw = bytes.bytes
        let stops = Stops(delimiter, 10, 13)
        var fieldStart = position
        var word = position
        var hits: UInt64 = 0
        // each turn is one field; `hits` are the stops left in the eight bytes at `word`
        while true {
            if hits == 0, fieldStart < count, raw.byte(uncheckedAt: fieldStart) == 34, delimiter != 9 || isClosed(raw, fieldStart, limit) {
                let end = try quoted(bytes, from: fieldStart)
                if end == count {
                    (position, isTerminated) = (end, false)
                    return true
                }
                word = end &+ 1
                if raw.byte(uncheckedAt: end) == delimiter {
                    fieldStart = word
                    continue
                }
                finish(raw, end)
                return true
            }
            while hits == 0 {
                if word &+ 8 > limit {
                    let found = try last(bytes, from: word, field: fieldStart, limit: limit)
                    if !found.isDelimiter { return true }
                    word = found.end &+ 1
                    fieldStart = word
                    break
                }
                hits = stops.hits(raw.word(uncheckedAt: word))
                if hits == 0 { word &+= 8 }
            }
            if hits == 0 { continue }
            let end = word &+ hits.trailingZeroBitCount &>> 3
            try append(fieldStart, end, .text)
            if raw.byte(uncheckedAt: end) != delimiter {
                finish(raw, end)
                return true
            }
            hits &= hits &- 1
            fieldStart = end &+ 1
            if fieldStart < count, raw.byte(uncheckedAt: fieldStart) == 34 { hits = 0 }
            if hits == 0 { word = fieldStart }
        }
    }

    /// The row ends with the line end at `end`.
    private mutating func finish(_ raw: RawSpan, _ end: Int) {
        position = end &+ 1
        if raw.byte(uncheckedAt: end) == 13, position < raw.byteCount, raw.byte(uncheckedAt: position) == 10 { position &+= 1 }
        isTerminated = true
    }

    /// The end of an unquoted field in the last few bytes before the limit.
    private mutating func last(
        _ bytes: Span<UInt8>, from: Int, field: Int, limit: Int
    ) throws(ReadFailure) -> (isDelimiter: Bool, end: Int) {
        var index = from
        while index < limit, bytes[index] != delimiter, bytes[index] != 10, bytes[index] != 13 { index += 1 }
        if index == limit, limit < bytes.count { throw tooLong }
        try append(field, index, .text)
        guard index < bytes.count else {
            (position, isTerminated) = (index, false)
            return (false, index)
        }
        if bytes[index] == delimiter { return (true, index) }
        finish(bytes.bytes, index)
        return (false, index)
    }

    @inline(__always)
    private mutating func append(_ start: Int, _ end: Int, _ kind: CellKind) throws(ReadFailure) {
        guard fields.count < TextBounds.columns else { throw tooWide(start) }
        fields.append(Field(start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end), isEscaped: false, kind: kind))
    }

    /// Reads a quoted field; returns the offset of what ends it (delimiter, line end, or the end of the file).
    private mutating func quoted(_ bytes: Span<UInt8>, from: Int) throws(ReadFailure) -> Int {
        let count = bytes.count
        let limit = min(count, start &+ TextBounds.row)
        let raw = bytes.bytes
        let quote = Stops(34, 34, 34)
        var index = from + 1
        var isEscaped = false
        while true {
            while index &+ 8 <= limit {
                let hits = quote.hits(raw.word(uncheckedAt: index))
                index &+= hits == 0 ? 8 : hits.trailingZeroBitCount &>> 3
                if hits != 0 { break }
            }
            while index < limit, raw.byte(uncheckedAt: index) != 34 { index += 1 }
            if index >= limit {
                if limit < count { throw tooLong }
                throw .rejected([
                    Problem(
                        .incomplete, at: .row(row, column: fields.count + 1), byte: from,
                        "the file ends inside a quoted field", advice: "send the whole file")
                ])
            }
            if index + 1 < count, raw.byte(uncheckedAt: index + 1) == 34 {
                isEscaped = true
                index += 2
                continue
            }
            break
        }
        if width < .max, index - from > width { try checkSwallowed(raw, from, index) }
        try append(from + 1, index, .text)
        if isEscaped { fields[fields.count - 1].isEscaped = true }
        index += 1
        if index < count, bytes[index] != delimiter, bytes[index] != 10, bytes[index] != 13 {
            throw .rejected([
                Problem(
                    .malformed, at: .row(row, column: fields.count), byte: index,
                    "text after the closing quote of a field", advice: "export again")
            ])
        }
        return index
    }

    /// Whether the quotation mark at `from` is closed before the line ends, with nothing behind it.
    private func isClosed(_ raw: RawSpan, _ from: Int, _ limit: Int) -> Bool {
        var index = from + 1
        while index < limit {
            let byte = raw.byte(uncheckedAt: index)
            if byte == 10 || byte == 13 { return false }
            index += 1
            guard byte == 34 else { continue }
            guard index < raw.byteCount else { return true }
            let next = raw.byte(uncheckedAt: index)
            if next != 34 { return next == delimiter || next == 10 || next == 13 }
            index += 1
        }
        return false
    }

    /// Throws for a quoted field with a line break and as many delimiters as a row has: where a mark stands for inches at the start of
    /// one field and at the end of another one below, the rows between them would be lost without a trace.
    private func checkSwallowed(_ raw: RawSpan, _ from: Int, _ end: Int) throws(ReadFailure) {
        var (delimiters, isBroken) = (0, false)
        for index in from..<end {
            let byte = raw.byte(uncheckedAt: index)
            if byte == delimiter { delimiters += 1 }
            if byte == 10 || byte == 13 { isBroken = true }
        }
        guard isBroken, delimiters >= max(width - 1, 1) else { return }
        throw .rejected([
            Problem(
                .malformed, at: .row(row, column: fields.count + 1), byte: from,
                "a quotation mark opens here and swallows rows: up to the next one stand line breaks and \(delimiters) delimiters",
                advice: "double each quotation mark that belongs to a text, or export again")
        ])
    }

    private mutating func nextOfSheet(_ bytes: Span<UInt8>) throws(ReadFailure) -> Bool {
        let count = bytes.count
        let raw = bytes.bytes
        let stops = Stops(Self.cellEnd, Self.rowEnd, Self.rowEnd)
        var index = position
        var fieldStart = position
        while index < count {
            if index &+ 8 <= count {
                let hits = stops.hits(raw.word(uncheckedAt: index))
                index &+= hits == 0 ? 8 : hits.trailingZeroBitCount &>> 3
                if hits == 0 { continue }
            }
            let byte = raw.byte(uncheckedAt: index)
            guard byte == Self.cellEnd || byte == Self.rowEnd else {
                index &+= 1
                continue
            }
            try cell(raw, fieldStart, index)
            index &+= 1
            fieldStart = index
            if byte == Self.rowEnd {
                (position, isTerminated) = (index, true)
                return true
            }
        }
        try cell(raw, fieldStart, count)
        (position, isTerminated) = (count, false)
        return true
    }

    private mutating func cell(_ raw: RawSpan, _ start: Int, _ end: Int) throws(ReadFailure) {
        let kind = start < end ? CellKind(rawValue: raw.byte(uncheckedAt: start)) ?? .text : .text
        try append(start, end, kind)
    }

    private func tooWide(_ byte: Int) -> ReadFailure {
        .rejected([Problem(.tooLarge, at: .row(row), byte: byte, "more than \(TextBounds.columns) columns")])
    }

    private var tooLong: ReadFailure {
        .rejected([
            Problem(
                .tooLarge, at: .row(row), byte: start, "a row of more than \(TextBounds.row) bytes; a quoted field may lack its end",
                advice: "export again")
        ])
    }

    /// No field has anything visible.
    func isBlank(_ bytes: Span<UInt8>) -> Bool { filled(bytes, limit: 1) == 0 }

    /// The number of fields with something visible, counted up to a limit.
    func filled(_ bytes: Span<UInt8>, limit: Int = .max) -> Int {
        var filled = 0
        for field in fields where !Blank.trimmed(bytes, field.range).isEmpty {
            filled += 1
            if filled == limit { break }
        }
        return filled
    }

    /// The field as text, blanks at its ends and a sheet's mark removed; empty if the row has no such column.
    func text(_ bytes: Span<UInt8>, _ column: Int) -> String {
        guard column >= 0, column < fields.count else { return "" }
        let field = fields[column]
        let range = cell(bytes, column).range
        guard field.isEscaped else { return bytes.text(range) }
        var plain: [UInt8] = []
        var quote = false
        for index in range {
            let byte = bytes[index]
            quote = byte == 34 && !quote
            if !quote { plain.append(byte) }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// The bytes of the field, a sheet's mark included, blanks at its ends removed; empty if the row has no such column.
    func range(_ bytes: Span<UInt8>, _ column: Int) -> Range<Int> {
        guard column >= 0, column < fields.count else { return 0..<0 }
        return Blank.trimmed(bytes, fields[column].range)
    }

    /// The bytes of the field are not its text: quotation marks are doubled in it.
    func isEscaped(_ column: Int) -> Bool { column >= 0 && column < fields.count && fields[column].isEscaped }

    /// What the cell says it is; text if the row has no such column.
    func kind(_ column: Int) -> CellKind {
        column >= 0 && column < fields.count ? fields[column].kind : .text
    }
}

/// Finds any of three bytes among eight at once.
private struct Stops {
    private let a: UInt64
    private let b: UInt64
    private let c: UInt64

    @inline(__always)
    init(_ a: UInt8, _ b: UInt8, _ c: UInt8) {
        self.a = UInt64(a) &* 0x0101_0101_0101_0101
        self.b = UInt64(b) &* 0x0101_0101_0101_0101
        self.c = UInt64(c) &* 0x0101_0101_0101_0101
    }

    /// The high bit of each byte of `word` that is one of the three, the first byte lowest.
    @inline(__always)
    func hits(_ word: UInt64) -> UInt64 { zeros(word ^ a) | zeros(word ^ b) | zeros(word ^ c) }

    /// Exact for every byte: no carry crosses from one into the next (Warren, Hacker's Delight, 6-1).
    @inline(__always)
    private func zeros(_ word: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        return ~((word & low) &+ low | word | low)
    }
}
