import Trade

extension Scenario {
    /// Too much, twice, taken back, voided.
    static let payments: [Scenario] = [
        Scenario("paid too much") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total + part)], on: s.early(bill))
            s.open(.paymentOver, bill.number, part, from: paid.arrives)
        },
        Scenario("paid too much by exactly the tolerance") { s in
            let bill = s.bill()
            _ = s.pay([.pays(bill, bill.total + s.tolerance)], on: s.early(bill))
        },
        Scenario("paid too much by one more than the tolerance") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total + s.tolerance + 1)], on: s.early(bill))
            s.open(.paymentOver, bill.number, s.tolerance + 1, from: paid.arrives)
        },
        Scenario("an excess taken back") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total + part)], on: s.early(bill))
            let back = s.pay([.takesBack(bill, part)], on: paid.date + s.days(3...20), arrives: paid.arrives + s.days(4...25))
            s.open(.paymentOver, bill.number, part, from: paid.arrives, until: back.arrives)
        },
        Scenario("more taken back than was too much: the rest is a deduction") { s in
            let bill = s.bill()
            let (part, rest) = (s.part(), s.part())
            let paid = s.pay([.pays(bill, bill.total + part)], on: s.early(bill))
            let back = s.pay(
                [.takesBack(bill, part + rest, beyondExcess: rest)], on: paid.date + s.days(3...9), arrives: paid.arrives + s.days(10...15))
            s.open(.paymentOver, bill.number, part, from: paid.arrives, until: back.arrives)
            s.open(.paymentShort, bill.number, rest, from: back.arrives, until: s.expiry(.other, taken: back.date, bill))
        },
        Scenario("paid in full twice") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total)], on: s.early(bill))
            let again = s.pay([.pays(bill, bill.total)], on: paid.date + s.days(1...20), arrives: paid.arrives + s.days(3...25))
            s.open(.paymentDuplicate, bill.number, bill.total, from: again.arrives)
        },
        Scenario("paid in full twice, the second taken back in part, then wholly") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total)], on: s.early(bill))
            let again = s.pay([.pays(bill, bill.total)], on: paid.date + 3, arrives: paid.arrives + 4)
            let part = bill.total / 4
            let some = s.pay([.takesBack(bill, part)], on: again.date + 5, arrives: again.arrives + 5)
            let rest = s.pay([.takesBack(bill, bill.total - part)], on: some.date + 5, arrives: some.arrives + 5)
            s.write(.paymentDuplicate, bill.number, bill.total, from: again.arrives)
            s.write(.paymentDuplicate, bill.number, bill.total - part, from: some.arrives)
            s.write(.paymentDuplicate, bill.number, nil, from: rest.arrives)
        },
        Scenario("paid in full, then a half again: too much, not twice") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total)], on: s.early(bill))
            let again = s.pay([.pays(bill, bill.total / 2)], on: paid.date + 3, arrives: paid.arrives + 4)
            s.open(.paymentOver, bill.number, bill.total / 2, from: again.arrives)
        },
        Scenario("in full twice within the tolerance, with the discount") { s in
            let bill = s.bill(terms: PaymentTerms(netDays: 60, discountPercent: ExactDecimal(2), discountDays: 30))
            let full = bill.total - bill.total / 50
            let paid = s.pay([.pays(bill, full, discount: bill.total / 50)], on: bill.date + 5)
            let again = s.pay([.pays(bill, full - s.tolerance)], on: bill.date + 20, arrives: max(paid.arrives + 1, bill.date + 20))
            s.open(.paymentDuplicate, bill.number, full - s.tolerance, from: again.arrives)
        },
        Scenario("voided, and paid again in time") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total)], on: s.early(bill), counts: false)
            let void = s.void(paid, on: paid.arrives + s.days(1...6))
            s.open(.paymentVoided, paid.number, paid.total, from: void)
            _ = s.pay([.pays(bill, bill.total)], on: bill.due, arrives: bill.due + s.days(0...1))
        },
        Scenario("voided, and never paid again") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total)], on: s.early(bill), counts: false)
            let void = s.void(paid, on: max(paid.arrives + 1, bill.due + s.days(-20...40)))
            s.open(.paymentVoided, paid.number, paid.total, from: void)
            s.late(bill, bill.total, from: void)
        },
        Scenario("announced as pending, then paid") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total)], on: s.early(bill), arrives: bill.arrives + 10, status: .pending)
            s.again(paid, status: .paid, on: paid.arrives + s.days(1...4))
        },
    ]

    /// Lines that nobody can put to an invoice.
    static let unmatched: [Scenario] = [
        Scenario("pays a number that nobody knows") { s in
            let number = s.invoiceNumber()
            let part = s.part()
            let paid = s.pay([.pays(unknown: number, part)], on: s.start + s.days(1...40))
            s.open(.paymentUnmatched, number, part, from: paid.arrives + s.account.unmatchedDays)
        },
        Scenario("the invoice comes long after its payment") { s in
            let date = s.start + s.days(1...9)
            let comes = date + 4 + s.account.unmatchedDays + s.days(1...20)
            let bill = s.bill(on: date, arrives: comes)
            let paid = s.pay([.pays(bill, bill.total)], on: date + 2, arrives: date + s.days(2...4))
            s.open(.paymentUnmatched, bill.number, bill.total, from: paid.arrives + s.account.unmatchedDays, until: comes)
        },
        Scenario("the invoice comes on the last day of waiting") { s in
            let date = s.start + s.days(1...9)
            let bill = s.bill(on: date, arrives: date + 2 + s.account.unmatchedDays)
            _ = s.pay([.pays(bill, bill.total)], on: date + 2, arrives: date + 2)
        },
        Scenario("in a currency of its own, without a rate") { s in
            let other = s.currency.code == "CHF" ? "SEK" : "CHF"
            guard let foreign = Currency(code: other) else { return }
            let bill = s.bill()
            var entry = Entry.pays(unknown: bill.number, bill.total, currency: foreign)
            entry.line.date = bill.date
            let paid = s.pay([entry], on: s.early(bill), arrives: bill.date + 21)
            s.write(
                .paymentUnmatched, bill.number, bill.total, from: paid.arrives, currency: foreign, details: ["reason": "currency"])
            s.late(bill, bill.total)
        },
    ]

    /// Lines in another currency, with a rate: payment currency ÷ line currency.
    static let rates: [Scenario] = [
        Scenario("in a currency of its own, at a rate of two") { s in
            // as many decimals as ours, so that the rate is exact in minor units
            let like = ["JPY": "KRW", "KWD": "BHD"][s.currency.code] ?? "CHF"
            guard let foreign = Currency(code: like) else { return }
            let bill = s.bill()
            let part = s.part()
            let short = s.chance(50) ? 2 * part : 0
            var entry = Entry.pays(bill, bill.total / 2 - short / 2)
            entry.line.currency = foreign
            entry.root = nil
            let paid = s.pay([entry], on: s.early(bill), rate: ExactDecimal(2))
            s.planted[bill.key] = bill.total - short
            if short > 0 { s.open(.paymentShort, bill.number, short, from: paid.arrives) }
        }
    ]

    /// Remittance advices that do not agree with themselves or with one another.
    static let remittances: [Scenario] = [
        Scenario("the total is not the sum of the lines") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total)], on: s.early(bill), off: s.chance(50) ? part : -part)
            s.open(.remittanceUnbalanced, paid.number, part, from: paid.arrives)
        },
        Scenario("one that does not foot, then the same number that does") { s in
            let bill = s.bill()
            let (part, off) = (s.part(), s.part())
            let number = s.paymentNumber()
            let date = s.early(bill)
            let first = s.pay([.pays(bill, bill.total - part)], on: date, number: number, off: off, counts: false)
            let second = s.pay([.pays(bill, bill.total)], on: date, arrives: first.arrives + s.days(1...9), number: number)
            s.open(.remittanceUnbalanced, number, off, from: first.arrives, until: second.arrives)
            s.open(.paymentShort, bill.number, part, from: first.arrives, until: second.arrives)
            s.open(.remittanceConflict, number, abs(second.total - first.total), from: second.arrives)
        },
        Scenario("the same number with another line: the first stays") { s in
            let bill = s.bill()
            let part = s.part()
            let number = s.paymentNumber()
            let unknown = s.invoiceNumber()
            let date = s.early(bill)
            let sequence = s.sequence()
            let first = s.pay([.pays(bill, bill.total)], on: date, number: number, sequence: sequence)
            let second = s.pay(
                [.pays(bill, bill.total), .pays(unknown: unknown, part)], on: date, arrives: first.arrives + s.days(1...9),
                number: number, counts: false, sequence: sequence)
            s.open(.remittanceConflict, number, part, from: second.arrives)
        },
        Scenario("the same number with its lines in another order") { s in
            let (a, b) = (s.bill(), s.bill())
            let number = s.paymentNumber()
            let date = max(a.date, b.date) + s.days(2...5)
            let lines = [Entry.pays(a, a.total), .pays(b, b.total)]
            let first = s.pay(lines, on: date, arrives: date + 3, number: number)
            _ = s.pay(lines.reversed(), on: date, arrives: first.arrives + s.days(1...9), number: number, counts: false)
        },
        Scenario("a conflict before the opening") { s in
            guard let opening = s.account.opening else { return }
            let number = s.paymentNumber()
            let sequence = s.sequence()
            let date = opening - s.days(1...20)
            for turn in 1...2 {
                let unknown = s.invoiceNumber()
                _ = s.pay(
                    [.pays(unknown: unknown, s.part())], on: date, arrives: s.start + turn, number: number, off: 77, sequence: sequence)
            }
        },
        Scenario("one remittance over many invoices") { s in
            let bills = (0..<s.days(5...12)).map { _ in s.bill() }
            let date = (bills.map(\.date).max() ?? s.start) + 3
            let unlucky = s.days(0...(bills.count - 1))
            let part = s.part()
            let paid = s.pay(
                bills.enumerated().map { .pays($1, $0 == unlucky ? $1.total - part : $1.total) }, on: date, arrives: date + 1)
            s.open(.paymentShort, bills[unlucky].number, part, from: paid.arrives)
        },
    ]
}

extension Script {
    /// A later export says that the payment was voided.
    mutating func void(_ advice: Advice, on day: Day) -> Day {
        again(advice, status: .voided, on: day)
        return day
    }

    mutating func again(_ advice: Advice, status: PaymentStatus, on day: Day) {
        guard case .remittance(var head, let lines, let end) = advice.paper else { return }
        head.status = status
        deliver(.remittance(head, lines, end), on: day)
    }
}
