import Testing
import Trade

@testable import Formats

/// Numbers of invoices, orders and receipts that senders write otherwise than the standard says.
@Suite struct X12Numbers {
    func invoice(_ segments: [String], currency: String = "USD") -> Collected? {
        readX12(interchange([("810", ["BIG*20260301*I1**PO1", "CUR*SE*\(currency)"] + segments)])).collected
    }

    // MARK: allowances and charges

    @Test func `an allowance is subtracted once, whichever sign is written`() throws {
        let read = try #require(invoice(["IT1*1*10*EA*1.00", "TDS*500", "SAC*A*C310***-500"]))
        #expect(read.invoices[0].charges == [Charge(code: "C310", amount: -500)])
        #expect(read.codes == ["charge-sign"])
        let plain = try #require(invoice(["IT1*1*10*EA*1.00", "TDS*500", "SAC*A*C310***500"]))
        #expect(plain.invoices[0].charges == read.invoices[0].charges)
        #expect(plain.codes == [])
    }

    @Test func `a charge written with a minus is added only where the total says so`() throws {
        func read(_ total: String) -> Collected? { invoice(["IT1*1*10*EA*1.00", "TDS*\(total)", "SAC*C*D240***-500"]) }
        #expect(read("1500")?.invoices[0].charges == [Charge(code: "D240", amount: 500)])
        #expect(read("500")?.invoices[0].charges == [Charge(code: "D240", amount: -500)])
        #expect(read("1500")?.codes == ["charge-sign"])
        #expect(read("500")?.codes == ["charge-sign"])
        #expect(read("7000")?.invoices[0].charges == [Charge(code: "D240", amount: -500)])
        #expect(read("7000")?.codes == ["charge-sign", "total-differs"])
    }

    // MARK: implied decimals

    func notice(_ currency: String, _ total: String, _ price: String, _ further: [String] = []) -> Outcome {
        readX12(
            interchange([
                (
                    "857",
                    ["BHT*0001*00*S1*20260301", "HL*1**S", "CUR*SE*\(currency)", "HL*2*1*O", "TDS*\(total)", "PRF*PO1", "N9*IV*I1"]
                        + further
                        + ["HL*3*2*I", "IT1**10*EA*\(price)**BP*A"]
                )
            ]))
    }

    @Test func `the lines of an 857 tell how many decimals its total has`() throws {
        let yen = try #require(notice("JPY", "1000000", "100000").collected)
        #expect(yen.invoices[0].total == 1_000_000)
        #expect(yen.codes == ["implied-decimals"])
        let standard = try #require(notice("JPY", "100000000", "100000").collected)
        #expect(standard.invoices[0].total == 1_000_000)
        #expect(standard.codes == ["implied-decimals"])
        let dinar = try #require(notice("KWD", "12340", "1.234", ["SAC*C*D240***1000"]).collected)
        #expect(dinar.invoices[0].total == 12340)
        #expect(dinar.invoices[0].charges == [Charge(code: "D240", amount: 1000)])
        let dollar = try #require(notice("USD", "1000", "1", ["SAC*A*C310***-500"]).collected)
        #expect(dollar.invoices[0].total == 1000)
        #expect(dollar.invoices[0].charges == [Charge(code: "C310", amount: -500)])
        #expect(dollar.codes == ["charge-sign"])
    }

    @Test func `a total in a currency of no two decimals says how it was read`() throws {
        let untold = try #require(invoice(["IT1*1*10*EA", "TDS*1234500"], currency: "JPY"))
        #expect(untold.invoices[0].total == 12345)
        #expect(untold.codes == ["implied-decimals"])
        #expect(invoice(["IT1*1*10*EA", "TDS*1234500"])?.codes == [])
        #expect(invoice(["IT1*1*10*EA", "TDS*12.345"], currency: "KWD")?.codes == ["explicit-point"])
    }

    // MARK: orders

