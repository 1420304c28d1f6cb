import Testing
import Trade

@testable import Formats

/// Signs that real 820 files write otherwise than the standard says, and what tells how they are meant.
@Suite struct X12RemittanceSigns {
    func payment(_ total: String, _ segments: [String], flag: String = "C") -> Collected? {
        readX12(interchange([("820", ["BPR*I*\(total)*\(flag)*ACH", "TRN*1*771", "CUR*PR*USD"] + segments)])).collected
    }

    @Test func `a discount written with a minus is a discount where only so the line adds up`() throws {
        let read = try #require(payment("98", ["RMR*IV*I1*PI*98.00*100.00*-2.00"]))
        #expect(read.payments[0].lines.map(\.discount) == [200])
        #expect(read.payments[0].lines.map(\.net) == [9800])
        #expect(read.codes == ["discount-sign"])
        // a discount taken back
        let back = try #require(payment("102", ["RMR*IV*I1*PI*102.00*100.00*-2.00"]))
        #expect(back.payments[0].lines.map(\.discount) == [-200])
        #expect(back.codes == [])
        // of a credit, whichever of the signs are written
        for written in ["-98*-100*2", "-98*-100*-2", "-98*100*-2", "-98*100*2"] {
            let line = try #require(payment("-98", ["RMR*CM*I1*PI*\(written)"])?.payments[0].lines[0])
            #expect([line.net, line.gross, line.discount] == [-9800, -10000, -200], "\(written)")
        }
        let reason = try #require(payment("88", ["RMR*IV*I1*PI*88*100*-2*06*-10"])?.payments[0].lines[0])
        #expect(reason.discount == 200)
        #expect(reason.adjustments.map(\.amount) == [-1000])
        let derived = try #require(payment("98", ["RMR*IV*I1*PI**100*-2"]))
        #expect(derived.payments[0].lines.map(\.net) == [9800])
        #expect(derived.codes == ["net-derived", "discount-sign"])
    }

    @Test func `an ADX that only explains the amount paid does not reduce it again`() throws {
        let read = try #require(payment("138", ["RMR*IV*I1*PI*88.00*100.00*2.00", "ADX*-10.00*06", "RMR*IV*I2*PI*50"]))
        #expect(read.payments[0].lines.map(\.net) == [8800, 5000])
        #expect(read.payments[0].lines[0].adjustments.map(\.amount) == [-1000])
        #expect(read.payments[0].end?.footing == 0)
        #expect(read.codes == ["adjustment-explains-line"])
        // by the other sign, beside a line that its ADX does adjust
        let mixed = try #require(payment("131", ["RMR*IV*I1*PI*88.00*100.00*2.00", "ADX*10.00*06", "RMR*IV*I2*PI*50", "ADX*-7*01"]))
        #expect(mixed.payments[0].lines.map(\.net) == [8800, 4300])
        #expect(mixed.payments[0].lines.map { $0.adjustments.map(\.amount) } == [[-1000], [-700]])
        #expect(mixed.payments[0].end?.footing == 0)
        // where the sum with it foots, it adjusts
        let adjusts = try #require(payment("78", ["RMR*IV*I1*PI*88.00*100.00*2.00", "ADX*-10.00*06"]))
        #expect(adjusts.payments[0].lines.map(\.net) == [7800])
        #expect(adjusts.codes == [])
        // and where neither foots, the sign by which it is off by least counts
        let neither = try #require(payment("50", ["RMR*IV*I1*PI*88.00*100.00*2.00", "ADX*-10.00*06"]))
        #expect(neither.payments[0].lines.map(\.net) == [7800])
        #expect(neither.codes == [])
        let twice = try #require(payment("88", ["RMR*IV*I1*PI*88*100*2*06*-10", "ADX*-10.00*06"])?.payments[0].lines[0])
        #expect(twice.net == 8800)
        #expect(twice.adjustments.map(\.amount) == [-1000])
    }

    @Test func `a credit memo written positive is subtracted where the payment foots only so`() throws {
        let read = try #require(payment("80", ["RMR*IV*I1*PI*100*100", "RMR*CM*C1**20.00*20.00"]))
        #expect(read.payments[0].lines.map(\.net) == [10000, -2000])
        #expect(read.payments[0].lines.map(\.gross) == [10000, -2000])
        #expect(read.payments[0].end?.footing == 0)
        #expect(read.codes == ["credit-sign"])
        let asWritten = try #require(payment("120", ["RMR*IV*I1*PI*100*100", "RMR*CM*C1**20.00"]))
        #expect(asWritten.payments[0].lines.map(\.net) == [10000, 2000])
        #expect(asWritten.codes == [])
        let neither = try #require(payment("99", ["RMR*IV*I1*PI*100*100", "RMR*CM*C1**20.00"]))
        #expect(neither.payments[0].lines.map(\.net) == [10000, 2000])
        #expect(neither.payments[0].end?.footing == 2100)
    }

    @Test func `BPR03 D negates the total unless the payment foots only as written`() throws {
        let written = try #require(payment("98", ["RMR*IV*I1*PI*98*98"], flag: "D"))
        #expect(written.payments[0].advice.total == 9800)
        #expect(written.payments[0].end?.footing == 0)
        #expect(written.codes == ["debit-as-written"])
        let negated = try #require(payment("98", ["RMR*IV*I1*PI*-98"], flag: "D"))
        #expect(negated.payments[0].advice.total == -9800)
        #expect(negated.codes == ["debit-payment"])
        let neither = try #require(payment("98", ["RMR*IV*I1*PI*5"], flag: "D"))
        #expect(neither.payments[0].advice.total == -9800)
        #expect(neither.codes == ["debit-payment"])
    }
}
