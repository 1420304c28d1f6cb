import Trade

/// The first rows of a table that nobody knows: which row its captions are, and what stands below them.
struct TableSample {
    /// Of the row with the captions, from 1.
    var row: Int
    /// 0x1F for a sheet of a workbook.
    var delimiter: UInt8
    /// Without blanks around them; empty where a column has none.
    var captions: [String]
    /// Rows below the captions, as wide as these; cells without blanks around them and without type marks.
    var rows: [[String]]

    /// Rows looked at below the captions: what a value looks like shows in the first.
    private static let depth = 200
    /// A table has at least so many captions.
    private static let fewest = 2

    /// - Parameter delimiters: to try; the one under which most captions stand in one row is taken.
    /// - Returns: nil if there is no row that could be captions.
    static func find(_ bytes: Span<UInt8>, delimiters: [UInt8] = [44, 59, 9, 124]) throws(ReadFailure) -> TableSample? {
        var best: (sample: TableSample, score: Int)?
        var failure: ReadFailure?
        for delimiter in delimiters {
            do throws(ReadFailure) {
                guard let sample = try find(bytes, delimiter: delimiter) else { continue }
                let score = sample.captions.count { !$0.isEmpty }
                if score > best?.score ?? 0 { best = (sample, score) }
            } catch { failure = error }  // quotes that mean nothing under this delimiter
        }
        if best == nil, let failure { throw failure }
        return best?.sample
    }

    private static func find(_ bytes: Span<UInt8>, delimiter: UInt8) throws(ReadFailure) -> TableSample? {
        var reader = RowReader(delimiter: delimiter)
        var first: [[String]] = []
        while first.count < TextBounds.preamble + depth, try reader.next(bytes) {
            first.append(reader.fields.indices.map { cell(bytes, reader, $0) })
        }
        // the captions are the first row that has more words, and no value, than any before it and nearly as many as any after it
        let scores = first.prefix(TextBounds.preamble).map { captionScore($0) }
        guard let most = scores.max(), most >= fewest, let index = scores.firstIndex(of: most) else { return nil }
        let width = (first[index].lastIndex { !$0.isEmpty } ?? -1) + 1
        let rows = first[(index + 1)...].filter { row in row.contains { !$0.isEmpty } }.map { row in
            Array((row + Array(repeating: "", count: max(0, width - row.count))).prefix(width))
        }
        return TableSample(row: index + 1, delimiter: delimiter, captions: Array(first[index].prefix(width)), rows: rows)
    }

    private static func cell(_ bytes: Span<UInt8>, _ reader: RowReader, _ column: Int) -> String {
        var text = reader.text(bytes, column)
        // a sheet's cells say by a mark what they are
        if let mark = text.unicodeScalars.first, mark.value < 5 { text.unicodeScalars.removeFirst() }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        return text
    }

    /// How many different words a row has; 0 if a cell of it looks like a value.
    private static func captionScore(_ row: [String]) -> Int {
        let cells = row.filter { !$0.isEmpty }
        if cells.contains(where: { ValueShape($0) != .text && !$0.allSatisfy(\.isLetter) }) { return 0 }
        return Set(cells.map(CaptionKey.of)).count
    }

    /// The different values of a column, in the order in which they come.
    func values(_ column: Int) -> [String] {
        var seen: Set<String> = []
        return rows.map { $0[column] }.filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}

/// What a value looks like, without any locale.
enum ValueShape: Hashable {
    case date, amount, count, text

    init(_ value: String) {
        let digits = value.unicodeScalars.count { $0.value >= 48 && $0.value <= 57 }
        let letters = value.unicodeScalars.count { $0.properties.isAlphabetic }
        let total = value.unicodeScalars.count
        if digits == total, digits > 0 {
            self = .count
        } else if Self.parts(of: value) != nil
            || letters == 3 && digits >= 4 && value.contains(where: { "- /,.".contains($0) }) && total <= 12
        {
            self = .date
        } else if digits > 0, letters <= 3, value.unicodeScalars.allSatisfy({ Self.isOfAmount($0) }) {
            self = .amount
        } else {
            self = .text
        }
    }

    private static func isOfAmount(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 48 && scalar.value <= 57 || " .,'-+()%\u{A0}\u{202F}".unicodeScalars.contains(scalar)
            || scalar.properties.generalCategory == .currencySymbol || scalar.properties.isUppercase
    }

    /// The three numbers of a numeric date; a time behind it does not count.
    static func parts(of value: String) -> [(number: Int, digits: Int)]? {
        let day = value.prefix { $0 != " " && $0 != "T" }
        let parts = day.split(omittingEmptySubsequences: false) { "/-.".contains($0) }
        guard parts.count == 3 else { return nil }
        let numbers = parts.compactMap { part -> (number: Int, digits: Int)? in
            guard (1...4).contains(part.count), part.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(part) else { return nil }
            return (number, part.count)
        }
        guard numbers.count == 3, numbers[0].digits == 4 || numbers[2].digits == 4 || numbers[2].digits == 2 else { return nil }
        return numbers
    }
}
