import Foundation
import Testing
import Trade

@testable import Formats

/// The public samples about goods, read in place: what each of them says, by number, lines and quantities.
@Suite(.enabled(if: Place.hasShared)) struct X12GoodsSharedSamples {
    static let folder = Place.shared.appending(path: "edi/x12")

    static func read(_ name: String) throws -> Collected {
        let outcome = readX12(try Place.bytes(folder.appending(path: name)))
        let collected = try #require(outcome.collected, "\(name): \(outcome.problems)")
        #expect(collected.problems.isEmpty, "\(name)")
        return collected
    }

    struct Order: Sendable {
        var file: String
        var kind = PurchaseOrder.Kind.order
        var number: String
        var date: String?
        var status: String?
        var currency = "USD"
        var lines: Int
        /// Σ of the quantities of the lines.
        var quantity: String
        var first: String?
        var ship: DayWindow?
        var delivery: DayWindow?
        var notes: [String] = []
    }

    static let orders = [
        Order(
            file: "850_adobe_clp.txt", number: "ANSI-X12-CLP", date: "2010-06-14", status: "00", lines: 2, quantity: "2", first: "1733880",
            ship: .from("2010-06-14", to: "2010-06-14"), notes: ["total-differs"]),
        Order(
            file: "850_composite_newline.edi", number: "08292233294", date: "2010-11-27", status: "00", lines: 2, quantity: "340",
            first: "065322-117", notes: ["currency-assumed"]),
        Order(
            file: "850_nak_simplemailbag.x12", number: "587852", date: "2005-06-01", status: "00", currency: "CAD", lines: 2,
            quantity: "12",
            first: "56065050", ship: .from("2005-06-08", to: "2005-06-08")),
        Order(
            file: "850_pgwglass_pipe_term.txt", number: "S41000439", date: "2010-08-10", status: "05", lines: 4, quantity: "20",
            first: "0459001004", delivery: .from("2010-08-20", to: "2010-08-20")),
        Order(
            file: "850_purchaseorders_edifabric.txt", number: "XX-1234", date: "2017-03-01", status: "00", lines: 1, quantity: "25",
            first: "XYZ-1234", delivery: .from(nil, to: "2017-06-15"), notes: ["currency-assumed"]),
        Order(
            file: "850_sitestuff.txt", number: "6190", date: "2009-01-01", status: "00", lines: 2, quantity: "2", first: "123456",
            notes: ["currency-assumed"]),
        Order(
            // the total that differs is that of an invoice beside it
            file: "810_850_mixed_versions.edi", number: "S115921858", date: "2004-03-17", status: "00", lines: 4, quantity: "250",
            first: "02006", notes: ["currency-assumed", "total-differs"]),
        Order(
            file: "env_mixed_transactions.txt", number: "XX-1234", date: "2017-03-01", status: "00", lines: 1, quantity: "25",
            first: "XYZ-1234", delivery: .from(nil, to: "2017-06-15"), notes: ["currency-assumed"]),
        Order(
            file: "855_adobe.txt", kind: .acknowledgement, number: "0132710645", date: "2009-06-12", status: "AD", lines: 1, quantity: "1",
            first: "T05249"),
        Order(
            file: "855_amazon_connectivity_test.edi", kind: .acknowledgement, number: "CONNECTIVITYTEST", date: "2025-05-08", status: "AC",
            lines: 1, quantity: "23", first: "1234567891234", notes: ["currency-assumed", "test-interchange"]),
        Order(
            file: "855_kohls_edifabric.txt", kind: .acknowledgement, number: "1234567", date: "2005-01-02", status: "AP", lines: 3,
            quantity: "9", first: "BLU89Z012", ship: .from("2005-02-03", to: "2005-02-03"), notes: ["currency-assumed", "set-count"]),
        Order(
            file: "860_example1.txt", kind: .change, number: "PO NUMBER", date: "2008-03-10", status: "04", lines: 2, quantity: "0",
            first: "59123", notes: ["currency-assumed", "segment-count"]),
        Order(
            file: "865_mclane.txt", kind: .changeAcknowledgement, number: "3249785", date: "2010-08-17", status: "AT", lines: 7,
            quantity: "1154", first: "489594", ship: .from("2010-08-26", to: "2010-08-26"), delivery: .from("2010-09-03", to: "2010-09-03"),
            notes: ["currency-assumed"]),
    ]

    @Test(arguments: orders)
    func `each order has its number, days, lines and quantities`(_ wanted: Order) throws {
        let collected = try Self.read(wanted.file)
        let order = try #require(collected.orders.first, "\(wanted.file)")
        #expect(order.kind == wanted.kind)
        #expect(order.number == wanted.number)
        #expect(order.date?.description == wanted.date)
        #expect(order.status == wanted.status)
        #expect(!order.isCancelled)
        #expect(order.currency.code == wanted.currency)
        #expect(order.lines.count == wanted.lines)
        #expect(Self.sum(order.lines.map(\.item)) == ExactDecimal(wanted.quantity))
        #expect(order.lines.first?.item.item == wanted.first)
        #expect(order.shipWindow == wanted.ship)
        #expect(order.deliveryWindow == wanted.delivery)
        for note in wanted.notes { #expect(collected.codes.contains(note), "\(wanted.file) has \(collected.notes)") }
        if !wanted.notes.contains("total-differs") { #expect(!collected.codes.contains("total-differs"), "\(collected.notes)") }
        #expect(!collected.codes.contains("line-count"), "\(collected.notes)")
    }

    static func sum(_ items: [ItemLine]) -> ExactDecimal? {
        var sum = 0
        for item in items {
            guard let quantity = item.quantity else { continue }
            guard quantity.scale == 0 else { return nil }
            sum += Int(quantity.units)
        }
        return ExactDecimal(sum)
    }

    @Test func `six acknowledgements of one group are six documents`() throws {
        let orders = try Self.read("855_004010ucs.x12").orders
        #expect(orders.map(\.number) == ["194207", "194208", "194721", "194722", "194723", "194724"])
        #expect(orders.map(\.lines.count) == [26, 1, 1, 17, 22, 1])
        #expect(orders.allSatisfy { $0.kind == .acknowledgement && $0.status == "AP" && $0.date == Day(iso: "2003-05-07") })
        #expect(orders[0].lines[0].item.quantity == ExactDecimal(102))
        #expect(orders[0].lines[0].item.unit == "CA")
        #expect(orders[0].lines[0].item.item == "001119432383")
        #expect(orders[0].lines[0].item.line == nil)
        #expect(orders[0].deliveryWindow == .from("2003-05-12", to: "2003-05-12"))
        #expect(orders[1].shipWindow == .from("2003-05-19", to: "2003-05-19"))
    }

    @Test func `what becomes of a line is its status`() throws {
        let amazon = try Self.read("855_amazon_connectivity_test.edi").orders[0].lines[0]
        #expect(amazon.status == "IA")
        #expect(amazon.item.unitPrice == ExactDecimal("23.45"))
        #expect(try Self.read("865_mclane.txt").orders[0].lines.map(\.status) == ["PC", "NC", "DI", "CT", "CT", "CT", "CT"])
        #expect(try Self.read("860_example1.txt").orders[0].lines.map(\.status) == ["DI", "DI"])
        let composite = try Self.read("850_composite_newline.edi").orders[0].lines[1].item
        #expect(composite.unit == "EA")
        #expect(composite.text == "MEDIUM WIDGET")
        // a unit that no list knows stays as written
        #expect(try Self.read("850_purchaseorders_edifabric.txt").orders.map(\.lines[0].item.unit) == ["EA", "INVALID"])
    }

    @Test func `a change names its buyer although a terminator is missing`() throws {
        let order = try Self.read("860_example1.txt").orders[0]
        #expect(order.buyer?.name == "RETAILER")
        #expect(try Self.read("850_adobe_clp.txt").orders[0].buyer == Party(name: "SOLD TO", id: "Sold To ID"))
        #expect(try Self.read("855_adobe.txt").orders[0].seller == Party(name: "ADOBE SYSTEMS INCORPORATED", id: "ADUS"))
    }

    struct Notice: Sendable {
        var file: String
        var set = 0
        var number: String
        var date: String
        var shipped: String?
        var delivered: String?
        var isEstimated = false
        var carrier: String?
        var bill: String?
        var invoice: String?
        var orders: [String]
        /// Order and quantity of each line.
        var lines: [String]
    }

    static let notices = [
        Notice(
            file: "856_example1.txt", number: "123456", date: "2001-04-20", shipped: "2001-04-20", delivered: "2001-04-22",
            isEstimated: true,
            orders: ["123456"], lines: ["123456 16 PC 1234-123456", "123456 23 LB 1234-654321", "123456 16 PC 1234-223456"]),
        Notice(
            file: "856_plus_apostrophe.x12", number: "4167427123", date: "2006-04-02", shipped: "2006-04-02", carrier: "SCAC",
            bill: "bill of lading number", orders: ["ordernumber1", "ordernumber2", "ordernumber4"],
            lines: [
                "ordernumber1 24 EA byart", "ordernumber1 36 EA byart", "ordernumber2 24 EA byart", "ordernumber2 36 EA byart",
                "ordernumber2 24 EA byart", "ordernumber4 36 EA byart",
            ]),
        Notice(
            file: "856_plus_apostrophe.x12", set: 1, number: "4167427123", date: "2006-04-02", orders: ["ordernumber"],
            lines: ["ordernumber 24 EA 499762800308", "ordernumber 36 EA 499762800094"]),
        Notice(
            file: "856_tempur_pipe_component.txt", number: "DELIVERYNUMBER", date: "2011-09-09", shipped: "2011-09-09",
            delivered: "2011-09-13", isEstimated: true, carrier: "NONE", bill: "10000-2378635", orders: ["PO NUMBER"],
            lines: [
                "PO NUMBER 10 EA 100014544", "PO NUMBER 5 EA 100014545", "PO NUMBER 10 EA 100019109", "PO NUMBER 20 EA 100019110",
                "PO NUMBER 5 EA 100019111", "PO NUMBER 3 EA 100019112", "PO NUMBER 12 EA 100014546",
            ]),
        Notice(
            file: "856_walmart_edifabric.txt", number: "01140824", date: "2005-10-15", carrier: "JBHT", bill: "01140824",
            invoice: "01140824",
            orders: ["9988776655", "2288115555"],
            lines: [
                "9988776655 4 EA 008815509183", "9988776655 9 EA 008815547321", "2288115555 4 EA 008815509183",
                "2288115555 9 EA 008815547321",
            ]),
        Notice(
            file: "856_yurman_vics.txt", number: "521649209219", date: "2012-05-15", shipped: "2012-05-10", delivered: "2012-05-10",
            isEstimated: true, carrier: "FED2", bill: "521649209219", invoice: "S1429672", orders: ["SO/VINCE1"],
            lines: ["SO/VINCE1 1 EA 883932284904"]),
        Notice(
            file: "857_aftermarket.txt", number: "123456", date: "1993-09-06", shipped: "1993-09-04", carrier: "YFSY", bill: nil,
            invoice: "123456", orders: ["SESQ38828"], lines: ["SESQ38828 3 EA K1"]),
    ]

    @Test(arguments: notices)
    func `each notice has its orders, and its quantities once`(_ wanted: Notice) throws {
        let collected = try Self.read(wanted.file)
        let shipment = collected.shipments[wanted.set]
        #expect(shipment.number == wanted.number)
        #expect(shipment.date?.description == wanted.date)
        #expect(shipment.shipped?.description == wanted.shipped)
        #expect(shipment.delivered?.description == wanted.delivered)
        #expect(shipment.isDeliveryEstimated == wanted.isEstimated)
        #expect(shipment.carrier == wanted.carrier)
        #expect(shipment.billOfLading == wanted.bill)
        #expect(shipment.invoice == wanted.invoice)
        #expect(shipment.orders == wanted.orders)
        #expect(
            shipment.lines.map { "\($0.po ?? "-") \($0.item.quantity?.description ?? "-") \($0.item.unit ?? "-") \($0.item.item ?? "-")" }
                == wanted.lines)
        #expect(!collected.codes.contains("line-count"), "\(collected.notes)")
        #expect(!collected.codes.contains("quantity-not-counted"), "\(collected.notes)")
    }

    @Test func `what is odd in a notice is noted`() throws {
        let walmart = try Self.read("856_walmart_edifabric.txt")
        #expect(walmart.notes.contains { $0.code == "impossible-date" && $0.at.description == "ST[1]/DTM[1]/02" })
        #expect(walmart.codes.contains("set-count"))
        #expect(try Self.read("856_tempur_pipe_component.txt").codes.filter { $0 == "hl-parent" }.count == 4)
        // two bills of lading, of the shipment and of its order
        #expect(try Self.read("857_aftermarket.txt").codes.contains("several-values"))
    }

    @Test func `a shipment and billing notice also bills, to the cent that its point says`() throws {
        let collected = try Self.read("857_aftermarket.txt")
        #expect(collected.whole.map(\.type) == ["shipment", "invoice"])
        let invoice = try #require(collected.invoices.first)
        #expect(invoice.number == "123456")
        #expect(invoice.total == 4602)
        #expect(invoice.date == Day(iso: "1993-09-06"))
        #expect(invoice.po == "SESQ38828")
        #expect(invoice.lines.count == 1)
        #expect(invoice.lines[0].quantity == ExactDecimal(3))
        #expect(invoice.lines[0].unitPrice == ExactDecimal("10.69"))
        #expect(invoice.lines[0].text == "5M1000 POLYFLEX")
        #expect(invoice.terms?.discountDate == Day(iso: "1993-10-09"))
        #expect(collected.codes.contains("unread-charge"))
    }

    @Test func `a receipt on hold is neither damaged nor short`() throws {
        let collected = try Self.read("861_receivingadvice.txt")
        let receipt = try #require(collected.receipts.first)
        #expect(receipt.number == "C000548241")
        #expect(receipt.date == Day(iso: "2009-01-02"))
        #expect(receipt.po == nil)
        let line = receipt.lines[0]
        #expect(receipt.lines.count == 1)
        #expect(line.item == "U0070062")
        #expect(line.received == nil && line.damaged == nil && line.short == nil && line.over == nil)
        #expect(line.text == "condition 09: 1 EA")
        #expect(collected.codes.contains("quantity-in-question"))
    }

    @Test func `a return has the total of its items`() throws {
        let collected = try Self.read("180_easistandards.txt")
        let goods = try #require(collected.returns.first)
        #expect(goods.number == "04360132310")
        #expect(goods.notified == Day(iso: "2004-01-06"))
        #expect(goods.shipped == Day(iso: "2004-01-05"))
        #expect(goods.status == "CR")
        #expect(goods.reason == "DR")
        #expect(goods.po == "123456789")
        #expect(goods.total == 2575)
        #expect(goods.currency.code == "USD")
        #expect(goods.lines.map(\.item) == ["12345670000"])
        #expect(goods.lines.map(\.quantity) == [ExactDecimal(1)])
    }

    @Test func `inventory and sales activity are kept and said not to be used`() throws {
        for (name, number, date) in [("846_example1.txt", "10353", "2004-08-11"), ("852_aftermarket.txt", "1357", "1995-06-13")] {
            let collected = try Self.read(name)
            #expect(collected.others.map(\.number) == [number])
            #expect(collected.others.first?.date?.description == date)
            #expect(collected.others.first?.typeName == "x12/\(name.prefix(3))")
            #expect(collected.codes.contains("content-not-used"))
            #expect(!collected.codes.contains { $0.hasPrefix("odd-") })
        }
    }
}

/// Every document of the generated vendor histories that is about goods.
@Suite(.enabled(if: Place.hasShared)) struct X12GoodsWorlds {
    @Test(arguments: ["world-a", "world-b", "world-c"])
    func `every order, shipment, receipt and return of a history agrees with its truth`(_ world: String) throws {
        let folder = Place.shared.appending(path: world)
        guard FileManager.default.fileExists(atPath: folder.appending(path: "truth/files.json").path) else { return }
        let truth = try JSONDecoder().decode([X12Worlds.TruthFile].self, from: Data(contentsOf: folder.appending(path: "truth/files.json")))
        var seen: [String: Int] = [:]
        for file in truth where file.rejected != true {
            let bytes = try Place.bytes(folder.appending(path: "days/\(file.day)/\(file.name)"))
            let head = FileHead(name: file.name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            let kinds: Set = ["purchase_order", "shipment", "receipt", "return"]
            guard X12.claim(head) != nil, file.documents.contains(where: { kinds.contains($0.type) }) else { continue }
            let account = file.documents.compactMap(\.currency).first.flatMap { Currency(code: $0) } ?? Currency(code: "USD")
            let collected = try #require(readX12(bytes, currency: account).collected, "\(file.name)")
            #expect(collected.problems.isEmpty, "\(file.name)")
            let found = collected.whole.map { "\($0.type) \($0.number ?? "")" }
            #expect(found == file.documents.map { "\($0.type) \($0.number)" }, "\(file.name)")
            for (wanted, document) in zip(file.documents, collected.whole) {
                seen[wanted.type, default: 0] += 1
                if case .goodsReturn(let goods) = document {
                    #expect(goods.total.map { Money($0, goods.currency).decimal } == wanted.total, "\(file.name)")
                    #expect(goods.currency.code == wanted.currency)
                }
            }
            #expect(collected.orders.allSatisfy { !$0.lines.isEmpty && $0.deliveryWindow?.from != nil && $0.deliveryWindow?.to != nil })
            #expect(
                collected.shipments.allSatisfy { !$0.orders.isEmpty && $0.lines.allSatisfy { $0.po != nil && $0.item.quantity != nil } })
            #expect(collected.receipts.allSatisfy { $0.po != nil && $0.shipment != nil && $0.lines.allSatisfy { $0.received != nil } })
            #expect(Set(collected.codes).isSubset(of: ["currency-assumed"]), "\(file.name): \(collected.codes)")
        }
        print("\(world): \(seen.sorted { $0.key < $1.key })")
        if world == "world-b" { #expect(seen == ["purchase_order": 116, "shipment": 115, "receipt": 142, "return": 9]) }
    }
}
