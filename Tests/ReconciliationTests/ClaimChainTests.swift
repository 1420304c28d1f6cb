import Foundation
import Testing
import Trade

@testable import Reconciliation

/// Whole stories of claims: rounds, final documents, discounts. The same stories as in public tools' test data, in figures of our own
/// and, where the samples are at hand, in theirs.
@Suite struct ClaimChainTests {
    private func claims(_ invoiceCase: InvoiceCase) -> [Claim] {
        FamilyStanding(invoiceCase, RuleContext(account: account(), today: day("2026-06-01"))).claims
    }
    /// `reference: out standing`, of those with money out or given back beyond it.
    private func story(_ claims: [Claim]) -> [String] {
        func text(_ amount: MinorUnits, _ claim: Claim) -> String { claim.currency.decimal(amount).string ?? "" }
        return claims.filter { $0.standing != 0 || $0.out != 0 || $0.excessCredit != 0 }.map { claim in
            "\(claim.reference): \(text(claim.out, claim))"
                + (claim.standing == claim.out ? "" : " standing \(text(claim.standing, claim))")
                + (claim.excessCredit == 0 ? "" : " credit \(text(claim.excessCredit, claim))")
        }
    }

    @Test func `three rounds on one invoice end under the last claim, through its final document`() throws {
        let lines = [
            line("INV-1001", 1210_00), claim("SC", -19_44, "2026-01-19"), claim("SC", -1025_43, "2026-01-19"),
            claim("SCR", 1044_87, "2026-02-01"), claim("SCRSC", -662_38, "2026-02-02"), claim("SCRSCR", 662_38, "2026-02-03"),
            claim("SCRSCRSC", -662_38, "2026-02-04"),
            claim("SCRSCRSCRI", 662_38, "2026-02-05", text: "RI-REVERSAL|PQV|INV1001SCRSCR|INV1001"),
        ]
        #expect(story(claims(family([invoice()], lines))) == ["INV-1001SCRSCRSC: 0.00 standing 662.38"])
        let document = final("IQV2026000000519", -662_38, "2026-02-06", claimed: "INV1001SCRSCR")
        let closed = claims(family([invoice()], lines + [document]))
        #expect(story(closed) == ["INV-1001SCRSCRSC: 662.38"])
        let last = try #require(closed.last)
        #expect(last.isClosed)
        #expect(last.finalDocuments.map(\.reference) == ["IQV2026000000519"])
        #expect(last.finalDocuments.map(\.gross) == [662_38])
        #expect(last.rootKey == "INV1001")
        #expect(last.invoice == 0)
    }

    @Test func `price rounds behind shortage rounds are rounds of their own, and the last one stands`() {
        func price(_ suffix: String, _ net: Int64, _ date: String, _ claimed: String) -> LineFact {
            line(
                "INV-1001" + suffix, net, date, type: .claim,
                text: net < 0 ? "Price Claim for Invoice - \(claimed)" : "RI-REVERSAL|PPV|\(claimed)|INV-1001", payment: "P-" + date)
        }
        let lines = [
            price("PC", -39_77, "2026-01-12", "INV-1001"), price("PCRI", 39_77, "2026-01-30", "INV-1001"),
            final("IPV2026000002975", -39_77, "2026-02-23", kind: "PPV"), price("SCRPC", -48_96, "2026-02-24", "INV-1001SCR"),
            price("SCRPCRI", 48_96, "2026-03-14", "INV-1001SCR"),
            final("IPV2026000003603", -48_96, "2026-02-23", claimed: "INV1001SCR", kind: "PPV"),
            price("SCRSCRPC", -17_45, "2026-01-12", "INV-1001SCRSCR"),
        ]
        let found = claims(family([invoice()], lines))
        #expect(story(found).sorted() == ["INV-1001PC: 39.77", "INV-1001SCRPC: 48.96", "INV-1001SCRSCRPC: 17.45"])
        #expect(found.filter { !$0.isClosed }.map(\.reference) == ["INV-1001SCRSCRPC"])
        #expect(judge(family([invoice()], lines), on: "2026-06-01").finding(.deductionDuplicate) == nil)
    }

