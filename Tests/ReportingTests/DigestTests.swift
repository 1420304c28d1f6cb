import Glibc
import Testing
import Trade

@testable import Reporting

@Suite struct DigestTests {
    /// Beside this file; regenerated with REMITD_WRITE_GOLDEN=1.
    static func golden(_ name: String, _ bytes: [UInt8], at file: String = #filePath) {
        let path = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/Golden/\(name)"
        if getenv("REMITD_WRITE_GOLDEN") != nil { Files.write(bytes, to: path) }
        #expect(Files.read(path) == bytes, "\(name) differs; look at it, then REMITD_WRITE_GOLDEN=1")
    }

    @Test(arguments: Language.allCases)
    func `the digest reads as its golden files do`(language: Language) throws {
        let message = try Digest.compose(language == .zh ? Fixture.chinese : Fixture.facts)
        Self.golden("digest.\(language.rawValue).txt", Array((message.subject + "\n\n" + message.text).utf8))
        Self.golden("digest.\(language.rawValue).html", Array(message.html.utf8))
        Self.golden("digest.\(language.rawValue).csv", try #require(message.attachments.first).bytes)
        Self.golden("digest.\(language.rawValue).eml", message.rfc5322)
        #expect(message.fileName == "2026-03-02-finance.eml")
    }

    @Test func `the subject line says the sums`() throws {
        #expect(
            try Digest.compose(Fixture.facts).subject
                == "remitd 2 Mar: refused (1), 12,345.00 USD late (3), 120.00 USD + 20,000 JPY short (2), 999.99 USD owed by us (1), "
                + "2 more kinds")
        #expect(
            try Digest.compose(Fixture.chinese).subject
                == "【remitd】3月2日：被拒收（1），逾期 12,345.00 USD（3），短付 120.00 USD + 20,000 JPY（2），我方应付 999.99 USD（1），另有 2 类")
        var quiet = Fixture.facts
        quiet.findings = []
        quiet.refusals = []
        #expect(try Digest.compose(quiet).subject == "remitd 2 Mar: all clear")
        quiet.language = .zh
        #expect(try Digest.compose(quiet).subject == "【remitd】3月2日：一切正常")
    }

    @Test func `the same facts give the same bytes in whatever order they come`() throws {
        let expected = try Digest.compose(Fixture.facts)
        let seed = UInt64.random(in: .min ... .max)
        var random = Seeded(state: seed)
        for _ in 0..<20 {
            var facts = Fixture.facts
            facts.findings.shuffle(using: &random)
            facts.payments.shuffle(using: &random)
            facts.deductions.shuffle(using: &random)
            #expect(try Digest.compose(facts) == expected, "seed \(seed)")
        }
    }

    @Test func `what a partner refused stands in the body, said in both languages, and what was not refused gives no section`() throws {
        let message = try Digest.compose(Fixture.facts)
        #expect(message.text.contains("--- Refused by the partner (1) ---"))
        #expect(message.text.contains("INV-1044"))
        #expect(message.html.contains("PO number &lt;unknown&gt; at the buyer"))
        #expect(try Digest.compose(Fixture.chinese).text.contains("对方拒收的单据"))
        var quiet = Fixture.facts
        quiet.refusals = []
        #expect(try !Digest.compose(quiet).text.contains("Refused"))
        // with nothing else to say, it is not all clear
        var only = Fixture.facts
        only.findings = []
        let alone = try Digest.compose(only)
        #expect(alone.subject.contains("refused (1)") && !alone.subject.contains("all clear"))
        #expect(alone.text.contains("1 refused by the partner") && !alone.text.contains("Nothing to do today"))
        #expect(!alone.html.contains("Nothing to do today"))
        var many = Fixture.facts
        many.refusals = (1...30).map { number in
            var refusal = Fixture.facts.refusals[0]
            refusal.subject = "INV-\(number)"
            refusal.isPartial = true
            return refusal
        }
        let text = try Digest.compose(many).text
        #expect(text.contains("Refused by the partner (30)"))
        #expect(text.contains("Refused in part"))
        #expect(text.contains("18"), "how many are left out is said")
    }

    @Test func `each money key counts once: claim before invoice before match`() throws {
        var facts = Fixture.facts
        facts.findings = [
            DigestFinding(Fixture.late("INV-1", Fixture.money(50_000, "USD"), due: "2026-02-01"), .new),
            // the same euro seen as a short payment of the same invoice
            DigestFinding(
                Fixture.finding(.paymentShort, "INV-1", Fixture.money(50_000, "USD"), money: "INV-1", details: ["expected": "1"]), .new),
            // another direction is other money
            DigestFinding(
                Fixture.finding(.paymentUnmatched, "INV-1", Fixture.money(700, "USD"), direction: .byUs, money: "INV-1"), .new),
            // another account too
            DigestFinding(Fixture.late("INV-1", Fixture.money(300, "USD"), due: "2026-02-01", account: "acme-de"), .new),
        ]
        let message = try Digest.compose(facts)
        #expect(message.text.contains("--- To do today (2): 503.00 USD ---"))
        #expect(message.text.contains("--- Money we owe: 7.00 USD ---"))
        #expect(message.text.contains("Short-paid: 1 (-2)\n    of these counted with another finding: 1  500.00 USD\n"), "\(message.text)")
        #expect(message.subject == "remitd 2 Mar: refused (1), 503.00 USD late (2), 7.00 USD owed by us (1)")
        #expect(MoneyKeys.rank(.paymentLate) == 1)
        // one block for the invoice, both findings as its reasons
        #expect(message.text.split(separator: "\n").filter { $0.hasPrefix("* ") && $0.contains("INV-1 | acme-us") }.count == 2)
    }

    @Test func `a claim is part of its invoice and is counted once, whatever else is missing on the invoice`() throws {
        func claim(_ kind: FindingKind, _ reference: String, _ amount: Int64, _ class: String = "shortage") -> DigestFinding {
            DigestFinding(
                Fixture.finding(
                    kind, reference, Fixture.money(amount, "USD"), money: "invoice:INV1/\(ReferenceKey.of(reference))",
                    details: ["class": .string(`class`), "root": "INV-1"]), .new)
        }
        let short: JSON = [
            "expected": "1000.00", "paid": "900.00",
            "explained": [["reason": "shortage", "reference": "INV-1SC", "amount": "60.00"]], "unexplained": "40.00",
        ]
        var facts = Fixture.facts
        facts.findings = [
            // 60.00 of the 100.00 are the claim
            DigestFinding(
                Fixture.finding(.paymentShort, "INV-1", Fixture.money(100_00, "USD"), money: "invoice:INV1", details: short), .new),
            claim(.deductionUnsupported, "INV-1SC", 60_00), claim(.deductionDuplicate, "INV-1SC", 60_00),
            // written off, so no part of what is short
            claim(.deductionUnsupported, "INV-1PC", 7_00, "price"),
            // the invoice's own finding stands for it
            DigestFinding(Fixture.finding(.matchPrice, "INV-1", Fixture.money(5_00, "USD"), money: "invoice:INV1"), .new),
            // of a match alone only what no claim of its class is about
            DigestFinding(
                Fixture.finding(.matchQuantity, "PO1/B01", Fixture.money(80_00, "USD"), money: "invoice:INV2", details: ["root": "INV-2"]),
                .new),
            DigestFinding(
                Fixture.finding(
                    .deductionUnsupported, "INV-2SC", Fixture.money(50_00, "USD"), money: "invoice:INV2/INV2SC",
                    details: ["class": "shortage", "root": "INV-2"]), .new),
        ]
        let message = try Digest.compose(facts)
        #expect(message.text.contains("--- To do today (2): 187.00 USD ---"), "\(message.text)")
        let table = String(decoding: message.attachments[0].bytes, as: UTF8.self)
        let counted = table.split(whereSeparator: \.isNewline).dropFirst().map {
            String($0.split(separator: ",", omittingEmptySubsequences: false)[6])
        }
        #expect(counted.sorted() == ["0.00", "0.00", "30.00", "40.00", "50.00", "60.00", "7.00"], "\(counted)")
    }

    @Test func `what the data cannot tell is summed apart`() throws {
        let message = try Digest.compose(Fixture.facts)
        #expect(message.text.contains("--- Cannot tell yet: 4,300.10 EUR ---"))
        let dueSection = message.text.split(separator: "---")
        let index = try #require(dueSection.firstIndex { $0.contains("To do today") })
        #expect(!dueSection[index + 1].contains("RE-2026-031"))
        #expect(!dueSection[index].contains("EUR"))
    }

    @Test func `an unchanged finding stands in the body only on the day it is due`() throws {
        let message = try Digest.compose(Fixture.facts)
        #expect(!message.text.contains("INV-0975"))
        #expect(message.text.contains("JP-77"))
        let table = String(decoding: message.attachments[0].bytes, as: UTF8.self)
        #expect(table.contains("INV-0975"))
        var later = Fixture.facts
        later.day = Fixture.day("2026-03-03")
        later.previousDay = Fixture.day("2026-03-02")
        for index in later.accounts.indices { later.accounts[index].today = later.day }
        #expect(try !Digest.compose(later).text.contains("JP-77"))
    }

    @Test func `foreign text cannot become markup or turn the reading direction`() throws {
        var facts = Fixture.facts
        let evil = "<script>alert(1)</script>\"'&\u{202E}gpj\u{2028}\"\u{0301} onload=x"
        facts.group = evil
        facts.accounts[0].id = evil
        facts.accounts[1].troubles = [SourceTrouble(source: evil, reason: evil)]
        facts.findings = [
            DigestFinding(Fixture.finding(.paymentShort, evil, Fixture.money(1, "USD"), details: ["expected": .string(evil)]), .new),
            DigestFinding(Fixture.finding(.remittanceConflict, evil, account: evil, details: ["x": .string(evil)]), .new),
        ]
        facts.payments = [ReceivedPayment(account: evil, number: evil, date: nil, money: Fixture.money(1, "USD"))]
        let message = try Digest.compose(facts)
        #expect(!message.html.contains("<script"))
        #expect(!message.html.contains("alert(1)</"))
        for text in [message.html, message.text] {
            #expect(!text.unicodeScalars.contains { $0.value == 0x202E || $0.value == 0x2028 })
        }
        let quote: Unicode.Scalar = "\""
        let body = message.html.unicodeScalars
        for index in body.indices where body[index] == quote {
            let next = body.index(after: index)
            #expect(next == body.endIndex || body[next].value != 0x301)
        }
        #expect(!message.html.contains("http") && !message.html.contains("src="))
        #expect(message.fileName.hasPrefix("2026-03-02-") && !message.fileName.contains("/") && !message.fileName.contains("<"))
    }

    @Test func `the table is safe against formulas and numbers stay numbers`() {
        var sheet = SpreadsheetText()
        sheet.row([.text("=1+1"), .text("+1"), .text("-1"), .text("@x"), .text("\tx"), .text("\rx"), .text(" =x"), .text("＝x")])
        sheet.row([.number("-12.50"), .text("a,b"), .text("say \"x\""), .text("a;=b"), .empty, .text("INV-1")])
        let quoted = "'=1+1,'+1,'-1,'@x,\"'\tx\",\"'\rx\",' =x,'＝x\r\n"
        #expect(sheet.text == "\u{FEFF}" + quoted + "-12.50,\"a,b\",\"say \"\"x\"\"\",\"a;=b\",,INV-1\r\n")
    }

    @Test func `a kind without words is told by its name`() throws {
        var facts = Fixture.facts
        facts.wordings = [:]
        facts.findings = [DigestFinding(Fixture.finding(.remittanceConflict, "EFT-1", Fixture.money(5, "USD"), direction: .none), .new)]
        let text = try Digest.compose(facts).text
        #expect(text.contains("remittance.conflict: EFT-1"))
        #expect(text.contains("Look into it"))
    }

    @Test func `a failing source and trouble of its own are told without a rule's words`() throws {
        var facts = Fixture.chinese
        facts.findings = [
            DigestFinding(
                Fixture.finding(.sourceFailing, "edi", severity: .critical, direction: .none, details: ["class": "network"]), .new),
            DigestFinding(Fixture.finding(.serviceTrouble, "mail", account: "", direction: .none, details: ["reason": "exit 67"]), .new),
        ]
        let text = try Digest.compose(facts).text
        #expect(text.contains("[数据源故障，新增] 数据源 edi：网络无法连接。"))
        #expect(text.contains("[remitd 自身故障，新增] mail：exit 67"))
    }

    @Test(arguments: [
        (Language.en, "4 short", "but no such return is on file"), (.zh, "差 4（少收）", "但系统中没有这笔退货"),
    ])
    func `codes in the details of a finding are told in the reader's words`(language: Language, side: String, contradiction: String) throws
    {
        var facts = language == .en ? Fixture.facts : Fixture.chinese
        let both: (String, String) -> Wording.Both = { Wording.Both(en: $0, zh: $1) }
        facts.wordings = [
            .matchQuantity: Wording(
                title: both("Q", "Q"), sentence: both("4 {{details.side}}", "差 4（{{details.side}}）"), action: both("A", "A")),
            .deductionUnsupported: Wording(
                title: both("U", "U"), sentence: both("but {{details.contradiction}}", "但{{details.contradiction}}"), action: both("A", "A")
            ),
        ]
        facts.findings = [
            DigestFinding(Fixture.finding(.matchQuantity, "PO1/B01", details: ["side": "short"]), .new),
            DigestFinding(Fixture.finding(.deductionUnsupported, "INV-1RTV", details: ["contradiction": "return"]), .new),
        ]
        let text = try Digest.compose(facts).text
        #expect(text.contains(side))
        #expect(text.contains(contradiction))
    }

    @Test func `a broken wording is an error that names the kind`() {
        var facts = Fixture.facts
        facts.wordings[.paymentLate]?.sentence.en = "{{#open}"
        var caught: DigestError?
        do { _ = try Digest.compose(facts) } catch { caught = error }
        guard case .template("payment.late", _) = caught else {
            Issue.record("got \(String(describing: caught))")
            return
        }
    }

    @Test func `a total out of range is an error, not a number`() {
        var facts = Fixture.facts
        facts.findings = (0..<2).map { DigestFinding(Fixture.late("X-\($0)", Fixture.money(.max, "USD"), due: "2026-02-01"), .new) }
        #expect(throws: DigestError.overflow(Fixture.currency("USD"))) { _ = try Digest.compose(facts) }
    }

    @Test func `a flood is capped in the body and whole in the table`() throws {
        var facts = Fixture.facts
        facts.findings = (1...5000).map {
            DigestFinding(Fixture.late("INV-\($0)", Fixture.money(Int64($0) * 100, "USD"), due: "2026-02-01"), .new)
        }
        let message = try Digest.compose(facts)
        // 1 + … + 4975
        #expect(message.text.contains("4975 more, 12,377,800.00 USD in all"))
        #expect(message.html.utf8.count < 100_000)
        #expect(message.attachments[0].bytes.count { $0 == 10 } == 5001)
    }
}

/// SplitMix64, so that a failing shuffle can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
