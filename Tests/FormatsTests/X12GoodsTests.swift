import Testing
import Trade

@testable import Formats

/// One rule of the sets about goods each; the golden samples show whole documents.
@Suite struct X12GoodsRules {
    @Test func `the buyer's number of an item comes before the seller's and the bar code`() throws {
        let order = try #require(
            readGoods(
                "850",
                "BEG*00*SA*P**20260301~PO1*1*1*EA*1**UP*0123*VN*AC-1*BP*B0X~PO1*2*1*EA*1**UP*0123*VN*AC-1~PO1*3*1*EA*1**ZZ*other*UP*77~PO1*4*1*EA*1**BP"
            ))
        #expect(order.orders[0].lines.map(\.item.item) == ["B0X", "AC-1", "77", nil])
    }

    @Test func `an order cancelled as a whole says so, in either set`() throws {
        #expect(try #require(readGoods("850", "BEG*01*SA*P**20260301")).orders[0].isCancelled)
        #expect(try #require(readGoods("860", "BCH*01*SA*P***20260301")).orders[0].isCancelled)
        #expect(try #require(readGoods("855", "BAK*01*AC*P*20260301")).orders[0].isCancelled)
        for id in ["00", "04", "05", ""] {
            #expect(try #require(readGoods("860", "BCH*\(id)*SA*P***20260301")).orders[0].isCancelled == false)
        }
    }

    @Test(
        arguments: [
            ("DTM*064*20260310~DTM*063*20260320", nil, DayWindow.from("2026-03-10", to: "2026-03-20")),
            ("DTM*002*20260310", nil, .from("2026-03-10", to: "2026-03-10")),
            ("DTM*002*20260310~DTM*063*20260320", nil, .from("2026-03-10", to: "2026-03-20")),
            ("DTM*037*20260310~DTM*038*20260320", .from("2026-03-10", to: "2026-03-20"), nil),
            ("DTM*010*20260310~DTM*001*20260320", .from("2026-03-10", to: "2026-03-20"), nil),
            ("DTM*001*20260320", .from(nil, to: "2026-03-20"), nil),
            ("DTM*064*20260310~DTM*001*20260320", nil, .from("2026-03-10", to: "2026-03-20")),
            ("DTM*064*20260310~DTM*063*20260312~DTM*001*20260320", nil, .from("2026-03-10", to: "2026-03-12")),
            ("DTM*037*20260301~DTM*064*20260310~DTM*001*20260320", .from("2026-03-01", to: "2026-03-20"), .from("2026-03-10", to: nil)),
            ("DTM*002****RD8*20260310-20260312", nil, .from("2026-03-10", to: "2026-03-12")),
            ("DTM*002*****D8*20260310", nil, .from("2026-03-10", to: "2026-03-10")),
            ("DTM*002*260310", nil, .from("2026-03-10", to: "2026-03-10")),
            ("DTM*036*20260310", nil, nil),
            ("DTM*002*200", nil, nil),
            ("DTM*002****RD8*20260310", nil, nil),
            ("DTM*002", nil, nil),
        ] as [(String, DayWindow?, DayWindow?)])
    func `date qualifiers make windows`(_ dates: String, _ ship: DayWindow?, _ delivery: DayWindow?) throws {
        let collected = try #require(readGoods("850", "BEG*00*SA*P**20260301~CUR*BY*USD~" + dates))
        #expect(collected.orders[0].shipWindow == ship)
        #expect(collected.orders[0].deliveryWindow == delivery)
        let isOdd = dates.contains("*200") || dates.hasSuffix("RD8*20260310")
        #expect(collected.codes == (isOdd ? ["impossible-date"] : []))
    }

    @Test func `the days of the lines are the order's only if all agree and the heading states none`() throws {
        func window(_ heading: String, _ first: String, _ second: String) throws -> (DayWindow?, [String]) {
            let text = "BEG*00*SA*P**20260301~CUR*BY*USD~\(heading)PO1*1*1*EA*1~\(first)PO1*2*1*EA*1~\(second)CTT*2"
            let collected = try #require(readGoods("850", text))
            return (collected.orders[0].deliveryWindow, collected.codes)
        }
        let day = DayWindow.from("2026-03-10", to: "2026-03-10")
        #expect(try window("", "DTM*002*20260310~", "DTM*002*20260310~") == (day, []))
        #expect(try window("", "SCH*1*EA***002*20260310~", "DTM*002*20260310~") == (day, []))
        #expect(try window("", "DTM*002*20260310~", "DTM*002*20260311~") == (nil, ["lines-differ-in-dates"]))
        #expect(try window("", "DTM*002*20260310~", "") == (nil, ["lines-differ-in-dates"]))
        #expect(try window("DTM*002*20260310~", "DTM*002*20260311~", "") == (day, []))
    }

    @Test func `a total that the lines come to is silent, another is noted, and one with charges is not compared`() throws {
        func codes(_ tail: String) throws -> [String] {
            try #require(readGoods("850", "BEG*00*SA*P**20260301~CUR*BY*USD~PO1*1*3*EA*1.115~PO1*2*2*EA*4~" + tail)).codes
        }
        #expect(try codes("CTT*2~AMT*TT*11.35").isEmpty)
        #expect(try codes("CTT*2~AMT*TT*11.36").isEmpty)
        #expect(try codes("CTT*2~AMT*TT*21.35") == ["total-differs"])
        #expect(try codes("CTT*2~AMT*TT*x") == ["total-differs"])
        #expect(try codes("CTT*2~AMT*1*99").isEmpty)
        #expect(try codes("SAC*C*D240***500~CTT*2~AMT*TT*16.35").isEmpty)
        #expect(try codes("CTT*3~AMT*TT*11.35") == ["line-count"])
    }

    @Test func `quantities that no money can hold do not stop the reading`() throws {
        let most = "999999999999999999"
        let order = try #require(readGoods("850", "BEG*00*SA*P**20260301~CUR*BY*KWD~PO1*1*\(most)*EA*\(most)~AMT*TT*1"))
        #expect(order.orders[0].lines[0].item.quantity?.description == most)
        let goods = try #require(readGoods("180", "BGN*00*R*20260301~CUR*BY*KWD~BLI*BP*B0X*\(most)*EA*UCP*\(most)"))
        #expect(goods.returns[0].total == nil)
        #expect(goods.codes == ["no-total"])
        let lines = (1...2).map { "IT1*\($0)*\(most)*EA*\(most)" }.joined(separator: "~")
        let bill = try #require(readGoods("810", "BIG*20260214*I~CUR*SE*KWD~\(lines)~TDS*10000"))
        #expect(bill.invoices[0].lines.count == 2)
    }

    @Test(arguments: [
        ("850", "BEG*00*SA*P~PO1*1*1O*EA*1", "ST[1]/PO1[1]/02"), ("850", "BEG*00*SA*P~PO1*1*1*EA*5,30", "ST[1]/PO1[1]/04"),
        ("850", "BEG*00*SA*~PO1*1*1", "ST[1]/BEG[1]/03"), ("850", "PO1*1*1*EA*1", "ST[1]"),
        ("850", "BEG*00*SA*P~CUR*BY*XX1", "ST[1]/CUR[1]/02"),
        ("855", "BAK*00*AC*P~PO1*1*1~ACK*IA*x", "ST[1]/ACK[1]/02"), ("855", "PO1*1*1", "ST[1]"), ("860", "BCH*04*SA", "ST[1]/BCH[1]/03"),
        ("865", "BCA*00*AC", "ST[1]/BCA[1]/03"), ("856", "BSN*00*~HL*1**S", "ST[1]/BSN[1]/02"), ("856", "HL*1**S", "ST[1]"),
        ("856", "BSN*00*S*20260301~HL*1**I~LIN**BP*X~SN1**12,5*EA", "ST[1]/SN1[1]/02"), ("861", "BRA**20260301", "ST[1]/BRA[1]/01"),
        ("861", "BRA*R*20260301~RCD*1*X*EA", "ST[1]/RCD[1]/02"), ("861", "BRA*R*20260301~RCD*1*-1*EA", "ST[1]/RCD[1]/02"),
        ("861", "BRA*R*20260301~RCD*1*1*EA***-1*EA*02", "ST[1]/RCD[1]/06"), ("180", "BGN*00", "ST[1]/BGN[1]/02"),
        ("180", "BGN*00*R~BLI*BP*X*1*EA*UCP*4.x", "ST[1]/BLI[1]/06"), ("846", "LIN**BP*X", "ST[1]"),
        ("846", "BIA*00*CM", "ST[1]/BIA[1]/03"),
        ("852", "LIN**BP*X", "ST[1]"), ("857", "HL*1**S", "ST[1]"), ("857", "BHT*0004*00*B*20260301~HL*1**O~TDS*1x", "ST[1]/TDS[1]/01"),
        ("857", "BHT*0004*00*B*20260301~HL*1**O~TDS*-100", "ST[1]/TDS[1]/01"),
        ("857", "BHT*0004*00*B*20260301~HL*1**O~TDS*100~SAC*C*D240***x", "ST[1]/SAC[1]/05"),
    ])
    func `what cannot be read is refused with its place`(_ id: String, _ segments: String, _ place: String) {
        let problems = goodsProblems(id, segments)
        #expect(problems.contains { $0.hasPrefix(place + " ") }, "\(problems)")
    }

    @Test func `an item inherits the order of the nearest level above, whatever the nesting`() throws {
        func lines(_ tree: String) throws -> [String] {
            let shipment = try #require(readGoods("856", "BSN*00*S*20260301~" + tree)).shipments[0]
            return shipment.lines.map { "\($0.po ?? "-")/\($0.item.item ?? "-")/\($0.item.quantity?.description ?? "-")" }
        }
        let item = "LIN**BP*X~SN1**5*EA"
        #expect(try lines("HL*1**O~PRF*A~HL*2*1*I~\(item)") == ["A/X/5"])
        #expect(try lines("HL*1**S~PRF*A~HL*2*1*I~\(item)") == ["A/X/5"])
        #expect(try lines("HL*1**S~HL*2*1*P~HL*3*2*O~PRF*A~HL*4*3*I~\(item)") == ["A/X/5"])
        #expect(try lines("HL*1**S~HL*2*1*O~PRF*A~HL*3*2*T~HL*4*3*P~HL*5*4*I~\(item)") == ["A/X/5"])
        // the order of the item itself, and items back in an earlier order
        #expect(try lines("HL*1**S~HL*2*1*O~PRF*A~HL*3*2*I~PRF*B~\(item)~HL*4*2*I~\(item)") == ["B/X/5", "A/X/5"])
        #expect(try lines("HL*1**S~HL*2*1*O~PRF*A~HL*3*1*O~PRF*B~HL*4*2*I~\(item)~HL*5*3*I~\(item)") == ["A/X/5", "B/X/5"])
        // below the shipment it is of no order
        #expect(try lines("HL*1**S~HL*2*1*O~PRF*A~HL*3*1*I~\(item)") == ["-/X/5"])
        #expect(try lines("HL*1**S~HL*2*1*O~REF*PO*A~HL*3*2*I~\(item)") == ["A/X/5"])
        // components below an item that has its quantity, a style above its sizes
        #expect(try lines("HL*1**S~HL*2*1*I~\(item)~HL*3*2*F~LIN**BP*Y~SN1**2*EA~HL*4*3*F~LIN**BP*Z~SN1**2*EA") == ["-/X/5"])
        #expect(try lines("HL*1**S~HL*2*1*I~LIN**BP*X~HL*3*2*I~LIN**BP*Y~SN1**2*EA~HL*4*2*I~LIN**BP*Z~SN1**3*EA") == ["-/Y/2", "-/Z/3"])
        #expect(try lines("HL*1**S~HL*2*1*I~LIN**BP*X") == ["-/X/-"])
        #expect(try lines("HL*1**S~HL*2*1*I~\(item)~SN1**7*EA") == ["-/X/5"])
        #expect(try lines("HL*1**S~HL*2*1*I~\(item)~LIN**BP*Y~SN1**7*EA") == ["-/X/5", "-/Y/7"])
        // quantities in front of any level, and levels without a code, are not goods
        #expect(try lines("SN1**7*EA~LIN**BP*X~HL*1**~SN1**7*EA") == [])
    }

    @Test func `a number that occurs again, or nests without end, does no harm`() throws {
        let twice = try #require(readGoods("856", "BSN*00*S*20260301~HL*1**S~HL*1**O~PRF*A~HL*2*1*I~LIN**BP*X~SN1**5*EA"))
        #expect(twice.shipments[0].lines.map(\.po) == ["A"])
        #expect(twice.codes.contains("hl-number"))
        let itself = try #require(readGoods("856", "BSN*00*S*20260301~HL*1*1*S~HL*2*2*I~LIN**BP*X~SN1**5*EA"))
        #expect(itself.codes == ["hl-parent", "hl-parent"])
        let deep = (1...40).map { "HL*\($0)*\($0 - 1)*I~LIN**BP*X" }.joined(separator: "~")
        #expect(goodsProblems("856", "BSN*00*S*20260301~" + deep).contains { $0.contains("nested deeper than 32") })
    }

    @Test func `a document that takes another back is not that document`() throws {
        for (id, segments) in [
            ("856", "BSN*01*S*20260301"), ("180", "BGN*01*S*20260301"), ("857", "BHT*0004*01*S*20260301"),
        ] {
            let collected = try #require(readGoods(id, segments))
            #expect(collected.whole.map(\.type) == ["other"], "\(id)")
            #expect(collected.others.map(\.number) == ["S"])
            #expect(collected.codes == ["cancelled-document"])
        }
    }

    @Test func `an answer that names a substitute is about the substitute`() throws {
        func items(_ line: String) throws -> [String] {
            let order = try #require(readGoods("855", "BAK*00*AC*PO8*20260103~PO1*1*100*EA*10**BP*OLD*VP*V1~" + line)).orders[0]
            return order.lines.map { "\($0.item.item ?? "") \($0.item.aliases) \($0.item.quantity?.description ?? "") \($0.status ?? "")" }
        }
        #expect(try items("ACK*IS*100*EA****BP*NEW") == ["NEW [] 100 IS"])
        #expect(try items("ACK*IS*100*EA****BP*OLD*VP*V2") == ["V2 [] 100 IS"])
        #expect(try items("ACK*IS*60*EA****BP*NEW*VP*V2~ACK*IA*40*EA") == [#"NEW ["V2"] 60 IS"#, #"OLD ["V1"] 40 IA"#])
        // the same item once more, and an answer that substitutes nothing
        #expect(try items("ACK*IS*100*EA****VP*V1") == [#"OLD ["V1"] 100 IS"#])
        #expect(try items("ACK*IA*100*EA****VP*V2") == [#"OLD ["V1"] 100 IA"#])
    }

    @Test func `a receipt says what it does to those of its number, and when it was written`() throws {
        func read(_ purpose: String, _ rest: String = "") throws -> Receipt {
            try #require(readGoods("861", "BRA*R*20260312*\(purpose)~" + rest + "RCD*1*5*EA~LIN**BP*X")).receipts[0]
        }
        #expect(
            try ["00", "01", "04", "05", "06", ""].map { try read($0).amends } == [nil, .cancellation, .change, .replacement, nil, nil])
        #expect(try read("05").issued == nil)
        #expect(try read("05", "DTM*050*20260310~").issued == Day(iso: "2026-03-12"))
    }

    @Test func `a receipt is of the day and the order that its heading names`() throws {
        let plain = try #require(readGoods("861", "BRA*R*20260312~RCD*1*5*EA~LIN**BP*X~PRF*A~RCD*2*6*EA~LIN**BP*Y~REF*PO*A")).receipts[0]
        #expect(plain.po == "A")
        #expect(plain.date == Day(iso: "2026-03-12"))
        #expect(plain.shipment == nil)
        let several = try #require(readGoods("861", "BRA*R*20260312~REF*BM*B~REF*CN*C~DTM*035*20260310~RCD*1*5*EA~PRF*A~RCD*2*6*EA~PRF*B"))
            .receipts[0]
        #expect(several.po == nil)
        #expect(several.lines.map(\.po) == ["A", "B"])
        #expect(several.shipment == "B")
        #expect(several.date == Day(iso: "2026-03-10"))
    }

    @Test func `parts of one condition add up, exactly`() throws {
        let receipt = try #require(readGoods("861", "BRA*R*20260312~RCD*1*5*KG***1.25*KG*01*2.5*KG*01*0*KG*02*3*KG*12")).receipts[0]
        #expect(receipt.lines[0].damaged == ExactDecimal("3.75"))
        #expect(receipt.lines[0].short == ExactDecimal("0"))
        #expect(receipt.lines[0].over == ExactDecimal("3"))
    }

    @Test func `a return without every price has no total, and none of it is guessed`() throws {
        func total(_ items: String) throws -> Int64? {
            try #require(readGoods("180", "BGN*00*R*20260301~CUR*BY*USD~" + items)).returns[0].total
        }
        #expect(try total("BLI*BP*X*2*EA*UCP*4.25~BLI*BP*Y*1*EA*UCP*0.5") == 900)
        #expect(try total("BLI*BP*X*2*EA*UCP*4.25~BLI*BP*Y*1*EA") == nil)
        #expect(try total("BLI*BP*X**EA*UCP*4.25") == nil)
        #expect(try total("RDR*RA*EI") == nil)
        #expect(try total("BLI*BP*X*2*EA*UCP*48*DZ") == nil)
        #expect(try total("BLI*BP*X*2*EA*UCP*48*EA") == 9600)
    }

    @Test func `one level bills under the number of the notice, several need their own`() throws {
        let one = try #require(
            readGoods("857", "BHT*0004*00*B-1*20260301~CUR*SE*USD~HL*1**S~HL*2*1*O~TDS*12345~PRF*A~HL*3*2*I~IT1*1*1*EA*123.45**BP*X"))
        #expect(one.invoices.map(\.number) == ["B-1"])
        #expect(one.invoices[0].total == 12345)
        #expect(one.shipments[0].invoice == "B-1")
        #expect(one.shipments[0].lines.map(\.po) == ["A"])
        #expect(!goodsProblems("857", "BHT*0004*00*B-1*20260301~HL*1**S~HL*2*1*O~TDS*1~HL*3*1*O~TDS*2").isEmpty)
    }

    @Test func `the identifiers of the parties route, those of the lines do not`() throws {
        let collected = try #require(
            readGoods(
                "850",
                "BEG*00*SA*P~REF*VR*V-1~REF*IA*V-2~N1*BY*Buyer*92*B-1~N1*VN*Us*92*S-1~N1*ST**92*DOCK~PO1*1*1~N1*BY*x*92*LATE~REF*VR*LATER"))
        #expect(collected.routes == ["RETAILER", "ACME1", "V-1", "V-2", "B-1", "S-1"])
    }

    @Test func `more lines than a document holds are refused`() {
        let lines = Array(repeating: "RCD*1*1*EA", count: Bounds.itemLines + 2).joined(separator: "~")
        let problems = goodsProblems("861", "BRA*R*20260301~" + lines)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("more than \(Bounds.itemLines) lines") == true)
    }
}
