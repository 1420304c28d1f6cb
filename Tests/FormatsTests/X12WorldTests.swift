import Foundation
import Testing
import Trade

@testable import Formats

/// The generated vendor histories: every X12 file gives the documents that the truth lists.
@Suite(.enabled(if: Place.hasShared)) struct X12Worlds {
    struct TruthFile: Decodable {
        struct Document: Decodable {
            var type: String
            var number: String
            var total: String?
            var currency: String?
            var lines: Int?
            var net: String?
            var date: String?
        }
        var day: String
        var name: String
        var documents: [Document]
        var rejected: Bool?
        var held: Bool?
    }

    @Test(arguments: ["world-a", "world-b"])
    func `every 820, 810 and 812 of a history agrees with its truth`(_ world: String) throws {
        let folder = Place.shared.appending(path: world)
        let truth = try JSONDecoder().decode([TruthFile].self, from: Data(contentsOf: folder.appending(path: "truth/files.json")))
        var seen = 0
        for file in truth {
            let bytes = try Place.bytes(folder.appending(path: "days/\(file.day)/\(file.name)"))
            let head = FileHead(name: file.name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            guard X12.claim(head) != nil else { continue }
            let outcome = readX12(bytes)
            if file.rejected == true {
                #expect(!outcome.problems.isEmpty, "\(file.name) must be rejected")
                continue
            }
            let collected = try #require(outcome.collected, "\(file.name): \(outcome.problems)")
            #expect(collected.problems.isEmpty, "\(file.name)")
            guard file.held != true else { continue }
            let payments = file.documents.filter { $0.type == "remittance_advice" }
            #expect(collected.payments.map(\.advice.number).sorted() == payments.map(\.number).sorted(), "\(file.name)")
            for wanted in payments {
                let payment = try #require(collected.payments.first { $0.advice.number == wanted.number })
                let exponent = payment.advice.currency.exponent
                #expect(payment.advice.total.map { Money.decimal($0, exponent: exponent) } == wanted.total, "\(file.name)")
                #expect(payment.advice.currency.code == wanted.currency)
                #expect(payment.lines.count == wanted.lines, "\(file.name)")
                #expect(Money.decimal(payment.net, exponent: exponent) == wanted.net, "\(file.name) \(wanted.number)")
                #expect(payment.advice.date?.description == wanted.date, "\(file.name)")
                #expect(payment.end?.footing == abs(payment.net - (payment.advice.total ?? 0)), "\(file.name)")
                seen += 1
            }
            let bills = file.documents.filter { $0.type == "invoice" }
            #expect(collected.invoices.map(\.number).sorted() == bills.map(\.number).sorted(), "\(file.name)")
            for (wanted, invoice) in zip(bills, collected.invoices) {
                #expect(Money(invoice.total, invoice.currency).decimal == wanted.total, "\(file.name)")
                #expect(invoice.currency.code == wanted.currency)
                seen += 1
            }
            let memos = file.documents.filter { $0.type.hasSuffix("_memo") }
            if outcome.format == "x12/810" || outcome.format == "x12/812" {
                seen += memos.count
                #expect(
                    collected.memos.map { "\($0.kind.rawValue) \($0.number) \(Money($0.total, $0.currency).decimal)" }
                        == memos.map { "\($0.type) \($0.number) \($0.total ?? "")" }, "\(file.name)")
            }
            #expect(!collected.codes.contains("total-differs"), "\(file.name)")
            if bills.isEmpty && payments.isEmpty && memos.isEmpty {
                #expect(collected.whole.map(\.number) == file.documents.map { $0.number }, "\(file.name)")
            }
        }
        print("\(world): \(seen) remittances and invoices compared")
        #expect(seen > 50)
    }
}
