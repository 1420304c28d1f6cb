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
    /// How many fields the row last read has.
    private(set) var count = 0
    /// Room for the fields of a row; the first `count` are those of the row last read, without their quotes.
    private var slots = [Field](repeating: Field(), count: TextBounds.columns)
    /// What in the 64 bytes from `base` on a row is cut at, and quotation marks: a bit each, those behind `position` still to come.
    private var marks: UInt64 = 0
    private var base = 0
    /// The size of the text that `marks` is of; 0 before the first row.
    private var size = 0
    /// Columns of the table, once they are known: a quoted field with line breaks and the delimiters of a whole row has swallowed one.
    var width = Int.max

    /// Separates the cells of a sheet (ASCII unit separator).
    static let cellEnd: UInt8 = 0x1F
    /// Ends a row of a sheet (ASCII record separator).
    static let rowEnd: UInt8 = 0x1E

    struct Field {
        var start: Int32 = 0
        var end: Int32 = 0
        /// Contains doubled quotes.
        var isEscaped = false
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

    var fields: ArraySlice<Field> { slots[..<count] }

    /// Reads the next row into `fields`.
    /// - Returns: false at the end of the file.
    mutating func next(_ bytes: Span<UInt8>) throws(ReadFailure) -> Bool {
        guard position < bytes.count else { return false }
        count = 0
        row += 1
        start = position
        // apart from the reader while it reads: one question whether they are shared, and none for each field
        var own: [Field] = []
        swap(&own, &slots)
        defer { swap(&own, &slots) }
        var fields = own.mutableSpan
        return isSheet ? try nextOfSheet(bytes, &fields) : try nextOfText(bytes, &fields)
    }

    private mutating func nextOfText(_ bytes: Span<UInt8>, _ fields: inout MutableSpan<Field>) throws(ReadFailure) -> Bool {
        let raw = bytes.bytes
        let limit = min(bytes.count, start &+ TextBounds.row)
        var fieldStart = start
        seek(raw, start)
        // each turn is one mark
        while true {
            while marks == 0 {
                guard base &+ 64 < limit else {
                    if limit < bytes.count { throw tooLong }
                    try append(fieldStart, limit, .text, &fields)
                    (position, isTerminated) = (limit, false)
                    return true
                }
                look(raw, at: base &+ 64)
            }
            var end = plain(raw, &fieldStart, limit, &fields)
            if end < 0 { continue }
            guard end < limit else { throw tooLong }
            if raw.byte(uncheckedAt: end) == 34 {
                guard end == fieldStart, delimiter != 9 || isClosed(raw, end, limit) else { continue }
                end = try quoted(bytes, from: end, &fields)
                if end == bytes.count {
                    (position, isTerminated) = (end, false)
                    return true
                }
                seek(raw, end &+ 1)
            } else {
                try append(fieldStart, end, .text, &fields)
            }
            fieldStart = end &+ 1
            if raw.byte(uncheckedAt: end) == delimiter { continue }
            position = fieldStart
            if raw.byte(uncheckedAt: end) == 13, position < raw.byteCount, raw.byte(uncheckedAt: position) == 10 { position &+= 1 }
            isTerminated = true
            return true
        }
    }

    /// Takes the block's fields up to its first mark that is no delimiter, or that this does not decide.
    /// - Returns: where that mark is; -1 if there is none in the block.
    @inline(__always)
    private mutating func plain(_ raw: RawSpan, _ fieldStart: inout Int, _ limit: Int, _ fields: inout MutableSpan<Field>) -> Int {
        // apart from the reader, so that they stay in registers
        var (marks, count, from) = (self.marks, self.count, fieldStart)
        defer { (self.marks, self.count, fieldStart) = (marks, count, from) }
        while marks != 0 {
            let end = base &+ marks.trailingZeroBitCount
            marks &= marks &- 1
            guard end < limit, raw.byte(uncheckedAt: end) == delimiter, count < fields.count else { return end }
            fields[unchecked: count] = Field(start: Int32(truncatingIfNeeded: from), end: Int32(truncatingIfNeeded: end))
            count &+= 1
            from = end &+ 1
        }
        return -1
    }

    /// Goes on with the marks from `place` on, which no mark yet to come stands before.
    @inline(__always)
    private mutating func seek(_ raw: RawSpan, _ place: Int) {
        if place &- base >= 64 || size != raw.byteCount { look(raw, at: place & ~63) }
        marks &= UInt64.max &<< UInt64(truncatingIfNeeded: place &- base)
    }

    @inline(never)
    private mutating func look(_ raw: RawSpan, at base: Int) {
        let stop = ByteBlock.Lanes(repeating: delimiter)
        marks = ByteBlock(raw, at: base).marks { lanes in
            ByteBlock.equal(lanes, stop) | ByteBlock.equal(lanes, ByteBlock.Lanes(repeating: 10))
                | ByteBlock.equal(lanes, ByteBlock.Lanes(repeating: 13)) | ByteBlock.equal(lanes, ByteBlock.Lanes(repeating: 34))
        }
        (self.base, size) = (base, raw.byteCount)
    }

    @inline(__always)
    private mutating func append(
        _ start: Int, _ end: Int, _ kind: CellKind, isEscaped: Bool = false, _ fields: inout MutableSpan<Field>
    ) throws(ReadFailure) {
        guard count < fields.count else { throw tooWide(start) }
        fields[unchecked: count] = Field(
            start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end), isEscaped: isEscaped, kind: kind)
        count &+= 1
    }

    /// Reads a quoted field; returns the offset of what ends it (delimiter, line end, or the end of the file).
    private mutating func quoted(_ bytes: Span<UInt8>, from: Int, _ fields: inout MutableSpan<Field>) throws(ReadFailure) -> Int {
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
                        .incomplete, at: .row(row, column: self.count + 1), byte: from,
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
        try append(from + 1, index, .text, isEscaped: isEscaped, &fields)
        index += 1
        if index < count, bytes[index] != delimiter, bytes[index] != 10, bytes[index] != 13 {
            throw .rejected([
                Problem(
                    .malformed, at: .row(row, column: self.count), byte: index,
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
                .malformed, at: .row(row, column: count + 1), byte: from,
                "a quotation mark opens here and swallows rows: up to the next one stand line breaks and \(delimiters) delimiters",
                advice: "double each quotation mark that belongs to a text, or export again")
        ])
    }

    // MARK: Rows of which one field is wanted

    /// Steps over the next row if it is text with a line end, no quotation mark, exactly `width` fields, and a digit in that of `column`, as
    /// nearly all rows are; else it does nothing. Its fields are not to be had.
    /// - Returns: where the field of `column` stands, without blanks around it; nil if nothing was done.
    @inline(__always)
    mutating func skim(_ bytes: Span<UInt8>, _ marks: inout RowMarks, column: Int) -> Range<Int>? {
        let raw = bytes.bytes
        guard let found = marks.row(raw, from: position, column: column, width: width) else { return nil }
        let field = Blank.trimmed(bytes, found.field)
        guard Self.hasDigit(raw, field) else { return nil }
        (start, count, isTerminated) = (position, 0, true)
        row &+= 1
        position = found.end &+ 1
        if raw.byte(uncheckedAt: found.end) == 13, position < raw.byteCount, raw.byte(uncheckedAt: position) == 10 { position &+= 1 }
        return field
    }

    @inline(__always)
    private static func hasDigit(_ raw: RawSpan, _ range: Range<Int>) -> Bool {
        // numbers rather end with digits than begin with them
        var index = range.upperBound
        while index > range.lowerBound {
            index &-= 1
            if raw.byte(uncheckedAt: index) &- 48 < 10 { return true }
        }
        return false
    }

    @inline(__always)
    func hasDigit(_ bytes: Span<UInt8>, _ column: Int) -> Bool { Self.hasDigit(bytes.bytes, cell(bytes, column).range) }

    private mutating func nextOfSheet(_ bytes: Span<UInt8>, _ fields: inout MutableSpan<Field>) throws(ReadFailure) -> Bool {
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
            try cell(raw, fieldStart, index, &fields)
            index &+= 1
            fieldStart = index
            if byte == Self.rowEnd {
                (position, isTerminated) = (index, true)
                return true
            }
        }
        try cell(raw, fieldStart, count, &fields)
        (position, isTerminated) = (count, false)
        return true
    }

    private mutating func cell(_ raw: RawSpan, _ start: Int, _ end: Int, _ fields: inout MutableSpan<Field>) throws(ReadFailure) {
        let kind = start < end ? CellKind(rawValue: raw.byte(uncheckedAt: start)) ?? .text : .text
        try append(start, end, kind, &fields)
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
        for column in 0..<count where !Blank.trimmed(bytes, slots[column].range).isEmpty {
            filled += 1
            if filled == limit { break }
        }
        return filled
    }

    /// The field as text, blanks at its ends and a sheet's mark removed; empty if the row has no such column.
    func text(_ bytes: Span<UInt8>, _ column: Int) -> String {
        guard column >= 0, column < count else { return "" }
        let field = slots[column]
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
        guard column >= 0, column < count else { return 0..<0 }
        return Blank.trimmed(bytes, slots[column].range)
    }

    /// The bytes of the field are not its text: quotation marks are doubled in it.
    func isEscaped(_ column: Int) -> Bool { column >= 0 && column < count && slots[column].isEscaped }

    /// The cell of a column, blanks at its ends removed; empty if the row has none there.
    @inline(__always)
    func cell(_ bytes: Span<UInt8>, _ column: Int) -> Cell {
        guard column >= 0, column < count else { return Cell(range: 0..<0, kind: .text) }
        let field = slots[column]
        let range = field.range
        guard field.kind != .text else { return Cell(range: Blank.trimmed(bytes, range), kind: .text) }
        return Cell(range: Blank.trimmed(bytes, range.lowerBound + 1..<range.upperBound), kind: field.kind)
    }

    /// The field's bytes, a sheet's mark included, blanks at its ends removed; nil if they are many, or not its text.
    @inline(__always)
    func short(_ bytes: Span<UInt8>, _ column: Int) -> ShortText? {
        isEscaped(column) ? nil : ShortText(bytes.bytes, range(bytes, column))
    }

    /// What the cell says it is; text if the row has no such column.
    func kind(_ column: Int) -> CellKind {
        column >= 0 && column < count ? slots[column].kind : .text
    }
}