    @Test func `reversals without their claim are a credit beyond everything taken`() {
        let lines = [
            claim("SCRSC", -19_77, "2026-01-29"), claim("SCRSCR", 19_77, "2026-01-29"),
            claim("SCRI", 19_77, "2026-01-29", text: "RI-REVERSAL|PQV|INV1001SCR|INV1001"),
        ]
        let found = claims(family([invoice()], lines))
        #expect(found.sum(\.out) == 0)
        #expect(found.sum(\.excessCredit) == 19_77)
        #expect(judge(family([invoice()], lines), on: "2026-02-21").finding(.deductionRecharged) == nil)
    }

    @Test func `a claim net of discount and its gross reversal leave nothing`() {
        // 385,560.17 + 11,924.54 = 397,484.71
        let lines = [
            line("INV-1001SC", -385_560_17, "2026-01-19", type: .claim, discount: -11_924_54),
            line("INV-1001SCR", 397_484_71, "2026-02-19", type: .claim, payment: "P2"),
        ]
        let found = claims(family([invoice("INV-1001", 1_000_000_00)], lines))
        #expect(found.map(\.out) == [0])
        #expect(found.map(\.excessCredit) == [0])
        #expect(found.first?.takings.map(\.gross) == [397_484_71])
        #expect(found.first?.takings.map(\.net) == [385_560_17])
    }

    // MARK: samples

    private func sample(_ name: String) -> [LineFact]? {
        let path = "\(#filePath)/../../../../shared/samples/amazon/claim-chains/\(name)"
        guard let text = try? String(contentsOf: URL(filePath: path).standardized, encoding: .utf8) else {
            print("skipped: no ../shared/samples/amazon/claim-chains/\(name)")
            return nil
        }
        let rows = text.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        return rows.filter { $0.count == 8 }.enumerated().map { place, row in
            func minor(_ column: Int) -> Int64 { ExactDecimal(String(row[column]))?.minorUnits(exponent: 2) ?? 0 }
            let date = row[0].split(separator: "-")
            let year = (Int(date[2]) ?? 0) % 100
            let month = 1 + (months.firstIndex(of: String(date[1])) ?? 0)
            let iso = "20\(year)-\(month < 10 ? "0" : "")\(month)-\(date[0])"
            let (reference, words) = (String(row[3]), String(row[4]))
            let type = AmazonReference(reference).referenceType ?? .invoice
            return line(
                reference, minor(6) - minor(7), iso, type: type, text: words, payment: "P-\(iso)", place: place + 1)
        }
    }

    @Test func `the chain of three rounds has 662,385.60 out under its last claim`() throws {
        guard let lines = sample("pqv-chain-KSA2024000014960.csv") else { return }
        let root = invoice("KSA2024000014960", 1_210_477_50, date: "2024-05-01")
        for invoices in [[root], []] {
            let invoiceCase = InvoiceCase(family: "KSA2024000014960", invoices: invoices, lines: lines)
            let found = claims(invoiceCase)
            #expect(story(found) == ["KSA2024000014960SCRSCRSC: 662385.60"])
            let last = try #require(found.first { $0.out > 0 })
            #expect(last.finalDocuments.map(\.reference) == ["IQV2024000010519"])
            #expect(last.isClosed)
        }
    }

    @Test func `the price chain's last round is open with 1,745.23`() {
        guard let lines = sample("ppv-chain-FKF2025000000378.csv") else { return }
        let own = lines.filter { !$0.reference.hasPrefix("IB1") }
        let found = claims(InvoiceCase(family: "FKF2025000000378", lines: own))
        #expect(
            story(found).sorted() == [
                "FKF2025000000378PC: 3977.51", "FKF2025000000378SCRPC: 4896.16", "FKF2025000000378SCRSCRPC: 1745.23",
            ])
        #expect(found.filter { !$0.isClosed && $0.out > 0 }.map(\.reference) == ["FKF2025000000378SCRSCRPC"])
    }

    @Test func `the chain of reversals without a claim is a credit of 1,977.52`() {
        guard let lines = sample("pqv-chain-SEG2022000004383O.csv") else { return }
        let found = claims(InvoiceCase(family: "SEG2022000004383O", lines: lines))
        #expect(found.sum(\.out) == 0)
        #expect(found.sum(\.excessCredit) == 1977_52)
    }
}
