import Trade

// How a mail's lines are gathered into letters: labels, header, table.

extension MailReading {
    /// Collects the next letter. Nil when no label is left.
    static func letter(_ bytes: Span<UInt8>, _ lines: [TextLine], from index: inout Int) -> Letter? {
        var letter: Letter?
        // HTML: the header of the present page, whose columns may stand in another order
        var page: MailTable?
        while index < lines.count {
            let line = lines[index]
            let labels = labels(bytes, lines, index)
            if !labels.found.isEmpty {
                if letter?.table != nil { return letter }
                for (label, value) in labels.found {
                    if letter == nil { letter = Letter(last: line) }
                    if letter?.labels[label] == nil { letter?.labels[label] = (value, line) }
                }
                index += labels.lines - 1
            } else if letter != nil, let table = MailTable(bytes, line) {
                // the header stands again at the top of each page
                if letter?.table == nil {
                    letter?.table = table
                    letter?.header = line
                }
                page = table
            } else if let table = letter?.table {
                if table.number == 0 {
                    letter?.lines.append(line)
                } else if let page, line.table > 0 {
                    letter?.rows.append(
                        CellRow(
                            line: line, cells: page.cells(line), spans: line.cells.contains { $0.span > 1 && !$0.range.isEmpty },
                            other: line.table == page.number ? nil : page.width))
                }
            }
            letter?.last = lines[min(index, lines.count - 1)]
            index += 1
        }
        return letter
    }

    /// The labels of a line with their values, and over how many lines these go.
    private static func labels(
        _ bytes: Span<UInt8>, _ lines: [TextLine], _ index: Int
    ) -> (found: [(MailLabel, Range<Int>)], lines: Int) {
        let line = lines[index]
        if !line.cells.isEmpty { return cellLabels(bytes, lines, index) }
        guard let (label, value) = MailLabel.read(bytes, line) else { return ([], 0) }
        guard value.isEmpty else { return ([(label, value)], 1) }
        // the value may stand in the next line, as where a table was saved as text
        for next in index + 1..<min(index + 3, lines.count) {
            let value = Blank.trimmed(bytes, lines[next].range)
            if value.isEmpty { continue }
            let isValue = value.count <= 200 && MailLabel.read(bytes, value) == nil && MailTable(bytes, lines[next]) == nil
            return isValue && lines[next].cells.isEmpty
                ? ([(label, value)], next - index + 1) : ([(label, value.lowerBound..<value.lowerBound)], 1)
        }
        return ([(label, value)], 1)
    }

    /// Labels in cells: each before its value, in one cell with it, or in a row above the row of the values.
    private static func cellLabels(
        _ bytes: Span<UInt8>, _ lines: [TextLine], _ index: Int
    ) -> (found: [(MailLabel, Range<Int>)], lines: Int) {
        let cells = lines[index].cells.filter { !$0.range.isEmpty }
        var found: [(MailLabel, Range<Int>)] = []
        var bare: [(label: MailLabel, cell: TextCell)] = []
        var open: (label: MailLabel, cell: TextCell)?
        for cell in cells {
            if let (label, value) = MailLabel.read(bytes, cell.range), !value.isEmpty {
                found.append((label, value))
                open = nil
            } else if let label = MailLabel.read(bytes, cell.range)?.0 ?? MailLabel.exactly(bytes, cell.range) {
                bare.append((label, cell))
                open = (label, cell)
            } else if let label = open?.label {
                found.append((label, cell.range))
                open = nil
            }
        }
        if !found.isEmpty { return (found, 1) }
        guard bare.count > 1, bare.count == cells.count, index + 1 < lines.count, lines[index + 1].table == lines[index].table else {
            // one label with an empty cell behind it
            return bare.count == 1 && cells.count == 1
                ? ([(bare[0].label, bare[0].cell.range.upperBound..<bare[0].cell.range.upperBound)], 1) : ([], 0)
        }
        let values = lines[index + 1].cells
        for (label, cell) in bare {
            guard let value = values.first(where: { $0.column == cell.column }), MailLabel.exactly(bytes, value.range) == nil else {
                continue
            }
            found.append((label, value.range))
        }
        return (found, 2)
    }
}
