import Testing
import Trade

@testable import Formats

/// One rule of the X12 reader each.
@Suite struct X12Rules {
    func payment(_ segments: [String], release: String = "004010") -> Outcome {
        readX12(interchange([("820", segments)], release: release))
    }
    let head = ["TRN*1*771", "CUR*PR*USD"]

    @Test func `the release decides the sign of ADX where both foot, the total where one foots`() throws {
        let old = ["BPR*I*90*C*ACH"] + head + ["RMR*IV*A*PI*100", "ADX*10*59"]
        let reduced = try #require(payment(old, release: "003020").collected)
        #expect(reduced.payments[0].lines[0].net == 9000)
        #expect(!reduced.codes.contains("adx-sign-inverted"))
        let later = try #require(payment(old, release: "004010").collected)
        #expect(later.payments[0].lines[0].net == 9000)
        #expect(later.codes.contains("adx-sign-inverted"))
        let standard = ["BPR*I*110*C*ACH"] + head + ["RMR*IV*A*PI*100", "ADX*10*59"]
        #expect(payment(standard).collected?.payments[0].lines[0].net == 11000)
        let odd = try #require(payment(["BPR*I*95*C*ACH"] + head + ["RMR*IV*A*PI*100", "ADX*10*59"]).collected?.payments.first)
        #expect(odd.lines[0].net == 9000)
        #expect(odd.end?.footing == 500)
    }

