import Testing
import Trade

@testable import Ledger

@Suite struct WakeTests {
    @Test func `a day on which nothing happened judges nothing, and a day that is due judges what waited for it`() throws {
        let desk = try Desk()
        // due 2026-03-02, first late day 03-06; the other own terms: due 2026-01-31, first late day 02-04
        try desk.deliver(
            SampleFile(
                "inv", [.invoice("INV-1", 1000_00), .invoice("INV-2", 500_00, terms: PaymentTerms(netDays: 30)), .invoice("INV-3", 300_00)]),
            on: "2026-01-02")
        try desk.deliver(SampleFile("pay", [.payment("P-1", "2026-01-20", [("INV-3", 300_00)])]), on: "2026-01-21")
        var judgedOn: [String: [String]] = [:]
        for offset in 0..<120 {
            let today = day("2026-01-22") + offset
            desk.judged = []
            try desk.evaluate(on: today.description)
            if !desk.judged.isEmpty { judgedOn[today.description] = desk.judged.sorted() }
        }
        // first late day (levels 1 is passed with it), then the levels 7 and 30
        #expect(
            judgedOn == [
                "2026-02-04": ["INV2"], "2026-02-07": ["INV2"], "2026-03-02": ["INV2"],
                "2026-03-06": ["INV1"], "2026-03-09": ["INV1"], "2026-04-01": ["INV1"],
            ])
        #expect(try desk.value("SELECT CAST(count(*) AS TEXT) FROM documents WHERE wake_day IS NOT NULL") == "0")
        #expect(try desk.events().filter { $0.hasPrefix("opened") }.count == 2)
    }

    @Test func `a further level reminds of a finding and does not change it`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 1000_00)]), on: "2026-01-02")
        try desk.deliver(SampleFile("pay", [.payment("P-0", "2026-03-30", [("INV-9", 5_00)])]), on: "2026-03-05")
        for offset in 0...35 { try desk.evaluate(on: (day("2026-03-05") + offset).description) }
        #expect(
            try desk.events().filter { $0.contains("payment.late") } == [
                "opened payment.late INV-1 1000.00", "reminder payment.late INV-1 1000.00", "reminder payment.late INV-1 1000.00",
            ])
        #expect(try desk.finding(.paymentLate, "INV-1")?.finding.details["level"] == 30)
    }

    @Test func `a day that was missed is made up for`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 1000_00)]), on: "2026-01-02")
        try desk.evaluate(on: "2026-03-20")
        #expect(try desk.finding(.paymentLate, "INV-1")?.finding.details["level"] == 7)
    }

    @Test func `many references that wait for one day are one row`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("pay", [.payment("P-1", "2026-02-18", (0..<50).map { ("INV-\($0)", 1_00) })]), on: "2026-02-20")
        #expect(try desk.value("SELECT CAST(count(*) AS TEXT) FROM documents WHERE wake_day IS NOT NULL") == "1")
        desk.judged = []
        try desk.evaluate(on: "2026-02-22")
        #expect(desk.judged.isEmpty)
        try desk.evaluate(on: "2026-02-23")
        #expect(desk.judged.count == 50)
        #expect(try desk.open().count == 50)
        // the invoices come: all are resolved
        try desk.deliver(SampleFile("inv", (0..<50).map { .invoice("INV-\($0)", 1_00) }), on: "2026-02-24")
        #expect(try desk.open().isEmpty)
    }

    @Test func `what could not be told is judged again when remittances are known further`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 1000_00), .invoice("INV-2", 10_00)]), on: "2026-01-02")
        try desk.deliver(SampleFile("p1", [.payment("P-1", "2026-02-01", [("INV-2", 10_00)])]), on: "2026-02-02")
        try desk.evaluate(on: "2026-03-10")
        #expect(try desk.finding(.paymentLate, "INV-1")?.finding.details["data"] == "behind")
        try desk.deliver(SampleFile("p2", [.payment("P-2", "2026-03-10", [("INV-7", 10_00)])]), on: "2026-03-11")
        #expect(try desk.ledger.knownUntil() == ["acme-us": day("2026-03-10")])
        #expect(try desk.finding(.paymentLate, "INV-1")?.finding.details["data"] == nil)
        #expect(try desk.events() == ["opened payment.late INV-1 1000.00", "changed payment.late INV-1 1000.00"])
        // an older remittance moves nothing, and wakes nothing of it
        desk.judged = []
        try desk.deliver(SampleFile("p0", [.payment("P-0", "2026-01-15", [("INV-8", 10_00)])]), on: "2026-03-12")
        #expect(desk.judged == ["INV8"])
        #expect(try desk.ledger.knownUntil() == ["acme-us": day("2026-03-10")])
    }

    @Test func `a content that foots takes the place of one that does not, with the families of both`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 1000_00), .invoice("INV-2", 500_00)]), on: "2026-01-02")
        try desk.deliver(SampleFile("a", [.payment("P-1", "2026-02-20", [("INV-1", 900_00)], missing: 7_00)]), on: "2026-02-21")
        #expect(try desk.open() == ["payment.short INV-1 100.00", "remittance.unbalanced P-1 7.00"])
        try desk.deliver(SampleFile("b", [.payment("P-1", "2026-02-20", [("INV-1", 1000_00), ("INV-2", 400_00)])]), on: "2026-02-22")
        #expect(try desk.open() == ["payment.short INV-2 100.00", "remittance.conflict P-1 493.00"])
        // one that comes later and foots as well does not win
        try desk.deliver(SampleFile("c", [.payment("P-1", "2026-02-20", [("INV-1", 1_00)])]), on: "2026-02-23")
        #expect(try desk.open() == ["payment.short INV-2 100.00", "remittance.conflict P-1 1399.00"])
        #expect(try desk.value("SELECT CAST(count(*) AS TEXT) FROM v_documents WHERE type = 'remittance_advice' AND stands = 1") == "1")
        // the same content in another order of lines is none of them
        try desk.deliver(SampleFile("d", [.payment("P-1", "2026-02-20", [("INV-2", 400_00), ("INV-1", 1000_00)])]), on: "2026-02-24")
        #expect(try desk.open() == ["payment.short INV-2 100.00", "remittance.conflict P-1 1399.00"])
    }

    @Test func `a withdrawn remittance no longer says until when the picture is complete`() throws {
        let desk = try Desk()
        let wrong = SampleFile("wrong", [.payment("P-9", "2026-12-31", [("OTHER", 1_00)])])
        try desk.deliver(SampleFile("right", [.payment("P-1", "2026-02-20", [("INV-8", 5_00)])]), on: "2026-02-21")
        try desk.deliver(wrong, on: "2026-02-22")
        #expect(try desk.ledger.knownUntil().values.map(\.description) == ["2026-12-31"])
        #expect(try desk.ledger.withdraw(wrong.sha256, reason: "a typing error", who: "li", at: noon(day("2026-02-23"))))
        #expect(try desk.ledger.knownUntil().values.map(\.description) == ["2026-02-20"])
    }

    @Test func `a payment date years ahead says nothing of until when payments are known, and is told`() throws {
        let desk = try Desk()
        let right = SampleFile("right", [.payment("P-1", "2026-02-20", [("INV-8", 5_00)])])
        let far = SampleFile("far", [.payment("P-9", "2027-02-24", [("OTHER", 1_00)])])
        let near = SampleFile("near", [.payment("P-8", "2027-02-23", [("OTHER", 2_00)])])
        try desk.deliver(right, on: "2026-02-21")
        try desk.deliver(far, on: "2026-02-22")
        #expect(try desk.ledger.knownUntil().values.map(\.description) == ["2026-02-20"])
        let notes = try #require(try desk.ledger.files(state: nil).last).notes
        #expect(notes.count == 1 && notes[0].contains("2027-02-24 is more than 366 days after its arrival"), "\(notes)")
        try desk.deliver(near, on: "2026-02-22")
        #expect(try desk.ledger.knownUntil().values.map(\.description) == ["2027-02-23"])
        // and what is left when others are withdrawn is no other
        #expect(try desk.ledger.withdraw(near.sha256, reason: "a typing error", who: "li", at: noon(day("2026-02-23"))))
        #expect(try desk.ledger.knownUntil().values.map(\.description) == ["2026-02-20"])
    }

    @Test func `the same lines without a stated total are no conflict`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("a", [.payment("P-1", "2026-02-20", [("INV-1", 900_00)])]), on: "2026-02-21")
        try desk.deliver(SampleFile("b", [.payment("P-1", "2026-02-20", [("INV-1", 900_00)], statesTotal: false)]), on: "2026-02-22")
        #expect(try desk.open().filter { $0.hasPrefix("remittance.conflict") } == [])
    }

    @Test func `the next content takes the place of a withdrawn one, with its families`() throws {
        let desk = try Desk()
        let first = SampleFile("a", [.payment("P-1", "2026-02-20", [("INV-1", 900_00)])])
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 1000_00), .invoice("INV-2", 500_00)]), on: "2026-01-02")
        try desk.deliver(first, on: "2026-02-21")
        try desk.deliver(SampleFile("b", [.payment("P-1", "2026-02-20", [("INV-2", 400_00)])]), on: "2026-02-22")
        #expect(try desk.open() == ["payment.short INV-1 100.00", "remittance.conflict P-1 500.00"])
        #expect(try desk.rows("SELECT reference, stands FROM v_lines ORDER BY line") == [["INV-1", "1"], ["INV-2", "0"]])
        #expect(try desk.ledger.withdraw(first.sha256, reason: "a draft", who: "li", at: noon(day("2026-02-23"))))
        try desk.evaluate(on: "2026-02-23")
        #expect(try desk.open() == ["payment.short INV-2 100.00"])
    }

    @Test func `a payment that comes again with more to say came when it first came`() throws {
        let desk = try Desk()
        let poor = SampleFile("a.csv", [.payment("P-1", "2026-02-20", [("INV-9", 5_00)])])
        let rich = SampleFile(
            "b.edi",
            [
                .remittance(
                    RemittanceAdvice(number: "P-1", currency: usd, at: .segment("ST", 1, set: 1), date: day("2026-02-20"), total: 5_00),
                    [
                        RemittanceLine(
                            reference: "INV-9", referenceType: .invoice, net: 5_00, at: .segment("RMR", 1, set: 1), po: "PO-1", gross: 5_00,
                            text: "goods")
                    ], RemittanceEnd(footing: 0))
            ])
        try desk.deliver(poor, on: "2026-02-21")
        try desk.deliver(rich, on: "2026-02-23")
        #expect(try desk.rows("SELECT file, stands FROM v_documents ORDER BY document") == [["a.csv", "0"], ["b.edi", "1"]])
        try desk.evaluate(on: "2026-02-24")
        #expect(try desk.open() == ["payment.unmatched INV-9 5.00"])
    }

    @Test func `a voided payment pays nothing, whichever came first`() throws {
        for voidedFirst in [false, true] {
            let desk = try Desk()
            let paid = SampleFile("a", [.payment("P-1", "2026-02-20", [("INV-1", 900_00)])])
            let voided = SampleFile("b", [.payment("P-1", "2026-02-20", [("INV-1", 900_00)], status: .voided)])
            try desk.deliver(SampleFile("inv", [.invoice("INV-1", 1000_00)]), on: "2026-01-02")
            try desk.deliver(voidedFirst ? voided : paid, on: "2026-02-21")
            try desk.deliver(voidedFirst ? paid : voided, on: "2026-02-22")
            #expect(try desk.open() == ["payment.voided P-1 900.00"])
            try desk.evaluate(on: "2026-03-10")
            #expect(try desk.open() == ["payment.late INV-1 1000.00", "payment.voided P-1 900.00"])
        }
    }

    @Test func `a memo of ours that comes late ends what was said of the lines that took it`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 1000_00)]), on: "2026-01-02")
        try desk.deliver(SampleFile("p1", [.payment("P-1", "2026-01-20", [("INV-1", 1000_00), ("CM-1", -10_00)])]), on: "2026-01-21")
        try desk.deliver(SampleFile("p2", [.payment("P-2", "2026-01-25", [("CM-1", -10_00)])]), on: "2026-01-26")
        #expect(try desk.open() == ["deduction.duplicate CM-1 10.00"])
        try desk.deliver(SampleFile("memo", [.memo("CM-1", -10_00, on: "INV-1")]), on: "2026-01-27")
        #expect(try desk.open() == ["payment.short INV-1 10.00"])
    }

    @Test func `accounts do not see one another's documents`() throws {
        let desk = try Desk()
        try desk.deliver(SampleFile("inv", [.invoice("INV-1", 1000_00)]), account: "acme-us", on: "2026-01-02")
        try desk.deliver(SampleFile("pay", [.payment("P-1", "2026-02-20", [("INV-1", 1000_00)])]), account: "acme-eu", on: "2026-02-20")
        try desk.evaluate(on: "2026-03-10")
        #expect(try desk.open("acme-us") == ["payment.late INV-1 1000.00"])
        #expect(try desk.open("acme-eu") == ["payment.unmatched INV-1 1000.00"])
        #expect(try desk.ledger.knownUntil() == ["acme-eu": day("2026-02-20")])
        #expect(try desk.ledger.openCounts(accounts: ["acme-eu"]) == ["payment.unmatched": 1])
        #expect(try desk.ledger.findings(includingResolved: false, kind: "payment").count == 2)
        #expect(try desk.ledger.findings(includingResolved: false, kind: "payment.late").count == 1)
        for kind in ["pay", "payment.", "payment.lat", "payment_late", "%"] {
            #expect(try desk.ledger.findings(includingResolved: false, kind: kind).isEmpty, "\(kind)")
        }
    }

    @Test func `one file may feed several accounts`() throws {
        let desk = try Desk()
        let mixed = SampleFile(
            "mixed.edi",
            [
                .party("acme-us"), .invoice("INV-1", 1000_00), .payment("P-1", "2026-02-20", [("INV-1", 900_00), ("INV-7", 1_00)]),
                .party("acme-eu"), .invoice("INV-1", 700_00), .payment("P-1", "2026-02-21", [("INV-1", 100_00), ("INV-8", 1_00)]),
            ])
        try desk.deliver(mixed, account: "", on: "2026-02-21")
        #expect(try desk.open("acme-us") == ["payment.short INV-1 100.00"])
        #expect(try desk.open("acme-eu") == ["payment.short INV-1 600.00"])
        #expect(try desk.ledger.knownUntil() == ["acme-us": day("2026-02-20"), "acme-eu": day("2026-02-21")])
        try desk.evaluate(on: "2026-02-24")
        #expect(try desk.open("acme-us") == ["payment.short INV-1 100.00", "payment.unmatched INV-7 1.00"])
        #expect(try desk.open("acme-eu") == ["payment.short INV-1 600.00", "payment.unmatched INV-8 1.00"])
        #expect(try desk.ledger.queueLength() == 0)
        // no id fits: the file is rejected with what was seen
        guard case .rejected? = try desk.deliver(SampleFile("x", [.party("ZZ"), .invoice("INV-9", 1)]), account: "", on: "2026-02-24")
        else {
            throw Unexpected()
        }
    }

    @Test func `a file of more families than one page holds is judged whole`() throws {
        let desk = try Desk()
        let count = Ledger.batch + 100
        try desk.deliver(SampleFile("inv", (0..<count).map { .invoice("INV-\($0)", 10_00) }), on: "2026-01-02")
        #expect(desk.judged.count == count)
        desk.judged = []
        try desk.deliver(SampleFile("pay", [.payment("P-1", "2026-02-20", (0..<count).map { ("INV-\($0)", 9_00) })]), on: "2026-02-21")
        #expect(Set(desk.judged).count == count)
        #expect(try desk.ledger.openCounts(accounts: nil) == ["payment.short": count])
        #expect(try desk.ledger.lastEventSeq() == Int64(count))
    }

    @Test func `a digest is kept as it was made`() throws {
        let desk = try Desk()
        let made = StoredDigest(
            group: "finance", day: day("2026-02-20"), made: noon(day("2026-02-20")), throughSeq: 4, throughDocument: 9,
            openCounts: ["payment.late": 2],
            name: "n.eml",
            message: [1, 2, 3])
        try desk.ledger.keep(made)
        var other = made
        other.message = [9]
        try desk.ledger.keep(other)
        #expect(try desk.ledger.digest(group: "finance", day: day("2026-02-20"))?.message == [1, 2, 3])
        #expect(try desk.ledger.unplacedDigests().map(\.message) == [[1, 2, 3]])
        try desk.ledger.notePlaced(made)
        #expect(try desk.ledger.unplacedDigests().isEmpty)
        #expect(try desk.ledger.digest(group: "sales", day: day("2026-02-20")) == nil)
        #expect(try desk.ledger.lastDigest(group: "finance", before: day("2026-02-20")) == nil)
        #expect(try desk.ledger.lastDigest(group: "finance", before: day("2026-03-01"))?.openCounts == ["payment.late": 2])
    }

    @Test func `what was received and taken is summed for a digest`() throws {
        let desk = try Desk()
        try desk.deliver(
            SampleFile("pay", [.payment("P-1", "2026-02-20", [("INV-1", 900_00), ("INV-1SC", -50_00)], beside: [("F-1", -7_00)])]),
            on: "2026-02-21")
        let to = try desk.ledger.lastDocument()
        #expect(try desk.ledger.payments(after: 0, through: to, accounts: ["acme-us"]).map(\.money) == [Money(843_00, usd)])
        #expect(try desk.ledger.payments(after: to, through: to, accounts: nil).isEmpty)
        let taken = try desk.ledger.taken(after: 0, through: to, accounts: nil)
        #expect(taken.map(\.deduction) == [.shortage, .freight])
        #expect(taken.map(\.money.minor) == [50_00, 7_00])
        // read again it is another document, and not money received again
        let file = try #require(try desk.ledger.files(state: nil).first)
        #expect(try desk.ledger.retry(file.sha256, who: "li", at: noon(day("2026-02-22"))))
        try desk.deliver(
            SampleFile("pay", [.payment("P-1", "2026-02-20", [("INV-1", 900_00), ("INV-1SC", -50_00)], beside: [("F-1", -7_00)])]),
            on: "2026-02-23")
        #expect(try desk.ledger.payments(after: to, through: .max, accounts: nil).isEmpty)
        #expect(try desk.ledger.taken(after: to, through: .max, accounts: nil).isEmpty)
    }
}
