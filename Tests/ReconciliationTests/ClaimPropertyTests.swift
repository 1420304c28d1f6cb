import Testing
import Trade

@testable import Reconciliation

/// Claims of all kinds, taken, given back, closed and taken again in any order and currency.
@Suite struct ClaimPropertyTests {
    private static let references = [
        "AC1001SC", "AC-1001-SC", "AC1001SCR", "AC1001SCRSC", "AC1001SCRSCR", "AC1001SCRI", "AC1001PC", "AC1001PCR", "AC1001SCPC",
        "8037-26565521", "77VCBSINV", "IQV2026000000001", "IQV2026000000002", "DB-7", "260131_PROVISION_FOR_RECEIVABLES",
        "260131 PROVISION FOR RECEIVABLESR",
    ]

    private func randomCase(_ random: inout SeededRandom) -> InvoiceCase {
        func date(_ from: Int, _ through: Int) -> String {
            (day("2026-01-01") + Int.random(in: from...through, using: &random)).description
        }
        let invoices = random.chance(80) ? [invoice("AC-1001", 1000_00)] : []
        // few amounts, so that some are the same
        let amounts: [Int64] = [100_00, 50_00, 14_85]
        let lines = (0..<Int.random(in: 1...10, using: &random)).map { place -> LineFact in
            let reference = random.chance(15) ? "AC1001" : Self.references.randomElement(using: &random) ?? ""
            let amount = (amounts.randomElement(using: &random) ?? 1) * (random.chance(65) ? -1 : 1)
            let isFinal = reference.hasPrefix("IQV")
            let date = date(1, 40)
            var line = line(
                reference, amount, random.chance(97) ? date : nil, type: reference == "AC1001" ? .invoice : .debitMemo,
                text: isFinal ? "RI|PQV|AC1001|AC1001" : nil, discount: random.chance(10) ? -1_00 : 0,
                inside: random.chance(10) && reference.hasPrefix("AC") ? [inside(-5_00, .freight, random.chance(50) ? "FR-1" : "")] : [],
                payment: random.chance(95) ? "P\(Int.random(in: 1...4, using: &random))" : "", received: date,
                currency: random.chance(93) ? usd : eur, rate: random.chance(50) ? "1.1" : nil, place: place)
            if random.chance(60) { line.documentDate = day(["2026-01-05", "2026-02-05"].randomElement(using: &random) ?? "") }
            if random.chance(5) { line.isAdjustment = true }
            return line
        }
        var memos: [MemoFact] = []
        if random.chance(20) {
            memos.append(memo("DB-7", -50_00, on: "AC-1001"))
            memos[0].isDebit = random.chance(50)
        }
        return InvoiceCase(family: "AC1001", invoices: invoices, memos: memos, lines: lines, knownUntil: day(date(30, 60)))
    }

    private func randomAccount(_ random: inout SeededRandom) -> AccountRules {
        account {
            if random.chance(30) { $0.opening = day("2026-01-20") }
            if random.chance(40) {
                $0.agreements = [
                    Agreement(
                        id: "8037-26565521", account: "acme-us", deduction: .coop,
                        size: random.chance(50) ? .perMonth(60_00) : .percentOfReceipts(ExactDecimal(5)),
                        valid: day("2026-01-01")...day("2026-01-25"))
                ]
            }
            if random.chance(30) { $0.windows = [:] }
        }
    }

