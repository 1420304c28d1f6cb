import Testing
import Trade

@testable import Formats

/// Rows of text are cut 64 bytes at a glance; here beside a model that looks at one byte after the other.
struct RowReaderTests {
    /// What became of a text: its rows, and what ended them before the text did.
    private struct Cut: Equatable {
        var rows: [Row] = []
        var failure: Problem?
    }

    private struct Row: Equatable {
        var number: Int
        var start: Int
        var end: Int
        var isTerminated: Bool
        var fields: [Field]
    }

    private struct Field: Equatable {
        var range: Range<Int>
        var isEscaped = false
    }

    private static func cut(_ bytes: Span<UInt8>, _ reader: RowReader) -> Cut {
        var (rows, cut) = (reader, Cut())
        do throws(ReadFailure) {
            while try rows.next(bytes) { cut.rows.append(row(rows)) }
        } catch {
            if case .rejected(let problems) = error { cut.failure = problems.first }
        }
        return cut
    }

    private static func row(_ rows: RowReader) -> Row {
        Row(
            number: rows.row, start: rows.start, end: rows.position, isTerminated: rows.isTerminated,
            fields: rows.fields.map { Field(range: $0.range, isEscaped: $0.isEscaped) })
    }

    // MARK: The model

    private struct Model {
        let text: [UInt8]
        let delimiter: UInt8
        let width: Int
        var cut = Cut()
        private var index: Int
        private var row = 0
        private var start = 0
        private var fields: [Field] = []

        init(_ text: [UInt8], _ delimiter: UInt8, from: Int = 0, width: Int = .max) {
            (self.text, self.delimiter, index, self.width) = (text, delimiter, from, width)
            while cut.failure == nil, index < text.count { step() }
        }

        private func isEnd(_ index: Int) -> Bool { index >= text.count || text[index] == delimiter || isBreak(index) }
        private func isBreak(_ index: Int) -> Bool { text[index] == 10 || text[index] == 13 }

        /// One row.
        private mutating func step() {
            row += 1
            start = index
            fields = []
            while true {
                if index < text.count, text[index] == 34, delimiter != 9 || isClosed(index + 1) {
                    guard quoted() else { return }
                } else {
                    let from = index
                    while !isEnd(index) { index += 1 }
                    guard isShort(index) else { return }
                    guard add(Field(range: from..<index)) else { return }
                }
                if index < text.count, text[index] == delimiter {
                    index += 1
                    continue
                }
                let isTerminated = index < text.count
                if isTerminated {
                    index += text[index] == 13 && index + 1 < text.count && text[index + 1] == 10 ? 2 : 1
                }
                cut.rows.append(Row(number: row, start: start, end: index, isTerminated: isTerminated, fields: fields))
                return
            }
        }

        private mutating func quoted() -> Bool {
            let from = index
            var isEscaped = false
            index += 1
            while index < text.count, text[index] != 34 || index + 1 < text.count && text[index + 1] == 34 {
                if text[index] == 34 { isEscaped = true }
                index += text[index] == 34 ? 2 : 1
            }
            guard isShort(index) else { return false }
            if index == text.count {
                return fail(.incomplete, column: fields.count + 1, byte: from, "the file ends inside a quoted field", "send the whole file")
            }
            let inside = from..<index
            let delimiters = inside.count { text[$0] == delimiter }
            if width < .max, inside.contains(where: isBreak), delimiters >= max(width - 1, 1) {
                return fail(
                    .malformed, column: fields.count + 1, byte: from,
                    "a quotation mark opens here and swallows rows: up to the next one stand line breaks and \(delimiters) delimiters",
                    "double each quotation mark that belongs to a text, or export again")
            }
            guard add(Field(range: from + 1..<index, isEscaped: isEscaped)) else { return false }
            index += 1
            if isEnd(index) { return true }
            return fail(.malformed, column: fields.count, byte: index, "text after the closing quote of a field", "export again")
        }

        /// Between tabs: whether the quotation mark before `from` is closed in its line, with nothing behind it.
        private func isClosed(_ from: Int) -> Bool {
            var index = from
            while index < text.count, !isBreak(index) {
                if text[index] == 34 {
                    if index + 1 >= text.count || text[index + 1] != 34 { return isEnd(index + 1) }
                    index += 1
                }
                index += 1
            }
            return false
        }

        private mutating func add(_ field: Field) -> Bool {
            guard fields.count < TextBounds.columns else {
                let problem = Problem(.tooLarge, at: .row(row), byte: field.range.lowerBound, "more than \(TextBounds.columns) columns")
                cut.failure = problem
                return false
            }
            fields.append(field)
            return true
        }

        /// - Parameter end: of what was read of the row, which is whole if the text ends with it.
        private mutating func isShort(_ end: Int) -> Bool {
            if end - start < TextBounds.row || end == text.count && end - start == TextBounds.row { return true }
            cut.failure = Problem(
                .tooLarge, at: .row(row), byte: start, "a row of more than \(TextBounds.row) bytes; a quoted field may lack its end",
                advice: "export again")
            return false
        }

        private mutating func fail(_ kind: Problem.Kind, column: Int, byte: Int, _ words: String, _ advice: String) -> Bool {
            cut.failure = Problem(kind, at: .row(row, column: column), byte: byte, words, advice: advice)
            return false
        }
    }

    // MARK: Random text

