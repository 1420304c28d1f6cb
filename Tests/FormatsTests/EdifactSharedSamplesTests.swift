import Foundation
import Testing
import Trade

@testable import Formats

/// The public EDIFACT files (`../shared/samples/edi/edifact`): each gives documents, or the error that its INDEX says it deserves.
@Suite(.enabled(if: Place.hasShared)) struct EdifactSharedSamples {
    static let folder = Place.shared.appending(path: "edi/edifact")

    static func read(_ name: String) throws -> Outcome { readEdifact(try Place.bytes(folder.appending(path: name))) }

    @Test func `the rejected invoices of the energy market are read, and nothing of them is paid`() throws {
        let collected = try #require(try Self.read("remadv_d06a_energy_ajt.edi").collected)
        let payment = try #require(collected.payments.first)
        #expect(collected.payments.count == 1)
        #expect(payment.advice.number == "DH0005631")
        #expect(payment.advice.total == 0)
        #expect(payment.advice.currency.code == "EUR")
        #expect(payment.advice.date?.description == "2009-04-01")
        #expect(payment.advice.payer?.id == "9903214000009")
        #expect(payment.lines.map(\.reference) == ["DH7965542", "DH5437867"])
        #expect(payment.lines.map(\.gross) == [5000, 5000])
        #expect(payment.net == 0)
        // why they were rejected takes nothing
        #expect(payment.lines.map { $0.adjustments.map(\.amount) } == [[0], [0]])
        #expect(payment.lines.map { $0.adjustments.map(\.code) } == [["9"], ["Z06"]])
        #expect(
            payment.lines.map { $0.adjustments.map(\.text) } == [["Falscher Abrechnungszeitraum Grund 1"], ["Artikel unbekannt Grund 1"]])
        #expect(payment.end?.footing == 0)
        #expect(collected.codes == ["invoices-rejected"])
    }

    @Test func `letters for amounts are refused with places`() throws {
        let problems = try Self.read("remadv_generated_33002_bad_amounts.edi").problems
        #expect(problems.map(\.at.description) == ["UNH[1]/MOA[1]/01", "UNH[1]/MOA[2]/01", "UNH[1]/MOA[3]/01"])
        #expect(problems.allSatisfy { $0.what == "\"X\" is not an amount" && $0.byte != nil })
    }

    struct Bill: Sendable {
        var file: String
        var currency: String
        var invoices: [(number: String, total: Int64, tax: Int64?, lines: Int)]
        var codes: [String] = []
    }

    static let bills: [Bill] = [
        Bill(
            file: "invoic_d03b_una_star_repetition.txt", currency: "GBP", invoices: [("539602", 36200, 7236, 2)],
            codes: ["test-interchange", "segment-count", "foreign-amount"]),
        Bill(
            file: "invoic_d93a_decimal_comma_utf8.edi", currency: "EUR", invoices: [("9908001", 90178, 12438, 3)],
            codes: ["currency-assumed"]),
        Bill(
            file: "invoic_d96a_noenvelope_comma.edi", currency: "SEK", invoices: [("500000000020", 34270, 6854, 14)],
            codes: ["missing-envelope"]),
        Bill(
            file: "invoic_d96a_two_mixed_eol.edi", currency: "EUR",
            invoices: [("20051098", 28620, 4570, 3), ("20051099", 28620, 4570, 3)]),
        Bill(
            file: "invoic_d96a_ung_passport.txt", currency: "EUR", invoices: [("IN432097", 576_710, 95710, 2)],
            codes: ["test-interchange", "terms-in-months", "group-count"]),
        Bill(file: "invoic_d97b.edi", currency: "USD", invoices: [("342459", 213_758, nil, 2)]),
        Bill(file: "invoic_d97b_wrapped.edi", currency: "USD", invoices: [("342459", 213_758, nil, 2)]),
        Bill(
            file: "mixed_groups_orders_invoic.txt", currency: "EUR", invoices: [("IN432097", 576_710, 95710, 2)],
            codes: ["test-interchange", "terms-in-months"]),
    ]

    @Test(arguments: bills)
    func `each public invoice has its number, total, tax and lines`(_ wanted: Bill) throws {
        let outcome = try Self.read(wanted.file)
        let collected = try #require(outcome.collected, "\(wanted.file): \(outcome.problems)")
        #expect(collected.invoices.map(\.number) == wanted.invoices.map(\.number))
        #expect(collected.invoices.map(\.total) == wanted.invoices.map(\.total))
        #expect(collected.invoices.map(\.tax) == wanted.invoices.map(\.tax))
        #expect(collected.invoices.map(\.lines.count) == wanted.invoices.map(\.lines))
        #expect(collected.invoices.allSatisfy { $0.date != nil && $0.currency.code == wanted.currency })
        #expect(collected.codes == wanted.codes, "\(wanted.file)")
    }

    @Test func `a negative credit note is not negated twice`() throws {
        let memo = try #require(try Self.read("invoic_381_creditnote_small.edi").collected?.memos.first)
        #expect(memo.kind == .credit)
        #expect(memo.total == -50000)
        #expect(memo.invoice == "INV030")
    }

    @Test func `terms, charges and items of the public invoices are read`() throws {
        let invoice = try #require(try Self.read("invoic_d96a_ung_passport.txt").collected?.invoices.first)
        #expect(invoice.terms?.discountPercent == ExactDecimal("2.5"))
        #expect(invoice.terms?.discountDays == 10)
        #expect(invoice.terms?.dueDate?.description == "2002-05-08")
        #expect(invoice.charges == [Charge(code: "FC", amount: 12000)])
        #expect(invoice.po == "ORD9523")
        let swedish = try #require(try Self.read("invoic_d96a_noenvelope_comma.edi").collected?.invoices.first)
        #expect(swedish.terms?.dueDate?.description == "2008-06-05")
        #expect(swedish.lines[0].quantity == ExactDecimal("16.94"))
        #expect(swedish.lines[0].unitPrice == ExactDecimal("0.1901"))
        let hobbit = try #require(try Self.read("invoic_d03b_una_star_repetition.txt").collected?.invoices.first)
        #expect(hobbit.lines[0].text == "Collectors edition of The Hobbit with Tolkien's original colours on sleeve")
    }

    @Test func `the public orders and responses are read`() throws {
        let numbers: [(String, [String], [Int])] = [
            ("orders_d96a.txt", ["128576"], [1]), ("orders_d03b_syntax4.txt", ["BKOD99"], [4]),
            ("orders_group_eancom.edi", ["C1441747"], [1]),
            ("orders_long_ok.edi", ["2019265563"], [176]), ("orders_oneline_release.edi", ["12345"], [2]),
            ("orders_two_interchanges.edi", ["ORDT0000000004-1", "ORDT0000000004-2", "ORDT0000000004-3"], [1, 1, 4]),
            ("mixed_groups_orders_invoic.txt", ["128576"], [1]), ("ordrsp_unoc_latin1.edi", ["Lörém ïpsü"], [1]),
        ]
        for (file, wanted, lines) in numbers {
            let outcome = try Self.read(file)
            let orders = try #require(outcome.collected?.orders, "\(file): \(outcome.problems)")
            #expect(orders.map(\.number) == wanted, "\(file)")
            if file != "orders_long_ok.edi" { #expect(orders.map(\.lines.count) == lines, "\(file)") }
        }
        let damaged = try #require(try Self.read("orders_long_ok.edi").collected)
        #expect(damaged.orders[0].buyer?.name == "A+A K\u{FFFD}lte GmbH")
        #expect(damaged.codes.contains("damaged-text"))
        #expect(try Self.read("orders_oneline_release.edi").collected?.orders[0].lines[0].item.text == "Jeans+mehr")
    }

    @Test func `the public despatch and receiving advices are read`() throws {
        let eight = try #require(try Self.read("desadv_eight_messages.edi").collected?.shipments)
        #expect(eight.map(\.number) == (1...8).reversed().map { "VERZENDVB\($0)" })
        #expect(eight.map(\.lines.count) == [12, 2, 2, 2, 2, 2, 2, 2])
        #expect(eight[0].lines.last?.item.quantity == ExactDecimal("121212121212.121"))
        #expect(eight.map(\.orders) == [["124"], ["123"], ["122"], ["121"], ["120"], ["119"], ["118"], ["117"]])
        let tree = try #require(try Self.read("desadv_eancom.txt").collected?.shipments.first)
        #expect(tree.shipped?.description == "2002-04-03")
        #expect(tree.lines.map(\.item.quantity) == [20, 5, 3, 12].map { ExactDecimal($0) })
        let receipt = try #require(try Self.read("recadv_d01b_utf8_in_unoa.txt").collected?.receipts.first)
        #expect(receipt.lines.map(\.received) == [ExactDecimal(200)])
    }

    @Test func `the public answers are read`() throws {
        let reports = try #require(try Self.read("contrl.txt").collected?.answers)
        #expect(reports.map(\.outcome) == [.accepted, .accepted])
        #expect(reports.map { $0.subjects.map { $0.set ?? $0.group } } == [["131"], ["131"]])
        let acknowledgement = try #require(try Self.read("aperak.edi").collected?.answers.first)
        #expect(acknowledgement.outcome == .accepted)
        #expect(acknowledgement.subjects.map(\.reference) == ["T0000000015"])
    }

    @Test func `other messages are kept, whatever their characters`() throws {
        #expect(try Self.read("release_character.edi").collected?.others.map(\.typeName) == ["edifact/PAORES"])
        #expect(try Self.read("release_character.edi").collected?.notes.first?.text == "UNT says \"14\"; the message has 23 segments")
        #expect(try Self.read("wrapped_oneline.edi").collected?.others.count == 1)
        #expect(try Self.read("wrapped_oneline.edi").collected?.codes == ["unread-message"])
        #expect(try Self.read("ung_groups_msg01.edi").collected?.others.count == 3)
        // a fragment without any total
        let problem = try #require(try Self.read("tiny_una_all_different.edi").problems.first)
        #expect(problem.what.hasPrefix("the INVOIC states no total"))
    }

    @Test func `every public file gives documents, but for two`() throws {
        let unread = ["remadv_generated_33002_bad_amounts.edi", "tiny_una_all_different.edi"]
        var files = 0
        for url in try Place.files(Self.folder, { $0 != "INDEX.md" }) {
            let outcome = readEdifact(try Place.bytes(url))
            files += 1
            if unread.contains(url.lastPathComponent) {
                #expect(!outcome.problems.isEmpty, "\(url.lastPathComponent)")
                continue
            }
            let collected = try #require(outcome.collected, "\(url.lastPathComponent): \(outcome.problems)")
            #expect(!collected.payments.isEmpty || !collected.whole.isEmpty, "\(url.lastPathComponent)")
            #expect(collected.problems.isEmpty, "\(url.lastPathComponent)")
        }
        #expect(files == 27)
    }
}
