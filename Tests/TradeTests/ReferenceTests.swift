import Foundation
import Testing
import Trade

/// Amazon's claim grammar (FACTS-AMAZON sections 1 and 4).
struct ReferenceTests {
    static let shared = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/samples/amazon")
    static let hasShared: Bool = {
        let there = FileManager.default.fileExists(atPath: shared.path)
        if !there { print("skipped: no samples at \(shared.path)") }
        return there
    }()

    private func line(
        _ reference: String, _ text: String? = nil, type: ReferenceType = .invoice, invoice: String? = nil, code: String? = nil
    )
        -> LineReading
    { LineReading(reference: reference, type: type, text: text, invoice: invoice, code: code) }

    @Test(
        arguments: [
            ("240113_PROVISION_FOR_RECEIVABLES", "240113 Provision for ReceivablesR"),
            ("240113_PROVISION_FOR_RECEIVABLE", "240113_PROVISION_FOR_RECEIVABLER"),
            ("X_PROVISION_FOR_ACCRUAL", "X_PROVISION_FOR_ACCRUALR"),
            ("PROVISION_FOR_ACCRUAL_2024", "PROVISION_FOR_ACCRUAL_2024R"), ("240113_PROVISION", "240113_PROVISIONR"),
            ("240113 Provision deduction", "240113 Provision reversal"), ("PROV-77", "PROV-77R"),
        ])
    func `a provision and its reversal are one family`(_ taken: String, _ back: String) {
        #expect(line(taken, type: .provision).role == .provision)
        #expect(line(back, type: .provision).role == .provisionReversal)
        #expect(line(taken, type: .provision).family == line(back, type: .provision).family)
        #expect(line(back, type: .provision).key == ReferenceKey.of(back))
        #expect(line("240114_PROVISION_FOR_RECEIVABLES").family != line("240113_PROVISION_FOR_RECEIVABLESR").family)
    }

