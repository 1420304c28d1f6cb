import Trade

/// All layouts, and which of them a table is.
struct LayoutCatalog: Sendable {
    let layouts: [Layout]
    private let tables: [[KnownTable]]
    /// Caption keys of first tables: which layouts have such a column.
    private let owners: [String: [Int]]

    /// - Parameter layouts: the users' own before the built-in ones; of two with one name the first counts.
    init(_ layouts: [Layout]) {
        var names: Set<String> = []
        // captions of the hand-written reader of that name are no table of their own
        self.layouts = layouts.filter { $0.name != VendorCentralRemittances.layout && names.insert($0.name).inserted }
        tables = self.layouts.map { layout in layout.tables.map { KnownTable($0, of: layout.document) } }
        var owners: [String: [Int]] = [:]
        for (index, known) in tables.enumerated() {
            for key in known.first?.columns.keys ?? [:].keys { owners[key, default: []].append(index) }
        }
        self.owners = owners
    }

    /// A table whose layout was found, at the row after its header.
    struct Found: Sendable {
        var layout: Int
        var header: TableHeader
        /// Has read the header.
        var rows: RowReader
        /// Values of the labels above the header that route the file.
        var routes: [String]
        /// Layouts that fit equally well, by name; then none is taken.
        var rivals: [String] = []
    }

    func header(_ layout: Int, table: Int, captions: [String], row: Int) -> TableHeader {
        TableHeader(tables[layout][table], captions: captions, keys: captions.map(CaptionKey.of), row: row)
    }

    /// Looks for a header among the first rows, under each of the delimiters.
    /// - Parameter isHead: the bytes are only the beginning of a file: a row that they cut is not looked at.
    func find(_ bytes: Span<UInt8>, delimiters: [UInt8], isHead: Bool = false) -> Found? {
        var best: Found?
        let mark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
        for delimiter in delimiters {
            var rows = RowReader(delimiter: delimiter, position: mark)
            var above: [[String]] = []
            while rows.row < TextBounds.preamble, (try? rows.next(bytes)) == true, rows.isTerminated || !isHead {
                let filled = rows.filled(bytes, limit: 2)
                if filled == 0 { continue }
                let cells = rows.fields.indices.map { rows.text(bytes, $0) }
                guard filled > 1, var found = match(cells, rows) else {
                    // a remittance export's payments: the table below them is the same export's, and is read with them
                    if RemittanceColumns.payments.match(cells) != nil { break }
                    above.append(cells)
                    continue
                }
                if found.header.score > best?.header.score ?? .min {
                    found.routes = routes(above, labels: layouts[found.layout].routes)
                    best = found
                }
                break
            }
        }
        return best
    }

    /// The layout that the captions fit best, if any.
    private func match(_ captions: [String], _ rows: RowReader) -> Found? {
        let keys = captions.map(CaptionKey.of)
        var counts: [Int: Int] = [:]
        for key in Set(keys) { for layout in owners[key] ?? [] { counts[layout, default: 0] += 1 } }
        var best: Found?
        for layout in counts.keys.sorted() where counts[layout] ?? 0 > 1 {
            let header = TableHeader(tables[layout][0], captions: captions, keys: keys, row: rows.row)
            guard header.isHeader else { continue }
            if let other = best, header.score == other.header.score {
                best?.rivals.append(layouts[layout].name)
            } else if header.score > best?.header.score ?? .min {
                best = Found(layout: layout, header: header, rows: rows, routes: [])
            }
        }
        return best
    }

    /// `Vendor code: ACME1`, in one cell or two.
    private func routes(_ rows: [[String]], labels: [String]) -> [String] {
        let labels = labels.map(CaptionKey.of).filter { !$0.isEmpty }
        var found: [String] = []
        for cells in rows {
            for (index, cell) in cells.enumerated() {
                let parts = cell.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard let label = parts.first, labels.contains(CaptionKey.of(String(label))) else { continue }
                let inside = parts.count > 1 ? String(parts[1]) : ""
                let value = CaptionKey.of(inside).isEmpty && index + 1 < cells.count ? cells[index + 1] : inside
                // a preamble of another delimiter than the table's
                if let id = value.split(whereSeparator: { " ,;|\t".contains($0) }).first.map(String.init), !found.contains(id) {
                    found.append(id)
                }
            }
        }
        return found
    }
}
