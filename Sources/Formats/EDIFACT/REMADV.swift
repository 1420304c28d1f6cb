import Trade

/// REMADV remittance advice, D.93A to D.06A, EANCOM and the German energy market (segment table D.96A: FACTS §6; EANCOM 1997 and 2002:
/// https://ref.gs1.org/standards/eancom/1997/#zip:HTML/REMADV/).
///
///     UNH  BGM  DTM*  RFF*  FII*  PAI  FTX*
///     SG1  NAD  [CTA COM]                           payer (PR), payee (PE)
///     SG3  CUX  DTM                                 currency of the payment
///     SG4  DOC  MOA*  DTM*  RFF*  NAD*              a line
///       SG5  CUX  DTM                               its own rate
///       SG6  AJT  MOA  RFF  FTX*                    why it is not paid as billed
///       SG7  INP  FTX
///       SG8  DLI  MOA  PIA  DTM  SG9 SG10           not read: the amounts are contained in those of DOC
///     UNS  MOA*  UNT
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number | BGM 1004 |
/// | total | MOA+12 (or 11) behind UNS; else 86, 128, 9, 39 or 77 if the lines come to exactly that |
/// | status | paid; pending if no amount is remitted anywhere, or BGM is 239 and all is remitted with 0 (a rejection, whose reasons take nothing); voided if BGM 1225 is 1 (cancellation) |
/// | date | DTM 138, 203, 209, 137 |
/// | method | PAI 4461 |
/// | payer, payee | NAD PR, BY, MS; PE, SU, MR |
/// | currency | CUX: type 11, else usage 3, else the first; else MOA 6345 |
/// | exchange_rate | CUX 5402, if two currencies are named |
/// | reference, type | DOC 1004, 1001 |
/// | net | MOA+12 |
/// | gross, discount | MOA+9, MOA+52 |
/// | adjustments | AJT 4465, its RFF and FTX; together they are net − (gross − discount) |
/// | po, invoice | RFF+ON, RFF+IV |
/// | date | DTM 137, 3, 171 |
/// | text | FTX |
///
/// Two things are easily got wrong. The amounts of MOA+5 under AJT are "for information purposes only, i.e., not for calculation": what
/// a payment is short is due less discount less remitted, and nothing else. And an amount due that is not also remitted is not paid.
///
/// Signs: credit notes (81, 83, 261, 381, 396) reduce the payment whichever sign is written; debit notes (80, 84, 383) keep
/// the written one, unless the total shows that they are the payer's own, which reduce it too. All else keeps the written sign.
enum REMADV {
    static func read<Sink: DocumentSink>(
        _ reading: inout MessageReading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var check = CheckREMADV()
        try check.read(&reading, bytes)
        guard reading.settle(into: &sink) else { return }
        let end = reading.segments.position
        for id in check.heading.ids.all { reading.remarks.route(id, into: &sink) }
        let advice = try sink.begin(check.heading.advice(at: reading.messagePlace))
        var emission = EmissionREMADV(check, advice: advice)
        // without a detail the next segment is the next message's
        guard let detail = check.detail else { return try emission.finish(into: &sink) }
        reading.segments.position = detail
        swap(&emission.batch, &reading.lines)
        try emission.read(&reading, bytes, into: &sink)
        swap(&emission.batch, &reading.lines)
        reading.segments.position = end
    }

    /// How a document counts in the payment.
    enum Side { case plain, credit, debit }

    /// Element 1001: 380.
    static let commercialInvoice: UInt32 = 0x33_38_30

    /// Element 1001.
    static func kind(_ code: UInt32) -> (type: ReferenceType, side: Side) {
        switch code {
        case commercialInvoice: (.invoice, .plain)
        // 82 metered services, 325 pro forma, 326 partial, 384 corrected, 385 consolidated, 386 prepayment, 388 tax, 389 self-billed,
        // 393 factored
        case 0x38_32, 0x33_32_35, 0x33_32_36, 0x33_38_34, 0x33_38_35, 0x33_38_36, 0x33_38_38, 0x33_38_39, 0x33_39_33: (.invoice, .plain)
        // 381 credit note, 83 of financial adjustments, 81 of goods and services, 261 self-billed, 396 factored
        case 0x33_38_31, 0x38_33, 0x38_31, 0x32_36_31, 0x33_39_36: (.creditMemo, .credit)
        // 383 debit note, 84 of financial adjustments, 80 of goods and services
        case 0x33_38_33, 0x38_34, 0x38_30: (.debitMemo, .debit)
        case 0x32_32_30, 0x31_30_35: (.purchaseOrder, .plain)  // 220 order, 105 purchase order
        default: (.other, .plain)
        }
    }

