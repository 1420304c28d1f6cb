internal import CExpat
import Trade

/// Decodes the XML of a sheet (ECMA-376 part 1, 18.3.1) into a table: values separated by 0x1F, rows ended by 0x1E, blank rows and
/// columns kept, so that places are the spreadsheet's own. What is no text starts with a type mark (`SheetMark`).
///
/// It runs once for each cell of a million lines: no `String`, no memory of its own for each cell.
struct SheetDecoder: XMLPart {
    /// Where the reading is; what none of these elements holds is skipped.
    private enum Place { case outside, sheet, row, cell, value, inline, inlineText }
    private enum Kind { case number, shared, text, boolean, error, date }

    private let shared: SharedStrings
    private let styles: CellStyles
    private let system: CellDate.System

    private var place = Place.outside
    /// Depth below an element that is skipped.
    private var skipped = 0
    private var isPhonetic = false

    private(set) var rows: SheetRows
    private(set) var hasSheetData = false
    private(set) var merges: [MergedArea] = []
    /// First cells with a formula whose result was never calculated.
    private(set) var uncalculated: [Location] = []

    private var row = 0
    private var column = 0
    private var kind = Kind.number
    private var style = 0
    private var hasFormula = false
    private var value: [UInt8] = []

    init(shared: SharedStrings, styles: CellStyles, system: CellDate.System, limit: Int) {
        rows = SheetRows(limit: limit)
        self.shared = shared
        self.styles = styles
        self.system = system
        value.reserveCapacity(1024)
    }

    mutating func reserve(_ bytes: Int) { rows.reserve(bytes) }

    private var at: Location { .row(row, column: column) }

    // MARK: Elements

    /// Element names as `XMLName.packed` has them.
    private enum Name {
        static var c: UInt64 { 0x63 }
        static var v: UInt64 { 0x76 }
        static var f: UInt64 { 0x66 }
        static var t: UInt64 { 0x74 }
        static var inline: UInt64 { 0x6973 }  // is
        static var row: UInt64 { 0x72_6F77 }
        static var phonetic: UInt64 { 0x72_5068 }  // rPh
        static var run: UInt64 { 0x72 }  // r
    }

    private mutating func start(_ name: XMLName, _ attributes: XMLAttributes, _ control: inout XMLControl) {
        if skipped > 0 {
            skipped += 1
            return
        }
        let packed = name.packed
        switch (place, packed) {
        case (.row, Name.c):
            place = .cell
            startCell(attributes, &control)
        case (.cell, Name.v):
            place = .value
            value.removeAll(keepingCapacity: true)
        case (.sheet, Name.row):
            place = .row
            startRow(attributes, &control)
        case (.cell, Name.inline):
            place = .inline
            value.removeAll(keepingCapacity: true)
        case (.inline, Name.t): place = .inlineText
        case (.inline, Name.run): break
        case (.outside, _):
            if name.string == "sheetData" {
                place = .sheet
                hasSheetData = true
            } else if name.string == "mergeCell" {
                merge(attributes, &control)
            }
        default:
            if packed == Name.f { hasFormula = true }
            skipped = 1
        }
    }

    private mutating func end(_ name: XMLName, _ control: inout XMLControl) {
        if skipped > 0 {
            skipped -= 1
            return
        }
        switch place {
        case .value,
            .inline where name.packed != Name.run:
            place = .cell
        case .inlineText: place = .inline
        case .cell:
            endCell(&control)
            place = .row
        case .row:
            finish(rows.end(), &control)
            place = .sheet
        case .sheet: place = .outside
        case .outside, .inline: break
        }
    }

    private mutating func append(_ characters: UnsafeBufferPointer<UInt8>, _ control: inout XMLControl) {
        guard place == .value || place == .inlineText, skipped == 0 else { return }
        value.append(contentsOf: characters)
        if value.count > SheetBounds.cell {
            control.stop(
                Problem(.tooLarge, at: at, "a cell with more than \(SheetBounds.cell) bytes", advice: Workbook.again))
        }
    }

    // MARK: Rows and cells

