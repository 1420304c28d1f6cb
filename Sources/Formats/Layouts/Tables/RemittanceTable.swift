import Trade

/// Payments and their lines: a row for each line with what it says of its payment, or two stacked tables.
enum RemittanceTable {
    static let fields: [Layout.Field] = [
        .init(.number, .reference, "Number of the payment.", essential: true),
        .init(.date, .date, "Day of the payment.", essential: true),
        .init(.currency, .currency, "Currency of the payment."),
        .init(.total, .amount, "What is paid in all, against which the lines are checked."),
        .init(.method, .text, "How it is paid, as the export writes it."),
        .init(.status, .word, "Whether money went out.", words: PaymentStatus.words),
        .init(.voidReason, .text, "Why a payment is voided."),
        .init(.exchangeRate, .number, "Rate from the invoices' currency to the payment's."),
        .init(.payer, .text, "Who pays."),
        .init(.payerId, .reference, "The payer's id."),
        .init(.payee, .text, "Who is paid."),
        .init(.payeeId, .route, "The payee's id; it leads to the account."),
        .init(.vendor, .route, "Vendor code of the account."),
        .init(.marketplace, .route, "Marketplace of the account."),
        .line(.reference, .reference, "What the line pays or takes: the number of an invoice, memo, claim or chargeback.", essential: true),
        .line(
            .referenceType, .word, "What the reference is; without it the reference and the text tell.",
            words: ReferenceType.allCases.map(\.word)),
        .line(.net, .amount, "What the line adds to the payment; negative where it takes.", essential: true),
        .line(.gross, .amount, "Amount of the document before discount."),
        .line(.discount, .amount, "Discount taken, positive; the net is after it."),
        .line(.withholding, .amount, "Tax withheld, positive; the net is after it."),
        .line(.lineDate, .date, "Date of the document."),
        .line(.lineCurrency, .currency, "Currency of the line, where it is not the payment's."),
        .line(.invoice, .reference, "Invoice that a claim or memo belongs to."),
        .line(.return, .reference, "Return that the line belongs to."),
        .line(.po, .reference, "Purchase order."),
        .line(.text, .text, "Description of the line."),
    ]

    /// A payment of which lines may still come.
    struct Payment {
        /// The sink's number.
        var advice = -1
        var head: RemittanceAdvice
        var currency: Currency?
        var status: PaymentStatus?
        var payer: String?
        var payerID: String?
        var payee: String?
        var payeeID: String?
        var lines = 0
        var sum: Int64 = 0
        var isMixed = false

        init(_ number: String, _ row: Int) { head = RemittanceAdvice(number: number, currency: .unstated, at: .row(row)) }

        /// |Σ lines − total|; nil if the payment states no total, or its lines are not all in its currency.
        var footing: Int64? {
            guard let total = head.total, !isMixed, head.status != .voided || lines > 0 else { return nil }
            let (difference, overflow) = sum.subtractingReportingOverflow(total)
            return overflow || difference == .min ? nil : abs(difference)
        }
    }

    static func take(_ bytes: Span<UInt8>, _ cells: inout TableCells, into payment: inout Payment) {
        let currency = cells.currency(bytes, &payment.currency)
        payment.head.currency = currency
        cells.take(.date, &payment.head.date, cells.day(bytes, .date))
        cells.take(.total, &payment.head.total, cells.amount(bytes, .total, currency))
        cells.take(.method, &payment.head.method, cells.text(bytes, .method))
        cells.take(.status, &payment.status, status(bytes, &cells))
        payment.head.status = payment.status ?? .paid
        cells.take(.voidReason, &payment.head.voidReason, cells.text(bytes, .voidReason))
        let rate = cells.number(bytes, .exchangeRate)
        cells.take(.exchangeRate, &payment.head.exchangeRate, rate == ExactDecimal(1) ? nil : rate)
        cells.take(.payer, &payment.payer, cells.text(bytes, .payer))
        cells.take(.payerId, &payment.payerID, cells.reference(bytes, .payerId))
        cells.take(.payee, &payment.payee, cells.text(bytes, .payee))
        cells.take(.payeeId, &payment.payeeID, cells.reference(bytes, .payeeId))
        if payment.payer != nil || payment.payerID != nil { payment.head.payer = Party(name: payment.payer, id: payment.payerID) }
        if payment.payee != nil || payment.payeeID != nil { payment.head.payee = Party(name: payment.payee, id: payment.payeeID) }
    }

