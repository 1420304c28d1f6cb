import Trade

extension Scenario {
    /// Invoices paid with less than what was expected.
    static let shortPayment: [Scenario] = [
        Scenario("short without a word") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total - part)], on: s.early(bill))
            s.open(
                .paymentShort, bill.number, part, from: paid.arrives,
                details: ["unexplained": s.currency.text(part), "expected": s.currency.text(bill.total)])
        },
        Scenario("short by exactly the tolerance") { s in
            let bill = s.bill()
            _ = s.pay([.pays(bill, bill.total - s.tolerance)], on: s.early(bill))
        },
        Scenario("short by one more than the tolerance") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total - s.tolerance - 1)], on: s.early(bill))
            s.open(.paymentShort, bill.number, s.tolerance + 1, from: paid.arrives)
        },
        Scenario("paid in parts") { s in
            let bill = s.bill()
            var (rest, day, count) = (bill.total, s.early(bill), s.days(1...3))
            while count > 0 {
                let part = rest / 3
                rest -= part
                let paid = s.pay([.pays(bill, part)], on: day, arrives: day + 1)
                s.write(.paymentShort, bill.number, rest, from: paid.arrives)
                day = day + 2
                count -= 1
            }
            let last = s.pay([.pays(bill, rest)], on: day, arrives: day + s.days(0...1))
            s.write(.paymentShort, bill.number, nil, from: last.arrives)
        },
        Scenario("the last part comes after grace") { s in
            let bill = s.bill()
            let half = bill.total / 2
            let first = s.pay([.pays(bill, half)], on: s.early(bill))
            let second = s.pay([.pays(bill, half)], on: bill.due + s.grace + s.days(1...20))
            s.open(.paymentShort, bill.number, half, from: first.arrives, until: second.arrives)
            s.tell(.paymentPaidLate, bill.number, bill.total, on: second.arrives)
        },
        Scenario("an adjustment inside the line") { s in
            let bill = s.bill()
            let part = s.part()
            let debit = s.debitNumber()
            var entry = Entry.pays(bill, bill.total - part)
            entry.line.gross = bill.total
            // 59: item not received
            entry.line.adjustments = [Adjustment(amount: -part, code: "59", reference: debit, at: .file)]
            let paid = s.pay([entry], on: s.early(bill))
            s.deduct(part, debit, on: paid.arrives, dated: paid.date)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
        },
        Scenario("an adjustment beside the lines that names the claim") { s in
            let bill = s.bill()
            let part = s.part()
            let claim = bill.number + "SC"
            let paid = s.pay(
                [.pays(bill, bill.total)], on: s.early(bill),
                beside: [Adjustment(amount: -part, code: "59", reference: claim, at: .file)])
            s.planted[bill.key, default: 0] -= part
            s.deduct(part, claim, on: paid.arrives, dated: paid.date)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
        },
        Scenario("paid less by a credit that we granted") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total - part)], on: s.early(bill))
            let granted = paid.date + s.days(-3...8)
            _ = s.grant(part, on: bill, arrives: granted)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: max(granted, paid.arrives))
        },
        Scenario("paid in full, our memo taken as a line") { s in
            let bill = s.bill()
            let part = s.part()
            let memo = s.grant(part, on: bill, arrives: bill.arrives)
            _ = s.pay([.pays(bill, bill.total), .memo(memo, -part, on: bill)], on: s.early(bill))
        },
        Scenario("our memo granted once and taken twice") { s in
            let bill = s.bill()
            let part = s.part()
            let memo = s.grant(part, on: bill, arrives: bill.arrives)
            let day = s.early(bill)
            let paid = s.pay([.pays(bill, bill.total), .memo(memo, -part, on: bill)], on: day)
            let again = s.pay([.memo(memo, -part, on: bill)], on: day + s.days(1...9), arrives: paid.arrives + s.days(8...12))
            s.open(.paymentShort, bill.number, part, from: again.arrives)
        },
        Scenario("short before the opening") { s in
            guard let opening = s.account.opening else { return }
            let bill = s.bill(on: opening - s.days(1...30), arrives: s.start + 1)
            _ = s.pay([.pays(bill, bill.total - s.part())], on: s.start + s.days(1...5))
        },
    ]
}

extension Entry {
    /// A memo of ours, applied.
    static func memo(_ number: String, _ net: Int64, on bill: Bill) -> Entry {
        var entry = Entry.debit(number, net, isDeduction: false)
        entry.root = bill.key
        return entry
    }
}

extension Currency {
    func text(_ minor: Int64) -> JSON { .string(Money.decimal(minor, exponent: exponent)) }
}
