import Trade

/// 820 Payment Order/Remittance Advice, releases 003030 to 005010 (X12.82; FACTS: https://stedi.com/edi/x12-004010/820).
///
///     ST  BPR  NTE*  TRN  CUR  REF*  DTM*
///     N1 loop    N1 N2 N3 N4 REF PER               payer (PR), payee (PE)
///     ENT loop   ENT
///       NM1 loop   NM1 REF PER
///       ADX loop   ADX NTE PER REF DTM             an adjustment of the payment as a whole
///       RMR loop   RMR NTE REF DTM                 a line
///         IT1 loop   IT1 REF SAC SLN               not read
///         ADX loop   ADX NTE PER REF DTM           an adjustment of the line
///     SE
///
/// What is taken from where:
///
/// | field | from |
/// |---|---|
/// | number | TRN02, else REF*CK, EF, TN, BM of the heading, else ST02 |
/// | total | BPR02; negative with BPR03 = D, unless it foots only as written |
/// | method | BPR04 |
/// | date | BPR16 (or BPR15, where senders leave an element out), else DTM 020, 097, 007, 009, 050 |
/// | currency, exchange rate | CUR02, CUR03; a line's own from a CUR behind its RMR or its ENT (`LineCurrencies`) |
/// | reference, type | RMR02, RMR01 |
/// | net | RMR04 + the line's ADX01; by which sign, and whether credit memos are written positive, tells BPR02 (`Sums820`) |
/// | gross, discount | RMR05, RMR06 |
/// | adjustments | ADX; RMR07/08 where RMR05 − RMR06 ± RMR08 = RMR04 |
/// | po, invoice, return | REF*PO; REF*IV, REF*OI; REF*RZ |
/// | date | DTM*003, else DTM*999 |
/// | text | NTE02 |
enum RemittanceAdvice820 {
    static func read<Sink: DocumentSink>(
        _ reading: inout Reading, _ bytes: RawSpan, into sink: inout Sink
    ) throws(ReadFailure) {
        var check = Check820()
        try check.read(&reading, bytes)
        guard reading.settle(into: &sink) else { return }
        let end = reading.segments.position
        for id in check.heading.ids { reading.route(id, into: &sink) }
        let advice = try sink.begin(check.heading.advice(set: reading.set))
        var emission = Emission820(check, advice: advice)
        // without a detail the next segment is the next set's
        guard let detail = check.detail else { return try emission.finish(into: &sink) }
        reading.segments.position = detail
        swap(&emission.batch, &reading.lines)
        try emission.read(&reading, bytes, into: &sink)
        swap(&emission.batch, &reading.lines)
        reading.segments.position = end
    }

    /// Elements of RMR that are money, in minor units.
    struct Amounts {
        /// RMR04, before ADX.
        var net: Int64
        var gross: Int64?
        var discount: Int64?
        /// RMR08, signed for the payee, if its sign follows from the others.
        var adjustment: Int64?
        var isDerived = false
        var isUnclear = false
        var isTurned = false
        /// RMR06 is written with the other sign than RMR05.
        var isDiscountTurned = false

        init(
            net: Int64, gross: Int64? = nil, discount: Int64? = nil, isDerived: Bool = false, isUnclear: Bool = false,
            isDiscountTurned: Bool = false
        ) {
            self.net = net
            self.gross = gross
            self.discount = discount
            self.isDerived = isDerived
            self.isUnclear = isUnclear
            self.isDiscountTurned = isDiscountTurned
        }

        @inline(__always)
        init(_ line: Segments.PlainLine) {
            net = line.net
            gross = line.gross
            discount = line.discount
        }

        /// The same amounts with the other sign.
        var negated: Amounts {
            var other = self
            other.net = -net
            other.gross = gross.map { -$0 }
            other.discount = discount.map { -$0 }
            other.adjustment = adjustment.map { -$0 }
            return other
        }
    }

