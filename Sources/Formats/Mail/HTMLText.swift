import Trade

/// The text of an HTML body as lines, and the rows of its tables as cells.
///
/// Tags are read here in one pass. libxml2's parser compares each attribute of a tag with all before it and searches the open
/// elements at each closing tag, so that a few megabytes of hostile HTML keep it busy for hours; its table of entities is used.
struct HTMLText {
    struct Cell {
        var text: [UInt8]
        var column: Int
        var span: Int
    }

    /// A line of text, or a row of cells.
    struct Item {
        var text: [UInt8] = []
        var cells: [Cell] = []
        /// Rows of one table have one number; 0 = no row.
        var table = 0
        var line: Int
    }

    /// A cell while it is read.
    struct OpenCell {
        var items: [Item] = []
        var span: Int
        var rows: Int
    }

    struct Table {
        var number: Int
        var items: [Item] = []
        var row: [OpenCell] = []
        var isInCell = false
        /// Rows below that a cell above still spans, by column.
        var spans: [Int] = []
    }

    var items: [Item] = []
    /// The document ends inside a tag or a table, or before `</html>`.
    private(set) var isCut = false

    let bytes: [UInt8]
    var tables: [Table] = []
    private var tableCount = 0
    var text: [UInt8] = []
    var wantsBlank = false
    var preformatted = 0
    var line = 1
    var textLine = 1
    /// An element that is not shown, and how many of its name are open.
    var hidden: (name: String, depth: Int)?

    /// Tags by which a text is known to be HTML.
    static func looksLike(_ head: Span<UInt8>) -> Bool {
        let count = min(head.count, FileHead.limit)
        for index in 0..<count where head[index] == 60 {
            var name: [UInt8] = []
            var next = index + 1
            while next < count, name.count < 9, head[next] | 32 >= 97 && head[next] | 32 <= 122 || head[next] == 33 {
                name.append(head[next] | 32)
                next += 1
            }
            // in front of a blank or the tag's end; "!" | 32 is itself
            guard next < count, head[next] == 62 || head[next] <= 32 || head[next] == 47 else { continue }
            switch String(decoding: name, as: UTF8.self) {
            case "html", "!doctype", "body", "table", "div", "br", "pre", "tr", "td", "head", "p", "span": return true
            default: continue
            }
        }
        return false
    }

    /// - Parameter bytes: UTF-8, at most `MailBounds.html`.
    init(_ bytes: [UInt8]) throws(ReadFailure) {
        self.bytes = bytes
        var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var (opened, closed) = (false, false)
        while index < bytes.count {
            guard bytes[index] == 60 else {
                index = characters(from: index)
                continue
            }
            guard let tag = tag(at: &index) else { continue }
            if tag.name == "html" { if tag.isClosing { closed = true } else { opened = true } }
            try element(tag)
            if !tag.isClosing, tag.name == "script" || tag.name == "style" { skip(to: tag.name, &index) }
        }
        if !tables.isEmpty || opened && !closed { isCut = true }
        flush()
        while !tables.isEmpty { endTable() }
    }

    // MARK: Tags

    private struct Tag {
        var name: String
        var isClosing = false
        var columns = 1
        var rows = 1
        var isHidden = false
        var isPreformatted = false
        /// A paragraph without the blank line around it: Outlook's, or by its style.
        var isTight = false
    }

    /// Reads the tag at `<`; nil for what is none: a comment, a declaration, a sign in the text.
    private mutating func tag(at index: inout Int) -> Tag? {
        let start = index
        guard index + 1 < bytes.count else {
            index += 1
            isCut = true
            return nil
        }
        let next = bytes[index + 1]
        if next == 33 || next == 63 {
            skipDeclaration(&index)
            return nil
        }
        var tag = Tag(name: "")
        index += 1
        if next == 47 {
            tag.isClosing = true
            index += 1
        }
        let name = index
        while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
        guard index > name, isLetter(bytes[name]) else {
            // `<` in a text, as in "a < b"
            index = start + 1
            add(60)
            return nil
        }
        tag.name = String(decoding: bytes[name..<min(index, name + 24)], as: UTF8.self).lowercased()
        attributes(&tag, &index)
        return tag
    }

    func isLetter(_ byte: UInt8) -> Bool { byte | 32 >= 97 && byte | 32 <= 122 }
    private func isNameByte(_ byte: UInt8) -> Bool { isLetter(byte) || byte >= 48 && byte <= 58 || byte == 45 }

