import Testing
import Trade

@testable import Formats

/// Interchanges that come again in one file, reasons, and answers about groups.
@Suite struct EdifactInterchanges {
    private func payment(_ number: String, _ amount: String) -> String {
        edifact([("REMADV", ["BGM+481+\(number)+9", "CUX+2:EUR:11", "DOC+380+A", "MOA+12:\(amount)", "UNS+S", "MOA+12:\(amount)"])])
    }

    @Test func `the same interchange again is read once, however often and wherever it stands`() throws {
        let one = payment("7", "5")
        let two = payment("8", "6")
        let read = try #require(readEdifact(one + "\n" + two + one + two + "\r\n" + one + "\u{1A}").collected)
        #expect(read.payments.map(\.advice.number) == ["7", "8"])
        #expect(read.codes == ["repeated-interchange", "duplicate-interchange", "duplicate-interchange", "duplicate-interchange"])
        // without its last terminator it is still the same
        #expect(try #require(readEdifact(one + one.dropLast()).collected).codes == ["duplicate-interchange"])
    }

    @Test func `a repetition that is cut off is an interchange that is incomplete`() {
        let one = payment("7", "5")
        for cut in [60, one.utf8.count / 2, one.utf8.count - 4] {
            #expect(readEdifact(Array((one + one).utf8.prefix(one.utf8.count + cut))).problems.first?.kind == .incomplete, "\(cut)")
        }
    }

    @Test func `another recipient, or other service characters, make it another interchange`() throws {
        let one = payment("7", "5")
        let other = one.replacing("+ACME1:14", with: "+ACME2:14")
        let read = try #require(readEdifact(one + other).collected)
        #expect(read.payments.count == 2)
        #expect(read.codes == [])
        // the sum is read with another release character
        let service = one.replacing("UNA:+.? '", with: "UNA:+.! '")
        #expect(try #require(readEdifact(one + service).collected).payments.count == 2)
    }

    @Test func `a reason of AJT is one of list 4465, and a short delivery is a shortage`() throws {
        let segments = [
            "BGM+481+Z1+9", "CUX+2:EUR:11", "DOC+380+A", "MOA+9:100", "MOA+12:80", "AJT+4", "UNS+S", "MOA+12:80",
        ]
        let read = try #require(readEdifact(edifact([("REMADV", segments)])).collected?.payments.first)
        let adjustment = try #require(read.lines[0].adjustments.first)
        #expect(adjustment.list == .edifact)
        func deduction(_ list: ReasonList) -> DeductionClass? {
            LineReading(reference: "", type: .debitMemo, text: nil, invoice: nil, code: adjustment.code, list: list).deduction
        }
        #expect(deduction(adjustment.list) == .shortage)
        // X12 has no code 4 (its 04 is damage)
        #expect(deduction(.x12) == .other)
    }

    @Test func `a group that is answered is a subject of its own, and names the group of the messages under it`() throws {
        let segments = [
            "UCI+I1+RETAILER:14+ACME1:14+8", "UCF+G1+RETAILER+ACME1+4+12", "UCM+1+INVOIC:D:96A:UN+4", "UCF+G2+RETAILER+ACME1+7",
        ]
        let answer = try #require(readEdifact(edifact([("CONTRL", segments)])).collected?.answers.first)
        #expect(answer.number == "I1")
        #expect(answer.outcome == .rejected)
        #expect(answer.subjects.map(\.group) == ["G1", "G1", "G2"])
        #expect(answer.subjects.map(\.set) == [nil, "1", nil])
        #expect(answer.subjects.map(\.type) == [nil, "INVOIC", nil])
        #expect(answer.subjects.map(\.outcome) == [.rejected, .rejected, .accepted])
        #expect(answer.subjects[0].reasons == ["error 12"])
    }

    @Test(
        arguments: [
            ("1", .accepted), ("2", .accepted), ("3", .partial), ("4", .rejected), ("5", .accepted), ("6", .rejected), ("7", .accepted),
            ("8", .accepted), ("9", .partial), ("", .partial),
        ] as [(String, Answer.Outcome)])
    func `what became of an interchange is what the service code list says of action 0083`(action: String, outcome: Answer.Outcome) throws {
        let read = try #require(readEdifact(edifact([("CONTRL", ["UCI+I1+RETAILER:14+ACME1:14+\(action)"])])).collected)
        #expect(read.answers.map(\.outcome) == [outcome])
        #expect(read.codes == (["9", ""].contains(action) ? ["odd-action"] : []))
    }