    @Test(arguments: ["VBE/2024/02/00365", "vbe-2024-02-00365", " VBE20240200365 ", "VBE_2024_02_00365"])
    func `separators and case make no other number`(_ text: String) { #expect(ReferenceKey.of(text) == "VBE20240200365") }

    @Test func `letters of other scripts stay in a key`() {
        #expect(ReferenceKey.of("rechnung-äö/1") == "RECHNUNGÄÖ1")
        #expect(ReferenceKey.of("发票 12") == "发票12")
        #expect(ReferenceKey.of("--/") == "")
    }

    @Test(
        arguments: [
            ("AC1", "AC1", []), ("AC1SC", "AC1", [.shortage]), ("AC1SCR", "AC1", [.shortage, .release]),
            ("AC1SCRSC", "AC1", [.shortage, .release, .shortage]), ("AC1PCRI", "AC1", [.price, .closing]),
            ("FKF2025000000378SCRSCRPC", "FKF2025000000378", [.shortage, .release, .shortage, .release, .price]),
            ("DISC", "DISC", []), ("SC", "SC", []), ("12SC", "12", [.shortage]), ("1SC", "1SC", []), ("AC1R", "AC1R", []),
            ("AC1RI", "AC1RI", []),
            ("AC1SCRR", "AC1SCRR", []), ("AC1SCRIR", "AC1SCRIR", []),
        ] as [(String, String, [ClaimChain.Link])])
    func `a chain is stripped link by link`(_ key: String, _ base: String, _ links: [ClaimChain.Link]) {
        let chain = ClaimChain(key: key)
        #expect(chain.base == base)
        #expect(chain.links == links)
    }

    @Test func `a chain is found again behind its root, whatever the root ends with`() {
        #expect(ClaimChain.links(of: "AC128995SCSCR", after: "AC128995SC") == [.shortage, .release])
        #expect(ClaimChain.links(of: "AC128995SC", after: "AC128995SC") == [])
        #expect(ClaimChain.links(of: "AC128995XSC", after: "AC128995") == nil)
        #expect(ClaimChain.links(of: "AC1", after: "AC12") == nil)
    }

    @Test func `random chains built from a root are read back`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(seed)
        for _ in 0..<300 {
            let root = "INV\(Int.random(in: 1...999_999, using: &random))"
            var key = root
            var links: [ClaimChain.Link] = []
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let opening: ClaimChain.Link = Bool.random(using: &random) ? .shortage : .price
                let end: ClaimChain.Link? = [nil, .release, .closing].randomElement(using: &random) ?? nil
                links += [opening] + (end.map { [$0] } ?? [])
                key += opening.rawValue + (end?.rawValue ?? "")
            }
            #expect(ClaimChain(key: key).links == links)
            #expect(ClaimChain(key: key).base == root)
            #expect(ClaimChain.links(of: key, after: root) == links)
        }
    }

    @Test(
        arguments: [
            ("AC646241", "69R1DVEH/ABE2/", .invoice, nil, "AC646241"), ("AC646241", nil, .invoice, nil, "AC646241"),
            ("AC646241SC", "Shortage Claim for Invoice - AC646241", .claim, .shortage, "AC646241"),
            ("AC646241PC", "Price Claim for Invoice - AC646241", .claim, .price, "AC646241"),
            ("AC646241SCR", "", .reversal, .shortage, "AC646241"), ("AC646241SCRI", nil, .closing, .shortage, "AC646241"),
            ("AC646241PCRI", "RI-REVERSAL|PPV|AC646241|AC646241", .closing, .price, "AC646241"),
            ("IPV2025000002975", "RI|PPV|FKF2025000000378|FKF2025000000378", .finalDocument, .price, "FKF2025000000378"),
            ("IQV2024000010519", "RI|PQV|KSA2024000014960SCRSCR|KSA2024000014960", .finalDocument, .shortage, "KSA2024000014960"),
            ("93340458VCBSINV", "Incorrect Quantity", .chargeback, .chargeback, "93340458VCBSINV"),
            ("240113_PROVISION_FOR_RECEIVABLES", "Provision for receivables", .provision, nil, "240113PROVISIONFORRECEIVABLES"),
            ("240113 PROVISION FOR RECEIVABLESR", nil, .provisionReversal, nil, "240113PROVISIONFORRECEIVABLES"),
            ("9562-95343584", "CO-OP", .agreement, .coop, "956295343584"),
            ("IPAPUS6822970", "Price protection", .agreement, .coop, "IPAPUS6822970"),
            ("9562-95343584", "DAMAGE ALLOWANCE", .agreement, .damage, "956295343584"),
            ("MH25/252601063-TDS-CM-0997", "India TDS Invoice for AP-194Q", .tax, .tax, "MH25252601063"),
            (
                "KWIGM-30292516672552-AMD2-L-1405", "RTV FCN-KWIGM-30292516672552-AMD2-L-1405", .vendorReturn, .return,
                "KWIGM30292516672552AMD2L1405"
            ),
            ("RTV6578759", "VRET RTV6578759", .vendorReturn, .return, "RTV6578759"),
        ] as [(String, String?, LineRole, DeductionClass?, String)])
    func `a line says what it is`(_ reference: String, _ text: String?, _ role: LineRole, _ deduction: DeductionClass?, _ family: String) {
        let reading = line(reference, text)
        #expect(reading.role == role)
        #expect(reading.deduction == deduction)
        #expect(reading.family == family)
        #expect(reading.key == ReferenceKey.of(reference))
    }

    @Test func `a claim under a number of its own finds its root in the text, else in what it names`() {
        #expect(line("CB77", "Missed Adjustment Claim for Invoice - AC1SCR").family == "AC1")
        #expect(line("CB77", "PRICE CLAIM REVERSAL for Invoice - AC1").role == .reversal)
        #expect(line("CB77", "Shortage Claim", invoice: "AC2SC").family == "AC2")
        #expect(line("CM1", "Credit memo", type: .creditMemo, invoice: "AC3").role == .memo)
        #expect(line("CM1", "Credit memo", type: .creditMemo, invoice: "AC3").family == "AC3")
    }

    @Test func `quick-pay discounts are discounts although their text says return`() {
        #expect(RemittanceWords("QPD RETURN INVOICE").deduction == .discount)
        #expect(RemittanceWords("CLEARING INVOICE AGANIST QPD").deduction == .discount)
        #expect(RemittanceWords("Product returns").deduction == .return)
    }

    /// The chains gathered from public sources: every number strips back to its chain's first invoice.
    @Test(.enabled(if: hasShared, "no samples beside the package"))
    func `the collected chains are read as their own types say`() throws {
        let folder = Self.shared.appendingPathComponent("claim-chains")
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let root = String(name.split(separator: "-").last?.dropLast(4) ?? "")
            let rows = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8).split(separator: "\n").dropFirst()
            for row in rows {
                let cells = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                try #require(cells.count == 8)
                let reading = line(cells[3], cells[4])
                count += 1
                if cells[2] == "Toptan Satis Faturasi" {
                    #expect(reading.role == .invoice, "\(row)")
                    continue
                }
                #expect(reading.family == root, "\(row)")
                let isPrice = cells[2].hasPrefix("Fiyat") || ClaimChain(key: reading.key).links.last == .price
                #expect(reading.deduction == (isPrice ? .price : .shortage), "\(row)")
                switch cells[2].split(separator: " ").last {
                case "Faturasi": #expect(reading.role == .finalDocument, "\(row)")
                case "Kayit", "kayit": #expect(reading.role == (cells[3].hasSuffix("RI") ? .closing : .reversal), "\(row)")
                default: #expect(reading.role == .claim, "\(row)")
                }
            }
        }
        #expect(count == 20)
    }

    /// The vocabulary's descriptions that name a class of ours.
    @Test(.enabled(if: hasShared, "no samples beside the package"))
    func `the collected vocabulary is understood`() throws {
        let classes: [String: DeductionClass] = [
            "shortage_claim": .shortage, "missed_adjustment_claim": .shortage, "price_claim": .price, "price_reversal": .price,
            "vendor_return": .return, "quick_pay_discount": .discount, "withholding_tax": .tax, "chargeback": .chargeback,
        ]
        let text = try String(
            contentsOf: Self.shared.appendingPathComponent("vocabulary/remittance-deduction-patterns.csv"), encoding: .utf8)
        var count = 0
        for row in text.split(whereSeparator: \.isNewline) where row.hasPrefix("description,") {
            var rest = row.dropFirst("description,".count)
            var pattern = rest.prefix { $0 != "," }
            if rest.hasPrefix("\"") {
                rest = rest.dropFirst()
                pattern = rest.prefix { $0 != "\"" }
                rest = rest.dropFirst(pattern.count + 1)
            } else {
                rest = rest.dropFirst(pattern.count)
            }
            guard let wanted = classes[String(rest.dropFirst().prefix { $0 != "," })] else { continue }
            for words in pattern.split(separator: ", ") where words != "QPD KESINTI FATURASI" {
                count += 1
                #expect(RemittanceWords(String(words)).deduction == wanted, "\(words)")
            }
        }
        #expect(count > 12)
    }
}

@Suite struct WordsOfTheirOwnTests {
    @Test func `a word inside another word is no deduction`() {
        for text in ["Dispatch note 4711", "Spare parts", "Returnable crates", "Cooper tools", "Spacer rings"] {
            #expect(RemittanceWords(text).deduction == nil, "\(text)")
        }
        #expect(RemittanceWords("SPA 2026").deduction == .coop)
        #expect(RemittanceWords("Product returns").deduction == .return)
        #expect(RemittanceWords("VRET RTV8027981").deduction == .return)
        #expect(RemittanceWords("CO-OP").deduction == .coop)
        #expect(RemittanceWords("FLEXIBLEAGREEMENTS").deduction == .coop)
    }

    @Test func `a final document is one however its invoice is written`() {
        let words = RemittanceWords("RI|PQV|F/2026/001SC|F/2026/001")
        #expect(words.closing?.root == "F2026001")
        #expect(RemittanceWords("3K1JWH1L/PHX7/return").deduction == nil)
    }
}
