import Trade

extension Scenario {
    /// Invoice numbers: twice, malformed, written otherwise, ending like a claim.
    static let numbers: [Scenario] = [
        Scenario("two invoices under one number") { s in
            let bill = s.bill()
            let other = s.bill(
                bill.total + s.part(), on: bill.date + s.days(1...9), number: bill.number, arrives: bill.arrives + s.days(8...20))
            _ = s.pay([.pays(bill, bill.total)], on: bill.date + 5)
            s.open(.invoiceDuplicateNumber, bill.number, max(bill.total, other.total), from: other.arrives)
        },
        Scenario("two invoices of one total under one number") { s in
            let bill = s.bill(po: s.orderNumber())
            let other = s.bill(
                bill.total, on: bill.date + s.days(1...9), number: bill.number, po: s.orderNumber(), arrives: bill.arrives + 12)
            _ = s.pay([.pays(bill, bill.total)], on: bill.date + 5)
            s.open(.invoiceDuplicateNumber, bill.number, bill.total, from: other.arrives)
        },
        Scenario("the same invoice again in another file") { s in
            let bill = s.bill()
            _ = s.bill(bill.total, on: bill.date, number: bill.number, arrives: bill.arrives + s.days(1...20))
            _ = s.pay([.pays(bill, bill.total)], on: s.early(bill))
        },
        Scenario("the same invoice again, its number written otherwise") { s in
            let bill = s.bill(number: s.slashed())
            _ = s.bill(
                bill.total, on: bill.date, number: bill.number.replacing("/", with: "_"), arrives: bill.arrives + s.days(1...20))
            _ = s.pay([.pays(bill, bill.total)], on: s.early(bill))
        },
        Scenario("a number that is not of the pattern") { s in
            let bill = s.bill(number: "acme \(s.numbers.take())")
            _ = s.pay([.pays(bill, bill.total)], on: s.early(bill))
            if s.account.invoicePattern != nil { s.open(.invoiceMalformed, bill.number, bill.total, from: bill.arrives) }
        },
        Scenario("a malformed number before the opening") { s in
            guard let opening = s.account.opening else { return }
            let bill = s.bill(on: opening - 3, number: "acme \(s.numbers.take())", arrives: s.start + 1)
            _ = s.pay([.pays(bill, bill.total)], on: s.start + 2)
        },
        Scenario("an own number that ends in SC, beside its stem") { s in
            let stem = s.bill()
            let bill = s.bill(number: stem.number + "SC")
            _ = s.pay([.pays(bill, bill.total)], on: s.early(bill))
            _ = s.pay([.pays(stem, stem.total)], on: s.early(stem))
        },
        Scenario("an own number that ends in SC, and a claim on it") { s in
            let stem = s.bill()
            let bill = s.bill(number: stem.number + "SC")
            let part = s.part()
            _ = s.pay([.pays(stem, stem.total)], on: s.early(stem))
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: s.early(bill))
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
        },
        Scenario("an own number that ends in R") { s in
            let bill = s.bill(number: s.invoiceNumber() + "R")
            _ = s.pay([.pays(bill, bill.total)], on: s.early(bill))
        },
        Scenario("separators dropped in the remittance") { s in
            let bill = s.bill(number: s.slashed())
            _ = s.pay([.pays(bill, bill.total, as: bill.key)], on: s.early(bill))
        },
        Scenario("dash, underscore and case differ") { s in
            let bill = s.bill(number: s.dashed())
            let written = bill.number.lowercased().replacing("-", with: "_")
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total - part, as: written)], on: s.early(bill))
            s.open(.paymentShort, bill.number, part, from: paid.arrives)
        },
    ]
}

extension Script {
    /// `AC-213-37`.
    fileprivate mutating func dashed() -> String {
        let number = numbers.take() / 7 % 900 + 100
        return owned("AC-\(number)-\(days(10...99))")
    }

    /// `VBE/2024/02/00365`.
    fileprivate mutating func slashed() -> String {
        let number = numbers.take() % 100_000
        let (year, month, _) = start.components
        let padded = String(repeating: "0", count: 5 - String(number).count) + String(number)
        return owned("VBE/\(year)/\(month < 10 ? "0" : "")\(month)/\(padded)")
    }
}
