import Testing
import Trade

@Suite struct InvoiceDuplicateNumberTests {
    private func twice(_ a: InvoiceFact, _ b: InvoiceFact) -> Finding? {
        let finding = judge(family([a, b]), on: "2026-01-10").finding(.invoiceDuplicateNumber)
        #expect(judge(family([b, a]), on: "2026-01-10").finding(.invoiceDuplicateNumber) == finding)
        return finding
    }

    @Test func `two different invoices under one number are told with both, the first by date counts`() throws {
        let first = invoice("AC-790819", 480_00, date: "2026-01-01", po: "PO-1", file: "a.edi")
        let second = invoice("ac790819", 500_00, date: "2026-01-05", po: "PO-2", file: "b.edi", document: 2)
        let told = try #require(twice(first, second))
        #expect(told.subject == "AC-790819")
        #expect(told.sum == "500.00")
        #expect(told.direction == .none)
        #expect(
            told.details == [
                "invoices": [
                    ["amount": "480.00", "currency": "USD", "date": "2026-01-01", "po": "PO-1", "file": "a.edi"],
                    ["amount": "500.00", "currency": "USD", "date": "2026-01-05", "po": "PO-2", "file": "b.edi"],
                ]
            ])
        #expect(told.evidence.map(\.file) == ["a.edi", "b.edi"])
        // and the other opens no balance
        #expect(judge(family([second, first], knownUntil: "2026-12-31"), on: "2026-06-01").late?.sum == "480.00")
    }

    @Test(arguments: [
        ("total", invoice("INV-1001", 1000_01, po: "PO-1", document: 2)), ("date", invoice(date: "2026-01-02", po: "PO-1", document: 2)),
        ("order", invoice(po: "PO-2", document: 2)), ("currency", invoice(po: "PO-1", currency: eur, document: 2)),
    ])
    func `one difference is enough`(what: String, other: InvoiceFact) {
        #expect(twice(invoice(po: "PO-1"), other) != nil, "\(what)")
    }

    @Test(arguments: [
        ("the same again", invoice(po: "PO-1", document: 2)), ("written otherwise", invoice("inv 1001", po: "po1", document: 2)),
        ("a list without the order", invoice(po: nil, file: "list.csv", document: 2)),
        ("without a date", invoice(date: nil, po: nil, document: 2)),
        ("with the due date", invoice(terms: PaymentTerms(dueDate: day("2026-03-02")), po: "PO-1", document: 2)),
    ])
    func `the same content again is none`(what: String, other: InvoiceFact) {
        #expect(twice(invoice(po: "PO-1"), other) == nil, "\(what)")
    }

    @Test func `which of two of one date and total counts their content decides, never arrival`() {
        for (a, b) in [
            (invoice(po: "PO-2", document: 1), invoice(po: "PO-1", document: 2)),
            (invoice(po: "PO-2", file: "a.edi", document: 1), invoice(po: "PO-1", file: "b.edi", document: 2)),
            (invoice(po: "PO-2", file: "b.edi", document: 2), invoice(po: "PO-1", file: "a.edi", document: 1)),
        ] {
            for order in [[a, b], [b, a]] {
                let told = judge(family(order), on: "2026-01-10").finding(.invoiceDuplicateNumber)
                #expect(told?.details["invoices"]?.array?.first?["po"] == "PO-1")
            }
        }
    }

    @Test func `two that differ from one another are told, though neither differs from the one that counts`() {
        let bare = invoice(po: nil)
        let (one, two) = (invoice(po: "PO-1", document: 2), invoice(po: "PO-2", document: 3))
        for order in [[bare, one, two], [two, bare, one], [one, two, bare]] {
            #expect(judge(family(order), on: "2026-01-10").finding(.invoiceDuplicateNumber) != nil)
        }
    }

    @Test func `what one format leaves out another says, in any order of arrival`() {
        let message = invoice(terms: PaymentTerms(netDays: 30), po: nil, document: 1)
        let list = invoice(terms: PaymentTerms(dueDate: day("2026-02-15")), po: "PO-1", document: 2)
        for order in [[message, list], [list, message]] {
            var numbered = order
            for index in numbered.indices { numbered[index].document = Int64(index + 1) }
            let late = judge(family(numbered, knownUntil: "2026-12-31"), on: "2026-02-19").late
            #expect(late?.details["due"] == "2026-02-15")
            #expect(late?.details["due_by_terms"] == "2026-01-31")
        }
    }

    @Test func `it stays after payment, and is silent only if all are history`() {
        let both = [invoice(), invoice(date: "2026-01-05", po: nil, document: 2)]
        #expect(judge(family(both, [line("INV-1001", 1000_00)]), on: "2026-06-01").kinds == [.invoiceDuplicateNumber])
        #expect(judge(family(both), on: "2026-01-10", account { $0.opening = day("2026-01-03") }).kinds == [.invoiceDuplicateNumber])
        #expect(judge(family(both), on: "2026-01-10", account { $0.opening = day("2026-01-06") }) == Verdict())
    }
}

@Suite struct InvoiceMalformedTests {
    private let patterned = account { $0.invoicePattern = try? NumberPattern("^(INV-[0-9]{4,}|AC[0-9]{6}R?)$") }

    @Test func `a number that is not of the pattern is told, paid or not`() throws {
        let odd = invoice("acme 09248", 3188_00)
        let told = try #require(judge(family([odd]), on: "2026-01-10", patterned).finding(.invoiceMalformed))
        #expect(told.sum == "3188.00")
        #expect(told.subject == "acme 09248")
        #expect(told.details == ["pattern": "^(INV-[0-9]{4,}|AC[0-9]{6}R?)$"])
        #expect(judge(family([odd], [line("acme 09248", 3188_00)]), on: "2026-02-21", patterned).kinds == [.invoiceMalformed])
    }

    @Test(arguments: ["INV-1001", "INV-10012345", "AC123456", "AC123456R"]) func `one of the pattern is not`(number: String) {
        #expect(judge(family([invoice(number)]), on: "2026-01-10", patterned).findings.isEmpty)
    }

    @Test(arguments: ["INV-100", "XINV-1001", "INV-1001 ", "inv-1001", "INV–1001"]) func `a part of it is not enough`(number: String) {
        #expect(judge(family([invoice(number)]), on: "2026-01-10", patterned).kinds == [.invoiceMalformed])
    }

    @Test func `without a pattern no number is malformed, nor is one from before the opening`() {
        #expect(judge(family([invoice("???")]), on: "2026-01-10").findings.isEmpty)
        var opened = patterned
        opened.opening = day("2026-01-02")
        #expect(judge(family([invoice("???")]), on: "2026-01-10", opened) == Verdict())
    }
}
