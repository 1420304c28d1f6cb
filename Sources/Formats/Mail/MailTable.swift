import Trade

/// One line of a text, by its bytes and its number.
struct TextLine {
    var range: Range<Int>
    var number: Int
    /// Ended with a line end and not with the file.
    var isTerminated: Bool
    /// Of a row of an HTML table, in their order.
    var cells: [TextCell] = []
    /// The number of that table; 0 = none.
    var table = 0
    /// The columns of the row.
    var width: Int { cells.last.map { $0.column + $0.span } ?? 0 }

    /// Cuts a text into lines at LF, CRLF or CR; marks of quotation (`> `) are no part of a line.
    static func all(_ bytes: Span<UInt8>) -> [TextLine] {
        var lines = cut(bytes)
        for index in lines.indices where !lines[index].range.isEmpty && bytes[lines[index].range.lowerBound] == 62 {
            var start = lines[index].range.lowerBound
            let end = lines[index].range.upperBound
            while start < end, bytes[start] == 62 {
                start += 1
                if start < end, bytes[start] == 32 { start += 1 }
            }
            lines[index].range = start..<end
        }
        return lines
    }

    private static func cut(_ bytes: Span<UInt8>) -> [TextLine] {
        var lines: [TextLine] = []
        var start = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 10 || byte == 13 {
                lines.append(TextLine(range: start..<index, number: lines.count + 1, isTerminated: true))
                if byte == 13, index + 1 < bytes.count, bytes[index + 1] == 10 { index += 1 }
                start = index + 1
            }
            index += 1
        }
        if start < bytes.count { lines.append(TextLine(range: start..<bytes.count, number: lines.count + 1, isTerminated: false)) }
        return lines
    }

    /// The position of an offset as a reader sees it: continuation bytes of UTF-8 take no room.
    func position(_ bytes: Span<UInt8>, _ offset: Int) -> Int {
        var position = 0
        for index in range.lowerBound..<offset where bytes[index] & 0xC0 != 0x80 { position += 1 }
        return position
    }
}

/// A cell of a row, by its bytes.
struct TextCell {
    var range: Range<Int>
    var column: Int
    /// Columns that it spans.
    var span: Int
}

/// A mail's text, plain or HTML, as lines.
struct MailPage {
    var bytes: [UInt8]
    var lines: [TextLine]

    /// - Parameter bytes: UTF-8.
    init(text bytes: [UInt8]) {
        self.bytes = bytes
        lines = TextLine.all(bytes.span)
    }

    init(html bytes: [UInt8]) throws(ReadFailure) {
        let html = try HTMLText(bytes)
        var items = html.items
        while let last = items.last, last.cells.isEmpty, last.text.allSatisfy({ $0 <= 32 }) { items.removeLast() }
        self.bytes = []
        lines = []
        for item in items {
            let start = self.bytes.count
            var cells: [TextCell] = []
            for cell in item.cells {
                if !cells.isEmpty { self.bytes.append(contentsOf: [32, 32, 32, 32]) }
                cells.append(
                    TextCell(range: self.bytes.count..<self.bytes.count + cell.text.count, column: cell.column, span: cell.span))
                self.bytes.append(contentsOf: cell.text)
            }
            self.bytes.append(contentsOf: item.text)
            lines.append(
                TextLine(range: start..<self.bytes.count, number: item.line, isTerminated: true, cells: cells, table: item.table))
            self.bytes.append(10)
        }
        if html.isCut, let last = lines.indices.last { lines[last].isTerminated = false }
    }
}

/// A piece of a line between blanks, by its bytes and by the positions a reader sees.
struct TextPiece {
    var range: Range<Int>
    var start: Int
    var end: Int
    /// Blanks before it.
    var gap: Int

    /// The pieces of a part of a line that stand at least `gap` blanks apart.
    static func all(_ bytes: Span<UInt8>, _ line: TextLine, _ part: Range<Int>, gap: Int) -> [TextPiece] {
        var pieces: [TextPiece] = []
        var position = line.position(bytes, part.lowerBound)
        var index = part.lowerBound
        var blanks = 0
        while index < part.upperBound {
            let blank = Blank.length(bytes, index, before: part.upperBound)
            if blank > 0 {
                // a tab stands for a column of its own
                blanks += bytes[index] == 9 ? 2 : 1
                position += 1
                index += blank
                continue
            }
            var length = 1
            while index + length < part.upperBound, bytes[index + length] & 0xC0 == 0x80 { length += 1 }
            if let last = pieces.indices.last, blanks < gap {
                pieces[last].range = pieces[last].range.lowerBound..<index + length
                pieces[last].end = position + 1
            } else {
                pieces.append(TextPiece(range: index..<index + length, start: position, end: position + 1, gap: blanks))
            }
            blanks = 0
            position += 1
            index += length
        }
        return pieces
    }
}

/// The columns of a remittance mail's table, by the positions of their captions (layouts A and B of FACTS-AMAZON 1.2 differ
/// in the order of the amounts).
struct MailTable {
    enum Column: Int, CaseIterable {
        case reference, date, description, discount, paid, remaining
        var isAmount: Bool { rawValue >= Column.discount.rawValue }
    }

    struct Place {
        var column: Column
        var start: Int
        var end: Int
    }

