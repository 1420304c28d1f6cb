import Testing
import Trade

@testable import Reconciliation

@Suite struct PropertyTests {
    /// A family as the world makes them: one to three invoices, payments in parts, claims and their rounds, memos, takes and
    /// gives of all kinds, sometimes before and sometimes after the discount and due dates.
    private func randomCase(_ random: inout SeededRandom) -> InvoiceCase {
        func date(_ from: Int, _ through: Int) -> String {
            (day("2026-01-01") + Int.random(in: from...through, using: &random)).description
        }
        let numbers = ["AC1001", "AC1001SC", "AC1001SCR"].prefix(random.chance(70) ? 1 : Int.random(in: 1...3, using: &random))
        var invoices = numbers.enumerated().map { index, number -> InvoiceFact in
            var terms: PaymentTerms?
            if random.chance(30) {
                terms = PaymentTerms(netDays: Int.random(in: 0...90, using: &random), basis: random.chance(30) ? .endOfMonth : nil)
            }
            if random.chance(10) { terms = PaymentTerms(netDays: 30, dueDate: day(date(20, 90))) }
            if random.chance(15) {
                let percent = random.chance(50) ? ExactDecimal(3) : nil
                terms = PaymentTerms(
                    netDays: 20, discountPercent: percent, discountDays: 10, basis: TermsBasis.allCases.randomElement(using: &random))
            }
            return invoice(
                number, Int64.random(in: 1...200_000, using: &random), date: random.chance(95) ? date(0, 20) : nil, terms: terms,
                tax: random.chance(30) ? Int64.random(in: 0...10_000, using: &random) : nil, document: Int64(index + 1))
        }
        if random.chance(10) { invoices.append(invoice("AC1001", 777_00, date: date(0, 20), document: 9)) }
        // the same invoice in another format
        if random.chance(20), var copy = invoices.first {
            copy.document = 10
            copy.evidence = Evidence(sha256: "ff", file: "list.csv", at: .row(3))
            if random.chance(50) { copy.date = nil }
            if random.chance(50) { copy.terms = PaymentTerms(dueDate: day(date(20, 90))) }
            invoices.append(copy)
        }
        for index in invoices.indices where random.chance(60) { invoices[index].po = random.chance(90) ? "PO-7" : "PO-8" }
        let full = invoices.first?.total ?? 1000_00
        if random.chance(10) { invoices = [] }
        let references = [
            "AC1001", "AC-1001", "AC1001SC", "AC1001SCR", "AC1001SCRSC", "AC1001SCRI", "AC1001PC", "AC1001PCR", "CM-1", "CM-2",
        ]
        var lines = (0..<Int.random(in: 0...9, using: &random)).map { place -> LineFact in
            let reference = references.randomElement(using: &random) ?? ""
            let isPlain = place % 2 == 0 && random.chance(70)
            let amount = Int64.random(in: -60_000...120_000, using: &random)
            let payment = "P\(Int.random(in: 1...3, using: &random))"
            if random.chance(15) {
                return adjustment(reference, amount, date(5, 120), code: random.chance(50) ? "21" : nil, payment: payment)
            }
            let adjustments = (0..<(random.chance(25) ? 2 : 0)).map { _ in
                inside(Int64.random(in: -3000...2000, using: &random), DeductionClass.allCases.randomElement(using: &random) ?? .other)
            }
            let words = random.chance(10) ? "RI|PQV|AC1001|AC1001" : random.chance(10) ? "Price Claim for Invoice - AC1001" : nil
            let received = date(5, 120)
            return line(
                words == nil ? (isPlain ? "AC1001" : reference) : "IQV\(place)", amount, random.chance(97) ? received : nil,
                type: words == nil && !reference.hasPrefix("CM") ? .invoice : .creditMemo, text: words,
                discount: random.chance(30) ? Int64.random(in: -500...3000, using: &random) : 0, inside: adjustments, payment: payment,
                received: received, currency: random.chance(95) ? usd : eur, rate: random.chance(50) ? "1.085" : nil, place: place)
        }
        // paid in full, once or more, and taken back
        if random.chance(40) {
            for number in 0..<Int.random(in: 1...3, using: &random) {
                let discount: Int64 = random.chance(40) ? full / 50 : 0
                lines.append(line("AC1001", full - discount, date(5, 120), discount: discount, payment: "F\(number)", place: 20 + number))
            }
            if random.chance(30) { lines.append(line("AC1001", -full, date(5, 120), payment: "T1", place: 30)) }
        }
        var memos: [MemoFact] = []
        if random.chance(30) { memos.append(memo("CM-1", -Int64.random(in: 1...20_000, using: &random), on: "AC1001")) }
        if random.chance(10) { memos.append(memo("CM-1", -Int64.random(in: 1...20_000, using: &random), on: "AC1001", document: 51)) }
        if random.chance(20) { memos.append(memo("CM-2", Int64.random(in: 1...20_000, using: &random), on: "AC1001", document: 52)) }
        var found = InvoiceCase(
            family: "AC1001", invoices: invoices, memos: memos, lines: lines, knownUntil: random.chance(80) ? day(date(30, 120)) : nil)
        if random.chance(50) {
            found.goods = goods(
                "PO-7",
                shipments: (0..<Int.random(in: 0...2, using: &random)).map { number in
                    shipment(
                        "S\(number)", shipped: random.chance(80) ? date(0, 30) : nil, delivered: random.chance(60) ? date(5, 40) : nil,
                        isEstimated: random.chance(20), invoice: random.chance(30) ? "AC1001" : nil)
                },
                receipts: (0..<Int.random(in: 0...2, using: &random)).map { number in
                    receipt("R\(number)", random.chance(90) ? date(5, 60) : nil)
                })
        }
        return found
    }

