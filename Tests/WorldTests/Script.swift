import Seeds
import Trade

/// A document on its way, not yet in a file.
enum Paper: Hashable, Sendable {
    case whole(WholeDocument)
    case remittance(RemittanceAdvice, [RemittanceLine], RemittanceEnd)
}

/// A document, and the day on which it comes.
struct Delivery: Sendable {
    var paper: Paper
    var account: String
    var arrives: Day
    /// Deliveries of one sequence keep their order, whatever else is shuffled: the definition makes their order count.
    var sequence: Int?
}

/// An invoice as a scenario planted it.
struct Bill: Sendable {
    var number: String
    var key: String { ReferenceKey.of(number) }
    var total: Int64
    var date: Day
    var arrives: Day
    var due: Day
    var po: String?
}

/// A remittance advice as a scenario planted it.
struct Advice: Sendable {
    var number: String
    var date: Day
    var arrives: Day
    var total: Int64
    var paper: Paper
}

/// A line of a remittance advice, and the invoice whose money it is.
struct Entry: Sendable {
    var line: RemittanceLine
    /// The invoice's key; nil: of no invoice.
    var root: String?
    /// What `deduction.new` counts of it, under the line's reference; 0: it is no deduction.
    var taken: Int64 = 0
}

/// Numbers of an account. Every account counts from the same start, so that accounts that mixed would show.
final class Numbers {
    private var next = 100_000
    private var provisions = 0
    func take() -> Int {
        next += 7
        return next
    }
    func takeProvision() -> Int {
        provisions += 1
        return provisions
    }
}

/// What a scenario writes: documents with the days on which they come, and what must be recorded of them on which days.
struct Script {
    var account: AccountRules
    /// The first day of the scenario; every document it plants is dated after it, but for history.
    let start: Day
    var random: SeededRandom
    let numbers: Numbers
    let scenario: String

    var deliveries: [Delivery] = []
    var truth = Truth()
    /// Money planted on each invoice, by key: what the books must say was paid.
    var planted: [String: Int64] = [:]
    private var takings: [String: Int64] = [:]
    private var sequences = 0

    init(account: AccountRules, start: Day, random: SeededRandom, numbers: Numbers, scenario: String) {
        self.account = account
        self.start = start
        self.random = random
        self.numbers = numbers
        self.scenario = scenario
    }

    var currency: Currency { account.currency }
    var tolerance: Int64 { account.tolerance(in: currency) }
    var grace: Int { account.graceDays }

    // MARK: numbers and amounts

    mutating func owned(_ number: String) -> String {
        truth.own(number, account.id, scenario)
        return number
    }
    mutating func invoiceNumber() -> String { owned("AC\(numbers.take())") }
    mutating func paymentNumber() -> String { owned("340\(numbers.take())") }
    mutating func memoNumber() -> String { owned("CN\(numbers.take())") }
    mutating func orderNumber() -> String { owned("PO\(numbers.take())") }
    mutating func returnNumber() -> String { owned("RTV\(numbers.take())") }
    mutating func debitNumber() -> String { owned("DM\(numbers.take())") }
    mutating func chargebackNumber() -> String { owned("87\(numbers.take())VCBSINV") }
    mutating func agreementNumber() -> String { owned("\(random.number(1000...9999))-10\(numbers.take())") }
    mutating func itemNumber() -> String { "B0\(numbers.take())" }
    mutating func sequence() -> Int {
        sequences += 1
        return sequences
    }

    /// A hundred thousand minor units and more: every share that a scenario takes of it is far above the tolerance. A
    /// multiple of 10,000, so that whole percents, also of percents, are exact.
    mutating func total() -> Int64 { Int64(random.number(10...900)) * 10_000 }
    /// Well above the tolerance, well below any total.
    mutating func part() -> Int64 { Int64(random.number(100...9_000)) + tolerance }
    mutating func days(_ range: ClosedRange<Int>) -> Int { random.number(range) }
    mutating func chance(_ percent: Int) -> Bool { random.chance(percent) }
    mutating func one<Value>(of list: [Value]) -> Value { random.one(of: list) }

    // MARK: documents