    private mutating func startRow(_ attributes: XMLAttributes, _ control: inout XMLControl) {
        column = 0
        row += 1
        var next = attributes
        while let key = next[0], let text = next[1] {
            if key[0] == 114, key[1] == 0 {  // r
                guard let number = Self.number(text, upTo: SheetBounds.rows), number > 0 else {
                    control.stop(
                        Problem(
                            .tooLarge, at: .row(row), "a row number that no spreadsheet has; at most \(SheetBounds.rows)",
                            advice: Workbook.again))
                    return
                }
                row = number
            }
            next += 2
        }
        guard row <= SheetBounds.rows else {
            control.stop(Problem(.tooLarge, at: .row(row), "more than \(SheetBounds.rows) rows", advice: "send it in parts"))
            return
        }
        finish(rows.begin(row), &control)
    }

    private mutating func startCell(_ attributes: XMLAttributes, _ control: inout XMLControl) {
        column += 1
        kind = .number
        style = 0
        hasFormula = false
        value.removeAll(keepingCapacity: true)
        var next = attributes
        while let key = next[0], let text = next[1] {
            if key[1] == 0 {
                switch key[0] {
                case 114:  // r
                    guard let (found, number) = Self.reference(text), found > 0, found <= SheetBounds.columns,
                        number == nil || number == row
                    else {
                        control.stop(
                            Problem(
                                .malformed, at: at, "a cell in row \(row) says that it is \(Text.quote(Array(String(cString: text).utf8)))",
                                advice: Workbook.again))
                        return
                    }
                    column = found
                case 115: style = Self.number(text, upTo: Int(Int32.max)) ?? -1  // s
                case 116: kind = Self.kind(text)  // t
                default: break
                }
            }
            next += 2
        }
        if column > SheetBounds.columns {
            control.stop(Problem(.tooLarge, at: at, "more than \(SheetBounds.columns) columns", advice: Workbook.again))
        }
    }

    private static func kind(_ text: UnsafePointer<CChar>) -> Kind {
        switch (UInt8(bitPattern: text[0]), text[0] == 0 ? 0 : UInt8(bitPattern: text[1])) {
        case (115, 0): .shared  // s
        case (115, _), (105, _): .text  // str, inlineStr
        case (98, 0): .boolean
        case (101, 0): .error
        case (100, 0): .date
        default: .number
        }
    }

    private mutating func endCell(_ control: inout XMLControl) {
        let formula = hasFormula && value.isEmpty
        if value.isEmpty, !(formula && kind == .number) { return }
        var number = 0
        if kind == .shared {
            guard let found = Self.index(value), found < shared.count else {
                control.stop(
                    Problem(
                        .malformed, at: at, "the cell names text number \(Text.quote(value)) of \(shared.count)", advice: Workbook.again))
                return
            }
            if shared.isEmpty(found) { return }
            number = found
        }
        if let problem = rows.beginCell(column, row) {
            control.stop(problem)
            return
        }
        switch kind {
        case .shared: shared.append(number, to: &rows.text)
        case .text:
            CellText.unescape(&value, from: 0)
            rows.text.append(contentsOf: value)
        case .error:
            rows.text.append(SheetMark.error)
            rows.text.append(contentsOf: value)
        case .boolean:
            rows.text.append(SheetMark.boolean)
            rows.text.append(contentsOf: value == [49] || value == Array("true".utf8) ? "TRUE".utf8 : "FALSE".utf8)
        case .date:
            let isDate = value.withUnsafeBufferPointer { CellDate.append(iso: $0, to: &rows.text) }
            if !isDate { rows.text.append(contentsOf: value) }
        case .number where formula:
            if uncalculated.count < TextBounds.problems { uncalculated.append(at) }
            rows.text.append(SheetMark.error)
            rows.text.append(contentsOf: "#NOT CALCULATED".utf8)
        case .number: appendNumber(&control)
        }
        rows.endCell()
    }

