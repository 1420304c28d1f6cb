import Testing
import Trade

@testable import Formats

/// Tables that look right and are not: each of these was once read without a word.
struct LayoutTrapTests {
    private static let orders =
        "PO,Vendor code,Order date,Status,Product name,ASIN,External ID type,External ID,Model number,Merchant SKU,Catalog number,"
        + "Availability,Requested quantity,Accepted quantity,ASN quantity,Received quantity,Cost,Currency"
    private static let inches = ["\"Big pan", "Tray", "Screen 24\""].enumerated().map {
        "PO\($0.offset + 1),ACME1,03/01/2026,Confirmed,\($0.element),B1,UPC,1,1,1,1,AC,10,10,10,10,5.00,USD"
    }

    private func messages(_ outcome: TableOutcome) -> [String] { outcome.problems.map(\.what) }

    // MARK: Quotation marks

    @Test func `between tabs a quotation mark that no other closes in its line is a character`() {
        let text = ([Self.orders] + Self.inches).joined(separator: "\n").replacing(",", with: "\t") + "\n"
        let outcome = LayoutSamples.read(text)
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.documents.map { $0["number"]?.string } == ["PO1", "PO2", "PO3"])
        #expect(outcome.lines.map { $0["text"]?.string } == ["\"Big pan", "Tray", "Screen 24\""])
        let quoted = LayoutSamples.read(text.replacing("Tray", with: "\"A \"\"tray\"\"\""))
        #expect(quoted.lines.map { $0["text"]?.string } == ["\"Big pan", "A \"tray\"", "Screen 24\""])
    }

    @Test func `a quotation mark that swallows rows is refused with its place`() throws {
        let text = ([Self.orders] + Self.inches).joined(separator: "\n") + "\n"
        let problem = try #require(LayoutSamples.read(text).problems.first)
        #expect(problem.at == .row(2, column: 5))
        #expect(problem.what.hasPrefix("a quotation mark opens here and swallows rows"), "\(problem)")
        let fine = text.replacing("\"Big pan", with: "\"Big pan,\nred\"").replacing("24\"", with: "24")
        #expect(LayoutSamples.read(fine).documents.count == 3)
        #expect(LayoutSamples.read(fine).problems.isEmpty)
        let payments = Export.text(
            Export.payment(total: "3.00"), "100,A-1,12/31/2024,\"Pan,,USD,0,1.00,\n100,A-2,12/31/2024,24\",,USD,0,2.00,\n")
        #expect(TableOutcome(VendorCentralRemittances(), payments).isRejected)
    }

    // MARK: Marketplaces

    private static let old =
        "Marketplace,Invoice Date,Payment Due Date,Status,Actual Paid Amount,Payee,Creation Date,Invoice Number,Price,Any Deductions\n"

    @Test(arguments: ["Germany", "DE", "amazon.de", "Amazon.de", "Deutschland"])
    func `an invoice of another marketplace is not in the account's currency`(_ marketplace: String) throws {
        let outcome = LayoutSamples.read(Self.old + "\(marketplace),03/04/2026,,Paid,,ACME1,,INV-1,\"1.100,00\",No\n", "US")
        let invoice = try #require(outcome.documents.first, "\(outcome.problems)")
        #expect(invoice["currency"]?.string == "EUR")
        #expect(invoice["total"]?.string == "1100.00")
        #expect(invoice["date"]?.string == "2026-04-03")
        #expect(outcome.notes == ["currency-assumed"])
    }

    @Test func `what the account's marketplace is called, or is not known, keeps the account's currency`() {
        for marketplace in ["US", "United States", "amazon.com", "", "Elsewhere"] {
            let outcome = LayoutSamples.read(Self.old + "\(marketplace),03/04/2026,,Paid,,ACME1,,INV-1,\"1,100.00\",No\n", "US")
            #expect(outcome.documents.first?["currency"]?.string == "USD", "\(marketplace)")
            #expect(outcome.documents.first?["date"]?.string == "2026-03-04", "\(marketplace)")
        }
        let several = Self.old + "DE,03/04/2026,,Paid,,ACME1,,INV-1,100,No\nCA,03/04/2026,,Paid,,ACME1,,INV-2,100,No\n"
        #expect(messages(LayoutSamples.read(several, "US")).first?.contains("day or the month first") == true)
    }

    @Test func `every marketplace that exports are read of has a currency and a name`() {
        for code in ExportLocale.byMarketplace.keys { #expect(NamedMarketplace(code) != nil, "\(code)") }
        #expect(NamedMarketplace("www.amazon.co.uk")?.code == "UK")
        #expect(NamedMarketplace("Amazon") == nil)
        #expect(NamedMarketplace("United Kingdom")?.isNamed("GB") == true)
    }

    @Test func `a settlement without a currency takes that of the marketplace its rows name`() {
        let head = [
            "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency", "transaction-type",
            "marketplace-name", "amount-type", "amount-description", "amount", "posted-date",
        ].joined(separator: "\t")
        let rows = "1\t\t\t\t10.00\t\t\t\t\t\t\t\n1\t\t\t\t\t\tOrder\tamazon.de\tItemPrice\tPrincipal\t10.00\t2026-03-02\n"
        let context = LayoutSamples.context("US")
        let outcome = TableOutcome(SellerSettlements(), Array((head + "\n" + rows).utf8), context)
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.documents.first?["currency"]?.string == "EUR")
        #expect(outcome.notes == ["currency-assumed"])
        let own = rows.replacing("amazon.de", with: "Amazon.com")
        #expect(TableOutcome(SellerSettlements(), Array((head + "\n" + own).utf8), context).documents.first?["currency"]?.string == "USD")
        let two = rows + "1\t\t\t\t\t\tOrder\tamazon.co.uk\tItemPrice\tTax\t0.00\t2026-03-02\n"
        let refused = TableOutcome(SellerSettlements(), Array((head + "\n" + two).utf8), context)
        #expect(messages(refused) == ["no currency is stated, and the rows are of marketplaces DE, UK"])
    }

    // MARK: Claims among invoices

    @Test func `claims in the list of invoices are no invoices, and a negative invoice is a credit memo`() {
        let head =
            "Marketplace,Invoice Date,Payment Due Date,Invoice Status,Payee,Invoice Creation Date,Invoice Number,Invoice Amount,"
            + "Invoice Currency,Any Deductions,PO\n"
        let outcome = LayoutSamples.read(
            head
                + [
                    ("INV-1", "100.00"), ("INV-1SC", "-20.00"), ("INV-1SCR", "20.00"), ("INV-2SC", "15.00"), ("INV-3PC", "-4.00"),
                    ("INV-4", "-7.00"),
                ].map { "US,03/01/2026,04/30/2026,PAID,ACME1,03/01/2026,\($0),\($1),USD,No,PO1\n" }.joined())
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.documents.map { $0["type"]?.string } == ["invoice", "other", "other", "invoice", "other", "credit_memo"])
        #expect(outcome.documents[1]["type_name"]?.string == "vendor-central/claim-document")
        #expect(outcome.documents[5]["total"]?.string == "-7.00")
        #expect(outcome.notes.filter { $0 != "column-missing" } == ["claim-row", "claim-row", "claim-row", "negative-invoice"])
    }

    @Test func `a plain invoice below zero is refused`() {
        let outcome = LayoutSamples.read(
            "invoice_number,invoice_date,total,currency\nINV-1SC,2026-03-01,5.00,USD\nINV-9,2026-03-01,-100.00,USD\n")
        #expect(outcome.documents.map { $0["number"]?.string } == ["INV-1SC"])
        #expect(messages(outcome) == ["the invoice INV-9 has a negative total"])
    }

    // MARK: Sums

    @Test func `a row of sums is no document`() {
        let returns = "Return ID,Return invoice number,Purchase order number,Quantity,Cost per unit,Total amount,Return date\n"
        let outcome = LayoutSamples.read(returns + "R1,,PO1,2,$10.00,$20.00,03/01/2026\nTotal,,,2,,$20.00,\nSumme:\n")
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.documents.map { $0["number"]?.string } == ["R1"])
        #expect(outcome.notes.filter { $0 != "column-missing" } == ["currency-assumed", "total-row", "total-row"])
        let word = LayoutSamples.read(returns + "R1,,PO1,2,$10.00,$20.00,03/01/2026\nGrand,,,2,,$20.00,\n")
        #expect(word.documents.count == 1)
        #expect(messages(word) == ["\"Grand\" is no number: it has no digit"])
        let orders = LayoutSamples.read("po_number,item,quantity,unit_price\nPO1,A,1,5.00\n合計,,1,\n")
        #expect(orders.documents.count == 1 && orders.problems.isEmpty)
    }

    // MARK: Signs

    @Test func `a co-op credit is in our favour`() {
        let outcome = LayoutSamples.read(
            "Invoice ID,Invoice Date,Agreement ID,Original balance,Currency\n100,03/01/2026,12,250.00,USD\n101,03/02/2026,12,(50.00),USD\n")
        #expect(outcome.documents.map { $0["total"]?.string } == ["-250.00", "50.00"])
    }

    @Test func `a layout that gives all amounts one sign refuses a file that writes both`() {
        func read(_ sign: Layout.Sign, _ amounts: String...) -> TableOutcome {
            let layout = Layout(
                name: "acme/x", title: "x", document: .debitMemo,
                tables: [
                    .init(
                        name: "x",
                        columns: [
                            .init("number", ["No"], .needed), .init("date", ["Day"], .needed), .init("total", ["Sum"], .needed, sign: sign),
                        ])
                ], dates: .yearFirst, decimal: .point)
            let rows = amounts.enumerated().map { "D\($0.offset),2026-01-02,\($0.element)\n" }.joined()
            return LayoutSamples.read("No,Day,Sum\n" + rows, layouts: [layout])
        }
        for sign in [Layout.Sign.positive, .negative] {
            let mixed = read(sign, "1.00", "0.00", "-2.00")
            #expect(mixed.documents.isEmpty)
            #expect(messages(mixed).first?.contains("\"-2.00\" in \"Sum\" has another sign than the amounts above it") == true)
        }
        #expect(read(.negative, "1.00", "2.00").documents.map { $0["total"]?.string } == ["-1.00", "-2.00"])
        #expect(read(.positive, "-1.00", "-2.00").documents.map { $0["total"]?.string } == ["1.00", "2.00"])
        #expect(read(.inverted, "-1.00", "2.00").documents.map { $0["total"]?.string } == ["1.00", "-2.00"])
    }

    // MARK: Marks

    @Test(arguments: [
        ("10", "€5.00", "2%", "\"€5.00\" in \"unit_price\" is not in USD"), ("10", "5%", "2%", "\"5%\" in \"unit_price\" is a percentage"),
        ("$10", "5", "2%", "\"$10\" in \"quantity\" is money"), ("10%", "5", "2", "\"10%\" in \"quantity\" is a percentage"),
        ("10", "5", "$2", "\"$2\" in \"discount_percent\" is money"), ("10", "$5.00", "2 %", ""), ("10", "USD 5.005", "%2", ""),
    ]) func `a mark stands where it may, or its cell is refused`(_ quantity: String, _ price: String, _ percent: String, _ words: String) {
        let outcome = LayoutSamples.read(
            "invoice_number,invoice_date,total,currency,discount_percent,item,quantity,unit_price\n"
                + "INV-1,2026-03-01,100.00,USD,\(percent),A,\(quantity),\(price)\n")
        #expect(messages(outcome) == (words.isEmpty ? [] : [words]))
        #expect(outcome.problems.first?.at.description.contains("column") != false)
    }

    // MARK: Payments

    @Test func `discounts and taxes written below zero are taken as positive where the net says so`() {
        let head = "payment_number,payment_date,currency,reference,net,gross,discount,withholding\n"
        func read(_ cells: String) -> TableOutcome { LayoutSamples.read(head + "P1,2026-03-01,USD,INV-1,\(cells)\n") }
        let outcome = read("93.00,100.00,-2.00,-5.00")
        #expect(outcome.problems.isEmpty, "\(outcome.problems)")
        #expect(outcome.notes == ["discount-sign"])
        #expect(outcome.lines.first?["discount"]?.string == "2.00")
        #expect(read("95.00,100.00,,-5.00").notes == ["discount-sign"])
        // a credit memo gives a discount back, and a part of an invoice may be paid
        #expect(read("-98.00,-100.00,-2.00,").notes.isEmpty)
        #expect(read("50.00,100.00,2.00,").problems.isEmpty)
        #expect(read("90.00,100.00,-2.00,").isRejected)
        #expect(read("98.00,,-2.00,").isRejected)
        #expect(read("-98.00,,-2.00,").problems.isEmpty)
    }

    // MARK: Chargebacks

    @Test func `one issue may be charged for several orders`() {
        let other = LayoutRecognitionTests.row.replacing("1AB2CD3E", with: "9ZZ8YY7X")
        let outcome = LayoutSamples.read(LayoutRecognitionTests.file + other + "\n" + other + "\n")
        #expect(outcome.documents.map { $0["id"]?.string } == ["1234567890", "1234567890"])
        #expect(outcome.documents.map { $0["po"]?.string } == ["1AB2CD3E", "9ZZ8YY7X"])
        #expect(messages(outcome) == ["1234567890 stands in an earlier row too, which is taken"])
    }
}
