import Testing
import Trade

@testable import Formats

/// The traps of real 820 files, one by one (FACTS-EDI, sections 3 and 8).
@Suite struct X12RemittanceTraps {
    let head = ["TRN*1*771", "CUR*PR*USD"]

    func payment(
        _ total: String, _ segments: [String], head: [String]? = nil, release: String = "004010",
        currency: Currency? = Currency(code: "USD")
    ) -> Outcome {
        readX12(interchange([("820", ["BPR*I*\(total)*C*ACH"] + (head ?? self.head) + segments)], release: release), currency: currency)
    }

    func line(_ segments: [String], total: String = "100") throws -> RemittanceLine {
        try #require(payment(total, segments).collected?.payments.first?.lines.first)
    }

    // MARK: lines

    @Test func `RMR03 PO is a payment on account and no purchase order`() throws {
        let line = try line(["RMR*IV*A*PO*100"])
        #expect(line.referenceType == .invoice)
        #expect(line.po == nil)
        #expect(line.net == 10000)
    }

    @Test func `RMR01 PO names a purchase order and no invoice`() throws {
        let line = try line(["RMR*PO*P-1*ER*100"])
        #expect(line.referenceType == .purchaseOrder)
        #expect(line.reference == "P-1")
        #expect(line.invoice == nil)
    }

    @Test func `RMR05 zero beside an amount paid is no gross of nothing`() throws {
        let line = try line(["RMR*AZ*A*PI*100*0"])
        #expect(line.gross == nil)
        #expect(line.net == 10000)
        #expect(line.referenceType == .other)
    }

    @Test func `more may be paid than the gross says`() throws {
        let line = try line(["RMR*IV*A*PI*110*100"], total: "110")
        #expect(line.gross == 10000)
        #expect(line.net == 11000)
    }

    @Test func `a deduction named by REF alone is noted and counted nowhere`() throws {
        let read = try #require(payment("90", ["ENT*1", "REF*CM*CM-1", "REF*DB*DB-1", "RMR*IV*A*PI*100"]).collected)
        #expect(read.codes == ["reference-without-amount", "reference-without-amount"])
        #expect(read.payments[0].lines.count == 1)
        #expect(read.payments[0].end?.adjustments.isEmpty == true)
        #expect(read.payments[0].end?.footing == 1000)
    }

    @Test func `a negative line takes away, its gross too whichever sign it is written with`() throws {
        let read = try #require(payment("60", ["RMR*IV*A*PI*100", "RMR*CM*C-1*AJ*-40*40", "RMR*CM*C-2*AJ*0*-5*-5"]).collected)
        #expect(read.payments[0].lines.map(\.net) == [10000, -4000, 0])
        #expect(read.payments[0].lines.map(\.gross) == [nil, -4000, -500])
        #expect(read.codes == ["gross-sign"])
        #expect(read.payments[0].end?.footing == 0)
    }

    @Test func `a return named beside the line is kept`() throws {
        let line = try line(["RMR*OS*RTV5512**100*100*0*CM*0", "REF*RZ*RGA7", "REF*RZ*RGA8", "REF*PO*P-1", "NTE*AFA*two", "NTE*AFA*parts"])
        #expect(line.referenceType == .return)
        #expect(line.returnNumber == "RGA7")
        #expect(line.po == "P-1")
        #expect(line.text == "two parts")
    }

    @Test(arguments: ["X", "x1", "TOTAL DOLLAR AMT", "CCYYMMDD", "12,50", ""])
    func `a letter or nothing never becomes zero`(_ amount: String) {
        #expect(payment("100", ["RMR*IV*A*PI*\(amount)"]).problems.map(\.at.description) == ["ST[1]/RMR[1]/04"])
        #expect(payment(amount, ["RMR*IV*A*PI*100"]).problems.map(\.at.description) == ["ST[1]/BPR[1]/02"])
        #expect(payment("100", ["RMR*IV*A*PI*100", "ADX*\(amount)*01"]).problems.map(\.at.description) == ["ST[1]/ADX[1]/01"])
    }

    // MARK: adjustments

