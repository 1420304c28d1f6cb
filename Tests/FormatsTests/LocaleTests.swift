import Formats
import Testing
import Trade

/// How amounts and dates are read, asked through whole exports.
struct LocaleTests {
    /// The net of one line, in minor units; nil if the file was rejected.
    private func net(_ amount: String, marketplace: String?, currency: String = "USD") -> String? {
        let date = marketplace == "JP" ? "2025/01/31" : "01/12/2025"
        let text = Export.text(
            Export.payment(date: date, total: amount, currency: currency), Export.line(date: date, currency: currency, paid: amount))
        return TableOutcome(VendorCentralRemittances(), text, marketplace: marketplace).lines.first?["net"]?.string
    }

    @Test(
        arguments: [
            ("US", "USD", "1,234.56", "1234.56"), ("US", "USD", "(12.00)", "-12.00"), ("US", "USD", "-155,193.60", "-155193.60"),
            ("US", "USD", "12.00-", "-12.00"), ("US", "USD", "$ 12", "12.00"), ("US", "USD", "-$53.35", "-53.35"),
            ("US", "USD", "$-53.35", "-53.35"), ("US", "USD", "($\u{A0}12.80)", "-12.80"), ("US", "USD", ".5", "0.50"),
            ("US", "USD", "US$1,000,000.01", "1000000.01"), ("US", "USD", "USD 7.10", "7.10"), ("US", "USD", "+7.10", "7.10"),
            ("DE", "EUR", "1.234,56", "1234.56"), ("DE", "EUR", "1.234,56\u{A0}€", "1234.56"), ("DE", "EUR", "€ -0,05", "-0.05"),
            ("DE", "EUR", "-1.234.567,89 EUR", "-1234567.89"), ("DE", "EUR", "1.234", "1234.00"),
            ("FR", "EUR", "1\u{202F}234,56 €", "1234.56"),
            ("FR", "EUR", "1 234,5", "1234.50"), ("SE", "SEK", "1\u{A0}234,56 kr", "1234.56"), ("PL", "PLN", "1 234,56 zł", "1234.56"),
            ("TR", "TRY", "₺1.234,56", "1234.56"), ("TR", "TRY", "1.234,56 TL", "1234.56"), ("BR", "BRL", "R$ 1.234,56", "1234.56"),
            ("IN", "INR", "1,44,957.78", "144957.78"), ("IN", "INR", "₹ 12,34,56,789.00", "123456789.00"), ("IN", "INR", "Rs.50", "50.00"),
            ("JP", "JPY", "￥1,234", "1234"), ("JP", "JPY", "1234.00", "1234"), ("UK", "GBP", "£1,000.10", "1000.10"),
            ("MX", "MXN", "MXN 10.00", "10.00"), ("AE", "AED", "AED 1,000.00", "1000.00"), ("IT", "EUR", "−3,50", "-3.50"),
            ("US", "USD", "1,234,567,890,123.45", "1234567890123.45"), ("US", "USD", "000,012.30", "12.30"),
        ] as [(String, String, String, String)])
    func `an amount is read as its marketplace writes it`(_ marketplace: String, _ currency: String, _ text: String, _ value: String) {
        #expect(net(text, marketplace: marketplace, currency: currency) == value)
    }

    @Test(
        arguments: [
            ("US", "USD", "1.234,56"), ("US", "USD", "1,23"), ("US", "USD", "12,3456.00"), ("US", "USD", "1.234"), ("US", "USD", "1.2.3"),
            ("US", "USD", "(12.00"), ("US", "USD", "12.00)"), ("US", "USD", "(-12.00)"), ("US", "USD", "--1.00"), ("US", "USD", "€5.00"),
            ("US", "USD", "EUR 5.00"), ("US", "USD", "5.00 CR"), ("US", "USD", "12,3x"), ("US", "USD", "O.00"), ("US", "USD", "12."),
            ("DE", "EUR", "1,234.56"), ("DE", "EUR", "1.23"), ("DE", "EUR", "0,001"), ("DE", "EUR", "$5,00"), ("JP", "JPY", "1.5"),
            ("JP", "JPY", "1.234"), ("US", "USD", "1 234,567.00"), ("US", "USD", "12345678901234567890.00"), ("US", "USD", "1e5"),
            ("US", "USD", "12.00.-"), ("US", "USD", ",123.00"), ("IN", "INR", "1,2,3.00"), ("DE", "EUR", "999999999999999999,00"),
        ] as [(String, String, String)])
    func `what is not an amount there is refused and never guessed`(_ marketplace: String, _ currency: String, _ text: String) {
        #expect(net(text, marketplace: marketplace, currency: currency) == nil)
    }

    private func day(_ text: String, marketplace: String?) -> String? {
        let export = Export.text(Export.payment(date: text, total: "1.00"), Export.line(date: "", paid: "1.00"))
        return TableOutcome(VendorCentralRemittances(), export, marketplace: marketplace).documents.first?["date"]?.string
    }