    private func randomAccount(_ random: inout SeededRandom) -> AccountRules {
        account {
            $0.graceDays = Int.random(in: 0...10, using: &random)
            $0.lateLevels = random.chance(20) ? [] : random.chance(50) ? [1, 7, 30] : [3, 4, 20, 60]
            $0.unmatchedDays = Int.random(in: 0...9, using: &random)
            if random.chance(30) { $0.discountBase = .netOfTax }
            if random.chance(15) { $0.terms = nil }
            if random.chance(15) { $0.opening = day("2026-01-10") }
            if random.chance(20) { $0.invoicePattern = try? NumberPattern("AC[0-9]{4}") }
            if random.chance(20) {
                $0.businessDays = BusinessDays(
                    shift: BusinessDays.Shift.allCases.randomElement(using: &random) ?? .next,
                    holidays: [day("2026-02-02"), day("2026-03-03")])
            }
            if random.chance(30) { $0.tolerance = [usd: Int64.random(in: 0...50_00, using: &random)] }
        }
    }

    @Test func `a verdict changes on announced days only`() {
        let seed = newSeed("wakes")
        var random = SeededRandom(seed: seed)
        for number in 0..<120 {
            let (invoiceCase, rules) = (randomCase(&random), randomAccount(&random))
            var last: Verdict?
            for offset in 0..<200 {
                let today = day("2026-01-02") + offset
                let verdict = Rules.judge(invoiceCase, RuleContext(account: rules, today: today))
                if let wake = verdict.wake { #expect(wake > today, "seed \(seed), case \(number), \(today)") }
                // between announced days no finding changes, and what was announced is not put forward
                if let before = last, before.wake != today {
                    #expect(before.findings == verdict.findings, "seed \(seed), case \(number): changed on \(today)")
                    if let announced = before.wake, let now = verdict.wake {
                        #expect(now >= announced, "seed \(seed), case \(number), \(today)")
                    } else {
                        #expect(before.wake != nil || verdict.wake == nil, "seed \(seed), case \(number), \(today)")
                    }
                }
                last = verdict
            }
        }
    }

    @Test func `an announced day of an unpaid invoice or an unknown reference changes the verdict`() {
        for invoiceCase in [family([invoice()], knownUntil: "2027-01-01"), family([], [line("INV-9", 1_00)])] {
            var today = day("2026-01-02")
            var wakes = 0
            while let wake = Rules.judge(invoiceCase, RuleContext(account: account(), today: today)).wake {
                let before = Rules.judge(invoiceCase, RuleContext(account: account(), today: wake + -1))
                let after = Rules.judge(invoiceCase, RuleContext(account: account(), today: wake))
                #expect(before.findings != after.findings, "\(wake)")
                today = wake
                wakes += 1
            }
            #expect(wakes == (invoiceCase.invoices.isEmpty ? 1 : 3))
        }
    }

    @Test func `the order of the facts in a case does not matter`() {
        let seed = newSeed("order")
        var random = SeededRandom(seed: seed)
        for number in 0..<500 {
            let (invoiceCase, rules) = (randomCase(&random), randomAccount(&random))
            let context = RuleContext(account: rules, today: day("2026-01-02") + Int.random(in: 0...200, using: &random))
            let verdict = Rules.judge(invoiceCase, context)
            for _ in 0..<4 {
                var shuffled = invoiceCase
                shuffled.invoices.shuffle(using: &random)
                shuffled.lines.shuffle(using: &random)
                shuffled.memos.shuffle(using: &random)
                #expect(Rules.judge(shuffled, context) == verdict, "seed \(seed), case \(number)")
            }
        }
    }

    @Test func `every cent of an invoice is accounted for`() {
        let seed = newSeed("conservation")
        var random = SeededRandom(seed: seed)
        for number in 0..<1000 {
            let (invoiceCase, rules) = (randomCase(&random), randomAccount(&random))
            let context = RuleContext(account: rules, today: day("2026-01-02") + Int.random(in: 0...200, using: &random))
            let family = FamilyStanding(invoiceCase, context)
            for standing in family.invoices {
                let deductions = standing.deductions.reduce(Int128(0)) { $0 + $1.amount }
                let accounted =
                    standing.paid + standing.discountEarned + standing.credits + standing.writtenOff + deductions + standing.memosTakenTwice
                    + standing.discountUnearned + standing.unexplained
                #expect(accounted == Int128(standing.invoice.total), "seed \(seed), case \(number)")
                #expect(standing.deductions.allSatisfy { $0.amount > 0 }, "seed \(seed), case \(number)")
                #expect(standing.discountEarned >= 0 && standing.discountEarned <= max(0, standing.discountTaken))
            }
            // an excess is told as one thing or another, and never beside something short
            for standing in family.invoices where standing.excess > standing.tolerance && !standing.isHistory(rules) {
                let told = [PaymentOver.judge(family, context), PaymentDuplicate.judge(family, context)].flatMap(\.findings)
                #expect(told.filter { $0.key == standing.invoice.key }.count == 1, "seed \(seed), case \(number)")
                #expect(
                    !PaymentShort.judge(family, context).findings.contains { $0.key == standing.invoice.key },
                    "seed \(seed), case \(number)")
            }
            // what is told adds up as well
            for finding in PaymentShort.judge(family, context).findings {
                let items = (finding.details["explained"]?.array ?? []).compactMap { $0["amount"]?.string } + [finding.unexplained ?? "0"]
                let told = items.compactMap { ExactDecimal($0)?.minorUnits(exponent: 2) }.reduce(0, +)
                let standing = family.invoices.first { $0.invoice.number == finding.subject }
                #expect(standing.map { $0.open } == Int128(told), "seed \(seed), case \(number)")
                #expect(finding.amount == standing.flatMap { Int64(exactly: $0.open - $0.discountUnearned) })
            }
        }
    }
}

