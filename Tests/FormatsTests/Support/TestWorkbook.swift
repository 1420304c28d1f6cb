import Testing
import Trade

@testable import Formats

/// Writes workbooks: the parts that a reader needs, each of which a test may replace, add or leave out.
struct TestWorkbook {
    static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    static let relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

    /// By name; nil leaves a part out.
    var parts: [(name: String, text: String)]
    var isDeflated = false

    /// - Parameter sheets: what stands between `<sheetData>` and its end, by the name of the tab.
    init(sheets: [(name: String, rows: String)], strings: [String]? = nil, styles: String? = nil, is1904: Bool = false) {
        let tabs = sheets.indices.map { "<sheet name=\"\(sheets[$0].name)\" sheetId=\"\($0 + 1)\" r:id=\"rId\($0 + 1)\"/>" }.joined()
        var links = sheets.indices.map {
            "<Relationship Id=\"rId\($0 + 1)\" Type=\"\(Self.relationships)/worksheet\" Target=\"worksheets/sheet\($0 + 1).xml\"/>"
        }.joined()
        if strings != nil {
            links += "<Relationship Id=\"rId901\" Type=\"\(Self.relationships)/sharedStrings\" Target=\"sharedStrings.xml\"/>"
        }
        if styles != nil { links += "<Relationship Id=\"rId902\" Type=\"\(Self.relationships)/styles\" Target=\"styles.xml\"/>" }
        let properties = is1904 ? "<workbookPr date1904=\"1\"/>" : ""
        parts = [
            ("[Content_Types].xml", Self.head + "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
            (
                "_rels/.rels",
                Self.head
                    + "<Relationships><Relationship Id=\"a\" Type=\"\(Self.relationships)/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
            (
                "xl/workbook.xml",
                Self.head
                    + "<workbook xmlns=\"\(Self.main)\" xmlns:r=\"\(Self.relationships)\">\(properties)<sheets>\(tabs)</sheets></workbook>"
            ),
            ("xl/_rels/workbook.xml.rels", Self.head + "<Relationships>\(links)</Relationships>"),
        ]
        for (index, sheet) in sheets.enumerated() {
            parts.append(
                (
                    "xl/worksheets/sheet\(index + 1).xml",
                    Self.head + "<worksheet xmlns=\"\(Self.main)\"><sheetData>\(sheet.rows)</sheetData></worksheet>"
                ))
        }
        if let strings {
            parts.append(
                ("xl/sharedStrings.xml", Self.head + "<sst xmlns=\"\(Self.main)\">\(strings.map { "<si>\($0)</si>" }.joined())</sst>"))
        }
        if let styles { parts.append(("xl/styles.xml", Self.head + "<styleSheet xmlns=\"\(Self.main)\">\(styles)</styleSheet>")) }
    }

    /// One sheet.
    init(_ rows: String, strings: [String]? = nil, styles: String? = nil, is1904: Bool = false) {
        self.init(sheets: [("Sheet1", rows)], strings: strings, styles: styles, is1904: is1904)
    }

    /// Inline text in every cell that is not empty.
    init(texts: [[String]]) {
        let rows = texts.map { row in
            "<row>"
                + row.map { $0.isEmpty ? "<c/>" : "<c t=\"inlineStr\"><is><t xml:space=\"preserve\">\(Self.escaped($0))</t></is></c>" }
                .joined()
                + "</row>"
        }
        self.init(rows.joined())
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\r", with: "_x000D_")
    }

    mutating func replace(_ name: String, _ change: (String) -> String) {
        for index in parts.indices where parts[index].name == name { parts[index].text = change(parts[index].text) }
    }

    func zip() -> TestZip {
        TestZip(entries: parts.map { TestZip.Entry($0.name, Array($0.text.utf8), deflated: isDeflated) })
    }

    func bytes() -> [UInt8] { zip().bytes() }

    /// The decoded tables: `|` between cells, a line for each row; `#` before a number, `@` a date, `?` a boolean, `!` an error.
    func tables() throws -> [String] { try Self.tables(bytes()) }

    static func tables(_ bytes: [UInt8], limit: Int = SheetBounds.table) throws -> [String] {
        try bytes.withUnsafeBytes { buffer in
            let workbook = try Workbook(buffer, limit: limit)
            return try workbook.sheets.map { shown(try workbook.table($0).text) }
        }
    }

    func table() throws -> String { try #require(try tables().first) }

    static func shown(_ table: [UInt8]) -> String {
        let marks: [UInt8: UInt8] = [0x1F: 124, 0x1E: 10, 1: 35, 2: 64, 3: 63, 4: 33]
        return String(decoding: table.map { marks[$0] ?? $0 }, as: UTF8.self)
    }
}

/// The problems with which something was rejected; none if it was not.
func problems(_ body: () throws -> Void) -> [Problem] {
    do {
        try body()
        return []
    } catch ReadFailure.rejected(let problems) {
        return problems
    } catch {
        return [Problem(.malformed, at: .file, "\(error)")]
    }
}

/// What a container handed over.
struct CollectedMembers: MemberSink {
    var members: [(member: Member, bytes: [UInt8])] = []
    var notes: [Note] = []
    var refused: [Problem] = []
    var largestPiece = 0
    /// Only counts bytes.
    var isCounting = false
    var count = 0
    private var isOpen = false

    init(isCounting: Bool = false) { self.isCounting = isCounting }

    mutating func begin(_ member: Member) {
        precondition(!isOpen)
        isOpen = true
        members.append((member, []))
    }
    mutating func append(_ bytes: RawSpan) {
        precondition(isOpen)
        largestPiece = max(largestPiece, bytes.byteCount)
        count += bytes.byteCount
        if !isCounting { bytes.withUnsafeBytes { members[members.count - 1].bytes += $0 } }
    }
    mutating func end() {
        precondition(isOpen)
        isOpen = false
    }
    mutating func mail(_ head: MailHead) {}
    mutating func note(_ note: Note) { notes.append(note) }
    mutating func refuse(_ problem: Problem) { refused.append(problem) }

    var names: [String] { members.map(\.member.name) }
    var texts: [String] { members.map { String(decoding: $0.bytes, as: UTF8.self) } }

    static func of<C: Container>(_ container: C, _ bytes: [UInt8], name: String = "file") throws(ReadFailure) -> CollectedMembers {
        var sink = CollectedMembers()
        try container.unpack(bytes.span.bytes, name: name, into: &sink)
        return sink
    }
}