    @Test(
        arguments: [
            ("US", "01/02/2025", "2025-01-02"), ("CA", "1/2/2025", "2025-01-02"), ("UK", "01/02/2025", "2025-02-01"),
            ("AU", "31/12/2025", "2025-12-31"), ("SA", "05-06-2025", "2025-06-05"), ("US", "2025-06-05", "2025-06-05"),
            ("JP", "2025/6/5", "2025-06-05"), ("US", "11-JUL-2025", "2025-07-11"), ("US", "May 20, 2025", "2025-05-20"),
            ("US", "12-SEP-25", "2025-09-12"), ("US", "12-Sept-2025", "2025-09-12"), ("UK", "05.06.2025", "2025-06-05"),
            ("US", "29 February 2024", "2024-02-29"),
        ] as [(String, String, String)])
    func `a date is read in the order of its marketplace`(_ marketplace: String, _ text: String, _ value: String) {
        #expect(day(text, marketplace: marketplace) == value)
    }

    @Test(
        arguments: [
            ("US", "13/01/2025"), ("UK", "01/13/2025"), ("US", "29-FEB-2025"), ("US", "01/02/25"), ("JP", "01/02/2025"), ("US", "45321"),
            ("US", "11-JUX-2025"), ("US", "1/2-2025"), ("US", "00/01/2025"), ("US", "May 20, 25"), ("US", "01/02/20255"),
        ] as [(String, String)])
    func `a date of another order, or none, is refused`(_ marketplace: String, _ text: String) {
        #expect(day(text, marketplace: marketplace) == nil)
    }

    @Test func `without a marketplace the file's own dates and amounts settle the locale`() {
        let text = Export.text(
            Export.payment(date: "13/01/2025", total: "1.234,50", currency: "EUR"),
            Export.line(date: "02/01/2025", currency: "EUR", paid: "1.234,50"))
        let outcome = TableOutcome(VendorCentralRemittances(), text, marketplace: nil)
        #expect(outcome.lines.first?["date"]?.string == "2025-01-02")
        #expect(outcome.lines.first?["net"]?.string == "1234.50")
    }

    @Test func `without a marketplace an ambiguous file is refused and the setting named`() {
        let text = Export.text(Export.payment(date: "02/01/2025", total: "1.00"), Export.line(date: "03/04/2025", paid: "1.00"))
        let outcome = TableOutcome(VendorCentralRemittances(), text, marketplace: nil)
        #expect(outcome.problems.first?.at == .row(4, column: 2))
        #expect(outcome.problems.first?.advice.contains("'marketplace'") == true)
    }

    @Test func `without a marketplace a file that contradicts itself is refused`() {
        let text = Export.text(
            Export.payment(date: "13/01/2025", total: "1.00"), Export.line(date: "01/13/2025", paid: "1.00"))
        #expect(TableOutcome(VendorCentralRemittances(), text, marketplace: nil).problems.first?.what.contains("some dates") == true)
        let marks = Export.text(Export.payment(date: "13/01/2025", total: "1,00"), Export.line(date: "", paid: "1.00"))
        #expect(TableOutcome(VendorCentralRemittances(), marks, marketplace: nil).problems.first?.what.contains("some amounts") == true)
    }

    @Test func `an unknown marketplace is refused and the known ones named`() {
        let outcome = TableOutcome(
            VendorCentralRemittances(), Export.text(Export.payment(total: "1.00"), Export.line(paid: "1.00")), marketplace: "XX")
        #expect(outcome.problems.first?.advice.contains("AE, AU") == true)
    }

    /// Amounts written in every style come back as they were.
    @Test func `amounts rendered in any style read back equal`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        for _ in 0..<400 {
            let isComma = Bool.random(using: &random)
            let cents = Int64.random(in: 0...(Int64.random(in: 1...999_999_999_999_999, using: &random)), using: &random)
            var whole = Array(String(cents / 100))
            let group: Character? = [nil, isComma ? "." : ",", "\u{A0}", " "].randomElement(using: &random) ?? nil
            if let group {
                for index in stride(from: whole.count - 3, to: 0, by: -3) { whole.insert(group, at: index) }
            }
            let rest = cents % 100
            var text = String(whole) + (isComma ? "," : ".") + (rest < 10 ? "0\(rest)" : "\(rest)")
            let isNegative = Bool.random(using: &random) && cents > 0
            if Bool.random(using: &random) { text = isComma ? text + " €" : "€" + text }
            if isNegative { text = ["-\(text)", "(\(text))", "\(text)-"].randomElement(using: &random) ?? text }
            let value = Money.decimal(isNegative ? -cents : cents, exponent: 2)
            #expect(net(text, marketplace: isComma ? "DE" : "UK", currency: "EUR") == value, "\(text)")
        }
    }
}
