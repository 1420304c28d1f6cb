import Reconciliation
import Trade

let usd = Currency(code: "USD") ?? .unstated
let eur = Currency(code: "EUR") ?? .unstated
let jpy = Currency(code: "JPY") ?? .unstated

func day(_ iso: String) -> Day { Day(iso: iso) ?? Day(number: 0) }

/// The account of most tests: net 60, 2 % within 30 days, five cents of tolerance, three days of grace.
func account(_ change: (inout AccountRules) -> Void = { _ in }) -> AccountRules {
    var account = AccountRules(
        id: "acme-us", marketplace: "US", currency: usd, timeZone: "America/Los_Angeles",
        terms: PaymentTerms(netDays: 60, discountPercent: ExactDecimal(2), discountDays: 30, basis: .invoiceDate))
    change(&account)
    return account
}

/// 2026-01-01, 1000.00 USD, unless said otherwise: due 2026-03-02, discount until 2026-01-31.
func invoice(
    _ number: String = "INV-1001", _ total: Int64 = 1000_00, date: String? = "2026-01-01", terms: PaymentTerms? = nil, tax: Int64? = nil,
    currency: Currency = usd, document: Int64 = 1
) -> InvoiceFact {
    InvoiceFact(
        document: document, key: ReferenceKey.of(number), number: number, date: date.map(day), currency: currency, total: total, tax: tax,
        terms: terms, received: day("2026-01-02"),
        evidence: Evidence(sha256: "aa", file: "810.edi", at: .segment("ST", 1, set: Int(document))))
}

/// A line as the ledger makes it: role and class by what the line itself says.
func line(
    _ reference: String, _ net: Int64, _ date: String? = "2026-02-20", type: ReferenceType = .invoice, text: String? = nil,
    named: String? = nil, discount: Int64 = 0, inside: [AdjustmentFact] = [], payment: String = "P1", received: String? = nil,
    currency: Currency = usd, rate: String? = nil, place: Int = 1, agreements: AgreementNames = .none
) -> LineFact {
    let reading = LineReading(reference: reference, type: type, text: text, invoice: named, code: nil, agreements: agreements)
    return LineFact(
        document: 100, reference: reference, key: reading.key, type: type, role: reading.role, deduction: reading.deduction,
        payment: payment, paymentDate: date.map(day), received: day(received ?? date ?? "2026-02-20"), currency: currency,
        exchangeRate: rate.flatMap { ExactDecimal($0) }, gross: nil, discount: discount, net: net, adjustments: inside, text: text,
        isAdjustment: false, evidence: Evidence(sha256: "bb", file: "820.edi", at: .segment("RMR", place, set: 1)))
}

/// An adjustment beside the lines (ADX of the whole payment).
func adjustment(_ reference: String, _ amount: Int64, _ date: String = "2026-02-20", code: String? = nil, payment: String = "P1")
    -> LineFact
{
    let reading = LineReading(reference: reference, type: .debitMemo, text: nil, invoice: nil, code: code)
    var line = line(reference, amount, date, type: .debitMemo, payment: payment, place: 900)
    line.role = reading.role
    line.deduction = reading.deduction
    line.isAdjustment = true
    return line
}

/// An adjustment inside a line (ADX of its loop); the line's net has it already.
func inside(_ amount: Int64, _ deduction: DeductionClass, _ reference: String = "") -> AdjustmentFact {
    AdjustmentFact(reference: reference, deduction: deduction, amount: amount)
}

/// A memo that we granted on an invoice.
func memo(_ number: String, _ total: Int64, on invoice: String = "INV-1001", document: Int64 = 50) -> MemoFact {
    MemoFact(
        document: document, key: ReferenceKey.of(number), number: number, date: day("2026-02-01"), currency: usd, total: total,
        family: ClaimChain(key: ReferenceKey.of(invoice)).base, invoice: ReferenceKey.of(invoice),
        evidence: Evidence(sha256: "cc", file: "cm.edi", at: .file))
}

/// The family of the first invoice, else of the first line.
func family(
    _ invoices: [InvoiceFact], _ lines: [LineFact] = [], memos: [MemoFact] = [], knownUntil: String? = nil
) -> InvoiceCase {
    let key = invoices.first?.key ?? lines.first?.key ?? ""
    return InvoiceCase(
        family: ClaimChain(key: key).base, invoices: invoices, memos: memos, lines: lines, knownUntil: knownUntil.map(day))
}

func judge(_ invoiceCase: InvoiceCase, on today: String, _ account: AccountRules = account()) -> Verdict {
    Rules.judge(invoiceCase, RuleContext(account: account, today: day(today)))
}

extension Verdict {
    func finding(_ kind: FindingKind) -> Finding? { findings.first { $0.kind == kind } }
    /// Without what is only told.
    var open: [Finding] { findings.filter { !$0.isToldOnce } }
    var short: Finding? { finding(.paymentShort) }
    var late: Finding? { finding(.paymentLate) }
    var unmatched: Finding? { finding(.paymentUnmatched) }
}

extension Finding {
    /// The amount as a person reads it.
    var sum: String? { amount.flatMap { minor in currency.map { Money(minor, $0).decimal } } }
    /// `reason reference amount`, in order.
    var explained: [String] {
        (details["explained"]?.array ?? []).map { item in
            [item["reason"]?.string, item["reference"]?.string, item["amount"]?.string].compactMap { $0 }.joined(separator: " ")
        }
    }
    var unexplained: String? { details["unexplained"]?.string }
}
