import Foundation
import Testing
import Trade

@testable import Formats

/// Remittance mails in HTML, and texts that came through other mails.
struct MailHTMLTests {
    private let labels = [
        ("Payment made to:", "LARK SUPPLY COMPANY(LARK7)"), ("Payment number:", "710020044"), ("Payment date:", "18-MAR-2025"),
        ("Payment currency:", "USD"), ("Payment amount:", "12.00"),
    ]
    private let captions = ["Invoice Number", "Invoice Date", "Invoice Description", "Discount Taken", "Amount Paid", "Amount Remaining"]

    private func row(_ cells: [String]) -> String { "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>\n" }
    private func table(_ rows: [[String]]) -> String { "<table>" + rows.map(row).joined() + "</table>" }
    private func html(_ head: String, _ rows: [[String]]) -> String { "<html><body>\(head)\(table([captions] + rows))</body></html>" }
    private var head: String { table(labels.map { [$0.0, $0.1] }) }

    private func read(_ text: String, marketplace: String? = "US") -> TableOutcome {
        let bytes = Array(text.utf8)
        let claimed = RemittanceMail.claim(FileHead(name: "body.html", bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count))
        #expect(claimed != nil, "\(text)")
        return TableOutcome(RemittanceMail(), text, marketplace: marketplace)
    }

    /// The documents, without their places.
    static func content(_ outcome: TableOutcome) -> String {
        let documents = outcome.text.split(separator: #","documents":"#).last?.split(separator: #","notes":"#).first ?? ""
        // HTML has no-break spaces where its author wanted blanks
        return String(documents).replacing(#/,"at":"line \d+"/#, with: "").replacing("\u{A0}", with: " ")
    }

    @Test(arguments: ["us-layout-a", "de-layout-b"]) func `a mail gives the same document as text and as HTML`(_ name: String) throws {
        let folder = TableSamples.samples.appendingPathComponent("mail")
        let context = ReadingContext(marketplace: String(name.prefix(2)).uppercased())
        let outcomes = try ["txt", "html"].map {
            TableOutcome(RemittanceMail(), try TableSamples.bytes(folder.appendingPathComponent("\(name).\($0)")), name: name, context)
        }
        #expect(outcomes.allSatisfy { $0.problems.isEmpty && $0.lines.count > 1 }, "\(outcomes.map(\.problems))")
        #expect(Self.content(outcomes[0]) == Self.content(outcomes[1]))
        #expect(outcomes[0].routes == outcomes[1].routes)
        #expect(outcomes[0].footings == outcomes[1].footings)
    }

    @Test func `labels are read in cells, in one cell, in lines and above their values`() {
        let rows = [["LK-1", "20-JAN-2025", "text", "", "12.00", "0.00"]]
        for head in [
            head, labels.map { "<p>\($0.0) \($0.1)</p>" }.joined(), labels.map { "\($0.0)<br>\($0.1)<br>" }.joined(),
            "<pre>\n" + labels.map { "\($0.0)   \($0.1)\n" }.joined() + "</pre>", table(labels.map { ["\($0.0) \($0.1)"] }),
            table(labels.map { [String($0.0.dropLast()), "", $0.1] }), table([labels.map(\.0), labels.map(\.1)]),
            table([labels.flatMap { [$0.0, $0.1] }]), table([[labels.map { "<div>\($0.0) \($0.1)</div>" }.joined(), "a logo"]]),
            table([[labels.map(\.0).joined(separator: "<br>"), labels.map(\.1).joined(separator: "<br/>")]]),
            "<span>" + labels.map { "<b>\($0.0)</b>&nbsp;&nbsp;\($0.1)<br />" }.joined() + "</span>",
        ] {
            let outcome = read(html(head, rows))
            #expect(outcome.problems.isEmpty && outcome.footings == [0], "\(outcome.problems)\n\(head)")
            #expect(outcome.documents.first?["number"]?.string == "710020044", "\(head)")
            #expect(outcome.routes == ["LARK7"], "\(head)")
        }
    }

    @Test func `cells keep their columns when others are spanned, missing, added or reordered`() {
        let spanned = """
            <html>\(head)<table><tr><th>Group<th>Invoice Number<th>Invoice Date<th>Amount Paid<th>Tax<th>Discount Taken<th>Description</tr>
            <tr><td rowspan=2>A</td><td>LK-1</td><td>20-JAN-2025</td><td>10.00</td><td>3.00</td><td></td><td>one</td></tr>
            <tr><td>LK-2</td><td>20-JAN-2025</td><td>2.00</td><td>7.00</td><td>0.50</td><td>two</td></tr></table></html>
            """
        let outcome = read(spanned)
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.lines.map { $0["reference"]?.string } == ["LK-1", "LK-2"])
        #expect(outcome.lines.map { $0["net"]?.string } == ["10.00", "2.00"])
        #expect(outcome.lines.map { $0["discount"]?.string } == [nil, "0.50"])
        #expect(outcome.lines.map { $0["text"]?.string } == ["one", "two"])
        #expect(outcome.notes.contains("column-added"))
    }

    @Test func `a row without date and amounts continues the row above, the foot does not`() {
        let rows = [
            ["LK-1-", "20-JAN-2025", "RTV ONE-", "", "10.00", ""], ["0001", "", "L-1", "", "", ""],
            ["LK-2", "20-JAN-2025", "", "", "2.00", ""],
            ["Total", "", "", "", "12.00", ""],
        ]
        let foot = "<table><tr><td>Questions?</td><td>See the page</td></tr></table><p>Do not answer</p>"
        let outcome = read(html(head, rows) + foot)
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.lines.map { $0["reference"]?.string } == ["LK-1-0001", "LK-2"])
        #expect(outcome.lines.first?["text"]?.string == "RTV ONE-L-1")
    }