    mutating func deliver(_ paper: Paper, on day: Day, sequence: Int? = nil) {
        deliveries.append(Delivery(paper: paper, account: account.id, arrives: day, sequence: sequence))
    }

    /// - Parameter arrives: nil: on its date or up to two days later.
    mutating func bill(
        _ total: Int64? = nil, on date: Day? = nil, terms: PaymentTerms? = nil, number: String? = nil, po: String? = nil,
        tax: Int64? = nil, items: [ItemLine] = [], arrives: Day? = nil
    ) -> Bill {
        let date = date ?? start + days(1...20)
        let bill = Bill(
            number: number ?? invoiceNumber(), total: total ?? self.total(), date: date, arrives: arrives ?? date + days(0...2),
            due: due(date, terms), po: po)
        let invoice = Invoice(
            number: owned(bill.number), currency: currency, total: bill.total, at: .file, date: date, po: po, terms: terms, lines: items,
            tax: tax)
        deliver(.whole(.invoice(invoice)), on: bill.arrives)
        if planted[bill.key] == nil { planted[bill.key] = 0 }
        return bill
    }

    /// By a calendar of its own: the last day of a month is the day before the next one's first.
    func endOfMonth(_ day: Day) -> Day {
        let (year, month, _) = day.components
        let next = month == 12 ? Day(year: year + 1, month: 1, day: 1) : Day(year: year, month: month + 1, day: 1)
        return (next ?? day) - 1
    }

    func due(_ date: Day, _ terms: PaymentTerms?) -> Day {
        if let stated = terms?.dueDate { return stated }
        let counted = terms?.netDays == nil ? account.terms : terms
        return (counted?.basis == .endOfMonth ? endOfMonth(date) : date) + (counted?.netDays ?? 0)
    }

    /// A day on which the invoice is paid in time, known before it would be late.
    mutating func early(_ bill: Bill) -> Day { bill.date + days(5...18) }

    /// - Parameters:
    ///   - beside: adjustments that belong to no line.
    ///   - off: by how much the stated total misses the lines.
    mutating func pay(
        _ entries: [Entry], on date: Day, arrives: Day? = nil, number: String? = nil, beside: [Adjustment] = [], off: Int64 = 0,
        status: PaymentStatus = .paid, rate: ExactDecimal? = nil, counts: Bool = true, sequence: Int? = nil
    ) -> Advice {
        let number = number ?? paymentNumber()
        let arrives = arrives ?? date + days(0...2)
        let total = entries.reduce(0) { $0 + $1.line.net } + beside.reduce(0) { $0 + $1.amount } + off
        let paper = Paper.remittance(
            RemittanceAdvice(number: number, currency: currency, at: .file, date: date, status: status, total: total, exchangeRate: rate),
            entries.map(\.line), RemittanceEnd(adjustments: beside, footing: abs(off)))
        deliver(paper, on: arrives, sequence: sequence)
        if counts {
            for entry in entries {
                if let root = entry.root { planted[root, default: 0] += entry.line.net }
                deduct(entry.taken, entry.line.reference, on: arrives, dated: date)
            }
        }
        return Advice(number: number, date: date, arrives: arrives, total: total, paper: paper)
    }

    /// Our memo that grants a credit.
    mutating func grant(_ amount: Int64, on bill: Bill, arrives: Day) -> String {
        let number = memoNumber()
        let memo = Memo(
            kind: .credit, number: number, currency: currency, total: -amount, at: .file, date: bill.date + 2, invoice: bill.number)
        deliver(.whole(.memo(memo)), on: arrives)
        return number
    }

    // MARK: truth

    mutating func write(
        _ kind: FindingKind, _ subject: String, _ amount: Int64?, from day: Day, currency: Currency? = nil, details: [String: JSON?] = [:]
    ) {
        truth.add(
            Expected(
                kind: kind, account: account.id, subject: subject, currency: currency ?? self.currency,
                steps: [Step(from: day, amount: amount, details: details)], scenario: scenario))
    }

    /// Open from one day until another, on which it is open no more.
    mutating func open(
        _ kind: FindingKind, _ subject: String, _ amount: Int64, from day: Day, until end: Day? = nil, details: [String: JSON?] = [:]
    ) {
        if let end, end <= day { return }
        write(kind, subject, amount, from: day, details: details)
        if let end { write(kind, subject, nil, from: end) }
    }

