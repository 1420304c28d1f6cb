import Foundation
import Testing
import Trade

/// Amazon's numbers taken apart (FACTS-AMAZON 1 and 4), and the shapes that a supplier adds.
struct AmazonReferenceTests {
    @Test(
        arguments: [
            ("AC646241", .plain, "AC646241", 0), ("AC646241SC", .shortageClaim, "AC646241", 1), ("AC646241SCR", .release, "AC646241", 1),
            ("AC646241SCRSC", .shortageClaim, "AC646241", 2), ("AC646241PC", .priceClaim, "AC646241", 1),
            ("AC646241PCRI", .closing, "AC646241", 1), ("FKF2025000000378SCRSCRPC", .priceClaim, "FKF2025000000378", 3),
            ("INV-123-SC", .shortageClaim, "INV-123", 1), ("INV123-SC-R", .release, "INV123", 1),
            ("VBE/2024/02/00365SC", .shortageClaim, "VBE/2024/02/00365", 1),
            ("vbe-2024-02-00365_SCR", .release, "vbe-2024-02-00365", 1),
            ("93340458VCBSINV", .chargeback, "93340458", 0), ("9562-95343584", .agreement, "9562-95343584", 0),
            ("9562_95343584", .agreement, "9562_95343584", 0), ("IPAPUS6822970", .priceProtection, "IPAPUS6822970", 0),
            ("IPAPUS68229", .plain, "IPAPUS68229", 0),
            ("240113_PROVISION_FOR_RECEIVABLES", .provision, "240113_PROVISION_FOR_RECEIVABLES", 0),
            ("240113_PROVISION_FOR_RECEIVABLESR", .provisionReversal, "240113_PROVISION_FOR_RECEIVABLES", 0),
            ("PROVISION_FOR_ACCRUAL_2024", .provision, "PROVISION_FOR_ACCRUAL_2024", 0),
            ("MH25/252601063-TDS-CM-0997", .withholding, "MH25/252601063", 0), ("TDS-CM-0997", .plain, "TDS-CM-0997", 0),
            ("KWIGM-30292516672552-AMD2-L-1405", .vendorReturn, "KWIGM-30292516672552-AMD2-L-1405", 0),
            ("KWIGM-3029251667255-AMD2-L-1405", .plain, "KWIGM-3029251667255-AMD2-L-1405", 0),
            ("VRET123456", .vendorReturn, "VRET123456", 0), ("DSPT0012345", .dispute, "DSPT0012345", 0),
            ("IQV2024000010519", .shortageFinal, "IQV2024000010519", 0), ("AQV2024000010519", .shortageFinal, "AQV2024000010519", 0),
            ("IPV2025000002975", .priceFinal, "IPV2025000002975", 0), ("APV2025000002975", .priceFinal, "APV2025000002975", 0),
            ("IPV202500000297", .plain, "IPV202500000297", 0), ("SC", .plain, "SC", 0), ("", .plain, "", 0),
            ("VCBSINV", .plain, "VCBSINV", 0),
        ] as [(String, AmazonReference.Kind, String, Int)])
    func `a number is taken apart into kind, root and round`(_ text: String, _ kind: AmazonReference.Kind, _ root: String, _ round: Int) {
        let number = AmazonReference(text)
        #expect(number.kind == kind)
        #expect(number.root == root)
        #expect(number.round == round)
    }

    @Test func `an own number that ends like a claim is protected where it is known`() {
        let known: (String) -> Bool = { $0 == "AC128995SC" }
        #expect(AmazonReference("AC128995SC", isRoot: known).kind == .plain)
        let claim = AmazonReference("AC-128995-SC-SC", isRoot: known)
        #expect(claim.kind == .shortageClaim)
        #expect(claim.root == "AC-128995-SC")
        #expect(claim.round == 1)
        #expect(AmazonReference("AC128995SCSC").round == 2)
    }