/// The short way past the rules must say what the rules say.
@Suite struct PlainlySettledTests {
    private func randomCase(_ random: inout SeededRandom) -> InvoiceCase {
        let total = Int64.random(in: 1...3, using: &random) * (random.chance(50) ? 1 : 4)
        let dates = ["2026-02-20", "2026-03-05", "2026-03-06", "2026-03-07", nil]
        let lines = (0..<Int.random(in: 0...3, using: &random)).map { place in
            line(
                random.chance(90) ? "INV-1001" : ["INV-1001SC", "INV-1002", "CM-1"].randomElement(using: &random) ?? "",
                random.chance(30) ? total : Int64.random(in: -1...4, using: &random), dates.randomElement(using: &random) ?? nil,
                discount: random.chance(5) ? 1 : 0, inside: random.chance(5) ? [inside(-1, .other)] : [], payment: "P\(place)",
                currency: random.chance(97) ? usd : eur, place: place)
        }
        var terms: PaymentTerms?
        if random.chance(20) { terms = PaymentTerms(netDays: random.chance(50) ? 63 : 60, basis: random.chance(40) ? .receipt : nil) }
        if random.chance(5) { terms = PaymentTerms(dueDate: day("2026-03-03")) }
        var invoices = [
            invoice(
                random.chance(90) ? "INV-1001" : "inv/1001", total, date: random.chance(95) ? "2026-01-01" : nil, terms: terms, po: "PO-7")
        ]
        if random.chance(5) { invoices.append(invoice("INV-1001", total, po: "PO-8", document: 2)) }
        let found = family(invoices, lines, memos: random.chance(5) ? [memo("CM-1", -1)] : [])
        return random.chance(50)
            ? found : found.with(goods("PO-7", receipts: [receipt("R1", random.chance(50) ? "2026-01-03" : "2025-12-30")]))
    }

