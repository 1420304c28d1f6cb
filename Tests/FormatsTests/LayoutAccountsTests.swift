import Testing
import Trade

@testable import Formats

/// One table of several accounts, as one login of a retailer's portal exports it.
struct LayoutAccountsTests {
    private static func account(_ id: String, _ matches: String...) -> AccountRules {
        AccountRules(
            id: id, marketplace: "US", currency: Currency(code: "USD") ?? .unstated, timeZone: "UTC", matches: matches)
    }

    private static func read(_ rows: [String]) -> TableOutcome {
        let accounts = [account("a", "VEND1", "VEND3"), account("b", "VEND2")]
        let context = ReadingContext(
            currency: Currency(code: "USD"), marketplace: "US", routes: AccountRoutes(accounts, own: "a"))
        return TableOutcome(Tables(layouts: Layout.builtIn), Array((rows.joined(separator: "\n") + "\n").utf8), context)
    }

    private static let orders = "po_number,po_date,currency,vendor,item,quantity,unit_price"

    private static func numbers(_ outcome: TableOutcome) -> [String?] { outcome.documents.map { $0["number"]?.string } }

    @Test func `an invoice number of two accounts is two invoices`() {
        let outcome = Self.read([
            "invoice_number,invoice_date,currency,total,vendor", "INV-1,2026-01-10,USD,100.00,VEND1", "INV-1,2026-01-11,USD,200.00,VEND2",
            "INV-2,2026-01-11,USD,50.00,VEND2",
        ])
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(Self.numbers(outcome) == ["INV-1", "INV-1", "INV-2"])
        #expect(outcome.documents.map { $0["total"]?.string } == ["100.00", "200.00", "50.00"])
        #expect(outcome.routes == ["VEND1", "VEND2"])
    }

    @Test func `the invoice list of Vendor Central keeps two payees of one number apart`() {
        let outcome = Self.read([
            "Marketplace,Invoice Date,Payment Due Date,Invoice Status,Actual Paid Amount,Paid Amount Currency,Payee,Invoice Creation Date,"
                + "Invoice Number,Invoice Amount,Invoice Currency,Any Deductions,Quantity Variance Amount,Price Variance Amount,"
                + "Quick Pay Discount Amount,Latest Child Invoice,PO",
            "US,01/10/2026,02/09/2026,Approved,,,VEND1,01/10/2026,INV-1,100.00,USD,N,,,,,PO1",
            "US,01/10/2026,02/09/2026,Approved,,,VEND2,01/10/2026,INV-1,100.00,USD,N,,,,,PO1",
        ])
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(Self.numbers(outcome) == ["INV-1", "INV-1"])
    }

    @Test func `two codes of one account, and one that nobody knows, are one document`() {
        let outcome = Self.read([
            Self.orders, "PO1,2026-01-10,USD,VEND1,A,5,1",
            "PO1,2026-01-10,USD,VEND3,B,6,1",
            "PO1,2026-01-10,USD,VEND9,C,6,1",
        ])
        #expect(Self.numbers(outcome) == ["PO1"])
        #expect(outcome.lines.count == 3)
    }

    @Test func `rows of two accounts may take turns, and one without a code goes on with the row before it`() {
        let outcome = Self.read([
            Self.orders, "PO1,2026-01-10,USD,VEND1,A,5,1",
            "PO1,2026-01-10,USD,VEND2,B,6,1",
            "PO1,,,,C,7,1", "PO1,2026-01-10,USD,VEND1,D,8,1",
        ])
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.documents.map { $0["lines"]?.array?.compactMap { $0["item"]?.string } } == [["A", "D"], ["B", "C"]])
    }

    @Test func `a row that does not say to which of two accounts it belongs refuses both documents`() {
        let outcome = Self.read([
            Self.orders, "PO1,2026-01-10,USD,VEND1,A,5,1",
            "PO1,2026-01-10,USD,VEND2,B,6,1",
            "PO2,2026-01-10,USD,VEND1,A,5,1", "PO1,,,,C,7,1",
        ])
        #expect(Self.numbers(outcome) == ["PO2"])
        #expect(outcome.problems.map(\.at) == [.row(5, column: 4)])
    }

    @Test func `a payment number of two accounts is two payments`() {
        let outcome = Self.read([
            "payment_number,payment_date,currency,reference,net,vendor", "P1,2026-02-05,USD,INV-1,100.00,VEND1",
            "P1,2026-02-05,USD,INV-1,90.00,VEND2", "P1,2026-02-05,USD,INV-3,10.00,VEND1", "P2,2026-02-05,USD,INV-4,20.00,VEND2",
        ])
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(Self.numbers(outcome) == ["P1", "P1", "P2"])
        #expect(outcome.documents.map { $0["lines"]?.array?.count } == [2, 1, 1])
    }

    @Test func `a receipt number of two accounts is two receipts`() {
        let outcome = Self.read([
            "receipt_number,receipt_date,po,item,received,vendor", "R1,2026-01-10,PO1,A,5,VEND1", "R1,2026-01-10,PO1,A,6,VEND2",
        ])
        #expect(Self.numbers(outcome) == ["R1", "R1"])
    }

    /// What routes each document, as a sink sees it.
    @Test func `a document without a code does not inherit that of the row above`() throws {
        let text = """
            invoice_number,invoice_date,currency,total,vendor
            INV-1,2026-01-10,USD,100.00,VEND2
            INV-2,2026-01-10,USD,100.00,

            """
        struct Routed: DocumentSink {
            var ids: [String] = []
            var seen: [[String]] = []
            var isUsed = false
            mutating func begin(_ advice: RemittanceAdvice) throws(ReadFailure) -> Int { 0 }
            mutating func append(_ lines: borrowing [RemittanceLine], to advice: Int) throws(ReadFailure) {}
            mutating func end(_ advice: Int, _ end: RemittanceEnd) throws(ReadFailure) {}
            mutating func add(_ document: WholeDocument) throws(ReadFailure) {
                seen.append(ids)
                isUsed = true
            }
            mutating func note(_ note: Note) {}
            mutating func refuse(_ problem: Problem) {}
            mutating func route(_ id: String) {
                if isUsed { ids = [] }
                isUsed = false
                if !id.isEmpty { ids.append(id) }
            }
        }
        var sink = Routed()
        let bytes = Array(text.utf8)
        _ = try Tables(layouts: Layout.builtIn).read(bytes.span.bytes, context: ReadingContext(), into: &sink)
        #expect(sink.seen == [["VEND2"], []])
    }
}