    @Test func `an invoice for several orders is for none of them`() throws {
        func read(_ heading: String, _ first: String, _ second: String) -> Collected? {
            readX12(
                interchange([
                    (
                        "810",
                        ["BIG*20260301*I1**\(heading)", "CUR*SE*USD", "IT1*1*10*EA*1", first, "IT1*2*10*EA*1", second, "TDS*2000"]
                    )
                ])
            ).collected
        }
        #expect(read("", "REF*PO*A", "REF*PO*A")?.invoices[0].po == "A")
        #expect(read("A", "REF*PO*A", "REF*VR*1")?.invoices[0].po == "A")
        #expect(read("A", "REF*PO*A", "REF*VR*1")?.codes == [])
        for (heading, first, second) in [("", "A", "B"), ("A", "A", "B"), ("A", "B", "B")] {
            let several = try #require(read(heading, "REF*PO*\(first)", "REF*PO*\(second)"))
            #expect(several.invoices[0].po == nil)
            #expect(several.codes == ["orders-differ"])
        }
        let pairs = invoice(["IT1*1*10*EA*1**BP*X*PO*PO1", "IT1*2*10*EA*1**BP*Y*PO*PO2", "TDS*2000"])
        #expect(pairs?.invoices[0].po == nil)
        #expect(pairs?.codes == ["orders-differ"])
    }

    // MARK: price basis

    @Test func `a price for a hundred or a thousand is divided exactly`() throws {
        let read = try #require(invoice(["IT1*1*1000*EA*10.05*HP*BP*A", "IT1*2*2000*EA*0.5*TP*BP*B", "TDS*10150"]))
        #expect(read.invoices[0].lines.map(\.unitPrice?.description) == ["0.1005", "0.0005"])
        #expect(read.codes == [])
        func price(_ basis: String, unit: String = "EA") -> Collected? { invoice(["IT1*1*1*\(unit)*10*\(basis)*BP*A", "TDS*1000"]) }
        #expect(price("PE")?.invoices[0].lines[0].unitPrice?.description == "10")
        #expect(price("PE")?.codes == [])
        #expect(price("PD")?.invoices[0].lines[0].unitPrice?.description == "10")
        #expect(price("PD")?.codes == ["price-basis"])
        let fine = invoice(["IT1*1*1*EA*0.00000000000000001*TP*BP*A", "TDS*1000"])
        #expect(fine?.codes.contains("price-basis") == true)
        // by the hundred, and priced for a hundred
        #expect(price("HP", unit: "HU")?.invoices[0].lines[0].unitPrice?.description == "10")
    }

    @Test(arguments: [
        ("850", ["BEG*00*SA*P**20260301", "CUR*BY*USD", "PO1*1*1000*EA*10*HP*BP*A"]),
        ("855", ["BAK*00*AC*P*20260301", "CUR*BY*USD", "PO1*1*1000*EA*10*HP*BP*A"]),
        ("860", ["BCH*04*SA*P***20260301", "CUR*BY*USD", "POC*1*PC*1000*1000*EA*10*HP*BP*A"]),
    ])
    func `so is the price of an order`(_ set: String, _ segments: [String]) throws {
        let read = try #require(readX12(interchange([(set, segments)])).collected)
        #expect(read.orders[0].lines.map(\.item.unitPrice?.description) == ["0.1"])
        #expect(read.orders[0].lines.map(\.item.item) == ["A"])
        #expect(!read.codes.contains("price-basis"))
    }

    // MARK: receipts

    @Test func `a receipt that only says what came in good condition received that`() throws {
        let read = try #require(
            readX12(
                interchange([
                    (
                        "861",
                        [
                            "BRA*R1*20260301*00*2", "PRF*PO1", "RCD*1*****10*EA*07", "RCD*2*8*EA***2*EA*07", "RCD*3*****10*EA*07*2*EA*01",
                            "RCD*4*****2*EA*01*1*CA*07",
                        ]
                    )
                ])
            ).collected)
        let lines = read.receipts[0].lines
        #expect(lines.map(\.received?.description) == ["10", "8", "10", nil])
        #expect(lines.map(\.damaged?.description) == [nil, nil, "2", "2"])
        #expect(lines.map(\.unit) == ["EA", "EA", "EA", "EA"])
        #expect(lines.map(\.text) == [nil, nil, nil, "condition 07: 1 CA"])
        #expect(read.codes == ["received-derived", "received-derived", "quantity-in-question"])
    }
}