    private func randomAccount(_ random: inout SeededRandom) -> AccountRules {
        account {
            $0.tolerance = random.chance(60) ? [usd: 0] : random.chance(50) ? [:] : [usd: 2]
            if random.chance(20) { $0.terms = nil }
            if random.chance(20) { $0.invoicePattern = try? NumberPattern("INV-[0-9]+") }
            if random.chance(10) { $0.opening = random.chance(50) ? day("2026-01-01") : day("2026-01-02") }
            if random.chance(20) {
                $0.businessDays = BusinessDays(shift: random.chance(50) ? .next : .previous, weekend: [.monday, .sunday])
            }
        }
    }

    @Test func `a case that is plainly settled is one on which the rules are silent`() {
        let seed = newSeed("settled")
        var random = SeededRandom(seed: seed)
        var (settled, lateOrOdd) = (0, 0)
        for number in 0..<4000 {
            let (invoiceCase, rules) = (randomCase(&random), randomAccount(&random))
            let isSettled = PlainlySettled.holds(invoiceCase, RuleContext(account: rules, today: day("2026-02-21")))
            if isSettled { settled += 1 }
            for today in ["2026-02-21", "2026-03-06", "2026-12-31"] {
                let context = RuleContext(account: rules, today: day(today))
                let standing = FamilyStanding(invoiceCase, context)
                let verdicts = Rules.invoice.map { $0.judge(standing, context) }
                if isSettled {
                    for verdict in verdicts { #expect(verdict == Verdict(), "seed \(seed), case \(number)") }
                } else if verdicts.flatMap(\.findings).contains(where: { $0.kind == .paymentPaidLate || $0.kind == .invoiceMalformed }) {
                    lateOrOdd += 1
                }
            }
        }
        #expect(settled > 100)
        #expect(lateOrOdd > 100)
        let huge = family([invoice("INV-1001", .max)], [line("INV-1001", .max), line("INV-1001", .max)])
        #expect(!PlainlySettled.holds(huge, RuleContext(account: account(), today: day("2026-02-21"))))
    }
}
