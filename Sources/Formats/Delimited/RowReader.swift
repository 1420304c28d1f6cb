import Trade

/// Cuts delimited text into rows and fields (RFC 4180): quoted fields with doubled quotes and line breaks inside; CRLF, LF
/// or CR ends a row. It keeps offsets only, in buffers that are used again for each row.
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

    struct Field {
        var start: Int32
        var end: Int32
        /// Contains doubled quotes.
        var isEscaped: Bool
        var range: Range<Int> { Int(start)..<Int(end) }
    }

    init(delimiter: UInt8, position: Int = 0) {
        self.delimiter = delimiter
        self.position = position
    }

    /// Reads the next row into `fields`.
    /// - Returns: false at the end of the file.
    mutating func next(_ bytes: Span<UInt8>) throws(ReadFailure) -> Bool {
        let count = bytes.count
        guard position < count else { return false }
        fields.removeAll(keepingCapacity: true)
        row += 1
        start = position
        var index = position
        while true {
            index = try field(bytes, from: index)
            if index >= count {
                isTerminated = false
                break
            }
            let byte = bytes[index]
            index += 1
            if byte == delimiter { continue }
            if byte == 13, index < count, bytes[index] == 10 { index += 1 }
            isTerminated = true
            break
        }
        position = index
        return true
    }

    /// Reads one field; returns the offset of what ends it (delimiter, line end, or the end of the file).
    private mutating func field(_ bytes: Span<UInt8>, from: Int) throws(ReadFailure) -> Int {
        guard fields.count < TextBounds.columns else {
            throw .rejected([Problem(.tooLarge, at: .row(row), byte: from, "more than \(TextBounds.columns) columns")])
        }
        let count = bytes.count
        let limit = min(count, start + TextBounds.row)
        var index = from
        guard index < count, bytes[index] == 34 else {
            while index < limit {
                let byte = bytes[index]
                if byte == delimiter || byte == 10 || byte == 13 { break }
                index += 1
            }
            if index == limit, limit < count { throw tooLong }
            fields.append(Field(start: Int32(from), end: Int32(index), isEscaped: false))
            return index
        }
        index += 1
        var isEscaped = false
        while true {
            while index < limit, bytes[index] != 34 { index += 1 }
            if index >= limit {
                if limit < count { throw tooLong }
                throw .rejected([
                    Problem(
                        .incomplete, at: .row(row, column: fields.count + 1), byte: from,
                        "the file ends inside a quoted field", advice: "send the whole file")
                ])
            }
            if index + 1 < count, bytes[index + 1] == 34 {
                isEscaped = true
                index += 2
                continue
            }
            break
        }
        fields.append(Field(start: Int32(from + 1), end: Int32(index), isEscaped: isEscaped))
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
        for field in fields where filled < limit && !Blank.trimmed(bytes, field.range).isEmpty { filled += 1 }
        return filled
    }

    /// The field as text, blanks at its ends removed; empty if the row has no such column.
    func text(_ bytes: Span<UInt8>, _ column: Int) -> String {
        guard column >= 0, column < fields.count else { return "" }
        let field = fields[column]
        let text = bytes.text(Blank.trimmed(bytes, field.range))
        guard field.isEscaped else { return text }
        var plain: [UInt8] = []
        var quote = false
        for byte in text.utf8 {
            quote = byte == 34 && !quote
            if !quote { plain.append(byte) }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// The bytes of the field, blanks at its ends removed; empty if the row has no such column.
    func range(_ bytes: Span<UInt8>, _ column: Int) -> Range<Int> {
        guard column >= 0, column < fields.count else { return 0..<0 }
        return Blank.trimmed(bytes, fields[column].range)
    }
}