    private mutating func attributes(_ tag: inout Tag, _ index: inout Int) {
        while index < bytes.count, bytes[index] != 62 {
            if bytes[index] <= 32 || bytes[index] == 47 {
                if bytes[index] == 10 { line += 1 }
                index += 1
                continue
            }
            let start = index
            while index < bytes.count, bytes[index] > 32, bytes[index] != 61, bytes[index] != 62 { index += 1 }
            let name = start..<index
            while index < bytes.count, bytes[index] <= 32 {
                if bytes[index] == 10 { line += 1 }
                index += 1
            }
            guard index < bytes.count, bytes[index] == 61 else {
                if index == start { index += 1 }
                continue
            }
            index += 1
            while index < bytes.count, bytes[index] <= 32 {
                if bytes[index] == 10 { line += 1 }
                index += 1
            }
            let value = value(&index)
            if name.count <= 8, value.count <= 4096 { attribute(name, value, &tag) }
        }
        if index >= bytes.count { isCut = true }
        index = min(index + 1, bytes.count)
    }

    /// An attribute's value, without its quotes.
    private mutating func value(_ index: inout Int) -> Range<Int> {
        guard index < bytes.count else { return index..<index }
        let quote = bytes[index]
        guard quote == 34 || quote == 39 else {
            let start = index
            while index < bytes.count, bytes[index] > 32, bytes[index] != 62 { index += 1 }
            return start..<index
        }
        index += 1
        let start = index
        while index < bytes.count, bytes[index] != quote {
            if bytes[index] == 10 { line += 1 }
            index += 1
        }
        let end = index
        index = min(index + 1, bytes.count)
        return start..<end
    }

    private func attribute(_ name: Range<Int>, _ value: Range<Int>, _ tag: inout Tag) {
        func words() -> String { String(decoding: bytes[value], as: UTF8.self).lowercased() }
        switch String(decoding: bytes[name], as: UTF8.self).lowercased() {
        case "colspan": tag.columns = max(1, min(Int(words()) ?? 1, MailBounds.columns))
        case "rowspan": tag.rows = max(1, min(Int(words()) ?? 1, 1_000))
        case "hidden": tag.isHidden = true
        case "class": if words().hasPrefix("mso") { tag.isTight = true }
        case "style":
            let style = words().filter { !$0.isWhitespace }
            if style.contains("display:none") { tag.isHidden = true }
            if style.contains("white-space:pre") { tag.isPreformatted = true }
            if style.contains("margin:0") || style.contains("margin-top:0") || style.contains("margin-bottom:0") { tag.isTight = true }
        default: break
        }
    }

    /// Comments, conditional comments, document types, processing instructions.
    private mutating func skipDeclaration(_ index: inout Int) {
        let isComment = index + 3 < bytes.count && bytes[index + 1] == 33 && bytes[index + 2] == 45 && bytes[index + 3] == 45
        index += isComment ? 4 : 2
        while index < bytes.count {
            if bytes[index] == 10 { line += 1 }
            if bytes[index] == 62, !isComment || bytes[index - 1] == 45 && bytes[index - 2] == 45 {
                index += 1
                return
            }
            index += 1
        }
        isCut = true
    }

    /// Passes over the text of a script or style sheet, which is no HTML.
    private mutating func skip(to name: String, _ index: inout Int) {
        let name = Array(name.utf8)
        while index < bytes.count {
            if bytes[index] == 60, index + 1 < bytes.count, bytes[index + 1] == 47,
                bytes[(index + 2)...].prefix(name.count).map({ $0 | 32 }) == name
            {
                return
            }
            if bytes[index] == 10 { line += 1 }
            index += 1
        }
        isCut = true
    }

    // MARK: Elements

    private static let void: Set<String> = ["br", "hr", "img", "meta", "link", "input", "col", "base", "area", "wbr", "source"]
    private static let unseen: Set<String> = ["script", "style", "title", "xml", "noscript", "template"]