    /// In the order of the header.
    private(set) var places: [Place] = []
    private(set) var unknown: [String] = []
    /// The number of the HTML table whose cells `places` names by their columns; 0 = a text in columns of blanks.
    private(set) var number = 0
    /// The columns of that table.
    private(set) var width = 0

    private static let captions: [(Column, [String])] = [
        (.reference, ["invoice number", "invoice no.", "invoice no"]), (.date, ["invoice date"]),
        (.description, ["invoice description", "description"]), (.discount, ["discount taken"]),
        (.paid, ["amount paid"]), (.remaining, ["amount remaining"]),
    ]

    /// - Returns: nil unless the line names the columns of the invoice number and one of the others.
    init?(_ bytes: Span<UInt8>, _ line: TextLine) {
        guard line.cells.isEmpty else {
            readCells(bytes, line)
            guard self[.reference] != nil, self[.date] != nil, places.count >= 3 else { return nil }
            return
        }
        guard line.range.count <= TextBounds.mailHeader, Self.mayBeHeader(bytes, line) else { return nil }
        var text = Self.plain(bytes, line.range)
        for (column, names) in Self.captions {
            for name in names.map({ Array($0.utf8) }) {
                guard let start = Self.find(name, in: text) else { continue }
                places.append(Place(column: column, start: start, end: start + name.count))
                for index in start..<start + name.count { text[index] = 32 }
                break
            }
        }
        places.sort { $0.start < $1.start }
        guard self[.reference] != nil, self[.date] != nil, places.count >= 3 else { return nil }
        unknown = text.split { $0 == 32 || $0 == 58 || $0 == 46 }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// One byte for each position: every blank as one of ASCII, letters small, what is not ASCII as a question mark.
    private static func plain(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let blank = Blank.length(bytes, index, before: range.upperBound)
            if blank > 0 {
                text.append(32)
                index += blank
                continue
            }
            let byte = bytes[index]
            text.append(byte >= 128 ? 63 : byte >= 65 && byte <= 90 ? byte | 32 : byte)
            index += 1
            while index < range.upperBound, byte >= 128, bytes[index] & 0xC0 == 0x80 { index += 1 }
        }
        return text
    }

    /// The header of an HTML table.
    private mutating func readCells(_ bytes: Span<UInt8>, _ line: TextLine) {
        number = line.table
        width = line.width
        for cell in line.cells where !cell.range.isEmpty && cell.range.count <= TextBounds.mailHeader {
            let caption = bytes.text(cell.range)
            let key = ReferenceKey.of(caption)
            let found = Self.captions.first { known in known.1.contains { ReferenceKey.of($0) == key } }
            if let found, self[found.0] == nil {
                places.append(Place(column: found.0, start: cell.column, end: cell.column + cell.span))
            } else {
                unknown.append(caption)
            }
        }
    }

    /// The cells of a row that begin under the captions of its HTML table.
    func cells(_ row: TextLine) -> [Column: Range<Int>] {
        var found: [Column: Range<Int>] = [:]
        for place in places {
            guard let cell = row.cells.first(where: { $0.column >= place.start && $0.column < place.end }) else { continue }
            if !cell.range.isEmpty { found[place.column] = cell.range }
        }
        return found
    }

    /// A cheap look before the costly one: every header says "invoice".
    private static func mayBeHeader(_ bytes: Span<UInt8>, _ line: TextLine) -> Bool {
        for index in line.range.dropLast(1) where bytes[index] | 32 == 118 && bytes[index + 1] | 32 == 111 { return true }  // "vo"
        return false
    }

    private static func find(_ name: [UInt8], in text: [UInt8]) -> Int? {
        guard text.count >= name.count else { return nil }
        return (0...text.count - name.count).first { text[$0..<$0 + name.count].elementsEqual(name) }
    }

    subscript(column: Column) -> Place? { places.first { $0.column == column } }

    var amounts: [Place] { places.filter(\.column.isAmount) }

    /// Amounts were seen up to three positions left of their caption; a description may come as near from the other side.
    static let slack = 8

    /// Puts the amounts of a row under the captions, in their order, so that the distances are smallest.
    /// - Returns: nil if there are too many, or two ways are as good as each other.
    func assign(_ pieces: [TextPiece]) -> [Column: TextPiece]? {
        let places = amounts
        guard !pieces.isEmpty, pieces.count <= places.count else { return nil }
        var ways: [(cost: Int, chosen: [Place])] = []
        for mask in 0..<(1 << places.count) where mask.nonzeroBitCount == pieces.count {
            let chosen = places.indices.filter { mask >> $0 & 1 == 1 }.map { places[$0] }
            var cost = 0
            for (piece, place) in zip(pieces, chosen) { cost += min(abs(piece.start - place.start), abs(piece.end - place.end)) }
            ways.append((cost, chosen))
        }
        ways.sort { $0.cost < $1.cost }
        guard let best = ways.first, ways.count == 1 || ways[1].cost - best.cost >= 3 else { return nil }
        return Dictionary(uniqueKeysWithValues: zip(best.chosen.map(\.column), pieces))
    }

    /// The caption of the text columns that a piece stands under.
    func textColumn(_ piece: TextPiece) -> Column {
        places.filter { !$0.column.isAmount }.min { abs($0.start - piece.start) < abs($1.start - piece.start) }?.column ?? .description
    }
}
