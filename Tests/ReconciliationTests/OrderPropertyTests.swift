import Testing
import Trade

@testable import Reconciliation

@Suite struct OrderPropertyTests {
    /// An order as the worlds make them, and worse: resent, changed, listed in snapshots, invoiced and received in parts, in other
    /// units, with numbers used twice.
    private func randomOrder(_ random: inout SeededRandom) -> OrderCase {
        func date(_ through: Int = 40) -> String { (day("2025-12-20") + Int.random(in: 0...through, using: &random)).description }
        let aliases = ["B0A", "0712345678904", "712345678904", "V-1", "V-2", "000"]
        func lines(_ file: String, progress: Bool = false) -> [ItemFact] {
            (0..<Int.random(in: 0...3, using: &random)).map { place in
                item(
                    random.chance(95) ? ["B0A", "B0B", "b0-c", "B0D"].randomElement(using: &random) : nil,
                    random.chance(96) ? "\(Int.random(in: 0...60, using: &random))" : nil,
                    random.chance(90) ? ["1.00", "2.50", "2.505"].randomElement(using: &random) : nil,
                    unit: random.chance(90) ? "EA" : ["CA", nil, "PCE"].randomElement(using: &random) ?? nil,
                    status: progress ? ["Confirmed", "Closed"].randomElement(using: &random) : nil,
                    received: progress ? "\(Int.random(in: 0...60, using: &random))" : nil,
                    aliases: random.chance(30) ? Array(aliases.shuffled(using: &random).prefix(2)) : [],
                    file: file, place: place)
            }
        }
        let kinds: [PurchaseOrder.Kind] = [.order, .order, .change, .acknowledgement]
        let orders = (0..<Int.random(in: 0...4, using: &random)).map { number in
            order(
                lines("850-\(number).edi", progress: random.chance(40)), random.chance(80) ? date(10) : nil,
                kind: kinds.randomElement(using: &random) ?? .order, cancelled: random.chance(5), came: date(),
                currency: random.chance(97) ? usd : eur, document: Int64(200 + number))
        }
        let invoices = (0..<Int.random(in: 0...3, using: &random)).map { number in
            billed(
                lines("810-\(number).edi"),
                invoice(
                    ["INV-1", "INV-2"].randomElement(using: &random) ?? "", Int64.random(in: 1...3, using: &random), date: date(),
                    currency: random.chance(97) ? usd : eur, document: Int64(number + 1)))
        }
        let receipts = (0..<Int.random(in: 0...3, using: &random)).map { number in
            receipt(lines("861-\(number).edi"), date(), number: "R-\(Int.random(in: 1...2, using: &random))", document: Int64(300 + number))
        }
        var namesake = invoice("INV-1", 1, date: date(), document: 90)
        namesake.po = "OTHER"
        return purchase(orders, invoices, receipts, namesakes: random.chance(20) ? [namesake] : [])
    }

    private func rules(_ random: inout SeededRandom) -> AccountRules {
        account {
            $0.settleDays = Int.random(in: 0...20, using: &random)
            $0.quantityTolerance = ExactDecimal(Int.random(in: 0...20, using: &random))
            if random.chance(20) { $0.opening = day("2026-01-05") }
        }
    }

    @Test func `the order of the documents in a case does not matter`() {
        let seed = newSeed("orders: order")
        var random = SeededRandom(seed: seed)
        var findings = 0
        for number in 0..<1500 {
            let (orderCase, rules) = (randomOrder(&random), rules(&random))
            let context = RuleContext(account: rules, today: day("2026-01-01") + Int.random(in: 0...90, using: &random))
            let verdict = Rules.judge(orderCase, context)
            findings += verdict.findings.count
            for _ in 0..<3 {
                var shuffled = orderCase
                shuffled.orders.shuffle(using: &random)
                shuffled.invoices.shuffle(using: &random)
                shuffled.receipts.shuffle(using: &random)
                shuffled.namesakes.shuffle(using: &random)
                #expect(Rules.judge(shuffled, context) == verdict, "seed \(seed), case \(number)")
            }
            #expect(Set(verdict.findings.map(\.fingerprint)).count == verdict.findings.count, "seed \(seed), case \(number)")
            #expect(verdict.findings.allSatisfy { ($0.amount ?? 0) >= 0 && !$0.evidence.isEmpty && $0.evidence.count <= 20 })
        }
        #expect(findings > 500)
    }

