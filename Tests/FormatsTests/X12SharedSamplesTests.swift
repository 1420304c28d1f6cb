import Foundation
import Testing
import Trade

@testable import Formats

/// The public X12 files (`../shared/samples/edi/x12`): each gives documents, or the error that its INDEX says it deserves.
@Suite(.enabled(if: Place.hasShared)) struct X12SharedSamples {
    static let folder = Place.shared.appending(path: "edi/x12")

    static func read(_ name: String) throws -> Outcome { readX12(try Place.bytes(folder.appending(path: name))) }

    struct Payment: Sendable {
        var file: String
        var number: String
        var total: Int64
        var lines: Int
        var net: Int64
        var footing: Int64
        var currency = "USD"
        var date: String?
        var index = 0
    }

    static let payments: [Payment] = [
        Payment(
            file: "820_004010_02_safeway_refcm.x12", number: "4311000190", total: 41_609_315, lines: 6, net: 44_886_276,
            footing: 3_276_961, date: "2005-10-20"),
        Payment(
            file: "820_004010ucs_01.x12", number: "4311000190", total: 41_609_315, lines: 6, net: 44_886_276, footing: 3_276_961,
            date: "2005-10-20"),
        Payment(
            file: "820_004030_03_nak_cad.x12", number: "000194182", total: 56172, lines: 1, net: 54120, footing: 2052, currency: "CAD",
            date: "2005-05-31"),
        Payment(
            file: "820_004030_03_nak_cad.x12", number: "000195183", total: 23633, lines: 1, net: 22770, footing: 863, currency: "CAD",
            date: "2005-05-31", index: 1),
        Payment(
            file: "820_hix_005010x218.txt", number: "12345", total: 1_900_000, lines: 2, net: 1_675_000, footing: 225_000,
            date: "2007-05-16"),
        Payment(
            file: "820_safeway_adx.txt", number: "4311000190", total: 41_609_315, lines: 6, net: 41_630_315, footing: 21000,
            date: "2005-10-20"),
        Payment(file: "820_scana.txt", number: "0001", total: 1_000_000, lines: 1, net: 500_000, footing: 500_000, date: "2003-01-01"),
        Payment(
            file: "820_testx12013.x12.txt", number: "999999999", total: 300_000, lines: 2, net: 300_000, footing: 0, date: "2005-02-17"),
        Payment(
            file: "820_wikipedia_backslash.txt", number: "0310162359", total: 7777, lines: 3, net: 7777, footing: 0, date: "2003-10-16"),
    ]

    @Test(arguments: payments)
    func `each public remittance has its number, total, sums and difference`(_ wanted: Payment) throws {
        let collected = try #require(try Self.read(wanted.file).collected, "\(wanted.file) must be read")
        let payment = collected.payments[wanted.index]
        #expect(payment.advice.number == wanted.number)
        #expect(payment.advice.total == wanted.total)
        #expect(payment.advice.currency.code == wanted.currency)
        #expect(payment.advice.date?.description == wanted.date)
        #expect(payment.lines.count == wanted.lines)
        #expect(payment.net == wanted.net)
        #expect(payment.end?.footing == wanted.footing)
    }

    @Test func `adjustments that repeat their line are not counted twice`() throws {
        let collected = try #require(try Self.read("820_hix_masked.txt").collected)
        let payment = try #require(collected.payments.first)
        #expect(payment.lines.count > 15)
        #expect(payment.lines.allSatisfy { $0.adjustments.isEmpty && $0.gross == nil })
        #expect(payment.net == payment.lines.reduce(0) { $0 + $1.net })
        #expect(payment.end?.footing == abs(payment.net - 9_999_999))
        #expect(collected.codes.contains("adjustment-repeats-line"))
    }

    @Test func `a template with words for amounts is refused with places`() throws {
        let problems = try Self.read("820_homedepot_template.txt").problems
        #expect(problems.first?.description.hasPrefix("ST[1]/BPR[1]/02 (byte") == true)
        #expect(problems.first?.what == "\"TOTAL DOLLAR AMT OF CHECK\" is not an amount")
        #expect(problems.contains { "\($0)".hasPrefix("ST[1]/RMR[1]/04") })
    }

    struct Bill: Sendable {
        var file: String
        var invoices: [(number: String, total: Int64, lines: Int)]
    }

    static let bills: [Bill] = [
        Bill(file: "810_004010_01.x12", invoices: [("465266", 843_202, 4), ("465267", 112_992, 1)]),
        Bill(file: "810_850_mixed_versions.edi", invoices: [("00001", 255_438, 7), ("00001", 255_438, 2)]),
        Bill(file: "810_adobe.txt", invoices: [("0013833070", 16000, 1)]),
        Bill(file: "810_invoice_edifabric.txt", invoices: [("SG427254", 14400, 1)]),
        Bill(file: "810_multiinvoice.txt", invoices: [("465266", 843_202, 4), ("465267", 112_992, 1)]),
        Bill(file: "810_simple_staedi.edi", invoices: [("00001", 255_438, 7), ("00001", 255_438, 2)]),
        Bill(file: "810_tempurpedic.txt", invoices: [("3323399", 5_635_800, 7)]),
        Bill(file: "810_walmart_crlf_term.txt", invoices: [("6463367", 387_530, 1)]),
        Bill(file: "env_mixed_transactions.txt", invoices: [("SG427254", 14400, 1)]),
    ]

    @Test(arguments: bills)
    func `each public invoice has its number, total and lines`(_ wanted: Bill) throws {
        let outcome = try Self.read(wanted.file)
        let collected = try #require(outcome.collected, "\(wanted.file): \(outcome.problems)")
        #expect(collected.invoices.map(\.number) == wanted.invoices.map(\.number))
        #expect(collected.invoices.map(\.total) == wanted.invoices.map(\.total))
        #expect(collected.invoices.map(\.lines.count) == wanted.invoices.map(\.lines))
        #expect(collected.invoices.allSatisfy { $0.date != nil })
    }

    @Test func `terms, charges and items of the public invoices are read`() throws {
        let first = try #require(try Self.read("810_004010_01.x12").collected?.invoices.first)
        #expect(first.terms?.netDays == 30)
        #expect(first.terms?.discountDays == 15)
        #expect(first.terms?.discountPercent == ExactDecimal(1))
        #expect(first.terms?.basis == .delivery)
        #expect(first.terms?.discountDate?.description == "2002-06-08")
        #expect(first.charges.map(\.amount) == [5887, 17448, 21319, 10508])
        let walmart = try #require(try Self.read("810_walmart_crlf_term.txt").collected?.invoices.first)
        #expect(walmart.charges == [Charge(code: "I410", amount: -2350)])
        #expect(walmart.terms?.basis == .receipt)
        #expect(walmart.terms?.netDays == 45)
        #expect(walmart.lines.first?.item == "001719653")
        let adobe = try #require(try Self.read("810_adobe.txt").collected?.invoices.first)
        #expect(adobe.lines.first?.item == "7167946")
        #expect(adobe.tax == 0)
    }

    @Test func `every other public file is kept as a document of its set`() throws {
        let unread = ["820_homedepot_template.txt", "env_corrupt_isa.txt", "812_placeholder_values.edi"]
        for url in try Place.files(Self.folder, { $0 != "INDEX.md" && !unread.contains($0) }) {
            let outcome = readX12(try Place.bytes(url))
            let collected = try #require(outcome.collected, "\(url.lastPathComponent): \(outcome.problems)")
            #expect(!collected.payments.isEmpty || !collected.whole.isEmpty, "\(url.lastPathComponent)")
            #expect(collected.problems.isEmpty, "\(url.lastPathComponent): \(collected.problems)")
            let sets = try #require(outcome.format).dropFirst(4).split(separator: "+")
            let name = url.lastPathComponent.prefix(3)
            if name != "env" { #expect(sets.contains { $0 == name }, "\(url.lastPathComponent) gave \(sets)") }
        }
        let numbers = [
            ("850_adobe_clp.txt", nil), ("860_example1.txt", "PO NUMBER"), ("846_example1.txt", "10353"),
            ("180_easistandards.txt", "04360132310"), ("env_wrapped_80col_210.edi", "699751522"), ("850_nak_simplemailbag.x12", "587852"),
        ]
        for case (let name, let number?) in numbers {
            #expect(try Self.read(name).collected?.whole.first?.number == number, "\(name)")
        }
        #expect(try Self.read("env_wrapped_80col_210.edi").collected?.numbers == ["699751522"])
    }

    @Test func `odd envelopes are noted and lose nothing`() throws {
        let wrong = try #require(try Self.read("env_wrong_counts.edi").collected)
        #expect(wrong.whole.count == 1)
        #expect(wrong.codes.contains("set-count"))
        #expect(wrong.codes.contains("group-count"))
        let several = try #require(try Self.read("env_multiple_interchanges_groups.edi").collected)
        #expect(several.whole.count == 6)
        #expect(!several.codes.contains("interchange-control-number"))
        #expect(try Self.read("997_three_interchanges.edi").collected?.answers.count == 3)
        #expect(try Self.read("860_example1.txt").collected?.codes.contains("segment-count") == true)
        let mixed = try #require(try Self.read("env_mixed_transactions.txt").collected)
        #expect(mixed.whole.count == 2)
        #expect(mixed.numbers == ["XX-1234", "SG427254"])
    }

    @Test func `the interchange that stands twice in one file is read once`() throws {
        let twice = try #require(try Self.read("env_duplicate_interchange.txt").collected)
        #expect(twice.numbers == ["XX-1234"])
        #expect(twice.codes.filter { $0 == "duplicate-interchange" }.count == 1)
        #expect(!twice.codes.contains("repeated-interchange"))
    }

    @Test func `the adjustment of placeholder values is refused for its currency, and scaled by two decimals without it`() throws {
        let bytes = try Place.bytes(Self.folder.appending(path: "812_placeholder_values.edi"))
        let problems = readX12(bytes).problems
        #expect(problems.map(\.at.description) == ["ST[1]/CUR[1]/02"])
        let text = String(decoding: bytes, as: UTF8.self).replacing("CUR*01*CUR*", with: "CUR*01*USD*")
        let read = try #require(readX12(text).collected)
        let memo = try #require(read.memos.first)
        #expect(memo.kind == .credit)
        #expect(memo.number == "Credit/Debit Adjustmen")
        #expect(memo.total == 1_800_515)
        #expect(memo.invoice == "D8778ND")
        #expect(memo.po == "VY32I9833B829")
        #expect(memo.date?.description == "2012-02-27")
        #expect(memo.lines.map(\.amount) == [1_979_324_906])
        #expect(memo.lines.map(\.code) == ["01"])
        #expect(memo.lines[0].quantity == ExactDecimal(294))
        #expect(memo.lines[0].item == "Product/Service ID")
        #expect(Set(read.codes).isSuperset(of: ["direction-assumed", "total-differs", "interchange-control-number"]))
    }

    @Test func `the public acknowledgements say what they answer and what is wrong`() throws {
        let partly = try #require(try Self.read("997_edifabric.txt").collected?.answers.first)
        #expect(partly.typeName == "x12/997")
        #expect(partly.outcome == .rejected)
        #expect(partly.subjects.map(\.type) == ["IN", "810", "810"])
        #expect(partly.subjects.map(\.outcome) == [.rejected, .accepted, .rejected])
        #expect(partly.subjects[2].reasons == ["TXI[54]/1: 7 invalid code, element 963, \"C1\"", "set: 5 segments in error"])
        let three = try #require(try Self.read("997_three_interchanges.edi").collected)
        #expect(three.answers.allSatisfy { $0.outcome == .rejected && $0.subjects.map { $0.set ?? $0.group } == ["000001", "0021"] })
        let advice = try #require(try Self.read("824_applicationadvice.txt").collected?.answers.first)
        #expect(advice.outcome == .rejected)
        #expect(advice.number == "3")
        #expect(advice.date?.description == "2012-09-02")
        #expect(advice.subjects.map(\.reference) == ["62001"])
        #expect(advice.subjects.map(\.type) == ["856"])
        #expect(advice.subjects[0].reasons[0].contains("05440113AA0622137052"))
        let rail = try #require(try Self.read("824_cn.txt").collected?.answers.first)
        #expect(rail.outcome == .accepted)
        #expect(rail.subjects[0].set == "408600001")
        #expect(rail.subjects[0].reasons.count == 1)
        #expect(rail.subjects[0].reasons[0].hasPrefix("024 A problem has been detected"))
    }

    @Test func `a file whose first byte was lost is claimed by nobody and says so`() throws {
        let bytes = try Place.bytes(Self.folder.appending(path: "env_corrupt_isa.txt"))
        let head = FileHead(name: "env_corrupt_isa.txt", bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
        guard case .unknown(let problem) = Formats.standard.identify(head) else {
            Issue.record("it must not be identified")
            return
        }
        #expect(problem.what.contains("X12 interchange that does not start with a whole ISA"))
    }
}
