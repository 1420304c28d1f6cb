import Testing
import Trade

@testable import Formats

@Suite struct WorkbookCells {
    // MARK: Texts

    @Test func `shared texts join their runs and leave out how they are pronounced`() throws {
        let book = TestWorkbook(
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c><c r=\"C1\" t=\"s\"><v>2</v></c></row>",
            strings: [
                "<t>plain</t>", "<r><rPr><b/></rPr><t xml:space=\"preserve\">two </t></r><r><t>runs</t></r>",
                "<t>課き</t><rPh sb=\"0\" eb=\"1\"><t>カ</t></rPh><phoneticPr fontId=\"1\"/>",
            ])
        #expect(try book.table() == "plain|two runs|課き\n")
    }

    @Test func `inline texts, results of formulas and empty texts`() throws {
        let book = TestWorkbook(
            """
            <row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>
            <c r="B1" t="str"><f>"x"&amp;"y"</f><v>xy</v></c><c r="C1" t="str"><f>""</f><v></v></c><c r="D1" t="s"><v>0</v></c>
            <c r="E1" t="inlineStr"><is><t>end &lt;&#65;&gt;</t></is></c></row>
            """, strings: ["<t/>"])
        #expect(try book.table() == "ab|xy|||end <A>\n")
    }

    @Test func `escaped characters are undone, but never into a mark of the table`() throws {
        let book = TestWorkbook(texts: [
            ["a_x000D_\nb", "_x005F_x000D_", "_x001F__x001E__x0001_", "_x00e9__X0041_", "_x12", "x_y_z", "_xD83D_"]
        ])
        #expect(try book.table() == "a\r\nb|_x000D_|_x001F__x001E__x0001_|éA|_x12|x_y_z|_xD83D_\n")
    }

    @Test func `numbers that are written as text stay text`() throws {
        #expect(try TestWorkbook(texts: [["0012", "1.50", "1E5"]]).table() == "0012|1.50|1E5\n")
    }

    @Test func `booleans and errors are marked`() throws {
        let rows = "<row><c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c></row>"
        #expect(try TestWorkbook(rows).table() == "?TRUE|?FALSE|!#N/A\n")
    }

    @Test func `a formula without a result is an error and is noted`() throws {
        let bytes = TestWorkbook("<row><c><f>A2*2</f></c><c><f>1+1</f><v/></c><c><f>1+1</f><v>2</v></c></row>").bytes()
        try bytes.withUnsafeBytes { buffer in
            let workbook = try Workbook(buffer)
            let table = try workbook.table(workbook.sheets[0])
            #expect(TestWorkbook.shown(table.text) == "!#NOT CALCULATED|!#NOT CALCULATED|#2\n")
            #expect(table.notes.map(\.code) == ["formula-not-calculated"])
            #expect(table.notes.first?.at == .row(1, column: 1))
        }
    }

    // MARK: Places

    @Test func `gaps between cells and rows stay blank`() throws {
        let rows =
            "<row r=\"2\"><c r=\"B2\"><v>1</v></c><c r=\"D2\"><v>2</v></c><c r=\"F2\" s=\"1\"/></row><row r=\"5\"><c r=\"A5\"><v>3</v></c></row>"
        #expect(try TestWorkbook(rows).table() == "\n|#1||#2\n\n\n#3\n")
    }

    @Test func `rows and cells without a place follow the one before`() throws {
        let rows =
            "<row><c><v>1</v></c><c r=\"C1\"><v>2</v></c><c><v>3</v></c></row><row r=\"3\"><c><v>4</v></c></row><row><c><v>5</v></c></row>"
        #expect(try TestWorkbook(rows).table() == "#1||#2|#3\n\n#4\n#5\n")
    }

    @Test func `cells out of order are put in order`() throws {
        let rows =
            "<row r=\"1\"><c r=\"C1\"><v>3</v></c><c r=\"A1\"><v>1</v></c><c r=\"B1\"><v>2</v></c></row><row r=\"2\"><c r=\"A2\"><v>4</v></c></row>"
        #expect(try TestWorkbook(rows).table() == "#1|#2|#3\n#4\n")
    }