    @Test func `a verdict on an order changes on announced days only`() {
        let seed = newSeed("orders: wakes")
        var random = SeededRandom(seed: seed)
        for number in 0..<200 {
            let (orderCase, rules) = (randomOrder(&random), rules(&random))
            var last: Verdict?
            for offset in 0..<90 {
                let today = day("2026-01-01") + offset
                let verdict = Rules.judge(orderCase, RuleContext(account: rules, today: today))
                if let wake = verdict.wake { #expect(wake > today, "seed \(seed), case \(number)") }
                if let last, last.wake != today { #expect(last == verdict, "seed \(seed), case \(number): changed on \(today)") }
                last = verdict
            }
        }
    }

    /// A family with claims of every class, and goods that may contradict them.
    private func randomFamily(_ random: inout SeededRandom) -> InvoiceCase {
        func date() -> String { (day("2026-01-10") + Int.random(in: 0...50, using: &random)).description }
        let references = ["INV-1SC", "INV-1SCR", "INV-1SCRI", "INV-1SCRSC", "INV-1PC", "INV-1PCR", "INV-2SC", "INV-1", "INV-1"]
        var lines = (0..<Int.random(in: 1...7, using: &random)).map { place -> LineFact in
            let reference = references.randomElement(using: &random) ?? ""
            let amount = Int64.random(in: -9000...4000, using: &random)
            return line(
                reference, amount, date(), type: reference.hasSuffix("1") ? .invoice : .claim, payment: "P\(place)", received: date(),
                place: place)
        }
        for index in lines.indices where random.chance(20) { lines[index].po = ["8ERGSTUM", "NOPE"].randomElement(using: &random) }
        if random.chance(20) { lines.append(line("RTV77", -50_00, date(), type: .return)) }
        var orderCase = randomOrder(&random)
        orderCase.shipments = random.chance(30) ? [shipment([item("B0A", "60"), item("B0B", "60")], delivered: "2026-01-05")] : []
        var invoiceCase = family(orderCase.invoices.map(\.invoice).filter { $0.key == "INV1" }, lines)
        invoiceCase.family = "INV1"
        invoiceCase.goods = random.chance(90) ? GoodsOnFile(orders: ["8ERGSTUM": orderCase, "NOPE": OrderCase(key: "NOPE")]) : nil
        return invoiceCase
    }

    @Test func `what is said of claims does not depend on the order of facts, and changes on announced days only`() {
        let seed = newSeed("support")
        var random = SeededRandom(seed: seed)
        var contradicted: [String: Int] = [:]
        for number in 0..<300 {
            let (invoiceCase, rules) = (randomFamily(&random), rules(&random))
            var last: Verdict?
            for offset in 0..<70 {
                let context = RuleContext(account: rules, today: day("2026-01-10") + offset)
                let verdict = DeductionUnsupported.judge(FamilyStanding(invoiceCase, context), context)
                if let wake = verdict.wake { #expect(wake > context.today) }
                if let last, last.wake != context.today { #expect(last == verdict, "seed \(seed), case \(number), \(context.today)") }
                last = verdict
            }
            for finding in last?.findings ?? [] { contradicted[finding.details["contradiction"]?.string ?? "", default: 0] += 1 }
            let context = RuleContext(account: rules, today: day("2026-02-20"))
            let verdict = Rules.judge(invoiceCase, context)
            var shuffled = invoiceCase
            shuffled.invoices.shuffle(using: &random)
            shuffled.lines.shuffle(using: &random)
            shuffled.goods?.orders["8ERGSTUM"]?.orders.shuffle(using: &random)
            shuffled.goods?.orders["8ERGSTUM"]?.invoices.shuffle(using: &random)
            shuffled.goods?.orders["8ERGSTUM"]?.receipts.shuffle(using: &random)
            #expect(Rules.judge(shuffled, context) == verdict, "seed \(seed), case \(number)")
        }
        #expect(Set(contradicted.keys).isSuperset(of: ["receipts", "delivery", "price", "return", "invoice", "order"]), "\(contradicted)")
    }
}
