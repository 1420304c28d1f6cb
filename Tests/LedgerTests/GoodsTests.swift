import Foundation
import GRDB
import Testing
import Trade

@testable import Ledger

@Suite struct GoodsTests {
    private static let at = Location.segment("ST", 1, set: 1)
    private static func item(_ item: String, _ quantity: Int) -> ItemLine {
        ItemLine(at: at, line: "1", item: item, quantity: ExactDecimal(quantity), unit: "EA", unitPrice: ExactDecimal(9))
    }

    private func rows(_ desk: Desk, _ sql: String) throws -> [[String]] {
        try desk.ledger.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "-" : String.fromDatabaseValue($0) ?? "\($0.storage.value ?? "")" }
            }
        }
    }

    @Test func `an order, its shipment, receipt and return are kept with all they say and raise nothing`() throws {
        let desk = try Desk()
        let order = PurchaseOrder(
            kind: .order, number: "4XG9T7BK", currency: usd, at: Self.at, date: day("2026-01-02"), buyer: Party(name: "Amazon", id: "A1"),
            shipWindow: DayWindow(from: day("2026-01-05"), to: day("2026-01-09")), lines: [.init(item: Self.item("B0001", 12), status: nil)]
        )
        let shipment = Shipment(
            number: "ASN-1", at: Self.at, shipped: day("2026-01-06"), delivered: day("2026-01-08"), isDeliveryEstimated: true,
            carrier: "UPSN", billOfLading: "BOL9", orders: ["4XG9T7BK", "5YH"], lines: [.init(item: Self.item("B0001", 12), po: "4XG9T7BK")]
        )
        let receipt = Receipt(
            number: "RA-1", at: Self.at, date: day("2026-01-09"), po: "4XG9T7BK", shipment: "ASN-1",
            lines: [
                .init(
                    at: Self.at, line: "1", item: "B0001", received: ExactDecimal(10), damaged: ExactDecimal(1), short: ExactDecimal(2),
                    over: nil)
            ])
        let goods = GoodsReturn(
            number: "RTV-1", currency: usd, at: Self.at, notified: day("2026-02-01"), reason: "DA", total: 9_00,
            lines: [Self.item("B0001", 1)])
        try desk.deliver(
            SampleFile(
                "goods.edi",
                [.whole(.purchaseOrder(order)), .whole(.shipment(shipment)), .whole(.receipt(receipt)), .whole(.goodsReturn(goods))]),
            on: "2026-02-02")
        #expect(try desk.open().isEmpty)
        #expect(
            try rows(desk, "SELECT type, number, date, po, kind, shipment, carrier, shipped, delivered FROM v_documents ORDER BY document")
                == [
                    ["purchase_order", "4XG9T7BK", "2026-01-02", "-", "order", "-", "-", "-", "-"],
                    ["shipment", "ASN-1", "2026-01-06", "-", "-", "-", "UPSN", "2026-01-06", "2026-01-08"],
                    ["receipt", "RA-1", "2026-01-09", "4XG9T7BK", "-", "ASN-1", "-", "-", "-"],
                    ["return", "RTV-1", "2026-02-01", "-", "-", "-", "-", "-", "-"],
                ])
        #expect(
            try rows(desk, "SELECT item, quantity, po, damaged, short, over FROM v_items ORDER BY document") == [
                ["B0001", "12", "-", "-", "-", "-"], ["B0001", "12", "4XG9T7BK", "-", "-", "-"], ["B0001", "10", "-", "1", "2", "-"],
                ["B0001", "1", "-", "-", "-", "-"],
            ])
        #expect(try rows(desk, "SELECT po FROM shipment_orders ORDER BY po") == [["4XG9T7BK"], ["5YH"]])
    }

    private func answer(_ subjects: [Answer.Subject]) -> SampleDocument {
        .whole(.answer(Answer(typeName: "x12/824", outcome: .rejected, at: Self.at, date: day("2026-01-05"), subjects: subjects)))
    }

    @Test func `a refused invoice is found by its number, or by the control numbers it travelled under`() throws {
        let desk = try Desk()
        try desk.deliver(
            SampleFile("inv.edi", [.control("0001", "7"), .invoice("INV-1", 100_00), .control("0002", "7"), .invoice("INV-2", 200_00)]),
            on: "2026-01-02")
        // another group counts its sets from 0001 again
        try desk.deliver(SampleFile("inv2.edi", [.control("0001", "8"), .invoice("INV-3", 300_00)]), on: "2026-01-03")
        let before = try desk.ledger.lastDocument()
        try desk.deliver(
            SampleFile(
                "824.edi",
                [
                    answer([
                        Answer.Subject(outcome: .rejected, at: Self.at, type: "810", set: "0001", group: "7", reasons: ["no PO"]),
                        Answer.Subject(outcome: .accepted, at: Self.at, type: "810", set: "0002", group: "7"),
                        Answer.Subject(outcome: .partial, at: Self.at, type: "810", set: "0001", group: "8"),
                        Answer.Subject(outcome: .rejected, at: Self.at, type: "810", set: "0009", group: "9"),
                        Answer.Subject(outcome: .rejected, at: Self.at, type: "810", reference: "INV-2", reasons: ["\"quoted\""]),
                    ])
                ]),
            on: "2026-01-05")
        let refused = try desk.ledger.refusals(after: before, through: try desk.ledger.lastDocument(), accounts: nil)
        #expect(refused.map(\.number) == ["INV-1", "INV-3", nil, "INV-2"])
        #expect(refused.map(\.outcome) == [.rejected, .partial, .rejected, .rejected])
        #expect(refused.map(\.reasons) == [["no PO"], [], [], ["\"quoted\""]])
        #expect(refused[2].set == "0009")
        #expect(try desk.ledger.refusals(after: try desk.ledger.lastDocument(), through: .max, accounts: nil).isEmpty)
        // what was refused wholly and is on file stands
        #expect(try desk.ledger.standingRefusals(accounts: nil).map(\.number) == ["INV-1", "INV-2"])
        #expect(try desk.ledger.standingRefusals(accounts: ["acme-eu"]).isEmpty)
        #expect(try desk.ledger.refusals(after: 0, through: .max, accounts: ["acme-eu"]).isEmpty)
    }

    @Test func `a refusal stands until the document is taken, sent again or paid`() throws {
        func answer(_ type: String, _ outcome: Answer.Outcome, reference: String? = nil, group: String? = nil) -> SampleDocument {
            let set = group.map { _ in "0001" }
            return .whole(
                .answer(
                    Answer(
                        typeName: type, outcome: outcome, at: Self.at, date: day("2026-01-05"),
                        subjects: [Answer.Subject(outcome: outcome, at: Self.at, type: "810", set: set, group: group, reference: reference)]
                    )))
        }
        func standing(_ files: [[SampleDocument]]) throws -> [String?] {
            let desk = try Desk()
            for (number, documents) in files.enumerated() {
                try desk.deliver(SampleFile("\(number)", documents), on: "2026-01-0\(number + 2)")
            }
            return try desk.ledger.standingRefusals(accounts: nil).map(\.number)
        }
        let sent: [SampleDocument] = [.control("0001", "7"), .invoice("INV-1", 100_00)]
        let again: [SampleDocument] = [.control("0001", "9"), .invoice("INV-1", 100_00)]
        let listed: [SampleDocument] = [.invoice("INV-1", 100_00)]
        let paid: [SampleDocument] = [.payment("P-1", "2026-01-20", [("INV-1", 100_00)])]
        for refusal in [answer("x12/997", .rejected, group: "7"), answer("x12/824", .rejected, reference: "INV-1")] {
            #expect(try standing([sent, [refusal]]) == ["INV-1"])
            // the answer is on file before what it answers
            #expect(try standing([[refusal], sent]) == ["INV-1"])
            // a list of our own sends nothing
            #expect(try standing([sent, [refusal], listed]) == ["INV-1"])
            #expect(try standing([sent, [refusal], again]) == [])
            #expect(try standing([sent, [refusal], paid]) == [])
            #expect(try standing([sent, [refusal], [answer("x12/824", .accepted, reference: "INV-1")]]) == [])
        }
        // well written is not yet accepted
        let content = answer("x12/824", .rejected, reference: "INV-1")
        #expect(try standing([sent, [content], [answer("x12/997", .accepted, group: "7")]]) == ["INV-1"])
        #expect(try standing([sent, [answer("x12/997", .rejected, group: "7")], [answer("x12/997", .accepted, group: "7")]]) == [])
    }

    @Test func `a refusal means a document of its own type, zeros in front or not, and a refused group all of its documents`() throws {
        let desk = try Desk()
        let order = PurchaseOrder(kind: .order, number: "PO-77", currency: usd, at: Self.at)
        try desk.deliver(
            SampleFile("inv.edi", [.control("0001", "51"), .invoice("INV-A", 100_00), .control("0002", "51"), .invoice("INV-B", 1_00)]),
            on: "2026-01-02")
        try desk.deliver(SampleFile("po.edi", [.control("0001", "51"), .whole(.purchaseOrder(order))]), on: "2026-01-03")
        let before = try desk.ledger.lastDocument()
        let one = Answer.Subject(outcome: .rejected, at: Self.at, type: "810", set: "000000001", group: "000000051")
        let all = Answer.Subject(outcome: .rejected, at: Self.at, type: "IN", group: "51")
        try desk.deliver(SampleFile("997.edi", [answer([one])]), on: "2026-01-05")
        let middle = try desk.ledger.lastDocument()
        #expect(try desk.ledger.refusals(after: before, through: middle, accounts: nil).map(\.number) == ["INV-A"])
        try desk.deliver(SampleFile("998.edi", [answer([all])]), on: "2026-01-06")
        #expect(try desk.ledger.refusals(after: middle, through: .max, accounts: nil).map(\.number) == ["INV-A", "INV-B"])
    }

    @Test func `each set goes where its own envelope and parties say, whatever stood before it in the file`() throws {
        let desk = try Desk()
        try desk.deliver(
            SampleFile(
                "three.edi",
                [
                    .control("1", "1", parties: ["acme-us"]), .invoice("INV-1", 1_00), .control("1", "2", parties: ["acme-eu"]),
                    .whole(.other(OtherDocument(typeName: "x", number: "O-2", at: Self.at))), .control("1", "3", parties: ["acme-us"]),
                    .invoice("INV-3", 3_00),
                ]),
            account: "", on: "2026-01-02")
        #expect(
            try rows(desk, "SELECT number, account FROM v_documents ORDER BY document") == [
                ["INV-1", "acme-us"], ["O-2", "acme-eu"], ["INV-3", "acme-us"],
            ])
    }
}