    @Test(arguments: [[3, 1, 2], [2, 1], [1, 3, 2], [4, 5, 1], [9, 2, 5, 1], [7, 8, 1, 2, 4]])
    func `rows out of order are put in order`(_ order: [Int]) throws {
        let rows = order.map { "<row r=\"\($0)\"><c r=\"A\($0)\"><v>\($0)</v></c></row>" }.joined()
        let wanted = (1...(order.max() ?? 1)).map { order.contains($0) ? "#\($0)\n" : "\n" }.joined()
        #expect(try TestWorkbook(rows).table() == wanted)
    }

    @Test func `a cell or a row that stands twice is refused with its place`() throws {
        let cells = problems { _ = try TestWorkbook("<row r=\"4\"><c r=\"B4\"><v>1</v></c><c r=\"B4\"><v>2</v></c></row>").table() }
        #expect(cells.first?.description.hasPrefix("row 4, column 2: the cell stands twice") == true, "\(cells)")
        let rows = problems { _ = try TestWorkbook("<row r=\"3\"><c><v>1</v></c></row><row r=\"3\"><c><v>2</v></c></row>").table() }
        #expect(rows.first?.description.hasPrefix("row 3: the row stands twice") == true, "\(rows)")
    }

    @Test func `a cell that says it is elsewhere is refused`() throws {
        for place in ["A7", "7", "", "A0", "AAAA1", "a", "XFE1", "A1:B1", "Ä1"] {
            let found = problems { _ = try TestWorkbook("<row r=\"1\"><c r=\"\(place)\"><v>1</v></c></row>").table() }
            #expect(place == "a" ? found.isEmpty : found.first?.kind == .malformed, "\(place): \(found)")
        }
    }

    @Test func `only the first of merged cells has a value`() throws {
        var book = TestWorkbook(
            "<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c><c/><c><v>6</v></c></row><row><c><v>7</v></c></row>"
        )
        book.replace("xl/worksheets/sheet1.xml") {
            $0.replacing("</sheetData>", with: "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:B2\"/></mergeCells>")
        }
        #expect(try book.table() == "#1||#3\n||#6\n#7\n")
    }

    @Test func `an extension beside the cells is skipped`() throws {
        var book = TestWorkbook(
            "<row><c><v>1</v><extLst><ext><v>9</v><c><v>8</v></c></ext></extLst></c><extLst><c><v>7</v></c></extLst></row>")
        book.replace("xl/worksheets/sheet1.xml") {
            $0.replacing("</sheetData>", with: "</sheetData><extLst><row><c><v>5</v></c></row></extLst>")
        }
        #expect(try book.table() == "#1\n")
    }

    // MARK: Styles

    static let styles =
        "<numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd;@\"/><numFmt numFmtId=\"165\" formatCode=\"00000000\"/></numFmts>"
        + "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
        + "<cellXfs count=\"6\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf numFmtId=\"22\"/><xf numFmtId=\"20\"/></cellXfs>"

    @Test func `numbers become what their style shows`() throws {
        let rows = """
            <row><c s="0"><v>45292</v></c><c s="1"><v>45292</v></c><c s="2"><v>45292.0</v></c><c s="3"><v>12345</v></c>
            <c s="4"><v>45292.75</v></c><c s="5"><v>0.75</v></c><c s="99"><v>45292</v></c><c s="1"><v>-1</v></c><c s="3"><v>1.5</v></c></row>
            """
        let wanted = "#45292|@2024-01-01|@2024-01-01|#00012345|@2024-01-01T18:00:00|18:00:00|#45292|#-1|#1.5\n"
        #expect(try TestWorkbook(rows, styles: Self.styles).table() == wanted)
    }

    @Test func `a percentage is what the cell shows, not the hundredth that it stores`() throws {
        let styles = "<cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"9\"/><xf numFmtId=\"10\"/></cellXfs>"
        let rows =
            "<row>"
            + ["0.02", "1", "0", "0.025", "2.0000000000000001E-2", "-0.1", "0.123456"].enumerated().map { index, number in
                "<c s=\"\(1 + index % 2)\"><v>\(number)</v></c>"
            }.joined() + "</row>"
        #expect(try TestWorkbook(rows, styles: styles).table() == "2%|100%|0%|2.5%|2%|-10%|!#PERCENTAGE\n")
    }

