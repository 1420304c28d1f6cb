import Foundation
import Testing
import Trade

@testable import Formats

/// What holds for any order, notice and receipt: what is written is what is read, and delimiters and line breaks mean nothing.
@Suite struct X12GoodsProperties {
    static let seed: UInt64 = 20_260_311
    static let rounds = 60

    static let sets: [(id: String, segments: [String])] = [
        (
            "850",
            [
                "BEG*00*SA*P-4**20260202", "CUR*BY*USD", "DTM*064*20260310", "DTM*063*20260320", "N1*BY*BIG RETAIL*92*RETAILER",
                "PO1*1*50*EA:1:2*2**BP*B0X", "PID*F****LAMP", "CTT*1", "AMT*TT*100",
            ]
        ),
        ("855", ["BAK*00*AC*P-4*20260202", "CUR*SE*USD", "PO1*1*50*EA*2**BP*B0X", "ACK*IA*40*EA", "ACK*IR*10*EA"]),
        ("860", ["BCH*01*SA*P-4***20260202", "CUR*BY*USD"]),
        ("865", ["BCA*00*AT*P-4***20260202", "CUR*SE*USD", "POC*1*QD*40*40*EA*2**BP*B0X"]),
        (
            "856",
            [
                "BSN*00*S-4*20260203*0600*0001", "HL*1**S", "TD5*B*2*UPSN", "REF*BM*BL-4", "DTM*011*20260203", "HL*2*1*O", "PRF*P-4",
                "HL*3*2*P", "MAN*GM*001", "SN1**1*CT", "HL*4*3*I", "LIN*1*BP*B0X", "SN1**50*EA", "CTT*4",
            ]
        ),
        (
            "857",
            ["BHT*0004*00*S-5*20260203", "CUR*SE*USD", "HL*1**S", "HL*2*1*O", "TDS*10000", "PRF*P-4", "HL*3*2*I", "IT1*1*50*EA*2**BP*B0X"]
        ),
        ("861", ["BRA*R-4*20260205*00*1", "PRF*P-4", "RCD*1*49*EA***1*EA*02", "LIN**BP*B0X"]),
        ("180", ["BGN*00*RTV-4*20260301", "CUR*BY*USD", "BLI*BP*B0X*2*EA*UCP*2.005", "RDR*RA*DA"]),
        ("846", ["BIA*00*CM*I-4*20260301", "LIN**BP*B0X", "QTY*33*5"]),
        ("852", ["XQ*G*20260301", "LIN**BP*B0X", "ZA*QA*5*EA"]),
    ]

    @Test func `delimiters permuted give the same documents`() throws {
        let plain = readX12(interchange(Self.sets))
        #expect(plain.format == "x12/180+846+850+852+855+856+857+860+861+865")
        #expect(plain.collected?.whole.count == 11)
        for element in ["*", "~", "+", "|", "^", "\u{1D}", "\t"] {
            for terminator in ["~", "\\", "|", "^", "}", "*", "'", "\u{15}", "…", "~\r\n", "~ ", "\n", "\r\n", "\r", " ~\n", "~\n   "]
            where !terminator.contains(element) {
                for component in [">", ":", "|", "`", "@"] where component != element && !terminator.contains(component) {
                    let text = interchange(Self.sets, terminator: "\u{0}").replacing("*P*>", with: "*P*:").replacing(":", with: component)
                        .replacing("*", with: element).replacing("\u{0}", with: terminator)
                    expectSame(readX12(text), as: plain, "\(element.debugDescription) \(terminator.debugDescription) \(component)")
                }
            }
        }
    }

    @Test func `wrapping at any width gives the same documents`() throws {
        let text = Array(interchange(Self.sets).utf8)
        let plain = readX12(text)
        for width in 1...160 {
            for lineEnd in ["\n", "\r\n"] {
                var wrapped: [UInt8] = []
                for (index, byte) in text.enumerated() {
                    if index > 0, index.isMultiple(of: width) { wrapped += lineEnd.utf8 }
                    wrapped.append(byte)
                }
                expectSame(readX12(wrapped), as: plain, "width \(width)")
            }
        }
    }

    @Test func `every sample wrapped at eighty columns gives the same documents, if its terminator is printable`() throws {
        var files = try Place.files(X12Samples.folder) { $0.hasSuffix(".edi") && ($0.hasPrefix("8") || $0.hasPrefix("180")) }
        if Place.hasShared {
            files += try Place.files(Place.shared.appending(path: "edi/x12")) { $0.hasPrefix("8") || $0.hasPrefix("180") }
        }
        var wrapped = 0
        for url in files {
            let bytes = try Place.bytes(url)
            let plain = readX12(bytes)
            guard let wanted = plain.collected else { continue }
            // without the line breaks the file still has its segments: the terminator is a character
            let joined = bytes.filter { $0 != 13 && $0 != 10 }
            guard readX12(joined).collected?.whole == wanted.whole else { continue }
            var text: [UInt8] = []
            for (index, byte) in joined.enumerated() {
                if index > 0, index.isMultiple(of: 80) { text += [13, 10] }
                text.append(byte)
            }
            let found = readX12(text)
            #expect(found.collected?.whole == wanted.whole, "\(url.lastPathComponent): \(found.problems)")
            wrapped += 1
        }
        print("\(wrapped) files wrapped")
        #expect(wrapped >= 8)
    }