    private mutating func appendNumber(_ control: inout XMLControl) {
        let isNumber = value.withUnsafeBufferPointer { text in
            let text = Self.trimmed(text)
            guard let number = CellNumber(text) else { return false }
            switch styles[style] {
            case .date, .time:
                if CellDate.append(number, styles[style], system, to: &rows.text) { return true }
            case .padded(let width):
                rows.text.append(SheetMark.number)
                if number.appendPadded(width, to: &rows.text) { return true }
                rows.text.removeLast()
            case .percentage:
                number.appendPercentage(to: &rows.text)
                return true
            case .number: break
            }
            rows.text.append(SheetMark.number)
            number.append(text, to: &rows.text)
            return true
        }
        if !isNumber {
            control.stop(
                Problem(
                    .malformed, at: at, "the cell says that it is a number and holds \(Text.quote(value))", advice: Workbook.again))
        }
    }

    private mutating func merge(_ attributes: XMLAttributes, _ control: inout XMLControl) {
        var next = attributes
        while let key = next[0], let text = next[1] {
            if key[0] == 114, String(cString: key) == "ref" {
                let corners = String(cString: text).split(separator: ":", maxSplits: 1).map { $0.withCString { Self.reference($0) } }
                if corners.count == 2, let first = corners[0], let last = corners[1], let top = first.row, let bottom = last.row {
                    merges.append(MergedArea(rows: top...max(top, bottom), columns: first.column...max(first.column, last.column)))
                }
            }
            next += 2
        }
        if merges.count > SheetBounds.merges {
            control.stop(Problem(.tooLarge, at: .file, "more than \(SheetBounds.merges) merged areas in a sheet", advice: Workbook.again))
        }
    }

    private func finish(_ problem: Problem?, _ control: inout XMLControl) {
        if let problem { control.stop(problem) }
    }

    // MARK: Numbers in attributes

    /// `BC17`: column from 1 and row; no row in `BC`. Nil for anything else.
    static func reference(_ text: UnsafePointer<CChar>) -> (column: Int, row: Int?)? {
        var next = text
        var column = 0
        while case let byte = UInt8(bitPattern: next.pointee) & ~32, byte >= 65, byte <= 90 {
            column = column * 26 + Int(byte - 64)
            if column > SheetBounds.columns { return nil }
            next += 1
        }
        guard column > 0 else { return nil }
        if next.pointee == 0 { return (column, nil) }
        guard let row = number(next, upTo: SheetBounds.rows), row > 0 else { return nil }
        return (column, row)
    }

    private static func number(_ text: UnsafePointer<CChar>, upTo limit: Int) -> Int? {
        var next = text
        var value = 0
        while next.pointee != 0 {
            let digit = Int(next.pointee) - 48
            guard digit >= 0, digit <= 9 else { return nil }
            value = value * 10 + digit
            if value > limit { return nil }
            next += 1
        }
        return next == text ? nil : value
    }

    private static func index(_ text: [UInt8]) -> Int? {
        var value = 0
        for byte in text where byte != 32 && byte != 10 {
            guard byte >= 48, byte <= 57, value <= SheetBounds.strings else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    private static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var (start, end) = (0, text.count)
        while start < end, text[start] <= 32 { start += 1 }
        while end > start, text[end - 1] <= 32 { end -= 1 }
        return UnsafeBufferPointer(rebasing: text[start..<end])
    }

    static let callbacks = XMLCallbacks(
        start: { user, name, attributes in
            guard let user, let name, let attributes else { return }
            let control = XMLControl.of(user)
            control.pointee.enter()
            control.pointee.part.assumingMemoryBound(to: SheetDecoder.self).pointee.start(XMLName(name), attributes, &control.pointee)
        },
        end: { user, name in
            guard let user, let name else { return }
            let control = XMLControl.of(user)
            control.pointee.leave()
            control.pointee.part.assumingMemoryBound(to: SheetDecoder.self).pointee.end(XMLName(name), &control.pointee)
        },
        text: { user, characters, count in
            guard let user, let characters else { return }
            let control = XMLControl.of(user)
            characters.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
                control.pointee.part.assumingMemoryBound(to: SheetDecoder.self).pointee.append(
                    UnsafeBufferPointer(start: $0, count: Int(count)), &control.pointee)
            }
        })
}