    /// Segments go `inout` through here though nothing changes them: borrowed out of what holds them, they would be copied for each line.
    ///
    /// RMR04 amount paid, 05 amount before terms discount, 06 discount, 07/08 adjustment.
    /// - Returns: nil if one of them is wrong; `element` then names it.
    static func amounts(_ segments: inout Segments, _ bytes: RawSpan, exponent: Int, wrong element: inout Int) -> Amounts? {
        let paid = segments.amount(4, bytes, exponent: exponent)
        switch paid {
        case .value(let net): if segments.elementCount == 4 { return Amounts(net: net) }
        case .empty: break
        default:
            element = 4
            return nil
        }
        guard let gross = optional(5, &segments, bytes, exponent, &element),
            let written = optional(6, &segments, bytes, exponent, &element),
            let adjustment = optional(8, &segments, bytes, exponent, &element)
        else { return nil }
        let (discount, isDiscountTurned) = signed(discount: written, gross: gross, adjustment: adjustment, paid: paid)
        let before = gross.map { $0 - (discount ?? 0) }
        switch paid {
        case .value(let net):
            // RMR05 = 0 beside an amount paid is a filler of premium payments, not a gross of nothing
            guard let gross, let before, gross != 0 || net == 0 else {
                return Amounts(net: net, discount: discount, isUnclear: (adjustment ?? 0) != 0)
            }
            var amounts = Amounts(net: net, gross: gross, discount: discount, isDiscountTurned: isDiscountTurned)
            if net < 0, gross > 0, -before == net {
                // a credit whose gross is written without its sign
                amounts.gross = -gross
                amounts.discount = discount.map { -$0 }
                amounts.isTurned = true
            }
            if let adjustment, adjustment != 0 {
                if before - abs(adjustment) == net {
                    amounts.adjustment = -abs(adjustment)
                } else if before + abs(adjustment) == net {
                    amounts.adjustment = abs(adjustment)
                } else {
                    amounts.isUnclear = true
                }
            }
            return amounts
        case .empty:
            // without RMR04 the gross less discount is what is paid, if nothing else is said
            if let before, let gross, gross != 0, (adjustment ?? 0) == 0 {
                return Amounts(net: before, gross: gross, discount: discount, isDerived: true, isDiscountTurned: isDiscountTurned)
            }
            element = 4
            return nil
        default:
            element = 4
            return nil
        }
    }

    /// A discount reduces what is paid. One written with the other sign than its gross (RMR05 100, RMR06 -2) is turned where RMR04 is
    /// reached only so; without RMR04 nothing can say that it adds.
    private static func signed(
        discount: Int64?, gross: Int64?, adjustment: Int64?, paid: AmountText
    ) -> (discount: Int64?, isTurned: Bool) {
        guard let discount, let gross, discount != 0, gross != 0, (discount < 0) != (gross < 0) else { return (discount, false) }
        guard case .value(let net) = paid else { return (-discount, true) }
        let further = abs(adjustment ?? 0)
        func leads(_ before: Int64) -> Bool {
            before == net || before - further == net || before + further == net || net < 0 && gross > 0 && -before == net
        }
        return !leads(gross - discount) && leads(gross + discount) ? (-discount, true) : (discount, false)
    }

    /// An amount that may be absent: `.some(nil)`. Nil if it is no amount.
    @inline(__always)
    private static func optional(
        _ number: Int, _ segments: inout Segments, _ bytes: RawSpan, _ exponent: Int, _ wrong: inout Int
    ) -> Int64?? {
        guard number <= segments.elementCount else { return .some(nil) }
        switch segments.amount(number, bytes, exponent: exponent) {
        case .value(let value): return value
        case .empty: return .some(nil)
        default:
            wrong = number
            return nil
        }
    }