    private mutating func element(_ tag: Tag) throws(ReadFailure) {
        if let open = hidden {
            if tag.name == open.name, !Self.void.contains(tag.name) {
                hidden?.depth += tag.isClosing ? -1 : 1
                if hidden?.depth == 0 { hidden = nil }
            }
            return
        }
        if !tag.isClosing, tag.isHidden || Self.unseen.contains(tag.name), !Self.void.contains(tag.name) {
            hidden = (tag.name, 1)
            return
        }
        switch tag.name {
        case "br": flush(evenEmpty: true)
        case "pre":
            flush()
            preformatted = max(0, preformatted + (tag.isClosing ? -1 : 1))
        case "p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr":
            flush()
            // a browser leaves a line free around it
            if !tag.isTight, tag.name != "p" || !tag.isClosing { emit(Item(line: line)) }
        case "div", "ul", "ol", "li", "dl", "dt", "dd", "section", "article", "header", "footer", "center", "address", "form", "body",
            "caption", "thead", "tbody", "tfoot", "fieldset", "main":
            flush()
        case "table":
            flush()
            if tag.isClosing { endTable() } else { try beginTable() }
        case "tr":
            flush()
            endRow()
        case "td", "th":
            flush()
            guard !tables.isEmpty else { return }
            let last = tables.count - 1
            tables[last].isInCell = !tag.isClosing
            if !tag.isClosing, tables[last].row.count < MailBounds.columns {
                tables[last].row.append(OpenCell(span: tag.columns, rows: tag.rows))
            }
        default: break
        }
    }

    private mutating func beginTable() throws(ReadFailure) {
        guard tables.count < MailBounds.tables else {
            throw .rejected([
                Problem(
                    .tooLarge, at: .line(line), "tables stand in tables more than \(MailBounds.tables) deep",
                    advice: "save the text of the mail")
            ])
        }
        tableCount += 1
        tables.append(Table(number: tableCount))
    }

    private mutating func endTable() {
        guard !tables.isEmpty else { return }
        endRow()
        let table = tables.removeLast()
        // what stands behind a table does not continue its last row
        for item in table.items { emit(item) }
        emit(Item(line: line))
    }

    /// Puts a row together from its cells.
    private mutating func endRow() {
        guard !tables.isEmpty else { return }
        let last = tables.count - 1
        let row = tables[last].row
        tables[last].row = []
        tables[last].isInCell = false
        guard !row.isEmpty else { return }
        let isLayout = row.contains { $0.items.contains { !$0.cells.isEmpty } }
        let lines = row.map { $0.items.filter { !Self.isBlank($0.text) } }
        let filled = lines.filter { !$0.isEmpty }
        if isLayout || row.count == 1 && row[0].span == 1 {
            for cell in row {
                tables[last].items += cell.items
                if row.count > 1 { tables[last].items.append(Item(line: line)) }
            }
            return
        }
        if let first = filled.first, first.count > 1 {
            // a column of labels beside a column of values
            if filled.count == 2, filled[1].count == first.count, first.allSatisfy({ Self.isLabel($0.text) }) {
                for (label, value) in zip(first, filled[1]) {
                    let cells = [Cell(text: label.text, column: 0, span: 1), Cell(text: value.text, column: 1, span: 1)]
                    tables[last].items.append(Item(cells: cells, table: tables[last].number, line: label.line))
                }
                return
            }
            // several lines with labels of their own: a layout
            if filled.contains(where: { $0.count > 1 && $0.filter { Self.isLabel($0.text) }.count > 1 }) {
                for cell in row { tables[last].items += cell.items }
                return
            }
        }
        tables[last].items.append(spread(row, lines, last))
    }

    /// Gives each cell its column, around those that cells above still span.
    private mutating func spread(_ row: [OpenCell], _ lines: [[Item]], _ last: Int) -> Item {
        var item = Item(table: tables[last].number, line: lines.joined().first?.line ?? line)
        var spans = tables[last].spans
        let before = spans
        var column = 0
        for (cell, lines) in zip(row, lines) {
            while column < before.count, before[column] > 0 { column += 1 }
            guard column < MailBounds.columns else { break }
            // a wrapped number goes on without a separator
            let text = lines.map { Self.collapsed($0.text) }.joined()
            item.cells.append(Cell(text: Array(text), column: column, span: cell.span))
            for _ in 0..<min(cell.span, MailBounds.columns - column) {
                while spans.count <= column { spans.append(0) }
                spans[column] = max(spans[column], cell.rows)
                column += 1
            }
        }
        tables[last].spans = spans.map { max(0, $0 - 1) }
        return item
    }

    private static func isBlank(_ text: [UInt8]) -> Bool { text.allSatisfy { $0 <= 32 } }

    private static func isLabel(_ text: [UInt8]) -> Bool {
        MailLabel.read(text.span, TextLine(range: 0..<text.count, number: 1, isTerminated: true)) != nil
            || MailLabel.exactly(text.span, 0..<text.count) != nil
    }

    private static func collapsed(_ text: [UInt8]) -> [UInt8] {
        Array(text.split { $0 <= 32 }.joined(separator: [32]))
    }
}