    @Test func `words below the last row of an HTML table are no part of it, nor what stands below an empty row`() {
        let row = ["AC000001", "20-JAN-2025", "x", "", "12.00", ""]
        for foot in [[["Please do not reply", "", "", "", "", ""]], [["&nbsp;", "", "", "", "", ""], ["-1", "", "y", "", "", ""]]] {
            let outcome = read(html(head, [row] + foot))
            #expect(outcome.problems.isEmpty && outcome.footings == [0], "\(outcome.problems)")
            #expect(outcome.lines.map { $0["reference"]?.string } == ["AC000001"])
            #expect(outcome.lines.map { $0["text"]?.string } == ["x"])
        }
        let between = read(html(head, [row, ["Remarks", "", "", "", "", ""], row]))
        #expect(between.problems.first?.what.hasPrefix("\"Remarks") == true, "\(between.problems)")
    }

    @Test func `a table that goes on in another without a header is read, or refused`() {
        let first = ["AC000001", "20-JAN-2025", "x", "", "7.00", ""]
        let more = [["AC000002", "20-JAN-2025", "y", "", "6.00", ""], ["AC000003-", "20-JAN-2025", "z", "", "-1.00", ""]]
        let between = table([["Page 2", "20-JAN-2025"]])
        let outcome = read(html(head, [first]) + between + table(more + [["SC", "", "", "", "", ""]]))
        #expect(outcome.problems.isEmpty && outcome.footings == [0], "\(outcome.problems)")
        #expect(outcome.lines.map { $0["reference"]?.string } == ["AC000001", "AC000002", "AC000003-SC"])
        // they add up to nothing, so that no sum would tell
        let narrow = [["AC000002", "20-JAN-2025", "5.00"], ["AC000003", "20-JAN-2025", "-5.00"]]
        let refused = read(html(head, [["AC000001", "20-JAN-2025", "x", "", "12.00", ""]]) + table(narrow))
        #expect(refused.problems.map(\.kind) == [.malformed, .malformed])
        #expect(refused.problems.first?.what.contains("without a header") == true)
    }

    @Test func `an HTML mail cut inside its table is incomplete, or whole`() {
        let text = html(head, [["LK-1", "20-JAN-2025", "x", "", "10.00", ""], ["LK-2", "20-JAN-2025", "x", "", "2.00", "0.00"]])
        for count in 0..<(text.utf8.count - html(head, []).utf8.count + 40) {
            let outcome = TableOutcome(RemittanceMail(), String(decoding: Array(text.utf8).dropLast(count), as: UTF8.self))
            let isWhole = outcome.problems.isEmpty && outcome.footings == [0]
            #expect(isWhole || outcome.problems.map(\.kind) == [.incomplete], "\(count): \(outcome.problems) \(outcome.footings)")
        }
    }

    @Test func `a missing column of amounts has changed, a line without amount is an error`() {
        let changed = read(html(head, []).replacing("Amount Paid", with: "Betrag"))
        #expect(changed.problems.first?.kind == .changed)
        #expect(changed.problems.first?.missing == ["Amount Paid"])
        #expect(changed.problems.first?.added == ["Betrag"])
        let bare = read(html(head, [["LK-1", "20-JAN-2025", "x", "", "", ""], ["LK-2", "20-JAN-2025", "x", "", "12.00", ""]]))
        #expect(bare.problems.first?.what == "the line has no amount")
        let date = read(html(head, [["LK-1", "31-FEB-2025", "x", "", "12.00", ""]]))
        #expect(date.problems.first?.what == "\"31-FEB-2025\" in \"Invoice Date\" is not a date")
    }

    @Test func `an invoice dated after its payment is noted`() {
        let outcome = read(html(head, [["LK-1", "19-MAR-2025", "x", "", "12.00", ""]]))
        #expect(outcome.notes == ["invoice-after-payment"])
    }