    @Test(
        arguments: [
            // BGM 1001, 1225, whether an ERC names an error
            ("313", "", false, .rejected), ("305", "27", false, .rejected), ("305", "48", false, .rejected), ("305", "29", true, .accepted),
            ("305", "44", true, .accepted), ("312", "", false, .accepted), ("312", "9", true, .rejected), ("305", "34", false, .partial),
            ("305", "28", false, .partial), ("305", "30", true, .partial), ("305", "45", true, .partial), ("305", "9", false, .accepted),
        ] as [(String, String, Bool, Answer.Outcome)])
    func `what became of a document is what the code lists say of the APERAK's functions`(
        code: String, function: String, hasError: Bool, outcome: Answer.Outcome
    ) throws {
        let segments = ["BGM+\(code)+A-1+\(function)", "RFF+ON:B-1"] + (hasError ? ["ERC+42"] : [])
        let read = try #require(readEdifact(edifact([("APERAK", segments)])).collected)
        #expect(read.answers.map(\.outcome) == [outcome])
        #expect(read.answers.flatMap(\.subjects).map(\.outcome) == [outcome])
    }

    @Test(arguments: [0, 1, 15, 16, 40, 47, 48, 49, 63, 64, 65, 127, 128, 200])
    func `a segment reads the same wherever a block of 64 bytes ends, and however long it is`(_ pad: Int) throws {
        let number = "N" + String(repeating: "7", count: pad)
        for start in 0..<70 {
            let text = String(repeating: " ", count: start) + payment(number, "12,34")
            let read = try #require(readEdifact(text).collected, "\(start)")
            #expect(read.payments.map(\.advice.number) == [number], "\(start)")
            #expect(read.payments[0].lines.map(\.net) == [1234], "\(start)")
            #expect(read.codes == [], "\(start)")
        }
    }

    @Test func `a reference that comes more than a hundred times with other content is told once`() throws {
        let many = (1...Bounds.idsPerSet).map { payment("\($0)", "\($0)") }.joined()
        let behind = payment("1000", "5") + payment("1001", "5") + payment("1001", "5") + payment("1", "1")
        let read = try #require(readEdifact(many + behind).collected)
        #expect(read.codes.count { $0 == "duplicates-unknown" } == 1)
        #expect(read.codes.count { $0 == "duplicate-interchange" } == 1)
        #expect(read.payments.count == Bounds.idsPerSet + 3)
    }

    @Test func `a payment without lines does not take those of the next message`() throws {
        let bare = ["BGM+481+7+9", "CUX+2:EUR:11", "UNS+S", "MOA+12:5"]
        let full = ["BGM+481+8+9", "CUX+2:EUR:11", "DOC+380+A", "MOA+12:5", "UNS+S", "MOA+12:5"]
        let read = try #require(readEdifact(edifact([("REMADV", bare), ("REMADV", full)])).collected)
        #expect(read.payments.map(\.advice.number) == ["7", "8"])
        #expect(read.payments.map(\.lines.count) == [0, 1])
    }

    @Test(arguments: [
        "DOC+380+A", "DOC+380 +A", "DOC+ 380+ A ", "DOC+380:::x+A:1", "DOC+380+A+3", "DOC:1+380+A", "DOC+\n380+A", "DOC +380+A",
    ])
    func `a line says the same in each form`(_ line: String) throws {
        let due = [
            "MOA+9:100.00", "MOA+9:100,00", "MOA+9:100.00:EUR", "MOA+9:100:EUR:4", "MOA+ 9:100.00", "MOA+9: 100.00 ", "MOA+9:0100.00::",
        ]
        let order = ["RFF+ON:P1", "RFF+ON :P1", "RFF+ ON: P1 ", "RFF+ON:P1:1:2:3", "RFF+ON:?P1", "RFF+\r\nON:P1", "RFF+ON:P1"]
        let day = [
            "DTM+137:20240229:102", "DTM+137 :20240229:102", "DTM+137:20240229 :102", "DTM+137: 20240229: 102", "DTM+137:240229:101",
            "DTM+137:20240229", "DTM+137:202402290800:203",
        ]
        for index in due.indices {
            let segments = [
                "BGM+481+7+9", "CUX+2:EUR:11", line, due[index], "MOA+12:98.00", "MOA+52:2.00", day[index], order[index], "UNS+S",
            ]
            let text = edifact([("REMADV", segments + ["MOA+12:98"])])
            let read = try #require(readEdifact(text).collected?.payments.first?.lines.first, "\(index)")
            #expect(read.reference == "A" && read.referenceType == .invoice && read.po == "P1", "\(index)")
            #expect(read.net == 9_800 && read.gross == 10_000 && read.discount == 200, "\(index)")
            #expect(read.date == Day(year: 2024, month: 2, day: 29), "\(index)")
        }
    }
}
