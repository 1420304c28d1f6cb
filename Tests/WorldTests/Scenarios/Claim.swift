import Trade

extension Scenario {
    /// Claims on an invoice, round after round.
    static let claims: [Scenario] = [
        Scenario("a claim whose window closes") { s in
            let bill = s.bill()
            let part = s.part()
            let kind: (chain: String, deduction: DeductionClass) = s.chance(50) ? ("SC", .shortage) : ("PC", .price)
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, kind.chain, -part)], on: s.early(bill))
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(kind.deduction, taken: paid.date, bill))
        },
        Scenario("claimed after the due date: the window counts from there") { s in
            let bill = s.bill()
            let part = s.part()
            _ = s.pay([.pays(bill, bill.total)], on: s.early(bill))
            let claim = s.pay([.claim(bill, "SC", -part)], on: bill.due + s.days(1...40))
            s.open(.paymentShort, bill.number, part, from: claim.arrives, until: s.expiry(.shortage, taken: claim.date, bill))
        },
        Scenario("a claim, and a part of it unexplained") { s in
            let bill = s.bill()
            let (part, rest) = (s.part(), s.part())
            let paid = s.pay([.pays(bill, bill.total - rest), .claim(bill, "SC", -part)], on: s.early(bill))
            s.write(.paymentShort, bill.number, part + rest, from: paid.arrives, details: ["unexplained": s.currency.text(rest)])
            if let closed = s.expiry(.shortage, taken: paid.date, bill) {
                s.write(.paymentShort, bill.number, rest, from: closed, details: ["unexplained": s.currency.text(rest)])
            }
        },
        Scenario("claim and reversal in one remittance") { s in
            let bill = s.bill()
            let part = s.part()
            _ = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part), .claim(bill, "SCR", part)], on: s.early(bill))
        },
        Scenario("the reversal comes before its claim") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total - part)], on: s.early(bill))
            let claim = paid.date + 1
            let reversal = s.pay([.claim(bill, "SCR", part)], on: claim + 2, arrives: paid.arrives + 3)
            let late = s.pay([.claim(bill, "SC", -part)], on: claim, arrives: reversal.arrives + 2)
            let rest = s.pay([.pays(bill, part)], on: claim + 4, arrives: late.arrives + 1)
            s.write(.paymentShort, bill.number, part, from: paid.arrives)
            s.write(.paymentShort, bill.number, nil, from: reversal.arrives)
            s.write(.paymentShort, bill.number, part, from: late.arrives)
            s.write(.paymentShort, bill.number, nil, from: rest.arrives)
        },
        Scenario("claimed and released, round after round") { s in s.writeRounds() },
        Scenario("two claim lines with one reference in one remittance") { s in
            let bill = s.bill()
            let (a, b) = (s.part(), s.part())
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -a), .claim(bill, "SC", -b)], on: s.early(bill))
            s.open(.paymentShort, bill.number, a + b, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
        },
        Scenario("two equal claim lines in one remittance") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part), .claim(bill, "SC", -part)], on: s.early(bill))
            s.open(.paymentShort, bill.number, 2 * part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
        },
        Scenario("the same claim again in another payment, with other separators") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: s.early(bill))
            let again = s.pay(
                [.claim(bill, "SC", -part, as: bill.number + (s.chance(50) ? "-SC" : "_sc"))], on: paid.date + s.days(7...20),
                arrives: paid.arrives + s.days(8...20))
            s.write(.paymentShort, bill.number, part, from: paid.arrives)
            s.write(.paymentShort, bill.number, 2 * part, from: again.arrives)
            if let first = s.expiry(.shortage, taken: paid.date, bill), let second = s.expiry(.shortage, taken: again.date, bill) {
                s.write(.paymentShort, bill.number, part, from: first)
                s.write(.paymentShort, bill.number, nil, from: second)
            }
            s.open(.deductionDuplicate, bill.number + "SC", part, from: again.arrives)
        },
        Scenario("the same claim again under another number") { s in
            let bill = s.bill(terms: PaymentTerms(netDays: 60))
            let part = s.part()
            let other = s.debitNumber()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: s.early(bill))
            let again = s.pay(
                [.debit(other, -part, text: "Shortage Claim for Invoice - \(bill.number)", root: bill)], on: paid.date + s.days(4...9),
                arrives: paid.arrives + s.days(8...10))
            s.write(.paymentShort, bill.number, part, from: paid.arrives)
            s.write(.paymentShort, bill.number, 2 * part, from: again.arrives)
            if let closed = s.expiry(.shortage, taken: again.date, bill) { s.write(.paymentShort, bill.number, nil, from: closed) }
            s.open(.deductionDuplicate, other, part, from: again.arrives)
        },
        Scenario("another claim of another amount under another number") { s in
            let bill = s.bill(terms: PaymentTerms(netDays: 60))
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: s.early(bill))
            let more = s.pay(
                [.debit(s.debitNumber(), -part - 1, text: "Shortage Claim for Invoice - \(bill.number)", root: bill)],
                on: paid.date + s.days(4...9), arrives: paid.arrives + s.days(8...10))
            s.write(.paymentShort, bill.number, part, from: paid.arrives)
            s.write(.paymentShort, bill.number, 2 * part + 1, from: more.arrives)
            if let closed = s.expiry(.shortage, taken: more.date, bill) { s.write(.paymentShort, bill.number, nil, from: closed) }
        },
        Scenario("deducted twice, the second time released") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: s.early(bill))
            let again = s.pay([.claim(bill, "SC", -part)], on: paid.date + 7, arrives: paid.arrives + 8)
            let released = s.pay([.claim(bill, "SCR", 2 * part)], on: again.date + 7, arrives: again.arrives + 8)
            s.write(.paymentShort, bill.number, part, from: paid.arrives)
            s.write(.paymentShort, bill.number, 2 * part, from: again.arrives)
            s.write(.paymentShort, bill.number, nil, from: released.arrives)
            s.open(.deductionDuplicate, bill.number + "SC", part, from: again.arrives, until: released.arrives)
        },
        Scenario("closed into a final document in the same remittance") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: s.early(bill))
            _ = s.pay(
                [.claim(bill, "SCRI", part), s.final(of: bill, part)], on: paid.date + s.days(5...9), arrives: paid.arrives + 10)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: s.expiry(.shortage, taken: paid.date, bill))
        },
        Scenario("closed, and the final document comes weeks later") { s in
            let bill = s.bill(terms: PaymentTerms(netDays: 60))
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -part)], on: s.early(bill))
            let closed = s.pay([.claim(bill, "SCRI", part)], on: paid.date + 6, arrives: paid.arrives + 7)
            let final = s.pay([s.final(of: bill, part)], on: closed.date + s.days(2...12), arrives: closed.arrives + s.days(5...14))
            s.write(.paymentShort, bill.number, part, from: paid.arrives)
            s.write(.paymentShort, bill.number, nil, from: closed.arrives)
            s.open(.paymentShort, bill.number, part, from: final.arrives, until: s.expiry(.shortage, taken: final.date, bill))
            s.open(.deductionUnsupported, bill.number + "SC", part, from: closed.arrives, until: final.arrives)
        },
        Scenario("closed, and no final document ever") { s in
            let bill = s.bill()
            let part = s.part()
            let paid = s.pay([.pays(bill, bill.total), .claim(bill, "PC", -part)], on: s.early(bill))
            let closed = s.pay([.claim(bill, "PCRI", part)], on: paid.date + 6, arrives: paid.arrives + 7)
            s.open(.paymentShort, bill.number, part, from: paid.arrives, until: closed.arrives)
            s.open(.deductionUnsupported, bill.number + "PC", part, from: closed.arrives)
        },
        Scenario("a claim on an invoice that nobody knows") { s in
            let number = s.invoiceNumber()
            let part = s.part()
            let paid = s.pay([.debit(number + "SC", -part)], on: s.start + s.days(1...30))
            s.open(.deductionUnsupported, number + "SC", part, from: paid.arrives + s.account.unmatchedDays)
        },
        Scenario("a claim before its invoice's copy") { s in
            let date = s.start + 3
            let comes = date + 12 + s.account.unmatchedDays
            let bill = s.bill(on: date, arrives: comes)
            let part = s.part()
            let paid = s.pay([.claim(bill, "SC", -part)], on: date + 5, arrives: date + 5)
            _ = s.pay([.pays(bill, bill.total)], on: date + 20, arrives: max(comes, date + 20))
            s.open(.deductionUnsupported, bill.number + "SC", part, from: paid.arrives + s.account.unmatchedDays, until: comes)
            s.open(
                .paymentShort, bill.number, part, from: max(comes, date + 20), until: s.expiry(.shortage, taken: paid.date, bill))
        },
        Scenario("a claim dated before the opening") { s in
            guard let opening = s.account.opening else { return }
            let bill = s.bill(on: opening - s.days(10...30), arrives: s.start + 1)
            _ = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -s.part())], on: opening - s.days(1...5), arrives: s.start + 2)
        },
        Scenario("a claim after the opening on an invoice before it") { s in
            guard let opening = s.account.opening else { return }
            let bill = s.bill(on: opening - s.days(1...30), arrives: s.start + 1)
            _ = s.pay([.pays(bill, bill.total), .claim(bill, "SC", -s.part())], on: s.start + s.days(1...5))
        },
    ]

    /// Deductions that name no invoice.
    static let debits: [Scenario] = [
        Scenario("the same chargeback debit twice") { s in
            let number = s.chargebackNumber()
            let part = s.part()
            let first = s.pay([.debit(number, -part, text: "Incorrect Quantity")], on: s.start + s.days(1...20))
            let again = s.pay(
                [.debit(number, -part, text: "Incorrect Quantity")], on: first.date + s.days(10...80),
                arrives: first.date + s.days(83...84))
            s.open(.deductionDuplicate, number, part, from: again.arrives)
        },
        Scenario("two chargeback debits of one amount") { s in
            let part = s.part()
            for _ in 0...1 {
                let number = s.chargebackNumber()
                _ = s.pay([.debit(number, -part, text: "Incorrect Quantity")], on: s.start + s.days(1...40))
            }
        },
        Scenario("an agreement's bill twice with one date") { s in
            let number = s.agreementNumber()
            let part = s.part()
            let date = s.start + 1
            let first = s.pay([.debit(number, -part, text: "CO-OP", date: date)], on: date + s.days(1...9))
            let again = s.pay([.debit(number, -part, text: "CO-OP", date: date)], on: first.date + 20, arrives: first.arrives + 21)
            s.open(.deductionDuplicate, number, part, from: again.arrives)
        },
        Scenario("an agreement's bill every month") { s in
            let number = s.agreementNumber()
            let part = s.part()
            for month in 0..<3 {
                let date = s.start + 31 * month
                _ = s.pay([.debit(number, -part, text: "VOLUME INCENTIVE", date: date)], on: date + 3)
            }
        },
        Scenario("an agreement's bill twice in one remittance") { s in
            let number = s.agreementNumber()
            let part = s.part()
            let entry = Entry.debit(number, -part, text: "DAMAGE ALLOWANCE", date: s.start)
            _ = s.pay([entry, entry], on: s.start + s.days(1...30))
        },
        Scenario("a return deducted, none on file") { s in
            let number = s.returnNumber()
            let part = s.part()
            let paid = s.pay([.debit(number, -part, type: .other, text: "VRET \(number)")], on: s.start + s.days(1...30))
            s.open(.deductionUnsupported, number, part, from: paid.arrives)
        },
        Scenario("a return deducted and on file") { s in
            let number = s.returnNumber()
            let part = s.part()
            let date = s.start + s.days(2...20)
            s.notify(number, part, on: date)
            _ = s.pay([.debit(number, -part, type: .other, text: "VRET \(number)")], on: date + s.days(1...9))
        },
        Scenario("a return deducted before it is on file") { s in
            let number = s.returnNumber()
            let part = s.part()
            let paid = s.pay([.debit(number, -part, type: .other, text: "VRET \(number)")], on: s.start + s.days(1...30))
            let comes = paid.arrives + s.days(1...20)
            s.notify(number, part, on: comes)
            s.open(.deductionUnsupported, number, part, from: paid.arrives, until: comes)
        },
    ]
}

