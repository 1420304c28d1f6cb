import Trade

/// One reading of a remittance export: payments are opened as their rows come, lines go to them by number.
struct RemittanceReading {
    private struct Payment {
        var number: String
        /// The sink's number of the advice; -1 in the pass that only sums.
        var advice: Int
        var status: PaymentStatus
        var currency: Currency
        var total: Int64
        var invoiceCurrency: Currency?
        var invoiceTotal: Int64?
        var row: Int
        var lines = 0
        /// Σ net of the lines in the payment's own currency, and of those in `foreign`.
        var sum: Int64 = 0
        var foreign: Currency?
        var foreignSum: Int64 = 0
        var isMixed = false
        var withheld: Int64 = 0
    }

    private let export: RemittanceExport
    private let locale: ExportLocale
    private let context: ReadingContext
    private var walk: RemittanceExport
    private var payments: [Payment] = []
    private var byNumber: [String: Int] = [:]
    /// Payments by number whose withholding is not yet in the amounts paid.
    private var withheldBeside: Set<String> = []
    private var problems: [Problem] = []
    private var notes: [Note] = []
    private var statusesSeen: Set<String> = []
    /// Columns of references that a spreadsheet holds as numbers.
    private var numeric: Set<Int> = []
    private var batch: [RemittanceLine] = []
    private var lastCurrency = Currency.unstated
    /// Where the lines' columns are: numbers alone, so that a row costs no counting of references.
    private var at = LineColumns()
    /// The number of the payment to which the last line went, as bytes.
    private var lastNumber: [UInt8] = []

    private struct LineColumns {
        var payment = -1, reference = -1, date = -1, kind = -1, description = -1, details = -1, originalInvoice = -1
        var gross = -1, currency = -1, withholding = -1, discount = -1, paid = -1

        init() {}
        init(_ match: TableLayout<PaymentLineField>.Match) {
            (payment, reference, date, kind) = (match[.payment], match[.reference], match[.date], match[.kind])
            (description, details, originalInvoice) = (match[.description], match[.details], match[.originalInvoice])
            (gross, currency, withholding, discount, paid) =
                (match[.gross], match[.currency], match[.withholding], match[.discount], match[.paid])
        }
    }

    /// Lines handed over at once: enough to make the hand-over cheap, small enough to stay in the cache.
    private static let batchSize = 512

    init(export: RemittanceExport, locale: ExportLocale, context: ReadingContext) {
        self.export = export
        self.locale = locale
        self.context = context
        walk = export
    }

    // MARK: Passes

    /// If the export has a column of withholdings: sums each payment, to see whether "Amount Paid" is before or after them.
    mutating func settleWithholding(_ bytes: Span<UInt8>) throws(ReadFailure) {
        var peek = export
        while let row = try peek.next(bytes) {
            if row == .line { break }
        }
        guard let lines = peek.lines, lines[.withholding] >= 0 else { return }
        var none = SummedOnly()
        try pass(bytes, &none)
        for payment in payments where payment.withheld != 0 && payment.foreign == nil {
            let (after, overflow) = payment.sum.subtractingReportingOverflow(payment.withheld)
            if !overflow, payment.sum != payment.total, after == payment.total { withheldBeside.insert(payment.number) }
        }
        payments = []
        byNumber = [:]
        statusesSeen = []
        numeric = []
        notes = []
        walk = export
    }

    mutating func run<Sink: DocumentSink>(_ bytes: Span<UInt8>, _ sink: inout Sink) throws(ReadFailure) {
        try pass(bytes, &sink)
        for payment in payments {
            let footing = try footing(payment)
            if payment.lines == 0, payment.status == .paid {
                sink.note(Note("payment-without-lines", at: .row(payment.row), "payment \(payment.number) has no lines"))
            }
            try sink.end(payment.advice, RemittanceEnd(footing: footing))
        }
        for note in notes { sink.note(note) }
    }