    @Test func `both calendars of days`() throws {
        let rows = "<row>" + [0, 1, 59, 60, 61, 366, 2_958_465, 2_958_466].map { "<c s=\"1\"><v>\($0)</v></c>" }.joined() + "</row>"
        #expect(
            try TestWorkbook(rows, styles: Self.styles).table()
                == "@1900-01-00|@1900-01-01|@1900-02-28|@1900-02-29|@1900-03-01|@1900-12-31|@9999-12-31|#2958466\n")
        #expect(
            try TestWorkbook(rows, styles: Self.styles, is1904: true).table()
                == "@1904-01-01|@1904-01-02|@1904-02-29|@1904-03-01|@1904-03-02|@1905-01-01|#2958465|#2958466\n")
    }

    @Test func `seconds are rounded, over midnight into the next day`() throws {
        let rows =
            "<row>"
            + ["45292.9999999", "45292.5000001", "4.52925E4", "45292.000011574074074", "45292.00000578"].map {
                "<c s=\"4\"><v>\($0)</v></c>"
            }.joined() + "</row>"
        #expect(
            try TestWorkbook(rows, styles: Self.styles).table()
                == "@2024-01-02|@2024-01-01T12:00:00|@2024-01-01T12:00:00|@2024-01-01T00:00:01|@2024-01-01\n")
    }

    @Test func `dates that are written as text in their own type`() throws {
        let rows =
            "<row>"
            + ["2024-01-05", "2024-01-05T00:00:00", "2024-01-05T10:30:00.000Z", "2024-13-05", "x"].map { "<c t=\"d\"><v>\($0)</v></c>" }
            .joined() + "</row>"
        #expect(try TestWorkbook(rows).table() == "@2024-01-05|@2024-01-05|@2024-01-05T10:30:00|2024-13-05|x\n")
    }

    static let codes: [(String, CellStyles.Kind)] = [
        ("General", .number), ("Standard", .number), ("0.00", .number), ("#,##0.00", .number), ("@", .number), ("", .number),
        ("yyyy-mm-dd", .date), ("dd/mm/yyyy", .date), ("d\\.m\\.yy;@", .date), ("[$-409]mmmm d, yyyy", .date), ("mmm", .date),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", .date), ("m/d/yy h:mm", .date), ("yyyy\"年\"m\"月\"d\"日\"", .date), ("YYYY/MM/DD", .date),
        ("h:mm AM/PM", .time), ("hh:mm:ss", .time), ("mm:ss.00", .time), ("[h]:mm:ss", .number), ("[mm]:ss", .number), ("[ss]", .number),
        ("#,##0.00 \"days\"", .number), ("0\" d\"", .number), ("[Red]-#,##0.00", .number), ("#,##0.00\\ \\d", .number),
        ("#,##0.00_-[$kr-sv-SE]", .number), ("#,##0.00 SEK", .number), ("_-* #,##0.00\\ _€_-;\\-* #,##0.00", .number),
        ("0.00E+00", .number),
        ("[>=100]0;0.0", .number), ("0%", .percentage), ("0.00 %;[Red]-0.00 %", .percentage), ("0.0\" %\"", .number),
        ("000000", .padded(6)), ("0", .number), ("00000000000000000", .number),
        ("\"yyyy\"", .number), ("0.00;[Red]\"dmy\"", .number), ("\"", .number), ("[", .number), ("\\", .number), ("# ?/?", .number),
    ]
    @Test(arguments: codes) func `a format code makes a date of a number, or does not`(_ code: String, _ kind: CellStyles.Kind) {
        #expect(CellStyles.kind(code) == kind)
    }

    @Test func `built-in formats of dates`() {
        #expect(
            (0...60).filter { CellStyles.builtIn($0) == .date } == [14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58])
        #expect((0...60).filter { CellStyles.builtIn($0) == .time } == [18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56])
    }

    // MARK: Numbers

    static let numbers: [(String, String)] = [
        ("0", "0"), ("-0", "-0"), ("1234.5", "1234.5"), ("-1234.50", "-1234.50"), ("007", "007"), ("123456789012345", "123456789012345"),
        ("0.30000000000000004", "0.3"), ("1234.5600000000001", "1234.56"), ("1234.5599999999999", "1234.56"), ("99.999999999999986", "100"),
        ("-0.1000000000000000055511151231257827", "-0.1"), ("1.23E+5", "123000"), ("1.23e5", "123000"), ("1.5E-3", "0.0015"),
        ("-4.5E1", "-45"),
        ("1E+14", "100000000000000"), ("1E+15", "1E+15"), ("1234567890123456", "1.23456789012346E+15"),
        ("12345678901234500", "1.23456789012345E+16"),
        ("5.5511151231257827E-17", "5.55111512312578E-17"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("0E0", "0"), ("1E400", "1E+400"),
        ("0.000000000000000000000000000000000000000000000012", "1.2E-47"), ("1E-5", "0.00001"), ("100000000000000000000", "1E+20"),
        ("999999999999999.9", "1E+15"), ("12345678901234.56", "12345678901234.6"), (" 12 ", "12"),
        ("123456789.12345678", "123456789.123457"),
    ]
    @Test(arguments: numbers) func `a number is written out to fifteen digits`(_ stored: String, _ shown: String) throws {
        #expect(try TestWorkbook("<row><c><v>\(stored)</v></c></row>").table() == "#\(shown)\n")
    }

    @Test(arguments: ["abc", "1,5", "1.2.3", "NaN", "INF", "-", "E5", "1E", "1E+", "1E99999", "0x10", "1 2", "--1", "."])
    func `a number that is none is refused with its place`(_ stored: String) throws {
        let found = problems { _ = try TestWorkbook("<row r=\"3\"><c r=\"C3\"><v>\(stored)</v></c></row>").table() }
        #expect(found.first?.description.hasPrefix("row 3, column 3: the cell says that it is a number") == true, "\(found)")
    }

    @Test func `what a spreadsheet stores for an amount reads back as the amount`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        var rows = ""
        var wanted = ""
        for _ in 0..<2_000 {
            let minor = Int64.random(in: -99_999_999_999...99_999_999_999, using: &random) >> Int64.random(in: 0...30, using: &random)
            let amount = Double(minor) / 100
            // the shortest form, and the seventeen digits that Excel writes
            let whole = "\(minor < 0 ? "-" : "")\(minor.magnitude / 100)"
            let cents = minor.magnitude % 100
            let text = cents == 0 ? whole : whole + (cents % 10 == 0 ? ".\(cents / 10)" : cents < 10 ? ".0\(cents)" : ".\(cents)")
            rows += "<row><c><v>\(scientific(amount, 17))</v></c></row>"
            wanted += "#\(text)\n"
        }
        let shown = try TestWorkbook(rows).table()
        #expect(shown.replacing("#-0\n", with: "#0\n") == wanted)
    }

    /// The double's own digits rounded to so many places, by exact arithmetic.
    private func scientific(_ value: Double, _ digits: Int) -> String {
        if value == 0 { return "0" }
        // exact: a double of this size is an integer over a power of two, which ten to the same power makes a decimal
        let significand = value.significand == 0 ? 0 : UInt64(value.magnitude.significandBitPattern | 1 << 52)
        let shift = 52 - Int(value.exponent)
        var decimal = significand == 0 ? [0] : String(significand).utf8.map { Int($0 - 48) }
        // times five to the shift, over ten to the shift
        for _ in 0..<max(shift, 0) {
            var carry = 0
            for index in decimal.indices.reversed() {
                let product = decimal[index] * 5 + carry
                decimal[index] = product % 10
                carry = product / 10
            }
            if carry > 0 { decimal.insert(carry, at: 0) }
        }
        let point = decimal.count - max(shift, 0)
        var kept = Array(decimal.prefix(digits))
        var exponent = point
        if decimal.count > digits, decimal[digits] >= 5 {
            var index = digits - 1
            while index >= 0, kept[index] == 9 {
                kept[index] = 0
                index -= 1
            }
            if index >= 0 {
                kept[index] += 1
            } else {
                kept.insert(1, at: 0)
                exponent += 1
            }
        }
        let text = kept.map(String.init).joined()
        return "\(value < 0 ? "-" : "")\(text.prefix(1)).\(text.dropFirst())E\(exponent - 1)"
    }
}
