import Trade

/// The rows of a sheet as they are decoded. Nearly every sheet has them, and the cells in them, in order and once; what is not
/// is put in order at the end of the row and of the sheet.
struct SheetRows {
    /// The decoded table; values are appended to it between `beginCell` and `endCell`.
    var text: [UInt8] = []
    /// Bytes of text at most.
    let limit: Int

    private struct Cell {
        var column: Int
        var start: Int
        var end: Int
    }
    /// Rows that follow one another, blank ones filled in.
    private struct Run {
        var first: Int
        var last: Int
        var start: Int
    }

    private var runs: [Run] = []
    private var rowStart = 0
    private var cells: [Cell] = []
    private var isOrdered = true
    /// Column of the value last written; 0 at the beginning of a row.
    private var filled = 0

    init(limit: Int) { self.limit = limit }

    mutating func reserve(_ bytes: Int) { text.reserveCapacity(bytes) }

    private var full: Problem? {
        guard text.count > limit else { return nil }
        return Problem(.tooLarge, at: .file, "the sheet has more than \(limit) bytes of text", advice: "send it in parts")
    }

    mutating func begin(_ row: Int) -> Problem? {
        if let last = runs.indices.last, row > runs[last].last {
            let blank = row - runs[last].last - 1
            if blank > 0 { text.append(contentsOf: repeatElement(SheetMark.row, count: blank)) }
            runs[last].last = row
        } else {
            runs.append(Run(first: row, last: row, start: text.count))
        }
        rowStart = text.count
        filled = 0
        isOrdered = true
        cells.removeAll(keepingCapacity: true)
        return full
    }

    /// - Parameter column: from 1.
    mutating func beginCell(_ column: Int, _ row: Int) -> Problem? {
        if column > filled, isOrdered {
            for _ in max(filled, 1)..<column { text.append(SheetMark.cell) }
            filled = column
        } else {
            isOrdered = false
        }
        cells.append(Cell(column: column, start: text.count, end: text.count))
        // a row of one cell repeated would grow without end
        guard cells.count <= SheetBounds.columns else {
            return Problem(.malformed, at: .row(row), "the row has more cells than columns", advice: Workbook.again)
        }
        return full
    }

    mutating func endCell() { cells[cells.count - 1].end = text.count }

    mutating func end() -> Problem? {
        if !isOrdered, let problem = order() { return problem }
        text.append(SheetMark.row)
        return nil
    }

    /// Writes the row anew, by column.
    private mutating func order() -> Problem? {
        cells.sort { $0.column < $1.column }
        var row: [UInt8] = []
        for (index, cell) in cells.enumerated() {
            let before = index > 0 ? cells[index - 1].column : 1
            if index > 0, cell.column == before {
                return Problem(
                    .malformed, at: .row(runs.last?.last ?? 0, column: cell.column), "the cell stands twice in the sheet",
                    advice: Workbook.again)
            }
            row.append(contentsOf: repeatElement(SheetMark.cell, count: cell.column - before))
            row.append(contentsOf: text[cell.start..<cell.end])
        }
        text.replaceSubrange(rowStart..., with: row)
        return nil
    }

    /// The whole table, rows in order.
    consuming func table() throws(ReadFailure) -> [UInt8] {
        guard runs.count > 1 || runs.first.map({ $0.first > 1 }) ?? false else { return text }
        let ordered = runs.indices.sorted { runs[$0].first < runs[$1].first }
        // rows of several runs may lie between one another
        let isApart = zip(ordered, ordered.dropFirst()).allSatisfy { runs[$0].last < runs[$1].first }
        return isApart ? joined(ordered) : try woven()
    }

    private func joined(_ ordered: [Int]) -> [UInt8] {
        var table: [UInt8] = []
        table.reserveCapacity(text.count + (ordered.last.map { runs[$0].last } ?? 0))
        var row = 0
        for index in ordered {
            table.append(contentsOf: repeatElement(SheetMark.row, count: runs[index].first - row - 1))
            let end = index + 1 < runs.count ? runs[index + 1].start : text.count
            table.append(contentsOf: text[runs[index].start..<end])
            row = runs[index].last
        }
        return table
    }

    private func woven() throws(ReadFailure) -> [UInt8] {
        var rows: [(number: Int, range: Range<Int>)] = []
        for (index, run) in runs.enumerated() {
            let end = index + 1 < runs.count ? runs[index + 1].start : text.count
            var (number, start) = (run.first, run.start)
            while start < end, let stop = text[start..<end].firstIndex(of: SheetMark.row) {
                // blank rows were only filled in
                if stop > start { rows.append((number, start..<stop)) }
                number += 1
                start = stop + 1
            }
        }
        rows.sort { $0.number < $1.number }
        var table: [UInt8] = []
        table.reserveCapacity(text.count)
        var last = 0
        for row in rows {
            guard row.number > last else {
                throw .rejected([Problem(.malformed, at: .row(row.number), "the row stands twice in the sheet", advice: Workbook.again)])
            }
            table.append(contentsOf: repeatElement(SheetMark.row, count: row.number - last - 1))
            table.append(contentsOf: text[row.range])
            table.append(SheetMark.row)
            last = row.number
        }
        return table
    }
}
