import Testing
import Trade

@testable import Formats

/// 812 credit/debit adjustments and the memos and terms of the 810.
@Suite struct X12Adjustments {
    let fromRetailer = ["CUR*BY*USD", "N1*BY*BIG RETAIL*92*RETAILER", "N1*SE*ACME*92*ACME1"]
    let fromUs = ["CUR*BY*USD", "N1*BY*BIG RETAIL*92*ACME1", "N1*SE*ACME*92*RETAILER"]  // the envelope is RETAILER to ACME1

    func read(_ segments: [String], set: String = "812", currency: Currency? = Currency(code: "USD")) -> Outcome {
        readX12(interchange([(set, segments)]), currency: currency)
    }

    @Test func `sender and flag together decide the direction, never the flag alone`() throws {
        for (parties, flag, kind, total) in [
            (fromRetailer, "C", Memo.Kind.credit, 4280), (fromRetailer, "D", .debit, -4280), (fromUs, "C", .credit, -4280),
            (fromUs, "D", .debit, 4280),
        ] {
            let memo = try #require(read(["BCD*20260102*M1**4280*\(flag)"] + parties + ["CDD*L8*\(flag)**4280"]).collected?.memos.first)
            #expect(memo.kind == kind)
            #expect(memo.total == Int64(total))
            #expect(memo.lines.map(\.amount) == [Int64(total)])
        }
        let assumed = try #require(read(["BCD*20260102*M1**4280*C", "CUR*BY*USD"]).collected)
        #expect(assumed.memos[0].total == 4280)
        #expect(assumed.codes == ["direction-assumed"])
    }

    @Test func `an amount has two implied decimals unless a point is written`() throws {
        let implied = try #require(read(["BCD*20260102*M1**4280*C"] + fromRetailer).collected)
        #expect(implied.memos[0].total == 4280)
        #expect(implied.codes == [])
        let point = try #require(read(["BCD*20260102*M1**42.8*C"] + fromRetailer).collected)
        #expect(point.memos[0].total == 4280)
        #expect(point.codes == ["explicit-point"])
        let yen = try #require(read(["BCD*20260102*M1**428000*C", "CUR*BY*JPY"] + fromRetailer.dropFirst()).collected)
        #expect(yen.memos[0].total == 4280)
        #expect(yen.codes == ["implied-decimals"])
    }

    @Test(arguments: ["", "x", "12,3", "1O", "C"])
    func `what is not an amount refuses the adjustment`(_ amount: String) {
        let problems = read(["BCD*20260102*M1**\(amount)*C"] + fromRetailer).problems
        #expect(problems.map(\.at.description) == ["ST[1]/BCD[1]/04"])
    }

    @Test func `a missing flag, a missing number and a contradiction are problems with a place`() {
        #expect(read(["BCD*20260102*M1**4280"] + fromRetailer).problems.map(\.at.description) == ["ST[1]/BCD[1]/05"])
        #expect(read(["BCD*20260102***4280*C"] + fromRetailer).problems.map(\.at.description) == ["ST[1]/BCD[1]/02"])
        #expect(read(["BCD*20260102*M1**-4280*C"] + fromRetailer).problems.map(\.at.description) == ["ST[1]/BCD[1]/04"])
        #expect(read(["CUR*BY*USD"]).problems.map(\.at.description) == ["ST[1]"])
        #expect(read(["BCD*20260102*M1**10*C"] + fromRetailer + ["CDD*01*X**10"]).problems.map(\.at.description) == ["ST[1]/CDD[1]/02"])
        let debit = read(["BCD*20260102*M1**-4280*D"] + fromRetailer).collected
        #expect(debit?.memos[0].total == -4280)
        #expect(debit?.codes == ["sign-repeated"])
    }

