import Testing
import Trade

@testable import Formats

struct LayoutModelTests {
    @Test func `no built-in layout has a problem`() {
        for layout in Layout.builtIn { #expect(layout.problems().isEmpty, "\(layout.name): \(layout.problems())") }
        #expect(Set(Layout.builtIn.map(\.name)).count == Layout.builtIn.count)
    }

    @Test func `every kind has fields with names of their own, the first its number`() {
        for kind in Layout.DocumentKind.allCases {
            let names = kind.fields.map(\.name)
            #expect(Set(names).count == names.count, "\(kind)")
            #expect(kind.fields.first?.isEssential == true)
            #expect(kind.fields.first?.id == kind.key)
            for field in kind.fields {
                #expect(field.summary.hasSuffix("."), "\(kind) \(field.name)")
                #expect((field.form == .word) == !field.words.isEmpty, "\(kind) \(field.name)")
            }
        }
        #expect(FieldID.discountPercent.name == "discount_percent")
        #expect(FieldID.return.name == "return")
        #expect(FieldID.payerId.name == "payer_id")
    }

    private static func layout(_ columns: [Layout.Column], _ kind: Layout.DocumentKind = .invoice, skip: [Layout.Skip] = []) -> Layout {
        Layout(name: "acme/invoices", title: "invoices", document: kind, tables: [Layout.Table(name: "rows", columns: columns, skip: skip)])
    }

    private static let sound: [Layout.Column] = [
        .init("number", ["No"], .needed), .init("date", ["Day"], .needed), .init("total", ["Sum"], .needed),
    ]

    static let unsound: [(String, Layout)] = [
        ("two columns feed \"number\"", layout(sound + [.init("number", ["Other"])])),
        ("an invoice", layout(sound)),
        ("has no field \"colour\"", layout(sound + [.init("colour", ["Colour"])])),
        ("no column feeds \"total\"", layout(Array(sound.dropLast()))),
        ("the caption \"N.o.\" stands for two columns, \"No\" and \"Order\"", layout(sound + [.init("po", ["Order", "N.o."])])),
        ("a caption is empty", layout(sound + [.init("po", ["\u{FEFF} "])])),
        ("the constant \"1,5\" is not an amount", layout(sound + [.init("tax", ["Tax"], constant: "1,5")])),
        ("the constant \"31.12.2025\" is not a date", layout(sound + [.init("due_date", ["Due"], constant: "31.12.2025")])),
        ("the constant \"EURO\" is not a currency", layout(sound + [.init("currency", [], constant: "EURO")])),
        ("end_of_month", layout(sound + [.init("basis", ["Basis"], constant: "whenever")])),
        ("has neither captions nor a constant", layout(sound + [.init("po", [])])),
        ("is needed and has no captions", layout(sound + [.init("po", [], .needed, constant: "X1")])),
        ("only amounts have a sign", layout(sound + [.init("po", ["Order"], sign: .inverted)])),
        ("a width is for references", layout(sound + [.init("due_date", ["Due"], width: 8)])),
        ("a row to skip needs values", layout(sound, skip: [Layout.Skip(values: [])])),
        ("rows to skip name the caption \"Type\"", layout(sound, skip: [Layout.Skip(caption: "Type", values: ["Total"])])),
        ("a constant without a field", layout(sound + [.init(nil, ["Colour"], constant: "red")])),
        ("it has no table", Layout(name: "a", title: "a", document: .invoice, tables: [])),
        ("the name \"a b\"", Layout(name: "a b", title: "a", document: .invoice, tables: [Layout.Table(name: "", columns: sound)])),
        (
            "is read from one table",
            Layout(
                name: "a", title: "a", document: .other,
                tables: [Layout.Table(name: "", columns: sound), Layout.Table(name: "", columns: sound)])
        ),
        (
            "no column feeds \"number\", by which",
            Layout(
                name: "a", title: "a", document: .invoice,
                tables: [
                    Layout.Table(name: "heads", columns: sound),
                    Layout.Table(name: "items", columns: [.init("item", ["Item"], .needed), .init("quantity", ["Qty"])]),
                ])
        ),
        ("no column is needed", layout(sound.map { Layout.Column($0.field, $0.captions) })),
        ("at least two columns", layout([.init("number", ["No"], .needed), .init("date", [], constant: "2026-01-01")])),
    ]

    @Test(arguments: unsound) func `each mistake in a layout is named`(_ words: String, _ layout: Layout) {
        if words == "an invoice" {
            #expect(layout.problems().isEmpty)
        } else {
            #expect(layout.problems().contains { $0.contains(words) }, "\(layout.problems())")
        }
    }

    @Test func `captions are compared without case, blanks, marks and invisible characters, and keep their letters`() {
        let same = ["Issue ID", "ISSUE  ID", "\u{FEFF}issue\u{00A0}id\u{200E}", "\u{200B}Issue_ID ", "issue-id:", "Ｉｓｓｕｅ　ＩＤ"]
        #expect(Set(same.map(CaptionKey.of)) == ["ISSUEID"])
        #expect(CaptionKey.of("Discount %") != CaptionKey.of("Discount"))
        #expect(CaptionKey.of("請求書番号") == "請求書番号")
        #expect(CaptionKey.of("Größe") == "GRÖSSE")
        #expect(CaptionKey.of("#") == "#")
        #expect(CaptionKey.of(" \u{200B}\u{00A0}") == "")
        #expect(CaptionKey.of("Sipariş No") != CaptionKey.of("No"))
    }
}
