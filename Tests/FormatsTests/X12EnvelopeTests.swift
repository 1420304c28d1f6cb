import Testing
import Trade

@testable import Formats

/// Envelopes as real senders write them (FACTS-EDI, section 2).
@Suite struct X12Envelopes {
    let payment = ["BPR*I*5*C*ACH", "TRN*1*7", "CUR*PR*USD", "RMR*IV*A*PI*5"]

    var whole: String { interchange([("820", payment)]) }

    func reads(_ text: String, _ codes: [String] = []) throws {
        let read = try #require(readX12(text).collected, "\(readX12(text).problems)")
        #expect(read.payments.map(\.advice.number) == ["7"])
        #expect(read.payments[0].end?.footing == 0)
        #expect(read.codes == codes)
    }

    @Test func `TA1 and ISB may stand between ISA and GS, and Ctrl-Z at the end`() throws {
        try reads(whole.replacing("GS*RA", with: "TA1*000000001*260302*0600*A*000~GS*RA"))
        try reads(whole.replacing("GS*RA", with: "ISB*1~ISE*1~GS*RA"))
        try reads(whole + "\r\n\u{1A}\u{0}")
    }

    @Test func `an ISA element of the wrong width moves nothing`() throws {
        try reads(whole.replacing("*ZZ*RETAILER       *", with: "*ZZ*RETAILER      *"))
        try reads(whole.replacing("*ZZ*RETAILER       *", with: "*ZZ*RETAILER*"))
        try reads(whole.replacing("*00*          *00*          *", with: "*00**00**"))
    }

    @Test func `characters of several bytes in the ISA are characters`() throws {
        try reads(whole.replacing("*ZZ*RETAILER       *", with: "*ZZ*RETAIL’R       *"))
        #expect(readX12(whole.replacing("RETAILER       *", with: "CAFÉ           *")).collected?.routes.first == "CAFÉ")
    }

    @Test(arguments: ["…", "~ ", " ~", "~\r\n", "\r\n", "\n", "\u{15}", "\u{15}\r\n", "\\", "|", "^", "}", "'", "~\n    "])
    func `terminators that were met are found`(_ terminator: String) throws {
        try reads(interchange([("820", payment)], terminator: terminator))
    }

    @Test func `a wrong group code and a wrong release in the ISA do not matter`() throws {
        for code in ["IN", "HC", "ZZ"] { try reads(whole.replacing("GS*RA*", with: "GS*\(code)*")) }
        for release in ["00040", "00204", "00101"] { try reads(whole.replacing("*U*00401*", with: "*U*\(release)*")) }
    }

    @Test func `control numbers are compared as numbers, blanks left out`() throws {
        try reads(whole.replacing("IEA*1*000000042", with: "IEA*1* 42"))
        try reads(whole.replacing("IEA*1*000000042", with: "IEA*1*000000043"), ["interchange-control-number"])
        try reads(whole.replacing("SE*6*0001", with: "SE*7*0001"), ["segment-count"])
    }

    @Test func `an interchange cut off among whole ones is incomplete`() {
        let text = Array((whole + whole.replacing("000000042", with: "000000043")).utf8)
        for cut in stride(from: whole.utf8.count + 8, to: text.count - 2, by: 7) {
            #expect(readX12(Array(text.prefix(cut))).problems.first?.kind == .incomplete, "cut at \(cut)")
        }
    }
}