    @Test func `lines keep code, amount, quantity, price, item and text`() throws {
        let memo = try #require(
            read(
                ["BCD*20260102*M1**2500*D*20251201*INV-1*V1*20251101*PO-1***RZ*RTV9"] + fromRetailer + [
                    "CDD*01*D**3000***12*EA***2.5", "LIN**UP*0123456789012*BP*B0X", "N9*L1**Price as agreed",
                    "CDD*RD*C**500**********short",
                    "CDD*06*D*****4*CA***1.25",
                ]
            ).collected?.memos.first)
        #expect(memo.total == -2500)
        #expect(memo.invoice == "INV-1")
        #expect(memo.po == "PO-1")
        #expect(memo.returnNumber == "RTV9")
        #expect(memo.lines.map(\.code) == ["01", "RD", "06"])
        #expect(memo.lines.map(\.amount) == [-3000, 500, nil])
        #expect(memo.lines.map(\.quantity) == [ExactDecimal(12), nil, ExactDecimal(4)])
        #expect(memo.lines.map(\.unitPrice) == [ExactDecimal("2.5"), nil, ExactDecimal("1.25")])
        #expect(memo.lines.map(\.item) == ["B0X", nil, nil])
        #expect(memo.lines.map(\.aliases) == [["0123456789012"], [], []])
        #expect(memo.lines.map(\.text) == ["Price as agreed", "short", nil])
        #expect(memo.lines.map(\.at.description) == ["ST[1]/CDD[1]", "ST[1]/CDD[2]", "ST[1]/CDD[3]"])
    }

    @Test func `lines that do not come to the total are noted with both sums`() throws {
        let read = try #require(read(["BCD*20260102*M1**2500*D"] + fromRetailer + ["CDD*01*D**3000", "CDD*RD*C**400"]).collected)
        #expect(read.codes == ["total-differs"])
        #expect(read.notes[0].text == "the lines come to -26.00 USD, the total is -25.00 USD")
    }

    // MARK: 810

    func bill(_ segments: [String]) -> Outcome {
        read(["BIG*20260101*A*20251201*P-1", "CUR*SE*USD"] + segments + ["TDS*10000"], set: "810")
    }

    @Test func `a day of the month counts from the end of the month, and words are left to a person`() throws {
        let proximo = try #require(bill(["ITD*09*3***********10"]).collected)
        #expect(proximo.invoices[0].terms?.basis == .endOfMonth)
        #expect(proximo.invoices[0].terms?.netDays == 10)
        #expect(proximo.codes == ["terms-day-of-month"])
        let nothing = try #require(bill(["ITD*01*3***********10"]).collected)
        #expect(nothing.invoices[0].terms?.netDays == nil)
        #expect(nothing.codes == ["odd-terms"])
        let words = try #require(bill(["ITD*05*3**********see contract"]).collected)
        #expect(words.codes == ["terms-in-words"])
        #expect(words.notes[0].text.contains("see contract"))
        let both = try #require(bill(["ITD*01*3*2**10**30*****2/10 NET 30"]).collected)
        #expect(both.codes == [])
        #expect(both.invoices[0].terms?.netDays == 30)
        #expect(bill(["ITD*01*3*****30*500"]).collected?.codes == ["odd-terms"])
        #expect(bill(["ITD*01*3***********44"]).collected?.codes == ["odd-terms"])
    }

    @Test func `allowances are subtracted wherever they stand, and an explicit point is told`() throws {
        let read = try #require(
            read(
                [
                    "BIG*20260101*A", "CUR*SE*USD", "N1*BT*R*92*X", "N1*ST*S*92*Y", "N1*RI*A*92*Z", "SAC*C*D240***1000", "IT1*1*10*EA*10",
                    "SAC*A*C310***250", "IT1*2*1*EA*5", "TDS*112.50", "SAC*N*A260***99",
                ], set: "810"
            ).collected)
        #expect(read.invoices[0].charges == [Charge(code: "D240", amount: 1000), Charge(code: "C310", amount: -250)])
        #expect(read.invoices[0].total == 11250)
        #expect(read.codes == ["explicit-point"])
    }

    @Test func `a credit memo with a negative total is one credit, and memos carry what they name`() throws {
        for type in ["CR", "CN", ""] {
            let memo = try #require(
                read(["BIG*20260101*M-1*****\(type)", "REF*RZ*RTV1", "REF*IV*INV-1", "CUR*SE*USD", "TDS*-4640"], set: "810").collected?
                    .memos.first)
            #expect(memo.kind == .credit)
            #expect(memo.total == -4640)
            #expect(memo.returnNumber == "RTV1")
            #expect(memo.invoice == "INV-1")
        }
        #expect(read(["BIG*20260101*M*****DI", "CUR*SE*USD", "TDS*4640"], set: "810").collected?.invoices.first?.total == 4640)
    }

    @Test func `what the retailer sends as an 810 is read from its side`() throws {
        let parties = ["CUR*SE*USD", "N1*BT*BIG RETAIL*92*RETAILER", "N1*RI*ACME*92*ACME1"]
        let credit = try #require(read(["BIG*20260101*M*****CR"] + parties + ["TDS*100"], set: "810").collected)
        #expect(credit.memos.map(\.total) == [100])
        #expect(credit.codes == ["memo-from-retailer"])
        let debit = try #require(read(["BIG*20260101*M*****DR"] + parties + ["TDS*100"], set: "810").collected)
        #expect(debit.memos.map(\.total) == [-100])
        let bill = try #require(read(["BIG*20260101*M"] + parties + ["TDS*100"], set: "810").collected)
        #expect(bill.invoices.isEmpty)
        #expect(bill.others.map(\.number) == ["M"])
        #expect(bill.codes == ["invoice-not-ours"])
    }

    @Test func `an adjustment rendered and read again is the same`() throws {
        var random = Seeded(X12Properties.seed)
        print("seed \(X12Properties.seed)")
        for _ in 0..<500 {
            let debit = Bool.random(using: &random)
            let count = Int.random(in: 0...4, using: &random)
            let amounts = (0..<count).map { _ in Int64.random(in: -90_000...90_000, using: &random) }
            let sum = count == 0 ? Int64.random(in: 0...90_000, using: &random) * (debit ? -1 : 1) : amounts.reduce(0, +)
            var segments = ["BCD*20260102*M1**\(abs(sum))*\(sum < 0 ? "D" : "C")"] + fromRetailer
            for amount in amounts { segments.append("CDD*L7*\(amount < 0 ? "D" : "C")**\(abs(amount))") }
            let found = try #require(read(segments).collected)
            #expect(found.codes == [])
            #expect(found.memos[0].total == sum)
            #expect(found.memos[0].lines.map(\.amount) == amounts)
        }
    }
}
