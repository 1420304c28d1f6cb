import Trade

extension Scenario {
    /// A percent that is granted, and the last day on which it is.
    private static func terms(_ s: inout Script, basis: TermsBasis = .invoiceDate) -> (terms: PaymentTerms, percent: Int64, days: Int) {
        let percent = s.days(1...3)
        let days = s.days(8...20)
        return (
            PaymentTerms(netDays: 60, discountPercent: ExactDecimal(percent), discountDays: days, basis: basis), Int64(percent), days
        )
    }

    /// Discounts, earned and not.
    static let discounts: [Scenario] = [
        Scenario("the discount taken on its last day") { s in
            let (terms, percent, days) = terms(&s)
            let bill = s.bill(terms: terms)
            let discount = bill.total / 100 * percent
            _ = s.pay([.pays(bill, bill.total - discount, discount: discount)], on: bill.date + days)
        },
        Scenario("the discount taken a day late") { s in
            let (terms, percent, days) = terms(&s)
            let bill = s.bill(terms: terms)
            let discount = bill.total / 100 * percent
            let paid = s.pay([.pays(bill, bill.total - discount, discount: discount)], on: bill.date + days + 1)
            s.open(.paymentDiscountUnearned, bill.number, discount, from: paid.arrives)
        },
        Scenario("the discount taken on its last day after the end of the month") { s in
            let (terms, percent, days) = terms(&s, basis: .endOfMonth)
            let bill = s.bill(terms: terms)
            let discount = bill.total / 100 * percent
            let isLate = s.chance(50)
            let paid = s.pay(
                [.pays(bill, bill.total - discount, discount: discount)], on: s.endOfMonth(bill.date) + days + (isLate ? 1 : 0))
            if isLate { s.open(.paymentDiscountUnearned, bill.number, discount, from: paid.arrives) }
        },
        Scenario("a percent more than was agreed") { s in
            let (terms, percent, days) = terms(&s)
            let bill = s.bill(terms: terms)
            let earned = bill.total / 100 * percent
            let taken = bill.total / 100 * (percent + 1)
            let paid = s.pay([.pays(bill, bill.total - taken, discount: taken)], on: bill.date + days - s.days(0...5))
            s.open(.paymentDiscountUnearned, bill.number, taken - earned, from: paid.arrives)
        },
        Scenario("a discount where the invoice grants none") { s in
            let bill = s.bill(terms: PaymentTerms(netDays: 45))
            let taken = bill.total / 50
            let paid = s.pay([.pays(bill, bill.total - taken, discount: taken)], on: bill.date + s.days(4...9))
            s.open(.paymentDiscountUnearned, bill.number, taken, from: paid.arrives)
        },
        Scenario("the percent of the total, or of what is net of tax") { s in
            let (terms, percent, days) = terms(&s)
            let total = s.total()
            let tax = total / 5
            let bill = s.bill(total, terms: terms, tax: tax)
            let ofTotal = total / 100 * percent
            let ofNet = (total - tax) / 100 * percent
            let paid = s.pay([.pays(bill, total - ofTotal, discount: ofTotal)], on: bill.date + days)
            if s.account.discountBase == .netOfTax { s.open(.paymentDiscountUnearned, bill.number, ofTotal - ofNet, from: paid.arrives) }
        },
        Scenario("a percent that leaves half a minor unit") { s in
            // 1 % of …50 minor units: rounded half away from zero
            let total = s.total() + 50
            let bill = s.bill(total, terms: PaymentTerms(netDays: 60, discountPercent: ExactDecimal(1), discountDays: 10))
            let earned = (total + 50) / 100
            let paid = s.pay(
                [.pays(bill, total - earned - s.tolerance - 1, discount: earned + s.tolerance + 1)], on: bill.date + s.days(3...10))
            s.open(.paymentDiscountUnearned, bill.number, s.tolerance + 1, from: paid.arrives)
        },
        Scenario("paid at once, and no discount taken") { s in
            let (terms, _, _) = terms(&s)
            let bill = s.bill(terms: terms)
            _ = s.pay([.pays(bill, bill.total)], on: bill.date + 2)
        },
        Scenario("short, and the discount a day late: each euro in one of them") { s in
            let (terms, percent, days) = terms(&s)
            let bill = s.bill(terms: terms)
            let discount = bill.total / 100 * percent
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total - discount - part, discount: discount)], on: bill.date + days + 1)
            s.open(.paymentDiscountUnearned, bill.number, discount, from: paid.arrives)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, details: ["unexplained": s.currency.text(part)])
        },
        Scenario("a claim net of the discount, its reversal gross") { s in
            let (terms, percent, days) = terms(&s)
            let bill = s.bill(terms: terms)
            let discount = bill.total / 100 * percent
            let gross: Int64 = Int64(s.days(2...9)) * 1_000
            let net = gross - gross / 100 * percent
            let paid = s.pay([.pays(bill, bill.total - discount, discount: discount)], on: bill.date + days)
            let claim = s.pay([.claim(bill, "SC", -net)], on: paid.date + s.days(1...5), arrives: paid.arrives + 6)
            let reversal = s.pay([.claim(bill, "SCR", gross)], on: claim.date + s.days(10...20))
            s.open(.paymentShort, bill.number, net, from: claim.arrives, until: reversal.arrives)
        },
    ]
}