    /// Text in which most fields are plain, some are quoted, and some marks stand where none should.
    private static func text(_ delimiter: UInt8, _ random: inout TableRandom) -> [UInt8] {
        var text: [UInt8] = []
        let size = Int.random(in: 0...400, using: &random)
        // from no quotation marks at all to a text of nothing but marks
        let noise = [0, 0, 20, 8, 2].randomElement(using: &random) ?? 0
        let longest = [3, 12, 70, 200].randomElement(using: &random) ?? 3
        let breaks: [[UInt8]] = [[10], [13, 10], [13]]
        let usual = breaks.randomElement(using: &random) ?? [10]
        while text.count < size {
            if noise > 0, Int.random(in: 0..<noise, using: &random) == 0 {
                text += [[34], [delimiter], [10], [13], [34, 34], [0xC3, 0xA4]].randomElement(using: &random) ?? []
                continue
            }
            let isQuoted = noise > 0 && Int.random(in: 0..<4, using: &random) == 0
            if isQuoted { text.append(34) }
            for _ in 0..<Int.random(in: 0...longest, using: &random) {
                guard isQuoted, Int.random(in: 0..<6, using: &random) == 0 else {
                    text.append([48, 57, 65, 90].randomElement(using: &random) ?? 65)
                    continue
                }
                text += [[34, 34], [delimiter], usual].randomElement(using: &random) ?? []
            }
            if isQuoted { text.append(34) }
            text += Int.random(in: 0..<4, using: &random) == 0 ? usual : [delimiter]
        }
        // what a text ends with is as good as any other place
        return Array(text.prefix(size))
    }

    @Test func `rows cut by blocks are those cut byte by byte, wherever blocks and texts end`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        var (rows, failures) = (0, 0)
        for turn in 0..<6000 {
            let delimiter: UInt8 = [44, 59, 9, 124].randomElement(using: &random) ?? 44
            let text = Self.text(delimiter, &random)
            let from = [0, 0, 3, 63, 64, 65].randomElement(using: &random) ?? 0
            let width = [Int.max, .max, 2, 5].randomElement(using: &random) ?? .max
            var reader = RowReader(delimiter: delimiter, position: from)
            reader.width = width
            let cut = Self.cut(text.span, reader)
            let model = Model(text, delimiter, from: from, width: width).cut
            #expect(cut == model, "seed \(seed), turn \(turn), \(delimiter) from \(from) of \(text)")
            if cut != model { return }
            rows += cut.rows.count
            if cut.failure != nil { failures += 1 }
        }
        // all of it was met
        #expect(rows > 10_000 && failures > 300)
    }

    @Test func `a reader that is copied between two rows goes on twice`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        for _ in 0..<300 {
            let text = Self.text(44, &random)
            let whole = Model(text, 44).cut
            var reader = RowReader(delimiter: 44)
            var read: [Row] = []
            for row in whole.rows {
                let rest = Self.cut(text.span, reader)
                #expect(rest == Cut(rows: Array(whole.rows.dropFirst(read.count)), failure: whole.failure), "seed \(seed)")
                // the copy has left this one where it was
                #expect((try? reader.next(text.span)) == true && Self.row(reader) == row, "seed \(seed)")
                read.append(row)
            }
            #expect(read == whole.rows, "seed \(seed)")
        }
    }

    @Test func `a row of which one field is wanted is stepped over, or left to be read whole`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        var (skimmed, left) = (0, 0)
        for turn in 0..<6000 {
            let delimiter: UInt8 = [44, 59, 9, 124].randomElement(using: &random) ?? 44
            let text = Self.text(delimiter, &random)
            let span = text.span
            var rows = RowReader(delimiter: delimiter)
            rows.width = Int.random(in: 1...4, using: &random)
            let column = Int.random(in: 0..<rows.width, using: &random)
            var marks = RowMarks(delimiter: delimiter)
            while true {
                var whole = rows
                guard (try? whole.next(span)) == true else {
                    #expect(rows.skim(span, &marks, column: column) == nil, "seed \(seed), turn \(turn)")
                    break
                }
                let cell = whole.cell(span, column).range
                let isPlain =
                    whole.isTerminated && whole.count == rows.width && !text[whole.start..<whole.position].contains(34)
                    && text[cell].contains { $0 >= 48 && $0 <= 57 }
                let found = rows.skim(span, &marks, column: column)
                let isSame =
                    found == (isPlain ? cell : nil)
                    && (!isPlain || rows.position == whole.position && rows.row == whole.row && rows.start == whole.start)
                #expect(isSame, "seed \(seed), turn \(turn), column \(column) of \(rows.width), \(delimiter) in \(text)")
                if !isSame { return }
                if isPlain { skimmed += 1 } else { left += 1 }
                if !isPlain { rows = whole }
            }
        }
        // both were met
        #expect(skimmed > 1000 && left > 1000)
    }

    @Test func `a row may have so many bytes and no more`() {
        for size in [-65, -64, -63, -2, -1, 0, 1, 2].map({ TextBounds.row + $0 }) {
            for (head, tail) in [("", ""), ("", "\n"), ("", ",\n"), ("\"", "\""), ("\"", "\"\n"), ("\"", "\",\n"), ("A\n", "\nB")] {
                let text = Array(head.utf8) + [UInt8](repeating: 65, count: size - head.utf8.count - tail.utf8.count) + Array(tail.utf8)
                for more in ["", "B"] {
                    let all = text + Array(more.utf8)
                    let (cut, model) = (Self.cut(all.span, RowReader(delimiter: 44)), Model(all, 44).cut)
                    #expect(cut == model, "\(size) bytes between \(head) and \(tail), and \(more)")
                }
            }
        }
    }

    @Test(arguments: [255, 256, 257, 300]) func `a row may have so many columns and no more`(_ columns: Int) {
        for field in ["", "A", "\"A\""] {
            let text = Array((Array(repeating: field, count: columns).joined(separator: ",") + "\nB\n").utf8)
            let cut = Self.cut(text.span, RowReader(delimiter: 44))
            #expect(cut == Model(text, 44).cut)
            #expect((cut.failure == nil) == (columns <= TextBounds.columns))
        }
    }
}