    private mutating func pass<Sink: DocumentSink>(_ bytes: Span<UInt8>, _ sink: inout Sink) throws(ReadFailure) {
        batch.reserveCapacity(Self.batchSize)
        var current = -1
        var hadLines = false
        while let row = try walk.next(bytes) {
            try walk.checkWidth(bytes)
            switch row {
            case .payment:
                try payment(bytes, &sink)
            case .line:
                if !hadLines, let columns = walk.lines {
                    at = LineColumns(columns)
                    for (caption, column) in columns.added { sink.note(.added(caption, row: walk.rows.row - 1, column: column)) }
                    hadLines = true
                }
                guard let owner = owner(bytes, last: current) else { continue }
                if owner != current || batch.count == Self.batchSize {
                    try flush(to: current, &sink)
                    if owner != current { lastNumber = Array(payments[owner].number.utf8) }
                    current = owner
                }
                line(bytes, owner)
            }
            if problems.count >= TextBounds.problems { throw .rejected(problems) }
        }
        try flush(to: current, &sink)
        if !problems.isEmpty { throw .rejected(problems) }
        try checkEnd(last: current)
    }

    private mutating func flush<Sink: DocumentSink>(to payment: Int, _ sink: inout Sink) throws(ReadFailure) {
        guard payment >= 0, !batch.isEmpty else { return }
        try sink.append(batch, to: payments[payment].advice)
        batch.removeAll(keepingCapacity: true)
    }

    /// A file cut at the end of a row looks whole, but for what it lacks.
    private func checkEnd(last: Int) throws(ReadFailure) {
        let end = Location.row(walk.rows.row)
        guard walk.lines != nil else {
            throw .rejected([RemittanceExport.cut(at: end, "before the table of invoices")])
        }
        if let payment = payments.last, payment.lines == 0, payment.status == .paid, payment.total != 0 {
            throw .rejected([RemittanceExport.cut(at: end, "before the lines of payment \(payment.number)")])
        }
        if !walk.rows.isTerminated, last >= 0, try footing(payments[last]) ?? 0 != 0 {
            throw .rejected([
                RemittanceExport.cut(at: end, "without a line end, and payment \(payments[last].number) does not add up")
            ])
        }
    }

    // MARK: Payments

    private mutating func payment<Sink: DocumentSink>(_ bytes: Span<UInt8>, _ sink: inout Sink) throws(ReadFailure) {
        let columns = walk.payments
        let row = walk.rows.row
        let before = problems.count
        let number = reference(bytes, columns[.number])
        var currency = context.currency ?? .unstated
        let code = walk.rows.text(bytes, columns[.currency])
        if let stated = Currency(code: code) {
            currency = stated
        } else if !code.isEmpty {
            refuse(columns[.currency], bytes, "is not a currency")
        } else {
            let words = context.currency.map { "the account's, \($0), is taken" } ?? "and the account has none"
            notes.append(Note("currency-assumed", at: .row(row, column: columns[.currency] + 1), "no payment currency; \(words)"))
        }
        let total = amount(bytes, columns[.total], currency, needed: true)
        let date = day(bytes, columns[.date], needed: true)
        let status = status(bytes)
        let invoiceCurrency = Currency(code: walk.rows.text(bytes, columns[.invoiceCurrency]))
        let invoiceTotal = invoiceCurrency.flatMap { amount(bytes, columns[.invoiceTotal], $0) }
        let rate = rate(bytes)
        if !number.isEmpty, let first = byNumber[number] {
            refuse(columns[.number], bytes, "stands twice in the table of payments, first in row \(payments[first].row)")
        }
        guard problems.count == before, let total else { return }
        let reason = walk.rows.text(bytes, columns[.voidReason])
        let method = walk.rows.text(bytes, columns[.method])
        let advice = try sink.begin(
            RemittanceAdvice(
                number: number, currency: currency, at: .row(row), payee: export.vendor.map { Party(id: $0) }, date: date,
                method: method.isEmpty ? nil : method, status: status, voidReason: reason.isEmpty ? nil : reason, total: total,
                exchangeRate: rate))
        byNumber[number] = payments.count
        payments.append(
            Payment(
                number: number, advice: advice, status: status, currency: currency, total: total, invoiceCurrency: invoiceCurrency,
                invoiceTotal: invoiceTotal, row: row))
    }

    /// The states of Oracle payables, which the export shows: all but voided and pending ones mean that money went out.
    private mutating func status(_ bytes: Span<UInt8>) -> PaymentStatus {
        let column = walk.payments[.status]
        let key = ReferenceKey.of(walk.rows.text(bytes, column))
        switch key {
        case "PAID", "CLEARED", "NEGOTIABLE", "ISSUED", "RECONCILED", "COMPLETED": return .paid
        case "VOIDED", "VOID", "CANCELLED", "CANCELED", "STOPPED", "REVERSED": return .voided
        case "PENDING", "SCHEDULED", "PROCESSING", "INPROCESS", "INPROGRESS", "UNPAID": return .pending
        default:
            // said once: it is one cause however many payments have it
            if statusesSeen.insert(key).inserted { refuse(column, bytes, key.isEmpty ? "" : "is no payment status known") }
            return .pending
        }
    }