    /// RMR01, element 128. What is a bill is an invoice, whatever the payer calls it; account, policy and customer numbers
    /// (11, 12, AZ, ID, WY…) name no document and are `other`.
    static func type(_ qualifier: UInt32) -> ReferenceType {
        switch qualifier {
        case invoice, 0x49_4B, 0x4F_49, 0x41_50, 0x52_37, 0x56_49: .invoice  // IV IK OI AP R7 VI
        case 0x43_4D, 0x43_4C: .creditMemo  // CM CL
        case 0x44_4D, 0x44_42, 0x44_4C: .debitMemo  // DM DB DL
        case 0x50_4F, 0x56_4E: .purchaseOrder  // PO VN
        case 0x4F_53, 0x52_5A, 0x52_47: .return  // OS RZ RG
        case 0x43_54, 0x41_48: .agreement  // CT AH
        default: .other
        }
    }

    /// Element 426 codes 52 and 53 (credit for, remittance for a previous payment) on an ADX of the line's own amount
    /// repeat the line instead of adjusting it (premium payments).
    @inline(__always)
    static func repeats(_ adjustment: Int64, _ code: UInt32, of line: Int64) -> Bool {
        (code == 0x35_32 || code == 0x35_33) && adjustment == line
    }

    /// A credit memo whose amount is written without a minus: what its amounts mean, only the total of the payment tells.
    @inline(__always)
    static func isPositiveCredit(_ net: Int64, _ qualifier: UInt32) -> Bool {
        net > 0 && qualifier != invoice && type(qualifier) == .creditMemo
    }

    /// RMR01: IV.
    static let invoice: UInt32 = 0x49_56

    /// The sign with which what the ADX of a line come to leads from RMR05 − RMR06 to RMR04: then they may only say why that is paid.
    /// - Returns: 0 if they do not.
    static func explanation(of amounts: Amounts, by written: Int64) -> Int64 {
        guard let gross = amounts.gross, written != 0 else { return 0 }
        let open = Int128(amounts.net) - Int128(gross) + Int128(amounts.discount ?? 0)
        return open == Int128(written) ? 1 : open == -Int128(written) ? -1 : 0
    }
}

/// How the amounts of ADX add to the payment.
struct AdjustmentRule {
    /// +1: a positive ADX01 increases the payment (release 003050 and later); −1: it reduces it (003040 and before).
    var sign: Int64
    /// Whether an ADX that repeats its line is counted.
    var countsRepeats = false
    /// Whether the ADX of a line that lead from RMR05 − RMR06 to RMR04 are in RMR04 already.
    var explainsLines = false
    /// Whether credit memos that are written positive are subtracted.
    var turnsCredits = false
}

/// The first segments of an 820, up to the first ENT, RMR or ADX.
struct Heading820 {
    var number: String?
    var bpr: Int?
    var total: Int64?
    /// BPR03, if it is D beside a positive total.
    var debit: Location?
    var method: String?
    var date: Day?
    var currency: Currency?
    var rate: ExactDecimal?
    var payer: Party?
    var payee: Party?
    /// Identifiers that may route to an account.
    private(set) var ids: [String] = []

    mutating func route(_ id: String) {
        if !id.isEmpty, ids.count < Bounds.idsPerSet, !ids.contains(id) { ids.append(id) }
    }

    /// What BPR03 = D came to mean.
    func noteDebit(_ reading: inout Reading, isWritten: Bool) {
        guard let place = debit else { return }
        if isWritten {
            reading.note(
                "debit-as-written", place, "BPR03 is D (debit), but the payment foots only as it is written; the total stays positive")
        } else {
            reading.note("debit-payment", place, "BPR03 is D: the payee is debited, the total is negative")
        }
    }

    func advice(set: Int) -> RemittanceAdvice {
        RemittanceAdvice(
            number: number ?? "", currency: currency ?? .unstated, at: .segment(Tag.st, 1, set: set), payer: payer, payee: payee,
            date: date, method: method, total: total, exchangeRate: rate)
    }
}