    /// How the written amounts add up.
    struct Rule: Equatable {
        /// −1: credit notes reduce the payment; +1: they are the payer's, and increase it.
        var credit: Int64 = -1
        /// +1: debit notes count as written; −1: they are the payer's, and reduce it.
        var debit: Int64 = 1
        /// Whether a line without MOA+12 is paid with what is due less discount.
        var countsDue = false

        @inline(__always)
        func signed(_ amount: Int64, _ side: Side) -> Int64 {
            switch side {
            case .plain: amount
            case .credit: credit &* abs(amount)
            case .debit: debit > 0 ? amount : -abs(amount)
            }
        }
    }
}

/// What stands before the first DOC.
struct HeadingREMADV {
    var number = ""
    /// BGM 1001 and 1225.
    var code: UInt32 = 0
    var function: UInt32 = 0
    var status = PaymentStatus.paid
    var date: Day?
    var method: String?
    var total: Int64?
    var payer: Party?
    var payee: Party?
    /// Of the payment, and of the bills where CUX names another.
    var currency = Currency.unstated
    var billed = Currency.unstated
    var rate: ExactDecimal?
    var ids = RouteIDs()

    func advice(at: Location) -> RemittanceAdvice {
        RemittanceAdvice(
            number: number, currency: currency, at: at, payer: payer, payee: payee, date: date, method: method, status: status,
            voidReason: status == .voided ? "cancelled by the sender (BGM 1225 is 1)" : nil, total: total, exchangeRate: rate)
    }
}

/// The amounts of one DOC as written, minor units.
struct AmountsREMADV {
    var side = REMADV.Side.plain
    var due: Int64?
    var remitted: Int64?
    var discount: Int64?
    /// The amount due is in another currency than the payment.
    var isForeign = false

    /// What would be paid if due less discount were; nil if nothing is due in the payment's currency.
    @inline(__always)
    var expected: Int64? { due.map { $0 &- (discount ?? 0) } }
}

/// What the lines come to as written, apart for each side.
struct SumsREMADV {
    var plain: Int128 = 0
    var credits: Int128 = 0
    var debits: Int128 = 0
    var debitMagnitude: Int128 = 0

    @inline(__always)
    mutating func add(_ amount: Int64, _ side: REMADV.Side) {
        switch side {
        case .plain: plain &+= Int128(amount)
        case .credit: credits &+= Int128(amount.magnitude)
        case .debit:
            debits &+= Int128(amount)
            debitMagnitude &+= Int128(amount.magnitude)
        }
    }

    func sum(_ rule: REMADV.Rule) -> Int128 { plain + Int128(rule.credit) * credits + (rule.debit > 0 ? debits : -debitMagnitude) }
}

/// CUX: two times C504 (6347 usage, 6345 currency, 6343 type, 6348), 5402 rate.
struct CurrenciesREMADV {
    var currency: Currency?
    var billed: Currency?
    var rate: ExactDecimal?

    /// - Returns: nil if a code is no currency; the element is then named.
    init?(_ reading: borrowing MessageReading, _ bytes: RawSpan, wrong: inout Int) {
        var found: [(usage: UInt32, type: UInt32, currency: Currency)] = []
        for element in 1...2 where !reading.segments.isEmpty(element, 2, bytes) {
            guard let currency = Currency(code: reading.segments.text(element, 2, bytes)) else {
                wrong = element
                return nil
            }
            found.append((reading.segments.code(element, 1, bytes), reading.segments.code(element, 3, bytes), currency))
        }
        // type 11 payment currency; usage 3 target currency
        let own = found.first { $0.type == 0x31_31 } ?? found.first { $0.usage == 0x33 } ?? found.first
        currency = own?.currency
        billed = found.first { $0.currency != own?.currency }?.currency ?? currency
        if billed != currency { rate = reading.segments.decimal(3, 1, bytes) }
    }
}