    @Test func `a mail forwarded or quoted as text is read through its marks`() throws {
        let file = TableSamples.samples.appendingPathComponent("mail/us-layout-a.txt")
        let text = String(decoding: try TableSamples.bytes(file), as: UTF8.self)
        let plain = TableOutcome(RemittanceMail(), text)
        let heads = [
            "-----Original Message-----\nFrom: a@b.example\nSent: Tuesday\nTo: c\nSubject: Remittance Advice\n\n",
            "---------- 转发邮件 ----------\n发件人：付款 <a@b.example>\n日期：2025年3月18日\n主题：Remittance Advice\n\n",
            "Hello,\nplease book this.\n\nVon: x\nGesendet: Dienstag\nBetreff: WG: Remittance\n\n",
        ]
        for head in heads {
            for mark in ["", "> ", ">", ">> ", "> > "] {
                let lines = (head + text).split(separator: "\n", omittingEmptySubsequences: false)
                let outcome = TableOutcome(RemittanceMail(), lines.map { mark + $0 + "\n" }.joined())
                #expect(outcome.problems.isEmpty, "\(outcome.problems) \(head)\(mark)")
                #expect(Self.content(outcome) == Self.content(plain), "\(head)\(mark)")
            }
        }
    }

    @Test func `labels in the plain text of an HTML mail are read`() {
        let row = "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           12.00          0.00\n"
        let header =
            "Invoice Number     Invoice Date     Invoice description                    Discount Taken    Amount Paid    Amount Remaining\n"
        for head in [
            labels.map { "*\($0.0)* \($0.1)\n" }.joined(), labels.map { "\($0.0)\n\($0.1)\n" }.joined(),
            labels.map { "\($0.0)\n\n\($0.1)\n\n" }.joined(), labels.map { "\($0.0.uppercased())\t\($0.1)\n" }.joined(),
            labels.map { "\($0.0.replacing(":", with: " :")) \($0.1)\n" }.joined(),
        ] {
            let outcome = read(head + "\n" + header + row)
            #expect(outcome.problems.isEmpty && outcome.footings == [0], "\(outcome.problems)\n\(head)")
            #expect(outcome.routes == ["LARK7"], "\(head)")
        }
    }

    @Test func `every date that mails were seen with is read`() {
        for date in ["01-Sep-2020", "11-JUL-2025", "May 20, 2025", "12-SEP-25", "29-Jul-2026", "20. Jan 2025"] {
            let rows = [["LK-1", date, "x", "", "12.00", ""]]
            #expect(read(html(head, rows)).problems.isEmpty, "\(date)")
        }
    }

    @Test func `hostile HTML is bounded in time and depth`() {
        let many = 200_000
        for text in [
            String(repeating: "<div>", count: many) + String(repeating: "</p>", count: many),
            "<a " + (0..<many).map { "a\($0) " }.joined() + ">",
            String(repeating: "<", count: many), String(repeating: "&", count: many), String(repeating: "<td>", count: many),
            "<table>" + String(repeating: "<tr><td colspan=99999 rowspan=99999>", count: 3_000), String(repeating: "<!--", count: many),
            "<table><tr>" + String(repeating: "<td>x", count: many), String(repeating: "<b style=display:none>", count: many),
        ] {
            #expect(TableOutcome(RemittanceMail(), "<html>" + text + html(head, [])).isRejected)
        }
        let deep = String(repeating: "<table><tr><td>", count: 5_000)
        #expect(TableOutcome(RemittanceMail(), "<html>" + deep).problems.map(\.kind) == [.tooLarge])
    }
}

/// A mail from the file to its documents, as the daemon goes.
struct MailThroughTests {
    @Test func `a forwarded mail in Outlook's words is unpacked and its HTML read`() throws {
        let folder = TableSamples.samples.appendingPathComponent("mail")
        let html = String(decoding: try TableSamples.bytes(folder.appendingPathComponent("us-layout-a.html")), as: UTF8.self)
        let style = "<style><!--" + String(repeating: " p.MsoNormal {mso-style-parent:\"\"; margin:0cm;}\n", count: 400) + "--></style>"
        let body = html.replacing("<body>", with: "<body>\(style)<p class=MsoNormal>Subject: Remittance Advice</p>")
        let text = "FYI\nPayment number:\n710020044\nsee the table\n"
        let mail =
            MailContainerTests.head + "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n\(text)\n--b\nContent-Type: text/html; "
            + "charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
            + Data(body.utf8).base64EncodedString(options: .lineLength76Characters) + "\n--b--\n"
        let unpacked = MailContainerTests.unpack(mail)
        #expect(unpacked.parts.map(\.member.name) == ["body.txt", "body.html"])
        #expect(Set(unpacked.parts.map(\.member.role)) == [.part(alternative: 1)])
        let known = unpacked.parts.filter {
            if case .format(let format) = Formats.standard.identify(FormatIdentification.head($0.bytes, $0.member.name)) {
                return format.name == "remittance-mail"
            }
            return false
        }
        #expect(known.map(\.member.name) == ["body.html"])
        let outcome = TableOutcome(RemittanceMail(), try #require(known.first).bytes, ReadingContext(marketplace: "US"))
        #expect(outcome.documents.first?["number"]?.string == "710020044")
        #expect(outcome.footings == [0])
    }
}