    @Test func `an ADX that repeats its line does not double it`() throws {
        let segments = ["RMR*AZ*A**60", "ADX*60*53", "RMR*AZ*B**-20", "ADX*-20*52", "RMR*AZ*C**60", "ADX*60*53"]
        let read = try #require(payment("100", segments).collected)
        #expect(read.payments[0].lines.map(\.net) == [6000, -2000, 6000])
        #expect(read.payments[0].lines.allSatisfy { $0.adjustments.isEmpty })
        #expect(read.payments[0].end?.footing == 0)
        #expect(read.codes == ["adjustment-repeats-line"])
        // another reason code adjusts
        #expect(payment("120", ["RMR*AZ*A**60", "ADX*60*L8"]).collected?.payments[0].lines[0].net == 12000)
        // and if only the doubled sum foots, it is no repetition
        let doubled = try #require(payment("120", ["RMR*AZ*A**60", "ADX*60*53"]).collected)
        #expect(doubled.payments[0].lines[0].net == 12000)
        #expect(doubled.payments[0].end?.footing == 0)
    }

    @Test(arguments: ["003020", "003040", "003050", "004010", "005010", "004030VICS"])
    func `the sign of ADX is the one that foots, told where the release says otherwise`(_ release: String) throws {
        let isOld = release < "003050"
        for (total, net) in [("110", 11000), ("90", 9000)] as [(String, Int64)] {
            let read = try #require(payment(total, ["RMR*IV*A*PI*100", "ADX*10*01"], release: release).collected)
            #expect(read.payments[0].lines[0].net == net)
            #expect(read.payments[0].end?.footing == 0)
            #expect(read.codes == ((net > 10000) == isOld ? ["adx-sign-inverted"] : []))
        }
        let neither = try #require(payment("103", ["RMR*IV*A*PI*100", "ADX*10*01"], release: release).collected)
        // what is told is what the lines come to: by the sign by which they are off by least
        #expect(neither.payments[0].lines[0].net == 11000)
        #expect(neither.payments[0].end?.footing == 700)
        #expect(neither.codes == (isOld ? ["adx-sign-inverted"] : []))
        let alike = try #require(payment("100", ["RMR*IV*A*PI*100", "ADX*10*01"], release: release).collected)
        #expect(alike.payments[0].lines[0].net == (isOld ? 9000 : 11000))
        #expect(alike.payments[0].end?.footing == 1000)
    }

    @Test func `tax in the total that no line carries is told as the difference`() throws {
        let read = try #require(payment("119", ["RMR*IV*A*PI*100"]).collected)
        #expect(read.payments[0].advice.total == 11900)
        #expect(read.payments[0].end?.footing == 1900)
    }

    // MARK: heading

    @Test func `without CUR the currency is the account's, or none`() throws {
        let assumed = try #require(payment("100", ["RMR*IV*A*PI*100"], head: ["TRN*1*7"]).collected)
        #expect(assumed.payments[0].advice.currency.code == "USD")
        #expect(assumed.codes == ["currency-assumed"])
        let none = try #require(payment("100", ["RMR*IV*A*PI*100"], head: ["TRN*1*7"], currency: nil).collected)
        #expect(none.payments[0].advice.currency == .unstated)
        #expect(none.codes == ["currency-missing"])
    }

    @Test func `the check number may stand in REF instead of TRN`() throws {
        let read = try #require(payment("100", [], head: ["REF*ZZ*x", "REF*CK*CHECK-9", "CUR*PR*USD"]).collected)
        #expect(read.payments[0].advice.number == "CHECK-9")
        #expect(read.codes == [])
        let both = try #require(payment("100", [], head: ["TRN*1*7", "REF*CK*CHECK-9", "CUR*PR*USD"]).collected)
        #expect(both.payments[0].advice.number == "7")
    }

    @Test func `two lines and two invoices of one number are two`() throws {
        let read = try #require(payment("200", ["RMR*IV*A*PI*100", "RMR*IV*A*PI*100"]).collected)
        #expect(read.payments[0].lines.map(\.reference) == ["A", "A"])
        #expect(read.payments[0].end?.footing == 0)
        let bill = ["BIG*20260101*A", "CUR*SE*USD", "TDS*100"]
        #expect(readX12(interchange([("810", bill), ("810", bill)])).collected?.invoices.map(\.number) == ["A", "A"])
    }

    // MARK: a second currency

