import Trade

/// Cells that a spreadsheet shows as one (ECMA-376 part 1, 18.3.1.55): only the first has a value, whatever lies hidden under it.
struct MergedArea {
    /// From 1.
    var rows: ClosedRange<Int>
    var columns: ClosedRange<Int>

    /// The table without the values that nobody sees, and whether there were any.
    static func clear(_ areas: [MergedArea], of table: consuming [UInt8]) throws(ReadFailure) -> (table: [UInt8], at: Location?) {
        guard !areas.isEmpty else { return (table, nil) }
        let areas = areas.sorted { $0.rows.lowerBound < $1.rows.lowerBound }
        var cleared: [UInt8] = []
        cleared.reserveCapacity(table.count)
        var first: Location?
        var active: [MergedArea] = []
        var (next, row, start) = (0, 0, 0)
        while start < table.count, let stop = table[start...].firstIndex(of: SheetMark.row) {
            row += 1
            active.removeAll { $0.rows.upperBound < row }
            while next < areas.count, areas[next].rows.lowerBound <= row {
                if areas[next].rows.upperBound >= row { active.append(areas[next]) }
                next += 1
            }
            guard active.count <= SheetBounds.mergesOverRow else {
                throw .rejected([
                    Problem(
                        .tooLarge, at: .row(row), "more than \(SheetBounds.mergesOverRow) merged areas reach over one row",
                        advice: Workbook.again)
                ])
            }
            if active.isEmpty || stop == start {
                cleared.append(contentsOf: table[start...stop])
            } else {
                var column = 0
                for cell in table[start..<stop].split(separator: SheetMark.cell, omittingEmptySubsequences: false) {
                    column += 1
                    if column > 1 { cleared.append(SheetMark.cell) }
                    if cell.isEmpty { continue }
                    let isHidden = active.contains {
                        $0.columns.contains(column) && (row > $0.rows.lowerBound || column > $0.columns.lowerBound)
                    }
                    if isHidden {
                        first = first ?? .row(row, column: column)
                    } else {
                        cleared.append(contentsOf: cell)
                    }
                }
                cleared.append(SheetMark.row)
            }
            start = stop + 1
        }
        return (cleared, first)
    }
}
