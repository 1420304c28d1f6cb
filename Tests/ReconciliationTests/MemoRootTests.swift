import Testing
import Trade

/// Own numbers that end like a claim's.
@Suite struct MemoRootTests {
    private let plain = invoice("ABC1", 1000_00)
    private let other = invoice("ABC1SC", 1000_00, document: 2)

    private func told(_ invoices: [InvoiceFact], _ lines: [LineFact], _ memos: [MemoFact]) -> [String] {
        judge(family(invoices, lines, memos: memos), on: "2026-02-20").findings
            .filter { $0.kind == .paymentShort || $0.kind == .paymentOver || $0.kind == .deductionNew }
            .map { "\($0.kind.rawValue) \($0.subject) \($0.sum ?? "-")" }.sorted()
    }

    @Test func `a credit of ours is on the invoice whose number it names, though that ends like a claim on another`() {
        let lines = [line("ABC1", 1000_00), line("ABC1SC", 900_00)]
        #expect(told([plain, other], lines, [memo("CM-1", -100_00, on: "ABC1SC")]) == [])
        #expect(
            told([plain, other], lines, [memo("CM-1", -100_00, on: "ABC1")]) == [
                "payment.over ABC1 100.00", "payment.short ABC1SC 100.00",
            ])
        // and the line that applies it goes with it
        let applied = [line("ABC1", 1000_00), line("ABC1SC", 1000_00), line("CM-1", -100_00, type: .creditMemo)]
        #expect(told([plain, other], applied, [memo("CM-1", -100_00, on: "abc1-sc")]) == [])
    }

    @Test func `a claim on the plain invoice stays there where no such number is on file`() {
        #expect(told([plain], [line("ABC1", 900_00)], [memo("CM-1", -100_00, on: "ABC1SC")]) == [])
    }

    @Test func `a memo on an invoice that is not on file credits no other`() {
        #expect(told([other], [line("ABC1SC", 900_00)], [memo("CM-1", -100_00, on: "ABC1")]) == ["payment.short ABC1SC 100.00"])
    }

    @Test func `a claim is on the invoice that its document names`() {
        var claim = memo("CLM-1", -100_00, on: "ABC1SC")
        claim.isDebit = true
        let lines = [line("ABC1", 1000_00), line("ABC1SC", 1000_00), line("CLM-1", -100_00, type: .debitMemo)]
        #expect(told([plain, other], lines, [claim]) == ["deduction.new CLM-1 100.00", "payment.short ABC1SC 100.00"])
        claim.invoice = "ABC1"
        #expect(told([plain, other], lines, [claim]) == ["deduction.new CLM-1 100.00", "payment.short ABC1 100.00"])
    }
}
