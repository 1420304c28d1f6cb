import Formats
import Testing
import Trade

@testable import Daemon

/// An X12 interchange of one 820, without a currency.
private func x12(_ control: String, to receiver: String, usage: String = "P", number: String, amount: String = "12.00") -> String {
    let name = receiver + String(repeating: " ", count: 15 - receiver.utf8.count)
    return """
        ISA*00*          *00*          *ZZ*AMAZON         *ZZ*\(name)*260105*0530*U*00401*\(control)*0*\(usage)*>~\
        GS*RA*AMAZON*\(receiver)*20260105*0530*8*X*004010~ST*820*0001~BPR*I*\(amount)*C*ACH~TRN*1*\(number)~ENT*1~\
        RMR*IV*INV-\(number)**\(amount)~SE*6*0001~GE*1*8~IEA*1*\(control)~
        """
}

private func edifact(_ reference: String, to receiver: String, test: String, number: String) -> String {
    """
    UNB+UNOC:3+BUYER+\(receiver)+260105:0530+\(reference)++++++\(test)'UNH+1+REMADV:D:96A:UN'BGM+481+\(number)+9'\
    DTM+137:20260105:102'DOC+380+INV-\(number)'MOA+12:5.00'UNS+S'MOA+12:5.00'UNT+8+1'UNZ+1+\(reference)'
    """
}

private func read<Sink: DocumentSink>(_ text: String, _ sink: inout Sink, _ context: ReadingContext = ReadingContext()) throws {
    let bytes = Array(text.utf8)
    let format: any Format = text.hasPrefix("ISA") ? X12() : EDIFACT()
    _ = try Formats.read(bytes.span.bytes, as: format, context: context, into: &sink)
}

@Suite struct `A test interchange` {
    @Test func `gives no document, and one problem with its place`() throws {
        var sink = ProductionSink(CountingSink(), booksTests: false)
        try read(x12("000000001", to: "ACME1", usage: "T", number: "1"), &sink)
        #expect(sink.sink.documents == 0)
        #expect(sink.sink.lines == 0)
        #expect(sink.sink.problems.map(\.kind) == [.test])
        #expect(sink.sink.problems.first?.description.hasPrefix("ISA[1]/15: interchange 000000001 is a test (ISA15 = T): nothing") == true)
    }

    @Test(arguments: [("", 1), ("1", 0), ("2", 0), ("5", 0), ("0", 1)]) func `of EDIFACT is known by UNB 0035`(
        indicator: String, documents: Int
    ) throws {
        var sink = ProductionSink(CountingSink(), booksTests: false)
        try read(edifact("R1", to: "ACME1", test: indicator, number: "1"), &sink)
        #expect(sink.sink.documents == documents)
        #expect(sink.sink.problems.map(\.at) == (documents == 1 ? [] : [.message(0x55_4E_42, 1, message: 0, element: 11)]))
    }

    @Test func `is over when the next interchange begins`() throws {
        for marks in ["TP", "PT", "TPT", "TT"] {
            let text = marks.enumerated().map { index, mark in
                x12("00000000\(index)", to: "ACME1", usage: String(mark), number: "\(index)")
            }.joined()
            var sink = ProductionSink(CountingSink(), booksTests: false)
            try read(text, &sink)
            #expect(sink.sink.documents == marks.count { $0 == "P" }, "\(marks)")
            #expect(sink.sink.problems.count == marks.count { $0 == "T" }, "\(marks)")
        }
        var sink = ProductionSink(CountingSink(), booksTests: false)
        try read(edifact("R1", to: "A", test: "1", number: "1") + edifact("R2", to: "A", test: "", number: "2"), &sink)
        #expect((sink.sink.documents, sink.sink.problems.count) == (1, 1))
    }

    @Test func `counts where its source is trusted more than its mark`() throws {
        var sink = ProductionSink(CountingSink(), booksTests: true)
        try read(x12("000000001", to: "ACME1", usage: "T", number: "1"), &sink)
        #expect((sink.sink.documents, sink.sink.problems.count) == (1, 0))
    }

    @Test func `says so a few times and not for each of thousands`() throws {
        let text = (0..<100).map { x12("0000001\($0 + 10)", to: "ACME1", usage: "T", number: "\($0)") }.joined()
        var sink = ProductionSink(CountingSink(), booksTests: false)
        try read(text, &sink)
        #expect(sink.sink.documents == 0)
        #expect(sink.sink.problems.count == 20)
    }
}

@Suite struct `Looking at where documents go` {
    let accounts = [
        "ACME1": AccountRules(id: "us", marketplace: "US", currency: Currency(packed: 0x55_53_44), timeZone: "UTC"),
        "ACME2": AccountRules(id: "us-2", marketplace: "US", currency: Currency(packed: 0x55_53_44), timeZone: "UTC"),
        "ACME3": AccountRules(id: "jp", marketplace: "JP", currency: Currency(packed: 0x4A_50_59), timeZone: "UTC"),
    ]

    private func route(_ text: String, isUniform: Bool = false, own: AccountRules? = nil) throws -> RoutingSink {
        var sink = RoutingSink(own: own, isUniform: isUniform) { ids in ids.compactMap { accounts[$0] }.first }
        do { try read(text, &sink) } catch ReadFailure.sink {}
        sink.finish()
        return sink
    }

    @Test func `finds the currency of each, and leaves out what the first one's is`() throws {
        let text = ["ACME1", "ACME3", "NOBODY", "ACME2", "ACME3"].enumerated()
            .map { x12("00000000\($0)", to: $1, number: "\($0)") }.joined()
        let found = try route(text)
        #expect(found.rules?.id == "us")
        #expect(found.currencies == [2: Currency(packed: 0x4A_50_59), 5: Currency(packed: 0x4A_50_59)])
        // the interchanges, not the messages, name the accounts
        let messages = try route(edifact("R1", to: "ACME3", test: "", number: "1") + edifact("R2", to: "ACME1", test: "", number: "2"))
        #expect(messages.rules?.id == "jp")
        #expect(messages.currencies == [2: Currency(packed: 0x55_53_44)])
    }

    @Test func `stops at the first where all accounts have one currency`() throws {
        let found = try route(x12("000000001", to: "ACME2", number: "1") + x12("000000002", to: "ACME3", number: "2"), isUniform: true)
        #expect(found.rules?.id == "us-2")
        #expect(found.currencies.isEmpty)
    }

    @Test func `falls back on the source's account`() throws {
        let found = try route(
            x12("000000001", to: "NOBODY", number: "1") + x12("000000002", to: "ACME3", number: "2"), own: accounts["ACME1"])
        #expect(found.rules?.id == "us")
        #expect(found.currencies == [2: Currency(packed: 0x4A_50_59)])
    }

    @Test func `and what it finds decides in which currency a document is read`() throws {
        let text = x12("000000001", to: "ACME1", number: "1") + x12("000000002", to: "ACME3", number: "2", amount: "1200")
        let found = try route(text)
        var sink = CurrencySink()
        try read(text, &sink, ReadingContext(currency: found.rules?.currency, currencies: found.currencies))
        #expect(sink.totals == ["12.00 USD", "1200 JPY"])
    }
}

private struct CurrencySink: DocumentSink {
    var totals: [String] = []
    mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int {
        totals.append(advice.total.map { Money($0, advice.currency).description } ?? "none")
        return 0
    }
    mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {}
    mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {}
    mutating func add(_ document: WholeDocument) throws(ReadFailure) {}
    mutating func note(_ note: Note) {}
    mutating func refuse(_ problem: Problem) {}
    mutating func route(_ id: String) {}
}