    private mutating func rate(_ bytes: Span<UInt8>) -> ExactDecimal? {
        let column = walk.payments[.exchangeRate]
        switch locale.number(bytes, walk.rows.cell(bytes, column)) {
        case .value(let rate): return rate == ExactDecimal(1) ? nil : rate
        case .empty: return nil
        case .bad:
            refuse(column, bytes, "is not a rate")
            return nil
        }
    }

    // MARK: Lines

    /// The payment that the line's number names.
    private mutating func owner(_ bytes: Span<UInt8>, last: Int) -> Int? {
        let range = walk.rows.cell(bytes, at.payment).range
        if last >= 0, isLastNumber(bytes, range) { return last }
        let number = reference(bytes, at.payment)
        if number.isEmpty { return nil }
        if let found = byNumber[number] { return found }
        refuse(at.payment, bytes, "names no payment of the first table")
        return nil
    }

    private func isLastNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == lastNumber.count else { return false }
        let start = range.lowerBound
        for offset in lastNumber.indices where bytes[start &+ offset] != lastNumber[offset] { return false }
        return true
    }

    /// Adds the row's line to the batch.
    private mutating func line(_ bytes: Span<UInt8>, _ owner: Int) {
        let before = problems.count
        let number = reference(bytes, at.reference)
        let own = payments[owner].currency
        let currency = currency(bytes, at.currency, own)
        let date = day(bytes, at.date)
        let gross = amount(bytes, at.gross, currency)
        let discount = amount(bytes, at.discount, currency)
        let withheld = at.withholding >= 0 ? amount(bytes, at.withholding, currency) ?? 0 : 0
        var paid = amount(bytes, at.paid, currency, needed: true) ?? 0
        guard problems.count == before else { return }
        var adjustments: [Adjustment] = []
        if withheld != 0 {
            let isBeside = withheldBeside.contains(payments[owner].number)
            if isBeside || gross.map({ $0 - (discount ?? 0) != paid }) ?? true {
                let place = Location.row(walk.rows.row, column: at.withholding + 1)
                adjustments = [Adjustment(amount: -withheld, text: "Withholding", at: place)]
            }
            if isBeside { paid -= withheld }
        }
        count(paid, withheld: withheld, currency, owner)
        let original = at.originalInvoice >= 0 ? reference(bytes, at.originalInvoice, needed: false) : ""
        let kind = at.kind >= 0 ? walk.rows.text(bytes, at.kind) : ""
        let described = walk.rows.cell(bytes, at.description)
        let description = walk.rows.text(bytes, at.description)
        let details = at.details >= 0 ? walk.rows.text(bytes, at.details) : ""
        let po = RemittanceReference.po(bytes, described.range)
        // "<PO>/<FC>/" stands first, where readers of the text look for it
        let detailsPO = details.isEmpty ? nil : RemittanceReference.po(details)
        let text =
            details.isEmpty
            ? description : description.isEmpty ? details : detailsPO != nil ? "\(details) \(description)" : "\(description): \(details)"
        batch.append(
            RemittanceLine(
                reference: number,
                referenceType: RemittanceReference.type(number, kind: kind, text: description, po: po, patterns: context.references),
                net: paid,
                at: .row(walk.rows.row), invoice: original.isEmpty ? nil : original, po: po ?? detailsPO, date: date, gross: gross,
                discount: discount, currency: currency == own ? nil : currency, adjustments: adjustments, text: text.isEmpty ? nil : text))
    }

    /// Adds a line to its payment's sums, each currency by itself.
    private mutating func count(_ net: Int64, withheld: Int64, _ currency: Currency, _ owner: Int) {
        do throws(MoneyError) {
            payments[owner].lines += 1
            payments[owner].withheld = try payments[owner].withheld.plus(withheld)
            if currency == payments[owner].currency {
                payments[owner].sum = try payments[owner].sum.plus(net)
            } else {
                if let foreign = payments[owner].foreign, foreign != currency { payments[owner].isMixed = true }
                payments[owner].foreign = currency
                payments[owner].foreignSum = try payments[owner].foreignSum.plus(net)
            }
        } catch {
            problems.append(
                Problem(.malformed, at: .row(walk.rows.row), "the lines of payment \(payments[owner].number) add up to more than can be"))
        }
    }

    /// |Σ lines − total|; lines in the invoice currency foot against the amount in that currency. Nil if currencies are mixed.
    private func footing(_ payment: Payment) throws(ReadFailure) -> Int64? {
        if payment.status == .voided, payment.lines == 0 { return nil }
        var difference: (Int64, overflow: Bool)
        if let foreign = payment.foreign {
            guard !payment.isMixed, payment.sum == 0, foreign == payment.invoiceCurrency, let total = payment.invoiceTotal else {
                return nil
            }
            difference = payment.foreignSum.subtractingReportingOverflow(total)
        } else {
            difference = payment.sum.subtractingReportingOverflow(payment.total)
        }
        guard !difference.overflow, difference.0 != .min else {
            throw .rejected([Problem(.malformed, at: .row(payment.row), "payment \(payment.number) is out of range")])
        }
        return abs(difference.0)
    }

    // MARK: Cells

    /// An identifier, kept as written. One in scientific notation has lost its digits.
    private mutating func reference(_ bytes: Span<UInt8>, _ column: Int, needed: Bool = true) -> String {
        guard column >= 0 else { return "" }
        let (reading, isNumber) = ExportLocale.reference(bytes, walk.rows, column)
        switch reading {
        case .value(let text):
            if isNumber, numeric.insert(column).inserted {
                notes.append(
                    Note(
                        "numeric-references", at: .row(walk.rows.row, column: column + 1),
                        "\"\(caption(column))\" holds numbers and not text: zeros before a reference may be lost"))
            }
            return text
        case .empty:
            if needed { refuse(column, bytes, "") }
        case .bad(let what, let advice): refuse(column, bytes, what, advice: advice)
        }
        return ""
    }

    private mutating func amount(_ bytes: Span<UInt8>, _ column: Int, _ currency: Currency, needed: Bool = false) -> Int64? {
        guard column >= 0 else { return nil }
        switch locale.amount(bytes, walk.rows.cell(bytes, column), currency) {
        case .value(let minor): return minor
        case .empty:
            if needed { refuse(column, bytes, "") }
            return nil
        case .bad(let what, let advice):
            refuse(column, bytes, what, advice: advice)
            return nil
        }
    }

    private mutating func day(_ bytes: Span<UInt8>, _ column: Int, needed: Bool = false) -> Day? {
        switch locale.day(bytes, walk.rows.cell(bytes, column)) {
        case .value(let day): return day
        case .empty:
            if needed { refuse(column, bytes, "") }
        case .bad(let what, let advice): refuse(column, bytes, what, advice: advice)
        }
        return nil
    }

    /// The line's own currency, else the payment's.
    private mutating func currency(_ bytes: Span<UInt8>, _ column: Int, _ own: Currency) -> Currency {
        guard column >= 0 else { return own }
        let range = walk.rows.cell(bytes, column).range
        if range.isEmpty { return own }
        if range.count == 3 {
            let start = range.lowerBound
            let packed = UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
            if packed == own.packed { return own }
            if packed == lastCurrency.packed { return lastCurrency }
        }
        guard let currency = Currency(code: bytes.text(range)) else {
            refuse(column, bytes, "is not a currency")
            return own
        }
        lastCurrency = currency
        return currency
    }

    private func caption(_ column: Int) -> String {
        let captions = walk.lines?.captions ?? walk.payments.captions
        return column < captions.count ? captions[column] : ""
    }

    /// - Parameter what: what is wrong with the cell; empty for "is missing".
    private mutating func refuse(_ column: Int, _ bytes: Span<UInt8>, _ what: String, advice: String = "export again") {
        let caption = caption(column)
        let cell = walk.rows.text(bytes, column)
        let words = what.isEmpty ? "\"\(caption)\" is empty" : "\"\(cell.prefix(60))\" in \"\(caption)\" \(what)"
        problems.append(
            Problem(.malformed, at: .row(walk.rows.row, column: column + 1), byte: walk.rows.start, words, advice: advice))
    }
}
