import Formats
import Testing
import Trade

struct MailTests {
    private let head = """
        Payment made to:       LARK SUPPLY COMPANY(LARK7)
        Our Supplier No.:      40021177
        Payment number:        710020044
        Payment date :         18-MAR-2025
        Payment currency:      USD

        """
    private let header =
        "Invoice Number:    Invoice Date:    Invoice description                    Discount Taken    Amount Paid    Amount Remaining\n"

    private func mail(_ total: String, _ rows: String...) -> String {
        head + "Payment amount:        \(total)\n\n" + header + rows.map { $0 + "\n" }.joined()
    }

    private func read(_ text: String, marketplace: String? = nil) -> TableOutcome {
        TableOutcome(RemittanceMail(), text, marketplace: marketplace)
    }

    @Test func `the amounts go to the columns they stand under`() {
        let outcome = read(
            mail(
                "400.00",
                "LK-1               20-JAN-2025      4XQWT90K/ONT8/                         6.00              300.00         0.00",
                "LK-2               20-JAN-2025      4XQWT90K/ONT8/                                           100.00         5.00",
                "LK-3               20-JAN-2025      4XQWT90K/ONT8/                         0.00              0.00"))
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.lines.map { $0["discount"]?.string } == ["6.00", nil, "0.00"])
        #expect(outcome.lines.map { $0["net"]?.string } == ["300.00", "100.00", "0.00"])
        #expect(outcome.footings == [0])
    }

    @Test func `a description that ends with a number is no amount`() {
        let outcome = read(
            mail(
                "9.50",
                "LK-1SC             20-JAN-2025      Quantity Shortage Claim for Invoice - 252601063              9.50           0.00"))
        #expect(outcome.lines.first?["net"]?.string == "9.50")
        #expect(outcome.lines.first?["discount"] == nil)
        #expect(outcome.lines.first?["text"]?.string == "Quantity Shortage Claim for Invoice - 252601063")
    }

    @Test func `wrapped numbers and descriptions are joined without a separator`() {
        let outcome = read(
            mail(
                "5.00", "LK-20433-ADJUST-   20-JAN-2025      RTV FCN-LARK-77120-                                      5.00           0.00",
                "MENT-              ONT8-L-77", "00017"))
        #expect(outcome.lines.first?["reference"]?.string == "LK-20433-ADJUST-MENT-00017")
        #expect(outcome.lines.first?["text"]?.string == "RTV FCN-LARK-77120-ONT8-L-77")
    }

    @Test func `words below the last row are no part of its number`() {
        let row = "AC000001           20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00"
        let blank = String(repeating: " ", count: 46)
        for foot in [
            "Page 1 of 1", "Please do not reply to this mail", "-- ", "Amazon", "https://vendorcentral.example/x-1", "_______", "1",
            "--B--",
            "\(blank)Page 1",
            "Page 1 of 1\nTotal                                                                                        5.00",
        ] {
            let outcome = read(mail("5.00", row, foot))
            #expect(outcome.problems.isEmpty && outcome.footings == [0], "\(outcome.problems) \(foot)")
            #expect(outcome.lines.map { $0["reference"]?.string } == ["AC000001"], "\(foot)")
            #expect(outcome.lines.first?["text"]?.string == "4XQWT90K/ONT8/", "\(foot)")
            let between = read(mail("10.00", row, foot, row.replacing("AC000001", with: "AC000002")))
            #expect(foot.contains("Total") || between.problems.map(\.kind) == [.malformed], "\(foot)")
        }
    }

    @Test func `a number that fills its column or breaks at a sign goes on below`() {
        let rest = "20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00"
        for (start, end) in [("240113_PROVISION", "_FOR_RECEIVABLES"), ("ABCDEFGHIJ1234567", "89"), ("AC-1/", "2")] {
            let outcome = read(mail("5.00", start + String(repeating: " ", count: 19 - start.count) + rest, end))
            #expect(outcome.lines.map { $0["reference"]?.string } == [start + end])
        }
    }

    @Test func `no-break spaces in the header are blanks`() {
        let row = "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00"
        for space in ["\u{A0}", "\u{202F}", "\u{3000}"] {
            let outcome = read(mail("5.00", row).replacing(" ", with: space))
            #expect(outcome.problems.isEmpty && outcome.footings == [0], "\(outcome.problems)")
            #expect(outcome.notes.isEmpty, "\(outcome.notes)")
        }
    }

    @Test func `a line without any amount at the end is incomplete, in the middle it is an error`() {
        let good = "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00"
        let bare = "LK-2               20-JAN-2025      4XQWT90K/ONT8/"
        #expect(read(mail("5.00", good, bare)).problems.map(\.kind) == [.incomplete])
        let outcome = read(mail("5.00", bare, good))
        #expect(outcome.problems.map(\.kind) == [.malformed])
        #expect(outcome.problems.first?.at == .line(9))
    }

    @Test func `a text cut inside its last amount is incomplete`() {
        let text = mail(
            "125.00", "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           125.00         0.00")
        // "125.0" and "125" still are the amount
        for count in [16, 18, 19, 20] { #expect(read(String(text.dropLast(count))).problems.map(\.kind) == [.incomplete], "\(count)") }
    }

    @Test func `a text without a table, or without a line, is incomplete`() {
        #expect(read(head + "Payment amount:        5.00\n").problems.map(\.kind) == [.incomplete])
        #expect(read(mail("5.00")).problems.map(\.kind) == [.incomplete])
    }

    @Test func `lines that do not add up are left to the rules, with the difference`() {
        let outcome = read(
            mail("6.00", "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00")
        )
        #expect(outcome.problems.isEmpty)
        #expect(outcome.footings == [100])
    }

    @Test func `the amounts decide the decimal mark, against the marketplace`() {
        let row = "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           1,225.00       0.00"
        #expect(read(mail("1,225.00", row), marketplace: "IT").lines.first?["net"]?.string == "1225.00")
        let comma = row.replacing("1,225.00", with: "1.225,00").replacing(" 0.00", with: " 0,00")
        #expect(read(mail("1.225,00", comma), marketplace: "US").lines.first?["net"]?.string == "1225.00")
        #expect(read(mail("1.225,00", row)).problems.first?.what.contains("some amounts") == true)
    }

    @Test func `an invoice date that is none is refused`() {
        let outcome = read(
            mail("5.00", "LK-1               31-FEB-2025      4XQWT90K/ONT8/                                           5.00           0.00")
        )
        #expect(outcome.problems.first?.what == "\"31-FEB-2025\" in \"Invoice Date\" is not a date")
    }

    @Test func `a header without the amount paid has changed`() {
        let text = mail("5.00").replacing("Amount Paid", with: "Betrag     ")
        let problem = read(text + "x\n").problems.first
        #expect(problem?.kind == .changed)
        #expect(problem?.missing == ["Amount Paid"])
        #expect(problem?.added == ["betrag"])
    }

    @Test(arguments: ["Payment number:        710020044", "Payment amount:        5.00", "Payment date :         18-MAR-2025"])
    func `a label that is needed and missing is named`(_ label: String) {
        let row = "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00"
        let outcome = read(mail("5.00", row).replacing(label + "\n", with: ""))
        #expect(outcome.problems.first?.what.hasSuffix("is missing") == true)
    }

    @Test func `two letters in one text give two payments, the same twice is refused`() {
        let row = "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00"
        let one = mail("5.00", row)
        let outcome = read(one + "\n" + one.replacing("710020044", with: "710020045"))
        #expect(outcome.documents.map { $0["number"]?.string } == ["710020044", "710020045"])
        #expect(read(one + "\n" + one).problems.first?.what.contains("stands twice") == true)
    }

    @Test func `a mail in parts or in a transfer encoding is refused plainly`() {
        let row = "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00"
        for field in ["Content-Type: multipart/alternative; boundary=x", "Content-Transfer-Encoding: quoted-printable"] {
            let outcome = read("Subject: Remittance Advice\n\(field)\n\n" + mail("5.00", row))
            #expect(outcome.problems.first?.at == .line(2))
        }
    }

    @Test func `a total below the lines and a repeated header are passed over`() {
        let row = "LK-1               20-JAN-2025      4XQWT90K/ONT8/                                           5.00           0.00"
        let outcome = read(
            mail(
                "10.00", row, "", String(header.dropLast()), row,
                "Total                                                                                        10.00"))
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.lines.count == 2)
    }

    @Test func `random letters rendered in both layouts read back equal`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }
        for _ in 0..<60 {
            let isB = Bool.random(using: &random)
            var rows = ""
            var total: Int64 = 0
            var wanted: [String] = []
            for index in 0..<Int.random(in: 1...12, using: &random) {
                let cents = Int64.random(in: -9_999_999...9_999_999, using: &random)
                total += cents
                wanted.append("R\(index) " + Money.decimal(cents, exponent: 2))
                let size = Money.decimal(abs(cents), exponent: 2)
                let paid = cents < 0 ? (isB ? "-\(size)" : "(\(size))") : size
                let discount = Bool.random(using: &random) ? "1.50" : ""
                let amounts = isB ? [paid, discount.isEmpty ? "0.00" : discount, "0.00"] : [discount, paid, "0.00"]
                rows +=
                    pad("R\(index)", 19) + pad("05-Feb-2025", 17) + pad("CO-OP \(index)", 60) + amounts.map { pad($0, 18) }.joined() + "\n"
            }
            let captions =
                isB ? ["Amount Paid", "Discount Taken", "Amount Remaining"] : ["Discount Taken", "Amount Paid", "Amount Remaining"]
            let text =
                head + "Payment amount:        \(Money.decimal(total, exponent: 2))\n\n" + pad("Invoice Number", 19)
                + pad("Invoice Date", 17)
                + pad("Invoice Description", 60) + captions.map { pad($0, 18) }.joined() + "\n" + rows
            let outcome = read(text)
            #expect(outcome.footings == [0], "\(outcome.problems)\n\(text)")
            #expect(outcome.lines.map { "\($0["reference"]?.string ?? "") \($0["net"]?.string ?? "")" } == wanted)
        }
    }
}