    private static func status(_ bytes: Span<UInt8>, _ cells: inout TableCells) -> PaymentStatus? {
        guard let text = cells.text(bytes, .status) else { return nil }
        if let status = PaymentStatus(printed: text) { return status }
        cells.problem(.status, bytes, "is no payment status known", advice: "write one of \(PaymentStatus.words.joined(separator: ", "))")
        return nil
    }

    /// Discount and tax withheld count positive and take from the gross amount; exports that write them below zero mean the same. Of the
    /// signs that make up the net, those as written come first.
    private static func signed(
        _ discount: Int64?, _ withheld: Int64, gross: Int64?, net: Int64?, _ cells: inout TableCells
    ) -> (Int64?, Int64) {
        guard discount ?? 0 < 0 || withheld < 0, let net else { return (discount, withheld) }
        let signs = [
            (discount, withheld), (discount.map { abs($0) }, withheld), (discount, abs(withheld)),
            (discount.map { abs($0) }, abs(withheld)),
        ]
        if let gross {
            for (index, (discount, withheld)) in signs.enumerated() where gross &- (discount ?? 0) &- withheld == net {
                if index > 0 {
                    cells.note(
                        Note(
                            "discount-sign", at: .row(cells.row),
                            "what is taken from the gross amount is written below zero; it is taken as positive"))
                }
                return (discount, withheld)
            }
        } else if net < 0 {
            // a credit: what was taken from it is given back
            return (discount, withheld)
        }
        cells.flaw(
            discount ?? 0 < 0 ? .discount : .withholding, at: .row(cells.row),
            "a discount or tax withheld is below zero, and by no sign do gross amount, discount and tax come to the net",
            advice: "write discounts and tax withheld as positive amounts, with the gross amount beside them")
        return (discount, withheld)
    }

    static func line(_ bytes: Span<UInt8>, _ cells: inout TableCells, of payment: inout Payment) -> RemittanceLine? {
        let own = payment.currency ?? .unstated
        let currency = cells.currency(bytes, .lineCurrency) ?? own
        let reference = cells.stated(.reference, cells.reference(bytes, .reference), of: payment.head.number, .row(cells.row))
        let net = cells.stated(.net, cells.amount(bytes, .net, currency), of: payment.head.number, .row(cells.row))
        let gross = cells.amount(bytes, .gross, currency)
        let written = (discount: cells.amount(bytes, .discount, currency), withheld: cells.amount(bytes, .withholding, currency) ?? 0)
        let (discount, withheld) = signed(written.discount, written.withheld, gross: gross, net: net, &cells)
        let text = cells.text(bytes, .text)
        let type = cells.word(bytes, .referenceType).flatMap { word in ReferenceType.allCases.first { $0.word == word } }
        let stated = cells.reference(bytes, .po)
        let line = RemittanceLine(
            reference: reference ?? "", referenceType: type ?? .other, net: net ?? 0, at: .row(cells.row),
            invoice: cells.reference(bytes, .invoice), po: stated ?? text.flatMap(RemittanceReference.po),
            date: cells.day(bytes, .lineDate),
            gross: gross, discount: discount, currency: currency == own ? nil : currency,
            adjustments: withheld == 0
                ? [] : [Adjustment(amount: -withheld, text: "Withholding", at: .row(cells.row, column: cells.header[.withholding] + 1))],
            text: text, returnNumber: cells.reference(bytes, .return))
        guard let reference, let net else { return nil }
        var known = line
        if type == nil {
            known.referenceType = RemittanceReference.type(
                reference, text: text ?? "", po: text.flatMap(RemittanceReference.po), patterns: cells.context.references)
        }
        payment.lines += 1
        if currency != own { payment.isMixed = true }
        guard let sum = try? payment.sum.plus(net) else {
            cells.problem(
                .net, bytes, "", words: "the lines of payment \(payment.head.number) add up to more than can be", advice: "export again")
            return nil
        }
        payment.sum = sum
        return known
    }
}

