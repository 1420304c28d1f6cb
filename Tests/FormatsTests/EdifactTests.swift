import Testing
import Trade

@testable import Formats

/// One rule of the EDIFACT reader each.
@Suite struct EdifactRules {
    let head = ["BGM+481+Z1+9", "DTM+138:20260316:102", "CUX+2:EUR:11"]

    func payment(_ lines: [String], total: String? = nil) -> Outcome {
        readEdifact(edifact([("REMADV", head + lines + ["UNS+S"] + (total.map { ["MOA+12:\($0)"] } ?? []))]))
    }

    @Test func `what is short is due less discount less remitted, whatever MOA+5 says`() throws {
        let read = try #require(
            payment(["DOC+380+A", "MOA+9:100", "MOA+12:80", "MOA+52:2", "AJT+4", "MOA+5:-77"], total: "80").collected?.payments.first)
        #expect(read.lines[0].net == 8000)
        #expect(read.lines[0].gross == 10000)
        #expect(read.lines[0].discount == 200)
        #expect(read.lines[0].adjustments.map(\.amount) == [-1800])
        #expect(read.lines[0].adjustments.map(\.code) == ["4"])
        #expect(read.end?.footing == 0)
    }

    @Test func `several reasons share what is short as MOA+5 says, if that comes to it`() throws {
        let both = ["DOC+380+A", "MOA+9:100", "MOA+12:80", "AJT+4", "MOA+5:15", "AJT+5", "MOA+5:5"]
        #expect(payment(both, total: "80").collected?.payments[0].lines[0].adjustments.map(\.amount) == [-1500, -500])
        let odd = try #require(payment(["DOC+380+A", "MOA+9:100", "MOA+12:80", "AJT+4", "MOA+5:15", "AJT+5"], total: "80").collected)
        #expect(odd.payments[0].lines[0].adjustments.map(\.amount) == [-2000, 0])
        #expect(odd.codes == ["adjustment-unclear"])
    }

    @Test(arguments: ["100", "-100"])
    func `a credit note reduces the payment whichever sign is written`(_ written: String) throws {
        let read = try #require(
            payment(["DOC+380+A", "MOA+9:300", "MOA+12:300", "DOC+381+C", "MOA+9:\(written)", "MOA+12:\(written)"], total: "200").collected)
        #expect(read.payments[0].lines.map(\.net) == [30000, -10000])
        #expect(read.payments[0].lines.map(\.gross) == [30000, -10000])
        #expect(read.payments[0].end?.footing == 0)
        #expect(read.codes == [])
    }

    @Test func `a debit note counts as written, unless only the other way foots`() throws {
        let lines = ["DOC+380+A", "MOA+9:300", "MOA+12:300", "DOC+383+D", "MOA+9:50", "MOA+12:50"]
        #expect(payment(lines, total: "350").collected?.payments[0].lines[1].net == 5000)
        let reduced = try #require(payment(lines, total: "250").collected)
        #expect(reduced.payments[0].lines[1].net == -5000)
        #expect(reduced.codes == ["debit-note-sign"])
        let neither = try #require(payment(lines, total: "260").collected?.payments.first)
        // what is told is what the lines come to
        #expect(neither.lines[1].net == -5000)
        #expect(neither.end?.footing == 1000)
    }

    @Test func `what is only due is not paid`() throws {
        let pending = try #require(payment(["DOC+380+A", "MOA+9:300"]).collected)
        #expect(pending.payments[0].advice.status == .pending)
        #expect(pending.payments[0].net == 0)
        #expect(pending.payments[0].advice.total == nil)
        #expect(pending.codes == ["nothing-remitted"])
        let mixed = ["DOC+380+A", "MOA+9:300", "MOA+12:300", "DOC+380+B", "MOA+9:20"]
        let open = try #require(payment(mixed, total: "300").collected)
        #expect(open.payments[0].lines.map(\.net) == [30000, 0])
        #expect(open.codes == ["amount-missing"])
        let foots = try #require(payment(mixed, total: "320").collected)
        #expect(foots.payments[0].lines.map(\.net) == [30000, 2000])
        #expect(foots.codes == ["net-derived"])
    }

    @Test(arguments: ["1.234,56", "1,234.56", "12.3x", "1E3", "1.005", "-", ".", ",", "12.50-", "1 2", "99999999999999999999", "X", ""])
    func `what is not an amount is refused and never becomes zero`(_ text: String) {
        let problems = payment(["DOC+380+A", "MOA+9:\(text)", "MOA+12:5"], total: "5").problems
        #expect(problems.count == 1)
        #expect(problems.first?.at.description == "UNH[1]/MOA[1]/01")
        #expect(problems.first?.byte != nil)
    }

    @Test(arguments: [
        ("5", 500), ("5.1", 510), ("5,1", 510), ("-,5", -50), ("?+5.10", 510), ("5,1000", 510), (" 5.10 ", 510), ("007", 700),
    ])
    func `amounts are read exactly, with a point or a comma`(_ text: String, _ minor: Int64) {
        #expect(payment(["DOC+380+A", "MOA+12:\(text)"], total: text).collected?.payments[0].lines[0].net == minor)
    }

    @Test func `an amount remitted in another currency, or twice, is refused`() {
        #expect(!payment(["DOC+380+A", "MOA+12:5:USD"], total: "5").problems.isEmpty)
        #expect(!payment(["DOC+380+A", "MOA+12:5", "MOA+12:5"], total: "5").problems.isEmpty)
        #expect(payment(["DOC+380+A", "MOA+12:5:EUR"], total: "5").collected != nil)
    }

    @Test func `a currency that only MOA names is the payment's`() throws {
        let read = readEdifact(edifact([("REMADV", ["BGM+481+Z", "DOC+380+A", "MOA+12:500:JPY", "UNS+S", "MOA+12:500"])])).collected
        #expect(read?.payments[0].advice.currency.code == "JPY")
        #expect(read?.payments[0].net == 500)
        let none = readEdifact(edifact([("REMADV", ["BGM+481+Z", "DOC+380+A", "MOA+12:5", "UNS+S", "MOA+12:5"])]), currency: nil).collected
        #expect(none?.codes == ["currency-missing"])
        #expect(!readEdifact(edifact([("REMADV", ["BGM+481+Z", "CUX+2:QQQ:11", "UNS+S"])])).problems.isEmpty)
    }

    @Test func `a total by another name counts only if the lines come to it`() throws {
        let lines = head + ["DOC+380+A", "MOA+9:100", "MOA+12:90", "UNS+S"]
        let due = try #require(readEdifact(edifact([("REMADV", lines + ["MOA+9:100"])])).collected)
        #expect(due.payments[0].advice.total == nil)
        #expect(due.payments[0].end?.footing == nil)
        #expect(due.codes == ["total-missing"])
        #expect(readEdifact(edifact([("REMADV", lines + ["MOA+128:90"])])).collected?.payments[0].advice.total == 9000)
    }

    @Test func `a rejection of all that is due is announced and not paid, and takes nothing`() throws {
        func read(_ code: String, _ remitted: String) throws -> Collected.Payment {
            let lines = ["BGM+\(code)+RB1+9", "CUX+2:EUR:11", "DOC+380+A", "MOA+9:100", "MOA+12:\(remitted)", "AJT+5", "UNS+S"]
            return try #require(readEdifact(edifact([("REMADV", lines + ["MOA+12:\(remitted)"])])).collected?.payments.first)
        }
        #expect(try read("239", "0").advice.status == .pending)
        #expect(try read("239", "0").lines[0].adjustments.map { "\($0.code ?? "") \($0.amount)" } == ["5 0"])
        #expect(try read("481", "0").lines[0].adjustments.map(\.amount) == [-10000])
        #expect(try read("239", "40").advice.status == .paid)
        #expect(try read("481", "0").advice.status == .paid)
    }

    @Test func `a message says which of its number it takes back or replaces`() throws {
        func invoice(_ code: String, _ function: String, _ rest: [String] = []) throws -> Invoice? {
            let segments = ["BGM+\(code)+M-1+\(function)", "DTM+137:20260110:102"] + rest + ["CUX+2:USD:4", "UNS+S"]
            let total = function == "1" ? [] : ["MOA+77:100"]
            let read = try #require(readEdifact(edifact([("INVOIC", segments + total)])).collected)
            guard case .invoice(let found)? = read.whole.first else { return nil }
            return found
        }
        #expect(try ["9", "1", "4", "5"].map { try invoice("380", $0)?.amends } == [nil, .cancellation, .change, .replacement])
        #expect(try invoice("381", "1") == nil)
        let corrected = try invoice("384", "9", ["RFF+IV:M-0"])
        #expect(corrected?.amends == .replacement)
        #expect(corrected?.amended == "M-0")
        #expect(try invoice("384", "9")?.amends == nil)
        let receipt = ["BGM+632+R-1+5", "DTM+137:20260113:102", "DTM+50:20260112:102", "CPS+1", "LIN+1++4000862141404:EN", "QTY+48:9"]
        let read = try #require(readEdifact(edifact([("RECADV", receipt)])).collected)
        guard case .receipt(let found)? = read.whole.first else { return #expect(Bool(false)) }
        #expect(found.amends == .replacement)
        #expect(found.issued == Day(iso: "2026-01-13"))
    }

    @Test func `a cancelled advice is voided`() {
        let text = edifact([("REMADV", ["BGM+481+Z1+1", "CUX+2:EUR:11", "DOC+380+A", "MOA+12:5", "UNS+S", "MOA+12:5"])])
        #expect(readEdifact(text).collected?.payments[0].advice.status == .voided)
    }

    @Test func `one bad message among good ones is refused alone, in file order`() throws {
        let good = head + ["DOC+380+A", "MOA+12:5", "UNS+S", "MOA+12:5"]
        let bad = head + ["DOC+380+A", "MOA+12:x", "UNS+S", "MOA+12:5"]
        let read = try #require(readEdifact(edifact([("REMADV", bad), ("REMADV", good), ("REMADV", bad)])).collected)
        #expect(read.payments.map(\.advice.at.description) == ["UNH[2]"])
        #expect(read.problems.map(\.at.description) == ["UNH[1]/MOA[1]/01", "UNH[3]/MOA[1]/01"])
        #expect(readEdifact(edifact([("REMADV", bad), ("REMADV", bad)])).problems.count == 2)
        let many = head + (0..<100).flatMap { ["DOC+380+A\($0)", "MOA+12:x"] }
        let problems = readEdifact(edifact([("REMADV", many)])).problems
        #expect(problems.count == Bounds.problemsPerSet)
        #expect(problems.last?.what.hasSuffix("(and 95 more problems in this message)") == true)
    }

    @Test func `a broken envelope rejects the whole file`() {
        let whole = edifact([("REMADV", head + ["UNS+S", "MOA+12:0"])])
        #expect(readEdifact(whole).collected != nil)
        for (what, text) in [
            ("UNT", whole.replacing("UNT+7+1'", with: "")), ("UNZ", whole.replacing("UNZ+1+42'", with: "")),
            ("UNH", whole.replacing("UNH+1+REMADV:D:96A:UN'", with: "")), ("stray", whole.replacing("UNZ+1", with: "MOA+9:1'UNZ+1")),
            ("UNE", whole.replacing("UNZ+1", with: "UNE+1+1'UNZ+1")), ("tail", whole + "and more"),
            ("UNB twice", whole.replacing("UNH+1", with: "UNB+UNOA:1+A+B+1:1+1'UNH+1")),
        ] {
            #expect(!readEdifact(text).problems.isEmpty, "\(what)")
        }
        #expect(readEdifact(whole + "\r\n\u{1A}").collected != nil)
    }

    @Test func `a segment without end and too many elements are refused`() {
        let long = "FTX+AAI+++" + String(repeating: "x", count: Bounds.segmentBytes)
        #expect(payment([long]).problems.first?.kind == .tooLarge)
        #expect(payment(["FTX" + String(repeating: "+", count: Bounds.elements + 1)]).problems.first?.kind == .tooLarge)
        #expect(payment(["FTX+" + String(repeating: ":", count: Bounds.components + 1)]).problems.first?.kind == .tooLarge)
        #expect(payment(["FTX+?+" + String(repeating: ":", count: Bounds.components + 1)]).problems.first?.kind == .tooLarge)
    }

    @Test func `many lines arrive in order and in batches`() throws {
        let count = 3 * Bounds.batch + 7
        let lines = (1...count).flatMap { ["DOC+380+A\($0)", "MOA+9:1", "MOA+12:,5", "RFF+ON:P\($0)", "AJT+4", "RFF+DQ:D\($0)"] }
        let read = try #require(payment(lines, total: "\(count / 2).5").collected?.payments.first)
        #expect(read.lines.map(\.reference) == (1...count).map { "A\($0)" })
        #expect(read.lines.map(\.po) == (1...count).map { "P\($0)" })
        #expect(read.lines.allSatisfy { $0.net == 50 && $0.adjustments.map(\.amount) == [-50] })
        #expect(read.lines.map { $0.adjustments[0].reference } == (1...count).map { "D\($0)" })
        #expect(read.lines.last?.at.description == "UNH[1]/DOC[\(count)]")
        #expect(read.end?.footing == 0)
    }

    static let repertoires: [(String, [UInt8], String)] = [
        ("UNOA:1", [0xE9], "é"), ("UNOC:3", [0xE9], "é"), ("UNOD:3", [0xB3], "ł"), ("UNOE:3", [0xD6, 0xE3], "жу"),
        ("UNOF:3", [0xE1, 0xF2], "ας"),
        ("UNOG:3", [0xFD], "ŭ"), ("UNOH:3", [0xF9], "ų"), ("UNOI:3", [0xC7], "ا"), ("UNOJ:3", [0xE0], "א"), ("UNOK:3", [0xFE], "ş"),
        ("UNOY:4", [0xC5, 0x82], "ł"), ("UNOC:3", [0xC5, 0x82], "ł"), ("UNOE:3", [0xC5, 0x82], "ł"),
    ]

    @Test(arguments: repertoires)
    func `text is UTF-8 where it can be, and else as UNB says`(_ syntax: String, _ bytes: [UInt8], _ text: String) {
        let file = Array(edifact([("ORDERS", ["BGM+220+P1", "NAD+BY+1++A#B"])], syntax: syntax).utf8)
            .flatMap { $0 == 35 ? bytes : [$0] }
        #expect(readEdifact(file).collected?.orders[0].buyer?.name == "A\(text)B", "\(syntax)")
    }

    @Test func `every date format is read, and what is no date is noted`() {
        func date(_ text: String) -> Outcome { readEdifact(edifact([("ORDERS", ["BGM+220+P1", "DTM+137:\(text)"])])) }
        for text in [
            "20260302:102", "202603021530:203", "20260302153059:204", "260302:101", "2603021530:201", "20260302", "260302",
            "202603021530?+01:303",
            "2026030220260305:718", "20260302-20260305:718", "202603021200202603051400:719", "202603020000:",
        ] {
            #expect(date(text).collected?.orders[0].date?.description == "2026-03-02", "\(text)")
        }
        for text in ["20260230:102", "yesterday:102", "2026:102", "20260302:999", "202603:203", "2026030220269905:718"] {
            #expect(date(text).collected?.orders[0].date == nil, "\(text)")
            #expect(date(text).collected?.codes == ["impossible-date"], "\(text)")
        }
    }

    @Test func `a repetition character counts in syntax 4 only`() {
        func name(_ service: String, _ syntax: String) -> String? {
            readEdifact(edifact([("ORDERS", ["BGM+220+P1", "NAD+BY+1++A*B"])], service: service, syntax: syntax)).collected?.orders[0]
                .buyer?.name
        }
        #expect(name("UNA:+.?*'", "UNOC:4") == "A")
        #expect(name("UNA:+.?*'", "UNOC:3") == "A*B")
        #expect(name("UNA:+.? '", "UNOC:4") == "A*B")
        #expect(name("", "UNOC:4") == "A")
        #expect(name("", "UNOC:3") == "A*B")
    }

    @Test func `a debit note that the buyer sends is against us`() {
        func total(_ sender: String) -> Int64? {
            readEdifact(
                edifact([("INVOIC", ["BGM+383+D1", "NAD+BY+RETAILER", "NAD+SU+ACME1", "CUX+2:EUR:4", "UNS+S", "MOA+77:10"])])
                    .replacing("+RETAILER:14", with: "+\(sender):14")
            ).collected?.memos.first?.total
        }
        #expect(total("ACME1") == 1000)
        #expect(total("RETAILER") == -1000)
    }

    @Test func `a total that stands in two currencies is taken in the invoice's own`() throws {
        for amounts in [["MOA+77:85:GBP", "MOA+77:100:EUR", "MOA+9:60:EUR"], ["MOA+77:85:GBP", "MOA+77:100:EUR"]] {
            let text = edifact([("INVOIC", ["BGM+380+R-1+9", "DTM+137:20260301:102", "CUX+2:EUR:4+3:GBP:9", "UNS+S"] + amounts)])
            #expect(readEdifact(text).collected?.invoices.first?.total == 100_00, "\(amounts)")
        }
    }

    @Test(
        arguments: [
            // heading, lines: what counts; whether a note says that they differ
            ([], ["B-1", "B-1"], "B-1", false), ([], ["B-1", nil, "b1"], "B-1", false), ([], ["B-1", "B-2"], nil, true),
            ([], ["B-1", "B-2", "B-1"], nil, true), (["B-9"], ["B-1", "B-2"], "B-9", false), (["B-9", "B-8"], ["B-1"], nil, true),
            (["B-9", "B-9"], [], "B-9", false), ([], [nil, nil], nil, false), ([], [nil, "B-2"], "B-2", false),
        ] as [([String], [String?], String?, Bool)])
    func `an order or invoice that lines name is the document's only if none of them names another`(
        heading: [String], lines: [String?], number: String?, differ: Bool
    ) throws {
        func segments(_ code: String, _ qualifier: String) -> [String] {
            ["BGM+\(code)+R-1+9", "DTM+137:20260301:102"] + heading.map { "RFF+\(qualifier):\($0)" } + ["CUX+2:EUR:4"]
                + lines.enumerated().flatMap { index, name in ["LIN+\(index + 1)"] + (name.map { ["RFF+\(qualifier):\($0)"] } ?? []) }
                + ["UNS+S", "RFF+\(qualifier):ELSE", "MOA+77:10"]
        }
        let invoice = try #require(readEdifact(edifact([("INVOIC", segments("380", "ON"))])).collected)
        #expect(invoice.invoices.map(\.po) == [number])
        #expect(invoice.codes == (differ ? ["references-differ"] : []))
        let memo = try #require(readEdifact(edifact([("INVOIC", segments("381", "IV"))])).collected)
        #expect(memo.memos.map(\.invoice) == [number])
        #expect(memo.codes == (differ ? ["references-differ"] : []))
    }

    @Test(
        arguments: [
            // credit notes of list 1001: each as D.96A or a later directory has it
            ("381", true, false), ("81", true, false), ("83", true, false), ("261", true, false), ("262", true, false),
            ("296", true, false),
            ("308", true, false), ("396", true, false), ("420", true, false), ("532", true, false),
            // invoices, and what is not known to be one
            ("380", false, false), ("389", false, false), ("386", false, false), ("393", false, false), ("384", false, true),
            ("527", false, true), ("999", false, true), ("", false, true),
        ] as [(String, Bool, Bool)])
    func `a document is a credit note or an invoice by its code, and one that is taken without knowing it is noted`(
        code: String, isCredit: Bool, isNoted: Bool
    ) throws {
        let read = try #require(
            readEdifact(edifact([("INVOIC", ["BGM+\(code)+R-1+9", "CUX+2:EUR:4", "UNS+S", "MOA+77:10"])])).collected)
        #expect(read.memos.map(\.total) == (isCredit ? [-1000] : []))
        #expect(read.invoices.map(\.total) == (isCredit ? [] : [1000]))
        #expect(read.codes == (isNoted ? [code == "384" ? "corrected-invoice" : "document-code"] : []))
    }

    @Test(
        arguments: [
            ("380", "1960", "40", 4000), ("380", "1960", "-40", 4000), ("380", "-1960", "40", -4000), ("381", "98", "2", -200),
            ("381", "-98", "-2", -200), ("381", "-98", "2", -200), ("383", "98", "-2", 200), ("380", "0", "-2", 200),
        ] as [(String, String, String, Int64)])
    func `a discount has the sign of what is remitted where nothing says what is due`(
        code: String, remitted: String, discount: String, minor: Int64
    ) throws {
        let segments = [
            "BGM+481+Z-1+9", "DTM+137:20260301:102", "CUX+2:EUR:11", "DOC+\(code)+A", "MOA+12:\(remitted)", "MOA+52:\(discount)",
        ]
        let read = try #require(readEdifact(edifact([("REMADV", segments + ["UNS+S"])])).collected)
        #expect(read.payments.first?.lines.map(\.discount) == [minor])
        #expect(read.payments.first?.lines.map(\.gross) == [nil])
    }

    @Test func `a currency in small letters is that currency, and is noted`() throws {
        func payment(_ cux: [String], _ currency: String) -> [String] {
            ["BGM+481+Z-1+9", "DTM+137:20260301:102"] + cux
                + ["DOC+380+A", "MOA+9:20:\(currency)", "MOA+12:20:\(currency)", "UNS+S", "MOA+12:20:\(currency)"]
        }
        for cux in [["CUX+2:EUR:11"], ["CUX+2:eur:11"], []] {
            let read = try #require(readEdifact(edifact([("REMADV", payment(cux, "eur"))]), currency: nil).collected)
            #expect(read.payments.map(\.advice.currency.code) == ["EUR"], "\(cux)")
            #expect(read.payments.map(\.advice.total) == [2000])
            #expect(read.payments[0].lines.map(\.net) == [2000])
            #expect(read.payments[0].lines.map(\.gross) == [2000])
            #expect(Set(read.codes) == ["currency-case"])
        }
        // another currency is another, whatever its letters
        #expect(readEdifact(edifact([("REMADV", payment(["CUX+2:EUR:11"], "gbp"))])).problems.first?.what.contains("gbp") == true)
        #expect(readEdifact(edifact([("REMADV", payment(["CUX+2:EUR:11"], "eu1"))])).problems.first?.what.contains("eu1") == true)
        for cux in ["CUX+2:EUR:4", "CUX+2:eur:4"] {
            let segments = ["BGM+380+R-1+9", cux, "UNS+S", "MOA+77:10:eur", "MOA+124:1.6:eur"]
            let bill = try #require(readEdifact(edifact([("INVOIC", segments)])).collected)
            #expect(bill.invoices.map(\.total) == [1000])
            #expect(bill.invoices.map(\.tax) == [160])
            #expect(Set(bill.codes) == ["currency-case"])
        }
    }

    @Test func `what was delivered is not added to what became of it`() throws {
        let quantities = [
            ["QTY+46:5", "QTY+194:4", "QTY+196:1"], ["QTY+194:4", "QTY+196:1", "QTY+46:5"], ["QTY+46:5"], ["QTY+46:9", "QTY+48:5"],
        ]
        for quantities in quantities {
            let segments = ["BGM+632+W-1+9", "DTM+137:20260301:102", "RFF+ON:B-1", "CPS+1", "LIN+1++4000001000005:EN"] + quantities
            let receipt = readEdifact(edifact([("RECADV", segments)])).collected?.receipts.first
            #expect(receipt?.lines.first?.received == ExactDecimal(5), "\(quantities)")
        }
    }
}
