import Testing
import Trade

@Suite struct AdjustmentReasonTests {
    @Test(
        arguments: [
            ("01", AdjustmentReason.price), ("06", .shortage), ("04", .damage), ("72", .return), ("KA", .freight), ("79", .coop),
            ("S5", .compliance),
            ("55", .tax), ("76", .discount), ("86", .duplicate), ("ZZ", .other), ("L7", .other),
        ])
    func `an X12 reason has its class`(_ code: String, _ reason: AdjustmentReason) {
        #expect(AdjustmentReason(x12: code) == reason)
    }

    @Test(arguments: [
        ("3", AdjustmentReason.damage), ("4", .shortage), ("5", .price), ("9", .price), ("14E", .discount), ("15", .return),
        ("ZZZ", .other),
    ])
    func `an EDIFACT reason has its class`(_ code: String, _ reason: AdjustmentReason) {
        #expect(AdjustmentReason(edifact: code) == reason)
    }

    @Test(arguments: [("D240", AdjustmentReason.freight), ("C310", .discount), ("A260", .coop), ("C000", .damage), ("H740", .tax)])
    func `an allowance code has its class`(_ code: String, _ reason: AdjustmentReason) {
        #expect(AdjustmentReason(sac: code) == reason)
    }

    @Test func `a code that no table lists is left to the words, whatever its case`() {
        for code in ["", "Q5Q", "q6", "999"] {
            #expect(AdjustmentReason(x12: code) == nil)
            #expect(AdjustmentReason(edifact: code) == nil)
            #expect(AdjustmentReason(sac: code) == nil)
        }
    }

    @Test func `every reason falls into a class of the contract, compliance into chargebacks, duplicates into other`() {
        #expect(AdjustmentReason.compliance.deduction == .chargeback)
        #expect(AdjustmentReason.duplicate.deduction == .other)
        #expect(Set(AdjustmentReason.allCases.map(\.deduction)) == Set(DeductionClass.allCases))
        #expect(AdjustmentReason.deduction(x12: "70") == .chargeback)
        #expect(AdjustmentReason.deduction(edifact: "4") == .shortage)
        #expect(AdjustmentReason.deduction(sac: "D240") == .freight)
    }
}