extension PaymentStatus {
    static let words: [String] = [PaymentStatus.paid, .voided, .pending].map(\.rawValue)

    /// The states of Oracle payables, which exports show: all but voided and pending ones mean that money went out.
    init?(printed text: String) {
        switch CaptionKey.of(text) {
        case "PAID", "CLEARED", "NEGOTIABLE", "ISSUED", "RECONCILED", "COMPLETED": self = .paid
        case "VOIDED", "VOID", "CANCELLED", "CANCELED", "STOPPED", "REVERSED": self = .voided
        case "PENDING", "SCHEDULED", "PROCESSING", "INPROCESS", "INPROGRESS", "UNPAID": self = .pending
        default: return nil
        }
    }
}

extension TableReading {
    /// Payments stream: each is opened with its first row, and its lines follow in batches.
    /// - Parameter routes: that every payment has.
    mutating func remittances<Sink: DocumentSink>(
        _ bytes: Span<UInt8>, routes: [String], _ sink: inout Sink
    ) throws(ReadFailure) {
        var payments: [RemittanceTable.Payment] = []
        var keys = AccountKeys(isNeeded: cells.tellAccounts)
        var byNumber: [String: Int] = [:]
        var batch = RemittanceBatch()
        while try next(bytes) {
            guard let number = cells.reference(bytes, .number) else {
                _ = cells.stated(.number, String?.none, of: "row \(cells.row)", .row(cells.row))
                try bound()
                continue
            }
            guard let key = keys.key(of: number, isAlone: false, cells.account(bytes, after: routes)) else {
                cells.unplaced(number)
                try bound()
                continue
            }
            var index = byNumber[key] ?? -1
            if index < 0 {
                var payment = RemittanceTable.Payment(number, cells.row)
                if table > 0 {
                    cells.flaw(.number, at: .row(cells.row), "\(number) names no payment of the table above", advice: "export again")
                }
                RemittanceTable.take(bytes, &cells, into: &payment)
                _ = cells.stated(.date, payment.head.date, of: number, .row(cells.row))
                let ids = cells.routes(bytes, after: routes) + [payment.payeeID].compactMap(\.self)
                for id in ids.isEmpty ? [""] : ids { sink.route(id) }
                payment.advice = try sink.begin(payment.head)
                index = payments.count
                byNumber[key] = index
                payments.append(payment)
            } else {
                RemittanceTable.take(bytes, &cells, into: &payments[index])
            }
            if cells.hasLine(bytes), let line = RemittanceTable.line(bytes, &cells, of: &payments[index]) {
                try batch.add(line, to: payments[index].advice, &sink)
            }
            try bound()
        }
        // a payment is open from its first row on: it cannot be refused alone
        if !cells.problems.isEmpty || !cells.flaws.isEmpty { throw .rejected(cells.problems + cells.flaws) }
        try batch.flush(&sink)
        for payment in payments {
            if payment.lines == 0, payment.head.status == .paid {
                sink.note(Note("payment-without-lines", at: payment.head.at, "payment \(payment.head.number) has no lines"))
            }
            try sink.end(payment.advice, RemittanceEnd(footing: payment.footing))
        }
        finishNotes(given: payments.count, &sink)
    }
}

/// Lines on their way to the sink.
private struct RemittanceBatch {
    private var lines: [RemittanceLine] = []
    private var advice = -1

    /// Lines handed over at once: enough to make the hand-over cheap, small enough to stay in the cache.
    private static let size = 512

    mutating func add<Sink: DocumentSink>(_ line: RemittanceLine, to advice: Int, _ sink: inout Sink) throws(ReadFailure) {
        if advice != self.advice || lines.count == Self.size {
            try flush(&sink)
            self.advice = advice
        }
        lines.append(line)
    }

    mutating func flush<Sink: DocumentSink>(_ sink: inout Sink) throws(ReadFailure) {
        guard !lines.isEmpty else { return }
        try sink.append(lines, to: advice)
        lines.removeAll(keepingCapacity: true)
    }
}