extension Script {
    /// SC, SCR, SCRSC, … any number of links, each in a payment of its own; some rounds take less than the first.
    fileprivate mutating func writeRounds() {
        let bill = bill(terms: PaymentTerms(netDays: 90))
        let links = days(2...7)
        var chain = ""
        var standing: Int64 = 0
        var last = pay([.pays(bill, bill.total)], on: early(bill))
        var short: [(taken: Day, from: Day)] = []
        for link in 0..<links {
            let takes = link % 2 == 0
            if takes {
                chain += "SC"
                standing = part()
            } else {
                chain += "R"
            }
            let next = pay([.claim(bill, chain, takes ? -standing : standing)], on: last.date + days(4...9), arrives: last.arrives + 10)
            write(.paymentShort, bill.number, takes ? standing : nil, from: next.arrives)
            if link > 1 { write(.deductionRecharged, bill.number, takes ? standing : nil, from: next.arrives) }
            if takes { short.append((next.date, next.arrives)) }
            last = next
        }
        // what stands at the end leaves the open balance when its window closes, and is still charged again
        if links % 2 == 1, let taken = short.last?.taken, let closed = expiry(.shortage, taken: taken, bill) {
            write(.paymentShort, bill.number, nil, from: closed)
        }
    }

    /// The document into which a closed shortage round goes.
    fileprivate mutating func final(of bill: Bill, _ amount: Int64) -> Entry {
        let number = owned("IQV2026000\(numbers.take())")
        var entry = Entry.debit(number, -amount, text: "RI|PQV|\(bill.number)|\(bill.number)", isDeduction: false)
        entry.root = bill.key
        return entry
    }

    fileprivate mutating func notify(_ number: String, _ amount: Int64, on day: Day) {
        deliver(.whole(.goodsReturn(GoodsReturn(number: number, currency: currency, at: .file, notified: day, total: amount))), on: day)
    }
}
