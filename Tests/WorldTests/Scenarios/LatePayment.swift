import Trade

extension Scenario {
    /// Invoices that are not paid, or not in time.
    static let latePayment: [Scenario] = [
        Scenario("never paid") { s in
            let bill = s.bill(terms: s.days(0...1) == 0 ? PaymentTerms(netDays: 30) : nil)
            s.late(bill, bill.total)
        },
        Scenario("30 EOM, never paid") { s in
            let bill = s.bill(on: s.start + s.days(1...45), terms: PaymentTerms(netDays: 30, basis: .endOfMonth))
            s.late(bill, bill.total)
        },
        Scenario("due on the last day of February or a quarter, never paid") { s in
            // net days chosen so that the due date falls on the last day of the next month
            let date = s.start + s.days(1...20)
            let last = s.endOfMonth(s.endOfMonth(date) + 1)
            let bill = s.bill(on: date, terms: PaymentTerms(netDays: last - date))
            s.late(bill, bill.total, from: last + s.grace + 1)
        },
        Scenario("a stated due date overrules net days") { s in
            let date = s.start + s.days(1...20)
            let bill = s.bill(on: date, terms: PaymentTerms(netDays: 10, dueDate: date + s.days(40...70)))
            s.late(bill, bill.total)
        },
        Scenario("paid on the last day of grace, advice on the next") { s in
            let bill = s.bill()
            let last = bill.due + s.grace
            _ = s.pay([.pays(bill, bill.total)], on: last, arrives: last + 1)
        },
        Scenario("30 EOM paid on its due date") { s in
            let bill = s.bill(terms: PaymentTerms(netDays: 30, basis: .endOfMonth))
            _ = s.pay([.pays(bill, bill.total)], on: bill.due, arrives: bill.due)
        },
        Scenario("paid a day after grace, or later") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total)], on: bill.due + s.grace + 1 + s.days(0...40))
            s.late(bill, bill.total, until: paid.arrives)
            s.tell(.paymentPaidLate, bill.number, bill.total, on: paid.arrives)
        },
        Scenario("paid in time, advice weeks later") { s in
            let bill = s.bill()
            let paid = s.pay([.pays(bill, bill.total)], on: bill.due, arrives: bill.due + s.grace + s.days(2...30))
            s.late(bill, bill.total, until: paid.arrives)
        },
        Scenario("the invoice's copy comes after it was late") { s in
            let date = s.start + 1
            let bill = s.bill(on: date, terms: PaymentTerms(netDays: 10), arrives: date + 10 + s.grace + s.days(2...40))
            s.late(bill, bill.total)
        },
        Scenario("only a deduction was taken: it does not pay") { s in
            let bill = s.bill()
            let part = s.part()
            let claim = s.pay([.claim(bill, "SC", -part)], on: s.early(bill))
            guard let closed = s.expiry(.shortage, taken: claim.date, bill) else { return }
            let first = bill.due + s.grace + 1
            s.late(bill, bill.total + part, until: max(first, closed))
            s.late(bill, bill.total, from: closed)
        },
        Scenario("half of it credited, never paid") { s in
            let bill = s.bill()
            _ = s.grant(bill.total / 2, on: bill, arrives: bill.arrives + s.days(0...9))
            s.late(bill, bill.total / 2)
        },
        Scenario("wholly credited, never paid") { s in
            let bill = s.bill()
            _ = s.grant(bill.total, on: bill, arrives: bill.arrives + s.days(0...9))
        },
        Scenario("dated before the opening, never paid") { s in
            guard let opening = s.account.opening else { return }
            _ = s.bill(on: opening - 1 - s.days(0...30), arrives: s.start + s.days(1...9))
        },
        Scenario("dated on the day of the opening, never paid") { s in
            guard let opening = s.account.opening else { return }
            let bill = s.bill(on: opening, arrives: s.start + s.days(1...9))
            s.late(bill, bill.total)
        },
    ]
}
