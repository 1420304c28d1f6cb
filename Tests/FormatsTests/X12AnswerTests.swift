import Testing
import Trade

@testable import Formats

/// 997, 999 and 824: what is answered, what became of it, and why.
@Suite struct X12Answers {
    func read(_ segments: [String], set: String = "997") -> Outcome { readX12(interchange([(set, segments)])) }

    @Test(arguments: [
        ("A", Answer.Outcome.accepted), ("E", .accepted), ("P", .partial), ("R", .rejected), ("M", .rejected), ("X", .rejected),
    ])
    func `the group's code is its outcome`(_ code: String, _ outcome: Answer.Outcome) throws {
        let answer = try #require(read(["AK1*IN*42", "AK9*\(code)*1*1*1"]).collected?.answers.first)
        #expect(answer.outcome == outcome)
        #expect(answer.number == "42")
        #expect(answer.subjects.map(\.type) == ["IN"])
        #expect(answer.subjects.map(\.group) == ["42"])
    }

    @Test func `each set has its outcome and its faults, the document the worst of them`() throws {
        let segments = [
            "AK1*IN*42", "AK2*810*0001", "AK5*A", "AK2*810*0002", "AK3*TDS*9**3", "AK3*BIG*2**8", "AK4*1*373*8*20261301", "AK4*2:1*76*1",
            "AK5*R*5*4",
            "AK2*810*0003", "AK5*E", "AK9*P*3*3*2*5",
        ]
        let answer = try #require(read(segments).collected?.answers.first)
        #expect(answer.outcome == .rejected)
        #expect(answer.subjects.map(\.outcome) == [.partial, .accepted, .rejected, .accepted])
        #expect(answer.subjects.map(\.set) == [nil, "0001", "0002", "0003"])
        #expect(
            answer.subjects[2].reasons == [
                "TDS[9]: 3 mandatory segment missing", "BIG[2]/1: 8 invalid date, element 373, \"20261301\"",
                "BIG[2]/2:1: 1 mandatory element missing, element 76", "set: 5 segments in error", "set: 4 segment count does not match",
            ])
        #expect(answer.subjects[0].reasons == ["group: 5 set count does not match"])
        let implementation = segments.map { $0.hasPrefix("AK3") || $0.hasPrefix("AK4") || $0.hasPrefix("AK5") ? "I" + $0.dropFirst() : $0 }
        let same = try #require(read(implementation, set: "999").collected?.answers.first)
        #expect(same.typeName == "x12/999")
        #expect(same.subjects == answer.subjects)
    }

    @Test func `an acknowledgement that does not say what or how is refused`() {
        #expect(read(["AK9*A*1*1*1"]).problems.map(\.at.description) == ["ST[1]"])
        #expect(read(["AK1*IN*42"]).problems.map(\.at.description) == ["ST[1]"])
        #expect(read(["AK1*IN*42", "AK9*Q*1*1*1"]).problems.first?.at.description == "ST[1]/AK9[1]/01")
        #expect(read(["AK1*IN*42", "AK2*810*1", "AK5*?", "AK9*A*1*1*1"]).problems.first?.at.description == "ST[1]/AK5[1]/01")
        let derived = read(["AK1*IN*42", "AK2*810*1", "AK5*R*5"]).collected
        #expect(derived?.answers.first?.outcome == .rejected)
        #expect(derived?.codes == ["outcome-derived"])
    }

    @Test(
        arguments: [
            ("TA", Answer.Outcome.accepted), ("TC", .accepted), ("TE", .accepted), ("TP", .partial), ("TR", .rejected), ("IA", .accepted),
            ("IR", .rejected), ("GR", .rejected), ("BP", .partial),
        ])
    func `the second letter of OTI01 is the outcome`(_ code: String, _ outcome: Answer.Outcome) throws {
        let read = try #require(read(["BGN*00*824-1*20260301", "OTI*\(code)*IV*INV-1*****42*0007*810"], set: "824").collected)
        #expect(read.answers[0].outcome == outcome)
        #expect(read.answers[0].number == "824-1")
        #expect(read.answers[0].date?.description == "2026-03-01")
        #expect(read.answers[0].subjects[0].reference == "INV-1")
        #expect(read.answers[0].subjects[0].type == "810")
        #expect(read.codes == [])
    }

    @Test func `a rejected invoice is named with its reasons`() throws {
        let read = try #require(
            read(
                [
                    "BGN*11*A-1*20260301", "OTI*TR*TN*0007*****42*0007*810", "REF*VR*V1", "REF*IV*INV-7",
                    "TED*507*Total differs*TDS*9*1*610*4711*4700",
                    "NTE**see order", "NTE**P-1", "TED*ZZZ", "OTI*TA*IV*INV-8", "OTI*??*IV*INV-9",
                ], set: "824"
            ).collected)
        let answer = read.answers[0]
        #expect(answer.outcome == .rejected)
        #expect(answer.subjects.map(\.reference) == ["INV-7", "INV-8", "INV-9"])
        #expect(answer.subjects.map(\.outcome) == [.rejected, .accepted, .partial])
        #expect(answer.subjects[0].set == "0007")
        #expect(answer.subjects[0].reasons == ["507 Total differs, TDS[9]/1, \"4711\" see order P-1", "ZZZ"])
        #expect(read.codes == ["unknown-outcome"])
        #expect(self.read(["BGN*11*A-1*20260301"], set: "824").problems.map(\.at.description) == ["ST[1]"])
        #expect(self.read(["OTI*TA*IV*X"], set: "824").problems.map(\.at.description) == ["ST[1]"])
    }

    // MARK: TA1

    @Test func `an interchange that is acknowledged or rejected by TA1 is an answer`() throws {
        func read(_ segment: String) -> Outcome {
            let envelope = interchange([]).split(separator: "~").map { $0 + "~" }
            return readX12(envelope[0] + segment + "~IEA*0*000000042~")
        }
        let rejected = try #require(read("TA1*000000905*260301*1200*R*024").collected)
        let answer = try #require(rejected.answers.first)
        #expect(answer.typeName == "x12/TA1")
        #expect(answer.outcome == .rejected)
        #expect(answer.number == "000000905")
        #expect(answer.subjects.map(\.group) == ["000000905"])
        #expect(answer.subjects.map(\.set) == [nil])
        #expect(answer.subjects[0].reasons == ["interchange: 024 interchange content invalid"])
        #expect(rejected.codes == [])
        #expect(read("TA1*000000905*260301*1200*R*024").format == "x12/TA1")
        let accepted = try #require(read("TA1*000000905*260301*1200*A*000").collected)
        #expect(accepted.answers.map(\.outcome) == [.accepted])
        #expect(accepted.answers[0].subjects[0].reasons == [])
        #expect(read("TA1*000000905*260301*1200*E*006").collected?.answers.map(\.outcome) == [.accepted])
        let odd = try #require(read("TA1*000000905*260301*1200*?*000").collected)
        #expect(odd.answers.map(\.outcome) == [.partial])
        #expect(odd.codes == ["unknown-outcome"])
        let unnamed = try #require(read("TA1**260301*1200*R*024").collected)
        #expect(unnamed.answers == [])
        #expect(unnamed.codes == ["missing-reference", "no-transaction-set"])
    }
}
