import Testing
import Trade

@Suite struct PaymentDuplicateTests {
    private let first = line("INV-1001", 1000_00, "2026-02-10", payment: "P1")
    private let second = line("INV-1001", 1000_00, "2026-02-20", payment: "P2")

    private func verdict(_ lines: [LineFact], _ invoices: [InvoiceFact] = [invoice()], on today: String = "2026-02-21") -> Verdict {
        judge(family(invoices, lines), on: today)
    }

    @Test func `two payments in full are one too many, and neither short nor over`() throws {
        let told = verdict([second, first])
        #expect(told.kinds == [.paymentDuplicate])
        let twice = try #require(told.finding(.paymentDuplicate))
        #expect(twice.sum == "1000.00")
        #expect(twice.direction == .byUs)
        #expect(twice.money == "invoice:INV1001")
        #expect(
            twice.details == [
                "in_full": "1000.00",
                "payments": [
                    ["payment": "P1", "amount": "1000.00", "date": "2026-02-10"],
                    ["payment": "P2", "amount": "1000.00", "date": "2026-02-20"],
                ],
            ])
    }

    @Test func `two lines of one payment are one payment, and over`() {
        let again = line("INV-1001", 1000_00, "2026-02-10", payment: "p-1", place: 2)
        #expect(verdict([line("INV-1001", 1000_00, "2026-02-10", payment: "P 1"), again]).kinds == [.paymentOver])
    }

    @Test func `halves that come twice are over, a payment in parts that comes again as one is not`() {
        let halves = ["P1", "P2", "P3", "P4"].map { line("INV-1001", 500_00, payment: $0) }
        #expect(verdict(halves).kinds == [.paymentOver])
        #expect(verdict(halves).finding(.paymentOver)?.sum == "1000.00")
        // 500 and 500 and then 1000: only one payment is in full
        #expect(verdict([halves[0], halves[1], second]).kinds == [.paymentOver])
    }

    @Test func `in full is within the tolerance`() {
        let near = line("INV-1001", 999_95, "2026-02-20", payment: "P2")
        #expect(verdict([first, near]).finding(.paymentDuplicate)?.sum == "999.95")
        let less = line("INV-1001", 999_94, "2026-02-20", payment: "P2")
        #expect(verdict([first, less]).kinds == [.paymentOver])
        #expect(verdict([first, less]).finding(.paymentOver)?.sum == "999.94")
    }

    @Test func `with the discount in time in full is less the discount, and it is earned once`() {
        let paid = ["2026-01-10", "2026-01-20"].enumerated().map { index, date in
            line("INV-1001", 980_00, date, discount: 20_00, payment: "P\(index)")
        }
        let told = verdict(paid)
        #expect(told.kinds == [.paymentDuplicate])
        #expect(told.findings.first?.sum == "980.00")
        // the second one after the discount date: nothing is missing, so no discount is unearned
        #expect(verdict([paid[0], line("INV-1001", 980_00, "2026-02-20", discount: 20_00, payment: "P9")]).kinds == [.paymentDuplicate])
    }

    @Test func `three in full are two too many, and what came besides is not lost`() {
        let third = line("INV-1001", 1000_00, "2026-02-21", payment: "P3")
        #expect(verdict([third, first, second]).finding(.paymentDuplicate)?.sum == "2000.00")
        let part = line("INV-1001", 30_00, "2026-02-01", payment: "P0")
        #expect(verdict([part, first, second]).kinds == [.paymentDuplicate])
        #expect(verdict([part, first, second]).finding(.paymentDuplicate)?.sum == "1030.00")
    }

    @Test func `a take-back ends it, in part or wholly, and beyond is a deduction`() {
        func back(_ amount: Int64) -> Verdict {
            verdict([first, second, line("INV-1001", -amount, "2026-03-01", payment: "P3")], on: "2026-03-02")
        }
        #expect(back(1000_00).kinds.isEmpty)
        #expect(back(400_00).finding(.paymentDuplicate)?.sum == "600.00")
        #expect(back(400_00).finding(.paymentDuplicate)?.details["taken_back"] == "400.00")
        #expect(back(999_95).kinds.isEmpty)
        #expect(back(999_94).finding(.paymentDuplicate)?.sum == "0.06")
        #expect(back(1200_00).kinds == [.paymentShort])
        #expect(back(1200_00).short?.explained == ["other INV-1001 200.00"])
    }

    @Test func `a claim on an invoice that was paid twice does not make the duplicate smaller`() {
        let claim = line("INV-1001SC", -100_00, "2026-02-20", type: .claim, payment: "P2")
        #expect(verdict([first, second, claim]).finding(.paymentDuplicate)?.sum == "1000.00")
        #expect(verdict([first, second, claim]).short == nil)
        // once it was taken back, the claim is what is missing
        let back = line("INV-1001", -1000_00, "2026-03-01", payment: "P3")
        #expect(verdict([first, second, claim, back], on: "2026-03-02").short?.explained == ["shortage INV-1001SC 100.00"])
        #expect(verdict([first, second, claim, back], on: "2026-03-02").short?.sum == "100.00")
    }

    @Test func `a payment reversed by the bank and made again is none`() {
        let lines = [first, line("INV-1001", -1000_00, "2026-02-12", payment: "P1R"), second]
        #expect(verdict(lines) == Verdict())
    }

    @Test func `two invoices with similar numbers and history are none`() {
        let other = invoice("INV-1001SC", 1000_00, document: 2)
        #expect(verdict([first, line("INV-1001SC", 1000_00, payment: "P2")], [invoice(), other]).kinds.isEmpty)
        let opening = account { $0.opening = day("2026-01-02") }
        #expect(judge(family([invoice()], [first, second]), on: "2026-02-21", opening) == Verdict())
    }

    @Test func `payments without a number are told apart by their files`() {
        var lines = [first, second]
        for index in lines.indices {
            lines[index].payment = ""
            lines[index].document = Int64(100 + index)
            lines[index].evidence = Evidence(sha256: "b\(index)", file: "mail-\(index).txt", at: .row(1))
        }
        #expect(verdict(lines).kinds == [.paymentDuplicate])
    }
}
