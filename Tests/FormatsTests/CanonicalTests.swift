import Formats
import Testing
import Trade

struct CanonicalTests {
    @Test func `a remittance advice is written in the contract's order, absent keys absent`() throws {
        var sink = CanonicalJSON(file: "a \"b\".edi", sha256: "00ff")
        let usd = try #require(Currency(code: "USD"))
        let first = try sink.begin(
            RemittanceAdvice(
                number: "77", currency: usd, at: .segment("BPR", 1, set: 1), payer: Party(name: "Payer"),
                payee: Party(name: "Payee", id: "1"), date: Day(iso: "2025-02-03"), method: "ACH", status: .voided, voidReason: "lost",
                total: 950, exchangeRate: ExactDecimal("1.0850")))
        let second = try sink.begin(RemittanceAdvice(number: "", currency: .unstated, at: .file))
        let line = RemittanceLine(
            reference: "I-1", referenceType: .invoice, net: 1000, at: .segment("RMR", 1, set: 1), invoice: "I-0", po: "P",
            date: Day(iso: "2025-01-01"),
            gross: 1200, discount: 100, currency: Currency(code: "JPY"),
            adjustments: [Adjustment(amount: -100, code: "01", reference: "r", text: "t", at: .segment("ADX", 1, set: 1))], text: "words")
        try sink.append([line], to: first)
        try sink.append([RemittanceLine(reference: "", referenceType: .other, net: -5, at: .line(3))], to: second)
        try sink.append([RemittanceLine(reference: "I-2", referenceType: .claim, net: -50, at: .row(4))], to: first)
        try sink.end(first, RemittanceEnd(adjustments: [Adjustment(amount: -1, at: .file)], footing: 0))
        try sink.end(second, RemittanceEnd())
        sink.note(Note("segment-count", at: .segment("SE", 1, set: 1, element: 1), "odd"))
        sink.route("ID")
        sink.route("ID")
        sink.refuse(Problem(.malformed, at: .line(9), "bad"))
        #expect(sink.routes == ["ID"])
        #expect(sink.problems.count == 1)
        let text = sink.finish(format: "x12/820")
        #expect(
            text == #"{"file":"a \"b\".edi","sha256":"00ff","format":"x12/820","documents":[{"type":"remittance_advice","number":"77","#
                + #""payer":{"name":"Payer"},"payee":{"name":"Payee","id":"1"},"date":"2025-02-03","method":"ACH","status":"voided","#
                + #""void_reason":"lost","currency":"USD","total":"9.50","exchange_rate":"1.085","lines":[{"reference":"I-1","#
                + #""reference_type":"invoice","invoice":"I-0","po":"P","date":"2025-01-01","currency":"JPY","gross":"1200","#
                + #""discount":"100","net":"1000","adjustments":[{"amount":"-100","code":"01","reference":"r","text":"t","#
                + #""at":"ST[1]/ADX[1]"}],"text":"words","at":"ST[1]/RMR[1]"},{"reference":"I-2","reference_type":"claim","#
                + #""net":"-0.50","at":"row 4"}],"adjustments":[{"amount":"-0.01","at":"file"}],"at":"ST[1]/BPR[1]"},"#
                + #"{"type":"remittance_advice","status":"paid","lines":[{"reference_type":"other","net":"-0.05","at":"line 3"}],"at":"file"}],"#
                + #""notes":[{"code":"segment-count","at":"ST[1]/SE[1]/01","text":"odd"}]}"#)
    }

    @Test func `invoices, memos and others are written in the contract's order`() throws {
        var sink = CanonicalJSON(file: "f", sha256: "0")
        let usd = try #require(Currency(code: "USD"))
        let item = ItemLine(
            at: .line(2), line: "1", item: "B0", quantity: ExactDecimal("3"), unit: "EA", unitPrice: ExactDecimal("1.2345"), text: "t")
        try sink.add(
            .invoice(
                Invoice(
                    number: "I", currency: usd, total: 370, at: .line(1), date: Day(iso: "2025-01-01"), po: "P",
                    terms: PaymentTerms(
                        netDays: 60, discountPercent: ExactDecimal("2.0"), discountDays: 30, basis: .receipt,
                        dueDate: Day(iso: "2025-03-02")),
                    lines: [item], charges: [Charge(code: "D240", amount: -10)], tax: 7)))
        try sink.add(
            .memo(
                Memo(
                    kind: .credit, number: "M", currency: usd, total: -12345, at: .line(3), date: Day(iso: "2025-01-02"), invoice: "I",
                    po: "P", returnNumber: "R")))
        try sink.add(.other(OtherDocument(typeName: "x12/997", number: "9", at: .line(4))))
        #expect(sink.count == 3)
        #expect(
            sink.finish(format: "x") == #"{"file":"f","sha256":"0","format":"x","documents":[{"type":"invoice","number":"I","#
                + #""date":"2025-01-01","po":"P","currency":"USD","total":"3.70","terms":{"net_days":60,"discount_percent":"2","#
                + #""discount_days":30,"basis":"receipt","due_date":"2025-03-02"},"lines":[{"line":"1","item":"B0","quantity":"3","unit":"EA","#
                + #""unit_price":"1.2345","text":"t","at":"line 2"}],"charges":[{"code":"D240","amount":"-0.10"}],"tax":"0.07","at":"line 1"},"#
                + #"{"type":"credit_memo","number":"M","date":"2025-01-02","currency":"USD","total":"-123.45","invoice":"I","po":"P","#
                + #""return":"R","at":"line 3"},{"type":"other","type_name":"x12/997","number":"9","at":"line 4"}],"notes":[]}"#)
    }
}