    @Test func `what claims take and give is what the lines of claims take and give`() {
        let seed = newSeed("claims")
        var random = SeededRandom(seed: seed)
        for number in 0..<500 {
            let invoiceCase = randomCase(&random)
            var rules = randomAccount(&random)
            rules.windows = [:]
            let standing = FamilyStanding(invoiceCase, RuleContext(account: rules, today: day("2026-03-01")))
            let ours = invoiceCase.memos.filter { !$0.isDebit }
            let granted = Set(ours.map(\.key))
            let attribution = LineAttribution(
                facts: invoiceCase.invoices, plain: 0, granted: ours, theirs: invoiceCase.memos.filter(\.isDebit),
                lines: invoiceCase.lines)
            var lines: MinorUnits = 0
            for line in invoiceCase.lines where !granted.contains(line.key) {
                let (index, role, claim) = attribution(line)
                var item = AttributedLine(line: line, role: role, claimKey: claim)
                if let index { item = item.counted(in: invoiceCase.invoices[index].currency) ?? item }
                lines += item.line.adjustments.sum(\.amount)
                if role == .provision || role == .provisionReversal || role == .invoice && !line.isAdjustment { continue }
                lines += item.netBeforeAdjustments + (item.isOfClaim ? MinorUnits(item.line.discount) : 0)
            }
            let claims = standing.claims.filter { !$0.isTakeBack }
            let taken = claims.reduce(MinorUnits(0)) { $0 + $1.takings.sum(\.gross) - $1.releases.sum(\.gross) }
            #expect(taken == -lines, "seed \(seed), case \(number)")
            for claim in standing.claims {
                #expect(claim.takings.allSatisfy { $0.gross > 0 && $0.out >= 0 && $0.out <= $0.standing && $0.standing <= $0.gross })
                #expect(
                    claim.out - claim.excessCredit == claim.takings.sum(\.gross) - claim.releases.sum(\.gross),
                    "seed \(seed), case \(number), \(claim.reference)")
            }
            // and what is out of it stands on the invoices, in their currency
            for (index, invoice) in standing.invoices.enumerated() {
                let own = standing.claims.filter { $0.invoice == index && $0.currency == invoice.currency }
                #expect(own.sum(\.out) == invoice.deductions.sum(\.amount), "seed \(seed), case \(number)")
            }
        }
    }

    @Test func `the order of lines changes nothing, and each subject is told once`() {
        let seed = newSeed("claim order")
        var random = SeededRandom(seed: seed)
        for number in 0..<200 {
            let (invoiceCase, rules) = (randomCase(&random), randomAccount(&random))
            let context = RuleContext(account: rules, today: day("2026-01-02") + Int.random(in: 0...90, using: &random))
            let verdict = Rules.judge(invoiceCase, context)
            for _ in 0..<4 {
                var shuffled = invoiceCase
                shuffled.lines.shuffle(using: &random)
                shuffled.memos.shuffle(using: &random)
                #expect(Rules.judge(shuffled, context) == verdict, "seed \(seed), case \(number)")
            }
            // one finding for each kind and subject
            let names = verdict.findings.map(\.fingerprint)
            #expect(Set(names).count == names.count, "seed \(seed), case \(number)")
            for finding in verdict.findings {
                #expect(finding.amount.map { $0 > 0 } ?? true, "seed \(seed), case \(number), \(finding.kind.rawValue)")
                #expect(!finding.evidence.isEmpty && finding.evidence.count <= 21)
            }
        }
    }

    @Test func `a claim is never found to be taken twice or again for more than what stands`() {
        let seed = newSeed("claim amounts")
        var random = SeededRandom(seed: seed)
        var found = (twice: 0, again: 0, provisions: 0, agreed: 0)
        for number in 0..<500 {
            let (invoiceCase, rules) = (randomCase(&random), randomAccount(&random))
            let context = RuleContext(account: rules, today: day("2026-03-20"))
            let standing = FamilyStanding(invoiceCase, context)
            let verdict = Rules.judge(invoiceCase, context)
            for finding in verdict.all(.deductionDuplicate) {
                found.twice += 1
                let all = standing.claims.filter { $0.key == finding.key && $0.currency == finding.currency }
                #expect(MinorUnits(finding.amount ?? 0) <= all.sum(\.standing), "seed \(seed), case \(number)")
            }
            for finding in verdict.all(.deductionRecharged) {
                found.again += 1
                let all = standing.claims.filter { ($0.rootKey ?? $0.key) == finding.key && $0.currency == finding.currency }
                #expect(MinorUnits(finding.amount ?? 0) <= all.sum(\.standing), "seed \(seed), case \(number)")
            }
            found.provisions += verdict.all(.provisionOpen).count
            found.agreed += verdict.all(.deductionNew).filter { $0.details["agreement"] != nil }.count
        }
        #expect(found.twice > 20 && found.again > 20 && found.provisions > 20 && found.agreed > 5, "\(found)")
    }
}