    @Test func `an adjustment under ENT belongs to the payment, under RMR to the line`() throws {
        let read = try #require(
            payment(
                ["BPR*I*95*C*ACH"] + head + [
                    "ENT*1", "ADX*-1*ZZ*CM*D1", "RMR*IV*A*PI*100", "IT1*1", "REF*PO*not-this", "ADX*-2*59*CM*D2", "ENT*2", "ADX*-2*ZZ",
                    "REF*DB*D3",
                ]
            ).collected?.payments.first)
        #expect(read.lines.map(\.net) == [9800])
        #expect(read.lines[0].po == nil)
        #expect(read.lines[0].adjustments.map(\.reference) == ["D2"])
        #expect(read.end?.adjustments.map(\.amount) == [-100, -200])
        #expect(read.end?.adjustments.map(\.reference) == ["D1", "D3"])
        #expect(read.end?.footing == 0)
    }

    @Test func `an empty amount is refused, or derived from gross and discount with a note`() {
        #expect(payment(["BPR*I*5*C*ACH"] + head + ["RMR*IV*A*PI"]).problems.first?.at.description == "ST[1]/RMR[1]/04")
        #expect(!payment(["BPR*I*5*C*ACH"] + head + ["RMR*IV*A*PI**0"]).problems.isEmpty)
        #expect(!payment(["BPR*I**C*ACH"] + head + ["RMR*IV*A*PI*5"]).problems.isEmpty)
        let derived = payment(["BPR*I*98*C*ACH"] + head + ["RMR*IV*A*PI**100*2"]).collected
        #expect(derived?.payments[0].lines[0].net == 9800)
        #expect(derived?.codes == ["net-derived"])
    }

    @Test(arguments: ["1,234.56", "12.3x", "1E3", "1.005", "-", ".", "12.50-", "1 2", "1.2.3", "99999999999999999999", "x1", "O.50"])
    func `what is not an amount is refused and never becomes zero`(_ text: String) {
        let problems = payment(["BPR*I*5*C*ACH"] + head + ["RMR*IV*A*PI*\(text)"]).problems
        #expect(problems.count == 1)
        #expect(problems.first?.at.description == "ST[1]/RMR[1]/04")
        #expect(problems.first?.what.contains("\"\(text)\"") == true)
        #expect(problems.first?.byte != nil)
    }

    @Test(arguments: [("5", 500), ("5.1", 510), ("-.5", -50), ("+5.10", 510), ("5.1000", 510), (" 5.10 ", 510), ("0", 0), ("007", 700)])
    func `amounts are read exactly`(_ text: String, _ minor: Int64) throws {
        #expect(payment(["BPR*I*5*C*ACH"] + head + ["RMR*IV*A*PI*\(text)"]).collected?.payments[0].lines[0].net == minor)
    }

    @Test func `amounts of any length are the same whichever way they are scanned`() {
        var random = Seeded(X12Properties.seed)
        print("seed \(X12Properties.seed)")
        let alphabet = Array("0123456789012345678901234567890123456789.....-+x, ".utf8)
        for _ in 0..<50_000 {
            let length = Int.random(in: 0...12, using: &random)
            let text = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
            let exponent = Int.random(in: 0...3, using: &random)
            let implied = Bool.random(using: &random) ? 2 : 0
            // far into a file, and at its very start, where no eight bytes stand before it
            let padded = Array("ISA*00*x*".utf8) + text
            let inside = AmountText.scan(padded.span.bytes, 9, 9 + length, exponent: exponent, implied: implied)
            let alone = AmountText.scan(text.span.bytes, 0, length, exponent: exponent, implied: implied)
            #expect(inside == alone)
            let written = String(decoding: text, as: UTF8.self)
            let decimal = ExactDecimal(written)
            if case .value(let minor) = inside {
                let hasPoint = written.contains(".")
                let exact = decimal.map { hasPoint ? $0 : ExactDecimal(units: $0.units, scale: $0.scale + implied) }
                #expect(exact?.minorUnits(exponent: exponent) == minor, "\(written) \(exponent) \(implied)")
            } else if inside == .malformed {
                #expect(decimal == nil, "\(written)")
            }
        }
    }

    @Test func `the currency's own decimals count`() {
        let yen = ["BPR*I*500*C*ACH", "TRN*1*1", "CUR*PR*JPY", "RMR*IV*A*PI*500.00"]
        #expect(payment(yen).collected?.payments[0].lines[0].net == 500)
        let dinar = ["BPR*I*1.234*C*ACH", "TRN*1*1", "CUR*PR*KWD", "RMR*IV*A*PI*1.234"]
        #expect(payment(dinar).collected?.payments[0].lines[0].net == 1234)
        #expect(!payment(["BPR*I*500.5*C*ACH", "TRN*1*1", "CUR*PR*JPY"]).problems.isEmpty)
        #expect(!payment(["BPR*I*500*C*ACH", "TRN*1*1", "CUR*PR*QQQ"]).problems.isEmpty)
        let none = readX12(interchange([("820", ["BPR*I*5*C*ACH", "TRN*1*1"])]), currency: nil).collected
        #expect(none?.payments[0].advice.currency == .unstated)
        #expect(none?.codes == ["currency-missing"])
    }

    @Test func `a debited payee has a negative total`() {
        let read = payment(["BPR*I*30*D*ACH"] + head + ["RMR*CM*A*AJ*-30"]).collected
        #expect(read?.payments[0].advice.total == -3000)
        #expect(read?.payments[0].end?.footing == 0)
        #expect(read?.codes == ["debit-payment"])
    }

    @Test func `one bad set among good ones is refused alone, in file order`() throws {
        let good = ["BPR*I*5*C*ACH", "TRN*1*7", "CUR*PR*USD", "RMR*IV*A*PI*5"]
        let bad = ["BPR*I*5*C*ACH", "TRN*1*8", "CUR*PR*USD", "RMR*IV*A*PI*5", "RMR*IV*B*PI*x"]
        let read = try #require(readX12(interchange([("820", bad), ("820", good), ("820", bad)])).collected)
        #expect(read.payments.map(\.advice.number) == ["7"])
        #expect(read.problems.map(\.at.description) == ["ST[1]/RMR[2]/04", "ST[3]/RMR[2]/04"])
        #expect(readX12(interchange([("820", bad), ("820", bad)])).problems.count == 2)
    }

    @Test func `the problems of one set are bounded`() {
        let bad = ["BPR*I*5*C*ACH"] + head + (0..<100).map { "RMR*IV*A\($0)*PI*x" }
        let problems = payment(bad).problems
        #expect(problems.count == Bounds.problemsPerSet)
        #expect(problems.last?.what.hasSuffix("(and 95 more problems in this transaction set)") == true)
    }

    @Test func `a broken envelope rejects the whole file`() {
        let whole = interchange([("820", ["BPR*I*5*C*ACH"] + head)])
        for (what, text) in [
            ("SE", whole.replacing("SE*5*0001~", with: "")), ("GE", whole.replacing("GE*1*42~", with: "")),
            ("IEA", whole.replacing("IEA*1*000000042~", with: "")),
            ("GS", whole.replacing("GS*RA*RETAILER*ACME1*20260302*0600*42*X*004010~", with: "")),
            ("ST", whole.replacing("ST*820*0001~", with: "")), ("stray", whole.replacing("GE*1", with: "RMR*IV*A*PI*1~GE*1")),
            ("tail", whole + "and more"),
        ] {
            #expect(!readX12(text).problems.isEmpty, "\(what)")
        }
        #expect(readX12(whole + "\r\n\u{1A}").collected != nil)
    }

    @Test func `wrong counts and control numbers are notes`() throws {
        let text = interchange([("820", ["BPR*I*5*C*ACH"] + head)])
            .replacing("SE*5*0001", with: "SE*9*0002").replacing("GE*1*42", with: "GE*3*43").replacing("IEA*1*000000042", with: "IEA*2*7")
        let read = try #require(readX12(text).collected)
        #expect(
            read.codes == [
                "segment-count", "set-control-number", "set-count", "group-control-number", "group-count", "interchange-control-number",
            ])
        #expect(read.notes[0].at.description == "SE[1]/01")
    }

    @Test func `a segment without end and too many elements are refused`() {
        let long = "NTE*AFA*" + String(repeating: "x", count: Bounds.segmentBytes)
        #expect(payment(["BPR*I*5*C*ACH"] + head + [long]).problems.first?.kind == .tooLarge)
        let wide = "REF" + String(repeating: "*", count: Bounds.elements + 1)
        #expect(payment(["BPR*I*5*C*ACH"] + head + [wide]).problems.first?.kind == .tooLarge)
    }

    @Test func `text that is not UTF-8 is read as Latin-1`() throws {
        let text = Array(interchange([("820", ["BPR*I*5*C*ACH"] + head + ["N1*PR*Caf# GmbH*92*X"])]).utf8)
        let latin = text.map { $0 == 35 ? 0xE9 : $0 }
        #expect(readX12(latin).collected?.payments[0].advice.payer?.name == "Café GmbH")
    }

    @Test func `many lines arrive in order and in batches`() throws {
        let count = 3 * Bounds.batch + 7
        let lines = (1...count).flatMap { ["RMR*IV*A\($0)*PI*1", "REF*PO*P\($0)", "ADX*-.5*59*CM*D\($0)"] }
        let read = try #require(payment(["BPR*I*\(count / 2).5*C*ACH"] + head + lines).collected?.payments.first)
        #expect(read.lines.map(\.reference) == (1...count).map { "A\($0)" })
        #expect(read.lines.allSatisfy { $0.net == 50 && $0.adjustments.count == 1 })
        #expect(read.lines.map(\.po) == (1...count).map { "P\($0)" })
        #expect(read.lines.last?.at.description == "ST[1]/RMR[\(count)]")
        #expect(read.end?.footing == 0)
    }

    @Test func `invoice amounts have two implied decimals unless a point is written`() {
        func total(_ tds: String, _ type: String = "", _ currency: String = "USD") -> Outcome {
            readX12(interchange([("810", ["BIG*20260101*A*20260101*P***\(type)", "CUR*SE*\(currency)", "TDS*\(tds)"])]))
        }
        #expect(total("110400").collected?.invoices[0].total == 110_400)
        #expect(total("46.02").collected?.invoices[0].total == 4602)
        #expect(total("110400", "", "JPY").collected?.invoices[0].total == 1104)
        #expect(total("110450", "", "JPY").problems.first?.at.description == "ST[1]/TDS[1]/01")
        #expect(total("-46400").collected?.memos[0].total == -46400)
        #expect(total("46400", "CR").collected?.memos[0].total == -46400)
        #expect(total("46400", "DR").collected?.memos[0].kind == .debit)
        #expect(total("46400", "DI").collected?.invoices.count == 1)
        #expect(total("").problems.count == 1)
    }

    @Test func `a yen total without implied decimals is told from the standard one by its lines`() {
        func read(_ tds: String) -> Outcome {
            readX12(interchange([("810", ["BIG*20260101*A", "CUR*SE*JPY", "IT1*1*2*EA*500", "TDS*\(tds)", "TXI*ST*100"])]))
        }
        #expect(read("110000").collected?.invoices[0].total == 1100)
        #expect(read("110000").collected?.codes == ["implied-decimals"])
        #expect(read("1100").collected?.invoices[0].total == 1100)
        #expect(read("1100").collected?.codes == ["implied-decimals"])
        #expect(read("1200").collected?.invoices[0].total == 1200)
        #expect(read("1200").collected?.codes == ["implied-decimals", "total-differs"])
        #expect(read("50000").collected?.codes == ["implied-decimals", "total-differs"])
    }

    @Test func `a test interchange says so`() {
        let text = interchange([("850", ["BEG*00*SA*P"])]).replacing("*0*P*>", with: "*0*T*>")
        #expect(readX12(text).collected?.codes == ["test-interchange", "currency-assumed"])
    }

    @Test func `a total that its lines do not come to is noted`() {
        let read = readX12(interchange([("810", ["BIG*20260101*A", "CUR*SE*USD", "IT1*1*3*EA*5", "SAC*C*D240***100", "TDS*1700"])]))
            .collected
        #expect(read?.codes == ["total-differs"])
        #expect(read?.notes[0].text == "lines, charges and tax come to 16.00 USD, the total is 17.00 USD")
    }
}
