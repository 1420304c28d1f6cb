import Trade

extension Scenario {
    /// Provisions: held, given back, given back in part.
    static let provisions: [Scenario] = [
        Scenario("a provision that is never reversed") { s in
            let (held, amount) = s.provision()
            s.open(.provisionOpen, held.subject, amount, from: max(held.date + s.account.provisionDays, held.arrives))
        },
        Scenario("a provision reversed in time") { s in
            let (held, amount) = s.provision()
            let back = held.date + s.days(3...s.account.provisionDays)
            s.release(held, amount, on: back, arrives: back)
        },
        Scenario("a provision reversed later") { s in
            let (held, amount) = s.provision()
            let back = held.date + s.account.provisionDays + s.days(1...20)
            s.release(held, amount, on: back, arrives: back)
            s.open(.provisionOpen, held.subject, amount, from: max(held.date + s.account.provisionDays, held.arrives), until: back)
        },
        Scenario("a provision reversed by less") { s in
            let (held, amount) = s.provision()
            let rest = amount / 3
            let back = held.date + s.days(3...s.account.provisionDays + 10)
            s.release(held, amount - rest, on: back, arrives: back)
            let told = max(held.date + s.account.provisionDays, held.arrives)
            s.write(.provisionOpen, held.subject, amount, from: told)
            s.write(.provisionOpen, held.subject, rest, from: max(back, told))
        },
    ]

    /// Deductions that were agreed, by the month.
    static let agreements: [Scenario] = [
        Scenario("within the agreement in every month") { s in
            let (id, amount) = s.agree()
            for month in s.months(2) { _ = s.pay([.agreed(id, amount, on: month + 4)], on: month + 5) }
        },
        Scenario("above the agreement in one month") { s in
            let (id, amount) = s.agree()
            let excess = s.part()
            let months = s.months(2)
            _ = s.pay([.agreed(id, amount, on: months[0] + 4)], on: months[0] + 5)
            let over = s.pay([.agreed(id, amount + excess, on: months[1] + 4)], on: months[1] + 5)
            s.tell(.deductionNew, id, excess, on: over.arrives)
        },
        Scenario("above the agreement by two bills in one month, and again in the next") { s in
            let (id, amount) = s.agree()
            let (a, b) = (s.part(), s.part())
            let months = s.months(2)
            _ = s.pay([.agreed(id, amount, on: months[0] + 1)], on: months[0] + 2)
            let more = s.pay([.agreed(id, a, on: months[0] + 15)], on: months[0] + 16, arrives: months[0] + 18)
            s.tell(.deductionNew, id, a, on: more.arrives)
            let next = s.pay([.agreed(id, amount + b, on: months[1] + 4)], on: months[1] + 5)
            s.tell(.deductionNew, id, a + b, on: next.arrives)
        },
        Scenario("an agreement that has expired") { s in
            let months = s.months(2)
            let (id, amount) = s.agree(until: months[0] + 6)
            _ = s.pay([.agreed(id, amount, on: months[0] + 4)], on: months[0] + 5, arrives: months[0] + 7)
            let over = s.pay([.agreed(id, amount, on: months[1] + 4)], on: months[1] + 5)
            s.tell(.deductionNew, id, amount, on: over.arrives)
        },
    ]
}

/// A provision as its line names it.
private struct Held {
    var subject: String
    var date: Day
    var arrives: Day
}

extension Entry {
    fileprivate static func agreed(_ id: String, _ amount: Int64, on date: Day) -> Entry {
        .debit(id, -amount, type: .agreement, text: "CO-OP \(id)", date: date, isDeduction: false)
    }
}

extension Script {
    /// Its name is its date, so there is one a day.
    fileprivate mutating func provision() -> (Held, Int64) {
        let date = start + numbers.takeProvision()
        let (year, month, day) = date.components
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let separator = one(of: ["_", " "])
        let stamp = two(year % 100) + two(month) + two(day)
        let subject = owned([stamp, "PROVISION", "FOR", "RECEIVABLES"].joined(separator: separator))
        let amount = part()
        let paid = pay([.debit(subject, -amount, isDeduction: false)], on: date)
        return (Held(subject: subject, date: date, arrives: paid.arrives), amount)
    }

    fileprivate mutating func release(_ held: Held, _ amount: Int64, on day: Day, arrives: Day) {
        _ = pay([.debit(held.subject + (chance(50) ? "R" : "_R"), amount)], on: day, arrives: arrives)
    }

    /// First days of months after the start.
    fileprivate func months(_ count: Int) -> [Day] {
        var months = [endOfMonth(start) + 1]
        while months.count < count { months.append(endOfMonth(months[months.count - 1]) + 1) }
        return months
    }

    fileprivate mutating func agree(until end: Day? = nil) -> (id: String, amount: Int64) {
        let id = agreementNumber()
        let amount = Int64(days(5...50)) * 1_000
        account.agreements.append(
            Agreement(
                id: id, account: account.id, deduction: .coop, size: .perMonth(amount), valid: (start - 400)...(end ?? start + 800)))
        return (id, amount)
    }
}