    // MARK: Rendering

    /// Documents made at random, and the sets that say them.
    struct Maker {
        var random: Seeded
        init(_ seed: UInt64) { random = Seeded(seed) }

        mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        mutating func one<Value>(of values: [Value]) -> Value { values[number(0...values.count - 1)] }
        mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }
        mutating func decimal(_ digits: ClosedRange<Int>, scale: Int) -> ExactDecimal {
            ExactDecimal(units: Int64(number(digits)), scale: number(0...scale))
        }
        mutating func day() -> Day { Day(number: Int32(20_400 + number(0...800))) }
        mutating func id(_ prefix: String) -> String { prefix + String(number(1...99_999)) + one(of: ["", "-A", "/7", " X", "é"]) }
        mutating func item() -> String { one(of: ["B0", "AC-", "4006"]) + String(number(1...9_999)) }

        static func plain(_ day: Day) -> String { day.description.replacing("-", with: "") }

        mutating func order(_ set: Int) -> (PurchaseOrder, [String]) {
            var order = PurchaseOrder(
                kind: .order, number: id("PO"), currency: Currency(code: one(of: ["USD", "EUR", "JPY", "KWD"])) ?? .unstated,
                at: .segment("ST", 1, set: set))
            order.status = one(of: ["00", "01", "05", "07"])
            order.isCancelled = order.status == "01"
            var text = ["BEG*\(order.status ?? "")*SA*\(order.number)*"]
            if chance(80) {
                let day = day()
                order.date = day
                text[0] += "*" + Self.plain(day)
            }
            text.append("CUR*BY*\(order.currency.code)")
            for (isShip, from, to) in [(true, "037", "038"), (false, "064", "063")] where chance(60) {
                var window = DayWindow()
                if chance(80) { window.from = day() }
                if window.from == nil || chance(80) { window.to = day() }
                if let day = window.from { text.append("DTM*\(from)*\(Self.plain(day))") }
                if let day = window.to { text.append("DTM*\(to)*\(Self.plain(day))") }
                if isShip { order.shipWindow = window } else { order.deliveryWindow = window }
            }
            if chance(70) {
                order.buyer = Party(name: "Buyer \(number(1...9))", id: id("B"))
                text.append("N1*BY*\(order.buyer?.name ?? "")*92*\(order.buyer?.id ?? "")")
            }
            for index in 0..<number(0...8) {
                var item = ItemLine(at: .segment("PO1", index + 1, set: set))
                if chance(80) { item.line = String(index + 1) }
                item.item = self.item()
                item.aliases = ["0123"]
                item.quantity = decimal(0...9_999, scale: 3)
                item.unit = one(of: ["EA", "CT", "KG"])
                if chance(80) { item.unitPrice = decimal(0...999_999, scale: 4) }
                text.append(
                    "PO1*\(item.line ?? "")*\(item.quantity?.description ?? "")*\(item.unit ?? "")*\(item.unitPrice?.description ?? "")*PE*UP*0123*BP*\(item.item ?? "")"
                )
                if chance(40) {
                    item.text = "Thing \(number(1...99)) ü"
                    text.append("PID*F****\(item.text ?? "")")
                }
                order.lines.append(PurchaseOrder.Line(item: item))
            }
            text.append("CTT*\(order.lines.count)")
            return (order, text)
        }