    mutating func tell(_ kind: FindingKind, _ subject: String, _ amount: Int64, on day: Day) { write(kind, subject, amount, from: day) }

    /// A deduction is told with all that was taken under its reference.
    mutating func deduct(_ amount: Int64, _ reference: String, on day: Day, dated: Day) {
        if amount == 0 { return }
        if let opening = account.opening, dated < opening { return }
        let key = ReferenceKey.of(reference)
        takings[key, default: 0] += amount
        tell(.deductionNew, reference, takings[key, default: 0], on: day)
    }

    /// Late with what is open, at each level, until a day.
    mutating func late(_ bill: Bill, _ open: Int64, from: Day? = nil, until end: Day? = nil) {
        let first = max(bill.due + grace + 1, bill.arrives, from ?? bill.arrives)
        var days = [first]
        for level in account.lateLevels where bill.due + level > first { days.append(bill.due + level) }
        for day in days where end.map({ day < $0 }) ?? true {
            let reached = account.lateLevels.filter { $0 <= day - bill.due }.max()
            write(.paymentLate, bill.number, open, from: day, details: ["level": reached.map { .number(Int64($0)) }])
        }
        if let end, end > first { write(.paymentLate, bill.number, nil, from: end) }
    }

    /// The first day on which a claim's window is closed.
    func expiry(_ deduction: DeductionClass, taken: Day, _ bill: Bill?) -> Day? {
        guard let window = account.windows[deduction] else { return nil }
        switch window.from {
        case .dueDate: return max(bill?.due ?? taken, taken) + window.days + 1
        case .notice, .deduction: return taken + window.days + 1
        }
    }
}

extension Day {
    static func - (day: Day, days: Int) -> Day { day + -days }
}

// MARK: lines

extension Entry {
    static func pays(_ bill: Bill, _ net: Int64, discount: Int64 = 0, as reference: String? = nil) -> Entry {
        Entry(
            line: RemittanceLine(
                reference: reference ?? bill.number, referenceType: .invoice, net: net, at: .file, po: bill.po, date: bill.date,
                gross: net + discount, discount: discount == 0 ? nil : discount), root: bill.key)
    }

    /// Pays a number of which no invoice is on file.
    static func pays(unknown number: String, _ net: Int64, currency: Currency? = nil) -> Entry {
        Entry(line: RemittanceLine(reference: number, referenceType: .invoice, net: net, at: .file, currency: currency))
    }

    /// A negative line on the invoice itself.
    static func takesBack(_ bill: Bill, _ amount: Int64, beyondExcess: Int64 = 0) -> Entry {
        Entry(
            line: RemittanceLine(reference: bill.number, referenceType: .invoice, net: -amount, at: .file, date: bill.date), root: bill.key,
            taken: beyondExcess)
    }

    /// A claim on an invoice or its release, by the chain behind the number: `SC`, `SCR`, `SCRSC`, `PCRI`. Positive gives back.
    static func claim(_ bill: Bill, _ chain: String, _ net: Int64, as reference: String? = nil) -> Entry {
        Entry(
            line: RemittanceLine(
                reference: reference ?? bill.number + chain, referenceType: .creditMemo, net: net, at: .file, invoice: bill.number),
            root: bill.key, taken: max(0, -net))
    }

    /// A document that takes or gives under its own number; of no invoice unless one is named.
    static func debit(
        _ reference: String, _ net: Int64, type: ReferenceType = .creditMemo, text: String? = nil, date: Day? = nil, root: Bill? = nil,
        isDeduction: Bool = true
    ) -> Entry {
        Entry(
            line: RemittanceLine(
                reference: reference, referenceType: type, net: net, at: .file, invoice: root?.number, date: date, text: text),
            root: root?.key, taken: isDeduction ? max(0, -net) : 0)
    }
}

/// One way in which something goes wrong, or looks as if it did.
struct Scenario: Sendable {
    var name: String
    var write: @Sendable (inout Script) -> Void
    init(_ name: String, _ write: @escaping @Sendable (inout Script) -> Void) {
        self.name = name
        self.write = write
    }
}
