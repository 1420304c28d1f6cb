import Trade

/// The end of the first pass over a REMADV: by which rule the lines come to the total, and what is said where they do not.
extension CheckREMADV {
    mutating func foot(_ reading: inout MessageReading) {
        if remittedLines == 0, total(0x31_32) == nil, total(0x31_31) == nil {
            if heading.status == .paid { heading.status = .pending }
            reading.note(
                "nothing-remitted", "the message states what is due and nowhere what is remitted (MOA+12); nothing of it counts as paid")
            return
        }
        let stated = total(0x31_32) ?? total(0x31_31)
        if let stated {
            heading.total = stated
            settle(against: stated, &reading)
        } else {
            // none of these is by its name what is remitted: it is the total only if the lines say so too
            for qualifier in [0x38_36, 0x31_32_38, 0x39, 0x33_39, 0x37_37] as [UInt32] where heading.total == nil {
                if let amount = total(qualifier), remitted.sum(REMADV.Rule()) == Int128(amount) {
                    heading.total = amount
                    footing = 0
                }
            }
            if heading.total == nil {
                reading.note("total-missing", "the message states no amount remitted in all (MOA+12 behind UNS)")
            }
        }
        if let dueLines {
            reading.remarks.note(
                rule.countsDue ? "net-derived" : "amount-missing", dueLines.at,
                rule.countsDue
                    ? "\(dueLines.count) lines state only what is due; they are taken as paid with it, since only so the payment foots"
                    : "\(dueLines.count) lines state only what is due and not what is remitted; they count as not paid")
        }
        if lines > 0, unpaidLines == lines {
            isRejection = heading.code == 0x32_33_39 && heading.total ?? 0 == 0  // 239
            if isRejection, heading.status == .paid { heading.status = .pending }
            reading.note("invoices-rejected", "nothing is paid: all \(lines) documents are remitted with 0")
        }
        let largest = remitted.plain.magnitude + remitted.credits.magnitude + remitted.debitMagnitude.magnitude
        if largest > UInt128(Int64.max) {
            reading.problem(at: reading.messagePlace, byte: reading.start, "the lines come to more than an amount can be")
        }
    }

    /// The standard reading first, then those that senders use; the one that foots to the total is taken.
    private mutating func settle(against total: Int64, _ reading: inout MessageReading) {
        var candidates: [REMADV.Rule] = []
        for (credit, debit) in [(-1, 1), (-1, -1), (1, 1), (1, -1)] as [(Int64, Int64)] {
            for countsDue in dueLines == nil ? [false] : [false, true] {
                candidates.append(REMADV.Rule(credit: credit, debit: debit, countsDue: countsDue))
            }
        }
        func difference(_ rule: REMADV.Rule) -> Int128 {
            remitted.sum(rule) + (rule.countsDue ? due.sum(rule) : 0) - Int128(total)
        }
        let extras = totals.filter { [0x31_36_35, 0x32_30_32, 0x32_37_45].contains($0.qualifier) && $0.amount != 0 }
        let extra = extras.reduce(Int128(0)) { $0 + Int128($1.amount) }
        if let exact = candidates.first(where: { difference($0) == 0 }) {
            rule = exact
            footing = 0
        } else if extra != 0, let sign = [1, -1].first(where: { difference(REMADV.Rule()) + Int128($0) * extra == 0 }) {
            footing = 0
            let at = Location.message(MessageTag.uns, 1, message: reading.message)
            adjustments = extras.map { Adjustment(amount: Int64(sign) * $0.amount, code: Self.text($0.qualifier), at: at) }
        } else {
            // booked by the signs by which it is off by least, the standard ones before others: what is told is what the lines come to.
            // That what is only due was paid is not taken for granted
            let signed = candidates.filter { !$0.countsDue }
            rule = signed.min { difference($0).magnitude < difference($1).magnitude } ?? rule
            footing = Int64(clamping: difference(rule).magnitude)
        }
        let reason = footing == 0 ? "only so it foots" : "it does not foot, and so it is off by least"
        if rule.credit > 0 { reading.note("credit-note-sign", "credit notes increase this payment: \(reason)") }
        if rule.debit < 0 { reading.note("debit-note-sign", "debit notes reduce this payment: \(reason)") }
    }

    private static func text(_ packed: UInt32) -> String {
        String(decoding: [UInt8(packed >> 16 & 255), UInt8(packed >> 8 & 255), UInt8(packed & 255)].filter { $0 > 0 }, as: UTF8.self)
    }
}