        mutating func shipment(_ set: Int) -> (Shipment, [String]) {
            var shipment = Shipment(number: id("SH"), at: .segment("ST", 1, set: set), date: day())
            var text = ["BSN*00*\(shipment.number)*\(shipment.date.map(Self.plain) ?? "")*0800*0001"]
            var levels = 0
            func open(_ parent: Int, _ code: String) -> Int {
                levels += 1
                text.append("HL*\(levels)*\(parent > 0 ? String(parent) : "")*\(code)")
                return levels
            }
            let top = open(0, "S")
            if chance(80) {
                shipment.carrier = one(of: ["UPSN", "FEDX"])
                text.append("TD5*B*2*\(shipment.carrier ?? "")*M*words")
            }
            if chance(80) {
                shipment.billOfLading = id("BL")
                text.append("REF*BM*\(shipment.billOfLading ?? "")")
            }
            if chance(80) {
                shipment.shipped = day()
                text.append("DTM*011*\(shipment.shipped.map(Self.plain) ?? "")")
            }
            if chance(80) {
                shipment.delivered = day()
                shipment.isDeliveryEstimated = chance(50)
                text.append("DTM*\(shipment.isDeliveryEstimated ? "017" : "035")*\(shipment.delivered.map(Self.plain) ?? "")")
            }
            for index in 0..<number(1...4) {
                let po = "PO-\(set)-\(index)" + one(of: ["", "é", " 7"])
                shipment.orders.append(po)
                let orderLevel = open(top, "O")
                text.append("PRF*\(po)")
                for _ in 0..<number(1...4) {
                    var parent = orderLevel
                    for code in ["T", "P", "Q"] where chance(40) {
                        parent = open(parent, code)
                        text.append("MAN*GM*00\(number(1...999))")
                        if chance(30) { text.append("PO4*\(number(1...99))*1*EA") }
                    }
                    for _ in 0..<number(1...3) {
                        let own = open(parent, "I")
                        var item = ItemLine(at: .segment("LIN", shipment.lines.count + 1, set: set))
                        item.line = chance(50) ? String(number(1...99)) : nil
                        item.item = self.item()
                        item.aliases = ["77"]
                        item.quantity = decimal(0...9_999, scale: 2)
                        item.unit = one(of: ["EA", "KG"])
                        text += [
                            "LIN*\(item.line ?? "")*UP*77*IN*\(item.item ?? "")",
                            "SN1**\(item.quantity?.description ?? "")*\(item.unit ?? "")",
                        ]
                        if chance(30) { _ = (open(own, "P"), text.append("MAN*GM*1")) }
                        shipment.lines.append(Shipment.Line(item: item, po: po))
                    }
                }
            }
            text.append("CTT*\(levels)")
            return (shipment, text)
        }

        mutating func receipt(_ set: Int) -> (Receipt, [String]) {
            var receipt = Receipt(number: id("RC"), at: .segment("ST", 1, set: set), date: day())
            var text = ["BRA*\(receipt.number)*\(receipt.date.map(Self.plain) ?? "")*00*1"]
            if chance(80) {
                receipt.shipment = id("SH")
                text.append("REF*SI*\(receipt.shipment ?? "")")
            }
            receipt.po = id("PO")
            text.append("PRF*\(receipt.po ?? "")")
            for index in 0..<number(1...6) {
                var line = Receipt.Line(at: .segment("RCD", index + 1, set: set))
                line.line = String(index + 1)
                line.unit = one(of: ["EA", "KG"])
                line.received = decimal(0...9_999, scale: 2)
                var segment = "RCD*\(index + 1)*\(line.received?.description ?? "")*\(line.unit ?? "")**"
                for (kind, code) in [(\Receipt.Line.damaged, "01"), (\.short, "02"), (\.over, "03")] where chance(40) {
                    let quantity = decimal(1...999, scale: 2)
                    line[keyPath: kind] = quantity
                    segment += "*\(quantity)*\(line.unit ?? "")*\(code)"
                }
                line.item = self.item()
                line.aliases = ["other"]
                text += [segment, "LIN**VN*other*SK*\(line.item ?? "")"]
                if chance(30) {
                    line.po = id("PO")
                    text.append("PRF*\(line.po ?? "")")
                }
                receipt.lines.append(line)
            }
            return (receipt, text)
        }
    }

    @Test func `what is written as 850, 856 and 861 is read again`() throws {
        print("seed \(Self.seed)")
        var maker = Maker(Self.seed)
        var documents = 0
        for _ in 0..<Self.rounds {
            var sets: [(id: String, segments: [String])] = []
            var wanted: [WholeDocument] = []
            for set in 1...maker.number(1...9) {
                switch maker.number(1...3) {
                case 1:
                    let (order, text) = maker.order(set)
                    wanted.append(.purchaseOrder(order))
                    sets.append(("850", text))
                case 2:
                    let (shipment, text) = maker.shipment(set)
                    wanted.append(.shipment(shipment))
                    sets.append(("856", text))
                default:
                    let (receipt, text) = maker.receipt(set)
                    wanted.append(.receipt(receipt))
                    sets.append(("861", text))
                }
            }
            let terminator = maker.one(of: ["~", "~\r\n", "'", "\u{15}", "\r\n"])
            let outcome = readX12(interchange(sets, release: maker.one(of: ["004010", "004010VICS", "005010"]), terminator: terminator))
            let found = try #require(outcome.collected, "\(outcome.problems)")
            #expect(found.whole == wanted)
            #expect(found.notes.isEmpty, "\(found.notes)")
            documents += wanted.count
        }
        print("\(documents) documents written and read")
        #expect(documents > 100)
    }
}