    @Test func `a chain behind a known root is read back with any separators`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(seed)
        for _ in 0..<300 {
            let root = "VBE/20\(Int.random(in: 10...40, using: &random))-\(Int.random(in: 1...99_999, using: &random))"
            var text = root
            var links: [ClaimChain.Link] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                for link in [[.shortage], [.price, .release], [.shortage, .closing]].randomElement(using: &random) ?? []
                    as [ClaimChain.Link]
                {
                    text += (["", "-", "_", " ", "/"].randomElement(using: &random) ?? "") + link.rawValue
                    links.append(link)
                }
            }
            let number = AmazonReference(text)
            #expect(number.links == links, "\(text)")
            #expect(number.root == root, "\(text)")
        }
    }

    @Test(
        arguments: [
            ("V1##############", "V112345678901234", "V112345678901234"), ("V1##############", "v112345678901234", "v112345678901234"),
            ("V1##############", "V11234567890123", nil), ("V1##############", "V1123456789012345", nil),
            ("(*)-TDS-CM-*", "A/1-TDS-CM-7", "A/1"),
            ("(*)-TDS-CM-*", "A/1-TDS-TDS-CM-7", "A/1-TDS"), ("RTV(#######)_????", "RTV6578759_TOYS", "6578759"), ("@@-#", "ab-1", "ab-1"),
            ("@@-#", "a1-1", nil), ("DEP*", "DEP", "DEP"), ("*A*B", "xxAyyAzzB", "xxAyyAzzB"), ("*A*B", "xxAyyAzzBc", nil),
        ] as [(String, String, String?)])
    func `a shape fits or does not, and gives the root in its parentheses`(_ shape: String, _ reference: String, _ root: String?) throws {
        let pattern = try #require(ReferencePattern(shape: shape, type: .return))
        #expect(pattern.root(of: reference) == root)
    }

    @Test(arguments: ["", "*", "?*?", "(A", "A)", ")A(", "(A)(B)", "((A))", String(repeating: "#", count: 65)])
    func `what is no shape is refused`(_ shape: String) { #expect(ReferencePattern(shape: shape, type: .return) == nil) }

    @Test func `a shape of many runs is matched in bounded time`() throws {
        let pattern = try #require(ReferencePattern(shape: String(repeating: "*A", count: 31) + "B", type: .other))
        #expect(pattern.root(of: String(repeating: "A", count: 250)) == nil)
        #expect(pattern.root(of: String(repeating: "A", count: 10_000)) == nil)
    }

    @Test func `the account's shapes come before everything that is built in`() throws {
        let pattern = try #require(ReferencePattern(shape: "AC######SC", type: .return, deduction: .damage))
        let reading = LineReading(
            reference: "AC646241SC", type: .invoice, text: "Shortage Claim for Invoice - AC646241", invoice: nil, code: nil,
            patterns: [pattern])
        #expect(reading.role == .vendorReturn)
        #expect(reading.deduction == .damage)
        #expect(reading.family == "AC646241SC")
        let rooted = try #require(ReferencePattern(shape: "K-(*)/#", type: .claim, deduction: .price))
        let claim = LineReading(reference: "K-AC1SC/2", type: .other, text: nil, invoice: nil, code: nil, patterns: [rooted])
        #expect(claim.role == .claim)
        #expect(claim.deduction == .price)
        #expect(claim.family == "AC1")
    }

    @Test func `an instalment that is taken back belongs to the series' own number`() {
        let reading = LineReading(
            reference: "C012345678901234R3", type: .invoice, text: "CO-OP C012345678901234", invoice: nil, code: nil)
        #expect(reading.role == .reversal)
        #expect(reading.deduction == .coop)
        #expect(reading.family == "C012345678901234")
        let other = LineReading(reference: "C012345678901234R3", type: .invoice, text: "69R1DVEH/ABE2/", invoice: nil, code: nil)
        #expect(other.role == .invoice)
        let thirteenth = LineReading(
            reference: "V012345678901234R13", type: .invoice, text: "VRET V012345678901234", invoice: nil, code: nil)
        #expect(thirteenth.role != .reversal)
    }

    @Test func `a dispute is found in the words`() {
        #expect(RemittanceWords.dispute(in: "For Transaction: ABC PAYBACK Dspt00123, x") == "DSPT00123")
        #expect(RemittanceWords.dispute(in: "DSPT pending") == nil)
    }

    /// Every pattern of a number in the collected vocabulary, as an example of it.
    @Test(.enabled(if: ReferenceTests.hasShared, "no samples beside the package"))
    func `the collected vocabulary of numbers is understood`() throws {
        let examples: [String: (String, AmazonReference.Kind)] = [
            "<root>SC": ("AC1SC", .shortageClaim), "<root>SCR": ("AC1SCR", .release), "<root>SCRSC": ("AC1SCRSC", .shortageClaim),
            "<root>...SCRI": ("AC1SCRSCRI", .closing), "<root>PC": ("AC1PC", .priceClaim), "<root>PCR": ("AC1PCR", .release),
            "<root>...PCRI": ("AC1PCRI", .closing), "^IQV\\d{13}$": ("IQV1234567890123", .shortageFinal),
            "^IPV\\d{13}$": ("IPV1234567890123", .priceFinal), "^AQV\\d{13}$": ("AQV1234567890123", .shortageFinal),
            "^APV\\d{13}$": ("APV1234567890123", .priceFinal), "*VCBSINV": ("123VCBSINV", .chargeback),
            "XXXX-XXXXXXXX": ("1234-56789012", .agreement), "IPAPUS + 7 digits": ("IPAPUS1234567", .priceProtection),
            "YYMMDD_PROVISION_FOR_RECEIVABLES": ("240113_PROVISION_FOR_RECEIVABLES", .provision),
            "YYMMDD_PROVISION_FOR_RECEIVABLESR": ("240113_PROVISION_FOR_RECEIVABLESR", .provisionReversal),
            "contains PROVISION_FOR_RECEIVABLE or PROVISION_FOR_ACCRUAL": ("X_PROVISION_FOR_ACCRUAL", .provision),
            "contains PROVISION_FOR_AGED_": ("PROVISION_FOR_AGED_RECEIVABLE", .provision),
            "<root>-TDS-CM-nnnn": ("AC1-TDS-CM-0001", .withholding),
            "<site>-<14 digits>-<FC>-L-nnn": ("ABCDE-12345678901234-DEL4-L-001", .vendorReturn),
        ]
        // these collide with vendors' own numbers: only a line's words, or a shape of the account, settle them
        let byWords = [
            "starts C0 / C1 (16 chars)", "starts V0 / V1 (16 chars)", "...R1 to R12 with a C0/C1 or V0/V1 reference in the description",
        ]
        let text = try String(
            contentsOf: ReferenceTests.shared.appendingPathComponent("vocabulary/remittance-deduction-patterns.csv"), encoding: .utf8)
        var count = 0
        for row in text.split(whereSeparator: \.isNewline) where row.hasPrefix("invoice number,") {
            let pattern = String(row.dropFirst("invoice number,".count).prefix { $0 != "," })
            count += 1
            if byWords.contains(pattern) { continue }
            let example = try #require(examples[pattern], "no example of \(pattern)")
            #expect(AmazonReference(example.0).kind == example.1, "\(pattern)")
        }
        #expect(count == 23)
    }
}
