import Testing
import Trade

@Suite struct AgreementNamesTests {
    private func names(_ ids: String...) -> AgreementNames {
        AgreementNames(
            ids.map {
                Agreement(
                    id: $0, account: "a", deduction: .coop, size: .perMonth(1), valid: Day(number: 0)...Day(number: 1))
            })
    }

    @Test(arguments: [
        "CO-OP 1234-56789012", "co-op agreement 1234-56789012, March", "CO-OP-1234-56789012", "1234_56789012.", "123456789012",
        "Agreement:1234-56789012/03", "(1234 - 56789012) 1234-56789012",
    ])
    func `an agreement is named as a word of its own, however its separators are written`(_ text: String) {
        #expect(names("1234-56789012").named(in: text) == "123456789012")
    }

    @Test(arguments: [
        "CO-OP 1234-567890123", "CO-OP 91234-56789012", "1234 56789012", "77-1234-56789012", "1234-56789012-03", "X1234-56789012",
        "CO-OP", "", "1234--56789012",
    ])
    func `a longer number is another one`(_ text: String) {
        #expect(names("1234-56789012").named(in: text) == nil)
    }

    @Test func `the first configured one counts, a short number only as a reference`() {
        #expect(names("222222", "111111").named(in: "CO-OP 111111 222222") == "222222")
        #expect(names("AG 2026 01").named(in: "Allowance ag 2026 01") == "AG202601")
        #expect(names("CO1").named(in: "CO1") == nil)
        #expect(names("CO1").named(by: "CO1", nil) == "CO1")
        #expect(AgreementNames.none.named(by: "CO1", "CO1") == nil)
        #expect(names("---").isEmpty)
    }

    @Test func `a line that names an agreement is of its family`() {
        func reading(_ reference: String, _ type: ReferenceType, _ text: String?, invoice: String? = nil) -> LineReading {
            LineReading(
                reference: reference, type: type, text: text, invoice: invoice, code: nil, agreements: names("1234-56789012", "AG7"))
        }
        let named = reading("CO1", .debitMemo, "CO-OP 1234-56789012")
        #expect((named.role, named.deduction, named.family, named.key) == (.agreement, .coop, "123456789012", "CO1"))
        #expect(reading("IPAPUS1234567", .other, "PRICE PROTECTION 1234-56789012").family == "123456789012")
        #expect(reading("ag-7", .debitMemo, "FREIGHT ALLOWANCE").role == .agreement)
        #expect(reading("ag-7", .debitMemo, "FREIGHT ALLOWANCE").deduction == .freight)
        // claims, invoices and what names an invoice too keep what they are
        #expect(reading("INV1SC", .claim, "1234-56789012").family == "INV1")
        #expect(reading("AG7", .invoice, nil).role == .invoice)
        #expect(reading("CO1", .debitMemo, "CO-OP 1234-56789012", invoice: "INV1").family == "INV1")
        #expect(reading("X9", .debitMemo, "Shortage Claim 1234-56789012").role == .claim)
        #expect(reading("5555-12345678", .agreement, "CO-OP 1234-56789012").family == "555512345678")
    }
}