    @Test func `a line with a CUR of its own carries it and is in no sum of another currency`() throws {
        let read = try #require(
            payment(
                "150.25",
                [
                    "ENT*1", "RMR*IV*A*PI*100", "RMR*IV*B*PI*7000", "REF*PO*P", "CUR*PR*JPY", "ADX*-500*01", "RMR*IV*C*PI*50.25",
                    "CUR*PR*USD",
                    "RMR*IV*D*PI*1.234", "CUR*PR*KWD",
                ]
            ).collected)
        let payment = read.payments[0]
        #expect(payment.lines.map(\.currency?.code) == [nil, "JPY", nil, "KWD"])
        #expect(payment.lines.map(\.net) == [10000, 6500, 5025, 1234])
        #expect(payment.lines[1].po == "P")
        #expect(payment.lines[1].adjustments.map(\.amount) == [-500])
        #expect(payment.end?.footing == nil)
        #expect(read.codes == ["foreign-lines"])
        #expect(read.notes[0].text.contains("1 in JPY, 1 in KWD"))
    }

    @Test func `a CUR behind ENT holds for its lines until the next ENT`() throws {
        let read = try #require(
            payment("100", ["ENT*1", "CUR*PR*JPY", "RMR*IV*A*PI*7000", "RMR*IV*B*PI*1.5", "CUR*PR*USD", "ENT*2", "RMR*IV*C*PI*98.5"])
                .collected)
        #expect(read.payments[0].lines.map(\.currency?.code) == ["JPY", nil, nil])
        #expect(read.payments[0].lines.map(\.net) == [7000, 150, 9850])
        #expect(read.codes == ["foreign-lines"])
    }

    @Test func `the payment's own currency said again changes nothing, and one that nobody can place is refused`() throws {
        let same = try #require(payment("100", ["ENT*1", "CUR*PR*USD", "RMR*IV*A*PI*100", "CUR*PR*USD"]).collected)
        #expect(same.payments[0].lines.map(\.currency) == [nil])
        #expect(same.payments[0].end?.footing == 0)
        #expect(same.codes == [])
        #expect(payment("100", ["RMR*IV*A*PI*100", "ADX*-5*01", "CUR*PR*JPY"]).problems.map(\.at.description) == ["ST[1]/CUR[2]/02"])
        #expect(
            payment("100", ["ENT*1", "CUR*PR*JPY", "ADX*-5*01", "RMR*IV*A*PI*9"]).problems.map(\.at.description) == ["ST[1]/ADX[1]/01"])
        #expect(payment("100", ["RMR*IV*A*PI*1.5", "CUR*PR*JPY"]).problems.map(\.at.description) == ["ST[1]/RMR[1]/04"])
        #expect(payment("100", ["RMR*IV*A*PI*100", "CUR*PR*EURO"]).problems.map(\.at.description) == ["ST[1]/CUR[2]/02"])
    }

    @Test func `a line has nothing of the payment before it`() throws {
        let full = [
            "BPR*I*1*C*ACH", "TRN*1*7", "CUR*PR*USD", "RMR*IV*A*PI*70*80*10", "CUR*PR*JPY", "REF*PO*P", "REF*RZ*R", "REF*IV*I",
            "DTM*003*20260101",
            "NTE*AFA*text", "ADX*-5*01",
        ]
        let plain = ["BPR*I*5*C*ACH", "TRN*1*8", "CUR*PR*USD", "RMR*IV*B*PI*5"]
        let read = try #require(readX12(interchange([("820", full), ("820", plain)])).collected)
        let alone = try #require(readX12(interchange([("820", plain)])).collected)
        #expect(read.payments[0].lines[0].currency?.code == "JPY")
        var line = read.payments[1].lines[0]
        line.at = alone.payments[0].lines[0].at
        #expect(line == alone.payments[0].lines[0])
    }

    // MARK: control numbers

    @Test func `the same control number over other content is another document, and told`() throws {
        let one = ["BPR*I*5*C*ACH", "TRN*1*7", "CUR*PR*USD", "RMR*IV*A*PI*5"]
        let two = ["BPR*I*6*C*ACH", "TRN*1*8", "CUR*PR*USD", "RMR*IV*B*PI*6"]
        let sets = interchange([("820", one), ("820", two)]).replacing("0002~", with: "0001~")
        let read = try #require(readX12(sets).collected)
        #expect(read.payments.map(\.advice.number) == ["7", "8"])
        #expect(read.codes == ["repeated-set-control-number"])
        let interchanges = interchange([("820", one)]) + interchange([("820", two)])
        let both = try #require(readX12(interchanges).collected)
        #expect(both.payments.map(\.advice.number) == ["7", "8"])
        #expect(both.codes == ["repeated-interchange"])
    }

    @Test func `the same interchange again is read once, however often and wherever it stands`() throws {
        let one = interchange([("820", ["BPR*I*5*C*ACH", "TRN*1*7", "CUR*PR*USD"])])
        let two = interchange([("820", ["BPR*I*6*C*ACH", "TRN*1*8", "CUR*PR*USD"])])
        let read = try #require(readX12(one + "\n" + two + one + two + "\r\n" + one + "\u{1A}").collected)
        #expect(read.payments.map(\.advice.number) == ["7", "8"])
        #expect(read.codes == ["repeated-interchange", "duplicate-interchange", "duplicate-interchange", "duplicate-interchange"])
        // cut off inside the repetition, it is no repetition but an interchange that is incomplete
        for cut in [10, one.utf8.count / 2, one.utf8.count - 2] {
            #expect(readX12(Array((one + one).utf8.prefix(one.utf8.count + cut))).problems.first?.kind == .incomplete, "\(cut)")
        }
        // another receiver makes it another interchange
        let other = one.replacing("*ZZ*ACME1          *", with: "*ZZ*ACME2          *")
        #expect(readX12(one + other).collected?.payments.count == 2)
        #expect(readX12(one + other).collected?.codes == [])
    }

    @Test func `an interchange number that comes more than a hundred times with other content is told once`() throws {
        func one(_ number: Int) -> String { interchange([("820", ["BPR*I*\(number)*C*ACH", "TRN*1*\(number)", "CUR*PR*USD"])]) }
        let many = (1...Bounds.idsPerSet).map(one).joined()
        #expect(try #require(readX12(many + one(1)).collected).codes.count { $0 == "duplicate-interchange" } == 1)
        let read = try #require(readX12(many + one(1_000) + one(1_001) + one(1_001) + one(1)).collected)
        #expect(read.codes.count { $0 == "duplicates-unknown" } == 1)
        // those that were kept are still known, and the others are read each time
        #expect(read.codes.count { $0 == "duplicate-interchange" } == 1)
        #expect(read.payments.count == Bounds.idsPerSet + 3)
    }

    // MARK: forms

    @Test func `a payment without lines does not take those of the next set`() throws {
        let bare = ["BPR*I*0*C*ACH", "TRN*1*7", "CUR*PR*USD"]
        let full = ["BPR*I*5*C*ACH", "TRN*1*8", "CUR*PR*USD", "RMR*IV*A*PI*5"]
        let read = try #require(readX12(interchange([("820", bare), ("820", full)])).collected)
        #expect(read.payments.map(\.advice.number) == ["7", "8"])
        #expect(read.payments.map(\.lines.count) == [0, 1])
    }

    @Test(arguments: [
        "RMR*IV*A*PI*98.00*100.00*2.00", "RMR*IV *A*PI*98.00*100.00*2.00", "RMR* IV*A*PI*98.00*100.00*2.00",
        "RMR*IV* A *PI*98.00*100.00*2.00",
        "RMR*IV*A*PI* 98.00*100.00*2.00", "RMR*IV*A**98*100*2", "RMR*IV*A*PI*098.00*+100.00*2.00", "RMR*IV*A*PI*98.00*100.00*2.00*",
        "RMR*IV*A*PI*98.00*100.00*2.00**", "RMR*IV*A*PI*98.000*100.00*2.00", "RMR*IV*A*PI**100.00*2.00", "RMR *IV*A*PI*98.00*100.00*2.00",
    ])
    func `a line says the same in each form`(_ line: String) throws {
        for text in ["REF*PO*P1", "REF*PO *P1", "REF* PO* P1 ", "REF*PO*P1*x"] {
            for date in ["DTM*003*20240229", "DTM*003 *20240229", "DTM*003* 20240229", "DTM*003*240229"] {
                let segments = ["BPR*I*98*C*ACH", "TRN*1*7", "CUR*PR*USD", line, text, date]
                let read = try #require(readX12(interchange([("820", segments)])).collected?.payments.first?.lines.first, "\(text) \(date)")
                #expect(read.reference == "A" && read.referenceType == .invoice && read.po == "P1", "\(text)")
                #expect(read.net == 9_800 && read.gross == 10_000 && read.discount == 200)
                #expect(read.date == Day(year: 2024, month: 2, day: 29), "\(date)")
            }
        }
    }
}
